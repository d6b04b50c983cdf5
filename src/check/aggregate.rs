//! Aggregates and values kept over time inside expressions: they become nodes of their own.

use crate::diagnostic::{Code, Diagnostic};
use crate::ir::{
    Baseline, Collection, Constant, Event, ExprId, ExprKind, FoldFunction, NewsTest, Node, NodeId, NodeKind, Per, Period, TrackDomain,
    TrackFunction, Tracker, Window, WindowSpan,
};
use crate::source::Span;
use crate::syntax::ast::{self, DaySet, DayUnit, Domain, Function};
use crate::value::{Decimal, Type, Unit, Value};
use crate::vocabulary::{AccountField, Moments, Occasion, PeriodField, Record};

use super::context::{Context, words};
use super::{Checker, errors, types};

/// The samples a window over trades, orders or fills keeps when the program does not say.
const DEFAULT_CAPACITY: u32 = 256;

impl Checker<'_> {
    /// An aggregate inside an expression: a fold over what is open, or a hidden tracker.
    pub(super) fn inline_aggregate(&mut self, context: &Context, aggregate: &ast::Aggregate, span: Span) -> ExprId {
        let collection = match aggregate.domain {
            Domain::OpenPositions(_) => Collection::OpenPositions,
            Domain::WorkingOrders(_) => Collection::WorkingOrders,
            _ => {
                let name = words(self.source, &ast::Expr { kind: ast::ExprKind::Broken, span });
                let Some((kind, ty, missing)) = self.tracker(context, aggregate, span) else { return self.error(span) };
                let node = self.hidden(context, name, kind, ty.clone(), missing, span);
                return self.push_with(ExprKind::Node(node), ty, span, missing);
            }
        };
        self.fold(context, collection, aggregate, span)
    }

    fn fold(&mut self, context: &Context, collection: Collection, aggregate: &ast::Aggregate, span: Span) -> ExprId {
        // Each element is at hand in turn, and no group.
        let inner = Context { groups: Vec::new(), ..context.with_record(collection.record()) };
        let what = aggregate.what.as_ref().map(|what| (self.expr(&inner, what), what.span));
        let filter = aggregate.filter.as_ref().map(|filter| self.condition(&inner, filter));
        let (function, ty) = match (aggregate.function, what) {
            (Function::Count, None) => (FoldFunction::Count, Type::Count),
            (Function::Any, None) => (FoldFunction::Any, Type::Bool),
            (Function::None, None) => {
                let any = self.push_with(ExprKind::Fold(collection, FoldFunction::Any, None, filter), Type::Bool, span, false);
                return self.push_with(ExprKind::Not(any), Type::Bool, span, false);
            }
            (Function::All, _) => {
                let all = aggregate.filter.as_ref().map(|_| ());
                if all.is_none() {
                    self.report(Diagnostic::new(Code::Unsaid, span, "`all` needs a condition").help("write `all open positions where …`"));
                    return self.error(span);
                }
                return self.push_with(ExprKind::Fold(collection, FoldFunction::All, filter, None), Type::Bool, span, false);
            }
            (Function::Sum, Some((id, _))) => (FoldFunction::Sum, self.ty(id).clone()),
            (Function::Highest, Some((id, _))) => (FoldFunction::Highest, self.ty(id).clone()),
            (Function::Lowest, Some((id, _))) => (FoldFunction::Lowest, self.ty(id).clone()),
            (Function::Average, Some((id, _))) => (FoldFunction::Average, self.ty(id).clone()),
            _ => {
                self.report(
                    Diagnostic::new(Code::Contradiction, span, "this cannot be kept over what is open")
                        .help("`count`, `any`, `all` and `no` take a condition; `sum`, `highest`, `lowest` and `average` take a value"),
                );
                return self.error(span);
            }
        };
        let missing = matches!(function, FoldFunction::Highest | FoldFunction::Lowest | FoldFunction::Average);
        self.push_with(ExprKind::Fold(collection, function, what.map(|(id, _)| id), filter), ty, span, missing)
    }

    /// The parts of a tracker, its type, and whether it may be missing.
    pub(super) fn tracker(&mut self, context: &Context, aggregate: &ast::Aggregate, span: Span) -> Option<(NodeKind, Type, bool)> {
        let domain = self.domain(context, aggregate, span)?;
        let reset = match &aggregate.since {
            None => Event::Occasion(Occasion::PhaseStart),
            Some(event) => self.event(context, event)?,
        };
        let inner = Self::sampling_context(context, domain);
        let what = aggregate.what.as_ref().map(|what| self.expr(&inner, what));
        let (function, ty) = self.track_function(aggregate, what, span)?;
        if let Some(late) = aggregate.filter.as_ref().and_then(|filter| late_since(filter)) {
            let found = Diagnostic::new(Code::Syntax, late, "`since` stands too late");
            self.report(found.help("the order of clauses is `at` or `over`, `since`, `in last`, `from`, `keeps`, `where`"));
            return None;
        }
        let filter = aggregate.filter.as_ref().map(|filter| self.condition(&inner, filter));
        let from = aggregate.from.as_ref().map(|from| self.expr_of(context, from, &ty));
        let window = match &aggregate.in_last {
            None => None,
            Some(window) => Some(self.window(window, aggregate.keeps.as_ref().map(|keeps| keeps.node))?),
        };
        if matches!(function, TrackFunction::Average | TrackFunction::Latest) && from.is_none() && window.is_none() {
            let word = if function == TrackFunction::Latest { "latest" } else { "average" };
            self.report(
                Diagnostic::new(Code::Unsaid, span, format!("`{word}` does not say what it is before anything was seen"))
                    .help(format!("say what it is until then: `from {}`", self.before_the_first(&ty, span))),
            );
        }
        let missing = self.tracker_may_be_missing(function, domain, reset, from, window.is_some() || filter.is_some());
        let kind = NodeKind::Tracker(Tracker { function, what, domain, reset, window, from, filter });
        Some((kind, ty, missing))
    }

    /// What a value may be before its first look: what the account begins with where that is followed, else nothing.
    fn before_the_first(&self, ty: &Type, span: Span) -> String {
        let told = self.source.words(span);
        let follows =
            ["balance", "equity"].iter().any(|name| told.split(|c: char| c != '_' && !c.is_alphanumeric()).any(|word| word == *name));
        match ty {
            Type::Money(_) if follows => "size".into(),
            Type::Money(currency) => Value::Money(Decimal::ZERO, *currency).to_string().replace(".00", ""),
            Type::Percent => "0%".into(),
            Type::Count | Type::Number => "0".into(),
            Type::Quantity(unit) => Value::Quantity(Decimal::ZERO, Some(unit.unwrap_or(Unit::Contract))).to_string(),
            Type::Duration => "0s".into(),
            Type::Date => "day.date".into(),
            Type::Weekday => "day.weekday".into(),
            Type::Bool => "no".into(),
            Type::OneOf(words) if !words.is_empty() => words[0].clone(),
            _ => "…".into(),
        }
    }

    fn tracker_may_be_missing(
        &self,
        function: TrackFunction,
        domain: TrackDomain,
        reset: Event,
        from: Option<ExprId>,
        partial: bool,
    ) -> bool {
        let from_missing = from.is_none_or(|from| self.exprs[from.0 as usize].maybe_missing);
        let always_a_day =
            domain == TrackDomain::DaysSoFar && !partial && matches!(reset, Event::Occasion(Occasion::PhaseStart | Occasion::AccountStart));
        match function {
            TrackFunction::Highest | TrackFunction::Lowest => from_missing && !always_a_day,
            TrackFunction::Average | TrackFunction::Latest => from_missing,
            TrackFunction::NthHighest(_) => true,
            _ => false,
        }
    }

    fn domain(&mut self, context: &Context, aggregate: &ast::Aggregate, span: Span) -> Option<TrackDomain> {
        match &aggregate.domain {
            Domain::At(clock) => Some(TrackDomain::At(self.clock(context, clock)?)),
            Domain::Days(DaySet::Closed) => Some(TrackDomain::ClosedDays),
            Domain::Days(DaySet::Traded) => Some(TrackDomain::TradedDays),
            Domain::Days(DaySet::WithEntries) => Some(TrackDomain::DaysWithEntries),
            Domain::Days(DaySet::SoFar) => Some(TrackDomain::DaysSoFar),
            Domain::Trades(_) => Some(TrackDomain::At(Event::Occasion(Occasion::Trade))),
            Domain::OpenPositions(_) | Domain::WorkingOrders(_) => {
                self.report(
                    Diagnostic::new(Code::Contradiction, span, "a tracker keeps a value over time")
                        .help("what is open now is a plain value: use `let`, or track it `at mark` or `at fill`"),
                );
                None
            }
            Domain::Unsaid => {
                self.report(
                    Diagnostic::new(Code::Unsaid, span, "this does not say when it looks")
                        .help("add `over closed days` (finished days), `over days so far` (with the running day), or a clock such as `at mark`, `at day end`, `at trade`"),
                );
                None
            }
        }
    }

    /// What is at hand when a tracker looks.
    fn sampling_context(context: &Context, domain: TrackDomain) -> Context {
        let mut inner = context.clone();
        inner.handles_event = true;
        if let TrackDomain::At(event) = domain {
            inner.at_hand.extend(records_of(event));
            inner.take_in(event);
        }
        inner
    }

    fn track_function(&mut self, aggregate: &ast::Aggregate, what: Option<ExprId>, span: Span) -> Option<(TrackFunction, Type)> {
        let ty = what.map(|what| self.ty(what).clone());
        if ty == Some(Type::Error) {
            return None;
        }
        let needs = |word: &str| Diagnostic::new(Code::Unsaid, span, format!("`{word}` does not say of what"));
        let found = match (aggregate.function, ty) {
            (Function::Count, None | Some(Type::Bool)) => (TrackFunction::Count, Type::Count),
            (Function::Streak | Function::Ever, Some(Type::Bool)) => {
                let streak = aggregate.function == Function::Streak;
                if streak { (TrackFunction::Streak, Type::Count) } else { (TrackFunction::Ever, Type::Bool) }
            }
            (Function::Streak | Function::Ever, _) => {
                self.report(
                    needs(if aggregate.function == Function::Streak { "streak" } else { "ever" })
                        .help("give a condition, as in `streak day.profit is above $0 over closed days`"),
                );
                return None;
            }
            (Function::Latest, Some(ty)) => (TrackFunction::Latest, ty),
            (function, Some(ty)) if types::ordered(&ty) => match function {
                Function::Highest => (TrackFunction::Highest, ty),
                Function::Lowest => (TrackFunction::Lowest, ty),
                Function::Sum if ty.is_numeric() || ty == Type::Duration => (TrackFunction::Sum, ty),
                Function::Average if ty.is_numeric() || ty == Type::Duration => {
                    (TrackFunction::Average, if ty == Type::Count { Type::Number } else { ty })
                }
                Function::NthHighest(n) => (TrackFunction::NthHighest(n), ty),
                Function::SumOfBest(n) => (TrackFunction::SumOfBest(n), ty),
                Function::SumOfWorst(n) => (TrackFunction::SumOfWorst(n), ty),
                _ => {
                    self.report(Diagnostic::new(Code::Contradiction, span, "this cannot be asked of these"));
                    return None;
                }
            },
            (_, Some(ty)) => {
                self.report(errors::wrong_type("an amount or a number", &ty, span));
                return None;
            }
            (_, None) => {
                self.report(needs("this"));
                return None;
            }
        };
        Some(found)
    }

    fn window(&mut self, window: &ast::Expr, keeps: Option<u32>) -> Option<Window> {
        let keeps = keeps.unwrap_or(DEFAULT_CAPACITY);
        let (span, capacity) = match &window.kind {
            ast::ExprKind::Duration(nanos) => (WindowSpan::Nanos(*nanos), keeps),
            ast::ExprKind::Days(count, DayUnit::Days) => (WindowSpan::Dates(*count), *count),
            ast::ExprKind::Days(count, DayUnit::Weeks) => (WindowSpan::Dates(*count * 7), *count * 7),
            ast::ExprKind::Days(count, DayUnit::TradingDays) => (WindowSpan::TradingDays(*count), *count),
            ast::ExprKind::Things(count, _) => (WindowSpan::Samples(*count), *count),
            _ => {
                self.report(
                    Diagnostic::new(Code::Syntax, window.span, "a window is a duration, a number of days or a number of samples")
                        .help("such as `in last 14 days`, `in last 5 trading days`, `in last 20 trades`, `in last 60s`"),
                );
                return None;
            }
        };
        Some(Window { span, capacity: capacity.max(1) })
    }

    /// `15% of profit since E`, where `of` binds first: the share of the running total since then.
    fn share_since(&self, value: &ast::Expr, span: Span) -> Option<String> {
        let ast::ExprKind::Of(percent, whole) = &value.kind else { return None };
        let ast::ExprKind::Name(name) = &whole.kind else { return None };
        AccountField::find(name).filter(|field| field.row().additive)?;
        let behind = self.source.slice(Span { start: value.span.end, end: span.end }).split_whitespace().collect::<Vec<_>>().join(" ");
        Some(format!("{} of ({name} {behind})", words(self.source, percent)))
    }

    /// `x since EVENT`.
    pub(super) fn since(&mut self, context: &Context, value: &ast::Expr, event: &ast::EventRef, span: Span) -> ExprId {
        let id = self.expr(context, value);
        let additive = match &self.exprs[id.0 as usize].kind {
            ExprKind::Account(field) => field.row().additive,
            ExprKind::Constant(_) => matches!(self.ty(id), Type::Error),
            ExprKind::Node(node) => matches!(self.drafts[node.0 as usize].item, super::DraftItem::Counted(_)),
            _ => false,
        };
        if !additive {
            let message = format!("`{}` is no running total, so it has no value since an event", words(self.source, value));
            let found = Diagnostic::new(Code::Contradiction, span, message);
            self.report(match self.share_since(value, span) {
                Some(right) => found.fix(span, right.clone(), format!("take the share of the total: write `{right}`")),
                None => found.help("running totals are `profit`, `counted_profit`, `costs`, `withdrawn`, `deposited`, `fills` and `trades`; for other values use `track … since EVENT`"),
            });
            return self.error(span);
        }
        let Some(reset) = self.event(context, event) else { return self.error(span) };
        let ty = self.ty(id).clone();
        let name = self.source.slice(span).split_whitespace().collect::<Vec<_>>().join(" ");
        let node = self.hidden(context, name, NodeKind::Baseline(Baseline { value: id, reset, by_day: false }), ty.clone(), false, span);
        self.push(ExprKind::Node(node), ty, span)
    }

    /// `x before today`, `x before this event`.
    pub(super) fn copy(&mut self, context: &Context, inner: &ast::Expr, span: Span, day: bool) -> ExprId {
        let id = self.expr(context, inner);
        // What is kept begins with its phase: there is nothing of it before.
        let (ty, missing) = (self.ty(id).clone(), self.exprs[id.0 as usize].maybe_missing || self.reads_node(id));
        let name = self.source.slice(span).split_whitespace().collect::<Vec<_>>().join(" ");
        let kind = if day { NodeKind::DayCopy(id) } else { NodeKind::EventCopy(id) };
        let node = self.hidden(context, name, kind, ty.clone(), missing, span);
        self.push_with(ExprKind::Node(node), ty, span, missing)
    }

    /// Whether an expression reads a node.
    fn reads_node(&self, id: ExprId) -> bool {
        let kind = &self.exprs[id.0 as usize].kind;
        let itself = matches!(kind, ExprKind::Node(_) | ExprKind::Limit(..) | ExprKind::Goal(..));
        itself || kind.operands().into_iter().any(|operand| self.reads_node(operand))
    }

    /// Adds a node that the program does not name.
    pub(super) fn hidden(&mut self, context: &Context, name: String, kind: NodeKind, ty: Type, maybe_missing: bool, span: Span) -> NodeId {
        let per = match context.groups.first() {
            _ if context.handles_event => Per::Account,
            Some(group) => Per::Group(*group),
            None if context.at_hand.contains(&Record::Position) => Per::Position,
            None => Per::Account,
        };
        let node = Node {
            name,
            cites: None,
            phase: context.phase,
            per,
            kind,
            moments: Moments::NONE,
            waits: false,
            ty,
            evidence: Vec::new(),
            figures: Vec::new(),
            span,
            head: span,
        };
        self.add_node(node, maybe_missing)
    }

    /// `within 2min of high news for symbol`.
    pub(super) fn news(&mut self, context: &Context, window: &ast::NewsWindow, span: Span) -> ExprId {
        let mut nanos = |expr: &ast::Expr| match expr.kind {
            ast::ExprKind::Duration(nanos) => nanos,
            _ => {
                self.report(errors::wrong_type("a duration such as `2min`", &Type::Error, expr.span));
                0
            }
        };
        let (before, after) = (nanos(&window.before), nanos(&window.after));
        let impact = match window.impact.as_ref().map(|word| (word.node.as_str(), word.span)) {
            None | Some(("low" | "any", _)) => 0,
            Some(("medium", _)) => 1,
            Some(("high", _)) => 2,
            Some((other, at)) => {
                self.report(errors::unknown_name(other, at, ["high", "medium", "low"].into_iter()));
                2
            }
        };
        let symbol = window.symbol.as_ref().map(|symbol| self.news_symbol(context, symbol));
        let inner = Context { groups: Vec::new(), ..context.with_record(Record::News) };
        let filter = window.filter.as_ref().map(|filter| self.condition(&inner, filter));
        let test = NewsTest { before, after, impact, symbol, filter };
        self.push_with(ExprKind::News(Box::new(test)), Type::Bool, span, false)
    }

    /// `for symbol` is the symbol of the record at hand.
    fn news_symbol(&mut self, context: &Context, symbol: &ast::Expr) -> ExprId {
        if matches!(&symbol.kind, ast::ExprKind::Name(name) if name == "symbol") {
            return match self.symbol_at_hand(context, symbol.span) {
                Some(id) => id,
                None => {
                    self.report(errors::not_at_hand("symbol", symbol.span, "where an order, a fill or a position is handled"));
                    self.error(symbol.span)
                }
            };
        }
        self.expr_of(context, symbol, &Type::Symbol)
    }

    /// `14 days after D`.
    pub(super) fn days_after(&mut self, context: &Context, amount: &ast::Expr, from: &ast::Expr, span: Span) -> ExprId {
        let base = self.expr(context, from);
        let ty = self.ty(base).clone();
        match (&amount.kind, &ty) {
            (_, Type::Error) => self.error(span),
            (ast::ExprKind::Duration(_), Type::Instant) => {
                let amount = self.expr(context, amount);
                self.push(ExprKind::Arithmetic(crate::ir::Arithmetic::Add, base, amount), Type::Instant, span)
            }
            (ast::ExprKind::Days(..), Type::Date | Type::Instant) => {
                let days = self.expr(context, amount);
                let date = if ty == Type::Instant { self.push(ExprKind::DateOf(base), Type::Date, from.span) } else { base };
                self.push(ExprKind::DaysAfter(days, date), Type::Date, span)
            }
            (ast::ExprKind::Number(count), Type::Date | Type::Instant) => {
                let found =
                    Diagnostic::new(Code::TypeMismatch, amount.span, format!("`{count}` does not say of what: days, weeks or months"));
                let right = format!("{count} days");
                let others =
                    format!("write `{right} after …`, or `{count} trading days`, `{count} weekdays`, `{count} weeks`, `{count} months`");
                self.report(found.guess(amount.span, right, others));
                self.error(span)
            }
            (_, Type::Date | Type::Instant) => {
                let found = Diagnostic::new(Code::TypeMismatch, amount.span, "what stands before `after` is a length that is written out");
                self.report(found.help("such as `14 days after …`, `2 weeks after …`, `1 month after …`, or `5min after` an instant"));
                self.error(span)
            }
            _ => {
                self.report(errors::wrong_type("a date or an instant after `after`", &ty, from.span));
                self.error(span)
            }
        }
    }

    /// `day 30 of cycle`: the period's own day is day 1.
    pub(super) fn day_of(&mut self, context: &Context, number: &ast::Expr, period: &ast::Name, trading: bool, span: Span) -> ExprId {
        let ast::ExprKind::Number(count) = number.kind else {
            let id = self.expr(context, number);
            let ty = self.ty(id).clone();
            self.report(errors::wrong_type("a whole number of days", &ty, number.span));
            return self.error(span);
        };
        let Some(found) = self.period_named(&period.node).filter(|period| *period != Period::DAY) else {
            let known = self.period_words();
            self.report(errors::unknown_name(&period.node, period.span, known.iter().map(String::as_str).filter(|word| *word != "day")));
            return self.error(span);
        };
        let count = u32::try_from(count.get().mantissa()).ok().filter(|count| *count >= 1).unwrap_or(1) - 1;
        let unit = if trading { DayUnit::TradingDays } else { DayUnit::Days };
        let days = self.constant(Constant::Days(count, unit), Type::Days, number.span);
        let start = self.push(ExprKind::Period(found, PeriodField::Date), Type::Date, period.span);
        self.push(ExprKind::DaysAfter(days, start), Type::Date, span)
    }
}

/// The records at hand at an event.
pub(super) fn records_of(event: Event) -> Vec<Record> {
    match event {
        Event::Occasion(Occasion::Fill | Occasion::Entry | Occasion::Exit) => vec![Record::Fill],
        Event::Occasion(Occasion::Trade) => vec![Record::Trade, Record::Fill],
        Event::Occasion(Occasion::Mark) => vec![Record::Tick],
        Event::Occasion(Occasion::Order) => vec![Record::Order],
        Event::Occasion(Occasion::PayoutRequest | Occasion::PayoutApproval | Occasion::PayoutPayment | Occasion::PayoutDenial) => {
            vec![Record::Payout]
        }
        _ => Vec::new(),
    }
}

/// A `since` at the end of a condition whose value is written out: the tracker's own, which stands before `where`.
fn late_since(filter: &ast::Expr) -> Option<Span> {
    match &filter.kind {
        ast::ExprKind::Binary(_, _, right) => late_since(right),
        ast::ExprKind::Since(value, _) if super::constant(value).is_some() => Some(Span { start: value.span.end, end: filter.span.end }),
        _ => None,
    }
}
