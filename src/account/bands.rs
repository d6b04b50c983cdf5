//! Bands: how far the prices of what an account holds may move before anything can change.
//!
//! While each price stays inside its band, no rule of the account can come out differently, no extreme
//! that is read can be passed, and nothing is lost by not looking at the account at all: what only shows
//! where things stand is brought up to date by [`Account::catch_up`] before it is looked at.

use super::Account;
use super::hand::Hand;
use super::picture::Picture;
use crate::ir::{Period, Reads};
use crate::ledger::{Conversion, Position, Quote, SymbolId};
use crate::market::{ListingId, Market};
use crate::value::Fixed;
use crate::vm::view::{Cursor, MISSING, View};
use crate::vm::{self, Banded, Passed, Range};
use crate::vocabulary::{AccountField, GroupField, Occasion, PeriodField, RecordField};

/// A price of a symbol that moves an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stream {
    /// What can be sold at.
    Bid,
    /// What can be bought at.
    Ask,
    /// What was last dealt at.
    Last,
    /// The middle of bid and ask.
    Mid,
}

impl Stream {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Bid, Self::Ask, Self::Last, Self::Mid];

    /// The price, where the quote has it.
    pub fn of(self, quote: &Quote) -> Option<Fixed> {
        match self {
            Self::Bid => quote.bid,
            Self::Ask => quote.ask,
            Self::Last => quote.last,
            Self::Mid => quote.mid(),
        }
    }
}

/// Between which prices of a symbol nothing can change, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Band {
    /// The symbol.
    pub listing: ListingId,
    /// Which of its prices.
    pub stream: Stream,
    /// The lowest.
    pub low: Fixed,
    /// The highest.
    pub high: Fixed,
}

/// What must wake an account, besides what is due and its own events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bands {
    /// The symbols whose marks reach the account at all.
    pub moved_by: Vec<ListingId>,
    /// Bands of these symbols; without any, each mark wakes it.
    pub bands: Vec<Band>,
    /// Whether the highest or lowest equity while prices stay within them is kept, so that the marks must be.
    pub keeps_extremes: bool,
    /// While prices stay within these, narrower ones, none that is kept is passed; none where that is not known.
    pub calm: Vec<Band>,
}

/// Between what the values of an open position lie.
#[derive(Clone, Copy, Debug)]
pub(super) struct PositionRange {
    profit: Range,
    notional: Range,
}

/// How often the money by which equity may move is halved before it is nothing.
const HALVINGS: u8 = 14;

/// What was found as an account was looked at last: no part of its state, but what it sleeps by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Rest {
    /// How often the room was halved, downwards and upwards: where the next search begins.
    pub(super) halved: Option<(u8, u8)>,
    /// The extremes that marks within the bands may pass.
    pub(super) wanted: Passed,
}

impl Account {
    /// How far prices may move before a mark can change anything but extremes that are kept. The account
    /// must be up to date.
    pub fn bands(&mut self, market: &Market) -> Bands {
        let mut found = Bands::default();
        self.rest.wanted = Passed::default();
        let streams = self.streams();
        let missed = self.missed_at_opening();
        for symbol in streams.iter().map(|(symbol, _)| symbol).chain(&missed) {
            found.moved_by.extend(self.books.symbols.listing(*symbol).filter(|listing| !found.moved_by.contains(listing)));
        }
        if streams.is_empty() || !missed.is_empty() || !self.may_be_banded() {
            return found;
        }
        let Some(most) = self.books.ledger.equity().map(|equity| equity.raw().saturating_abs() / 4).filter(|most| *most > 0) else {
            return found;
        };
        found.bands = self.widest(market, &streams, most).unwrap_or_default();
        found.keeps_extremes = !self.rest.wanted.is_none();
        if found.keeps_extremes {
            found.calm = self.calm(&streams, most).unwrap_or_default();
        }
        found
    }

