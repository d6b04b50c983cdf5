//! Scenarios: the names they use must exist, so that a misspelt expectation cannot pass unnoticed.

use crate::diagnostic::{Code, Diagnostic};
use crate::ir::{Ir, NodeKind, PayoutStepKind, PhaseId};
use crate::source::{Source, Span, Spanned};
use crate::syntax::ast::{self, BinaryOp, Expect, OrderAnswer, ScenarioHead, Step};
use crate::value::{Decimal, Type, Value};
use crate::vocabulary::answers;

use super::names::Names;
use super::{errors, names, types};

/// The findings about a program's scenarios.
pub(super) fn check(ir: &Ir, names: &Names, source: &Source) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for scenario in &ir.scenarios {
        check_head(ir, names, source, scenario, &mut found);
        if scenario.steps.is_empty() {
            found.push(
                Diagnostic::new(Code::Unsaid, scenario.title.span, "the scenario has no step, so it would always hold")
                    .help("write in its braces what happens and what is expected: `trade +$500; expect balance is $50,500`"),
            );
        }
        let mut phases = PhasesSeen { start: start_phase(ir, &scenario.head) };
        steps(ir, names, source, &scenario.steps, &mut phases, &mut found);
    }
    found
}

/// The findings about the head of a scenario with a text of its own.
pub fn check_scenario_head(ir: &Ir, names: &Names, source: &Source, scenario: &ast::Scenario) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    check_head(ir, names, source, scenario, &mut found);
    found
}

/// The findings about steps with a text of their own that are taken in a phase.
pub fn check_steps(ir: &Ir, names: &Names, source: &Source, phase: PhaseId, list: &[Spanned<Step>]) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    steps(ir, names, source, list, &mut PhasesSeen { start: Some(phase) }, &mut found);
    found
}

fn check_head(ir: &Ir, names: &Names, source: &Source, scenario: &ast::Scenario, found: &mut Vec<Diagnostic>) {
    head(ir, source, scenario, found);
    let told = Told { ir, names, source };
    scenario.head.iter().for_each(|item| told.look_at(&item.node, found));
}

/// In which phases an expectation may stand: the start, or any later one.
struct PhasesSeen {
    start: Option<PhaseId>,
}

fn start_phase(ir: &Ir, head: &[Spanned<ScenarioHead>]) -> Option<PhaseId> {
    let named = head.iter().find_map(|item| match &item.node {
        ScenarioHead::Phase(name) => Some(ir.phase_named(&name.node)),
        _ => None,
    });
    named.unwrap_or(Some(PhaseId(0)))
}

fn head(ir: &Ir, source: &Source, scenario: &ast::Scenario, found: &mut Vec<Diagnostic>) {
    let mut planned = ir.plans.names.len() == 1;
    settings_once(&scenario.head, found);
    for item in &scenario.head {
        match &item.node {
            ScenarioHead::Plan(name) => {
                planned = true;
                if !ir.plans.names.contains(&name.node) {
                    found.push(errors::unknown_plan(&name.node, name.span, ir.plans.names.iter().map(String::as_str)));
                }
            }
            ScenarioHead::Phase(name) if ir.phase_named(&name.node).is_none() => {
                found.push(errors::unknown_phase(&name.node, name.span, ir.phases.iter().map(|phase| phase.name.as_str())));
            }
            ScenarioHead::Option(name, _) if !ir.options.iter().chain(&ir.inputs).any(|setting| setting.name == name.node) => {
                let known = ir.options.iter().chain(&ir.inputs).map(|setting| setting.name.as_str());
                found.push(errors::unknown_name(&name.node, name.span, known));
            }
            ScenarioHead::StartBalance(amount) => found.extend(without_effect(ir, source, scenario, (item.span, amount))),
            _ => {}
        }
    }
    if !planned {
        found.push(
            Diagnostic::new(
                Code::Unsaid,
                scenario.head.first().map_or(scenario.title.span, |first| first.span),
                "the scenario does not say its plan",
            )
            .help(format!("add `plan {}`", ir.plans.names.first().map_or("…", String::as_str))),
        );
    }
}

