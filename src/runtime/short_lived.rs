//! Short-lived tokens, as a server reads them: the local table of public keys, by which alone they are verified.

use std::sync::Arc;

use bytes::Bytes;

use super::cells::JwtFor;
use super::keys::MasterKeys;
use crate::crypto::digest;
use crate::crypto::es256::PublicKey;
use crate::crypto::jws::{self, JwsError, Signer};
use crate::domain::id::KeyId;
use crate::domain::keys::token::TokenHash;
use crate::domain::time::Timestamp;
use crate::domain::tokens::audience::{Audience, Issuer};
use crate::domain::tokens::claims::{Claims, ClaimsError, Expected, Skew};
use crate::domain::tokens::jwks::{Jwks, PublicJwk};
use crate::store::{Location, PublicKeyCells, PublishedCells};

/// Milliseconds that a verifier's clock may be behind: until then a key is published that signed a token.
const SKEW: i64 = 30_000;

/// Whether a text has the form of a signed token, rather than of a key: by its points.
pub(super) fn has_form(text: &str) -> bool {
    text.len() <= jws::LONGEST
        && text.starts_with("ey")
        && text.bytes().filter(|byte| *byte == b'.').count() == 2
}

/// What a token is kept under; `None` of what is none.
pub(super) fn fingerprint(text: &str) -> Option<super::Fingerprint> {
    has_form(text).then(|| super::Fingerprint(digest::fingerprint(text)))
}

/// What was read of the store last, and beside which of its states.
pub(crate) struct Table {
    /// How often everything had been taken away before it was read; `None` if it never was.
    pub(super) of: Option<u64>,
    issuer: Option<Issuer>,
    audiences: Vec<Audience>,
    pub(super) keys: Vec<Verifying>,
    pub(super) document: KeySet,
}

pub(super) struct Verifying {
    public: PublicKey,
    jwk: PublicJwk,
    /// Milliseconds since 1970.
    until: Option<i64>,
}

impl Verifying {
    fn is_published(&self, now: i64) -> bool {
        self.until.is_none_or(|until| now < until)
    }
}

/// The set of public keys as it is fetched.
#[derive(Clone)]
pub(crate) struct KeySet {
    pub(crate) json: Bytes,
    /// With its quotes (RFC 9110 §8.8.3).
    pub(crate) etag: Arc<str>,
    pub(crate) is_empty: bool,
    /// Until the first of its keys ends.
    pub(super) until: i64,
}

impl KeySet {
    /// Of keys that are published, in their order.
    pub(crate) fn published<'k>(keys: impl IntoIterator<Item = &'k PublicJwk>) -> Self {
        let keys: Vec<_> = keys.into_iter().collect();
        let is_empty = keys.is_empty();
        // Texts alone: serializing them cannot fail.
        let json = serde_json::to_string(&Jwks::of(keys)).unwrap_or_default();
        let hash = TokenHash::from_digest(&digest::fingerprint(&json));
        let etag = format!("\"{}\"", &hash.as_str()[..32]).into();
        Self { json: json.into(), etag, is_empty, until: i64::MAX }
    }

    pub(super) fn of(keys: &[Verifying], now: i64) -> Self {
        let published: Vec<_> = keys.iter().filter(|key| key.is_published(now)).collect();
        let until = published.iter().filter_map(|key| key.until).min().unwrap_or(i64::MAX);
        Self { until, ..Self::published(published.iter().map(|key| &key.jwk)) }
    }
}

