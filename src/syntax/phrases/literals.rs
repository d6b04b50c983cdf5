//! Numbers, lengths, times and days that are written as elsewhere.

use super::{Failure, Token};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;
use crate::syntax::grammar::Rule;
use crate::syntax::words::{RECORDS, is_reserved};
use crate::value::{Currency, TimeOfDay, Weekday};

pub(super) fn find(failure: &Failure<'_>) -> Option<Diagnostic> {
    let here = failure.here();
    // A literal that fails is rejected as a whole, so the slip may be some tokens further on.
    let reach = here.saturating_sub(2)..(here + 3).min(failure.tokens.len());
    weekly(failure)
        .or_else(|| weekdays(failure, here))
        .or_else(|| hours(failure, here))
        .or_else(|| reach.clone().find_map(|at| instant(failure, at)))
        .or_else(|| reach.clone().find_map(|at| plan_name(failure, at)))
        .or_else(|| reach.clone().find_map(|at| time_of_day(failure, at)))
        .or_else(|| reach.clone().find_map(|at| comma(failure, at)))
        .or_else(|| reach.clone().find_map(|at| thousands(failure, at)))
        .or_else(|| reach.clone().find_map(|at| length(failure, at)))
        .or_else(|| percent(failure, here))
        .or_else(|| sign_behind(failure, here))
        .or_else(|| sign_apart(failure, here))
        .or_else(|| sign_before_minus(failure, here))
        .or_else(|| date_with_points(failure, here))
        .or_else(|| code_before(failure, here))
        .or_else(|| currency(failure, here))
}

fn number_slip(span: Span, wrong: &str, right: &str) -> Diagnostic {
    Diagnostic::new(Code::NumberFormat, span, format!("`{wrong}` is not written like this")).fix(span, right, format!("write `{right}`"))
}

/// `0,5` or `$2,50`: a comma groups three digits, a point separates decimals.
fn comma(failure: &Failure<'_>, at: usize) -> Option<Diagnostic> {
    let [whole, comma, rest] = failure.tokens.get(at..at + 3)? else { return None };
    let adjacent = whole.end() == comma.start && comma.end() == rest.start;
    if !(whole.is_number() && comma.text == "," && rest.is_number() && adjacent) || rest.text.len() == 3 {
        return None;
    }
    let span = failure.span(whole.start, rest.end());
    let wrong = format!("{},{}", whole.text, rest.text);
    if rest.text.len() < 3 {
        let whole = grouped(&whole.text.replace('.', ""));
        return Some(number_slip(span, &wrong, &format!("{whole}.{}", rest.text)));
    }
    let found = Diagnostic::new(Code::NumberFormat, span, format!("`{wrong}` is not one number"));
    Some(found.help("a comma groups three digits, as in `2,000`; a point separates decimals"))
}

/// `2026-03-02T10:15:00`
fn instant(failure: &Failure<'_>, at: usize) -> Option<Diagnostic> {
    let [year, _, month, _, day, time] = failure.tokens.get(at..at + 6)? else { return None };
    let adjoin = failure.tokens[at..at + 6].windows(2).all(|pair| pair[0].end() == pair[1].start);
    let hour = time.text.strip_prefix(['T', 't']).filter(|hour| !hour.is_empty() && hour.bytes().all(|byte| byte.is_ascii_digit()))?;
    if !(adjoin && year.is_number() && month.is_number() && day.is_number()) {
        return None;
    }
    let message = format!("a date and a time are separated by a blank, not by `{}`", &time.text[..1]);
    let found = Diagnostic::new(Code::NumberFormat, failure.span(year.start, time.end()), message);
    let rest = failure.tokens[at + 6..].iter().take_while(|token| token.text == ":" || token.is_number());
    let right = format!("{}-{}-{} {hour}{}", year.text, month.text, day.text, rest.map(|token| token.text).collect::<String>());
    Some(found.fix(
        failure.span(time.start, time.start + 1),
        " ",
        format!("write `{right}`, with a zone in quotes after it where it is another"),
    ))
}

