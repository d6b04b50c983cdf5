//! The cases one unit before, at and past the bound of each limit.

use super::drive::{Drive, Kind, drives};
use super::stand::{Shown, Stand};
use super::{Draft, Part};
use crate::ir::{Invariant, Limit, Node, NodeKind};
use crate::outcome::Verdict;
use crate::syntax::ast::Bound;

/// The cases of all limits, or for a limit why there are none.
pub(super) fn parts(stand: &Stand) -> Vec<Part> {
    let ir = stand.ir();
    let mut parts = Vec::new();
    for (_, node) in ir.nodes() {
        let NodeKind::Limit(limit) = &node.kind else { continue };
        let phase = node.phase.map_or_else(|| ir.phases.first(), |phase| Some(ir.phase(phase)));
        let phase = phase.map_or("", |phase| phase.name.as_str());
        parts.extend(cases(stand, node, limit, phase));
    }
    parts
}

fn cases(stand: &Stand, node: &Node, limit: &Limit, phase: &str) -> Vec<Part> {
    let rises = match &limit.invariant {
        Invariant::Stays { bound, .. } => matches!(bound, Bound::Below | Bound::AtOrBelow),
        Invariant::Never(_) => true,
    };
    let mut ended_by = None;
    for head in stand.heads(phase) {
        let Some(opened) = stand.play(&head, &[]).filter(|opened| opened.sound && opened.phase().as_deref() == Some(phase)) else {
            continue;
        };
        let Some(balance) = opened.balance() else { continue };
        for drive in drives(limit, rises) {
            if let Some(least) = drive.least(stand, &head, &node.name, balance) {
                let found = Found { stand, node, limit, phase, head: &head, drive: &drive, balance };
                return found.cases(least);
            }
        }
        ended_by = ended_by.or_else(|| ends(stand, &head));
    }
    let reason = match ended_by {
        Some(other) => format!("no equity, trade or order alone leads to it before \"{other}\" ends the account"),
        None => "no equity, trade or order alone leads to it from a new account".into(),
    };
    let place = stand.place(node.head);
    vec![Part::Remark(format!("limit \"{}\" in {phase}, {place}: {reason}; write its cases by hand", node.name))]
}

/// The limit that ends the account when all is lost.
fn ends(stand: &Stand, head: &str) -> Option<String> {
    let shown = stand.play(head, &[format!("mark equity {}", stand.money(crate::value::Decimal::ZERO))])?;
    shown.breaches().into_iter().next().filter(|_| shown.phase().as_deref() == Some("failed"))
}

/// A limit, and the way to it.
struct Found<'a> {
    stand: &'a Stand<'a>,
    node: &'a Node,
    limit: &'a Limit,
    phase: &'a str,
    head: &'a str,
    drive: &'a Drive,
    balance: crate::value::Decimal,
}

impl Found<'_> {
    /// The three cases; where the bound itself does not break, it is one unit before the least that does.
    fn cases(&self, least: i64) -> Vec<Part> {
        let touches = match &self.limit.invariant {
            Invariant::Stays { bound, .. } => matches!(bound, Bound::Above | Bound::Below),
            Invariant::Never(_) => true,
        };
        let at = if touches { least } else { least - 1 };
        let sides = [(at - 1, "one unit before the bound"), (at, "at the bound"), (at + 1, "one unit past the bound")];
        sides.into_iter().map(|(units, side)| self.case(units, side)).collect()
    }

    fn case(&self, units: i64, side: &str) -> Part {
        let title = format!("{} in {}, {side}", self.node.name, self.phase);
        let steps = self.drive.steps(self.stand, self.balance, units);
        let Some((steps, shown)) =
            steps.and_then(|steps| Some((self.stand.play(self.head, &steps)?, steps))).map(|(shown, steps)| (steps, shown))
        else {
            return Part::Remark(format!("{title}: there is nothing so small"));
        };
        let expectations = self.expectations(&shown);
        let lines =
            std::iter::once(format!("// {} {}", self.stand.place(self.node.head), self.invariant())).chain(steps).chain(expectations);
        Part::Scenario(Draft { title, head: self.head.to_owned(), lines: lines.collect() })
    }

    fn invariant(&self) -> String {
        let ir = self.stand.ir();
        match &self.limit.invariant {
            Invariant::Stays { left, right, .. } => {
                let (left, right) = (ir.expr(*left).span, ir.expr(*right).span);
                match ir.source.within_statement(left, right) {
                    Some(whole) => self.stand.words(whole),
                    None => format!("{} against {}", self.stand.words(left), self.stand.words(right)),
                }
            }
            Invariant::Never(condition) => format!("never {}", self.stand.words(ir.expr(*condition).span)),
        }
    }

    /// What the engine said: of this limit first, then of others, then of the account.
    fn expectations(&self, shown: &Shown) -> Vec<String> {
        let title = &self.node.name;
        let mut lines = Vec::new();
        if matches!(self.drive.kind, Kind::Order(..)) {
            lines.extend(answer(shown, title));
        } else {
            let breaches = shown.breaches();
            lines.push(if breaches.contains(title) {
                format!("expect breach \"{title}\"")
            } else {
                format!("expect no breach \"{title}\"")
            });
            lines.extend(breaches.iter().filter(|other| *other != title).map(|other| format!("expect breach \"{other}\"")));
        }
        lines.extend(shown.phase().map(|phase| format!("expect phase {phase}")));
        lines.push(if shown.is_locked() { "expect locked".into() } else { "expect not locked".into() });
        lines
    }
}

fn answer(shown: &Shown, title: &str) -> Option<String> {
    Some(match shown.verdict()? {
        Verdict::Allow => "expect allowed".to_owned(),
        Verdict::Reject { reasons } => {
            let by = reasons.iter().find(|reason| *reason.rule == *title).or_else(|| reasons.first())?;
            format!("expect rejected by \"{}\"", by.rule)
        }
        Verdict::Reduce { quantity, .. } => format!("expect reduced to {quantity}"),
        _ => return None,
    })
}
