//! Whether a short-lived token is good: by the public keys and the versions that the store shows.
//!
//! It is the decision of `keyctl jwt verify` but for the key's state, which a reader does not see: what takes something
//! away from a key raises its version. What was verified is kept as answers are; what was not, never, so that forged ones
//! cost nobody a place.

use std::sync::Arc;

use super::clock::Moment;
use super::fault::{StoreFault, Unavailable};
use crate::crypto::es256::PublicKey;
use crate::crypto::jws::Unverified;
use crate::domain::id::KeyId;
use crate::domain::keys::scope::{Scope, Scopes};
use crate::domain::keys::verdict::Denial;
use crate::domain::owners::subject::OwnerSubject;
use crate::domain::time::Timestamp;
use crate::domain::tokens::audience::{Audience, Issuer};
use crate::domain::tokens::claims::{Claims, ClaimsError, Expected, Skew};
use crate::domain::tokens::jwks::PublicJwk;
use crate::domain::tokens::kid::Kid;
use crate::store::JwtCells;

/// What a service wants to know of a short-lived token beyond "is it good".
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JwtAsked {
    /// Whom it must be for: the service itself. `None` is the store's issuer.
    pub audience: Option<Audience>,
    /// The permission needed.
    pub scope: Option<Scope>,
    /// Whose data is touched: an owner's subject.
    pub owner: Option<OwnerSubject>,
}

/// Who was let in by a short-lived token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JwtGrant {
    /// As whom the caller is known to services: the owner's subject.
    pub principal: OwnerSubject,
    /// The key that was exchanged for it.
    pub key_id: KeyId,
    /// Which token it is: its `jti`.
    pub token_id: Box<str>,
    /// Whom it is for, one at least.
    pub audience: Vec<Box<str>>,
    /// What it may do.
    pub scopes: Scopes,
    /// Until when, exclusive.
    pub expires_at: Timestamp,
}

/// Why not. For the operator, the log and the metrics: to the outside, all reasons of one [`Denial`] look the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JwtReason {
    /// No token of the form that keyctl signs.
    Malformed,
    /// Signed by no key of the store, or by one that was revoked or whose tokens have ended.
    SigningKey,
    /// Its signature is wrong.
    Signature,
    /// An ID token, or of another kind.
    Type,
    /// A claim is missing or has another form.
    Claims,
    /// From somebody else.
    Issuer,
    /// For somebody else.
    Audience,
    /// By the database's clock.
    Expired,
    /// It begins more than 30 seconds from now.
    NotYetValid,
    /// Its key is not in the store.
    Unknown,
    /// Something was taken away from its key since it was issued.
    Version,
    /// Another owner's data.
    Owner,
    /// Not within its scopes.
    Scope,
}

impl JwtReason {
    /// The word in JSON, logs and metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::SigningKey => "signing_key",
            Self::Signature => "signature",
            Self::Type => "type",
            Self::Claims => "claims",
            Self::Issuer => "issuer",
            Self::Audience => "audience",
            Self::Expired => "expired",
            Self::NotYetValid => "not_yet_valid",
            Self::Unknown => "unknown",
            Self::Version => "version",
            Self::Owner => "owner",
            Self::Scope => "scope",
        }
    }

    /// What callers are told.
    pub const fn denial(self) -> Denial {
        match self {
            Self::Owner | Self::Scope => Denial::Forbidden,
            _ => Denial::Unauthorized,
        }
    }
}

impl From<ClaimsError> for JwtReason {
    fn from(error: ClaimsError) -> Self {
        match error {
            ClaimsError::Issuer => Self::Issuer,
            ClaimsError::Audience => Self::Audience,
            ClaimsError::Expired => Self::Expired,
            ClaimsError::NotYet => Self::NotYetValid,
            ClaimsError::Json | ClaimsError::Missing(_) | ClaimsError::Form(_) | ClaimsError::Life => {
                Self::Claims
            }
        }
    }
}

/// Whether a short-lived token is good for what was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum VerifiedJwt {
    /// It is, and who may do what.
    Allowed(Arc<JwtGrant>),
    /// It is not. To the outside, all reasons of one [`Denial`] look the same.
    Denied(JwtReason),
}

/// What the store is asked for.
pub(super) struct Question<'t> {
    token: Unverified<'t>,
    /// What it says that signed it; empty where no key can have such an id.
    pub(super) kid: String,
    /// What it says that it is for; the same.
    pub(super) key: String,
}

impl<'t> Question<'t> {
    /// `None` for what is no token whatever the store says.
    pub(super) fn of(text: &'t str) -> Option<Self> {
        let token = Unverified::parse(text).ok()?;
        let kid = token.header.kid.parse::<Kid>().map(|kid| kid.to_string()).unwrap_or_default();
        let key = Claims::key_of(&token.claims).map(|id| id.to_string()).unwrap_or_default();
        Some(Self { token, kid, key })
    }

