//! Tables: each column as wide as its widest cell.

use unicode_width::UnicodeWidthStr;

use super::line::{Content, Line};

/// How many columns of a terminal a text takes.
pub(super) fn width(text: &str) -> usize {
    text.width()
}

/// Pads the cells of each table; comments between rows belong to it.
pub(super) fn align(lines: &mut [Line]) {
    let mut at = 0;
    while at < lines.len() {
        let rows = lines[at..].iter().take_while(|line| matches!(line.content, Content::Row(_) | Content::Comment(_))).count();
        if rows > 0 {
            pad(&mut lines[at..at + rows]);
        }
        at += rows.max(1);
    }
}

fn pad(rows: &mut [Line]) {
    let mut widths: Vec<usize> = Vec::new();
    for line in rows.iter() {
        let Content::Row(cells) = &line.content else { continue };
        widths.resize(widths.len().max(cells.len()), 0);
        for (widest, cell) in widths.iter_mut().zip(cells) {
            *widest = (*widest).max(width(cell)).min(super::WIDEST);
        }
    }
    for line in rows {
        let Content::Row(cells) = &mut line.content else { continue };
        for (cell, widest) in cells.iter_mut().zip(&widths) {
            let missing = widest.saturating_sub(width(cell));
            cell.extend(std::iter::repeat_n(' ', missing));
        }
    }
}
