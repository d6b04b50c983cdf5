//! The file, the program and its phases: which statement stands where.

use super::Parser;
use crate::diagnostic::{Code, Diagnostic};
use crate::source::{Span, Spanned};
use crate::syntax::ast::{Action, Header, Item, ItemKind, Name, Phase, Program};
use crate::syntax::grammar::{Rule, child};
use crate::syntax::skeleton::{Statement, first_word, whole_characters};
use crate::syntax::words::is_reserved;

/// What a file holds.
const FILE: &[&str] = &["program", "scenario", "template", "import"];
/// What begins a statement of a program.
const PROGRAM: &[&str] = &[
    "firm",
    "version",
    "effective",
    "source",
    "currency",
    "timezone",
    "day",
    "week",
    "calendar",
    "marks",
    "trades",
    "gaps",
    "corrections",
    "quantity_unit",
    "plans",
    "instruments",
    "table",
    "option",
    "input",
    "event",
    "action",
    "extend",
    "session",
    "period",
    "phase",
    "let",
    "track",
    "group",
    "state",
    "floor",
    "limit",
    "when",
    "on",
    "every",
    "after",
    "goal",
    "counted",
    "payout",
    "migrate",
    "scenario",
    "template",
    "use",
];
/// Whether a word begins a statement of a phase: there, a line that begins with it is read as one.
pub fn begins_statement(word: &str) -> bool {
    PHASE.contains(&word)
}

/// What begins a statement of a phase.
const PHASE: &[&str] = &[
    "ledger", "table", "option", "input", "session", "let", "track", "group", "state", "floor", "limit", "when", "on", "every", "after",
    "goal", "counted", "payout", "use",
];
/// What the host tells and does: it may stand in a file of its own, for many programs.
pub(super) const HOST: &[&str] = &["input", "event", "action", "extend"];
/// What begins a statement of a template: what a program and a phase may both hold.
pub(super) const TEMPLATE: &[&str] = &[
    "table", "option", "input", "session", "let", "track", "group", "state", "floor", "limit", "when", "on", "every", "after", "goal",
    "counted", "payout", "use",
];
/// What begins a pair of the header, beside the words of [`PROGRAM`].
const HEADER: &[&str] = &[
    "firm",
    "version",
    "effective",
    "source",
    "as",
    "currency",
    "timezone",
    "day",
    "week",
    "calendar",
    "marks",
    "trades",
    "gaps",
    "corrections",
    "quantity_unit",
];

