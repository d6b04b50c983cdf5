//! Trackers: the log of samples since the last reset, folded anew at every evaluation.

use std::cmp::Ordering;

use crate::ir::{TrackDomain, TrackFunction, Tracker, Window, WindowSpan};
use crate::outcome::FaultKind;
use crate::value::{Decimal, Type};
use crate::vocabulary::{Occasion, PeriodField};

use super::days::NEVER;
use super::eval::{Evaluated, arithmetic, average_of, extreme_of, sum_of};
use super::number::count;
use super::turn::Turn;
use super::val::Val;

/// A sample that counted.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Sample {
    /// When.
    at: i64,
    /// The date of the day that ran.
    date: i32,
    /// The number of that day.
    day: i64,
    /// The event, by its number in the account.
    ordinal: u64,
    /// The value; yes where nothing is said.
    value: Val,
}

/// What a tracker keeps.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct TrackCell {
    /// Its value before anything was seen.
    from: Val,
    /// All samples since it began.
    samples: Vec<Sample>,
    /// Whether the running day counts for nothing, because the reset fell into it.
    skip: bool,
    /// The sample whose leaving makes room again, while the window is full.
    full_until: Option<Sample>,
    /// The event that set the extreme.
    pub(super) extreme: Option<u64>,
}

/// What an evaluation of a tracker led to: what it keeps, its value, and when its oldest sample leaves.
pub(super) type Tracked = (TrackCell, Evaluated, i64);

impl Turn<'_> {
    /// Tracker.
    pub(super) fn tracker(&self, tracker: &Tracker, kept: Option<&TrackCell>) -> Result<Tracked, FaultKind> {
        let resets = self.occurs(tracker.reset);
        let turns = self.step().has(Occasion::DayStart) || self.step().has(Occasion::DayEnd);
        // What a full window lacks comes back as its oldest leaves; any other fault stands until it looks again.
        let was_full = kept.is_some_and(|kept| kept.full_until.is_some());
        if resets || was_full || (tracker.domain.is_of_days() && turns) {
            // It is looked at, whether or not there is an expression to evaluate.
            self.looked.set(true);
        }
        let mut cell = match kept {
            Some(kept) if !resets => kept.clone(),
            _ => self.begin(tracker, kept.is_some())?,
        };
        if self.step().has(Occasion::DayStart) {
            cell.skip = false;
        }
        // Nothing is sampled in the moment of a reset.
        let looks = !resets && self.samples_now(tracker, &cell);
        self.looked.set(self.looked.get() || looks || kept.is_none());
        if let Some(value) = looks.then(|| self.sample(tracker)).transpose()?.flatten() {
            self.keep(tracker, &mut cell, value);
        }
        let mut seen: Vec<Sample> = self.in_window(tracker.window, &cell.samples).cloned().collect();
        let due = leaves_at(tracker.window, seen.first());
        if tracker.domain == TrackDomain::DaysSoFar && self.account().periods.day_runs && !cell.skip {
            self.looked.set(true);
            seen.extend(self.sample(tracker)?);
            // With the running day added, a window of the last n drops the oldest.
            seen = self.in_window(tracker.window, &seen).cloned().collect();
        }
        if let Some(oldest) = &cell.full_until {
            if self.in_window(tracker.window, std::slice::from_ref(oldest)).next().is_some() {
                return Ok((cell, Err(FaultKind::WindowFull), due));
            }
            cell.full_until = None;
        }
        cell.extreme = extreme_of_events(tracker, &cell.from, &seen)?;
        let value = combine(tracker.function, &cell.from, &seen, self.ty());
        Ok((cell, value, due))
    }

    /// It begins anew: `from` is evaluated, and of days only those count that open later, unless the
    /// reset is the start of a day, phase, account or own period.
    fn begin(&self, tracker: &Tracker, again: bool) -> Result<TrackCell, FaultKind> {
        use crate::ir::Event::Occasion as On;
        let with_its_day = [On(Occasion::DayStart), On(Occasion::PhaseStart), On(Occasion::AccountStart)];
        Ok(TrackCell {
            from: tracker.from.map_or(Ok(Val::Missing), |from| self.eval().value(from))?,
            samples: Vec::new(),
            skip: again
                && tracker.domain.is_of_days()
                && !with_its_day.contains(&tracker.reset)
                && !matches!(tracker.reset, crate::ir::Event::Start(_)),
            full_until: None,
            extreme: None,
        })
    }

    /// Whether it looks in this moment.
    fn samples_now(&self, tracker: &Tracker, cell: &TrackCell) -> bool {
        let day_ends = self.step().has(Occasion::DayEnd) && !cell.skip;
        match tracker.domain {
            TrackDomain::At(event) => self.occurs(event),
            TrackDomain::ClosedDays | TrackDomain::DaysSoFar => day_ends,
            TrackDomain::TradedDays => day_ends && self.day_had(PeriodField::Fills),
            TrackDomain::DaysWithEntries => day_ends && self.day_had(PeriodField::Entries),
        }
    }

    /// The sample of this moment: none where the filter does not hold or the value is missing.
    fn sample(&self, tracker: &Tracker) -> Result<Option<Sample>, FaultKind> {
        if !self.eval().holds_if(tracker.filter)? {
            return Ok(None);
        }
        let value = tracker.what.map_or(Ok(Val::Bool(true)), |what| self.eval().value(what))?;
        let (at, ordinal, day) = (self.step().now, self.account().ordinal, self.account().periods.days);
        Ok((!value.is_missing()).then_some(Sample { at, date: self.running_date(), day, ordinal, value }))
    }

    /// Keeps a sample, if there is room.
    fn keep(&self, tracker: &Tracker, cell: &mut TrackCell, sample: Sample) {
        let room = tracker.window.map_or(usize::MAX, |window| window.capacity as usize);
        let inside: Vec<&Sample> = self.in_window(tracker.window, &cell.samples).collect();
        let slides = matches!(tracker.window, Some(Window { span: WindowSpan::Samples(_), .. }));
        if inside.len() < room || slides {
            cell.samples.push(sample);
        } else {
            cell.full_until = inside.first().copied().cloned();
        }
    }

    /// The samples that are young enough now.
    fn in_window<'s>(&self, window: Option<Window>, samples: &'s [Sample]) -> impl Iterator<Item = &'s Sample> {
        let (now, date, day) = (self.step().now, self.running_date(), self.account().periods.days);
        let skipped = match window {
            Some(Window { span: WindowSpan::Samples(last), .. }) => samples.len().saturating_sub(last as usize),
            _ => 0,
        };
        samples.iter().skip(skipped).filter(move |sample| match window.map(|window| window.span) {
            None | Some(WindowSpan::Samples(_)) => true,
            Some(WindowSpan::Nanos(nanos)) => sample.at.saturating_add(nanos) > now,
            Some(WindowSpan::Dates(dates)) => i64::from(date) - i64::from(sample.date) < i64::from(dates),
            Some(WindowSpan::TradingDays(days)) => day - sample.day < i64::from(days),
        })
    }
}

