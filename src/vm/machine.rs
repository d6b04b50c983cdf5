//! The machine: one evaluation of the nodes in force, in order, over the cells of one account.

use super::Slots;
use super::effects::{Effects, Told};
pub(super) use super::fault::{Fault, Outcome, fault_code, fault_of};
use super::view::{Cursor, Effect, Instance, MISSING, NEVER, View};
use crate::code::{
    self, Block, CellOf, Code, FloorCell, HeaderCell, LimitCell, NODE_CELLS, NodeCell, Place, Program, REGISTERS, fixed_cells,
};
use crate::ir::{Event, ExprId, Node, NodeId, NodeKind, Per, PhaseId};
use crate::outcome::FaultKind;
use crate::vocabulary::{Moment, Occasion, RecordField};

/// More cells than the fixed ones of any kind of node.
const SAVED: usize = 20;

const _: () = assert!(NODE_CELLS + LimitCell::ROWS.len() <= SAVED);

/// One instance of a node's state.
#[derive(Clone, Copy, Debug)]
pub(super) struct At {
    /// Its first cell.
    pub(super) base: usize,
    /// The position's or group's serial, symbol's number, or 0.
    pub(super) instance: u64,
    /// Whether it begins with this evaluation.
    pub(super) begins: bool,
}

pub(super) struct Machine<'a, V> {
    pub(super) program: &'a Program,
    pub(super) view: &'a V,
    pub(super) slots: &'a mut Slots,
    pub(super) effects: &'a mut Told,
    pub(super) phase: PhaseId,
    pub(super) moment: Moment,
    pub(super) now: i64,
    pub(super) occasions: u64,
    /// The record at hand.
    pub(super) cursor: Cursor,
    /// The records at hand around it: of the aggregates, and of the instance, in which it stands.
    pub(super) around: Vec<Cursor>,
    /// The least instant after now at which something evaluated may change.
    pub(super) edge: i64,
    /// What remains of the payout request.
    pub(super) running: i64,
    pub(super) registers: &'a mut [i64; REGISTERS],
    /// The first register of the running block, and that behind its last.
    pub(super) frame: usize,
    pub(super) top: usize,
    /// What the node at hand has changed of others, to be undone if it faults. Allocates only when something fires.
    undo: Vec<(usize, i64)>,
    /// The effects of this evaluation begin here.
    start: usize,
    /// Whether a due instant has changed.
    dirty: bool,
    /// Whether nothing of the node at hand was looked at: its fault stands then.
    pub(super) idle: bool,
}

impl<'a, V: View> Machine<'a, V> {
    pub(super) fn new(
        program: &'a Program,
        phase: PhaseId,
        moment: Moment,
        slots: &'a mut Slots,
        view: &'a V,
        effects: &'a mut Effects,
    ) -> Self {
        let Effects { told: effects, registers } = effects;
        Self {
            start: effects.list.len(),
            registers,
            now: view.now(),
            occasions: view.occasions(),
            program,
            view,
            slots,
            effects,
            phase,
            moment,
            cursor: Cursor::Event,
            around: Vec::new(),
            edge: NEVER,
            running: MISSING,
            frame: 0,
            top: 0,
            undo: Vec::new(),
            dirty: false,
            idle: false,
        }
    }

    /// Evaluates the segments of the moment, from one on.
    pub(super) fn run(&mut self, from: usize) {
        let program = self.program;
        let mut segments = program.block(self.phase, self.moment).get(from..).unwrap_or_default().iter();
        loop {
            let before = segments.as_slice();
            let Err(fault) = self.execute_segments(&program.code, &mut segments) else { break };
            // The one that faulted is the last that was taken; those behind it have their turn.
            if let Some(segment) = (before.len() - segments.len()).checked_sub(1).and_then(|last| before.get(last)) {
                let base = self.place(segment.node).base;
                self.wait_for_edge(program.ir.node(segment.node), base);
                self.set_fault(segment.node, base, fault);
            }
        }
        self.top = self.frame;
        self.finish_dues();
    }

    /// Runs a block with registers of its own.
    pub(super) fn call(&mut self, code: &'a Code, block: Block) -> Outcome<i64> {
        if let Some(loaded) = self.loaded(code, block) {
            return loaded;
        }
        let (frame, top) = (self.frame, self.top);
        self.frame = top;
        self.top = top + usize::from(block.registers);
        let result = self.execute(code, block);
        (self.frame, self.top) = (frame, top);
        result
    }

    /// The value of an expression of the program.
    pub(super) fn value(&mut self, id: ExprId) -> Outcome<i64> {
        match self.program.root(id) {
            Some(block) => self.call(&self.program.code, block),
            None => Err(FaultKind::Missing.into()),
        }
    }

