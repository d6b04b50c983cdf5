//! Scenarios and their steps.

use super::Parser;
use crate::diagnostic::{Code, Diagnostic};
use crate::source::{Span, Spanned};
use crate::syntax::ast::{Answered, Expr, ExprKind, Name, PayoutMoment, Scenario, ScenarioHead, Step, When};
use crate::syntax::grammar::{Pair, Rule, child, children, has};
use crate::syntax::literals::{nanos, unit};
use crate::syntax::skeleton::Statement;
use crate::value::Decimal;

/// What begins a step.
pub(in crate::syntax) const STEPS: &[&str] = &[
    "at", "advance", "next", "end", "buy", "sell", "order", "exit", "move", "remove", "tick", "trade", "days", "mark", "floating",
    "deposit", "withdraw", "cost", "news", "cancel", "staff", "estimate", "request", "approve", "deny", "pay", "answer", "set", "event",
    "expect", "cites",
];

/// Whether a line begins as a step does: an expression may begin with the same word only with a dot behind it.
pub fn begins_step(line: &str) -> bool {
    let line = line.trim_start();
    let mut words = line.split_whitespace();
    let (first, second) = (words.next().unwrap_or(""), words.next());
    let is_number = !first.is_empty() && first.bytes().all(|byte| byte.is_ascii_digit());
    step_words().any(|word| word == first) || (is_number && second == Some("times"))
}

/// How many days a step can pass.
const MOST_DAYS: u16 = 36_500;

/// The words that begin a step, each once.
pub fn step_words() -> impl Iterator<Item = &'static str> {
    STEPS.iter().copied().filter(|word| *word != "cites")
}

