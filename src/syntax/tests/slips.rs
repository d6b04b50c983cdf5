//! Likely slips: the message names the right words, and a fix makes the statement parse.

use super::{heads, parsed, wrapped};
use crate::diagnostic::Code;

/// Block, statement, code, and the statement when the fixes have been applied.
const MENDED: &[(&str, &str, Code, &str)] = &[
    ("limit", "equity must stay above floor", Code::Syntax, "equity stays above floor"),
    ("limit", "equity drops below floor", Code::Syntax, "equity stays at or above floor"),
    ("limit", "equity is at least floor", Code::Syntax, "equity stays at or above floor"),
    ("limit", "equity >= floor", Code::Syntax, "equity stays at or above floor"),
    ("limit", "equity stays over floor", Code::Syntax, "equity stays above floor"),
    ("limit", "equity stays at least floor", Code::Syntax, "equity stays at or above floor"),
    ("limit", "quantity must not exceed 3 contracts", Code::Syntax, "quantity stays at or below 3 contracts"),
    ("limit", "quantity is no more than 3 contracts", Code::Syntax, "quantity stays at or below 3 contracts"),
    ("limit", "equity stays above 5% size", Code::Syntax, "equity stays above 5% of size"),
    (
        "limit",
        "x stays above y\nrefus orders that would break it",
        Code::UnknownStatement,
        "x stays above y\nrefuse orders that would break it",
    ),
    ("limit", "x stays above y\nrefuse orders that break it", Code::Syntax, "x stays above y\nrefuse orders that would break it"),
    ("limit", "x stays above y\non second breach { fail }", Code::Syntax, "x stays above y\non 2nd breach { fail }"),
    ("phase", "when profit = target { fail }", Code::Syntax, "when profit is at least target { fail }"),
    ("phase", "when profit == target { fail }", Code::Syntax, "when profit is target { fail }"),
    ("phase", "when profit != target { fail }", Code::Syntax, "when profit is not target { fail }"),
    ("phase", "when profit is more than target { fail }", Code::Syntax, "when profit is above target { fail }"),
    ("phase", "when profit more than target { fail }", Code::Syntax, "when profit is above target { fail }"),
    ("phase", "when profit is under target { fail }", Code::Syntax, "when profit is below target { fail }"),
    ("phase", "when a && b { fail }", Code::Syntax, "when a and b { fail }"),
    ("phase", "when a || b { fail }", Code::Syntax, "when a or b { fail }"),
    ("phase", "when !a { fail }", Code::Syntax, "when not a { fail }"),
    ("phase", "when a is not missing { fail }", Code::Syntax, "when a is known { fail }"),
    ("phase", "when profit is at or above $5 { fail }", Code::Syntax, "when profit is at least $5 { fail }"),
    ("phase", "if a { fail }", Code::UnknownStatement, "when a { fail }"),
    ("phase", "evry day at close { fail }", Code::UnknownStatement, "every day at close { fail }"),
    ("phase", "Limit \"x\" { a stays above b }", Code::UnknownStatement, "limit \"x\" { a stays above b }"),
    ("phase", "let x = 5 % of size", Code::NumberFormat, "let x = 5% of size"),
    ("phase", "let x = 5% size", Code::Syntax, "let x = 5% of size"),
    ("phase", "let x = 50k", Code::NumberFormat, "let x = 50,000"),
    ("phase", "let x = $50k", Code::NumberFormat, "let x = $50,000"),
    ("phase", "let x = $2,50", Code::NumberFormat, "let x = $2.50"),
    ("phase", "let x = 0,5", Code::NumberFormat, "let x = 0.5"),
    ("phase", "let x = 2 minutes", Code::NumberFormat, "let x = 2min"),
    ("phase", "let x = 24hours", Code::NumberFormat, "let x = 24h"),
    ("phase", "let x = min(1,000, 5)", Code::NumberFormat, "let x = min(1000, 5)"),
    ("phase", "let x = min(1,5)", Code::NumberFormat, "let x = min(1, 5)"),
    ("phase", "track x = highest balance at end of day", Code::Syntax, "track x = highest balance at day end"),
    ("phase", "every day at 15.10 { flatten }", Code::NumberFormat, "every day at 15:10 { flatten }"),
    ("phase", "every day at 9:30 { flatten }", Code::NumberFormat, "every day at 09:30 { flatten }"),
    ("phase", "every day at 5pm { flatten }", Code::NumberFormat, "every day at 17:00 { flatten }"),
    ("phase", "limit Daily { a stays above b }", Code::Syntax, "limit \"Daily\" { a stays above b }"),
    ("program", "session rth Monday-Friday 08:30 to 15:00", Code::Syntax, "session rth mon to fri 08:30 to 15:00"),
    ("program", "session rth mon-fri 08:30 to 15:00", Code::Syntax, "session rth mon to fri 08:30 to 15:00"),
    ("program", "session rth mon to fri 08:30 - 15:00", Code::Syntax, "session rth mon to fri 08:30 to 15:00"),
    ("program", "session rth monday 08:30 to 15:00", Code::Syntax, "session rth mon 08:30 to 15:00"),
    ("program", "day 17.00 to 15.10", Code::NumberFormat, "day 17:00 to 15:10"),
    ("program", "firm Topstep", Code::Syntax, "firm \"Topstep\""),
    ("program", "tz \"America/Chicago\"", Code::UnknownStatement, "timezone \"America/Chicago\""),
    ("clause", "promote funded", Code::Syntax, "promote to funded"),
    ("clause", "flat all", Code::UnknownStatement, "flatten"),
    ("clause", "flatten all", Code::Syntax, "flatten"),
    ("clause", "close all positions", Code::Syntax, "flatten"),
    ("clause", "lock until tomorrow", Code::Syntax, "lock until next day"),
    ("clause", "lock next day", Code::Syntax, "lock until next day"),
    ("clause", "cancel all orders", Code::Syntax, "cancel orders"),
    ("clause", "notify user \"x\"", Code::Syntax, "notify trader \"x\""),
    ("clause", "flatten cancel orders", Code::Syntax, "flatten, cancel orders"),
    ("clause", "liquidate", Code::UnknownStatement, "flatten"),
    ("floor", "capped size", Code::Syntax, "capped at size"),
    ("floor", "starts with size", Code::Syntax, "starts at size"),
    ("floor", "freeze when a", Code::UnknownStatement, "freezes when a"),
    ("goal", "requires \"x\" profit is at least $5", Code::UnknownStatement, "require \"x\" profit is at least $5"),
    ("payout", "pays up to $5", Code::Syntax, "pays at most $5"),
    ("payout", "split 90% trader", Code::Syntax, "split 90% to trader"),
    ("scenario", "assert x is 5", Code::UnknownStatement, "expect x is 5"),
    ("clause", "lock until end of day", Code::Syntax, "lock until next day"),
    ("phase", "let x = 3 contarcts", Code::Syntax, "let x = 3 contracts"),
    ("phase", "let x = a is atleast 5", Code::Syntax, "let x = a is at least 5"),
    ("phase", "track best = highst day.profit over closed days", Code::Syntax, "track best = highest day.profit over closed days"),
    ("phase", "track best = highest day.profit over closed day", Code::Syntax, "track best = highest day.profit over closed days"),
    ("phase", "let x = 5 takes efect next day", Code::Syntax, "let x = 5 takes effect next day"),
    ("phase", "let x = $1.000,50", Code::NumberFormat, "let x = $1,000.50"),
    ("scenario", "next dya", Code::Syntax, "next day"),
    ("scenario", "trade +$500 next day", Code::Syntax, "trade +$500; next day"),
    ("program", "currency usd", Code::Syntax, "currency USD"),
    ("program", "marks at exit", Code::Syntax, "marks at exit side"),
    ("program", "version 2026", Code::Syntax, "version \"2026\""),
    ("phase", "when equity below $5 { fail }", Code::Syntax, "when equity is below $5 { fail }"),
    ("limit", "equity below $5", Code::Syntax, "equity stays below $5"),
    ("payout", "split 80% for trader", Code::Syntax, "split 80% to trader"),
    ("payout", "split 80/20", Code::Syntax, "split 80% to trader"),
    ("payout", "at most 50% of balance", Code::Syntax, "pays at most 50% of balance"),
    ("phase", "when plan is 50K { fail }", Code::Syntax, "when plan is \"50K\" { fail }"),
    ("phase", "when plan is not 50K { fail }", Code::Syntax, "when plan is not \"50K\" { fail }"),
    ("phase", "when plan is '50K' { fail }", Code::Character, "when plan is \"50K\" { fail }"),
    ("phase", "every day at 3:10 PM { fail }", Code::NumberFormat, "every day at 15:10 { fail }"),
    ("phase", "every day at 12:05 am { fail }", Code::NumberFormat, "every day at 00:05 { fail }"),
    ("phase", "track t = count trading days", Code::Syntax, "track t = count traded days"),
    ("floor", "locks at size", Code::UnknownStatement, "capped at size"),
    ("floor", "locks when a", Code::UnknownStatement, "freezes when a"),
    ("phase", "# why\nlet x = 5", Code::Character, "// why\nlet x = 5"),
    ("phase", "let x = 5 -- why", Code::Character, "let x = 5 // why"),
    ("scenario", "at 2026-03-02T10:15:00", Code::NumberFormat, "at 2026-03-02 10:15:00"),
    (
        "program",
        "scenario \"s\" from 2026-03-02T10:15 { next day }",
        Code::NumberFormat,
        "scenario \"s\" from 2026-03-02 10:15 { next day }",
    ),
];

