//! Clauses that are written otherwise than they can be meant: what they could have said.

use super::{Failure, Token};
use crate::diagnostic::{Code, Diagnostic};
use crate::syntax::grammar::Rule;
use crate::vocabulary::ACTIONS;

pub(super) fn find(failure: &Failure<'_>) -> Option<Diagnostic> {
    then(failure)
        .or_else(|| reached(failure))
        .or_else(|| without(failure))
        .or_else(|| highest_of_a_floor(failure))
        .or_else(|| unquoted(failure))
        .or_else(|| lasted(failure))
        .or_else(|| lock(failure))
        .or_else(|| option(failure))
        .or_else(|| name_of_words(failure))
        .or_else(|| colon(failure))
        .or_else(|| without_braces(failure))
        .or_else(|| paid_at_least(failure))
        .or_else(|| choice(failure))
        .or_else(|| effect(failure))
        .or_else(|| nth_lowest(failure))
        .or_else(|| marks(failure))
        .or_else(|| share(failure))
        .or_else(|| paid_at_most(failure))
}

/// `when … then { … }`: the braces say what is done.
fn then(failure: &Failure<'_>) -> Option<Diagnostic> {
    let [before, word] = around(failure, 1)? else { return None };
    let is_last = failure.tokens.last().is_some_and(|last| last.start == word.start);
    (matches!(word.text, "then" | "do") && is_last && failure.expected.contains(&Rule::EOI)).then(|| {
        let found = Diagnostic::new(Code::Syntax, failure.span(word.start, word.end()), format!("`{}` stands in no rule", word.text));
        found.fix(failure.span(before.end(), word.end()), "", "leave it out: what is done stands in the braces")
    })
}

/// `require "x" … then pass`: what happens is said once, for all requirements.
fn reached(failure: &Failure<'_>) -> Option<Diagnostic> {
    let word = failure.tokens.get(failure.here()).filter(|token| token.text == "then")?;
    (failure.tokens.first()?.text == "require").then(|| {
        let found = Diagnostic::new(
            Code::Syntax,
            failure.span(word.start, failure.tokens.last().map_or(word.end(), Token::end)),
            "a requirement does not say what happens",
        );
        found.help("leave this out: what happens is said once below the requirements, as in `on reached { promote to passed }`")
    })
}

/// `when account is flat for 30 days`
fn lasted(failure: &Failure<'_>) -> Option<Diagnostic> {
    let [word, number, ..] = failure.tokens.get(failure.here()..)? else { return None };
    (failure.tokens.first()?.text == "when" && word.text == "for" && number.is_number()).then(|| {
        let found =
            Diagnostic::new(Code::Syntax, failure.span(word.start, number.end()), "`when` does not say how long something has lasted");
        found.help("a rule that waits is `after 30 days since trade { … }`, or `after 30 days since trade while account is flat { … }`")
    })
}

/// `after 30 days without trade { … }`: counted from the last one.
fn without(failure: &Failure<'_>) -> Option<Diagnostic> {
    let [word, event @ ..] = failure.tokens.get(failure.here()..)? else { return None };
    if failure.tokens.first()?.text != "after" || !matches!(word.text, "without" | "no" | "with") {
        return None;
    }
    let of = event.iter().find(|token| !matches!(token.text, "a" | "an" | "any" | "no" | "new"))?;
    let right = match of.text {
        "trade" | "trades" | "trading" | "activity" => "since trade",
        "entry" | "entries" => "since entry",
        "fill" | "fills" => "since fill",
        _ => return None,
    };
    let span = failure.span(word.start, of.end());
    let found = Diagnostic::new(Code::Syntax, span, "a rule that waits says since when it is counted");
    let help = format!(
        "write `{right}`, counted anew from the last one; with `while account is flat` behind it, a position that is held all the time does not count as idle"
    );
    Some(found.guess(span, right, help))
}

