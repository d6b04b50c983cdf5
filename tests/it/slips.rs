//! The likeliest slips: what their authors are told, at two widths, and what `check --fix` makes of them.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::process::Command;

use ringfence::check::check;
use ringfence::diagnostic::{Diagnostic, Severity};
use ringfence::source::Source;
use ringfence::syntax::parse;
use ringfence::tools::{diagnostic_within, mend};

use crate::rejected::programs_in;
use crate::shipped::root;

/// The columns of a narrow and of a wide terminal.
const WIDTHS: [usize; 2] = [80, 120];

fn unread(name: &str) -> Result<String, String> {
    Err(format!("{name} is not read here"))
}

fn found(text: &str) -> Vec<Diagnostic> {
    let source = Source::new("slip.fence", text);
    check(&source, &parse(&source)).diagnostics
}

#[test]
fn each_slip_is_told_in_words_that_were_read() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../slips/told");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let all = programs_in("tests/slips");
    assert!(all.len() >= 30, "{} programs", all.len());
    for (name, (source, found)) in all {
        let mut told = String::new();
        for width in WIDTHS {
            for one in &found {
                let _ = writeln!(told, "{width} columns\n\n{}\n", diagnostic_within(&source, one, width));
            }
        }
        settings.bind(|| insta::assert_snapshot!(name, told));
    }
}

/// One cause is one finding.
#[test]
fn each_slip_is_told_once() {
    for (name, (_, found)) in programs_in("tests/slips") {
        assert_eq!(found.len(), 1, "{name}: {:#?}", found.iter().map(|one| &one.message).collect::<Vec<_>>());
    }
}

/// What a narrow terminal shows has no line that is broken by the terminal: of slips, of programs that are rejected, and
/// of the pages about findings.
#[test]
fn lines_fit_into_the_terminal() {
    let mut wide = Vec::new();
    let programs = programs_in("tests/slips").into_values().chain(programs_in("tests/rejected").into_values());
    let all: Vec<_> = programs.chain(crate::explain::bad_examples()).collect();
    let codes: BTreeSet<_> = all.iter().flat_map(|(_, found)| found).map(|one| one.code).collect();
    assert!(codes.len() > 50, "{codes:?}");
    for (source, found) in all {
        for (width, one) in WIDTHS.iter().flat_map(|width| found.iter().map(move |one| (*width, one))) {
            let told = diagnostic_within(&source, one, width);
            // Lines of the program, which begin with their number, and bare marks are as wide as the program is.
            let says = |line: &&str| !line.trim_start().starts_with(|c: char| c.is_ascii_digit()) && line.contains(char::is_alphabetic);
            let longest = told.lines().filter(says).map(|line| line.chars().count()).max().unwrap();
            if longest > width {
                wide.push(format!("{longest} columns\n{told}"));
            }
        }
    }
    assert!(wide.is_empty(), "{}", wide.join("\n"));
}

/// A label that does not fit beside its mark is told with its line.
#[test]
fn a_label_that_is_too_wide_stands_below() {
    let text = fs::read_to_string(root().join("tests/rejected/group-by-what-changes.fence")).unwrap();
    let source = Source::new("text.fence", text);
    let one = found(source.text()).remove(0);
    let label = one.label.clone();
    assert!(!label.is_empty() && diagnostic_within(&source, &one, 200).contains(&format!("^ {label}")));
    let narrow = diagnostic_within(&source, &one.label("so many words that they stand beyond the eightieth column"), 80);
    assert!(narrow.contains("= note: line 18: so many words that they stand beyond the eightieth column"), "{narrow}");
}

#[test]
fn each_slip_says_what_to_write() {
    for (name, (_, found)) in programs_in("tests/slips") {
        assert!(found.iter().all(|one| one.help.is_some()), "{name}");
    }
}

/// A slip with a safe fix is a program without that finding and without errors afterwards.
#[test]
fn safe_fixes_mend_the_slip() {
    let mut mended = 0;
    for (name, (source, before)) in programs_in("tests/slips") {
        let fixed = mend(source.name(), source.text(), &mut unread);
        let safe = before[0].fix.as_ref().is_some_and(|fix| fix.safe);
        assert_eq!(fixed.changes.len(), usize::from(safe), "{name}: {fixed:#?}");
        assert_eq!(fixed.refused, [], "{name}");
        if !safe {
            assert_eq!(fixed.text, source.text(), "{name}");
            continue;
        }
        mended += 1;
        let after = found(&fixed.text);
        let again = |one: &&Diagnostic| one.severity() == Severity::Error || one.code == before[0].code;
        assert!(!after.iter().any(|one| again(&one)), "{name}: {after:#?}");
    }
    assert!(mended >= 15, "{mended} slips are mended");
}

