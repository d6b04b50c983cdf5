//! Tries slips: does any scenario notice?

use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::{Mutant, mutants};
use crate::check::{Checked, check};
use crate::engine::Engine;
use crate::scenario;
use crate::source::Source;
use crate::syntax::parse;

/// What the scenarios say of a slip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// The checker finds it: it is not tried.
    Found,
    /// A scenario no longer holds.
    Noticed,
    /// Every scenario holds.
    Unnoticed,
}

/// A slip in one of the files of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slip {
    /// Which of the source's files.
    pub file: usize,
    /// The slip.
    pub mutant: Mutant,
}

impl Slip {
    /// What stands there, with single blanks.
    pub fn before(&self, source: &Source) -> String {
        let text = file_text(source, self.file);
        text.get(self.mutant.place.clone()).unwrap_or("").split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The number of its line in its file, and the line with single blanks.
    pub fn line(&self, source: &Source) -> (usize, String) {
        let text = file_text(source, self.file);
        let start = text[..self.mutant.place.start].rfind('\n').map_or(0, |end| end + 1);
        let line = text[start..].lines().next().unwrap_or("");
        (text[..start].lines().count() + 1, line.split_whitespace().collect::<Vec<_>>().join(" "))
    }
}

/// A program whose slips are tried.
#[derive(Clone, Debug)]
pub struct Trial {
    source: Source,
    /// How many findings the program has as it is.
    findings: usize,
}

impl Trial {
    /// A program as it is, checked.
    pub fn new(source: &Source, checked: &Checked) -> Self {
        Self { source: source.clone(), findings: checked.diagnostics.len() }
    }

    /// The slips of one of the program's files, in the order of their places.
    pub fn slips(&self, file: usize) -> Vec<Slip> {
        mutants(file_text(&self.source, file)).into_iter().map(|mutant| Slip { file, mutant }).collect()
    }

    /// What becomes of each slip, tried on as many threads as there are processors; `tried` is called after each.
    pub fn fates(&self, slips: &[Slip], tried: &(dyn Fn() + Sync)) -> Vec<Fate> {
        let next = AtomicUsize::new(0);
        let fates = Mutex::new(vec![Fate::Unnoticed; slips.len()]);
        std::thread::scope(|scope| {
            for _ in 0..std::thread::available_parallelism().map_or(1, NonZero::get) {
                scope.spawn(|| {
                    // The scenario that noticed a slip notices its neighbours too, mostly.
                    let mut likely = 0;
                    loop {
                        let at = next.fetch_add(1, Ordering::Relaxed);
                        let Some(slip) = slips.get(at) else { break };
                        let fate = self.fate(slip, &mut likely);
                        if let Some(place) = fates.lock().unwrap_or_else(PoisonError::into_inner).get_mut(at) {
                            *place = fate;
                        }
                        tried();
                    }
                });
            }
        });
        fates.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    /// What becomes of a slip; the likely scenario is tried first, and becomes the one that notices.
    fn fate(&self, slip: &Slip, likely: &mut usize) -> Fate {
        let source = self.with(slip);
        let checked = check(&source, &parse(&source));
        let Some(ir) = checked.ir.filter(|_| checked.diagnostics.len() <= self.findings) else { return Fate::Found };
        let Ok(program) = crate::compile::compile(ir) else { return Fate::Found };
        let program = Arc::new(program);
        let scenarios = &program.ir.scenarios;
        let mut order = (*likely..scenarios.len()).chain(0..scenarios.len().min(*likely));
        let noticed = order.find(|at| {
            let mut engine = Engine::new();
            engine.load(Arc::clone(&program));
            !scenario::run(&program.ir, &checked.names, &scenarios[*at], &mut engine).passed()
        });
        *likely = noticed.unwrap_or(*likely);
        if noticed.is_some() { Fate::Noticed } else { Fate::Unnoticed }
    }

    /// The program with a slip.
    fn with(&self, slip: &Slip) -> Source {
        let text = |(at, file): (usize, &crate::source::File)| {
            let text = self.source.slice(file.span);
            let Mutant { place, text: instead } = &slip.mutant;
            let text = if at == slip.file { format!("{}{instead}{}", &text[..place.start], &text[place.end..]) } else { text.to_owned() };
            (file.name.clone(), text)
        };
        Source::with_imports(self.source.files().iter().enumerate().map(text).collect(), Vec::new())
    }
}

/// The text of one of a source's files.
fn file_text(source: &Source, file: usize) -> &str {
    source.files().get(file).map_or("", |file| source.slice(file.span))
}
