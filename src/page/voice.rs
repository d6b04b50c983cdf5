//! Who speaks: the checked program, the plan it speaks of, and what it had to leave unsaid.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;

use super::Text;
use super::text::{slug, spaced};
use crate::ir::{Constant, Expr, ExprId, ExprKind, Ir, Node, NodeId, NodeKind, Period, Phase};
use crate::syntax::ast::DayUnit;
use crate::value::{
    Currency, Date, Decimal, Instant, NANOS_PER_DAY, NANOS_PER_HOUR, NANOS_PER_MINUTE, NANOS_PER_SECOND, TimeOfDay, Type, Unit, Value,
    Weekday,
};
use crate::vocabulary::{AccountField, PeriodField};

/// A phrase, or why there is none.
pub(super) type Said = Result<Text, Silence>;

/// Why a construct has no sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Silence(pub(super) &'static str);

/// From how many parts on an expression is a formula that no sentence makes clearer.
const LONGEST_PHRASE: usize = 60;

/// The program as it is put into words.
pub(super) struct Voice<'a> {
    /// The program.
    pub(super) ir: &'a Ir,
    exprs: &'a [Expr],
    texts: &'a [String],
    symbols: &'a [String],
    /// What is fixed for the plan that is spoken of, as the engine computes it; nothing without a plan.
    figure: Option<&'a dyn Fn(ExprId) -> Option<Value>>,
    /// The rule that speaks of itself.
    pub(super) within: Cell<Option<NodeId>>,
    /// The values of the account that were named.
    pub(super) named: RefCell<BTreeSet<AccountField>>,
    /// The values of periods that were named.
    pub(super) named_of_periods: RefCell<BTreeSet<PeriodField>>,
}

impl<'a> Voice<'a> {
    /// The program, in general or of one plan.
    pub(super) fn new(ir: &'a Ir, figure: Option<&'a dyn Fn(ExprId) -> Option<Value>>) -> Self {
        Self {
            ir,
            exprs: &ir.exprs,
            texts: &ir.texts,
            symbols: &ir.symbols,
            figure,
            within: Cell::new(None),
            named: RefCell::default(),
            named_of_periods: RefCell::default(),
        }
    }

    /// The same program with expressions that stand outside its rules.
    pub(super) fn of_expression(ir: &'a Ir, checked: &'a crate::check::CheckedExpr) -> Self {
        Self { exprs: &checked.exprs, texts: &checked.texts, symbols: &checked.symbols, ..Self::new(ir, None) }
    }

