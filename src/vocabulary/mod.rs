//! What programs can read: one row per builtin value, event and action. A row drives the checker,
//! the VM, the reference evaluator, the generated reference pages and "did you mean".

mod fields;
mod groups;
mod moments;
mod occasions;

pub use fields::{AccountField, FieldRow, FieldType, PeriodField, Record, RecordField};
pub use groups::GroupField;
pub use moments::{Moment, Moments};
pub use occasions::{OCCASIONS, Occasion, OccasionRow};
