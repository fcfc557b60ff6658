//! The end of a key at the wish of whoever holds a token of it.

use uuid::Uuid;

use super::foreign;
use super::revoke::revoke_in;
use crate::crypto::digest;
use crate::domain::audit::action::Action;
use crate::domain::keys::key::{Key, State};
use crate::domain::keys::key_ref::KeyRef;
use crate::domain::keys::presented::Presented;
use crate::domain::keys::token::TokenHash;
use crate::ops::desk::{Open, Opening};
use crate::ops::env::Env;
use crate::ops::error::{Error, Result};
use crate::ops::usage::claims;
use crate::store::{self, Store};

/// What became of a token that its holder wants dead.
#[derive(Clone, Debug)]
pub(crate) enum Ended {
    /// No token of the store's.
    Unknown,
    /// It is dead for whoever has seen the change of this counter. `key` is what was revoked for it: none where the
    /// token was dead before.
    Dead { mark: i64, key: Option<Box<Key>> },
}

/// Why nobody can say that the key is dead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unended {
    /// It is another store than the one that is answered from.
    AnotherStore,
    /// The role or the file may not be written.
    Refused,
    /// Another change holds the lock.
    Busy,
    /// It may be revoked.
    Unsure,
    /// The store is not there, or failed.
    Failed,
}

impl Unended {
    /// The word in logs and metrics.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::AnotherStore => "changes_another_store",
            Self::Refused => "changes_refused",
            Self::Busy => "changes_busy",
            Self::Unsure => "changes_unsure",
            Self::Failed => "changes_failed",
        }
    }

    fn of(error: &Error) -> Self {
        match error {
            Error::Store(store::Error::Busy(_) | store::Error::Held(_)) => Self::Busy,
            Error::Store(store::Error::Unknown(_) | store::Error::Waiting) => Self::Unsure,
            Error::Store(
                store::Error::Refused { .. } | store::Error::Older { .. } | store::Error::Newer { .. },
            ) => Self::Refused,
            _ => Self::Failed,
        }
    }
}

/// Ends keys, on a connection that is kept while there is something to do.
pub(crate) struct Ender {
    opening: Opening,
    open: Open,
}

impl Ender {
    pub(crate) fn new(opening: Opening) -> Self {
        Self { opening, open: Open::default() }
    }

    /// Revokes the key of a presented token, if that is the store named by its id. A connection that was lost since it
    /// was used last is made anew.
    pub(crate) fn end(
        &mut self,
        store: Uuid,
        presented: &str,
        reason: &str,
    ) -> Result<Ended, (Unended, Option<Error>)> {
        let was_open = self.open.is_open();
        let ended = self.try_end(store, presented, reason);
        match ended {
            Err((_, Some(Error::Store(store::Error::Lost(_))))) if was_open => {
                self.try_end(store, presented, reason)
            }
            ended => ended,
        }
    }

    /// Leaves the store: nothing is to be done for a while.
    pub(crate) fn rest(&mut self) {
        self.open.rest();
    }

    fn try_end(
        &mut self,
        store: Uuid,
        presented: &str,
        reason: &str,
    ) -> Result<Ended, (Unended, Option<Error>)> {
        let ended = self.open.with(&self.opening, |env| {
            if env.store.end()?.0.store == store { end(env, presented, reason).map(Some) } else { Ok(None) }
        });
        match ended {
            Ok(Some(ended)) => Ok(ended),
            Ok(None) => {
                self.rest();
                Err((Unended::AnotherStore, None))
            }
            Err(error) => Err((Unended::of(&error), Some(error))),
        }
    }
}

/// Revokes the key of a presented token, and its children, if the token still leads to it or may again: who finds one
/// that is over has no say about the key.
fn end(env: &mut Env, presented: &str, reason: &str) -> Result<Ended> {
    let found = match Presented::parse(presented) {
        None => return Ok(Ended::Unknown),
        Some(Presented::Ours) => {
            env.store.find_token(&TokenHash::from_digest(&digest::fingerprint(presented)))?
        }
        // Before the lock is taken: its hash may be slow.
        Some(Presented::Foreign(token)) => foreign::find(&mut env.store, &token, Store::find_token)?.ok(),
    };
    let Some((token, now)) = found else { return Ok(Ended::Unknown) };
    let is_over = matches!(token.lifetime.state(now), State::Revoked | State::Expired);
    let mut stopped = None;
    if !is_over {
        let outcome =
            env.change(Action::Revoke, |tx| revoke_in(tx, &[KeyRef::Id(token.key_id)], Some(reason)))?;
        stopped = outcome.keys.into_iter().find(|stopped| !stopped.already);
    }
    let mark = claims::mark(&mut env.store)?;
    Ok(Ended::Dead { mark, key: stopped.map(|stopped| Box::new(stopped.key)) })
}

/// Tries the part of a change that every one has, and takes it back.
pub(crate) fn rehearse(env: &mut Env) -> Result<()> {
    env.store.rehearse(|_| Ok(()))
}
