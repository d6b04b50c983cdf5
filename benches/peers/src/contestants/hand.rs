//! The rules by hand, in Rust: what everything is compared with, and the meaning that all must share.

use std::ops::Range;

use anyhow::Result;
use rust_decimal::Decimal;

use super::marks::{self, Kept};
use crate::contest::{Contestant, Mask};
use crate::state::{self, NUMBERS, State};

/// Integers that count 10⁻⁸.
///
/// # Errors
/// None.
pub(crate) fn fixed(states: &[State]) -> Result<Box<dyn Contestant>> {
    Ok(Box::new(Fixed(states.to_vec())))
}

struct Fixed(Vec<State>);

impl Contestant for Fixed {
    fn decide(&mut self, range: Range<usize>, masks: &mut [Mask]) -> Result<()> {
        for (state, mask) in self.0[range].iter().zip(masks) {
            *mask = decided(state);
        }
        Ok(())
    }
}

/// One call a state, as for every other contestant.
#[inline(never)]
fn decided(state: &State) -> Mask {
    let State { size, balance, day_start, open_lots, order_lots, minute, .. } = *state;
    let percent = |percent: i64| size / 100 * percent;
    let equity = balance + state.open_profit - state.open_costs;
    let profit = balance - size;
    let best_day = state.best_day.max(balance - day_start).max(0);
    let trailing_floor = (state.peak.max(equity) - percent(6)).min(size);
    let daily_floor = (state.day_end_peak - percent(8)).min(size);
    let cap = state::cap(profit);
    let order = order_lots > 0;

    let daily_loss = equity <= day_start - percent(5);
    let maximum_loss = equity <= size - percent(10);
    let trailing = equity <= trailing_floor;
    let end_of_day = equity <= daily_floor;
    let closed = !(120..690).contains(&minute) && !(480..1_015).contains(&minute);
    let near_news = state.news.iter().any(|seconds| (-120..=120).contains(seconds));
    let consistent = best_day * 100 <= profit * 30;
    let failed = daily_loss || maximum_loss || trailing || end_of_day;
    let target = !failed && profit * 100 >= size * 10 && consistent && state.days >= 5 && open_lots == 0;
    [
        daily_loss,
        maximum_loss,
        trailing,
        end_of_day,
        open_lots > cap,
        order && open_lots + order_lots > cap,
        order && closed,
        open_lots > 0 && minute >= 1_010,
        order && near_news,
        profit > 0 && !consistent,
        target,
        !daily_loss && (day_start - equity) * 100 >= percent(5) * 80,
    ]
    .into_iter()
    .rev()
    .fold(0, |mask, holds| mask << 1 | Mask::from(holds))
}

/// The same in decimals.
///
/// # Errors
/// None.
pub(crate) fn decimal(states: &[State]) -> Result<Box<dyn Contestant>> {
    Ok(Box::new(Decimals { states: states.iter().map(state::decimals).collect(), percents: Percents::new() }))
}

struct Decimals {
    states: Vec<[Decimal; NUMBERS]>,
    percents: Percents,
}

/// The numbers of the rules.
struct Percents {
    of: [Decimal; 101],
    tiers: [(Decimal, Decimal); 3],
    least: Decimal,
}

impl Percents {
    fn new() -> Self {
        let tiers = [(5_000, 40), (2_500, 20), (1_000, 10)].map(|(from, lots)| (Decimal::from(from), Decimal::from(lots)));
        Self { of: std::array::from_fn(|percent| Decimal::new(i64::try_from(percent).unwrap_or(0), 2)), tiers, least: Decimal::from(5) }
    }

    #[inline(never)]
    fn decided(&self, state: &[Decimal; NUMBERS]) -> Mask {
        let [
            size,
            balance,
            open_profit,
            open_costs,
            day_start,
            peak,
            day_end_peak,
            best_day,
            open_lots,
            order_lots,
            days,
            minute,
            news @ ..,
        ] = *state;
        let percent = |percent: usize| size * self.of[percent];
        let equity = balance + open_profit - open_costs;
        let profit = balance - size;
        let best_day = best_day.max(balance - day_start).max(Decimal::ZERO);
        let trailing_floor = (peak.max(equity) - percent(6)).min(size);
        let daily_floor = (day_end_peak - percent(8)).min(size);
        let cap = self.tiers.iter().find(|(from, _)| profit >= *from).map_or(self.least, |(_, lots)| *lots);
        let order = order_lots > Decimal::ZERO;
        let within = |from: i64, to: i64| minute >= Decimal::from(from) && minute < Decimal::from(to);

        let daily_loss = equity <= day_start - percent(5);
        let maximum_loss = equity <= size - percent(10);
        let trailing = equity <= trailing_floor;
        let end_of_day = equity <= daily_floor;
        let (before, after) = (Decimal::from(-120), Decimal::from(120));
        let near_news = news.iter().any(|seconds| *seconds >= before && *seconds <= after);
        let consistent = best_day <= profit * self.of[30];
        let failed = daily_loss || maximum_loss || trailing || end_of_day;
        [
            daily_loss,
            maximum_loss,
            trailing,
            end_of_day,
            open_lots > cap,
            order && open_lots + order_lots > cap,
            order && !within(120, 690) && !within(480, 1_015),
            open_lots > Decimal::ZERO && minute >= Decimal::from(1_010),
            order && near_news,
            profit > Decimal::ZERO && !consistent,
            !failed && profit >= percent(10) && consistent && days >= self.least && open_lots.is_zero(),
            !daily_loss && day_start - equity >= percent(5) * self.of[80],
        ]
        .into_iter()
        .rev()
        .fold(0, |mask, holds| mask << 1 | Mask::from(holds))
    }
}

