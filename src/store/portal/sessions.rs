//! Sessions, found by the hash of what a browser presents.

use super::{newest, one};
use crate::domain::keys::scope::Scopes;
use crate::domain::keys::token::{TokenHash, TokenId};
use crate::domain::keys::verdict::KnownToken;
use crate::domain::owners::owner::Owner;
use crate::domain::portal::ids::{ClaimId, SessionId};
use crate::domain::portal::session::{CameFrom, Session};
use crate::domain::time::Timestamp;
use crate::store::error::Result;
use crate::store::keys::tokens::by_id;
use crate::store::session::{Row, Statement};
use crate::store::tx::Tx;
use crate::store::{Lookup, Store};

/// A session, with when it was seen, which is used and no change, and the time.
const COLUMNS: &str = "SELECT s.id, s.owner, s.key_id, s.claim_id, s.issuer, s.subject, s.scopes, s.created_at, s.expires_at, \
     s.ended_at, u.seen_at, keyctl.now_ms(), s.token_id FROM keyctl.portal_session s LEFT JOIN keyctl.portal_seen u ON u.session_id = s.id";

fn read(row: &Row<'_>) -> Result<(Session, Timestamp)> {
    let cells = row.of("portal_session");
    let key = match cells.opt_parsed(2, |text| text.parse().ok())? {
        None => None,
        Some(key) => Some(CameFrom::Key { key, token: cells.parsed(12, |text| text.parse().ok())? }),
    };
    let claim = cells.opt_parsed(3, |text| text.parse().ok())?.map(CameFrom::Claim);
    let oidc = match cells.opt_text(4)?.map(str::to_owned) {
        None => None,
        Some(issuer) => Some(CameFrom::Oidc { issuer, subject: cells.parsed(5, |text| text.parse().ok())? }),
    };
    let session = Session {
        id: cells.parsed(0, |text| text.parse().ok())?,
        owner: cells.parsed(1, |text| text.parse().ok())?,
        came_from: key.or(claim).or(oidc).ok_or_else(|| cells.corrupt(2))?,
        scopes: cells.opt_parsed(6, Scopes::from_json)?,
        created_at: cells.time(7)?,
        expires_at: cells.time(8)?,
        ended_at: cells.opt_time(9)?,
        // What is no time says nothing.
        seen_at: cells.opt_int(10).ok().flatten().and_then(Timestamp::from_millis),
    };
    Ok((session, cells.time(11)?))
}

/// Which sessions to read.
#[derive(Clone, Debug, Default)]
pub struct SessionFilter {
    pub owner: Option<Owner>,
    /// Those too that ended, or are past their end.
    pub all: bool,
}

/// Finding sessions, inside a change and outside of one alike.
pub trait SessionLookup: Lookup {
    /// The session of a secret with this SHA-256 hash, and the time.
    fn session_by_secret(&mut self, hash: &TokenHash) -> Result<Option<(Session, Timestamp)>> {
        one(self.reading()?.session(), COLUMNS, "WHERE s.secret_hash = $1", hash.as_str().into(), read)
    }

    /// The row that decides on a token, by its id.
    fn token_by_id(&mut self, token: &TokenId) -> Result<Option<KnownToken>> {
        by_id(self.reading()?.session(), token)
    }

    fn portal_session(&mut self, id: SessionId) -> Result<Option<(Session, Timestamp)>> {
        one(self.reading()?.session(), COLUMNS, "WHERE s.id = $1", id.to_string().into(), read)
    }

    /// The one session that an invitation began.
    fn session_of_claim(&mut self, claim: ClaimId) -> Result<Option<SessionId>> {
        Ok(one(self.reading()?.session(), COLUMNS, "WHERE s.claim_id = $1", claim.to_string().into(), read)?
            .map(|(session, _)| session.id))
    }

    /// Up to 500 sessions behind `after`, newest first, and the time; fewer than that mean the end.
    fn portal_sessions(&mut self, filter: &SessionFilter, after: Option<SessionId>) -> Result<Vec<Session>> {
        let works = (!filter.all).then_some("s.ended_at IS NULL AND s.expires_at > keyctl.now_ms()");
        let from = (filter.owner.as_ref(), after.map(|id| id.to_string()));
        let mut sessions = Vec::new();
        newest(self.reading()?.session(), (COLUMNS, 's'), from, works, &mut |row| {
            sessions.push(read(row)?.0);
            Ok(())
        })?;
        Ok(sessions)
    }
}

impl<L: Lookup + ?Sized> SessionLookup for L {}

impl Tx<'_> {
    /// Stores a session that begins, with the hash of its secret.
    pub fn insert_session(&mut self, session: &Session, secret: &TokenHash) {
        let (mut key, mut claim, mut oidc) = (None, None, None);
        match &session.came_from {
            CameFrom::Key { key: id, token } => key = Some((id.to_string(), token.as_str().to_owned())),
            CameFrom::Claim(id) => claim = Some(id.to_string()),
            CameFrom::Oidc { issuer, subject } => oidc = Some((issuer.clone(), subject.to_string())),
        }
        let (issuer, subject) = oidc.unzip();
        let (key, token) = key.unzip();
        self.pending.push(Statement::new(
            "INSERT INTO keyctl.portal_session
                (id, secret_hash, owner, key_id, token_id, claim_id, issuer, subject, scopes, created_at, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
            [
                session.id.to_string().into(),
                secret.as_str().into(),
                session.owner.as_str().into(),
                key.into(),
                token.into(),
                claim.into(),
                issuer.into(),
                subject.into(),
                session.scopes.as_ref().map(Scopes::to_json).into(),
                session.created_at.as_millis().into(),
                session.expires_at.as_millis().into(),
            ],
        ));
    }

    /// The session goes on with the token that its key was given in it.
    pub fn carry_session(&mut self, session: SessionId, token: &TokenId) {
        self.pending.push(Statement::new(
            "UPDATE keyctl.portal_session SET token_id = $2 WHERE id = $1 AND token_id IS NOT NULL",
            [session.to_string().into(), token.as_str().into()],
        ));
    }

    /// Ends a session; an earlier end stays as it was.
    pub fn end_session(&mut self, session: SessionId) {
        let now = self.now().as_millis();
        self.pending.push(Statement::new(
            "UPDATE keyctl.portal_session SET ended_at = $2 WHERE id = $1 AND ended_at IS NULL",
            [session.to_string().into(), now.into()],
        ));
    }
}

impl Store {
    /// Writes down that a session was seen now, unless that was done within a minute.
    pub fn see_session(&mut self, session: SessionId) -> Result<()> {
        let minute = Session::SEEN_AGAIN_AFTER.as_secs().saturating_mul(1000);
        self.use_one(Statement::new(
            "INSERT INTO keyctl.portal_seen (session_id, seen_at) VALUES ($1, keyctl.now_ms())
             ON CONFLICT (session_id) DO UPDATE SET seen_at = excluded.seen_at
             WHERE portal_seen.seen_at <= excluded.seen_at - CAST($2 AS BIGINT)",
            [session.to_string().into(), minute.into()],
        ))
        .map(drop)
    }
}
