//! The machine against hand-computed numbers: programs as text, a picture of the account by hand.

mod expressions;
mod faults;
mod floors;
mod instances;
mod limits;
mod picture;
mod programs;
mod questions;
mod rules;
mod trackers;
mod values;

use super::view::{Act, Effect, MISSING, PayoutAnswer};
use super::{Effects, Slots, enter, finish, next_due, run};
use crate::code::{Program, verify};
use crate::compile::compile;
use crate::ir::{Ir, NodeId, PhaseId};
use crate::source::Source;
use crate::value::{Fixed, NANOS_PER_DAY};
use crate::vocabulary::{AccountField, Moment, Occasion};
use picture::Picture;

/// A program with this body, a plan of $50,000 and a day from midnight in UTC.
pub(crate) fn checked(body: &str) -> Ir {
    let text = format!(
        "program \"Test\" {{\n    firm \"Test\"\n    version \"1\"\n    currency USD\n    timezone \"UTC\"\n    day 00:00 every day\n\n    \
         plans\n        | plan | size    | max_loss |\n        | 50K  | $50,000 | $2,000   |\n\n{}}}\n",
        indented(body)
    );
    let source = Source::new("test", text);
    let parsed = crate::syntax::parse(&source);
    let checked = crate::check::check(&source, &parsed);
    let found: Vec<String> = checked.diagnostics.iter().map(|found| format!("{} {}", found.code, found.message)).collect();
    checked.ir.unwrap_or_else(|| panic!("{found:#?}"))
}

/// The lines of a body, each as deep as its braces say.
fn indented(body: &str) -> String {
    let (mut out, mut depth) = (String::new(), 1_usize);
    for line in body.lines().map(str::trim) {
        let closes = line.starts_with('}');
        out.push_str(&"    ".repeat(depth - usize::from(closes)));
        out.push_str(line);
        out.push('\n');
        depth = depth + line.matches('{').count() - line.matches('}').count();
    }
    out
}

pub(crate) fn compiled(body: &str) -> Program {
    let program = compile(checked(body)).unwrap_or_else(|found| panic!("{found:#?}"));
    verify(&program).unwrap();
    program
}

/// An amount, as the machine keeps it.
pub(crate) fn amount(text: &str) -> i64 {
    Fixed::from(text.parse::<crate::value::Decimal>().unwrap()).raw()
}

/// A program with an account by hand.
struct Bench {
    program: Program,
    slots: Slots,
    effects: Effects,
    picture: Picture,
    phase: PhaseId,
}

impl Bench {
    /// Compiles a body and opens an account with $50,000.
    fn open(body: &str) -> Self {
        let mut bench = Self::unopened(body);
        bench.enter(PhaseId(0), &[Occasion::AccountStart]);
        bench
    }

    fn unopened(body: &str) -> Self {
        let program = compiled(body);
        let slots = Slots::new(&program);
        let picture = Picture::new(&program);
        Self { program, slots, effects: Effects::new(), picture, phase: PhaseId(0) }
    }

    /// Enters a phase in an outcome of its own.
    fn enter(&mut self, phase: PhaseId, more: &[Occasion]) -> Vec<String> {
        self.effects.clear();
        self.phase = phase;
        self.picture.occasions = Occasion::PhaseStart.bit() | Occasion::CycleStart.bit();
        self.picture.occasions |= more.iter().map(|occasion| occasion.bit()).fold(0, |all, bit| all | bit);
        enter(&self.program, phase, &mut self.slots, &self.picture, &mut self.effects);
        self.told()
    }

    /// One outcome with one evaluation.
    fn at(&mut self, moment: Moment, occasions: &[Occasion]) -> Vec<String> {
        self.effects.clear();
        self.picture.ordinal += 1;
        self.evaluate(moment, occasions);
        finish(&self.program, self.phase, &mut self.slots, &self.picture, &mut self.effects);
        self.told()
    }

    fn evaluate(&mut self, moment: Moment, occasions: &[Occasion]) {
        self.picture.occasions = occasions.iter().map(|occasion| occasion.bit()).fold(0, |all, bit| all | bit);
        self.picture.due_instant = matches!(moment, Moment::PeriodEnd | Moment::Timer | Moment::PeriodStart | Moment::Judge);
        run(&self.program, self.phase, moment, &mut self.slots, &self.picture, &mut self.effects);
    }

