//! Shares of what was gained in one time that are measured against another.

use std::collections::BTreeSet;

use crate::diagnostic::{Code, Diagnostic};
use crate::ir::{Arithmetic, Comparison, Event, ExprId, ExprKind, Ir, NodeKind, TrackDomain, TrackFunction};
use crate::source::Span;
use crate::value::{Decimal, Type};
use crate::vocabulary::{AccountField, Occasion, PeriodField};

use super::super::Checker;
use super::super::order::{action_exprs, actions_of, own_exprs};
use super::amounts::{self, Compared, Known};
use super::goals::conjuncts;
use super::{all_read, requirements_of};

/// The percentage of the whole account that no day gains.
const OF_ACCOUNT: i32 = 20;

/// What one side of a share covers: from which events on, and where that is said.
#[derive(Default)]
struct Covered {
    /// Running totals: everything after the event, the rest of its day included.
    totals: Vec<(Event, Span)>,
    /// Days: from the first that opens after the event.
    days: Vec<(Event, TrackDomain, Span)>,
    /// Where the gain of the whole phase, or account, is read.
    phase: Option<Span>,
}

impl Checker<'_> {
    /// A part that may be at most more than the whole it is a part of, or nothing of it.
    pub(super) fn shares_of_more_than_all(&mut self, ir: &Known) {
        let mut told = BTreeSet::new();
        for (at, node) in ir.nodes.iter().enumerate() {
            self.stand_in(at);
            let read = own_exprs(node).into_iter().flat_map(|id| all_read(ir, id));
            let required = requirements_of(&node.kind).into_iter().flat_map(|one| conjuncts(ir, one.condition));
            for found in required.filter_map(|compared| wrong_way(ir, compared)).collect::<Vec<_>>() {
                self.report(found);
            }
            for id in read.collect::<Vec<_>>() {
                if let Some(found) = more_than_all(ir, id).or_else(|| of_the_whole_account(ir, id)).filter(|_| told.insert(id)) {
                    self.report(found);
                }
            }
        }
        self.current_use = None;
    }

    /// A running total since an event beside days since the same event: the event's own day counts for one only.
    pub(super) fn shares_of_other_days(&mut self, ir: &Ir) {
        for (at, node) in ir.nodes.iter().enumerate() {
            self.stand_in(at);
            let of_actions = actions_of(node).into_iter().flat_map(|action| action_exprs(&action.kind));
            for id in own_exprs(node).into_iter().chain(of_actions).collect::<Vec<_>>() {
                self.shares_in(ir, id);
            }
        }
        self.current_use = None;
    }

    fn shares_in(&mut self, ir: &Ir, id: ExprId) {
        let kind = &ir.expr(id).kind;
        if let Some((part, whole)) = share(ir, kind) {
            let (part, whole) = (covered(ir, part), covered(ir, whole));
            let found = mismatch(&part, &whole).or_else(|| mismatch(&whole, &part));
            if let Some((event, domain, days, total)) = found {
                self.report(other_days(ir, ir.expr(id).span, event, domain, (days, total)));
            } else if let Some(found) = beside_the_whole_phase(ir, ir.expr(id).span, &part, &whole) {
                self.report(found);
            }
        }
        for operand in kind.operands() {
            self.shares_in(ir, operand);
        }
    }
}

/// A best day, or the gain of a day, that may be at most above 100% of what it is a part of.
fn more_than_all(ir: &Known, id: ExprId) -> Option<Diagnostic> {
    let most = |comparison: Comparison| matches!(comparison, Comparison::AtMost | Comparison::Below);
    let (part, percent, whole) = match ir.expr(id).kind {
        ExprKind::ComparePercent(comparison, part, percent, whole) if most(comparison) => (part, percent, whole),
        ExprKind::Compare(comparison, part, share) if most(comparison) => match ir.expr(share).kind {
            ExprKind::Percent(percent, whole) => (part, percent, whole),
            _ => return None,
        },
        _ => return None,
    };
    if !is_part(ir, part) || !super::reads_gain(ir, whole) {
        return None;
    }
    (0..ir.plans.names.len()).find_map(|plan| {
        let share = amounts::amount(ir, percent, plan)?.number()?;
        let words = |id: ExprId| ir.source.words(ir.expr(id).span);
        let share_words = amounts::written(ir, &Type::Percent, share);
        (share > Decimal::from(100) || share <= Decimal::ZERO).then(|| {
            let claim = if share > Decimal::ZERO { "holds nothing back" } else { "lets nothing through" };
            Diagnostic::new(Code::Allowance, ir.expr(percent).span, format!("a share of {share_words} {claim}"))
                .label("above 0%, up to 100%")
                .note(format!("`{}` is a part of `{}`: above 100% of it only after losses", words(part), words(whole)))
                .help("write the share that was meant, such as `40%`")
        })
    })
}

