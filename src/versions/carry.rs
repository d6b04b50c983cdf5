//! What a running account takes along from one version of a program to another.

use std::fmt;

use super::meaning::Meanings;
use super::places::Places;
use super::{Pairs, is_rule, is_same_name, phase_of, same_trigger};
use crate::code::kind_word;
use crate::ir::{Ir, Node, NodeId, NodeKind, Per, Period};
use crate::syntax::ast::{CarriedFate, CarriedKind, Migration};

/// Where an account under a new version finds what it kept under the old one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Carry {
    /// For each node of the new version, the node of the old one whose state goes on in it.
    pub nodes: Vec<Option<NodeId>>,
    /// For each phase of the old version, the same in the new one.
    pub phases: Vec<Option<u16>>,
    /// For each period of the new version, the same in the old one.
    pub periods: Vec<Option<usize>>,
    /// For each group of the new version, the same in the old one.
    pub groups: Vec<Option<usize>>,
    /// For each column of the plans of the new version, the one of the old that an account's cell is taken from; else it is the
    /// new plan's.
    pub columns: Vec<Option<usize>>,
    /// For each option of the new version, the same in the old one.
    pub options: Vec<Option<usize>>,
    /// For each input of the new version, the same in the old one.
    pub inputs: Vec<Option<usize>>,
    /// For each field by which the new version extends orders, the same in the old one.
    pub order_fields: Vec<Option<usize>>,
}

/// What stands in the way of running accounts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsettled {
    /// What it is, as in `limit "Maximum loss" in funded`.
    pub what: String,
    /// Why nothing can be done about it without a word of the author's.
    pub why: String,
    /// What to write.
    pub mend: String,
}

impl fmt::Display for Unsettled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.what, self.why, self.mend)
    }
}

/// What accounts of the old version take along.
///
/// # Errors
/// With everything that the new version leaves open.
pub fn carry(old: &Ir, new: &Ir) -> Result<Carry, Vec<Unsettled>> {
    let Some(migration) = new.migration_from(&old.header.version) else {
        return Err(vec![Unsettled {
            what: "running accounts".into(),
            why: format!("version \"{}\" does not say how accounts of version \"{}\" go over", new.header.version, old.header.version),
            mend: format!(
                "write `migrate from \"{}\" {{ applies next day }}` into it, or leave these accounts where they are",
                old.header.version
            ),
        }]);
    };
    let places = Places::of(old, new);
    let (before, after) = (Meanings::new(old), places.after());
    let mut carrying = Carrying { before, after, places, unsettled: Vec::new() };
    carrying.header();
    carrying.earlier_names(migration);
    let groups = carrying.groups();
    let carry = Carry {
        nodes: carrying.nodes(&groups),
        phases: carrying.phases(),
        periods: carrying.periods(),
        groups,
        columns: carrying.columns(),
        options: by_name(&names(&old.options, |option| &option.name), &names(&new.options, |option| &option.name)),
        inputs: by_name(&names(&old.inputs, |input| &input.name), &names(&new.inputs, |input| &input.name)),
        order_fields: by_name(&order_fields(old), &order_fields(new)),
    };
    if carrying.unsettled.is_empty() { Ok(carry) } else { Err(carrying.unsettled) }
}

struct Carrying<'a> {
    before: Meanings<'a>,
    after: Meanings<'a>,
    places: Places<'a>,
    unsettled: Vec<Unsettled>,
}

