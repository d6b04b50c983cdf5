//! Names that nothing declares: what was probably meant.

use crate::diagnostic::{Code, Diagnostic};
use crate::ir::{ExprId, PhaseId};
use crate::source::Span;
use crate::syntax::RECORDS;
use crate::vocabulary::{AccountField, PeriodField, RecordField};

use super::context::Context;
use super::{Checker, errors};

/// A field of a record, as it is read.
fn a_field_of(record: &str) -> String {
    let field = RecordField::ALL.iter().find(|field| field.record().word() == record);
    let period = || PeriodField::ALL.first().map(|field| field.row().name);
    format!("{record}.{}", field.map(|field| field.row().name).or_else(period).unwrap_or_default())
}

impl Checker<'_> {
    /// A name that nothing declares.
    pub(super) fn unknown(&mut self, context: &Context, name: &str, span: Span) -> ExprId {
        if self.plans_broken {
            return self.error(span);
        }
        if let Some((_, word)) = [("true", "yes"), ("false", "no")].iter().find(|(foreign, _)| *foreign == name) {
            self.report(errors::unknown_name(name, span, std::iter::empty()).fix(span, *word, format!("write `{word}`")));
            return self.error(span);
        }
        if RECORDS.contains(&name) {
            let found = Diagnostic::new(Code::UnknownName, span, format!("`{name}` is no value: its fields are read"));
            self.report(found.help(format!("write the field behind it, such as `{}`", a_field_of(name))));
            return self.error(span);
        }
        let mut known: Vec<String> = self.names.visible(context.phase).map(str::to_owned).collect();
        known.extend(AccountField::ALL.iter().map(|field| field.row().name.to_owned()));
        let mut diagnostic = errors::unknown_name(name, span, known.iter().map(String::as_str));
        if let Some(phase) = self.declared_in_other_phase(context, name) {
            diagnostic = diagnostic.note(format!("phase `{phase}` has a `{name}`"));
            diagnostic.help = Some(format!("read its last value there as `({phase}.{name} else …)`"));
            diagnostic.fix = None;
        }
        self.report(diagnostic);
        self.error(span)
    }

    fn declared_in_other_phase(&self, context: &Context, name: &str) -> Option<String> {
        let phases = (0..).map(PhaseId).zip(&self.phases);
        let mut others = phases.filter(|(id, _)| Some(*id) != context.phase);
        others.find(|(id, _)| self.names.find_in(*id, name).is_some()).map(|(_, phase)| phase.name.clone())
    }
}
