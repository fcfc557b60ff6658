//! Whether a short-lived token is good here and now: by the public keys and the versions of the store.

use crate::crypto::es256::PublicKey;
use crate::crypto::jws::{self, JwsError};
use crate::domain::keys::key::State;
use crate::domain::keys::scope::Scope;
use crate::domain::keys::verdict::Denial;
use crate::domain::tokens::audience::Audience;
use crate::domain::tokens::claims::{Claims, ClaimsError, Expected, Skew};
use crate::domain::tokens::jwks::PublicJwk;
use crate::ops::error::{Error, Result};
use crate::store::{Lookup as _, SigningKeyLookup as _, Store};

use super::settings;

/// Why a token is refused. Callers learn as little as of a key; this is for operators.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refused {
    #[error(transparent)]
    Jws(#[from] JwsError),
    /// An ID token, or another kind.
    #[error("its type is not at+jwt")]
    Type,
    #[error(transparent)]
    Claims(#[from] ClaimsError),
    #[error("it is for a key that the store does not have")]
    UnknownKey,
    /// Something was taken away from the key since it was issued.
    #[error("its key has version {now}, and it was issued for version {issued}")]
    Version { issued: i64, now: i64 },
    #[error("its key is {0}")]
    Inactive(State),
    #[error("it may not do what is asked")]
    Scope,
}

impl Refused {
    /// The word in JSON.
    pub(crate) const fn as_str(&self) -> &'static str {
        match self {
            Self::Jws(error) => error.reason(),
            Self::Type => "type",
            Self::Claims(error) => error.reason(),
            Self::UnknownKey => "unknown",
            Self::Version { .. } => "version",
            Self::Inactive(state) => state.as_str(),
            Self::Scope => "scope",
        }
    }

    pub(crate) const fn denial(&self) -> Denial {
        match self {
            Self::Scope => Denial::Forbidden,
            _ => Denial::Unauthorized,
        }
    }
}

/// The answer.
#[derive(Clone, Debug)]
pub(crate) enum JwtVerdict {
    Allowed(Box<Claims>),
    Denied(Refused),
}

/// Verifies a token for an audience, the issuer where none is named. All that decides is read in one state of the store.
pub(crate) fn verify(
    store: &mut Store,
    text: &str,
    audience: Option<&Audience>,
    scope: Option<&Scope>,
) -> Result<JwtVerdict> {
    store.snapshot(|store| verify_in(store, text, audience, scope))
}

fn verify_in(
    store: &mut Store,
    text: &str,
    audience: Option<&Audience>,
    scope: Option<&Scope>,
) -> Result<JwtVerdict> {
    let Some(issuer) = settings::read(store)?.issuer else { return Err(no_issuer()) };
    let now = store.now()?;
    let own = Audience::from(&issuer);
    let expected = Expected { issuer: &issuer, audience: audience.unwrap_or(&own), now, skew: Skew::NONE };
    let published: Vec<PublicJwk> = store
        .signing_keys()?
        .into_iter()
        .filter(|key| key.state(now).is_published())
        .map(|key| key.public)
        .collect();
    let claims = match judge(text, &published, &expected) {
        Ok(claims) => claims,
        Err(refused) => return Ok(JwtVerdict::Denied(refused)),
    };
    let denied = |refused| Ok(JwtVerdict::Denied(refused));
    let Some(version) = store.key_version(claims.client_id)? else { return denied(Refused::UnknownKey) };
    if claims.version != version {
        return denied(Refused::Version { issued: claims.version, now: version });
    }
    match store.key_by_id(claims.client_id)?.map(|key| key.state(now)) {
        None => return denied(Refused::UnknownKey),
        Some(State::Active) => {}
        Some(state) => return denied(Refused::Inactive(state)),
    }
    if scope.is_some_and(|scope| !claims.scopes.cover(scope)) {
        return denied(Refused::Scope);
    }
    Ok(JwtVerdict::Allowed(Box::new(claims)))
}

/// What needs no store: signature, type and claims.
fn judge(text: &str, published: &[PublicJwk], expected: &Expected<'_>) -> Result<Claims, Refused> {
    // A key that is not the one of its id verifies nothing.
    let keys: Vec<(&str, PublicKey)> =
        published.iter().filter_map(|key| Some((key.kid.as_str(), PublicKey::of(key).ok()?))).collect();
    let signed = jws::verify(text, |kid| keys.iter().find(|(own, _)| *own == kid).map(|(_, key)| key))?;
    if !signed.header.is_access_token {
        return Err(Refused::Type);
    }
    Ok(Claims::verify(&signed.claims, expected)?)
}

pub(super) fn no_issuer() -> Error {
    Error::NotFound {
        message: "the store has no issuer of short-lived tokens".to_owned(),
        hint: "set where they are from: keyctl store set issuer https://keys.example.com".to_owned(),
    }
}
