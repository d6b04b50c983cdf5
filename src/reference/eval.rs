//! Evaluates an expression by walking its tree.

use std::cell::Cell;
use std::cmp::Ordering;

use crate::event::News;
use crate::ir::{
    Arithmetic, Collection, Comparison, Constant, ExprId, ExprKind, FoldFunction, InstrumentFact, Matching, NewsTest, NodeKind, Rounding,
    Table,
};
use crate::outcome::FaultKind;
use crate::value::{Decimal, Type};
use crate::vocabulary::Record;

use super::account::Account;
use super::days::NEVER;
use super::market::Market;
use super::number::{add, against_percent, average, count, div, mul, nearest, percent_of, steps, sub, total, whole};
use super::position::Pricing;
use super::seen::{Sight, number as numbered};
use super::val::Val;

/// A value, or the fault that computing it met.
pub(super) type Evaluated = Result<Val, FaultKind>;

/// Which record is at hand besides those of the event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Cursor {
    /// None.
    Event,
    /// The open position of this serial.
    Position(u64),
    /// The working order at this place.
    Order(usize),
    /// The symbol of this number, from 1.
    Symbol(usize),
    /// The instance of a group: the group's number, the instance's serial.
    Group(u16, u64),
}

/// What an expression is evaluated in.
#[derive(Clone)]
pub(super) struct Eval<'a> {
    /// The account at its moment.
    pub(super) account: &'a Account,
    /// The market.
    pub(super) market: &'a Market,
    /// The record at hand.
    pub(super) cursor: Cursor,
    /// The records at hand around it: of the aggregates, and of the instance, in which it stands.
    pub(super) around: Vec<Cursor>,
    /// The news item at hand, in a news condition.
    pub(super) news: Option<&'a News>,
    /// What remains of a payout request.
    pub(super) amount: Option<Decimal>,
    /// The least instant after now at which something that was evaluated may change with time alone.
    pub(super) edge: &'a Cell<i64>,
    /// Whether anything was evaluated.
    pub(super) looked: Option<&'a Cell<bool>>,
    /// Whether what is evaluated decides something, and is told; what is only shown is not.
    pub(super) decides: bool,
}

