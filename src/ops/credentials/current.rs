//! A token that is good now. Whoever comes first gets a new one, once; the others wait for it.

use std::time::{Duration, Instant};

use super::gate::{self, Passage};
pub(crate) use super::sending::How;
use super::sending::{Parts, send};
use super::{find, sign_in_again};
use crate::domain::credentials::attempt::Attempt;
use crate::domain::credentials::credential::Credential;
use crate::domain::credentials::next::{Because, Need, Step, next, without};
use crate::domain::secrets::secret::{SecretName, SecretValue};
use crate::domain::time::{Span, Timestamp};
use crate::ops::change::nonce;
use crate::ops::env::Env;
use crate::ops::error::{Error, Result};
use crate::ops::master_keys::Ring;
use crate::store::{SealedVersion, SecretLookup as _, Store};

/// A token that lives no longer than this is followed by another one first, where nobody says otherwise.
pub(crate) const MIN_VALID: Span = Span::seconds(60);

/// A token, in the clear.
#[derive(Debug)]
pub(crate) struct Current {
    pub credential: Credential,
    pub value: SecretValue,
    /// Why it lives shorter than was asked.
    pub because: Option<Because>,
}

/// What a store says of a credential in one state of it, and what follows.
struct Seen {
    credential: Credential,
    step: Step,
    sealed: Option<SealedVersion>,
    parts: Option<Parts>,
    now: Timestamp,
}

/// Between two looks at an attempt that somebody else makes: this many milliseconds, and a random part of 80 more.
const LOOKED_AT_AFTER: u64 = 20;

/// A token as it is needed.
pub(crate) fn current(
    env: &mut Env,
    ring: &Ring,
    how: &How<'_>,
    name: &SecretName,
    need: &Need,
) -> Result<Current> {
    #[expect(clippy::disallowed_methods, reason = "the wait is bounded in monotonic time")]
    let begun = Instant::now();
    // Of an attempt of our own.
    let mut failed = None;
    loop {
        let mut seen = look(&mut env.store, name, need)?;
        if let Some(because) = failed {
            seen.step = match seen.step {
                // What came with the answer moved the version, and is no new token.
                Step::Use if need.not_version.is_some() => Step::Unavailable(because),
                Step::Send => without(&seen.credential, need, seen.now, because),
                step => step,
            };
        }
        match seen.step {
            Step::Use => return open(ring, seen, None),
            Step::UseMeanwhile(because) => return open(ring, seen, Some(because)),
            Step::Unavailable(because) => return Err(unavailable(&seen.credential, because)),
            Step::Wait { until } => {
                if begun.elapsed() >= how.patience {
                    return waited(ring, seen, need, Because::Underway { until });
                }
                pause(env)?;
            }
            Step::Restart => restart(env, &seen.credential, seen.now)?,
            Step::Send => match gate::pass(env, &seen.credential, seen.now) {
                Err(error) if is_crowded(&error) && begun.elapsed() < how.patience => {}
                Err(error) => return Err(error),
                Ok(Passage::Clear(fence)) => {
                    let parts = seen.parts.take();
                    failed = send(env, ring, how, &seen.credential, parts, seen.now, fence)?;
                }
                Ok(Passage::Announced) => {}
                Ok(Passage::InUse { until }) if begun.elapsed() >= how.patience => {
                    return waited(ring, seen, need, Because::InUse { until });
                }
                Ok(Passage::InUse { .. }) => pause(env)?,
            },
        }
    }
}

fn look(store: &mut Store, name: &SecretName, need: &Need) -> Result<Seen> {
    store.snapshot(|store| {
        let credential = find(store, name)?;
        let now = store.now()?;
        let step = next(&credential, need, now);
        let (id, version) = (credential.secret.id, credential.secret.version);
        // Also where it is waited for, since that may take too long.
        let is_used = matches!(step, Step::Use | Step::UseMeanwhile(_) | Step::Wait { .. })
            || step == Step::Send && credential.refresh_invalidates;
        let sealed = if is_used { store.sealed_version(id, version)? } else { None };
        let parts = if step == Step::Send { Some(Parts::read(store, id)?) } else { None };
        Ok(Seen { credential, step, sealed, parts, now })
    })
}

fn open(ring: &Ring, seen: Seen, because: Option<Because>) -> Result<Current> {
    let Seen { credential, sealed, .. } = seen;
    let sealed = sealed.ok_or_else(|| no_version(&credential))?;
    Ok(Current { value: ring.open(&sealed)?, credential, because })
}

fn no_version(credential: &Credential) -> Error {
    Error::Store(crate::store::Error::Corrupt {
        table: "secret_version",
        column: "version".to_owned(),
        row: credential.secret.id.to_string(),
    })
}

/// Somebody else's attempt, or use, took longer than we wait.
fn waited(ring: &Ring, seen: Seen, need: &Need, because: Because) -> Result<Current> {
    match without(&seen.credential, need, seen.now, because) {
        Step::UseMeanwhile(because) => open(ring, seen, Some(because)),
        _ => Err(unavailable(&seen.credential, because)),
    }
}

/// Whether others hold the row that is wanted, or were first: on PostgreSQL a gate is waited for one second at a time.
pub(super) fn is_crowded(error: &Error) -> bool {
    use crate::store::Error::{Busy, Transient};
    matches!(error, Error::Store(Busy(_) | Transient(_)))
}

pub(super) fn pause(env: &mut Env) -> Result<()> {
    let mut draw = [0];
    env.random.fill(&mut draw)?;
    std::thread::sleep(Duration::from_millis(LOOKED_AT_AFTER + u64::from(draw[0]) * 80 / 255));
    Ok(())
}

/// The clock went back: what was sent counts as sent just now, by nobody who is still there.
pub(super) fn restart(env: &mut Env, credential: &Credential, now: Timestamp) -> Result<()> {
    let before = credential.attempt.as_ref();
    let holder = nonce(env.random.as_mut())?;
    let (id, version) = (credential.secret.id, credential.secret.version);
    let attempt = Attempt { ends_at: now, ..Attempt::claim(before, version, holder, now) };
    env.store.claim_attempt(id, &attempt)?;
    Ok(())
}

/// There is no token, and why.
pub(super) fn unavailable(credential: &Credential, because: Because) -> Error {
    let name = &credential.secret.name;
    let again = sign_in_again(credential);
    let (message, hint) = match because {
        Because::NeedsReauth => {
            (format!("the provider takes the refresh token of the credential {name} no more"), again)
        }
        Because::NoRefreshToken => {
            (format!("the token of the credential {name} ended, and it has no refresh token"), again)
        }
        Because::Underway { until } => {
            let message = format!(
                "somebody is getting a new token for the credential {name}, until {until} at the latest"
            );
            return Error::Busy { message, hint: "wait longer: --lock-timeout 15s".to_owned() };
        }
        Because::InUse { until } => {
            let message = format!(
                "a new token for the credential {name} waits until nobody holds a lease of the one that is there, at {until} \
                 at the latest"
            );
            return Error::Busy { message, hint: format!("see who does: keyctl lease list {name}") };
        }
        Because::Failed { failure, retry_at } => (
            format!(
                "no new token could be got for the credential {name} ({failure}); it is tried again from {retry_at}"
            ),
            failure.advice().replace("NAME", name.as_str()),
        ),
    };
    Error::KeyUnavailable { message, hint }
}