    /// Bands within which equity passes none of the extremes that it may pass within the others.
    fn calm(&self, streams: &[(SymbolId, Stream)], most: i64) -> Option<Vec<Band>> {
        let (below, above) = self.rest.halved?;
        let room = |halved: u8, extreme: Option<i64>| (most >> halved).min(extreme.unwrap_or(i64::MAX));
        let bands = self.boxed(streams, (room(below, self.rest.wanted.below), room(above, self.rest.wanted.above)))?;
        let (mut low, mut high, mut now) = (0_i64, 0_i64, 0_i64);
        for position in self.books.ledger.positions() {
            let profit = self.position_range(position, &bands)?.profit;
            (low, high) = (low.checked_add(profit.low)?, high.checked_add(profit.high)?);
            now = now.checked_add(position.open_profit?.raw())?;
        }
        let passes = |by: i64, extreme: Option<i64>| extreme.is_some_and(|extreme| by > extreme);
        let is_calm = !passes(high.checked_sub(now)?, self.rest.wanted.above) && !passes(now.checked_sub(low)?, self.rest.wanted.below);
        is_calm.then_some(bands)
    }

    /// The widest bands that were found; none if an account must be looked at with each mark.
    fn widest(&mut self, market: &Market, streams: &[(SymbolId, Stream)], most: i64) -> Option<Vec<Band>> {
        let begun = self.rest.halved.unwrap_or_default();
        // Nothing helps a program that looks at each mark: that is seen at once.
        if self.rest.halved.take().is_none() {
            self.rest.wanted = self.stays_still(market, streams, (0, 0))?;
        }
        let (down, below) = self.widen(market, streams, begun.0, |halved| (most >> halved, 0));
        let room = if below < HALVINGS { most >> below } else { 0 };
        let (up, above) = self.widen(market, streams, begun.1, |halved| (room, most >> halved));
        self.rest.wanted = match up.or(down) {
            Some(wanted) => wanted,
            None => self.stays_still(market, streams, (0, 0))?,
        };
        self.rest.halved = Some((below, above));
        self.boxed(streams, (room, if above < HALVINGS { most >> above } else { 0 }))
    }

    /// Halves until nothing changes any more, beginning a little wider than where the last search ended.
    fn widen(
        &mut self,
        market: &Market,
        streams: &[(SymbolId, Stream)],
        begun: u8,
        rooms: impl Fn(u8) -> (i64, i64),
    ) -> (Option<Passed>, u8) {
        // An account without room on one side will not have much of it soon.
        let begun = begun.saturating_sub(if begun == HALVINGS { 2 } else { 1 });
        for halved in begun..HALVINGS {
            if let Some(wanted) = self.stays_still(market, streams, rooms(halved)) {
                return (Some(wanted), halved);
            }
        }
        (None, HALVINGS)
    }

    /// The symbols that the account has met, by the market's numbers.
    pub fn met(&self) -> impl Iterator<Item = ListingId> {
        self.books.symbols.all().filter_map(|(symbol, _)| self.books.symbols.listing(symbol))
    }

    /// The prices that move the account: of what it holds, and of what converts that.
    fn streams(&self) -> Vec<(SymbolId, Stream)> {
        let mut streams = Vec::new();
        for position in self.books.ledger.positions() {
            let converts = self.books.ledger.conversion(position.symbol).and_then(Conversion::symbol);
            let own = (position.symbol, self.stream_of(position));
            for stream in std::iter::once(own).chain(converts.map(|symbol| (symbol, Stream::Mid))) {
                if !streams.contains(&stream) {
                    streams.push(stream);
                }
            }
        }
        streams
    }

    /// Whether the account is in a state that bands can describe.
    fn may_be_banded(&self) -> bool {
        let turns = self.books.spans.len() > 0;
        !turns && self.books.ledger.positions().iter().all(|position| !position.missed && position.open_profit.is_some())
    }

