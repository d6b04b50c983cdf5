//! The scenarios of a program pin down every figure and word of its rules: with one slip in them, at least one
//! scenario no longer holds.

use ringfence::source::Source;
use ringfence::syntax::parse;
use ringfence::testing::mutate::{Fate, Mutant, Slip, Trial};

use crate::shipped::{checked, root};

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

/// A program with the slips of its own files.
struct Tried {
    program: &'static str,
    source: Source,
    slips: Vec<Slip>,
    fates: Vec<Fate>,
}

#[test]
fn every_slip_breaks_a_scenario() {
    let mut wrong = Vec::new();
    let mut met = vec![false; EQUIVALENT.len()];
    for (program, own) in PROGRAMS {
        let tried = tried(program, own);
        for (slip, _) in tried.slips.iter().zip(&tried.fates).filter(|(_, fate)| **fate == Fate::Unnoticed) {
            let (number, line) = slip.line(&tried.source);
            let words = format!("{} -> {}", slip.before(&tried.source), slip.mutant.text);
            let row = EQUIVALENT.iter().position(|row| row.program == tried.program && row.line == line && row.slip == words);
            match row {
                Some(row) => met[row] = true,
                None => wrong.push(format!("{}:{number} survives: {words}\n      {line}", tried.source.files()[slip.file].name)),
            }
        }
        let count = tried.fates.iter().filter(|fate| **fate != Fate::Found).count();
        if count < LEAST {
            wrong.push(format!("{program}: only {count} slips tried"));
        }
    }
    for (row, _) in EQUIVALENT.iter().zip(met).filter(|(_, met)| !met) {
        wrong.push(format!("{}: no survivor is `{}` in `{}` ({})", row.program, row.slip, row.line, row.why));
    }
    assert!(wrong.is_empty(), "{} found\n{}", wrong.len(), wrong.join("\n"));
}

/// The slips of a program and of those of its imports that are the firm's own, tried.
fn tried(program: &'static str, own: &[&str]) -> Tried {
    let (source, _) = checked(&root().join(program));
    let trial = Trial::new(&source, &parse(&source));
    let nothing = Slip { file: 0, mutant: Mutant { place: 0..0, text: String::new() } };
    assert_eq!(trial.fates(&[nothing], &|| ()), [Fate::Unnoticed], "{program}: its scenarios do not hold as it is");
    let is_own = |name: &str| name == program || own.contains(&name);
    let files = (0..source.files().len()).filter(|file| is_own(&source.files()[*file].name));
    let slips: Vec<Slip> = files.flat_map(|file| trial.slips(file)).collect();
    let fates = trial.fates(&slips, &|| ());
    Tried { program, source, slips, fates }
}
