//! Trusts, with the keys that they let in.

use serde::Serialize;
use serde_json::Value;

use super::key::{KeyView, join, moment};
use super::{Field, Screen, Tone, View};
use crate::domain::keys::key::{Key, State};
use crate::domain::time::Timestamp;
use crate::domain::tokens::audience::{Audience, Issuer};
use crate::domain::trusts::terms::{RequiredClaims, Terms, Trust, TrustName};

/// A trust as it is at a moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TrustView<'t> {
    pub trust: &'t Trust,
    /// `None` where the store has lost it.
    pub key: Option<&'t Key>,
    pub now: Timestamp,
}

#[derive(Serialize)]
struct TrustJson<'t, K> {
    name: &'t TrustName,
    issuer: &'t Issuer,
    audience: &'t Audience,
    claims: &'t RequiredClaims,
    any_ref: bool,
    ttl_seconds: i64,
    /// As it was given; `None` where the keys are fetched.
    jwks: Option<Value>,
    created_at: Timestamp,
    key: Option<K>,
}

impl View for TrustView<'_> {
    fn json(&self) -> impl Serialize {
        let Terms { issuer, audience, claims, any_ref, ttl, keys } = &self.trust.terms;
        TrustJson {
            name: &self.trust.name,
            issuer,
            audience,
            claims,
            any_ref: *any_ref,
            ttl_seconds: ttl.span().as_secs(),
            jwks: keys.as_ref().and_then(|keys| serde_json::from_str(keys.as_str()).ok()),
            created_at: self.trust.created_at,
            key: self.key.map(|key| KeyView { key, now: self.now }.json_form()),
        }
    }

    fn fields(&self, screen: &Screen) -> Vec<Field> {
        let terms = &self.trust.terms;
        let state = self.key.map(|key| key.state(self.now));
        let tone = if state == Some(State::Active) { Tone::Good } else { Tone::Bad };
        let claims = terms.claims.iter().map(|(name, value)| format!("{name}={value}"));
        vec![
            Field::new("trust", self.trust.name.as_str()),
            Field::new("state", state.map_or("unknown", State::as_str)).tone(tone),
            Field::new("issuer", terms.issuer.as_str()),
            Field::new("claims", claims.collect::<Vec<_>>().join(" ")),
            Field::new("key", self.key.map(Key::path).unwrap_or_default()),
            Field::new("scopes", self.key.map(|key| join(key.effective_scopes.iter())).unwrap_or_default()),
            Field::new("ttl", terms.ttl.span().to_string()),
            moment("expires_at", self.key.and_then(|key| key.expires_at), "never", screen),
            Field::new("audience", terms.audience.as_str()).extra(),
            Field::new("keys", if terms.keys.is_some() { "given" } else { "fetched" }).extra(),
            Field::new("any_ref", if terms.any_ref { "yes" } else { "no" }).extra(),
            Field::new("key_id", self.trust.key.to_string()).tone(Tone::Dim).extra(),
            moment("created_at", Some(self.trust.created_at), "", screen).extra(),
        ]
    }
}
