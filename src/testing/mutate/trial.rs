//! Tries slips: does any scenario notice?

use std::collections::BTreeSet;
use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::cells::{Cell, PLANS};
use super::words::SWAPS;
use super::{Mutant, mutants};
use crate::check::check;
use crate::engine::Engine;
use crate::ir::Ir;
use crate::scenario::Script;
use crate::source::{File, Source, Span};
use crate::syntax::ast::{ItemKind, Scenario, ScenarioHead};
use crate::syntax::{Known, Parsed, parse};

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

    /// The cell of a table in which it stands.
    pub fn cell(&self, source: &Source) -> Option<Cell> {
        Cell::of(file_text(source, self.file), self.mutant.place.start)
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
    /// The texts of its files without the scenarios, each byte of which is a blank: only rules are read for each slip.
    rules: Vec<(String, String)>,
    /// The same without comments and without the templates that no rule uses: what a file is read as whose rules are not changed.
    needed: Vec<String>,
    /// The program as it is for slips of each file, with room at the end of each line; read once.
    whole: Vec<(Source, Known)>,
    /// The scenarios, read once.
    scenarios: Vec<Scenario>,
    /// How many findings the rules have as they are.
    findings: usize,
}

impl Trial {
    /// A program as it is, parsed.
    pub fn new(source: &Source, parsed: &Parsed) -> Self {
        let items = parsed.program.items.iter();
        let (scenarios, places): (Vec<Scenario>, Vec<Span>) = items
            .filter_map(|item| if let ItemKind::Scenario(scenario) = &item.kind { Some((scenario.clone(), item.span)) } else { None })
            .unzip();
        let files = source.files();
        let rules: Vec<(String, String)> = files.iter().map(|file| (file.name.clone(), blanked(source, file, &places))).collect();
        let mut unneeded = [places, unused_templates(source, parsed)].concat();
        unneeded.extend(parsed.comments.iter().map(|comment| comment.span));
        let needed: Vec<String> = files.iter().map(|file| blanked(source, file, &unneeded)).collect();
        let texts = rules.iter().zip(&needed).map(|((name, _), text)| (name.clone(), text.clone()));
        let alone = Source::with_imports(texts.collect(), Vec::new());
        let findings = check(&alone, &parse(&alone)).diagnostics.len();
        let whole = (0..rules.len()).map(|file| read_once(&rules, &needed, file)).collect();
        Self { source: source.clone(), rules, needed, whole, scenarios, findings }
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
                    // The scenario that noticed a slip notices its neighbours too, mostly: the latest stand first.
                    let mut order: Vec<usize> = (0..self.scenarios.len()).collect();
                    loop {
                        let at = next.fetch_add(1, Ordering::Relaxed);
                        let Some(slip) = slips.get(at) else { break };
                        let fate = self.fate(slip, &mut order);
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

    /// What becomes of a slip. The scenarios are run in this order until one notices, which stands first from then on.
    fn fate(&self, slip: &Slip, order: &mut [usize]) -> Fate {
        let (source, parsed) = self.read(slip);
        let checked = check(&source, &parsed);
        let Some(ir) = checked.ir.filter(|_| checked.diagnostics.len() <= self.findings) else { return Fate::Found };
        let Ok(program) = crate::compile::compile(ir) else { return Fate::Found };
        let program = Arc::new(program);
        let script = Script { ir: &program.ir, names: &checked.names, source: &self.source };
        let row = self.plan_of(slip);
        let bought = |scenario: &Scenario| row.is_none() || row == plan(scenario, &program.ir);
        let noticed = order.iter().position(|at| {
            self.scenarios.get(*at).filter(|scenario| bought(scenario)).is_some_and(|scenario| {
                let mut engine = Engine::new();
                engine.load(Arc::clone(&program));
                !script.holds(scenario, &mut engine)
            })
        });
        match noticed {
            Some(at) => {
                order[..=at].rotate_right(1);
                Fate::Noticed
            }
            None => Fate::Unnoticed,
        }
    }

    /// The plan in whose row a slip stands: no account of another plan reads it.
    fn plan_of(&self, slip: &Slip) -> Option<String> {
        Cell::of(file_text(&self.source, slip.file), slip.mutant.place.start).filter(|cell| cell.table == PLANS).map(|cell| cell.row)
    }

    /// The rules with a slip, read: where the line has room for it, all else stands where it stood.
    pub(super) fn read(&self, slip: &Slip) -> (Source, Parsed) {
        let beside = self.whole.get(slip.file).and_then(|(whole, known)| {
            let source = Source::with_imports(padded_with(whole, slip, self.rules.get(slip.file)?)?, Vec::new());
            let parsed = known.parse(&source);
            Some((source, parsed))
        });
        beside.unwrap_or_else(|| {
            let source = self.with(slip);
            let parsed = parse(&source);
            (source, parsed)
        })
    }

    /// The rules with a slip.
    fn with(&self, slip: &Slip) -> Source {
        let text = |(at, ((name, text), needed)): (usize, (&(String, String), &String))| {
            let Mutant { place, text: instead } = &slip.mutant;
            let text = if at == slip.file { format!("{}{instead}{}", &text[..place.start], &text[place.end..]) } else { needed.clone() };
            (name.clone(), text)
        };
        Source::with_imports(self.rules.iter().zip(&self.needed).enumerate().map(text).collect(), Vec::new())
    }
}

/// Blanks at the end of each line, for slips that are longer than what they stand for.
const ROOM: usize = 16;

/// The texts that slips of a file are tried in, with room in that file.
fn read_once(rules: &[(String, String)], needed: &[String], file: usize) -> (Source, Known) {
    let texts = rules.iter().zip(needed).enumerate().map(|(at, ((name, rules), needed))| {
        let roomy = |text: &str| text.replace('\n', &format!("{}\n", " ".repeat(ROOM)));
        (name.clone(), if at == file { roomy(rules) } else { needed.clone() })
    });
    let source = Source::with_imports(texts.collect(), Vec::new());
    let parsed = parse(&source);
    let known = Known::new(&source, &parsed);
    (source, known)
}

/// These texts with a slip, all else where it was; nothing where its line has no room for it.
fn padded_with(whole: &Source, slip: &Slip, (_, rules): &(String, String)) -> Option<Vec<(String, String)>> {
    let Mutant { place, text: instead } = &slip.mutant;
    let moved = |at: usize| Some(at + ROOM * rules.get(..at)?.matches('\n').count());
    let (start, end) = (moved(place.start)?, moved(place.end)?);
    let texts = whole.files().iter().enumerate().map(|(at, file)| {
        let text = whole.slice(file.span);
        if at != slip.file {
            return Some((file.name.clone(), text.to_owned()));
        }
        let line_end = end + text.get(end..)?.find('\n')?;
        let rest = text.get(end..line_end)?.strip_suffix(&" ".repeat(ROOM))?;
        let room = " ".repeat((end - start + ROOM).checked_sub(instead.len())?);
        Some((file.name.clone(), format!("{}{instead}{rest}{room}{}", text.get(..start)?, text.get(line_end..)?)))
    });
    texts.collect()
}

/// Where templates stand that neither a rule nor a template that is used names, and none of the words that slips put there.
fn unused_templates(source: &Source, parsed: &Parsed) -> Vec<Span> {
    let is_word = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let words = |text: &str| text.split(|letter| !is_word(letter)).map(str::to_owned).collect::<Vec<_>>();
    let templates = parsed.program.library.iter().chain(&parsed.program.items);
    let mut unused: Vec<(&str, Span)> = templates
        .filter_map(
            |item| if let ItemKind::Template(template) = &item.kind { Some((template.name.node.as_str(), item.span)) } else { None },
        )
        .collect();
    let own = source.files().first().map_or("", |file| source.slice(file.span));
    let mut named: BTreeSet<String> =
        words(own).into_iter().chain(SWAPS.iter().flat_map(|(_, to)| *to).map(|to| (*to).to_owned())).collect();
    while let Some(at) = unused.iter().position(|(name, _)| named.contains(*name)) {
        let (_, span) = unused.swap_remove(at);
        named.extend(words(source.slice(span)));
    }
    unused.into_iter().map(|(_, span)| span).collect()
}

/// The plan that a scenario buys.
fn plan(scenario: &Scenario, ir: &Ir) -> Option<String> {
    let said = scenario.head.iter().find_map(|item| if let ScenarioHead::Plan(name) = &item.node { Some(name.node.clone()) } else { None });
    said.or_else(|| ir.plans.names.first().cloned())
}

/// The text of a file with blanks in these places.
fn blanked(source: &Source, file: &File, places: &[Span]) -> String {
    let mut text = source.slice(file.span).to_owned();
    let start = file.span.start as usize;
    for place in places.iter().filter(|place| file.span.start <= place.start && place.end <= file.span.end) {
        let range = place.start as usize - start..place.end as usize - start;
        let blanks: String = text[range.clone()].bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }).collect();
        text.replace_range(range, &blanks);
    }
    text
}

/// The text of one of a source's files.
fn file_text(source: &Source, file: usize) -> &str {
    source.files().get(file).map_or("", |file| source.slice(file.span))
}
