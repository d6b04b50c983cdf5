//! Signatures over a journal: who holds the secret key has written it, up to there.
//!
//! A signature is a record like others. It signs the chain before it, and with that every record of the journal up to
//! there; the last of each segment but the one that is written is one.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};

use super::error::JournalError;
use super::record::{Chain, Kind};
use super::{hex, recovery};

/// What is signed begins so: a signature of something else with the same key is none of a journal.
const PURPOSE: &[u8] = b"ringfence journal 1\n";
const KEY: usize = 32;
const SIGNATURE: usize = 64;

/// What signs a journal (Ed25519). Whoever has it can write one that is taken for the host's.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SecretKey([u8; KEY]);

/// What a journal's signatures are checked with. It may be known to all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublicKey([u8; KEY]);

/// Why a text is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a key is 64 hexadecimal digits, as `ringfence audit keygen` writes it")]
pub struct NotAKey;

impl SecretKey {
    /// The key of 32 bytes, which must be random.
    pub const fn of(bytes: [u8; KEY]) -> Self {
        Self(bytes)
    }

    /// The key that tells its signatures from others'.
    pub fn public(&self) -> PublicKey {
        PublicKey(self.signing().verifying_key().to_bytes())
    }

    /// The digits to be kept where nobody else reads them.
    pub fn reveal(&self) -> String {
        hex::of(&self.0)
    }

    fn signing(&self) -> SigningKey {
        SigningKey::from_bytes(&self.0)
    }

    /// The payload of the record that signs a chain.
    pub(super) fn sign(&self, chain: &Chain) -> Vec<u8> {
        let key = self.signing();
        [key.verifying_key().as_bytes().as_slice(), &key.sign(&message(chain)).to_bytes()].concat()
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(…)")
    }
}

impl FromStr for SecretKey {
    type Err = NotAKey;

    fn from_str(text: &str) -> Result<Self, NotAKey> {
        key_of(text).map(Self)
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::of(&self.0))
    }
}

impl FromStr for PublicKey {
    type Err = NotAKey;

    fn from_str(text: &str) -> Result<Self, NotAKey> {
        let key = key_of(text)?;
        // Not all 32 bytes are a point of the curve, and with some of those that are anything is signed.
        VerifyingKey::from_bytes(&key).ok().filter(|key| !key.is_weak()).map(|_| Self(key)).ok_or(NotAKey)
    }
}

fn key_of(text: &str) -> Result<[u8; KEY], NotAKey> {
    hex::read(text.trim()).and_then(|bytes| bytes.try_into().ok()).ok_or(NotAKey)
}

fn message(chain: &Chain) -> Vec<u8> {
    [PURPOSE, chain].concat()
}

/// How far a segment is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signed {
    /// All of it.
    Whole,
    /// Not, or not to its end: so many records stand behind its last signature.
    Not {
        /// The records.
        records: u64,
    },
    /// With another key.
    ByOther(PublicKey),
    /// With a signature that this key has not made, though it says so.
    Wrongly,
}

/// A segment, and how far it is signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedSegment {
    /// Its file.
    pub file: PathBuf,
    /// How far.
    pub signed: Signed,
}

/// Looks at the signatures of a journal: each segment, in order, and how far it is signed with one of these keys
/// (several, where a host has changed its key).
///
/// # Errors
/// When the journal is damaged.
pub fn signatures(folder: impl AsRef<Path>, keys: &[PublicKey]) -> Result<Vec<SignedSegment>, JournalError> {
    let mut segments: Vec<SignedSegment> = Vec::new();
    let mut before = [0; 32];
    recovery::read(folder, |record, place| {
        if segments.last().is_none_or(|last| last.file != place.file) {
            segments.push(SignedSegment { file: place.file, signed: Signed::Whole });
        }
        if let Some(segment) = segments.last_mut() {
            segment.signed = match (record.kind, segment.signed) {
                // What was once signed by others, or wrongly, is told though a right signature follows.
                (_, wrong @ (Signed::ByOther(_) | Signed::Wrongly)) => wrong,
                (Kind::Signature, _) => checked(record.payload, &before, keys),
                (_, Signed::Not { records }) => Signed::Not { records: records + 1 },
                (_, Signed::Whole) => Signed::Not { records: 1 },
            };
        }
        before = record.chain;
        Ok(())
    })?;
    Ok(segments)
}

fn checked(payload: &[u8], chain: &Chain, keys: &[PublicKey]) -> Signed {
    let Some((by, rest)) = payload.split_first_chunk::<KEY>() else { return Signed::Wrongly };
    if !keys.contains(&PublicKey(*by)) {
        return Signed::ByOther(PublicKey(*by));
    }
    let signature = <[u8; SIGNATURE]>::try_from(rest).map(|bytes| Signature::from_bytes(&bytes));
    let (Ok(signature), Ok(key)) = (signature, VerifyingKey::from_bytes(by)) else { return Signed::Wrongly };
    if key.verify_strict(&message(chain), &signature).is_ok() { Signed::Whole } else { Signed::Wrongly }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8032, test 1 of Ed25519: the secret key and the public one.
    const SECRET: &str = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
    const PUBLIC: &str = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";

    #[test]
    fn keys_are_those_of_the_standard() {
        let secret: SecretKey = SECRET.parse().unwrap();
        assert_eq!((secret.public().to_string().as_str(), secret.reveal().as_str()), (PUBLIC, SECRET));
        assert_eq!(PUBLIC.parse(), Ok(secret.public()));
        assert_eq!(format!("{secret:?}"), "SecretKey(…)");
        for none in ["", "9d61", &PUBLIC[1..], &PUBLIC.replace('d', "g"), &"0".repeat(64), &format!("01{}", "0".repeat(62))] {
            assert_eq!(none.parse::<PublicKey>(), Err(NotAKey), "{none}");
        }
    }

    #[test]
    fn a_signature_is_of_one_chain_and_one_key() {
        let secret: SecretKey = SECRET.parse().unwrap();
        let payload = secret.sign(&[7; 32]);
        assert_eq!(checked(&payload, &[7; 32], &[secret.public()]), Signed::Whole);
        assert_eq!(checked(&payload, &[8; 32], &[secret.public()]), Signed::Wrongly);
        let other = SecretKey::of([1; 32]).public();
        assert_eq!(checked(&payload, &[7; 32], &[other]), Signed::ByOther(secret.public()));
        assert_eq!(checked(&payload, &[7; 32], &[other, secret.public()]), Signed::Whole);
        // Somebody else's signature under this key's name.
        let forged = [payload[..KEY].to_vec(), SecretKey::of([1; 32]).sign(&[7; 32])[KEY..].to_vec()].concat();
        assert_eq!(checked(&forged, &[7; 32], &[secret.public()]), Signed::Wrongly);
        for end in 0..payload.len() {
            assert_eq!(checked(&payload[..end], &[7; 32], &[secret.public()]), Signed::Wrongly, "{end}");
        }
    }
}
