//! What a rule means, as text that two versions of a program can be compared by: its listing, with each number
//! replaced by what it stands for, and each `let` by what it is.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::fmt::Write as _;

use crate::bytes::checksum;
use crate::code::{kind_word, without_spans};
use crate::ir::{Constant, ExprId, ExprKind, Ir, NodeId, NodeKind, Schedule};
use crate::value::Type;

/// The meanings in one program; each is found once.
pub(super) struct Meanings<'a> {
    ir: &'a Ir,
    /// What its phases are called in the comparison.
    phases: Vec<String>,
    exprs: RefCell<BTreeMap<ExprId, u64>>,
}

impl<'a> Meanings<'a> {
    pub(super) fn new(ir: &'a Ir) -> Self {
        Self::after(ir, str::to_owned)
    }

    /// The meanings in a version that says what its phases were called in another.
    pub(super) fn after(ir: &'a Ir, earlier: impl Fn(&str) -> String) -> Self {
        Self { ir, phases: ir.phases.iter().map(|phase| earlier(&phase.name)).collect(), exprs: RefCell::default() }
    }

    pub(super) const fn ir(&self) -> &'a Ir {
        self.ir
    }

    /// The `let`s that a node reads, directly or through others, by name, with what each means.
    pub(super) fn values_of(&self, id: NodeId) -> BTreeMap<String, String> {
        let mut found = BTreeMap::new();
        let mut listed = vec![without_spans(&format!("{:?}", self.ir.node(id).kind))];
        let mut seen = BTreeSet::new();
        while let Some(text) = listed.pop() {
            for (name, number) in
                numbered(&text).filter(|(name, number)| matches!(*name, "e" | "node") && seen.insert((name.len(), *number)))
            {
                if name == "e" {
                    listed.push(without_spans(&format!("{:?}", self.ir.expr(ExprId(number)).kind)));
                    continue;
                }
                let node = u16::try_from(number).ok().map(|number| self.ir.node(NodeId(number)));
                if let Some((node, NodeKind::Value(value))) = node.map(|node| (node, &node.kind)) {
                    found.insert(node.name.clone(), self.expr(*value));
                    listed.push(format!("e({})", value.0));
                }
            }
        }
        found
    }

    /// The meaning of a node, whatever it is called.
    pub(super) fn node(&self, id: NodeId) -> String {
        let node = self.ir.node(id);
        format!("{} for {} {}", self.text(&node.kind), self.text(&node.per), node.ty)
    }

    /// The meaning of an expression: a number, the same for the same text. What is read often would be written
    /// out as often, and a `let` means what it would if it were written out.
    pub(super) fn expr(&self, id: ExprId) -> String {
        if let Some(known) = self.exprs.borrow().get(&id) {
            return format!("{known:016x}");
        }
        let expr = self.ir.expr(id);
        if let ExprKind::Node(node) = expr.kind
            && let NodeKind::Value(value) = self.ir.node(node).kind
        {
            return self.expr(value);
        }
        let said = match (&expr.kind, &expr.ty) {
            (ExprKind::Constant(Constant::Word(number)), Type::Phase) => {
                let phase = usize::try_from(*number).ok().and_then(|number| self.phases.get(number));
                format!("phase {}", phase.map_or("", String::as_str))
            }
            (ExprKind::Constant(Constant::Decimal(number)), ty) => format!("{number} {ty}"),
            (kind, ty) => format!("{} {ty}", self.text(kind)),
        };
        let sum = checksum(said.as_bytes());
        self.exprs.borrow_mut().insert(id, sum);
        format!("{sum:016x}")
    }

    /// A listing with its numbers replaced.
    pub(super) fn text(&self, listed: &dyn Debug) -> String {
        let text = without_spans(&format!("{listed:?}"));
        let (mut out, mut rest) = (String::new(), text.as_str());
        while let Some(at) = rest.find(|letter: char| letter.is_ascii_alphabetic() || letter == '"') {
            out.push_str(&rest[..at]);
            rest = &rest[at..];
            let end = if rest.starts_with('"') { quoted(rest) } else { word(rest) };
            let (name, behind) = rest.split_at(end);
            // How something is written is shown, and is no meaning.
            let behind_words = match name {
                "evidence" => behind.strip_prefix(": [").map(behind_list),
                "words" => behind.strip_prefix(": ").map(|written| &written[quoted(written)..]),
                _ => None,
            };
            if let Some(behind_words) = behind_words {
                rest = behind_words;
                continue;
            }
            let taken = behind.strip_prefix('(').and_then(|inner| self.replaced(name, inner)).map(|(meaning, rest)| {
                out.push_str(&meaning);
                rest
            });
            rest = taken.unwrap_or_else(|| {
                out.push_str(name);
                behind
            });
        }
        out.push_str(rest);
        out
    }

    /// What `NAME(number` stands for, and what follows the number.
    fn replaced<'t>(&self, name: &str, inner: &'t str) -> Option<(String, &'t str)> {
        let (first, rest) = number(inner)?;
        let ir = self.ir;
        let at = usize::try_from(first).ok()?;
        let short = u16::try_from(first).ok();
        let known = |found: Option<&String>| found.map(|found| format!("{name}({found:?}"));
        let named = match name {
            "e" => Some(format!("({}", self.expr(ExprId(first)))),
            "node" => short.map(|id| format!("({}", self.named(NodeId(id)))),
            "PhaseId" => known(self.phases.get(at)),
            "Period" => known(ir.periods.get(at).map(|period| &period.name)),
            "Text" => known(ir.texts.get(at)),
            "Symbol" => known(ir.symbols.get(at)),
            "Plan" => known(ir.plans.columns.get(at).map(|column| &column.name)),
            "Option" => known(ir.options.get(at).map(|option| &option.name)),
            "Input" => known(ir.inputs.get(at).map(|input| &input.name)),
            "Host" => known(ir.events.get(at).map(|event| &event.name)),
            "Call" => known(ir.actions.get(at).map(|action| &action.name)),
            "Group" | "GroupEnd" => known(ir.groups.get(at).map(|group| &group.name)),
            "Schedule" => ir.schedules.get(at).map(|schedule| format!("{name}({}", self.schedule(*schedule))),
            "SessionOpen" | "SessionCloses" => short.map(|session| format!("{name}({}", self.session(session))),
            "HostField" | "Extension" => return self.field(name, at, rest),
            "Lookup" => return self.cell(at, rest),
            _ => None,
        };
        named.map(|named| (named, rest))
    }

    /// A node that is read, by its name.
    fn named(&self, id: NodeId) -> String {
        let node = self.ir.node(id);
        let phase = node.phase.and_then(|phase| self.phases.get(usize::from(phase.0))).map_or("", String::as_str);
        format!("{} {:?} of {phase:?}", kind_word(&node.kind), node.name)
    }

    fn schedule(&self, schedule: Schedule) -> String {
        match schedule {
            Schedule::SessionClose(session, before) => format!("SessionClose {} {before}", self.session(session)),
            other => format!("{other:?}"),
        }
    }

    fn session(&self, number: u16) -> String {
        self.ir.sessions.get(usize::from(number)).map_or_else(String::new, |(_, session)| format!("{session:?}"))
    }

    fn field<'t>(&self, name: &str, record: usize, rest: &'t str) -> Option<(String, &'t str)> {
        let (field, rest) = number(rest.strip_prefix(", ")?)?;
        let records = if name == "HostField" { &self.ir.events } else { &self.ir.extensions };
        let record = records.get(record)?;
        let (field, _) = record.fields.get(usize::try_from(field).ok()?)?;
        Some((format!("{name}({}.{field}", record.name), rest))
    }

    fn cell<'t>(&self, table: usize, rest: &'t str) -> Option<(String, &'t str)> {
        let (column, rest) = number(rest.strip_prefix(", ")?)?;
        let table = self.ir.tables.get(table)?;
        let mut said = format!("Lookup({:?}", table.matching);
        // Several columns share the expressions of their rows: which is meant decides.
        let _ = write!(said, " column {column} of {}", table.columns.len());
        Some((said, rest))
    }
}