impl Contestant for Decimals {
    fn decide(&mut self, range: Range<usize>, masks: &mut [Mask]) -> Result<()> {
        for (state, mask) in self.states[range].iter().zip(masks) {
            *mask = self.percents.decided(state);
        }
        Ok(())
    }
}

/// What a mark can change, by hand: what is kept between marks is kept in the best form.
///
/// # Errors
/// None.
pub(crate) fn mark(_states: &[State]) -> Result<Box<dyn Contestant>> {
    Ok(Box::new(Marks { marks: marks::equities(), kept: marks::kept() }))
}

struct Marks {
    marks: Vec<i64>,
    kept: Kept,
}

impl Contestant for Marks {
    fn decide(&mut self, range: Range<usize>, masks: &mut [Mask]) -> Result<()> {
        for (equity, mask) in self.marks[range].iter().zip(masks) {
            *mask = marked(&mut self.kept, *equity);
        }
        Ok(())
    }
}

#[inline(never)]
fn marked(kept: &mut Kept, equity: i64) -> Mask {
    kept.trailing_floor = kept.trailing_floor.max((equity - kept.trail).min(kept.size));
    let daily_loss = equity <= kept.daily_loss;
    Mask::from(daily_loss)
        | Mask::from(equity <= kept.maximum_loss) << 1
        | Mask::from(equity <= kept.trailing_floor) << 2
        | Mask::from(equity <= kept.daily_floor) << 3
        | Mask::from(!daily_loss && equity <= kept.warning) << 11
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contest::{CONTESTANTS, Money, Task};
    use crate::state::ONE;

    /// 100,000 dollars of which nothing is lost or won, flat, at ten in the morning.
    fn sound() -> State {
        let size = 100_000 * ONE;
        let news = [43_200; 8];
        State { size, balance: size, day_start: size, peak: size, day_end_peak: size, minute: 600, news, ..State::default() }
    }

    fn with_equity(cents: i64) -> State {
        State { open_profit: cents * ONE / 100 - 100_000 * ONE, open_lots: ONE, ..sound() }
    }

    #[test]
    fn the_rules_touch_where_they_say() {
        let order = State { order_lots: ONE, ..sound() };
        let near = |seconds: i64| State { news: [43_200, seconds, 43_200, 43_200, 43_200, 43_200, 43_200, 43_200], ..order };
        let won = State { balance: 110_000 * ONE, day_start: 110_000 * ONE, best_day: 3_000 * ONE, days: 5, ..sound() };
        for (state, mask) in [
            (sound(), 0),
            (with_equity(9_600_001), 0),
            // $4,000 of $5,000 are used.
            (with_equity(9_600_000), 1 << 11),
            (with_equity(9_500_001), 1 << 11),
            (with_equity(9_500_000), 1),
            // The trailing floor stands at $94,000, that of the day's end at $92,000, the last at $90,000.
            (with_equity(9_400_000), 1 | 1 << 2),
            (with_equity(9_200_000), 1 | 1 << 2 | 1 << 3),
            (with_equity(9_000_000), 1 | 1 << 1 | 1 << 2 | 1 << 3),
            (State { open_lots: 5 * ONE, ..sound() }, 0),
            (State { open_lots: 5 * ONE + 1, ..sound() }, 1 << 4),
            (State { open_lots: 4 * ONE, ..order }, 0),
            (State { open_lots: 4 * ONE + 1, ..order }, 1 << 5),
            (State { minute: 120, ..order }, 0),
            (State { minute: 119, ..order }, 1 << 6),
            (State { minute: 1_015, ..order }, 1 << 6),
            (State { minute: 1_009, open_lots: ONE, ..sound() }, 0),
            (State { minute: 1_010, open_lots: ONE, ..sound() }, 1 << 7),
            (near(120), 1 << 8),
            (near(-121), 0),
            (won, 1 << 10),
            (State { days: 4, ..won }, 0),
            (State { best_day: 3_000 * ONE + 1, ..won }, 1 << 9),
        ] {
            assert_eq!(decided(&state), mask, "{state:?}");
        }
    }

    #[test]
    fn who_calculates_exactly_decides_as_by_hand() {
        let states: Vec<State> = state::states().into_iter().take(8_192).collect();
        let decided = |build: crate::contest::Build| {
            let mut masks = vec![0; states.len()];
            build(&states).unwrap().decide(0..states.len(), &mut masks).unwrap();
            masks
        };
        let by_hand = decided(fixed);
        for row in CONTESTANTS.iter().filter(|row| row.task == Task::State && row.money != Money::Float) {
            if let Some(build) = row.build {
                assert_eq!(decided(build), by_hand, "{}", row.name);
            }
        }
    }
}