    /// The value of an expression that must be there.
    pub(super) fn known(&mut self, id: ExprId) -> Outcome<i64> {
        match self.value(id)? {
            MISSING => Err(Fault { kind: FaultKind::Missing, expr: Some(id) }),
            value => Ok(value),
        }
    }

    /// Whether a condition that may be missing holds: a missing one does not.
    pub(super) fn holds_or_missing(&mut self, id: ExprId) -> Outcome<bool> {
        let value = self.value(id)?;
        Ok(value != MISSING && value != 0)
    }

    /// Whether a condition holds.
    pub(super) fn holds(&mut self, id: ExprId) -> Outcome<bool> {
        self.known(id).map(|value| value != 0)
    }

    /// Whether a condition holds that need not be there: then it does.
    pub(super) fn holds_if(&mut self, id: Option<ExprId>) -> Outcome<bool> {
        id.map_or(Ok(true), |id| self.holds(id))
    }

    /// Whether an event happens in this moment.
    pub(super) fn occurs(&self, event: Event) -> bool {
        match event {
            Event::Occasion(occasion) => self.occasion(occasion) && self.concerns(occasion),
            Event::Start(_) | Event::End(_) => event.bit().is_some_and(|bit| self.occasions & bit != 0),
            Event::Host(event) => self.view.host_event() == Some(event),
            Event::Input(input) => self.view.changed_input() == Some(input),
            Event::Breach(node) => self.breached(node),
            Event::Schedule(schedule) => self.scheduled(schedule),
            Event::GroupEnd(group) => self.group_ends(group),
        }
    }

    /// Whether an occasion concerns the position or group at hand: its own fills do, others do not.
    fn concerns(&self, occasion: Occasion) -> bool {
        let of_fills = matches!(occasion, Occasion::Fill | Occasion::Entry | Occasion::Exit | Occasion::Trade);
        match self.cursor {
            Cursor::Position(_) | Cursor::Group(..) if of_fills => self.view.concerns(occasion, self.cursor),
            _ => true,
        }
    }

    /// Whether an instance of a group ends: the one at hand, where one is.
    pub(super) fn group_ends(&self, group: u16) -> bool {
        let ending = self.view.ending(Per::Group(group));
        match self.cursor {
            Cursor::Group(number, index) if number == group => ending.is_some() && ending == self.view.instance(Per::Group(group), index),
            _ => ending.is_some(),
        }
    }

    pub(super) fn occasion(&self, occasion: Occasion) -> bool {
        self.occasions & occasion.bit() != 0
    }

    pub(super) fn breached(&self, node: NodeId) -> bool {
        self.effects.breached_since(self.start, node)
    }

    pub(super) fn scheduled(&self, schedule: u16) -> bool {
        schedule < 64 && self.view.schedules() & (1 << schedule) != 0
    }

    /// A cell of a node's instance.
    pub(super) fn get(&self, at: At, cell: impl CellOf) -> i64 {
        self.slots.values[at.base + cell.offset()]
    }

    pub(super) fn set(&mut self, at: At, cell: impl CellOf, value: i64) {
        self.slots.values[at.base + cell.offset()] = value;
    }

    /// Sets the instant at which a node is due.
    pub(super) fn set_due(&mut self, base: usize, due: i64) {
        let cell = &mut self.slots.values[base + NodeCell::Due.offset()];
        self.dirty |= *cell != due;
        *cell = due;
    }

    /// Remembers an instant at which a value may change.
    pub(super) fn changes_at(&mut self, instant: i64) {
        if instant > self.now {
            self.edge = self.edge.min(instant);
        }
    }

    pub(super) fn place(&self, node: NodeId) -> Place {
        self.program.layout.place(node)
    }

    /// Steps a node: its one instance, or all of them in the order of their numbers.
    pub(super) fn step(&mut self, id: NodeId) {
        let program = self.program;
        let node = program.ir.node(id);
        let place = self.place(id);
        let cursor = self.cursor;
        match node.per {
            Per::Account => self.step_instance(id, node, At { base: place.base, instance: 0, begins: false }, 1),
            Per::Order => {
                if self.occasion(Occasion::Order) {
                    // Nothing is kept of the order before, its fault neither; and it is never due by itself.
                    let dirty = self.dirty;
                    self.clear_fault(place.base);
                    self.reset(node, place.base);
                    self.step_instance(id, node, At { base: place.base, instance: 0, begins: true }, 1);
                    self.dirty = dirty;
                }
            }
            Per::Symbol => {
                let used = usize::from(self.view.symbols()).min(place.count);
                for (number, at) in (0..used).zip(0_u16..) {
                    self.cursor = Cursor::Symbol(at);
                    let base = place.base + number * place.stride;
                    self.step_instance(id, node, At { base, instance: u64::from(at), begins: false }, i64::from(at) + 1);
                }
            }
            Per::Position | Per::Group(_) => self.step_living(id, node, place),
        }
        self.cursor = cursor;
    }

