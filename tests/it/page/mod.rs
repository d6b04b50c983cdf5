//! Programs as pages: what is said of each construct, figures against ones computed by hand, every program
//! of the library, and what a page does with hostile words.

mod sentences;

use std::collections::BTreeSet;
use std::fmt::Write;
use std::sync::Arc;

use ringfence::check::check;
use ringfence::ir::NodeKind;
use ringfence::page::{Block, Page, html, markdown, page};
use ringfence::source::Source;
use ringfence::syntax::parse;

use crate::shipped::{checked, shipped};

/// A program around what stands outside phases, and in its one phase. Two blanks stand for the end of a line.
fn program(items: &str, phase: &str) -> String {
    let (items, phase) = (items.replace("  ", "\n"), phase.replace("  ", "\n"));
    format!(
        r#"program "Frame" {{
    firm      "Example"  version "1"
    currency  USD
    timezone  "UTC"
    day       22:00 to 21:00

    plans
        | plan | size     | loss   |
        | 50K  | $50,000  | $1,000 |
        | 100K | $100,000 | none   |

    {items}

    phase trading {{
        ledger starts at size
        {phase}
    }}
}}
"#
    )
}

fn page_of(text: &str, plan: Option<&str>) -> Result<Page, String> {
    let source = Source::new("frame.fence", text);
    let checked = check(&source, &parse(&source));
    let names = checked.names.clone();
    let ir = checked.ir.unwrap_or_else(|| panic!("{:#?}\n{text}", checked.diagnostics));
    let program = ringfence::compile::compile(ir).unwrap_or_else(|errors| panic!("{errors:#?}"));
    page(&Arc::new(program), &names, plan)
}

/// The words of a page, without what dresses them.
fn words(text: &str) -> String {
    let page = page_of(text, None).unwrap();
    assert_eq!(page.unsaid, [], "{text}");
    let mut out = String::new();
    for section in &page.sections {
        for block in &section.blocks {
            words_of(block, &mut out);
        }
    }
    out
}

fn words_of(block: &Block, out: &mut String) {
    let mut line = |text: &dyn std::fmt::Display| {
        let _ = writeln!(out, "{text}");
    };
    match block {
        Block::Paragraph(said) => line(said),
        Block::Heading(heading) => line(heading),
        Block::List(points) | Block::Steps(points) => points.iter().for_each(|point| line(point)),
        Block::Table(table) => {
            for row in &table.rows {
                line(&row.iter().map(ToString::to_string).collect::<Vec<_>>().join(" | "));
            }
        }
        Block::Card(card) => {
            line(&card.title);
            card.blocks.iter().for_each(|block| words_of(block, out));
        }
        Block::Example(example) => {
            line(&example.title);
            example.steps.iter().for_each(|step| line(step));
        }
        Block::Source { words, .. } => line(words),
    }
}

/// 100,000 less 5% of 100,000 is 95,000: at that the limit holds, a cent below it is broken.
#[test]
fn figures_are_those_computed_by_hand() {
    let (text, _) = checked(&crate::shipped::root().join("rules/ftmo/two-step.fence"));
    let page = page_of(text.text(), Some("100K")).unwrap();
    let out = markdown(&page);
    for said in [
        "must stay at or above your balance at the start of the day − 5% of \\$100,000.00; touching it is not a breach.",
        "the bound is \\$95,000.00, which leaves \\$5,000.00.",
        "When open positions lose \\$5,000.00, at an equity of \\$95,000.00, the limit **holds**",
        "When open positions lose \\$5,000.01, at an equity of \\$94,999.99, the limit is **broken**: all positions are closed, working orders are cancelled and the account **fails**.",
        "your closed profit is at least 10% of \\$100,000.00 (\\$10,000.00).",
    ] {
        assert!(out.contains(said), "{said}\n{out}");
    }
    let all = markdown(&page_of(text.text(), None).unwrap());
    // 5% of 25,000 is 1,250: the bound is 23,750.
    assert!(all.contains("| 25K | \\$23,750.00 | \\$1,250.00 |"), "{all}");
}

/// Topstep's combine of 50,000: 3,000 of profit, a floor of 48,000 that is touched at 48,000, five contracts.
#[test]
fn figures_of_a_trailing_floor_and_of_contracts() {
    let (source, found) = checked(&crate::shipped::root().join("rules/topstep/trading-combine.fence"));
    let program = ringfence::compile::compile(found.ir.unwrap()).unwrap();
    let out = markdown(&page(&Arc::new(program), &found.names, Some("50K")).unwrap());
    for said in [
        "at an equity of \\$48,000.01, the limit **holds**.",
        "When open positions lose \\$2,000.00, at an equity of \\$48,000.00, the limit is **broken**",
        "An order to buy 5 contracts of ES is **allowed**.",
        "An order to buy 6 contracts of ES is **refused** by “Maximum position”.",
        "your closed profit is at least \\$3,000.00.",
    ] {
        assert!(out.contains(said), "{said} in {}\n{out}", source.name());
    }
}

