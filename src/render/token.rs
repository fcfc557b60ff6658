//! Short-lived tokens, what they are judged to be, and the keys that sign them.

use serde::Serialize;

use super::key::{join, moment};
use super::{Field, Screen, Tone, View};
use crate::domain::id::KeyId;
use crate::domain::keys::scope::{Scope, Scopes};
use crate::domain::portal::url::PortalUrl;
use crate::domain::secrets::sealed::MasterKeyId;
use crate::domain::time::Timestamp;
use crate::domain::tokens::audience::{Audience, Issuer};
use crate::domain::tokens::kid::Kid;
use crate::domain::tokens::signing_key::{SigningKey, SigningState};
use crate::ops::tokens::issue::Issued;
use crate::ops::tokens::settings::TokenSettings;
use crate::ops::tokens::signing_keys::Turned;
use crate::ops::tokens::verify::JwtVerdict;

/// A signing key as it is at a moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SigningKeyView<'k> {
    pub key: &'k SigningKey,
    pub now: Timestamp,
}

#[derive(Serialize)]
struct SigningKeyJson<'k> {
    kid: &'k Kid,
    state: SigningState,
    alg: &'static str,
    x: &'k str,
    y: &'k str,
    published_at: Timestamp,
    may_sign_at: Timestamp,
    signs_from: Option<Timestamp>,
    signs_until: Option<Timestamp>,
    tokens_end_at: Option<Timestamp>,
    revoked_at: Option<Timestamp>,
    master_key_id: Option<MasterKeyId>,
}

impl View for SigningKeyView<'_> {
    fn json(&self) -> impl Serialize {
        let key = self.key;
        SigningKeyJson {
            kid: &key.public.kid,
            state: key.state(self.now),
            alg: "ES256",
            x: &key.public.x,
            y: &key.public.y,
            published_at: key.published_at,
            may_sign_at: key.may_sign_at,
            signs_from: key.signs_from,
            signs_until: key.signs_until,
            tokens_end_at: key.tokens_end_at,
            revoked_at: key.revoked_at,
            master_key_id: key.master_key_id,
        }
    }

    fn fields(&self, screen: &Screen) -> Vec<Field> {
        let key = self.key;
        vec![
            Field::new("kid", key.public.kid.as_str()).whole(),
            Field::new("state", key.state(self.now).as_str()),
            moment("published_at", Some(key.published_at), "", screen),
            moment("signs_from", key.signs_from, "", screen),
            moment("signs_until", key.signs_until, "", screen),
            moment("tokens_end_at", key.tokens_end_at, "", screen),
            moment("may_sign_at", Some(key.may_sign_at), "", screen).extra(),
            moment("revoked_at", key.revoked_at, "", screen).extra(),
        ]
    }
}

/// What a rotation or a revocation came to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TurnedView<'t> {
    pub turned: &'t Turned,
    /// Then the keys that it would make have no ids yet.
    pub dry_run: bool,
}

impl TurnedView<'_> {
    fn known<'k>(&self, kid: &'k Kid) -> Option<&'k Kid> {
        Some(kid).filter(|kid| !self.dry_run || !self.turned.made.contains(kid))
    }
}

#[derive(Serialize)]
struct TurnedJson<'t> {
    signs: Option<&'t Kid>,
    next: Option<&'t Kid>,
    before: Option<&'t Kid>,
    tokens_end_at: Option<Timestamp>,
    unknown_until: Option<Timestamp>,
    changed: bool,
}

impl View for TurnedView<'_> {
    fn json(&self) -> impl Serialize {
        let Turned { signs, next, before, unknown_until, changed, .. } = self.turned;
        TurnedJson {
            signs: self.known(signs),
            next: self.known(next),
            before: before.as_ref().map(|(kid, _)| kid),
            tokens_end_at: before.as_ref().and_then(|(_, end)| *end),
            unknown_until: *unknown_until,
            changed: *changed,
        }
    }

    fn fields(&self, screen: &Screen) -> Vec<Field> {
        let Turned { signs, next, before, unknown_until, .. } = self.turned;
        let known = |kid| self.known(kid).map_or("", Kid::as_str);
        let (before, end) = before.as_ref().map(|(kid, end)| (kid.as_str(), *end)).unwrap_or_default();
        vec![
            Field::new("signs", known(signs)).whole(),
            Field::new("next", known(next)).whole(),
            Field::new("before", before).whole(),
            moment("tokens_end_at", end, "", screen),
            moment("unknown_until", *unknown_until, "", screen),
        ]
    }
}

