//! A program as the page of a rulebook that a firm would publish.
//!
//! What is published cannot differ from what is enforced: sentences are made from the checked program
//! that is compiled, never from its comments, and every figure is an answer of the engine. A rule for
//! which there is no sentence is shown in the program's own words, and counted.

mod action;
mod bench;
mod condition;
mod example;
mod fields;
mod head;
mod html;
mod kept;
mod limit;
mod markdown;
mod model;
mod moments;
mod phases;
mod rule;
mod scenario;
mod tables;
mod text;
mod value;
mod voice;

pub use html::html;
pub use markdown::markdown;
pub use model::{Block, Card, Example, Page, Section, Table, Unsaid};
pub use text::{Piece, Text};

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::check::Names;
use crate::code::Program;
use crate::engine::Engine;
use crate::ir::{ExprId, Ir, Node, NodeId, NodeKind};
use crate::value::{Decimal, Value};
use bench::{Opening, Stand};
use example::Bench;
use phases::Rulebook;
use text::say;
use voice::Voice;

/// The size of the plan that examples are about, where no plan is named and there is one.
const USUAL_SIZE: i32 = 100_000;

/// The page of a program; with a plan's name, of that plan.
///
/// # Errors
/// In words, when the program has no such plan, or one of its scenarios does not hold: then its page would
/// publish what is not enforced.
pub fn page(program: &Arc<Program>, names: &Names, plan: Option<&str>) -> Result<Page, String> {
    let ir = &*program.ir;
    if let Some(plan) = plan
        && !ir.plans.names.iter().any(|name| name == plan)
    {
        return Err(format!("the program has no plan `{plan}`: its plans are {}", ir.plans.names.join(", ")));
    }
    let held = scenarios_hold(program, names)?;
    let usual = plan.map_or_else(|| usual_plan(ir), str::to_owned);
    let stand = plan.and_then(|plan| Stand::open(program, &Opening { plan: plan.to_owned(), ..Opening::default() }));
    let known: RefCell<BTreeMap<ExprId, Option<Value>>> = RefCell::default();
    let compute = |id: ExprId| {
        if let Some(value) = known.borrow().get(&id) {
            return value.clone();
        }
        let value = stand.as_ref().and_then(|stand| stand.compute(ir, id));
        known.borrow_mut().insert(id, value.clone());
        value
    };
    let voice = Voice::new(ir, stand.as_ref().map(|_| &compute as &dyn Fn(ExprId) -> Option<Value>));
    let bench = Bench { program, plan: usual, of_plan: plan.is_some() };
    let mut book = Rulebook { voice: &voice, bench: &bench, unsaid: Vec::new() };
    let mut sections = vec![head::plans(&voice, plan), head::trading_day(&voice)];
    sections.extend(head::options(&voice));
    sections.extend(head::inputs(&voice));
    sections.push(book.ways());
    sections.extend(book.sections());
    sections.extend(lookup_tables(&mut book));
    sections.extend(published(ir, names));
    sections.extend(glossary(&voice));
    let title = plan.map_or_else(|| ir.title.clone(), |plan| format!("{}: {plan}", ir.title));
    let unsaid = book.unsaid;
    Ok(Page {
        title,
        firm: ir.header.firm.clone(),
        facts: head::facts(ir),
        notice: head::notice(ir),
        sections,
        colophon: colophon(ir, held, unsaid.len()),
        unsaid,
    })
}

/// What a rule says, sentence by sentence; in the program's own words, line by line, where there are no sentences.
pub fn sentences(ir: &Ir, id: NodeId) -> Vec<String> {
    let voice = Voice::new(ir, None);
    let node = ir.node(id);
    let said = match &node.kind {
        NodeKind::Limit(limit) => voice.limit(node, limit).map(whole),
        NodeKind::Floor(floor) => voice.floor(floor).map(whole),
        NodeKind::Rule(rule) => voice.rule(rule).map(whole),
        NodeKind::Goal(goal) => voice.goal(goal).map(|blocks| blocks.iter().flat_map(plain).collect()),
        NodeKind::Payout(payout) => voice.payout(payout).map(|blocks| blocks.iter().flat_map(plain).collect()),
        // What stays without a name of its own on the page is told where it is read; here it is told by itself.
        NodeKind::Tracker(tracker) => voice.tracker(tracker).map(|said| whole(vec![said])),
        _ => return own_words(ir, node),
    };
    said.unwrap_or_else(|_| own_words(ir, node))
}