    /// A mark that brings equity there.
    fn mark(&mut self, equity: &str) -> Vec<String> {
        self.picture.set(AccountField::Equity, equity);
        self.at(Moment::Mark, &[Occasion::Mark])
    }

    /// A fill that completes a trade of this result.
    fn trade(&mut self, profit: &str) -> Vec<String> {
        self.picture.trade(profit);
        self.at(Moment::Fill, &[Occasion::Mark, Occasion::Fill, Occasion::Exit, Occasion::Realised, Occasion::Trade])
    }

    /// Time alone: an instant so many nanoseconds later, everything judged.
    fn judge_after(&mut self, nanos: i64) -> Vec<String> {
        self.picture.now += nanos;
        self.at(Moment::Judge, &[])
    }

    /// The stamp of the day and the opening of the next, at the next midnight, in one outcome.
    fn next_day(&mut self) -> Vec<String> {
        self.effects.clear();
        self.picture.now = (self.picture.now / NANOS_PER_DAY + 1) * NANOS_PER_DAY;
        self.picture.close_day();
        self.evaluate(Moment::PeriodEnd, &[Occasion::DayEnd]);
        self.evaluate(Moment::Timer, &[]);
        self.picture.open_day();
        self.evaluate(Moment::PeriodStart, &[Occasion::DayStart]);
        self.evaluate(Moment::Judge, &[]);
        finish(&self.program, self.phase, &mut self.slots, &self.picture, &mut self.effects);
        self.told()
    }

    fn node(&self, name: &str) -> NodeId {
        let found = self.program.ir.nodes().find(|(_, node)| node.name == name);
        found.unwrap_or_else(|| panic!("no node {name}")).0
    }

    /// The value of a node as text; `none` where it is missing.
    fn value(&self, name: &str) -> String {
        shown(super::value_of(&self.program, self.node(name), &self.slots))
    }

    fn next_due(&self) -> i64 {
        next_due(&self.program, &self.slots, self.phase)
    }

    fn told(&self) -> Vec<String> {
        self.effects.list().iter().map(|effect| self.tell(effect)).collect()
    }

    fn tell(&self, effect: &Effect) -> String {
        let name = |node: NodeId| self.program.ir.node(node).name.clone();
        match effect {
            Effect::Breach { node, number, .. } => format!("breach {} {number}", name(*node)),
            Effect::Cured { node } => format!("cured {}", name(*node)),
            Effect::Reached { node, .. } => format!("reached {}", name(*node)),
            Effect::Lost { node, .. } => format!("lost {}", name(*node)),
            Effect::Act(act) => self.tell_act(act),
            Effect::PayoutAnswer(answer) => tell_answer(answer),
            Effect::Fault { node, kind, .. } => format!("fault {} {kind:?}", name(*node)),
        }
    }

    fn tell_act(&self, act: &Act) -> String {
        let lists = crate::compile::roots::lists_of(self.program.ir.node(act.node));
        let kind = format!("{:?}", lists[usize::from(act.list)][usize::from(act.place)].kind);
        let word = kind.split(['(', ' ', '{']).next().unwrap_or_default().to_lowercase();
        let arguments: Vec<String> = act.arguments.iter().map(|argument| format!(" {}", shown(*argument))).collect();
        format!("{word}{}", arguments.concat())
    }
}

fn tell_answer(answer: &PayoutAnswer) -> String {
    format!(
        "answer {} trader {} firm {} fee {} besides {} failed {:?} review {:?}{}",
        shown(answer.amount),
        shown(answer.trader),
        shown(answer.firm),
        shown(answer.fee),
        shown(answer.besides),
        answer.failed.iter().map(|failed| failed.step).collect::<Vec<_>>(),
        answer.review,
        if answer.pending { " pending" } else { "" },
    )
}

fn shown(raw: i64) -> String {
    if raw == MISSING { "none".to_owned() } else { Fixed::from_raw(raw).unwrap_or_default().to_string() }
}