/// The answer of RFC 6749 §5.1, with the token in the clear.
#[derive(Clone, Copy, Debug)]
pub(crate) struct IssuedView<'i>(pub &'i Issued);

#[derive(Serialize)]
struct IssuedJson<'i> {
    access_token: &'i str,
    token_type: &'static str,
    expires_in: i64,
    scope: String,
}

impl View for IssuedView<'_> {
    fn json(&self) -> impl Serialize {
        let Issued { token, claims, expires_in } = self.0;
        let scope = claims.scopes.iter().map(Scope::as_str).collect::<Vec<_>>().join(" ");
        IssuedJson { access_token: token.as_str(), token_type: "Bearer", expires_in: *expires_in, scope }
    }

    fn fields(&self, _: &Screen) -> Vec<Field> {
        let Issued { token, claims, expires_in } = self.0;
        vec![
            Field::new("access_token", token.as_str()).exact(),
            Field::new("expires_in", expires_in.to_string()),
            Field::new("scope", join(claims.scopes.iter())),
        ]
    }
}

#[derive(Serialize)]
#[serde(untagged)]
enum JwtVerdictJson<'v> {
    Allowed {
        allowed: bool,
        principal: &'v str,
        key_id: KeyId,
        scopes: &'v Scopes,
        audience: &'v [Box<str>],
        jti: &'v str,
        kver: i64,
        expires_at: Option<Timestamp>,
    },
    Denied {
        allowed: bool,
        r#type: &'static str,
        reason: &'static str,
    },
}

impl View for JwtVerdict {
    fn json(&self) -> impl Serialize {
        match self {
            Self::Allowed(claims) => JwtVerdictJson::Allowed {
                allowed: true,
                principal: &claims.subject,
                key_id: claims.client_id,
                scopes: &claims.scopes,
                audience: &claims.audience,
                jti: &claims.serial,
                kver: claims.version,
                expires_at: seconds(claims.expires_at),
            },
            Self::Denied(refused) => JwtVerdictJson::Denied {
                allowed: false,
                r#type: refused.denial().as_str(),
                reason: refused.as_str(),
            },
        }
    }

    fn fields(&self, screen: &Screen) -> Vec<Field> {
        match self {
            Self::Allowed(claims) => vec![
                Field::new("allowed", "true").human("yes").tone(Tone::Good),
                Field::new("principal", &*claims.subject),
                Field::new("key_id", claims.client_id.to_string()),
                Field::new("scopes", join(claims.scopes.iter())),
                Field::new("audience", join(claims.audience.iter())),
                moment("expires_at", seconds(claims.expires_at), "", screen),
            ],
            Self::Denied(refused) => vec![
                Field::new("allowed", "false").human("no").tone(Tone::Bad),
                Field::new("type", refused.denial().as_str()),
                Field::new("reason", refused.as_str()),
            ],
        }
    }
}

fn seconds(at: i64) -> Option<Timestamp> {
    at.checked_mul(1000).and_then(Timestamp::from_millis)
}

#[derive(Serialize)]
struct SettingsJson<'s> {
    issuer: Option<&'s Issuer>,
    audiences: &'s [Audience],
    portal: Option<&'s PortalUrl>,
}

impl View for TokenSettings {
    fn json(&self) -> impl Serialize {
        SettingsJson {
            issuer: self.issuer.as_ref(),
            audiences: &self.audiences,
            portal: self.portal.as_ref(),
        }
    }

    fn fields(&self, _: &Screen) -> Vec<Field> {
        vec![
            Field::new("issuer", self.issuer.as_ref().map(ToString::to_string).unwrap_or_default()),
            Field::new("audiences", join(self.audiences.iter())),
            Field::new("portal", self.portal.as_ref().map(ToString::to_string).unwrap_or_default()),
        ]
    }
}
