//! The texts an account has met: in its state a text is its number.

use serde::{Deserialize, Serialize};

/// How many texts that are not the program's an account keeps; later ones read as missing.
pub const MAX_TEXTS: usize = 4096;
/// How long a text in state may be, in bytes; longer ones read as missing.
pub const MAX_TEXT_BYTES: usize = 64;

/// Texts by their numbers: first those of the program, then others as they are met. Two texts of
/// the same content have the same number.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Texts {
    met: Vec<String>,
}

impl Texts {
    /// The number of a text, taking it in where it is new; none when it is too long or there are too many.
    pub(super) fn intern(&mut self, program: &[String], text: &str) -> Option<i64> {
        if let Some(known) = self.find(program, text) {
            return Some(known);
        }
        if text.len() > MAX_TEXT_BYTES || self.met.len() >= MAX_TEXTS {
            return None;
        }
        self.met.push(text.to_owned());
        i64::try_from(program.len() + self.met.len() - 1).ok()
    }

    /// The number of a text that was met.
    pub(super) fn find(&self, program: &[String], text: &str) -> Option<i64> {
        let at = program.iter().chain(&self.met).position(|known| known == text)?;
        i64::try_from(at).ok()
    }

    /// The text of a number.
    pub(super) fn get<'a>(&'a self, program: &'a [String], number: i64) -> Option<&'a str> {
        let at = usize::try_from(number).ok()?;
        let text = program.get(at).or_else(|| self.met.get(at.checked_sub(program.len())?))?;
        Some(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_one_number() {
        let program = ["50K".to_owned(), "100K".to_owned()];
        let mut texts = Texts::default();
        assert_eq!(texts.intern(&program, "100K"), Some(1));
        assert_eq!(texts.intern(&program, "mt5"), Some(2));
        assert_eq!(texts.intern(&program, "mt5"), Some(2));
        assert_eq!(texts.get(&program, 2), Some("mt5"));
        assert_eq!(texts.get(&program, 3), None);
        assert_eq!(texts.intern(&program, &"x".repeat(MAX_TEXT_BYTES + 1)), None);
        assert!(texts.intern(&program, &"x".repeat(MAX_TEXT_BYTES)).is_some());
    }
}
