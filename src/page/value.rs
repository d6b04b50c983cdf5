//! Values as nouns: `your balance at the start of the day − 5% of the account size`.

use super::Text;
use super::fields;
use super::text::{say, spaced};
use super::voice::{Said, Silence, Voice, shown};
use crate::ir::{
    Arithmetic, Baseline, Collection, Constant, Expr, ExprId, ExprKind, FoldFunction, InstrumentFact, LimitFacet, Matching, NodeKind,
    PayoutFact, Rounding,
};
use crate::value::{Type, Value};

/// How tightly the words of an expression hold together.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Tie {
    /// Clauses: `A if B, otherwise C`.
    Clause,
    /// `A + B`
    Sum,
    /// `A × B`
    Product,
    /// One noun.
    Noun,
}

impl Voice<'_> {
    /// A value as a noun.
    pub(super) fn value(&self, id: ExprId) -> Said {
        let expr = self.sayable(id)?;
        if let Some(figure) = self.figure(id) {
            if self.is_plain(id) {
                return Ok(Text::figure(shown(&figure)));
            }
            return Ok(say![self.spoken(expr)?, " (", Text::figure(shown(&figure)), ")"]);
        }
        self.spoken(expr)
    }

    /// A value inside a longer expression; its own figure would only be in the way.
    fn part(&self, id: ExprId, at_least: Tie) -> Said {
        let expr = self.sayable(id)?;
        if let Some(figure) = self.figure(id).filter(|_| self.is_plain(id)) {
            return Ok(Text::figure(shown(&figure)));
        }
        let said = self.spoken(expr)?;
        Ok(if tie(expr) < at_least { say!["(", said, ")"] } else { said })
    }

    /// An expression as a noun, without what it comes to.
    pub(super) fn noun(&self, expr: &Expr) -> Said {
        self.spoken(expr)
    }

    fn spoken(&self, expr: &Expr) -> Said {
        Ok(match &expr.kind {
            ExprKind::Constant(constant) => self.constant(constant, &expr.ty)?,
            ExprKind::Account(field) => {
                self.named.borrow_mut().insert(*field);
                fields::account(*field).into()
            }
            ExprKind::Period(period, field) => {
                self.named_of_periods.borrow_mut().insert(*field);
                fields::period(*field, &self.period(*period)).into()
            }
            ExprKind::LastPeriod(period, field) => {
                self.named_of_periods.borrow_mut().insert(*field);
                fields::period(*field, &format!("previous {}", self.period(*period))).into()
            }
            ExprKind::Record(field) => fields::record(*field).into(),
            ExprKind::Group(group, field) => fields::group(*field, &self.group_name(*group)?).into(),
            ExprKind::Extension(record, field) => {
                let record = self.ir.extensions.get(usize::from(*record));
                let of = record.map_or_else(String::new, |record| spaced(&record.name));
                say![format!("the {of}'s "), host_field(record, *field)?]
            }
            ExprKind::HostField(record, field) => say!["its ", host_field(self.ir.events.get(usize::from(*record)), *field)?],
            ExprKind::Payout(fact) => payout_fact(*fact).into(),
            ExprKind::PhaseFinal(phase, field) => say![fields::account(*field), " at the end of the phase ", self.phase(*phase)],
            ExprKind::PlanName => "the plan".into(),
            ExprKind::Plan(column) => self.plan_cell(*column)?,
            ExprKind::Option(option) => self.option(*option)?,
            ExprKind::Input(input) => self.input(*input)?,
            ExprKind::Node(node) => self.node_value(*node)?,
            ExprKind::Limit(limit, facet) => self.limit_fact(*limit, *facet)?,
            ExprKind::Goal(goal, None) => say!["whether the goal ", self.title_of(*goal)?, " is reached"],
            ExprKind::Goal(goal, Some(())) => say!["the number of requirements of ", self.title_of(*goal)?, " still missing"],
            ExprKind::Lookup(table, column, ..) => self.lookup(*table, *column)?,
            ExprKind::Negate(inner) => say!["−", self.part(*inner, Tie::Noun)?],
            ExprKind::Arithmetic(how, left, right) => self.arithmetic(*how, *left, *right)?,
            ExprKind::Percent(share, whole) => say![self.share_of(*share)?, self.part(*whole, Tie::Noun)?, self.share_end(*share)],
            ExprKind::Elapsed(from) => say!["the time since ", self.value(*from)?],
            ExprKind::If(condition, then, otherwise) => self.choice(*condition, *then, *otherwise)?,
            ExprKind::Else(value, otherwise) => {
                say![self.part(*value, Tie::Sum)?, " (", self.value(*otherwise)?, " while there is none)"]
            }
            ExprKind::Minimum(parts) => self.extreme(parts, "lower", "lowest")?,
            ExprKind::Maximum(parts) => self.extreme(parts, "higher", "highest")?,
            ExprKind::Absolute(inner) => say![self.part(*inner, Tie::Sum)?, " without its sign"],
            ExprKind::Round(inner, step, how) => {
                say![self.part(*inner, Tie::Product)?, " rounded ", rounding(*how), " ", self.value(*step)?]
            }
            ExprKind::Fold(over, how, what, filter) => self.fold(*over, *how, *what, *filter)?,
            ExprKind::SessionCloses(session) => say!["the close of the session ", self.session(*session)?],
            ExprKind::Instrument(fact, symbol) => self.instrument(*fact, *symbol)?,
            ExprKind::DaysAfter(days, from) => say!["the day ", self.value(*days)?, " after ", self.value(*from)?],
            ExprKind::OpeningOf(inner) | ExprKind::DateOf(inner) => self.value(*inner)?,
            ExprKind::Not(_)
            | ExprKind::Compare(..)
            | ExprKind::ComparePercent(..)
            | ExprKind::CompareElapsed(..)
            | ExprKind::And(..)
            | ExprKind::Or(..)
            | ExprKind::IsMissing(_)
            | ExprKind::OneOf(..)
            | ExprKind::SessionOpen(_)
            | ExprKind::News(_) => say!["whether ", self.clause(expr, true)?],
        })
    }

    /// A percentage in front of what it is taken of: `5% of`, or the name of one that the plan or the host says.
    pub(super) fn share_of(&self, id: ExprId) -> Said {
        Ok(say![self.part(id, Tie::Noun)?, if self.is_named_share(id) { " (a percentage of " } else { " of " }])
    }

    /// What stands behind it.
    pub(super) fn share_end(&self, id: ExprId) -> Text {
        if self.is_named_share(id) { ")".into() } else { "".into() }
    }

    fn is_named_share(&self, id: ExprId) -> bool {
        let named = |expr: &Expr| matches!(expr.kind, ExprKind::Plan(_) | ExprKind::Option(_) | ExprKind::Input(_) | ExprKind::Lookup(..));
        self.expr(id).is_ok_and(named) && !(self.figure(id).is_some() && self.is_plain(id))
    }

    /// What is taken again and again, in parentheses where it is made of several.
    pub(super) fn one_of_many(&self, id: ExprId) -> Said {
        self.part(id, Tie::Product)
    }

    fn plan_cell(&self, column: u16) -> Said {
        let column = self.ir.plans.columns.get(usize::from(column)).ok_or(Silence("it reads a column that is not there"))?;
        if column.name == "size" {
            return Ok("the plan's size".into());
        }
        Ok(say!["the plan's ", Text::term(spaced(&column.name), "plans")])
    }

    /// An option by its name.
    pub(super) fn option(&self, option: u16) -> Said {
        let option = self.ir.options.get(usize::from(option)).ok_or(Silence("it reads an option that is not there"))?;
        let lead = if matches!(option.ty, Type::Bool | Type::OneOf(_)) { "the option " } else { "the " };
        Ok(say![lead, Text::term(spaced(&option.name), "options")])
    }

    /// An input by its name.
    pub(super) fn input(&self, input: u16) -> Said {
        let input = self.ir.inputs.get(usize::from(input)).ok_or(Silence("it reads an input that is not there"))?;
        Ok(Text::term(spaced(&input.name), "inputs"))
    }

    fn node_value(&self, id: crate::ir::NodeId) -> Said {
        let node = self.node(id)?;
        if Self::is_named(node) && !matches!(node.kind, NodeKind::Baseline(_) | NodeKind::DayCopy(_) | NodeKind::EventCopy(_)) {
            let name = spaced(&node.name);
            let lead = match node.ty {
                Type::Count if name.ends_with('s') => "the number of ",
                Type::Bool => "whether ",
                _ => "the ",
            };
            return Ok(say![lead, Text::term(name, self.anchor(id))]);
        }
        match &node.kind {
            NodeKind::Value(inner) | NodeKind::State(inner) => self.value(*inner),
            NodeKind::Held(held) => self.value(held.cause),
            NodeKind::Baseline(Baseline { value, reset, by_day }) => {
                let from = if *by_day { "the first day after " } else { "" };
                Ok(say![self.part(*value, Tie::Sum)?, " since ", from, self.since(*reset)?])
            }
            NodeKind::DayCopy(inner) => Ok(say![self.part(*inner, Tie::Sum)?, " as the day opened"]),
            NodeKind::EventCopy(inner) => Ok(say![self.part(*inner, Tie::Sum)?, " just before"]),
            NodeKind::Tracker(tracker) => self.tracker(tracker),
            NodeKind::Floor(_) | NodeKind::Limit(_) | NodeKind::Rule(_) | NodeKind::Goal(_) | NodeKind::Payout(_) => {
                Err(Silence("it reads a value without a name"))
            }
        }
    }

    fn limit_fact(&self, limit: crate::ir::NodeId, facet: LimitFacet) -> Said {
        let title = self.title_of(limit)?;
        Ok(match facet {
            LimitFacet::Headroom if self.within.get() == Some(limit) => "the room left".into(),
            LimitFacet::Used if self.within.get() == Some(limit) => "the share used".into(),
            LimitFacet::Breaches if self.within.get() == Some(limit) => "the number of its breaches".into(),
            LimitFacet::Headroom => say!["the room left to ", title],
            LimitFacet::Used => say!["the share used of ", title],
            LimitFacet::Broken => say!["whether ", title, " is broken"],
            LimitFacet::Breaches => say!["the number of breaches of ", title],
        })
    }

    fn lookup(&self, table: u16, column: u16) -> Said {
        let row = self.ir.tables.get(usize::from(table)).ok_or(Silence("it reads a table that is not there"))?;
        let (_, name) = super::tables::column(row, column)?;
        let table_name = Text::term(spaced(&row.name), super::tables::anchor(table, row));
        Ok(match (&row.by, row.matching) {
            (None, _) => say!["the ", name, " of the ", table_name, " table"],
            (_, Matching::Slices) => say!["the ", name, " added up over the slices of the table ", table_name],
            _ => say!["the ", name, " of the table ", table_name],
        })
    }

    fn arithmetic(&self, how: Arithmetic, left: ExprId, right: ExprId) -> Said {
        if how == Arithmetic::Multiply
            && let (ExprKind::Constant(Constant::Decimal(count)), ExprKind::Instrument(fact, _)) =
                (&self.expr(left)?.kind, &self.expr(right)?.kind)
        {
            let count = Value::Number(*count);
            return Ok(match fact {
                InstrumentFact::Tick => Text::figure(format!("{count} ticks")),
                InstrumentFact::Pip => Text::figure(format!("{count} pips")),
                InstrumentFact::Multiplier(_) => say![Text::figure(count.to_string()), " × ", self.value(right)?],
            });
        }
        if how == Arithmetic::Subtract
            && let Some(said) = self.rest_of(left, right)
        {
            return said;
        }
        let (sign, lefts, rights) = match how {
            Arithmetic::Add => (" + ", Tie::Sum, Tie::Sum),
            Arithmetic::Subtract => (" − ", Tie::Sum, Tie::Product),
            Arithmetic::Multiply => (" × ", Tie::Product, Tie::Product),
            Arithmetic::Divide => (" ÷ ", Tie::Product, Tie::Noun),
        };
        Ok(say![self.part(left, lefts)?, sign, self.part(right, rights)?])
    }

    /// `X − 40% of X` is 60% of X.
    fn rest_of(&self, left: ExprId, right: ExprId) -> Option<Said> {
        let (of_left, of_right) = (self.expr(left).ok()?, self.expr(right).ok()?);
        let ExprKind::Percent(share, whole) = of_right.kind else { return None };
        let (ExprKind::Record(one), ExprKind::Record(other)) = (&of_left.kind, &self.expr(whole).ok()?.kind) else { return None };
        let ExprKind::Constant(Constant::Decimal(share)) = self.expr(share).ok()?.kind else { return None };
        let rest = crate::value::Decimal::from(100).sub(share).ok().filter(|_| one == other)?;
        if share.is_zero() {
            return Some(self.value(left));
        }
        Some(self.value(left).map(|whole| say![Text::figure(shown(&Value::Percent(rest))), " of ", whole]))
    }

    /// `A if B, C if D, otherwise E`
    fn choice(&self, condition: ExprId, then: ExprId, otherwise: ExprId) -> Said {
        let mut said = say![self.part(then, Tie::Sum)?, " if ", self.condition(condition, true)?];
        let mut rest = otherwise;
        while let ExprKind::If(condition, then, otherwise) = &self.expr(rest)?.kind {
            said.push(say![", ", self.part(*then, Tie::Sum)?, " if ", self.condition(*condition, true)?]);
            rest = *otherwise;
        }
        said.push(say![", otherwise ", self.part(rest, Tie::Sum)?]);
        Ok(said)
    }

    fn extreme(&self, parts: &[ExprId], of_two: &str, of_more: &str) -> Said {
        let said = parts.iter().map(|part| self.part(*part, Tie::Sum)).collect::<Result<Vec<_>, _>>()?;
        let word = if said.len() == 2 { of_two } else { of_more };
        Ok(say![format!("the {word} of "), Text::listed(said, "and")])
    }

    fn fold(&self, over: Collection, how: FoldFunction, what: Option<ExprId>, filter: Option<ExprId>) -> Said {
        let things = match over {
            Collection::OpenPositions => "open positions",
            Collection::WorkingOrders => "working orders",
        };
        let of = match what {
            Some(what) => self.part(what, Tie::Sum)?,
            None => Text::default(),
        };
        let such = match filter {
            Some(filter) => say![" for which ", self.condition(filter, true)?],
            None => Text::default(),
        };
        Ok(match how {
            FoldFunction::Count => say!["the number of ", things, such],
            FoldFunction::Sum => say!["the sum of ", of, " over ", things, such],
            FoldFunction::Highest => say!["the highest of ", of, " over ", things, such],
            FoldFunction::Lowest => say!["the lowest of ", of, " over ", things, such],
            FoldFunction::Average => say!["the average of ", of, " over ", things, such],
            FoldFunction::Any => say!["whether there are ", things, such],
            FoldFunction::All => match what {
                Some(what) => say!["whether, for all ", things, such, ", ", self.condition(what, true)?],
                None => return Err(Silence("it asks of all and says not what")),
            },
        })
    }

    fn instrument(&self, fact: InstrumentFact, symbol: ExprId) -> Said {
        let symbol = self.value(symbol)?;
        Ok(match fact {
            InstrumentFact::Tick => say!["one tick of ", symbol],
            InstrumentFact::Pip => say!["one pip of ", symbol],
            InstrumentFact::Multiplier(unit) => say!["the value of one point per ", unit.singular(), " of ", symbol],
        })
    }
}

