//! Bands: how far the prices of what an account holds may move before anything can change.
//!
//! While each price stays inside its band, no rule of the account can come out differently, no extreme
//! that is read can be passed, and nothing is lost by not looking at the account at all: what only shows
//! where things stand is brought up to date by [`Account::catch_up`] before it is looked at.

use super::Account;
use super::hand::Hand;
use super::picture::Picture;
use crate::event::Provenance;
use crate::ir::{Period, Reads};
use crate::ledger::{Conversion, MarkRule, Position, Quote, SymbolId};
use crate::market::{ListingId, Market};
use crate::outcome::Outcome;
use crate::value::{Fixed, Instant};
use crate::vm::view::{Cursor, MISSING, View};
use crate::vm::{self, Banded, Range};
use crate::vocabulary::{AccountField, GroupField, Moment, Occasion, PeriodField, RecordField};

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
}

/// Marks of a symbol that an account was not shown.
#[derive(Clone, Copy, Debug)]
pub struct Skipped {
    /// The symbol.
    pub listing: ListingId,
    /// How many.
    pub count: u64,
    /// What they come to, in order: the latest bid and ask that were told together, then what was told after.
    pub quotes: [Option<Quote>; 4],
    /// When the last of them came.
    pub at: Instant,
    /// How it is known.
    pub provenance: Provenance,
}

/// Between what the values of an open position lie.
#[derive(Clone, Copy, Debug)]
pub(super) struct PositionRange {
    profit: Range,
    notional: Option<Range>,
}

/// How often a band is halved before it has no width.
const ATTEMPTS: u32 = 14;

impl Account {
    /// How far prices may move before a mark can change anything. The account must be up to date.
    pub fn bands(&mut self, market: &Market) -> Bands {
        let mut found = Bands::default();
        let streams = self.streams();
        for (symbol, _) in &streams {
            found.moved_by.extend(self.books.symbols.listing(*symbol).filter(|listing| !found.moved_by.contains(listing)));
        }
        if streams.is_empty() || !self.may_be_banded() {
            return found;
        }
        let Some(most) = self.books.ledger.equity().map(|equity| equity.raw().saturating_abs() / 4).filter(|most| *most > 0) else {
            return found;
        };
        if !self.stays_still(market, &streams, (0, 0)) {
            return found;
        }
        let down = self.widest(market, &streams, most, |room| (room, 0)).unwrap_or(0);
        let up = self.widest(market, &streams, most, |room| (down, room)).unwrap_or(0);
        found.bands = self.boxed(&streams, (down, up)).unwrap_or_default();
        found
    }