    /// The positions that are open, or the instances of a group that live. What has ended is put back
    /// to its beginning by [`super::end_instance`].
    fn step_living(&mut self, id: NodeId, node: &'a Node, place: Place) {
        for index in 0..self.view.living(node.per) {
            let found = self.view.instance(node.per, index).filter(|found| found.place < place.count);
            let Some(Instance { serial, place: number }) = found else { continue };
            self.cursor = match node.per {
                Per::Group(group) => Cursor::Group(group, index),
                _ => Cursor::Position(index),
            };
            let base = place.base + number * place.stride;
            let begun = i64::try_from(serial).unwrap_or(i64::MAX);
            self.step_instance(id, node, At { base, instance: serial, begins: false }, begun);
        }
    }

    /// The first values of a node's cells, but for its fault.
    fn reset(&mut self, node: &Node, base: usize) {
        self.slots.reset(node, base);
    }

    fn step_instance(&mut self, id: NodeId, node: &'a Node, mut at: At, begun: i64) {
        let known = self.get(at, NodeCell::Begun);
        if known != 0 && known != begun {
            self.clear_fault(at.base);
            self.reset(node, at.base);
        }
        at.begins |= self.get(at, NodeCell::Begun) == 0;
        self.edge = NEVER;
        let saved = self.save(at.base);
        let mark = self.effects.mark();
        self.undo.clear();
        self.idle = false;
        let full = matches!(node.per, Per::Group(group) if self.view.is_full(group));
        let evaluated = if full { Err(FaultKind::WindowFull.into()) } else { self.evaluate(id, node, at) };
        match evaluated {
            Ok(()) => {
                if !self.idle {
                    self.clear_fault(at.base);
                }
                self.set(at, NodeCell::Begun, begun);
            }
            Err(fault) => {
                self.undo_changes();
                self.effects.rewind(mark);
                // A full window is a state of the tracker itself.
                if fault.kind != FaultKind::WindowFull {
                    self.restore(node, at.base, &saved);
                }
                self.wait_for_edge(node, at.base);
                self.set_fault(id, at.base, fault);
            }
        }
    }

    /// A faulted node looks again when what it read may change with time alone, and when it was due anyway.
    fn wait_for_edge(&mut self, node: &Node, base: usize) {
        if node.waits {
            let kept = self.slots.values[base + NodeCell::Due.offset()];
            let still = if kept > self.now { kept } else { NEVER };
            self.set_due(base, still.min(self.edge));
        }
    }

    /// Changes a cell of another node, so that a fault of this one can undo it.
    pub(super) fn change(&mut self, cell: usize, value: i64) {
        self.undo.push((cell, self.slots.values[cell]));
        self.slots.values[cell] = value;
    }

    fn undo_changes(&mut self) {
        while let Some((cell, value)) = self.undo.pop() {
            self.slots.values[cell] = value;
        }
    }

    /// The cells that a fault brings back: so many as no kind of node has more, as a copy of one size is cheap.
    fn save(&self, base: usize) -> [i64; SAVED] {
        let cells = &self.slots.values[base..];
        cells.first_chunk().copied().unwrap_or_else(|| {
            let mut saved = [0; SAVED];
            saved[..cells.len()].copy_from_slice(cells);
            saved
        })
    }

    fn restore(&mut self, node: &Node, base: usize, saved: &[i64; SAVED]) {
        let count = fixed_cells(&node.kind);
        // An older fault that was cleared before the node acted is back.
        let fault = NodeCell::Fault.offset();
        if saved[fault] != 0 && self.slots.values[base + fault] == 0 {
            self.slots.values[HeaderCell::Faults as usize] += 1;
        }
        self.slots.values[base..base + count].copy_from_slice(&saved[..count]);
    }

    /// A node is faulted: its value is missing and its readers are faulted too.
    pub(super) fn set_fault(&mut self, id: NodeId, base: usize, fault: Fault) {
        let code = fault_code(fault.kind);
        let before = std::mem::replace(&mut self.slots.values[base + NodeCell::Fault.offset()], code);
        self.slots.values[base + NodeCell::Value.offset()] = MISSING;
        match self.program.ir.node(id).kind {
            NodeKind::Limit(_) => self.disturb(base),
            NodeKind::Floor(_) => {
                self.slots.values[base + FloorCell::Rise.offset()] = MISSING;
                self.disturb_readers(id);
            }
            _ => {}
        }
        if before == 0 {
            self.slots.values[HeaderCell::Faults as usize] += 1;
        }
        if before != code {
            self.effects.push(Effect::Fault { node: id, expr: fault.expr, kind: fault.kind });
        }
    }