/// `plan is 50K`
fn plan_name(failure: &Failure<'_>, at: usize) -> Option<Diagnostic> {
    let [number, suffix] = failure.tokens.get(at..at + 2)? else { return None };
    let before: Vec<&str> = failure.tokens[..at].iter().map(|token| token.text).collect();
    let compared = before.ends_with(&["plan", "is"]) || before.ends_with(&["plan", "is", "not"]);
    if !compared || !number.is_number() || number.end() != suffix.start {
        return None;
    }
    let span = failure.span(number.start, suffix.end());
    let name = format!("\"{}{}\"", number.text, suffix.text);
    Some(Diagnostic::new(Code::Syntax, span, "the name of a plan stands in quotes").fix(span, name.clone(), format!("write `{name}`")))
}

/// `50k`
fn thousands(failure: &Failure<'_>, at: usize) -> Option<Diagnostic> {
    let [number, suffix] = failure.tokens.get(at..at + 2)? else { return None };
    let zeros: usize = match suffix.text {
        "k" | "K" => 3,
        "m" | "M" => 6,
        _ => return None,
    };
    if !number.is_number() || number.end() != suffix.start || number.text.len() > 9 {
        return None;
    }
    let (whole, part) = number.text.split_once('.').unwrap_or((number.text, ""));
    let missing = zeros.checked_sub(part.len())?;
    let digits = format!("{whole}{part}{}", "0".repeat(missing));
    let right = grouped(digits.trim_start_matches('0'));
    let span = failure.span(number.start, suffix.end());
    let wrong = format!("{}{}", number.text, suffix.text);
    let found = number_slip(span, &wrong, &right);
    let before = at.checked_sub(1).map_or("", |before| failure.tokens[before].text);
    if suffix.text == "m" && matches!(before, "within" | "after" | "for" | "every" | "at" | "in" | "last" | "advance") {
        return Some(number_slip(span, &wrong, &format!("{}min", number.text)));
    }
    let has_sign = matches!(before, "$" | "€" | "£");
    let note = format!("an amount of money has its currency besides, as in `${right}` or `{right} USD`");
    Some(if has_sign { found } else { found.note(note) })
}

