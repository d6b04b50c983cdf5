//! The scenarios of a program pin down every figure and word of its rules: with one slip in them, at least one
//! scenario no longer holds.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use ringfence::check::check;
use ringfence::engine::Engine;
use ringfence::scenario;
use ringfence::source::Source;
use ringfence::syntax::{load, parse};

use crate::mutants::{Mutant, mutants};
use crate::shipped::root;

/// A slip that changes no meaning.
struct Equivalent {
    program: &'static str,
    /// The line it stands in, with single blanks.
    line: &'static str,
    /// What stands there, and what is written instead.
    slip: &'static str,
    why: &'static str,
}

/// The slips after which every scenario still holds, because no account is decided otherwise.
const EQUIVALENT: &[Equivalent] = &[
    Equivalent {
        program: "rules/topstep/trading-combine.fence",
        line: r#"limit "Personal Daily Profit Target" when personal_daily_profit is known {"#,
        slip: "when personal_daily_profit is known -> ",
        why: "a limit whose bound is missing is not in force",
    },
    Equivalent {
        program: "rules/topstep/trading-combine.fence",
        line: r#"require "three trading days" trading_days is at least 3 when path is consistency"#,
        slip: "when path is consistency -> ",
        why: "five winning days, which the other path asks for, are five days with a trade",
    },
    Equivalent {
        program: "rules/topstep/trading-combine.fence",
        line: "at payment { max_loss_floor jumps to $0 and freezes }",
        slip: "and freezes -> ",
        why: "the floor is capped at the $0 to which it jumps",
    },
    Equivalent {
        program: "rules/topstep/trading-combine.fence",
        line: r#"after 30 days since trade while account is flat { review "no trade for more than 30 days" }"#,
        slip: "since trade -> since phase start",
        why: "the wait begins anew when the account turns flat, which is when its last trade ends",
    },
    Equivalent {
        program: "rules/apex/eod.fence",
        line: "option platform: one of (rithmic, wealthcharts, tradovate) = rithmic",
        slip: "rithmic -> wealthcharts",
        why: "the threshold locks at the same place on both",
    },
];

/// Each program with those of its imports that are the firm's own.
const PROGRAMS: &[(&str, &[&str])] = &[
    ("rules/ftmo/two-step.fence", &[]),
    ("rules/topstep/trading-combine.fence", &[]),
    ("rules/apex/eod.fence", &["rules/apex/performance-4.fence"]),
    ("rules/fundingpips/two-step.fence", &[]),
    ("rules/my-funded-futures/rapid.fence", &[]),
];

/// So many slips of each program that it still checks with are tried at least.
const LEAST: usize = 40;

/// What the scenarios say of a slip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// The checker finds it.
    Found,
    /// A scenario no longer holds.
    Killed,
    /// Every scenario holds.
    Survived,
}

/// A slip in a file of a program.
struct Slip<'a> {
    program: &'a str,
    file: &'a str,
    mutant: Mutant,
}

/// The texts of all files, by name.
type Texts = BTreeMap<String, String>;

#[test]
fn every_slip_breaks_a_scenario() {
    let texts = texts();
    let slips: Vec<Slip> = PROGRAMS.iter().flat_map(|(program, own)| slips(program, own, &texts)).collect();
    let fates = fates(&slips, &texts);
    let mut wrong = Vec::new();
    for (program, _) in PROGRAMS {
        let nothing = Slip { program, file: program, mutant: Mutant { place: 0..0, text: String::new() } };
        if fate(&nothing, &texts, &mut 0) != Fate::Survived {
            wrong.push(format!("{program}: its scenarios do not hold as it is"));
        }
    }
    let mut met = vec![false; EQUIVALENT.len()];
    for (slip, _) in slips.iter().zip(&fates).filter(|(_, fate)| **fate == Fate::Survived) {
        let (place, line, words) = shown(slip, &texts);
        let row = EQUIVALENT.iter().position(|row| row.program == slip.program && row.line == line && row.slip == words);
        match row {
            Some(row) => met[row] = true,
            None => wrong.push(format!("{place} survives: {words}\n      {line}")),
        }
    }
    for (row, _) in EQUIVALENT.iter().zip(met).filter(|(_, met)| !met) {
        wrong.push(format!("{}: no survivor is `{}` in `{}` ({})", row.program, row.slip, row.line, row.why));
    }
    for (program, _) in PROGRAMS {
        let tried = slips.iter().zip(&fates).filter(|(slip, fate)| slip.program == *program && **fate != Fate::Found).count();
        if tried < LEAST {
            wrong.push(format!("{program}: only {tried} slips tried"));
        }
    }
    assert!(wrong.is_empty(), "{} found\n{}", wrong.len(), wrong.join("\n"));
}

