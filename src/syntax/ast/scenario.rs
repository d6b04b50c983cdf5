//! Scenarios: settings, steps, expectations.

use super::{Expr, Name, PayoutMoment};
use crate::source::Spanned;
use crate::value::{Date, Decimal, TimeOfDay, Unit, Weekday};

/// `scenario "title" head { steps }`
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    /// Its title.
    pub title: Name,
    /// `plan 50K, phase funded, …`
    pub head: Vec<Spanned<ScenarioHead>>,
    /// `cites "…"` in its body.
    pub cites: Vec<Name>,
    /// Its steps.
    pub steps: Vec<Spanned<Step>>,
}

/// A setting of a scenario.
#[derive(Clone, Debug, PartialEq)]
pub enum ScenarioHead {
    /// `plan 50K`
    Plan(Name),
    /// `phase funded`
    Phase(Name),
    /// `daily_limit = yes`
    Option(Name, Expr),
    /// `from 2026-03-02 [10:15]`
    From(Date, Option<TimeOfDay>),
    /// `start balance $104,000`
    StartBalance(Expr),
    /// `platform balance $104,000`
    PlatformBalance(Expr),
    /// `payouts 2`
    Payouts(u32),
    /// `bought 2026-01-10`
    Bought(Date),
    /// `hedging`, `netting`
    Mode(Name),
}

/// What the host answers with `cash`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answered {
    /// `pay`
    Pay,
    /// `resize`
    Resize,
    /// `reset ledger`
    ResetLedger,
    /// `adjust balance`
    AdjustBalance,
    /// `roll back`
    RollBack,
}

/// A step of a scenario.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// `at 10:15`, `at mon 10:15`, `at 2026-03-02 10:15`: go there; `advance to …` and `advance 5min` are the same.
    At(When),
    /// `next day`: to the next opening.
    NextDay,
    /// `end day`: to the stamp.
    EndDay,
    /// `buy 2 ES @ 5000.25 [with stop 4990] [with target 5010] as a`
    Trade {
        /// Whether it buys.
        buy: bool,
        /// How many.
        quantity: Spanned<Decimal>,
        /// In what they are counted, where it is said.
        unit: Option<Spanned<Unit>>,
        /// Of what.
        symbol: Name,
        /// At what price; the mark when absent.
        price: Option<Spanned<Decimal>>,
        /// A stop.
        stop: Option<Spanned<Decimal>>,
        /// A target.
        target: Option<Spanned<Decimal>>,
        /// Fields that the host adds.
        fields: Vec<(Name, Expr)>,
        /// The name of the position.
        name: Option<Name>,
    },
    /// `order buy 2 ES [@ 5000.25] [as a]`: a question; the fill does not follow.
    Order {
        /// Whether it buys.
        buy: bool,
        /// How many.
        quantity: Spanned<Decimal>,
        /// In what they are counted, where it is said.
        unit: Option<Spanned<Unit>>,
        /// Of what.
        symbol: Name,
        /// A limit price.
        price: Option<Spanned<Decimal>>,
        /// A stop.
        stop: Option<Spanned<Decimal>>,
        /// A target.
        target: Option<Spanned<Decimal>>,
        /// Fields that the host adds.
        fields: Vec<(Name, Expr)>,
        /// Its name.
        name: Option<Name>,
    },
    /// `exit [1 of] a @ 5010 [by stop | by target]`
    Exit {
        /// How many; all when absent.
        quantity: Option<Spanned<Decimal>>,
        /// The position's name.
        name: Name,
        /// At what price; the mark when absent.
        price: Option<Spanned<Decimal>>,
        /// `stop` or `target`
        by: Option<Name>,
        /// Fields that the host adds.
        fields: Vec<(Name, Expr)>,
    },
    /// `move stop of a to 4990`, `remove stop of a`
    MoveStop {
        /// The position's name.
        name: Name,
        /// Where to; removed when absent.
        to: Option<Spanned<Decimal>>,
    },
    /// `tick ES 5000.00 5000.25`
    Tick {
        /// Of what.
        symbol: Name,
        /// Bid.
        bid: Spanned<Decimal>,
        /// Ask; the bid when absent.
        ask: Option<Spanned<Decimal>>,
        /// Fields that the host adds.
        fields: Vec<(Name, Expr)>,
    },
    /// `trade +$500 [peak +$900] [worst -$300] [held 40s] [on MNQ]`: one whole trade.
    Profit {
        /// What it brings, net.
        amount: Expr,
        /// The best open profit on the way.
        peak: Option<Expr>,
        /// The worst.
        worst: Option<Expr>,
        /// How long it is held.
        held: Option<Expr>,
        /// The symbol.
        symbol: Option<Name>,
    },
    /// `days +$500, -$200`: a trade on each of the following days, each day ended.
    Days(Vec<Expr>),
    /// `mark equity $48,500`
    MarkEquity(Expr),
    /// `floating -$300`: equity is balance and this.
    Floating(Expr),
    /// `deposit $500`
    Deposit(Expr),
    /// `withdraw $500`
    Withdraw(Expr),
    /// `cost $3.50`: booked as commission.
    Cost(Expr),
    /// `news "NFP" on USD at 08:30 [for 10min] [impact high]`
    News {
        /// Its title.
        title: Name,
        /// The currency or symbol.
        on: Name,
        /// When.
        at: When,
        /// How long it lasts.
        lasting: Option<Expr>,
        /// Its impact; high when absent.
        impact: Option<Name>,
    },
    /// `cancel news "NFP"`
    CancelNews(Name),
    /// `cancel order a`
    CancelOrder(Name),
    /// `answer resize`: the host does what the latest such action asked for.
    Answer(Answered),
    /// `staff overrides "Daily Loss Limit"`, `staff suspends`, `staff reinstates`; `with balance reset`.
    Staff {
        /// `overrides`, `suspends` or `reinstates`
        decision: Name,
        /// The limit that is overridden; all when absent.
        breach: Option<Name>,
        /// Whether the balance goes back to the start of the phase's ledger.
        reset: bool,
    },
    /// `estimate equity $48,500`: as `mark equity`, but the host only estimates it.
    EstimateEquity(Expr),
    /// `request payout $1,000`, `approve payout`, `deny payout`, `pay payout`
    Payout {
        /// What happens.
        moment: PayoutMoment,
        /// How much; all that is available when absent.
        amount: Option<Expr>,
    },
    /// `set input = value`
    Set(Name, Expr),
    /// `event bypass_pressed(reason = "x")`: a host event.
    Event(Name, Vec<(Name, Expr)>),
    /// `3 times { … }`
    Times(u32, Vec<Spanned<Step>>),
    /// `expect …`
    Expect(Expect),
    /// Could not be parsed.
    Broken,
}

