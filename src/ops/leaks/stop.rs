//! The end of tokens that were found: of each, the key is looked for once more by the token's hash in the transaction that
//! stops it, so that nothing stops whose token was replaced meanwhile, and nothing by a name or a public part.

use super::judge::standing;
use crate::domain::audit::action::Action;
use crate::domain::keys::key::Key;
use crate::domain::keys::key_ref::KeyRef;
use crate::domain::keys::token::TokenHash;
use crate::ops::change::Done;
use crate::ops::env::Env;
use crate::ops::error::Result;
use crate::ops::keys::finish::cut_in;
use crate::ops::keys::references::MOST;
use crate::ops::keys::revoke::revoke_in;
use crate::ops::keys::select::{Outcome, Stopped};
use crate::ops::keys::suspend::{Suspension, suspend_in};
use crate::ops::keys::used;
use crate::store::{FoundTokens as _, Lookup as _, Tx};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    Revoke,
    Suspend,
}

/// What became of the keys whose tokens were found.
#[derive(Debug, Default)]
pub struct Ended {
    pub keys: Vec<Stopped>,
    /// Those that keep their token: what was found was the one before it, whose grace was ended.
    pub cut: Vec<Key>,
}

/// Stops the keys of all these tokens that work, or will again. An old token whose grace is not over ends alone where keys
/// are to be revoked: what took its place was not found.
pub fn stop(env: &mut Env, tokens: &[TokenHash], how: Stop, reason: &str) -> Result<Ended> {
    let action = match how {
        Stop::Revoke => Action::Revoke,
        Stop::Suspend => Action::Suspend,
    };
    let mut ended = Ended::default();
    for page in tokens.chunks(MOST) {
        let done = env.change(action, |tx| stop_in(tx, page, how, reason))?;
        ended.keys.extend(done.keys);
        ended.cut.extend(done.cut);
    }
    used::fill(&mut env.store, ended.keys.iter_mut().map(|stopped| &mut stopped.key));
    Ok(ended)
}

fn stop_in(tx: &mut Tx<'_>, tokens: &[TokenHash], how: Stop, reason: &str) -> Result<Done<Ended>> {
    let (found, now) = tx.tokens_by_hash(tokens)?;
    let (mut meant, mut old) = (Vec::<KeyRef>::new(), Vec::new());
    for token in found {
        let Some(now) = now.filter(|now| standing(&token, *now).is_live()) else { continue };
        let Some(key) = tx.key_by_id(token.known.key_id)? else { continue };
        let in_grace = key.token_in_grace(now).map(|old| old.prefix.token_id());
        let reference = KeyRef::Id(key.id);
        if how == Stop::Revoke && in_grace.as_ref() == Some(&token.known.token_id) {
            old.push((reference, key));
        } else if !meant.contains(&reference) {
            meant.push(reference);
        }
    }
    let mut events = Vec::new();
    let Outcome { keys, .. } = match how {
        Stop::Revoke => revoke_in(tx, &meant, Some(reason)),
        Stop::Suspend => {
            suspend_in(tx, &meant, &Suspension { reason: Some(reason), ..Suspension::default() })
        }
    }?
    .record_in(&mut events);
    let mut cut = Vec::new();
    for (reference, key) in old {
        if !meant.contains(&reference) {
            cut_in(tx, &reference)?.record_in(&mut events);
            cut.push(key);
        }
    }
    Ok(Done { result: Ended { keys, cut }, events })
}
