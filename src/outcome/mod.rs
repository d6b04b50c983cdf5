//! What the engine decides: verdicts, actions with keys and evidence, breaches, faults.
//!
//! An outcome is the answer to one event, or to one due instant. Nothing in it depends on when it
//! was computed: the same program, market, state and event give the same bytes.

mod recomputed;

pub use recomputed::{Answered, Recomputed, Undone, Withdrawn};

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::value::{Decimal, Instant, Value};

/// What one event, or one due instant, led to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// The account.
    pub account: Arc<str>,
    /// What it answers.
    pub cause: Cause,
    /// When.
    pub at: Instant,
    /// The answer, for questions: new orders and payout requests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
    /// What the host shall do, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<Action>,
    /// Breaches, goals and phases that changed, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Change>,
    /// Rules that could not be decided, and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<Fault>,
    /// What was told before and is so no more: the account was computed anew.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recomputed: Option<Box<Recomputed>>,
}

impl Outcome {
    /// Whether nothing happened.
    pub fn is_quiet(&self) -> bool {
        self.verdict.is_none() && self.actions.is_empty() && self.changes.is_empty() && self.faults.is_empty() && self.recomputed.is_none()
    }
}

/// What led to an outcome.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// An event, by its id.
    Event(Arc<str>),
    /// An instant at which something was due.
    Due(Instant),
}

/// The answer to a question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "answer")]
pub enum Verdict {
    /// The order may go out.
    Allow,
    /// The order may go out with this quantity.
    Reduce {
        /// The largest quantity that keeps every limit, without sign.
        quantity: Decimal,
        /// The limits that ask for it.
        reasons: Vec<Reason>,
    },
    /// The order must not go out.
    Reject {
        /// Why.
        reasons: Vec<Reason>,
    },
    /// The payout is approved.
    Approve(PayoutAmounts),
    /// The payout is denied.
    Deny {
        /// Everything that is missing.
        reasons: Vec<Reason>,
        /// The amount the steps had arrived at.
        amount: Decimal,
    },
    /// A person must look at the payout.
    Review {
        /// Why.
        reasons: Vec<Reason>,
        /// What would be paid.
        amounts: PayoutAmounts,
    },
}

/// The amounts of an approved payout, in the account's currency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PayoutAmounts {
    /// What leaves the account.
    pub amount: Decimal,
    /// What the trader gets of it, fee taken off, rounded down to the currency's smallest coin.
    pub trader: Decimal,
    /// The firm's share.
    pub firm: Decimal,
    /// The fee.
    pub fee: Decimal,
    /// What the trader gets besides, from outside the account.
    pub besides: Decimal,
}

/// Why a question was answered as it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// The limit, requirement or step.
    pub rule: Arc<str>,
    /// The clause of the public terms.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cites: Option<Arc<str>>,
    /// Words and values: both sides of what was compared.
    pub evidence: Vec<Evidence>,
}

/// A value that mattered, with the words of the program for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Evidence {
    /// As the program writes it.
    pub text: Arc<str>,
    /// Its value.
    pub value: Value,
}

/// Something the host shall do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Action {
    /// The same on every replay.
    pub key: Key,
    /// 1, and one more for each repetition after a failed or partial acknowledgement, and for each time that it
    /// is issued again after it was withdrawn.
    pub attempt: u32,
    /// Whether it is issued by a correction, and should have been at `at`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub late: bool,
    /// What.
    pub kind: ActionKind,
    /// When it was decided.
    pub at: Instant,
    /// The rule's title or name.
    pub rule: Arc<str>,
    /// The clause of the public terms.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cites: Option<Arc<str>>,
    /// The line in the program, from 1.
    pub line: u32,
    /// Why.
    pub evidence: Why,
}

/// The identity of an action: sending it twice must be harmless.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Key {
    /// The account.
    pub account: Arc<str>,
    /// The event or due instant.
    pub cause: Cause,
    /// The phase in which the rule stands; none for a rule of all phases. Titles are unique within one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phase: Option<Arc<str>>,
    /// The rule's title or name.
    pub rule: Arc<str>,
    /// The position's number, symbol's number, or 0.
    pub instance: u64,
    /// The place of the action in the rule, from 0.
    pub ordinal: u32,
}

