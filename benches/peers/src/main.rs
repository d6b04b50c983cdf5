//! Twelve rules of proprietary trading firms on Ringfence, by hand, and on what a firm could pick in
//! their place: how long each takes, and what each decides otherwise.

mod contest;
mod contestants;
mod measure;
mod report;
mod state;
mod versions;

use std::path::{Path, PathBuf};
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
            // What is in this binary first: a build with a feature takes its place.
            let (here, others): (Vec<&Row>, Vec<&Row>) = CONTESTANTS.iter().partition(|row| row.build.is_some());
            for row in here.into_iter().chain(others) {
                if again || !measure::is_stored(&cli.results, row) {
                    step(&cli.results, row, duration)?;
                }
            }
            report::write(&cli.results, Some(&PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../RESULTS.md"))))
        }
        Task::Run { name, duration } => {
            let found = measure::measure(named(&name)?, duration.seconds)?;
            measure::store(&cli.results, &found)?;
            println!(
                "{name}: {:.2} times by hand, {:.2} times all rules by hand, {:.1} ns to {:.1} ns",
                found.ratio, found.ratio_to_all, found.nanos, found.by_hand
            );
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

/// A process of its own for each, and a binary of its own for those that need more than this one has: what
/// one leaves behind weighs on no other. What does not build is told, and the others go on.
fn step(results: &Path, row: &Row, duration: Duration) -> Result<()> {
    eprintln!("{} …", row.title);
    let program = match row.feature.filter(|_| row.build.is_none()) {
        None => std::env::current_exe().context("cannot find this program again")?,
        Some(feature) => match built(feature)? {
            Ok(program) => program,
            Err(why) => {
                eprintln!("{why}");
                return measure::store_failure(results, row, &why);
            }
        },
    };
    let seconds = duration.seconds.to_string();
    let status = Command::new(program).arg("--results").arg(results).args(["run", row.name, "--seconds", &seconds]).status()?;
    ensure!(status.success(), "`{}` was not measured; what is measured stays: run again to go on from here", row.name);
    Ok(())
}

/// The binary with one contestant, or why there is none, in the compiler's words.
fn built(feature: &str) -> Result<Result<PathBuf, String>> {
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("target");
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "--release", "--quiet", "--locked", "--features", feature, "--manifest-path", manifest, "--target-dir"]);
    let output = cargo.arg(&target).output().context("cannot start cargo")?;
    if output.status.success() {
        // Under a name of its own: building the next one replaces the binary.
        let kept = target.join("release").join(format!("ringfence-peers-{feature}"));
        std::fs::copy(target.join("release/ringfence-peers"), &kept).with_context(|| format!("cannot keep {}", kept.display()))?;
        return Ok(Ok(kept));
    }
    let told = String::from_utf8_lossy(&output.stderr);
    let errors: Vec<&str> = told.lines().filter(|line| line.starts_with("error")).collect();
    Ok(Err(errors.join("; ")))
}
