//! The life of a key that signs tokens: published, then it signs, then it only verifies, then it is forgotten.

use std::fmt;

use serde::{Serialize, Serializer};

use super::claims::Ttl;
use super::jwks::PublicJwk;
use crate::domain::secrets::sealed::MasterKeyId;
use crate::domain::time::{Span, Timestamp};

/// How long a key is published before it signs. Verifiers keep a set for 270 s, by its `max-age`, and some refuse a new id
/// for 30 s more after a good download.
pub(crate) const PUBLISHED_FOR: Span = Span::seconds(300);

/// Until when a key that signs no more is published: its last token may have been issued by a server that heard of it some
/// seconds later, and verifiers' clocks may be behind.
const LAST_TOKENS: Span = Span::seconds(3660);

/// A key as the store knows it, but for its private part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SigningKey {
    pub public: PublicJwk,
    pub created_at: Timestamp,
    pub published_at: Timestamp,
    /// From when it may sign without a verifier that does not know it yet.
    pub may_sign_at: Timestamp,
    pub signs_from: Option<Timestamp>,
    pub signs_until: Option<Timestamp>,
    /// From when no token of it is good.
    pub tokens_end_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
    /// What its private part is sealed under; `None` where that is gone.
    pub master_key_id: Option<MasterKeyId>,
}

/// What a signing key does at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SigningState {
    /// Published, and signs after the next rotation.
    Next,
    Signing,
    /// It signs no more, and its tokens are good while they live.
    Verifying,
    /// Its last token has ended.
    Ended,
    Revoked,
}

impl SigningState {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Next => "next",
            Self::Signing => "signing",
            Self::Verifying => "verifying",
            Self::Ended => "ended",
            Self::Revoked => "revoked",
        }
    }

    /// Whether verifiers are told of it.
    pub(crate) const fn is_published(self) -> bool {
        matches!(self, Self::Next | Self::Signing | Self::Verifying)
    }
}

impl fmt::Display for SigningState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for SigningState {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl SigningKey {
    /// A new one: the next, or where `signs` the first of all, which cannot wait.
    pub(crate) fn new(public: PublicJwk, under: MasterKeyId, now: Timestamp, signs: bool) -> Self {
        Self {
            public,
            created_at: now,
            published_at: now,
            may_sign_at: if signs { now } else { now.after(PUBLISHED_FOR).unwrap_or(now) },
            signs_from: signs.then_some(now),
            signs_until: None,
            tokens_end_at: None,
            revoked_at: None,
            master_key_id: Some(under),
        }
    }

    pub(crate) fn state(&self, now: Timestamp) -> SigningState {
        if self.revoked_at.is_some() {
            SigningState::Revoked
        } else if self.tokens_end_at.is_some_and(|end| now >= end) {
            SigningState::Ended
        } else if self.signs_until.is_some() {
            SigningState::Verifying
        } else if self.signs_from.is_some() {
            SigningState::Signing
        } else {
            SigningState::Next
        }
    }

    /// It signs from now on.
    pub(crate) fn promote(&mut self, now: Timestamp) {
        self.signs_from = Some(now);
    }

    /// It signs no more. Its private part is of no use from now on.
    pub(crate) fn retire(&mut self, now: Timestamp) {
        self.signs_until = Some(now);
        self.tokens_end_at = Some(now.after(LAST_TOKENS).unwrap_or(now));
        self.master_key_id = None;
    }

    /// None of its tokens is good any more.
    pub(crate) fn revoke(&mut self, now: Timestamp) {
        self.revoked_at = Some(now);
        self.master_key_id = None;
    }

    /// Until when verifiers that fetched the keys before may not know it, if it signs now.
    pub(crate) fn unknown_until(&self, now: Timestamp) -> Option<Timestamp> {
        let end = self.published_at.after(PUBLISHED_FOR)?;
        (end > now).then_some(end)
    }
}

const _: () = assert!(LAST_TOKENS.as_secs() > Ttl::LONGEST.span().as_secs() + 30);

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1000).expect("a time")
    }

    #[test]
    fn a_key_signs_verifies_and_ends() {
        let kid = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs".parse().expect("an id");
        let public = PublicJwk { kid, x: "x".into(), y: "y".into() };
        let under = MasterKeyId::from_bytes([0; 8]);
        let first = SigningKey::new(public.clone(), under, at(0), true);
        assert_eq!(
            (first.state(at(0)), first.unknown_until(at(299))),
            (SigningState::Signing, Some(at(300)))
        );
        let mut key = SigningKey::new(public, under, at(0), false);
        assert_eq!((key.state(at(999)), key.may_sign_at), (SigningState::Next, at(300)));
        key.promote(at(300));
        assert_eq!((key.state(at(300)), key.unknown_until(at(300))), (SigningState::Signing, None));
        key.retire(at(1000));
        assert_eq!((key.state(at(4659)), key.master_key_id), (SigningState::Verifying, None));
        assert_eq!(key.state(at(4660)), SigningState::Ended);
        key.revoke(at(1500));
        assert_eq!(key.state(at(1500)), SigningState::Revoked);
    }
}
