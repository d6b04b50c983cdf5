//! Which operator binds tighter.

use super::expression;
use crate::diagnostic::Code;
use crate::source::Source;
use crate::syntax::parse_expression;

#[test]
fn from_tight_to_loose() {
    for (text, tree) in [
        // `.`, then `of`
        ("5% of day.profit", "(5% of day.profit)"),
        ("50% of 20% of size", "(50% of (20% of size))"),
        ("5% of size * 2", "((5% of size) Mul 2)"),
        // `since`, `before today`
        ("5% of profit since last payout", "((5% of profit) since last payout)"),
        ("-profit since trade", "(- (profit since trade))"),
        ("best before today + 1", "((best before-today) Add 1)"),
        // unary minus, products, sums
        ("-a * b", "((- a) Mul b)"),
        ("-5% of size", "(- (5% of size))"),
        ("- - a", "(- (- a))"),
        ("a + b * c - d / e", "((a Add (b Mul c)) Sub (d Div e))"),
        ("a - b - c", "((a Sub b) Sub c)"),
        ("(a - (b - c))", "(a Sub (b Sub c))"),
        ("(a + b) * c", "((a Add b) Mul c)"),
        // `else`
        ("a + b else c + d", "((a Add b) else (c Add d))"),
        ("a else b else c", "(a else (b else c))"),
        ("a else b is at least c else d", "((a else b) AtLeast (c else d))"),
        // comparisons, `not`, `and`, `or`
        ("not a is b", "(not (a Is b))"),
        ("not not a", "(not (not a))"),
        ("not a and b", "((not a) And b)"),
        ("a or b and c or d", "((a Or (b And c)) Or d)"),
        ("a is above 1 and b is at most 2 or not c", "(((a Above 1) And (b AtMost 2)) Or (not c))"),
        ("a + 1 is missing and b", "(((a Add 1) missing) And b)"),
        ("a is one of (x, y) or b is not one of (z)", "((a in x,y) Or (b not in z))"),
        // `if`
        ("if a or b then c + 1 else d and e", "(if (a Or b) (c Add 1) (d And e))"),
        ("if a then (b else c) else (if d then e else f)", "(if a (b else c) (if d e f))"),
        // dates
        ("14 days after opened_at", "(14Days after opened_at)"),
        ("5 trading days after last payout.date + 1", "((5TradingDays after last-payout.date) Add 1)"),
    ] {
        assert_eq!(expression(text), tree, "{text}");
    }
}

#[test]
fn words_and_signs_of_comparisons() {
    for (text, tree) in [
        ("a is b", "(a Is b)"),
        ("a is not b", "(a IsNot b)"),
        ("a is at least b", "(a AtLeast b)"),
        ("a >= b", "(a AtLeast b)"),
        ("a is at most b", "(a AtMost b)"),
        ("a <= b", "(a AtMost b)"),
        ("a is above b", "(a Above b)"),
        ("a is after b", "(a Above b)"),
        ("a > b", "(a Above b)"),
        ("a is below b", "(a Below b)"),
        ("a is before b", "(a Below b)"),
        ("a < b", "(a Below b)"),
        ("a is known", "(a known)"),
        ("session is open", "(session Is open)"),
        ("plan is \"50K\"", "(plan Is 50K)"),
    ] {
        assert_eq!(expression(text), tree, "{text}");
    }
}

#[test]
fn aggregates_inside_expressions() {
    for (text, tree) in [
        ("count open positions is at most 3", "(<Count> AtMost 3)"),
        ("(count open positions where side is long) is at most 3", "(<Count where (side Is long)> AtMost 3)"),
        ("no open positions and no working orders", "(<None> And <None>)"),
        ("sum day.profit over closed days + 1", "(<Sum day.profit> Add 1)"),
        ("count + 1", "(count Add 1)"),
        ("sum is above 2", "(sum Above 2)"),
        ("day.count is 3", "(day.count Is 3)"),
        ("days is 3", "(days Is 3)"),
    ] {
        assert_eq!(expression(text), tree, "{text}");
    }
}

#[test]
fn an_open_where_and_a_chain_are_refused() {
    for text in ["1 is count open positions where a and b", "a < b < c", "a is b is missing"] {
        let (_, diagnostics) = parse_expression(&Source::new("test", text));
        assert_eq!(diagnostics.iter().map(|found| found.code).collect::<Vec<_>>(), [Code::Syntax], "{text}");
    }
}
