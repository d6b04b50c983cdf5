//! Moves of a price that depend on the symbol: `10 pips`, `8 ticks`, `10 cents a share`.

use crate::diagnostic::{Code, Diagnostic};
use crate::ir::{Arithmetic, Constant, ExprId, ExprKind, InstrumentFact};
use crate::source::Span;
use crate::syntax::ast;
use crate::value::{Decimal, Type, Unit};

use super::Checker;
use super::context::Context;

impl Checker<'_> {
    /// `8 ticks`, `10 pips`, `3 points`: a point is one of the price itself.
    pub(super) fn counted_move(&mut self, context: &Context, count: Decimal, unit: &ast::Name, span: Span) -> ExprId {
        let fact = match unit.node.as_str() {
            "tick" | "ticks" => InstrumentFact::Tick,
            "pip" | "pips" => InstrumentFact::Pip,
            _ => return self.constant(Constant::Decimal(count), Type::Move, span),
        };
        let Some(step) = self.instrument_fact(context, fact, span) else { return self.error(span) };
        let count = self.constant(Constant::Decimal(count), Type::Number, span);
        self.push(ExprKind::Arithmetic(Arithmetic::Multiply, step, count), Type::Move, span)
    }

    /// `10 cents a share`: the move of the price that is worth so much quote currency a share.
    pub(super) fn move_per_unit(&mut self, context: &Context, amount: Decimal, unit: Unit, span: Span) -> ExprId {
        let Some(worth) = self.instrument_fact(context, InstrumentFact::Multiplier(unit), span) else { return self.error(span) };
        let amount = self.constant(Constant::Decimal(amount), Type::Move, span);
        self.push(ExprKind::Arithmetic(Arithmetic::Divide, amount, worth), Type::Move, span)
    }

    /// A fact about the instrument of the symbol at hand. One that the market does not tell is a fault
    /// where it is read.
    fn instrument_fact(&mut self, context: &Context, fact: InstrumentFact, span: Span) -> Option<ExprId> {
        let Some(symbol) = self.symbol_at_hand(context, span) else {
            let message = "how far this is depends on the symbol, and which is meant is not known here";
            self.report(Diagnostic::new(Code::NotAtHand, span, message).help(
                "use it in a limit or tracker `for each position`, where an order or a fill is handled, or write a number of `points`",
            ));
            return None;
        };
        Some(self.push(ExprKind::Instrument(fact, symbol), Type::Move, span))
    }
}