/// A field that the host adds or tells, by its name.
fn host_field(record: Option<&crate::ir::HostRecord>, field: u16) -> Result<String, Silence> {
    let record = record.ok_or(Silence("it reads a record that is not there"))?;
    let (field, _) = record.fields.get(usize::from(field)).ok_or(Silence("it reads a field that is not there"))?;
    Ok(format!("“{}”", spaced(field)))
}

const fn tie(expr: &Expr) -> Tie {
    match expr.kind {
        ExprKind::If(..) | ExprKind::Minimum(_) | ExprKind::Maximum(_) | ExprKind::Absolute(_) | ExprKind::Round(..) => Tie::Clause,
        ExprKind::Arithmetic(Arithmetic::Add | Arithmetic::Subtract, ..) => Tie::Sum,
        ExprKind::Arithmetic(..) => Tie::Product,
        _ => Tie::Noun,
    }
}

const fn payout_fact(fact: PayoutFact) -> &'static str {
    match fact {
        PayoutFact::LastAmount => "the amount of the last payout",
        PayoutFact::LastAt => "the last payout",
        PayoutFact::LastBalance => "the balance after the last payout",
        PayoutFact::Count => "the number of payouts paid so far",
        PayoutFact::Total => "the total of payouts paid so far",
        PayoutFact::Running => "the amount of the payout",
    }
}

const fn rounding(how: Rounding) -> &'static str {
    match how {
        Rounding::HalfUp => "to the nearest multiple of",
        Rounding::HalfEven => "to the nearest multiple (the even one of two) of",
        Rounding::Down => "down to a multiple of",
        Rounding::Up => "up to a multiple of",
    }
}