/// Each setting of a head stands once; of two, one would hold unseen.
fn settings_once(head: &[Spanned<ScenarioHead>], found: &mut Vec<Diagnostic>) {
    let kind = |item: &ScenarioHead| match item {
        ScenarioHead::Plan(_) => "plan".to_owned(),
        ScenarioHead::Phase(_) => "phase".to_owned(),
        ScenarioHead::From(..) => "from".to_owned(),
        ScenarioHead::StartBalance(_) | ScenarioHead::PlatformBalance(_) => "balance".to_owned(),
        ScenarioHead::Payouts(_) => "payouts".to_owned(),
        ScenarioHead::Bought(_) => "bought".to_owned(),
        ScenarioHead::Mode(_) => "hedging or netting".to_owned(),
        ScenarioHead::Option(name, _) => format!("{} = …", name.node),
    };
    for (at, item) in head.iter().enumerate() {
        if let Some(first) = head[..at].iter().find(|first| kind(&first.node) == kind(&item.node)) {
            found.push(errors::twice(&kind(&item.node), item.span, first.span));
        }
    }
}

/// A balance that the ledger of the phase does not take.
fn without_effect(ir: &Ir, source: &Source, scenario: &ast::Scenario, (span, amount): (Span, &ast::Expr)) -> Option<Diagnostic> {
    let phase = ir.phase(start_phase(ir, &scenario.head)?);
    let ledger = phase.ledger?;
    let amount = source.words(amount.span);
    let start = source.words(ir.expr(ledger).span);
    let message = format!("the ledger of phase `{}` starts at `{start}`, whatever is said here", phase.name);
    let found = Diagnostic::new(Code::Contradiction, span, message).label("changes nothing");
    Some(found.help(format!(
        "begin with a step of the difference, such as `trade +$500`; if the platform shows another balance, write `platform balance {amount}`"
    )))
}

/// What the head of a scenario tells of the account: it is sent with its opening, when nothing can be read yet.
struct Told<'a> {
    ir: &'a Ir,
    names: &'a Names,
    source: &'a Source,
}

impl Told<'_> {
    fn look_at(&self, item: &ScenarioHead, found: &mut Vec<Diagnostic>) {
        let money = Type::Money(self.ir.header.currency);
        let (value, ty) = match item {
            ScenarioHead::StartBalance(amount) | ScenarioHead::PlatformBalance(amount) => (amount, &money),
            ScenarioHead::Option(name, value) => {
                let setting = self.ir.options.iter().chain(&self.ir.inputs).find(|setting| setting.name == name.node);
                let Some(setting) = setting else { return };
                (value, &setting.ty)
            }
            _ => return,
        };
        if !is_computed(value, ty) {
            found.extend(unknown_word(value, ty));
            return;
        }
        match super::check_expression(self.ir, self.names, self.source, PhaseId(0), value) {
            Err(errors) => found.extend(errors.into_iter().take(1)),
            Ok(checked) => {
                let given = &checked.exprs[checked.id.0 as usize].ty;
                if types::join(ty, given).is_none() {
                    found.push(self.not_the_amount(item, ty, given, value.span));
                } else if constant(value).is_none() {
                    found.push(errors::not_told_at_opening(value.span));
                }
            }
        }
    }
}

impl Told<'_> {
    /// A share where an amount is told: nothing can be read of which it would be a share.
    fn not_the_amount(&self, item: &ScenarioHead, ty: &Type, given: &Type, span: Span) -> Diagnostic {
        let found = errors::wrong_type(&ty.to_string(), given, span);
        let name = match item {
            ScenarioHead::Option(name, _) => format!("{} = ", name.node),
            ScenarioHead::StartBalance(_) => "start balance ".to_owned(),
            _ => "platform balance ".to_owned(),
        };
        if !matches!((ty, given), (Type::Money(_), Type::Percent)) {
            return found;
        }
        let message = "an amount of money is needed here, and this is a percentage";
        let amount = Value::Money(Decimal::from(12_000), self.ir.header.currency).to_string().replace(".00", "");
        Diagnostic { message: message.into(), ..found }
            .label("a percentage")
            .help(format!("in the head of a scenario write the amount itself, such as `{name}{amount}`"))
    }
}

/// A word that is none of those of the option.
fn unknown_word(value: &ast::Expr, ty: &Type) -> Option<Diagnostic> {
    let known: Vec<String> = match ty {
        Type::OneOf(words) => words.iter().map(ToString::to_string).collect(),
        Type::Bool => ["yes", "no"].map(str::to_owned).to_vec(),
        _ => return None,
    };
    let (ast::ExprKind::Name(word) | ast::ExprKind::Text(word)) = &value.kind else { return None };
    if known.contains(word) {
        return None;
    }
    let found = Diagnostic::new(Code::UnknownName, value.span, format!("`{word}` is not one of {}", known.join(", ")));
    Some(match names::nearest(word, known.iter().map(String::as_str)) {
        Some(near) => found.guess(value.span, near, format!("did you mean `{near}`?")),
        None => found.help(format!("write one of its words: {}", known.join(", "))),
    })
}