impl Parser<'_> {
    pub(super) fn scenario(&mut self, statement: &Statement) -> Option<Scenario> {
        let head = self.head(statement, Rule::scenario_head, |parser, pair| {
            let settings = pair.clone().into_inner().filter_map(|inner| Some(Spanned::new(parser.setting(&inner)?, parser.span(&inner))));
            let settings: Vec<_> = settings.collect();
            (parser.text_in(pair), settings)
        });
        let outer = std::mem::replace(&mut self.block, "scenario");
        let children = self.block(statement);
        let mut cites = Vec::new();
        let steps = self.steps(children, &mut cites);
        self.block = outer;
        let (title, head) = head?;
        Some(Scenario { title, head, cites, steps })
    }

    fn setting(&mut self, pair: &Pair<'_>) -> Option<ScenarioHead> {
        Some(match pair.as_rule() {
            Rule::set_plan => ScenarioHead::Plan(match child(pair, Rule::text) {
                Some(text) => self.text(&text),
                None => self.name_in(pair, Rule::plan_key),
            }),
            Rule::set_phase => ScenarioHead::Phase(self.phase_name(pair)),
            Rule::set_from => {
                let date = self.date(&child(pair, Rule::date)?)?;
                ScenarioHead::From(date.node, child(pair, Rule::time).and_then(|time| self.time(&time)).map(|time| time.node))
            }
            Rule::set_start => ScenarioHead::StartBalance(self.expr_in(pair)),
            Rule::set_platform => ScenarioHead::PlatformBalance(self.expr_in(pair)),
            Rule::set_payouts => ScenarioHead::Payouts(self.count_in(pair)?.node),
            Rule::set_bought => ScenarioHead::Bought(self.date(&child(pair, Rule::date)?)?.node),
            Rule::set_mode => ScenarioHead::Mode(self.name(pair)),
            Rule::set_option => ScenarioHead::Option(self.name_in(pair, Rule::ident), self.expr_in(pair)),
            _ => return None,
        })
    }

    pub(super) fn steps(&mut self, statements: &[Statement], cites: &mut Vec<Name>) -> Vec<Spanned<Step>> {
        let mut steps = Vec::new();
        for statement in statements {
            if self.word(statement) == "cites" {
                let cited = self.head(statement, Rule::step_cites, |parser, pair| {
                    child(pair, Rule::cites_clause).map(|cites| parser.text_in(&cites)).unwrap_or_default()
                });
                cites.extend(cited);
            } else {
                steps.push(Spanned::new(self.step(statement, cites), statement.span()));
            }
        }
        steps
    }

    fn step(&mut self, statement: &Statement, cites: &mut Vec<Name>) -> Step {
        let Some(rule) = step_rule(self.word(statement)) else {
            self.unknown(statement, STEPS);
            return Step::Broken;
        };
        if rule == Rule::step_times {
            let times = self.head(statement, rule, Self::count_in).flatten();
            let children = self.block(statement);
            if statement.block.is_some() && children.is_empty() && !self.has_spot(statement.span()) {
                let found = Diagnostic::new(Code::Unsaid, Span::new(statement.head.clone()), "no step stands in these braces");
                self.diagnostics.push(found.help("write what is repeated, such as `trade +$500; next day`, or take it out"));
            }
            let steps = self.steps(children, cites);
            return times.map_or(Step::Broken, |times| Step::Times(times.node, steps));
        }
        self.no_block(statement);
        self.head(statement, rule, |parser, pair| parser.step_kind(rule, pair)).flatten().unwrap_or(Step::Broken)
    }

    fn step_kind(&mut self, rule: Rule, pair: &Pair<'_>) -> Option<Step> {
        Some(match rule {
            Rule::step_at => Step::At(self.place_in(pair)?),
            Rule::step_advance => Step::At(self.advance(pair)?),
            Rule::step_next => Step::NextDay,
            Rule::step_end => Step::EndDay,
            Rule::step_trade => self.trade(pair)?,
            Rule::step_order => self.order(pair)?,
            Rule::step_exit => self.exit(pair),
            Rule::step_move => Step::MoveStop { name: self.name_in(pair, Rule::ident), to: self.signed_in(pair) },
            Rule::step_remove => Step::MoveStop { name: self.name_in(pair, Rule::ident), to: None },
            Rule::step_tick => self.tick(pair)?,
            Rule::step_profit => self.profit(pair),
            Rule::step_days => Step::Days(children(pair, Rule::gain).map(|gain| self.expr_in(&gain)).collect()),
            Rule::step_mark => Step::MarkEquity(self.expr_in(pair)),
            Rule::step_floating => Step::Floating(self.gain_in(pair)),
            Rule::step_deposit => Step::Deposit(self.expr_in(pair)),
            Rule::step_withdraw => Step::Withdraw(self.expr_in(pair)),
            Rule::step_cost => Step::Cost(self.expr_in(pair)),
            Rule::step_news => self.news_item(pair)?,
            Rule::step_cancel => match child(pair, Rule::ident) {
                Some(order) => Step::CancelOrder(self.name(&order)),
                None => Step::CancelNews(self.text_in(pair)),
            },
            Rule::step_staff => self.staff(pair)?,
            Rule::step_estimate => Step::EstimateEquity(self.expr_in(pair)),
            Rule::step_payout => Step::Payout { moment: moment(pair), amount: child(pair, Rule::expr).map(|amount| self.expr(&amount)) },
            Rule::step_answer => Step::Answer(answered(pair)),
            Rule::step_set => Step::Set(self.name_in(pair, Rule::ident), self.gain_in(pair)),
            Rule::step_event => Step::Event(self.name_in(pair, Rule::ident), self.named_arguments(pair)),
            _ => Step::Expect(self.expectation(pair)?),
        })
    }

    fn place_in(&mut self, pair: &Pair<'_>) -> Option<When> {
        let place = child(pair, Rule::place)?;
        let date = child(&place, Rule::date).map(|date| self.date(&date).ok_or(()));
        let time = child(&place, Rule::time).map(|time| self.time(&time).ok_or(()));
        Some(When {
            date: date.transpose().ok()?.map(|date| date.node),
            weekday: child(&place, Rule::weekday).and_then(|day| self.weekday(&day)).map(|day| day.node),
            time: time.transpose().ok()?.map(|time| time.node),
            after: None,
            days: None,
            zone: child(&place, Rule::text).map(|zone| self.text(&zone)),
        })
    }

    fn advance(&mut self, pair: &Pair<'_>) -> Option<When> {
        if let Some(days) = child(pair, Rule::integer) {
            return self.advance_days(&days);
        }
        let (Some(number), Some(unit)) = (child(pair, Rule::number), child(pair, Rule::duration)) else { return self.place_in(pair) };
        let amount = self.decimal(&number)?;
        let after = nanos(amount.node, unit.as_str().trim_end());
        if after.is_none() {
            let message = format!("`{}` is longer than a duration can be", number.as_str());
            self.diagnostics.push(crate::diagnostic::Diagnostic::new(crate::diagnostic::Code::NumberFormat, amount.span, message));
        }
        Some(When { date: None, weekday: None, time: None, after: Some(after?), days: None, zone: None })
    }

    /// `advance 29 days`
    fn advance_days(&mut self, days: &Pair<'_>) -> Option<When> {
        let told = days.as_str().trim().replace(',', "").parse().ok().filter(|told| *told <= MOST_DAYS);
        if told.is_none() {
            let message = format!("`{}` days are more than a step can pass", days.as_str().trim());
            let found = crate::diagnostic::Diagnostic::new(crate::diagnostic::Code::NumberFormat, self.span(days), message);
            self.diagnostics.push(found.help(format!("the most is {MOST_DAYS} days, a hundred years")));
        }
        Some(When { date: None, weekday: None, time: None, after: None, days: Some(told?), zone: None })
    }

    fn number_in(&mut self, pair: &Pair<'_>) -> Option<Spanned<Decimal>> {
        child(pair, Rule::number).and_then(|number| self.decimal(&number))
    }

    fn signed_in(&mut self, pair: &Pair<'_>) -> Option<Spanned<Decimal>> {
        child(pair, Rule::signed).and_then(|number| self.decimal(&number))
    }

    fn price_of(&mut self, pair: &Pair<'_>, clause: Rule) -> Option<Spanned<Decimal>> {
        child(pair, clause).and_then(|clause| self.signed_in(&clause))
    }

    /// A symbol, with or without quotes.
    fn symbol_in(&self, pair: &Pair<'_>) -> Name {
        child(pair, Rule::symbol).map(|symbol| self.text(&symbol)).unwrap_or_default()
    }

    fn as_name(&self, pair: &Pair<'_>) -> Option<Name> {
        child(pair, Rule::as_name).map(|name| self.name_in(&name, Rule::ident))
    }

    fn trade(&mut self, pair: &Pair<'_>) -> Option<Step> {
        Some(Step::Trade {
            buy: has(pair, Rule::w_buy),
            quantity: self.number_in(pair)?,
            unit: child(pair, Rule::unit).and_then(|word| Some(Spanned::new(unit(word.as_str().trim())?, self.span(&word)))),
            symbol: self.symbol_in(pair),
            price: self.price_of(pair, Rule::at_price),
            stop: self.price_of(pair, Rule::with_stop),
            target: self.price_of(pair, Rule::with_target),
            fields: self.named_arguments(pair),
            name: self.as_name(pair),
        })
    }

    fn order(&mut self, pair: &Pair<'_>) -> Option<Step> {
        Some(Step::Order {
            buy: has(pair, Rule::w_buy),
            quantity: self.number_in(pair)?,
            unit: child(pair, Rule::unit).and_then(|word| Some(Spanned::new(unit(word.as_str().trim())?, self.span(&word)))),
            symbol: self.symbol_in(pair),
            price: self.price_of(pair, Rule::at_price),
            stop: self.price_of(pair, Rule::with_stop),
            target: self.price_of(pair, Rule::with_target),
            fields: self.named_arguments(pair),
            name: self.as_name(pair),
        })
    }

    fn exit(&mut self, pair: &Pair<'_>) -> Step {
        let by = child(pair, Rule::w_stop).or_else(|| child(pair, Rule::w_target));
        Step::Exit {
            quantity: self.number_in(pair),
            name: self.name_in(pair, Rule::ident),
            price: self.price_of(pair, Rule::at_price),
            by: by.map(|by| self.name(&by)),
            fields: self.named_arguments(pair),
        }
    }

    fn tick(&mut self, pair: &Pair<'_>) -> Option<Step> {
        let prices: Vec<_> = children(pair, Rule::signed).filter_map(|price| self.decimal(&price)).collect();
        let mut prices = prices.into_iter();
        Some(Step::Tick { symbol: self.symbol_in(pair), bid: prices.next()?, ask: prices.next(), fields: self.named_arguments(pair) })
    }

    /// An amount that may be written with `+`.
    fn gain_in(&mut self, pair: &Pair<'_>) -> Expr {
        match child(pair, Rule::gain) {
            Some(gain) => self.expr_in(&gain),
            None => Expr { kind: ExprKind::Broken, span: self.span(pair) },
        }
    }

    fn profit(&mut self, pair: &Pair<'_>) -> Step {
        Step::Profit {
            amount: self.gain_in(pair),
            peak: child(pair, Rule::peak).map(|peak| self.gain_in(&peak)),
            worst: child(pair, Rule::worst).map(|worst| self.gain_in(&worst)),
            held: child(pair, Rule::held).map(|held| self.bound_in(&held)),
            symbol: child(pair, Rule::on_symbol).map(|on| self.symbol_in(&on)),
        }
    }

    fn staff(&mut self, pair: &Pair<'_>) -> Option<Step> {
        let words = [Rule::w_overrides, Rule::w_suspends, Rule::w_reinstates];
        let decision = words.into_iter().find_map(|rule| child(pair, rule))?;
        Some(Step::Staff {
            decision: self.name(&decision),
            breach: child(pair, Rule::text).map(|title| self.text(&title)),
            reset: has(pair, Rule::w_reset),
        })
    }

    fn news_item(&mut self, pair: &Pair<'_>) -> Option<Step> {
        Some(Step::News {
            title: self.text_in(pair),
            on: child(pair, Rule::on_symbol).map(|on| self.symbol_in(&on)).unwrap_or_default(),
            at: self.place_in(pair)?,
            lasting: child(pair, Rule::lasting).map(|lasting| self.bound_in(&lasting)),
            impact: child(pair, Rule::impact).map(|impact| self.name(&impact)),
        })
    }
}