/// Block, statement, code, message and help where the fix is the author's choice.
const EXPLAINED: &[(&str, &str, Code, &str, &str)] = &[
    ("limit", "equity stays above", Code::Syntax, "`equity` ends too early", "go on with a value"),
    ("limit", "equity", Code::Syntax, "`equity` ends too early", "go on with `stays`"),
    (
        "phase",
        "when profit is between $1 and $2 { fail }",
        Code::Syntax,
        "`between` does not say whether its ends belong to it",
        "write `x is at least a and x is at most b`",
    ),
    (
        "phase",
        "let x = 1,0000",
        Code::NumberFormat,
        "`1,0000` is not one number",
        "a comma groups three digits, as in `2,000`; a point separates decimals",
    ),
    (
        "phase",
        "let day = 5",
        Code::ReservedWord,
        "`day` is a word of the language, not a name",
        "choose another name, such as `day_1` or `my_day`",
    ),
    ("phase", "let x 5", Code::Syntax, "`5` does not fit here", "expected `=`"),
    (
        "phase",
        "let x = a +",
        Code::Syntax,
        "a value is missing after `+`",
        "a statement ends with its line; brackets `( )` hold it together over several",
    ),
    ("phase", "let x = (a + b", Code::Syntax, "`let` ends too early", "go on with `)`"),
    ("phase", "let x = a b", Code::Syntax, "`b` does not fit here", "expected `takes effect` or the end of the line"),
    ("phase", "let x = a\n    + b", Code::Syntax, "a line cannot begin with `+`", "put a value of several lines in brackets `( )`"),
    ("phase", "let x = if a then b", Code::Syntax, "`let` ends too early", "go on with `else`"),
    ("phase", "option a = no", Code::Syntax, "`option` does not say what `a` holds", "write `a: bool`, which is `yes` or `no`"),
    (
        "phase",
        "track x = highest balance day end",
        Code::Syntax,
        "`day` does not fit here",
        "expected `at`, `from`, `in`, `keeps`, `over` or `since`",
    ),
    (
        "phase",
        "track x = balance at day end",
        Code::Syntax,
        "`balance` does not fit here",
        "expected what is kept, such as `highest balance at day end`",
    ),
    ("program", "ledger starts at $5", Code::Misplaced, "`ledger` cannot stand here", "it stands in a phase"),
    ("program", "template x(y) { }", Code::Syntax, "`)` does not fit here", "expected `:` and what it holds, such as `bool` or `money`"),
    (
        "phase",
        "period cycle opens on trade, closes on payout payment",
        Code::Misplaced,
        "`period` cannot stand here",
        "it stands in the program, outside phases; what it begins with may be of the phase, as in `opens on first entry since phase start`",
    ),
    (
        "clause",
        "notify trader \"{x +} left\"",
        Code::Syntax,
        "a value is missing after `+`",
        "a statement ends with its line; brackets `( )` hold it together over several",
    ),
    ("clause", "resize $5", Code::Syntax, "`to` is missing before `$`", "write `to $`"),
    (
        "clause",
        "adjust balance by $5",
        Code::Syntax,
        "`adjust balance` needs a reason in quotes",
        "write it after the amount: `adjust balance by $100 \"why\"`",
    ),
    (
        "clause",
        "roll back to yesterday",
        Code::Syntax,
        "`roll back` goes to the start of the running day, and nowhere else",
        "write `roll back to day start`",
    ),
    (
        "phase",
        "let x = size takes effect next week",
        Code::Syntax,
        "a change takes effect `next day`, `after 2 days` or `on fri`",
        "write the weekday with which the week begins, such as `takes effect on mon`",
    ),
    (
        "phase",
        "let x = size takes effect after 2 traded days",
        Code::Syntax,
        "a change takes effect `next day`, `after 2 days` or `on fri`",
        "write `takes effect after 2 days`, which are days of the calendar; days with a fill are counted by `up after 2 traded days`",
    ),
    (
        "phase",
        "track x = 2nd lowest day.profit over closed days",
        Code::Syntax,
        "there is no `2nd lowest`",
        "write `2nd highest -x`, the 2nd lowest with its sign turned; the lowest of all is `lowest x`",
    ),
    (
        "program",
        "marks at bid",
        Code::Syntax,
        "positions are not marked at `bid`",
        "write `marks at exit side` (the bid for what was bought, the ask for what was sold), `marks at mid` or `marks at last`",
    ),
    (
        "goal",
        "profit is at least $5",
        Code::UnknownStatement,
        "`require` and a title in quotes are missing before this condition",
        "write `require \"title\" …`: the title names it in answers",
    ),
    (
        "phase",
        "when $5 < profit < $10 { fail }",
        Code::Syntax,
        "comparisons do not follow each other",
        "join two comparisons with `and`: `x is above a and x is below b`",
    ),
    (
        "phase",
        "on trade { }",
        Code::Unsaid,
        "no action stands in these braces",
        "write what happens, such as `flatten, cancel orders`, or take the statement out",
    ),
    ("floor", "starts at size\nstarts at $5", Code::Misplaced, "`starts at` stands here twice", "keep one of them"),
    ("goal", "on reached { fail }\non reached { fail }", Code::Misplaced, "`on reached` stands here twice", "keep one of them"),
    ("limit", "x stays above y\nallowance $5\nallowance $6", Code::Misplaced, "`allowance` stands here twice", "keep one of them"),
    ("limit", "x stays above y\ncure within 1h\ncure within 2h", Code::Misplaced, "`cure` stands here twice", "keep one of them"),
    (
        "floor",
        "trails balance by max_loss",
        Code::Syntax,
        "`at …` is missing before `by`",
        "write when it looks, such as `at day end` or `at mark`",
    ),
    ("goal", "require profit is at least $5", Code::Syntax, "`require` needs a title in quotes", "write `require \"…\"`"),
    (
        "payout",
        "at paying { flatten }",
        Code::Syntax,
        "`paying` does not fit here",
        "expected `request`, `approval`, `payment` or `denial`",
    ),
    ("scenario", "trade $500 ;expect breech \"x\"", Code::Syntax, "`\"x\"` does not fit here", "did you mean `breach` by `breech`?"),
    ("scenario", "buy ES 2", Code::Syntax, "how much is bought or sold stands before its symbol", "write `buy 2 ES`"),
    ("scenario", "sell 1 ES at 5000 as a", Code::Syntax, "a price stands after `@`; `at` says when", "write `@ 5000`"),
    ("scenario", "buy 1 ES @ 5000 at 10:15", Code::Syntax, "`;` is missing before `at`", "separate steps by `;` or lines"),
    (
        "scenario",
        "at 2026-13-45",
        Code::NumberFormat,
        "there is no date `2026-13-45`",
        "a date is its year, month and day, such as `2026-12-31`",
    ),
    ("clause", "notify everyone \"x\"", Code::Syntax, "`everyone` does not fit here", "expected `ops`, `risk` or `trader`"),
    (
        "phase",
        "on trade { flatten } fail",
        Code::UnknownStatement,
        "`fail` does not say when",
        "put it in the braces of what leads to it: `every day at close { fail }`, `when profit is below -$500 { fail }`, or `on breach { fail }` in a limit",
    ),
    (
        "phase",
        "let x = a and",
        Code::Syntax,
        "a value is missing after `and`",
        "a statement goes on in the next line where that begins with `and`",
    ),
    (
        "phase",
        "limit \"a\" when x cites \"1\" { a stays above b }",
        Code::Syntax,
        "`cites` stands too late",
        "the order of clauses is `cites`, `at`, `for each`, `once per`, `counted per`, `when`",
    ),
    (
        "scenario",
        "expect phase is",
        Code::Syntax,
        "`expect` ends too early",
        "go on with `above`, `after`, `at`, `before`, `below` or `known`",
    ),
    (
        "payout",
        "at least $500",
        Code::Syntax,
        "`at least` does not say what: what is paid, or what stays in the account",
        "the least that can be requested is `minimum $500`; what must stay in the account is `leaves at least $500`",
    ),
    (
        "clause",
        "lock",
        Code::Syntax,
        "`lock` does not say until when",
        "write `lock until next day`, `lock until next week` or `lock until staff`",
    ),
    ("phase", "let 5x = 3", Code::Syntax, "`5x` does not fit here", "expected a name"),
    ("phase", "floor f", Code::Brace, "`floor` needs a block `{ … }`", "put what belongs to it in braces after this line"),
    ("phase", "let x = 3 { }", Code::Misplaced, "`let` has no block", "remove the braces"),
    (
        "program",
        "plans\n    | plan | size |\n    | 50K | $5 | 3 |\n    | 60K | |\n    | 70K | $5 +|",
        Code::TableShape,
        "the row has 3 cells and its heading 2",
        "give every row a cell for each heading; with `none` in it, a limit that reads it is not in force",
    ),
];

