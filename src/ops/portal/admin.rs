//! What somebody does for every owner who signed in with a key that has `keyctl:admin`. Nobody is shown a secret here, nor
//! given a token.

use super::Refused;
use super::invite::{self, Invited};
use super::keys::one;
use super::sessions::end_in;
use super::shown::{self, Shown, ShownKeys};
use super::signed::change_by;
use crate::domain::audit::action::Action;
use crate::domain::id::KeyId;
use crate::domain::keys::key::Key;
use crate::domain::keys::key_ref::KeyRef;
use crate::domain::keys::scope::Scopes;
use crate::domain::owners::owner::Owner;
use crate::domain::owners::row::OwnerRow;
use crate::domain::portal::ids::SessionId;
use crate::domain::portal::session::{Person, Session};
use crate::domain::secrets::secret::SecretName;
use crate::ops::change::Done;
use crate::ops::env::Env;
use crate::ops::keys::revoke::{Revocation, made_with, revoke_in};
use crate::ops::keys::suspend::{Suspension, resume_in, suspend_in};
use crate::ops::owners::owner;
use crate::store::{
    BindingLookup as _, Filter, Lookup as _, Page, SessionFilter, SessionLookup as _, Store,
    SuspensionLookup as _,
};

/// The first owners, by name.
#[derive(Clone, Debug, Default)]
pub struct Owners {
    pub owners: Vec<OwnerRow>,
    /// Whether there are others, whom a narrower search finds.
    pub has_more: bool,
}

fn check(person: &Person) -> Result<(), Refused> {
    if person.is_admin { Ok(()) } else { Err(Refused::NotAdmin) }
}

/// The first owners with this text in their name or subject; of all for an empty one.
pub fn owners(store: &mut Store, person: &Person, search: &str) -> Result<Owners, Refused> {
    check(person)?;
    let mut owners = store.owners_with(search, i64::from(shown::PAGE) + 1)?;
    let size = usize::try_from(shown::PAGE).unwrap_or(usize::MAX);
    let has_more = owners.len() > size;
    owners.truncate(size);
    Ok(Owners { owners, has_more })
}

/// The keys of an owner, or of all, with this text in their name or their owner's; all for an empty one.
pub fn keys(
    store: &mut Store,
    person: &Person,
    owner: Option<&Owner>,
    search: &str,
    after: Option<KeyId>,
) -> Result<ShownKeys, Refused> {
    check(person)?;
    let named = (!search.is_empty()).then(|| search.to_owned());
    let filter = Filter { named, ..Filter::default() };
    let page = Page { filter, ..shown::page_of(store, owner, after)? };
    let mut keys = shown::page(store, &page)?;
    keys.keys.iter_mut().for_each(as_admin);
    Ok(keys)
}

/// One key, of whomever.
pub fn key(store: &mut Store, person: &Person, id: KeyId) -> Result<Shown, Refused> {
    check(person)?;
    let (key, now) = store.snapshot(|store| {
        Ok::<_, Refused>((store.key_by_id(id)?.ok_or(Refused::NoSuchKey)?, store.now()?))
    })?;
    let mut shown = shown::fill(store, vec![key], now)?.pop().ok_or(Refused::NoSuchKey)?;
    as_admin(&mut shown);
    Ok(shown)
}

/// Whatever is suspended may be let work again.
fn as_admin(shown: &mut Shown) {
    shown.may_resume = shown.key.suspended_at.is_some() && shown.key.revoked_at.is_none();
}

/// Who would be hit where a key is stopped.
#[derive(Clone, Debug)]
pub struct Reach {
    pub key: Key,
    /// Its live children, which stop with it.
    pub children: Vec<Key>,
    /// The live keys that were made with it, which are revoked with it unless they are kept.
    pub made: Vec<Key>,
    /// The names of the providers' secrets that it could get.
    pub secrets: Vec<SecretName>,
}

