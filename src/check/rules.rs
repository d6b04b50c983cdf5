//! Rules, goals, payouts and the actions they do.

use crate::diagnostic::{Code, Diagnostic};
use crate::ir::{self, Delay, Event, ExprId, FlattenTarget, LockUntil, NodeKind, Per, Period, Recipient, Requirement, Trigger};
use crate::source::Span;
use crate::syntax::ast::{self, ActionKind, DayUnit, PayoutMoment, PayoutStepKind};
use crate::value::{Decimal, Type};
use crate::vocabulary::{Occasion, Record};

use super::context::Context;
use super::items::Lowered;
use super::names::Entity;
use super::{Checker, Facts, errors, types};

const NO_VALUE: Facts = Facts { ty: Type::Error, maybe_missing: false, per: Per::Account };

impl Checker<'_> {
    pub(super) fn lower_rule(&mut self, context: &Context, item: &ast::Rule) -> Option<Lowered> {
        let (trigger, inner) = match &item.trigger {
            ast::Trigger::When(condition) => {
                let id = self.condition(context, condition);
                let inner = Context { handles_event: true, ..context.assuming(self.source, condition, true) };
                (Trigger::When(id), inner)
            }
            ast::Trigger::On { event, filter } => {
                let event = self.event(context, event)?;
                self.on(context, event, filter.as_ref())
            }
            ast::Trigger::Every { clock, interval, when } => {
                let event = match interval {
                    Some(interval) => {
                        let nanos = self.nanos(interval)?;
                        if nanos <= 0 {
                            let found = Diagnostic::new(Code::Contradiction, interval.span, "a rule cannot act at every moment");
                            self.report(found.help("such as `every 5min`, `every 4h`"));
                            return None;
                        }
                        self.schedule(ir::Schedule::Interval(nanos), interval.span)?
                    }
                    None => self.clock(context, clock)?,
                };
                self.on(context, event, when.as_ref())
            }
            ast::Trigger::After { delay, since, during } => {
                let delay = self.delay(delay)?;
                let since = self.event(context, since)?;
                let during = during.as_ref().map(|during| self.condition(context, during));
                (Trigger::After { delay, since, during }, Context { handles_event: true, ..context.clone() })
            }
        };
        let actions = self.actions(&inner, &item.actions);
        Some(Lowered { kind: NodeKind::Rule(ir::Rule { trigger, actions }), facts: NO_VALUE, per: Per::Account })
    }

    fn on(&mut self, context: &Context, event: Event, filter: Option<&ast::Expr>) -> (Trigger, Context) {
        let inner = Self::handling(context, Some(event));
        let id = filter.map(|filter| self.condition(&inner, filter));
        let inner = filter.map_or(inner.clone(), |filter| inner.assuming(self.source, filter, true));
        (Trigger::On(event, id), inner)
    }

    /// `on enter { }` and the moments of payouts: a rule on an occasion.
    pub(super) fn lower_handler(&mut self, context: &Context, occasion: Occasion, actions: &[ast::Action]) -> Lowered {
        let event = Event::Occasion(occasion);
        let inner = Self::handling(context, Some(event));
        let actions = self.actions(&inner, actions);
        Lowered { kind: NodeKind::Rule(ir::Rule { trigger: Trigger::On(event, None), actions }), facts: NO_VALUE, per: Per::Account }
    }

    fn delay(&mut self, delay: &ast::Expr) -> Option<Delay> {
        match self.written(delay).kind {
            ast::ExprKind::Duration(nanos) => Some(Delay::Nanos(nanos)),
            ast::ExprKind::Days(count, unit) => Some(match unit {
                DayUnit::Days => Delay::Dates(count),
                DayUnit::Weeks => Delay::Dates(count * 7),
                DayUnit::TradingDays => Delay::TradingDays(count),
                DayUnit::Weekdays => Delay::Weekdays(count),
                DayUnit::Months => Delay::Months(count),
            }),
            _ => {
                self.report(
                    Diagnostic::new(Code::TypeMismatch, delay.span, "a delay is a duration or a number of days")
                        .help("such as `24h`, `30 days`, `5 trading days`"),
                );
                None
            }
        }
    }

    pub(super) fn lower_goal(&mut self, context: &Context, item: &ast::Goal) -> Option<Lowered> {
        let clock = match &item.at {
            Some(clock) => Some(self.clock(context, clock)?),
            None => None,
        };
        let guard = item.when.as_ref().map(|guard| self.condition(context, guard));
        let context = item.when.as_ref().map_or(context.clone(), |guard| context.assuming(self.source, guard, true));
        let requirements = self.requirements(&context, &item.requirements);
        self.titles_once(item.requirements.iter().map(|requirement| (&requirement.title, requirement.when.is_some())));
        if requirements.is_empty() && !item.broken {
            self.report(
                Diagnostic::new(Code::Unsaid, item.title.span, format!("the goal \"{}\" requires nothing", item.title.node))
                    .help("add what must be reached, as in `require \"profit\" profit is at least 8% of size`"),
            );
        }
        let inner = Context { handles_event: true, ..context };
        let on_reached = self.actions(&inner, &item.on_reached);
        let on_lost = self.actions(&inner, &item.on_lost);
        if item.revocable
            && let Some(action) = item.on_reached.iter().find(|action| matches!(action.kind, ActionKind::Promote(_)))
        {
            self.report(
                Diagnostic::new(Code::Contradiction, action.span, "a goal that can be lost again may not promote")
                    .help("leave out `revocable`, or promote by staff"),
            );
        }
        let goal = ir::Goal { clock, guard, revocable: item.revocable, requirements, on_reached, on_lost };
        Some(Lowered { kind: NodeKind::Goal(goal), facts: NO_VALUE, per: Per::Account })
    }

    /// Requirements are told apart by their titles. One title may stand for the same demand under two conditions.
    fn titles_once<'t>(&mut self, titles: impl Iterator<Item = (&'t ast::Name, bool)>) {
        let mut seen: Vec<(&ast::Name, bool)> = Vec::new();
        for (title, conditional) in titles {
            let twice = |(other, other_conditional): &&(&ast::Name, bool)| other.node == title.node && !(conditional && *other_conditional);
            match seen.iter().find(twice) {
                Some((first, _)) => {
                    let found = errors::twice(&format!("require \"{}\"", title.node), title.span, first.span);
                    self.report(found.help("give one of them another title, so that an answer can name it"));
                }
                None => seen.push((title, conditional)),
            }
        }
    }

    /// Without a condition, a second split would never be asked.
    fn one_split(&mut self, item: &ast::Payout) {
        let mut plain = item.steps.iter().filter(|step| matches!(step.kind, PayoutStepKind::Split(_)) && step.when.is_none());
        let Some(first) = plain.next() else { return };
        for second in plain {
            let help = "keep one of them, or say with `when` in which case each holds";
            self.report(errors::twice("split", second.span, first.span).help(help));
        }
    }

    fn requirements(&mut self, context: &Context, list: &[ast::Requirement]) -> Vec<Requirement> {
        list.iter().map(|requirement| self.requirement(context, requirement)).collect()
    }

    fn requirement(&mut self, context: &Context, requirement: &ast::Requirement) -> Requirement {
        let when = requirement.when.as_ref().map(|when| self.condition(context, when));
        let inner = requirement.when.as_ref().map_or(context.clone(), |when| context.assuming(self.source, when, true));
        let condition = self.condition(&inner, &requirement.condition);
        let mut evidence = Vec::new();
        self.evidence_of(condition, &mut evidence);
        let (title, words) = (self.title_text(&requirement.title.node), self.words_here(requirement.condition.span));
        Requirement { title, condition, words, when, evidence, span: requirement.span }
    }

    pub(super) fn lower_payout(&mut self, context: &Context, item: &ast::Payout, head: Span) -> Lowered {
        if item.steps.is_empty() && item.moments.is_empty() && item.pending.is_empty() && item.deducts_at.is_none() {
            let found = Diagnostic::new(Code::Unsaid, head, "the payout says nothing of what is paid");
            self.report(found.help("add what it requires and pays: `require \"title\" …`, `pays at most …`, `split 90% to trader`"));
        }
        self.one_split(item);
        self.titles_once(item.steps.iter().filter_map(|step| match &step.kind {
            PayoutStepKind::Require(title, _) => Some((title, step.when.is_some())),
            _ => None,
        }));
        self.titles_once(item.pending.iter().map(|requirement| (&requirement.title, requirement.when.is_some())));
        let context = Context { in_payout: true, handles_event: true, ..context.with_record(Record::Payout) };
        let steps = item.steps.iter().filter_map(|step| self.payout_step(&context, step)).collect();
        let pending = self.requirements(&context, &item.pending);
        let deducts_at = item.deducts_at.as_ref().map_or(PayoutMoment::Payment, |moment| moment.node);
        Lowered { kind: NodeKind::Payout(ir::Payout { steps, deducts_at, pending }), facts: NO_VALUE, per: Per::Account }
    }

    fn payout_step(&mut self, context: &Context, step: &ast::PayoutStep) -> Option<ir::PayoutStep> {
        let when = step.when.as_ref().map(|when| self.condition(context, when));
        let inner = step.when.as_ref().map_or(context.clone(), |when| context.assuming(self.source, when, true));
        let money = Type::Money(self.header.currency);
        let kind = match &step.kind {
            PayoutStepKind::Require(title, condition) => {
                let requirement = ast::Requirement { title: title.clone(), condition: condition.clone(), when: None, span: step.span };
                ir::PayoutStepKind::Require(self.requirement(&inner, &requirement))
            }
            PayoutStepKind::PaysAtMost(amount) => ir::PayoutStepKind::PaysAtMost(self.expr_of(&inner, amount, &money)),
            PayoutStepKind::LeavesAtLeast(amount) => ir::PayoutStepKind::LeavesAtLeast(self.expr_of(&inner, amount, &money)),
            PayoutStepKind::Minimum(amount) => ir::PayoutStepKind::Minimum(self.expr_of(&inner, amount, &money)),
            PayoutStepKind::Fee(amount) => ir::PayoutStepKind::Fee(self.expr_of(&inner, amount, &money)),
            PayoutStepKind::AlsoPays(amount) => ir::PayoutStepKind::AlsoPays(self.expr_of(&inner, amount, &money)),
            PayoutStepKind::Split(share) => ir::PayoutStepKind::Split(self.split(&inner, share)),
            PayoutStepKind::Review(why) => ir::PayoutStepKind::Review(self.title_text(&why.node)),
            PayoutStepKind::Broken => return None,
        };
        Some(ir::PayoutStep { kind, when, words: self.words_here(step.span), span: step.span })
    }

    /// A share in percent, or an amount from a table of slices.
    fn split(&mut self, context: &Context, share: &ast::Expr) -> ExprId {
        let id = self.expr(context, share);
        let ty = self.ty(id).clone();
        if !matches!(ty, Type::Percent | Type::Money(_) | Type::Error) {
            self.report(errors::wrong_type("a percentage", &ty, share.span));
        }
        if let ast::ExprKind::Percent(part) = share.kind
            && (part <= Decimal::ZERO || part > Decimal::from(100))
        {
            let message = if part > Decimal::ZERO { "a share is at most 100% of what is paid" } else { "a share of nothing pays nothing" };
            self.report(
                Diagnostic::new(Code::OutOfRange, share.span, message).help("write what the trader keeps, as in `split 80% to trader`"),
            );
        }
        id
    }

    /// Checks the actions of a block.
    pub(super) fn actions(&mut self, context: &Context, actions: &[ast::Action]) -> Vec<ir::Action> {
        let mut checked = Vec::new();
        for action in actions {
            match &action.kind {
                ActionKind::Do(name) => checked.extend(self.do_actions(context, name)),
                _ => checked.extend(self.action(context, action).map(|kind| ir::Action { kind, span: action.span })),
            }
        }
        checked
    }

    fn action(&mut self, context: &Context, action: &ast::Action) -> Option<ir::ActionKind> {
        Some(match &action.kind {
            ActionKind::Flatten { target, down_to, first } => self.flatten(context, target, down_to.as_ref(), *first, action.span)?,
            ActionKind::CancelOrders => ir::ActionKind::CancelOrders,
            ActionKind::Reject | ActionKind::Reduce => {
                if !context.at_hand.contains(&Record::Order) {
                    self.report(errors::not_at_hand(
                        "order",
                        action.span,
                        "in `on order { }` and in limits `for each order`; a limit refuses by `refuse orders that would break it`",
                    ));
                    return None;
                }
                if matches!(action.kind, ActionKind::Reject) { ir::ActionKind::Reject } else { ir::ActionKind::Reduce }
            }
            ActionKind::Lock(until) => ir::ActionKind::Lock(self.lock_until(context, until)?),
            ActionKind::Unlock => ir::ActionKind::Unlock,
            ActionKind::Fail => ir::ActionKind::Fail,
            ActionKind::Promote(phase) => ir::ActionKind::Promote(self.promotion(phase)?),
            ActionKind::CloseAccount => ir::ActionKind::CloseAccount,
            ActionKind::Restart => ir::ActionKind::Restart,
            ActionKind::Jump { floor, jump } => {
                let node = self.floor_named(context, floor)?;
                let ty = Type::Money(self.header.currency);
                let (to, by) = self.jump_target(context, jump, &ty);
                ir::ActionKind::Jump { floor: node, to, by, then: jump.then }
            }
            ActionKind::Freeze(floor) => ir::ActionKind::Freeze(self.floor_named(context, floor)?),
            ActionKind::Set { state, value } => self.set(context, state, value)?,
            ActionKind::Notify { who, message } => ir::ActionKind::Notify(self.recipient(who)?, self.template(context, message)),
            ActionKind::Review(message) => ir::ActionKind::Review(self.template(context, message)),
            ActionKind::Pay(amount) => {
                let money = Type::Money(self.header.currency);
                let id = self.expr_of(context, amount, &money);
                self.must_be_known(id, amount);
                ir::ActionKind::Pay(id)
            }
            ActionKind::Resize(to) => self.resize(context, to, action.span)?,
            ActionKind::ResetLedger(to) => self.reset_ledger(context, to, action.span),
            ActionKind::AdjustBalance { by, reason } => self.adjust_balance(context, by, reason)?,
            ActionKind::RollBack => ir::ActionKind::RollBack,
            ActionKind::Call { name, arguments } => self.call_action(context, name, arguments)?,
            ActionKind::Do(_) | ActionKind::Broken => return None,
        })
    }

    fn flatten(
        &mut self,
        context: &Context,
        target: &ast::FlattenTarget,
        down_to: Option<&ast::DownTo>,
        first: Option<ast::First>,
        span: Span,
    ) -> Option<ir::ActionKind> {
        let target = match target {
            ast::FlattenTarget::All => FlattenTarget::All,
            ast::FlattenTarget::Position if context.at_hand.contains(&Record::Position) => FlattenTarget::Position,
            ast::FlattenTarget::Position => {
                self.report(errors::not_at_hand("position", span, "in a limit `for each position`"));
                return None;
            }
            ast::FlattenTarget::Symbol(symbol) => FlattenTarget::Symbol(self.symbol_operand(context, symbol)),
            ast::FlattenTarget::Group(name) => match self.group_named(context.phase, &name.node) {
                Some(group) if context.has(Per::Group(group)) => FlattenTarget::Group(group),
                Some(_) => {
                    let place = format!("in a limit `for each {}`", name.node);
                    self.report(errors::not_at_hand(&format!("`{}`", name.node), span, &place));
                    return None;
                }
                None => {
                    let known: Vec<String> = self.groups.iter().map(|group| group.name.clone()).collect();
                    self.report(errors::unknown_name(&name.node, name.span, known.iter().map(String::as_str)).label("no such group"));
                    return None;
                }
            },
            ast::FlattenTarget::Where(condition) => {
                let inner = context.with_record(Record::Position);
                FlattenTarget::Where(self.condition(&inner, condition))
            }
        };
        let down_to = match down_to {
            None => None,
            Some(ast::DownTo::Fit) => match context.fit {
                Some(most) => Some(most),
                None => {
                    self.report(Diagnostic::new(Code::Contradiction, span, "nothing says what the positions shall fit").help(
                        "`to fit` stands in a limit such as `weighted quantity stays at or below max_size`; elsewhere write `down to …`",
                    ));
                    return None;
                }
            },
            Some(ast::DownTo::Quantity(quantity)) => {
                let id = self.expr_of(context, quantity, &Type::Quantity(None));
                self.must_be_known(id, quantity);
                Some(id)
            }
        };
        Some(ir::ActionKind::Flatten { target, down_to, first })
    }

    fn symbol_operand(&mut self, context: &Context, symbol: &ast::Expr) -> ExprId {
        if matches!(&symbol.kind, ast::ExprKind::Name(name) if name == "symbol")
            && let Some(id) = self.symbol_at_hand(context, symbol.span)
        {
            return id;
        }
        self.expr_of(context, symbol, &Type::Symbol)
    }

    fn lock_until(&mut self, context: &Context, until: &ast::LockUntil) -> Option<LockUntil> {
        Some(match until {
            ast::LockUntil::NextDay => LockUntil::Next(Period::DAY),
            ast::LockUntil::Next(name) => match self.period_named(&name.node) {
                Some(period) if self.periods[period.index()].is_foreseen(period) => LockUntil::Next(period),
                Some(period) => {
                    let found = self.unforeseen(period, name);
                    self.report(found);
                    return None;
                }
                None => {
                    let known = self.period_words();
                    self.report(errors::unknown_name(&name.node, name.span, known.iter().map(String::as_str)));
                    return None;
                }
            },
            ast::LockUntil::Staff => LockUntil::Staff,
            ast::LockUntil::Instant(expr) => {
                let id = self.expr(context, expr);
                match self.ty(id).clone() {
                    Type::Instant | Type::Error => LockUntil::Instant(id),
                    Type::Date => LockUntil::Instant(self.push(ir::ExprKind::OpeningOf(id), Type::Instant, expr.span)),
                    other => {
                        self.report(errors::wrong_type("an instant, `next day` or `staff`", &other, expr.span));
                        return None;
                    }
                }
            }
        })
    }

    fn promotion(&mut self, phase: &ast::Name) -> Option<ir::PhaseId> {
        let found = self.phase_named(&self.real_name(&phase.node));
        if found.is_none() {
            let known: Vec<String> = self.phases.iter().map(|phase| phase.name.clone()).collect();
            self.report(errors::unknown_phase(&phase.node, phase.span, known.iter().map(String::as_str)));
        }
        found
    }

    fn floor_named(&mut self, context: &Context, name: &ast::Name) -> Option<ir::NodeId> {
        match self.find(context.phase, &name.node).map(|declaration| declaration.entity) {
            Some(Entity::Node(node)) if self.is_floor(node) => Some(node),
            Some(Entity::Broken) => None,
            Some(_) => {
                self.report(
                    Diagnostic::new(Code::TypeMismatch, name.span, format!("`{}` is no floor", name.node))
                        .help("only a `floor` jumps or freezes; a `state` is changed by `set`"),
                );
                None
            }
            None => {
                let known: Vec<String> = self.names.visible(context.phase).map(str::to_owned).collect();
                self.report(errors::unknown_name(&name.node, name.span, known.iter().map(String::as_str)));
                None
            }
        }
    }

    fn set(&mut self, context: &Context, state: &ast::Name, value: &ast::Expr) -> Option<ir::ActionKind> {
        match self.find(context.phase, &state.node).map(|declaration| declaration.entity) {
            Some(Entity::Node(node)) if self.is_state(node) => {
                let ty = self.resolve(node, state.span).ty;
                let id = self.expr_as(context, value, Some(&ty));
                let found = self.ty(id).clone();
                if types::join(&ty, &found).is_none() {
                    self.report(errors::wrong_type(&ty.to_string(), &found, value.span));
                }
                Some(ir::ActionKind::Set(self.set_targets.get(&node).copied().unwrap_or(node), id))
            }
            Some(Entity::Broken) => None,
            Some(_) => {
                self.report(
                    Diagnostic::new(Code::TypeMismatch, state.span, format!("`{}` cannot be set", state.node))
                        .help("only a `state` is set; other values follow from what they read"),
                );
                None
            }
            None => {
                let known: Vec<String> = self.names.visible(context.phase).map(str::to_owned).collect();
                self.report(errors::unknown_name(&state.node, state.span, known.iter().map(String::as_str)));
                None
            }
        }
    }

    fn recipient(&mut self, who: &ast::Name) -> Option<Recipient> {
        let found = [Recipient::Trader, Recipient::Risk, Recipient::Ops].into_iter().find(|recipient| recipient.word() == who.node);
        if found.is_none() {
            self.report(errors::unknown_name(&who.node, who.span, ["trader", "risk", "ops"].into_iter()));
        }
        found
    }

    pub(super) fn template(&mut self, context: &Context, template: &ast::Template) -> ir::Template {
        let parts = template.parts.iter().map(|part| match part {
            ast::TemplatePart::Text(text) => ir::TemplatePart::Text(text.clone()),
            ast::TemplatePart::Value(expr) => ir::TemplatePart::Value(self.template_value(context, expr)),
        });
        ir::Template { parts: parts.collect() }
    }

    /// `{headroom}`, `{used}` and `{breaches}` are of the limit whose message it is.
    fn template_value(&mut self, context: &Context, expr: &ast::Expr) -> ExprId {
        if let (ast::ExprKind::Name(name), Some(node)) = (&expr.kind, self.current_limit)
            && ["headroom", "used", "breaches"].contains(&name.as_str())
            && self.find(context.phase, name).is_none()
        {
            return self.limit_fact(node, &ast::Name::new(name.clone(), expr.span), expr.span);
        }
        self.expr(context, expr)
    }

    fn call_action(&mut self, context: &Context, name: &ast::Name, arguments: &[(ast::Name, ast::Expr)]) -> Option<ir::ActionKind> {
        let Some(Entity::Action(action)) = self.find(None, &name.node).map(|declaration| declaration.entity) else {
            let known: Vec<String> = self.host_actions.iter().map(|action| action.name.clone()).collect();
            self.report(
                errors::unknown_name(&name.node, name.span, known.iter().map(String::as_str))
                    .help("declare it: `action NAME { field: type }`"),
            );
            return None;
        };
        let fields = self.host_actions[usize::from(action)].fields.clone();
        self.fields_once(arguments.iter().map(|(argument, _)| argument));
        for (argument, _) in arguments {
            if !fields.iter().any(|(field, _)| *field == argument.node) {
                self.report(errors::unknown_field(
                    &name.node,
                    &argument.node,
                    argument.span,
                    fields.iter().map(|(field, _)| field.as_str()),
                ));
            }
        }
        let mut ids = Vec::new();
        for (field, ty) in &fields {
            match arguments.iter().find(|(argument, _)| argument.node == *field) {
                Some((_, value)) => ids.push(self.expr_of(context, value, ty)),
                None => {
                    self.report(
                        Diagnostic::new(Code::Arguments, name.span, format!("`{}` needs `{field}`", name.node))
                            .help(format!("write `call {}({field} = …)`", name.node)),
                    );
                    return None;
                }
            }
        }
        Some(ir::ActionKind::Call(action, ids))
    }
}
