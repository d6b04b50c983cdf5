//! The language, part by part, and the statements of `docs/semantics.md`: every scenario of
//! `tests/language` and `tests/semantics` holds on the engine, and the reference evaluator decides
//! the same at each step. Near misses are refused with what mends them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ringfence::check::{Checked, CheckedExpr, check};
use ringfence::engine::Engine;
use ringfence::event::Event;
use ringfence::outcome::{FaultKind, Outcome};
use ringfence::reference::Reference;
use ringfence::scenario::{self, Interpreter};
use ringfence::source::Source;
use ringfence::syntax::parse;
use ringfence::value::{Decimal, Instant, Value};

use crate::differential::is_running;

/// The programs of a folder, in the order of their names.
pub(crate) fn programs(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "fence"));
    files.sort();
    files
}

/// The engine and the reference, side by side.
pub(crate) struct Both {
    pub(crate) engine: Engine,
    pub(crate) reference: Reference,
    pub(crate) differences: Vec<String>,
}

impl Both {
    pub(crate) fn new(checked: &Checked) -> Self {
        let ir = checked.ir.clone().unwrap();
        let program = ringfence::compile::compile(ir.clone()).unwrap_or_else(|errors| panic!("{errors:#?}"));
        let mut engine = Engine::new();
        engine.load(Arc::new(program));
        Self { engine, reference: Reference::new(Arc::new(ir)), differences: Vec::new() }
    }

    fn compare(&mut self, what: &str, ours: &[Outcome], theirs: &[Outcome]) {
        let (ours, theirs) = (plain(ours), plain(theirs));
        if ours != theirs {
            self.differences.push(format!("{what}\n  engine:    {ours:?}\n  reference: {theirs:?}"));
        }
        let Some(account) = ours.first().or(theirs.first()).map(|outcome| outcome.account.to_string()) else { return };
        let (have, kept) = (Interpreter::state(&self.engine, &account), Interpreter::state(&self.reference, &account));
        for name in kept.keys().filter(|name| !is_running(name)) {
            if have.get(name) != kept.get(name) {
                self.differences.push(format!("{what}: {name}: engine {:?}, reference {:?}", have.get(name), kept.get(name)));
            }
        }
    }
}

/// Without what is for people alone, and without what only the engine tells.
fn plain(outcomes: &[Outcome]) -> Vec<Outcome> {
    let mut outcomes = outcomes.to_vec();
    for outcome in &mut outcomes {
        outcome.faults.retain(|fault| fault.kind != FaultKind::NotAsked);
        outcome.faults.iter_mut().for_each(|fault| fault.detail.clear());
    }
    outcomes.retain(|outcome| !outcome.is_quiet());
    outcomes
}

impl Interpreter for Both {
    fn apply(&mut self, event: &Event) -> Vec<Outcome> {
        let ours = self.engine.apply(event).to_vec();
        let theirs = self.reference.apply(event);
        self.compare(&format!("{} {} at {}", event.kind.name(), event.id, event.at), &ours, &theirs);
        ours
    }

    fn advance(&mut self, to: Instant) -> Vec<Outcome> {
        let ours = self.engine.advance(to).to_vec();
        let theirs = self.reference.advance(to);
        self.compare(&format!("until {to}"), &ours, &theirs);
        ours
    }

    fn evaluate(&mut self, account: &str, expression: &CheckedExpr) -> Result<Value, String> {
        let ours = Interpreter::evaluate(&mut self.engine, account, expression);
        let theirs = Interpreter::evaluate(&mut self.reference, account, expression);
        if ours.as_ref().ok() != theirs.as_ref().ok() {
            self.differences.push(format!("an expression\n  engine:    {ours:?}\n  reference: {theirs:?}"));
        }
        ours
    }

    fn phase(&self, account: &str) -> Option<String> {
        Interpreter::phase(&self.engine, account)
    }

    fn balance(&self, account: &str) -> Option<Value> {
        Interpreter::balance(&self.engine, account)
    }

    fn platform_offset(&self, account: &str) -> Decimal {
        Interpreter::platform_offset(&self.engine, account)
    }

    fn is_locked(&self, account: &str) -> bool {
        Interpreter::is_locked(&self.engine, account)
    }

    fn goal_reached(&self, account: &str, goal: &str) -> Option<bool> {
        Interpreter::goal_reached(&self.engine, account, goal)
    }

    fn requirement_met(&self, account: &str, requirement: &str) -> Option<bool> {
        Interpreter::requirement_met(&self.engine, account, requirement)
    }

