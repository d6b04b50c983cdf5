//! Measures one contestant beside the one by hand, in turns, so that both meet the same machine.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use cpu_time::ThreadTime;
use serde::{Deserialize, Serialize};

use crate::contest::{self, Build, Contestant, Mask, RULES, Row, Task};
use crate::state::{self, STATES};
use crate::versions;

/// A turn is at least as long: asking for the time weighs little then.
const TURN: Duration = Duration::from_millis(4);

/// What a step found out, as it is stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Found {
    /// The contestant.
    pub(crate) name: String,
    /// Of its package.
    pub(crate) version: String,
    /// When, in UTC.
    pub(crate) at: String,
    /// How many turns each side had.
    pub(crate) turns: usize,
    /// Nanoseconds a state: the median of the turns.
    pub(crate) nanos: f64,
    /// The same of the contestant by hand, in the same turns.
    pub(crate) by_hand: f64,
    /// The median of the turns' ratios.
    pub(crate) ratio: f64,
    /// The median of the turns' ratios to all twelve rules by hand, of a state that is handed over.
    #[serde(default)]
    pub(crate) ratio_to_all: f64,
    /// The least and the largest tenth of the turns' ratios begin here.
    pub(crate) spread: (f64, f64),
    /// How many states break or reach each rule.
    pub(crate) counts: [u32; RULES.len()],
    /// How many states it decides otherwise, for each rule.
    pub(crate) wrong: [u32; RULES.len()],
    /// How many states it decides otherwise at all.
    pub(crate) wrong_states: u32,
    /// How many of those stand on a threshold, or a cent beside it.
    pub(crate) wrong_edges: u32,
}

/// Measures a contestant for so long.
///
/// # Errors
/// When it is not built in, or cannot decide a state.
pub(crate) fn measure(row: &Row, seconds: u64) -> Result<Found> {
    let states = state::states();
    let beside = contest::baseline(row.task).context("nothing to compare with")?;
    let make = |row: &Row| {
        let build: Build = row.build.with_context(|| format!("`{}` needs the feature `{}`", row.name, row.feature.unwrap_or_default()))?;
        build(&states).with_context(|| format!("`{}` could not be made ready", row.name))
    };
    let all = contest::baseline(Task::State).context("nothing to compare with")?;
    let mut sides = [Side::new(make(beside)?), Side::new(make(row)?), Side::new(make(all)?)];
    for side in &mut sides {
        side.all()?;
    }
    let [by_hand, contestant, _] = &sides;
    let mut found = compared(row, &by_hand.masks, &contestant.masks);
    for side in &mut sides {
        side.find_turn()?;
    }
    let mut times: Vec<[f64; 3]> = Vec::new();
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(seconds) || times.len() < 5 {
        let [by_hand, contestant, all] = &mut sides;
        times.push([by_hand.turn()?, contestant.turn()?, all.turn()?]);
    }
    let ratios = sorted(times.iter().map(|[by_hand, contestant, _]| contestant / by_hand));
    found.turns = times.len();
    found.by_hand = median(&sorted(times.iter().map(|[by_hand, ..]| *by_hand)));
    found.nanos = median(&sorted(times.iter().map(|[_, contestant, _]| *contestant)));
    found.ratio_to_all = median(&sorted(times.iter().map(|[_, contestant, all]| contestant / all)));
    found.ratio = median(&ratios);
    found.spread = (ratios[ratios.len() / 10], ratios[ratios.len() * 9 / 10]);
    Ok(found)
}

/// One of the two that take turns.
struct Side {
    contestant: Box<dyn Contestant>,
    masks: Vec<Mask>,
    /// States in a turn.
    turn: usize,
    at: usize,
}

impl Side {
    fn new(contestant: Box<dyn Contestant>) -> Self {
        Self { contestant, masks: vec![0; STATES], turn: STATES, at: 0 }
    }

    fn all(&mut self) -> Result<()> {
        self.contestant.make_ready(0..STATES)?;
        self.contestant.decide(0..STATES, &mut self.masks)
    }

