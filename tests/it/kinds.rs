//! Every kind of rule that firms publish: the program and the rule that says it, or why account events
//! cannot decide it. `docs/rule-kinds.md` lists them.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;

use crate::shipped::root;

/// A kind of rule with one place where it is said, or with why it is not.
struct Row {
    table: String,
    code: String,
    kind: String,
    program: String,
    words: String,
    how: String,
}

fn rows() -> Vec<Row> {
    let text = fs::read_to_string(root().join("tests/data/published/kinds.tsv")).unwrap();
    let row = |line: &str| {
        let cells: Vec<&str> = line.split('\t').collect();
        let [table, code, kind, program, words, how] = cells.as_slice() else { panic!("six cells: {line}") };
        let own = |cell: &str| cell.to_owned();
        Row { table: own(table), code: own(code), kind: own(kind), program: own(program), words: own(words), how: own(how) }
    };
    text.lines().skip(1).map(row).collect()
}

/// What a program says, without its comments.
fn code(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.map(|line| line.split(" //").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

/// A text with single blanks.
fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn every_kind_is_said_or_explained() {
    let mut wrong = Vec::new();
    let mut kinds = BTreeSet::new();
    for row in rows() {
        kinds.insert((row.table.clone(), row.code.clone()));
        if row.how.contains("pending") {
            wrong.push(format!("{} {}: {} is not said yet", row.table, row.code, row.how));
        }
        if row.program.is_empty() {
            if row.how.len() < 20 {
                wrong.push(format!("{} {}: no program and no reason", row.table, row.code));
            }
            continue;
        }
        match fs::read_to_string(root().join("rules").join(&row.program)) {
            Ok(text) if flat(&code(&text)).contains(&row.words) && !row.words.is_empty() => {}
            Ok(_) => wrong.push(format!("{} {}: `{}` is not in rules/{}", row.table, row.code, row.words, row.program)),
            Err(error) => wrong.push(format!("{} {}: rules/{}: {error}", row.table, row.code, row.program)),
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    // Of futures firms A1 to A10, B1 to B10, C1 to C9, D1 to D8, E1 to E12, F1 to F14, G1 to G6, H and I1 to
    // I8; of others L1 to L10, E1 to E10, O1 to O11, P1 to P10, G1 to G5, M1 to M9, S1 to S4, X1 to X3.
    let count = |table: &str| kinds.iter().filter(|(of, _)| of == table).count();
    assert_eq!((count("futures"), count("cfd")), (78, 62));
}

fn page() -> String {
    let rows = rows();
    let mut page = String::from(
        "# Kinds of rules\n\n\
         Every kind of rule that was seen in about 120 firms, with a program here that has it and the words to look for\n\
         in it; or why the events of one account cannot decide it, and how the host helps. A test looks each up and\n\
         writes this page from `tests/data/published/kinds.tsv`.\n",
    );
    for (table, title) in [("futures", "Futures"), ("cfd", "Currencies, contracts for difference, crypto, shares")] {
        let _ = write!(page, "\n## {title}\n\n| Kind | | Program | Rule | How |\n|---|---|---|---|---|\n");
        let mut before = "";
        for row in rows.iter().filter(|row| row.table == table) {
            let (code, kind) = if row.code == before { ("", "") } else { (row.code.as_str(), row.kind.as_str()) };
            before = &row.code;
            let program = if row.program.is_empty() { "—".into() } else { format!("[{0}](../rules/{0})", row.program) };
            let cell = |text: &str| text.replace('|', "\\|").replace('<', "&lt;");
            let _ = writeln!(page, "| {code} | {} | {program} | {} | {} |", cell(kind), cell(&row.words), cell(&row.how));
        }
    }
    page
}

#[test]
fn the_page_lists_every_kind() {
    let path = root().join("docs/rule-kinds.md");
    let page = page();
    if std::env::var("WRITE_PAGES").is_ok() {
        fs::write(&path, &page).unwrap();
    }
    assert!(fs::read_to_string(&path).unwrap_or_default() == page, "run `WRITE_PAGES=1 cargo test kinds` and read what changed");
}
