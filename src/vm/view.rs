//! What the VM may see and do, apart from its own slots: a read-only view of one account at one
//! moment, and the effects it leaves.

use crate::code::NewsWindow;
use crate::ir::{Collection, ExprId, InstrumentFact, NodeId, PayoutFact, Per, Period, PhaseId};
use crate::outcome::FaultKind;
use crate::syntax::ast::DayUnit;
use crate::value::Weekday;
use crate::vocabulary::{AccountField, GroupField, Occasion, PeriodField, Record, RecordField};

/// *Missing* in a slot or register.
pub const MISSING: i64 = i64::MIN;
/// No instant: nothing is due.
pub const NEVER: i64 = i64::MAX;

/// Which element of a collection, or which instance of a `for each`, is at hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cursor {
    /// The records of the event itself.
    Event,
    /// The open position at this index of the ledger.
    Position(usize),
    /// The working order at this index.
    WorkingOrder(usize),
    /// The symbol of this number in the account.
    Symbol(u16),
    /// The live instance of a group: the group's number, and the index of the instance.
    Group(u16, usize),
    /// The news item at this place of the market's.
    News(usize),
}

impl Cursor {
    /// The record that it holds; none for the event, which may hold several.
    pub const fn record(self) -> Option<Record> {
        match self {
            Self::Event | Self::Group(..) => None,
            Self::Position(_) => Some(Record::Position),
            Self::WorkingOrder(_) => Some(Record::Order),
            Self::Symbol(_) => Some(Record::Symbol),
            Self::News(_) => Some(Record::News),
        }
    }
}

/// One of what a node is kept for each of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instance {
    /// The number that identifies it in the account for ever: 1 for the first.
    pub serial: u64,
    /// The place, below the capacity, that it keeps while it lives.
    pub place: usize,
}

/// A yes or no that can change with time alone, and the next instant at which it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edge {
    /// The answer now.
    pub now: bool,
    /// The next instant at which it may change, in nanoseconds; [`NEVER`] if none.
    pub next: i64,
}

/// One account at one moment. All values are `i64` as in [`crate::ir::ExprKind`]'s module.
pub trait View {
    /// The instant, in nanoseconds.
    fn now(&self) -> i64;
    /// The number of the event at hand in the account; the last one's at due instants.
    fn ordinal(&self) -> u64;
    /// The occasions of this moment, as bits of [`crate::vocabulary::Occasion`].
    fn occasions(&self) -> u64;
    /// The schedules that are due at this moment, as bits.
    fn schedules(&self) -> u64;
    /// The host event at hand.
    fn host_event(&self) -> Option<u16>;
    /// The input that has just changed.
    fn changed_input(&self) -> Option<u16>;
    /// Whether this moment is at a due instant and not an event.
    fn is_due_instant(&self) -> bool;

    /// A value of the account.
    fn account(&self, field: AccountField) -> i64;
    /// A value of the running period.
    fn period(&self, period: Period, field: PeriodField) -> i64;
    /// A value of the last ended period.
    fn last_period(&self, period: Period, field: PeriodField) -> i64;
    /// Whether a trading day is running: false between its stamp and the next opening.
    fn day_is_running(&self) -> bool;
    /// A field of the record at hand.
    fn record(&self, field: RecordField, cursor: Cursor) -> i64;
    /// A field that the host added to a record.
    fn extension(&self, record: u16, field: u16, cursor: Cursor) -> i64;
    /// A field of the host event at hand.
    fn host_field(&self, event: u16, field: u16) -> i64;
    /// A fact about payouts, [`PayoutFact::Running`] excepted.
    fn payout(&self, fact: PayoutFact) -> i64;
    /// The value of an account field when the phase was left last.
    fn phase_final(&self, phase: PhaseId, field: AccountField) -> i64;
    /// The number of the plan's name among the texts.
    fn plan_name(&self) -> i64;
    /// A cell of the plan.
    fn plan(&self, column: u16) -> i64;
    /// An option.
    fn option(&self, option: u16) -> i64;
    /// An input; missing when stale. The second is the instant at which it will be, or [`NEVER`].
    fn input(&self, input: u16) -> (i64, i64);
    /// The account's number for a symbol of the program; one that the account has not used equals no symbol at hand.
    fn symbol(&self, constant: u32) -> i64;
    /// How many elements a collection has.
    fn len(&self, collection: Collection) -> usize;
    /// How many symbols the account has used.
    fn symbols(&self) -> u16;
    /// How many positions are open, or instances of a group live.
    fn living(&self, per: Per) -> usize;
    /// The open position, or live instance of a group, at an index.
    fn instance(&self, per: Per, index: usize) -> Option<Instance>;
    /// What ends with this event and is at hand though it is not open any more: the position whose
    /// trade is complete, the instance of a group.
    fn ending(&self, per: Per) -> Option<Instance>;
    /// Whether an occasion of fills concerns the position, or a member of the group, at hand.
    fn concerns(&self, occasion: Occasion, cursor: Cursor) -> bool;
    /// Whether a group had no room for a position that is open.
    fn is_full(&self, group: u16) -> bool;
    /// A value of the instance of a group at hand: of the cursor, else of the one that ends.
    fn group(&self, group: u16, field: GroupField, cursor: Cursor) -> i64;
    /// The serials of the open members of the instance of a group at hand.
    fn members(&self, group: u16, cursor: Cursor) -> Vec<u64>;

