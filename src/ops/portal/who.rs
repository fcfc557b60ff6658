//! Who is signed in.

use std::net::IpAddr;

use super::Refused;
use crate::crypto::digest;
use crate::domain::id::KeyId;
use crate::domain::keys::key::Key;
use crate::domain::keys::token::TokenHash;
use crate::domain::portal::claim::Claim;
use crate::domain::portal::made_by::MadeBy;
use crate::domain::portal::secret::SessionSecret;
use crate::domain::portal::session::{self, CameFrom, Origin, Person, Session};
use crate::domain::time::Timestamp;
use crate::ops::error::{Error, Result};
use crate::store::{ClaimLookup as _, Lookup, SessionLookup as _, Store, Tx};

/// Who presents this secret, from this address if that is known; `None` for nobody: no reason is told.
///
/// The session and what it came from are read in one state of the store. That it was seen is written down at most once a
/// minute; where that cannot be, it counts as not seen.
pub fn who(store: &mut Store, presented: &str, client: Option<IpAddr>) -> Result<Option<Person>> {
    let Some(secret) = SessionSecret::parse(presented) else { return Ok(None) };
    let hash = hash_of(secret.expose());
    let found = store.snapshot(|store| {
        let Some((session, now)) = store.session_by_secret(&hash)? else { return Ok(None) };
        let person = person_of(store, &session, client, now)?;
        Ok::<_, Error>(person.map(|person| (person, session.is_seen_anew(now))))
    })?;
    let Some((person, is_seen_anew)) = found else { return Ok(None) };
    if is_seen_anew {
        let _ = store.see_session(person.session);
    }
    Ok(Some(person))
}

/// The hash under which a secret of the portal's is stored and looked up.
pub(super) fn hash_of(secret: &str) -> TokenHash {
    TokenHash::from_digest(&digest::fingerprint(secret))
}

/// The same person as of this transaction. [`Refused::SignedOut`] if the session is over.
pub(super) fn person_in(tx: &mut Tx<'_>, person: &Person) -> Result<Person, Refused> {
    let (session, _) = tx.portal_session(person.session)?.ok_or(Refused::SignedOut)?;
    let now = tx.now();
    person_of(tx, &session, person.client, now)?.ok_or(Refused::SignedOut)
}

/// Whose session it is, by what it came from.
pub(super) fn person_of(
    store: &mut impl Lookup,
    session: &Session,
    client: Option<IpAddr>,
    now: Timestamp,
) -> Result<Option<Person>> {
    let origin = match &session.came_from {
        CameFrom::Key { token, .. } => Origin::Key(store.token_by_id(token)?.map(Box::new)),
        CameFrom::Claim(id) => {
            let claim = store.claim(*id)?;
            let maker = claim.as_ref().map(|claim| maker(store, claim)).transpose()?.flatten();
            let waiting = claim.as_ref().and_then(|claim| claim.key);
            let waiting = waiting.map(|key| store.key_by_id(key)).transpose()?.flatten();
            Origin::Claim {
                claim: claim.map(Box::new),
                maker: maker.map(Box::new),
                waiting: waiting.map(Box::new),
            }
        }
        CameFrom::Oidc { .. } => Origin::Oidc,
    };
    // By its name, of which no two owners have one; the subject goes with it.
    let holder = store.owner_holder(session.owner.as_str())?.filter(|holder| holder.name == session.owner);
    let owner = holder.as_ref().and_then(|holder| Some((holder.state?, &holder.subject)));
    Ok(session::person(session, &origin, owner, client, now))
}

/// The key with which whoever made a claim had signed in.
pub(super) fn maker(store: &mut impl Lookup, claim: &Claim) -> Result<Option<Key>> {
    match &claim.made_by {
        Some(MadeBy::Key(id)) => Ok(store.key_by_id(*id)?),
        _ => Ok(None),
    }
}

/// A key of the person's. [`Refused::NoSuchKey`] for one that is not there, or another owner's: these are not told apart.
pub(super) fn hold(store: &mut impl Lookup, person: &Person, id: KeyId) -> Result<Key, Refused> {
    store.key_by_id(id)?.filter(|key| key.owner == person.owner).ok_or(Refused::NoSuchKey)
}
