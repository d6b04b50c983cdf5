//! Templates, their uses, imports.

use super::Parser;
use super::program::{HOST, TEMPLATE};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;
use crate::syntax::ast::{Item, ItemKind, Program};
use crate::syntax::grammar::{Pair, Rule, children};
use crate::syntax::reuse::{Parameter, TemplateDecl, Use};
use crate::syntax::skeleton::Statement;

impl Parser<'_> {
    /// What an imported file adds: its templates, the words of the host, and what it imports itself. Its own program,
    /// which shows how they are used, stays with it.
    pub(super) fn library(&mut self, statements: &[Statement], program: &mut Program) {
        self.block = "file";
        for (at, statement) in statements.iter().enumerate() {
            match self.word(statement) {
                "template" => program.library.push(self.item(statements, at)),
                "import" => self.import(statement, program),
                "program" | "scenario" => {}
                word if HOST.contains(&word) => program.items.push(self.item(statements, at)),
                _ => self.unknown(statement, &[&["template", "import"], HOST].concat()),
            }
        }
    }

    pub(super) fn import(&mut self, statement: &Statement, program: &mut Program) {
        self.no_block(statement);
        if let Some(path) = self.head(statement, Rule::import_item, |parser, pair| parser.text_in(pair)) {
            program.imports.push(path);
        }
    }

    pub(super) fn template_decl(&mut self, statement: &Statement) -> Option<TemplateDecl> {
        let head = self.head(statement, Rule::template_head, |parser, pair| {
            (parser.name_in(pair, Rule::ident), children(pair, Rule::parameter).map(|one| parser.parameter(&one)).collect())
        });
        let outer = std::mem::replace(&mut self.block, "template");
        let statements = self.block(statement);
        let mut items = Vec::new();
        for at in 0..statements.len() {
            self.template_statement(statements, at, &mut items);
        }
        self.block = outer;
        let (name, parameters) = head?;
        Some(TemplateDecl { name, parameters, items, head: Span::new(statement.head.clone()) })
    }

    fn parameter(&mut self, pair: &Pair<'_>) -> Parameter {
        Parameter { name: self.name_in(pair, Rule::ident), ty: self.type_in(pair), default: self.clause(pair, Rule::default) }
    }

    fn template_statement(&mut self, statements: &[Statement], at: usize, items: &mut Vec<Item>) {
        let Some(statement) = statements.get(at) else { return };
        match self.word(statement) {
            "|" => self.stray_row(statements, at),
            word if TEMPLATE.contains(&word) => items.push(self.item(statements, at)),
            _ => {
                self.unknown(statement, TEMPLATE);
                items.push(self.broken_item(statement));
            }
        }
    }

    pub(super) fn use_item(&mut self, statement: &Statement) -> Option<ItemKind> {
        let actions = statement.block.is_some().then(|| self.action_list(statement));
        let (template, arguments) =
            self.head(statement, Rule::use_item, |parser, pair| (parser.name_in(pair, Rule::ident), parser.named_arguments(pair)))?;
        if let Some((name, _)) = first_twice(&arguments) {
            let found = Diagnostic::new(Code::Misplaced, name.span, format!("`{}` is given twice", name.node));
            self.diagnostics.push(found.help("keep one of them"));
        }
        Some(ItemKind::Use(Use { template, arguments, actions }))
    }
}

fn first_twice<T>(arguments: &[(crate::syntax::ast::Name, T)]) -> Option<&(crate::syntax::ast::Name, T)> {
    arguments
        .iter()
        .enumerate()
        .find(|(at, (name, _))| arguments[..*at].iter().any(|(other, _)| other.node == name.node))
        .map(|(_, one)| one)
}