    /// Finds how many states take a turn's time.
    fn find_turn(&mut self) -> Result<()> {
        self.turn = 64;
        while self.turn < STATES && self.turn().map(|nanos| nanos * as_float(self.turn))? < TURN.as_secs_f64() * 1e9 {
            self.turn *= 2;
        }
        Ok(())
    }

    /// Decides the next states; nanoseconds each.
    fn turn(&mut self) -> Result<f64> {
        if self.at + self.turn > STATES {
            self.at = 0;
        }
        let range: Range<usize> = self.at..self.at + self.turn;
        self.at = range.end;
        self.contestant.make_ready(range.clone())?;
        let masks = &mut self.masks[range.clone()];
        let begun = ThreadTime::now();
        self.contestant.decide(range, std::hint::black_box(masks))?;
        Ok(begun.elapsed().as_secs_f64() * 1e9 / as_float(self.turn))
    }
}

/// Where the decisions differ.
fn compared(row: &Row, by_hand: &[Mask], contestant: &[Mask]) -> Found {
    let rule = |masks: &mut dyn Iterator<Item = Mask>| {
        let mut counts = [0; RULES.len()];
        for mask in masks {
            for (rule, count) in counts.iter_mut().enumerate() {
                *count += u32::from(mask >> rule & 1);
            }
        }
        counts
    };
    let differ = || by_hand.iter().zip(contestant).enumerate().filter(|(_, (right, told))| right != told);
    Found {
        name: row.name.to_owned(),
        version: versions::of(row),
        at: chrono::Utc::now().format("%Y-%m-%d %H:%M").to_string(),
        turns: 0,
        nanos: 0.0,
        by_hand: 0.0,
        ratio: 0.0,
        ratio_to_all: 0.0,
        spread: (0.0, 0.0),
        counts: rule(&mut contestant.iter().copied()),
        wrong: rule(&mut differ().map(|(_, (right, told))| right ^ told)),
        wrong_states: u32::try_from(differ().count()).unwrap_or(u32::MAX),
        wrong_edges: u32::try_from(differ().filter(|(number, _)| state::is_edge(*number)).count()).unwrap_or(u32::MAX),
    }
}

fn sorted(numbers: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut numbers: Vec<f64> = numbers.collect();
    numbers.sort_by(f64::total_cmp);
    numbers
}

fn median(sorted: &[f64]) -> f64 {
    sorted[sorted.len() / 2]
}

fn as_float(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::MAX, f64::from)
}

/// Keeps what was found in a folder, one file a contestant.
///
/// # Errors
/// When it cannot be written.
pub(crate) fn store(folder: &Path, found: &Found) -> Result<()> {
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let path = result(folder, &found.name);
    std::fs::write(&path, serde_json::to_string_pretty(found)? + "\n").with_context(|| format!("cannot write {}", path.display()))
}

/// Keeps why a contestant could not be built.
///
/// # Errors
/// When it cannot be written.
pub(crate) fn store_failure(folder: &Path, row: &Row, why: &str) -> Result<()> {
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let path = failure(folder, row);
    std::fs::write(&path, why).with_context(|| format!("cannot write {}", path.display()))
}

/// Why a contestant could not be built, if that was tried.
pub(crate) fn stored_failure(folder: &Path, row: &Row) -> Option<String> {
    std::fs::read_to_string(failure(folder, row)).ok()
}

fn failure(folder: &Path, row: &Row) -> PathBuf {
    folder.join(format!("{}.failed", row.name))
}

fn result(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("{name}.json"))
}

/// Whether a contestant was measured, or could not be.
pub(crate) fn is_stored(folder: &Path, row: &Row) -> bool {
    result(folder, row.name).exists() || failure(folder, row).exists()
}

/// What was found of a contestant, if it was measured.
///
/// # Errors
/// When the file is no such result.
pub(crate) fn stored(folder: &Path, row: &Row) -> Result<Option<Found>> {
    let path = result(folder, row.name);
    let Ok(text) = std::fs::read_to_string(&path) else { return Ok(None) };
    let found: Found = serde_json::from_str(&text).with_context(|| format!("{} is no result: remove it", path.display()))?;
    ensure!(found.name == row.name, "{} is of `{}`: remove it", path.display(), found.name);
    Ok(Some(found))
}
