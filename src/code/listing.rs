//! The listing of a compiled program: per phase and moment the nodes with their instructions, the
//! words of the source beside them.

use std::fmt::Write;

use super::{Block, Code, Names, Program, Segment};
use crate::ir::{ExprId, NodeId, PhaseId};
use crate::value::Fixed;
use crate::vm::view::{MISSING, NEVER};
use crate::vocabulary::Moment;

impl Program {
    /// The whole program as text.
    pub fn listing(&self) -> String {
        let mut out = format!("program {} {}\n{}", self.ir.title, self.fingerprint, self.bounds);
        let mut listed = Vec::new();
        for (number, phase) in (0..).map(PhaseId).zip(&self.ir.phases) {
            for moment in Moment::ALL {
                let segments = self.block(number, moment);
                if !segments.is_empty() {
                    let _ = writeln!(out, "\nphase {}, {}", phase.name, moment.name());
                }
                for segment in segments {
                    self.list_segment(&mut out, *segment, &mut listed);
                }
            }
        }
        out.push_str("\nexpressions\n");
        for (id, block) in self.roots.iter().enumerate().filter_map(|(id, block)| block.map(|block| (id, block))) {
            let words = self.ir.source.slice(self.ir.exprs[id].span);
            let _ = writeln!(out, "  e{id}: {}", one_line(words));
            self.list_block(&mut out, &self.code, block);
        }
        self.list_folds(&mut out);
        self.list_windows(&mut out);
        out
    }

    /// A segment; what is the same at another moment is listed once.
    fn list_segment(&self, out: &mut String, segment: Segment, listed: &mut Vec<Block>) {
        let node = self.ir.node(segment.node);
        let (line, _) = self.ir.source.line_column(node.head.start);
        if listed.contains(&segment.block) {
            let _ = writeln!(out, "  {}: as at {}", node.name, segment.block.start);
            return;
        }
        listed.push(segment.block);
        let _ = writeln!(out, "  {}: line {line}: {}", node.name, one_line(self.ir.source.slice(node.head)));
        self.list_block(out, &self.code, segment.block);
    }

    fn list_folds(&self, out: &mut String) {
        for (at, fold) in self.code.folds.iter().enumerate() {
            let _ = writeln!(out, "  fold {at}: {:?} over {:?}", fold.function, fold.collection);
            for (word, block) in [("of", fold.what), ("where", fold.filter)] {
                if let Some(block) = block {
                    let _ = writeln!(out, "   {word}");
                    self.list_block(out, &self.code, block);
                }
            }
        }
    }

    fn list_windows(&self, out: &mut String) {
        for (at, window) in self.code.news.iter().enumerate() {
            let Some(filter) = window.filter else { continue };
            let _ = writeln!(out, "  news {at}: where");
            self.list_block(out, &self.code, filter);
        }
    }

    fn list_block(&self, out: &mut String, code: &Code, block: Block) {
        let names = ProgramNames { program: self, code };
        for (at, op) in code.ops.iter().enumerate().take(block.end as usize).skip(block.start as usize) {
            let _ = writeln!(out, "    {at:>5} {}", op.show(&names).trim_end());
        }
    }
}

/// A text on one line.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

struct ProgramNames<'a> {
    program: &'a Program,
    code: &'a Code,
}

impl Names for ProgramNames<'_> {
    fn constant(&self, at: u16) -> String {
        match self.code.constants.get(usize::from(at)).copied() {
            None => "?".to_owned(),
            Some(MISSING) => "none".to_owned(),
            Some(NEVER) => "never".to_owned(),
            // Words, dates and bits are small; a number of them would be less than a thousandth of a cent.
            Some(raw) if raw.unsigned_abs() < 1_000 => format!("#{raw}"),
            Some(raw) => Fixed::from_raw(raw).map_or_else(String::new, |number| number.to_string()),
        }
    }

    fn cell(&self, at: u16) -> String {
        format!("[{}]", self.program.layout.name(&self.program.ir, usize::from(at)))
    }

    fn node(&self, at: u16) -> String {
        let name = self.program.ir.nodes.get(usize::from(at)).map_or("?", |node| node.name.as_str());
        format!("\"{name}\"")
    }
}

impl Program {
    /// Cells that hold something else than at first, by name, with the number they hold.
    pub fn dump(&self, slots: &[i64]) -> String {
        let mut out = String::new();
        let first = self.layout.initial(&self.ir);
        for (at, (now, before)) in slots.iter().zip(&first).enumerate().filter(|(_, (now, before))| now != before) {
            let _ = writeln!(out, "{}: {now} (at first {before})", self.layout.name(&self.ir, at));
        }
        out
    }

    /// The words of a node's first line, on one line.
    pub fn words(&self, node: NodeId) -> String {
        one_line(self.ir.source.slice(self.ir.node(node).head))
    }

    /// The words of an expression, on one line.
    pub fn expr_words(&self, expr: ExprId) -> String {
        one_line(self.ir.source.slice(self.ir.expr(expr).span))
    }
}
