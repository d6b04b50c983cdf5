//! Scenarios that repeat a published case, as worked examples.

use super::Text;
use super::model::Example;
use super::text::{say, spaced};
use super::voice::{Voice, date, duration, money, phase_named, weekday};
use crate::check::{Names, check_expression};
use crate::ir::{Ir, PhaseId};
use crate::source::Spanned;
use crate::syntax::ast::{self, Expect, OrderAnswer, PayoutMoment, ScenarioHead, Step};
use crate::value::Decimal;

/// A program's scenarios in words.
pub(super) struct Teller<'a> {
    /// The program.
    pub(super) ir: &'a Ir,
    /// What its names mean.
    pub(super) names: &'a Names,
}

impl Teller<'_> {
    /// A scenario as an example.
    pub(super) fn example(&self, scenario: &ast::Scenario) -> Example {
        let mut steps = vec![self.head(&scenario.head)];
        let phase = scenario.head.iter().find_map(|item| match &item.node {
            ScenarioHead::Phase(name) => self.ir.phase_named(&name.node),
            _ => None,
        });
        self.steps(&scenario.steps, phase.unwrap_or(PhaseId(0)), &mut steps);
        let cites = scenario.cites.iter().map(|cites| cites.node.clone()).collect();
        Example { title: super::rule::capital(&scenario.title.node).into(), cites, steps }
    }

    fn head(&self, head: &[Spanned<ScenarioHead>]) -> Text {
        let mut parts: Vec<Text> = Vec::new();
        for item in head {
            parts.push(match &item.node {
                ScenarioHead::Plan(name) => say!["plan ", Text::strong(name.node.as_str())],
                ScenarioHead::Phase(name) => say!["phase ", phase_named(self.ir, &name.node)],
                ScenarioHead::Option(name, value) => say![spaced(&name.node), " = ", self.written(value)],
                ScenarioHead::From(day, None) => say!["from ", Text::figure(date(*day))],
                ScenarioHead::From(day, Some(time)) => say!["from ", Text::figure(date(*day)), " ", Text::figure(time.to_string())],
                ScenarioHead::StartBalance(amount) => say!["a start balance of ", self.amount(amount)],
                ScenarioHead::PlatformBalance(amount) => say!["a balance of ", self.amount(amount), " on the platform"],
                ScenarioHead::Payouts(count) => format!("{count} payouts already paid").into(),
                ScenarioHead::Bought(day) => say!["bought on ", Text::figure(date(*day))],
                ScenarioHead::Mode(mode) => format!("a {} account", mode.node).into(),
            });
        }
        if parts.is_empty() { "A new account.".into() } else { say!["An account: ", Text::listed(parts, "and"), "."] }
    }

    fn steps(&self, steps: &[Spanned<Step>], phase: PhaseId, out: &mut Vec<Text>) {
        for step in steps {
            if let Step::Times(count, inner) = &step.node {
                let mut said = Vec::new();
                self.steps(inner, phase, &mut said);
                let mut whole = Text::from(format!("{count} times: "));
                for (at, step) in said.into_iter().enumerate() {
                    whole.push(if at > 0 { " " } else { "" });
                    whole.push(step);
                }
                out.push(whole);
                continue;
            }
            out.push(self.step(step, phase).sentence());
        }
    }

    fn step(&self, step: &Spanned<Step>, phase: PhaseId) -> Text {
        match &step.node {
            Step::At(when) => moment(when),
            Step::NextDay => "the next day begins".into(),
            Step::EndDay => "the day ends".into(),
            Step::Trade { buy, quantity, symbol, price, stop, target, .. } => {
                let side = if *buy { "bought" } else { "sold" };
                let price = self.at_price(price.as_ref());
                let with = [("a stop-loss", stop), ("a take-profit", target)]
                    .into_iter()
                    .filter_map(|(what, at)| at.as_ref().map(|at| format!(", with {what} at {}", at.node)));
                let with: String = with.collect();
                say![Text::figure(format!("{} {}", quantity.node, symbol.node)), format!(" is {side}{price}{with}")]
            }
            Step::Order { buy, quantity, symbol, price, .. } => {
                let side = if *buy { "buy" } else { "sell" };
                say![
                    format!("an order to {side} "),
                    Text::figure(format!("{} {}", quantity.node, symbol.node)),
                    self.at_price(price.as_ref())
                ]
            }
            Step::Exit { quantity, name, price, by, .. } => {
                let part = quantity.as_ref().map_or_else(String::new, |quantity| format!("{} of ", quantity.node));
                let by = by.as_ref().map_or_else(String::new, |by| format!(" by its {}", by.node));
                format!("{part}the position “{}” is closed{}{by}", spaced(&name.node), self.at_price(price.as_ref())).into()
            }
            Step::MoveStop { name, to: Some(to) } => format!("the stop-loss of “{}” is moved to {}", spaced(&name.node), to.node).into(),
            Step::MoveStop { name, to: None } => format!("the stop-loss of “{}” is taken away", spaced(&name.node)).into(),
            Step::Tick { symbol, bid, ask, .. } => {
                let ask = ask.as_ref().map_or_else(String::new, |ask| format!(" / {}", self.ir.source.words(ask.span)));
                say![symbol.node.as_str(), " stands at ", Text::figure(format!("{}{ask}", self.ir.source.words(bid.span)))]
            }
            Step::Profit { amount, peak, worst, held, symbol } => {
                self.trade(amount, [peak.as_ref(), worst.as_ref()], held.as_ref(), symbol.as_ref())
            }
            Step::Days(amounts) => {
                let amounts: Vec<Text> = amounts.iter().map(|amount| self.result(amount)).collect();
                say!["one trade on each of the next days, with results of ", Text::listed(amounts, "and"), "; each day ends"]
            }
            Step::MarkEquity(equity) => say!["equity stands at ", self.amount(equity)],
            Step::EstimateEquity(equity) => say!["equity is estimated at ", self.amount(equity)],
            Step::Floating(amount) => say!["open positions stand at ", self.result(amount)],
            Step::Deposit(amount) => say![self.amount(amount), " is deposited"],
            Step::Withdraw(amount) => say![self.amount(amount), " is withdrawn"],
            Step::Cost(amount) => say!["a cost of ", self.amount(amount), " is booked"],
            Step::News { title, on, at, .. } => say![format!("the release “{}” on {} is due: ", title.node, on.node), moment(at)],
            Step::CancelNews(title) => format!("the release “{}” is cancelled", title.node).into(),
            Step::CancelOrder(name) => format!("the order “{}” is cancelled", spaced(&name.node)).into(),
            Step::Payout { moment, amount } => {
                let done = match moment {
                    PayoutMoment::Request => "requested",
                    PayoutMoment::Approval => "approved",
                    PayoutMoment::Payment => "paid",
                    PayoutMoment::Denial => "denied",
                };
                match amount {
                    Some(amount) => say!["a payout of ", self.amount(amount), format!(" is {done}")],
                    None => format!("the payout is {done}").into(),
                }
            }
            Step::Set(name, value) => say![spaced(&name.node), " is now ", self.written(value)],
            Step::Event(name, fields) => {
                let fields: Vec<Text> = fields.iter().map(|(name, value)| say![spaced(&name.node), ": ", self.written(value)]).collect();
                let with = if fields.is_empty() { Text::default() } else { say![" (", Text::listed(fields, "and"), ")"] };
                say![format!("the firm reports “{}”", spaced(&name.node)), with]
            }
            Step::Expect(expect) => say![Text::strong("Then"), " ", self.expect(expect, phase)],
            Step::Staff { .. } | Step::Answer(_) | Step::Times(..) | Step::Broken => Text::code(self.ir.source.words(step.span)),
        }
    }

    fn trade(&self, amount: &ast::Expr, extremes: [Option<&ast::Expr>; 2], held: Option<&ast::Expr>, symbol: Option<&ast::Name>) -> Text {
        let mut said = say!["a trade"];
        if let Some(symbol) = symbol {
            said.push(format!(" in {}", symbol.node));
        }
        said.push(say![" is closed with a result of ", self.result(amount)]);
        for (words, extreme) in [", after being as high as ", ", after being as low as "].into_iter().zip(extremes) {
            if let Some(extreme) = extreme {
                said.push(say![words, self.result(extreme)]);
            }
        }
        if let Some(held) = held {
            said.push(say![", held for ", self.written(held)]);
        }
        said
    }

    fn expect(&self, expect: &Expect, phase: PhaseId) -> Text {
        match expect {
            Expect::Condition(condition) => self.condition(condition, phase),
            Expect::Breach(title) => say![quoted(title), " is ", Text::strong("broken")],
            Expect::NoBreach(Some(title)) => say![quoted(title), " holds"],
            Expect::NoBreach(None) => "no limit is broken".into(),
            Expect::Actions(actions) => {
                let actions = actions.iter().map(|action| Text::from(done(&action.node))).collect();
                say!["exactly this follows: ", Text::listed(actions, "and")]
            }
            Expect::Action(action) => done(&action.node).into(),
            Expect::NoActions => "nothing follows".into(),
            Expect::Notify(who, message) => {
                let message = message.as_ref().map_or_else(String::new, |message| format!(" “… {} …”", message.node));
                format!("{} told{message}", if who.node == "trader" { "you are" } else { "the firm is" }).into()
            }
            Expect::Phase(name) => match name.node.as_str() {
                "failed" => say!["the account has ", Text::strong("failed")],
                "passed" => say!["the account has ", Text::strong("passed")],
                other => say!["the account is in the phase ", phase_named(self.ir, other)],
            },
            Expect::Approved(Some(amount)) => say!["a payout of ", self.amount(amount), " is approved"],
            Expect::Approved(None) => "the payout is approved".into(),
            Expect::Receives(amount, besides) => {
                say!["you receive ", self.amount(amount), if *besides { " from outside the account" } else { "" }]
            }
            Expect::Denied(Some(title)) => say!["the payout is denied: ", quoted(title)],
            Expect::Denied(None) => "the payout is denied".into(),
            Expect::InReview => "a person looks at the payout".into(),
            Expect::Order(OrderAnswer::Allowed) => "the order is allowed".into(),
            Expect::Order(OrderAnswer::Rejected(Some(title))) => say!["the order is refused by ", quoted(title)],
            Expect::Order(OrderAnswer::Rejected(None)) => "the order is refused".into(),
            Expect::Order(OrderAnswer::ReducedTo(quantity)) => say!["the order is reduced to ", Text::figure(quantity.to_string())],
            Expect::Goal(title, reached) => say!["the goal ", quoted(title), if *reached { " is reached" } else { " is not reached" }],
            Expect::Requirement(title, met) => say![quoted(title), if *met { " is met" } else { " is not met" }],
            Expect::Locked(locked) => if *locked { "trading is locked" } else { "trading is not locked" }.into(),
            Expect::Warned(floor) => format!("it is told that the payout leaves no room above the {}", spaced(&floor.node)).into(),
            Expect::Fault => "it cannot be decided".into(),
            Expect::NoFault => "everything can be decided".into(),
        }
    }

    /// A condition as the rules read it, else as it is written.
    fn condition(&self, condition: &ast::Expr, phase: PhaseId) -> Text {
        let phases = std::iter::once(phase).chain((0..).map(PhaseId).take(self.ir.phases.len()));
        for phase in phases {
            if let Ok(checked) = check_expression(self.ir, self.names, &self.ir.source, phase, condition)
                && let Ok(said) = Voice::of_expression(self.ir, &checked).condition(checked.id, true)
            {
                return said;
            }
        }
        Text::code(self.ir.source.words(condition.span))
    }

    fn amount(&self, amount: &ast::Expr) -> Text {
        let currency = super::bench::currency(self.ir);
        match (&amount.kind, amount.written_amount()) {
            (ast::ExprKind::Percent(_) | ast::ExprKind::Quantity(..) | ast::ExprKind::Number(_), _) | (_, None) => {
                Text::code(self.ir.source.words(amount.span))
            }
            (_, Some(number)) => Text::figure(money(number, currency)),
        }
    }

    /// A result, a gain with its sign.
    fn result(&self, amount: &ast::Expr) -> Text {
        let gains = amount.written_amount().is_some_and(|number| !number.is_negative() && !number.is_zero());
        if gains { Text::figure(format!("+{}", self.amount(amount))) } else { self.amount(amount) }
    }

    /// A price with the digits with which it is written.
    fn at_price(&self, price: Option<&Spanned<Decimal>>) -> String {
        price.map_or_else(String::new, |price| format!(" at {}", self.ir.source.words(price.span)))
    }

    /// A value as a host tells it.
    fn written(&self, value: &ast::Expr) -> Text {
        match &value.kind {
            ast::ExprKind::Name(name) => spaced(name).into(),
            ast::ExprKind::Duration(nanos) => Text::figure(duration(*nanos)),
            ast::ExprKind::Date(day) => Text::figure(date(*day)),
            ast::ExprKind::Money(..) => self.amount(value),
            _ => Text::figure(self.ir.source.words(value.span)),
        }
    }
}

