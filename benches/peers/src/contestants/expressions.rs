//! Programs of engines that know expressions only: a line each.

/// A line of such a program.
pub(super) enum Line {
    /// A value that the lines below read by its name.
    Let(String, String),
    /// A rule, in the order of the bits.
    Rule(String),
}

/// The lines of a program, comments left out.
pub(super) fn lines(text: &str) -> Vec<Line> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("//"));
    let line = |line: &str| match line.strip_prefix("let ").and_then(|rest| rest.split_once('=')) {
        Some((name, value)) => Line::Let(name.trim().to_owned(), value.trim().to_owned()),
        None => Line::Rule(line.to_owned()),
    };
    lines.map(line).collect()
}