impl<'a> Eval<'a> {
    /// How positions are priced now.
    pub(super) fn pricing(&self) -> Pricing<'a> {
        self.account.pricing(self.market)
    }

    /// Now, in nanoseconds.
    pub(super) const fn now(&self) -> i64 {
        self.account.step.now
    }

    /// The same with another record at hand, and what was at hand around it.
    pub(super) fn at(&self, cursor: Cursor) -> Self {
        let around = self.around.iter().cloned().chain([self.cursor.clone()]).collect();
        Self { cursor, around, ..self.clone() }
    }

    /// Where a record is read: the innermost element or instance that is one, else the event.
    pub(super) fn cursor_of(&self, record: Record) -> Cursor {
        let inner = std::iter::once(&self.cursor).chain(self.around.iter().rev());
        let of_record = |cursor: &&Cursor| match cursor {
            Cursor::Event | Cursor::Group(..) => false,
            Cursor::Position(_) => record == Record::Position,
            Cursor::Order(_) => record == Record::Order,
            Cursor::Symbol(_) => record == Record::Symbol,
        };
        inner.into_iter().find(of_record).cloned().unwrap_or(Cursor::Event)
    }

    /// Remembers an instant at which a value may change.
    pub(super) fn changes_at(&self, instant: i64) {
        if instant > self.now() {
            self.edge.set(self.edge.get().min(instant));
        }
    }

    /// The value of an expression. Missing where the checker promised a value is a fault.
    pub(super) fn value(&self, id: ExprId) -> Evaluated {
        if let Some(looked) = self.looked {
            looked.set(true);
        }
        let expr = self.account.ir.expr(id);
        let value = self.kind(&expr.kind, &expr.ty)?;
        if let (true, Val::Bool(truth)) = (self.decides, &value) {
            self.market.tell(Sight::Truth(id, *truth));
        }
        if value.is_missing() && !expr.maybe_missing { Err(FaultKind::Missing) } else { Ok(value) }
    }

    /// The truth of a condition; a missing one is a fault.
    pub(super) fn holds(&self, id: ExprId) -> Result<bool, FaultKind> {
        self.value(id)?.truth()
    }

    /// The truth of a condition that need not be there: then it holds.
    pub(super) fn holds_if(&self, id: Option<ExprId>) -> Result<bool, FaultKind> {
        id.map_or(Ok(true), |id| self.holds(id))
    }

    fn number(&self, id: ExprId) -> Result<Decimal, FaultKind> {
        self.value(id)?.decimal()
    }

    fn kind(&self, kind: &ExprKind, ty: &Type) -> Evaluated {
        match kind {
            ExprKind::Constant(constant) => Ok(self.constant(constant, ty)),
            ExprKind::Account(field) => self.account_field(*field),
            ExprKind::Period(period, field) => self.account.periods.running(*period, *field, &self.account.ledger, self.pricing()),
            ExprKind::LastPeriod(period, field) => self.account.periods.last(*period, *field, &self.account.ledger),
            ExprKind::Record(field) => self.record_field(*field),
            ExprKind::Group(group, field) => self.group_field(*group, *field),
            ExprKind::Extension(record, field) => Ok(self.extension(*record, *field)),
            ExprKind::HostField(event, field) => Ok(self.host_field(*event, *field)),
            ExprKind::Payout(fact) => self.payout_fact(*fact),
            ExprKind::PhaseFinal(phase, field) => Ok(self.account.finals.get(&(*phase, *field)).cloned().unwrap_or(Val::Missing)),
            ExprKind::PlanName => Ok(Val::Text(self.account.facts.plan.clone())),
            ExprKind::Plan(column) => Ok(self.account.plan.get(usize::from(*column)).cloned().unwrap_or(Val::Missing)),
            ExprKind::Option(option) => Ok(self.account.options.get(usize::from(*option)).cloned().unwrap_or(Val::Missing)),
            ExprKind::Input(input) => self.input(*input),
            ExprKind::Node(node) => self.node(*node),
            ExprKind::Limit(node, facet) => self.limit_facet(*node, *facet),
            ExprKind::Goal(node, missing) => self.goal_facet(*node, missing.is_some()),
            ExprKind::Lookup(table, column, key, _) => self.lookup(*table, *column, *key),
            ExprKind::DaysAfter(days, from) => self.days_after(*days, *from),
            ExprKind::Instrument(fact, symbol) => self.instrument_fact(*fact, *symbol),
            ExprKind::OpeningOf(date) => self.opening_of(*date),
            ExprKind::DateOf(instant) => self.date_of(*instant),
            ExprKind::SessionOpen(session) => Ok(self.session_open(*session)),
            ExprKind::SessionCloses(session) => Ok(self.session_closes(*session)),
            ExprKind::News(test) => self.news_near(test),
            ExprKind::Fold(over, function, what, filter) => self.fold(*over, *function, *what, *filter, ty),
            other => self.operation(other),
        }
    }

    fn operation(&self, kind: &ExprKind) -> Evaluated {
        match kind {
            ExprKind::Negate(x) => negate(self.value(*x)?),
            ExprKind::Not(x) => Ok(Val::Bool(!self.holds(*x)?)),
            ExprKind::Arithmetic(operation, a, b) => arithmetic(*operation, &self.value(*a)?, &self.value(*b)?),
            ExprKind::Percent(percent, base) => self.percent(*percent, *base),
            ExprKind::Compare(comparison, a, b) => Ok(Val::Bool(comparison.holds(self.value(*a)?.order(&self.value(*b)?)?))),
            ExprKind::ComparePercent(comparison, left, percent, whole) => {
                let order = against_percent(self.number(*left)?, self.number(*percent)?, self.number(*whole)?);
                Ok(Val::Bool(comparison.holds(order)))
            }
            ExprKind::Elapsed(from) => self.elapsed(*from),
            ExprKind::CompareElapsed(comparison, from, bound) => self.compare_elapsed(*comparison, *from, *bound),
            // The second operand is only evaluated where it matters.
            ExprKind::And(a, b) => Ok(Val::Bool(self.holds(*a)? && self.holds(*b)?)),
            ExprKind::Or(a, b) => Ok(Val::Bool(self.holds(*a)? || self.holds(*b)?)),
            ExprKind::If(condition, a, b) => self.value(if self.holds(*condition)? { *a } else { *b }),
            ExprKind::Else(a, b) => match self.value(*a)? {
                Val::Missing => self.value(*b),
                value => Ok(value),
            },
            ExprKind::IsMissing(x) => Ok(Val::Bool(self.value(*x)?.is_missing())),
            ExprKind::OneOf(x, list) => self.one_of(*x, list),
            ExprKind::Minimum(list) => self.extreme(list, Ordering::Less),
            ExprKind::Maximum(list) => self.extreme(list, Ordering::Greater),
            ExprKind::Absolute(x) => absolute(self.value(*x)?),
            ExprKind::Round(x, step, rounding) => round(&self.value(*x)?, &self.value(*step)?, *rounding),
            _ => Ok(Val::Missing),
        }
    }

    fn constant(&self, constant: &Constant, ty: &Type) -> Val {
        let text = |list: &[String], at: &u32| list.get(*at as usize).cloned().unwrap_or_default();
        match constant {
            Constant::Decimal(number) => Val::Decimal(*number),
            Constant::Nanos(nanos) => Val::Nanos(*nanos),
            Constant::Days(count, unit) => Val::Days(*count, *unit),
            Constant::Instant(nanos) => Val::Instant(*nanos),
            Constant::Date(days) => Val::Date(*days),
            Constant::Time(nanos) => Val::Time(*nanos),
            Constant::Word(number) if *ty == Type::Bool => Val::Bool(*number != 0),
            Constant::Word(number) => Val::Word(*number),
            Constant::Text(at) => Val::Text(text(&self.account.ir.texts, at)),
            Constant::Symbol(at) => Val::Symbol(text(&self.account.ir.symbols, at)),
            Constant::Missing => Val::Missing,
        }
    }

    /// `P of X`; missing when a side is.
    fn percent(&self, percent: ExprId, base: ExprId) -> Evaluated {
        match (self.value(percent)?, self.value(base)?) {
            (Val::Decimal(percent), Val::Decimal(base)) => percent_of(percent, base).map(Val::Decimal),
            _ => Ok(Val::Missing),
        }
    }

    /// The time from an instant to now; it grows with each instant, so it names no edge of its own.
    fn elapsed(&self, from: ExprId) -> Evaluated {
        match self.value(from)? {
            Val::Instant(from) => Ok(Val::Nanos(self.now().saturating_sub(from))),
            _ => Ok(Val::Missing),
        }
    }

    /// `elapsed since FROM CMP bound`; it changes at FROM + bound, for strict sides a nanosecond later.
    fn compare_elapsed(&self, comparison: Comparison, from: ExprId, bound: ExprId) -> Evaluated {
        let (from, bound) = (self.value(from)?.instant()?, self.value(bound)?.nanos()?);
        let changes = from.saturating_add(bound);
        self.changes_at(changes);
        if !matches!(comparison, Comparison::AtLeast | Comparison::Below) {
            self.changes_at(changes.saturating_add(1));
        }
        Ok(Val::Bool(comparison.holds(self.now().saturating_sub(from).cmp(&bound))))
    }

    fn one_of(&self, x: ExprId, list: &[ExprId]) -> Evaluated {
        let x = self.value(x)?;
        for item in list {
            if x.order(&self.value(*item)?)? == Ordering::Equal {
                return Ok(Val::Bool(true));
            }
        }
        Ok(Val::Bool(false))
    }

    /// The least or greatest of a list; missing ones are skipped, missing when all are.
    fn extreme(&self, list: &[ExprId], wanted: Ordering) -> Evaluated {
        let values = list.iter().map(|item| self.value(*item)).collect::<Result<Vec<_>, _>>()?;
        extreme_of(values.into_iter().filter(|value| !value.is_missing()), wanted)
    }

    /// A cell of a table, found by its key.
    fn lookup(&self, table: u16, column: u16, key: ExprId) -> Evaluated {
        let key = self.value(key)?;
        let number = table;
        let Some(table) = self.account.ir.tables.get(usize::from(table)).filter(|_| !key.is_missing()) else { return Ok(Val::Missing) };
        if table.matching == Matching::Slices {
            return self.slices((number, table), column, key.decimal()?).map(Val::Decimal);
        }
        let wanted = |order: Ordering| match table.matching {
            Matching::Exact | Matching::Slices => order == Ordering::Equal,
            Matching::From => order != Ordering::Greater,
            Matching::Above => order == Ordering::Less,
            Matching::UpTo => order != Ordering::Less,
            Matching::Below => order == Ordering::Greater,
        };
        let mut rows = Vec::new();
        for (at, row) in table.rows.iter().enumerate() {
            if row.key.map_or(Ok(true), |bound| self.value(bound)?.order(&key).map(wanted))? {
                rows.push((at, row));
            }
        }
        let bounded: Vec<_> = rows.iter().filter(|(_, row)| row.key.is_some()).collect();
        let last = matches!(table.matching, Matching::From | Matching::Above);
        let chosen = if last { bounded.last() } else { bounded.first() };
        let row = chosen.copied().copied().or_else(|| rows.iter().copied().find(|(_, row)| row.key.is_none()));
        if let Some((at, _)) = row {
            self.tell_row(number, at);
        }
        row.and_then(|(_, row)| row.cells.get(usize::from(column))).map_or(Ok(Val::Missing), |cell| self.value(*cell))
    }

    /// The sum over rows of `percent of` the part of the value in the row's slice.
    fn slices(&self, (number, table): (u16, &Table), column: u16, value: Decimal) -> super::number::Num {
        let (mut sum, mut from) = (Decimal::ZERO, Decimal::ZERO);
        for (at, row) in table.rows.iter().enumerate() {
            let until = row.key.map_or(Ok(value), |bound| self.number(bound))?;
            let part = sub(value.min(until), from)?;
            let Some(cell) = row.cells.get(usize::from(column)).filter(|_| !part.is_negative()) else { continue };
            if !part.is_zero() {
                self.tell_row(number, at);
            }
            sum = add(sum, percent_of(self.number(*cell)?, part)?)?;
            from = until;
        }
        Ok(sum)
    }

    fn tell_row(&self, table: u16, row: usize) {
        if self.decides {
            self.market.tell(Sight::Row(table, numbered(row)));
        }
    }

    /// An inline aggregate over open positions or working orders.
    fn fold(&self, over: Collection, function: FoldFunction, what: Option<ExprId>, filter: Option<ExprId>, ty: &Type) -> Evaluated {
        let cursors: Vec<Cursor> = match over {
            Collection::OpenPositions => self.account.ledger.positions.iter().map(|position| Cursor::Position(position.serial)).collect(),
            Collection::WorkingOrders => (0..self.account.working.len()).map(Cursor::Order).collect(),
        };
        let mut values = Vec::new();
        for cursor in cursors {
            let eval = self.at(cursor);
            if eval.holds_if(filter)? {
                values.push(what.map_or(Ok(Val::Bool(true)), |what| eval.value(what))?);
            }
        }
        let present = values.iter().filter(|value| !value.is_missing()).cloned();
        match function {
            FoldFunction::Count => count(values.len()).map(Val::Decimal),
            FoldFunction::Any => Ok(Val::Bool(values.contains(&Val::Bool(true)))),
            FoldFunction::All => Ok(Val::Bool(values.iter().map(Val::truth).collect::<Result<Vec<_>, _>>()?.into_iter().all(|yes| yes))),
            FoldFunction::Highest => extreme_of(present, Ordering::Greater),
            FoldFunction::Lowest => extreme_of(present, Ordering::Less),
            // Money must not vanish: a missing element is a fault.
            FoldFunction::Sum => sum_of(&values, ty),
            FoldFunction::Average => average_of(&present.collect::<Vec<_>>()),
        }
    }

    /// Whether now lies in [starts − before, ends + after] of a news item, both ends included.
    fn news_near(&self, test: &NewsTest) -> Evaluated {
        let symbol = test.symbol.map(|symbol| self.value(symbol)).transpose()?;
        let mut near = false;
        for item in self.market.news.values() {
            if item.cancelled == Some(true) || i64::from(item.impact as u8) < test.impact || !self.news_is_for(item, symbol.as_ref()) {
                continue;
            }
            let eval = Self { news: Some(item), ..self.clone() };
            if !eval.holds_if(test.filter)? {
                continue;
            }
            let from = item.starts.nanos().saturating_sub(test.before);
            let until = item.ends.unwrap_or(item.starts).nanos().saturating_add(test.after);
            self.changes_at(from);
            self.changes_at(until.saturating_add(1));
            near |= (from..=until).contains(&self.now());
        }
        Ok(Val::Bool(near))
    }

    /// A fact about the instrument of a symbol; missing where the market does not tell it.
    fn instrument_fact(&self, fact: InstrumentFact, symbol: ExprId) -> Evaluated {
        let Val::Symbol(name) = self.value(symbol)? else { return Ok(Val::Missing) };
        let Some(instrument) = self.market.instruments.get(&name) else { return Ok(Val::Missing) };
        let told = match fact {
            InstrumentFact::Tick => Some(instrument.tick_size),
            InstrumentFact::Pip => instrument.pip_size,
            InstrumentFact::Multiplier(unit) if unit == instrument.unit => Some(instrument.multiplier),
            InstrumentFact::Multiplier(_) => None,
        };
        Ok(told.map_or(Val::Missing, Val::Decimal))
    }

    /// A news item is for a symbol when it names the symbol, its base or its quote currency.
    fn news_is_for(&self, item: &News, symbol: Option<&Val>) -> bool {
        let Some(symbol) = symbol else { return true };
        let Val::Symbol(symbol) = symbol else { return false };
        let instrument = self.market.instruments.get(symbol);
        let named = |currency| item.currencies.contains(&currency);
        let by_currency = instrument.is_some_and(|known| named(known.quote_currency) || known.base_currency.is_some_and(named));
        by_currency || item.symbols.contains(symbol)
    }

    /// The value of a node: what it was at its evaluation. With an order supposed to be filled, a
    /// `let` is read through to its expression.
    fn node(&self, id: crate::ir::NodeId) -> Evaluated {
        if let (true, NodeKind::Value(what)) = (self.account.supposed, &self.account.ir.node(id).kind) {
            return self.value(*what);
        }
        let instance = self.instance_of(self.account.ir.node(id).per);
        let Some(slot) = self.account.slots.get(&(id, instance)) else { return Ok(Val::Missing) };
        if slot.fault.is_some() { Err(FaultKind::Dependent) } else { Ok(slot.value.clone()) }
    }

    /// An input: as it was told last, else its default. What was told counts as missing from the
    /// age on that the program names.
    fn input(&self, input: u16) -> Evaluated {
        let at = usize::from(input);
        let Some(setting) = self.account.ir.inputs.get(at) else { return Ok(Val::Missing) };
        let Some((value, told)) = self.account.inputs.get(&at) else {
            return setting.default.map_or(Ok(Val::Missing), |default| self.value(default));
        };
        let stale = setting.stale_after.map_or(NEVER, |age| told.saturating_add(age));
        self.changes_at(stale);
        Ok(if self.now() >= stale { Val::Missing } else { value.clone() })
    }
}

