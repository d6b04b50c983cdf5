//! What is kept of an account, as another version of its program numbers it.

use std::collections::BTreeMap;

use super::books::{Books, Facts, Promotion, Told};
use super::locks::LockedBy;
use super::rollback::DayOpening;
use super::texts::Texts;
use crate::code::{CellOf, FloorCell, HeldCell, LimitCell, NODE_CELLS, NodeCell, Place, Program, SAMPLE, TrackerCell, first_values};
use crate::ir::{Ir, Node, NodeId, NodeKind, PhaseId};
use crate::value::Type;
use crate::versions::Carry;
use crate::vm::view::{MISSING, NEVER};
use crate::vocabulary::AccountField;

/// From the numbers of one version to those of another.
pub(super) struct Renumbering<'a> {
    pub(super) old: &'a Program,
    pub(super) new: &'a Program,
    pub(super) carry: &'a Carry,
    /// The texts that the account had met, and those that it has met now.
    pub(super) met: Texts,
    pub(super) texts: Texts,
}

impl Renumbering<'_> {
    /// A value of a type of the old version as one of a type of the new; missing where it has none there.
    pub(super) fn value(&mut self, was: &Type, is: &Type, raw: i64) -> i64 {
        let (old, new) = (&self.old.ir, &self.new.ir);
        match (was, is) {
            _ if raw == MISSING => MISSING,
            (Type::Text, Type::Text) => {
                let text = self.met.get(&old.texts, raw).map(str::to_owned);
                text.and_then(|text| self.texts.intern(&new.texts, &text)).unwrap_or(MISSING)
            }
            (Type::OneOf(was), Type::OneOf(is)) => {
                let word = usize::try_from(raw).ok().and_then(|at| was.get(at));
                word.and_then(|word| is.iter().position(|known| known == word)).map_or(MISSING, number)
            }
            (Type::Phase, Type::Phase) => {
                let phase = u16::try_from(raw).ok().and_then(|phase| self.phase(phase));
                phase.map_or(MISSING, i64::from)
            }
            // One that is named and was never met; the others are numbered by the account.
            (Type::Symbol, Type::Symbol) if raw < 0 => {
                let name = usize::try_from(-1 - raw).ok().and_then(|at| old.symbols.get(at));
                name.and_then(|name| new.symbols.iter().position(|known| known == name)).map_or(MISSING, |at| -1 - number(at))
            }
            _ if was == is => raw,
            _ => MISSING,
        }
    }

    fn phase(&self, old: u16) -> Option<u16> {
        self.carry.phases.get(usize::from(old)).copied().flatten()
    }

    /// The node of the new version in which one of the old goes on.
    fn node(&self, old: u16) -> Option<u16> {
        let at = self.carry.nodes.iter().position(|was| *was == Some(NodeId(old)))?;
        u16::try_from(at).ok()
    }

    /// The books. The plan's cells, options and inputs that are new are left missing.
    ///
    /// # Errors
    /// What the new version does not have a place for, in words.
    pub(super) fn books(&mut self, kept: &Books) -> Result<Books, String> {
        let mut books = kept.clone();
        self.settings(kept, &mut books);
        self.places(kept, &mut books)?;
        books.periods = kept.periods.chosen(&self.carry.periods);
        books.spans = kept.spans.chosen(&self.carry.periods);
        books.groups = kept.groups.chosen(&self.carry.groups);
        let types: Vec<Vec<Type>> = self.new.ir.groups.iter().map(|group| key_types(&self.new.ir, &group.keys)).collect();
        books.groups.each_key(|group, at, key| {
            if let Some(ty) = types.get(group).and_then(|types| types.get(at)) {
                *key = self.value(ty, ty, *key);
            }
        });
        let (was, is) = (order_types(&self.old.ir), order_types(&self.new.ir));
        let fields = self.carry.order_fields.clone();
        books.orders.each_extra(|extra| {
            let told = std::mem::take(extra);
            *extra = is.iter().zip(&fields).map(|(is, from)| self.chosen(&told, &was, is, *from)).collect();
        });
        books.opening = kept.opening.as_ref().map(|opening| Box::new(self.opening(opening)));
        books.texts = std::mem::take(&mut self.texts);
        Ok(books)
    }

    /// A value of a list as the new version has it in another place.
    fn chosen(&mut self, told: &[i64], was: &[Type], is: &Type, from: Option<usize>) -> i64 {
        let known = from.and_then(|from| Some((was.get(from)?, *told.get(from)?)));
        known.map_or(MISSING, |(was, raw)| self.value(was, is, raw))
    }

    fn settings(&mut self, kept: &Books, books: &mut Books) {
        let (old, new) = (&self.old.ir, &self.new.ir);
        let types = |settings: &[crate::ir::Setting]| settings.iter().map(|setting| setting.ty.clone()).collect::<Vec<_>>();
        let (was, is) = (types(&old.options), types(&new.options));
        let options = self.carry.options.clone();
        let options = is.iter().zip(options).map(|(is, from)| self.chosen(&kept.facts.options, &was, is, from)).collect();
        let (was, is) = (types(&old.inputs), types(&new.inputs));
        let told: Vec<i64> = kept.inputs.iter().map(|told| told.value).collect();
        let inputs = self.carry.inputs.clone();
        let inputs = is.iter().zip(inputs).map(|(is, from)| Told {
            value: self.chosen(&told, &was, is, from),
            at: from.and_then(|from| kept.inputs.get(from)).map_or(NEVER, |told| told.at),
        });
        books.inputs = inputs.collect();
        let of_columns = |ir: &Ir| ir.plans.columns.iter().map(|column| column.ty.clone()).collect::<Vec<_>>();
        let (was, is) = (of_columns(old), of_columns(new));
        let columns = self.carry.columns.clone();
        let plan = is.iter().zip(columns).map(|(is, from)| self.chosen(&kept.facts.plan, &was, is, from)).collect();
        let plan_name = self.value(&Type::Text, &Type::Text, kept.facts.plan_name);
        books.facts = Facts { plan_name, plan, options, ..kept.facts.clone() };
    }

    /// Where the account stands: its phases, and who has locked it.
    fn places(&self, kept: &Books, books: &mut Books) -> Result<(), String> {
        let (old, new) = (&self.old.ir, &self.new.ir);
        let there = |phase: PhaseId| {
            let gone = || {
                let (name, version) = (&old.phase(phase).name, &new.header.version);
                format!("version `{version}` has no phase for accounts in `{name}`: `keep phase … was {name}` says which one takes them")
            };
            self.phase(phase.0).map(PhaseId).ok_or_else(gone)
        };
        let (phase, left) = (kept.phase().map(there).transpose()?, kept.left().map(there).transpose()?);
        books.stand_in(phase, left, |phase| self.phase(phase));
        books.promotion = match kept.promotion {
            Some(waits) => Some(Promotion { phase: there(PhaseId(waits.phase))?.0, by: self.node(waits.by).unwrap_or(u16::MAX) }),
            None => None,
        };
        books.finals = self.finals(kept);
        // What a rule has locked that is no more stays locked as long as it said.
        books.locks.each_by(|by| {
            if let LockedBy::Rule(node, list, place) = *by {
                *by = self.node(node).map_or(LockedBy::Staff, |node| LockedBy::Rule(node, list, place));
            }
        });
        Ok(())
    }

    fn finals(&self, kept: &Books) -> BTreeMap<(u16, u8), i64> {
        let of_phase = AccountField::Phase as u8;
        let value = |field: u8, raw: i64| {
            if field != of_phase {
                return raw;
            }
            u16::try_from(raw).ok().and_then(|phase| self.phase(phase)).map_or(MISSING, i64::from)
        };
        let kept = kept.finals.iter();
        kept.filter_map(|((phase, field), raw)| Some(((self.phase(*phase)?, *field), value(*field, *raw)))).collect()
    }

    fn opening(&mut self, kept: &DayOpening) -> DayOpening {
        kept.carried(kept.periods().chosen(&self.carry.periods), |cells| self.cells(cells))
    }

    /// The cells of the rules: those of what goes on, and first ones of what is new.
    pub(super) fn cells(&mut self, kept: &[i64]) -> Vec<i64> {
        let (old, new) = (self.old, self.new);
        let mut cells = new.layout.initial(&new.ir);
        for (id, node) in new.ir.nodes() {
            let Some(from) = self.carry.nodes.get(usize::from(id.0)).copied().flatten() else { continue };
            let (was, is) = (old.layout.place(from), new.layout.place(id));
            for instance in 0..was.count.min(is.count) {
                let one = was.base + instance * was.stride..was.base + (instance + 1) * was.stride;
                let other = is.base + instance * is.stride..is.base + (instance + 1) * is.stride;
                if let (Some(one), Some(other)) = (kept.get(one), cells.get_mut(other))
                    && one.len() == other.len()
                {
                    other.copy_from_slice(one);
                    self.renumber(&old.ir.node(from).ty, node, is, other);
                    look_anew(node, other);
                }
            }
        }
        cells
    }

    /// The cells of a node that hold values of its type.
    fn renumber(&mut self, was: &Type, node: &Node, place: Place, cells: &mut [i64]) {
        if !matches!(node.ty, Type::Text | Type::OneOf(_) | Type::Phase | Type::Symbol) {
            return;
        }
        let samples = NODE_CELLS + TrackerCell::ROWS.len();
        let held = [HeldCell::Current.offset(), HeldCell::Waiting.offset()];
        let totals = [TrackerCell::From.offset(), TrackerCell::Total.offset()];
        let own: Vec<usize> = match node.kind {
            NodeKind::Held(_) => held.to_vec(),
            NodeKind::Tracker(_) => {
                let ring = (0..place.ring).map(|sample| samples + place.best + sample * SAMPLE);
                totals.into_iter().chain(samples..samples + place.best).chain(ring).collect()
            }
            _ => Vec::new(),
        };
        for at in std::iter::once(NodeCell::Value.offset()).chain(own) {
            if let Some(cell) = cells.get_mut(at) {
                *cell = self.value(was, &node.ty, *cell);
            }
        }
    }
}

