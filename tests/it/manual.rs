//! `docs/language.md`: every example on it is checked, its scenarios are run on the engine beside the
//! reference evaluator, and what must be refused is refused as the page says. Its tables are written
//! from the rows that the checker uses.

use std::fmt::Write as _;
use std::fs;
use std::sync::Arc;

use ringfence::check::{Checked, check};
use ringfence::diagnostic::{Code, Severity};
use ringfence::scenario;
use ringfence::selftest::SideBySide;
use ringfence::source::{Source, Span};
use ringfence::syntax::{load, parse};
use ringfence::vocabulary::{AGGREGATES, FUNCTIONS, GOAL_FACTS, LAST_PAYOUT_FACTS, LIMIT_FACTS, PAYOUTS_FACTS, SESSION_FACTS};

use crate::manual_tables::tables;
use crate::shipped::root;

const PAGE: &str = "docs/language.md";

/// The lines of the frame in the place of which parts stand.
const ITEMS: &str = "// what stands outside phases";
const PHASE: &str = "// what stands in a phase";

/// A fenced block of the page.
pub(crate) struct Block {
    line: usize,
    kind: Kind,
    text: String,
}

/// What a block holds.
#[derive(Debug, PartialEq)]
pub(crate) enum Kind {
    /// The program that parts are put into.
    Frame,
    /// A whole program.
    Program,
    /// Items of a program, with scenarios behind them.
    Items,
    /// Items of a phase, with scenarios behind them.
    Phase,
    /// Scenarios alone.
    Scenario,
    /// A whole program, or a part, that has exactly this error.
    Refused(String, Box<Kind>),
}

impl Kind {
    /// The kind that an info string names.
    pub(crate) fn of(info: &str) -> Option<Self> {
        Some(match info.split(' ').collect::<Vec<_>>()[..] {
            ["fence"] => Self::Program,
            ["fence", "frame"] => Self::Frame,
            ["fence", "items"] => Self::Items,
            ["fence", "phase"] => Self::Phase,
            ["fence", "scenario"] => Self::Scenario,
            ["fence", "refused", code] => Self::Refused(code.into(), Box::new(Self::Program)),
            ["fence", "refused", code, part] => Self::Refused(code.into(), Box::new(Self::of(&format!("fence {part}"))?)),
            _ => return None,
        })
    }
}

pub(crate) fn page() -> String {
    fs::read_to_string(root().join(PAGE)).unwrap()
}

/// The fenced blocks of the page.
pub(crate) fn blocks(page: &str) -> Vec<Block> {
    let kind = |line, info| Kind::of(info).unwrap_or_else(|| panic!("{PAGE}:{line}: a block of the kind `{info}`"));
    fences(page).into_iter().map(|(line, info, text)| Block { line, kind: kind(line, info), text }).collect()
}

/// What stands between fences: the line of the first, what is written behind it, and the text.
pub(crate) fn fences(page: &str) -> Vec<(usize, &str, String)> {
    let mut found = Vec::new();
    let mut lines = (1..).zip(page.lines());
    while let Some((line, head)) = lines.next() {
        let Some(info) = head.trim_start().strip_prefix("```") else { continue };
        let body = lines.by_ref().map(|(_, text)| text).take_while(|text| text.trim() != "```");
        found.push((line, info, body.fold(String::new(), |text, line| text + line + "\n")));
    }
    found
}

/// The whole program of a block.
pub(crate) fn whole(kind: &Kind, text: &str, frame: &str) -> String {
    // Scenarios stand outside phases, at the end of their block.
    let (own, scenarios) = text.split_at(if text.starts_with("scenario ") { 0 } else { text.find("\nscenario ").unwrap_or(text.len()) });
    match kind {
        Kind::Refused(_, part) => whole(part, text, frame),
        Kind::Frame | Kind::Program => text.to_owned(),
        Kind::Items | Kind::Scenario => frame.replace(ITEMS, &indented(text, 4)),
        Kind::Phase => frame.replace(PHASE, &indented(own, 8)).replace(ITEMS, &indented(scenarios, 4)),
    }
}

/// A text as it stands in a block, its first line where the place for it is.
fn indented(text: &str, by: usize) -> String {
    text.trim().lines().collect::<Vec<_>>().join(&format!("\n{}", " ".repeat(by)))
}

/// A program checked as a file of that name; it may import programs of the project.
pub(crate) fn checked(name: &str, text: String) -> (Source, Checked) {
    let read = |name: &str| fs::read_to_string(root().join(name)).map_err(|error| error.to_string());
    let source = load(Source::new(name, text), &mut |name| read(name));
    let found = check(&source, &parse(&source));
    (source, found)
}

/// The line that a place is on.
fn line_of(source: &Source, place: Span) -> String {
    let line = source.text().lines().nth(source.line_column(place.start).0 - 1).unwrap_or_default();
    format!("{}\n   ", line.trim())
}

/// What does not hold in a block.
fn findings(block: &Block, frame: &str) -> Vec<String> {
    let (source, checked) = checked(PAGE, whole(&block.kind, &block.text, frame));
    let at = format!("{PAGE}:{}", block.line);
    if let Kind::Refused(code, _) = &block.kind {
        let errors = checked.diagnostics.iter().filter(|found| found.severity() == Severity::Error);
        let told: Vec<String> = errors.map(|found| found.code.to_string()).collect();
        return if told == [code.clone()] { vec![] } else { vec![format!("{at}: refused with {told:?}")] };
    }
    let told = checked.diagnostics.iter().map(|one| format!("{at}: {} {}", line_of(&source, one.span), one.message));
    told.chain(failing(&source, &checked, &at)).collect()
}

