//! What a provider answered is stored: an ordinary change, with its lock, mark and record.
//!
//! The version that was sent is compared, never who sent it or when: a late answer to the version still in force is the only
//! live token there is, and one to an older version is of no use to anybody.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{forget_old, put_part, recorded, unshared};
use crate::domain::audit::action::Action;
use crate::domain::audit::event::Event;
use crate::domain::credentials::answer::Answer;
use crate::domain::credentials::attempt::Attempt;
use crate::domain::credentials::credential::{Credential, CredentialState, Part};
use crate::domain::credentials::failure::{Failure, Refusal};
use crate::domain::random::Random;
use crate::domain::secrets::secret::{Secret, SecretId, SecretValue};
use crate::ops::change::Done;
use crate::ops::env::Env;
use crate::ops::error::{Error, Result};
use crate::ops::master_keys::Ring;
use crate::ops::secrets::set::seal;
use crate::store::{CredentialLookup as _, SecretLookup as _, Tx};

/// What was sent.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sent {
    pub secret: SecretId,
    pub version: u64,
    /// Whether it may have been sent before.
    pub was_uncertain: bool,
}

/// What is stored of an answer.
enum Got<'g> {
    All(&'g Answer),
    /// It came with a token that cannot be used: the one before stays, under a new version.
    RefreshToken(&'g SecretValue, &'g Attempt),
}

/// How long it is tried to store what exists nowhere else.
const TRIED_FOR: Duration = Duration::from_secs(30);
const TRIED_EVERY: Duration = Duration::from_millis(250);

/// Stores a new token.
pub(super) fn tokens(env: &mut Env, ring: &Ring, sent: &Sent, answer: &Answer) -> Result<()> {
    store(env, ring, sent, &Got::All(answer))
}

/// Stores the refresh token that came with nothing else of use, and how the attempt ended.
pub(super) fn refresh_token(
    env: &mut Env,
    ring: &Ring,
    sent: &Sent,
    token: &SecretValue,
    failed: &Attempt,
) -> Result<()> {
    store(env, ring, sent, &Got::RefreshToken(token, failed))
}

/// The provider refused what was sent. It stands there only if nothing newer does.
pub(super) fn refused(env: &mut Env, sent: &Sent) -> Result<()> {
    insist(env, |env| env.change(Action::OauthNeedsReauth, |tx| refused_in(tx, sent)))
}

fn store(env: &mut Env, ring: &Ring, sent: &Sent, got: &Got<'_>) -> Result<()> {
    insist(env, |env| {
        env.change_sealing(Action::OauthRefresh, |tx, random| store_in(tx, random, ring, sent, got))
    })
}

/// Tries until it is done: a busy or lost database may be back in a moment, and a lost connection never is, so each try
/// has one that works. Where the fate of a commit is not known, the next try finds what it did.
pub(super) fn insist<T>(env: &mut Env, mut work: impl FnMut(&mut Env) -> Result<T>) -> Result<T> {
    #[expect(clippy::disallowed_methods, reason = "the tries are bounded in monotonic time")]
    let begun = Instant::now();
    loop {
        let done = env.store.reconnect().map_err(Error::from).and_then(|()| work(env));
        match done {
            Err(Error::Store(error)) if may_pass(&error) && begun.elapsed() < TRIED_FOR => {
                std::thread::sleep(TRIED_EVERY);
            }
            done => return done,
        }
    }
}

/// Refused is also what a server does that becomes a standby, before another one is found.
fn may_pass(error: &crate::store::Error) -> bool {
    use crate::store::Error::{Busy, Connect, Held, Lost, Refused, Slow, Transient, Unknown, Waiting};
    matches!(
        error,
        Busy(_)
            | Connect { .. }
            | Held(_)
            | Lost(_)
            | Refused { .. }
            | Slow(_)
            | Transient(_)
            | Unknown(_)
            | Waiting
    )
}

