//! An account as bytes.

use std::sync::Arc;

use super::bands::Rest;
use super::books::Books;
use super::{Account, calendar_of};
use crate::bytes::{self, BytesError, Content};
use crate::code::Program;
use crate::market::Market;
use crate::vm::{Effects, Slots};

impl Account {
    /// The whole state as bytes: the same on every machine.
    ///
    /// # Errors
    /// None in practice: every part of the state has a form.
    pub fn snapshot(&self) -> Result<Vec<u8>, BytesError> {
        let state = self.state_bytes()?;
        Ok(bytes::seal(Content::Account, self.program.fingerprint.0, &state))
    }

    /// The account that [`Account::snapshot`] wrote, in a market that knows the program's calendar.
    ///
    /// # Errors
    /// When the bytes are damaged, of another version, or of another program.
    pub fn restore(program: Arc<Program>, market: &Market, snapshot: &[u8]) -> Result<Self, BytesError> {
        let state = bytes::unseal(Content::Account, program.fingerprint.0, snapshot)?;
        Self::of_state(program, market, state)
    }

    fn state_bytes(&self) -> Result<Vec<u8>, BytesError> {
        bytes::to_bytes(&(&self.books, self.slots.values()))
    }

    fn of_state(program: Arc<Program>, market: &Market, state: &[u8]) -> Result<Self, BytesError> {
        let (books, values) = bytes::from_bytes(state)?;
        Self::of_parts(program, market, books, values)
    }

    pub(super) fn of_parts(program: Arc<Program>, market: &Market, books: Books, values: Vec<i64>) -> Result<Self, BytesError> {
        if !books.fits(&program.ir) {
            return Err(BytesError::Malformed("the account is in a phase that the program does not have".into()));
        }
        let slots = Slots::from_values(&program, values).ok_or(BytesError::Program)?;
        if books.opening.as_ref().is_some_and(|opening| !opening.fits(&program)) {
            return Err(BytesError::Program);
        }
        Ok(Self {
            calendar: calendar_of(&program.ir, market),
            books,
            slots,
            effects: Effects::new(),
            renews: false,
            rest: Rest::default(),
            offered: None,
            going_to: None,
            program,
        })
    }
}