/// What the scenarios of a program do not find as they expect it, and what its two evaluators disagree on.
pub(crate) fn failing(source: &Source, checked: &Checked, at: &str) -> Vec<String> {
    let mut found = Vec::new();
    let Some(ir) = &checked.ir else { return found };
    let program = Arc::new(ringfence::compile::compile(ir.clone()).unwrap_or_else(|errors| panic!("{errors:#?}")));
    for scenario in &ir.scenarios {
        let mut both = SideBySide::new(&program);
        let report = scenario::run(ir, &checked.names, scenario, &mut both);
        for failure in &report.failures {
            let (line, title) = (line_of(source, failure.span), &report.title);
            found.push(format!("{at}: {line} `{title}`: expected {}, found {}", failure.expected, failure.found));
        }
        found.extend(both.disagreements().iter().take(3).map(|it| format!("{at} `{}`: {it:?}", report.title)));
    }
    found
}

pub(crate) fn frame(blocks: &[Block]) -> &str {
    let frames: Vec<&Block> = blocks.iter().filter(|block| block.kind == Kind::Frame).collect();
    let [frame] = frames[..] else { panic!("{PAGE} has {} frames", frames.len()) };
    assert!(frame.text.contains(ITEMS) && frame.text.contains(PHASE), "the frame has no place for parts");
    &frame.text
}

#[test]
fn every_example_is_executed() {
    let page = page();
    let blocks = blocks(&page);
    let found: Vec<String> = blocks.iter().flat_map(|block| findings(block, frame(&blocks))).collect();
    assert!(found.is_empty(), "{} found\n{}", found.len(), found.join("\n"));
}

#[test]
fn most_examples_show_their_effect() {
    let page = page();
    let blocks = blocks(&page);
    let shown = blocks.iter().filter(|block| block.text.lines().any(|line| line.trim_start().starts_with("scenario "))).count();
    assert!(shown * 2 >= blocks.len(), "{shown} of {} blocks have a scenario", blocks.len());
}

/// The frame with a goal and a session besides, and a value.
fn told_of(value: &str, frame: &str) -> Vec<String> {
    let goal = "goal \"Target\" {\n    require \"profit\" profit is at least $1\n}\n";
    let frame = frame.replace(ITEMS, "session morning 08:00 to 12:00");
    let told = checked(PAGE, whole(&Kind::Phase, &format!("{goal}let example = {value}\n"), &frame)).1.diagnostics;
    // The value stands alone, and is read by nothing.
    let told = told.into_iter().filter(|found| found.code != Code::Unused);
    told.map(|found| format!("{value}: {}", found.message)).collect()
}

/// What the tables give as examples and as facts is accepted.
#[test]
fn every_form_in_the_tables_is_understood() {
    let page = page();
    let blocks = blocks(&page);
    let forms = FUNCTIONS.iter().chain(AGGREGATES);
    let facts = [
        ("limit(\"Maximum loss\")", LIMIT_FACTS),
        ("goal(\"Target\")", GOAL_FACTS),
        ("morning", SESSION_FACTS),
        ("payouts", PAYOUTS_FACTS),
        ("last payout", LAST_PAYOUT_FACTS),
    ];
    let facts = facts.into_iter().flat_map(|(of, rows)| rows.iter().map(move |row| format!("{of}.{}", row.name)));
    let values = forms.clone().map(|row| row.example.to_owned()).chain(facts);
    let mut wrong: Vec<String> = values.flat_map(|value| told_of(&value, frame(&blocks))).collect();
    wrong.extend(forms.filter(|row| !row.example.starts_with(row.name)).map(|row| format!("no example of {}", row.name)));
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The page with its tables written anew, and the tables that it does not have.
fn rewritten(page: &str) -> (String, Vec<String>) {
    let mut tables = tables();
    let mut written = String::new();
    let mut within = false;
    for line in page.lines() {
        if within && line != "<!-- end -->" {
            continue;
        }
        within = false;
        let _ = writeln!(written, "{line}");
        if let Some(name) = line.strip_prefix("<!-- table: ").and_then(|rest| rest.strip_suffix(" -->")) {
            let table = tables.remove(name).unwrap_or_else(|| panic!("{PAGE} asks for the table `{name}`, which is none, or twice"));
            written.push_str(&table);
            within = true;
        }
    }
    (written, tables.into_keys().map(str::to_owned).collect())
}

#[test]
fn the_tables_are_those_of_the_checker() {
    let page = page();
    let (written, left) = rewritten(&page);
    assert!(left.is_empty(), "{PAGE} lacks the tables {left:?}");
    if std::env::var("WRITE_PAGES").is_ok() {
        fs::write(root().join(PAGE), &written).unwrap();
    }
    assert!(written == page || std::env::var("WRITE_PAGES").is_ok(), "run `WRITE_PAGES=1 cargo test manual` and read what changed");
}

/// Links within the page, and to files beside it, lead somewhere.
#[test]
fn links_lead_somewhere() {
    let page = page();
    let anchors: Vec<String> =
        page.lines().filter(|line| line.starts_with('#')).map(|line| anchor(line.trim_start_matches(['#', ' ']))).collect();
    let mut dead = Vec::new();
    for target in page.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
        let leads = match target.strip_prefix('#') {
            Some(name) => anchors.iter().any(|anchor| anchor == name),
            None => root().join("docs").join(target.split('#').next().unwrap_or_default()).exists(),
        };
        if !leads {
            dead.push(target);
        }
    }
    assert!(dead.is_empty(), "{dead:?}");
}

fn anchor(title: &str) -> String {
    let kept = title.to_lowercase().chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_')).collect::<String>();
    kept.replace(' ', "-")
}
