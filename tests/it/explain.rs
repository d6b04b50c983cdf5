//! `docs/findings/`: a page for each code, whose bad example raises exactly that code and whose good one
//! raises nothing and keeps its scenarios; and `ringfence explain`, which shows them.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use ringfence::check::Checked;
use ringfence::compile::compile;
use ringfence::diagnostic::{Code, Diagnostic, Severity};
use ringfence::source::Source;

use crate::manual::{Kind, blocks, checked, failing, fences, frame, page, whole};
use crate::rejected::raised_elsewhere;
use crate::shipped::root;

const FOLDER: &str = "docs/findings";

/// Examples are checked as a file of this name, so that they may import what programs of firms import.
const NAME: &str = "rules/example.fence";

/// Words of prose that are read in half a minute, beside the examples.
const MOST_WORDS: usize = 100;

/// Lines of an example that is taken in at a glance.
const MOST_LINES: usize = 20;

/// The page of a code.
struct Page {
    code: Code,
    text: String,
    bad: Option<(Kind, String)>,
    good: Option<(Kind, String)>,
}

impl Page {
    fn of(code: Code) -> Self {
        let text = fs::read_to_string(root().join(FOLDER).join(format!("{code}.md"))).unwrap();
        let (mut bad, mut good) = (None, None);
        for (line, info, example) in fences(&text) {
            let marked = |mark: &str| Kind::of(&info.replacen(&format!(" {mark}"), "", 1)).filter(|_| info.contains(mark));
            let (place, kind) = match (marked("bad"), marked("good")) {
                (Some(kind), None) => (&mut bad, kind),
                (None, Some(kind)) => (&mut good, kind),
                _ => panic!("{code}:{line}: a block of the kind `{info}`"),
            };
            assert!(place.replace((kind, example)).is_none(), "{code}:{line}: a second block of the kind `{info}`");
        }
        Self { code, text, bad, good }
    }

    fn all() -> Vec<Self> {
        Code::ALL.iter().map(|code| Self::of(*code)).collect()
    }

    /// The paragraphs outside the examples, each on one line.
    fn prose(&self) -> Vec<String> {
        let outside = self.text.split("```").step_by(2).flat_map(|part| part.split("\n\n"));
        let lines = outside.map(|paragraph| paragraph.split_whitespace().collect::<Vec<_>>().join(" "));
        lines.filter(|paragraph| !paragraph.is_empty()).collect()
    }
}

/// The codes that checking and compiling an example find, each as often as it is found.
fn found((_, checked): &(Source, Checked)) -> Vec<Code> {
    let compiled = checked.ir.clone().and_then(|ir| compile(ir).err()).unwrap_or_default();
    checked.diagnostics.iter().chain(&compiled).map(|found| found.code).collect()
}

/// The same for the page of a code: an example shows one value, and what would read it is left out.
fn found_on(code: Code, example: &(Source, Checked)) -> Vec<Code> {
    found(example).into_iter().filter(|found| *found == code || *found != Code::Unused).collect()
}

/// Exit code, standard output and standard error.
fn explain(arguments: &[&str]) -> (Option<i32>, String, String) {
    told(command(arguments))
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ringfence"));
    command.arg("explain").args(arguments);
    command
}

