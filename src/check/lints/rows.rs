//! Rows of the plans that are out of step with the others, as by a digit too many.

use crate::diagnostic::{Code, Diagnostic};
use crate::ir::Ir;
use crate::value::{Decimal, Type};

use super::super::Checker;
use super::amounts::{self, Known};

/// How much larger or smaller a figure becomes by digits that are too many, or missing.
const SLIPS: [i32; 3] = [10, 100, 1000];

/// How far apart figures of plans may lie that are in step with each other.
const APART: i32 = 2;

impl Checker<'_> {
    /// Figures of plans that would be in step with a digit more or fewer.
    pub(super) fn rows_out_of_step(&mut self, ir: &Known) {
        for row in 0..ir.plans.names.len() {
            if let Some(found) = size_beside_name(ir, row) {
                self.report(found);
                continue;
            }
            let found = (0..ir.plans.columns.len()).filter_map(|column| beside_the_others(ir, row, column)).collect::<Vec<_>>();
            for found in found {
                self.report(found);
            }
        }
    }
}

fn column_of_size(ir: &Ir) -> Option<usize> {
    ir.plans.columns.iter().position(|column| column.name == "size")
}

fn cell(ir: &Known, row: usize, column: usize) -> Option<Decimal> {
    amounts::amount(ir, *ir.plans.cells.get(row)?.get(column)?, row)?.number().filter(|amount| *amount > Decimal::ZERO)
}

/// By which power of ten one amount is another.
fn slip(one: Decimal, other: Decimal) -> Option<i32> {
    let times = |amount: Decimal, factor: i32| amount.mul(Decimal::from(factor)).ok();
    SLIPS.into_iter().find(|factor| times(one, *factor) == Some(other) || times(other, *factor) == Some(one))
}

/// The amount that a name such as `50K` or `100k swing` holds.
fn named(name: &str) -> Option<Decimal> {
    let mut amounts = name.split(|c: char| !c.is_ascii_alphanumeric()).filter_map(|word| {
        let (digits, factor) = match word.strip_suffix(['k', 'K']) {
            Some(digits) => (digits, 1_000),
            None => (word.strip_suffix(['m', 'M'])?, 1_000_000),
        };
        Decimal::from(digits.parse::<i32>().ok()?).mul(Decimal::from(factor)).ok()
    });
    let first = amounts.next()?;
    amounts.next().is_none().then_some(first)
}

/// A plan `50K` with a size of $5,000.
fn size_beside_name(ir: &Known, row: usize) -> Option<Diagnostic> {
    let (name, column) = (ir.plans.names.get(row)?, column_of_size(ir)?);
    let (size, told) = (cell(ir, row, column)?, named(name)?);
    slip(size, told)?;
    let id = *ir.plans.cells.get(row)?.get(column)?;
    let told = amounts::written(ir, &ir.expr(id).ty, told);
    let message = format!("the size of the plan {name} is not what its name says");
    let found = Diagnostic::new(Code::RowOutOfStep, ir.expr(id).span, message);
    Some(
        found
            .label(format!("{told} by its name"))
            .help(format!("look for a digit too many or too few: write `{told}`, or name the plan after its size")),
    )
}

/// A figure that is in step with those of all other plans once it has a digit more or fewer: of money as a share of the size.
fn beside_the_others(ir: &Known, row: usize, column: usize) -> Option<Diagnostic> {
    let (size, is_money) = (column_of_size(ir)?, matches!(ir.plans.columns.get(column)?.ty, Type::Money(_)));
    if column == size || !(is_money || ir.plans.columns[column].ty == Type::Percent) {
        return None;
    }
    let share = |row: usize| {
        let amount = cell(ir, row, column)?;
        if is_money { amount.mul(Decimal::from(100)).ok()?.div(cell(ir, row, size)?).ok() } else { Some(amount) }
    };
    let own = share(row)?;
    let others = (0..ir.plans.names.len()).filter(|other| *other != row).map(share).collect::<Option<Vec<_>>>()?;
    let (lowest, highest) = (*others.iter().min()?, *others.iter().max()?);
    // Of two plans none is out of step for certain: a digit is more often left out than written twice.
    let alone = others.len() > 1 || (is_money && own < lowest);
    if !alone || !within(lowest, highest, APART) || within(own, lowest, 5) || within(own, highest, 5) {
        return None;
    }
    let mended = |factor: i32| if own < lowest { own.mul(Decimal::from(factor)).ok() } else { own.div(Decimal::from(factor)).ok() };
    SLIPS.into_iter().filter_map(mended).find(|mended| within(*mended, lowest, APART) && within(*mended, highest, APART))?;
    let id = *ir.plans.cells.get(row)?.get(column)?;
    let percent = |share: Decimal| amounts::written(ir, &Type::Percent, share.truncated(2));
    let (name, plan, of) = (&ir.plans.columns[column].name, &ir.plans.names[row], if is_money { " of the size" } else { "" });
    let found =
        Diagnostic::new(Code::RowOutOfStep, ir.expr(id).span, format!("`{name}` of the plan {plan} is out of step with the other plans"));
    let between = if lowest == highest { percent(lowest) } else { format!("{} to {}", percent(lowest), percent(highest)) };
    Some(
        found
            .label(format!("{}{of}", percent(own)))
            .note(format!("with the other plans it is {between}{of}"))
            .help("look for a digit too many or too few; plans of another kind stand in a program of their own, or say it with an option"),
    )
}

/// Whether two amounts lie within so many times of each other.
fn within(one: Decimal, other: Decimal, times: i32) -> bool {
    let most = |amount: Decimal| amount.mul(Decimal::from(times)).ok();
    most(one).is_some_and(|most| other <= most) && most(other).is_some_and(|most| one <= most)
}