    /// An expression by its number.
    pub(super) fn expr(&self, id: ExprId) -> Result<&'a Expr, Silence> {
        self.exprs.get(id.0 as usize).ok_or(Silence("it reads what the program does not have"))
    }

    /// An expression that a sentence can say.
    pub(super) fn sayable(&self, id: ExprId) -> Result<&'a Expr, Silence> {
        if self.parts(id, 0) > LONGEST_PHRASE { Err(Silence("it is a formula too long for a sentence")) } else { self.expr(id) }
    }

    fn parts(&self, id: ExprId, deep: usize) -> usize {
        if deep > LONGEST_PHRASE {
            return deep;
        }
        self.exprs.get(id.0 as usize).map_or(0, |expr| match &expr.kind {
            // The rows of a table are shown as one.
            ExprKind::Lookup(_, _, key, _) => 1 + self.parts(*key, deep + 1),
            kind => 1 + kind.operands().into_iter().map(|operand| self.parts(operand, deep + 1)).sum::<usize>(),
        })
    }

    /// What an expression comes to on the plan that is spoken of, where nothing can change it.
    pub(super) fn figure(&self, id: ExprId) -> Option<Value> {
        let compute = self.figure?;
        if self.is_fixed(id) { compute(id).filter(|value| *value != Value::Missing) } else { None }
    }

    fn is_fixed(&self, id: ExprId) -> bool {
        let Ok(expr) = self.expr(id) else { return false };
        match &expr.kind {
            ExprKind::Constant(_) | ExprKind::Plan(_) | ExprKind::Account(AccountField::OriginalSize) => true,
            ExprKind::Account(AccountField::Size) => !self.resizes(),
            ExprKind::Arithmetic(..)
            | ExprKind::Percent(..)
            | ExprKind::Round(..)
            | ExprKind::Minimum(_)
            | ExprKind::Maximum(_)
            | ExprKind::Absolute(_)
            | ExprKind::Negate(_) => expr.kind.operands().into_iter().all(|operand| self.is_fixed(operand)),
            _ => false,
        }
    }

    fn resizes(&self) -> bool {
        let mut actions = self.ir.nodes.iter().flat_map(crate::check::actions_of);
        actions.any(|action| matches!(action.kind, crate::ir::ActionKind::Resize { .. }))
    }

    /// Whether an expression is the figure of one cell or constant, not computed from several.
    pub(super) fn is_plain(&self, id: ExprId) -> bool {
        self.expr(id).is_ok_and(|expr| matches!(expr.kind, ExprKind::Constant(_) | ExprKind::Plan(_) | ExprKind::Account(_)))
    }

    /// A node by its number.
    pub(super) fn node(&self, id: NodeId) -> Result<&'a Node, Silence> {
        self.ir.nodes.get(usize::from(id.0)).ok_or(Silence("it reads what the program does not have"))
    }

    /// Whether a node has a name that the program gave it.
    pub(super) fn is_named(node: &Node) -> bool {
        !node.name.is_empty() && node.name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
    }

    /// Where the page explains a node.
    pub(super) fn anchor(&self, id: NodeId) -> String {
        match self.ir.nodes.get(usize::from(id.0)) {
            Some(Node { kind: NodeKind::Rule(_), .. }) | None => format!("r{}", id.0),
            Some(node) => format!("r{}-{}", id.0, slug(&node.name)).trim_end_matches('-').to_owned(),
        }
    }

    /// The title of a rule, which leads to it.
    pub(super) fn title_of(&self, id: NodeId) -> Said {
        Ok(Text::term(format!("“{}”", self.node(id)?.name), self.anchor(id)))
    }

    /// A phase's name.
    pub(super) fn phase(&self, id: crate::ir::PhaseId) -> Text {
        self.ir.phases.get(usize::from(id.0)).map_or_else(Text::default, |phase| phase_link(self.ir, phase))
    }

    /// What a period is called.
    pub(super) fn period(&self, period: Period) -> String {
        match period {
            Period::CYCLE => "payout cycle".into(),
            other => self.ir.periods.get(other.index()).map_or_else(|| "period".into(), |row| spaced(&row.name)),
        }
    }

    /// A constant of a type.
    pub(super) fn constant(&self, constant: &Constant, ty: &Type) -> Said {
        Ok(match constant {
            Constant::Decimal(number) => Text::figure(amount(*number, ty)),
            Constant::Nanos(nanos) => Text::figure(duration(*nanos)),
            Constant::Days(count, unit) => Text::figure(days(*count, *unit)),
            Constant::Instant(nanos) => Text::figure(self.instant(Instant::from_nanos(*nanos))),
            Constant::Date(days) => Text::figure(date(Date::from_days(*days))),
            Constant::Time(nanos) => Text::figure(TimeOfDay::from_nanos(*nanos).map_or_else(String::new, |time| time.to_string())),
            Constant::Word(word) => return self.word(*word, ty),
            Constant::Text(at) => format!("“{}”", self.texts.get(*at as usize).ok_or(Silence("it reads a text that is not there"))?).into(),
            Constant::Symbol(at) => Text::figure(self.symbols.get(*at as usize).map_or("a symbol", String::as_str)),
            Constant::Missing => "no value".into(),
        })
    }

    fn word(&self, word: i64, ty: &Type) -> Said {
        let at = usize::try_from(word).unwrap_or(usize::MAX);
        let unknown = Silence("it reads a word that is not there");
        Ok(match ty {
            Type::Bool => if word == 0 { "no" } else { "yes" }.into(),
            Type::Weekday => weekday(*Weekday::ALL.get(at).ok_or(unknown)?).into(),
            Type::OneOf(words) => spaced(words.get(at).ok_or(unknown)?).into(),
            Type::Phase => self.phase(crate::ir::PhaseId(u16::try_from(at).map_err(|_| unknown)?)),
            _ => return Err(unknown),
        })
    }

    /// An instant on the program's clock.
    pub(super) fn instant(&self, at: Instant) -> String {
        let local = self.ir.header.day.zone.to_local(at);
        let time = TimeOfDay::from_nanos(local.nanos).map_or_else(String::new, |time| time.to_string());
        format!("{}, {time}", date(local.date))
    }
}

