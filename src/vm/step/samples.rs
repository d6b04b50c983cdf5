//! The samples of trackers: how they combine, and the ring that keeps those of a window.

use std::cmp::Reverse;

use super::super::machine::{At, Machine, Outcome, sum};
use super::super::view::{MISSING, NEVER, View};
use crate::code::{CellOf, NODE_CELLS, Place, SAMPLE, TrackerCell};
use crate::ir::{Period, TrackFunction, Window, WindowSpan};
use crate::value::{Fixed, round_ratio};
use crate::vocabulary::PeriodField;

/// A sample in a ring.
#[derive(Clone, Copy)]
pub(super) struct Sample {
    pub(super) value: i64,
    /// By what its window lets it go: an instant, a date, the number of a trading day.
    pub(super) key: i64,
    /// The event that brought it.
    pub(super) ordinal: i64,
}

/// The totals of a tracker without a window after one more sample: total and count.
pub(super) fn combine(function: TrackFunction, total: i64, count: i64, sample: i64) -> Outcome<(i64, i64)> {
    let total = match function {
        TrackFunction::Highest => total.max(sample),
        TrackFunction::Lowest if total == MISSING => sample,
        TrackFunction::Lowest => total.min(sample),
        TrackFunction::Sum | TrackFunction::Average => sum(total, sample)?,
        TrackFunction::Streak if sample == 0 => 0,
        TrackFunction::Count | TrackFunction::Streak => sum(total, Fixed::ONE_RAW)?,
        TrackFunction::Ever => total | i64::from(sample != 0),
        TrackFunction::Latest | TrackFunction::NthHighest(_) | TrackFunction::SumOfBest(_) | TrackFunction::SumOfWorst(_) => sample,
    };
    // Only an average reads how many there were.
    Ok((total, count + i64::from(function == TrackFunction::Average)))
}

/// The total before any sample.
pub(super) const fn first_total(function: TrackFunction, from: i64) -> i64 {
    match function {
        TrackFunction::Highest | TrackFunction::Lowest | TrackFunction::Latest => from,
        TrackFunction::Sum | TrackFunction::Count if from != MISSING => from,
        TrackFunction::NthHighest(_) => MISSING,
        _ => 0,
    }
}

/// What a tracker without a window shows.
pub(super) fn shown(function: TrackFunction, total: i64, count: i64, from: i64) -> Outcome<i64> {
    match function {
        TrackFunction::Average if count == 0 => Ok(from),
        TrackFunction::Average => Ok(round_ratio(i128::from(total), i128::from(count))?),
        _ => Ok(total),
    }
}

/// What a tracker shows of samples that are kept singly, oldest first. They may be put in another order.
pub(super) fn reduce(function: TrackFunction, samples: &mut [i64], from: i64) -> Outcome<i64> {
    match function {
        TrackFunction::NthHighest(n) => {
            samples.sort_unstable_by_key(|sample| Reverse(*sample));
            let at = (n as usize).checked_sub(1);
            Ok(at.and_then(|at| samples.get(at)).copied().unwrap_or(MISSING))
        }
        TrackFunction::SumOfBest(n) => {
            samples.sort_unstable_by_key(|sample| Reverse(*sample));
            samples.iter().take(n as usize).try_fold(0, |total, sample| sum(total, *sample))
        }
        TrackFunction::SumOfWorst(n) => {
            samples.sort_unstable();
            samples.iter().take(n as usize).try_fold(0, |total, sample| sum(total, *sample))
        }
        _ => {
            let folded = samples
                .iter()
                .try_fold((first_total(function, from), 0), |(total, count), sample| combine(function, total, count, *sample));
            folded.and_then(|(total, count)| shown(function, total, count, from))
        }
    }
}

/// The first cell behind the fixed ones: the best samples, then the ring.
const fn ring(at: At) -> usize {
    at.base + NODE_CELLS + TrackerCell::ROWS.len()
}

fn ring_cell(at: At, place: Place, number: i64) -> usize {
    let number = usize::try_from(number).unwrap_or(0) % place.ring.max(1);
    ring(at) + place.best + number * SAMPLE
}