/// A place in time.
#[derive(Clone, Debug, PartialEq)]
pub struct When {
    /// The date; today, or the next day on which the time is still to come, when absent.
    pub date: Option<Date>,
    /// The weekday.
    pub weekday: Option<Weekday>,
    /// The time of day.
    pub time: Option<TimeOfDay>,
    /// A duration from now.
    pub after: Option<i64>,
    /// So many days from now, at the same time of day.
    pub days: Option<u16>,
    /// A zone other than the program's.
    pub zone: Option<Name>,
}

/// What a scenario expects. Each looks at what happened since the last step that was no `expect`.
#[derive(Clone, Debug, PartialEq)]
pub enum Expect {
    /// `expect max_loss_floor is $48,500`: a condition that must be true now.
    Condition(Expr),
    /// `expect breach "title"`
    Breach(Name),
    /// `expect no breach ["title"]`
    NoBreach(Option<Name>),
    /// `expect actions flatten, cancel orders, fail`: these and no others, messages aside.
    Actions(Vec<Name>),
    /// `expect action flatten`
    Action(Name),
    /// `expect no actions`
    NoActions,
    /// `expect notify trader ["text"]`
    Notify(Name, Option<Name>),
    /// `expect phase funded`
    Phase(Name),
    /// `expect approved [$X]`
    Approved(Option<Expr>),
    /// `expect trader receives $900`: of an approved payout; `expect trader receives $540 outside the account`:
    /// what is paid besides
    Receives(Expr, bool),
    /// `expect denied [by "title"]`
    Denied(Option<Name>),
    /// `expect in review`
    InReview,
    /// `expect allowed`, `expect rejected [by "title"]`, `expect reduced to 3`
    Order(OrderAnswer),
    /// `expect goal "title" reached`, `expect goal "title" open`
    Goal(Name, bool),
    /// `expect requirement "title" met`, `expect requirement "title" missing`
    Requirement(Name, bool),
    /// `expect locked`, `expect not locked`
    Locked(bool),
    /// `expect warned of max_loss_floor`: the payout asked for would leave equity at or under it.
    Warned(Name),
    /// `expect fault`
    Fault,
    /// `expect no fault`
    NoFault,
}

/// The answer to an order.
#[derive(Clone, Debug, PartialEq)]
pub enum OrderAnswer {
    /// Allowed in full.
    Allowed,
    /// Rejected, perhaps by a limit's title.
    Rejected(Option<Name>),
    /// Reduced to a quantity.
    ReducedTo(Decimal),
}

impl Step {
    /// The amounts of money that it tells, those of the steps that it repeats among them.
    pub fn amounts(&self) -> Vec<&Expr> {
        match self {
            Self::Profit { amount, peak, worst, .. } => std::iter::once(amount).chain(peak).chain(worst).collect(),
            Self::Days(amounts) => amounts.iter().collect(),
            Self::MarkEquity(amount)
            | Self::Floating(amount)
            | Self::Deposit(amount)
            | Self::Withdraw(amount)
            | Self::Cost(amount)
            | Self::EstimateEquity(amount)
            | Self::Payout { amount: Some(amount), .. } => vec![amount],
            Self::Times(_, inner) => inner.iter().flat_map(|step| step.node.amounts()).collect(),
            _ => Vec::new(),
        }
    }
}