/// Every program of the library becomes a page without a rule in its own words, with every limit on it, and
/// without a link that leads nowhere.
#[test]
fn every_program_becomes_a_page() {
    let mut wrong = Vec::new();
    let (mut pages, mut crowded) = (0, 0);
    for path in shipped() {
        let (source, found) = checked(&path);
        let Some(ir) = found.ir else { continue };
        let program = Arc::new(ringfence::compile::compile(ir).unwrap());
        let page = page(&program, &found.names, None).unwrap_or_else(|error| panic!("{}: {error}", source.name()));
        pages += 1;
        wrong.extend(page.unsaid.iter().map(|unsaid| format!("{}: `{}`: {}", source.name(), unsaid.rule, unsaid.why)));
        let (web, plain) = (html(&page), markdown(&page));
        crowded += plain.matches(" broken too)").count();
        for node in &program.ir.nodes {
            if let NodeKind::Limit(_) | NodeKind::Goal(_) = node.kind {
                let shown = page.sections.iter().flat_map(|section| &section.blocks);
                let titled = shown.filter(|block| matches!(block, Block::Card(card) if card.title == node.name)).count();
                let count = program
                    .ir
                    .nodes
                    .iter()
                    .filter(|other| other.name == node.name && matches!(other.kind, NodeKind::Limit(_) | NodeKind::Goal(_)))
                    .count();
                if titled != count {
                    wrong.push(format!("{}: {titled} of {count} `{}`", source.name(), node.name));
                }
            }
        }
        wrong.extend(dead_links(&web, "href=\"#", "id=\"").into_iter().map(|link| format!("{}: HTML link #{link}", source.name())));
        wrong.extend(dead_links(&plain, "](#", "id=\"").into_iter().map(|link| format!("{}: Markdown link #{link}", source.name())));
    }
    assert!(pages > 90, "{pages}");
    // Lots have limits of one size, and the tighter of two limits of one month is broken first whatever is done.
    assert!(crowded <= 9, "{crowded} steps of examples break another limit");
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
}

fn dead_links(text: &str, link: &str, id: &str) -> BTreeSet<String> {
    let after = |mark: &str| -> BTreeSet<String> {
        let rest = text.split(mark).skip(1);
        rest.map(|rest| rest.split(['"', ')']).next().unwrap_or_default().to_owned()).collect()
    };
    after(link).difference(&after(id)).cloned().collect()
}

/// A daily loss of $1,000 is broken on the way to a maximum loss of $2,500, unless that is lost over three days: 833, 833
/// and 834, touching at $47,500.
#[test]
fn an_example_of_a_maximum_loss_keeps_the_daily_loss() {
    let day = "limit \"Daily\" { equity stays above day.start_balance - $1,000  on breach { flatten, lock until next day } }";
    let text = program("", &format!("{day}\n        limit \"All\" {{ equity stays above size - $2,500  on breach {{ flatten, fail }} }}"));
    let out = markdown(&page_of(&text, Some("50K")).unwrap());
    for said in [
        "When a trade is closed with a loss of \\$833.00 on each of 2 days, and one of \\$833.99 on the next, \\$2,499.99 in all, at an equity of \\$47,500.01, the limit **holds**.",
        "and one of \\$834.00 on the next, \\$2,500.00 in all, at an equity of \\$47,500.00, the limit is **broken**",
        "When open positions lose \\$1,000.00, at an equity of \\$49,000.00, the limit is **broken**",
    ] {
        assert!(out.contains(said), "{said}\n{out}");
    }
}

#[test]
fn hostile_words_stay_words() {
    let hostile = program(
        "",
        r#"limit "<script>alert(1)</script> & 'x'" { equity stays above size - $1  on breach { notify trader "<b>*bold*</b>" } }"#,
    )
    .replace("\"Frame\"", "\"</title><script>alert(2)</script>\"")
    .replace("version \"1\"", "version \"1\"  source \"javascript:alert(3)\"");
    let page = page_of(&hostile, None).unwrap();
    let web = html(&page);
    assert!(!web.contains("<script"), "{web}");
    assert!(!web.contains("<b>"), "{web}");
    assert!(!web.contains("href=\"javascript"), "{web}");
    assert!(web.contains("&lt;script&gt;alert(1)&lt;/script&gt; &amp;"), "{web}");
    let plain = markdown(&page).replace("\\<", "");
    assert!(!plain.contains("<script") && !plain.contains("<b>") && plain.contains("\\*bold\\*"), "{plain}");
}

#[test]
fn what_does_not_hold_is_not_published() {
    let text = program("", r#"limit "L" { equity stays above size - $2,000  on breach { fail } }"#);
    let failing = format!(
        "{}    scenario \"never\" plan 50K {{\n        trade -$2,000\n        expect no breach\n    }}\n}}\n",
        text.trim_end().trim_end_matches('}')
    );
    let told = page_of(&failing, None).unwrap_err();
    assert!(told.contains("\"never\" does not hold") && told.contains("ringfence test"), "{told}");
    assert_eq!(page_of(&text, Some("70K")).unwrap_err(), "the program has no plan `70K`: its plans are 50K, 100K");
}

/// A formula that no sentence makes clearer stands in the program's own words, and is counted.
#[test]
fn a_formula_too_long_is_shown_as_it_is_written() {
    let sum = vec!["profit * 2"; 40].join(" + ");
    let text = program(
        "",
        &format!("let huge = {sum}\n        limit \"L\" {{ equity stays above huge - size\n            on breach {{ fail }} }}"),
    );
    let page = page_of(&text, None).unwrap();
    assert_eq!(page.unsaid.iter().map(|unsaid| (unsaid.rule.as_str(), unsaid.line)).collect::<Vec<_>>(), [("huge", 16)]);
    assert!(html(&page).contains("profit * 2 + profit * 2"), "the words of the program");
}