/// What a node keeps only to be looked at less often is of the old version: it looks.
fn look_anew(node: &Node, cells: &mut [i64]) {
    let forgotten: &[usize] = match node.kind {
        NodeKind::Limit(_) => {
            &[LimitCell::Quiet as usize, LimitCell::NextPercent as usize, LimitCell::Bound as usize, LimitCell::Near as usize]
        }
        NodeKind::Floor(_) => &[FloorCell::Rise as usize],
        _ => &[],
    };
    for (at, first) in first_values(&node.kind).enumerate().skip(NODE_CELLS) {
        if let Some(cell) = cells.get_mut(at).filter(|_| forgotten.contains(&(at - NODE_CELLS))) {
            *cell = first;
        }
    }
}

fn key_types(ir: &Ir, keys: &[crate::ir::ExprId]) -> Vec<Type> {
    keys.iter().map(|key| ir.expr(*key).ty.clone()).collect()
}

/// The types of the fields by which a program extends orders.
fn order_types(ir: &Ir) -> Vec<Type> {
    let order = ir.extensions.iter().find(|extension| extension.name == "order");
    order.map_or_else(Vec::new, |order| order.fields.iter().map(|(_, ty)| ty.clone()).collect())
}

fn number(at: usize) -> i64 {
    i64::try_from(at).unwrap_or(MISSING)
}
