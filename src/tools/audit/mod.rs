//! `ringfence audit`

mod decision;
mod keys;

use std::path::PathBuf;

use serde::Deserialize;
use serde_json::Value;

use super::{Exit, render};
use crate::journal::{self, Asked, JournalError, Kind, PublicKey, Verified};
use crate::outcome::Key;

/// What is looked for in a journal.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Look through a journal: no record is changed, missing or out of its place, and the engine decides again
    /// what is recorded that it decided.
    ///
    /// The hash that is told stands for everything in the journal: whoever has kept it can tell later that the
    /// journal up to there is the same. With a key, signatures are demanded, too.
    Verify {
        /// The folder of the journal.
        journal: PathBuf,
        /// The public key with which every segment must be signed to its end; several, where the host has changed its own.
        #[arg(long = "key", value_name = "PUBLIC")]
        keys: Vec<PublicKey>,
    },
    /// Make a key for a host to sign its journal with, and print the public one.
    Keygen {
        /// Where the secret key is written; a file that is there is not overwritten.
        file: PathBuf,
    },
    /// Write one decision to a file, with all that is needed to decide it again elsewhere.
    ///
    /// It holds the text of the program, the account and the market as they stood, the event, and the outcomes as
    /// they are recorded. Where the decision was a correction the account is computed anew, so that all its events,
    /// and the market's, are in it.
    Prove {
        /// The folder of the journal.
        journal: PathBuf,
        /// The account.
        account: String,
        /// The id of the event that led to it, or the key of one of its actions.
        #[arg(value_name = "EVENT|ACTION")]
        what: String,
        /// The file to write.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// Let nothing rest on a state that must be believed: take all that the account has lived through.
        #[arg(long)]
        from_opening: bool,
    },
    /// Decide again what `audit prove` wrote, and tell whether it is the same to the byte.
    Replay {
        /// The file.
        file: PathBuf,
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
        Command::Verify { journal, keys } => {
            let exit = verified(journal::verify(journal))?;
            if exit == Exit::Ok && !keys.is_empty() { keys::signed(journal, keys) } else { Ok(exit) }
        }
        Command::Keygen { file } => keys::new(file),
        Command::Prove { journal, account, what, out, from_opening } => {
            decision::prove(journal, &Asked { account, what, from_opening: *from_opening }, out)
        }
        Command::Replay { file } => decision::replay(file),
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
        Err(error) => refused(error),
    }
}

/// What is wrong with a journal was found; what could not be read was not.
fn refused(error: JournalError) -> Result<Exit, String> {
    match error {
        JournalError::Damaged { .. } | JournalError::Diverged { .. } | JournalError::Unknown { .. } => {
            render::error(&error.to_string());
            Ok(Exit::Found)
        }
        error => Err(error.to_string()),
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
        render::line(&format!("    {}", changed(change)));
        values(&change["evidence"]);
    }
    for action in list(&outcome["actions"]) {
        let late = if action["late"] == true { ", late" } else { "" };
        render::line(&format!("    {}: {}, key {}{late}", text(&action["rule"]), text(&action["kind"]["name"]), key(&action["key"])));
        values(&action["evidence"]);
    }
    let recomputed = &outcome["recomputed"];
    for gone in list(&recomputed["withdrawn"]) {
        let (name, reason) = (text(&gone["kind"]["name"]), text(&gone["reason"]));
        render::line(&format!("    withdrawn: {name}, key {}: {reason}", key(&gone["key"])));
    }
    for undone in list(&recomputed["undone"]) {
        render::line(&format!("    undone: {}", changed(&undone["told"])));
    }
    for answer in list(&recomputed["answers"]) {
        let [was, is] = ["was", "is"].map(|when| answer[when]["answer"].as_str().unwrap_or("none"));
        render::line(&format!("    the answer was {was}, and would be {is}"));
    }
    for fault in list(&outcome["faults"]) {
        render::line(&format!("    fault in {}: {} {}", text(&fault["rule"]), text(&fault["kind"]), text(&fault["detail"])));
    }
}

fn changed(change: &Value) -> String {
    let named = ["limit", "goal", "to"].iter().find_map(|name| change[*name].as_str()).unwrap_or_default();
    format!("{} {named}", text(&change["change"]))
}

/// The key of an action as `ack` events name it.
fn key(key: &Value) -> String {
    Key::deserialize(key).map_or_else(|_| text(key), |key| key.to_string())
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