/// The programs, what they import, and the library's shared templates.
fn texts() -> Texts {
    let paths = crate::shipped::shipped();
    let name = |path: &std::path::Path| path.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
    paths.iter().map(|path| (name(path), std::fs::read_to_string(path).unwrap())).collect()
}

fn slips<'a>(program: &'a str, own: &'a [&'a str], texts: &Texts) -> Vec<Slip<'a>> {
    let files = std::iter::once(program).chain(own.iter().copied());
    files.flat_map(|file| mutants(&texts[file]).into_iter().map(move |mutant| Slip { program, file, mutant })).collect()
}

/// What becomes of each slip, tried on as many threads as there are processors.
fn fates(slips: &[Slip], texts: &Texts) -> Vec<Fate> {
    let next = AtomicUsize::new(0);
    let fates = Mutex::new(vec![Fate::Survived; slips.len()]);
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, NonZero::get) {
            scope.spawn(|| {
                // The scenario that a slip broke breaks by its neighbours too, mostly.
                let mut likely = 0;
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(slip) = slips.get(at) else { break };
                    let fate = fate(slip, texts, &mut likely);
                    fates.lock().unwrap()[at] = fate;
                }
            });
        }
    });
    fates.into_inner().unwrap()
}

/// What becomes of a slip; the likely scenario is tried first, and becomes the one that it breaks.
fn fate(slip: &Slip, texts: &Texts, likely: &mut usize) -> Fate {
    let read = |name: &str| match texts.get(name) {
        Some(text) if name == slip.file => {
            Ok(format!("{}{}{}", &text[..slip.mutant.place.start], slip.mutant.text, &text[slip.mutant.place.end..]))
        }
        Some(text) => Ok(text.clone()),
        None => Err(format!("no file {name}")),
    };
    let source = load(Source::new(slip.program, read(slip.program).unwrap()), &mut |name| read(name));
    let checked = check(&source, &parse(&source));
    let Some(ir) = checked.ir.filter(|_| checked.diagnostics.is_empty()) else { return Fate::Found };
    let Ok(program) = ringfence::compile::compile(ir) else { return Fate::Found };
    let program = Arc::new(program);
    let scenarios = &program.ir.scenarios;
    let mut order = (*likely..scenarios.len()).chain(0..scenarios.len().min(*likely));
    let broken = order.find(|at| {
        let mut engine = Engine::new();
        engine.load(Arc::clone(&program));
        !scenario::run(&program.ir, &checked.names, &scenarios[*at], &mut engine).passed()
    });
    *likely = broken.unwrap_or(*likely);
    if broken.is_some() { Fate::Killed } else { Fate::Survived }
}

/// Where a slip is, its line with single blanks, and what it writes.
fn shown(slip: &Slip, texts: &Texts) -> (String, String, String) {
    let text = &texts[slip.file];
    let flat = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let start = text[..slip.mutant.place.start].rfind('\n').map_or(0, |end| end + 1);
    let line = text[start..].lines().next().unwrap_or("");
    let number = text[..start].lines().count() + 1;
    (format!("{}:{number}", slip.file), flat(line), format!("{} -> {}", flat(&text[slip.mutant.place.clone()]), slip.mutant.text))
}
