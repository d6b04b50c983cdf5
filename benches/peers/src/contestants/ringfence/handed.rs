//! A state handed over: the cells that hold what is kept, and a view that tells the rest.

use std::ops::Range;
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use ringfence::code::{CellOf, FloorCell, HeaderCell, NewsWindow, NodeCell, Program, TrackerCell};
use ringfence::ir::{Collection, InstrumentFact, Node, NodeId, PayoutFact, Per, Period, PhaseId};
use ringfence::value::Weekday;
use ringfence::vm::view::{Cursor, Edge, Effect, Instance, MISSING, NEVER, View};
use ringfence::vm::{self, Effects, Slots};
use ringfence::vocabulary::{AccountField, GroupField, Moment, Occasion, PeriodField, RecordField};

use crate::contest::{Contestant, Mask, RULES};
use crate::state::{ONE, SYMBOLS, State};

/// Tuesday at midnight in New York.
const MIDNIGHT: i64 = 1_772_514_000_000_000_000;
const MINUTE: i64 = 60_000_000_000;
const DAY: i64 = 24 * 60;

/// The sessions of the program, in their order: first minute, and the minute behind the last.
const SESSIONS: [(i64, i64); 3] = [(120, 690), (480, 1_015), (0, 1_010)];

/// What an account tells of itself at one moment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen {
    pub(super) occasions: u64,
    pub(super) equity: i64,
    size: i64,
    balance: i64,
    profit: i64,
    day_start: i64,
    day_profit: i64,
    open_lots: i64,
    order_lots: i64,
    now: i64,
    news: [i64; SYMBOLS],
}

impl Seen {
    /// An account of 100,000 dollars that holds what it may, in the middle of a day.
    pub(super) const fn sound(occasions: u64) -> Self {
        let (size, open_lots) = (100_000 * ONE, ONE);
        Self {
            occasions,
            equity: size,
            size,
            balance: size,
            profit: 0,
            day_start: size,
            day_profit: 0,
            open_lots,
            order_lots: 0,
            now: MIDNIGHT + 600 * MINUTE,
            news: [43_200; SYMBOLS],
        }
    }

    fn of(state: &State) -> Self {
        let State { size, balance, day_start, open_lots, order_lots, news, .. } = *state;
        Self {
            occasions: Occasion::Mark.bit() | if order_lots > 0 { Occasion::Order.bit() } else { 0 },
            equity: balance + state.open_profit - state.open_costs,
            size,
            balance,
            profit: balance - size,
            day_start,
            day_profit: balance - day_start,
            open_lots,
            order_lots,
            now: MIDNIGHT + state.minute * MINUTE,
            news,
        }
    }
}

/// When a session opens or closes next.
fn next_edge(minute: i64, (from, to): (i64, i64)) -> i64 {
    let next = if minute < from {
        from
    } else if minute < to {
        to
    } else {
        from + DAY
    };
    MIDNIGHT + next * MINUTE
}

/// The cells that differ from account to account.
struct Places {
    trailing_floor: usize,
    daily_floor: usize,
    best_day: usize,
    traded_days: usize,
    flat_by: usize,
}

pub(super) struct Handed {
    program: Arc<Program>,
    phase: PhaseId,
    places: Places,
    /// The rule that a breach of a node, or its being reached, is.
    rules: Vec<Option<usize>>,
    warns: NodeId,
    states: Vec<State>,
    /// The cells of a sound account.
    cells: Vec<i64>,
    slots: Slots,
    effects: Effects,
}

