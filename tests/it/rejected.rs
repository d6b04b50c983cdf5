//! Programs that must be rejected, one mistake each: what their authors are told.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use ringfence::check::check;
use ringfence::diagnostic::{Code, Diagnostic, Severity};
use ringfence::source::Source;
use ringfence::syntax::{load, parse};
use ringfence::tools::{plain_diagnostic, prove};

/// The programs that are rejected, with their findings, by name.
fn rejected() -> BTreeMap<String, (Source, Vec<Diagnostic>)> {
    programs_in("tests/rejected")
}

/// Each program of a folder with its findings as they are shown, by name.
pub(crate) fn programs_in(folder: &str) -> BTreeMap<String, (Source, Vec<Diagnostic>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let programs = files.filter(|path| path.extension().is_some_and(|extension| extension == "fence"));
    programs
        .map(|path| {
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            let source = Source::new(format!("{name}.fence"), fs::read_to_string(&path).unwrap());
            let mut found = check(&source, &parse(&source)).diagnostics;
            prove(&source, &mut found, &mut |name| Err(format!("{name} is not read here")));
            (name, (source, found))
        })
        .collect()
}

fn errors(found: &[Diagnostic]) -> usize {
    found.iter().filter(|found| found.severity() == Severity::Error).count()
}

#[test]
fn each_mistake_is_told_in_words_that_were_read() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../rejected/told");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let all = rejected();
    assert!(all.len() >= 50, "{} programs", all.len());
    for (name, (source, found)) in all {
        let told = found.iter().fold(String::new(), |mut told, one| {
            let _ = writeln!(told, "{}\n", plain_diagnostic(&source, one));
            told
        });
        assert!(errors(&found) > 0, "{name} is accepted");
        settings.bind(|| insta::assert_snapshot!(name, told));
    }
}

/// The phase of a program, with what stands in it.
fn program_with(inside: &str) -> String {
    let head = "program \"P\" {\n firm \"Example\"  version \"1\"\n currency USD\n timezone \"UTC\"\n day 00:00\n plans\n  | plan | size | more |\n  | A | $100,000 | $1 |\n";
    format!("{head} phase trading {{\n  ledger starts at size\n{inside}\n }}\n}}\n")
}

/// The codes of what is found in a text.
fn codes(text: String) -> BTreeSet<Code> {
    codes_of(&Source::new("text.fence", text))
}

fn codes_of(source: &Source) -> BTreeSet<Code> {
    check(source, &parse(source)).diagnostics.iter().map(|found| found.code).collect()
}

/// Warnings, and what no small file shows.
pub(crate) fn raised_elsewhere() -> Vec<(Code, BTreeSet<Code>)> {
    let deep = format!("  let x = {}1{}", "(".repeat(2000), ")".repeat(2000));
    let closed = "  track best = highest day.profit over closed days from $0\n  goal \"g\" { require \"c\" best is at most 40% of profit }";
    let main = Source::new("main.fence", format!("import \"nowhere.fence\"\n{}", program_with("")));
    let imported = load(main, &mut |_: &str| Err("there is no such file".into()));
    vec![
        (Code::Nesting, codes(program_with(&deep))),
        (Code::TooLarge, codes(" ".repeat(Source::MAX_BYTES + 1))),
        (Code::Unused, codes(program_with(""))),
        (Code::NameLikeStatement, codes(program_with("  let floor = more"))),
        (Code::ClosedAgainstToday, codes(program_with(closed))),
        (Code::NoLossLimit, codes(program_with(""))),
        (Code::Import, codes_of(&imported)),
    ]
}

#[test]
fn each_code_is_raised_by_a_program() {
    let told = rejected().into_values().chain(programs_in("tests/slips").into_values());
    let mut raised: BTreeSet<Code> = told.flat_map(|(_, found)| found).map(|one| one.code).collect();
    raised.extend(crate::explain::raised_by_pages());
    for (code, found) in raised_elsewhere() {
        assert!(found.contains(&code), "{code}: {found:?}");
        raised.insert(code);
    }
    let never: Vec<&Code> = Code::ALL.iter().filter(|code| !raised.contains(code)).collect();
    assert!(never.is_empty(), "raised by no program: {never:?}");
}

/// A window that is too long is told once, and not again by the memory that it takes.
#[test]
fn a_window_that_is_too_long_is_told_once() {
    let text = program_with("  track t = count at fill in last 5h keeps 500000000\n  when t is above 1 { flatten }");
    let source = Source::new("text.fence", text);
    let told = ringfence::compile::compile(check(&source, &parse(&source)).ir.unwrap()).err().unwrap();
    assert_eq!(told.iter().map(|found| found.code).collect::<Vec<_>>(), [Code::Limit], "{told:#?}");
}

/// A column of `instruments` that nothing reads is told as one of the plans; one that is read is not.
#[test]
fn an_unread_column_by_symbol_is_told() {
    let limit = "  limit \"L\" for each symbol {\n   symbol.quantity stays at or below instruments.largest\n   refuse orders that would break it\n  }";
    let text = program_with(limit)
        .replace(" phase trading", " instruments\n  | symbol | largest | family |\n  | any | 3 contracts | \"other\" |\n phase trading");
    let source = Source::new("text.fence", text);
    let found = check(&source, &parse(&source)).diagnostics;
    let told: Vec<&str> = found.iter().filter(|found| found.code == Code::Unused).map(|found| found.message.as_str()).collect();
    assert_eq!(told, ["the plan column `more` is never read", "the column `family` of `instruments` is never read"]);
}

/// Where an account has come to its end, what can still take effect is accepted.
#[test]
fn what_leads_out_of_an_end_is_accepted() {
    let refused = |phase: &str, action: &str| {
        let text = program_with("");
        let at = text.rfind('}').unwrap();
        codes(format!("{} phase {phase} {{ on trade {{ {action} }} }}\n}}\n", &text[..at])).contains(&Code::Contradiction)
    };
    for action in ["promote to trading", "restart", "fail"] {
        assert!(refused("failed", action) && refused("closed", action), "{action}");
        assert!(!refused("passed", action), "{action}");
    }
    assert!(refused("closed", "close account") && !refused("failed", "close account"));
    assert!(!refused("failed", "lock until staff"));
}

/// Days that are closed on one side and today on the other; both sides alike are as they should be.
#[test]
fn closed_days_stand_against_today_only_where_they_differ() {
    let goal = |domain: &str, clock: &str, required: &str| {
        let track = format!("  track best = highest day.profit over {domain} from $0\n  track all = sum day.profit over closed days");
        codes(program_with(&format!("{track}\n  goal \"g\"{clock} {{ require \"c\" {required} }}"))).contains(&Code::ClosedAgainstToday)
    };
    assert!(goal("closed days", "", "best is at most 40% of profit"));
    assert!(goal("closed days", "", "account is flat and profit is above best"));
    assert!(goal("days with entries", "", "best is at most 40% of profit"));
    assert!(!goal("days so far", "", "best is at most 40% of profit"));
    assert!(!goal("closed days", "", "best is at most 40% of all"));
    assert!(!goal("closed days", "", "best is at least $100"));
    assert!(!goal("closed days", " at day end", "best is at most 40% of profit"));
}

/// Independent mistakes are all told in one run, each once.
#[test]
fn one_mistake_is_one_error() {
    for (name, (_, found)) in rejected() {
        let expected = if name == "six-mistakes" { 6 } else { 1 };
        assert_eq!(errors(&found), expected, "{name}: {:#?}", found.iter().map(|one| &one.message).collect::<Vec<_>>());
    }
}