impl fmt::Display for Key {
    /// As `ack` events name it: account, cause, phase, rule, instance and ordinal between strokes; a stroke within one
    /// of them is written `%2F`, a percent sign `%25`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plain = |text: &str| text.replace('%', "%25").replace('/', "%2F");
        let cause = match &self.cause {
            Cause::Event(id) => format!("event:{}", plain(id)),
            Cause::Due(at) => format!("due:{at}"),
        };
        let phase = self.phase.as_deref().map(plain).unwrap_or_default();
        write!(f, "{}/{cause}/{phase}/{}/{}/{}", plain(&self.account), plain(&self.rule), self.instance, self.ordinal)
    }
}

/// What the host shall do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "name")]
pub enum ActionKind {
    /// Close positions.
    Flatten {
        /// Which.
        target: FlattenTarget,
        /// Down to this quantity; to nothing when absent.
        #[serde(skip_serializing_if = "Option::is_none")]
        down_to: Option<Decimal>,
        /// `newest` or `largest` first.
        #[serde(skip_serializing_if = "Option::is_none")]
        first: Option<Arc<str>>,
    },
    /// Cancel all working orders.
    CancelOrders,
    /// Reject the order at hand.
    Reject,
    /// Reduce the order at hand to the verdict's quantity.
    Reduce,
    /// Refuse what opens or increases.
    Lock {
        /// Until then; until staff lift it when absent.
        until: Option<Instant>,
    },
    /// Lift this program's locks.
    Unlock,
    /// The account is failed.
    Fail,
    /// The account enters a phase.
    Promote {
        /// Which.
        phase: Arc<str>,
    },
    /// The account is closed.
    CloseAccount,
    /// The phase begins anew.
    Restart,
    /// A message.
    Notify {
        /// `trader`, `risk` or `ops`.
        to: Arc<str>,
        /// What it says.
        message: String,
    },
    /// A person must look.
    Review {
        /// Why.
        message: String,
    },
    /// Pay without a request.
    Pay {
        /// How much.
        amount: Decimal,
    },
    /// Give the account another size. It takes effect with the `cash` of type `resize` that answers.
    Resize {
        /// The size that is asked for.
        to: Decimal,
        /// The amount of that `cash`, as things stand.
        by: Decimal,
    },
    /// Start the ledger anew. It takes effect with the `cash` of type `rebase` that answers.
    ResetLedger {
        /// The balance that is asked for.
        to: Decimal,
        /// The amount of that `cash`, as things stand.
        by: Decimal,
    },
    /// Correct the balance. It takes effect with the `cash` of type `adjustment` that answers.
    AdjustBalance {
        /// The amount of that `cash`.
        by: Decimal,
        /// Why.
        reason: String,
    },
    /// Undo the running day. It takes effect with the `cash` of type `rollback` that answers.
    RollBack {
        /// The balance that the day opened with.
        to: Decimal,
        /// The amount of that `cash`, as things stand.
        by: Decimal,
    },
    /// An action of the host's own.
    Call {
        /// Which.
        action: Arc<str>,
        /// Its arguments.
        arguments: Vec<Evidence>,
    },
}

impl ActionKind {
    /// The words in programs, without arguments.
    pub fn words(&self) -> &str {
        match self {
            Self::Flatten { .. } => "flatten",
            Self::CancelOrders => "cancel orders",
            Self::Reject => "reject",
            Self::Reduce => "reduce",
            Self::Lock { .. } => "lock",
            Self::Unlock => "unlock",
            Self::Fail => "fail",
            Self::Promote { .. } => "promote",
            Self::CloseAccount => "close account",
            Self::Restart => "restart",
            Self::Notify { .. } => "notify",
            Self::Review { .. } => "review",
            Self::Pay { .. } => "pay",
            Self::Resize { .. } => "resize",
            Self::ResetLedger { .. } => "reset ledger",
            Self::AdjustBalance { .. } => "adjust balance",
            Self::RollBack { .. } => "roll back",
            Self::Call { .. } => "call",
        }
    }
}

/// Which positions are closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FlattenTarget {
    /// All.
    All,
    /// These, by the account's numbering of positions (1 for its first).
    Positions(Vec<u64>),
    /// All of a symbol.
    Symbol(Arc<str>),
}