/// Digits with a comma before each group of three.
fn grouped(digits: &str) -> String {
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `2 min`, `24 hours`
fn length(failure: &Failure<'_>, at: usize) -> Option<Diagnostic> {
    let [number, word] = failure.tokens.get(at..at + 2)? else { return None };
    let unit = match word.text.to_lowercase().as_str() {
        "ms" | "millis" | "millisecond" | "milliseconds" => "ms",
        "s" | "sec" | "secs" | "second" | "seconds" => "s",
        "min" | "mins" | "minute" | "minutes" => "min",
        "h" | "hr" | "hrs" | "hour" | "hours" => "h",
        _ => return None,
    };
    let is_right = word.text == unit && number.end() == word.start;
    (number.is_number() && !is_right).then(|| {
        let gap = if number.end() == word.start { "" } else { " " };
        let span = failure.span(number.start, word.end());
        number_slip(span, &format!("{}{gap}{}", number.text, word.text), &format!("{}{unit}", number.text))
    })
}

/// `5 % of`, and `5% size` without its `of`.
fn percent(failure: &Failure<'_>, here: usize) -> Option<Diagnostic> {
    let token = failure.tokens.get(here)?;
    let before = failure.tokens.get(here.checked_sub(1)?)?;
    if token.text == "%" && before.is_number() && before.end() < token.start {
        let span = failure.span(before.start, token.end());
        return Some(number_slip(span, &format!("{} %", before.text), &format!("{}%", before.text)));
    }
    let is_spelt_out = matches!(token.text, "percent" | "pct" | "percents")
        || token.text == "per" && failure.tokens.get(here + 1).is_some_and(|next| next.text == "cent");
    if is_spelt_out && before.is_number() {
        let end = failure.tokens.get(here + usize::from(token.text == "per")).map_or(token.end(), Token::end);
        let wrong = failure.text.get(before.start..end)?;
        return Some(number_slip(failure.span(before.start, end), wrong, &format!("{}%", before.text)));
    }
    let is_value = !is_reserved(token.text) || RECORDS.contains(&token.text);
    let is_base = (token.is_word() && is_value && token.text != "trader") || token.text == "(";
    let follows_percent = before.text == "%" && is_base;
    let share = here.checked_sub(2).and_then(|at| failure.tokens.get(at)).map_or("", |share| share.text);
    (follows_percent && failure.after_value()).then(|| {
        let place = failure.span(token.start, token.start);
        let found = Diagnostic::new(Code::Syntax, failure.span(before.start, token.end()), "a percentage says of what with `of`");
        found.fix(place, "of ", format!("write `{share}% of {}`", token.text))
    })
}

/// `$-2,000`
fn sign_before_minus(failure: &Failure<'_>, here: usize) -> Option<Diagnostic> {
    let [sign, minus, number] = failure.tokens.get(here.checked_sub(1)?..here + 2)? else { return None };
    let is_amount = matches!(sign.text, "$" | "€" | "£") && minus.text == "-" && number.is_number();
    let end = amount_end(failure, here + 1);
    let amount = failure.text.get(number.start..end).filter(|_| is_amount)?;
    let span = failure.span(sign.start, end);
    Some(number_slip(span, &format!("{}-{amount}", sign.text), &format!("-{}{amount}", sign.text)))
}

/// Where a number ends that begins with a token, its groups taken together.
fn amount_end(failure: &Failure<'_>, at: usize) -> usize {
    let groups = failure.tokens.get(at..).unwrap_or_default().windows(2);
    let behind = groups.take_while(|pair| pair[0].end() == pair[1].start && (pair[1].is_number() || pair[1].text == ","));
    failure.tokens.get(at + behind.count()).map_or(0, Token::end)
}

/// `31.12.2026`
fn date_with_points(failure: &Failure<'_>, here: usize) -> Option<Diagnostic> {
    let token =
        (here.saturating_sub(1)..=here).filter_map(|at| failure.tokens.get(at)).find(|token| token.text.matches('.').count() == 2)?;
    let [day, month, year] = token.text.split('.').collect::<Vec<_>>()[..] else { return None };
    let right = format!("{year}-{month:0>2}-{day:0>2}");
    right.parse::<crate::value::Date>().ok()?;
    Some(number_slip(failure.span(token.start, token.end()), token.text, &right))
}

/// `48,000$`, `48.000 $`: the sign of a currency stands before the amount.
fn sign_behind(failure: &Failure<'_>, here: usize) -> Option<Diagnostic> {
    let sign = failure.tokens.get(here).filter(|token| matches!(token.text, "$" | "€" | "£"))?;
    let first = (0..here).rev().take_while(|at| {
        let (token, next) = (failure.tokens[*at], failure.tokens[at + 1]);
        (token.is_number() || token.text == ",") && (token.end() == next.start || at + 1 == here)
    });
    let first = failure.tokens[first.last()?];
    let amount = failure.text.get(first.start..sign.start)?.trim_end();
    let (span, wrong) = (failure.span(first.start, sign.end()), failure.text.get(first.start..sign.end())?);
    let in_threes = amount.split_once('.').filter(|(whole, rest)| (1..=3).contains(&whole.len()) && rest.len() == 3);
    Some(match in_threes {
        // A point that may part thousands: which it is, is for the author to say.
        Some((whole, rest)) => {
            let right = format!("{}{whole},{rest}", sign.text);
            let found = Diagnostic::new(Code::NumberFormat, span, format!("`{wrong}` is not written like this"));
            found.guess(span, right.clone(), format!("write `{right}`, or `{}{whole}` for the smaller amount", sign.text))
        }
        None => number_slip(span, wrong, &format!("{}{amount}", sign.text)),
    })
}

/// `$ 50,000`: the sign adjoins its amount.
fn sign_apart(failure: &Failure<'_>, here: usize) -> Option<Diagnostic> {
    let [sign, number] = failure.tokens.get(here.checked_sub(1)?..=here)? else { return None };
    if !matches!(sign.text, "$" | "€" | "£") || !number.is_number() || sign.end() == number.start {
        return None;
    }
    let end = amount_end(failure, here);
    let (wrong, amount) = (failure.text.get(sign.start..end)?, failure.text.get(number.start..end)?);
    Some(number_slip(failure.span(sign.start, end), wrong, &format!("{}{amount}", sign.text)))
}

/// `USD 48,000`: the code of a currency stands behind the amount.
fn code_before(failure: &Failure<'_>, here: usize) -> Option<Diagnostic> {
    let [code, number] = failure.tokens.get(here.checked_sub(1)?..=here)? else { return None };
    Currency::new(code.text).filter(|_| code.text.bytes().all(|byte| byte.is_ascii_uppercase()) && number.is_number())?;
    let end = amount_end(failure, here);
    let amount = failure.text.get(number.start..end)?;
    Some(number_slip(failure.span(code.start, end), &format!("{} {amount}", code.text), &format!("{amount} {}", code.text)))
}

/// `usd`
fn currency(failure: &Failure<'_>, here: usize) -> Option<Diagnostic> {
    let token = failure.tokens.get(here).filter(|_| failure.expected.contains(&Rule::currency))?;
    let code = token.text.to_uppercase();
    Currency::new(&code).filter(|_| code != token.text)?;
    Some(failure.slip(token.start, token.end(), token.text, &code))
}

/// `12.00`, `9:30`, `5pm`, `5:00 pm`, `1510`
fn time_of_day(failure: &Failure<'_>, at: usize) -> Option<Diagnostic> {
    let tokens = &failure.tokens;
    // The minutes of a time are no time of their own.
    if at >= 2 && tokens.get(at - 1).is_some_and(|token| token.text == ":") {
        return time_of_day(failure, at - 2);
    }
    let first = tokens.get(at).filter(|token| token.is_number())?;
    if let Some(half) = tokens.get(at + 1).and_then(half_of_day) {
        return clock_time(failure, first.start, tokens[at + 1].end(), first.text, "", Some(half));
    }
    if tokens.get(at + 1).is_some_and(|token| token.text == ":")
        && let (Some(minutes), Some(word)) = (tokens.get(at + 2), tokens.get(at + 3))
        && let Some(half) = half_of_day(word)
    {
        return clock_time(failure, first.start, word.end(), first.text, minutes.text, Some(half));
    }
    let at_error = failure.tokens.get(failure.here()).is_some_and(|token| token.start == first.start);
    let after_at = at.checked_sub(1).and_then(|before| tokens.get(before)).is_some_and(|before| before.text == "at");
    if !(after_at || at_error && failure.expected.contains(&Rule::time)) {
        return None;
    }
    let (hours, minutes) = first.text.split_once('.')?;
    clock_time(failure, first.start, first.end(), hours, minutes, None)
}

/// `between 9:30-16:00`, `9:30am to 4pm`: from when to when a session is open.
fn hours(failure: &Failure<'_>, here: usize) -> Option<Diagnostic> {
    let is_session = failure.tokens.first().is_some_and(|first| first.text == "session");
    let from = (here.saturating_sub(1)..=here)
        .find(|at| failure.tokens.get(*at).is_some_and(|token| token.text == "between" || token.is_number()))?;
    let first = from + usize::from(failure.tokens[from].text == "between");
    let (opens, at) = one_time(failure, first)?;
    let (parts, at) =
        failure.tokens.get(at).filter(|token| matches!(token.text, "-" | "to" | "and" | "until")).map(|token| (token.text, at + 1))?;
    let (closes, at) = one_time(failure, at)?;
    let (start, end) = (failure.tokens[from].start, failure.tokens[at - 1].end());
    let right = format!("{opens} to {closes}");
    if !is_session || (parts == "to" && failure.text.get(start..end) == Some(right.as_str())) {
        return None;
    }
    let found = Diagnostic::new(Code::NumberFormat, failure.span(start, end), "hours are written from one time of day to another");
    Some(found.fix(failure.span(start, end), right.clone(), format!("write `{right}`")))
}

/// `every Friday 4pm`, `every fri 16:00`
fn weekly(failure: &Failure<'_>) -> Option<Diagnostic> {
    let [every, day, ..] = failure.tokens[..] else { return None };
    let named = if day.text == "day" { "day" } else { weekday(day.text)?.name() };
    let from = if failure.tokens.get(2)?.text == "at" { 3 } else { 2 };
    let (time, behind) = one_time(failure, from).filter(|_| every.text == "every")?;
    let (start, end) = (day.start, failure.tokens[behind - 1].end());
    let right = format!("{named} at {time}");
    if from == 3 && named == day.text {
        let span = failure.span(failure.tokens[3].start, end);
        let wrong = failure.text.get(failure.tokens[3].start..end).filter(|wrong| *wrong != time.to_string())?;
        let found = Diagnostic::new(Code::NumberFormat, span, format!("`{wrong}` is not a time of day"));
        let how = if wrong.contains('.') { ", with a colon" } else { "" };
        return Some(found.fix(span, time.to_string(), format!("write `{time}`{how}")));
    }
    let found = Diagnostic::new(Code::NumberFormat, failure.span(start, end), "a day and a time of day are written with `at`");
    (failure.text.get(start..end) != Some(right.as_str()))
        .then(|| found.fix(failure.span(start, end), right.clone(), format!("write `every {right}`")))
}

/// A time of day in whatever way it is written, and the number of the token behind it.
fn one_time(failure: &Failure<'_>, at: usize) -> Option<(TimeOfDay, usize)> {
    let tokens = &failure.tokens;
    let first = tokens.get(at).filter(|token| token.is_number())?;
    let (hours, mut minutes) = first.text.split_once('.').unwrap_or((first.text, "0"));
    let mut next = at + 1;
    if tokens.get(next).is_some_and(|token| token.text == ":") {
        minutes = tokens.get(next + 1)?.text;
        next += 2;
    }
    let half = tokens.get(next).and_then(half_of_day);
    let hours: u32 = hours.parse().ok()?;
    let hours = half.map_or(hours, |added| if hours <= 12 { hours % 12 + added } else { hours });
    let minutes: u32 = minutes.parse().ok()?;
    let time = format!("{hours:02}:{minutes:02}").parse().ok()?;
    Some((time, next + usize::from(half.is_some())))
}

/// The hours that `am` (0) or `pm` (12) add.
fn half_of_day(token: &Token<'_>) -> Option<u32> {
    match token.text.to_lowercase().as_str() {
        "am" => Some(0),
        "pm" => Some(12),
        _ => None,
    }
}

fn clock_time(failure: &Failure<'_>, start: usize, end: usize, hours: &str, minutes: &str, half: Option<u32>) -> Option<Diagnostic> {
    let hours: u32 = hours.parse().ok()?;
    let minutes: u32 = if minutes.is_empty() { 0 } else { minutes.parse().ok()? };
    // 12 am is midnight, and 12 pm noon.
    let hours = half.map_or(hours, |added| if hours <= 12 { hours % 12 + added } else { hours });
    let right = format!("{hours:02}:{minutes:02}");
    right.parse::<TimeOfDay>().ok()?;
    let span = failure.span(start, end);
    let found = Diagnostic::new(Code::NumberFormat, span, "a time of day is written from `00:00` to `24:00`");
    Some(found.fix(span, right.clone(), format!("write `{right}`")))
}

/// `Monday`, `mon-fri`, `Monday-Friday`
fn weekdays(failure: &Failure<'_>, here: usize) -> Option<Diagnostic> {
    let first = (here.saturating_sub(1)..=here).find(|at| failure.tokens.get(*at).is_some_and(|token| weekday(token.text).is_some()))?;
    let from = failure.tokens.get(first)?;
    let day = weekday(from.text)?;
    if let Some([sign, to]) = failure.tokens.get(first + 1..first + 3)
        && matches!(sign.text, "-" | "to" | "through" | "until")
        && let Some(last) = weekday(to.text)
        && (sign.text != "to" || from.text != day.name() || to.text != last.name())
    {
        let span = failure.span(from.start, to.end());
        let right = format!("{day} to {last}");
        let wrong = format!("{}{}{}", from.text, if sign.text == "-" { "-".to_owned() } else { format!(" {} ", sign.text) }, to.text);
        let found = Diagnostic::new(Code::Syntax, span, format!("`{wrong}` is not written like this"));
        return Some(found.fix(span, right.clone(), format!("write `{right}`")));
    }
    (first == here && from.text != day.name()).then(|| failure.slip(from.start, from.end(), from.text, day.name()))
}

/// A weekday by its short or full name.
fn weekday(word: &str) -> Option<Weekday> {
    let lower = word.to_lowercase();
    let full = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    let short = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    let plain = lower.strip_suffix('s').filter(|_| lower.len() > 4).unwrap_or(&lower);
    let at = full.iter().zip(short).position(|(full, short)| plain == *full || lower == *full || lower == short)?;
    Weekday::ALL.get(at).copied()
}
