//! What was decided of many accounts, for people and for machines.

use comfy_table::{Table, presets::NOTHING};
use serde_json::{Value as Json, json};

use super::Row;
use super::judged::{Decided, Judged, Over, sum};
use crate::ir::Ir;
use crate::sentences::local;
use crate::syntax::ast::Applies;
use crate::tools::render;
use crate::value::Value;

/// Prints a row for each account, and what all come to.
pub(super) fn print(ir: &Ir, rows: &[Row]) -> Result<(), String> {
    let mut table = Table::new();
    table.load_style(NOTHING);
    table.set_header(["account", "phase", "breach", "goals", "payouts", "balance"]);
    for Row { account, judged } in rows {
        for judged in judged {
            let cells = aspects(ir, judged).map(|(_, words)| if words.is_empty() { "-".to_owned() } else { words });
            table.add_row(std::iter::once(account.clone()).chain(cells));
        }
    }
    render::line(&table.trim_fmt());
    render::line("");
    totals(ir, rows, 0)
}

/// Prints the accounts of which two programs decide otherwise, and what each decides.
pub(super) fn print_changes(new: &Ir, old: &Ir, rows: &[Row]) -> Result<(), String> {
    let mut table = Table::new();
    table.load_style(NOTHING);
    table.set_header(["account".to_owned(), String::new(), named(old), named(new)]);
    let mut changed = 0;
    for Row { account, judged } in rows {
        let [now, before] = judged.as_slice() else { continue };
        let told = aspects(old, before).into_iter().zip(aspects(new, now));
        let differing: Vec<_> = told.filter(|((_, before), (_, now))| before != now).collect();
        changed += u64::from(!differing.is_empty());
        for (number, ((what, _), _)) in differing.iter().enumerate() {
            let name = if number == 0 { account.as_str() } else { "" };
            table.add_row([name.to_owned(), (*what).to_owned(), reason(old, before, what), reason(new, now, what)]);
        }
    }
    if changed > 0 {
        render::line(&table.trim_fmt());
        render::line("");
    }
    totals(old, rows, 1)?;
    totals(new, rows, 0)?;
    render::line(&format!("{} of {} decided otherwise", changed, render::counted(rows.len(), "account", "accounts")));
    Ok(())
}

/// Prints what happens to accounts that go over to the new version, from where they stand at the end.
pub(super) fn print_over(new: &Ir, applies: Applies, rows: &[Row]) {
    let mut table = Table::new();
    table.load_style(NOTHING);
    table.set_header(["account", "on going over"]);
    let (mut counts, mut shown) = ([0_usize; 3], 0);
    for Row { account, judged } in rows {
        let Some(over) = judged.iter().find_map(|judged| judged.over.as_ref()) else { continue };
        let (number, words) = match over {
            Err(why) => (2, Some(format!("stays: {why}"))),
            Ok(Over { before, then }) => {
                let breaks = [before, then].iter().any(|decided| decided.breach.is_some() || decided.fails);
                let words = match (in_words(new, before), in_words(new, then)) {
                    (Some(first), None) => Some(format!("while it waits, {first}; then goes over")),
                    (Some(first), Some(then)) => Some(format!("while it waits, {first}; then goes over: {then}")),
                    (None, then) => then,
                };
                (usize::from(breaks), words)
            }
        };
        if let Some(count) = counts.get_mut(number) {
            *count += 1;
        }
        if let Some(words) = words {
            shown += 1;
            table.add_row([account.clone(), words]);
        }
    }
    if shown > 0 {
        render::line(&format!("\n{}", table.trim_fmt()));
    }
    let [quiet, breach, stay] = counts;
    render::line(&format!(
        "\non going over to version {}{}: {} without a breach, {breach} breach a limit, {stay} stay",
        new.header.version,
        if applies == Applies::Now { String::new() } else { format!(" with the {}, if nothing else happens until then", applies.words()) },
        render::counted(quiet, "account goes", "accounts go"),
    ));
}

/// What some outcomes come to, where it is anything.
fn in_words(ir: &Ir, decided: &Decided) -> Option<String> {
    let at = decided.at.map_or_else(String::new, |at| format!("{}: ", local(ir, at)));
    let actions = render::counted(decided.actions, "action", "actions");
    let fails = if decided.fails { ", it fails" } else { "" };
    let enters = decided.enters.as_ref().filter(|_| !decided.fails).map_or_else(String::new, |phase| format!("enters {phase}; "));
    match &decided.breach {
        Some(breach) => Some(format!("{at}breaches \"{}\"{fails}: {}; {enters}{actions}", breach.rule, breach.by)),
        None if decided.actions > 0 || decided.enters.is_some() => Some(format!("{at}{enters}{actions}{fails}")),
        None => None,
    }
}

/// Prints each account as a JSON object, with what another program decides as `against`.
pub(super) fn print_json(rows: &[Row]) {
    for Row { account, judged } in rows {
        let mut each = judged.iter().map(object);
        let mut line = json!({ "account": account });
        if let (Some(fields), Some(Json::Object(now))) = (line.as_object_mut(), each.next()) {
            fields.extend(now);
            fields.extend(each.next().map(|against| ("against".to_owned(), against)));
        }
        render::line(&line.to_string());
    }
}