    /// Which extremes may be passed, but nothing else change, as equity moves by no more than so much; none
    /// if something may.
    fn stays_still(&mut self, market: &Market, streams: &[(SymbolId, Stream)], rooms: (i64, i64)) -> Option<Passed> {
        let bands = self.boxed(streams, rooms)?;
        let ranges: Option<Vec<PositionRange>> =
            self.books.ledger.positions().iter().map(|position| self.position_range(position, &bands)).collect();
        let (ranges, phase) = (ranges?, self.books.phase()?);
        let hand = Hand::of(&[Occasion::Mark]);
        let view = Picture { ranges: &ranges, ..Picture::of(&self.program.ir, &self.books, &self.calendar, market, &hand) };
        let mut passed = view.passes_extremes(&self.program.reads)?;
        let by_rules = vm::is_still(&self.program, phase, &mut self.slots, &view, &mut self.effects)?;
        by_rules.above.into_iter().for_each(|more| passed.pass_above(more));
        by_rules.below.into_iter().for_each(|less| passed.pass_below(less));
        Some(passed)
    }

    /// Bands such that equity moves by no more than so much down and up, as near as prices allow.
    fn boxed(&self, streams: &[(SymbolId, Stream)], (down, up): (i64, i64)) -> Option<Vec<Band>> {
        let share = |room: i64| room / i64::try_from(streams.len()).unwrap_or(1).max(1);
        let mut bands = Vec::with_capacity(streams.len());
        for (symbol, stream) in streams {
            let price = stream.of(&self.books.ledger.quote(*symbol))?;
            let slope = self.slope(*symbol, *stream)?;
            let reach = |room: i64| match i128::from(slope.unsigned_abs()) {
                0 => price.raw().saturating_abs() / 100,
                slope => i64::try_from(i128::from(share(room)) * i128::from(Fixed::ONE_RAW) / slope).unwrap_or(i64::MAX / 4),
            };
            let (below, above) = if slope >= 0 { (reach(down), reach(up)) } else { (reach(up), reach(down)) };
            let low = Fixed::from_raw(price.raw().saturating_sub(below).max(1).min(price.raw()))?;
            let high = Fixed::from_raw(price.raw().saturating_add(above))?;
            bands.push(Band { listing: self.books.symbols.listing(*symbol)?, stream: *stream, low, high });
        }
        Some(bands)
    }

    /// By how much equity moves as a price moves by one; none where it cannot be computed.
    fn slope(&self, symbol: SymbolId, stream: Stream) -> Option<i64> {
        let ledger = &self.books.ledger;
        let mut slope: i64 = 0;
        for position in ledger.positions() {
            if position.symbol == symbol && self.stream_of(position) == stream {
                slope = slope.checked_add(ledger.profit_per_point(position)?.raw())?;
            } else if ledger.conversion(position.symbol)?.symbol() == Some(symbol) && stream == Stream::Mid {
                // Only for choosing a band: its profit a percent of the rate away.
                slope = slope.checked_add(position.open_profit?.raw())?;
            }
        }
        Some(slope)
    }

    /// Between what a position's values lie: the extremes lie at the corners of the bands that concern it.
    fn position_range(&self, position: &Position, bands: &[Band]) -> Option<PositionRange> {
        let ledger = &self.books.ledger;
        let ends = |symbol: SymbolId, stream: Stream| {
            let listing = self.books.symbols.listing(symbol)?;
            bands.iter().find(|band| band.listing == listing && band.stream == stream).map(|band| [band.low, band.high])
        };
        let [low, high] = ends(position.symbol, self.stream_of(position))?;
        // A fill marks its own position, and that mark stands until the symbol's next.
        let marks = [low, high, position.mark];
        let rates = match ledger.conversion(position.symbol)?.symbol() {
            Some(symbol) => ends(symbol, Stream::Mid)?.map(Some),
            None => [None, None],
        };
        let mut range: Option<PositionRange> = None;
        for mark in marks {
            for rate in &rates[..if rates[0] == rates[1] { 1 } else { 2 }] {
                let profit = Range::point(ledger.profit_at(position, mark, *rate)?.raw());
                let notional = Range::point(ledger.notional_at(position, mark, *rate)?.raw());
                range = Some(match range {
                    None => PositionRange { profit, notional },
                    Some(range) => PositionRange { profit: range.profit.around(profit), notional: range.notional.around(notional) },
                });
            }
        }
        range
    }
}

