//! `migrate from "VERSION" { … }`

use super::Parser;
use crate::diagnostic::{Code, Diagnostic};
use crate::source::{Span, Spanned};
use crate::syntax::ast::{Applies, Carried, CarriedFate, CarriedKind, Migration, Name, Since};
use crate::syntax::grammar::{Pair, Rule, child, has};
use crate::syntax::skeleton::Statement;

/// What begins a line.
const LINES: &[&str] = &["applies", "accounts", "keep", "restart", "take"];

impl Parser<'_> {
    pub(super) fn migration(&mut self, statement: &Statement) -> Option<Migration> {
        let from = self.head(statement, Rule::migrate_head, |parser, pair| parser.text_in(pair));
        let mut migration = Migration { from: from.clone().unwrap_or_default(), applies: None, accounts: None, lines: vec![] };
        let outer = std::mem::replace(&mut self.block, "migrate");
        for line in self.block(statement) {
            self.migration_line(line, &mut migration);
        }
        self.block = outer;
        from.map(|_| migration)
    }

    fn migration_line(&mut self, statement: &Statement, migration: &mut Migration) {
        let span = Span::new(statement.head.clone());
        match self.word(statement) {
            "applies" => {
                self.no_block(statement);
                self.once(migration.applies.as_ref().map(|first| first.span), statement);
                let applies = self.head(statement, Rule::migrate_applies, |_, pair| applies(pair));
                migration.applies = applies.map(|applies| Spanned::new(applies, span)).or(migration.applies.take());
            }
            "accounts" => {
                self.no_block(statement);
                self.once(migration.accounts.as_ref().map(|(_, first)| first.span), statement);
                let read = |parser: &mut Self, pair: &Pair<'_>| {
                    let since = if has(pair, Rule::w_bought) { Since::Bought } else { Since::Opened };
                    Some((since, parser.date(&child(pair, Rule::date)?)?))
                };
                migration.accounts = self.head(statement, Rule::migrate_accounts, read).flatten().or(migration.accounts.take());
            }
            word if CarriedFate::of(word).is_some() => {
                self.no_block(statement);
                let line = self.head(statement, Rule::migrate_line, |parser, pair| parser.carried(pair, span)).flatten();
                migration.lines.extend(line);
            }
            _ => self.unknown(statement, LINES),
        }
    }

    fn carried(&mut self, pair: &Pair<'_>, span: Span) -> Option<Carried> {
        let fate = CarriedFate::of(child(pair, Rule::migrate_fate)?.as_str().trim())?;
        let kind = child(pair, Rule::migrate_kind)?;
        let what = CarriedKind::ALL.iter().copied().find(|what| what.word() == kind.as_str().trim())?;
        let line = Carried {
            fate,
            what,
            name: self.called(&child(pair, Rule::migrate_name)?),
            phase: child(pair, Rule::migrate_phase).map(|phase| self.name_in(&phase, Rule::word)),
            was: child(pair, Rule::migrate_was).and_then(|was| child(&was, Rule::migrate_name)).map(|was| self.called(&was)),
            span,
        };
        if what.fates().contains(&fate) {
            return Some(line);
        }
        let can =
            what.fates().iter().map(|fate| format!("`{} {} {}`", fate.word(), what.word(), self.source[line.name.span.range()].trim()));
        let message = format!("a {} cannot `{}`", what.word(), fate.word());
        let found = Diagnostic::new(Code::Unsaid, self.span(&kind), message);
        self.diagnostics.push(found.help(format!("write {}", can.collect::<Vec<_>>().join(" or "))));
        None
    }

    /// A title in quotes, or a name.
    fn called(&mut self, pair: &Pair<'_>) -> Name {
        if has(pair, Rule::text) { self.text_in(pair) } else { self.name_in(pair, Rule::word) }
    }
}

fn applies(pair: &Pair<'_>) -> Applies {
    if has(pair, Rule::w_now) {
        Applies::Now
    } else if has(pair, Rule::w_cycle) {
        Applies::NextCycle
    } else {
        Applies::NextDay
    }
}
