//! How running accounts go over from one version to another: what `diff` says of it.

use std::sync::Arc;

use super::render;
use crate::code::Program;
use crate::engine::{Migration, MigrationError};
use crate::ir::Ir;

/// How accounts of one version go over to another; none where both are one version and nothing is said of it.
pub(super) fn between(old: &Program, new: &Arc<Program>) -> Option<Result<Migration, MigrationError>> {
    let said = new.ir.migration_from(&old.ir.header.version);
    (said.is_some() || old.ir.header.version != new.ir.header.version).then(|| Migration::new(old, new))
}

/// Prints when accounts go over, or what stands in the way; whether they can.
pub(super) fn show(old: &Program, new: &Ir, migration: &Result<Migration, MigrationError>) -> bool {
    let version = &old.ir.header.version;
    render::line("\nHow running accounts go over");
    match migration {
        Ok(migration) => {
            render::line(&format!("  they go over {}, once an event `migrate` says so", when(migration)));
            let Some(said) = new.migration_from(version) else { return true };
            if let Some((since, date)) = &said.accounts {
                render::line(&format!("  only accounts that were {} from {} on", since.word(), date.node));
            }
            for line in &said.lines {
                render::line(&format!("  {}", new.source.words(line.span)));
            }
            for phase in migration.phases_that_stay(old) {
                render::line(&format!(
                    "  accounts in {phase} stay with their version, which has no such phase: `keep phase … was {phase}` says which one takes them"
                ));
            }
            true
        }
        Err(MigrationError::Unsettled(open)) if new.migration_from(version).is_none() => {
            render::line("  they stay with their version");
            for open in open {
                render::line(&format!("  {}: {}", open.why, open.mend));
            }
            true
        }
        Err(MigrationError::Unsettled(open)) => {
            let place = new.migration_from(version).map_or_else(String::new, |said| {
                let at = said.from.span.start;
                format!("{}:{}: ", new.source.file_at(at).name, new.source.line_column(at).0)
            });
            for open in open {
                render::error(&format!("{place}{}: {}\n  {}", open.what, open.why, open.mend));
            }
            false
        }
        Err(error) => {
            render::error(&error.to_string());
            false
        }
    }
}

/// When accounts go over, in words.
pub(super) fn when(migration: &Migration) -> String {
    let words = migration.applies().words();
    if words == "now" { "at once".into() } else { format!("with the {words}") }
}

/// The same as a JSON object.
pub(super) fn to_json(migration: Option<&Result<Migration, MigrationError>>) -> serde_json::Value {
    match migration {
        None => serde_json::Value::Null,
        Some(Ok(migration)) => serde_json::json!({ "applies": migration.applies().words() }),
        Some(Err(MigrationError::Unsettled(open))) => {
            let open = open.iter().map(|open| serde_json::json!({ "what": open.what, "why": open.why, "mend": open.mend }));
            serde_json::json!({ "unsettled": open.collect::<Vec<_>>() })
        }
        Some(Err(error)) => serde_json::json!({ "error": error.to_string() }),
    }
}
