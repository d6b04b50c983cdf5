//! What the page says does not compile.

use ringfence::check::check;
use ringfence::source::Source;
use ringfence::syntax::parse;

use crate::language::messages;

/// docs/semantics.md: event.2, limits.6, limits.7, days.16, values.9
#[test]
fn what_the_page_says_does_not_compile() {
    let refused = [
        ("let a = b + 1\nlet b = a + 1", "itself"),
        ("limit \"two\" {\n day.profit + week.profit stays above $0\n}", "two periods"),
        ("limit \"used\" {\n profit stays above -$5\n at 80% used { flatten }\n}", "allowance"),
        (
            "limit \"held\" for each position {\n position.held + 1min stays below 10min\n}",
            "grows all the time: nothing can be computed with it",
        ),
        ("track best = highest day.profit over closed days\nwhen best is above $5 { flatten }", "may be missing"),
    ];
    for (statement, says) in refused {
        let told = messages(statement);
        assert!(told.contains(says), "{statement}\n  wanted: {says}\n  found: {told}");
    }
}

/// docs/semantics.md: values.10
#[test]
fn plans_without_a_size_do_not_compile() {
    let text = "program \"P\" {\n  firm \"Example\"  version \"1\"\n  currency USD\n  timezone \"UTC\"\n  day 00:00\n  plans\n    \
                | plan | target |\n    | A | $100 |\n  phase trading { }\n}\n";
    let source = Source::new("no-size.fence", text);
    let told: Vec<String> = check(&source, &parse(&source)).diagnostics.into_iter().map(|found| found.message).collect();
    assert_eq!(told, ["the plans have no column `size`"]);
}
