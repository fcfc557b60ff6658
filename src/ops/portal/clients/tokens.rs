//! What a client gets, and why it does not.

use zeroize::Zeroizing;

use crate::crypto::jws::Signer;
use crate::domain::audit::action::Action;
use crate::domain::keys::key::{Key, State};
use crate::domain::keys::scope::Scopes;
use crate::domain::mcp::client::ClientRef;
use crate::domain::mcp::errors::OauthError;
use crate::domain::mcp::secrets::RefreshToken;
use crate::domain::mcp::sign_in::Grant;
use crate::domain::random::Random;
use crate::domain::time::Timestamp;
use crate::domain::tokens::audience::Audience;
use crate::domain::tokens::claims::Ttl;
use crate::ops::change::Done;
use crate::ops::env::Env;
use crate::ops::error::Error;
use crate::ops::tokens::issue::{Holder, Unissued, Wanted, issue};
use crate::ops::tokens::settings;
use crate::store::{SigningKeyLookup as _, Tx};

/// Tokens, which are handed out and nowhere kept.
pub(crate) struct Tokens {
    pub access: Zeroizing<String>,
    /// Seconds from now.
    pub expires_in: i64,
    /// `None` for a client that does not say that it takes any.
    pub refresh: Option<RefreshToken>,
    pub scopes: Scopes,
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Tokens(for {} s)", self.expires_in)
    }
}

/// Why a client gets nothing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoTokens {
    #[error("{0}: {1}")]
    Refused(OauthError, &'static str),
    #[error(transparent)]
    Failed(#[from] Error),
}

impl From<crate::store::Error> for NoTokens {
    fn from(error: crate::store::Error) -> Self {
        Self::Failed(error.into())
    }
}

impl From<crate::domain::random::RandomError> for NoTokens {
    fn from(error: crate::domain::random::RandomError) -> Self {
        Self::Failed(error.into())
    }
}

/// What the client that brings something says of itself and of what it wants.
#[derive(Clone, Debug)]
pub(crate) struct Brought {
    pub client: ClientRef,
    /// `None` for what it was let in for.
    pub resource: Option<String>,
    /// `None` for all that it may do.
    pub scopes: Option<Scopes>,
}

/// What is no good, and what that ended: it is committed, and then refused.
pub(super) type Outcome<T> = Result<T, (OauthError, &'static str)>;

/// Runs a change of which tokens come, or an end.
pub(super) fn change<T>(
    env: &mut Env,
    action: Action,
    mut work: impl FnMut(&mut Tx<'_>, &mut dyn Random) -> Result<Done<Outcome<T>>, NoTokens>,
) -> Result<T, NoTokens> {
    let mut why = None;
    let changed = env.change_sealing(action, |tx, random| {
        // Not that of an attempt that the database gave up.
        why = None;
        work(tx, random).map_err(|refused| match refused {
            NoTokens::Failed(error) => error,
            NoTokens::Refused(error, reason) => {
                why = Some((error, reason));
                Error::Denied { message: format!("{error}: {reason}"), hint: String::new() }
            }
        })
    });
    match (changed, why) {
        (Err(Error::Denied { .. }), Some((error, reason))) => Err(NoTokens::Refused(error, reason)),
        (changed, _) => changed?.map_err(|(error, reason)| NoTokens::Refused(error, reason)),
    }
}

/// Whether a child is good for tokens now.
pub(super) fn check_child(child: &Key, now: Timestamp) -> Result<(), NoTokens> {
    let reason = match child.state(now) {
        State::Active => return Ok(()),
        State::Revoked => "key_revoked",
        State::Expired => "key_expired",
        State::NotYetValid => "key_not_yet_valid",
        State::Suspended => "key_suspended",
        State::OwnerDisabled => "owner_disabled",
        State::ParentDead => "parent_dead",
    };
    Err(NoTokens::Refused(OauthError::InvalidGrant, reason))
}

/// An access token for a child, with no more than is wanted.
pub(super) fn access(
    tx: &mut Tx<'_>,
    random: &mut dyn Random,
    signer: &Signer,
    (child, grant): (&Key, &Grant),
    brought: &Brought,
) -> Result<crate::ops::tokens::issue::Issued, NoTokens> {
    let refused = |error, reason| NoTokens::Refused(error, reason);
    let settings = settings::of(tx.head());
    if let Some(resource) = &brought.resource {
        let known = crate::domain::mcp::request::known_resource(resource, settings.audiences.iter());
        if known.as_ref() != Some(&grant.resource) {
            return Err(refused(OauthError::InvalidTarget, "resource"));
        }
    }
    let gone = || refused(OauthError::InvalidGrant, "unknown");
    let cells = tx.issuing_cells_of(child.id)?.ok_or_else(gone)?;
    let holder = Holder {
        key: child.id,
        subject: child.subject.clone(),
        scopes: child.effective_scopes.clone(),
        version: cells.version,
        ends: child.lifetime().ends_at(),
        is_limited: cells.is_limited,
        allow_jwt: cells.allow_jwt,
    };
    let wanted = Wanted {
        scopes: brought.scopes.clone(),
        audience: vec![grant.resource.clone()] as Vec<Audience>,
        ttl: Ttl::LONGEST,
    };
    let known = tx.scope_names()?;
    issue(signer, &settings, &known, &holder, &wanted, tx.now(), random).map_err(|unissued| match unissued {
        Unissued::NoIssuer => refused(OauthError::ServerError, "no_issuer"),
        Unissued::Random(error) => error.into(),
        Unissued::Limited => refused(OauthError::UnauthorizedClient, "limited"),
        Unissued::Scope(_) => refused(OauthError::InvalidScope, "scope"),
        Unissued::Audience(_) => refused(OauthError::InvalidTarget, "resource_gone"),
        Unissued::Ends => refused(OauthError::InvalidGrant, "key_expired"),
        Unissued::TooLong => refused(OauthError::InvalidScope, "too_long"),
    })
}