    pub(super) fn clear_fault(&mut self, base: usize) {
        self.slots.clear_fault(base);
    }

    /// The instance of a node `for each` that the record at hand belongs to.
    pub(super) fn instance(&self, node: NodeId) -> Outcome<Option<usize>> {
        let place = self.place(node);
        let (number, begun) = match (self.program.ir.node(node).per, self.cursor) {
            (Per::Account | Per::Order, _) => return Ok(Some(place.base)),
            (Per::Symbol, _) => {
                let symbol = self.symbol_at_hand();
                let number = usize::try_from(symbol).map_err(|_| FaultKind::Missing)?;
                (number, symbol.saturating_add(1))
            }
            (per @ (Per::Position | Per::Group(_)), cursor) => {
                let found = match (per, cursor) {
                    (Per::Position, Cursor::Position(index)) => self.view.instance(per, index),
                    (Per::Group(group), Cursor::Group(number, index)) if number == group => self.view.instance(per, index),
                    _ => self.view.ending(per),
                };
                let Instance { serial, place } = found.ok_or(FaultKind::Missing)?;
                (place, i64::try_from(serial).unwrap_or(i64::MAX))
            }
        };
        let base = place.base + number.min(place.count) * place.stride;
        // One that was faulted from the first has no number of its own yet.
        let faulted = |known: i64| known == 0 && self.slots.values[base + NodeCell::Fault.offset()] != 0;
        let is_its = |known: i64| known == begun || faulted(known);
        let begun = number < place.count && is_its(self.slots.values[base + NodeCell::Begun.offset()]);
        Ok(begun.then_some(base))
    }

    fn symbol_at_hand(&self) -> i64 {
        match self.cursor {
            Cursor::Symbol(symbol) => i64::from(symbol),
            Cursor::Position(_) => self.view.record(RecordField::PositionSymbol, self.cursor),
            Cursor::WorkingOrder(_) => self.view.record(RecordField::OrderSymbol, self.cursor),
            Cursor::Event if self.occasion(Occasion::Order) => self.view.record(RecordField::OrderSymbol, self.cursor),
            Cursor::Event if self.occasion(Occasion::Fill) => self.view.record(RecordField::FillSymbol, self.cursor),
            Cursor::Event | Cursor::Group(..) | Cursor::News(_) => self.view.record(RecordField::SymbolItself, self.cursor),
        }
    }

    /// Brings the least due instant up to date.
    pub(super) fn finish_dues(&mut self) {
        let phase = i64::from(self.phase.0);
        let cached = self.slots.values[HeaderCell::Phase as usize] == phase;
        let judged = self.moment == Moment::Judge && self.slots.values[HeaderCell::NextDue as usize] <= self.now;
        if !self.dirty && cached && !judged {
            return;
        }
        if self.moment == Moment::Judge {
            self.drop_past_dues();
        }
        self.slots.values[HeaderCell::Phase as usize] = phase;
        self.slots.values[HeaderCell::NextDue as usize] = super::least_due(self.program, self.slots, self.phase);
        self.dirty = false;
    }

    /// Everything was judged: an instant that has passed would be due for ever.
    fn drop_past_dues(&mut self) {
        for (id, node) in self.program.ir.nodes() {
            let place = self.place(id);
            if !code::in_force(&self.program.ir, id, self.phase) || node.per == Per::Order {
                continue;
            }
            for instance in 0..place.count {
                let due = &mut self.slots.values[place.base + instance * place.stride + NodeCell::Due.offset()];
                if *due <= self.now {
                    *due = NEVER;
                }
            }
        }
    }
}

/// The sum of two times or amounts.
#[inline]
pub(super) fn sum(a: i64, b: i64) -> Outcome<i64> {
    a.checked_add(b).filter(|sum| *sum != MISSING).ok_or(FaultKind::Overflow.into())
}

/// The difference of two times or amounts.
#[inline]
pub(super) fn difference(a: i64, b: i64) -> Outcome<i64> {
    a.checked_sub(b).filter(|difference| *difference != MISSING).ok_or(FaultKind::Overflow.into())
}

/// `percent of whole`, rounded once.
#[inline]
pub(super) fn percent_of(percent: i64, whole: i64) -> Outcome<i64> {
    Ok(crate::value::percent_of(percent, whole)?)
}