impl Picture<'_> {
    /// Which extremes of equity that the program reads may be passed; none where one of a position may be.
    fn passes_extremes(&self, reads: &Reads) -> Option<Passed> {
        let mut positions = self.ledger.positions().iter().zip(self.ranges);
        let within = |(position, range): (&Position, &PositionRange)| {
            range.profit.high <= position.best.0.raw() && range.profit.low >= position.worst.0.raw()
        };
        if reads.extremes_of_positions && !positions.all(within) {
            return None;
        }
        let mut wanted = Passed::default();
        for period in reads.extremes_of_periods.iter().filter(|period| self.books.periods.runs(**period)) {
            let ([high, low], equity) = (self.extremes_of(*period)?, self.equity_range()?);
            let now = View::account(self, AccountField::Equity);
            if equity.high > high {
                wanted.pass_above(high.saturating_sub(now));
            }
            if equity.low < low {
                wanted.pass_below(now.saturating_sub(low));
            }
        }
        Some(wanted)
    }

    /// The highest and lowest equity of a period; none before the first.
    fn extremes_of(&self, period: Period) -> Option<[i64; 2]> {
        let found = [PeriodField::HighEquity, PeriodField::LowEquity].map(|field| View::period(self, period, field));
        (!found.contains(&MISSING)).then_some(found)
    }

    fn total(&self, of: impl Fn(usize, &Position) -> Option<Range>) -> Option<Range> {
        let mut total = Range::point(0);
        for (at, position) in self.ledger.positions().iter().enumerate() {
            let range = of(at, position)?;
            total = Range { low: total.low.checked_add(range.low)?, high: total.high.checked_add(range.high)? };
        }
        Some(total)
    }

    fn moved(range: Range, by: i64) -> Option<Range> {
        Some(Range { low: range.low.checked_add(by)?, high: range.high.checked_add(by)? })
    }

    fn open_profit_range(&self) -> Option<Range> {
        let total = self.total(|at, _| self.ranges.get(at).map(|range| range.profit))?;
        Self::moved(total, self.ledger.equity_offset().raw())
    }

    fn equity_range(&self) -> Option<Range> {
        Self::moved(self.open_profit_range()?, self.ledger.balance().ok()?.raw())
    }

    fn margin_range(&self, at: usize, position: &Position) -> Option<Range> {
        let notional = self.ranges.get(at)?.notional;
        let margin = |notional: i64| self.ledger.margin_of(position, Fixed::from_raw(notional)?).map(Fixed::raw);
        Some(Range { low: margin(notional.low)?, high: margin(notional.high)? })
    }

    /// Net of each symbol, without sign, summed: where a symbol is held on one side, its notional.
    fn exposure_range(&self) -> Option<Range> {
        let positions = self.ledger.positions();
        let one_sided = positions.iter().all(|a| positions.iter().all(|b| a.symbol != b.symbol || a.long == b.long));
        if one_sided { self.total(|at, _| self.ranges.get(at).map(|range| range.notional)) } else { None }
    }

    fn position_at(&self, cursor: Cursor) -> Option<(usize, &Position)> {
        match cursor {
            Cursor::Position(at) => Some((at, self.ledger.positions().get(at)?)),
            _ => None,
        }
    }

    /// The sum over the open members of a group.
    fn members_range(&self, group: u16, cursor: Cursor, of: impl Fn(usize) -> Option<Range>) -> Option<Range> {
        let members = View::members(self, group, cursor);
        self.total(|at, position| if members.contains(&position.serial) { of(at) } else { Some(Range::point(0)) })
    }
}