/// Whether a value is more than what can be written down: a literal, or a word of a choice.
fn is_computed(value: &ast::Expr, ty: &Type) -> bool {
    match &value.kind {
        ast::ExprKind::Name(_) => ty.is_numeric() || matches!(ty, Type::Duration | Type::Date | Type::Time | Type::Instant),
        ast::ExprKind::Negate(inner) => is_computed(inner, ty),
        ast::ExprKind::Binary(..)
        | ast::ExprKind::Of(..)
        | ast::ExprKind::Call(..)
        | ast::ExprKind::Member(..)
        | ast::ExprKind::If(..)
        | ast::ExprKind::Else(..)
        | ast::ExprKind::Round(..) => true,
        _ => false,
    }
}

/// An amount that is written out, or computed from such: `4 * $12,000`, `6% of $50,000`.
pub(crate) fn constant(expr: &ast::Expr) -> Option<Decimal> {
    match &expr.kind {
        ast::ExprKind::Negate(inner) => constant(inner).map(Decimal::neg),
        ast::ExprKind::Of(percent, whole) => constant(whole)?.percent(constant(percent)?).ok(),
        ast::ExprKind::Binary(left, op, right) => {
            let (left, right) = (constant(left)?, constant(right)?);
            match op.node {
                BinaryOp::Add => left.add(right).ok(),
                BinaryOp::Sub => left.sub(right).ok(),
                BinaryOp::Mul => left.mul(right).ok(),
                BinaryOp::Div => left.div(right).ok(),
                _ => None,
            }
        }
        _ => expr.written_amount(),
    }
}

fn steps(ir: &Ir, names: &Names, source: &Source, list: &[Spanned<Step>], phases: &mut PhasesSeen, found: &mut Vec<Diagnostic>) {
    for step in list {
        match &step.node {
            Step::Times(_, inner) => steps(ir, names, source, inner, phases, found),
            Step::Set(name, _)
                if !ir.inputs.iter().chain(ir.options.iter().filter(|option| option.changeable)).any(|it| it.name == name.node) =>
            {
                found.push(
                    errors::unknown_name(&name.node, name.span, ir.inputs.iter().map(|input| input.name.as_str()))
                        .help("a scenario sets inputs, which the host tells, and options that are `changeable`"),
                );
            }
            Step::Set(name, value) => {
                let setting = ir.inputs.iter().chain(&ir.options).find(|setting| setting.name == name.node);
                found.extend(setting.and_then(|setting| unknown_word(value, &setting.ty)));
            }
            Step::Event(name, _) if !ir.events.iter().any(|event| event.name == name.node) => {
                found.push(errors::unknown_event(&name.node, name.span, ir.events.iter().map(|event| event.name.as_str())));
            }
            Step::Days(amounts) => {
                days_without_comma(source, amounts, found);
                for amount in amounts {
                    money(ir, names, source, amount, phases, found);
                }
            }
            Step::Expect(expect) => expectation(ir, names, source, expect, phases, found),
            step => step.amounts().into_iter().for_each(|amount| money(ir, names, source, amount, phases, found)),
        }
    }
}

