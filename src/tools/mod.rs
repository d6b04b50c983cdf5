//! The `ringfence` command: the only module that prints, reads files or looks at the clock.

mod audit;
mod check;
mod diff;
mod doc;
mod dump;
mod explain;
mod feed;
mod files;
mod fix;
mod fmt;
mod input;
mod library;
mod prelude;
mod prompt;
mod render;
mod repl;
mod replay;
mod rollout;
mod run;
mod selftest;
mod summary;
pub use fix::{Change, Mended, Refused, mend, prove};
pub use render::{diagnostic as render_diagnostic, diagnostic_within, json_diagnostic, plain_diagnostic};
mod test;
mod timeline;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};

/// What a command ends with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Everything is as it should be.
    Ok,
    /// The command did its work and found something: errors in a program, failing scenarios, a disagreement.
    Found,
    /// The command could not do its work: bad arguments, a file that cannot be read.
    Unable,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Ok => 0,
            Exit::Found => 1,
            Exit::Unable => 2,
        })
    }
}

/// Checks, tests and runs account programs of proprietary trading firms.
#[derive(Debug, Parser)]
#[command(
    name = "ringfence",
    version,
    about,
    max_term_width = 100,
    after_help = "Exit codes: 0 all well; 1 something was found (errors, failing scenarios); 2 the command could not do its work."
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Check programs and report everything that is wrong with them.
    ///
    /// Each finding has a stable code, its place, and what to do. With `--fix`, what is certain is mended: a fix is
    /// applied where its finding is then gone and no other error appears; imported files are left as they are.
    Check {
        /// Programs, or folders of them.
        #[arg(required = true)]
        paths: Vec<PathBuf>,
        /// Print the findings as JSON, one a line.
        #[arg(long)]
        json: bool,
        /// Mend what is certain, and say what was changed.
        #[arg(long)]
        fix: bool,
        /// Write nothing: show what `--fix` would change.
        #[arg(long, requires = "fix")]
        dry_run: bool,
    },
    /// Say what a finding means, with an example of it and one without.
    Explain {
        /// The code of the finding, such as `E0303`; all are listed where it is left out.
        code: Option<String>,
    },
    /// Run the scenarios of programs, and tell what they leave open.
    ///
    /// A failure is shown at its line with both values and with what was decided around it. The last line is
    /// `N passed, N failed`. With `--coverage`, `--mutate` or `--boundaries` the scenarios themselves are looked at.
    Test(Box<test::Arguments>),
    /// Bring programs into their one layout.
    ///
    /// Only blanks and empty lines change. A program whose text would mean something else afterwards is
    /// left alone and told.
    Fmt {
        /// Programs, or folders of them; `-` reads one from standard input and writes it to standard output.
        #[arg(required = true)]
        paths: Vec<PathBuf>,
        /// Write nothing: name the files that would change, with the first line of each.
        #[arg(long)]
        check: bool,
    },
    /// Run a program over recorded events and show what it decides, and why.
    ///
    /// Events are JSON Lines, statements of MT4 and MT5, Tradovate orders, executions, and archives
    /// of ticks or minutes; each file is recognised by what is in it. Nothing is sent anywhere.
    Run(Box<run::Arguments>),
    /// Replay many recorded accounts under a program: what would have become of each.
    ///
    /// Each file of events is of one account or several, with the ticks that they saw, or without any beside
    /// `--shared`. Accounts are opened under this program whatever version they were opened under. With
    /// `--against`, only what two programs decide otherwise is shown.
    Replay(Box<replay::Arguments>),
    /// Try a program line by line: steps of scenarios, expressions, and questions about the account.
    ///
    /// `help` lists what can be asked. Where standard input is no terminal, its lines are a script: each is
    /// shown with what it came to, and the exit code is 1 if one could not be done.
    Repl(Box<repl::Arguments>),
    /// Write a program as the page of rules that a trader reads.
    ///
    /// Sentences are made from the checked program, and figures are the engine's answers: what is published
    /// cannot differ from what is enforced.
    Doc(Box<doc::Arguments>),
    /// Compare two versions of a program: what means something else, rule by rule.
    ///
    /// Meanings are compared, not texts. What running accounts keep is told as kept, new, dropped or changed; the
    /// cells of plans and the options are those with which an account was opened. The exit code is 1 if they differ.
    ///
    /// What would have been decided otherwise on recorded accounts tells `ringfence replay NEW --against OLD EVENTS`.
    Diff(Box<diff::Arguments>),
    /// Run a program on the engine and on the slow reference evaluator, and compare them.
    ///
    /// Its scenarios are run on both, and files of events where some are given. What both decide, and
    /// everything that they keep, must be the same.
    Selftest(Box<selftest::Arguments>),
    /// Look through the journal of a host: that nothing in it was changed, and what was decided in it.
    #[command(subcommand)]
    Audit(audit::Command),
    /// List the library: programs of firms, each an unofficial reading as of a date.
    ///
    /// `ringfence new --from NAME` copies one as a start.
    Rules {
        /// Only programs whose name, firm or title contains this.
        #[arg(value_name = "TEXT")]
        filter: Option<String>,
        /// Print one JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// Begin a program of your own: a small one with comments, or a copy of one of the library.
    ///
    /// Nothing is overwritten: a file that is there and differs is an error, before anything is written.
    New {
        /// The file to begin, `program.fence` if left out; its program has a limit, a floor, a goal, a payout and scenarios,
        /// each explained.
        #[arg(value_name = "FILE")]
        file: Option<PathBuf>,
        /// A program to copy instead, with what it imports, as `ringfence rules` names it, such as `ftmo/two-step`.
        #[arg(long, value_name = "NAME")]
        from: Option<String>,
        /// The folder to copy into; each file keeps its place in the library there.
        #[arg(long, value_name = "FOLDER", default_value = ".", requires = "from")]
        to: PathBuf,
    },
    /// Show a stage of a program's way from text to code.
    Dump {
        /// The program.
        program: PathBuf,
        /// Which stage.
        #[arg(long, value_enum, default_value_t = Stage::Ir)]
        stage: Stage,
    },
}

