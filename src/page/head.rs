//! What stands before the rules: facts, trading day, plans, what is chosen and told.

use super::Text;
use super::model::{Block, Section, Table};
use super::text::{article, say, spaced};
use super::voice::{Voice, date, duration, shown, weekday};
use crate::calendar::{Weekdays, WeeklySession};
use crate::ir::{ClockSpan, Closing, Group, Ir, Joins, OpenedPeriod, Period, PeriodKind, PeriodRow, Setting};
use crate::syntax::ast::{Gaps, Marks};
use crate::value::{Currency, TimeOfDay, Type, Weekday};

/// The facts of the header.
pub(super) fn facts(ir: &Ir) -> Vec<(String, Text)> {
    let header = &ir.header;
    let mut facts: Vec<(&str, Text)> = Vec::new();
    if !header.firm.is_empty() {
        facts.push(("Firm", header.firm.as_str().into()));
    }
    if !header.version.is_empty() {
        facts.push(("Version", Text::figure(header.version.as_str())));
    }
    if let Some(effective) = header.effective {
        facts.push(("In effect from", Text::figure(date(effective))));
    }
    if !header.source.is_empty() {
        facts.push(("Published at", Text::link(header.source.as_str())));
    }
    if let Some(read) = header.as_of {
        facts.push(("Read on", Text::figure(date(read))));
    }
    let currency = if header.currency == Currency::ACCOUNT { "the account's own".to_owned() } else { header.currency.to_string() };
    facts.push(("Currency", currency.into()));
    facts.into_iter().map(|(name, text)| (name.to_owned(), text)).collect()
}

/// What a reader must know first: a program that names what it was read from is a reading of it.
pub(super) fn notice(ir: &Ir) -> Vec<Text> {
    let header = &ir.header;
    let Some(read) = header.as_of else { return Vec::new() };
    let firm = if header.firm.is_empty() { "the firm".to_owned() } else { header.firm.clone() };
    vec![say![
        Text::strong("This is an unofficial reading"),
        format!(" of the rules that {firm} publishes, as they were read on "),
        Text::figure(date(read)),
        format!(". It is not made or endorsed by {firm}; what {firm} publishes is what counts.")
    ]]
}

/// The trading day, sessions, and periods of the program's own.
pub(super) fn trading_day(voice: &Voice<'_>) -> Section {
    let ir = voice.ir;
    let mut blocks = vec![Block::sentences(day(ir))];
    if !ir.sessions.is_empty() {
        blocks.push(Block::Heading("Sessions".into()));
        blocks.push(Block::List(ir.sessions.iter().map(|(name, session)| session_words(name, session)).collect()));
    }
    let mut own: Vec<Text> = Vec::new();
    for (period, row) in ir.own_periods() {
        own.push(say![Text::strong(spaced(&row.name)), ": ", period_words(voice, period, row)].sentence());
    }
    if !own.is_empty() {
        blocks.push(Block::Heading("Periods".into()));
        blocks.push(Block::List(own));
    }
    if !ir.groups.is_empty() {
        blocks.push(Block::Heading("Trades that count together".into()));
        blocks.push(Block::List(ir.groups.iter().map(|group| group_words(voice, group)).collect()));
    }
    Section { anchor: "trading-day".into(), heading: "Trading day".into(), blocks }
}

