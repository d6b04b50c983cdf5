//! `ringfence audit`

use std::path::PathBuf;

use serde_json::Value;

use super::{Exit, render};
use crate::journal::{self, JournalError, Kind, Verified};

/// What is looked for in a journal.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Look through a journal: no record is changed, missing or out of its place, and the engine decides again
    /// what is recorded that it decided.
    ///
    /// The hash that is told stands for everything in the journal: whoever has kept it can tell later that the
    /// journal up to there is the same.
    Verify {
        /// The folder of the journal.
        journal: PathBuf,
    },
    /// Show what was decided of an account, with the values that decided it.
    Show {
        /// The folder of the journal.
        journal: PathBuf,
        /// The account.
        account: String,
        /// Only what an event with this id led to.
        #[arg(long, value_name = "ID")]
        event: Option<String>,
        /// Print each outcome as it is recorded, a JSON object a line.
        #[arg(long)]
        json: bool,
    },
}

pub(super) fn run(command: &Command) -> Result<Exit, String> {
    match command {
        Command::Verify { journal } => verified(journal::verify(journal)),
        Command::Show { journal, account, event, json } => {
            let mut shown = 0;
            let read = journal::read(journal, |record, place| {
                if record.kind != Kind::Outcome {
                    return Ok(());
                }
                let outcome = serde_json::from_slice(record.payload);
                let outcome: Value = outcome.map_err(|error| JournalError::Unknown { place, what: error.to_string() })?;
                let of_event = event.as_deref().is_none_or(|event| outcome["cause"]["event"] == event);
                if outcome["account"] == account.as_str() && of_event {
                    shown += 1;
                    if *json { render::line(&outcome.to_string()) } else { show(&outcome) }
                }
                Ok(())
            });
            if let Err(error) = read {
                render::error(&error.to_string());
                return Ok(Exit::Found);
            }
            if shown == 0 {
                render::note(&format!(
                    "nothing was decided of `{account}`{}",
                    event.as_deref().map_or_else(String::new, |event| format!(" at event `{event}`"))
                ));
            }
            Ok(Exit::Ok)
        }
    }
}

fn verified(verified: Result<Verified, JournalError>) -> Result<Exit, String> {
    match verified {
        Ok(Verified { programs, events, outcomes, end }) => {
            let counted = [(programs, "program", "programs"), (events, "event", "events"), (outcomes, "outcome", "outcomes")];
            let counted = counted.map(|(count, one, several)| render::counted(count, one, several));
            render::line(&format!("{}: none is changed, and each outcome is decided again the same", counted.join(", ")));
            render::line(&format!("the hash of all of it: {}", end.position.hash()));
            if end.cut_off > 0 {
                let bytes = render::counted(end.cut_off, "byte", "bytes");
                render::note(&format!("{bytes} of a write that came to no end stand behind it; they were confirmed to nobody"));
            }
            Ok(Exit::Ok)
        }
        Err(error @ (JournalError::Damaged { .. } | JournalError::Diverged { .. } | JournalError::Unknown { .. })) => {
            render::error(&error.to_string());
            Ok(Exit::Found)
        }
        Err(error) => Err(error.to_string()),
    }
}

/// An outcome as lines: what led to it, what changed, what was asked for, and the values.
fn show(outcome: &Value) {
    let cause = match &outcome["cause"]["event"] {
        Value::String(id) => format!("event `{id}`"),
        _ => "time alone".to_owned(),
    };
    render::line(&format!("{}  {cause}", text(&outcome["at"])));
    if let Some(answer) = outcome["verdict"]["answer"].as_str() {
        render::line(&format!("    answer: {answer}"));
    }
    for change in list(&outcome["changes"]) {
        let named = ["limit", "goal", "to"].iter().find_map(|name| change[*name].as_str()).unwrap_or_default();
        render::line(&format!("    {} {named}", text(&change["change"])));
        values(&change["evidence"]);
    }
    for action in list(&outcome["actions"]) {
        let number = &action["key"]["ordinal"];
        render::line(&format!(
            "    {}: {} (action {number} of {})",
            text(&action["rule"]),
            text(&action["kind"]["name"]),
            text(&action["key"]["rule"])
        ));
        values(&action["evidence"]);
    }
    for fault in list(&outcome["faults"]) {
        render::line(&format!("    fault in {}: {} {}", text(&fault["rule"]), text(&fault["kind"]), text(&fault["detail"])));
    }
}

fn values(evidence: &Value) {
    for value in list(&evidence["values"]) {
        render::line(&format!("        {} = {}", text(&value["text"]), text(&value["value"])));
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// A text without its quotes; anything else as JSON.
fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