/// A stage of a program's way from text to code.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Stage {
    /// The tree, as written.
    Ast,
    /// The meaning: nodes in the order of evaluation.
    Ir,
    /// The instructions, the layout of an account's state, and the bounds.
    Code,
}

/// Runs the command with the process's arguments.
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are no errors; clap prints each to its own stream.
            let _ = error.print();
            return if error.use_stderr() { Exit::Unable.into() } else { Exit::Ok.into() };
        }
    };
    let done = match arguments.command {
        Command::Check { paths, json, fix, dry_run } => check::run(&paths, check::Options { json, fix, dry_run }),
        Command::Explain { code } => code.map_or_else(|| Ok(explain::list()), |code| explain::page(&code)),
        Command::Test(arguments) => test::run(&arguments),
        Command::Fmt { paths, check } => fmt::run(&paths, check),
        Command::Run(arguments) => run::run(&arguments),
        Command::Replay(arguments) => replay::run(&arguments),
        Command::Repl(arguments) => repl::run(*arguments),
        Command::Diff(arguments) => diff::run(&arguments),
        Command::Doc(arguments) => doc::run(&arguments),
        Command::Selftest(arguments) => selftest::run(&arguments),
        Command::Audit(command) => audit::run(&command),
        Command::Rules { filter, json } => library::list(filter.as_deref(), json),
        Command::New { from: Some(from), file: Some(file), .. } => Err(library::into_a_folder(&from, &file)),
        Command::New { from: Some(from), to, .. } => library::copy(&from, &to),
        Command::New { file, .. } => library::begin(&file.unwrap_or_else(|| PathBuf::from("program.fence"))),
        Command::Dump { program, stage } => dump::run(&program, stage),
    };
    match done {
        Ok(exit) => exit.into(),
        Err(error) => {
            render::error(&error);
            Exit::Unable.into()
        }
    }
}

/// A checked program, compiled; `None` after its findings were printed.
fn compiled(source: &crate::source::Source, checked: crate::check::Checked) -> Option<std::sync::Arc<crate::code::Program>> {
    let (diagnostics, program) = compile(checked);
    if program.is_none() {
        for diagnostic in &diagnostics {
            render::note(&format!("{}\n", render::diagnostic(source, diagnostic)));
        }
    }
    program.map(std::sync::Arc::new)
}

/// Everything that is found in a checked program, its bounds included, and the program where nothing forbids it.
fn compile(checked: crate::check::Checked) -> (Vec<crate::diagnostic::Diagnostic>, Option<crate::code::Program>) {
    let mut diagnostics = checked.diagnostics;
    let program = checked.ir.and_then(|ir| crate::compile::compile(ir).map_err(|found| diagnostics.extend(found)).ok());
    (diagnostics, program)
}

/// The engine with one program and, where given, the sessions of its exchange.
fn engine(program: &std::sync::Arc<crate::code::Program>, holidays: Option<crate::calendar::Holidays>) -> crate::engine::Engine {
    let mut engine = crate::engine::Engine::new();
    engine.load(std::sync::Arc::clone(program));
    if let Some(holidays) = holidays {
        engine.load_calendar(holidays.name().to_owned(), holidays);
    }
    engine
}
