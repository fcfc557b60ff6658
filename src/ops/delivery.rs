//! Handing out a fresh token, before it counts.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use crate::domain::keys::key::Key;
use crate::domain::keys::token::Token;

/// Writes a token to where it is wanted, completely, or says that it could not. It runs in
/// the transaction, as its last step before the commit.
pub trait Deliver {
    /// Hands out the only copy of `token` there will ever be, with its key as it will be.
    fn deliver(&mut self, token: &Token, key: &Key) -> Result<(), DeliveryError>;

    /// The same for several at once.
    fn deliver_all(&mut self, tokens: &[(&Token, &Key)]) -> Result<(), DeliveryError> {
        tokens.iter().try_for_each(|(token, key)| self.deliver(token, key))
    }

    /// The change is committed: the token counts.
    fn confirm(&mut self);

    /// The change surely did not happen: takes back what can be taken back.
    fn withdraw(&mut self);
}

/// Why a token could not be handed out.
#[derive(Debug, thiserror::Error)]
pub enum DeliveryError {
    #[error("standard output: {0}")]
    Stdout(#[source] io::Error),
    /// Standard output is closed or the null device, so nobody would have seen the token.
    #[error("standard output is closed or the null device")]
    Nowhere,
    /// Nobody read for so long.
    #[error("nobody read it from standard output within {:.0} s", .0.as_secs_f64())]
    Slow(Duration),
    /// There is a file already, which may hold another token.
    #[error("{} exists already", .0.display())]
    Occupied(PathBuf),
    #[error("{} is no folder, or a link", .0.display())]
    NoFolder(PathBuf),
    #[error("{}: {error}", path.display())]
    File {
        path: PathBuf,
        #[source]
        error: io::Error,
    },
}

impl DeliveryError {
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Stdout(_) | Self::Nowhere | Self::Slow(_) => {
                "let something read standard output, or use --out-file PATH"
            }
            Self::Occupied(_) => "remove it, or name another file: it may hold a token that works",
            Self::NoFolder(_) => "remove it, or name another folder: a token is written through no link",
            Self::File { .. } => "name a file in a folder that exists and can be written",
        }
    }
}
