//! The beginning of a session.

use std::net::IpAddr;

use serde_json::{Value, json};

use super::Refused;
use super::signed::change;
use super::who::{hash_of, maker, person_of};
use crate::domain::audit::action::Action;
use crate::domain::audit::event::Event;
use crate::domain::id::IdSeed;
use crate::domain::keys::key::State;
use crate::domain::keys::scope::Scopes;
use crate::domain::keys::verdict::{Asked, Reason, Verdict, decide};
use crate::domain::owners::owner::Owner;
use crate::domain::owners::row::OwnerState;
use crate::domain::owners::subject::OwnerSubject;
use crate::domain::portal::claim::{Claim, ClaimState};
use crate::domain::portal::ids::SessionId;
use crate::domain::portal::secret::{ClaimCode, SessionSecret};
use crate::domain::portal::session::{self, CameFrom, Person, Session};
use crate::ops::change::Done;
use crate::ops::env::Env;
use crate::ops::keys::verify;
use crate::store::{ClaimLookup as _, Lookup as _, Tx};

/// A session that began.
#[derive(Debug)]
pub struct SignedIn {
    pub person: Person,
    /// For the cookie: nobody gets it a second time.
    pub secret: SessionSecret,
}

/// What is random in a session.
struct Fresh {
    seed: IdSeed,
    secret: SessionSecret,
}

impl Fresh {
    fn draw(env: &mut Env) -> Result<Self, Refused> {
        let secret = SessionSecret::generate(env.random.as_mut())?;
        Ok(Self { seed: IdSeed::draw(env.random.as_mut())?, secret })
    }
}

/// Begins a session for whoever presents the token of a live key that signs in, from this address if that is known. It ends
/// with the key, with the token, and when the key signs in no more.
pub fn by_key(env: &mut Env, presented: &str, client: Option<IpAddr>) -> Result<SignedIn, Refused> {
    let Ok((known, now)) = verify::find(&mut env.store, presented)? else {
        return Err(Refused::NoSuchToken);
    };
    let asked = Asked { address: client, ..Asked::default() };
    let grant = match decide(Some(known), &asked, now) {
        Verdict::Allowed(grant) => grant,
        Verdict::Denied(Reason::Inactive(state)) => return Err(Refused::KeyInactive(state)),
        Verdict::Denied(_) => return Err(Refused::Network),
    };
    if session::signs_in(&grant.scopes).is_none() {
        return Err(Refused::NoSignIn);
    }
    let fresh = Fresh::draw(env)?;
    let came_from = CameFrom::Key { key: grant.key_id, token: grant.token_id };
    let person = change(env, Action::SessionBegin, |tx| {
        begin(tx, &fresh, grant.owner.clone(), came_from.clone(), None, client)
    })?;
    Ok(SignedIn { person, secret: fresh.secret })
}

/// Begins the one session of an invitation. From then on its code is used up; a second use is refused, and so is one that is
/// late, or of an invitation that was taken back: each is recorded.
pub fn by_claim(env: &mut Env, code: &str) -> Result<SignedIn, Refused> {
    let code = ClaimCode::parse(code).ok_or(Refused::NoSuchCode)?;
    let hash = hash_of(code.expose());
    let fresh = Fresh::draw(env)?;
    let person = change(env, Action::ClaimRedeem, |tx| {
        let claim = tx.claim_by_code(&hash)?.ok_or(Refused::NoSuchCode)?;
        match claim.state(tx.now()) {
            ClaimState::Open => {}
            ClaimState::Redeemed => {
                return Err(Refused::CodeUsed { at: claim.redeemed_at.unwrap_or(claim.created_at) });
            }
            ClaimState::Expired => return Err(Refused::CodeLate { at: claim.expires_at }),
            ClaimState::Revoked => return Err(Refused::CodeRevoked),
        }
        let maker = maker(tx, &claim)?;
        let end = maker.as_ref().and_then(|key| key.lifetime().ends_at()).filter(|end| tx.now() >= *end);
        if let Some(at) = end {
            return Err(Refused::CodeLate { at });
        }
        if !session::is_good(&claim, maker.as_ref(), tx.now()) {
            return Err(Refused::CodeRevoked);
        }
        check_enabled(tx, &claim.owner)?;
        check_waiting(tx, &claim)?;
        tx.redeem_claim(claim.id);
        let redeemed = Event::done(Action::ClaimRedeem, json!({ "claim": claim.id })).of(&claim.owner);
        let came_from = CameFrom::Claim(claim.id);
        let Done { result, mut events } =
            begin(tx, &fresh, claim.owner.clone(), came_from, Some(claim.scopes.clone()), None)?;
        events.insert(0, redeemed);
        Ok(super::signed::within(Done { result, events }, SessionId::at(tx.now(), fresh.seed)))
    })?;
    Ok(SignedIn { person, secret: fresh.secret })
}

