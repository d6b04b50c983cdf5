//! What the compiler refuses: programs over a named limit.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// More of something than the limit allows.
pub(super) fn over(span: Span, limit: &str, needed: usize, allowed: usize) -> Diagnostic {
    Diagnostic::new(Code::Limit, span, format!("the program needs {needed} {limit}; the limit is {allowed}"))
        .note(format!("the limit is named `{limit}`"))
        .help("make the program smaller, or raise the limit where the engine is embedded")
}

/// Code that the verifier does not accept: a limit of the code's own form.
pub(super) fn refused(span: Span, refusal: &crate::code::Refusal) -> Diagnostic {
    Diagnostic::new(Code::Limit, span, format!("the code of the program was not accepted: {refusal}"))
        .help("split long conditions and tables; the limits of code are the named ones")
}
