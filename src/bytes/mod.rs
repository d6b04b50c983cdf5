//! State as bytes: a compact little-endian form of serde's data model, and the envelope around it.
//!
//! The same state gives the same bytes on every machine. An envelope says what the bytes are, by
//! which version of the form they were written and for which program, and carries a checksum, so
//! that bytes of something else are refused and never guessed at.

mod read;
mod write;

pub use read::from_bytes;
pub use write::to_bytes;

/// The version of the form. It rises whenever bytes written before cannot be read any more.
pub const VERSION: u16 = 2;

const MAGIC: [u8; 4] = *b"RFSN";
const HEADER: usize = 4 + 1 + 2 + 16;
const CHECKSUM: usize = 8;

/// What sealed bytes hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Content {
    /// The fold of market-wide events.
    Market = 1,
    /// One account.
    Account = 2,
}

/// Why bytes are no state.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BytesError {
    /// Not bytes of this crate.
    #[error("these are no bytes of a snapshot")]
    Foreign,
    /// Another kind of state.
    #[error("these bytes hold something else: a snapshot of the market is not one of an account")]
    Content,
    /// Another version of the form.
    #[error("the snapshot is of version {0}, this engine reads version {VERSION}: replay the events, or take the engine that wrote it")]
    Version(u16),
    /// Another program.
    #[error("the snapshot belongs to another program or to another version of it: load that one, or migrate the account")]
    Program,
    /// Some bytes have changed.
    #[error("the snapshot is damaged: its checksum does not fit")]
    Checksum,
    /// The bytes end early or say what cannot be.
    #[error("the snapshot is malformed: {0}")]
    Malformed(String),
}

/// Puts the envelope around the bytes of a state. `program` is the fingerprint of its program, 0 for none.
pub fn seal(content: Content, program: u128, state: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(HEADER + state.len() + CHECKSUM);
    bytes.extend_from_slice(&MAGIC);
    bytes.push(content as u8);
    bytes.extend_from_slice(&VERSION.to_le_bytes());
    bytes.extend_from_slice(&program.to_le_bytes());
    bytes.extend_from_slice(state);
    let sum = checksum(&bytes);
    bytes.extend_from_slice(&sum.to_le_bytes());
    bytes
}

/// The state inside an envelope.
///
/// # Errors
/// When the bytes are damaged, of another kind, version or program.
pub fn unseal(content: Content, program: u128, bytes: &[u8]) -> Result<&[u8], BytesError> {
    let (magic, rest) = take::<4>(bytes)?;
    if magic != MAGIC {
        return Err(BytesError::Foreign);
    }
    let ([found], rest) = take::<1>(rest)?;
    let (version, rest) = take::<2>(rest)?;
    let version = u16::from_le_bytes(version);
    if version != VERSION {
        return Err(BytesError::Version(version));
    }
    let (fingerprint, rest) = take::<16>(rest)?;
    let (state, sum) = rest.split_last_chunk::<CHECKSUM>().ok_or(BytesError::Checksum)?;
    let sealed = bytes.get(..bytes.len() - CHECKSUM).ok_or(BytesError::Checksum)?;
    if checksum(sealed) != u64::from_le_bytes(*sum) {
        return Err(BytesError::Checksum);
    }
    if found != content as u8 {
        return Err(BytesError::Content);
    }
    if u128::from_le_bytes(fingerprint) != program {
        return Err(BytesError::Program);
    }
    Ok(state)
}

/// FNV-1a over 64 bits: any change of a single byte changes it.
pub fn checksum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |sum, byte| (sum ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3))
}

fn take<const N: usize>(bytes: &[u8]) -> Result<([u8; N], &[u8]), BytesError> {
    bytes.split_first_chunk::<N>().map(|(head, rest)| (*head, rest)).ok_or(BytesError::Foreign)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Serialize};

    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    enum Shape {
        Point,
        Circle(i64),
        Box { width: u16, height: Option<i32> },
        Pair(bool, String),
    }

    type Amounts = BTreeMap<String, (u64, Option<i64>)>;
    type Sample = (Vec<Shape>, Amounts, char, [u8; 3]);

    fn sample() -> Sample {
        let shapes =
            vec![Shape::Point, Shape::Circle(i64::MIN), Shape::Box { width: 65_535, height: Some(-1) }, Shape::Pair(true, "größe".into())];
        let map = BTreeMap::from([("a".to_owned(), (u64::MAX, None)), ("b".to_owned(), (0, Some(i64::MAX)))]);
        (shapes, map, '€', [1, 2, 3])
    }

    #[test]
    fn what_is_written_is_read_again() {
        let bytes = to_bytes(&sample()).unwrap();
        assert_eq!(from_bytes::<Sample>(&bytes).unwrap(), sample());
    }

    #[test]
    fn numbers_take_as_few_bytes_as_they_need() {
        assert_eq!(to_bytes(&300_u16).unwrap(), [0xac, 0x02]);
        assert_eq!(to_bytes(&-2_i64).unwrap(), [3]);
        for number in [0, 1, i128::from(u64::MAX), i128::from(u64::MAX) + 1, i128::MIN, i128::MAX] {
            assert_eq!(from_bytes::<i128>(&to_bytes(&number).unwrap()), Ok(number));
            let fits = from_bytes::<i64>(&to_bytes(&number).unwrap()).ok();
            assert_eq!(fits, i64::try_from(number).ok(), "{number}");
        }
        let too_long = [&[0x80_u8; 9][..], &[2]].concat();
        assert!(from_bytes::<u64>(&too_long).is_err(), "2 to the 64");
        assert_eq!(from_bytes::<u128>(&too_long), Ok(1 << 64));
    }

    #[test]
    fn every_shortened_form_is_refused() {
        let bytes = to_bytes(&sample()).unwrap();
        for length in 0..bytes.len() {
            assert!(from_bytes::<Sample>(&bytes[..length]).is_err(), "{length}");
        }
        let longer = [bytes.as_slice(), &[0]].concat();
        assert!(from_bytes::<Sample>(&longer).is_err());
    }

    #[test]
    fn an_envelope_refuses_any_changed_byte() {
        let sealed = seal(Content::Account, 7, b"state");
        assert_eq!(unseal(Content::Account, 7, &sealed), Ok(b"state".as_slice()));
        assert_eq!(unseal(Content::Account, 8, &sealed), Err(BytesError::Program));
        assert_eq!(unseal(Content::Market, 7, &sealed), Err(BytesError::Content));
        for at in 0..sealed.len() {
            let mut damaged = sealed.clone();
            damaged[at] ^= 0x10;
            assert!(unseal(Content::Account, 7, &damaged).is_err(), "byte {at}");
        }
        for length in 0..sealed.len() {
            assert!(unseal(Content::Account, 7, &sealed[..length]).is_err());
        }
    }
}