/// The names in a listing that a number in brackets follows, with the number.
fn numbered(text: &str) -> impl Iterator<Item = (&str, u32)> {
    let starts = text.match_indices('(').map(|(at, _)| at);
    starts.filter_map(|at| {
        let (head, rest) = text.split_at(at);
        let name = head.rsplit(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_')).next()?;
        Some((name, number(rest.strip_prefix('(')?)?.0))
    })
}

/// What follows a list, from behind its opening bracket.
fn behind_list(text: &str) -> &str {
    let (mut depth, mut rest) = (1, text);
    while let Some(at) = rest.find(['[', ']', '"']) {
        let step = if rest[at..].starts_with('"') { quoted(&rest[at..]) } else { 1 };
        depth += match &rest[at..=at] {
            "[" => 1,
            "]" => -1,
            _ => 0,
        };
        rest = &rest[at + step..];
        if depth == 0 {
            break;
        }
    }
    rest
}

fn word(text: &str) -> usize {
    text.find(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_')).unwrap_or(text.len())
}

/// The length of a text in quotes at the beginning.
fn quoted(text: &str) -> usize {
    let mut escaped = false;
    for (at, letter) in text.char_indices().skip(1) {
        match letter {
            '"' if !escaped => return at + 1,
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    text.len()
}

fn number(text: &str) -> Option<(u32, &str)> {
    let end = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    Some((digits.parse().ok()?, rest))
}