impl Parser<'_> {
    pub(super) fn program(&mut self, statements: &[Statement]) -> Program {
        self.block = "file";
        let mut program = Program::default();
        let mut seen: Option<Span> = None;
        let is_library = !statements.iter().any(|statement| self.word(statement) == "program");
        let braces_differ = self.diagnostics.iter().any(|found| found.code == Code::Brace);
        for (at, statement) in statements.iter().enumerate() {
            match self.word(statement) {
                "program" => self.program_block(statement, &mut program, &mut seen),
                "scenario" => {
                    let item = self.item(statements, at);
                    program.items.push(item);
                }
                "template" => program.library.push(self.item(statements, at)),
                "import" => self.import(statement, &mut program),
                word if is_library && HOST.contains(&word) => program.items.push(self.item(statements, at)),
                word if PROGRAM.contains(&word) || PHASE.contains(&word) || word == "|" => {
                    // Where braces do not balance, this only stands outside because of them.
                    if !braces_differ {
                        self.misplaced(statement, "inside `program \"…\" { }`");
                    }
                    self.program_statement(statements, at, &mut program);
                }
                _ => self.unknown(statement, FILE),
            }
        }
        let stands_alone = |item: &Item| {
            matches!(item.kind, ItemKind::Scenario(_) | ItemKind::Input(_) | ItemKind::Event(_) | ItemKind::Action(_) | ItemKind::Extend(_))
        };
        if seen.is_none() && program.library.is_empty() && !program.items.iter().any(stands_alone) {
            let found = Diagnostic::new(Code::NoProgram, Span::default(), "the file has no program");
            self.diagnostics.push(found.help("begin with `program \"title\" {`"));
        }
        program
    }

    fn program_block(&mut self, statement: &Statement, program: &mut Program, seen: &mut Option<Span>) {
        let head = Span::new(statement.head.clone());
        // What stands in a second one would be declared twice: it is told once.
        if let Some(first) = *seen {
            let found = Diagnostic::new(Code::Misplaced, head, "a file has one program");
            self.diagnostics.push(found.other(first, "the first is here").help("write a second program into a file of its own"));
            return;
        }
        *seen = Some(head);
        let title = self.head(statement, Rule::program_head, |parser, pair| parser.text_in(pair));
        if program.title.node.is_empty() {
            program.title = title.unwrap_or_default();
        }
        let children = self.block(statement);
        self.block = "program";
        for at in 0..children.len() {
            self.program_statement(children, at, program);
        }
        self.block = "file";
    }

    fn program_statement(&mut self, statements: &[Statement], at: usize, program: &mut Program) {
        let Some(statement) = statements.get(at) else { return };
        let word = self.word(statement);
        if word == "|" {
            self.stray_row(statements, at);
            return;
        }
        if HEADER.contains(&word) {
            self.no_block(statement);
            let pairs = self.head(statement, Rule::header_line, Self::header);
            program.header.extend(pairs.unwrap_or_else(|| self.broken_header(statement)));
        } else if word == "ledger" {
            self.misplaced(statement, "in a phase");
        } else if PROGRAM.contains(&word) {
            let item = self.item(statements, at);
            program.items.push(item);
        } else {
            if !self.belongs_elsewhere(statement) {
                self.unknown(statement, PROGRAM);
            }
            program.items.push(self.broken_item(statement));
        }
    }

    /// What a line of the header would have said: its words that begin a pair.
    fn broken_header(&self, statement: &Statement) -> Vec<Spanned<Header>> {
        let span = Span::new(statement.head.clone());
        let words = self.head_text(statement).split_whitespace().filter(|word| HEADER.contains(word));
        words.map(|word| Spanned::new(Header::Broken(word.to_owned()), span)).collect()
    }

    /// Rows are read with the table above them; one that stands elsewhere is reported.
    pub(super) fn stray_row(&mut self, statements: &[Statement], at: usize) {
        let before = at.checked_sub(1).and_then(|before| statements.get(before)).map_or("", |before| self.word(before));
        if !matches!(before, "|" | "plans" | "instruments" | "table") {
            let span = statements.get(at).map_or_else(Span::default, Statement::span);
            let found = Diagnostic::new(Code::Misplaced, span, "a table row stands without its table");
            self.diagnostics.push(found.help("rows follow the line of `plans`, `instruments` or `table`"));
        }
    }

    pub(super) fn misplaced(&mut self, statement: &Statement, where_it_belongs: &str) {
        let word = self.word(statement);
        let start = statement.head.start;
        let span = Span::new(start..start + word.len());
        let found = Diagnostic::new(Code::Misplaced, span, format!("`{word}` cannot stand here"));
        let more = match word {
            "starts" => "; a phase says what its ledger begins with: `ledger starts at size`",
            "period" => "; what it begins with may be of the phase, as in `opens on first entry since phase start`",
            _ => "",
        };
        self.diagnostics.push(found.help(format!("it stands {where_it_belongs}{more}")));
    }

    /// Reports a line of a block, or of a file, that stands among declarations.
    fn belongs_elsewhere(&mut self, statement: &Statement) -> bool {
        let place = match self.word(statement) {
            "require" => "in a goal or a payout",
            "starts" | "trails" | "capped" | "freezes" | "jumps" => "in a floor",
            "never" | "refuse" | "reduce" | "allowance" | "cure" => "in a limit",
            "pays" | "leaves" | "minimum" | "split" | "deducts" | "pending" => "in a payout",
            "expect" => "in a scenario",
            "import" => "above the program, in the file",
            _ => return false,
        };
        if !statement.flagged && !self.has_spot(Span::new(statement.head.clone())) {
            self.misplaced(statement, place);
        }
        true
    }

    /// A declaration or rule.
    pub(super) fn item(&mut self, statements: &[Statement], at: usize) -> Item {
        let Some(statement) = statements.get(at) else {
            return Item { kind: ItemKind::Broken { declares: vec![] }, span: Span::default(), head: Span::default(), doc: None };
        };
        if let Some(known) = self.known_item(statement) {
            return known;
        }
        let kind = match self.word(statement) {
            "plans" | "instruments" | "table" => self.table(statement, &statements[at + 1..]),
            "option" => self.plain(statement, Rule::option_item, |parser, pair| ItemKind::Option(parser.option(pair))),
            "input" => self.plain(statement, Rule::input_item, |parser, pair| ItemKind::Input(parser.input(pair))),
            "event" => self.fields(statement, Rule::event_head).map(ItemKind::Event),
            "action" => self.fields(statement, Rule::action_head).map(ItemKind::Action),
            "extend" => self.fields(statement, Rule::extend_head).map(ItemKind::Extend),
            "session" => self.plain(statement, Rule::session_item, |parser, pair| ItemKind::Session(parser.session(pair))),
            "period" => self.period_item(statement).map(ItemKind::Period),
            "phase" => self.phase(statement).map(ItemKind::Phase),
            "let" => self.plain(statement, Rule::let_item, |parser, pair| ItemKind::Let(parser.let_item(pair))),
            "track" => self.plain(statement, Rule::track_item, |parser, pair| ItemKind::Track(parser.track(pair))),
            "group" => self.plain(statement, Rule::group_item, |parser, pair| ItemKind::Group(parser.group_item(pair))),
            "state" => self.plain(statement, Rule::state_item, |parser, pair| ItemKind::State(parser.state(pair))),
            "floor" => self.floor(statement).map(ItemKind::Floor),
            "limit" => self.limit(statement).map(ItemKind::Limit),
            "when" | "on" | "every" | "after" => self.rule(statement).map(ItemKind::Rule),
            "goal" => self.goal(statement).map(ItemKind::Goal),
            "counted" => self.counted_profit(statement).map(ItemKind::Counted),
            "payout" => self.payout(statement).map(ItemKind::Payout),
            "migrate" => self.migration(statement).map(ItemKind::Migration),
            "scenario" => self.scenario(statement).map(ItemKind::Scenario),
            "template" => self.template_decl(statement).map(ItemKind::Template),
            "use" => self.use_item(statement),
            _ => None,
        };
        let mut item = self.broken_item(statement);
        item.kind = kind.unwrap_or(item.kind);
        if let (ItemKind::Table(table), Some(end)) = (&item.kind, rows_end(&item.kind)) {
            debug_assert!(!table.columns.is_empty());
            item.span.end = item.span.end.max(end);
        }
        item
    }

    /// A statement without a block.
    fn plain(
        &mut self,
        statement: &Statement,
        rule: Rule,
        build: impl FnOnce(&mut Self, &crate::syntax::grammar::Pair<'_>) -> ItemKind,
    ) -> Option<ItemKind> {
        self.no_block(statement);
        self.head(statement, rule, build)
    }

    /// A statement that could not be parsed, with the names it would have declared.
    pub(super) fn broken_item(&self, statement: &Statement) -> Item {
        let head = self.head_text(statement);
        let after = head.get(first_word(head).len()..).unwrap_or("");
        let second = first_word(after.trim_start());
        let start = statement.head.start + head.len() - after.trim_start().len();
        let is_name = second.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && !is_reserved(second);
        let title = after.trim_start().strip_prefix('"').and_then(|rest| rest.split('"').next());
        let place = |length: usize| whole_characters(self.source, Span::new(start..start + length));
        let declares = match (is_name, title) {
            _ if !head.starts_with(|c: char| c.is_ascii_alphabetic()) => vec![],
            (true, _) => vec![Name::new(second.to_owned(), place(second.len()))],
            (_, Some(title)) => vec![Name::new(title.to_owned(), place(title.len() + 2))],
            _ => vec![],
        };
        Item {
            kind: ItemKind::Broken { declares },
            span: statement.span(),
            head: Span::new(statement.head.clone()),
            doc: self.doc(statement.head.start),
        }
    }

    fn phase(&mut self, statement: &Statement) -> Option<Phase> {
        let name = self.head(statement, Rule::phase_head, |parser, pair| {
            let standing = child(pair, Rule::standing).map(|name| parser.name(&name));
            standing.unwrap_or_else(|| parser.name_in(pair, Rule::ident))
        });
        let outer = std::mem::replace(&mut self.block, "phase");
        let children = self.block(statement);
        let mut phase = Phase { name: Name::default(), ledger: None, on_enter: vec![], items: vec![] };
        for at in 0..children.len() {
            self.phase_statement(children, at, &mut phase);
        }
        self.block = outer;
        // The rules of a phase are kept where its name can be told.
        let declared = || match self.broken_item(statement).kind {
            ItemKind::Broken { declares } => declares.into_iter().next(),
            _ => None,
        };
        phase.name = name.or_else(declared)?;
        Some(phase)
    }

    fn phase_statement(&mut self, statements: &[Statement], at: usize, phase: &mut Phase) {
        let Some(statement) = statements.get(at) else { return };
        match self.word(statement) {
            "|" => self.stray_row(statements, at),
            "ledger" => {
                self.no_block(statement);
                if let Some(amount) = self.head(statement, Rule::phase_ledger, Self::expr_in) {
                    self.once(phase.ledger.as_ref().map(|first| first.span), statement);
                    phase.ledger = Some(amount);
                }
            }
            "on" if self.head_text(statement).split_whitespace().eq(["on", "enter"]) => {
                let actions: Vec<Action> = self.actions(statement);
                phase.on_enter.extend(actions);
            }
            word if PHASE.contains(&word) => {
                let item = self.item(statements, at);
                phase.items.push(item);
            }
            word if PROGRAM.contains(&word) => {
                self.misplaced(statement, "in the program, outside phases");
                phase.items.push(self.broken_item(statement));
            }
            _ => {
                if !self.belongs_elsewhere(statement) {
                    self.unknown(statement, PHASE);
                }
                phase.items.push(self.broken_item(statement));
            }
        }
    }

    /// Reports a statement that stands a second time.
    pub(super) fn once(&mut self, first: Option<Span>, statement: &Statement) {
        if let Some(first) = first {
            let words = self.head_text(statement).split_whitespace();
            let two = matches!(self.word(statement), "on" | "starts" | "counts");
            let words = words.take(if two { 2 } else { 1 }).collect::<Vec<_>>().join(" ");
            let found = Diagnostic::new(Code::Misplaced, Span::new(statement.head.clone()), format!("`{words}` stands here twice"));
            self.diagnostics.push(found.other(first, "the first is here").help("keep one of them"));
        }
    }
}

/// Where the rows of a table end.
fn rows_end(kind: &ItemKind) -> Option<u32> {
    let ItemKind::Table(table) = kind else { return None };
    table.rows.last().map(|row| row.span.end).or_else(|| table.columns.last().map(|column| column.span.end))
}
