//! A journal as somebody writes it who may write to its folder and knows its form.

/// A kind of record by its number, and its payload.
pub(crate) type Record<'a> = (u32, &'a [u8]);

/// Bytes taken as records: the kind, the length in two bytes, the payload.
pub(crate) fn records(mut bytes: &[u8]) -> Vec<Record<'_>> {
    let mut found = Vec::new();
    while let Some(([kind, low, high], rest)) = bytes.split_first_chunk::<3>() {
        let length = usize::from(u16::from_le_bytes([*low, *high])).min(rest.len());
        let (payload, behind) = rest.split_at(length);
        found.push((u32::from(*kind), payload));
        bytes = behind;
    }
    found
}

/// The other way round.
pub(crate) fn bytes(records: &[Record<'_>]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (kind, payload) in records {
        bytes.push(u8::try_from(*kind).unwrap());
        bytes.extend_from_slice(&u16::try_from(payload.len()).unwrap().to_le_bytes());
        bytes.extend_from_slice(payload);
    }
    bytes
}

/// The first segment of a journal with these records, each bound to the one before it.
pub(crate) fn segment(records: &[Record<'_>]) -> Vec<u8> {
    let mut chain = [0; 32];
    let mut bytes = b"RFJRNL01".to_vec();
    bytes.extend_from_slice(&[0; 40]);
    let check = blake3::hash(&bytes);
    bytes.extend_from_slice(&check.as_bytes()[..16]);
    for (kind, payload) in records {
        let mut head = u32::try_from(payload.len()).unwrap().to_le_bytes().to_vec();
        head.extend_from_slice(&kind.to_le_bytes());
        let check = hash(&[&chain, &head]);
        head.extend_from_slice(&check[..8]);
        chain = hash(&[&chain, &head, payload]);
        for part in [&head, *payload, &chain[..]] {
            bytes.extend_from_slice(part);
        }
    }
    bytes
}

fn hash(parts: &[&[u8]]) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(part);
    }
    *hasher.finalize().as_bytes()
}
