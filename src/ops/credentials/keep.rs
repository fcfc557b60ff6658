//! A credential that a command is run with: got before it starts, and kept good while it runs.
//!
//! Where a new token ends the one before, what was handed out is held by a lease, which is renewed in time. Whoever asks for a
//! token may need another one; then the lease is given up, since it would keep that one out, and another one is taken.

use std::sync::Arc;

use super::current::{How, MIN_VALID, current};
use super::lease::{Asked, acquire};
use super::{find, hold};
use crate::domain::credentials::lease::{HolderToken, Lease};
use crate::domain::credentials::next::{Because, Need, due_at, is_due};
use crate::domain::secrets::secret::{Secret, SecretId, SecretName, SecretValue};
use crate::domain::time::{Span, Timestamp};
use crate::ops::env::Env;
use crate::ops::error::{Error, Result};
use crate::ops::master_keys::Ring;
use crate::store::CredentialLookup as _;

/// How long a lease is held unless it is renewed: so long it is left when this process is killed.
pub(crate) const MOST: Span = Span::seconds(120);

/// A lease that cannot be renewed and ends that soon is no use to whoever asks now.
const LAST: Span = Span::seconds(2);

/// A token that a command has, or may have.
#[derive(Debug)]
pub(crate) struct Kept {
    /// In the version that was handed out.
    pub secret: Secret,
    pub value: Arc<SecretValue>,
    /// Why it lives shorter than was asked.
    pub because: Option<Because>,
    /// Of a credential whose refresh ends the token.
    pub held: Option<Held>,
}

/// The lease that a token is held by.
#[derive(Debug)]
pub(crate) struct Held {
    token: HolderToken,
    pub lease: Lease,
}

/// What is asked for by somebody who was named this credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wish {
    /// How long it is to be held unless it is asked for again.
    pub most: Span,
    pub min_valid: Span,
}

/// What became of a lease that was to be renewed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Renewal {
    Done,
    /// Somebody waits for a new token: it ends as it was to.
    Ending,
    /// It ended, or the credential has another token.
    Lost,
}

impl Kept {
    /// Until when the token may be used: then it has ended, or another one may end it. `None`: nobody knows.
    #[cfg_attr(not(feature = "serve"), expect(dead_code, reason = "only who asks at the socket needs it"))]
    pub(crate) fn good_until(&self, now: Timestamp) -> Option<Timestamp> {
        let Some(held) = &self.held else { return self.secret.expires_at };
        let due = due_at(&self.secret, MIN_VALID).filter(|due| *due > now);
        Some(due.map_or(held.lease.expires_at, |due| due.min(held.lease.expires_at)))
    }
}

/// Gets a token of a credential, and a lease where it needs one, waiting for others as long as `how` says.
pub(crate) fn take(env: &mut Env, ring: &Ring, how: &How<'_>, secret: SecretId, wish: &Wish) -> Result<Kept> {
    let name = SecretName::from(secret);
    let min_valid = wish.min_valid;
    if !find(&mut env.store, &name)?.refresh_invalidates {
        let got = current(env, ring, how, &name, &Need { min_valid, not_version: None })?;
        let (secret, value) = (got.credential.secret, Arc::new(got.value));
        return Ok(Kept { secret, value, because: got.because, held: None });
    }
    let asked = Asked { names: &[name], most: wish.most, min_valid, recipient: None };
    let taken = acquire(env, ring, how, &asked)?;
    let one = taken.credentials.into_iter().next().ok_or_else(|| gone(secret))?;
    let held = Held { token: taken.token, lease: one.lease };
    let found = env.store.credential_by_id(secret);
    let mut secret = match found.map(|found| found.ok_or_else(|| gone(secret))) {
        Ok(Ok(found)) => found.secret,
        Ok(Err(error)) => return Err(given_up(env, &held, error)),
        Err(error) => return Err(given_up(env, &held, error.into())),
    };
    if secret.version != held.lease.version {
        // There is another one by now: this one does until its lease ends, which nobody renews.
        (secret.version, secret.expires_at) = (held.lease.version, Some(held.lease.expires_at));
    }
    Ok(Kept { secret, value: Arc::new(one.value), because: one.because, held: Some(held) })
}