/// Applies the first fix of a text until there is none, at most three.
fn mended(mut text: String) -> String {
    for _ in 0..3 {
        let Some(fix) = parsed(&text).diagnostics.into_iter().find_map(|found| found.fix) else { break };
        text.replace_range(fix.span.range(), &fix.text);
    }
    text
}

#[test]
fn fixes_mend_the_statement() {
    for (block, statement, code, right) in MENDED {
        let text = wrapped(heads(block), statement);
        let found = parsed(&text).diagnostics;
        assert_eq!(found.iter().map(|found| found.code).collect::<Vec<_>>(), [*code], "{statement}");
        let fixed = mended(text);
        assert_eq!(fixed, wrapped(heads(block), right), "{statement}");
        assert_eq!(parsed(&fixed).diagnostics, [], "{statement}");
    }
}

#[test]
fn messages_name_the_right_words() {
    for (block, statement, code, message, help) in EXPLAINED {
        let found = parsed(&wrapped(heads(block), statement)).diagnostics;
        let first = &found[0];
        assert_eq!((first.code, first.message.as_str(), first.help.as_deref().unwrap_or("")), (*code, *message, *help), "{statement}");
    }
}

#[test]
fn a_wrong_first_word_lists_those_of_its_block() {
    let found = parsed(&wrapped(heads("floor"), "abcdef ghi")).diagnostics;
    assert_eq!(found[0].help.as_deref(), Some("a floor has `starts`, `trails`, `capped`, `freezes`, `jumps`, `takes`"));
}

#[test]
fn a_file_without_a_program_says_so() {
    assert_eq!(parsed("// nothing\n").diagnostics[0].code, Code::NoProgram);
    let codes: Vec<Code> = parsed("program \"a\" { }\nprogram \"b\" { }\n").diagnostics.iter().map(|found| found.code).collect();
    assert_eq!(codes, [Code::Misplaced]);
}
