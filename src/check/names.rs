//! What names mean where: the declarations of a program, and what is near a misspelt one.

use std::collections::BTreeMap;

use crate::ir::{NodeId, Period, PhaseId};
use crate::source::Span;
use crate::syntax::is_another_word;

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Entity {
    /// A `let`, tracker, state or floor.
    Node(NodeId),
    /// A column of the plans.
    Plan(u16),
    /// An option.
    Option(u16),
    /// An input.
    Input(u16),
    /// A table.
    Table(u16),
    /// A group of trades.
    Group(u16),
    /// A session.
    Session(u16),
    /// A period of the program's own.
    Period(Period),
    /// A phase.
    Phase(PhaseId),
    /// A host event.
    Event(u16),
    /// A host action.
    Action(u16),
    /// Declared by a statement in error: fits everything.
    Broken,
}

/// A declaration.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Declaration {
    /// What it stands for.
    pub(crate) entity: Entity,
    /// Where it is declared.
    pub(crate) span: Span,
}

/// A limit or goal, found by its title.
#[derive(Clone, Debug)]
pub(crate) struct Titled {
    /// The title.
    pub(crate) title: String,
    /// The phase it holds in.
    pub(crate) phase: Option<PhaseId>,
    /// Its node.
    pub(crate) node: NodeId,
    /// Whether it is a goal.
    pub(crate) goal: bool,
    /// Where it is declared.
    pub(crate) span: Span,
}

/// All declarations of a program.
#[derive(Clone, Debug, Default)]
pub struct Names {
    global: BTreeMap<String, Declaration>,
    phases: BTreeMap<PhaseId, BTreeMap<String, Declaration>>,
    titled: Vec<Titled>,
}

impl Names {
    /// Declares a name; the earlier declaration when there is one in the same scope.
    pub(crate) fn declare(&mut self, phase: Option<PhaseId>, name: &str, declaration: Declaration) -> Option<Declaration> {
        let scope = match phase {
            None => &mut self.global,
            Some(phase) => self.phases.entry(phase).or_default(),
        };
        match scope.get(name).filter(|earlier| earlier.entity != Entity::Broken) {
            Some(earlier) if declaration.entity != Entity::Broken => Some(*earlier),
            Some(_) => None,
            None => {
                scope.insert(name.to_owned(), declaration);
                None
            }
        }
    }

    /// What a name means in a phase: its own first, then the program's.
    pub(crate) fn find(&self, phase: Option<PhaseId>, name: &str) -> Option<Declaration> {
        let own = phase.and_then(|phase| self.phases.get(&phase)).and_then(|scope| scope.get(name));
        own.or_else(|| self.global.get(name)).copied()
    }

    /// What a name means in a phase only.
    pub(crate) fn find_in(&self, phase: PhaseId, name: &str) -> Option<Declaration> {
        self.phases.get(&phase)?.get(name).copied()
    }

    /// Declares a limit or goal; the earlier one of that title in the same phase when there is one.
    pub(crate) fn declare_title(&mut self, titled: Titled) -> Option<Titled> {
        let same = |other: &&Titled| other.title == titled.title && other.goal == titled.goal && other.phase == titled.phase;
        let earlier = self.titled.iter().find(same).cloned();
        if earlier.is_none() {
            self.titled.push(titled);
        }
        earlier
    }

    /// The limit or goal of that title seen from a phase.
    pub(crate) fn find_title(&self, phase: Option<PhaseId>, title: &str, goal: bool) -> Option<&Titled> {
        let matching = |titled: &&Titled| titled.title == title && titled.goal == goal;
        let own = self.titled.iter().filter(matching).find(|titled| titled.phase == phase);
        own.or_else(|| self.titled.iter().filter(matching).find(|titled| titled.phase.is_none() || phase.is_none()))
    }

    /// All titles of limits or goals.
    pub(crate) fn titles(&self, goal: bool) -> impl Iterator<Item = &str> {
        self.titled.iter().filter(move |titled| titled.goal == goal).map(|titled| titled.title.as_str())
    }

    /// All names seen from a phase.
    pub(crate) fn visible(&self, phase: Option<PhaseId>) -> impl Iterator<Item = &str> {
        let own = phase.and_then(|phase| self.phases.get(&phase)).into_iter().flatten();
        own.chain(&self.global).map(|(name, _)| name.as_str())
    }

    /// All names that mean something in a phase.
    pub fn known_in(&self, phase: PhaseId) -> impl Iterator<Item = &str> {
        self.visible(Some(phase))
    }

    /// Whether a name means something in a phase.
    pub fn is_known(&self, phase: PhaseId, name: &str) -> bool {
        self.find(Some(phase), name).is_some()
    }

    /// Whether a name is declared in a phase itself, and not for the whole program.
    pub fn is_known_only_in(&self, phase: PhaseId, name: &str) -> bool {
        self.find_in(phase, name).is_some() && !self.global.contains_key(name)
    }

    /// Gives every node its final number.
    pub(crate) fn renumber(&mut self, new: &[NodeId]) {
        let scopes = self.phases.values_mut().chain(std::iter::once(&mut self.global));
        for declaration in scopes.flat_map(BTreeMap::values_mut) {
            if let Entity::Node(node) = &mut declaration.entity {
                *node = new[node.0 as usize];
            }
        }
        for titled in &mut self.titled {
            titled.node = new[titled.node.0 as usize];
        }
    }
}

/// The nearest of the candidates, when it is near enough to be a slip.
pub(crate) fn nearest<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let scored = candidates.map(|candidate| (strsim::jaro_winkler(name, candidate), candidate));
    let best = scored.max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.cmp(a.1)))?;
    if is_another_word(name, best.1) {
        return None;
    }
    (best.0 >= 0.84 || strsim::damerau_levenshtein(name, best.1) <= 1 + name.len() / 6).then_some(best.1)
}