fn store_in(
    tx: &mut Tx<'_>,
    random: &mut dyn Random,
    ring: &Ring,
    sent: &Sent,
    got: &Got<'_>,
) -> Result<Done<()>> {
    let Some(found) = tx.credential_by_id(sent.secret)? else { return Ok(dropped(sent, None)) };
    let current = tx.sealed_version(found.secret.id, found.secret.version)?;
    if found.secret.version != sent.version {
        let is_ours = match got {
            Got::All(answer) => current.is_some_and(|current| ring.holds(&current, &answer.access_token)),
            Got::RefreshToken(..) => false,
        };
        return Ok(if is_ours { Done::unchanged(()) } else { dropped(sent, Some(&found)) });
    }
    let at = tx.now();
    let (access_token, refresh_token) = match got {
        Got::All(answer) => (None, answer.refresh_token.as_ref()),
        Got::RefreshToken(token, _) => {
            (current.map(|current| ring.open(&current)).transpose()?, Some(*token))
        }
    };
    let secret = Secret {
        version: sent.version + 1,
        version_created_at: at,
        master_key_id: ring.current(),
        expires_at: match got {
            Got::All(answer) => answer.expires_at(at),
            Got::RefreshToken(..) => found.secret.expires_at,
        },
        ..found.secret.clone()
    };
    let mut credential = Credential { secret, state: CredentialState::Good, ..found };
    if let Got::All(answer) = got {
        credential.scopes = answer.scopes.clone().unwrap_or(credential.scopes);
        credential.refreshed_at = Some(at);
    }
    let value = match got {
        Got::All(answer) => &answer.access_token,
        Got::RefreshToken(..) => match &access_token {
            Some(value) => value,
            None => return Ok(dropped(sent, Some(&credential))),
        },
    };
    // A provider that gives one refresh token for two grants leaves it to the one that has it.
    let shared = match refresh_token {
        Some(token) if credential.secret.deleted_at.is_none() => {
            unshared::holder(tx, ring, sent.secret, &credential.client.token_endpoint, token)?
        }
        _ => None,
    };
    if shared.is_some() {
        // What was sent is used up, and nothing came in its place.
        credential.state = CredentialState::NeedsReauth;
    }
    seal(tx, random, ring, &credential.secret, value)?;
    tx.move_secret(&credential.secret);
    tx.answered_credential(&credential);
    if let (Some(token), None) = (refresh_token, &shared) {
        put_part(tx, random, ring, &credential, Part::Refresh, token)?;
    }
    tx.end_attempts(sent.secret, sent.version);
    let attempt = match got {
        Got::All(_) => shared.as_ref().and(credential.attempt.clone()),
        Got::RefreshToken(_, failed) => Some((*failed).clone()),
    };
    let failure = match (&shared, got) {
        (Some(_), _) => Some(Failure::Shared),
        (None, Got::All(_)) => None,
        (None, Got::RefreshToken(_, failed)) => failed.failure,
    };
    if let Some(attempt) = attempt {
        let settled = Attempt { version: credential.secret.version, uncertain: false, failure, ..attempt };
        tx.settle_attempt(sent.secret, &settled);
    }
    forget_old(tx, &credential)?;
    let more = json!({ "old_version": sent.version, "new_refresh_token": refresh_token.is_some() && shared.is_none(),
        "shared_with": shared, "was_uncertain": sent.was_uncertain,
        "failure": failure.map(|failure| failure.to_string()) });
    Ok(Done::with((), recorded(Action::OauthRefresh, &credential, more)))
}

/// An answer that came too late for anybody.
fn dropped(sent: &Sent, found: Option<&Credential>) -> Done<()> {
    let (name, provider, version) = match found {
        Some(Credential { secret, .. }) => {
            (json!(secret.name), json!(secret.provider), json!(secret.version))
        }
        None => (Value::Null, Value::Null, Value::Null),
    };
    let details = json!({ "secret": sent.secret, "name": name, "provider": provider, "version": version,
        "sent_version": sent.version });
    Done::with((), Event::done(Action::OauthDrop, details))
}

fn refused_in(tx: &mut Tx<'_>, sent: &Sent) -> Result<Done<()>> {
    let Some(found) = tx.credential_by_id(sent.secret)? else { return Ok(Done::unchanged(())) };
    if found.secret.version != sent.version || found.state == CredentialState::NeedsReauth {
        return Ok(Done::unchanged(()));
    }
    let credential = Credential { state: CredentialState::NeedsReauth, ..found };
    tx.answered_credential(&credential);
    if let Some(attempt) = &credential.attempt {
        let failure = Some(Failure::Refused(Refusal::InvalidGrant));
        tx.settle_attempt(sent.secret, &Attempt { failure, uncertain: false, ..attempt.clone() });
    }
    let more = json!({ "was_uncertain": sent.was_uncertain });
    Ok(Done::with((), recorded(Action::OauthNeedsReauth, &credential, more)))
}
