//! `ringfence test`

mod accepted;
mod boundaries;
mod coverage;
mod junit;
mod mutate;
mod show;
mod suite;
mod watch;

use std::path::PathBuf;
use std::str::FromStr;

use super::{Exit, render};
use suite::{Count, Loaded, Ran};

/// What `test` takes.
#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub(super) struct Arguments {
    /// Programs, or folders of them.
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// Only scenarios whose title or cited example contains this.
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,
    /// Name the scenarios and run none.
    #[arg(long, group = "what")]
    list: bool,
    /// Stop at the first scenario that fails.
    #[arg(long)]
    fail_fast: bool,
    /// Show everything that was decided in the scenarios that fail, not only what stands around the failure.
    #[arg(long)]
    timeline: bool,
    /// Run again what a changed file touches, the programs that import it included, until Ctrl-C.
    #[arg(long, group = "what")]
    watch: bool,
    /// Write the results as `JUnit` XML, as CI servers read them.
    #[arg(long, value_name = "FILE", conflicts_with = "what")]
    junit: Option<PathBuf>,
    /// Print the results as JSON, one object a line.
    #[arg(long)]
    json: bool,
    /// Tell what the scenarios never showed: conditions, limits, rows and actions.
    ///
    /// A condition should have been true and false, a limit broken and kept, a requirement met and not met, a
    /// row chosen, an action run. The scenarios are run on the reference evaluator, which tells what it sees.
    #[arg(long, group = "what")]
    coverage: bool,
    /// Change the rules in one place at a time, and tell which changes no scenario notices.
    ///
    /// A figure goes a step up or down; touching becomes crossing; one base, clock or lock becomes another; a
    /// statement, condition or action is left out. A change that `check` finds is not tried. With a line, only
    /// that line of the program is changed. A change that stands in the file PROGRAM.accepted beside the program is not told.
    #[arg(long, group = "what", value_name = "LINE", num_args = 0..=1, require_equals = true, default_missing_value = "all",
          conflicts_with = "filter")]
    mutate: Option<Lines>,
    /// Write scenarios one unit before, at and past each limit, at each reset, and where summer time changes.
    ///
    /// They hold for the program as it is: read each, compare it with the published rules, and keep what is right.
    #[arg(long, group = "what", conflicts_with_all = ["json", "filter"])]
    boundaries: bool,
    /// With `--boundaries`: the plan; the first when it is left out.
    #[arg(long, value_name = "PLAN", requires = "boundaries")]
    plan: Option<String>,
    /// With `--boundaries`: write to this file.
    #[arg(long, value_name = "FILE", requires = "boundaries")]
    out: Option<PathBuf>,
}

/// Which lines of a program are changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lines {
    All,
    One(usize),
}

impl FromStr for Lines {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "all" => Ok(Self::All),
            line => line.parse().map(Self::One).map_err(|_| format!("`{line}` is no number of a line")),
        }
    }
}

impl Lines {
    fn holds(self, line: usize) -> bool {
        self == Self::All || self == Self::One(line)
    }
}

/// Tests programs.
pub(super) fn run(arguments: &Arguments) -> Result<Exit, String> {
    if arguments.watch {
        return watch::run(arguments);
    }
    let programs = suite::load(&arguments.paths)?;
    if arguments.list {
        return list(arguments, &programs);
    }
    if arguments.coverage {
        return coverage::run(arguments, &programs);
    }
    if let Some(lines) = arguments.mutate {
        return mutate::run(arguments, &programs, lines);
    }
    if arguments.boundaries {
        return boundaries::run(arguments, &programs);
    }
    let ran = scenarios(arguments, &programs);
    if let Some(file) = &arguments.junit {
        junit::write(file, &ran)?;
    }
    let count = ran.iter().map(Ran::count).sum();
    nothing_fits(arguments, count)?;
    Ok(close(arguments, count))
}

/// Runs the scenarios that are wanted, and shows those that fail as they do.
fn scenarios<'a>(arguments: &'a Arguments, programs: &'a [Loaded]) -> Vec<Ran<'a>> {
    let mut all = Vec::new();
    for loaded in programs {
        let ran = loaded.run(arguments.filter.as_deref(), arguments.fail_fast, &mut |program, scenario, report| {
            if arguments.json {
                show::json(program, scenario, report);
            } else if !report.passed() {
                show::failed(program, report, arguments.timeline);
            }
        });
        if arguments.json {
            show::json_refused(&ran);
        }
        let stops = arguments.fail_fast && ran.count().is_bad();
        all.push(ran);
        if stops {
            break;
        }
    }
    all
}

/// A filter that fits nothing is no success.
fn nothing_fits(arguments: &Arguments, count: Count) -> Result<(), String> {
    match &arguments.filter {
        Some(text) if count.passed + count.failed + count.refused == 0 => {
            Err(format!("no scenario has `{text}` in its title or among what it cites"))
        }
        _ => Ok(()),
    }
}

/// The closing line, and what the command ends with.
fn close(arguments: &Arguments, count: Count) -> Exit {
    let Count { passed, failed, refused } = count;
    if arguments.json {
        render::line(&serde_json::json!({ "passed": passed, "failed": failed, "refused": refused }).to_string());
    } else {
        let refused = match refused {
            0 => String::new(),
            1 => "; 1 program has errors and was not run".into(),
            several => format!("; {several} programs have errors and were not run"),
        };
        render::line(&format!("{passed} passed, {failed} failed{refused}"));
    }
    if count.is_bad() { Exit::Found } else { Exit::Ok }
}

/// Names the scenarios.
fn list(arguments: &Arguments, programs: &[Loaded]) -> Result<Exit, String> {
    let mut listed = Count::default();
    for loaded in programs {
        let Some(program) = loaded.program() else {
            listed.refused += 1;
            continue;
        };
        for scenario in program.wanted(arguments.filter.as_deref()) {
            listed.passed += 1;
            show::listed(program, scenario, arguments.json);
        }
    }
    nothing_fits(arguments, listed)?;
    Ok(if listed.is_bad() { Exit::Found } else { Exit::Ok })
}
