//! Steps of scenarios that are written as people say them.

use super::{Failure, Token};
use crate::diagnostic::{Code, Diagnostic};
use crate::syntax::grammar::Rule;
use crate::vocabulary::AccountField;

pub(super) fn find(failure: &Failure<'_>) -> Option<Diagnostic> {
    if failure.block != "scenario" {
        return None;
    }
    symbol_first(failure)
        .or_else(|| price_with_at(failure))
        .or_else(|| of_amount(failure))
        .or_else(|| of_account(failure))
        .or_else(|| is_flat(failure))
        .or_else(|| several_titles(failure))
}

fn is_order(failure: &Failure<'_>) -> bool {
    matches!(failure.rule, Rule::step_trade | Rule::step_order)
}

/// `buy ES 2`: the quantity stands first.
fn symbol_first(failure: &Failure<'_>) -> Option<Diagnostic> {
    let at = failure.tokens.iter().position(|token| matches!(token.text, "buy" | "sell")).filter(|_| is_order(failure))?;
    let [symbol, number] = failure.tokens.get(at + 1..at + 3)? else { return None };
    if !symbol.is_word() || !number.is_number() {
        return None;
    }
    let unit = failure.tokens.get(at + 3).filter(|token| super::UNITS.contains(&token.text));
    let end = unit.map_or(number.end(), Token::end);
    let quantity = failure.text.get(number.start..end)?;
    let right = format!("{quantity} {}", symbol.text);
    let span = failure.span(symbol.start, end);
    let found = Diagnostic::new(Code::Syntax, span, "how much is bought or sold stands before its symbol");
    Some(found.fix(span, right.clone(), format!("write `{} {right}`", failure.tokens[at].text)))
}

/// `buy 1 ES at 5000`, `order buy 1 ES at market`: a price stands after `@`, and the market has none.
fn price_with_at(failure: &Failure<'_>) -> Option<Diagnostic> {
    let here = failure.here();
    let [before, at, price] = failure.tokens.get(here.checked_sub(1)?..here + 2)? else { return None };
    let priced = failure.tokens[..here].iter().any(|token| token.text == "@");
    if !is_order(failure) || at.text != "at" || priced {
        return None;
    }
    let span = failure.span(at.start, price.end());
    if price.text == "market" || price.text == "mkt" {
        let words = failure.text.get(..before.end())?;
        return Some(if failure.rule == Rule::step_order {
            let found = Diagnostic::new(Code::Syntax, span, "an order without a price is an order at the market");
            found.fix(failure.span(before.end(), price.end()), "", format!("leave it out: `{words}`"))
        } else {
            let found = Diagnostic::new(Code::Syntax, span, "what is bought or sold has a price");
            found.help(format!("write the price of the fill, such as `{words} @ 5000.25`; an order at the market is `order {words}`"))
        });
    }
    let is_time = failure.tokens.get(here + 2).is_some_and(|next| matches!(next.text, ":" | "-") && next.start == price.end());
    if !price.is_number() || is_time {
        return None;
    }
    let found = Diagnostic::new(Code::Syntax, span, "a price stands after `@`; `at` says when");
    let place = failure.span(at.start, at.end());
    Some(found.fix(place, "@", format!("write `@ {}`", price.text)))
}

/// `request payout of $1,500`
fn of_amount(failure: &Failure<'_>) -> Option<Diagnostic> {
    let here = failure.here();
    let [before, of, next] = failure.tokens.get(here.checked_sub(1)?..here + 2)? else { return None };
    let known = matches!(before.text, "payout" | "approved" | "deposit" | "withdraw" | "cost" | "trade");
    if !matches!(of.text, "of" | "for" | "at") || !known {
        return None;
    }
    let words = failure.text.get(..before.end())?;
    let found = Diagnostic::new(Code::Syntax, failure.span(of.start, of.end()), format!("`{}` is not said here", of.text));
    let behind = failure.text.get(next.start..)?.trim_end();
    Some(found.fix(failure.span(of.start, next.start), "", format!("write `{words} {behind}`")))
}

/// `expect account locked`
fn of_account(failure: &Failure<'_>) -> Option<Diagnostic> {
    let here = failure.here();
    let [account, field] = failure.tokens.get(here.checked_sub(1)?..=here)? else { return None };
    AccountField::find(field.text).filter(|_| account.text == "account")?;
    let (span, right) = (failure.span(account.start, field.end()), format!("account.{}", field.text));
    let found = Diagnostic::new(Code::Syntax, span, "a value of the account is read with a point");
    Some(found.fix(span, right.clone(), format!("write `{right}`, or `{}` alone", field.text)))
}

/// `expect denied by "a", "b"`: each is expected by itself.
fn several_titles(failure: &Failure<'_>) -> Option<Diagnostic> {
    let here = failure.here();
    let [before, comma, title] = failure.tokens.get(here.checked_sub(1)?..here + 2)? else { return None };
    let is_text = |token: &Token<'_>| token.text.starts_with('"');
    if failure.rule != Rule::step_expect || !is_text(before) || !is_text(title) || !matches!(comma.text, "," | "and") {
        return None;
    }
    let said = failure.text.get(..before.start)?.trim_end();
    let span = failure.span(before.end(), title.start);
    let found = Diagnostic::new(Code::Syntax, failure.span(comma.start, title.end()), "an expectation names one title");
    let right = format!("{said} {}", title.text);
    Some(found.fix(span, format!(";  {said} "), format!("expect each by itself: `{right}`")))
}

/// `expect no positions`
fn is_flat(failure: &Failure<'_>) -> Option<Diagnostic> {
    let [_, no, what] = failure.tokens[..] else { return None };
    let is_open = matches!(what.text, "position" | "positions" | "trades" | "trade" | "exposure") && no.text == "no";
    let span = failure.span(no.start, what.end());
    let found = Diagnostic::new(Code::Syntax, span, "an account without positions is flat");
    (is_open && failure.rule == Rule::step_expect).then(|| found.fix(span, "account is flat", "write `expect account is flat`"))
}
