//! Twelve rules of proprietary trading firms on Ringfence, by hand, and on what a firm could pick in
//! their place: how long each takes, and what each decides otherwise.

mod contest;
mod contestants;
mod measure;
mod report;
mod state;
mod versions;

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use clap::{Parser, Subcommand};

use contest::{CONTESTANTS, Row};

/// Measures contestants side by side with rules by hand
#[derive(Parser)]
#[command(version)]
struct Cli {
    /// Where results of steps are kept
    #[arg(long, global = true, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/target/results"), hide_default_value = true)]
    results: PathBuf,
    #[command(subcommand)]
    command: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Measure every contestant that has no result yet, a step each, then report
    All {
        /// Measure those again that have one
        #[arg(long)]
        again: bool,
        #[command(flatten)]
        duration: Duration,
    },
    /// Measure one contestant, beside the one by hand
    Run {
        /// Its name, as `list` shows it
        name: String,
        #[command(flatten)]
        duration: Duration,
    },
    /// Decide all states once and tell what is decided otherwise than by hand
    Check {
        /// Its name, as `list` shows it
        name: String,
    },
    /// Write the table from the results that are there
    Report {
        /// The file; without one the table is only shown
        #[arg(long)]
        to: Option<PathBuf>,
    },
    /// Show the contestants
    List,
}

#[derive(clap::Args, Clone, Copy)]
struct Duration {
    /// How long both sides take turns, in seconds
    #[arg(long, default_value_t = 10)]
    seconds: u64,
}

fn main() -> Result<()> {
    let cli = Cli::parse();
    match cli.command {
        Task::All { again, duration } => {
            for row in CONTESTANTS {
                if again || measure::stored(&cli.results, row)?.is_none() {
                    step(&cli.results, row, duration)?;
                }
            }
            report::write(&cli.results, Some(&PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../RESULTS.md"))))
        }
        Task::Run { name, duration } => {
            let found = measure::measure(named(&name)?, duration.seconds)?;
            measure::store(&cli.results, &found)?;
            println!("{name}: {:.2} times by hand, {:.1} ns to {:.1} ns", found.ratio, found.nanos, found.by_hand);
            Ok(())
        }
        Task::Check { name } => {
            println!("{:#?}", measure::measure(named(&name)?, 0)?);
            Ok(())
        }
        Task::Report { to } => report::write(&cli.results, to.as_deref()),
        Task::List => {
            println!("{}", report::list());
            Ok(())
        }
    }
}

fn named(name: &str) -> Result<&'static Row> {
    contest::named(name).with_context(|| format!("no contestant is called `{name}`: see `list`"))
}

/// A process of its own for each: what one leaves behind weighs on no other. One that is not built in is
/// built for its step.
fn step(results: &std::path::Path, row: &Row, duration: Duration) -> Result<()> {
    eprintln!("{} …", row.title);
    let mut command = match (row.build, row.feature) {
        (None, Some(feature)) => {
            let mut cargo = Command::new("cargo");
            cargo.args(["run", "--release", "--quiet", "--locked", "--no-default-features", "--features", feature, "--manifest-path"]);
            cargo.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")).arg("--");
            cargo
        }
        _ => Command::new(std::env::current_exe().context("cannot find this program again")?),
    };
    let seconds = duration.seconds.to_string();
    let status = command.arg("--results").arg(results).args(["run", row.name, "--seconds", &seconds]).status()?;
    ensure!(status.success(), "`{}` was not measured; what is measured stays: run again to go on from here", row.name);
    Ok(())
}