    fn state(&self, account: &str) -> BTreeMap<String, Value> {
        Interpreter::state(&self.engine, account)
    }
}

/// What does not hold in a file.
fn findings(path: &Path) -> Vec<String> {
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    let source = Source::new(name.as_str(), std::fs::read_to_string(path).unwrap());
    let checked = check(&source, &parse(&source));
    let Some(ir) = &checked.ir else {
        let place = |diagnostic: &ringfence::diagnostic::Diagnostic| source.line_column(diagnostic.span.start).0;
        return checked.diagnostics.iter().map(|found| format!("{name}:{} {}", place(found), found.message)).collect();
    };
    let mut found = Vec::new();
    for scenario in &ir.scenarios {
        let mut both = Both::new(&checked);
        let report = scenario::run(ir, &checked.names, scenario, &mut both);
        for failure in &report.failures {
            let line = source.line_column(failure.span.start).0;
            found.push(format!("{name}:{line} `{}`: expected {}, found {}", report.title, failure.expected, failure.found));
        }
        found.extend(both.differences.iter().take(3).map(|difference| format!("{name} `{}`: {difference}", report.title)));
    }
    if ir.scenarios.is_empty() {
        found.push(format!("{name}: no scenario"));
    }
    found
}

fn holds(folder: &str) {
    let found: Vec<String> = programs(folder).iter().flat_map(|path| findings(path)).collect();
    assert!(found.is_empty(), "{} found\n{}", found.len(), found.join("\n"));
}

#[test]
fn each_part_works_on_both_evaluators() {
    holds("tests/language");
}

#[test]
fn each_statement_holds_on_both_evaluators() {
    holds("tests/semantics");
}

