//! What programs can read: one row per builtin value, event and action. A row drives the checker,
//! the VM, the reference evaluator, the generated reference pages and "did you mean".

mod actions;
pub mod answers;
mod facts;
mod fields;
mod functions;
mod groups;
mod moments;
mod occasions;

pub use actions::{ACTIONS, ActionRow};
pub use facts::{FactRow, GOAL_FACTS, LAST_PAYOUT_FACTS, LIMIT_FACTS, PAYOUTS_FACTS, SESSION_FACTS};
pub use fields::{AccountField, FieldRow, FieldType, PeriodField, Record, RecordField};
pub use functions::{AGGREGATES, FUNCTIONS, FunctionRow};
pub use groups::GroupField;
pub use moments::{Moment, Moments};
pub use occasions::{OCCASIONS, Occasion, OccasionRow};
