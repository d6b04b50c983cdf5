//! The listing of a checked program: nodes in evaluation order, with types, moments and the
//! expressions they are made of.

use std::fmt::Write;

use crate::compile::roots;
use crate::ir::{Constant, ExprId, ExprKind, Ir, Node, NodeId, NodeKind, Per};
use crate::vocabulary::Moments;

/// A checked program as text.
pub fn ir_listing(ir: &Ir) -> String {
    let mut out = format!("program {}\n", ir.title);
    for (at, phase) in ir.phases.iter().enumerate() {
        let _ = writeln!(out, "phase {at} {}{}", phase.name, if phase.standing { " (standing)" } else { "" });
    }
    for (at, schedule) in ir.schedules.iter().enumerate() {
        let _ = writeln!(out, "schedule {at} {schedule:?}");
    }
    for (period, row) in ir.own_periods() {
        let words = without_spans(&format!("{:?}", row.kind));
        let _ =
            writeln!(out, "period {} {}: {words}; starts at {}; ends at {}", period.0, row.name, moments(row.starts), moments(row.ends));
    }
    for group in &ir.groups {
        let _ = writeln!(out, "group {} {}", group.name, without_spans(&format!("{group:?}")));
    }
    for (id, node) in ir.nodes() {
        list_node(&mut out, ir, id, node);
    }
    out
}

fn list_node(out: &mut String, ir: &Ir, id: NodeId, node: &Node) {
    let phase = node.phase.map_or("every phase", |phase| ir.phase(phase).name.as_str());
    let per = match node.per {
        Per::Account => "",
        Per::Position => " for each position",
        Per::Symbol => " for each symbol",
        Per::Order => " for each order",
        Per::Group(group) => &format!(" for each {}", ir.groups.get(usize::from(group)).map_or("group", |group| group.name.as_str())),
    };
    let _ = writeln!(out, "\nnode {} {} \"{}\"{per}, {}, in {phase}", id.0, kind_word(&node.kind), node.name, node.ty);
    let _ = writeln!(out, "  at {}{}", moments(node.moments), if node.waits { ", waits" } else { "" });
    let _ = writeln!(out, "  {}", without_spans(&format!("{:?}", node.kind)));
    for (words, expr) in &node.evidence {
        let _ = writeln!(out, "  shows `{words}` = e{}", expr.0);
    }
    let mut listed = Vec::new();
    for root in roots::of_node(node) {
        list_expr(out, ir, root, &mut listed);
    }
}

fn list_expr(out: &mut String, ir: &Ir, id: ExprId, listed: &mut Vec<ExprId>) {
    if listed.contains(&id) {
        return;
    }
    listed.push(id);
    let expr = ir.expr(id);
    for operand in expr.kind.operands() {
        list_expr(out, ir, operand, listed);
    }
    let missing = if expr.maybe_missing { " or missing" } else { "" };
    let _ = writeln!(out, "  e{} : {}{missing} = {}", id.0, expr.ty, expr_words(&expr.kind));
}

fn expr_words(kind: &ExprKind) -> String {
    match kind {
        ExprKind::Constant(Constant::Decimal(number)) => number.to_string(),
        other => without_spans(&format!("{other:?}")),
    }
}

fn moments(moments: Moments) -> String {
    let names: Vec<&str> = moments.iter().map(crate::vocabulary::Moment::name).collect();
    if names.is_empty() { "no moment of its own".to_owned() } else { names.join(", ") }
}

/// Places in the text are shown nowhere; numbers of expressions shortly.
pub(crate) fn without_spans(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("span: Span {") {
        out.push_str(rest[..at].trim_end().trim_end_matches(','));
        rest = rest[at..].find('}').map_or("", |end| &rest[at + end + 1..]);
    }
    out.push_str(rest);
    out.replace("ExprId(", "e(").replace("NodeId(", "node(")
}

/// The word for a kind of node.
pub(crate) const fn kind_word(kind: &NodeKind) -> &'static str {
    match kind {
        NodeKind::Value(_) => "value",
        NodeKind::Held(_) => "held value",
        NodeKind::Baseline(_) => "since",
        NodeKind::DayCopy(_) => "before today",
        NodeKind::EventCopy(_) => "before this event",
        NodeKind::Tracker(_) => "tracker",
        NodeKind::State(_) => "state",
        NodeKind::Floor(_) => "floor",
        NodeKind::Limit(_) => "limit",
        NodeKind::Rule(_) => "rule",
        NodeKind::Goal(_) => "goal",
        NodeKind::Payout(_) => "payout",
    }
}