/// What a token is, before anything is read of the store.
pub(super) enum Presents {
    /// No token of ours; why, if it is one of somebody else's.
    Other(Option<&'static str>),
    /// It says that a key of ours signed it, and that is not so.
    Forged(&'static str),
    Signed(Signed),
}

/// A token that a key of ours signed.
pub(super) struct Signed {
    pub(super) claims: Vec<u8>,
    /// The key that the claims name.
    pub(super) key: KeyId,
    /// By which its signature was verified. Whoever keeps an answer looks whether this very table is current still: one
    /// that was read since may lack the key that signed.
    pub(super) by: Arc<Table>,
}

impl Table {
    pub(super) fn nothing() -> Self {
        let (keys, issuer, audiences) = (Vec::new(), None, Vec::new());
        Self { of: None, issuer, audiences, document: KeySet::of(&keys, 0), keys }
    }

    /// `own_url` is where tokens are from if the store says nothing.
    pub(super) fn of(cells: PublishedCells, own_url: Option<&Issuer>, of: u64, now: i64) -> Self {
        let issuer = match cells.issuer.map(|text| text.parse()) {
            None => own_url.cloned(),
            // Nobody is let in by what is not understood.
            Some(parsed) => parsed.ok(),
        };
        let audiences = cells.audiences.iter().flat_map(|text| text.split(','));
        let audiences = audiences.filter_map(|audience| audience.parse().ok()).collect();
        let read = |cells: PublicKeyCells| {
            let jwk = PublicJwk { kid: cells.kid.parse().ok()?, x: cells.x.into(), y: cells.y.into() };
            let public = PublicKey::of(&jwk).ok()?;
            Some(Verifying { public, jwk, until: cells.valid_until })
        };
        let keys: Vec<_> = cells.keys.into_iter().filter_map(read).collect();
        Self { of: Some(of), issuer, audiences, document: KeySet::of(&keys, now), keys }
    }

    pub(crate) fn issuer(&self) -> Option<&Issuer> {
        self.issuer.as_ref()
    }

    /// Besides the issuer.
    pub(crate) fn audiences(&self) -> &[Audience] {
        &self.audiences
    }

    /// Reads a text as a token. `now` is in milliseconds since 1970.
    pub(super) fn read(self: &Arc<Self>, text: &str, now: i64) -> Presents {
        if !has_form(text) {
            return Presents::Other(None);
        }
        let find = |kid: &str| {
            let named = self.keys.iter().find(|key| key.jwk.kid.as_str() == kid);
            named.filter(|key| key.is_published(now)).map(|key| &key.public)
        };
        let signed = match jws::verify(text, find) {
            Ok(signed) => signed,
            Err(error @ JwsError::Signature) => return Presents::Forged(error.reason()),
            Err(error) => return Presents::Other(Some(error.reason())),
        };
        if !signed.header.is_access_token {
            return Presents::Forged("type");
        }
        // What it says is looked at with the time of the store.
        match Claims::key_of(&signed.claims) {
            Some(key) => Presents::Signed(Signed { claims: signed.claims, key, by: Arc::clone(self) }),
            None => Presents::Forged("claims"),
        }
    }

    /// What it says, if that holds now for us.
    pub(super) fn claims(&self, bytes: &[u8], now: Timestamp) -> Result<Claims, &'static str> {
        let issuer = self.issuer.as_ref().ok_or("issuer")?;
        let own = Audience::from(issuer);
        for audience in [&own].into_iter().chain(&self.audiences) {
            match Claims::verify(bytes, &Expected { issuer, audience, now, skew: Skew::NONE }) {
                Err(ClaimsError::Audience) => {}
                said => return said.map_err(|error| error.reason()),
            }
        }
        Err(ClaimsError::Audience.reason())
    }

    /// A token's audiences, and which of them the store knows.
    pub(super) fn known_of(&self, audiences: &[Box<str>]) -> JwtFor {
        let is_issuer =
            |audience: &str| self.issuer.as_ref().is_some_and(|issuer| issuer.as_str() == audience);
        let is_known = |audience: &str| self.audiences.iter().any(|known| known.as_str() == audience);
        JwtFor {
            issuer: audiences.iter().any(|one| is_issuer(one)),
            audiences: audiences.iter().filter(|one| is_known(one)).cloned().collect(),
            said: audiences.into(),
        }
    }

    /// Whether whoever verifies a token that this key signed, and that ends then, in seconds, knows the key until then.
    pub(crate) fn outlives(&self, signer: &Signer, ends: i64) -> bool {
        let key = self.keys.iter().find(|key| key.jwk.kid == *signer.kid());
        key.is_some_and(|key| key.until.is_none_or(|until| ends.saturating_mul(1000) + SKEW <= until))
    }
}

/// A key from which something was taken away, and its version since.
pub(crate) struct Raised {
    pub(crate) key: String,
    pub(crate) version: i64,
}

/// What whoever verifies offline is told.
pub(crate) struct Feed {
    /// What is asked for next.
    pub(crate) next: i64,
    /// What was asked for is of another history: tokens of before are not to be believed.
    pub(crate) is_gap: bool,
    /// There is more behind `next`.
    pub(crate) has_more: bool,
    /// The store's clock, in milliseconds since 1970.
    pub(crate) at: i64,
    pub(crate) raised: Vec<Raised>,
}

/// Where the key that signs is read, which may be another address of the store, and what it is sealed under.
pub(crate) struct Signing {
    pub(crate) location: Location,
    pub(crate) master_keys: MasterKeys,
}
