//! Invitations and sessions as the log tells them, and whether the store has the same: whoever writes one into the database is let
//! in by it.

use serde_json::{Value, json};

use super::compare::Comparison;
use super::replay::{Body, Kind, Replay, Thing, copy};
use crate::domain::owners::owner::Owner;
use crate::domain::portal::session::{CameFrom, Session};
use crate::ops::error::Result;
use crate::ops::portal::{claims, invite, sessions};
use crate::store::{ClaimFilter, SessionFilter, Store};

/// What decides of an invitation.
const OF_CLAIM: [&str; 5] = ["key", "scopes", "max_expiry_seconds", "made_by", "expires_at"];
/// And of a session, but for the token, which it takes on where its key is given another.
const OF_SESSION: [&str; 6] = ["key", "claim", "issuer", "subject", "scopes", "expires_at"];

impl Replay {
    /// A record of the portal's.
    pub(super) fn portal(&mut self, body: &Body, seq: u64) -> Result<()> {
        let at = json!(body.at);
        let (kind, id) = match body.action.strip_prefix("claim.") {
            Some(_) => (Kind::Claim, &body.details["claim"]),
            None => (Kind::Session, &body.details["session"]),
        };
        let Some(id) = id.as_str() else { return Ok(()) };
        self.change(kind, id, |thing| match body.action.as_str() {
            "claim.create" => {
                copy(&body.details, &OF_CLAIM, thing, seq);
                thing.say("owner", json!(body.owner), seq);
            }
            "session.begin" => {
                copy(&body.details, &OF_SESSION, thing, seq);
                thing.say("owner", json!(body.owner), seq);
            }
            "claim.redeem" => thing.say("redeemed_at", at, seq),
            "claim.take" => thing.say("taken_at", at, seq),
            "claim.revoke" => thing.say("revoked_at", at, seq),
            "session.end" => thing.say("ended_at", at, seq),
            _ => {}
        })
    }
}

impl Comparison {
    /// Whatever may let somebody in. What lets in nobody any more, without a record that says so, is borne: a restore does that.
    pub(super) fn portal(&mut self, store: &mut Store) -> Result<()> {
        let mut claims = Vec::new();
        claims::list(store, &ClaimFilter { owner: None, all: true }, |claim| {
            claims.push(claim.clone());
            Ok::<_, crate::ops::Error>(())
        })?;
        for claim in &claims {
            let (subject, hint) = (
                format!("invitation {} of {}", claim.id, claim.owner),
                format!("take it back: keyctl invitation revoke {}", claim.id),
            );
            let Some(said) = self.replay.take(Kind::Claim, &claim.id.to_string())? else {
                self.unknown(&subject, &hint);
                continue;
            };
            let mut actual = invite::attributes(claim).to_vec();
            actual.extend(
                [
                    ("redeemed_at", claim.redeemed_at),
                    ("taken_at", claim.taken_at),
                    ("revoked_at", claim.revoked_at),
                ]
                .map(|(name, at)| (name, json!(at))),
            );
            self.agree(&subject, &hint, &claim.owner, &actual, said);
        }
        let mut all = Vec::new();
        sessions::list(store, &SessionFilter { owner: None, all: true }, |session| {
            all.push(session.clone());
            Ok::<_, crate::ops::Error>(())
        })?;
        for session in &all {
            let (subject, hint) = (
                format!("session {} of {}", session.id, session.owner),
                format!("end it: keyctl session end {}", session.id),
            );
            let Some(said) = self.replay.take(Kind::Session, &session.id.to_string())? else {
                self.unknown(&subject, &hint);
                continue;
            };
            self.agree(&subject, &hint, &session.owner, &attributes(session), said);
        }
        Ok(())
    }

    pub(super) fn unknown(&mut self, subject: &str, hint: &str) {
        let message = format!("{subject} is in no record of the audit log: keyctl did not make it; {hint}");
        self.found("key", message);
    }

    fn agree(
        &mut self,
        subject: &str,
        hint: &str,
        owner: &Owner,
        actual: &[(&'static str, Value)],
        mut said: Thing,
    ) {
        self.with_owner_of_today(&mut said);
        self.compare("key", subject, "owner", &json!(owner), &said, hint);
        for (name, actual) in actual {
            self.compare("key", subject, name, actual, &said, hint);
        }
    }
}

fn attributes(session: &Session) -> [(&'static str, Value); 7] {
    let (mut key, mut claim, mut oidc) = (None, None, None);
    match &session.came_from {
        CameFrom::Key { key: id, .. } => key = Some(id),
        CameFrom::Claim(id) => claim = Some(id),
        CameFrom::Oidc { issuer, subject } => oidc = Some((issuer, subject)),
    }
    let (issuer, subject) = oidc.unzip();
    [
        ("key", json!(key)),
        ("claim", json!(claim)),
        ("issuer", json!(issuer)),
        ("subject", json!(subject)),
        ("scopes", json!(session.scopes)),
        ("expires_at", json!(session.expires_at)),
        ("ended_at", json!(session.ended_at)),
    ]
}
