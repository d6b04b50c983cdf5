//! Trackers: what was seen at events, or over days, combined.

use super::super::machine::{At, Fault, Machine, Outcome};
use super::super::view::{MISSING, View};
use super::samples::{combine, first_total, shown};
use crate::code::{NodeCell, Place, TrackerCell};
use crate::compile::roots::has_extreme;
use crate::ir::{Event, Node, NodeId, Period, TrackDomain, TrackFunction, Tracker};
use crate::outcome::FaultKind;
use crate::vocabulary::{Moment, Occasion, PeriodField};

impl<V: View> Machine<'_, V> {
    pub(super) fn tracker(&mut self, id: NodeId, node: &Node, at: At, tracker: &Tracker) -> Outcome<()> {
        let place = self.place(id);
        let resets = self.begin_anew(at, tracker)?;
        if self.occasion(Occasion::DayStart) {
            self.set(at, TrackerCell::Skip, 0);
        }
        // What a full window lacks comes back as its oldest leaves; any other fault stands until it looks again.
        let was_full = self.get(at, TrackerCell::Full) != 0;
        if let Some(window) = tracker.window {
            self.slide(at, place, window);
        }
        let looks = !resets && self.samples(at, tracker);
        let by_day = tracker.domain.is_of_days();
        let turns = by_day && (self.occasion(Occasion::DayStart) || self.occasion(Occasion::DayEnd));
        self.idle = !(at.begins || resets || looks || turns || was_full || self.reads_running_day(at, tracker));
        let sample = if looks { self.read_sample(tracker)? } else { None };
        let value = match sample {
            Some(sample) => self.take_sample(at, place, tracker, sample)?,
            None => {
                let running = if self.reads_running_day(at, tracker) { self.read_sample(tracker)? } else { None };
                self.present(at, place, tracker, running)?
            }
        };
        let leaves = tracker.window.map_or(super::super::view::NEVER, |window| self.leaves_at(at, place, window));
        let due = leaves.min(self.own_edge(node));
        self.set_due(at.base, due);
        if self.get(at, TrackerCell::Full) != 0 {
            return Err(Fault::from(FaultKind::WindowFull));
        }
        if !self.idle || self.get(at, NodeCell::Fault) == 0 {
            self.show(at, value);
        }
        Ok(())
    }

    /// Begins anew where its reset says so; whether an event did, so that nothing is sampled with it.
    fn begin_anew(&mut self, at: At, tracker: &Tracker) -> Outcome<bool> {
        let resets = self.occurs(tracker.reset);
        if !at.begins && !resets {
            return Ok(false);
        }
        let from = tracker.from.map_or(Ok(MISSING), |from| self.value(from))?;
        self.set(at, TrackerCell::From, from);
        self.set(at, TrackerCell::Total, first_total(tracker.function, from));
        for cell in [TrackerCell::Count, TrackerCell::Full, TrackerCell::Head, TrackerCell::Length] {
            self.set(at, cell, 0);
        }
        self.set(at, TrackerCell::Extreme, MISSING);
        // An own period's start belongs to the period, and so does its day.
        let with_a_day =
            matches!(tracker.reset, Event::Occasion(Occasion::DayStart | Occasion::PhaseStart | Occasion::AccountStart) | Event::Start(_));
        let by_day = tracker.domain.is_of_days();
        self.set(at, TrackerCell::Skip, i64::from(!at.begins && by_day && !with_a_day));
        Ok(resets)
    }

    /// Whether it looks in this moment.
    fn samples(&self, at: At, tracker: &Tracker) -> bool {
        let day_ends = self.moment == Moment::PeriodEnd && self.occasion(Occasion::DayEnd) && self.get(at, TrackerCell::Skip) == 0;
        match tracker.domain {
            TrackDomain::At(event) => self.occurs(event),
            TrackDomain::ClosedDays | TrackDomain::DaysSoFar => day_ends,
            TrackDomain::TradedDays => day_ends && self.view.period(Period::DAY, PeriodField::Fills) > 0,
            TrackDomain::DaysWithEntries => day_ends && self.view.period(Period::DAY, PeriodField::Entries) > 0,
        }
    }

    /// Whether the running day counts as it stands. At its end it has been taken already.
    fn reads_running_day(&self, at: At, tracker: &Tracker) -> bool {
        let ended = self.moment == Moment::PeriodEnd && self.occasion(Occasion::DayEnd);
        tracker.domain == TrackDomain::DaysSoFar && !ended && self.view.day_is_running() && self.get(at, TrackerCell::Skip) == 0
    }

    fn read_sample(&mut self, tracker: &Tracker) -> Outcome<Option<i64>> {
        if !self.holds_if(tracker.filter)? {
            return Ok(None);
        }
        let sample = tracker.what.map_or(Ok(1), |what| self.value(what))?;
        Ok((sample != MISSING).then_some(sample))
    }

    /// Takes a sample in, and what it shows then.
    fn take_sample(&mut self, at: At, place: Place, tracker: &Tracker, sample: i64) -> Outcome<i64> {
        let function = tracker.function;
        let before = self.present(at, place, tracker, None)?;
        let value = match tracker.window {
            Some(window) => {
                self.keep(at, place, window, sample);
                return self.present(at, place, tracker, None);
            }
            None if place.best > 0 => self.best_value(at, place, function, Some(sample), true)?,
            None => {
                let (total, count) = combine(function, self.get(at, TrackerCell::Total), self.get(at, TrackerCell::Count), sample)?;
                let value = shown(function, total, count, self.get(at, TrackerCell::From))?;
                self.set(at, TrackerCell::Total, total);
                self.set(at, TrackerCell::Count, count);
                value
            }
        };
        if value != before && has_extreme(function) && matches!(tracker.domain, TrackDomain::At(_)) {
            let ordinal = i64::try_from(self.view.ordinal()).unwrap_or(i64::MAX);
            self.set(at, TrackerCell::Extreme, ordinal);
        }
        Ok(value)
    }

    /// What it shows without another sample, or with the running day's.
    fn present(&mut self, at: At, place: Place, tracker: &Tracker, running: Option<i64>) -> Outcome<i64> {
        let function = tracker.function;
        if let Some(window) = tracker.window {
            let value = self.window_value(at, place, window, function, running)?;
            self.find_extreme(at, place, tracker);
            return Ok(value);
        }
        if place.best > 0 {
            return self.best_value(at, place, function, running, false);
        }
        let (total, count) = (self.get(at, TrackerCell::Total), self.get(at, TrackerCell::Count));
        let (total, count) = running.map_or(Ok((total, count)), |sample| combine(function, total, count, sample))?;
        shown(function, total, count, self.get(at, TrackerCell::From))
    }

    /// The event whose sample made the extreme of a window what it is: the last that changed the n-th
    /// best among those that are left.
    fn find_extreme(&mut self, at: At, place: Place, tracker: &Tracker) {
        if !has_extreme(tracker.function) || tracker.domain.is_of_days() {
            return;
        }
        let from = self.get(at, TrackerCell::From);
        let (rank, lowest, from) = match tracker.function {
            TrackFunction::NthHighest(n) => (n as usize, false, MISSING),
            TrackFunction::Lowest => (1, true, from),
            _ => (1, false, from),
        };
        let mut best = std::mem::take(&mut self.slots.scratch);
        best.extend((from != MISSING).then_some(from));
        let mut set_by = MISSING;
        for number in 0..self.get(at, TrackerCell::Length) {
            let sample = self.sample(at, place, number);
            let behind = best.partition_point(|better| if lowest { *better <= sample.value } else { *better >= sample.value });
            // Whoever comes among the first n moves the n-th, unless an equal one takes its place.
            let before = best.get(rank.saturating_sub(1)).copied();
            best.insert(behind, sample.value);
            best.truncate(rank);
            if best.get(rank.saturating_sub(1)).copied() != before {
                set_by = sample.ordinal;
            }
        }
        best.clear();
        self.slots.scratch = best;
        self.set(at, TrackerCell::Extreme, set_by);
    }
}
