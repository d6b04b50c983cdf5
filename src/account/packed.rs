//! An account that sleeps, in as little memory as it takes.

use std::sync::Arc;

use super::Account;
use super::bands::Rest;
use super::books::Books;
use crate::bytes::{self, BytesError};
use crate::code::Program;
use crate::market::Market;
use crate::vm::Passed;

/// An account as compressed bytes. It lives in memory only: what is stored elsewhere is a snapshot.
#[derive(Clone, Debug)]
pub(crate) struct Packed(Box<[u8]>);

/// Packs the accounts of one program: of each only what it does not share with a few of them is kept.
#[derive(Clone, Debug)]
pub(crate) struct Packer {
    program: Arc<Program>,
    /// The states of these few, one after the other.
    template: Vec<u8>,
}

/// So many accounts are enough to know what the others of a program look like.
const SAMPLES: usize = 4;

/// What an account sleeps by, as it is packed.
type PackedRest = (Option<(u8, u8)>, Option<i64>, Option<i64>);

impl Packer {
    /// A packer for accounts like these, all of one program.
    ///
    /// # Errors
    /// None in practice: every part of the state has a form.
    pub(crate) fn new<'a>(program: Arc<Program>, like: impl Iterator<Item = &'a Account>) -> Result<Self, BytesError> {
        let mut template = Vec::new();
        for account in like.take(SAMPLES) {
            template.extend(account.packed_bytes()?);
        }
        Ok(Self { program, template })
    }

    /// The account in less memory. Nothing of an outcome may be under way.
    ///
    /// # Errors
    /// None in practice: every part of the state has a form.
    pub(crate) fn pack(&self, account: &Account) -> Result<Packed, BytesError> {
        let state = account.packed_bytes()?;
        Ok(Packed(lz4_flex::block::compress_prepend_size_with_dict(&state, &self.template).into()))
    }

    /// The account that was packed.
    ///
    /// # Errors
    /// When it is of another program.
    pub(crate) fn unpack(&self, market: &Market, packed: &Packed) -> Result<Account, BytesError> {
        let damaged = |error: lz4_flex::block::DecompressError| BytesError::Malformed(error.to_string());
        let state = lz4_flex::block::decompress_size_prepended_with_dict(&packed.0, &self.template).map_err(damaged)?;
        let (books, values, (halved, above, below)): (Books, Vec<i64>, PackedRest) = bytes::from_bytes(&state)?;
        let rest = Rest { halved, wanted: Passed { above, below } };
        Ok(Account { rest, ..Account::of_parts(self.program.clone(), market, books, values)? })
    }
}

impl Account {
    fn packed_bytes(&self) -> Result<Vec<u8>, BytesError> {
        let Rest { halved, wanted } = self.rest;
        let rest: PackedRest = (halved, wanted.above, wanted.below);
        bytes::to_bytes(&(&self.books, self.slots.values(), rest))
    }
}