/// Begins a session for whom an OpenID provider knows as a subject that an owner has. That it does was verified.
pub fn by_oidc(
    env: &mut Env,
    issuer: &str,
    subject: &OwnerSubject,
    may_give: &Scopes,
) -> Result<SignedIn, Refused> {
    let fresh = Fresh::draw(env)?;
    let person = change(env, Action::SessionBegin, |tx| {
        let holder = tx.owner_holder(subject.as_str())?.filter(|holder| holder.subject == *subject);
        let owner = holder.ok_or(Refused::NoSuchOwner)?.name;
        check_enabled(tx, &owner)?;
        let came_from = CameFrom::Oidc { issuer: issuer.to_owned(), subject: subject.clone() };
        begin(tx, &fresh, owner, came_from, Some(may_give.without_reserved()), None)
    })?;
    Ok(SignedIn { person, secret: fresh.secret })
}

/// A code is not used up for a key that gives no token.
fn check_waiting(tx: &mut Tx<'_>, claim: &Claim) -> Result<(), Refused> {
    let Some(key) = claim.key.map(|id| tx.key_by_id(id)).transpose()?.flatten() else { return Ok(()) };
    match key.state(tx.now()) {
        state if state.gives_a_token() => Ok(()),
        State::Revoked => Err(Refused::CodeRevoked),
        State::Expired => Err(Refused::WaitingEnded { at: key.expires_at.unwrap_or(key.created_at) }),
        state => Err(Refused::KeyInactive(state)),
    }
}

fn check_enabled(tx: &mut Tx<'_>, owner: &Owner) -> Result<(), Refused> {
    match tx.owner_state(owner)? {
        Some(OwnerState::Enabled) => Ok(()),
        Some(OwnerState::Disabled(_)) => Err(Refused::OwnerDisabled),
        None => Err(Refused::NoSuchOwner),
    }
}

/// Stores the session, and reads it as any later one is read: it begins only if it is good.
fn begin(
    tx: &mut Tx<'_>,
    fresh: &Fresh,
    owner: Owner,
    came_from: CameFrom,
    scopes: Option<Scopes>,
    client: Option<IpAddr>,
) -> Result<Done<Person>, Refused> {
    let now = tx.now();
    let session = Session {
        id: SessionId::at(now, fresh.seed),
        owner,
        came_from,
        scopes,
        created_at: now,
        expires_at: now.after(Session::LONGEST).unwrap_or(now),
        ended_at: None,
        seen_at: None,
    };
    tx.insert_session(&session, &hash_of(fresh.secret.expose()));
    let person = person_of(tx, &session, client, now)?.ok_or(Refused::SignedOut)?;
    let event = Event::done(Action::SessionBegin, details(&session)).of(&session.owner);
    Ok(Done::with(person, event))
}

/// What decides of a session, as records spell it.
fn details(session: &Session) -> Value {
    let (mut key, mut token, mut claim, mut oidc) = (None, None, None, None);
    match &session.came_from {
        CameFrom::Key { key: id, token: presented } => (key, token) = (Some(id), Some(presented)),
        CameFrom::Claim(id) => claim = Some(id),
        CameFrom::Oidc { issuer, subject } => oidc = Some((issuer, subject)),
    }
    let (issuer, subject) = oidc.unzip();
    json!({
        "session": session.id,
        "key": key,
        "token": token,
        "claim": claim,
        "issuer": issuer,
        "subject": subject,
        "scopes": session.scopes,
        "expires_at": session.expires_at,
    })
}
