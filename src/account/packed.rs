//! An account that sleeps, in as little memory as it takes.

use std::sync::Arc;

use super::Account;
use super::bands::Rest;
use crate::bytes::BytesError;
use crate::code::Program;
use crate::market::Market;

/// An account as compressed bytes. It lives in memory only: what is stored elsewhere is a snapshot.
#[derive(Clone, Debug)]
pub(crate) struct Packed {
    state: Box<[u8]>,
    rest: Rest,
}

impl Account {
    /// The account in less memory. Nothing of an outcome may be under way.
    ///
    /// # Errors
    /// None in practice: every part of the state has a form.
    pub(crate) fn pack(&self) -> Result<Packed, BytesError> {
        let state = lz4_flex::compress_prepend_size(&self.state_bytes()?);
        Ok(Packed { state: state.into(), rest: self.rest })
    }

    /// The account that was packed.
    ///
    /// # Errors
    /// When it is of another program.
    pub(crate) fn unpack(program: Arc<Program>, market: &Market, packed: &Packed) -> Result<Self, BytesError> {
        let damaged = |error: lz4_flex::block::DecompressError| BytesError::Malformed(error.to_string());
        let state = lz4_flex::decompress_size_prepended(&packed.state).map_err(damaged)?;
        Ok(Self { rest: packed.rest, ..Self::of_state(program, market, &state)? })
    }
}
