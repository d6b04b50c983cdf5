//! A run as one HTML file: equity and balance with every floor and limit, breaches and warnings, positions,
//! days, and decisions with their reasons.
//!
//! Charts are drawn by [uPlot](https://github.com/leeoniya/uPlot) 1.6.32 (MIT), whose files stand in `uplot/` as the
//! package `uplot` of the npm registry ships them.

mod html;
mod record;
mod series;

pub use html::html;
pub use record::{Day, Decision, Matter, Record, Recorder, Words};
pub use series::{Point, Series};
