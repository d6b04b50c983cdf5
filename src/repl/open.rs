//! Whether what was typed goes on in the next line.

use super::commands;

/// Words behind which an expression or step is not complete.
const GOING_ON: &[&str] = &["and", "or", "not", "of", "then", "else", "where", "if", "with", "than", "at", "to", "by", "on", "is"];

/// Whether a text is not complete, as it is typed: a brace or bracket is open, or its last line ends where more must come.
pub fn is_open(text: &str) -> bool {
    depth(text, &['{', '('], &['}', ')']) > 0 || ends_open(text)
}

/// Whether a block is open: up to the brace that closes it all lines belong to it.
pub fn is_block_open(text: &str) -> bool {
    depth(text, &['{'], &['}']) > 0
}

/// How many of what opens are not closed, outside of texts and comments.
fn depth(text: &str, opens: &[char], closes: &[char]) -> i32 {
    let mut depth = 0;
    for line in text.lines() {
        // A text ends on its line: what is open there is a mistake, which is told.
        let mut quoted = false;
        for (at, letter) in line.char_indices() {
            match letter {
                '"' => quoted = !quoted,
                _ if quoted => {}
                '/' if line[at..].starts_with("//") => break,
                _ if opens.contains(&letter) => depth += 1,
                _ if closes.contains(&letter) => depth -= 1,
                _ => {}
            }
        }
    }
    depth
}

fn ends_open(text: &str) -> bool {
    let last = text.trim_end().lines().last().unwrap_or("");
    let last = last.split("//").next().unwrap_or("").trim();
    let words = last.split_whitespace();
    // One word alone, such as `at`, is a mistake that is told; and so is what is missing behind a command.
    if words.clone().count() < 2 || commands::speaks_of_commands(text) {
        return false;
    }
    last.ends_with(['+', '-', '*', '/', ',']) || words.last().is_some_and(|word| GOING_ON.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn braces_brackets_and_hanging_words_go_on() {
        for text in [
            "3 times {",
            "3 times {\n  trade +$5",
            "max(1,",
            "equity is above 5 and",
            "days +$1,",
            "balance +",
            "what if trade -$5 -",
            "let half = 50% of",
        ] {
            assert!(is_open(text), "{text}");
        }
        for text in [
            "3 times { next day }",
            "",
            "at",
            "news \"a { b\" on USD at 08:30",
            "balance // ( and",
            "save as scenario \"x",
            "help what if",
            "why not",
            "what if",
            "max order a/",
        ] {
            assert!(!is_open(text), "{text}");
        }
    }

    #[test]
    fn only_braces_open_a_block() {
        for (text, open) in [("3 times {", true), ("3 times { next day }", false), ("max(1,", false), ("5% of", false), ("x // {", false)] {
            assert_eq!(is_block_open(text), open, "{text}");
        }
    }
}