/// `+ - * /` on numbers and on times; missing when a side is.
pub(super) fn arithmetic(operation: Arithmetic, a: &Val, b: &Val) -> Evaluated {
    use Arithmetic::{Add, Divide, Multiply, Subtract};
    let checked = |nanos: Option<i64>| nanos.ok_or(FaultKind::Overflow);
    Ok(match (operation, a, b) {
        (_, Val::Missing, _) | (_, _, Val::Missing) => Val::Missing,
        (Add, Val::Decimal(a), Val::Decimal(b)) => Val::Decimal(add(*a, *b)?),
        (Subtract, Val::Decimal(a), Val::Decimal(b)) => Val::Decimal(sub(*a, *b)?),
        (Multiply, Val::Decimal(a), Val::Decimal(b)) => Val::Decimal(mul(*a, *b)?),
        (Divide, Val::Decimal(a), Val::Decimal(b)) => Val::Decimal(div(*a, *b)?),
        (Add, Val::Nanos(a), Val::Nanos(b)) => Val::Nanos(checked(a.checked_add(*b))?),
        (Subtract, Val::Nanos(a), Val::Nanos(b)) | (Subtract, Val::Instant(a), Val::Instant(b)) => Val::Nanos(checked(a.checked_sub(*b))?),
        (Add, Val::Instant(at), Val::Nanos(nanos)) | (Add, Val::Nanos(nanos), Val::Instant(at)) => {
            Val::Instant(checked(at.checked_add(*nanos))?)
        }
        (Subtract, Val::Instant(at), Val::Nanos(nanos)) => Val::Instant(checked(at.checked_sub(*nanos))?),
        (Subtract, Val::Date(a), Val::Date(b)) => Val::Decimal(count(i64::from(*a) - i64::from(*b))?),
        (Multiply, Val::Nanos(nanos), Val::Decimal(number)) | (Multiply, Val::Decimal(number), Val::Nanos(nanos)) => {
            Val::Nanos(nanos_of(nearest(i128::from(*nanos) * steps(*number), steps(Decimal::from(1))))?)
        }
        (Divide, Val::Nanos(nanos), Val::Decimal(number)) => {
            Val::Nanos(nanos_of(nearest(i128::from(*nanos) * steps(Decimal::from(1)), steps(*number)))?)
        }
        (Divide, Val::Nanos(a), Val::Nanos(b)) => {
            let quotient = nearest(i128::from(*a) * steps(Decimal::from(1)), i128::from(*b));
            Val::Decimal(whole(quotient.ok_or(FaultKind::DivisionByZero)?)?)
        }
        _ => return Err(FaultKind::Missing),
    })
}

