//! Scenarios at the edges of a program: one unit before, at and past each limit, the second before each reset
//! and the reset, the days on which summer time changes.
//!
//! Where the edge is, and what happens there, the engine is asked; nothing is computed beside it. So the
//! scenarios hold for the program as it is, and say nothing of whether it is right: they are to be reviewed.

mod clock;
mod drive;
mod limits;
mod stand;

use std::sync::Arc;

use crate::check::Checked;
use crate::code::Program;
use crate::source::Source;
use stand::Stand;

/// What each title begins with.
pub const TITLE: &str = "to review: generated:";

/// The scenarios at the edges of a program, as text to stand behind its rules.
///
/// # Errors
/// In words, when the program has no such plan.
pub fn scenarios(source: &Source, checked: &Checked, program: &Arc<Program>, plan: Option<&str>) -> Result<String, String> {
    let plans = &program.ir.plans.names;
    let plan = match plan {
        Some(name) if plans.iter().any(|known| known == name) => name,
        Some(name) => return Err(format!("{} has no plan `{name}`; it has {}", source.name(), plans.join(", "))),
        None => plans.first().ok_or_else(|| format!("{} has no plans, and so no account to test with", source.name()))?,
    };
    let stand = Stand::new(source, &checked.names, program, plan);
    let mut text = format!("    // To review: generated for plan {plan}. Each holds for the program as it is.\n");
    for part in limits::parts(&stand).into_iter().chain(clock::parts(&stand)) {
        text.push('\n');
        match part {
            Part::Scenario(scenario) => text.push_str(&stand.kept(&scenario)),
            Part::Remark(remark) => text.extend(["    // ", &remark, "\n"]),
        }
    }
    Ok(text)
}

/// A scenario, or why there is none.
enum Part {
    Scenario(Draft),
    Remark(String),
}

/// A scenario that is to be tried.
struct Draft {
    title: String,
    head: String,
    /// Its lines, without the blanks before them.
    lines: Vec<String>,
}

impl Draft {
    fn text(&self) -> String {
        let lines: String = self.lines.iter().flat_map(|line| ["        ", line, "\n"]).collect();
        format!("    scenario \"{TITLE} {}\" {} {{\n{lines}    }}\n", self.title, self.head)
    }
}
