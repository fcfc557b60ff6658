//! Invitations, and sessions of the portal.

use serde::Serialize;

use super::key::{KeyView, join, moment};
use super::{Field, Screen, Tone, View};
use crate::domain::id::KeyId;
use crate::domain::keys::key::Key;
use crate::domain::keys::scope::Scopes;
use crate::domain::mcp::client::{ClientName, Registered};
use crate::domain::mcp::ids::RegisteredId;
use crate::domain::mcp::redirect_uri::RedirectUri;
use crate::domain::owners::owner::Owner;
use crate::domain::owners::subject::OwnerSubject;
use crate::domain::portal::claim::{Claim, ClaimState};
use crate::domain::portal::ids::{ClaimId, SessionId};
use crate::domain::portal::made_by::MadeBy;
use crate::domain::portal::session::{CameFrom, Session};
use crate::domain::time::{Span, Timestamp};

/// An invitation as it is at a moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ClaimView<'c> {
    pub claim: &'c Claim,
    pub now: Timestamp,
}

#[derive(Serialize)]
struct ClaimJson<'c> {
    id: ClaimId,
    owner: &'c Owner,
    state: ClaimState,
    scopes: &'c Scopes,
    /// How long keys that are made with it may live.
    max_expiry_seconds: Option<i64>,
    /// The key that waits for its token.
    key: Option<KeyId>,
    made_by: Option<&'c MadeBy>,
    created_at: Timestamp,
    expires_at: Timestamp,
    redeemed_at: Option<Timestamp>,
    taken_at: Option<Timestamp>,
    revoked_at: Option<Timestamp>,
}

impl<'c> ClaimView<'c> {
    fn as_json(self) -> ClaimJson<'c> {
        let claim = self.claim;
        ClaimJson {
            id: claim.id,
            owner: &claim.owner,
            state: claim.state(self.now),
            scopes: &claim.scopes,
            max_expiry_seconds: claim.max_expiry.map(Span::as_secs),
            key: claim.key,
            made_by: claim.made_by.as_ref(),
            created_at: claim.created_at,
            expires_at: claim.expires_at,
            redeemed_at: claim.redeemed_at,
            taken_at: claim.taken_at,
            revoked_at: claim.revoked_at,
        }
    }
}

impl View for ClaimView<'_> {
    fn json(&self) -> impl Serialize {
        self.as_json()
    }

    fn fields(&self, screen: &Screen) -> Vec<Field> {
        let claim = self.claim;
        let state = claim.state(self.now);
        let tone = match state {
            ClaimState::Open => Tone::Good,
            ClaimState::Redeemed => Tone::Normal,
            ClaimState::Expired | ClaimState::Revoked => Tone::Bad,
        };
        vec![
            Field::new("invitation", claim.id.to_string()).whole(),
            Field::new("owner", claim.owner.as_str()),
            Field::new("state", state.as_str()).tone(tone),
            Field::new("scopes", join(claim.scopes.iter())),
            moment("expires_at", Some(claim.expires_at), "", screen),
            Field::new("key", claim.key.map(|key| key.to_string()).unwrap_or_default()),
            moment("created_at", Some(claim.created_at), "", screen).extra(),
            moment("redeemed_at", claim.redeemed_at, "", screen).extra(),
            moment("taken_at", claim.taken_at, "", screen).extra(),
            moment("revoked_at", claim.revoked_at, "", screen).extra(),
            Field::new("max_expiry", claim.max_expiry.map(|span| span.to_string()).unwrap_or_default())
                .extra(),
            Field::new("made_by", claim.made_by.as_ref().map(ToString::to_string).unwrap_or_default())
                .extra(),
        ]
    }
}

/// A new invitation with its code: the only place where that is written.
#[derive(Clone, Copy)]
pub(crate) struct InvitedView<'c> {
    /// The link where the store knows a portal, else the code.
    pub secret: &'c str,
    pub is_link: bool,
    pub claim: ClaimView<'c>,
    /// Of `mint --claim`.
    pub key: Option<&'c Key>,
}

