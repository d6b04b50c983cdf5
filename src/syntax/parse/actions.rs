//! Actions.

use super::Parser;
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;
use crate::syntax::ast::{Action, ActionKind, DownTo, Expr, ExprKind, First, FlattenTarget, LockUntil, Name};
use crate::syntax::grammar::{Pair, Rule, child, has};
use crate::syntax::skeleton::Statement;

const ACTIONS: &[&str] = &[
    "flatten", "cancel", "reject", "reduce", "lock", "unlock", "fail", "promote", "close", "restart", "set", "notify", "review", "pay",
    "resize", "reset", "adjust", "roll", "call", "do",
];

impl Parser<'_> {
    /// The actions in the block of a statement, separated by commas or lines.
    pub(super) fn actions(&mut self, statement: &Statement) -> Vec<Action> {
        if statement.block.as_ref().is_some_and(|block| block.children.is_empty()) && !self.has_spot(statement.span()) {
            let head = Span::new(statement.head.clone());
            let found = Diagnostic::new(Code::Unsaid, head, "no action stands in these braces");
            self.diagnostics.push(found.help("write what happens, such as `flatten, cancel orders`, or take the statement out"));
        }
        self.action_list(statement)
    }

    /// The actions in the block of a statement, perhaps none.
    pub(super) fn action_list(&mut self, statement: &Statement) -> Vec<Action> {
        let outer = std::mem::replace(&mut self.block, "actions");
        let mut actions = Vec::new();
        let mut unquoted: Option<usize> = None;
        for line in self.block(statement) {
            // The words behind `notify trader {headroom}`, whose quotes are missing, are told with it.
            let between = unquoted.and_then(|end| self.text.get(end..line.head.start));
            if between.is_some_and(|between| !between.contains('\n')) {
                continue;
            }
            unquoted = line.block.as_ref().filter(|_| self.word(line) == "notify").map(|block| block.end);
            if unquoted.is_none() {
                self.no_block(line);
            }
            for part in self.parts(line) {
                actions.push(self.action(&part));
            }
        }
        self.block = outer;
        actions
    }

    fn action(&mut self, statement: &Statement) -> Action {
        let span = Span::new(statement.head.clone());
        let kind = self.action_rule(statement).and_then(|rule| self.head(statement, rule, |parser, pair| parser.action_kind(rule, pair)));
        Action { kind: kind.unwrap_or(ActionKind::Broken), span }
    }

    fn action_rule(&mut self, statement: &Statement) -> Option<Rule> {
        let text = self.head_text(statement);
        let mut words = text.split_whitespace().skip(1);
        Some(match self.word(statement) {
            "flatten" => Rule::act_flatten,
            "cancel" => Rule::act_cancel,
            "reject" => Rule::act_reject,
            "reduce" => Rule::act_reduce,
            "lock" => Rule::act_lock,
            "unlock" => Rule::act_unlock,
            "fail" => Rule::act_fail,
            "promote" => Rule::act_promote,
            "close" => Rule::act_close,
            "restart" => Rule::act_restart,
            "set" => Rule::act_set,
            "notify" => Rule::act_notify,
            "review" => Rule::act_review,
            "pay" => Rule::act_pay,
            "resize" => Rule::act_resize,
            "reset" => Rule::act_ledger,
            "adjust" => Rule::act_adjust,
            "roll" => Rule::act_roll,
            "call" => Rule::act_call,
            "do" => Rule::act_do,
            _ if words.next().is_some_and(|second| second.starts_with("jump") || second.starts_with("freeze")) => Rule::act_floor,
            _ => {
                self.unknown(statement, ACTIONS);
                return None;
            }
        })
    }

    fn action_kind(&mut self, rule: Rule, pair: &Pair<'_>) -> ActionKind {
        match rule {
            Rule::act_flatten => self.flatten(pair),
            Rule::act_cancel => ActionKind::CancelOrders,
            Rule::act_reject => ActionKind::Reject,
            Rule::act_reduce => ActionKind::Reduce,
            Rule::act_lock => ActionKind::Lock(self.lock(pair)),
            Rule::act_unlock => ActionKind::Unlock,
            Rule::act_fail => ActionKind::Fail,
            Rule::act_promote => ActionKind::Promote(self.phase_name(pair)),
            Rule::act_close => ActionKind::CloseAccount,
            Rule::act_restart => ActionKind::Restart,
            Rule::act_floor if has(pair, Rule::jump) => {
                ActionKind::Jump { floor: self.name_in(pair, Rule::ident), jump: self.jump_in(pair) }
            }
            Rule::act_floor => ActionKind::Freeze(self.name_in(pair, Rule::ident)),
            Rule::act_set => ActionKind::Set { state: self.name_in(pair, Rule::ident), value: self.expr_in(pair) },
            Rule::act_pay => ActionKind::Pay(self.expr_in(pair)),
            Rule::act_resize => ActionKind::Resize(self.expr_in(pair)),
            Rule::act_ledger => ActionKind::ResetLedger(self.expr_in(pair)),
            Rule::act_roll => ActionKind::RollBack,
            Rule::act_call => ActionKind::Call { name: self.name_in(pair, Rule::ident), arguments: self.named_arguments(pair) },
            Rule::act_do => ActionKind::Do(self.name_in(pair, Rule::ident)),
            _ => self.message(rule, pair),
        }
    }

    /// `notify`, `review`, and `adjust balance` with its reason.
    fn message(&mut self, rule: Rule, pair: &Pair<'_>) -> ActionKind {
        let Some(message) = child(pair, Rule::text).map(|text| self.template(&text)) else { return ActionKind::Broken };
        match rule {
            Rule::act_review => return ActionKind::Review(message),
            Rule::act_adjust => return ActionKind::AdjustBalance { by: self.expr_in(pair), reason: message },
            _ => {}
        }
        ActionKind::Notify { who: self.receiver(pair), message }
    }

    /// `trader`, `risk` or `ops`.
    pub(super) fn receiver(&self, pair: &Pair<'_>) -> Name {
        let who = [Rule::w_trader, Rule::w_risk, Rule::w_ops].into_iter().find_map(|rule| child(pair, rule));
        who.map(|who| self.name(&who)).unwrap_or_default()
    }

    /// The name of a phase, declared or standing.
    pub(super) fn phase_name(&self, pair: &Pair<'_>) -> Name {
        match child(pair, Rule::standing) {
            Some(name) => self.name(&name),
            None => self.name_in(pair, Rule::ident),
        }
    }

    fn flatten(&mut self, pair: &Pair<'_>) -> ActionKind {
        let target = child(pair, Rule::flatten_what).map_or(FlattenTarget::All, |what| self.flatten_what(&what));
        let down_to =
            child(pair, Rule::flatten_to).map(|to| if has(&to, Rule::w_fit) { DownTo::Fit } else { DownTo::Quantity(self.expr_in(&to)) });
        let first = match () {
            () if has(pair, Rule::w_newest) => Some(First::Newest),
            () if has(pair, Rule::w_largest) => Some(First::Largest),
            () => None,
        };
        ActionKind::Flatten { target, down_to, first }
    }

    fn flatten_what(&mut self, pair: &Pair<'_>) -> FlattenTarget {
        if has(pair, Rule::w_positions) {
            return FlattenTarget::Where(self.expr_in(pair));
        }
        if has(pair, Rule::w_group) {
            return FlattenTarget::Group(self.name_in(pair, Rule::ident));
        }
        let Some(symbol) = child(pair, Rule::w_symbol) else { return FlattenTarget::Position };
        match child(pair, Rule::operand) {
            Some(operand) => FlattenTarget::Symbol(self.operand(&operand)),
            // `flatten symbol` alone is the symbol at hand.
            None => FlattenTarget::Symbol(Expr { kind: ExprKind::Name("symbol".to_owned()), span: self.span(&symbol) }),
        }
    }

    fn lock_end(&mut self, pair: &Pair<'_>) -> Expr {
        let mut until = self.expr_in(pair);
        let text = self.text.get(until.span.range()).unwrap_or("");
        if matches!(text, "tomorrow" | "end of day" | "eod") {
            let found = Diagnostic::new(Code::Syntax, until.span, format!("programs do not say `{text}`"));
            self.diagnostics.push(found.fix(until.span, "next day", "write `next day`: the lock ends when that day opens"));
            until.kind = ExprKind::Broken;
        }
        until
    }

    fn lock(&mut self, pair: &Pair<'_>) -> LockUntil {
        if has(pair, Rule::w_staff) {
            return LockUntil::Staff;
        }
        match child(pair, Rule::name).map(|name| self.name(&name)) {
            Some(period) if period.node == "day" => LockUntil::NextDay,
            Some(period) => LockUntil::Next(period),
            None => LockUntil::Instant(self.lock_end(pair)),
        }
    }
}
