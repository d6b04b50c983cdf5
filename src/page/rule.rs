//! Rules, goals and payouts in sentences.

use super::Text;
use super::limit::Sentences;
use super::model::Block;
use super::moments::delay;
use super::text::say;
use super::voice::{Said, Silence, Voice};
use crate::ir::{Event, ExprId, Goal, Payout, PayoutStep, PayoutStepKind, Requirement, Rule, Trigger};
use crate::syntax::ast::PayoutMoment;
use crate::value::Type;
use crate::vocabulary::Occasion;

impl Voice<'_> {
    /// When something is done, and what.
    pub(super) fn rule(&self, rule: &Rule) -> Sentences {
        Ok(vec![say![self.trigger(&rule.trigger)?, ", ", self.actions(&rule.actions)?]])
    }

    /// When a rule does what it does.
    pub(super) fn trigger(&self, trigger: &Trigger) -> Said {
        Ok(match trigger {
            Trigger::When(condition) => say!["as soon as ", self.condition(*condition, true)?],
            Trigger::On(event, None) => self.when(*event)?,
            Trigger::On(event, Some(condition)) => say![self.when(*event)?, ", if ", self.condition(*condition, true)?],
            Trigger::After { delay: wait, since, during } => {
                let begins = matches!(since, Event::Occasion(Occasion::PhaseStart | Occasion::AccountStart));
                let or_else = if begins { "" } else { ", or after the phase began while there was none" };
                let lead = say![Text::figure(delay(*wait)), " after ", self.since(*since)?, or_else];
                match during {
                    Some(during) => say![lead, ", counted while ", self.condition(*during, true)?],
                    None => lead,
                }
            }
        })
    }

    /// What a goal asks for, and what follows.
    pub(super) fn goal(&self, goal: &Goal) -> Result<Vec<Block>, Silence> {
        let lead = match goal.clock {
            Some(clock) => say!["The goal is judged ", self.when(clock)?, "; it is reached when all of this holds:"],
            None => "The goal is reached as soon as all of this holds:".into(),
        };
        let mut blocks = vec![Block::Paragraph(lead), Block::List(self.requirements(&goal.requirements)?)];
        let mut said = Vec::new();
        if let Some(guard) = goal.guard {
            said.push(say!["The goal is judged only while ", self.condition(guard, true)?]);
        }
        said.push(say!["When it is reached, ", self.actions(&goal.on_reached)?]);
        if goal.revocable {
            said.push("It can be lost again".into());
        }
        if !goal.on_lost.is_empty() {
            said.push(say!["When it is lost, ", self.actions(&goal.on_lost)?]);
        }
        blocks.push(Block::sentences(said));
        Ok(blocks)
    }

    fn requirements(&self, requirements: &[Requirement]) -> Sentences {
        let asked = requirements.iter().filter(|requirement| self.settled(requirement.condition) != Some(true));
        asked.map(|requirement| self.requirement(requirement)).collect()
    }

    fn requirement(&self, requirement: &Requirement) -> Said {
        self.required(requirement, None)
    }

    /// A requirement, which may be asked for only under a condition of its own and of the step it stands in.
    fn required(&self, requirement: &Requirement, of_step: Option<ExprId>) -> Said {
        let of_step = of_step.filter(|when| requirement.when != Some(*when));
        let whens = requirement.when.into_iter().chain(of_step).map(|when| self.condition(when, true));
        let whens = whens.collect::<Result<Vec<_>, _>>()?;
        let only = if whens.is_empty() { Text::default() } else { say![" (asked for only if ", Text::listed(whens, "and"), ")"] };
        let title = Text::strong(capital(&requirement.title));
        Ok(say![title, ": ", self.condition(requirement.condition, true)?, only, "."])
    }

    /// What a payout asks for, how much is paid, and to whom.
    pub(super) fn payout(&self, payout: &Payout) -> Result<Vec<Block>, Silence> {
        let (asked, amounts): (Vec<&PayoutStep>, Vec<&PayoutStep>) =
            payout.steps.iter().partition(|step| matches!(step.kind, PayoutStepKind::Require(_)));
        // What always holds, as a template's default may, is asked of nobody.
        let is_asked = |step: &&PayoutStep| match &step.kind {
            PayoutStepKind::Require(requirement) => self.settled(requirement.condition) != Some(true),
            _ => true,
        };
        let asked: Vec<&PayoutStep> = asked.into_iter().filter(is_asked).collect();
        let mut blocks = Vec::new();
        if !asked.is_empty() {
            blocks.push(Block::Paragraph("A payout that you ask for is approved only if all of this holds:".into()));
            blocks.push(Block::List(asked.into_iter().map(|step| self.step(step, false)).collect::<Result<_, _>>()?));
        }
        let mut splits = 0;
        let mut steps = Vec::new();
        for step in amounts {
            let again = matches!(step.kind, PayoutStepKind::Split(_)) && splits > 0;
            splits += usize::from(matches!(step.kind, PayoutStepKind::Split(_)));
            steps.push(self.step(step, again)?);
        }
        if !steps.is_empty() {
            blocks.push(Block::Paragraph("The amount is decided in these steps:".into()));
            blocks.push(Block::Steps(steps));
        }
        let moment = match payout.deducts_at {
            PayoutMoment::Request => "when you ask for it",
            PayoutMoment::Approval => "when it is approved",
            PayoutMoment::Payment => "when it is paid",
            PayoutMoment::Denial => "when it is denied",
        };
        blocks.push(Block::sentences(vec![say!["The amount is taken out of the profit available for payout ", moment]]));
        if !payout.pending.is_empty() {
            blocks.push(Block::Paragraph("Until it is paid, this must go on to hold, or the payout is denied:".into()));
            blocks.push(Block::List(self.requirements(&payout.pending)?));
        }
        Ok(blocks)
    }

    fn step(&self, step: &PayoutStep, again: bool) -> Said {
        let only = match step.when {
            Some(when) => say![", if ", self.condition(when, true)?],
            None => Text::default(),
        };
        let said = match &step.kind {
            PayoutStepKind::Require(requirement) => return self.required(requirement, step.when),
            PayoutStepKind::PaysAtMost(most) if self.expr(*most)?.maybe_missing => {
                say!["The payout is at most ", self.value(*most)?, "; where that has no value, it has no such bound"]
            }
            PayoutStepKind::PaysAtMost(most) => say!["At most ", self.value(*most)?, " is paid"],
            PayoutStepKind::LeavesAtLeast(least) => say!["At least ", self.value(*least)?, " must stay in the account"],
            PayoutStepKind::Minimum(least) => say!["A payout of less than ", self.value(*least)?, " is denied"],
            PayoutStepKind::Fee(fee) => say!["A fee of ", self.value(*fee)?, " is taken off what you receive"],
            PayoutStepKind::Split(share) => self.split(*share, again)?,
            PayoutStepKind::AlsoPays(extra) => say!["Besides, ", self.value(*extra)?, " is paid to you from outside the account"],
            PayoutStepKind::Review(message) => say!["A person at the firm looks at the payout (“", message, "”)"],
        };
        Ok(say![said, only].sentence())
    }

    fn split(&self, share: ExprId, again: bool) -> Said {
        let lead = if again { "You receive, instead, " } else { "You receive " };
        let rest = if again { "" } else { "; the rest is the firm's" };
        Ok(match self.expr(share)?.ty {
            Type::Percent => say![lead, self.value(share)?, " of it", rest],
            _ => say![lead, self.value(share)?, rest],
        })
    }
}

/// A title with a capital letter in front.
pub(super) fn capital(title: &str) -> String {
    let mut letters = title.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