    /// The decision, but for owner and scope.
    pub(super) fn judge(
        &self,
        cells: &JwtCells,
        now: i64,
        audience: Option<&Audience>,
    ) -> Result<Result<Good, JwtReason>, Unavailable> {
        let row = |column| StoreFault::Row.because(format!("{column} is not as keyctl writes it"));
        let key = cells.point.as_ref().filter(|_| cells.valid_until.is_none_or(|end| now < end));
        let key = match key {
            None => None,
            Some((x, y)) => Some(self.public_key(x, y).ok_or_else(|| row("keyctl_signing_keys_v1.x"))?),
        };
        let issuer: Option<Issuer> = match &cells.issuer {
            None => None,
            Some(issuer) => Some(issuer.parse().map_err(|_| row("keyctl_jwt_v1.issuer"))?),
        };
        let Some(now) = Timestamp::from_millis(now) else { return Err(row("the clock")) };
        Ok(self.decide(key.as_ref(), issuer.as_ref(), audience, now, cells))
    }

    fn public_key(&self, x: &str, y: &str) -> Option<PublicKey> {
        let kid = self.kid.parse().ok()?;
        PublicKey::of(&PublicJwk { kid, x: x.into(), y: y.into() }).ok()
    }

    fn decide(
        &self,
        key: Option<&PublicKey>,
        issuer: Option<&Issuer>,
        audience: Option<&Audience>,
        now: Timestamp,
        cells: &JwtCells,
    ) -> Result<Good, JwtReason> {
        let token = &self.token;
        if !token.is_signed_by(key.ok_or(JwtReason::SigningKey)?) {
            return Err(JwtReason::Signature);
        }
        if !token.header.is_access_token {
            return Err(JwtReason::Type);
        }
        // A store without an issuer has issued nothing.
        let claims = match issuer {
            None => return Err(Claims::parse(&token.claims).map_or_else(Into::into, |_| JwtReason::Issuer)),
            Some(issuer) => {
                let own = Audience::from(issuer);
                let audience = audience.unwrap_or(&own);
                Claims::verify(&token.claims, &Expected { issuer, audience, now, skew: Skew::AHEAD })?
            }
        };
        if claims.version != cells.version.ok_or(JwtReason::Unknown)? {
            return Err(JwtReason::Version);
        }
        let principal = claims.subject.parse().map_err(|_| JwtReason::Claims)?;
        let expires_at = Timestamp::from_millis(claims.expires_at.saturating_mul(1000));
        let grant = JwtGrant {
            principal,
            key_id: claims.client_id,
            token_id: claims.serial,
            audience: claims.audience,
            scopes: claims.scopes,
            expires_at: expires_at.ok_or(JwtReason::Claims)?,
        };
        let ends = grant.expires_at.as_millis().min(cells.valid_until.unwrap_or(i64::MAX));
        Ok(Good { grant: Arc::new(grant), issuer: claims.issuer, lasts: ends - now.as_millis() })
    }
}

/// A token that was verified, whoever it is for.
#[derive(Clone, Debug)]
pub(super) struct Good {
    grant: Arc<JwtGrant>,
    issuer: Box<str>,
    /// Milliseconds from the read in which time alone cannot change it.
    lasts: i64,
}

impl Good {
    pub(super) fn judge(&self, asked: &JwtAsked) -> Result<&Arc<JwtGrant>, JwtReason> {
        let grant = &self.grant;
        let audience = asked.audience.as_ref().map_or(&*self.issuer, Audience::as_str);
        if !grant.audience.iter().any(|one| **one == *audience) {
            return Err(JwtReason::Audience);
        }
        if asked.owner.as_ref().is_some_and(|owner| *owner != grant.principal) {
            return Err(JwtReason::Owner);
        }
        if asked.scope.as_ref().is_some_and(|scope| !grant.scopes.cover(scope)) {
            return Err(JwtReason::Scope);
        }
        Ok(grant)
    }

    pub(super) fn key_id(&self) -> KeyId {
        self.grant.key_id
    }
}

/// The same as it is kept.
#[derive(Debug)]
pub(super) struct KeptJwt {
    read: Moment,
    pub(super) good: Good,
}

impl KeptJwt {
    pub(super) fn of(good: Good, read: Moment) -> Self {
        Self { read, good }
    }

    pub(super) fn is_good(&self, now: Moment) -> bool {
        now.since(self.read) < self.good.lasts
    }
}

impl VerifiedJwt {
    pub(super) fn of(judged: Result<&Arc<JwtGrant>, JwtReason>) -> Self {
        judged.map_or_else(Self::Denied, |grant| Self::Allowed(Arc::clone(grant)))
    }
}
