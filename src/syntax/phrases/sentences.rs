//! Sentences of rulebooks where a statement stands: what they ask for, and how a program says it.

use super::Token;
use super::table::SLIPS;
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;
use crate::vocabulary::ACTIONS;

/// Words of which each group has one in the sentence, and how it is written.
const SENTENCES: &[(&[&[&str]], &str)] = &[
    (
        &[&["trailing", "trails"]],
        "a floor that follows the account is `floor bottom { }`, with `starts at size - $2,000` and `trails balance at day end by $2,000` in its braces; a limit then says `equity stays above bottom`",
    ),
    (
        &[&["daily", "day"], &["loss", "losses", "drawdown"]],
        "a loss that a day may have is `limit \"Daily loss\" { }`, with `equity stays above day.start_balance - 5% of size` and `on breach { flatten, lock until next day }` in its braces; where it is declared already, change its bound",
    ),
    (
        &[&["loss", "losses", "drawdown"]],
        "a loss that ends the account is `limit \"Maximum loss\" { }`, with `equity stays above size - 10% of size` and `on breach { flatten, fail }` in its braces; where it is declared already, change its bound",
    ),
    (
        &[&["weekend", "weekends"]],
        "orders are refused by `limit \"Weekends\" for each order { }`, with `never day.weekday is one of (sat, sun)` and `refuse orders that would break it` in its braces; what is open is closed before by `every fri at 16:00 { flatten, cancel orders }`, with the hour of your program",
    ),
    (
        &[&["overnight", "night"]],
        "what is open is closed before the day ends by `every day at 5min before close { flatten, cancel orders }`",
    ),
    (
        &[&["news"]],
        "no orders around news are `limit \"News\" for each order { }`, with `never within 2min of high news for symbol` and `refuse orders that would break it` in its braces",
    ),
    (
        &[&["contracts", "contract", "lots", "lot", "shares"]],
        "the most of a symbol is `limit \"Largest position\" for each symbol { }`, with `symbol.quantity stays at or below 5 contracts` and `refuse orders that would break it` in its braces",
    ),
    (
        &[&["positions", "trades"], &["max", "maximum", "most", "no"]],
        "the most positions at once are `limit \"Open positions\" { }`, with `positions stays at or below 3` and `refuse orders that would break it` in its braces",
    ),
    (
        &[&["consistency"]],
        "a best day is tracked by `track best_day = highest day.profit over days so far`; a goal or payout then says `require \"consistency\" best_day is at most 40% of profit`",
    ),
    (
        &[&["days", "day"], &["min", "minimum", "least", "trading"]],
        "days are counted by `track days_traded = count traded days`; a goal then says `require \"days\" days_traded is at least 5`",
    ),
    (
        &[&["profit"], &["target", "goal", "objective"]],
        "a profit target is `goal \"Target\" { }`, with `require \"profit\" profit is at least 8% of size` and `on reached { promote to passed }` in its braces",
    ),
    (
        &[&["trading", "trade", "orders"], &["hours", "only", "between", "from", "outside", "no"]],
        "hours of trading are `session regular mon to fri 09:30 to 16:00`; `limit \"Hours\" for each order { }`, with `never regular is closed` and `refuse orders that would break it` in its braces, keeps to them",
    ),
    (&[&["split"]], "the trader's share is written in the payout: `payout { }`, with `split 80% to trader` in its braces"),
];

/// How what a sentence asks for is written, with the figure that it says.
pub(super) fn asks_for(tokens: &[Token<'_>]) -> Option<String> {
    let says = |group: &&[&str]| tokens.iter().any(|token| group.iter().any(|word| token.text.eq_ignore_ascii_case(word)));
    let (_, help) = SENTENCES.iter().find(|(groups, _)| groups.iter().all(says))?;
    let figure = |unit: &str| tokens.windows(2).find(|pair| pair[0].is_number() && pair[1].text == unit).map(|pair| pair[0].text);
    let told = help.split('`').map(|part| match (part.split_once("% of"), figure("%")) {
        (Some((before, behind)), Some(figure)) if !behind.contains(" of ") => {
            format!("{}{figure}% of{behind}", before.trim_end_matches(|c: char| c.is_ascii_digit()))
        }
        _ => match (part.strip_suffix("at least 5"), figure("days").or(figure("trading"))) {
            (Some(before), Some(figure)) => format!("{before}at least {figure}"),
            _ => part.to_owned(),
        },
    });
    Some(told.collect::<Vec<_>>().join("`"))
}

/// A sentence of a rulebook, or an action, where a statement of a program or phase stands.
pub(super) fn find(text: &str, tokens: &[Token<'_>], base: usize, block: &str) -> Option<Diagnostic> {
    if !["program", "phase"].contains(&block) || text.contains('"') {
        return None;
    }
    let span = Span::new(base..base + text.trim_end().len());
    let first = tokens.first()?;
    if let Some(help) = asks_for(tokens).filter(|_| tokens.len() > 1) {
        let found = Diagnostic::new(Code::UnknownStatement, span, "a program says this as a rule, not as a sentence of a rulebook");
        return Some(found.help(help));
    }
    ACTIONS.iter().any(|row| row.words.split(' ').next() == Some(first.text)).then(|| {
        let words = text.trim_end();
        let known = SLIPS.iter().find(|(wrong, _)| *wrong == words).map(|(_, right)| *right);
        let message = known.map_or(format!("`{words}` does not say when"), |right| format!("`{words}` is written `{right}`, and does not say when"));
        let words = known.unwrap_or(words);
        let found = Diagnostic::new(Code::UnknownStatement, span, message);
        found.label("an action").help(format!(
            "put it in the braces of what leads to it: `every day at close {{ {words} }}`, `when profit is below -$500 {{ {words} }}`, or `on breach {{ {words} }}` in a limit"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::SENTENCES;
    use crate::syntax::tests::{heads, parsed, wrapped};

    /// What each sentence is told to be written as is understood: heads of blocks, what stands in them, and whole statements.
    #[test]
    fn what_is_proposed_is_understood() {
        for (_, help) in SENTENCES {
            let parts: Vec<&str> = help.split('`').skip(1).step_by(2).collect();
            let mut at = 0;
            while let Some(part) = parts.get(at) {
                at += 1;
                let statement = if let Some(head) = part.strip_suffix("{ }") {
                    let inside = parts[at..].iter().take(2).copied().collect::<Vec<_>>();
                    at += inside.len();
                    format!("{head} {{\n{}\n}}", inside.join("\n"))
                } else {
                    (*part).to_owned()
                };
                let block = match statement.split(' ').next() {
                    Some("require") => "goal",
                    Some("equity") => "limit",
                    _ => "phase",
                };
                let found = parsed(&wrapped(heads(block), &statement)).diagnostics;
                assert_eq!(found, [], "{statement}");
            }
        }
    }
}