fn expectation(ir: &Ir, names: &Names, source: &Source, expect: &Expect, phases: &PhasesSeen, found: &mut Vec<Diagnostic>) {
    let title = |title: &crate::syntax::ast::Name, goal: bool, found: &mut Vec<Diagnostic>| {
        if !names.titles(goal).any(|known| known == title.node) {
            found.push(errors::unknown_title(if goal { "goal" } else { "limit" }, &title.node, title.span, names.titles(goal)));
        }
    };
    match expect {
        Expect::Breach(name) | Expect::NoBreach(Some(name)) => title(name, false, found),
        Expect::Goal(name, _) => title(name, true, found),
        Expect::Denied(Some(name)) => of_answer(name, "requirement of a payout", &denials(ir), found),
        Expect::Order(OrderAnswer::Rejected(Some(name))) => of_answer(name, "limit", &refusals(ir), found),
        Expect::Phase(name) if ir.phase_named(&name.node).is_none() => {
            found.push(errors::unknown_phase(&name.node, name.span, ir.phases.iter().map(|phase| phase.name.as_str())));
        }
        Expect::Actions(list) => list.iter().for_each(|name| action(ir, name, found)),
        Expect::Action(name) => action(ir, name, found),
        Expect::Approved(Some(amount)) | Expect::Receives(amount, _) => money(ir, names, source, amount, phases, found),
        Expect::Condition(expr) => match said_otherwise(expr) {
            Some(otherwise) => found.push(otherwise),
            None => match in_some_phase(ir, names, source, expr, phases) {
                Ok((Type::Bool | Type::Error, _)) => {}
                Ok((ty, _)) => {
                    let said = source.words(expr.span);
                    let amount = if matches!(ty, Type::Money(_)) { "$50,000" } else { "…" };
                    let help = format!("say what is expected of it, as in `expect {said} is {amount}`");
                    found.push(errors::not_a_condition(&ty, expr.span).help(help));
                }
                Err(errors) => found.extend(errors),
            },
        },
        _ => {}
    }
}

/// What a denied payout, or a refused order, gives as its reason.
fn of_answer(name: &ast::Name, what: &str, known: &[String], found: &mut Vec<Diagnostic>) {
    if !known.contains(&name.node) {
        found.push(errors::unknown_title(what, &name.node, name.span, known.iter().map(String::as_str)));
    }
}

/// Requirements and minimums of payouts, and what denies besides them.
fn denials(ir: &Ir) -> Vec<String> {
    let mut known = Vec::new();
    for node in &ir.nodes {
        let NodeKind::Payout(payout) = &node.kind else { continue };
        known.extend(payout.steps.iter().filter_map(|step| match &step.kind {
            PayoutStepKind::Require(requirement) => Some(requirement.title.clone()),
            PayoutStepKind::Minimum(_) => Some(step.words.clone()),
            _ => None,
        }));
        known.extend(payout.pending.iter().map(|requirement| requirement.title.clone()));
    }
    known.extend([answers::NOTHING_TO_PAY, answers::ONE_AT_A_TIME, answers::NO_PAYOUTS].map(str::to_owned));
    known
}

/// Limits and rules, and what refuses orders besides them.
fn refusals(ir: &Ir) -> Vec<String> {
    let limits = ir.nodes.iter().filter(|node| matches!(node.kind, NodeKind::Limit(_) | NodeKind::Rule(_))).map(|node| node.name.clone());
    let phases = ir.phases.iter().filter(|phase| phase.standing).map(|phase| answers::in_phase(&phase.name));
    limits.chain(phases).chain([answers::STAFF, answers::IN_A_GAP].map(str::to_owned)).collect()
}

/// `days +$500 +$300`: the comma between two days is missing, and both would be one sum.
fn days_without_comma(source: &Source, amounts: &[ast::Expr], found: &mut Vec<Diagnostic>) {
    for amount in amounts {
        let ast::ExprKind::Binary(left, sign, right) = &amount.kind else { continue };
        let apart = |from: Span, to: Span| from.end < to.start;
        if matches!(sign.node, BinaryOp::Add | BinaryOp::Sub) && apart(left.span, sign.span) && !apart(sign.span, right.span) {
            let next = source.words(sign.span.to(right.span));
            let end = Span { start: left.span.end, end: left.span.end };
            let text = Diagnostic::new(Code::Syntax, sign.span.to(right.span), "a comma is missing between two days");
            found.push(text.fix(
                end,
                ",",
                format!("write a comma before `{next}`; a sum within one day has a blank behind its sign, as in `+$500 + $300`"),
            ));
        }
    }
}

/// The type of an expression. It is judged in the phase the account is in then: it must have a meaning in one of them.
fn in_some_phase(
    ir: &Ir,
    names: &Names,
    source: &Source,
    expr: &ast::Expr,
    phases: &PhasesSeen,
) -> Result<(Type, PhaseId), Vec<Diagnostic>> {
    let all = (0..).map(PhaseId).take(ir.phases.len());
    let mut first = None;
    for phase in phases.start.into_iter().chain(all) {
        match super::check_expression(ir, names, source, phase, expr) {
            Ok(checked) => return Ok((checked.exprs[checked.id.0 as usize].ty.clone(), phase)),
            Err(errors) => first = first.or(Some(errors)),
        }
    }
    Err(first.unwrap_or_default())
}