/// A place in time.
fn moment(when: &ast::When) -> Text {
    if let Some(nanos) = when.after {
        return say![Text::figure(duration(nanos)), " pass"];
    }
    let mut said = say!["it is"];
    if let Some(day) = when.weekday {
        said.push(say![" ", weekday(day)]);
    }
    if let Some(day) = when.date {
        said.push(say![" ", Text::figure(date(day))]);
    }
    if let Some(time) = when.time {
        said.push(say![" ", Text::figure(time.to_string())]);
    }
    if let Some(zone) = &when.zone {
        said.push(format!(" ({})", zone.node));
    }
    said
}

fn quoted(title: &ast::Name) -> String {
    format!("“{}”", title.node)
}

/// What an action does, by its words in expectations.
fn done(action: &str) -> String {
    match action {
        "flatten" => "all positions are closed".into(),
        "cancel orders" => "working orders are cancelled".into(),
        "fail" => "the account fails".into(),
        "lock" => "trading is locked".into(),
        "unlock" => "locks are lifted".into(),
        "review" => "a person at the firm reviews it".into(),
        "promote" => "the account moves on".into(),
        "reject" => "the order is refused".into(),
        "reduce" => "the order is reduced".into(),
        "close account" => "the account is closed for good".into(),
        "restart" => "the phase begins anew".into(),
        "pay" => "a payout is made without a request".into(),
        other => match other.strip_prefix("call ") {
            Some(name) => format!("the platform is asked for “{}”", spaced(name)),
            None => other.to_owned(),
        },
    }
}