impl<V: View> Machine<'_, V> {
    /// The sample at a place in the window, the oldest first.
    pub(super) fn sample(&self, at: At, place: Place, number: i64) -> Sample {
        let cell = ring_cell(at, place, self.get(at, TrackerCell::Head) + number);
        let values = &self.slots.values;
        Sample { value: values[cell], key: values[cell + 1], ordinal: values[cell + 2] }
    }

    /// Lets go what has left the window. When something does, it is full no more.
    pub(super) fn slide(&mut self, at: At, place: Place, window: Window) {
        let capacity = i64::try_from(place.ring.max(1)).unwrap_or(i64::MAX);
        while self.get(at, TrackerCell::Length) > 0 {
            let oldest = self.sample(at, place, 0);
            let leaves = match window.span {
                WindowSpan::Samples(_) => false,
                WindowSpan::Nanos(nanos) => oldest.key.saturating_add(nanos) <= self.now,
                WindowSpan::Dates(days) | WindowSpan::TradingDays(days) => {
                    self.window_key(window).saturating_sub(oldest.key) >= i64::from(days)
                }
            };
            if !leaves {
                return;
            }
            self.let_go(at, capacity);
            self.set(at, TrackerCell::Full, 0);
        }
    }

    fn let_go(&mut self, at: At, capacity: i64) {
        let head = (self.get(at, TrackerCell::Head) + 1) % capacity;
        let length = self.get(at, TrackerCell::Length) - 1;
        self.set(at, TrackerCell::Head, head);
        self.set(at, TrackerCell::Length, length);
    }

    fn window_key(&self, window: Window) -> i64 {
        match window.span {
            WindowSpan::Nanos(_) | WindowSpan::Samples(_) => self.now,
            WindowSpan::Dates(_) => self.view.period(Period::DAY, PeriodField::Date),
            WindowSpan::TradingDays(_) => self.view.trading_day_number(),
        }
    }

    /// Keeps a sample; a full window does not, and says so.
    pub(super) fn keep(&mut self, at: At, place: Place, window: Window, value: i64) {
        let capacity = i64::try_from(place.ring.max(1)).unwrap_or(i64::MAX);
        if let WindowSpan::Samples(count) = window.span {
            while self.get(at, TrackerCell::Length) >= i64::from(count).min(capacity) && self.get(at, TrackerCell::Length) > 0 {
                self.let_go(at, capacity);
            }
        }
        let length = self.get(at, TrackerCell::Length);
        if length >= capacity {
            self.set(at, TrackerCell::Full, 1);
            return;
        }
        let cell = ring_cell(at, place, self.get(at, TrackerCell::Head) + length);
        let ordinal = i64::try_from(self.view.ordinal()).unwrap_or(i64::MAX);
        let key = self.window_key(window);
        self.slots.values[cell..cell + SAMPLE].copy_from_slice(&[value, key, ordinal]);
        self.set(at, TrackerCell::Length, length + 1);
    }

    /// When the oldest sample leaves through time alone.
    pub(super) fn leaves_at(&self, at: At, place: Place, window: Window) -> i64 {
        match window.span {
            WindowSpan::Nanos(nanos) if self.get(at, TrackerCell::Length) > 0 => self.sample(at, place, 0).key.saturating_add(nanos),
            _ => NEVER,
        }
    }

    /// What a window shows, with a running day's sample if there is one.
    pub(super) fn window_value(
        &mut self,
        at: At,
        place: Place,
        window: Window,
        function: TrackFunction,
        running: Option<i64>,
    ) -> Outcome<i64> {
        let from = self.get(at, TrackerCell::From);
        let mut scratch = std::mem::take(&mut self.slots.scratch);
        let length = self.get(at, TrackerCell::Length);
        // With the running day a window of the last n lets its oldest go.
        let first = match window.span {
            WindowSpan::Samples(last) if running.is_some() => (length + 1 - i64::from(last)).max(0),
            _ => 0,
        };
        for number in first..length {
            scratch.push(self.sample(at, place, number).value);
        }
        scratch.extend(running);
        let value = reduce(function, &mut scratch, from);
        scratch.clear();
        self.slots.scratch = scratch;
        value
    }

    /// The best samples with one more: what they show. They are kept if `keep`.
    pub(super) fn best_value(&mut self, at: At, place: Place, function: TrackFunction, more: Option<i64>, keep: bool) -> Outcome<i64> {
        let start = ring(at);
        let count = usize::try_from(self.get(at, TrackerCell::Length)).unwrap_or(0).min(place.best);
        let from = self.get(at, TrackerCell::From);
        let mut scratch = std::mem::take(&mut self.slots.scratch);
        scratch.extend_from_slice(&self.slots.values[start..start + count]);
        scratch.extend(more);
        // Sorted by `reduce`, best first.
        let value = reduce(function, &mut scratch, from);
        if keep && value.is_ok() {
            scratch.truncate(place.best);
            self.slots.values[start..start + scratch.len()].copy_from_slice(&scratch);
            self.slots.values[at.base + TrackerCell::Length.offset()] = i64::try_from(scratch.len()).unwrap_or(0);
        }
        scratch.clear();
        self.slots.scratch = scratch;
        value
    }
}