/// A requirement that the best day be at least a share of the whole, or no more than nothing.
fn wrong_way(ir: &Known, compared: Compared) -> Option<Diagnostic> {
    let Compared { comparison, left, right, percent } = compared;
    let words = |id: ExprId| ir.source.words(ir.expr(id).span);
    let is_best = is_part(ir, left) && !matches!(ir.expr(left).kind, ExprKind::Period(..));
    let place = ir.expr(left).span.to(ir.expr(right).span);
    let whole = match ir.expr(right).kind {
        _ if percent.is_some() => Some(right),
        ExprKind::Percent(_, whole) => Some(whole),
        _ => None,
    };
    if !is_best {
        return None;
    }
    if matches!(comparison, Comparison::AtLeast | Comparison::Above) {
        let whole = whole.filter(|whole| super::reads_gain(ir, *whole))?;
        let message = format!("this asks that `{}` be large beside `{}`", words(left), words(whole));
        let found = Diagnostic::new(Code::Allowance, place, message);
        return Some(
            found
                .note("who gains the same each day is held back, and who gains all on one day is not")
                .help("consistency bounds the best day from above: write `is at most`"),
        );
    }
    let nothing = |plan: usize| Some(amounts::amount(ir, right, plan)?.number()? <= Decimal::ZERO);
    let falls = matches!(comparison, Comparison::AtMost | Comparison::Below) && percent.is_none();
    (falls && (0..ir.plans.names.len()).all(|plan| nothing(plan).unwrap_or(false))).then(|| {
        let found = Diagnostic::new(Code::Allowance, place, format!("`{}` that is no more than nothing lets nobody through", words(left)));
        found.note("whoever gained on one day does not meet it").help("write the share that was meant, as in `is at most 40% of profit`")
    })
}

/// A best day that may be so much of the balance or equity, which hold the account's size, too.
fn of_the_whole_account(ir: &Known, id: ExprId) -> Option<Diagnostic> {
    let ExprKind::ComparePercent(Comparison::AtMost | Comparison::Below, part, percent, whole) = ir.expr(id).kind else { return None };
    let is_whole = matches!(ir.expr(whole).kind, ExprKind::Account(AccountField::Balance | AccountField::Equity));
    if !is_whole || !is_part(ir, part) {
        return None;
    }
    let share = (0..ir.plans.names.len()).find_map(|plan| amounts::amount(ir, percent, plan)?.number())?;
    (share >= Decimal::from(OF_ACCOUNT)).then(|| {
        let (share, whole) = (amounts::written(ir, &Type::Percent, share), ir.source.words(ir.expr(whole).span));
        let found = Diagnostic::new(Code::Allowance, ir.expr(id).span, format!("{share} of `{whole}` holds nothing back"));
        found
            .note(format!("`{whole}` holds the size of the account, too: no day gains so much of it"))
            .help(format!("write `{share} of profit`"))
    })
}

/// Whether a value is the gain of a day, or the highest of such.
fn is_part(ir: &Known, id: ExprId) -> bool {
    match ir.expr(id).kind {
        ExprKind::Period(_, PeriodField::Profit | PeriodField::EquityProfit) => true,
        ExprKind::Else(value, _) => is_part(ir, value),
        ExprKind::Node(node) => match &ir.node(node).kind {
            NodeKind::Value(value) => is_part(ir, *value),
            NodeKind::Tracker(tracker) => tracker.function == TrackFunction::Highest && tracker.what.is_some_and(|what| is_part(ir, what)),
            _ => false,
        },
        _ => false,
    }
}

/// The two sides of which one is said as a share of the other.
fn share(ir: &Ir, kind: &ExprKind) -> Option<(ExprId, ExprId)> {
    match kind {
        ExprKind::ComparePercent(_, part, _, whole) | ExprKind::Arithmetic(Arithmetic::Divide, part, whole) => Some((*part, *whole)),
        ExprKind::Compare(_, left, right) => {
            let of_whole = |id: ExprId| matches!(ir.expr(id).kind, ExprKind::Percent(..));
            (of_whole(*left) || of_whole(*right)).then_some((*left, *right))
        }
        _ => None,
    }
}

