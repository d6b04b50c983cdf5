//! A report as one HTML file.

use std::fmt::Write;

use maud::{DOCTYPE, Markup, PreEscaped, html as markup};

use super::record::{Decision, Matter, Record, Recorder};
use super::series::{Point, Series};
use crate::ir::Ir;
use crate::value::{Instant, Value};

const CHART_SCRIPT: &str = include_str!("uplot/uPlot.iife.min.js");
const CHART_STYLE: &str = include_str!("uplot/uPlot.min.css");
const SCRIPT: &str = include_str!("report.js");
const STYLE: &str = include_str!("report.css");

/// What was recorded of a run, as one HTML file that needs no other.
pub fn html(recorder: &Recorder<'_>) -> String {
    let ir = recorder.ir();
    let accounts: Vec<(usize, (&String, &Record))> = recorder.accounts().iter().enumerate().collect();
    let whole = markup! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { "Report · " (ir.title) }
                style { (PreEscaped(CHART_STYLE)) (PreEscaped(STYLE)) }
            }
            body {
                header {
                    @if !ir.header.firm.is_empty() { p.firm { (ir.header.firm) } }
                    h1 { (ir.title) }
                    p.about { "Dry run of version " (ir.header.version) " · times on the clock " (ir.header.day.zone) " · " (counted(accounts.len(), "account", "accounts")) }
                    @if accounts.len() > 1 {
                        nav aria-label="Accounts" { ul { @for (at, (name, record)) in &accounts { li { a href={ "#account-" (at) } { (name) } " " span.phase { (record.phase) } } } } }
                    }
                }
                main { @for (at, (name, record)) in &accounts { (account(ir, *at, name, record)) } }
                noscript { p.about { "The charts need scripts; the tables do not." } }
                script type="application/json" id="data" { (PreEscaped(data(ir, recorder))) }
                script { (PreEscaped(CHART_SCRIPT)) }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    };
    whole.into_string()
}

fn account(ir: &Ir, at: usize, name: &str, record: &Record) -> Markup {
    let graver = |matter: Matter| record.decisions.iter().filter(|decision| decision.matter == matter).count();
    markup! {
        section id={ "account-" (at) } {
            h2 { (name) " " span.phase { (record.phase) } }
            p.about { (counted(graver(Matter::Breach), "breach", "breaches")) ", " (counted(graver(Matter::Warning), "warning", "warnings")) }
            div.charts data-account=(at) {
                h3 { "Equity, balance, floors and limits" }
                div.chart.money {}
                p.mark aria-live="polite" { "Drag over a span to enlarge it, or click the time of a decision; click twice for all of it." }
                h3 { "Positions" }
                div.chart.positions {}
            }
            h3 { "Days" }
            (days(record))
            h3 { "Decisions" }
            (decisions(ir, at, record))
        }
    }
}

fn counted(count: usize, one: &str, several: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { several })
}

fn days(record: &Record) -> Markup {
    let heads = ["Start", "Highest", "Lowest", "End", "Profit booked", "Trades"];
    markup! {
        div.scrolls { table {
            thead { tr { th scope="col" { "Day" } th scope="col" { "Phase" } @for head in heads { th.figures scope="col" { (head) } } } }
            tbody { @for day in &record.days { tr {
                th scope="row" { (day.date) }
                td { (day.phase) }
                @for value in &day.equity { td.figures { (value) } }
                td.figures.loss[is_loss(&day.profit)] { (day.profit) }
                td.figures { (day.trades) }
            } } }
        } }
    }
}

fn is_loss(value: &Value) -> bool {
    matches!(value, Value::Money(number, _) if number.is_negative())
}

fn decisions(ir: &Ir, at: usize, record: &Record) -> Markup {
    if record.decisions.is_empty() {
        return markup! { p.about { "Nothing was decided." } };
    }
    markup! {
        div.scrolls { table.decisions {
            thead { tr { th scope="col" { "When" } th scope="col" { "What" } th scope="col" { "Decided" } th scope="col" { "Values that mattered" } } }
            tbody { @for decision in &record.decisions { (decided(ir, at, decision)) } }
        } }
        @if record.untold > 0 { p.about { "and " (record.untold) " more, which are not listed" } }
    }
}

fn decided(ir: &Ir, account: usize, decision: &Decision) -> Markup {
    markup! {
        tr {
            th scope="row" {
                button.zoom type="button" data-account=(account) data-at=(seconds(decision.at, 0)) title="show it in the chart" {
                    (ir.header.day.zone.to_local(decision.at))
                }
            }
            td { span.matter.(decision.matter.word()) { (decision.matter.word()) } }
            td { @for line in &decision.lines { p { (line) } } }
            td { @if !decision.evidence.is_empty() { dl { @for (words, value) in &decision.evidence { div { dt { (words) } dd { (value) } } } } } }
        }
    }
}

