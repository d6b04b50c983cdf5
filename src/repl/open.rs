//! Whether what was typed goes on in the next line.

/// Words behind which an expression or step is not complete.
const GOING_ON: &[&str] = &["and", "or", "not", "of", "then", "else", "where", "if", "with", "than", "at", "to", "by", "on", "is"];

/// Whether a text is not complete: a brace, bracket or text is open, or its last line ends where more must come.
pub fn is_open(text: &str) -> bool {
    let (mut depth, mut quoted) = (0_i32, false);
    for line in text.lines() {
        for (at, letter) in line.char_indices() {
            match letter {
                '"' => quoted = !quoted,
                _ if quoted => {}
                '/' if line[at..].starts_with("//") => break,
                '{' | '(' => depth += 1,
                '}' | ')' => depth -= 1,
                _ => {}
            }
        }
        // A text ends on its line: what is open there is a mistake, which is told.
        quoted = false;
    }
    depth > 0 || ends_open(text)
}

fn ends_open(text: &str) -> bool {
    let last = text.trim_end().lines().last().unwrap_or("");
    let last = last.split("//").next().unwrap_or("").trim();
    let words = last.split_whitespace();
    // One word alone, such as `at`, is a mistake that is told.
    if words.clone().count() < 2 {
        return false;
    }
    last.ends_with(['+', '-', '*', '/', ',']) || words.last().is_some_and(|word| GOING_ON.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn braces_brackets_and_hanging_words_go_on() {
        for text in ["3 times {", "3 times {\n  trade +$5", "max(1,", "equity is above 5 and", "days +$1,", "balance +"] {
            assert!(is_open(text), "{text}");
        }
        for text in ["3 times { next day }", "", "at", "news \"a { b\" on USD at 08:30", "balance // ( and", "save as scenario \"x"] {
            assert!(!is_open(text), "{text}");
        }
    }
}