impl Banded for Picture<'_> {
    fn account_range(&self, field: AccountField) -> Option<Range> {
        match field {
            AccountField::Equity => self.equity_range(),
            AccountField::OpenProfit => self.open_profit_range(),
            AccountField::Exposure => self.exposure_range(),
            AccountField::Margin if View::account(self, field) != MISSING => self.total(|at, position| self.margin_range(at, position)),
            AccountField::MarginLevel => None,
            // A stop's risk moves with the rate that converts it.
            AccountField::OpenRisk if self.converts() => None,
            _ => Some(Range::point(View::account(self, field))),
        }
    }

    fn period_range(&self, period: Period, field: PeriodField) -> Option<Range> {
        match field {
            PeriodField::EquityProfit => {
                let start = View::period(self, period, PeriodField::StartEquity);
                let (equity, profit) = (View::account(self, AccountField::Equity), View::period(self, period, field));
                if start == MISSING || equity == MISSING || profit == MISSING {
                    return None;
                }
                Self::moved(self.equity_range()?, profit.checked_sub(equity)?)
            }
            PeriodField::HighEquity | PeriodField::LowEquity if self.books.periods.runs(period) => {
                let ([high, low], equity) = (self.extremes_of(period)?, self.equity_range()?);
                Some(match field {
                    PeriodField::HighEquity => Range { low: high, high: high.max(equity.high) },
                    _ => Range { low: low.min(equity.low), high: low },
                })
            }
            _ => Some(Range::point(View::period(self, period, field))),
        }
    }

    fn record_range(&self, field: RecordField, cursor: Cursor) -> Option<Range> {
        let point = || Some(Range::point(View::record(self, field, cursor)));
        match field {
            RecordField::PositionOpenProfit => self.ranges.get(self.position_at(cursor)?.0).map(|range| range.profit),
            RecordField::PositionNotional => self.ranges.get(self.position_at(cursor)?.0).map(|range| range.notional),
            RecordField::PositionMargin => {
                let (at, position) = self.position_at(cursor)?;
                if View::record(self, field, cursor) == MISSING { point() } else { self.margin_range(at, position) }
            }
            // The extremes stand, or the bands would be narrower.
            RecordField::PositionGiveback => {
                let (at, position) = self.position_at(cursor)?;
                let (range, best) = (self.ranges.get(at)?.profit, position.best.0.raw());
                Some(Range { low: best.checked_sub(range.high)?, high: best.checked_sub(range.low)? })
            }
            RecordField::PositionRisk if self.converts() => None,
            RecordField::PositionMarked
            | RecordField::PositionMarkAge
            | RecordField::PositionHeld
            | RecordField::SymbolMarked
            | RecordField::SymbolMarkAge
            | RecordField::OrderMarked
            | RecordField::OrderMarkAge => None,
            RecordField::SymbolOpenProfit => {
                let Cursor::Symbol(number) = cursor else { return None };
                let symbol = self.books.symbols.traded_at(number)?;
                self.total(
                    |at, position| {
                        if position.symbol == symbol { self.ranges.get(at).map(|range| range.profit) } else { Some(Range::point(0)) }
                    },
                )
            }
            _ => point(),
        }
    }

    fn group_range(&self, group: u16, field: GroupField, cursor: Cursor) -> Option<Range> {
        let open = || self.members_range(group, cursor, |at| self.ranges.get(at).map(|range| range.profit));
        match field {
            GroupField::OpenProfit => open(),
            GroupField::Result => {
                let realised = View::group(self, group, GroupField::Profit, cursor);
                if realised == MISSING { None } else { Self::moved(open()?, realised) }
            }
            GroupField::Notional => self.members_range(group, cursor, |at| self.ranges.get(at).map(|range| range.notional)),
            GroupField::Margin => None,
            GroupField::Risk if self.converts() => None,
            _ => Some(Range::point(View::group(self, group, field, cursor))),
        }
    }
}