    /// Takes in marks that changed nothing: prices, time, the count of events; and evaluates once at the
    /// last of them, so that everything shows where it stands.
    pub fn catch_up(&mut self, market: &Market, skipped: &[Skipped], outcomes: &mut Vec<Outcome>) {
        let mut last: Option<&Skipped> = None;
        let mut reached = 0;
        for marks in skipped {
            let Some(symbol) = self.books.symbols.of_listing(marks.listing) else { continue };
            if self.books.ledger.is_moved_by(symbol) {
                reached += marks.count;
                last = last.filter(|last| last.at > marks.at).or(Some(marks));
            }
        }
        self.books.ordinal += reached;
        for marks in skipped {
            let Some(symbol) = self.books.symbols.of_listing(marks.listing) else { continue };
            for quote in marks.quotes.into_iter().flatten() {
                self.books.ledger.mark(symbol, quote, self.books.ordinal);
                self.mark_opening(symbol, &quote);
            }
        }
        if let Some(last) = last {
            self.books.now = self.books.now.max(last.at.nanos());
            self.books.provenance = last.provenance;
            self.books.periods.note_equity(self.books.ledger.equity());
            let draft = self.draft(None);
            self.run(market, &Hand::of(&[Occasion::Mark]), Moment::Mark, draft, outcomes);
        }
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

    fn stream_of(&self, position: &Position) -> Stream {
        match self.books.ledger.mark_rule() {
            MarkRule::Last => Stream::Last,
            MarkRule::Mid => Stream::Mid,
            MarkRule::ExitSide if position.long => Stream::Bid,
            MarkRule::ExitSide => Stream::Ask,
        }
    }

    /// Whether the account is in a state that bands can describe.
    fn may_be_banded(&self) -> bool {
        let turns = self.books.spans.len() > 0;
        !turns && self.books.ledger.positions().iter().all(|position| !position.missed && position.open_profit.is_some())
    }

    /// The money by which equity may move one way so that nothing changes, to within half of it; none if
    /// not at all.
    fn widest(&mut self, market: &Market, streams: &[(SymbolId, Stream)], most: i64, rooms: impl Fn(i64) -> (i64, i64)) -> Option<i64> {
        // Nothing helps a program that looks at each mark, and little an account at its peak: both are seen at once.
        if !self.stays_still(market, streams, rooms(most >> ATTEMPTS)) {
            return None;
        }
        let wide = (0..ATTEMPTS).map(|halvings| most >> halvings).find(|room| self.stays_still(market, streams, rooms(*room)));
        wide.or(Some(most >> ATTEMPTS))
    }

    fn stays_still(&mut self, market: &Market, streams: &[(SymbolId, Stream)], rooms: (i64, i64)) -> bool {
        let Some(bands) = self.boxed(streams, rooms) else { return false };
        let ranges: Option<Vec<PositionRange>> =
            self.books.ledger.positions().iter().map(|position| self.position_range(position, &bands)).collect();
        let (Some(ranges), Some(phase)) = (ranges, self.books.phase()) else { return false };
        let hand = Hand::of(&[Occasion::Mark]);
        let view = Picture { ranges: &ranges, ..Picture::of(&self.program.ir, &self.books, &self.calendar, market, &hand) };
        if !view.keeps_extremes(&self.program.reads) {
            return false;
        }
        vm::is_still(&self.program, phase, &mut self.slots, &view, &mut self.effects)
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
        let (mut profit, mut notional): (Option<Range>, Option<Range>) = (None, None);
        let join = |range: Option<Range>, value: Fixed| {
            let value = value.raw();
            Some(range.map_or(Range::point(value), |range| Range { low: range.low.min(value), high: range.high.max(value) }))
        };
        for mark in marks {
            for rate in rates {
                let (at_profit, at_notional) = ledger.valued_at(position, mark, rate)?;
                profit = join(profit, at_profit);
                notional = join(notional, at_notional);
            }
        }
        Some(PositionRange { profit: profit?, notional })
    }
}

impl Picture<'_> {
    /// Whether no extreme that the program reads is passed.
    fn keeps_extremes(&self, reads: &Reads) -> bool {
        let mut positions = self.ledger.positions().iter().zip(self.ranges);
        let within = |(position, range): (&Position, &PositionRange)| {
            range.profit.high <= position.best.0.raw() && range.profit.low >= position.worst.0.raw()
        };
        if reads.extremes_of_positions && !positions.all(within) {
            return false;
        }
        reads.extremes_of_periods.iter().all(|period| self.keeps_equity_within(*period))
    }

    fn keeps_equity_within(&self, period: Period) -> bool {
        let Some(equity) = self.equity_range() else { return false };
        let (high, low) = (View::period(self, period, PeriodField::HighEquity), View::period(self, period, PeriodField::LowEquity));
        !self.books.periods.runs(period) || (high != MISSING && low != MISSING && equity.high <= high && equity.low >= low)
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
        let notional = self.ranges.get(at)?.notional?;
        let margin = |notional: i64| self.ledger.margin_of(position, Fixed::from_raw(notional)?).map(Fixed::raw);
        Some(Range { low: margin(notional.low)?, high: margin(notional.high)? })
    }

    /// Net of each symbol, without sign, summed: where a symbol is held on one side, its notional.
    fn exposure_range(&self) -> Option<Range> {
        let positions = self.ledger.positions();
        let one_sided = positions.iter().all(|a| positions.iter().all(|b| a.symbol != b.symbol || a.long == b.long));
        if one_sided { self.total(|at, _| self.ranges.get(at)?.notional) } else { None }
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
            PeriodField::HighEquity | PeriodField::LowEquity if !self.keeps_equity_within(period) => None,
            _ => Some(Range::point(View::period(self, period, field))),
        }
    }

    fn record_range(&self, field: RecordField, cursor: Cursor) -> Option<Range> {
        let point = || Some(Range::point(View::record(self, field, cursor)));
        match field {
            RecordField::PositionOpenProfit => self.ranges.get(self.position_at(cursor)?.0).map(|range| range.profit),
            RecordField::PositionNotional => self.ranges.get(self.position_at(cursor)?.0)?.notional,
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
            GroupField::Notional => self.members_range(group, cursor, |at| self.ranges.get(at)?.notional),
            GroupField::Margin => None,
            GroupField::Risk if self.converts() => None,
            _ => Some(Range::point(View::group(self, group, field, cursor))),
        }
    }
}