fn nanos_of(rounded: Option<i128>) -> Result<i64, FaultKind> {
    i64::try_from(rounded.ok_or(FaultKind::DivisionByZero)?).map_err(|_| FaultKind::Overflow)
}

fn negate(value: Val) -> Evaluated {
    Ok(match value {
        Val::Decimal(number) => Val::Decimal(number.neg()),
        Val::Nanos(nanos) => Val::Nanos(nanos.checked_neg().ok_or(FaultKind::Overflow)?),
        other => other,
    })
}

fn absolute(value: Val) -> Evaluated {
    Ok(match value {
        Val::Decimal(number) => Val::Decimal(number.abs()),
        Val::Nanos(nanos) => Val::Nanos(nanos.checked_abs().ok_or(FaultKind::Overflow)?),
        other => other,
    })
}

/// The nearest whole multiple of the step, by the mode.
fn round(value: &Val, step: &Val, rounding: Rounding) -> Evaluated {
    let (Val::Decimal(value), Val::Decimal(step)) = (value, step) else { return Ok(Val::Missing) };
    let (x, step) = (steps(*value), steps(*step).abs());
    if step == 0 {
        return Err(FaultKind::DivisionByZero);
    }
    let (below, rest) = (x.div_euclid(step), x.rem_euclid(step));
    let multiple = match rounding {
        Rounding::Down => below,
        Rounding::Up => below + i128::from(rest > 0),
        Rounding::HalfEven => nearest(x, step).ok_or(FaultKind::DivisionByZero)?,
        Rounding::HalfUp if 2 * rest == step => below + i128::from(x > 0),
        Rounding::HalfUp => below + i128::from(2 * rest > step),
    };
    whole(multiple * step).map(Val::Decimal)
}

