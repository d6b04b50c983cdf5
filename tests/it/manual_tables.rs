//! The tables of `docs/language.md`, rendered from the rows that the checker uses.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use ringfence::diagnostic::{Code, Severity};
use ringfence::source::Source;
use ringfence::syntax::ast::ItemKind;
use ringfence::syntax::reuse::Parameter;
use ringfence::syntax::{KEYWORDS, RECORDS, WEEKDAYS, parse};
use ringfence::value::Currency;
use ringfence::vocabulary::{
    ACTIONS, AGGREGATES, AccountField, FUNCTIONS, FactRow, FieldRow, FieldType, FunctionRow, GOAL_FACTS, GroupField, LAST_PAYOUT_FACTS,
    LIMIT_FACTS, OCCASIONS, PAYOUTS_FACTS, PeriodField, Record, RecordField, SESSION_FACTS,
};

/// Each table of the page by its name.
pub(crate) fn tables() -> BTreeMap<&'static str, String> {
    let mut tables = BTreeMap::from([
        ("account", fields(AccountField::ALL.iter().map(|field| field.row()))),
        ("period", fields(PeriodField::ALL.iter().map(|field| field.row()))),
        ("group", fields(GroupField::ALL.iter().map(|field| field.row()))),
        ("facts", facts()),
        ("functions", functions(FUNCTIONS)),
        ("aggregates", functions(AGGREGATES)),
        ("events", events()),
        ("actions", actions()),
        ("diagnostics", diagnostics()),
        ("words", reserved()),
        ("templates", templates()),
    ]);
    for record in Record::ALL {
        let rows: Vec<&FieldRow> = RecordField::ALL.iter().filter(|field| field.record() == *record).map(|field| field.row()).collect();
        if !rows.is_empty() {
            tables.insert(record.word(), fields(rows.into_iter()));
        }
    }
    tables
}

/// What the firms' programs share: each template of `rules/common`, with what its comment begins with.
fn templates() -> String {
    let mut table = String::from("| template | takes | what it is |\n| --- | --- | --- |\n");
    for path in crate::language::programs("rules/common") {
        let file = path.file_name().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        let source = Source::new(file.as_str(), text.as_str());
        let _ = writeln!(table, "| **[`{file}`](../rules/common/{file})** | | |");
        let program = parse(&source).program;
        for item in program.items.iter().chain(&program.library) {
            let ItemKind::Template(template) = &item.kind else { continue };
            assert!(is_tried(&template.name.node), "{file}: no example uses `{}`", template.name.node);
            let line = source.line_column(template.head.start).0;
            let above: Vec<&str> = text.lines().take(line - 1).collect();
            let comment = above.iter().rev().take_while(|line| line.starts_with("///")).map(|line| line.trim_start_matches("///").trim());
            let comment: Vec<&str> = comment.collect::<Vec<_>>().into_iter().rev().collect();
            assert!(!comment.is_empty(), "{file}: `{}` does not say what it is", template.name.node);
            let takes: Vec<String> = template.parameters.iter().map(|one| taken(&source, one)).collect();
            let _ = writeln!(table, "| `{}` | {} | {} |", template.name.node, takes.join(", "), cell(&comment.join(" ")));
        }
    }
    table
}

/// Whether an example uses a template, itself or through another.
fn is_tried(template: &str) -> bool {
    let used = format!("use {template}(");
    let files = ["rules/common/examples", "rules/common"].into_iter().flat_map(crate::language::programs);
    files.into_iter().any(|path| std::fs::read_to_string(path).unwrap().contains(&used))
}

/// A parameter; one that may be left out in brackets.
fn taken(source: &Source, parameter: &Parameter) -> String {
    let name = &parameter.name.node;
    match &parameter.default {
        Some(default) => format!("[`{name} = {}`]", source.slice(default.span)),
        None => format!("`{name}`"),
    }
}

/// A text that may stand in a cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('<', "&lt;")
}

/// The words of a type, without article.
fn type_words(ty: FieldType) -> String {
    let words = ty.in_currency(Currency::ACCOUNT).to_string();
    words.strip_prefix("a ").or_else(|| words.strip_prefix("an ")).unwrap_or(&words).to_owned()
}

fn or_missing(ty: &str, missing: bool) -> String {
    if missing { format!("{ty}, or missing") } else { ty.to_owned() }
}

fn fields<'a>(rows: impl Iterator<Item = &'a FieldRow>) -> String {
    let mut table = String::from("| value | type | what it is |\n| --- | --- | --- |\n");
    for row in rows {
        let total = if row.additive { "; a running total" } else { "" };
        let ty = or_missing(&type_words(row.ty), row.missing);
        let _ = writeln!(table, "| `{}` | {ty} | {}{total} |", row.name, cell(row.doc));
    }
    table
}

fn facts() -> String {
    let all: [(&str, &[FactRow]); 5] = [
        ("limit(\"title\").", LIMIT_FACTS),
        ("goal(\"title\").", GOAL_FACTS),
        ("SESSION.", SESSION_FACTS),
        ("payouts.", PAYOUTS_FACTS),
        ("last payout.", LAST_PAYOUT_FACTS),
    ];
    let mut table = String::from("| value | type | what it is |\n| --- | --- | --- |\n");
    for (record, rows) in all {
        for row in rows {
            let ty = row.ty.map_or_else(|| "that of its sides".to_owned(), type_words);
            let _ = writeln!(table, "| `{record}{}` | {} | {} |", row.name, or_missing(&ty, row.missing), cell(row.doc));
        }
    }
    table
}

fn functions(rows: &[FunctionRow]) -> String {
    let mut table = String::from("| word | example | what it gives |\n| --- | --- | --- |\n");
    for row in rows {
        let _ = writeln!(table, "| `{}` | `{}` | {} |", row.name, cell(row.example), cell(row.doc));
    }
    table
}

fn events() -> String {
    let mut table = String::from("| event | also | when |\n| --- | --- | --- |\n");
    for row in OCCASIONS {
        let also: Vec<String> = row.also.iter().map(|words| format!("`{words}`")).collect();
        let _ = writeln!(table, "| `{}` | {} | {} |", row.words, also.join(", "), cell(row.doc));
    }
    table
}

fn actions() -> String {
    let mut table = String::from("| action | what it does |\n| --- | --- |\n");
    for row in ACTIONS {
        let _ = writeln!(table, "| `{}` | {} |", cell(row.form), cell(row.doc));
    }
    table
}

fn diagnostics() -> String {
    let mut table = String::from("| code | severity | finding | what it means |\n| --- | --- | --- | --- |\n");
    for code in Code::ALL {
        let severity = match code.severity() {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let _ =
            writeln!(table, "| [{code}](findings/{code}.md) | {severity} | {} | {} |", cell(code.title()), cell(code.explanation().trim()));
    }
    table
}

fn reserved() -> String {
    let mut table = String::from("| never names of your own | words |\n| --- | --- |\n");
    for (what, list) in [("words of sentences", KEYWORDS), ("records", RECORDS), ("weekdays", WEEKDAYS)] {
        let list: Vec<String> = list.iter().map(|word| format!("`{word}`")).collect();
        let _ = writeln!(table, "| {what} | {} |", list.join(" "));
    }
    table
}
