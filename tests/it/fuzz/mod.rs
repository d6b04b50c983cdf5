//! Hostile input that is kept in `tests/fuzz/corpus`, and the programs of the project beside it, given to what reads
//! it: nothing panics, nothing goes on without end, nothing takes more memory than its input is worth.

mod forged;
mod targets;

use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;

use crate::shipped::root;
use targets::{TARGETS, Target, under_way};

/// How long one input may take, some ten times what the slowest does take: on a machine that does other work, without optimising.
const LONGEST: Duration = Duration::from_secs(30);

/// How much memory one input may hold at once, and how often it may ask for some, in a thread of its own.
const MOST_BYTES: u64 = 512 * 1024 * 1024;
const MOST_ALLOCATIONS: u64 = 60_000_000;

/// Of the programs of the project, whole as they are, each target takes one in so many: other tests read all.
const STRIDE: usize = 29;

/// The largest that an input of the corpus may be, and all of them together.
const LARGEST: u64 = 64 * 1024;
const CORPUS: u64 = 1024 * 1024;

fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut found: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    found.sort();
    let inside = |path: PathBuf| if path.is_dir() { files(&path) } else { vec![path] };
    found.into_iter().flat_map(inside).collect()
}

fn corpus(target: &Target) -> Vec<PathBuf> {
    files(&root().join("tests/fuzz/corpus").join(target.name))
}

/// What is wrong with how a target takes an input.
fn tried(target: &Target, path: &Path) -> Option<String> {
    let (data, run) = (std::fs::read(path).unwrap(), target.run);
    let (tell, told) = mpsc::channel();
    let thread = std::thread::spawn(move || {
        let used = allocation_counter::measure(|| run(&data));
        let _ = tell.send((used.bytes_max, used.count_total));
    });
    let wrong = match told.recv_timeout(LONGEST) {
        Ok((bytes, count)) if bytes > MOST_BYTES || count > MOST_ALLOCATIONS => format!("{bytes} bytes at once, {count} allocations"),
        Ok(_) => return None,
        Err(mpsc::RecvTimeoutError::Timeout) => "goes on without end".to_owned(),
        Err(mpsc::RecvTimeoutError::Disconnected) => {
            let panic = thread.join().err()?;
            let text = panic.downcast_ref::<String>().cloned();
            text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default()
        }
    };
    Some(format!("{}: {}: {wrong}", target.name, path.display()))
}

