//! Handing out a fresh token, before it counts.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use super::Error;
use crate::domain::key::Key;
use crate::domain::token::Token;
use crate::store;

/// Writes a token to where it is wanted, completely, or says that it could not. It runs in
/// the transaction, as its last step before the commit.
pub trait Deliver {
    /// Hands out the only copy of `token` there will ever be, with its key as it will be.
    fn deliver(&mut self, token: &Token, key: &Key) -> Result<(), DeliveryError>;

    /// The change is committed: the token counts.
    fn confirm(&mut self);

    /// The change surely did not happen: takes back what can be taken back.
    fn withdraw(&mut self);
}

/// Tells the delivery how the transaction ended, and says what a commit of unknown fate means
/// for a token that was handed out.
pub(super) fn settle<T>(changed: Result<T, Error>, deliver: &mut dyn Deliver) -> Result<T, Error> {
    match changed {
        Err(Error::Store(unknown @ store::Error::Unknown(_))) => Err(Error::TokenUncertain(unknown)),
        Err(error) => {
            deliver.withdraw();
            Err(error)
        }
        Ok(done) => {
            deliver.confirm();
            Ok(done)
        }
    }
}

/// Why a token could not be handed out.
#[derive(Debug, thiserror::Error)]
pub enum DeliveryError {
    /// Standard output failed.
    #[error("standard output: {0}")]
    Stdout(io::Error),
    /// Standard output is closed or the null device, so nobody would have seen the token.
    #[error("standard output is closed or the null device")]
    Nowhere,
    /// Nobody read for so long.
    #[error("nobody read it from standard output within {:.0} s", .0.as_secs_f64())]
    Slow(Duration),
    /// The file failed.
    #[error("{}: {error}", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// What happened.
        error: io::Error,
    },
}

impl DeliveryError {
    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Stdout(_) | Self::Nowhere | Self::Slow(_) => {
                "let something read standard output, or use --out-file PATH"
            }
            Self::File { .. } => "name a file in a folder that exists and can be written",
        }
    }
}