fn day(ir: &Ir) -> Vec<Text> {
    let rule = &ir.header.day;
    let mut said = vec![say!["All times are those of the clock ", Text::figure(rule.zone.to_string())]];
    let mut day = say!["A trading day begins at ", Text::figure(rule.opens.to_string())];
    // A day is named by the date on which it ends.
    if rule.opens != TimeOfDay::default() && rule.stops.is_none_or(|stops| stops <= rule.opens) {
        day.push(" of the evening before");
    }
    if let Some(stops) = rule.stops {
        day.push(say![" and trading stops at ", Text::figure(stops.to_string())]);
    }
    match rule.settles {
        Some(settles) => day.push(say!["; the day is closed off at ", Text::figure(settles.to_string())]),
        None if rule.stops.is_none() => day.push(" and lasts until the next one begins"),
        None => {}
    }
    said.push(day);
    said.push(match (&ir.header.calendar, rule.every_day) {
        (_, true) => "Every date is a trading day, weekends and holidays too".into(),
        (Some(calendar), false) => say![
            "Trading days are those of the exchange calendar ",
            Text::figure(calendar.as_str()),
            ": no weekends, no holidays, early closes kept"
        ],
        (None, false) => "Trading days are Monday to Friday".into(),
    });
    if ir.header.week != Weekday::Mon {
        said.push(say!["A week begins on ", weekday(ir.header.week)]);
    }
    said.push(match ir.header.marks {
        Marks::Last => "Open positions are valued at the last traded price".into(),
        Marks::Mid => "Open positions are valued in the middle of bid and ask".into(),
        Marks::ExitSide => {
            "Open positions are valued at the price they would be closed at: long ones at the bid, short ones at the ask".into()
        }
    });
    if ir.header.marks != Marks::Last {
        said.push("One that was just opened is valued at the price it was opened at, until the next price of its symbol".into());
    }
    match ir.header.gaps {
        Gaps::Hold => {}
        Gaps::RefuseNewRisk => said.push("While prices are missing, orders that open or increase are refused".into()),
        Gaps::WorstSideOnResume => said.push("After a gap in prices, the first one counts at its worse side".into()),
    }
    if let Some(within) = &ir.header.corrections {
        said.push(say!["Trades, fees and balances that turn out wrong are corrected within ", Text::figure(within.to_string())]);
    }
    said
}

fn session_words(name: &str, session: &WeeklySession) -> Text {
    let windows = session
        .windows()
        .map(|(weekdays, opens, closes)| say![days_of(weekdays), " ", Text::figure(format!("{opens}–{closes}")), next_day(opens, closes)]);
    say![Text::strong(spaced(name)), ": ", Text::listed(windows.collect(), "and"), "."]
}

fn next_day(opens: TimeOfDay, closes: TimeOfDay) -> &'static str {
    if closes <= opens { " (of the next day)" } else { "" }
}

/// Weekdays in words: `Monday to Thursday`.
fn days_of(weekdays: Weekdays) -> String {
    let on: Vec<Weekday> = Weekday::ALL.into_iter().filter(|day| weekdays.contains(*day)).collect();
    match on[..] {
        [only] => weekday(only).into(),
        [first, .., last] if usize::try_from(last.number() - first.number()).is_ok_and(|apart| apart + 1 == on.len()) => {
            format!("{} to {}", weekday(first), weekday(last))
        }
        _ => on.iter().map(|day| weekday(*day)).collect::<Vec<_>>().join(", "),
    }
}

fn period_words(voice: &Voice<'_>, period: Period, row: &PeriodRow) -> Text {
    let said = match &row.kind {
        PeriodKind::Predeclared => Ok(Text::from(voice.period(period))),
        PeriodKind::Clock(clock) => {
            let rule = clock.days.rule;
            let span = match clock.span {
                ClockSpan::Day => "a day".to_owned(),
                ClockSpan::Week => format!("a week from {} on", weekday(clock.days.week_starts)),
                ClockSpan::Month(1) => "a month".to_owned(),
                ClockSpan::Month(day) => format!("a month from the {day}th on"),
            };
            Ok(say![span, " of the clock ", Text::figure(rule.zone.to_string()), ", turning at ", Text::figure(rule.opens.to_string())])
        }
        PeriodKind::Opened(opened) => opened_words(voice, opened),
    };
    said.unwrap_or_else(|_| Text::code(voice.ir.source.words(row.span)))
}

fn opened_words(voice: &Voice<'_>, opened: &OpenedPeriod) -> super::voice::Said {
    let begins = match opened.since {
        Some(since) => say![voice.first(opened.opens)?, " since ", voice.since(since)?],
        None => voice.when(opened.opens)?,
    };
    let ends = match opened.closes {
        Closing::On(event) => voice.when(event)?,
        Closing::After(length) => say!["after ", voice.value(length)?],
        Closing::Flat(nanos) => say!["when no position has been open for ", Text::figure(duration(nanos))],
    };
    let again = if opened.repeats { ", and the next one begins there" } else { "" };
    Ok(say!["begins ", begins, " and ends ", ends, again])
}

