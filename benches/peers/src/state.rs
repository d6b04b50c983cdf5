//! The states of accounts that every contestant decides: the same on every machine.
//!
//! Amounts and lots count 10⁻⁸, so that a state is exact whatever a contestant makes of it.

use std::ops::Range;

/// How many states there are.
pub(crate) const STATES: usize = 131_072;

/// How many symbols have news of their own.
pub(crate) const SYMBOLS: usize = 8;

/// One, as amounts and lots are counted.
pub(crate) const ONE: i64 = 100_000_000;

const CENT: i64 = ONE / 100;

/// What a field counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Counts {
    /// 10⁻⁸ of money or lots.
    Decimals,
    /// Whole days, minutes, seconds.
    Wholes,
}

macro_rules! fields {
    ($( $(#[doc = $doc:literal])+ $field:ident $counts:ident; )*) => {
        /// An account with an order at hand, as it stands when it is decided.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub(crate) struct State {
            $( $(#[doc = $doc])+ pub(crate) $field: i64, )*
            /// Seconds until high news of each symbol; negative since.
            pub(crate) news: [i64; SYMBOLS],
        }

        /// The fields but the news, in the order in which contestants are handed them.
        pub(crate) const FIELDS: &[(&str, Counts)] = &[$( (stringify!($field), Counts::$counts), )*];

        impl State {
            /// All numbers: the fields in their order, then the news.
            pub(crate) fn numbers(&self) -> [i64; NUMBERS] {
                let mut numbers = [0; NUMBERS];
                let fields = [$( self.$field, )*];
                numbers[..FIELDS.len()].copy_from_slice(&fields);
                numbers[FIELDS.len()..].copy_from_slice(&self.news);
                numbers
            }
        }
    };
}

fields! {
    /// The size of the account.
    size Decimals;
    /// Realised.
    balance Decimals;
    /// Of all open positions.
    open_profit Decimals;
    /// Swap and commission not booked yet; they lower equity.
    open_costs Decimals;
    /// The balance with which the day began.
    day_start Decimals;
    /// The highest equity before this event.
    peak Decimals;
    /// The highest balance at the end of a day.
    day_end_peak Decimals;
    /// The profit of the best day that has ended.
    best_day Decimals;
    /// Held now.
    open_lots Decimals;
    /// Asked for; 0 without an order.
    order_lots Decimals;
    /// Days with a trade.
    days Wholes;
    /// Of the day, in the program's zone.
    minute Wholes;
}

/// How many numbers a state is.
pub(crate) const NUMBERS: usize = FIELDS.len() + SYMBOLS;

/// What number of a state counts.
pub(crate) fn counts(number: usize) -> Counts {
    FIELDS.get(number).map_or(Counts::Wholes, |(_, counts)| *counts)
}

#[cfg(any(feature = "cel", feature = "rhai", feature = "zen"))]
/// The names by which scripts know the numbers.
pub(crate) fn names() -> Vec<String> {
    let fields = FIELDS.iter().map(|(name, _)| (*name).to_owned());
    fields.chain((0..SYMBOLS).map(|symbol| format!("news{symbol}"))).collect()
}

#[cfg(any(feature = "cel", feature = "lua54", feature = "luajit", feature = "quickjs", feature = "regorus"))]
/// The numbers of a state as binary floats: what scripts without decimals calculate with.
pub(crate) fn floats(state: &State) -> [f64; NUMBERS] {
    let numbers = state.numbers();
    std::array::from_fn(|at| match counts(at) {
        // From the decimal text, as a script reads its input: the float nearest to the number.
        Counts::Decimals => decimal(numbers[at]).parse().unwrap_or(f64::NAN),
        Counts::Wholes => i32::try_from(numbers[at]).map_or(f64::NAN, f64::from),
    })
}

/// The numbers of a state as decimals.
pub(crate) fn decimals(state: &State) -> [rust_decimal::Decimal; NUMBERS] {
    let numbers = state.numbers();
    std::array::from_fn(|at| match counts(at) {
        Counts::Decimals => rust_decimal::Decimal::new(numbers[at], 8).normalize(),
        Counts::Wholes => rust_decimal::Decimal::from(numbers[at]),
    })
}

#[cfg(any(feature = "cel", feature = "lua54", feature = "luajit", feature = "quickjs", feature = "regorus"))]
fn decimal(raw: i64) -> String {
    let (sign, raw) = (if raw < 0 { "-" } else { "" }, raw.unsigned_abs());
    format!("{sign}{}.{:08}", raw / ONE.unsigned_abs(), raw % ONE.unsigned_abs())
}

/// Whole numbers from a generator with 64 bits of state (splitmix64): the same on every machine.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn within(&mut self, range: Range<i64>) -> i64 {
        let width = range.end.abs_diff(range.start).max(1);
        range.start + i64::try_from(self.next() % width).unwrap_or(0)
    }

    fn one_in(&mut self, count: i64) -> bool {
        self.within(0..count) == 0
    }

    /// An amount in whole cents between two shares of a whole, in hundredths of a percent.
    fn share(&mut self, whole: i64, range: Range<i64>) -> i64 {
        let of = |share: i64| whole / 10_000 * share / CENT;
        self.within(of(range.start)..of(range.end)) * CENT
    }
}

/// Sizes that firms sell, and sizes that accounts have grown to by a quarter at a time.
const SIZES: [i64; 10] = [
    5_000 * ONE,
    10_000 * ONE,
    25_000 * ONE,
    50_000 * ONE,
    100_000 * ONE,
    200_000 * ONE,
    31_250 * ONE,
    78_125 * ONE,
    9_765_625 * CENT,
    12_207_031 * CENT,
];

/// All states; see [`state`].
pub(crate) fn states() -> Vec<State> {
    (0..STATES).map(state).collect()
}

/// One state in sixteen stands on a threshold or a cent beside it; the others stand where accounts do.
fn state(number: usize) -> State {
    let mut numbers = Numbers(number as u64);
    let mut state = ordinary(&mut numbers);
    if is_edge(number) {
        onto_threshold(&mut state, &mut numbers, number / 16);
    }
    state
}

/// Whether a state was put on a threshold, or a cent beside it.
pub(crate) fn is_edge(number: usize) -> bool {
    number % 16 == 15
}

fn ordinary(numbers: &mut Numbers) -> State {
    let size = SIZES[usize::try_from(numbers.within(0..10)).unwrap_or(0)];
    let profit = numbers.share(size, -300..300) + numbers.share(size, -100..800);
    let balance = size + profit;
    let holds = !numbers.one_in(4);
    let open_profit = if holds { numbers.share(size, -120..120) + numbers.share(size, -80..80) } else { 0 };
    let open_costs = if holds { numbers.share(size, 0..10) } else { 0 };
    let equity = balance + open_profit - open_costs;
    let won = profit.max(size / 100);
    let day_start = balance - numbers.share(size, -180..0) - numbers.share(won, 0..2_500);
    let peak = size.max(equity).max(balance) + numbers.share(size, 0..200);
    let best_day = numbers.share(won, 500..3_050);
    let cap = cap(profit);
    let open_lots = if holds { numbers.within(1..cap / CENT + 20) * CENT } else { 0 };
    let room = (cap - open_lots).max(CENT) / CENT;
    let order_lots = if numbers.one_in(2) { numbers.within(1..room + 20) * CENT } else { 0 };
    let minute = if numbers.one_in(20) { numbers.within(0..1_015) } else { numbers.within(120..1_010) };
    State {
        size,
        balance,
        open_profit,
        open_costs,
        day_start,
        peak,
        day_end_peak: size.max(day_start) + numbers.share(size, 0..200),
        best_day,
        open_lots,
        order_lots,
        days: numbers.within(0..16),
        minute,
        news: std::array::from_fn(|_| numbers.within(-43_200..43_200)),
    }
}

/// The lots that a profit allows.
pub(crate) const fn cap(profit: i64) -> i64 {
    if profit >= 5_000 * ONE {
        40 * ONE
    } else if profit >= 2_500 * ONE {
        20 * ONE
    } else if profit >= 1_000 * ONE {
        10 * ONE
    } else {
        5 * ONE
    }
}

/// Moves a state onto a threshold of one of the rules; one in three of those a cent beside it.
fn onto_threshold(state: &mut State, numbers: &mut Numbers, which: usize) {
    let percent = |percent: i64| state.size / 100 * percent;
    let beside = match numbers.within(0..6) {
        0 => CENT,
        1 => -CENT,
        _ => 0,
    };
    let held = |state: &mut State, equity: i64| {
        state.open_profit = equity - state.balance + state.open_costs + beside;
        state.open_lots = state.open_lots.max(CENT);
    };
    match which % 9 {
        0 => held(state, state.day_start - percent(5)),
        1 => held(state, state.size - percent(10)),
        2 => held(state, (state.peak - percent(6)).min(state.size)),
        3 => held(state, (state.day_end_peak - percent(8)).min(state.size)),
        4 => held(state, state.day_start - percent(4)),
        5 => state.open_lots = cap(state.balance - state.size) + beside,
        6 => {
            state.open_lots = numbers.within(1..499) * CENT;
            state.order_lots = cap(state.balance - state.size) - state.open_lots + beside;
        }
        7 => {
            // Whole cents of thirty percent: a profit in tenths of a dollar.
            let profit = numbers.share(state.size, 100..1_000) / (10 * CENT) * (10 * CENT);
            (state.balance, state.day_start) = (state.size + profit, state.size + profit);
            state.best_day = profit / 10 * 3 + beside;
        }
        _ => {
            state.balance = state.size + percent(10) + beside;
            (state.day_start, state.open_profit, state.open_costs, state.open_lots) = (state.balance, 0, 0, 0);
            state.best_day = percent(3);
            state.days = numbers.within(5..9);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first numbers that its authors give for the seed 0.
    #[test]
    fn the_generator_is_splitmix64() {
        let mut numbers = Numbers(0);
        assert_eq!([numbers.next(), numbers.next()], [0xe220_a839_7b1d_cdaf, 0x6e78_9e6a_a1b9_65f4]);
    }

    #[test]
    fn accounts_could_be_real() {
        for (number, state) in states().into_iter().enumerate() {
            let flat = state.open_lots == 0;
            assert!(!flat || (state.open_profit == 0 && state.open_costs == 0), "{number}: {state:?}");
            assert!(state.peak >= state.size && state.day_end_peak >= state.size, "{number}: {state:?}");
            assert!(state.order_lots >= 0 && state.open_lots >= 0 && state.best_day >= 0, "{number}: {state:?}");
        }
    }

    #[cfg(any(feature = "cel", feature = "lua54", feature = "luajit", feature = "quickjs", feature = "regorus"))]
    #[test]
    fn a_float_is_the_nearest_to_the_decimal() {
        let state = State { balance: 10 * CENT, open_profit: -20 * CENT, minute: 7, ..State::default() };
        let floats = floats(&state);
        assert_eq!((floats[1], floats[2], floats[11]), (0.1, -0.2, 7.0));
    }
}
