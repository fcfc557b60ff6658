//! Whether a client's request may be shown to a person, and what the person could let it do.

use crate::domain::keys::key::{Key, State};
use crate::domain::keys::network::Networks;
use crate::domain::keys::scope::Scopes;
use crate::domain::mcp::client::{Client, ClientRef, offered};
use crate::domain::mcp::request::{Asked, Authorization, NoWayBack, Unfit, known_resource};
use crate::domain::mcp::sign_in::Grant;
use crate::domain::portal::session::Person;
use crate::domain::portal::wider::Wider;
use crate::domain::tokens::audience::Audience;
use crate::ops::error::Result;
use crate::ops::portal::Refused;
use crate::ops::tokens::settings;
use crate::store::{ClientLookup, GrantLookup as _, Lookup, Store};

/// What comes of a request before anybody is asked.
#[derive(Debug)]
pub(crate) enum Judged {
    Fit(Box<Authorization>),
    /// Told to the person alone.
    NoWayBack(NoWayBack),
    /// Told to the client, whose redirect URI this is.
    Unfit(Unfit),
}

/// Judges a request. `document` is the client that said itself what it is, where the request is of such a one and it was
/// found.
pub(crate) fn judge(store: &mut Store, asked: Asked, document: Option<Client>) -> Result<Judged> {
    let Some(client) = client(store, &asked.client, document)? else {
        return Ok(Judged::NoWayBack(NoWayBack::UnknownClient));
    };
    if let Err(why) = asked.check_way_back(&client) {
        return Ok(Judged::NoWayBack(why));
    }
    let head = store.head()?;
    let settings = settings::of(&head);
    let judged = asked.judge(client, |text| known_resource(text, settings.audiences.iter()));
    Ok(judged.map_or_else(Judged::Unfit, |fit| Judged::Fit(Box::new(fit))))
}

/// The client of this id as it is now.
pub(super) fn client(
    store: &mut impl ClientLookup,
    id: &ClientRef,
    document: Option<Client>,
) -> Result<Option<Client>> {
    Ok(match id {
        ClientRef::Registered(id) => store.mcp_client(*id)?.map(Client::from),
        ClientRef::Document(_) => document.filter(|found| found.id == *id),
    })
}

/// A key of the person's by which the client could be let in.
#[derive(Clone, Debug)]
pub(crate) struct Choice {
    pub key: Key,
    /// What it could be let do by that.
    pub scopes: Scopes,
    /// What it was let do by that before.
    pub before: Scopes,
}

/// Keys that a person is asked about, at most.
const MOST: usize = 50;

/// The person's keys by which the client could be let do anything of what it asks for, those first by which it was before.
pub(crate) fn choices(
    store: &mut Store,
    person: &Person,
    client: &ClientRef,
    asked: Option<&Scopes>,
    resource: &Audience,
) -> Result<Vec<Choice>, Refused> {
    store.snapshot(|store| {
        let now = store.now()?;
        let own = own_key(store, person)?;
        let mut choices = Vec::new();
        for key in store.live_keys_of(&person.owner)? {
            if key.state(now) != State::Active
                || key.parent.is_some()
                || check_bounds(&key, own.as_ref()).is_err()
            {
                continue;
            }
            let before = before(store, person, &key, client, resource)?;
            let wanted = asked.map(|asked| asked.union(&before));
            let scopes = within(person, &key, &offered(wanted.as_ref(), &key.effective_scopes));
            if !scopes.is_empty() {
                choices.push(Choice { key, scopes, before });
            }
        }
        choices.sort_by_key(|choice| (choice.before.is_empty(), person.own_key != Some(choice.key.id)));
        choices.truncate(MOST);
        Ok(choices)
    })
}

/// What a client may do by a child of this key that is there, and that is gone on with.
fn before(
    store: &mut impl Lookup,
    person: &Person,
    key: &Key,
    client: &ClientRef,
    resource: &Audience,
) -> Result<Scopes, Refused> {
    let Some(grant) = grant_of(store, person, key, client, resource)? else { return Ok(Scopes::default()) };
    Ok(store.key_by_id(grant.key)?.map(|child| child.effective_scopes).unwrap_or_default())
}

/// Of these those that the person may give: of their own key all that it may do.
pub(super) fn within(person: &Person, key: &Key, scopes: &Scopes) -> Scopes {
    if person.own_key == Some(key.id) { scopes.clone() } else { scopes.meet(&person.may_give) }
}

/// The child of a key that stands for a client at a resource, if whoever says yes now may say what becomes of it: one that was made by
/// what they signed in with, since it ends with that, and nobody else's sign-ins get more by it. Two who were invited by one admin have
/// two invitations.
pub(super) fn grant_of(
    store: &mut impl Lookup,
    person: &Person,
    key: &Key,
    client: &ClientRef,
    resource: &Audience,
) -> Result<Option<Grant>> {
    Ok(store.mcp_grant_of(key.id, client, resource, &person.made_by())?)
}

/// The key that somebody signed in with, or was invited to.
pub(super) fn own_key(store: &mut impl Lookup, person: &Person) -> Result<Option<Key>> {
    Ok(person.own_key.map(|id| store.key_by_id(id)).transpose()?.flatten())
}

/// Whether tokens may come of a key for who signed in with `own`: else what that is bounded by would be walked around by another of
/// the person's keys.
pub(super) fn check_bounds(key: &Key, own: Option<&Key>) -> std::result::Result<(), Refused> {
    if is_limited(key) || own.is_some_and(is_limited) {
        return Err(Refused::Limited);
    }
    match own.filter(|own| own.id != key.id).and_then(|own| Wider::by_limits(key, own)) {
        Some(wider) => Err(Refused::Wider(wider)),
        None => Ok(()),
    }
}

/// No token is issued for such a key or its children, unless that was allowed: whoever verifies one offline cannot hold its bounds.
fn is_limited(key: &Key) -> bool {
    !key.allow_jwt && (key.networks != Networks::default() || key.rate.is_some() || key.quota.is_some())
}