fn object(judged: &Judged) -> Json {
    let goals: Vec<Json> = judged.goals.iter().map(|(goal, at)| json!({ "goal": goal, "at": at })).collect();
    let [breach, failure] = [&judged.breach, &judged.failure]
        .map(|found| found.as_ref().map(|breach| json!({ "rule": breach.rule, "at": breach.at, "by": breach.by })));
    json!({
        "opened": judged.opened, "phase": judged.phase, "breach": breach, "failure": failure, "breaches": judged.breaches, "goals": goals,
        "payouts": judged.payouts, "paid": judged.paid, "balance": judged.balance, "fault": judged.fault, "over": over(judged),
    })
}

/// What came of going over, where that was tried.
fn over(judged: &Judged) -> Json {
    match &judged.over {
        None => Json::Null,
        Some(Err(why)) => json!({ "stays": why }),
        Some(Ok(over)) => {
            let mut then = decided(&over.then);
            if let (Some(fields), Some(_)) = (then.as_object_mut(), over.before.at) {
                fields.insert("before".into(), decided(&over.before));
            }
            then
        }
    }
}

fn decided(decided: &Decided) -> Json {
    let breach = decided.breach.as_ref().map(|breach| json!({ "rule": breach.rule, "by": breach.by }));
    json!({ "at": decided.at, "breach": breach, "fails": decided.fails, "enters": decided.enters, "actions": decided.actions })
}

fn named(ir: &Ir) -> String {
    format!("{}, version {}", ir.title, ir.header.version)
}

/// What is shown of an account, by what it is.
fn aspects(ir: &Ir, judged: &Judged) -> [(&'static str, String); 5] {
    let not_opened = || format!("not opened: {}", judged.fault.as_deref().unwrap_or("no event opens it"));
    let goals: Vec<String> = judged.goals.iter().map(|(goal, at)| format!("\"{goal}\" at {}", local(ir, *at))).collect();
    let payouts = if judged.payouts == 0 { String::new() } else { format!("{}: {}", judged.payouts, judged.money(judged.paid)) };
    [
        ("phase", if judged.opened { judged.phase.clone() } else { not_opened() }),
        ("breach", judged.worst().map_or_else(String::new, |breach| format!("\"{}\" at {}", breach.rule, local(ir, breach.at)))),
        ("goals", goals.join(", ")),
        ("payouts", payouts),
        ("balance", judged.balance.as_ref().map_or_else(String::new, Value::to_string)),
    ]
}

/// What an aspect of an account is, a breach with its figures.
fn reason(ir: &Ir, judged: &Judged, what: &str) -> String {
    let found = aspects(ir, judged).into_iter().find(|(aspect, _)| *aspect == what).map(|(_, words)| words).unwrap_or_default();
    match judged.worst() {
        Some(breach) if what == "breach" && !breach.by.is_empty() => format!("{found}: {}", breach.by),
        _ if found.is_empty() => "-".to_owned(),
        _ => found,
    }
}

/// Prints what all accounts come to under the program of a number.
fn totals(ir: &Ir, rows: &[Row], number: usize) -> Result<(), String> {
    let judged: Vec<&Judged> = rows.iter().filter_map(|row| row.judged.get(number)).collect();
    let count = |is: fn(&&&Judged) -> bool| judged.iter().filter(is).count();
    let mut paid: Vec<Value> = Vec::new();
    for one in judged.iter().filter(|judged| judged.payouts > 0) {
        add(&mut paid, one.money(one.paid))?;
    }
    let payouts: u64 = judged.iter().map(|judged| judged.payouts).sum();
    let of = |paid: &[Value]| if paid.is_empty() { String::new() } else { format!(" of {}", words(paid)) };
    render::line(&format!(
        "{}: {}, {} failed, {} breached a limit, {} reached a goal, {}{}",
        named(ir),
        render::counted(rows.len(), "account", "accounts"),
        count(|judged| judged.failure.is_some()),
        count(|judged| judged.breach.is_some()),
        count(|judged| !judged.goals.is_empty()),
        render::counted(payouts, "payout", "payouts"),
        of(&paid),
    ));
    let mut faulty = rows.iter().filter_map(|row| Some((&row.account, row.judged.get(number)?.fault.as_ref()?)));
    if let Some((account, fault)) = faulty.next() {
        let others = match faulty.count() {
            0 => String::new(),
            others => format!("; so did {}, see --json", render::counted(others, "other account", "other accounts")),
        };
        render::note(&format!("note: `{account}` met a fault under {}: {fault}{others}", named(ir)));
    }
    let (marks, shown) = judged.iter().fold((0, 0), |(marks, shown), one| (marks + one.counts.marks, shown + one.counts.shown));
    if marks > 0 {
        render::line(&format!(
            "{} of what accounts had traded, {shown} of them looked at one by one",
            render::counted(marks, "mark", "marks")
        ));
    }
    Ok(())
}

fn words(paid: &[Value]) -> String {
    paid.iter().map(Value::to_string).collect::<Vec<_>>().join(" and ")
}

/// Adds money to the sum of its currency.
fn add(sums: &mut Vec<Value>, money: Value) -> Result<(), String> {
    let Value::Money(amount, currency) = money else { return Ok(()) };
    for known in sums.iter_mut() {
        if let Value::Money(known, of) = known
            && *of == currency
        {
            *known = sum(*known, amount)?;
            return Ok(());
        }
    }
    sums.push(money);
    Ok(())
}