/// Why something was decided.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Why {
    /// Both sides of each comparison, and other values that mattered.
    pub values: Vec<Evidence>,
    /// What those are made of, as the decision read it: the program's expressions by their numbers, in order, with
    /// their values. Sentences tell them; they do not leave the engine as they are.
    #[serde(skip)]
    pub figures: Vec<(u32, Value)>,
    /// The room left after the previous event, for limits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub headroom_before: Option<Value>,
    /// The event, by its number in the account, that set the extreme which a floor or tracker follows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extreme: Option<u64>,
    /// The event, by its number in the account, that crossed; none when time alone did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub crossed: Option<u64>,
    /// The phase.
    pub phase: Arc<str>,
}

/// Something that changed and is no action.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "change")]
pub enum Change {
    /// A limit was breached.
    Breach {
        /// Its title.
        limit: Arc<str>,
        /// The position's or symbol's number, or 0.
        instance: u64,
        /// Which breach it is, as it counts.
        number: u32,
        /// Why.
        evidence: Why,
    },
    /// A breach was cured in time, or a percentage of a limit was used: nothing to report but this.
    Cured {
        /// The limit's title.
        limit: Arc<str>,
    },
    /// The payout that is asked for would leave equity at or under a floor, as both stand now.
    PayoutReachesFloor {
        /// The floor.
        floor: Arc<str>,
        /// What equity would be without the amount.
        equity: Value,
        /// Where the floor stands.
        stands: Value,
    },
    /// A goal was reached.
    Reached {
        /// Its title.
        goal: Arc<str>,
        /// Why.
        evidence: Why,
    },
    /// A goal was lost again.
    Lost {
        /// Its title.
        goal: Arc<str>,
        /// Why.
        evidence: Why,
    },
    /// A phase was entered.
    Entered {
        /// The phase left; empty at opening.
        from: Arc<str>,
        /// The phase entered.
        to: Arc<str>,
    },
    /// A lock came into force or was lifted.
    Locked {
        /// Whether any lock is in force now.
        locked: bool,
    },
    /// The account will go over to another version of its program.
    Migrates {
        /// The version.
        to: Arc<str>,
        /// When: `next day`, `next cycle`.
        when: &'static str,
    },
    /// The account went over to another version of its program.
    Migrated {
        /// The version that it was under.
        from: Arc<str>,
        /// The version that it is under now.
        to: Arc<str>,
    },
}

/// A rule that could not be decided, or an event that could not be booked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// What went wrong.
    pub kind: FaultKind,
    /// The rule's title or name; empty for faults of the event itself.
    pub rule: Arc<str>,
    /// The line in the program, from 1; 0 for faults of the event itself.
    pub line: u32,
    /// More, in words.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub detail: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.words())?;
        if !self.rule.is_empty() {
            write!(f, " in \"{}\", line {}", self.rule, self.line)?;
        }
        if self.detail.is_empty() { Ok(()) } else { write!(f, ": {}", self.detail) }
    }
}

/// What went wrong. An enforcing host must notice a new kind, so this is exhaustive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// A result outside ±92,233,720,368.54775807.
    Overflow,
    /// A division by zero.
    DivisionByZero,
    /// A value was needed that is missing, such as the mark of an open position.
    Missing,
    /// A sliding window, or a group, is full.
    WindowFull,
    /// What it reads is itself faulted.
    Dependent,
    /// A limit on orders was not asked before a fill.
    NotAsked,
    /// An event is late, or corrects another: recomputing needs history.
    NeedsHistory,
    /// An event corrects what lies further back than the program lets be corrected.
    BeyondCorrections,
    /// An event contradicts the account: an unknown position, instrument or account.
    Inconsistent,
    /// More positions than the account's capacity.
    Capacity,
    /// A platform statement differs from the ledger.
    LedgerDisagrees,
    /// The date is outside the loaded calendar.
    OutsideCalendar,
}

impl FaultKind {
    /// What went wrong, in words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Overflow => "a result is too large",
            Self::DivisionByZero => "a division by zero",
            Self::Missing => "a value that is needed is missing",
            Self::WindowFull => "a sliding window is full",
            Self::Dependent => "a value that it reads could not be computed",
            Self::NotAsked => "it was not asked before the fill",
            Self::NeedsHistory => "the event is late or corrects another, which needs history",
            Self::BeyondCorrections => "the program takes no corrections of what lies so far back",
            Self::Inconsistent => "the event contradicts the account",
            Self::Capacity => "more positions than the account holds",
            Self::LedgerDisagrees => "the platform's statement differs from the ledger",
            Self::OutsideCalendar => "the date is outside the loaded calendar",
        }
    }
}