/// Statements that are easily written, and what the message must say.
const NEAR_MISSES: &[(&str, &str)] = &[
    ("when within 2min of high news for symbol { notify risk \"n\" }", "which symbol is meant is not known here"),
    ("when within 2 of high news { notify risk \"n\" }", "a duration such as `2min`"),
    ("when within 2min of news where news.name is \"NFP\" { notify risk \"n\" }", "has no `name`"),
    ("let far = 10 pips", "depends on the symbol, and which is meant is not known here"),
    ("limit \"l\" for each order { \n order.quantity stays at or below 10 pips \n }", "cannot compare"),
    ("limit \"l\" for each position { \n position.giveback stays below 10 pips \n }", "cannot compare"),
    ("every day at 25:00 { flatten }", "not a time of day"),
    ("every monday at 09:00 { flatten }", "a weekday is written `mon`"),
    ("every 0min { flatten }", "cannot act at every moment"),
    ("on fill { flatten to fit }", "nothing says what the positions shall fit"),
    ("limit \"l\" { \n equity stays above $1 \n on breach { flatten to fit } \n }", "nothing says what the positions shall fit"),
    ("on fill { reject }", "which order is meant is not known here"),
    ("on fill { flatten position }", "which position is meant is not known here"),
    ("on fill { lock until next cycle }", "cycle"),
    ("on fill { lock until 15 }", "an instant, `next day` or `staff`"),
    ("on fill { promote to nowhere }", "nowhere"),
    ("on fill { pay 5% }", "must say of what"),
    ("on fill { resize to 125% }", "must say of what"),
    ("on fill { resize $5 }", "`to` is missing before `$`"),
    ("on fill { resize to $0 }", "`reset ledger to …`"),
    ("on fill { resize to last payout.amount }", "may be missing"),
    ("on fill { resize to 2 contracts }", "money"),
    ("on fill { reset ledger }", "go on with `to`"),
    ("on fill { reset balance to $5 }", "write `reset ledger to`"),
    ("on fill { adjust balance by $5 }", "needs a reason in quotes"),
    ("on fill { adjust balance by 0 \"x\" }", "an adjustment of nothing"),
    ("on fill { adjust balance $5 \"x\" }", "`by` is missing before `$`"),
    ("on fill { adjust balance to $5 \"x\" }", "`reset ledger to size`"),
    ("on fill { roll back }", "write `roll back to day start`"),
    ("on fill { roll back day }", "write `roll back to day start`"),
    ("on fill { roll back to yesterday }", "and nowhere else"),
    ("track t = highest day.profit", "does not say when it looks"),
    ("track t = average day.profit over closed days", "does not say what it is before anything was seen"),
    ("track t = streak day.profit over closed days", "give a condition"),
    ("track t = sum of best 4 plan over closed days", "an amount or a number is needed here"),
    ("track t = count at fill in last 5%", "a window is a duration"),
    ("track t for each order = count at fill", "nothing can be tracked for an order"),
    ("let t = phase takes effect next day", "cannot rise or fall"),
    ("track t = highest balance at mark \n let b = t before today \n when b is above $5 { flatten }", "may be missing"),
    ("limit \"l\" { \n day.profit + week.profit stays above $0 \n }", "reads two periods"),
    ("limit \"l\" { \n profit stays above -$5 \n at 80% used { flatten } \n }", "allowance"),
    ("limit \"l\" { \n profit stays above -$5 \n counts toward \"k\" \n }", "no limit is titled"),
    ("limit \"l\" once per hour { \n profit stays above -$5 \n }", "hour"),
    ("limit \"l\" { \n never profit is below $0 \n reduce orders to fit \n }", "two sides"),
    ("goal \"g\" revocable { \n require \"r\" profit is above $0 \n on reached { promote to trading } \n }", "may not promote"),
    ("goal \"g\" { \n on reached { flatten } \n }", "requires nothing"),
    ("payout { \n pays at most 5% \n }", "must say of what"),
    ("let d = day 0.5 of month", "`0.5` does not fit here"),
    ("let d = day 3 of quarter", "quarter"),
    ("let d = 3 days after 15:00", "a date or an instant after `after`"),
    ("let m = withdrawn since market close", "unknown event"),
    ("let e = equity since last payout", "no running total"),
    ("let r = round($5.555)", "`round($5.555 to $0.01, half_up)`"),
    ("when balance.equity is above $5 { flatten }", "read as `equity`"),
    ("let z = profit / 0", "which is zero"),
    ("limit \"l\" { \n equity stays above 49000 \n }", "write `$49,000`"),
    ("let m = size + -1500.5", "write `-$1,500.5`"),
    ("on fill { pay 500 }", "write `$500`"),
    ("let q = 3 contracts \n when q is above 12000 { flatten }", "write `12,000 contracts`"),
    ("let best = $5 \n goal \"g\" { \n require \"r\" best / profit is at most 50% \n }", "`best is at most 50% of profit`"),
    ("limit \"l\" { \n profit / (size - $1) stays above -5% \n }", "`profit stays above -5% of (size - $1)`"),
    ("track t = count at trade where trade.profit is above $5 since last payout", "`since` stands too late"),
    ("limit \"l\" for each trade { \n trade.profit stays above $5 \n }", "judge it in `on trade where"),
    ("let t = true", "write `yes`"),
    ("when profit is above $5 and false { flatten }", "write `no`"),
    ("payout { \n split 80% to trader \n split 90% to trader \n }", "`split` stands here twice"),
    ("payout { \n require \"r\" profit is above $1 \n require \"r\" profit is above $2 \n }", "`require \"r\"` stands here twice"),
    (
        "goal \"g\" { \n require \"r\" profit is above $1 \n require \"r\" profit is above $2 when plan is \"A\" \n }",
        "`require \"r\"` stands here twice",
    ),
    ("payout { \n }", "says nothing of what is paid"),
    ("let t = size takes effect next day takes effect on mon", "`takes effect` stands here twice"),
    ("let t = size up after 2 days up after 3 traded days", "`up after` stands here twice"),
    ("option path: one of (slow, fast, slow) = slow", "`slow` is declared twice"),
    ("table t by plan \n | name | a | \n | \"A\" | $1 | \n | \"A\" | $2 |", "two rows for `\"A\"`"),
    (
        "limit \"l\" { \n weighted quantity stays at or below 5 contracts \n refuse orders that would break it \n reduce orders to fit \n }",
        "either refused or reduced",
    ),
    ("require \"r\" profit is above $1", "in a goal or a payout"),
    ("never profit is below $0", "in a limit"),
    ("trails balance at mark by $1", "in a floor"),
    ("let x = $5 else if profit is above $1 then $2 else $3", "`if` needs brackets after `else`"),
    ("let x = if profit is above $1 then if profit is above $2 then $1 else $2 else $3", "`if` needs brackets after `then`"),
    ("table t by profit \n | from | a | \n | $0 | $1 |", "with `steps`"),
    ("table t by profit steps \n | from | a | a | \n | $0 | $1 | $2 |", "another heading"),
    ("table t by max(profit, $0) slices \n | up to | a | \n | $1 | $1 |", "paid by its rate"),
    ("table t by max(profit, $0) slices \n | from | a | \n | $1 | 1% |", "head the first column `up to`"),
    ("table t by profit steps \n | from | a |", "a heading and no rows"),
    ("track equity = highest balance at mark", "a value that every program has"),
    ("state balance: money = $0", "a value that every program has"),
    ("option profit: money = $0", "a value that every program has"),
    ("let amount = $5", "a value that every program has"),
    ("floor f { \n starts at $1 when plan is \"A\" \n trails balance at mark by $1 \n }", "without `when`"),
    ("floor size { \n starts at $1 \n trails balance at mark by $1 \n }", "a value that every program has"),
];

