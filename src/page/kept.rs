//! Values that a program names, as explanations.

use super::Text;
use super::text::{say, spaced};
use super::voice::{Said, Silence, Voice, duration, weekday};
use crate::ir::{EffectAt, Event, Held, Node, NodeKind, TrackDomain, TrackFunction, Tracker, Wait, WindowSpan};
use crate::value::Type;
use crate::vocabulary::Occasion;

impl Voice<'_> {
    /// What a named value is.
    pub(super) fn kept(&self, node: &Node) -> Said {
        match &node.kind {
            NodeKind::Value(inner) if node.ty == Type::Bool => Ok(say!["met when ", self.condition(*inner, true)?]),
            NodeKind::Value(inner) => self.value(*inner),
            NodeKind::Held(held) => Ok(say![self.cause(held, node)?, tails(held)]),
            NodeKind::Tracker(tracker) if tracker.function == TrackFunction::Ever => Ok(say!["met when ", self.ever(tracker, true)?]),
            NodeKind::Tracker(tracker) => self.tracker(tracker),
            NodeKind::State(first) if node.ty == Type::Bool => {
                let holds = self.settled(*first) != Some(false);
                Ok(if holds { "met at first; a rule below ends that" } else { "not met at first; a rule below changes that" }.into())
            }
            NodeKind::State(first) => Ok(say!["begins as ", self.value(*first)?, "; the rules below say when it changes"]),
            _ => Err(Silence("it keeps what has no explanation")),
        }
    }

    fn cause(&self, held: &Held, node: &Node) -> Said {
        if node.ty == Type::Bool { Ok(say!["met when ", self.condition(held.cause, true)?]) } else { self.value(held.cause) }
    }

    /// A tracker as a noun.
    pub(super) fn tracker(&self, tracker: &Tracker) -> Said {
        let what = match tracker.what {
            Some(what) if !matches!(tracker.function, TrackFunction::Streak | TrackFunction::Ever) => self.one_of_many(what)?,
            _ => Text::default(),
        };
        let head = match tracker.function {
            TrackFunction::Highest => say!["the highest of ", what],
            TrackFunction::Lowest => say!["the lowest of ", what],
            TrackFunction::Sum => say!["the sum of ", what],
            TrackFunction::Count => return self.count(tracker),
            TrackFunction::Average => say!["the average of ", what],
            TrackFunction::Latest => say!["the latest of ", what],
            TrackFunction::NthHighest(2) => say!["the second highest of ", what],
            TrackFunction::NthHighest(3) => say!["the third highest of ", what],
            TrackFunction::NthHighest(n) => say![format!("the {n}th highest of "), what],
            TrackFunction::SumOfBest(n) => say![format!("the sum of the {n} highest of "), what],
            TrackFunction::SumOfWorst(n) => say![format!("the sum of the {n} lowest of "), what],
            TrackFunction::Streak => {
                let held = self.condition(tracker.what.ok_or(Silence("it counts and says not what"))?, true)?;
                return Ok(say![
                    "how many times in a row, ",
                    self.looked_at(tracker)?,
                    ", ",
                    held,
                    self.such(tracker, " (counting only where ", ")")?,
                    self.span(tracker)?
                ]);
            }
            TrackFunction::Ever => return Ok(say!["whether ", self.ever(tracker, true)?]),
        };
        Ok(say![head, ", ", self.looked_at(tracker)?, self.such(tracker, " where ", "")?, self.span(tracker)?, self.before(tracker)?])
    }

    /// `the number of closed days on which …`
    fn count(&self, tracker: &Tracker) -> Said {
        let things = match tracker.domain {
            TrackDomain::ClosedDays => "the number of closed days".to_owned(),
            TrackDomain::TradedDays => "the number of closed days with a fill".to_owned(),
            TrackDomain::DaysWithEntries => "the number of closed days with an entry".to_owned(),
            TrackDomain::DaysSoFar => "the number of days so far, today included,".to_owned(),
            TrackDomain::At(Event::Occasion(occasion)) => match plural(occasion) {
                Some(word) => format!("the number of {word}"),
                None => format!("the number of times, counted {},", self.when(tracker_event(tracker)?)?),
            },
            TrackDomain::At(event) => format!("the number of times, counted {},", self.when(event)?),
        };
        let lead = if tracker.domain.is_of_days() { " on which " } else { " for which " };
        Ok(say![things, self.such(tracker, lead, "")?, self.span(tracker)?, self.before(tracker)?])
    }

    /// Whether something ever was, as a clause.
    pub(super) fn ever(&self, tracker: &Tracker, holds: bool) -> Said {
        let lead = if holds { "at least once (" } else { "never (" };
        let held = match tracker.what {
            Some(what) => self.condition(what, true)?,
            None => "it happened".into(),
        };
        Ok(say![lead, self.looked_at(tracker)?, self.such(tracker, " where ", "")?, self.span(tracker)?, ") ", held])
    }

    fn looked_at(&self, tracker: &Tracker) -> Said {
        Ok(match tracker.domain {
            TrackDomain::At(event) => say!["taken ", self.when(event)?],
            TrackDomain::ClosedDays => "over the closed days".into(),
            TrackDomain::TradedDays => "over the closed days with a fill".into(),
            TrackDomain::DaysWithEntries => "over the closed days with an entry".into(),
            TrackDomain::DaysSoFar => "over the days so far, today included".into(),
        })
    }

    fn such(&self, tracker: &Tracker, lead: &str, end: &str) -> Said {
        Ok(match tracker.filter {
            Some(filter) => say![lead, self.condition(filter, true)?, end],
            None => Text::default(),
        })
    }

    fn span(&self, tracker: &Tracker) -> Said {
        let mut said = Text::default();
        if !matches!(tracker.reset, Event::Occasion(Occasion::PhaseStart | Occasion::AccountStart)) {
            said.push(say![", since ", self.since(tracker.reset)?]);
            if !matches!(tracker.domain, TrackDomain::At(_)) && tracker.reset.cuts_a_day() {
                said.push(" (the day of it is counted neither before nor after)");
            }
        }
        if let Some(window) = tracker.window {
            let last = match window.span {
                WindowSpan::Samples(count) => format!(", of the last {count} only"),
                WindowSpan::Nanos(nanos) => format!(", of the last {} only", duration(nanos)),
                WindowSpan::Dates(count) => format!(", of the last {count} days only"),
                WindowSpan::TradingDays(count) => format!(", of the last {count} trading days only"),
            };
            said.push(last);
        }
        Ok(said)
    }

    fn before(&self, tracker: &Tracker) -> Said {
        Ok(match tracker.from {
            Some(from) if matches!(tracker.function, TrackFunction::Highest | TrackFunction::Lowest) => {
                say!["; it begins at ", self.value(from)?]
            }
            Some(from) => say!["; ", self.value(from)?, " before the first"],
            None => Text::default(),
        })
    }

    /// Whether a value is a plain copy of another name, which needs no explanation of its own.
    pub(super) fn is_hidden(node: &Node) -> bool {
        !Self::is_named(node) || matches!(node.kind, NodeKind::Baseline(_) | NodeKind::DayCopy(_) | NodeKind::EventCopy(_))
    }
}