impl Carrying<'_> {
    /// What an account cannot go on with: another currency, other days.
    fn header(&mut self) {
        let (was, is) = (&self.before.ir().header, &self.after.ir().header);
        let told = [
            ("the currency", was.currency != is.currency),
            ("the trading day", was.day != is.day),
            ("the weekday a week begins with", was.week != is.week),
        ];
        for (what, differs) in told {
            if differs {
                self.leave_open(what.into(), "it is another, and amounts and days that an account has kept are of the old one".into(), {
                    "leave it as it is, or let accounts that are open stay with their version".into()
                });
            }
        }
    }

    /// What the new version says was there must have been.
    fn earlier_names(&mut self, migration: &Migration) {
        for line in migration.lines.iter().filter(|line| line.fate != CarriedFate::Take) {
            let was = line.was.as_ref().unwrap_or(&line.name);
            if !is_known(self.before.ir(), line.what, &was.node) {
                let what = format!("{} {}", line.what.word(), quoted(line.what, &line.name.node));
                let why = format!("version \"{}\" has no {} {}", migration.from.node, line.what.word(), quoted(line.what, &was.node));
                let mend = format!(
                    "write what it was called there, as in `{} {what} was …`, or leave the line out: what is new begins by itself",
                    line.fate.word()
                );
                self.leave_open(what, why, mend);
            }
        }
    }

    fn nodes(&mut self, groups: &[Option<usize>]) -> Vec<Option<NodeId>> {
        let pairs = Pairs::of(&self.before, &self.after);
        let new = self.after.ir();
        let mut carried = vec![None; new.nodes.len()];
        for (one, other) in pairs.both {
            let goes_on = self.goes_on(one, other) && self.same_instances(one, other, groups);
            if let Some(place) = carried.get_mut(usize::from(other.0)) {
                *place = goes_on.then_some(one);
            }
        }
        carried
    }

    /// Whether the state of a node goes on in another.
    fn goes_on(&mut self, one: NodeId, other: NodeId) -> bool {
        let (was, is) = (self.before.ir().node(one), self.after.ir().node(other));
        let same = self.before.node(one) == self.after.node(other);
        match is.kind {
            NodeKind::Rule(_) => is_rule(self.after.ir(), other) && same_trigger(&self.before, one, &self.after, other),
            NodeKind::Payout(_) => true,
            // The last value of one in a phase that was left stays readable.
            NodeKind::Value(_) | NodeKind::Baseline(_) | NodeKind::DayCopy(_) | NodeKind::EventCopy(_) => same,
            _ => match self.places.line_of(other).map(|line| line.fate) {
                Some(CarriedFate::Restart) => false,
                Some(_) if same || is_alike(was, is) => true,
                None if same && is_same_name(self.before.ir(), one, self.after.ir(), other) => true,
                said => {
                    self.node_is_open(other, said.is_some());
                    false
                }
            },
        }
    }

    fn node_is_open(&mut self, id: NodeId, says_keep: bool) {
        let ir = self.after.ir();
        let node = ir.node(id);
        let Some(what) = node.kind.carried() else { return };
        let phase = phase_of(ir, node).map_or_else(String::new, |phase| format!(" in {phase}"));
        let named = format!("{} {}{phase}", what.word(), quoted(what, &node.name));
        if says_keep {
            let why = "it is of another type, or counts over another window: what was kept says nothing under the new meaning";
            self.leave_open(named.clone(), why.into(), format!("write `restart {named}`"));
        } else {
            let why = "it means something else, or is called otherwise";
            self.leave_open(named.clone(), why.into(), format!("write `keep {named}` or `restart {named}`"));
        }
    }

    /// Whether what a node is kept for each of goes on too.
    fn same_instances(&self, one: NodeId, other: NodeId, groups: &[Option<usize>]) -> bool {
        match (self.before.ir().node(one).per, self.after.ir().node(other).per) {
            (Per::Group(was), Per::Group(is)) => groups.get(usize::from(is)).copied().flatten() == Some(usize::from(was)),
            (was, is) => was == is,
        }
    }

    fn phases(&self) -> Vec<Option<u16>> {
        let new = self.after.ir();
        let same = |was: &str| {
            let at = new.phases.iter().position(|phase| self.places.earlier(CarriedKind::Phase, &phase.name) == was)?;
            u16::try_from(at).ok()
        };
        self.before.ir().phases.iter().map(|phase| same(&phase.name)).collect()
    }

    fn periods(&mut self) -> Vec<Option<usize>> {
        let (old, new) = (self.before.ir(), self.after.ir());
        let mut carried: Vec<Option<usize>> = (0..Period::PREDECLARED.len()).map(Some).collect();
        for (_, period) in new.own_periods() {
            let line = self.places.line(CarriedKind::Period, &period.name).map(|line| line.fate);
            let earlier = self.places.earlier(CarriedKind::Period, &period.name);
            let was = old.own_periods().find(|(_, was)| was.name == earlier);
            let same = was.is_some_and(|(_, was)| self.before.text(&was.kind) == self.after.text(&period.kind));
            let goes_on = match line {
                Some(fate) => fate == CarriedFate::Keep,
                None => same,
            };
            if was.is_some() && !same && line.is_none() {
                let named = format!("period {}", period.name);
                let mend = format!("write `keep {named}` or `restart {named}`");
                self.leave_open(named, "it begins or ends otherwise".into(), mend);
            }
            carried.push(was.filter(|_| goes_on).map(|(was, _)| was.index()));
        }
        carried
    }

    fn groups(&mut self) -> Vec<Option<usize>> {
        let (old, new) = (self.before.ir(), self.after.ir());
        let mut carried = Vec::new();
        for group in &new.groups {
            let restarts = self.places.line(CarriedKind::Group, &group.name).is_some();
            let was = old.groups.iter().position(|was| was.name == group.name);
            let same = was.and_then(|at| old.groups.get(at)).is_some_and(|was| self.before.text(was) == self.after.text(group));
            if was.is_some() && !same && !restarts {
                let named = format!("group {}", group.name);
                let mend = format!("write `restart {named}`");
                self.leave_open(named, "other trades join it, and those that are open have joined by the old rule".into(), mend);
            }
            carried.push(was.filter(|_| same && !restarts));
        }
        carried
    }

    fn columns(&self) -> Vec<Option<usize>> {
        let (old, new) = (&self.before.ir().plans.columns, &self.after.ir().plans.columns);
        let of = |name: &str| {
            let takes = self.places.line(CarriedKind::Column, name).is_some_and(|line| line.fate == CarriedFate::Take);
            let earlier = self.places.earlier(CarriedKind::Column, name);
            old.iter().position(|column| column.name == earlier && !takes)
        };
        new.iter().map(|column| of(&column.name)).collect()
    }

    fn leave_open(&mut self, what: String, why: String, mend: String) {
        self.unsettled.push(Unsettled { what, why, mend });
    }
}

