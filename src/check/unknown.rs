//! Names that nothing declares: what was probably meant.

use std::collections::BTreeSet;

use crate::diagnostic::{Code, Diagnostic};
use crate::ir::{ExprId, NodeKind, PhaseId};
use crate::source::Span;
use crate::syntax::{RECORDS, ast};
use crate::value::Type;
use crate::vocabulary::{ACTIONS, AccountField, PeriodField, RecordField};

use super::context::Context;
use super::names::Entity;
use super::{Checker, DraftItem, errors};

/// Names of everyday speech, in small letters, and what they are called.
const EVERYDAY: &[(&str, &str)] = &[
    ("daily", "day"),
    ("weekly", "week"),
    ("monthly", "month"),
    ("maximum", "max"),
    ("minimum", "min"),
    ("initial_balance", "size"),
    ("initial_capital", "size"),
    ("starting_capital", "size"),
    ("account_size", "size"),
    ("account_balance", "balance"),
    ("current_balance", "balance"),
    ("closed_balance", "balance"),
    ("settled_balance", "balance"),
    ("cash_balance", "balance"),
    ("account_equity", "equity"),
    ("current_equity", "equity"),
    ("net_liquidation", "equity"),
    ("net_liq", "equity"),
    ("nav", "equity"),
    ("unrealised_profit", "open_profit"),
    ("unrealized_profit", "open_profit"),
    ("floating_profit", "open_profit"),
    ("unrealised_pnl", "open_profit"),
    ("unrealized_pnl", "open_profit"),
    ("floating_pnl", "open_profit"),
    ("open_pnl", "open_profit"),
    ("floating", "open_profit"),
    ("pnl", "profit"),
    ("net_profit", "profit"),
    ("total_profit", "profit"),
    ("realised_profit", "profit"),
    ("realized_profit", "profit"),
    ("realised_pnl", "profit"),
    ("realized_pnl", "profit"),
    ("closed_profit", "profit"),
    ("closed_pnl", "profit"),
    ("commissions", "costs"),
    ("fees", "costs"),
    ("withdrawals", "withdrawn"),
    ("deposits", "deposited"),
    ("open_positions", "positions"),
    ("closed_trades", "trades"),
    ("nextday", "next day"),
    ("next_day", "next day"),
    ("tomorrow", "next day"),
];

/// What quantities are counted in.
const UNITS_ALONE: &[&str] = &["lots", "contracts", "shares", "volume", "leverage"];

/// Names of what a program keeps itself: of each group one word is in the name.
const KEPT: &[(&[&[&str]], &str)] = &[
    (&[&["yesterday", "previous"]], "the day before is `last day`, and on the first day there is none: `(last day.profit else $0)`"),
    (
        &[&["winning", "profitable", "profit", "green"], &["days"]],
        "declare it above: `track NAME = count closed days where day.profit is above $0`",
    ),
    (
        &[&["lots", "lot", "contracts", "contract", "shares", "volume", "leverage", "quantity", "exposure"]],
        "how much is open is read for each symbol, in a limit `for each symbol`: `symbol.quantity stays at or below 5 UNIT`; for all symbols together it is `exposure` or `margin`",
    ),
    (
        &[&["weekend", "overnight"]],
        "say the time: `every fri at 16:00 { flatten, cancel orders }`, or `every day at 5min before close { flatten, cancel orders }`",
    ),
    (&[&["days"]], "declare it above: `track NAME = count traded days`"),
    (&[&["best", "highest", "biggest", "largest"], &["day"]], "declare it above: `track NAME = highest day.profit over days so far`"),
    (&[&["worst", "lowest"], &["day"]], "declare it above: `track NAME = lowest day.profit over days so far`"),
    (
        &[&["peak", "highwater", "watermark", "hwm", "water", "highest", "high"]],
        "declare it above: `track NAME = highest balance at day end from size`",
    ),
    (&[&["consecutive", "streak"]], "declare it above: `track NAME = streak day.profit is above $0 over closed days`"),
    (
        &[&["position", "order"], &["size"]],
        "how much is open is read for each symbol, in a limit `for each symbol`: `symbol.quantity stays at or below 5 contracts`; of an order, in a limit `for each order`: `order.quantity`",
    ),
    (&[&["headroom", "room", "buffer", "cushion"]], "the room left is read of a limit, by its title: `limit(\"Maximum loss\").headroom`"),
    (
        &[&["dll", "daily", "day"], &["loss", "drawdown", "dd", "dll"]],
        "how far the day is down is `day.start_balance - equity`; a loss of the day that must not be reached is a limit, as in `equity stays above day.start_balance - 5% of size`",
    ),
    (
        &[&["loss", "drawdown", "dd", "mdd", "mll", "trailing"]],
        "how far the account is down is `start_balance - equity`; a loss that must not be reached is a limit, as in `equity stays above size - 5% of size`; a bound that follows the account upwards is a `floor`",
    ),
];

/// What floors are called.
const FLOORS: &[&str] = &["floor", "trailing", "trail", "mll", "threshold", "drawdown", "dd"];

