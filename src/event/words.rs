//! The closed sets of words in events.

use std::{fmt, str::FromStr};

use serde::de::{self, Deserialize, Deserializer};
use serde::ser::{Serialize, Serializer};

use super::table::{Field, FieldType, near};

/// A word that is not in its closed set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no {what}{}: one of {}", near(text, known.iter().copied()).map_or(String::new(), |word| format!(" (did you mean `{word}`?)")), known.join(", "))]
pub struct UnknownWord {
    /// The word that was found.
    pub text: String,
    /// What the set is about.
    pub what: &'static str,
    /// The words of the set.
    pub known: &'static [&'static str],
}

macro_rules! words {
    ($( $(#[$meta:meta])+ $name:ident $what:literal {
        $( $(#[$variant_meta:meta])+ $variant:ident $word:literal, )+
    } )+) => { $(
        $(#[$meta])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $( $(#[$variant_meta])+ $variant, )+ }

        impl $name {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant),+];
            /// Their words in files, in the same order.
            pub const WORDS: &[&str] = &[$($word),+];

            /// The word in files.
            pub const fn word(self) -> &'static str {
                match self { $( Self::$variant => $word, )+ }
            }
        }

        impl FromStr for $name {
            type Err = UnknownWord;

            fn from_str(text: &str) -> Result<Self, UnknownWord> {
                match text {
                    $( $word => Ok(Self::$variant), )+
                    _ => Err(UnknownWord { text: text.into(), what: $what, known: Self::WORDS }),
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.word())
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.word())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
            }
        }

        impl Field for $name {
            const TYPE: FieldType = FieldType::Words(Self::WORDS);
        }
    )+ };
}

words! {
    /// How sure an event is. An estimate may warn, and fails nobody unless the rule says so.
    #[derive(Default)]
    Provenance "provenance" {
        /// The platform said so.
        #[default]
        Broker "broker",
        /// Compared with the platform's books afterwards.
        Reconciled "reconciled",
        /// Computed by the adapter.
        Estimated "estimated",
    }

    /// How positions of one symbol are counted.
    PositionMode "position mode" {
        /// One position a symbol.
        Netting "netting",
        /// One position a ticket; a symbol may be held long and short.
        Hedging "hedging",
    }

    /// Where accrued swap stands until a position is closed.
    SwapMode "way of booking swap" {
        /// In open profit, until the exit books it.
        InPosition "in_position",
        /// In the balance at once, as `cash`.
        InBalance "in_balance",
    }

    /// The direction of an order.
    Side "side" {
        /// Buy.
        Buy "buy",
        /// Sell.
        Sell "sell",
    }

    /// How an order is to be filled.
    OrderType "type of order" {
        /// At once, at the price there is.
        Market "market",
        /// At `price` or better.
        Limit "limit",
        /// At the market once `stop_price` is reached.
        Stop "stop",
        /// As a limit at `price` once `stop_price` is reached.
        StopLimit "stop_limit",
        /// As a stop that follows the price.
        TrailingStop "trailing_stop",
    }

    /// What has become of an order.
    OrderStatus "status of an order" {
        /// Asked for. This is a question, and the answer is the verdict.
        New "new",
        /// Its price, quantity or stops have changed.
        Changed "changed",
        /// Taken back.
        Cancelled "cancelled",
        /// Refused.
        Rejected "rejected",
        /// Ended by time.
        Expired "expired",
    }

    /// What a fill does to its position.
    FillEntry "entry of a fill" {
        /// Opens or increases.
        In "in",
        /// Closes or reduces.
        Out "out",
        /// Closes all there is and opens the rest on the other side.
        InOut "in_out",
        /// Closes against an opposite position.
        OutBy "out_by",
        /// The platform does not tell: the ledger knows.
        Unknown "unknown",
    }

    /// Who or what caused a fill.
    FillReason "reason of a fill" {
        /// The trader, by hand or by program.
        User "user",
        /// A stop-loss was reached.
        StopLoss "stop_loss",
        /// A take-profit was reached.
        TakeProfit "take_profit",
        /// The platform, for want of margin.
        StopOut "stop_out",
        /// A position carried into the next day or contract.
        Rollover "rollover",
        /// The dealer.
        Dealer "dealer",
        /// The firm's risk desk or this engine.
        Risk "risk",
    }

    /// What a movement of the balance is.
    CashType "type of cash" {
        /// Paid in.
        Deposit "deposit",
        /// Taken out, not a payout.
        Withdrawal "withdrawal",
        /// A payout, named by its `payout_id`.
        Payout "payout",
        /// Commission booked apart from its fill.
        Commission "commission",
        /// A fee.
        Fee "fee",
        /// A tax.
        Tax "tax",
        /// Swap booked apart from its fill.
        Swap "swap",
        /// Funding of a perpetual contract.
        Funding "funding",
        /// Interest.
        Interest "interest",
        /// A dividend.
        Dividend "dividend",
        /// A bonus.
        Bonus "bonus",
        /// Credit.
        Credit "credit",
        /// A correction by hand; answers `adjust balance`.
        Adjustment "adjustment",
        /// A booking set right.
        Correction "correction",
        /// The balance is set anew; answers `reset ledger`.
        Rebase "rebase",
        /// The account has another size; answers `resize`.
        Resize "resize",
        /// A day is undone; answers `roll back`.
        Rollback "rollback",
    }

    /// What a price is worth. Stale and indicative prices are recorded and are no marks.
    #[derive(Default)]
    TickQuality "quality of a tick" {
        /// A price to deal at.
        #[default]
        Ok "ok",
        /// An old price, repeated.
        Stale "stale",
        /// A price that nobody deals at.
        Indicative "indicative",
    }

    /// What a snapshot is the platform's own stamp of.
    Anchor "anchor" {
        /// The day: the snapshot replaces the engine's reference of the day.
        Day "day",
    }

    /// How much a release is expected to move prices.
    Impact "impact" {
        /// Little.
        Low "low",
        /// Some.
        Medium "medium",
        /// Much.
        High "high",
    }

    /// What has become of a payout.
    PayoutStatus "status of a payout" {
        /// Asked for. This is a question, answered by a verdict.
        Requested "requested",
        /// Granted.
        Approved "approved",
        /// Refused.
        Denied "denied",
        /// The money is on its way out.
        Paid "paid",
        /// The money came back.
        Returned "returned",
        /// Taken back by the trader.
        Cancelled "cancelled",
    }

    /// What a person decided.
    StaffDecision "decision" {
        /// Clears a breach; the original stays in the log.
        Override "override",
        /// Holds the account.
        Suspend "suspend",
        /// Ends what `suspend` or a lock until `staff` holds.
        Reinstate "reinstate",
        /// Stops the account at once.
        EmergencyStop "emergency_stop",
    }

    /// What balance an account goes on with after staff brought it back.
    BalancePolicy "balance policy" {
        /// The balance as it stands.
        Keep "keep",
        /// The start of the phase's ledger.
        Reset "reset",
    }

    /// What became of an action.
    AckStatus "status of an action" {
        /// Taken on.
        Accepted "accepted",
        /// Done.
        Done "done",
        /// Not done.
        Failed "failed",
        /// Done in part; `remaining` is left.
        Partial "partial",
    }
}