fn step_rule(word: &str) -> Option<Rule> {
    Some(match word {
        "at" => Rule::step_at,
        "advance" => Rule::step_advance,
        "next" => Rule::step_next,
        "end" => Rule::step_end,
        "buy" | "sell" => Rule::step_trade,
        "order" => Rule::step_order,
        "exit" => Rule::step_exit,
        "move" => Rule::step_move,
        "remove" => Rule::step_remove,
        "tick" => Rule::step_tick,
        "trade" => Rule::step_profit,
        "days" => Rule::step_days,
        "mark" => Rule::step_mark,
        "floating" => Rule::step_floating,
        "deposit" => Rule::step_deposit,
        "withdraw" => Rule::step_withdraw,
        "cost" => Rule::step_cost,
        "news" => Rule::step_news,
        "cancel" => Rule::step_cancel,
        "staff" => Rule::step_staff,
        "estimate" => Rule::step_estimate,
        "request" | "approve" | "deny" | "pay" => Rule::step_payout,
        "answer" => Rule::step_answer,
        "set" => Rule::step_set,
        "event" => Rule::step_event,
        "expect" => Rule::step_expect,
        _ if word.starts_with(|c: char| c.is_ascii_digit()) => Rule::step_times,
        _ => return None,
    })
}

fn answered(pair: &Pair<'_>) -> Answered {
    match () {
        () if has(pair, Rule::w_resize) => Answered::Resize,
        () if has(pair, Rule::w_ledger) => Answered::ResetLedger,
        () if has(pair, Rule::w_adjust) => Answered::AdjustBalance,
        () if has(pair, Rule::w_roll) => Answered::RollBack,
        () => Answered::Pay,
    }
}

fn moment(pair: &Pair<'_>) -> PayoutMoment {
    match () {
        () if has(pair, Rule::w_request) => PayoutMoment::Request,
        () if has(pair, Rule::w_approve) => PayoutMoment::Approval,
        () if has(pair, Rule::w_deny) => PayoutMoment::Denial,
        () => PayoutMoment::Payment,
    }
}
