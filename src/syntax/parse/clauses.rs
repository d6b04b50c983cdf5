//! Clauses that several statements share: aggregates, clocks, events, types, tails.

use super::Parser;
use super::expression::broken;
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Spanned;
use crate::syntax::ast::{Aggregate, Clock, DaySet, Domain, Effect, EventRef, Expr, Function, Name, Tail, TypeName};
use crate::syntax::grammar::{Pair, Rule, child, children, has};
use crate::value::Weekday;

impl Parser<'_> {
    /// `highest day.profit over closed days since last payout`
    pub(super) fn aggregate(&mut self, pair: &Pair<'_>) -> Spanned<Aggregate> {
        let subject = child(pair, Rule::collection);
        let at = child(pair, Rule::at_clock).map(|at| Domain::At(self.clock_in(&at)));
        // With `over` there are two collections at most, and the one behind `over` decides.
        let over = children(pair, Rule::collection).last().or(subject).map(|over| self.domain(&over));
        let node = Aggregate {
            function: self.function(pair),
            what: child(pair, Rule::expr).map(|what| Box::new(self.expr(&what))),
            domain: at.or(over).unwrap_or(Domain::Unsaid),
            since: child(pair, Rule::since_event).map(|since| self.event_in(&since)),
            in_last: child(pair, Rule::in_last).map(|window| Box::new(self.bound_in(&window))),
            from: self.clause(pair, Rule::from_value).map(Box::new),
            keeps: child(pair, Rule::keeps).and_then(|keeps| self.count_in(&keeps)),
            filter: self.clause(pair, Rule::where_clause).map(Box::new),
        };
        Spanned::new(node, self.span(pair))
    }

    fn function(&mut self, pair: &Pair<'_>) -> Function {
        if has(pair, Rule::w_any) {
            return Function::Any;
        }
        let Some(function) = child(pair, Rule::aggregate_function) else { return Function::None };
        let number = child(&function, Rule::ordinal).or_else(|| child(&function, Rule::integer)).and_then(|number| self.whole(&number));
        let rules: Vec<Rule> = function.into_inner().map(|part| part.as_rule()).collect();
        match (rules.contains(&Rule::w_best), number, rules.first()) {
            (true, Some(number), _) => Function::SumOfBest(number),
            (false, Some(number), Some(Rule::w_sum)) => Function::SumOfWorst(number),
            (_, Some(number), _) => Function::NthHighest(number),
            (_, _, Some(Rule::w_highest)) => Function::Highest,
            (_, _, Some(Rule::w_lowest)) => Function::Lowest,
            (_, _, Some(Rule::w_sum)) => Function::Sum,
            (_, _, Some(Rule::w_average)) => Function::Average,
            (_, _, Some(Rule::w_latest)) => Function::Latest,
            (_, _, Some(Rule::w_streak)) => Function::Streak,
            (_, _, Some(Rule::w_ever)) => Function::Ever,
            (_, _, Some(Rule::w_all)) => Function::All,
            _ => Function::Count,
        }
    }

    fn domain(&self, pair: &Pair<'_>) -> Domain {
        let span = self.span(pair);
        match child(pair, Rule::days_set) {
            Some(days) => Domain::Days(day_set(&days)),
            None if has(pair, Rule::w_positions) => Domain::OpenPositions(span),
            None if has(pair, Rule::w_orders) => Domain::WorkingOrders(span),
            None => Domain::Trades(span),
        }
    }

    /// The whole number in a pair, with its place.
    pub(super) fn count_in(&mut self, pair: &Pair<'_>) -> Option<Spanned<u32>> {
        let integer = child(pair, Rule::integer)?;
        Some(Spanned::new(self.whole(&integer)?, self.span(&integer)))
    }

    /// The event in a pair.
    pub(super) fn event_in(&mut self, pair: &Pair<'_>) -> EventRef {
        match child(pair, Rule::event) {
            Some(event) => self.event_of(&event),
            None => EventRef { words: vec![], title: None, span: self.span(pair) },
        }
    }

    /// An event: its words, and the title behind `breach of`.
    pub(super) fn event_of(&mut self, event: &Pair<'_>) -> EventRef {
        let title = child(event, Rule::text).map(|title| self.text(&title));
        let breach = child(event, Rule::w_breach).map(|word| self.name(&word));
        let words = child(event, Rule::event_words).map(|words| self.words(&words));
        EventRef { words: words.unwrap_or_else(|| breach.into_iter().collect()), title, span: self.span(event) }
    }

    fn words(&self, pair: &Pair<'_>) -> Vec<Name> {
        pair.clone().into_inner().map(|word| self.name(&word)).collect()
    }

    /// The clock in a pair.
    pub(super) fn clock_in(&mut self, pair: &Pair<'_>) -> Clock {
        match child(pair, Rule::clock) {
            Some(clock) => self.clock(&clock),
            None => Clock { words: vec![], before: None, time: None, of: None, span: self.span(pair) },
        }
    }

    /// A clock: `day end`, `5min before close`, `morning close`, `fri at 16:00`.
    pub(super) fn clock(&mut self, pair: &Pair<'_>) -> Clock {
        let before = child(pair, Rule::bound_before).map(|before| self.before(&before));
        let mut clock = self.clock_words(pair);
        clock.before = before.map(Box::new);
        clock.span = self.span(pair);
        clock
    }

    /// The length in front of `before`.
    pub(super) fn before(&mut self, pair: &Pair<'_>) -> Expr {
        match child(pair, Rule::bare_group) {
            Some(group) => self.group(&group),
            None => match child(pair, Rule::amount) {
                Some(amount) => self.literal(&amount),
                None => broken(self.span(pair)),
            },
        }
    }

    /// The words of a clock with what follows `of` and `at`.
    pub(super) fn clock_words(&mut self, pair: &Pair<'_>) -> Clock {
        let inner = child(pair, Rule::clock_words).unwrap_or_else(|| pair.clone());
        // What was meant is told once, and taken from here on.
        if let Some(words) = self.end_of_period(&inner) {
            return Clock { words, before: None, time: None, of: None, span: self.span(&inner) };
        }
        Clock {
            words: child(&inner, Rule::event_words).map(|words| self.words(&words)).unwrap_or_default(),
            before: None,
            time: child(&inner, Rule::time).and_then(|time| self.time(&time)),
            of: child(&inner, Rule::operand).map(|of| Box::new(self.operand(&of))),
            span: self.span(&inner),
        }
    }

    /// `end of day` is said `day end`.
    fn end_of_period(&mut self, pair: &Pair<'_>) -> Option<Vec<Name>> {
        let words: Vec<&str> = pair.as_str().split_whitespace().collect();
        let [edge @ ("end" | "start"), "of", period @ ("day" | "week" | "month" | "quarter" | "year")] = words[..] else { return None };
        let span = self.span(pair);
        let right = format!("{period} {edge}");
        let found = Diagnostic::new(Code::Syntax, span, format!("programs do not say `{edge} of {period}`"));
        self.diagnostics.push(found.fix(span, right.clone(), format!("write `{right}`")));
        Some([period, edge].map(|word| Name::new(word.to_owned(), span)).to_vec())
    }

    /// The type in a pair.
    pub(super) fn type_in(&mut self, pair: &Pair<'_>) -> TypeName {
        let Some(ty) = child(pair, Rule::type_name) else { return TypeName::Word(Name::default()) };
        if let Some(word) = child(&ty, Rule::name) {
            return TypeName::Word(self.name(&word));
        }
        let choices = children(&ty, Rule::choice).map(|choice| match child(&choice, Rule::text) {
            Some(text) => self.text(&text),
            None => self.name(&choice),
        });
        TypeName::OneOf(choices.collect())
    }

    /// The tails in a pair.
    pub(super) fn tails_in(&mut self, pair: &Pair<'_>) -> Vec<Spanned<Tail>> {
        let Some(tails) = child(pair, Rule::tails) else { return vec![] };
        children(&tails, Rule::tail).filter_map(|tail| Some(Spanned::new(self.tail(&tail)?, self.span(&tail)))).collect()
    }

    fn tail(&mut self, pair: &Pair<'_>) -> Option<Tail> {
        let inner = pair.clone().into_inner().next()?;
        Some(match inner.as_rule() {
            Rule::effect => Tail::TakesEffect(self.effect(&inner)?),
            Rule::after_days => {
                let which = if has(&inner, Rule::w_traded) { DaySet::Traded } else { DaySet::Closed };
                Tail::After { up: has(&inner, Rule::w_up), days: self.count_in(&inner)?, which }
            }
            _ => Tail::Sticky,
        })
    }

    /// `takes effect next day`
    pub(super) fn effect(&mut self, pair: &Pair<'_>) -> Option<Effect> {
        if has(pair, Rule::w_next) {
            return Some(Effect::NextDay);
        }
        if let Some(day) = child(pair, Rule::weekday) {
            return self.weekday(&day).map(|day: Spanned<Weekday>| Effect::On(day.node));
        }
        self.count_in(pair).map(|days| Effect::AfterDays(days.node))
    }
}

fn day_set(pair: &Pair<'_>) -> DaySet {
    if has(pair, Rule::w_traded) {
        DaySet::Traded
    } else if has(pair, Rule::w_entries) {
        DaySet::WithEntries
    } else if has(pair, Rule::w_far) {
        DaySet::SoFar
    } else {
        DaySet::Closed
    }
}