fn whole(said: Vec<Text>) -> Vec<String> {
    said.into_iter().filter(|text| !text.is_empty()).map(|text| text.sentence().to_string()).collect()
}

fn plain(block: &Block) -> Vec<String> {
    match block {
        Block::Paragraph(text) => vec![text.to_string()],
        Block::List(points) | Block::Steps(points) => whole(points.clone()),
        _ => Vec::new(),
    }
}

fn own_words(ir: &Ir, node: &Node) -> Vec<String> {
    ir.source.slice(node.span).lines().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect()
}

/// How many scenarios were run; all of them hold.
fn scenarios_hold(program: &Arc<Program>, names: &Names) -> Result<usize, String> {
    for scenario in &program.ir.scenarios {
        let mut engine = Engine::new();
        engine.load(Arc::clone(program));
        let report = crate::scenario::run(&program.ir, names, scenario, &mut engine);
        if let Some(failure) = report.failures.first() {
            return Err(format!(
                "the scenario \"{}\" does not hold (expected {}, found {}): a page would publish what is not enforced; \
                 `ringfence test` shows more",
                report.title,
                failure.expected.trim_start_matches("expect "),
                failure.found
            ));
        }
    }
    Ok(program.ir.scenarios.len())
}

fn usual_plan(ir: &Ir) -> String {
    let usual = ir.plans.names.iter().find(|name| bench::size_of(ir, name) == Some(Decimal::from(USUAL_SIZE)));
    usual.or(ir.plans.names.first()).cloned().unwrap_or_default()
}

fn lookup_tables(book: &mut Rulebook<'_>) -> Option<Section> {
    let voice = book.voice;
    let mut blocks = Vec::new();
    for (number, table) in (0..).zip(&voice.ir.tables) {
        match voice.table(number, table) {
            Ok(said) => blocks.extend(said),
            Err(silence) => {
                let (line, _) = voice.ir.source.line_column(table.span.start);
                book.unsaid.push(Unsaid { rule: table.name.clone(), why: silence.0.to_owned(), line });
                blocks.push(Block::Source { words: voice.ir.source.slice(table.span).to_owned(), place: format!("line {line}") });
            }
        }
    }
    if blocks.is_empty() { None } else { Some(Section { anchor: "tables".into(), heading: "Tables".into(), blocks }) }
}

fn published(ir: &Ir, names: &Names) -> Option<Section> {
    let teller = scenario::Teller { ir, names };
    let cited = ir.scenarios.iter().filter(|scenario| !scenario.cites.is_empty());
    let examples: Vec<Block> = cited.map(|scenario| Block::Example(teller.example(scenario))).collect();
    if examples.is_empty() {
        return None;
    }
    let lead = "Each of these repeats a published case. The engine has worked through it, and everything said to follow did.";
    let blocks = std::iter::once(Block::Paragraph(lead.into())).chain(examples).collect();
    Some(Section { anchor: "examples".into(), heading: "Published examples".into(), blocks })
}

fn glossary(voice: &Voice<'_>) -> Option<Section> {
    let mut rows: Vec<Vec<Text>> = Vec::new();
    let plain = |doc: &str| Text::from(doc.replace('`', "")).sentence();
    for field in voice.named.borrow().iter() {
        rows.push(vec![Text::strong(fields::account(*field)), plain(field.row().doc)]);
    }
    for field in voice.named_of_periods.borrow().iter() {
        rows.push(vec![Text::strong(fields::of_any_period(*field)), plain(field.row().doc)]);
    }
    if rows.is_empty() {
        return None;
    }
    let head = vec![("words".to_owned(), false), ("what they mean".to_owned(), false)];
    let anchors = vec![None; rows.len()];
    let table = Table { anchor: None, caption: Text::default(), head, rows, anchors };
    Some(Section { anchor: "words".into(), heading: "Words used on this page".into(), blocks: vec![Block::Table(table)] })
}

fn colophon(ir: &Ir, held: usize, unsaid: usize) -> Vec<Text> {
    let version = if ir.header.version.is_empty() { String::new() } else { format!(", version {}", ir.header.version) };
    let mut said = vec![say![format!(
        "Every sentence and figure here is made from the program that enforces these rules, “{}”{version}; worked examples are the answers \
         of the engine that runs it.",
        ir.title
    )]];
    if held > 0 {
        said.push(format!("All {held} scenarios of the program were run for this page, and hold.").into());
    }
    if unsaid > 0 {
        let words = if unsaid == 1 { "1 rule is".to_owned() } else { format!("{unsaid} rules are") };
        said.push(format!("{words} shown in the program's own words.").into());
    }
    said
}