    /// Whether a session is open.
    fn session(&self, session: u16) -> Edge;
    /// When the open session closes; missing while closed.
    fn session_closes(&self, session: u16) -> i64;
    /// How many news items are known.
    fn news_items(&self) -> usize;
    /// Whether now is within the window around the news item at a place; none where it is of less
    /// impact, or not for the symbol of this number ([`MISSING`] for any).
    fn news(&self, place: usize, window: NewsWindow, symbol: i64) -> Option<Edge>;
    /// A fact about the instrument of a symbol's number; missing where it is not told.
    fn instrument(&self, fact: InstrumentFact, symbol: i64) -> i64;
    /// The date so many days after a date.
    fn days_after(&self, count: u32, unit: DayUnit, date: i64) -> i64;
    /// The opening of the first day at or after a date.
    fn opening_of(&self, date: i64) -> i64;
    /// The program's date of an instant.
    fn date_of(&self, instant: i64) -> i64;
    /// The first opening strictly after an instant, or at it when `or_at`.
    fn opening_after(&self, instant: i64, or_at: bool) -> i64;
    /// The first opening at or after an instant whose day has that weekday.
    fn opening_on(&self, weekday: Weekday, instant: i64) -> i64;
    /// The number of the running trading day, rising by one with each, for windows.
    fn trading_day_number(&self) -> i64;
}

/// What the VM leaves for the account to carry out, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// A limit was breached.
    Breach {
        /// The limit.
        node: NodeId,
        /// The position's or group's serial, symbol's number, or 0.
        instance: u64,
        /// Which breach it is, as it counts.
        number: u32,
        /// Values of the node's evidence, in its order, then those of its figures.
        evidence: Vec<i64>,
        /// The room left after the previous evaluation; [`MISSING`] if it was not in force.
        headroom_before: i64,
        /// The event that set the extreme of the floor or tracker it reads.
        extreme: Option<u64>,
    },
    /// A breach was cured.
    Cured {
        /// The limit.
        node: NodeId,
    },
    /// A goal was reached.
    Reached {
        /// The goal.
        node: NodeId,
        /// Values of its evidence, then those of its figures.
        evidence: Vec<i64>,
    },
    /// A goal was lost.
    Lost {
        /// The goal.
        node: NodeId,
        /// Values of its evidence, then those of its figures.
        evidence: Vec<i64>,
    },
    /// An action that is not done by the VM itself (jumps, freezes and `set` are).
    Act(Box<Act>),
    /// A payout request was judged by the policy, or a pending payout must be denied.
    PayoutAnswer(Box<PayoutAnswer>),
    /// A node could not be evaluated; told when it begins, not again while it lasts.
    Fault {
        /// The node.
        node: NodeId,
        /// The expression.
        expr: Option<ExprId>,
        /// Why.
        kind: FaultKind,
    },
}

/// An action with its arguments evaluated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// The rule.
    pub node: NodeId,
    /// Which list of the node: 0.. over its handlers in order (for limits `on_breach` then
    /// `at_used`; for goals `on_reached`, `on_lost`).
    pub list: u16,
    /// The place in the list.
    pub place: u16,
    /// The position's serial, symbol's number, or 0.
    pub instance: u64,
    /// The place of the action among all of the node's, over all lists: the ordinal of its key.
    pub ordinal: u32,
    /// Values of the expressions of the action, in the order in which [`crate::ir::ActionKind`]
    /// declares them (templates: their values in order). For `flatten positions where`: the serials.
    pub arguments: Vec<i64>,
    /// Values of the node's evidence, then those of its figures.
    pub evidence: Vec<i64>,
    /// The room left after the previous evaluation, for limits.
    pub headroom_before: i64,
    /// The event that set the extreme of the floor or tracker it reads.
    pub extreme: Option<u64>,
}

/// What a payout policy says to a request, or of a payout that is pending. Amounts are 10⁻⁸ of the
/// account's currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayoutAnswer {
    /// The policy.
    pub node: NodeId,
    /// What leaves the account.
    pub amount: i64,
    /// What the trader gets of it, fee taken off, rounded down to the smallest coin.
    pub trader: i64,
    /// The firm's share: the rest.
    pub firm: i64,
    /// The fee.
    pub fee: i64,
    /// What the trader gets besides.
    pub besides: i64,
    /// Whether the amount is nothing: denied.
    pub nothing: bool,
    /// The steps that deny it.
    pub failed: Vec<FailedStep>,
    /// Whether this denies a payout that is pending; the amounts are zero then.
    pub pending: bool,
    /// The steps that want a person to look.
    pub review: Vec<u16>,
}

/// A step that denies a payout, with what it read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailedStep {
    /// Its place among the policy's steps; of a payout that is pending, among the requirements for those.
    pub step: u16,
    /// A requirement's evidence, in its order, at what then remained of the amount; of a minimum that
    /// amount and the minimum.
    pub values: Vec<i64>,
}

impl PayoutAnswer {
    /// An answer that says nothing yet.
    pub(crate) const fn of(node: NodeId) -> Self {
        Self {
            node,
            amount: 0,
            trader: 0,
            firm: 0,
            fee: 0,
            besides: 0,
            nothing: false,
            failed: Vec::new(),
            pending: false,
            review: Vec::new(),
        }
    }
}
