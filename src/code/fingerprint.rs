//! The identity of a program's behaviour: FNV-1a with 128 bits over its code and what native
//! steps read of the checked program. Places in the text are left out, so a comment changes nothing.

use std::fmt::{self, Write};

use super::{Fingerprint, Program};

const OFFSET: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;

/// Computes the fingerprint of a program.
pub(crate) fn fingerprint(program: &Program) -> Fingerprint {
    let mut hash = Hash { state: OFFSET, text: String::new() };
    let ir = &program.ir;
    hash.part(&program.code.ops);
    hash.part(&program.code.constants);
    hash.part(&program.code.folds);
    hash.part(&program.code.news);
    hash.part(&program.blocks);
    hash.part(&program.layout);
    hash.part(&ir.nodes);
    hash.part(&ir.phases);
    hash.part(&ir.header);
    hash.part(&ir.plans);
    hash.part(&ir.periods);
    hash.part(&ir.schedules);
    hash.part(&ir.sessions);
    hash.part(&ir.groups);
    hash.part(&(&ir.options, &ir.inputs, &ir.events, &ir.actions, &ir.extensions));
    hash.part(&(&ir.texts, &ir.symbols));
    Fingerprint(hash.state)
}

struct Hash {
    state: u128,
    text: String,
}

impl Hash {
    fn part(&mut self, value: &impl fmt::Debug) {
        self.text.clear();
        // Writing to a string does not fail.
        let _ = write!(self.text, "{value:?}");
        let mut rest = self.text.as_str();
        while let Some(at) = rest.find("Span { ") {
            let (before, span) = rest.split_at(at);
            self.state = fold(self.state, before.as_bytes());
            rest = span.find('}').map_or("", |end| &span[end + 1..]);
        }
        self.state = fold(self.state, rest.as_bytes());
        self.state = fold(self.state, &[0]);
    }
}

fn fold(state: u128, bytes: &[u8]) -> u128 {
    bytes.iter().fold(state, |state, byte| (state ^ u128::from(*byte)).wrapping_mul(PRIME))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_the_published_one() {
        // FNV-1a 128 of the empty text and of "a".
        assert_eq!(fold(OFFSET, b""), OFFSET);
        assert_eq!(fold(OFFSET, b"a"), 0xd228_cb69_6f1a_8caf_7891_2b70_4e4a_8964);
    }
}