/// The least or greatest of some values; missing for none.
pub(super) fn extreme_of(values: impl IntoIterator<Item = Val>, wanted: Ordering) -> Evaluated {
    let mut best = Val::Missing;
    for value in values {
        if best.is_missing() || value.order(&best)? == wanted {
            best = value;
        }
    }
    Ok(best)
}

/// The sum of some values; zero of the type for none.
pub(super) fn sum_of(values: &[Val], ty: &Type) -> Evaluated {
    let zero = if *ty == Type::Duration { Val::Nanos(0) } else { Val::Decimal(Decimal::ZERO) };
    values.iter().try_fold(zero, |sum, value| match arithmetic(Arithmetic::Add, &sum, value)? {
        Val::Missing => Err(FaultKind::Missing),
        sum => Ok(sum),
    })
}

/// The sum divided by the count, rounded once; missing for none.
pub(super) fn average_of(values: &[Val]) -> Evaluated {
    if let Some(Val::Nanos(_)) = values.first() {
        let sum = sum_of(values, &Type::Duration)?.nanos()?;
        let number = i128::try_from(values.len()).map_err(|_| FaultKind::Overflow)?;
        return nanos_of(nearest(i128::from(sum), number)).map(Val::Nanos);
    }
    let numbers = values.iter().map(Val::decimal).collect::<Result<Vec<_>, _>>()?;
    // The sum itself must stay in range.
    total(numbers.iter().copied())?;
    Ok(average(&numbers)?.map_or(Val::Missing, Val::Decimal))
}