#[test]
fn nothing_that_is_kept_breaks_what_reads_it() {
    let mut count = 0;
    let mut wrong = Vec::new();
    for target in TARGETS {
        let kept = corpus(target);
        assert!(!kept.is_empty(), "{} has no corpus", target.name);
        let seeds = target.seeds.iter().flat_map(|folder| files(&root().join(folder))).step_by(STRIDE);
        for path in kept.into_iter().chain(seeds) {
            count += 1;
            wrong.extend(tried(target, &path));
        }
    }
    assert!(wrong.is_empty(), "{} of {count}\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn the_corpus_is_small_and_of_targets_that_are_there() {
    let folder = root().join("tests/fuzz/corpus");
    for entry in std::fs::read_dir(&folder).unwrap() {
        let name = entry.unwrap().file_name();
        assert!(TARGETS.iter().any(|target| name == target.name), "{} is no target", name.display());
    }
    let sizes: Vec<u64> = files(&folder).iter().map(|path| path.metadata().unwrap().len()).collect();
    assert!(sizes.iter().all(|size| *size <= LARGEST), "{sizes:?}");
    assert!(sizes.iter().sum::<u64>() <= CORPUS, "{} bytes", sizes.iter().sum::<u64>());
}

/// Nesting, length and repetition far past what anybody writes: told, not followed.
#[test]
fn texts_without_measure_are_refused() {
    let program = |rule: &str| {
        format!(
            "program \"P\" {{\n  firm \"F\"\n  version \"1\"\n  currency USD\n  timezone \"UTC\"\n  day 00:00\n  plans\n    | plan | size |\n    | S | $10,000 |\n  phase first {{\n    ledger starts at size\n{rule}\n  }}\n}}\n"
        )
    };
    // Templates that use each other: each so often, or with more given to each.
    let templates = |takes: &str, given: &str, times: usize, last: &str| {
        let uses = |at: usize| format!("      use t{}({given})\n", at + 1).repeat(times);
        let used = (0..6).map(|at| format!("    template t{at}({takes}) {{\n{}    }}\n", uses(at))).collect::<Vec<_>>().concat();
        let first = if takes.ends_with("money") { "x = $1" } else { "x = z" };
        let program = program(&format!("    use t0({first})\n"));
        program.replacen("  phase", &format!("{used}    template t6({takes}) {{\n      {last}\n    }}\n  phase"), 1)
    };
    let deep = |open: &str, close: &str| program(&format!("    let deep = {}equity{}", open.repeat(20_000), close.repeat(20_000)));
    let texts = [
        deep("(", ")"),
        deep("-", ""),
        deep("not ", ""),
        deep("if yes then ", " else 1"),
        "{".repeat(40_000),
        "}".repeat(40_000),
        "(".repeat(40_000),
        "\"".repeat(10_001),
        "/*".repeat(8_000),
        program(&"    phase x {\n".repeat(5_000)),
        program(&format!("    let long = {}equity", "equity + ".repeat(5_000))),
        program(&format!(
            "    let a0 = equity\n{}",
            (1..400).map(|at| format!("    let a{at} = a{} + a{}\n", at - 1, at - 1)).collect::<Vec<_>>().concat()
        )),
        program(&format!("    let digits = {}", "9".repeat(40_000))),
        "{\n".repeat(10_000),
        "(\n".repeat(10_000),
        "/*\n".repeat(10_000),
        "\n".repeat(40_000),
        ";".repeat(40_000),
        "“x” ".repeat(10_000),
        "\"x\" ".repeat(10_000),
        "' \" ".repeat(10_000),
        "mon—".repeat(10_000),
        "–".repeat(3_000),
        "on x {\n  y\n    }\n    z\n".repeat(2_000),
        program(&"    limit floor\n".repeat(2_000)),
        program(&(0..1_000).map(|at| format!("    let a{at} = equity\n")).collect::<Vec<_>>().concat()),
        program(&format!("    table t by size\n      | {} | b |\n{}", "a".repeat(30_000), "      | c | d |\n".repeat(2_000))),
        program(&"    template t {\n    }\n    use t()\n".repeat(1_000)),
        program(&(0..2_000).map(|at| format!("    let a{at} = a{} + $1\n", at + 1)).collect::<Vec<_>>().concat()),
        program(
            &(0..400).map(|at| format!("    let a{at} = {}a{}{}\n", "(".repeat(60), at + 1, ")".repeat(60))).collect::<Vec<_>>().concat(),
        ),
        program(&(0..400).map(|at| format!("    track t{at} = highest t{} at fill from $0\n", at + 1)).collect::<Vec<_>>().concat()),
        program(&(0..5_000).map(|at| format!("    when equity is above ${at} {{ fail }}\n")).collect::<Vec<_>>().concat()),
        templates("x: name", "x = y", 12, "let x = equity"),
        templates("x: money", &format!("x = x{}", " + x".repeat(30)), 1, "let y = x"),
    ];
    let folder = std::env::temp_dir().join(format!("ringfence-measure-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let mut wrong = Vec::new();
    for (at, text) in texts.iter().enumerate() {
        let path = folder.join(at.to_string());
        std::fs::write(&path, text).unwrap();
        wrong
            .extend(TARGETS.iter().filter(|target| target.is_text && target.name != "scenarios").filter_map(|target| tried(target, &path)));
    }
    std::fs::remove_dir_all(&folder).unwrap();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// `WRITE_SEEDS=1` writes what snapshots and journals of the present form begin with; to be run when a form changes.
#[test]
fn snapshots_and_journals_of_the_corpus_are_of_the_present_form() {
    let folder = root().join("tests/fuzz/corpus");
    let write = std::env::var("WRITE_SEEDS").is_ok();
    for (name, bytes) in seeds() {
        let path = folder.join(name);
        if write {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, &bytes).unwrap();
        }
        assert!(std::fs::read(&path).unwrap() == bytes, "{name}: run this test with WRITE_SEEDS=1");
    }
}

/// An envelope's bytes before and behind the state.
const ENVELOPE: (usize, usize) = (23, 8);

fn seeds() -> Vec<(&'static str, Vec<u8>)> {
    let engine = under_way();
    let account = |name: &str| engine.account(name).unwrap().snapshot().unwrap();
    let market = engine.market().snapshot().unwrap();
    let state = |way: u8, sealed: &[u8]| [&[way], &sealed[ENVELOPE.0..sealed.len() - ENVELOPE.1]].concat();
    let lines: Vec<Vec<u8>> = targets::prelude().iter().map(|event| serde_json::to_vec(event).unwrap()).collect();
    let text = "program \"P\" {\n  firm \"F\"\n  version \"1\"\n  currency USD\n  timezone \"UTC\"\n  day 00:00\n  plans\n    | plan | size |\n    | S | $10,000 |\n  phase first {\n    ledger starts at size\n    limit \"Maximum loss\" {\n      equity stays above $9,000\n      on breach { fail }\n    }\n  }\n}\n";
    let program = serde_json::to_vec(&[("p.fence", text)]).unwrap();
    let records: Vec<(u32, &[u8])> = std::iter::once((1, &program[..])).chain(lines[..4].iter().map(|line| (2, &line[..]))).collect();
    let bytes = forged::bytes(&records);
    assert_eq!(forged::records(&bytes), records);
    vec![
        ("snapshots/account", [&[0], &account("A0")[..]].concat()),
        ("snapshots/market", [&[1], &market[..]].concat()),
        ("snapshots/market-state", state(2, &market)),
        ("snapshots/two-step-state", state(3, &account("A0"))),
        ("snapshots/payouts-state", state(4, &account("A1"))),
        ("snapshots/orders-state", state(5, &account("A2"))),
        ("journal/segment", [&[0], &forged::segment(&records)[..]].concat()),
        ("journal/records", [&[1], &bytes[..]].concat()),
    ]
}