/// When the oldest sample of a window in nanoseconds leaves; days leave when a day opens.
fn leaves_at(window: Option<Window>, oldest: Option<&Sample>) -> i64 {
    match (window, oldest) {
        (Some(Window { span: WindowSpan::Nanos(nanos), .. }), Some(oldest)) => oldest.at.saturating_add(nanos),
        _ => NEVER,
    }
}

/// The event whose sample made the extreme what it is: the last that changed the n-th best.
fn extreme_of_events(tracker: &Tracker, from: &Val, seen: &[Sample]) -> Result<Option<u64>, FaultKind> {
    let (place, wanted, from) = match (tracker.domain, tracker.function) {
        (TrackDomain::At(_), TrackFunction::Highest) => (1, Ordering::Greater, Some(from)),
        (TrackDomain::At(_), TrackFunction::Lowest) => (1, Ordering::Less, Some(from)),
        (TrackDomain::At(_), TrackFunction::NthHighest(n)) => (n as usize, Ordering::Greater, None),
        _ => return Ok(None),
    };
    let mut best: Vec<Val> = from.filter(|from| !from.is_missing()).into_iter().cloned().collect();
    let mut set_by = None;
    for sample in seen {
        let before = best.get(place.saturating_sub(1)).cloned();
        let mut at = best.len();
        while let Some(better) = at.checked_sub(1).and_then(|at| best.get(at)) {
            if sample.value.order(better)? != wanted {
                break;
            }
            at -= 1;
        }
        best.insert(at, sample.value.clone());
        best.truncate(place);
        if best.get(place.saturating_sub(1)) != before.as_ref() {
            set_by = Some(sample.ordinal);
        }
    }
    Ok(set_by)
}

/// The value of a tracker over its samples.
fn combine(function: TrackFunction, from: &Val, seen: &[Sample], ty: &Type) -> Evaluated {
    let values = || seen.iter().map(|sample| sample.value.clone());
    let known_from = Some(from.clone()).filter(|from| !from.is_missing());
    let with_from = || known_from.clone().into_iter().chain(values());
    let yes = |value: &Val| *value == Val::Bool(true);
    match function {
        TrackFunction::Highest => extreme_of(with_from(), Ordering::Greater),
        TrackFunction::Lowest => extreme_of(with_from(), Ordering::Less),
        TrackFunction::Sum => sum_of(&with_from().collect::<Vec<_>>(), ty),
        TrackFunction::Count => {
            let start = known_from.unwrap_or(Val::Decimal(Decimal::ZERO));
            arithmetic(crate::ir::Arithmetic::Add, &start, &Val::Decimal(count(seen.len())?))
        }
        TrackFunction::Average if seen.is_empty() => Ok(from.clone()),
        TrackFunction::Average => average_of(&values().collect::<Vec<_>>()),
        TrackFunction::Latest => Ok(values().next_back().unwrap_or_else(|| from.clone())),
        TrackFunction::Streak => count(seen.iter().rev().take_while(|sample| yes(&sample.value)).count()).map(Val::Decimal),
        TrackFunction::Ever => Ok(Val::Bool(seen.iter().any(|sample| yes(&sample.value)))),
        TrackFunction::NthHighest(n) => {
            Ok(best(values().collect(), Ordering::Greater)?.into_iter().nth((n as usize).saturating_sub(1)).unwrap_or(Val::Missing))
        }
        TrackFunction::SumOfBest(n) => sum_of(&first(best(values().collect(), Ordering::Greater)?, n), ty),
        TrackFunction::SumOfWorst(n) => sum_of(&first(best(values().collect(), Ordering::Less)?, n), ty),
    }
}

fn first(mut values: Vec<Val>, n: u32) -> Vec<Val> {
    values.truncate(n as usize);
    values
}

/// The values from the best on: each time the best of what is left is taken.
fn best(mut left: Vec<Val>, wanted: Ordering) -> Result<Vec<Val>, FaultKind> {
    let mut ordered = Vec::new();
    while !left.is_empty() {
        let top = extreme_of(left.iter().cloned(), wanted)?;
        let at = left.iter().position(|value| *value == top).unwrap_or(0);
        ordered.push(left.remove(at));
    }
    Ok(ordered)
}