#[derive(Serialize)]
struct InvitedJson<'c, K> {
    link: Option<&'c str>,
    code: &'c str,
    invitation: ClaimJson<'c>,
    key: Option<K>,
}

impl View for InvitedView<'_> {
    fn json(&self) -> impl Serialize {
        InvitedJson {
            link: self.is_link.then_some(self.secret),
            // Behind the only # of a link.
            code: self.secret.rsplit('#').next().unwrap_or_default(),
            invitation: self.claim.as_json(),
            key: self.key.map(|key| KeyView { key, now: self.claim.now }.json_form()),
        }
    }

    fn fields(&self, screen: &Screen) -> Vec<Field> {
        self.claim.fields(screen)
    }
}

/// A session as it is at a moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SessionView<'s> {
    pub session: &'s Session,
    pub now: Timestamp,
}

#[derive(Serialize)]
struct SessionJson<'s> {
    id: SessionId,
    owner: &'s Owner,
    /// Whether its own times let it go on; what it came from may have ended meanwhile.
    lasts: bool,
    key: Option<KeyId>,
    invitation: Option<ClaimId>,
    issuer: Option<&'s str>,
    subject: Option<&'s OwnerSubject>,
    created_at: Timestamp,
    last_seen_at: Option<Timestamp>,
    expires_at: Timestamp,
    ended_at: Option<Timestamp>,
}

impl View for SessionView<'_> {
    fn json(&self) -> impl Serialize {
        let session = self.session;
        let (mut key, mut invitation, mut oidc) = (None, None, None);
        match &session.came_from {
            CameFrom::Key { key: id, .. } => key = Some(*id),
            CameFrom::Claim(id) => invitation = Some(*id),
            CameFrom::Oidc { issuer, subject } => oidc = Some((issuer.as_str(), subject)),
        }
        let (issuer, subject) = oidc.unzip();
        SessionJson {
            id: session.id,
            owner: &session.owner,
            lasts: session.lasts(self.now),
            key,
            invitation,
            issuer,
            subject,
            created_at: session.created_at,
            last_seen_at: session.seen_at,
            expires_at: session.expires_at,
            ended_at: session.ended_at,
        }
    }

    fn fields(&self, screen: &Screen) -> Vec<Field> {
        let session = self.session;
        let lasts = session.lasts(self.now);
        let (word, tone) = if lasts { ("lasts", Tone::Good) } else { ("over", Tone::Bad) };
        vec![
            Field::new("session", session.id.to_string()).whole(),
            Field::new("owner", session.owner.as_str()),
            Field::new("state", word).tone(tone),
            Field::new("came_from", session.came_from.made_by().to_string()),
            moment("last_seen_at", session.seen_at.or(Some(session.created_at)), "", screen),
            moment("expires_at", Some(session.expires_at), "", screen),
            moment("created_at", Some(session.created_at), "", screen).extra(),
            moment("ended_at", session.ended_at, "", screen).extra(),
        ]
    }
}

/// A client that is registered.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ClientView<'c>(pub &'c Registered);

#[derive(Serialize)]
struct ClientJson<'c> {
    id: RegisteredId,
    name: &'c ClientName,
    redirect_uris: &'c [RedirectUri],
    device: bool,
    created_at: Timestamp,
}

impl View for ClientView<'_> {
    fn json(&self) -> impl Serialize {
        let Registered { id, name, redirect_uris, device, created_at } = self.0;
        ClientJson { id: *id, name, redirect_uris, device: *device, created_at: *created_at }
    }

    fn fields(&self, screen: &Screen) -> Vec<Field> {
        let uris: Vec<&str> = self.0.redirect_uris.iter().map(RedirectUri::as_str).collect();
        vec![
            Field::new("client", self.0.id.to_string()).whole(),
            Field::new("name", self.0.name.as_str()),
            Field::new("redirect_uris", uris.join(" ")),
            Field::new("device", if self.0.device { "yes" } else { "no" }),
            moment("created_at", Some(self.0.created_at), "", screen),
        ]
    }
}
