//! Limits and floors in sentences.

use super::Text;
use super::action::after;
use super::text::say;
use super::voice::{Said, Silence, Voice, duration};
use crate::ir::{BreachHandler, Counted, ExprId, Floor, FloorJump, Invariant, Limit, Node, Per, Rearm, Trail, UsedOf};
use crate::syntax::ast::Bound;

/// The sentences of a rule.
pub(super) type Sentences = Result<Vec<Text>, Silence>;

impl Voice<'_> {
    /// What a limit demands, when, and what follows.
    pub(super) fn limit(&self, node: &Node, limit: &Limit) -> Sentences {
        let mut said = vec![self.demand(node, limit)?];
        if let Some(guard) = limit.guard.filter(|guard| self.settled(*guard) != Some(true)) {
            said.push(say!["The limit is in force only while ", self.condition(guard, true)?]);
        }
        said.extend(self.when_judged(limit)?);
        said.extend(before_orders(limit));
        said.extend(self.on_breach(limit)?);
        said.extend(self.counting(node, limit)?);
        said.extend(self.as_used(limit)?);
        Ok(said)
    }

    /// `Your equity must stay above …; touching it is a breach.`
    fn demand(&self, node: &Node, limit: &Limit) -> Said {
        let each = match node.per {
            Per::Account => Text::default(),
            Per::Position => "for each open position, ".into(),
            Per::Symbol => "for each symbol, ".into(),
            Per::Order => "for each order, ".into(),
            Per::Group(group) => say!["for each ", self.group_name(group)?, ", "],
        };
        match &limit.invariant {
            Invariant::Never(condition) => Ok(say![each, "it is never allowed that ", self.condition(*condition, true)?]),
            Invariant::Stays { left, bound, right, .. } => {
                let (words, touching) = bound_words(*bound);
                Ok(say![each, self.value(*left)?, " must stay ", words, " ", self.value(*right)?, "; ", touching])
            }
        }
    }

    fn when_judged(&self, limit: &Limit) -> Sentences {
        let mut said = Vec::new();
        if let Some(clock) = limit.clock {
            said.push(say!["It is checked ", self.when(clock)?, " only"]);
        }
        if let Some((from, nanos)) = limit.from {
            let wait = if nanos == 0 { Text::default() } else { say![Text::figure(duration(nanos)), " after "] };
            said.push(say!["It applies from ", wait, self.value(from)?, " on"]);
        }
        if let Some(nanos) = limit.lasting {
            said.push(say!["It counts as broken only after ", Text::figure(duration(nanos)), " without a break"]);
        }
        if let Invariant::Stays { right, .. } = limit.invariant
            && limit.guard.is_none()
            && self.expr(right)?.maybe_missing
        {
            said.push("Where there is no such bound, the limit is not in force".into());
        }
        if let Some((nanos, once)) = limit.cure {
            let once = if once { ", once in the life of the account" } else { "" };
            said.push(say!["A breach is forgiven if the limit holds again within ", Text::figure(duration(nanos)), once]);
        }
        Ok(said)
    }

    fn on_breach(&self, limit: &Limit) -> Sentences {
        let handled = limit.on_breach.iter().map(|handler| self.handler(handler)).collect::<Result<Vec<_>, _>>()?;
        if handled.is_empty() && !limit.refuses && !limit.reduces && limit.counts_toward.is_none() {
            return Ok(vec!["A breach is recorded; nothing else follows".into()]);
        }
        Ok(handled)
    }

    fn handler(&self, handler: &BreachHandler) -> Said {
        let lead: Text = match (handler.from, handler.to) {
            (1, None) => "when it is broken".into(),
            (from, Some(to)) if from == to => format!("on the {} breach", nth(from)).into(),
            (from, Some(to)) => format!("on the {} to {} breach", nth(from), nth(to)).into(),
            (from, None) => format!("on the {} breach and every later one", nth(from)).into(),
        };
        let only = match handler.when {
            Some(when) => say![", if ", self.condition(when, true)?],
            None => Text::default(),
        };
        Ok(say![lead, only, ", ", self.actions(&handler.actions)?])
    }

    fn counting(&self, node: &Node, limit: &Limit) -> Sentences {
        let mut said = Vec::new();
        let once: Option<String> = match limit.rearm {
            Rearm::Holds => None,
            Rearm::Period(period) => Some(format!("It is broken at most once a {}", self.period(period))),
            Rearm::Instance => match node.per {
                Per::Order => None,
                Per::Position => Some("It is broken at most once for each position".into()),
                Per::Symbol => Some("It is broken at most once for each symbol".into()),
                Per::Group(_) | Per::Account => Some("It is broken at most once for each".into()),
            },
            Rearm::Phase => Some("It is broken at most once in the phase".into()),
            Rearm::Account => Some("It is broken at most once in the life of the account".into()),
        };
        said.extend(once.map(Text::from));
        let numbered = limit.on_breach.iter().any(|handler| handler.from > 1 || handler.to.is_some());
        match limit.counted {
            Counted::Phase => {}
            Counted::Account => said.push("Breaches are counted over the life of the account".into()),
            Counted::Payout => said.push("Breaches are counted anew after each payout".into()),
        }
        if numbered && limit.counted == Counted::Phase {
            said.push("Breaches are counted anew in each phase".into());
        }
        if let Some(toward) = limit.counts_toward {
            said.push(say!["Each breach also counts toward ", self.title_of(toward)?]);
        }
        Ok(said)
    }

    fn as_used(&self, limit: &Limit) -> Sentences {
        let mut said = Vec::new();
        for (percent, actions) in &limit.at_used {
            let of = match limit.used {
                UsedOf::Allowance(allowance) => say![" of the room of ", self.value(allowance)?],
                UsedOf::Ratio | UsedOf::Unsaid => Text::default(),
            };
            let share = Text::figure(format!("{percent}%"));
            said.push(say!["Once ", share, of, " is used up, ", self.actions(actions)?]);
        }
        Ok(said)
    }

    /// Where a floor stands and how it moves.
    pub(super) fn floor(&self, floor: &Floor) -> Sentences {
        let mut starts = say!["It starts at "];
        for (start, when) in &floor.starts_when {
            starts.push(say![self.value(*start)?, " if ", self.condition(*when, true)?, ", otherwise at "]);
        }
        starts.push(self.value(floor.starts)?);
        let mut said = vec![starts];
        for trail in &floor.trails {
            said.push(self.trail(trail)?);
        }
        if !floor.trails.is_empty() {
            said.push("It never falls".into());
        }
        for (cap, when) in &floor.caps {
            said.push(say!["It rises no further than ", self.value(*cap)?, self.only_while(*when)?]);
        }
        for freeze in &floor.freezes {
            said.push(say!["Once ", self.condition(*freeze, true)?, ", it stays where it is for good"]);
        }
        for jump in &floor.jumps {
            said.push(self.jump(jump)?);
        }
        if floor.next_day {
            said.push("Each change takes effect at the start of the next day".into());
        }
        Ok(said)
    }

    fn trail(&self, trail: &Trail) -> Said {
        let to = if trail.of_itself {
            say![self.value(trail.followed)?, " less ", self.value(trail.distance)?, " of it"]
        } else {
            say![self.value(trail.followed)?, " − ", self.bracketed(trail.distance)?]
        };
        Ok(say![self.when(trail.clock)?, " it rises to ", to, ", if that is higher", self.only_while(trail.when)?])
    }

    fn bracketed(&self, id: ExprId) -> Said {
        let said = self.value(id)?;
        let plain = self.is_plain(id) || !matches!(self.expr(id)?.kind, crate::ir::ExprKind::Arithmetic(..) | crate::ir::ExprKind::If(..));
        Ok(if plain { said } else { say!["(", said, ")"] })
    }

    fn jump(&self, jump: &FloorJump) -> Said {
        let lead = match (jump.on, jump.when) {
            (Some(event), Some(when)) => say![self.when(event)?, ", if ", self.condition(when, true)?, ","],
            (Some(event), None) => self.when(event)?,
            (None, Some(when)) => say!["as soon as ", self.condition(when, true)?, ","],
            (None, None) => return Err(Silence("it jumps and says not when")),
        };
        let how = if jump.by { " it moves by " } else { " it moves to " };
        Ok(say![lead, how, self.value(jump.to)?, after(jump.then)])
    }

    fn only_while(&self, when: Option<ExprId>) -> Said {
        Ok(match when {
            Some(when) => say![", while ", self.condition(when, true)?],
            None => Text::default(),
        })
    }
}

/// What becomes of orders that would break a limit.
fn before_orders(limit: &Limit) -> Vec<Text> {
    let counted = if limit.with_working_orders { ", with working orders counted as if they were filled" } else { "" };
    let mut said = Vec::new();
    if limit.refuses {
        said.push(say!["An order that would break it is refused", counted]);
    }
    if limit.reduces {
        said.push(say!["An order that would break it is reduced to what still fits", counted]);
    }
    said
}

/// The words of a bound, and what touching it is.
const fn bound_words(bound: Bound) -> (&'static str, &'static str) {
    match bound {
        Bound::Above => ("above", "touching it is a breach"),
        Bound::AtOrAbove => ("at or above", "touching it is not a breach"),
        Bound::Below => ("below", "reaching it is a breach"),
        Bound::AtOrBelow => ("at or below", "reaching it is not a breach"),
    }
}

/// `1st`, `2nd`
fn nth(number: u32) -> String {
    match number {
        1 => "first".into(),
        2 => "second".into(),
        3 => "third".into(),
        other => format!("{other}th"),
    }
}