fn group_words(voice: &Voice<'_>, group: &Group) -> Text {
    let keys: Vec<Text> = group.keys.iter().filter_map(|key| voice.value(*key).ok()).collect();
    let same = if keys.is_empty() { Text::default() } else { say![" that agree in ", Text::listed(keys, "and")] };
    let of = if group.open_only { "open positions" } else { "trades" };
    let joins = match group.joins {
        Joins::WhileOpen => "opened while one of them is open".to_owned(),
        Joins::AfterClose { within, losing } => {
            let losing = if losing { "losing " } else { "" };
            format!("opened while one of them is open, or within {} of its last {losing}close", duration(within))
        }
        Joins::AfterFirst { within } => format!("opened within {} of the first", duration(within)),
    };
    let name = spaced(&group.name);
    say![format!("{} ", super::rule::capital(article(&name))), Text::strong(name), format!(": {of}"), same, format!(", {joins}.")]
}

/// The plans.
pub(super) fn plans(voice: &Voice<'_>, only: Option<&str>) -> Section {
    let plans = &voice.ir.plans;
    let head = std::iter::once(("plan".to_owned(), false))
        .chain(plans.columns.iter().map(|column| (spaced(&column.name), column.ty.is_numeric())))
        .collect();
    let mut rows = Vec::new();
    for (name, cells) in plans.names.iter().zip(&plans.cells) {
        if only.is_none_or(|only| only == name) {
            let cells = cells.iter().map(|cell| voice.cell(*cell).unwrap_or_else(|_| "—".into()));
            rows.push(std::iter::once(Text::strong(name)).chain(cells).collect());
        }
    }
    let anchors = vec![None; rows.len()];
    let table = Table { anchor: None, caption: Text::default(), head, rows, anchors };
    Section { anchor: "plans".into(), heading: "Plans".into(), blocks: vec![Block::Table(table)] }
}

/// What is chosen with an account.
pub(super) fn options(voice: &Voice<'_>) -> Option<Section> {
    let lead = "Chosen with the account:";
    settings(voice, &voice.ir.options, lead, "options", "Options")
}

/// What the firm keeps up to date.
pub(super) fn inputs(voice: &Voice<'_>) -> Option<Section> {
    let lead = "Some rules depend on what the firm knows of you or your other accounts, and keeps up to date:";
    settings(voice, &voice.ir.inputs, lead, "inputs", "What the firm records")
}

fn settings(voice: &Voice<'_>, settings: &[Setting], lead: &str, anchor: &str, heading: &str) -> Option<Section> {
    if settings.is_empty() {
        return None;
    }
    let head = vec![("name".to_owned(), false), ("what it can be".to_owned(), false), ("unless told".to_owned(), false)];
    let row = |setting: &Setting| {
        let default = match setting.default {
            Some(default) => match voice.figure(default) {
                Some(value) => Text::figure(shown(&value)),
                None => voice.cell(default).unwrap_or_else(|_| "—".into()),
            },
            None => "—".into(),
        };
        let changes = if setting.changeable { "; may be changed later" } else { "" };
        let stale = setting.stale_after.map_or_else(String::new, |nanos| format!("; counts for {}", duration(nanos)));
        vec![Text::strong(spaced(&setting.name)), format!("{}{changes}{stale}", kind(&setting.ty)).into(), default]
    };
    let rows: Vec<Vec<Text>> = settings.iter().map(row).collect();
    let anchors = vec![None; rows.len()];
    let table = Block::Table(Table { anchor: None, caption: Text::default(), head, rows, anchors });
    Some(Section { anchor: anchor.into(), heading: heading.into(), blocks: vec![Block::Paragraph(lead.into()), table] })
}

/// What a setting can be.
fn kind(ty: &Type) -> String {
    match ty {
        Type::Money(_) => "an amount of money".into(),
        Type::Bool => "yes or no".into(),
        Type::OneOf(words) => words.iter().map(|word| spaced(word)).collect::<Vec<_>>().join(" or "),
        Type::Count => "a whole number".into(),
        Type::Text => "a text".into(),
        Type::Instant => "a point in time".into(),
        other => other.to_string(),
    }
}