/// Whether state that was kept under one meaning can be kept under another: it has the same form.
fn is_alike(was: &Node, is: &Node) -> bool {
    let form = |node: &Node| match &node.kind {
        NodeKind::Tracker(tracker) => format!("{:?} {:?} {}", tracker.function, tracker.window, tracker.domain.is_of_days()),
        _ => String::new(),
    };
    kind_word(&was.kind) == kind_word(&is.kind) && was.ty == is.ty && form(was) == form(is)
}

fn is_known(ir: &Ir, what: CarriedKind, name: &str) -> bool {
    match what {
        CarriedKind::Period => ir.own_periods().any(|(_, period)| period.name == name),
        CarriedKind::Group => ir.groups.iter().any(|group| group.name == name),
        CarriedKind::Phase => ir.phases.iter().any(|phase| phase.name == name),
        CarriedKind::Column => ir.plans.columns.iter().any(|column| column.name == name),
        what => ir.nodes.iter().any(|node| node.kind.carried() == Some(what) && node.name == name),
    }
}

/// A title, or a name that is no word, stands in quotes.
fn quoted(what: CarriedKind, name: &str) -> String {
    let is_word = name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    if is_word && !matches!(what, CarriedKind::Limit | CarriedKind::Goal) { name.to_owned() } else { format!("\"{name}\"") }
}

fn names<'a, T>(of: &'a [T], name: impl Fn(&'a T) -> &'a String) -> Vec<&'a str> {
    of.iter().map(|item| name(item).as_str()).collect()
}

/// The fields by which a program extends orders.
fn order_fields(ir: &Ir) -> Vec<&str> {
    let order = ir.extensions.iter().find(|extension| extension.name == "order");
    order.map_or_else(Vec::new, |order| order.fields.iter().map(|(name, _)| name.as_str()).collect())
}

fn by_name(old: &[&str], new: &[&str]) -> Vec<Option<usize>> {
    new.iter().map(|name| old.iter().position(|was| was == name)).collect()
}