/// The messages about a statement in a phase of a small program.
pub(crate) fn messages(statement: &str) -> String {
    let head = "program \"Near miss\" {\n  firm \"Example\"  version \"1\"\n  currency USD\n  timezone \"UTC\"\n  day 00:00\n  plans\n    | plan | size |\n    | A | $100,000 |\n";
    let lines = statement.lines().map(|line| format!("    {line}")).collect::<Vec<_>>().join("\n");
    let text = format!("{head}  phase trading {{\n    ledger starts at size\n{lines}\n  }}\n}}\n");
    let source = Source::new("near-miss.fence", text);
    let checked = check(&source, &parse(&source));
    let errors = checked.diagnostics.iter().filter(|found| found.severity() == ringfence::diagnostic::Severity::Error);
    let told = errors.map(|found| format!("{} {}", found.message, found.help.as_deref().unwrap_or_default()));
    told.collect::<Vec<_>>().join("\n")
}

#[test]
fn near_misses_are_refused_with_what_mends_them() {
    let wrong: Vec<String> = NEAR_MISSES
        .iter()
        .map(|(statement, says)| (statement, says, messages(statement)))
        .filter(|(_, says, found)| found.is_empty() || !found.contains(*says))
        .map(|(statement, says, found)| format!("{statement}\n  wanted: {says}\n  found: {found}"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Near misses that could be told twice: one cause is one message.
const TOLD_ONCE: &[&str] = &[
    "floor f { \n starts at size \n trails balance by $1 \n }",
    "floor f { \n starts at size \n jumps to \n }",
    "floor f { \n starts at \n trails balance at mark by $1 \n }",
    "floor f { \n starts at size \n trails balance at nothing by $1 \n }",
    "track t = sum fill.profit at realised",
    "on fill { lock until tomorrow }",
    "when $5 < profit < $10 { flatten }",
    "when plan is 'A' { flatten }",
    "goal \"g\" { \n profit is at least $5 \n }",
    "payout { \n at most $5 \n }",
    "limit \"l\" { \n equity below $5 \n }",
];

#[test]
fn one_cause_is_one_message() {
    for statement in TOLD_ONCE {
        let told = messages(statement);
        assert_eq!(told.lines().count(), 1, "{statement}\n{told}");
    }
}

/// A header, and the one message about it.
const HEADERS: &[(&str, &str)] = &[
    ("currency US; timezone \"UTC\"", "a currency such as `USD`"),
    ("currency usd; timezone \"UTC\"", "write `USD`"),
    ("currency USD; timezone UTC", "write `\"UTC\"`"),
    ("currency USD; timezone \"UTC\"; currency of plan", "`currency` stands here twice"),
    ("currency USD; timezone \"UTC\"; timezone \"UTC\"", "`timezone` stands here twice"),
    ("currency USD; timezone \"UTC\"; day 00:00; day 01:00", "`day` stands here twice"),
    ("currency USD; timezone \"UTC\"; week mon; week sun", "`week` stands here twice"),
    ("currency USD; timezone \"UTC\"; marks at last; marks at mid", "`marks` stands here twice"),
    ("currency USD; timezone \"UTC\"; day 17:00 to 16:00 settles 15:00", "trading stops after that, at 16:00"),
    ("currency USD; timezone \"UTC\"; day 17:00 to 16:00 settles 16:00", ""),
    ("currency USD; timezone \"UTC\"; day 17:00 to 16:00 settles 17:00", ""),
];

/// What each error of a program says, with its help.
fn errors_told(source: &Source) -> Vec<String> {
    let found = check(source, &parse(source)).diagnostics;
    let errors = found.iter().filter(|found| found.severity() == ringfence::diagnostic::Severity::Error);
    errors.map(|found| format!("{} {}", found.message, found.help.as_deref().unwrap_or_default())).collect()
}

#[test]
fn a_header_is_told_once() {
    for (header, says) in HEADERS {
        let plans = "plans\n    | plan | size |\n    | A | $100,000 |";
        let text = format!("program \"Header\" {{\n  {header}\n  {plans}\n  phase trading {{\n    ledger starts at size\n  }}\n}}\n");
        let source = Source::new("header.fence", text);
        let told = errors_told(&source);
        assert_eq!(told.len(), usize::from(!says.is_empty()), "{header}: {told:#?}");
        assert!(told.iter().all(|told| told.contains(says)), "{header}: {told:#?}");
    }
}

/// What stands outside phases, and the one message about it.
const OUTSIDE: &[(&str, &str)] = &[
    ("plans\n    | plan | size |\n    | B | $1 |", "`plans` stands here twice"),
    ("event told { a: text, a: money }", "`a` is declared twice"),
    ("action done { a: text, a: text }", "`a` is declared twice"),
    ("extend order { d: text }\n  extend order { e: text }", "`extend order` stands here twice"),
    ("extend order { quantity: number }", "every order has a `quantity`"),
    ("extend order { }", "adds nothing"),
    ("phase two {\n  input told: count = 0\n }\n phase three {\n  input told: count = 0\n }", "`told` is declared twice"),
    ("let odd = any open positions where position.symbol is symbol", "`symbol` is no value: its fields are read"),
    ("let odd = day + $1", "`day` is no value: its fields are read"),
    ("template t(a: money, a: text) { let x = a }", "`a` is declared twice"),
    ("template t(balance: money) { let x = balance }", "a value that every program has"),
    ("import \"days.fence\"", "above the program"),
    ("scenario \"s\" plan A, plan A { next day }", "`plan` stands here twice"),
    ("scenario \"s\" plan A, from 2026-03-02, from 2026-03-03 { next day }", "`from` stands here twice"),
    ("scenario \"s\" plan A, platform balance $5, start balance $6 { next day }", "`balance` stands here twice"),
    ("scenario \"s\" plan A, hedging, netting { next day }", "`hedging or netting` stands here twice"),
    ("scenario \"s\" plan A { }", "has no step"),
    ("scenario \"s\" plan A { 3 times { } }", "no step stands in these braces"),
    ("phase profit { ledger starts at size }", "a value that every program has"),
];

#[test]
fn what_stands_outside_phases_is_told_once() {
    for (outside, says) in OUTSIDE {
        let head = "program \"Outside\" {\n  currency USD\n  timezone \"UTC\"\n  plans\n    | plan | size |\n    | A | $100,000 |";
        let text = format!("{head}\n  phase trading {{\n    let fixed = size\n  }}\n  {outside}\n}}\n");
        let source = Source::new("outside.fence", text);
        let told = errors_told(&source);
        assert!(told.len() == 1 && told[0].contains(says), "{outside}: {told:#?}");
    }
}

/// Expectations that do not hold, and what is told to have been found.
const FOUND: &[(&str, &str)] = &[
    ("at 10:30; expect window is closed", "window is open"),
    ("at 10:30; expect window is not open", "window is open"),
    ("at 11:00; expect window is open", "window is closed"),
    ("at 11:00; expect window is not closed", "window is closed"),
    ("expect account is not flat", "account is flat"),
    ("buy 1 ES @ 5000 as a; expect account is flat", "account is not flat"),
    ("expect account is locked", "account is not locked"),
    ("trade +$500; expect profit is $400", "profit is $500.00"),
    ("buy 2 lots ES @ 5000; expect no breach", "ES is counted in contracts, not in lots: write `2 contracts ES`"),
    ("order buy 1 contract EURUSD @ 1.1; expect no breach", "EURUSD is counted in lots, not in contracts: write `1 lot EURUSD`"),
    (
        "order buy 1 lot AAPL @ 200; order buy 2 shares AAPL @ 200; expect no breach",
        "AAPL is counted in shares, not in lots: write `1 share AAPL`",
    ),
];

#[test]
fn an_expectation_that_fails_says_what_was_found() {
    for (steps, found) in FOUND {
        let head = "program \"Found\" {\n firm \"Example\"  version \"1\"\n currency USD\n timezone \"UTC\"\n day 00:00\n plans\n  | plan | size |\n  | A | $100,000 |\n session window mon 10:00 to 11:00\n phase trading {\n  ledger starts at size\n }";
        let text = format!("{head}\n scenario \"s\" plan A, from 2026-03-02 {{\n{}\n }}\n}}\n", steps.replace("; ", "\n"));
        let source = Source::new("found.fence", text);
        let checked = check(&source, &parse(&source));
        let ir = checked.ir.as_ref().unwrap();
        let mut both = Both::new(&checked);
        let report = scenario::run(ir, &checked.names, &ir.scenarios[0], &mut both);
        let told: Vec<&str> = report.failures.iter().map(|failure| failure.found.as_str()).collect();
        assert_eq!(told, [*found], "{steps}");
        assert!(both.differences.is_empty(), "{:?}", both.differences);
    }
}
