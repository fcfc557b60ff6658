//! A fresh token is handed out at most once, and what happened to it is told for what it is.

use super::delivery::Deliver;
use super::error::Error;
use crate::domain::keys::key::Key;
use crate::domain::keys::token::Token;
use crate::store;

/// Hands a token out at most once and remembers whether that was done, so that what happens
/// afterwards can be told for what it is.
pub(super) struct Handover<'d> {
    deliver: &'d mut dyn Deliver,
    done: bool,
}

impl<'d> Handover<'d> {
    pub(super) fn new(deliver: &'d mut dyn Deliver) -> Self {
        Self { deliver, done: false }
    }

    pub(super) fn deliver(&mut self, token: &Token, key: &Key) -> Result<(), Error> {
        self.deliver.deliver(token, key)?;
        self.done = true;
        Ok(())
    }

    pub(super) fn deliver_all(&mut self, tokens: &[(&Token, &Key)]) -> Result<(), Error> {
        self.deliver.deliver_all(tokens)?;
        self.done = true;
        Ok(())
    }

    /// Tells the delivery how the transaction ended. After the token was handed out, every
    /// failure of the store leaves a token that may not be valid; only where the commit's fate
    /// is open is it not taken back.
    pub(super) fn settle<T>(self, changed: Result<T, Error>) -> Result<T, Error> {
        match changed {
            Ok(done) => {
                self.deliver.confirm();
                Ok(done)
            }
            Err(Error::Store(open @ (store::Error::Unknown(_) | store::Error::Waiting))) if self.done => {
                Err(Error::TokenUncertain(open))
            }
            Err(error) => {
                self.deliver.withdraw();
                match error {
                    Error::Store(failed) if self.done => Err(Error::TokenUncertain(failed)),
                    other => Err(other),
                }
            }
        }
    }
}
