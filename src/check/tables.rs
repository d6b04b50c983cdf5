//! Plans, instruments and tables, and what is looked up in them.

use crate::diagnostic::{Code, Diagnostic};
use crate::ir::{Column, Constant, Expr, ExprId, ExprKind, Matching, PhaseId, Table, TableRow};
use crate::source::Span;
use crate::syntax::ast::{self, TableKind, TableMode};
use crate::value::{Currency, Type};
use crate::vocabulary::{Record, RecordField};

use super::context::Context;
use super::names::Entity;
use super::{Checker, errors, types};

/// Which record's symbol is meant where several are at hand.
const SYMBOL_FIELDS: &[(Record, RecordField)] = &[
    (Record::Order, RecordField::OrderSymbol),
    (Record::Fill, RecordField::FillSymbol),
    (Record::Trade, RecordField::TradeSymbol),
    (Record::Position, RecordField::PositionSymbol),
    (Record::Symbol, RecordField::SymbolItself),
];

impl Checker<'_> {
    /// The plans: names, columns and cells. Cells may read the columns before them.
    pub(super) fn lower_plans(&mut self, table: &ast::Table, span: Span) {
        if !table.columns.iter().any(|column| column.node == "size") {
            self.report(
                Diagnostic::new(Code::Unsaid, span, "the plans have no column `size`")
                    .help("every plan has a size: the money the account is measured by"),
            );
        }
        for row in &table.rows {
            let Some(name) = row.cells.first() else { continue };
            let text = name.text.node.trim_matches('"').to_owned();
            if self.plans.names.contains(&text) {
                self.report(Diagnostic::new(Code::DuplicateName, name.text.span, format!("the plan `{text}` stands twice")));
            }
            self.plans.names.push(text);
            self.plans.cells.push(Vec::new());
        }
        for (index, column) in table.columns.iter().enumerate().skip(1) {
            self.plan_column(table, index, column);
        }
    }

    fn plan_column(&mut self, table: &ast::Table, index: usize, column: &ast::Name) {
        let context = Context::default();
        let cells: Vec<Option<&ast::Expr>> =
            table.rows.iter().map(|row| row.cells.get(index).and_then(|cell| cell.value.as_ref())).collect();
        let (ids, mut ty, missing) = self.column(&context, column, &cells, &table.rows, index);
        if let (Type::Money(told), own) = (&ty, self.header.currency)
            && *told != own
            && own != Currency::ACCOUNT
        {
            let place = cells.iter().flatten().next().map_or(column.span, |cell| cell.span);
            self.report(errors::column_in_another_currency(&column.node, *told, own, place));
            // What reads it is not told the same once more.
            ty = Type::Error;
        }
        for (row, id) in ids.into_iter().enumerate() {
            self.plans.cells[row].push(id);
        }
        if column.node == "size" && !matches!(ty, Type::Money(_) | Type::Error) {
            let place = cells.iter().flatten().next().map_or(column.span, |cell| cell.span);
            self.report(errors::wrong_type("money", &ty, place).help("the size of a plan is money: write it as `$50,000`"));
        }
        self.plans.columns.push(Column { name: column.node.clone(), ty, maybe_missing: missing, span: column.span });
    }

    /// A column of the plans whose numbers are read as money: what is missing is told where they stand, once.
    pub(super) fn bare_column(&mut self, expr: &ast::Expr, needed: &Type) -> bool {
        let (ast::ExprKind::Name(name), Type::Money(currency)) = (&expr.kind, needed) else { return false };
        let Some(index) = self.plans.columns.iter().position(|column| column.name == *name) else { return false };
        let mut cells: Vec<Span> =
            self.plans.cells.iter().filter_map(|row| row.get(index)).map(|id| self.exprs[id.0 as usize].span).collect();
        cells.retain(|cell| self.source.slice(*cell).starts_with(|first: char| first.is_ascii_digit()));
        let (Some(first), Some(last)) = (cells.first().copied(), cells.last().copied()) else { return false };
        if !matches!(self.plans.columns[index].ty, Type::Number | Type::Count) {
            return false;
        }
        let found = errors::column_without_currency(name, first, expr.span);
        let said = self.diagnostics.iter().any(|said| (said.code, said.span) == (found.code, found.span));
        let whole = first.to(last);
        let mut text = self.source.slice(whole).to_owned();
        for cell in cells.iter().rev() {
            let at = (cell.start - whole.start) as usize..(cell.end - whole.start) as usize;
            let amount =
                if currency.code() == "USD" { format!("${}", &text[at.clone()]) } else { format!("{} {currency}", &text[at.clone()]) };
            text.replace_range(at, &amount);
        }
        self.report_unless(said, found.fix(whole, text, "write the currency in each cell of the column"));
        true
    }

    /// The cells of one column, which are all of one type.
    fn column(
        &mut self,
        context: &Context,
        column: &ast::Name,
        cells: &[Option<&ast::Expr>],
        rows: &[ast::Row],
        index: usize,
    ) -> (Vec<ExprId>, Type, bool) {
        let mut ty = Type::Missing;
        let mut first = column.span;
        let mut ids = Vec::new();
        let money = cells.iter().flatten().any(|cell| matches!(cell.kind, ast::ExprKind::Money(..))) || column.node == "size";
        for (cell, row) in cells.iter().zip(rows) {
            let span = row.cells.get(index).map_or(row.span, |cell| cell.text.span);
            let id = match cell {
                Some(ast::Expr { kind: ast::ExprKind::Number(amount), .. }) if money => {
                    self.report(errors::without_currency(*amount, self.header.currency, span));
                    self.error(span)
                }
                Some(expr) => self.expr_as(context, expr, Some(&ty).filter(|ty| **ty != Type::Missing)),
                None => {
                    let text = row.cells.get(index).map_or("", |cell| cell.text.node.as_str());
                    // What the parser said of a cell is not said twice.
                    let said = self.diagnostics.iter().any(|found| span.holds(found.span));
                    self.report_unless(
                        said,
                        Diagnostic::new(Code::NumberFormat, span, format!("`{text}` is no value"))
                            .help("write money as `$2,000`, quantities as `5 contracts`, texts in quotes, and `none` for nothing"),
                    );
                    self.error(span)
                }
            };
            let found = self.ty(id).clone();
            match types::join(&ty, &found) {
                Some(joined) => {
                    if ty == Type::Missing && found != Type::Missing {
                        first = span;
                    }
                    ty = joined;
                }
                None => {
                    let told = self.two_kinds(&column.node, (&ty, first), (&found, span));
                    self.report(told);
                    ty = Type::Error;
                }
            }
            ids.push(id);
        }
        let missing = ids.iter().any(|id| self.exprs[id.0 as usize].maybe_missing);
        if ty == Type::Missing {
            ty = Type::Error;
        }
        (ids, ty, missing)
    }

    /// A column with cells of two kinds, the one marked that is probably the wrong one.
    fn two_kinds(&self, name: &str, one: (&Type, Span), other: (&Type, Span)) -> Diagnostic {
        let is_bare = |ty: &Type| matches!(ty, Type::Number | Type::Count);
        let ((ty, first), (found, span)) = if is_bare(one.0) && *other.0 == Type::Percent { (other, one) } else { (one, other) };
        let mut diagnostic = errors::mismatch("put", ty, first, found, span);
        diagnostic.message = format!("the column `{name}` holds {} and {}", one.0, other.0);
        let words = self.source.words(span);
        let told = "all cells of a column are of one kind";
        match (ty, found) {
            (Type::Percent, found) if is_bare(found) => {
                let right = format!("{words}%");
                diagnostic.guess(span, right.clone(), format!("{told}: write `{right}`"))
            }
            (Type::Money(_), Type::Percent) if name != "size" => {
                let right = format!("{words} of size");
                let help = format!("{told}: write `{right}`, or the amount; with percentages in every row it is read as `{name} of size`");
                diagnostic.guess(span, right.clone(), help)
            }
            (Type::Percent, Type::Money(_)) => diagnostic.help(format!(
                "{told}: write a percentage in every row, and `{name} of size` where it is read, or an amount in every row, and `{name}`"
            )),
            _ => diagnostic.help(told),
        }
    }

    /// A table looked up by a value; its key is checked where it is used.
    pub(super) fn lower_table(&mut self, phase: Option<PhaseId>, table: &ast::Table, name: &ast::Name, span: Span) -> Table {
        let context = Context::of(phase);
        let heading = table.columns.first().map_or("", |column| column.node.as_str());
        let matching = match (table.mode, heading) {
            (TableMode::Exact, _) => Matching::Exact,
            (TableMode::Slices, _) => Matching::Slices,
            (TableMode::Steps, "above") => Matching::Above,
            (TableMode::Steps, "up to") => Matching::UpTo,
            (TableMode::Steps, "below") => Matching::Below,
            (TableMode::Steps, "from") => Matching::From,
            (TableMode::Steps, other) => {
                let at = table.columns.first().map_or(span, |column| column.span);
                self.report(
                    errors::unknown_name(other, at, ["from", "above", "up to", "below"].into_iter())
                        .help("the first column of steps is headed `from` (at or above), `above`, `up to` (at or below) or `below`"),
                );
                Matching::From
            }
        };
        self.columns_once(table);
        self.mode_said(table, heading);
        let key_type = match &table.kind {
            TableKind::Instruments => Some(Type::Symbol),
            TableKind::Named { by, .. } => self.declared_type(phase, by),
            TableKind::Plans => None,
        };
        let (keys, key) = self.keys(&context, table, key_type);
        let columns: Vec<(Vec<ExprId>, Column)> = (1..table.columns.len())
            .map(|index| {
                let cells: Vec<Option<&ast::Expr>> =
                    table.rows.iter().map(|row| row.cells.get(index).and_then(|cell| cell.value.as_ref())).collect();
                let column = &table.columns[index];
                let (ids, ty, maybe_missing) = self.column(&context, column, &cells, &table.rows, index);
                (ids, Column { name: column.node.clone(), ty, maybe_missing, span: column.span })
            })
            .collect();
        let rows: Vec<TableRow> = table
            .rows
            .iter()
            .zip(keys)
            .enumerate()
            .map(|(at, (row, key))| TableRow { key, cells: columns.iter().map(|(ids, _)| ids[at]).collect(), span: row.span })
            .collect();
        self.check_rows(&rows, matching);
        if matching == Matching::Slices {
            self.rates_in_percent(columns.iter().map(|(_, column)| column));
        }
        let by = if let TableKind::Named { by, .. } = &table.kind { Some(by.clone()) } else { None };
        Table { name: name.node.clone(), by, matching, key, columns: columns.into_iter().map(|(_, column)| column).collect(), rows, span }
    }

    /// A bound in the heading of a table that looks for the value itself would be read as a value. The bounds of
    /// slices are upper ends.
    fn mode_said(&mut self, table: &ast::Table, heading: &str) {
        let Some(first) = table.columns.first() else { return };
        if table.mode == TableMode::Slices && heading != "up to" {
            let found = Diagnostic::new(Code::TableShape, first.span, "the bounds of slices are their upper ends");
            self.report(found.help("head the first column `up to`, and let the row `any` hold for what is above the last bound"));
        }
        if table.mode != TableMode::Exact {
            return;
        }
        if !["from", "above", "up to", "below"].contains(&heading) {
            return;
        }
        let message = format!("the heading `{heading}` is a bound, and the table does not say how it is looked up");
        self.report(
            Diagnostic::new(Code::Unsaid, first.span, message)
                .help("end the line of `table` with `steps`, the row whose bound fits; where the heading is `up to` and the cells are percentages, it may be `slices`, each rate for its own slice"),
        );
    }

    fn columns_once(&mut self, table: &ast::Table) {
        for (at, column) in table.columns.iter().enumerate() {
            if let Some(first) = table.columns[..at].iter().find(|first| first.node == column.node) {
                self.report(errors::duplicate(&column.node, column.span, first.span).help("give one of the columns another heading"));
            }
        }
    }

    /// A slice is paid by its rate, so every column of rates is of percentages.
    fn rates_in_percent<'t>(&mut self, columns: impl Iterator<Item = &'t Column>) {
        for column in columns.filter(|column| !matches!(column.ty, Type::Percent | Type::Error)) {
            let message = format!("the column `{}` of a table of slices holds {}, and a slice is paid by its rate", column.name, column.ty);
            let found = Diagnostic::new(Code::TypeMismatch, column.span, message);
            self.report(found.help("write the rates as `80%`; amounts that hold for a whole value stand in a table of `steps`"));
        }
    }

    /// The type of a bare option or input, whose words the keys may be.
    fn declared_type(&self, phase: Option<PhaseId>, by: &ast::Expr) -> Option<Type> {
        let ast::ExprKind::Name(name) = &by.kind else { return None };
        let setting = match self.names.find(phase, name)?.entity {
            Entity::Option(option) => self.options.get(usize::from(option)),
            Entity::Input(input) => self.inputs.get(usize::from(input)),
            _ => None,
        };
        setting.map(|setting| setting.ty.clone()).filter(|ty| matches!(ty, Type::OneOf(_)))
    }

    fn keys(&mut self, context: &Context, table: &ast::Table, key_type: Option<Type>) -> (Vec<Option<ExprId>>, Type) {
        let mut ty = key_type.unwrap_or(Type::Missing);
        let keys = table
            .rows
            .iter()
            .map(|row| {
                let cell = row.cells.first()?;
                if cell.text.node == "any" {
                    return None;
                }
                let id = match &cell.value {
                    Some(expr) => self.expr_as(context, expr, Some(&ty).filter(|ty| **ty != Type::Missing)),
                    None if ty == Type::Symbol => {
                        let symbol = self.symbol(cell.text.node.trim_matches('"'));
                        self.constant(Constant::Symbol(symbol), Type::Symbol, cell.text.span)
                    }
                    None => {
                        self.report(
                            Diagnostic::new(Code::NumberFormat, cell.text.span, format!("`{}` is no value", cell.text.node))
                                .help("write texts in quotes, amounts with their currency or unit"),
                        );
                        self.error(cell.text.span)
                    }
                };
                let found = self.ty(id).clone();
                match types::join(&ty, &found) {
                    Some(joined) => ty = joined,
                    None => self.report(errors::wrong_type(&ty.to_string(), &found, cell.text.span)),
                }
                Some(id)
            })
            .collect();
        (keys, ty)
    }

    /// Of two rows for one value the second would never be found.
    fn keys_once(&mut self, rows: &[TableRow]) {
        let constant = |row: &TableRow| match row.key.map(|key| &self.exprs[key.0 as usize]) {
            Some(Expr { kind: ExprKind::Constant(constant), ty, span, .. }) if *ty != Type::Error => Some((constant.clone(), *span)),
            _ => None,
        };
        let keys: Vec<(Constant, Span)> = rows.iter().filter_map(constant).collect();
        for (at, (key, span)) in keys.iter().enumerate() {
            if let Some((_, first)) = keys[..at].iter().find(|(first, _)| first == key) {
                let words = self.source.words(*span);
                let found = Diagnostic::new(Code::TableShape, *span, format!("the table has two rows for `{words}`"));
                self.report(found.other(*first, "the first is here, and would always be taken").help("keep one of them"));
            }
        }
    }

    /// Bounds are constants in ascending order, and `any` stands last.
    fn check_rows(&mut self, rows: &[TableRow], matching: Matching) {
        for (at, row) in rows.iter().enumerate() {
            if row.key.is_none() && at + 1 != rows.len() {
                self.report(Diagnostic::new(Code::TableShape, row.span, "the row `any` stands last"));
            }
        }
        if matching == Matching::Exact {
            return self.keys_once(rows);
        }
        let mut last = None;
        for row in rows {
            let Some(key) = row.key else { continue };
            let Some(bound) = self.decimal_constant(key) else {
                if self.ty(key) != &Type::Error {
                    self.report(Diagnostic::new(Code::TableShape, row.span, "the bound of a step is an amount that is written out"));
                }
                continue;
            };
            if last.is_some_and(|last| bound <= last) {
                self.report(
                    Diagnostic::new(Code::TableShape, row.span, "the bounds of steps rise from row to row")
                        .label("not above the row before"),
                );
            }
            last = Some(bound);
        }
    }

    /// `TABLE.column`: looked up by what the table says.
    pub(super) fn lookup(&mut self, context: &Context, table: u16, field: &ast::Name, span: Span) -> ExprId {
        let Some(found) = self.tables.get(usize::from(table)) else {
            self.report(errors::read_by_its_table(self.source.slice(span), span));
            return self.error(span);
        };
        let columns: Vec<(String, Type, bool)> =
            found.columns.iter().map(|column| (column.name.clone(), column.ty.clone(), column.maybe_missing)).collect();
        let (name, key_ty, matching) = (found.name.clone(), found.key.clone(), found.matching);
        let has_any = found.rows.last().is_some_and(|row| row.key.is_none());
        let Some((column, (_, ty, cell_missing))) = (0..).zip(&columns).find(|(_, (column, _, _))| *column == field.node) else {
            self.report(errors::unknown_field(&name, &field.node, field.span, columns.iter().map(|(name, _, _)| name.as_str())));
            return self.error(span);
        };
        self.used_cells.insert((table, column));
        let Some(key) = self.table_key(context, table, &key_ty, span) else { return self.error(span) };
        let key_missing = self.exprs[key.0 as usize].maybe_missing;
        let ty = if matching == Matching::Slices { self.ty(key).clone() } else { ty.clone() };
        let missing = *cell_missing || key_missing || !(has_any || matching == Matching::Slices);
        let at = usize::from(column);
        let rows = self.tables[usize::from(table)].rows.iter().flat_map(|row| row.key.into_iter().chain(row.cells.get(at).copied()));
        let rows = rows.collect();
        self.push_with(ExprKind::Lookup(table, column, key, rows), ty, span, missing)
    }

    fn table_key(&mut self, context: &Context, table: u16, key_ty: &Type, span: Span) -> Option<ExprId> {
        let by = self.table_keys.get(usize::from(table)).copied().flatten();
        let Some(by) = by else {
            let key = self.symbol_at_hand(context, span);
            if key.is_none() {
                self.report(errors::not_at_hand("symbol", span, "where an order, a fill, a trade or a position is handled"));
            }
            return key;
        };
        if self.looked_up.contains(&table) {
            let said = self.diagnostics.iter().any(|found| by.span.holds(found.span));
            let found = Diagnostic::new(Code::Circle, by.span, "the table is looked up by what it says itself");
            self.report_unless(said, found.help("look it up by something else, such as `profit` or `size`"));
            return None;
        }
        self.looked_up.push(table);
        let key = self.expr_as(context, by, Some(key_ty));
        self.looked_up.pop();
        let found = self.ty(key).clone();
        if types::join(key_ty, &found).is_none() {
            self.report(errors::wrong_type(&key_ty.to_string(), &found, by.span));
            return None;
        }
        Some(key)
    }

    /// The symbol of the record at hand.
    pub(super) fn symbol_at_hand(&mut self, context: &Context, span: Span) -> Option<ExprId> {
        let (_, field) = SYMBOL_FIELDS.iter().find(|(record, _)| context.at_hand.contains(record))?;
        Some(self.push(ExprKind::Record(*field), Type::Symbol, span))
    }
}
