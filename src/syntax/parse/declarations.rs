//! Options, inputs, host events and actions, sessions, named values.

use super::Parser;
use crate::source::Span;
use crate::syntax::ast::{Fields, Group, InputDecl, Joins, Let, Name, OptionDecl, Session, StateDecl, Track, TypeName, Window};
use crate::syntax::grammar::{Pair, Rule, child, children, has};
use crate::syntax::skeleton::{Statement, whole_characters};

impl Parser<'_> {
    pub(super) fn option(&mut self, pair: &Pair<'_>) -> OptionDecl {
        OptionDecl {
            name: self.name_in(pair, Rule::ident),
            ty: self.type_in(pair),
            default: self.clause(pair, Rule::default),
            changeable: has(pair, Rule::w_changeable),
        }
    }

    pub(super) fn input(&mut self, pair: &Pair<'_>) -> InputDecl {
        let per = child(pair, Rule::w_trader).or_else(|| child(pair, Rule::w_household));
        InputDecl {
            name: self.name_in(pair, Rule::ident),
            ty: self.type_in(pair),
            default: self.clause(pair, Rule::default),
            per: per.map(|per| self.name(&per)),
            stale_after: child(pair, Rule::stale).map(|stale| self.bound_in(&stale)),
        }
    }

    pub(super) fn session(&mut self, pair: &Pair<'_>) -> Session {
        let windows = children(pair, Rule::window).filter_map(|window| self.window(&window)).collect();
        Session { name: self.name_in(pair, Rule::ident), windows }
    }

    fn window(&mut self, pair: &Pair<'_>) -> Option<Window> {
        let mut days = children(pair, Rule::weekday);
        let mut times = children(pair, Rule::time);
        let from_day = days.next().and_then(|day| self.weekday(&day));
        let to_day = days.next().and_then(|day| self.weekday(&day)).or_else(|| from_day.clone());
        let opens = self.time(&times.next()?)?;
        let closes = self.time(&times.next()?)?;
        Some(Window { from_day, to_day, opens, closes })
    }

    pub(super) fn let_item(&mut self, pair: &Pair<'_>) -> Let {
        Let { name: self.name_in(pair, Rule::ident), value: self.expr_in(pair), tails: self.tails_in(pair) }
    }

    pub(super) fn state(&mut self, pair: &Pair<'_>) -> StateDecl {
        StateDecl {
            name: self.name_in(pair, Rule::ident),
            ty: self.type_in(pair),
            initial: self.clause(pair, Rule::default),
            tails: self.tails_in(pair),
        }
    }

    pub(super) fn track(&mut self, pair: &Pair<'_>) -> Track {
        let aggregate = child(pair, Rule::aggregate).unwrap_or_else(|| pair.clone());
        Track {
            name: self.name_in(pair, Rule::ident),
            for_each: child(pair, Rule::for_each).map(|each| self.name_in(&each, Rule::name)),
            aggregate: self.aggregate(&aggregate),
            tails: self.tails_in(pair),
        }
    }

    pub(super) fn group_item(&mut self, pair: &Pair<'_>) -> Group {
        Group {
            name: self.name_in(pair, Rule::ident),
            open: has(pair, Rule::w_open),
            keys: children(pair, Rule::expr).map(|key| self.expr(&key)).collect(),
            joins: child(pair, Rule::joins).map(|joins| self.joins(&joins)),
            keeps: child(pair, Rule::keeps).and_then(|keeps| self.count_in(&keeps)),
        }
    }

    fn joins(&mut self, pair: &Pair<'_>) -> Joins {
        if let Some(first) = child(pair, Rule::joins_first) {
            return Joins::AfterFirst { within: self.bound_in(&first) };
        }
        match child(pair, Rule::joins_open).filter(|open| has(open, Rule::bound)) {
            Some(open) => Joins::AfterClose { within: self.bound_in(&open), losing: has(&open, Rule::w_losing) },
            None => Joins::WhileOpen,
        }
    }

    /// A host event, action or extension with its fields.
    pub(super) fn fields(&mut self, statement: &Statement, rule: Rule) -> Option<Fields> {
        let name = self.head(statement, rule, |parser, pair| match child(pair, Rule::ident) {
            Some(name) => parser.name(&name),
            None => parser.name_in(pair, Rule::name),
        });
        let mut fields = Vec::new();
        let outer = std::mem::replace(&mut self.block, "fields");
        for child in statement.block.iter().flat_map(|block| &block.children) {
            self.no_block(child);
            for part in self.parts(child) {
                fields.extend(self.head(&part, Rule::field, Self::field));
            }
        }
        self.block = outer;
        Some(Fields { name: name?, fields })
    }

    fn field(&mut self, pair: &Pair<'_>) -> (Name, TypeName) {
        (self.name_in(pair, Rule::word), self.type_in(pair))
    }

    /// The parts of a statement between commas outside brackets and texts.
    pub(super) fn parts(&self, statement: &Statement) -> Vec<Statement> {
        let text = self.head_text(statement);
        let start = statement.head.start;
        let mut parts = Vec::new();
        let (mut quoted, mut depth, mut from) = (false, 0_usize, 0);
        let bytes = text.as_bytes();
        let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
        for (at, byte) in text.bytes().enumerate() {
            match byte {
                b'"' => quoted = !quoted,
                _ if quoted => {}
                b'(' => depth += 1,
                b')' => depth = depth.saturating_sub(1),
                b',' if depth == 0 && !(at > 0 && is_digit(at - 1) && is_digit(at + 1)) => {
                    parts.push(start + from..start + at);
                    from = at + 1;
                }
                _ => {}
            }
        }
        parts.push(start + from..start + text.len());
        parts.into_iter().filter_map(|range| self.part(statement, range)).collect()
    }

    /// A part of a statement without blanks around it; none where nothing is left.
    fn part(&self, statement: &Statement, range: std::ops::Range<usize>) -> Option<Statement> {
        let text = self.text.get(range.clone())?;
        let start = range.start + text.len() - text.trim_start().len();
        let end = start + text.trim().len();
        (start < end).then(|| statement.part(whole_characters(self.source, Span::new(start..end))))
    }
}