pub fn reach(store: &mut Store, person: &Person, id: KeyId) -> Result<Reach, Refused> {
    check(person)?;
    store.snapshot(|store| {
        let key = store.key_by_id(id)?.ok_or(Refused::NoSuchKey)?;
        let bindings = store.bindings_in_reach(id, &key.owner)?;
        let (children, made) = (store.live_children(id)?, made_with(store, &key)?);
        Ok(Reach { key, children, made, secrets: bindings.into_iter().map(|found| found.name).collect() })
    })
}

/// Stops a key for a while: its owner cannot let it work again.
pub fn suspend(env: &mut Env, person: &Person, id: KeyId, reason: Option<&str>) -> Result<Key, Refused> {
    change_by(env, Action::Suspend, person, |tx, person| {
        check(person)?;
        tx.key_by_id(id)?.ok_or(Refused::NoSuchKey)?;
        let wanted = Suspension { reason, ..Suspension::default() };
        let (stopped, events) = one(suspend_in(tx, &[KeyRef::Id(id)], &wanted)?)?;
        Ok(Done { result: stopped.key, events })
    })
}

/// Lets a key work again, whoever stopped it.
pub fn resume(env: &mut Env, person: &Person, id: KeyId) -> Result<Key, Refused> {
    change_by(env, Action::Resume, person, |tx, person| {
        check(person)?;
        tx.key_by_id(id)?.ok_or(Refused::NoSuchKey)?;
        let (stopped, events) = one(resume_in(tx, &[KeyRef::Id(id)])?)?;
        if tx.own_suspension(id)?.is_some() {
            tx.set_own_suspension(id, None);
        }
        Ok(Done { result: stopped.key, events })
    })
}

/// Ends a key for good, with its children, and unless they are kept with all that was made with it. Returns what ended.
pub fn revoke(env: &mut Env, person: &Person, id: KeyId, how: Revocation<'_>) -> Result<Vec<Key>, Refused> {
    change_by(env, Action::Revoke, person, |tx, person| {
        check(person)?;
        tx.key_by_id(id)?.ok_or(Refused::NoSuchKey)?;
        let (stopped, events) = one(revoke_in(tx, &[KeyRef::Id(id)], how)?)?;
        Ok(Done { result: stopped.all(), events })
    })
}

/// Who of an owner is signed in.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// The newest first.
    pub sessions: Vec<Session>,
    /// Whether there are others.
    pub has_more: bool,
}

/// The sessions of an owner that last.
pub fn sessions(store: &mut Store, person: &Person, owner: &Owner) -> Result<SignedIn, Refused> {
    check(person)?;
    let filter = SessionFilter { owner: Some(owner.clone()), all: false };
    let (mut sessions, now) =
        store.snapshot(|store| Ok::<_, Refused>((store.portal_sessions(&filter, None)?, store.now()?)))?;
    sessions.retain(|session| session.lasts(now));
    let size = usize::try_from(shown::PAGE).unwrap_or(usize::MAX);
    let has_more = sessions.len() > size;
    sessions.truncate(size);
    Ok(SignedIn { sessions, has_more })
}

/// Signs somebody out. Returns whom, unless the session was over.
pub fn end_session(env: &mut Env, person: &Person, id: SessionId) -> Result<Option<Owner>, Refused> {
    change_by(env, Action::SessionEnd, person, |tx, person| {
        check(person)?;
        let Done { result, events } = end_in(tx, id)?;
        Ok(Done { result: result.map(|session| session.owner), events })
    })
}

/// Invites somebody, to no more than what the person's own key may do, and for no longer.
pub fn invite(env: &mut Env, person: &Person, request: &invite::Request) -> Result<Invited, Refused> {
    invite::check(request.ttl, request.max_expiry, &Scopes::default())?;
    owner::refuse_token(env, request.subject.as_ref())?;
    let fresh = invite::Fresh::draw(env.random.as_mut())?;
    let (claim, owner_is_new, portal) = change_by(env, Action::ClaimCreate, person, |tx, person| {
        check(person)?;
        super::keys::check_given(person, &request.scopes)?;
        let sender = invite::Sender { made_by: person.came_from.made_by(), ends_at: person.latest_end };
        Ok(invite::invite_in(tx, request, Some(&sender), &fresh)?)
    })?;
    Ok(Invited { claim, code: fresh.into_code(), owner_is_new, portal })
}
