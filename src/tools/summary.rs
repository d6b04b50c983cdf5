//! What accounts have come to, at the end of a run.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use comfy_table::{Table, presets::NOTHING};
use serde_json::json;

use super::feed::{Feed, Seen};
use super::render;
use crate::engine::{AccountRef, GoalReport, LimitReport};
use crate::ir::Ir;
use crate::recompute::Remembering;
use crate::scenario::Interpreter;
use crate::sentences::{evidence_words, local};
use crate::value::{Instant, Value};

/// The kinds of names under which what a program declares is kept.
const DECLARED: [&str; 4] = ["let ", "track ", "state ", "floor "];

/// Prints each account's state as JSON, one a line.
pub(super) fn print_json(feed: &Feed<Remembering>) {
    for account in feed.accounts().keys() {
        let state = Interpreter::state(feed.interpreter().engine(), account);
        render::line(&json!({ "account": account, "state": state }).to_string());
    }
}

/// Prints how each account stands; with `full`, everything that is kept of it.
pub(super) fn print(ir: &Ir, feed: &Feed<Remembering>, full: bool) {
    for (name, seen) in feed.accounts() {
        let Some(account) = feed.interpreter().engine().account(name) else { continue };
        render::line(&format!("\n{name}: {}, plan {}, version {}", ir.title, seen.plan, ir.header.version));
        let mut table = Table::new();
        table.load_style(NOTHING);
        let state = account.state();
        for (what, words) in if full { everything(&state) } else { digest(ir, account, seen, &state) } {
            table.add_row([format!(" {what}"), words]);
        }
        render::line(&table.trim_fmt());
    }
    let actions: u64 = feed.accounts().values().map(|seen| seen.actions).sum();
    let events = render::counted(feed.events(), "event", "events");
    let accounts = render::counted(feed.accounts().len(), "account", "accounts");
    render::line(&format!("\n{events}, {accounts}, {}", render::counted(actions, "action", "actions")));
}

type Rows = Vec<(String, String)>;

fn everything(state: &BTreeMap<String, Value>) -> Rows {
    state.iter().map(|(name, value)| (name.clone(), value.to_string())).collect()
}

/// What a person asks first: the phase, the money, the day, each limit, goal, position and named value.
fn digest(ir: &Ir, account: AccountRef<'_>, seen: &Seen, state: &BTreeMap<String, Value>) -> Rows {
    let read = |name: &str| state.get(name).unwrap_or(&Value::Missing).to_string();
    let mut rows = vec![
        ("phase".into(), phase_words(ir, seen, state)),
        ("balance".into(), format!("{}, equity {}, open profit {}", read("balance"), read("equity"), read("open_profit"))),
        ("profit".into(), profit_words(ir, account, seen, &read)),
    ];
    rows.extend(account.limits().iter().filter(|report| report.in_force).map(limit_row));
    rows.extend(account.goals().iter().map(goal_row));
    rows.extend(account.status().locks.iter().map(|lock| {
        let until = Instant::from_nanos(lock.until);
        let words = if lock.until == i64::MAX { "staff lift it".to_owned() } else { local(ir, until) };
        ("locked".into(), format!("until {words}"))
    }));
    rows.extend(positions(state));
    rows.extend(declared(state));
    rows
}

/// In a phase in which an account only stands everything is counted anew: the profit that is asked for is that of
/// the phase that it left.
fn profit_words(ir: &Ir, account: AccountRef<'_>, seen: &Seen, read: &impl Fn(&str) -> String) -> String {
    let standing = ir.phase_named(&account.status().phase).is_some_and(|phase| ir.phase(phase).standing);
    match seen.left.as_ref().filter(|_| standing) {
        Some(left) => format!("{} in {left}, the phase before", account.account().profit_of(left)),
        None => format!("{} in this phase, {} today ({})", read("profit"), read("day.profit"), read("day.date")),
    }
}

fn phase_words(ir: &Ir, seen: &Seen, state: &BTreeMap<String, Value>) -> String {
    let phase = state.get("phase").unwrap_or(&Value::Missing);
    let since = match state.get("phase_started_at") {
        Some(Value::Instant(at)) => format!(" since {}", local(ir, *at)),
        _ => String::new(),
    };
    let breach = seen.breach.as_ref().map_or_else(String::new, |(limit, at)| format!("; last breach \"{limit}\" at {}", local(ir, *at)));
    format!("{phase}{since}{breach}")
}

fn limit_row(report: &LimitReport) -> (String, String) {
    let instance = if report.instance == 0 { String::new() } else { format!(" [{}]", report.instance) };
    let mut words = match &report.fault {
        Some(fault) => format!("cannot be judged: {}", fault.words()),
        None if report.headroom == Value::Missing => if report.broken { "broken" } else { "kept" }.to_owned(),
        None => format!("{} left: {} against {}", report.headroom, report.left, report.right),
    };
    if report.used != Value::Missing {
        let _ = write!(words, ", {} used", short(&report.used));
    }
    if report.breaches > 0 {
        let _ = write!(words, ", breached {} times", report.breaches);
    }
    (format!("limit \"{}\"{instance}", report.title), words)
}

/// Shares are shown to a hundredth of a percent.
fn short(share: &Value) -> String {
    match share {
        Value::Percent(percent) => format!("{}%", percent.truncated(2)),
        other => other.to_string(),
    }
}

fn goal_row(report: &GoalReport) -> (String, String) {
    let missing = report.requirements.iter().filter(|requirement| requirement.required && requirement.met != Some(true));
    let missing: Vec<String> =
        missing.map(|requirement| format!("\"{}\" ({})", requirement.title, evidence_words(&requirement.evidence))).collect();
    let words = if report.reached {
        "reached".to_owned()
    } else if missing.is_empty() {
        "every requirement is met".to_owned()
    } else {
        format!("missing {}", missing.join("; "))
    };
    (format!("goal \"{}\"", report.title), words)
}

fn positions(state: &BTreeMap<String, Value>) -> Rows {
    let serials = state.keys().filter_map(|name| name.strip_prefix("position ")?.strip_suffix(".symbol")?.parse::<u64>().ok());
    let mut serials: Vec<u64> = serials.collect();
    serials.sort_unstable();
    let row = |serial: u64| {
        let read = |field: &str| state.get(&format!("position {serial}.{field}")).unwrap_or(&Value::Missing).to_string();
        let words = format!(
            "{} {} {} @ {}, open profit {} (worst {}, best {})",
            read("symbol"),
            read("side"),
            read("quantity"),
            read("entry_price"),
            read("open_profit"),
            read("worst"),
            read("best")
        );
        (format!("position {serial}"), words)
    };
    serials.into_iter().map(row).collect()
}

/// Floors, trackers, cells and values that the program names.
fn declared(state: &BTreeMap<String, Value>) -> Rows {
    let named = |name: &str| {
        let own = name.split_once(": ").map_or(name, |(_, own)| own);
        DECLARED.iter().any(|kind| own.starts_with(kind))
    };
    state.iter().filter(|(name, _)| named(name)).map(|(name, value)| (name.clone(), value.to_string())).collect()
}
