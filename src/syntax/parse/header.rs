//! The pairs of the header.

use super::Parser;
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Spanned;
use crate::syntax::ast::{Gaps, Header, Marks, Trades};
use crate::syntax::grammar::{Pair, Rule, child, has};
use crate::syntax::literals::nanos;
use crate::value::Currency;

impl Parser<'_> {
    pub(super) fn header(&mut self, line: &Pair<'_>) -> Vec<Spanned<Header>> {
        let pairs = line.clone().into_inner().filter(|pair| pair.as_rule() != Rule::EOI);
        pairs.filter_map(|pair| Some(Spanned::new(self.header_pair(&pair)?, self.span(&pair)))).collect()
    }

    fn header_pair(&mut self, pair: &Pair<'_>) -> Option<Header> {
        let span = self.span(pair);
        Some(match pair.as_rule() {
            Rule::h_firm => Header::Firm(self.text_in(pair)),
            Rule::h_version => Header::Version(self.text_in(pair)),
            Rule::h_source => Header::Source(self.text_in(pair)),
            Rule::h_calendar => Header::Calendar(self.text_in(pair)),
            Rule::h_effective => Header::Effective(self.date(&child(pair, Rule::date)?)?),
            Rule::h_as_of => Header::AsOf(self.date(&child(pair, Rule::date)?)?),
            Rule::h_currency => match child(pair, Rule::currency) {
                None => Header::CurrencyOfPlan,
                Some(code) => Header::Currency(Spanned::new(Currency::new(code.as_str().trim())?, self.span(&code))),
            },
            Rule::h_timezone => Header::Timezone(self.text_in(pair), self.shift(pair)),
            Rule::h_day => self.day(pair)?,
            Rule::h_week => Header::Week(self.weekday(&child(pair, Rule::weekday)?)?),
            Rule::h_marks if has(pair, Rule::w_last) => Header::Marks(Spanned::new(Marks::Last, span)),
            Rule::h_marks if has(pair, Rule::w_mid) => Header::Marks(Spanned::new(Marks::Mid, span)),
            Rule::h_marks => Header::Marks(Spanned::new(Marks::ExitSide, span)),
            Rule::h_trades if has(pair, Rule::w_lot) => Header::Trades(Spanned::new(Trades::ByLot, span)),
            Rule::h_trades => Header::Trades(Spanned::new(Trades::ByPosition, span)),
            Rule::h_gaps if has(pair, Rule::w_hold) => Header::Gaps(Spanned::new(Gaps::Hold, span)),
            Rule::h_gaps if has(pair, Rule::w_risk) => Header::Gaps(Spanned::new(Gaps::RefuseNewRisk, span)),
            Rule::h_gaps => Header::Gaps(Spanned::new(Gaps::WorstSideOnResume, span)),
            Rule::h_corrections => Header::Corrections(self.bound_in(pair)),
            Rule::h_quantity_unit => Header::QuantityUnit(self.decimal(&child(pair, Rule::number)?)?),
            _ => return None,
        })
    }

    /// The shift of a zone in nanoseconds.
    pub(super) fn shift(&mut self, pair: &Pair<'_>) -> i64 {
        let Some(shift) = child(pair, Rule::shift) else { return 0 };
        let unit = child(&shift, Rule::duration).map_or(String::new(), |unit| unit.as_str().trim().to_owned());
        let amount = child(&shift, Rule::number).and_then(|number| self.decimal(&number));
        let Some(nanos) = amount.and_then(|amount| nanos(amount.node, &unit)).filter(|nanos| *nanos <= crate::value::NANOS_PER_DAY) else {
            let found = Diagnostic::new(Code::NumberFormat, self.span(&shift), "a zone is shifted by at most 24 hours");
            self.diagnostics.push(found);
            return 0;
        };
        if has(&shift, Rule::minus) { -nanos } else { nanos }
    }

    fn day(&mut self, pair: &Pair<'_>) -> Option<Header> {
        let mut times = crate::syntax::grammar::children(pair, Rule::time);
        let opens = self.time(&times.next()?)?;
        let stops = times.next().and_then(|time| self.time(&time));
        let settles = child(pair, Rule::settles).and_then(|settles| child(&settles, Rule::time)).and_then(|time| self.time(&time));
        Some(Header::Day { opens, stops, settles, every_day: has(pair, Rule::w_every) })
    }
}
