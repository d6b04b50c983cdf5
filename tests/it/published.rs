//! The examples that firms publish, all of them: each stands in a scenario that cites it, or in the
//! table of those that cannot be reproduced, with the reason. `docs/published-cases.md` lists them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;

use serde::Deserialize;

use crate::shipped::{checked, root, shipped};

/// A published example: who publishes it, and for which rule.
#[derive(Debug, Deserialize)]
struct Case {
    id: String,
    firm: String,
    rule: String,
    source: String,
}

/// How many examples were gathered.
const ALL: usize = 227;

fn cases() -> Vec<Case> {
    let folder = root().join("tests/data/published");
    let texts = ["futures.jsonl", "cfd.jsonl"].map(|name| fs::read_to_string(folder.join(name)).unwrap());
    texts.iter().flat_map(|text| text.lines()).map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Cases that are not reproduced: in one word why, and the explanation.
fn not_reproduced() -> BTreeMap<String, (String, String)> {
    let text = fs::read_to_string(root().join("tests/data/published/not-reproduced.tsv")).unwrap();
    let rows = text.lines().skip(1).map(|line| {
        let mut cells = line.splitn(3, '\t').map(str::to_owned);
        let mut next = || cells.next().unwrap_or_default();
        (next(), (next(), next()))
    });
    rows.collect()
}

/// The scenarios that cite a case: the program's path and the scenario's title.
fn cited() -> BTreeMap<String, Vec<(String, String)>> {
    let mut cited: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    for path in shipped() {
        let (_, found) = checked(&path);
        let Some(ir) = found.ir else { continue };
        let name = path.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
        for scenario in &ir.scenarios {
            for case in &scenario.cites {
                cited.entry(case.node.clone()).or_default().push((name.clone(), scenario.title.node.clone()));
            }
        }
    }
    cited
}

#[test]
fn every_case_is_placed_once() {
    let (cases, cited, left) = (cases(), cited(), not_reproduced());
    let known: BTreeSet<&str> = cases.iter().map(|case| case.id.as_str()).collect();
    assert_eq!((cases.len(), known.len()), (ALL, ALL), "a case is missing or counted twice");
    let mut wrong = Vec::new();
    for id in &known {
        match (cited.contains_key(*id), left.contains_key(*id)) {
            (true, true) => wrong.push(format!("{id} is both cited and given up")),
            (false, false) => wrong.push(format!("{id} is nowhere")),
            _ => {}
        }
    }
    wrong.extend(cited.keys().filter(|id| !known.contains(id.as_str())).map(|id| format!("{id} is cited and no case")));
    wrong.extend(left.keys().filter(|id| !known.contains(id.as_str())).map(|id| format!("{id} is given up and no case")));
    wrong.extend(left.iter().filter(|(_, (why, more))| why.is_empty() || more.is_empty()).map(|(id, _)| format!("{id} has no reason")));
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(known.len() - left.len() >= 200, "{} pass", known.len() - left.len());
}

/// The page as the data and the programs make it.
fn page() -> String {
    let (cases, cited, left) = (cases(), cited(), not_reproduced());
    let mut page = String::from("# Published cases\n\n");
    let _ = writeln!(
        page,
        "Worked examples as firms publish them: {} in all. {} pass as scenarios that cite them, on the engine and on the\n\
         reference evaluator; {} cannot be reproduced, and say why. Set-ups, figures and sources are in\n\
         `tests/data/published`; a test writes this page from them and from `rules/`.\n",
        cases.len(),
        cases.len() - left.len(),
        left.len()
    );
    page.push_str("## Not reproduced\n\n| Case | Firm | Reason | Explanation |\n|---|---|---|---|\n");
    for case in &cases {
        if let Some((why, more)) = left.get(&case.id) {
            let _ = writeln!(page, "| [{}]({}) | {} | {why} | {} |", case.id, case.source, case.firm, cell(more));
        }
    }
    page.push_str("\n## Passing\n\n| Case | Firm | Rule | Scenarios |\n|---|---|---|---|\n");
    for case in &cases {
        let Some(scenarios) = cited.get(&case.id) else { continue };
        let places: Vec<String> = scenarios.iter().map(|(path, title)| format!("[{path}](../{path}) “{}”", cell(title))).collect();
        let _ = writeln!(page, "| [{}]({}) | {} | {} | {} |", case.id, case.source, case.firm, cell(&case.rule), places.join("; "));
    }
    page
}

/// A text that may stand in a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('<', "&lt;")
}

#[test]
fn the_page_lists_them_all() {
    let path = root().join("docs/published-cases.md");
    let page = page();
    if std::env::var("WRITE_PAGES").is_ok() {
        fs::write(&path, &page).unwrap();
    }
    assert!(fs::read_to_string(&path).unwrap_or_default() == page, "run `WRITE_PAGES=1 cargo test published` and read what changed");
}