/// A fix that would bring another error is left, and that error is told.
#[test]
fn a_fix_that_leads_to_another_error_is_left() {
    let text = fs::read_to_string(root().join("tests/slips/blank-before-percent.fence")).unwrap();
    let text = text.replace("require \"profit\"", "require \"profit\" profit is above size and");
    let wrong = text.replace("4 % of size", "4 % of currency_of_the_account");
    let before = found(&wrong);
    let fixed = mend("slip.fence", &wrong, &mut unread);
    assert_eq!(fixed.changes, [], "{before:#?}");
    assert_eq!(fixed.text, wrong);
    assert!(fixed.refused[0].instead.starts_with("E0201: unknown name"), "{:?}", fixed.refused);
}

/// Of two slips in a statement the first hides the second: each alone would leave an error, both leave none.
#[test]
fn fixes_that_are_right_only_together_are_applied_together() {
    let text = fs::read_to_string(root().join("tests/slips/is-under.fence")).unwrap();
    let (two, right) =
        ("when profit is more than $100 and equity is under 49k {", "when profit is above $100 and equity is below $49,000 {");
    let wrong = text.replace("when equity is under $49,000 {", two);
    assert_eq!(found(&wrong).len(), 1, "{:#?}", found(&wrong));
    let fixed = mend("slip.fence", &wrong, &mut unread);
    assert_eq!((fixed.text.as_str(), fixed.refused.as_slice()), (wrong.replace(two, right).as_str(), [].as_slice()));
    let changed: Vec<_> = fixed.changes.iter().map(|change| (change.before.as_str(), change.after.as_str())).collect();
    assert_eq!(changed, [("is more than", "is above"), ("is under 49k", "is below $49,000")]);
}

/// A guess, such as a name that is near, is shown and not applied.
#[test]
fn guesses_are_left_to_the_author() {
    let text = fs::read_to_string(root().join("tests/slips/column-in-the-plural.fence")).unwrap();
    let fix = found(&text)[0].fix.clone().unwrap();
    assert_eq!((fix.text.as_str(), fix.safe), ("target", false));
    assert_eq!(mend("slip.fence", &text, &mut unread).text, text);
}

/// What a command prints, and its exit code.
fn told(arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_ringfence")).arg("check").args(arguments).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn the_command_shows_a_diff_then_writes_the_file_and_says_what_was_changed() {
    let folder = std::env::temp_dir().join(format!("ringfence-fix-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let path = folder.join("slip.fence");
    let text = fs::read_to_string(root().join("tests/slips/is-under.fence")).unwrap();
    fs::write(&path, &text).unwrap();
    let name = path.to_str().unwrap();

    let (exit, shown, _) = told(&["--fix", "--dry-run", name]);
    assert_eq!(exit, Some(1));
    assert!(
        shown.contains("-        when equity is under $49,000 {") && shown.contains("+        when equity is below $49,000 {"),
        "{shown}"
    );
    assert!(shown.ends_with("1 checked, 1 error, 0 warnings, 1 to be fixed\n"), "{shown}");
    assert_eq!(fs::read_to_string(&path).unwrap(), text);

    let (exit, shown, error) = told(&["--fix", name]);
    assert_eq!((exit, error.as_str()), (Some(0), ""));
    assert!(shown.starts_with(&format!("fixed {name}:")) && shown.contains("`is under` -> `is below`"), "{shown}");
    assert_eq!(fs::read_to_string(&path).unwrap(), text.replace("is under", "is below"));
    let left: BTreeSet<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 1, "{left:?}");

    let (exit, shown, _) = told(&["--fix", name]);
    assert_eq!((exit, shown.as_str()), (Some(0), "1 checked, 0 errors, 0 warnings, 0 fixed\n"));
    fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn fixes_are_told_to_machines() {
    let (_, shown, _) = told(&["--json", root().join("tests/slips/is-under.fence").to_str().unwrap()]);
    let line: serde_json::Value = serde_json::from_str(&shown).unwrap();
    assert_eq!((line["fix"]["text"].as_str(), line["fix"]["safe"].as_bool()), (Some("is below"), Some(true)));
    let found = found(&fs::read_to_string(root().join("tests/slips/is-under.fence")).unwrap());
    assert_eq!(line["fix"]["place"]["start"].as_u64(), Some(u64::from(found[0].fix.as_ref().unwrap().span.start)));
    assert!(found.iter().all(|one| one.severity() == Severity::Error));
}