/// What an expression covers, itself and through `let`.
fn covered(ir: &Ir, id: ExprId) -> Covered {
    let mut found = Covered::default();
    for id in all_read(ir, id) {
        if matches!(ir.expr(id).kind, ExprKind::Account(AccountField::Profit)) {
            found.phase = Some(ir.expr(id).span);
        }
        let ExprKind::Node(node) = ir.expr(id).kind else { continue };
        let node = ir.node(node);
        match &node.kind {
            NodeKind::Baseline(baseline) if baseline.reset.cuts_a_day() => found.totals.push((baseline.reset, node.span)),
            NodeKind::Tracker(tracker) if tracker.domain.is_of_days() && tracker.reset.cuts_a_day() => {
                found.days.push((tracker.reset, tracker.domain, node.span));
            }
            NodeKind::Tracker(tracker)
                if tracker.domain.is_of_days()
                    && matches!(tracker.reset, Event::Occasion(Occasion::PhaseStart | Occasion::AccountStart))
                    && matches!(node.ty, Type::Money(_)) =>
            {
                found.phase = Some(node.span);
            }
            _ => {}
        }
    }
    found
}

fn mismatch(days: &Covered, totals: &Covered) -> Option<(Event, TrackDomain, Span, Span)> {
    days.days.iter().find_map(|(event, domain, place)| {
        let (_, total) = totals.totals.iter().find(|(other, _)| other == event)?;
        Some((*event, *domain, *place, *total))
    })
}

/// A best day since an event beside what was gained in the whole phase.
fn beside_the_whole_phase(ir: &Ir, span: Span, part: &Covered, whole: &Covered) -> Option<Diagnostic> {
    let [(event, domain, place)] = part.days.as_slice() else { return None };
    let total = whole.phase.filter(|_| part.phase.is_none() && whole.days.is_empty() && whole.totals.is_empty())?;
    let (since, days) = (since_words(ir, *event), domain_words(*domain));
    let found = Diagnostic::new(Code::OtherDays, span, "the share is taken of a sum that has other days in it")
        .label("two times are compared")
        .other(*place, format!("{days} since {since}"))
        .note(format!("what was gained before the {since} stands in the sum, and so the share of a later best day looks smaller"));
    let found = if total == span || span.holds(total) { found } else { found.other(total, "all of the phase") };
    Some(found.help(format!("write the sum over the same days: `track total = sum day.profit over {days} since {since} from $0`")))
}

fn other_days(ir: &Ir, span: Span, event: Event, domain: TrackDomain, (days, total): (Span, Span)) -> Diagnostic {
    let since = since_words(ir, event);
    let domain = domain_words(domain);
    let gained = if ir.header.currency.code().is_empty() { "an amount".to_owned() } else { super::money(ir, 400) };
    Diagnostic::new(Code::OtherDays, span, "the share is taken of a sum that has other days in it")
        .label("two times are compared")
        .other(days, format!("{domain}, without the day of the {since}"))
        .other(total, format!("with the rest of the day of the {since}"))
        .note(format!("{gained} gained on the day of the {since}, after it, stands in the total and in no day"))
        .help(format!("write the sum over the same days: `track total = sum day.profit over {domain} since {since} from $0`"))
}

const fn domain_words(domain: TrackDomain) -> &'static str {
    match domain {
        TrackDomain::TradedDays => "traded days",
        TrackDomain::DaysWithEntries => "days with entries",
        TrackDomain::DaysSoFar => "days so far",
        TrackDomain::ClosedDays | TrackDomain::At(_) => "closed days",
    }
}

/// The words of an event behind `since`.
fn since_words(ir: &Ir, event: Event) -> String {
    match event {
        Event::Occasion(Occasion::PayoutPayment | Occasion::CycleStart) => "last payout".into(),
        Event::Occasion(occasion) => occasion.row().words.into(),
        Event::Host(at) => ir.events.get(usize::from(at)).map(|event| event.name.clone()).unwrap_or_default(),
        Event::Input(at) => ir.inputs.get(usize::from(at)).map(|input| input.name.clone()).unwrap_or_default(),
        Event::Breach(limit) => format!("breach of \"{}\"", ir.node(limit).name),
        Event::Schedule(_) => "that time".into(),
        Event::GroupEnd(group) => format!("{} end", ir.groups.get(usize::from(group)).map_or("group", |group| group.name.as_str())),
        Event::Start(period) => format!("{} start", ir.period(period).name),
        Event::End(period) => format!("{} end", ir.period(period).name),
    }
}