impl Handed {
    /// # Errors
    /// When the program lacks a rule.
    pub(super) fn new(program: Arc<Program>, states: &[State]) -> Result<Self> {
        let phase = super::evaluation(&program)?;
        let find = |name: &str| {
            let found = program.ir.nodes().find(|(_, node)| node.name == name);
            found.map(|(id, _)| id).with_context(|| format!("p12.fence has no `{name}`"))
        };
        let base = |name: &str| Ok::<usize, anyhow::Error>(program.layout.place(find(name)?).base);
        let places = Places {
            trailing_floor: base("trailing_floor")?,
            daily_floor: base("daily_floor")?,
            best_day: base("best_day")?,
            traded_days: base("traded_days")?,
            flat_by: base("Flat by")?,
        };
        let rule = |node: &Node| RULES.iter().position(|rule| node.name.eq_ignore_ascii_case(rule));
        let rules: Vec<_> = program.ir.nodes().map(|(_, node)| rule(node)).collect();
        ensure!(rules.iter().flatten().count() == RULES.len() - 1, "p12.fence lacks a rule, or names it otherwise");
        let warns = find("Daily loss")?;
        let (mut slots, mut effects) = (Slots::new(&program), Effects::new());
        let begin = Occasion::PhaseStart.bit() | Occasion::AccountStart.bit();
        vm::enter(&program, phase, &mut slots, &Seen::sound(begin), &mut effects);
        vm::run(&program, phase, Moment::Judge, &mut slots, &Seen::sound(0), &mut effects);
        let order = Seen { order_lots: ONE, ..Seen::sound(Occasion::Order.bit()) };
        vm::run(&program, phase, Moment::Order, &mut slots, &order, &mut effects);
        ensure!(effects.is_empty(), "a sound account begins with {:?}", effects.list());
        let cells = slots.values().to_vec();
        Ok(Self { phase, places, rules, warns, states: states.to_vec(), cells, slots, effects, program })
    }

    /// The cells of the state in place of those of the one before.
    fn take_over(&mut self, state: &State) -> bool {
        let percent = |percent: i64| state.size / 100 * percent;
        let floor = |from: i64, by: i64| (from - percent(by)).min(state.size);
        let cells = &mut self.cells;
        for (base, value) in [(self.places.trailing_floor, floor(state.peak, 6)), (self.places.daily_floor, floor(state.day_end_peak, 8))] {
            cells[base + NodeCell::Value.offset()] = value;
            cells[base + FloorCell::Current.offset()] = value;
            cells[base + FloorCell::Visible.offset()] = value;
        }
        for (base, value) in [(self.places.best_day, state.best_day), (self.places.traded_days, state.days * ONE)] {
            cells[base + NodeCell::Value.offset()] = value;
            cells[base + TrackerCell::Total.offset()] = value;
        }
        let due = next_edge(state.minute, SESSIONS[2]);
        cells[self.places.flat_by + NodeCell::Due.offset()] = due;
        cells[HeaderCell::NextDue as usize] = due;
        self.slots.replace(cells)
    }

    /// What the effects are as a mask.
    fn mask(&self) -> Mask {
        let bit = |node: NodeId| self.rules[usize::from(node.0)].map_or(0, |rule| 1 << rule);
        let effects = self.effects.list().iter().map(|effect| match effect {
            Effect::Breach { node, .. } | Effect::Reached { node } => bit(*node),
            // The list behind that of the breach: the warning.
            Effect::Act(act) if act.node == self.warns && act.list == 1 => 1 << 11,
            Effect::Fault { .. } => 1 << 15,
            _ => 0,
        });
        effects.fold(0, |mask, bit| mask | bit)
    }

    fn decided(&mut self, number: usize) -> Mask {
        let state = self.states[number];
        if !self.take_over(&state) {
            return Mask::MAX;
        }
        let seen = Seen::of(&state);
        self.effects.clear();
        vm::run(&self.program, self.phase, Moment::Judge, &mut self.slots, &seen, &mut self.effects);
        if state.order_lots > 0 {
            vm::run(&self.program, self.phase, Moment::Order, &mut self.slots, &seen, &mut self.effects);
        }
        self.mask()
    }
}

impl Contestant for Handed {
    fn decide(&mut self, range: Range<usize>, masks: &mut [Mask]) -> Result<()> {
        for (number, mask) in range.zip(masks) {
            *mask = self.decided(number);
        }
        Ok(())
    }
}

/// What the twelve rules do not read is missing.
impl View for Seen {
    fn now(&self) -> i64 {
        self.now
    }

    fn ordinal(&self) -> u64 {
        1
    }

    fn occasions(&self) -> u64 {
        self.occasions
    }

    fn schedules(&self) -> u64 {
        0
    }

    fn host_event(&self) -> Option<u16> {
        None
    }

    fn changed_input(&self) -> Option<u16> {
        None
    }

