//! An engine and a reference evaluator side by side, fed with lines of JSON.

use ringfence::check::check;
use ringfence::event::Event;
use ringfence::outcome::{Change, FaultKind, Outcome, Verdict};
use ringfence::scenario::Interpreter;
use ringfence::source::Source;
use ringfence::syntax::parse;

use crate::language::Both;

/// A program with these lines in its header and in its body.
fn program(header: &str, body: &str) -> String {
    format!(
        "program \"P\" {{\n  firm \"Example\"  version \"1\"\n  currency USD\n  timezone \"UTC\"\n{header}\n  plans\n    \
         | plan | size |\n    | A | $100,000 |\n{body}\n  phase trading {{\n    ledger starts at size\n  }}\n}}\n"
    )
}

/// Both evaluators of a program; what they disagree on is told when they go.
pub(super) struct Pair(pub(super) Both);

impl Pair {
    pub(super) fn new(header: &str, body: &str) -> Self {
        let source = Source::new("p.fence", program(header, body));
        let checked = check(&source, &parse(&source));
        assert!(checked.ir.is_some(), "{:#?}", checked.diagnostics);
        Self(Both::new(&checked))
    }

    /// With an account `a` and the futures ES and NQ.
    pub(super) fn open(header: &str, body: &str, mode: &str) -> Self {
        let mut pair = Self::new(header, body);
        for symbol in ["ES", "NQ"] {
            pair.instrument(symbol, "50", "USD", "");
        }
        pair.account("a", mode);
        pair
    }

    pub(super) fn account(&mut self, name: &str, mode: &str) {
        let outcomes = self.apply(&format!(
            r#"{{"id":"open","account":"{name}","at":"2026-03-02T00:00:00Z","kind":"open","program":"P","version":"1","plan":"A","options":{{}},"currency":"USD","start_balance":"100000","position_mode":"{mode}","trader":"t","purchased_at":"2026-03-01T00:00:00Z","swap":"in_position"}}"#
        ));
        assert!(outcomes.iter().all(|outcome| outcome.faults.is_empty()), "{outcomes:#?}");
    }

    pub(super) fn instrument(&mut self, symbol: &str, multiplier: &str, quote: &str, more: &str) {
        self.apply(&format!(
            r#"{{"id":"{symbol}","at":"2026-03-01T00:00:00Z","kind":"instrument","symbol":"{symbol}","class":"any","unit":"contract","lot_size":"1","multiplier":"{multiplier}","tick_size":"0.25","quantity_step":"1","quote_currency":"{quote}","weight":"1"{more}}}"#
        ));
    }

    pub(super) fn apply(&mut self, line: &str) -> Vec<Outcome> {
        let event: Event = serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}"));
        self.0.apply(&event)
    }

    /// An event of the account `a` on the second of March, at this time.
    pub(super) fn at(&mut self, time: &str, id: &str, rest: &str) -> Vec<Outcome> {
        self.apply(&format!(r#"{{"id":"{id}","account":"a","at":"2026-03-02T{time}Z",{rest}}}"#))
    }

    pub(super) fn fill(&mut self, time: &str, id: &str, quantity: &str, price: &str, more: &str) -> Vec<Outcome> {
        let entry = if more.contains("\"entry\"") { "" } else { r#","entry":"unknown""# };
        self.at(
            time,
            id,
            &format!(
                r#""kind":"fill","fill_id":"{id}","symbol":"ES","quantity":"{quantity}","price":"{price}","reason":"user"{entry}{more}"#
            ),
        )
    }

    pub(super) fn tick(&mut self, time: &str, id: &str, bid: &str, ask: &str, quality: &str) -> Vec<Outcome> {
        self.apply(&format!(
            r#"{{"id":"{id}","at":"2026-03-02T{time}Z","kind":"tick","symbol":"ES","bid":"{bid}","ask":"{ask}","quality":"{quality}"}}"#
        ))
    }

    pub(super) fn order(&mut self, time: &str, id: &str, side: &str, quantity: &str) -> Option<Verdict> {
        let quantity = if side == "sell" { format!("-{quantity}") } else { quantity.to_owned() };
        let told = format!(
            r#""kind":"order","order_id":"{id}","symbol":"ES","side":"{side}","type":"market","quantity":"{quantity}","status":"new""#
        );
        self.at(time, id, &told).into_iter().find_map(|outcome| outcome.verdict)
    }

    pub(super) fn value(&self, name: &str) -> String {
        self.value_of("a", name)
    }

    pub(super) fn value_of(&self, account: &str, name: &str) -> String {
        let (have, kept) = (Interpreter::state(&self.0.engine, account), Interpreter::state(&self.0.reference, account));
        assert_eq!(have.get(name), kept.get(name), "{name}: engine and reference differ");
        have.get(name).unwrap_or_else(|| panic!("no `{name}` in {:#?}", have.keys())).to_string()
    }
}

impl Drop for Pair {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            assert!(self.0.differences.is_empty(), "{}", self.0.differences.join("\n"));
        }
    }
}

/// The header of days from midnight to midnight, and what marks.
pub(super) const DAY: &str = "  day 00:00\n  marks at last";
/// The header of days from midnight to midnight, and what marks.
pub(super) const SIDE: &str = "  day 00:00\n  marks at exit side";

pub(super) fn breaches(outcomes: &[Outcome]) -> usize {
    let changes = outcomes.iter().flat_map(|outcome| &outcome.changes);
    changes.filter(|change| matches!(change, Change::Breach { .. })).count()
}

pub(super) fn faults(outcomes: &[Outcome]) -> Vec<FaultKind> {
    outcomes.iter().flat_map(|outcome| outcome.faults.iter().map(|fault| fault.kind)).collect()
}

pub(super) fn asked(outcomes: &[Outcome]) -> Vec<&str> {
    outcomes.iter().flat_map(|outcome| outcome.actions.iter().map(|action| action.kind.words())).collect()
}
