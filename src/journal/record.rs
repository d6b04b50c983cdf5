//! The form of records and of segments' heads.
//!
//! A segment begins with a head of 64 bytes: a magic number, its own number, and the hash with which the segment
//! before ended. A record is a head of 16 bytes (length, kind, a check of both), the payload, and 32 bytes of the
//! chain: the hash of everything before it and of itself. A changed byte anywhere breaks the chain at that record;
//! the check in the head tells a record that was cut off from one whose length was changed.

/// A hash over everything up to a record.
pub type Chain = [u8; 32];

pub(super) const MAGIC: [u8; 8] = *b"RFJRNL01";
/// The bytes of a segment before its first record.
pub(super) const SEGMENT_HEAD: usize = 64;
/// The bytes of a record before its payload.
pub(super) const HEAD: usize = 16;
/// The bytes of a record behind its payload.
pub(super) const TAIL: usize = 32;
/// The longest payload, in bytes.
pub const MAX_PAYLOAD: usize = 64 * 1024 * 1024;

/// What a record holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u32)]
pub enum Kind {
    /// A program that was loaded: its files with their names.
    Program = 1,
    /// An event that was accepted, as JSON.
    Event = 2,
    /// An outcome of the event, program or passing of time before it, as JSON.
    Outcome = 3,
    /// Time has passed up to an instant.
    Advance = 4,
    /// A signature of everything before it: the public key, and the signature.
    Signature = 5,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Program, Self::Event, Self::Outcome, Self::Advance, Self::Signature];

    /// In words.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Program => "program",
            Self::Event => "event",
            Self::Outcome => "outcome",
            Self::Advance => "advance",
            Self::Signature => "signature",
        }
    }

    fn of(number: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| *kind as u32 == number)
    }
}

/// A record that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record<'a> {
    /// What it holds.
    pub kind: Kind,
    /// The bytes.
    pub payload: &'a [u8],
    /// The hash of everything up to it and of itself.
    pub chain: Chain,
}

/// Why bytes are no record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NotARecord {
    /// They end too early, or were never written: the last write did not come to its end.
    CutOff,
    /// Some of them have changed.
    Damaged(&'static str),
    /// A kind of record that this version does not know.
    Kind(u32),
}

/// Writes a record behind the bytes before it; the chain with it.
pub(super) fn write(bytes: &mut Vec<u8>, before: &Chain, kind: Kind, payload: &[u8]) -> Option<Chain> {
    let length = u32::try_from(payload.len()).ok().filter(|_| payload.len() <= MAX_PAYLOAD)?;
    let head = head(before, length, kind as u32);
    let chain = link(before, &head, payload);
    bytes.extend_from_slice(&head);
    bytes.extend_from_slice(payload);
    bytes.extend_from_slice(&chain);
    Some(chain)
}

/// The record at the beginning of bytes, and how many it takes; `None` where they end.
pub(super) fn read<'a>(bytes: &'a [u8], before: &Chain) -> Result<Option<(Record<'a>, usize)>, NotARecord> {
    if bytes.is_empty() {
        return Ok(None);
    }
    let never_written = || bytes.iter().all(|byte| *byte == 0);
    let Some((found, rest)) = bytes.split_first_chunk::<HEAD>() else { return Err(NotARecord::CutOff) };
    let length = u32::from_le_bytes([found[0], found[1], found[2], found[3]]);
    let number = u32::from_le_bytes([found[4], found[5], found[6], found[7]]);
    if *found != head(before, length, number) {
        return Err(if never_written() { NotARecord::CutOff } else { NotARecord::Damaged("the head of a record has changed") });
    }
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    let Some((payload, rest)) = rest.split_at_checked(length) else { return Err(NotARecord::CutOff) };
    let Some((chain, _)) = rest.split_first_chunk::<TAIL>() else { return Err(NotARecord::CutOff) };
    if *chain != link(before, found, payload) {
        return Err(NotARecord::Damaged("a record has changed, or one before it is missing"));
    }
    let kind = Kind::of(number).ok_or(NotARecord::Kind(number))?;
    Ok(Some((Record { kind, payload, chain: *chain }, HEAD + length + TAIL)))
}

/// The head of a segment, behind the chain with which the one before ended.
pub(super) fn segment_head(number: u64, before: &Chain) -> [u8; SEGMENT_HEAD] {
    let mut head = [0; SEGMENT_HEAD];
    head[..8].copy_from_slice(&MAGIC);
    head[8..16].copy_from_slice(&number.to_le_bytes());
    head[16..48].copy_from_slice(before);
    let check = blake3::hash(&head[..48]);
    head[48..].copy_from_slice(&check.as_bytes()[..16]);
    head
}

/// The head of a record: its length, its kind, and a check that only fits there.
fn head(before: &Chain, length: u32, kind: u32) -> [u8; HEAD] {
    let mut head = [0; HEAD];
    head[..4].copy_from_slice(&length.to_le_bytes());
    head[4..8].copy_from_slice(&kind.to_le_bytes());
    let mut hasher = blake3::Hasher::new();
    hasher.update(before);
    hasher.update(&head[..8]);
    head[8..].copy_from_slice(&hasher.finalize().as_bytes()[..8]);
    head
}

fn link(before: &Chain, head: &[u8; HEAD], payload: &[u8]) -> Chain {
    let mut hasher = blake3::Hasher::new();
    hasher.update(before);
    hasher.update(head);
    hasher.update(payload);
    *hasher.finalize().as_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn two() -> (Vec<u8>, Chain) {
        let mut bytes = Vec::new();
        let first = write(&mut bytes, &[7; 32], Kind::Event, b"one").unwrap();
        let last = write(&mut bytes, &first, Kind::Outcome, b"").unwrap();
        (bytes, last)
    }

    #[test]
    fn what_is_written_is_read() {
        let (bytes, last) = two();
        let (one, taken) = read(&bytes, &[7; 32]).unwrap().unwrap();
        assert_eq!((one.kind, one.payload, taken), (Kind::Event, &b"one"[..], HEAD + 3 + TAIL));
        let (other, rest) = read(&bytes[taken..], &one.chain).unwrap().unwrap();
        assert_eq!((other.kind, other.payload, other.chain), (Kind::Outcome, &b""[..], last));
        assert_eq!(read(&bytes[taken + rest..], &last), Ok(None));
    }

    #[test]
    fn a_record_that_ends_early_was_cut_off() {
        let (bytes, _) = two();
        let length = HEAD + 3 + TAIL;
        for end in 1..length {
            assert_eq!(read(&bytes[..end], &[7; 32]), Err(NotARecord::CutOff), "{end}");
        }
        // What the file system promised and never wrote reads as zeros.
        assert_eq!(read(&[0; 100], &[7; 32]), Err(NotARecord::CutOff));
    }

    #[test]
    fn every_changed_bit_is_noticed() {
        let (bytes, _) = two();
        for at in 0..HEAD + 3 + TAIL {
            for bit in 0..8 {
                let mut changed = bytes.clone();
                changed[at] ^= 1 << bit;
                assert!(matches!(read(&changed, &[7; 32]), Err(NotARecord::Damaged(_))), "byte {at}, bit {bit}");
            }
        }
    }

    #[test]
    fn a_record_stands_behind_what_it_was_written_behind() {
        let (bytes, _) = two();
        assert!(matches!(read(&bytes, &[8; 32]), Err(NotARecord::Damaged(_))));
    }
}