/// The name of a named value with the thing it is kept for.
pub(super) fn kept_name(node: &Node) -> Text {
    let each = match node.per {
        crate::ir::Per::Position => " (of each position)",
        crate::ir::Per::Symbol => " (of each symbol)",
        crate::ir::Per::Group(_) => " (of each group)",
        crate::ir::Per::Account | crate::ir::Per::Order => "",
    };
    say![Text::strong(spaced(&node.name)), each]
}

fn tracker_event(tracker: &Tracker) -> Result<Event, Silence> {
    match tracker.domain {
        TrackDomain::At(event) => Ok(event),
        _ => Err(Silence("it looks at days")),
    }
}

const fn plural(occasion: Occasion) -> Option<&'static str> {
    Some(match occasion {
        Occasion::Fill => "fills",
        Occasion::Entry => "entries",
        Occasion::Exit => "exits",
        Occasion::Trade => "closed trades",
        Occasion::Order => "orders",
        Occasion::PayoutRequest => "payout requests",
        Occasion::PayoutPayment => "payouts paid",
        Occasion::Deposit => "deposits",
        Occasion::Withdrawal => "withdrawals",
        _ => return None,
    })
}

/// When changes take effect.
fn tails(held: &Held) -> String {
    let sticky = if held.sticky { "; it only ever rises" } else { "" };
    let waits = match (wait(held.up), wait(held.down)) {
        (None, None) => String::new(),
        (Some(up), Some(down)) if up == down => format!("; a change takes effect {up}"),
        (up, down) => {
            let of = |word: &str, wait: Option<String>| wait.map_or_else(String::new, |wait| format!("; a {word} takes effect {wait}"));
            format!("{}{}", of("rise", up), of("fall", down))
        }
    };
    format!("{sticky}{waits}")
}

fn wait(wait: Wait) -> Option<String> {
    let after = wait.days.map(|(count, traded)| {
        let word = if traded { "days with a fill" } else { "closed days" };
        format!("after {count} {word}")
    });
    let at = match wait.at {
        EffectAt::Now => None,
        EffectAt::NextDay => Some("at the start of the next day".to_owned()),
        EffectAt::AfterDays(count) => Some(format!("{count} days later")),
        EffectAt::On(day) => Some(format!("on the next {}", weekday(day))),
    };
    match (after, at) {
        (Some(after), Some(at)) => Some(format!("{after}, {at}")),
        (after, at) => after.or(at),
    }
}