/// A phase's name, which leads to it where the page has a part for it.
pub(super) fn phase_link(ir: &Ir, phase: &Phase) -> Text {
    if has_part(ir, phase) { Text::term(spaced(&phase.name), phase_anchor(&phase.name)) } else { Text::strong(spaced(&phase.name)) }
}

/// The link of the phase of that name.
pub(super) fn phase_named(ir: &Ir, name: &str) -> Text {
    ir.phases.iter().find(|phase| phase.name == name).map_or_else(|| Text::strong(spaced(name)), |phase| phase_link(ir, phase))
}

/// Whether a phase has a part of its own: standing ones only where the program says something of them.
pub(super) fn has_part(ir: &Ir, phase: &Phase) -> bool {
    !phase.standing || ir.nodes.iter().any(|node| node.phase.is_some_and(|of| ir.phase(of).name == phase.name))
}

/// Where a phase stands on the page.
pub(super) fn phase_anchor(name: &str) -> String {
    format!("phase-{}", slug(name))
}

/// A number of a type as people read it.
pub(super) fn amount(number: Decimal, ty: &Type) -> String {
    match ty {
        Type::Money(currency) => money(number, *currency),
        Type::Percent => format!("{number}%"),
        Type::Quantity(unit) => Value::Quantity(number, *unit).to_string(),
        _ => Value::Number(number).to_string().replacen('-', "−", 1),
    }
}

/// An amount of money; without a currency's sign where the plan decides the currency.
pub(super) fn money(number: Decimal, currency: Currency) -> String {
    let text = Value::Money(number, currency).to_string();
    text.trim_end().replacen('-', "−", 1)
}

/// A value as people read it.
pub(super) fn shown(value: &Value) -> String {
    match value {
        Value::Money(number, currency) => money(*number, *currency),
        Value::Percent(number) => format!("{}%", number.truncated(2)),
        Value::Duration(nanos) => duration(*nanos),
        Value::Date(day) => date(*day),
        Value::Weekday(day) => weekday(*day).into(),
        Value::Missing => "none".into(),
        Value::Text(text) => spaced(text),
        other => other.to_string(),
    }
}

/// A length of time in full words.
pub(super) fn duration(nanos: i64) -> String {
    let units = [
        (NANOS_PER_HOUR, ["hour", "hours"]),
        (NANOS_PER_MINUTE, ["minute", "minutes"]),
        (NANOS_PER_SECOND, ["second", "seconds"]),
        (1_000_000, ["millisecond", "milliseconds"]),
        (1, ["nanosecond", "nanoseconds"]),
    ];
    let mut rest = nanos.abs();
    let mut parts = Vec::new();
    for (size, words) in units {
        let count = rest / size;
        rest %= size;
        if count > 0 {
            parts.push(format!("{count} {}", words[usize::from(count != 1)]));
        }
    }
    if parts.is_empty() { "no time".into() } else { parts.join(" ") }
}

/// So many days, or of what the unit says.
pub(super) fn days(count: u32, unit: DayUnit) -> String {
    format!("{count} {}", unit.word(count))
}

/// A date: `4 October 2026`.
pub(super) fn date(date: Date) -> String {
    date.civil().format("%-d %B %Y").to_string()
}

/// A weekday in full.
pub(super) const fn weekday(day: Weekday) -> &'static str {
    ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"][day as usize]
}

/// A time of day from nanoseconds after midnight.
pub(super) fn clock(nanos: i64) -> String {
    TimeOfDay::from_nanos(nanos.clamp(0, NANOS_PER_DAY)).map_or_else(String::new, |time| time.to_string())
}

/// The unit of a quantity's type.
pub(super) const fn unit_of(ty: &Type) -> Option<Unit> {
    match ty {
        Type::Quantity(unit) => *unit,
        _ => None,
    }
}
