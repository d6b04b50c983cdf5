//! Values that may be missing where they must be there.

use crate::ir::{ExprId, ExprKind};
use crate::syntax::ast;
use crate::value::Type;

use super::context::words;
use super::{Checker, errors};

impl Checker<'_> {
    /// Reports a value that may be missing where it must be there.
    pub(super) fn must_be_known(&mut self, id: ExprId, expr: &ast::Expr) {
        if !self.asking && self.exprs[id.0 as usize].maybe_missing && !matches!(self.ty(id), Type::Error) {
            let culprit = self.missing_leaf(id);
            let (span, why) = (self.exprs[culprit.0 as usize].span, self.why_missing(culprit));
            // What a parameter stands for is written at the use.
            let told = self.source.slice(span).split_whitespace().collect::<Vec<_>>().join(" ");
            // Where a plan or a row has none, nothing is asked for: zero would be met at once.
            let is_cell = matches!(self.exprs[culprit.0 as usize].kind, ExprKind::Plan(_) | ExprKind::Lookup(..));
            let otherwise = match self.ty(culprit) {
                _ if is_cell => None,
                Type::Money(currency) if currency.code() == "USD" => Some("$0"),
                Type::Count | Type::Number => Some("0"),
                Type::Percent if matches!(self.exprs[culprit.0 as usize].kind, ExprKind::Limit(..)) => Some("0%"),
                Type::Bool => Some("no"),
                _ => None,
            };
            let is_told = !told.is_empty();
            let (text, span) = if is_told { (told, span) } else { (words(self.source, expr), expr.span) };
            let mut found = errors::maybe_missing(&text, &why, otherwise.filter(|_| is_told), span);
            if is_cell {
                found.help =
                    Some(format!("ask only where there is one: `… when {text} is known`; or say what holds then: `({text} else …)`"));
            }
            if text.starts_with("last payout.") && otherwise.is_none() {
                found.help = Some(format!(
                    "say what holds before the first: `{text} is missing or …`; or ask only from the second on: `… when payouts.count is at least 1`"
                ));
            }
            if text.ends_with(".mark_age") {
                found.help = Some(format!("test it first: `{text} is known and {text} is above 30s`"));
            }
            self.report(found);
        }
    }

    /// The first operand that makes an expression possibly missing.
    fn missing_leaf(&self, id: ExprId) -> ExprId {
        let operands = self.exprs[id.0 as usize].kind.operands();
        let culprit = operands.into_iter().find(|operand| self.exprs[operand.0 as usize].maybe_missing);
        culprit.map_or(id, |operand| self.missing_leaf(operand))
    }

    /// Why a value may be missing, for the message.
    pub(super) fn why_missing(&self, id: ExprId) -> String {
        match &self.exprs[id.0 as usize].kind {
            ExprKind::Constant(_) => "`none` is no value".into(),
            ExprKind::Plan(column) => format!("a plan has `none` in the column `{}`", self.plans.columns[usize::from(*column)].name),
            ExprKind::Option(_) | ExprKind::Input(_) => "it has no default, or grows stale: it is missing until the host tells it".into(),
            ExprKind::Payout(_) => "there is none before the first payout is paid".into(),
            ExprKind::LastPeriod(period, _) => format!("there is no last {} before one has ended", self.period_word(*period)),
            ExprKind::PhaseFinal(..) => "the account may never have been in that phase".into(),
            ExprKind::Node(_) => "it starts from nothing, or what it reads may be missing".into(),
            ExprKind::Lookup(..) => "no row of the table may fit: add a row `any`".into(),
            ExprKind::Elapsed(from) => self.why_missing(*from),
            ExprKind::Record(field) => when_missing(field.row().doc, field.record().word()),
            ExprKind::Group(_, field) => when_missing(field.row().doc, "group"),
            ExprKind::Account(field) => when_missing(field.row().doc, "account"),
            ExprKind::Period(_, field) => when_missing(field.row().doc, "period"),
            ExprKind::Limit(..) => "a limit that is not in force has none".into(),
            _ => String::new(),
        }
    }
}

/// When a field is missing, as its description says.
fn when_missing(doc: &str, record: &str) -> String {
    match doc.split_once("missing ") {
        Some((_, "before the first")) => "it is missing before the first tick of its symbol".into(),
        Some((_, when)) => format!("it is missing {when}"),
        None => format!("not every {record} has one"),
    }
}