/// What charts are drawn from. Amounts are written digit by digit from their decimals; the browser reads them as
/// numbers, which is enough to draw.
fn data(ir: &Ir, recorder: &Recorder<'_>) -> String {
    let (zone, shift) = clock(ir);
    let mut out = format!("{{\"zone\":{},\"shift\":{shift},\"accounts\":[", text(&zone));
    for (at, record) in recorder.accounts().values().enumerate() {
        let comma = if at > 0 { "," } else { "" };
        let _ = write!(out, "{comma}{{\"equity\":{},\"balance\":{}", series(&record.equity, record), series(&record.balance, record));
        out.push_str(",\"lines\":");
        named(&mut out, record.lines.iter(), record);
        out.push_str(",\"positions\":");
        named(&mut out, record.positions.iter(), record);
        out.push_str(",\"marks\":[");
        let shown = record.decisions.iter().filter(|decision| decision.matter < Matter::Answer);
        for (at, decision) in shown.enumerate() {
            let comma = if at > 0 { "," } else { "" };
            let (matter, title) = (text(decision.matter.word()), text(&decision.title));
            let _ = write!(out, "{comma}[{},{matter},{title}]", seconds(decision.at, 0));
        }
        out.push_str("]}");
    }
    out.push_str("]}");
    out
}

fn named<'r>(out: &mut String, all: impl Iterator<Item = (&'r String, &'r Series)>, record: &Record) {
    out.push('[');
    for (at, (name, line)) in all.enumerate() {
        let comma = if at > 0 { "," } else { "" };
        let _ = write!(out, "{comma}{{\"name\":{},\"data\":{}}}", text(name), series(line, record));
    }
    out.push(']');
}

/// The times and values of a series. Values of one instant are drawn a microsecond apart, in their order; a line
/// that stands still goes on to the end of the run.
fn series(series: &Series, record: &Record) -> String {
    let mut points = series.points();
    if let (Some(last), Some(end)) = (points.last().copied(), record.equity.last())
        && last.at < end.at
    {
        points.push(Point { at: end.at, value: last.value });
    }
    let (mut times, mut values) = (String::new(), String::new());
    let (mut before, mut apart) = (None, 0);
    for (at, point) in points.iter().enumerate() {
        apart = if before == Some(point.at) { apart + 1 } else { 0 };
        before = Some(point.at);
        let comma = if at > 0 { "," } else { "" };
        let _ = write!(times, "{comma}{}", seconds(point.at, apart));
        match point.value {
            Some(value) => {
                let _ = write!(values, "{comma}{value}");
            }
            None => {
                let _ = write!(values, "{comma}null");
            }
        }
    }
    format!("[[{times}],[{values}]]")
}

/// Seconds since 1970 to the microsecond, so many of them later.
fn seconds(at: Instant, apart: i64) -> String {
    let micros = at.nanos().div_euclid(1_000) + apart;
    let sign = if micros < 0 { "-" } else { "" };
    format!("{sign}{}.{:06}", micros.abs() / 1_000_000, micros.abs() % 1_000_000)
}

/// The clock of the program for a browser: a zone that it knows, and by how many seconds the clock is ahead of that.
fn clock(ir: &Ir) -> (String, i64) {
    let zone = ir.header.day.zone;
    let words = zone.to_string();
    let base = words.split(' ').next().unwrap_or_default().to_owned();
    let seconds = |nanos: i64| nanos / 1_000_000_000;
    if base.contains('/') {
        let plain = crate::calendar::Zone::parse(&base).map_or(0, |plain| plain.offset_at(Instant::from_nanos(0)));
        return (base, seconds(zone.offset_at(Instant::from_nanos(0)) - plain));
    }
    ("Etc/UTC".to_owned(), seconds(zone.offset_at(Instant::from_nanos(0))))
}

/// A text of JSON that can stand inside a script element.
fn text(words: &str) -> String {
    let mut out = String::from("\"");
    for letter in words.chars() {
        match letter {
            '"' | '\\' => {
                out.push('\\');
                out.push(letter);
            }
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\u{1f}' => {
                let _ = write!(out, "\\u{:04x}", u32::from(letter));
            }
            other => out.push(other),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_cannot_end_the_script_they_stand_in() {
        assert_eq!(text("</script> \"\\\n"), "\"\\u003c/script\\u003e \\\"\\\\\\u000a\"");
    }

    #[test]
    fn values_of_one_instant_are_a_microsecond_apart() {
        assert_eq!(seconds(Instant::from_nanos(1_399_000_000_123_456_789), 1), "1399000000.123457");
        assert_eq!(seconds(Instant::from_nanos(-1_500_000_000), 0), "-1.500000");
    }
}