/// `trails highest balance at day end by $2,000`: a floor only rises, and so keeps the highest itself.
fn highest_of_a_floor(failure: &Failure<'_>) -> Option<Diagnostic> {
    let [trails, highest, next, ..] = failure.tokens[..] else { return None };
    if trails.text != "trails" || !matches!(highest.text, "highest" | "peak" | "the") || !next.is_word() {
        return None;
    }
    let next = if highest.text == "the" && next.text == "highest" { failure.tokens.get(3)? } else { &next };
    let span = failure.span(highest.start, next.start);
    let found = Diagnostic::new(Code::Syntax, span, "a floor only rises: it keeps the highest of what it follows by itself");
    Some(found.fix(span, "", format!("leave it out: `trails {} at …`", next.text)))
}

/// `notify trader {headroom} left`: what is said stands in quotes.
fn unquoted(failure: &Failure<'_>) -> Option<Diagnostic> {
    let [notify, whom] = failure.tokens[..] else { return None };
    if notify.text != "notify" || !matches!(whom.text, "trader" | "risk" | "ops") {
        return None;
    }
    let span = failure.span(notify.start, whom.end());
    let found = Diagnostic::new(Code::Syntax, span, "what is said stands in quotes");
    Some(found.help(format!("write `notify {} \"…\"`; values stand in braces inside the quotes: `\"{{headroom}} left\"`", whom.text)))
}

/// `lock`, `lock 24 hours`, `lock for 1 day`
fn lock(failure: &Failure<'_>) -> Option<Diagnostic> {
    if let [lock] | [lock, Token { text: "until", .. }] = failure.tokens[..]
        && lock.text == "lock"
    {
        let last = failure.tokens.last()?;
        let found = Diagnostic::new(Code::Syntax, failure.span(lock.start, last.end()), "`lock` does not say until when");
        return Some(found.help("write `lock until next day`, `lock until next week` or `lock until staff`"));
    }
    let [lock, next, ..] = failure.tokens[..] else { return None };
    (lock.text == "lock" && (next.is_number() || next.text == "for")).then(|| {
        let found = Diagnostic::new(
            Code::Syntax,
            failure.span(next.start, failure.tokens.last().map_or(next.end(), Token::end)),
            "a lock says until when, not for how long",
        );
        found.help("write `lock until next day`, `lock until next week` or `lock until staff`")
    })
}

/// `option swing = no`
fn option(failure: &Failure<'_>) -> Option<Diagnostic> {
    let [option, name, equals, value] = failure.tokens[..] else { return None };
    let is_answer = matches!(value.text, "yes" | "no");
    (matches!(option.text, "option" | "input") && equals.text == "=" && is_answer).then(|| {
        let found = Diagnostic::new(
            Code::Syntax,
            failure.span(equals.start, equals.end()),
            format!("`{}` does not say what `{}` holds", option.text, name.text),
        );
        found.fix(failure.span(name.end(), name.end()), ": bool", format!("write `{}: bool`, which is `yes` or `no`", name.text))
    })
}

/// `let max loss = $500`, `let max-loss = $500`: a name is one word.
fn name_of_words(failure: &Failure<'_>) -> Option<Diagnostic> {
    let declares = matches!(failure.tokens.first()?.text, "let" | "track" | "state" | "floor" | "option" | "input");
    let name: Vec<&Token<'_>> = failure.tokens[1..].iter().take_while(|token| !matches!(token.text, "=" | ":")).collect();
    let whole = name.iter().all(|token| token.is_word() || token.text == "-") && name.len() > 1 && failure.here() == 2;
    let (first, last) = (name.first()?, name.last()?);
    let ends = failure.tokens.len() > name.len() + 1 || failure.tokens[0].text == "floor";
    (declares && whole && ends && !name.iter().any(|token| token.text == "for")).then(|| {
        let words: Vec<&str> = name.iter().map(|token| token.text).filter(|word| *word != "-").collect();
        let right = words.join("_");
        let found = Diagnostic::new(Code::Syntax, failure.span(first.start, last.end()), "a name is one word");
        found.guess(
            failure.span(first.start, last.end()),
            right.clone(),
            format!("join its words with `_`: `{right}`, here and where it is read"),
        )
    })
}

