//! Functions, and aggregates over what is open and over time.

/// A function or aggregate and what is known of it.
#[derive(Clone, Copy, Debug)]
pub struct FunctionRow {
    /// Its first word.
    pub name: &'static str,
    /// An expression with it.
    pub example: &'static str,
    /// What it gives.
    pub doc: &'static str,
}

const fn row(name: &'static str, example: &'static str, doc: &'static str) -> FunctionRow {
    FunctionRow { name, example, doc }
}

/// Functions: words with arguments in parentheses.
pub const FUNCTIONS: &[FunctionRow] = &[
    row("min", "min(balance, size, $60,000)", "the smallest; what is missing is skipped"),
    row("max", "max(day.start_balance, day.start_equity)", "the largest; what is missing is skipped"),
    row("abs", "abs(profit)", "the amount without its sign"),
    row("round", "round(profit to $0.01, half_up)", "the nearest multiple; `half_up`, `half_even`, `down` or `up` says which"),
    row("limit", "limit(\"Maximum loss\").breaches", "a fact of a limit, by its title"),
    row("goal", "goal(\"Target\").reached", "a fact of a goal, by its title"),
];

/// Aggregates: over days, at a clock, over trades, and some of them over what is open now.
pub const AGGREGATES: &[FunctionRow] = &[
    row("highest", "highest day.profit over closed days", "the largest value; missing before the first, unless `from` says it"),
    row("lowest", "lowest equity at mark from size", "the smallest value; missing before the first, unless `from` says it"),
    row("2nd highest", "2nd highest day.profit over closed days", "the second largest value, and so on; missing before there are so many"),
    row("sum", "sum fill.profit at exit", "all values added"),
    row("sum of best", "sum of best 3 day.profit over closed days", "the largest values added, as many as there are"),
    row("sum of worst", "sum of worst 2 day.profit over closed days", "the smallest values added, as many as there are"),
    row("count", "count closed days where day.profit is above $0", "how many days, moments or elements, with `where` those that fit"),
    row("average", "average trade.profit at trade from $0", "the mean; `from` says what it is before the first value"),
    row("latest", "latest day.profit over closed days from $0", "the value at the last look; `from` says what it is before"),
    row("streak", "streak day.profit is above $0 over closed days", "how many times in a row, up to the last look, the condition held"),
    row("ever", "ever day.profit is at least $500 over closed days", "whether the condition held at any look"),
    row("any", "any open positions where position.stop is missing", "whether an element fits"),
    row("no", "no open positions where position.side is short", "whether no element fits"),
    row("all", "all open positions where position.stop is known", "whether every element fits; yes where there is none"),
];
