//! From the checked program to code: one block per phase and kind of moment, holding only what is
//! in force then and can change then, in evaluation order.

mod branch;
mod constant;
mod emit;
mod errors;
mod glance;
pub(crate) mod kept;
pub(crate) mod roots;
mod segment;
mod table;

use std::collections::BTreeMap;
use std::sync::Arc;

pub(crate) use constant::fold as fold_constant;
pub use constant::{decode_days, encode_days};
pub(crate) use emit::comparison;
pub(crate) use roots::values_read;
pub(crate) use segment::is_continuous;

use crate::code::{self, Block, Bounds, Code, Detail, Fingerprint, Layout, Limits, Program, Segment};
use crate::diagnostic::Diagnostic;
use crate::ir::{ExprId, Ir, Node, NodeId, NodeKind, PhaseId};
use crate::source::Span;
use crate::value::Fixed;
use crate::vocabulary::Moment;
use emit::Emitter;

/// Compiles a checked program under the default limits.
///
/// # Errors
/// With every named limit that it is over.
pub fn compile(ir: Ir) -> Result<Program, Vec<Diagnostic>> {
    compile_within(ir, Limits::default())
}

/// Compiles a checked program under limits of the host's own.
///
/// # Errors
/// With every named limit that it is over.
pub fn compile_within(ir: Ir, limits: Limits) -> Result<Program, Vec<Diagnostic>> {
    let layout = Layout::of(&ir, &limits);
    let over = counts(&ir, &layout, &limits);
    if !over.is_empty() {
        return Err(over);
    }
    let mut emitter = Emitter::new(&ir, &layout, &limits);
    let roots = emit_roots(&mut emitter);
    let blocks = emit_blocks(&mut emitter);
    let Emitter { code, mut errors, .. } = emitter;
    let whole = Span::default();
    if code.constants.len() > limits.constants {
        errors.push(errors::over(whole, "constants", code.constants.len(), limits.constants));
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    let details = ir.nodes().map(|(id, node)| detail(&ir, id, node)).collect();
    let (rolls_back, bounds, fingerprint) = (ir.rolls_back(), Bounds::default(), Fingerprint(0));
    let reads = crate::ir::Reads::of(&ir);
    let glances = code::glances(&code, &blocks);
    let mut program =
        Program { ir: Arc::new(ir), reads, code, roots, blocks, glances, layout, details, rolls_back, limits, bounds, fingerprint };
    program.bounds = code::bounds(&program);
    let worst = program.bounds.instructions.iter().max().map_or(0, |most| usize::try_from(*most).unwrap_or(usize::MAX));
    if worst > program.limits.event_instructions {
        return Err(vec![errors::over(whole, "event_instructions", worst, program.limits.event_instructions)]);
    }
    program.fingerprint = code::fingerprint(&program);
    match code::verify(&program) {
        Ok(()) => Ok(program),
        Err(refusal) => Err(vec![errors::refused(whole, &refusal)]),
    }
}

fn detail(ir: &Ir, id: NodeId, node: &Node) -> Detail {
    let percents = match &node.kind {
        NodeKind::Limit(limit) => limit.at_used.iter().map(|(percent, _)| Fixed::from(*percent).raw()).collect(),
        _ => Vec::new(),
    };
    let (keeps, readers) = match &node.kind {
        NodeKind::Limit(limit) => (kept::keeps_bound(ir, node, limit), Vec::new()),
        NodeKind::Floor(floor) if kept::keeps_rise(ir, node, floor) => (true, kept::readers(ir, id)),
        _ => (false, Vec::new()),
    };
    Detail { extremes: roots::extremes_of(ir, id), needs: roots::needs_of(ir, id), percents, keeps, readers }
}

/// An expression compiled by itself, to be asked of accounts of a program: an expectation, a line typed in.
#[derive(Clone, Debug)]
pub struct Expression {
    /// Its instructions.
    pub(crate) code: Code,
    /// Its block.
    pub(crate) block: Block,
}

/// Compiles an expression of an `ir` that has the program's nodes and tables, and more expressions.
///
/// # Errors
/// With every named limit that it is over.
pub fn expression(program: &Program, ir: &Ir, id: ExprId) -> Result<Expression, Vec<Diagnostic>> {
    let mut emitter = Emitter::new(ir, &program.layout, &program.limits);
    let block = emitter.root(id);
    let Emitter { code, errors, .. } = emitter;
    if !errors.is_empty() {
        return Err(errors);
    }
    let span = ir.expr(id).span;
    let frame = code::frame(&code, block);
    let most = program.limits.frame.min(code::REGISTERS);
    if frame > most {
        return Err(vec![errors::over(span, "frame", frame, most)]);
    }
    match code::verify_block(program, &code, block, true) {
        Ok(()) => Ok(Expression { code, block }),
        Err(refusal) => Err(vec![errors::refused(span, &refusal)]),
    }
}

fn counts(ir: &Ir, layout: &Layout, limits: &Limits) -> Vec<Diagnostic> {
    let mut over = Vec::new();
    let mut check = |span: Span, name: &str, needed: usize, allowed: usize| {
        if needed > allowed {
            over.push(errors::over(span, name, needed, allowed));
        }
    };
    let last = |at: usize| ir.nodes.get(at).map_or_else(Span::default, |node| node.head);
    check(last(limits.nodes), "nodes", ir.nodes.len(), limits.nodes);
    check(Span::default(), "schedules", ir.schedules.len(), limits.schedules.min(64));
    for group in &ir.groups {
        check(group.span, "groups", group.keeps as usize, limits.groups);
    }
    for (place, node) in layout.nodes.iter().zip(&ir.nodes) {
        check(node.head, "ring", place.ring, limits.ring);
        check(node.head, "best", place.best, limits.best);
        match &node.kind {
            NodeKind::Limit(limit) => check(node.head, "warnings", limit.at_used.len(), limits.warnings.min(62)),
            NodeKind::Floor(floor) => check(node.head, "jumps", floor.jumps.len(), limits.jumps.min(62)),
            _ => {}
        }
        let end = place.base.saturating_add(place.stride.saturating_mul(place.count));
        let allowed = limits.slots.min(usize::from(u16::MAX));
        // A window that is too long is told once, not again by what it takes of the account's memory.
        let told = place.ring > limits.ring || place.best > limits.best;
        if end > allowed && place.base <= allowed && !told {
            check(node.head, "slots", layout.size, allowed);
        }
    }
    over
}

fn emit_roots(emitter: &mut Emitter<'_>) -> Vec<Option<Block>> {
    let ir = emitter.ir;
    let mut blocks = vec![None; ir.exprs.len()];
    let wanted = ir.nodes.iter().flat_map(roots::of_node).chain(roots::of_tables(ir));
    for id in wanted {
        let at = id.0 as usize;
        if blocks[at].is_none() {
            blocks[at] = Some(emitter.root(id));
        }
    }
    blocks
}

/// The segments of every phase and moment. What is the same at two moments is emitted once.
fn emit_blocks(emitter: &mut Emitter<'_>) -> Vec<Vec<Segment>> {
    let ir = emitter.ir;
    let mut emitted: BTreeMap<(u16, Moment), Block> = BTreeMap::new();
    let mut blocks = vec![Vec::new(); ir.phases.len() * Moment::ALL.len()];
    for (id, node) in ir.nodes() {
        let mut own: Vec<Block> = Vec::new();
        for moment in Moment::ALL.into_iter().filter(|moment| segment::takes_part(ir, node, *moment)) {
            let before = emitter.code.ops.len();
            let block = emitter.segment(id, moment);
            let same = own.iter().find(|other| same_code(&emitter.code, **other, block)).copied();
            let block = match same {
                // Blocks of aggregates may have been emitted before the segment; they stay.
                Some(other) if block.start as usize == before => {
                    emitter.code.ops.truncate(before);
                    emitter.code.origins.truncate(before);
                    other
                }
                _ => {
                    own.push(block);
                    block
                }
            };
            emitted.insert((id.0, moment), block);
        }
    }
    for phase in (0..ir.phases.len()).filter_map(|at| u16::try_from(at).ok()).map(PhaseId) {
        for (id, _) in ir.nodes().filter(|(id, _)| code::in_force(ir, *id, phase)) {
            for moment in Moment::ALL {
                if let Some(block) = emitted.get(&(id.0, moment)).filter(|block| block.start < block.end) {
                    blocks[code::block_number(phase, moment)].push(Segment { node: id, block: *block });
                }
            }
        }
    }
    blocks
}

fn same_code(code: &Code, a: Block, b: Block) -> bool {
    code.ops.get(a.start as usize..a.end as usize) == code.ops.get(b.start as usize..b.end as usize)
}