/// `when …: flatten`: what is done stands in braces.
fn colon(failure: &Failure<'_>) -> Option<Diagnostic> {
    let sign = failure.tokens.get(failure.here()).filter(|token| matches!(token.text, ":" | "then"))?;
    let (first, last) = (failure.tokens.first()?, failure.tokens.last()?);
    let done = failure.text.get(sign.end()..last.end())?.trim();
    if !matches!(first.text, "when" | "on" | "every" | "after") || done.is_empty() || !failure.expected.contains(&Rule::EOI) {
        return None;
    }
    let before = failure.tokens.get(failure.here().checked_sub(1)?)?;
    let found = Diagnostic::new(Code::Syntax, failure.span(sign.start, last.end()), "what is done stands in braces");
    let right = format!("{{ {done} }}");
    Some(found.fix(failure.span(before.end(), last.end()), format!(" {right}"), format!("write `{right}`")))
}

/// `on breach flatten, fail`: what is done stands in braces.
fn without_braces(failure: &Failure<'_>) -> Option<Diagnostic> {
    let done =
        failure.tokens.get(failure.here()).filter(|token| ACTIONS.iter().any(|row| row.words.split(' ').next() == Some(token.text)))?;
    let (first, last) = (failure.tokens.first()?, failure.tokens.last()?);
    if !matches!(first.text, "when" | "on" | "every" | "after") || !failure.expected.contains(&Rule::EOI) {
        return None;
    }
    let span = failure.span(done.start, last.end());
    let found = Diagnostic::new(Code::Syntax, span, format!("`{{` is missing before `{}`: what is done stands in braces", done.text));
    let before = failure.tokens.get(failure.here().checked_sub(1)?)?;
    let right = format!("{{ {} }}", failure.text.get(done.start..last.end())?);
    Some(found.guess(failure.span(before.end(), last.end()), format!(" {right}"), format!("write `{right}`")))
}

/// `pays at least 80%`: a share is split, and the least amount is a minimum.
fn paid_at_least(failure: &Failure<'_>) -> Option<Diagnostic> {
    let [pays, at, least, ref amount @ ..] = failure.tokens[..] else { return None };
    if pays.text != "pays" || at.text != "at" || least.text != "least" {
        return None;
    }
    let (first, last) = (amount.first()?, amount.last()?);
    let amount = failure.text.get(first.start..last.end())?;
    let span = failure.span(pays.start, last.end());
    let found = Diagnostic::new(Code::Syntax, span, "a payout does not say `pays at least`");
    let right = if amount.ends_with('%') { format!("split {amount} to trader") } else { format!("minimum {amount}") };
    let means = if amount.ends_with('%') { "the share of the trader" } else { "the least that can be requested" };
    Some(found.help(format!("write `{right}`, {means}; the most that is paid is `pays at most …`")))
}

/// The words before the place where parsing stopped, the nearest last, and what stands there.
fn around<'f, 't>(failure: &'f Failure<'t>, before: usize) -> Option<&'f [Token<'t>]> {
    let here = failure.here();
    failure.tokens.get(here.checked_sub(before)?..(here + 1).min(failure.tokens.len()))
}

/// `x else if c then a else b` and `if c then if …`: a choice where only `else` of another one lets it stand.
fn choice(failure: &Failure<'_>) -> Option<Diagnostic> {
    let [before, word] = around(failure, 1)? else { return None };
    if word.text != "if" || !matches!(before.text, "else" | "then" | "+" | "-" | "*" | "/" | "of" | "and" | "or" | "not" | "is") {
        return None;
    }
    let found = Diagnostic::new(Code::Syntax, failure.span(word.start, word.end()), format!("`if` needs brackets after `{}`", before.text));
    Some(found.help("put all of it in brackets: `(if … then … else …)`"))
}

