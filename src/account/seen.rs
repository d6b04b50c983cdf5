//! Which events were already applied.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::bytes::checksum;

/// How many ids back a duplicate is recognised.
pub const REMEMBERED_IDS: usize = 256;

/// The last ids of an account in a ring, and the last number that its platform gave.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Seen {
    #[serde(serialize_with = "texts", deserialize_with = "with_checksums")]
    ids: Vec<(u64, String)>,
    next: usize,
    last_seq: Option<u64>,
    duplicates: u64,
}

impl Seen {
    /// Whether an event was applied already.
    pub(super) fn knows(&self, id: &str, seq: Option<u64>) -> bool {
        let hash = checksum(id.as_bytes());
        let known = self.ids.iter().any(|(other, text)| *other == hash && text == id);
        known || seq.is_some_and(|seq| self.last_seq.is_some_and(|last| seq <= last))
    }

    /// The same; it is counted then.
    pub(super) fn is_duplicate(&mut self, id: &str, seq: Option<u64>) -> bool {
        let known = self.knows(id, seq);
        self.duplicates = self.duplicates.saturating_add(u64::from(known));
        known
    }

    /// Remembers an event that is applied.
    pub(super) fn remember(&mut self, id: &str, seq: Option<u64>) {
        self.last_seq = seq.or(self.last_seq);
        let hash = checksum(id.as_bytes());
        match self.ids.get_mut(self.next) {
            Some((other, text)) => {
                *other = hash;
                text.clear();
                text.push_str(id);
            }
            None => self.ids.push((hash, id.to_owned())),
        }
        self.next = (self.next + 1) % REMEMBERED_IDS;
    }

    /// How many duplicates were ignored.
    pub(super) const fn duplicates(&self) -> u64 {
        self.duplicates
    }
}

/// The ids alone: their checksums are found anew.
fn texts<S: Serializer>(ids: &[(u64, String)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(ids.iter().map(|(_, text)| text))
}

fn with_checksums<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<(u64, String)>, D::Error> {
    let texts = Vec::<String>::deserialize(deserializer)?;
    Ok(texts.into_iter().map(|text| (checksum(text.as_bytes()), text)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Seen {
        fn is_new(&mut self, id: &str, seq: Option<u64>) -> bool {
            let new = !self.is_duplicate(id, seq);
            if new {
                self.remember(id, seq);
            }
            new
        }
    }

    #[test]
    fn the_last_256_ids_are_remembered() {
        let mut seen = Seen::default();
        for at in 0..REMEMBERED_IDS {
            assert!(seen.is_new(&format!("e{at}"), None));
        }
        assert!(!seen.is_new("e0", None));
        assert!(seen.is_new("one more", None));
        assert!(seen.is_new("e0", None), "the 257th id back is forgotten");
        assert!(!seen.is_new("e2", None));
        assert_eq!(seen.duplicates(), 2);
    }

    #[test]
    fn a_number_not_above_the_last_is_a_duplicate() {
        let mut seen = Seen::default();
        assert!(seen.is_new("a", Some(5)));
        assert!(!seen.is_new("b", Some(5)));
        assert!(!seen.is_new("c", Some(4)));
        assert!(seen.is_new("d", None), "not every event has one");
        assert!(seen.is_new("e", Some(6)));
    }
}