fn told(mut command: Command) -> (Option<i32>, String, String) {
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// The bad examples, each with its findings.
pub(crate) fn bad_examples() -> Vec<(Source, Vec<Diagnostic>)> {
    let manual = page();
    let blocks = blocks(&manual);
    let bad = Page::all().into_iter().filter_map(|page| page.bad);
    let checked = bad.map(|(kind, text)| checked(NAME, whole(&kind, &text, frame(&blocks))));
    checked.map(|(source, checked)| (source, checked.diagnostics)).collect()
}

/// What the bad examples raise.
pub(crate) fn raised_by_pages() -> Vec<Code> {
    let manual = page();
    let blocks = blocks(&manual);
    let frame = frame(&blocks);
    let bad = Page::all().into_iter().filter_map(|page| page.bad);
    bad.flat_map(|(kind, text)| found(&checked(NAME, whole(&kind, &text, frame)))).collect()
}

#[test]
fn every_code_has_a_page_and_every_page_a_code() {
    let names = fs::read_dir(root().join(FOLDER)).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let codes = Code::ALL.iter().map(|code| format!("{code}.md"));
    assert_eq!(names.collect::<BTreeSet<_>>(), codes.collect());
}

#[test]
fn pages_say_what_the_table_of_codes_says_and_why_and_are_short() {
    for page in Page::all() {
        let (code, prose) = (page.code, page.prose());
        assert_eq!(prose[0], format!("# {code}: {}", code.title()));
        assert!(prose[1].starts_with(code.explanation().trim()), "{code} does not begin with `{}`", code.explanation().trim());
        assert!(prose[2].starts_with("Why: "), "{code} does not say why");
        let words: usize = prose.iter().map(|paragraph| paragraph.split(' ').count()).sum();
        assert!(words <= MOST_WORDS, "{code}: {words} words");
        for (_, example) in page.bad.iter().chain(&page.good) {
            assert!(example.lines().count() <= MOST_LINES, "{code}: {} lines", example.lines().count());
        }
    }
}

#[test]
fn bad_examples_raise_their_code_alone_and_good_ones_nothing() {
    let manual = page();
    let blocks = blocks(&manual);
    let frame = frame(&blocks);
    let program = |(kind, text): (Kind, String)| checked(NAME, whole(&kind, &text, frame));
    let mut wrong = Vec::new();
    for Page { code, bad, good, .. } in Page::all() {
        if let Some(bad) = bad.map(program)
            && found_on(code, &bad) != [code]
        {
            wrong.push(format!("the bad example of {code}: {:?}", found_on(code, &bad)));
        }
        if let Some(good) = good.map(program) {
            if !found_on(code, &good).is_empty() {
                wrong.push(format!("the good example of {code}: {:?}", good.1.diagnostics));
            }
            assert_eq!(failing(&good.0, &good.1, code.id()), [""; 0]);
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// A page without a bad example says so, and a program that is too large for a page raises its code.
#[test]
fn codes_without_an_example_are_raised_by_programs_that_are_built() {
    let built = raised_elsewhere();
    let without: Vec<Page> = Page::all().into_iter().filter(|page| page.bad.is_none() || page.good.is_none()).collect();
    assert_eq!(without.iter().map(|page| page.code).collect::<Vec<_>>(), [Code::Nesting, Code::TooLarge]);
    for page in without {
        assert!(page.text.contains("example") || page.text.contains("is not shown"), "{} does not say so", page.code);
        let (_, raised) = built.iter().find(|(code, _)| *code == page.code).unwrap();
        let errors: Vec<&Code> = raised.iter().filter(|code| code.severity() == Severity::Error).collect();
        assert_eq!(errors, [&page.code]);
    }
}

/// Each page as it stands in its file, but for the marks of Markdown.
#[test]
fn each_page_is_shown_whole_and_without_colour() {
    for Page { code, text, .. } in Page::all() {
        let (exit, shown, error) = explain(&[&code.id().to_lowercase()]);
        assert_eq!((exit, error.as_str()), (Some(0), ""), "{code}");
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let plain = text.lines().filter(|line| !line.starts_with("```")).collect::<Vec<_>>().join("\n");
        assert_eq!(words(&shown), words(plain.trim_start_matches("# ")), "{code}");
    }
}

#[test]
fn an_example_stands_further_in() {
    let (_, shown, _) = explain(&["E0303"]);
    let wanted = "Bad:\n\n    limit \"Daily loss\" {\n        equity stays above day.start_balance - 5%\n";
    assert!(shown.starts_with("E0303: a percentage without its base\n\n") && shown.contains(wanted), "{shown}");
}

/// What a terminal shows: the marks in colour, and comments dimmed.
#[test]
fn examples_are_marked_in_colour_where_that_is_wanted() {
    let mut coloured = command(&["E0203"]);
    coloured.env("CLICOLOR_FORCE", "1").env_remove("NO_COLOR");
    let (_, shown, _) = told(coloured);
    for part in ["\u{1b}[1mE0203: unknown phase", "\u{1b}[31mBad:", "\u{1b}[32mGood:", "\u{1b}[2m// there is no such phase"] {
        assert!(shown.contains(&format!("{part}\u{1b}[0m\n")), "{part:?}: {shown:?}");
    }
}

#[test]
fn codes_are_listed_and_an_unknown_one_is_told_with_the_nearest() {
    let (exit, listed, _) = explain(&[]);
    assert_eq!(exit, Some(0));
    assert!(Code::ALL.iter().all(|code| listed.contains(&format!("{code}  {}\n", code.title()))), "{listed}");
    let (exit, shown, error) = explain(&["e0330"]);
    assert_eq!((exit, shown.as_str()), (Some(2), ""));
    // Two neighbours exchanged make E0303; two letters make many, of which those that begin alike come first.
    assert_eq!(error, "error: there is no code `e0330`; the nearest: E0303, E0301, E0302; `ringfence explain` lists all\n");
    let (exit, _, error) = explain(&["percentage"]);
    assert_eq!((exit, error.as_str()), (Some(2), "error: there is no code `percentage`; `ringfence explain` lists all\n"));
}