/// `takes effect next week`, `takes effect after 2 traded days`
fn effect(failure: &Failure<'_>) -> Option<Diagnostic> {
    let start = failure.tokens.windows(2).position(|pair| pair[0].text == "takes" && pair[1].text == "effect")?;
    let words: Vec<&str> = failure.tokens[start + 2..].iter().map(|token| token.text).collect();
    let end = failure.tokens.len().min(start + 6);
    if !(start..end).contains(&failure.here()) {
        return None;
    }
    let told = |length: usize, help: &str| {
        let last = failure.tokens.get(start + length)?;
        let span = failure.span(failure.tokens[start].start, last.end());
        let message = "a change takes effect `next day`, `after 2 days` or `on fri`";
        Some(Diagnostic::new(Code::Syntax, span, message).help(help))
    };
    match words[..] {
        ["next", "week", ..] => told(3, "write the weekday with which the week begins, such as `takes effect on mon`"),
        ["next", "month", ..] => told(3, "give the value for each month a `state`, and set it `on month start { }`"),
        ["after", _, "traded" | "closed" | "trading", ..] => told(
            4,
            "write `takes effect after 2 days`, which are days of the calendar; days with a fill are counted by `up after 2 traded days`",
        ),
        _ => None,
    }
}

/// `2nd lowest X`
fn nth_lowest(failure: &Failure<'_>) -> Option<Diagnostic> {
    let [number, suffix, lowest] = around(failure, 2)? else { return None };
    if lowest.text != "lowest" || !number.is_number() || !matches!(suffix.text, "st" | "nd" | "rd" | "th") {
        return None;
    }
    let nth = format!("{}{}", number.text, suffix.text);
    let found = Diagnostic::new(Code::Syntax, failure.span(number.start, lowest.end()), format!("there is no `{nth} lowest`"));
    Some(found.help(format!("write `{nth} highest -x`, the {nth} lowest with its sign turned; the lowest of all is `lowest x`")))
}

/// `marks at bid`
fn marks(failure: &Failure<'_>) -> Option<Diagnostic> {
    let [marks, at, side] = around(failure, 2)? else { return None };
    if marks.text != "marks" || at.text != "at" || !matches!(side.text, "bid" | "ask" | "market" | "close" | "price") {
        return None;
    }
    let found = Diagnostic::new(Code::Syntax, failure.span(side.start, side.end()), format!("positions are not marked at `{}`", side.text));
    Some(
        found
            .help("write `marks at exit side` (the bid for what was bought, the ask for what was sold), `marks at mid` or `marks at last`"),
    )
}

/// `split 80/20`
fn share(failure: &Failure<'_>) -> Option<Diagnostic> {
    let [_, share, slash, rest, ..] = failure.tokens[..] else { return None };
    if failure.rule != Rule::payout_split || slash.text != "/" || !share.is_number() || !rest.is_number() {
        return None;
    }
    let wrong = format!("{}/{}", share.text, rest.text);
    let found = Diagnostic::new(Code::Syntax, failure.span(share.start, rest.end()), format!("`{wrong}` is a division"));
    let right = format!("{}% to trader", share.text);
    let whole = failure.tokens.last().map_or(rest.end(), Token::end);
    Some(found.fix(failure.span(share.start, whole), right.clone(), format!("say the trader's share: `split {right}`")))
}

/// `at most X` in a payout, where `at` says when something is done.
fn paid_at_most(failure: &Failure<'_>) -> Option<Diagnostic> {
    let [at, most, ..] = failure.tokens[..] else { return None };
    if failure.rule != Rule::payout_at || !matches!(most.text, "most" | "least") {
        return None;
    }
    let span = failure.span(at.start, most.end());
    if most.text == "least" {
        let found = Diagnostic::new(Code::Syntax, span, "`at least` does not say what: what is paid, or what stays in the account");
        let amount = failure.text.get(most.end()..)?.trim();
        let help =
            format!("the least that can be requested is `minimum {amount}`; what must stay in the account is `leaves at least {amount}`");
        return Some(found.help(help));
    }
    let found = Diagnostic::new(Code::Syntax, span, "`pays` is missing before `at most`");
    Some(found.fix(failure.span(at.start, at.start), "pays ", "write `pays at most`"))
}
