//! The phases of an account, what leads from one to the next, and the rules of each.

use super::Text;
use super::example::Bench;
use super::model::{Block, Card, Section, Table, Unsaid};
use super::rule::capital;
use super::text::{say, spaced};
use super::voice::{Said, Silence, Voice, has_part, phase_anchor, phase_link};
use crate::ir::{Action, ActionKind, Node, NodeId, NodeKind, Phase, PhaseId};

/// The rules of a program as parts of its page.
pub(super) struct Rulebook<'a> {
    /// The program in words.
    pub(super) voice: &'a Voice<'a>,
    /// Where examples are computed.
    pub(super) bench: &'a Bench<'a>,
    /// What no sentence says.
    pub(super) unsaid: Vec<Unsaid>,
}

/// The kinds of cards, in the order of the page, with their headings.
const KINDS: [(&str, &str); 5] =
    [("limit", "Limits"), ("floor", "Floors"), ("goal", "Goals"), ("payout", "Payouts"), ("rule", "Other rules")];

impl Rulebook<'_> {
    /// The phases, and what leads from each to the next.
    pub(super) fn ways(&self) -> Section {
        let phases = &self.voice.ir.phases;
        let own: Vec<Text> = phases.iter().filter(|phase| !phase.standing).map(|phase| phase_link(self.voice.ir, phase)).collect();
        let count =
            if own.len() == 1 { "The account has one phase: ".to_owned() } else { format!("The account has {} phases: ", own.len()) };
        let mut blocks = vec![Block::Paragraph(say![count, Text::listed(own, "and"), "."])];
        let rows = self.leads();
        if !rows.is_empty() {
            let head = vec![("from".to_owned(), false), ("to".to_owned(), false), ("when".to_owned(), false)];
            let anchors = vec![None; rows.len()];
            blocks.push(Block::Table(Table { anchor: None, caption: "What leads from one to the next".into(), head, rows, anchors }));
        }
        Section { anchor: "phases".into(), heading: "The way through the account".into(), blocks }
    }

    fn leads(&self) -> Vec<Vec<Text>> {
        let mut rows = Vec::new();
        for (id, node) in self.voice.ir.nodes() {
            let from = match node.phase {
                Some(phase) => phase_link(self.voice.ir, self.voice.ir.phase(phase)),
                None => "any phase".into(),
            };
            for (when, actions) in self.causes(id, node) {
                for action in actions {
                    let to = match &action.kind {
                        ActionKind::Promote(phase) => phase_link(self.voice.ir, self.voice.ir.phase(*phase)),
                        ActionKind::Fail => Text::strong("failed"),
                        ActionKind::CloseAccount => Text::strong("closed"),
                        ActionKind::Restart => "the same, anew".into(),
                        _ => continue,
                    };
                    if let Ok(when) = &when {
                        rows.push(vec![from.clone(), to, when.clone()]);
                    }
                }
            }
        }
        rows
    }

    /// What a node does, and when, for each time it does something.
    fn causes<'n>(&self, id: NodeId, node: &'n Node) -> Vec<(Said, &'n [Action])> {
        let voice = self.voice;
        match &node.kind {
            NodeKind::Limit(limit) => {
                let of = |nth: u32| {
                    let title = voice.title_of(id)?;
                    Ok(if nth > 1 { say![title, format!(" is broken for the {nth}. time")] } else { say![title, " is broken"] })
                };
                limit.on_breach.iter().map(|handler| (of(handler.from), handler.actions.as_slice())).collect()
            }
            NodeKind::Goal(goal) => vec![
                (voice.title_of(id).map(|title| say!["the goal ", title, " is reached"]), goal.on_reached.as_slice()),
                (voice.title_of(id).map(|title| say!["the goal ", title, " is lost"]), goal.on_lost.as_slice()),
            ],
            NodeKind::Rule(rule) => vec![(voice.trigger(&rule.trigger), rule.actions.as_slice())],
            _ => Vec::new(),
        }
    }

    /// What holds in every phase, then each phase with what holds there.
    pub(super) fn sections(&mut self) -> Vec<Section> {
        let mut sections = Vec::new();
        let everywhere = self.rules_of(None);
        if !everywhere.is_empty() {
            let lead = Block::Paragraph("These rules hold in every phase.".into());
            let blocks = std::iter::once(lead).chain(everywhere).collect();
            sections.push(Section { anchor: "every-phase".into(), heading: "In every phase".into(), blocks });
        }
        for (id, phase) in (0..).map(PhaseId).zip(&self.voice.ir.phases) {
            if has_part(self.voice.ir, phase) {
                let mut blocks = vec![self.ledger(phase)];
                blocks.extend(self.rules_of(Some(id)));
                let heading = format!("Phase: {}", spaced(&phase.name));
                sections.push(Section { anchor: phase_anchor(&phase.name), heading, blocks });
            }
        }
        sections
    }

    fn ledger(&self, phase: &Phase) -> Block {
        let said = match phase.ledger {
            Some(start) => self.voice.value(start).map(|start| say!["Your balance starts at ", start, " when this phase begins"]),
            None => Ok("Your balance goes on as it stands when this phase begins".into()),
        };
        let said = said.unwrap_or_else(|_| Text::code(self.voice.ir.source.words(phase.span)));
        Block::sentences(vec![said])
    }

    fn rules_of(&mut self, phase: Option<PhaseId>) -> Vec<Block> {
        let ir = self.voice.ir;
        let mut blocks = Vec::new();
        for (kind, heading) in KINDS {
            let mut cards = Vec::new();
            for (id, node) in ir.nodes().filter(|(_, node)| node.phase == phase && kind_of(node) == Some(kind)) {
                cards.push(self.card(id, node, kind));
            }
            if !cards.is_empty() {
                blocks.push(Block::Heading(heading.into()));
                blocks.extend(cards);
            }
        }
        let terms: Vec<(NodeId, &Node)> =
            ir.nodes().filter(|(_, node)| node.phase == phase && is_term(node) && !Voice::is_hidden(node)).collect();
        if !terms.is_empty() {
            blocks.push(Block::Heading("Terms used".into()));
            blocks.extend(self.terms(&terms));
        }
        blocks
    }

    fn terms(&mut self, terms: &[(NodeId, &Node)]) -> Vec<Block> {
        let (mut rows, mut anchors, mut sources) = (Vec::new(), Vec::new(), Vec::new());
        for (id, node) in terms {
            let meaning = match self.voice.kept(node) {
                Ok(meaning) => meaning.sentence(),
                Err(silence) => {
                    sources.push(self.source(node, silence));
                    "In the program's own words, below.".into()
                }
            };
            rows.push(vec![super::kept::kept_name(node), meaning]);
            anchors.push(Some(self.voice.anchor(*id)));
        }
        let head = vec![("term".to_owned(), false), ("what it is".to_owned(), false)];
        let table = Block::Table(Table { anchor: None, caption: Text::default(), head, rows, anchors });
        std::iter::once(table).chain(sources).collect()
    }

    fn card(&mut self, id: NodeId, node: &Node, kind: &'static str) -> Block {
        self.voice.within.set(Some(id));
        let blocks = self.said(node).unwrap_or_else(|silence| vec![self.source(node, silence)]);
        self.voice.within.set(None);
        let title = match node.kind {
            NodeKind::Rule(_) => String::new(),
            NodeKind::Floor(_) | NodeKind::Payout(_) => capital(&spaced(&node.name)),
            _ => node.name.clone(),
        };
        Block::Card(Card { anchor: self.voice.anchor(id), kind, title, clause: node.cites.clone(), blocks })
    }

    fn said(&self, node: &Node) -> Result<Vec<Block>, Silence> {
        Ok(match &node.kind {
            NodeKind::Limit(limit) => {
                let mut said = self.voice.limit(node, limit)?;
                let follows = said.split_off(1);
                said.extend(self.bench.at_start(node));
                let mut blocks = vec![Block::sentences(said), Block::sentences(follows)];
                blocks.extend(self.bench.by_plan(node, limit).map(Block::Table));
                blocks.extend(self.bench.of_limit(self.voice, node, limit).map(Block::Example));
                blocks
            }
            NodeKind::Floor(floor) => vec![Block::sentences(self.voice.floor(floor)?)],
            NodeKind::Goal(goal) => self.voice.goal(goal)?,
            NodeKind::Payout(payout) => self.voice.payout(payout)?,
            NodeKind::Rule(rule) => vec![Block::sentences(self.voice.rule(rule)?)],
            _ => Vec::new(),
        })
    }

    /// A rule in the program's own words, and that it is.
    pub(super) fn source(&mut self, node: &Node, silence: Silence) -> Block {
        let source = &self.voice.ir.source;
        let (line, _) = source.line_column(node.span.start);
        self.unsaid.push(Unsaid { rule: node.name.clone(), why: silence.0.to_owned(), line });
        Block::Source { words: dedented(source.slice(node.span)), place: format!("{}, line {line}", source.file_at(node.span.start).name) }
    }
}

fn kind_of(node: &Node) -> Option<&'static str> {
    match node.kind {
        NodeKind::Limit(_) => Some("limit"),
        NodeKind::Floor(_) => Some("floor"),
        NodeKind::Goal(_) => Some("goal"),
        NodeKind::Payout(_) => Some("payout"),
        NodeKind::Rule(_) => Some("rule"),
        _ => None,
    }
}

const fn is_term(node: &Node) -> bool {
    matches!(node.kind, NodeKind::Value(_) | NodeKind::Held(_) | NodeKind::Tracker(_) | NodeKind::State(_))
}

/// Text with what all its lines but the first are indented by taken away.
fn dedented(text: &str) -> String {
    let blank = |line: &str| line.len() - line.trim_start().len();
    let least = text.lines().skip(1).filter(|line| !line.trim().is_empty()).map(blank).min().unwrap_or(0);
    let lines = text.lines().enumerate().map(|(at, line)| if at == 0 { line } else { line.get(least..).unwrap_or("") });
    lines.collect::<Vec<_>>().join("\n")
}