    fn is_due_instant(&self) -> bool {
        false
    }

    fn account(&self, field: AccountField) -> i64 {
        match field {
            AccountField::Equity => self.equity,
            AccountField::Balance => self.balance,
            AccountField::Size => self.size,
            AccountField::Profit => self.profit,
            AccountField::WeightedQuantity => self.open_lots,
            AccountField::Flat => i64::from(self.open_lots == 0),
            _ => MISSING,
        }
    }

    fn period(&self, _period: Period, field: PeriodField) -> i64 {
        match field {
            PeriodField::StartBalance => self.day_start,
            PeriodField::Profit => self.day_profit,
            _ => MISSING,
        }
    }

    fn last_period(&self, _period: Period, _field: PeriodField) -> i64 {
        MISSING
    }

    fn day_is_running(&self) -> bool {
        true
    }

    fn record(&self, field: RecordField, _cursor: Cursor) -> i64 {
        if field == RecordField::OrderQuantity { self.order_lots } else { MISSING }
    }

    fn extension(&self, _record: u16, _field: u16, _cursor: Cursor) -> i64 {
        MISSING
    }

    fn host_field(&self, _event: u16, _field: u16) -> i64 {
        MISSING
    }

    fn payout(&self, _fact: PayoutFact) -> i64 {
        MISSING
    }

    fn phase_final(&self, _phase: PhaseId, _field: AccountField) -> i64 {
        MISSING
    }

    fn plan_name(&self) -> i64 {
        MISSING
    }

    fn plan(&self, _column: u16) -> i64 {
        MISSING
    }

    fn option(&self, _option: u16) -> i64 {
        MISSING
    }

    fn input(&self, _input: u16) -> (i64, i64) {
        (MISSING, NEVER)
    }

    fn symbol(&self, _constant: u32) -> i64 {
        MISSING
    }

    fn len(&self, _collection: Collection) -> usize {
        0
    }

    fn symbols(&self) -> u16 {
        0
    }

    fn living(&self, _per: Per) -> usize {
        0
    }

    fn instance(&self, _per: Per, _index: usize) -> Option<Instance> {
        None
    }

    fn ending(&self, _per: Per) -> Option<Instance> {
        None
    }

    fn concerns(&self, _occasion: Occasion, _cursor: Cursor) -> bool {
        true
    }

    fn is_full(&self, _group: u16) -> bool {
        false
    }

    fn group(&self, _group: u16, _field: GroupField, _cursor: Cursor) -> i64 {
        MISSING
    }

    fn members(&self, _group: u16, _cursor: Cursor) -> Vec<u64> {
        Vec::new()
    }

    fn session(&self, session: u16) -> Edge {
        let hours = SESSIONS[usize::from(session)];
        let minute = (self.now - MIDNIGHT) / MINUTE;
        Edge { now: (hours.0..hours.1).contains(&minute), next: next_edge(minute, hours) }
    }

    fn session_closes(&self, _session: u16) -> i64 {
        MISSING
    }

    fn news_items(&self) -> usize {
        SYMBOLS
    }

    fn news(&self, place: usize, window: NewsWindow, _symbol: i64) -> Option<Edge> {
        let starts = self.now + self.news[place] * 1_000_000_000;
        let (from, to) = (starts - window.before, starts + window.after);
        let next = if self.now < from {
            from
        } else if self.now <= to {
            to + 1
        } else {
            NEVER
        };
        Some(Edge { now: (from..=to).contains(&self.now), next })
    }

    fn instrument(&self, _fact: InstrumentFact, _symbol: i64) -> i64 {
        MISSING
    }

    fn days_after(&self, _count: u32, _unit: ringfence::syntax::ast::DayUnit, _date: i64) -> i64 {
        MISSING
    }

    fn opening_of(&self, _date: i64) -> i64 {
        MISSING
    }

    fn date_of(&self, _instant: i64) -> i64 {
        MISSING
    }

    fn opening_after(&self, _instant: i64, _or_at: bool) -> i64 {
        NEVER
    }

    fn opening_on(&self, _weekday: Weekday, _instant: i64) -> i64 {
        NEVER
    }

    fn trading_day_number(&self) -> i64 {
        1
    }
}