fn gone(secret: SecretId) -> Error {
    Error::NotFound {
        message: format!("the credential {secret} is gone"),
        hint: "keyctl oauth list shows the credentials".to_owned(),
    }
}

fn given_up(env: &mut Env, held: &Held, error: Error) -> Error {
    let _ = hold::release(env, &held.token);
    error
}

/// Holds a lease for longer.
pub(crate) fn renew(env: &mut Env, held: &mut Held, most: Span) -> Result<Renewal> {
    match hold::renew(env, &held.token, most) {
        Ok(leases) => {
            let renewed = leases.into_iter().next();
            Ok(renewed.map_or(Renewal::Lost, |lease| {
                held.lease = lease;
                Renewal::Done
            }))
        }
        Err(Error::Busy { .. }) => Ok(Renewal::Ending),
        Err(Error::Conflict(_) | Error::NotFound { .. } | Error::Denied { .. }) => Ok(Renewal::Lost),
        Err(other) => Err(other),
    }
}

/// Gives up what is held, if anything is.
pub(crate) fn release(env: &mut Env, kept: &mut Kept) -> Result<()> {
    let Some(held) = &kept.held else { return Ok(()) };
    match hold::release(env, &held.token) {
        // It was broken, or forgotten when it had ended.
        Ok(_) | Err(Error::Denied { .. }) => {
            kept.held = None;
            Ok(())
        }
        Err(error) => Err(error),
    }
}

/// Has a token ready for somebody who asks. [`Error::Busy`]: others use, or are getting, what is asked for.
///
/// What is held does as long as its token does and it can be renewed, or else lasts. It is given up for a token that lives
/// longer, since the provider is not asked for that one before.
#[cfg_attr(not(feature = "serve"), expect(dead_code, reason = "only who asks at the socket needs it"))]
pub(crate) fn answer(env: &mut Env, ring: &Ring, how: &How<'_>, kept: &mut Kept, wish: &Wish) -> Result<()> {
    if let Some(held) = &mut kept.held {
        let now = env.store.now()?;
        if !is_due(&kept.secret, wish.min_valid, now) {
            let lasts = |held: &Held| now.after(LAST).is_some_and(|then| held.lease.expires_at > then);
            match renew(env, held, wish.most)? {
                Renewal::Done => return Ok(()),
                Renewal::Ending if lasts(held) => return Ok(()),
                Renewal::Ending | Renewal::Lost => {}
            }
        }
        release(env, kept)?;
    }
    *kept = take(env, ring, how, kept.secret.id, wish)?;
    Ok(())
}

/// What somebody is given who asked for a token.
#[cfg(feature = "serve")]
#[derive(Clone, Debug)]
pub(crate) struct Given {
    pub secret: Arc<Secret>,
    pub value: Arc<SecretValue>,
    /// Until when it may be used.
    pub good_until: Option<Timestamp>,
    pub lease: Option<Lease>,
}

/// Why somebody is given nothing, as far as they are told.
#[cfg(feature = "serve")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotGiven {
    /// Others use, or are getting, what is asked for.
    Busy,
    /// There is no token to be had.
    Unavailable,
    /// The lease ended, or its credential has another token.
    Ended,
    /// What was asked for cannot be.
    Invalid,
    /// The store cannot be read or written.
    Store,
}

#[cfg(feature = "serve")]
impl NotGiven {
    pub(crate) fn of(error: &Error) -> Self {
        match error {
            Error::Busy { .. } => Self::Busy,
            Error::KeyUnavailable { .. } | Error::NotFound { .. } | Error::Conflict(_) => Self::Unavailable,
            Error::Invalid { .. } => Self::Invalid,
            _ => Self::Store,
        }
    }
}

#[cfg(feature = "serve")]
impl Kept {
    pub(crate) fn given(&self, now: Timestamp) -> Given {
        Given {
            secret: Arc::new(self.secret.clone()),
            value: Arc::clone(&self.value),
            good_until: self.good_until(now),
            lease: self.held.as_ref().map(|held| held.lease.clone()),
        }
    }
}