/// An amount of money has its currency, in scenarios too.
fn money(ir: &Ir, names: &Names, source: &Source, amount: &ast::Expr, phases: &PhasesSeen, found: &mut Vec<Diagnostic>) {
    let currency = ir.header.currency;
    match in_some_phase(ir, names, source, amount, phases) {
        Err(errors) => found.extend(errors.into_iter().take(1)),
        Ok((ty, _)) if types::join(&Type::Money(currency), &ty).is_some() => {}
        Ok((ty, _)) => found.push(match amount.written_amount().filter(|_| matches!(ty, Type::Number | Type::Count)) {
            Some(written) => errors::without_currency(written, currency, amount.span),
            None => errors::wrong_type(&Type::Money(currency).to_string(), &ty, amount.span),
        }),
    }
}

/// What people write behind `expect`, and how it is expected.
const EXPECTED: &[(&str, &str)] = &[
    ("refused", "rejected"),
    ("declined", "rejected"),
    ("accepted", "allowed"),
    ("ok", "allowed"),
    ("granted", "approved"),
    ("passed", "phase passed"),
    ("failed", "phase failed"),
    ("closed", "phase closed"),
    ("reviewed", "in review"),
    ("review", "in review"),
    ("not breach", "no breach"),
    ("not breached", "no breach"),
    ("not broken", "no breach"),
    ("not failed", "no breach"),
    ("not rejected", "allowed"),
    ("not refused", "allowed"),
    ("not allowed", "rejected"),
    ("not actions", "no actions"),
    ("not action", "no actions"),
    ("not approved", "denied"),
    ("not denied", "approved"),
];

/// An expectation that is said in other words.
fn said_otherwise(expr: &ast::Expr) -> Option<Diagnostic> {
    let (no, inner) = if let ast::ExprKind::Not(inner) = &expr.kind { ("no ", &**inner) } else { ("", expr) };
    if let ast::ExprKind::Of(breach, title) = &inner.kind
        && let (ast::ExprKind::Name(breach), ast::ExprKind::Text(title)) = (&breach.kind, &title.kind)
        && breach == "breach"
    {
        let right = format!("{no}breach \"{title}\"");
        let found = Diagnostic::new(Code::Syntax, expr.span, "the title comes right after `breach`");
        return Some(found.fix(expr.span, right.clone(), format!("write `expect {right}`")));
    }
    let words = match &expr.kind {
        ast::ExprKind::Name(name) => name.clone(),
        ast::ExprKind::Not(inner) => match &inner.kind {
            ast::ExprKind::Name(name) => format!("not {name}"),
            _ => return None,
        },
        _ => return None,
    };
    if matches!(words.as_str(), "breach" | "breached" | "broken") {
        let found = Diagnostic::new(Code::UnknownName, expr.span, format!("`expect {words}` does not say which limit"));
        return Some(
            found.help("write its title: `expect breach \"Maximum loss\"`; to expect that no limit is broken, write `expect no breach`"),
        );
    }
    let (_, right) = EXPECTED.iter().find(|(said, _)| *said == words)?;
    let found = Diagnostic::new(Code::UnknownName, expr.span, format!("programs do not say `expect {words}`"));
    Some(found.fix(expr.span, *right, format!("write `expect {right}`")))
}

const ACTIONS: &[&str] = &[
    "flatten",
    "cancel orders",
    "reject",
    "reduce",
    "lock",
    "unlock",
    "fail",
    "promote",
    "close account",
    "restart",
    "notify",
    "review",
    "pay",
    "resize",
    "reset ledger",
    "adjust balance",
    "roll back",
    "call",
];

fn action(ir: &Ir, name: &crate::syntax::ast::Name, found: &mut Vec<Diagnostic>) {
    let known = ACTIONS.iter().copied().chain(ir.actions.iter().map(|action| action.name.as_str()));
    let words = name.node.as_str();
    if known.clone().any(|known| words == known || words.starts_with(&format!("{known} "))) {
        return;
    }
    let help = names::nearest(words, known).map(|near| format!("did you mean `{near}`?"));
    let mut diagnostic = Diagnostic::new(Code::UnknownName, name.span, format!("unknown action `{words}`"));
    diagnostic.help = help.or_else(|| Some(format!("actions: {}", ACTIONS.join(", "))));
    found.push(diagnostic);
}