/// What columns with losses are called.
const LOSSES: &[&str] = &["loss", "max_loss", "drawdown", "max_drawdown"];

/// The most names that a help lists.
const MOST_NAMES: usize = 8;

/// A field of a record, as it is read.
fn a_field_of(record: &str) -> String {
    let field = RecordField::ALL.iter().find(|field| field.record().word() == record);
    let period = || PeriodField::ALL.first().map(|field| field.row().name);
    format!("{record}.{}", field.map(|field| field.row().name).or_else(period).unwrap_or_default())
}

impl Checker<'_> {
    /// A name that nothing declares.
    pub(super) fn unknown(&mut self, context: &Context, name: &str, span: Span) -> ExprId {
        if self.names_unknown {
            return self.error(span);
        }
        if let Some((_, word)) = [("true", "yes"), ("false", "no")].iter().find(|(foreign, _)| *foreign == name) {
            self.report(errors::unknown_name(name, span, std::iter::empty()).fix(span, *word, format!("write `{word}`")));
            return self.error(span);
        }
        if let Some(action) = ACTIONS.iter().find(|row| row.words.split(' ').next() == Some(name)) {
            let found = Diagnostic::new(
                Code::NotACondition,
                span,
                format!("`{}` is an action, and a value or condition is needed here", action.words),
            );
            let flat = if name == "flatten" { "; that nothing is open is the condition `account is flat`" } else { "" };
            let help =
                format!("say when it is done, and put it in the braces: `when profit is at least $1,000 {{ {} }}`{flat}", action.words);
            self.report(found.label("an action").help(help));
            return self.error(span);
        }
        // A single word is more often a value that was meant than a title.
        if name.contains('_') && self.is_title(name, span) {
            return self.error(span);
        }
        let small = name.to_lowercase();
        if let Some(found) = self.everyday(&small, name, span) {
            self.report(found);
            return self.error(span);
        }
        if RECORDS.contains(&name) {
            let found = Diagnostic::new(Code::UnknownName, span, format!("`{name}` is no value: its fields are read"));
            self.report(found.help(format!("write its field, too, such as `{}`", a_field_of(name))));
            return self.error(span);
        }
        let mut known: Vec<String> = self.names.visible(context.phase).map(str::to_owned).collect();
        known.extend(AccountField::ALL.iter().map(|field| field.row().name.to_owned()));
        let otherwise = self.probably_meant(context, name);
        if UNITS_ALONE.contains(&name) {
            known.clear();
        }
        let mut diagnostic = errors::unknown_name(name, span, known.iter().map(String::as_str));
        if diagnostic.fix.is_none() {
            diagnostic.help = Some(otherwise);
        } else {
            diagnostic = diagnostic.otherwise(otherwise);
        }
        if let Some(phase) = self.declared_in_other_phase(context, name) {
            diagnostic = diagnostic.note(format!("phase `{phase}` has a `{name}`"));
            let there = format!("its last value there as `({phase}.{name} else …)`");
            let here = self.names_here_with(context, name);
            diagnostic.help =
                Some(if here.is_empty() { format!("read {there}") } else { format!("here there is {}; or read {there}", here.join(", ")) });
            diagnostic.fix = None;
        }
        self.report(diagnostic);
        self.error(span)
    }

    /// A name of everyday speech. Of a record only a field is a value.
    fn everyday(&self, small: &str, name: &str, span: Span) -> Option<Diagnostic> {
        let found = Diagnostic::new(Code::UnknownName, span, format!("programs do not say `{name}`"));
        let rest = self.source.text().get(span.range().end..).unwrap_or_default();
        if small == "today" && !rest.starts_with('.') {
            return Some(found.guess(span, "day.date", "write `day.date`, the date of the running day; its weekday is `day.weekday`"));
        }
        let (_, right) = EVERYDAY.iter().chain([("today", "day")].iter()).find(|(everyday, _)| *everyday == small)?;
        if RECORDS.contains(right) && !rest.starts_with('.') {
            return Some(found.help(format!("write a field of `{right}`, such as `{right}.profit` or `{right}.start_balance`")));
        }
        Some(found.fix(span, *right, format!("write `{right}`")))
    }

    /// What a name that is near no other was probably meant to be.
    fn probably_meant(&self, context: &Context, name: &str) -> String {
        let choice = self.options.iter().chain(&self.inputs).find(|setting| match &setting.ty {
            Type::OneOf(words) => words.iter().any(|word| word == name),
            _ => false,
        });
        if let Some(setting) = choice {
            return format!("`{name}` is one of the words of `{0}`: write `{0} is {name}`", setting.name);
        }
        if let Some((template, _)) = self.templates.get(name) {
            let called = template.parameters.iter().find(|parameter| parameter.name.node == "called").map(|_| format!("called = {name}"));
            return format!("a template has this name: `use {name}({})` in the phase declares it", called.unwrap_or_else(|| "…".into()));
        }
        let small = name.to_lowercase();
        let words: Vec<&str> = small.split('_').collect();
        let floors = self.declared(context, |kind| matches!(kind, NodeKind::Floor(_)), |item| matches!(item, DraftItem::Floor(_)));
        if !floors.is_empty() && words.iter().any(|word| FLOORS.contains(word)) {
            return format!("a floor is read by its name: here there is {}", floors.join(", "));
        }
        let kept = KEPT.iter().find(|(all, _)| all.iter().all(|any| any.iter().any(|word| words.contains(word))));
        if let Some((_, how)) = kept {
            let unit = if words.iter().any(|word| word.starts_with("lot")) { "lots" } else { "contracts" };
            let column =
                self.plans.columns.iter().find(|column| {
                    LOSSES.contains(&column.name.as_str()) && words.iter().any(|word| FLOORS.contains(word) || *word == "loss")
                });
            let column = column.map_or(String::new(), |column| format!("the plans have a column `{0}`, as in `size - {0}`; ", column.name));
            return format!("{column}{}", how.replace("NAME", name).replace("UNIT", unit));
        }
        let columns: Vec<String> = self.plans.columns.iter().map(|column| format!("`{}`", column.name)).collect();
        let columns = if columns.is_empty() { String::new() } else { format!("the columns of the plans are {}; ", columns.join(", ")) };
        let values = self.declared(
            context,
            |_| true,
            |item| matches!(item, DraftItem::Let(_) | DraftItem::Track(_) | DraftItem::State(_) | DraftItem::Floor(_)),
        );
        let values = if values.is_empty() { String::new() } else { format!("values declared here are {}; ", values.join(", ")) };
        format!("{values}{columns}add the column, or declare the value: `let {name} = …`")
    }

    /// The first names in sight that are declared by statements of a kind.
    fn declared(&self, context: &Context, checked: fn(&NodeKind) -> bool, wanted: fn(&DraftItem) -> bool) -> Vec<String> {
        let seen = self.names.visible(context.phase).filter(|name| match self.names.find(context.phase, name).map(|found| found.entity) {
            Some(Entity::Node(node)) => {
                let draft = self.drafts.get(usize::from(node.0));
                draft.is_some_and(|draft| wanted(&draft.item) || draft.node.as_ref().is_some_and(|node| checked(&node.kind)))
            }
            _ => false,
        });
        seen.take(MOST_NAMES).map(|name| format!("`{name}`")).collect()
    }

    /// The title of a limit or goal, its words joined to a name: what is read of it, and how it is expected.
    fn is_title(&mut self, name: &str, span: Span) -> bool {
        let joined = |title: &&str| title.to_lowercase().split(|letter: char| !letter.is_alphanumeric()).eq(name.to_lowercase().split('_'));
        let help = if let Some(title) = self.names.titles(false).find(joined) {
            format!(
                "its bound is written out, as in `expect size - loss is $48,000`; what is left to it is `limit(\"{title}\").headroom`; that it is broken is `expect breach \"{title}\"`"
            )
        } else if let Some(title) = self.names.titles(true).find(joined) {
            format!("it is read by its title, `goal(\"{title}\").reached`; a scenario says `expect goal \"{title}\" reached`")
        } else {
            return false;
        };
        let found = Diagnostic::new(Code::UnknownName, span, format!("`{name}` is a title, and no name of a value"));
        self.report(found.help(help));
        true
    }

    /// `greater of a and b`: what it is called, where it was meant so.
    pub(super) fn greater_of(&mut self, left: &ast::Expr, op: ast::BinaryOp, right: &ast::Expr, span: Span) -> bool {
        let words = |expr: &ast::Expr| self.source.words(expr.span);
        let first = words(left);
        let Some((word, first)) = first.split_once(" of ").filter(|_| op == ast::BinaryOp::And) else { return false };
        let function = match word {
            "greater" | "higher" | "larger" | "maximum" | "max" => "max",
            "lesser" | "lower" | "smaller" | "minimum" | "min" => "min",
            _ => return false,
        };
        let right = format!("{function}({first}, {})", words(right));
        let found = Diagnostic::new(Code::Syntax, span, format!("programs do not say `{word} of … and …`"));
        self.report(found.fix(span, right.clone(), format!("write `{right}`")));
        true
    }

    /// What a phase itself declares under a name that holds this one, or that it holds.
    fn names_here_with(&self, context: &Context, name: &str) -> Vec<String> {
        let parts: BTreeSet<&str> = name.split('_').collect();
        let shares = |known: &&str| known.split('_').any(|part| part.len() > 2 && parts.contains(part));
        let own = |known: &&str| context.phase.is_some_and(|phase| self.names.find_in(phase, known).is_some());
        self.names
            .visible(context.phase)
            .filter(|known| own(known) && shares(known))
            .take(MOST_NAMES)
            .map(|known| format!("`{known}`"))
            .collect()
    }

    fn declared_in_other_phase(&self, context: &Context, name: &str) -> Option<String> {
        let phases = (0..).map(PhaseId).zip(&self.phases);
        let mut others = phases.filter(|(id, _)| Some(*id) != context.phase);
        others.find(|(id, _)| self.names.find_in(*id, name).is_some()).map(|(_, phase)| phase.name.clone())
    }
}
