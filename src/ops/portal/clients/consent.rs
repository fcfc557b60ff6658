//! A person's yes: a child of one of their keys stands for it, and a code is made, which the client exchanges for tokens.
//!
//! There is one child for each key, client and resource, and for what the person had signed in with: whoever has less of that gets
//! nothing of what another yes let it do. Who says yes again says what the client may do from then on, wherever it
//! was let in; what was let in elsewhere goes on.

use serde_json::json;

use super::authorize::{check_bounds, grant_of, own_key, within};
use super::end as ended;
use crate::domain::audit::action::Action;
use crate::domain::audit::event::Event;
use crate::domain::id::{IdSeed, KeyId};
use crate::domain::keys::key::{Key, State};
use crate::domain::keys::key_ref::KeyRef;
use crate::domain::keys::label::Labels;
use crate::domain::keys::scope::Scopes;
use crate::domain::keys::token::TokenHash;
use crate::domain::mcp::client::{Client, ClientRef, offered};
use crate::domain::mcp::ids::SignInId;
use crate::domain::mcp::request::Authorization;
use crate::domain::mcp::secrets::AuthorizationCode;
use crate::domain::mcp::sign_in::{Grant, SignIn};
use crate::domain::owners::owner::KeyName;
use crate::domain::portal::session::Person;
use crate::domain::time::{Expiry, Timestamp};
use crate::ops::change::Done;
use crate::ops::env::Env;
use crate::ops::keys::allowed;
use crate::ops::keys::edit::{Edit, ScopeEdit, edit_in, edit_scopes_in};
use crate::ops::keys::family::revoke_family;
use crate::ops::keys::mint::{self, Planned};
use crate::ops::portal::Refused;
use crate::ops::portal::keys::end;
use crate::ops::portal::signed::change_by;
use crate::ops::portal::who::{hash_of, hold};
use crate::store::{ClientLookup as _, Lookup as _, SignInLookup as _, SigningKeyLookup as _, Tx};

/// What a person says yes to.
#[derive(Clone, Debug)]
pub(crate) struct Yes {
    pub asked: Authorization,
    /// By which of their keys.
    pub key: KeyId,
    pub scopes: Scopes,
}

pub(super) struct Fresh {
    key: mint::Fresh,
    sign_in: IdSeed,
    /// Where the name of the client is another key's.
    name: KeyName,
}

/// Lets a client in, with a code for it. The scopes are held against what it asked for, what the key may do, and what the person may
/// give, in the transaction that makes the code.
pub(crate) fn consent(env: &mut Env, person: &Person, yes: &Yes) -> Result<AuthorizationCode, Refused> {
    let (fresh, code) = (Fresh::draw(env)?, AuthorizationCode::generate(env.random.as_mut())?);
    let hash = hash_of(code.expose());
    change_by(env, Action::ClientConsent, person, |tx, person| {
        let now = tx.now();
        consent_in(tx, person, yes, &fresh, (&hash, now.after(SignIn::CODE_LIVES).unwrap_or(now)))
    })?;
    Ok(code)
}

impl Fresh {
    pub(super) fn draw(env: &mut Env) -> Result<Self, Refused> {
        let prefix = env.store.default_prefix()?;
        let random = env.random.as_mut();
        Ok(Self {
            // The token that is among what is drawn for the key is of no account.
            key: mint::Fresh::draw(&prefix, random)?,
            sign_in: IdSeed::draw(random)?,
            name: KeyName::generate(random)?,
        })
    }
}

/// The code, by its hash, works until then.
pub(super) fn consent_in(
    tx: &mut Tx<'_>,
    person: &Person,
    yes: &Yes,
    fresh: &Fresh,
    (code, until): (&TokenHash, Timestamp),
) -> Result<Done<()>, Refused> {
    let client = known(tx, &yes.asked.client)?;
    let parent = hold(tx, person, yes.key)?;
    if parent.parent.is_some() {
        return Err(Refused::NoSuchKey);
    }
    let state = parent.state(tx.now());
    if state != State::Active {
        return Err(Refused::KeyInactive(state));
    }
    check_bounds(&parent, own_key(tx, person)?.as_ref())?;
    let mut events = Vec::new();
    let child = match grant_of(tx, person, &parent, &client.id, &yes.asked.resource)? {
        Some(grant) => again(tx, person, yes, &parent, &grant)?.record_in(&mut events),
        None => None,
    };
    let child = match child {
        Some(child) => child,
        None => first(tx, person, yes, &parent, client, fresh)?.record_in(&mut events),
    };
    // It, its parent or its owner may have bounds that no token can hold.
    if tx.issuing_cells_of(child.id)?.is_none_or(|cells| cells.is_limited && !cells.allow_jwt) {
        return Err(Refused::Limited);
    }
    let now = tx.now();
    let sign_in = SignIn {
        id: SignInId::at(now, fresh.sign_in),
        key: child.id,
        redirect_uri: yes.asked.redirect_uri.clone(),
        challenge: yes.asked.challenge.clone(),
        refreshes: client.refreshes,
        created_at: now,
        redeemed_at: None,
        refreshed_at: None,
        expires_at: until,
        ended_at: None,
    };
    tx.insert_mcp_sign_in(&sign_in, code);
    let details = json!({
        "sign_in": sign_in.id,
        "client": client.id,
        "client_name": client.name,
        "resource": yes.asked.resource,
        "redirect_uri": sign_in.redirect_uri,
        "refreshes": sign_in.refreshes,
        "scopes": child.effective_scopes,
    });
    events.push(Event::done(Action::ClientConsent, details).on(&child));
    too_many(tx, &child)?.record_in(&mut events);
    ended::forget(tx)?;
    Ok(Done { result: (), events })
}

/// The client as it is now: one that was deleted since the page was made is none.
fn known<'c>(tx: &mut Tx<'_>, client: &'c Client) -> Result<&'c Client, Refused> {
    match &client.id {
        ClientRef::Registered(id) => tx.mcp_client(*id)?.map(|_| client).ok_or(Refused::NoSuchClient),
        ClientRef::Document(_) => Ok(client),
    }
}

/// What is given is asked for, the key may do it, and the person may give it. `before` was given already.
fn check_given(person: &Person, yes: &Yes, parent: &Key, before: &Scopes) -> Result<(), Refused> {
    if let Some(scope) = yes.scopes.reserved().next() {
        return Err(Refused::Reserved(scope.clone()));
    }
    let wanted = yes.asked.scopes.as_ref().map(|asked| asked.union(before));
    let offered = within(person, parent, &offered(wanted.as_ref(), &parent.effective_scopes));
    let beyond: Vec<_> = yes.scopes.beyond(&offered).cloned().collect();
    match (beyond.is_empty(), yes.scopes.is_empty()) {
        (false, _) => Err(Refused::Beyond(beyond)),
        (true, true) => Err(Refused::NoScope),
        (true, false) => Ok(()),
    }
}

/// A child that is there may do from now on what is said now, and lives as long as a new one would. `None` where it came to its end:
/// another takes its place.
fn again(
    tx: &mut Tx<'_>,
    person: &Person,
    yes: &Yes,
    parent: &Key,
    grant: &Grant,
) -> Result<Done<Option<Key>>, Refused> {
    let Some(child) = tx.key_by_id(grant.key)? else { return Ok(Done::unchanged(None)) };
    let mut events = Vec::new();
    match child.state(tx.now()) {
        State::Active => {}
        State::Expired => {
            revoke_family(tx, &child, Some("it came to its end, and another was made in its place"))?
                .record_in(&mut events);
            return Ok(Done { result: None, events });
        }
        state => return Err(Refused::ClientStopped(state)),
    }
    check_given(person, yes, parent, &child.effective_scopes)?;
    let (reference, scopes) = (KeyRef::Id(child.id), ScopeEdit::Set(yes.scopes.clone()));
    let edited = edit_scopes_in(tx, &reference, &scopes)?.record_in(&mut events);
    let edit = Edit { expiry: end_of_child(tx, person, &edited.key, parent), ..Edit::default() };
    let edited = edit_in(tx, &reference, &edit)?.record_in(&mut events);
    Ok(Done { result: Some(edited.key), events })
}

/// As long as a new child would live, where that is longer.
fn end_of_child(tx: &Tx<'_>, person: &Person, child: &Key, parent: &Key) -> Option<Expiry> {
    let head = tx.head();
    let wanted = head.rules.default_expiry(head.default_expiry).resolve(tx.now()).ok()?;
    let end = [wanted, parent.expires_at, person.latest_end(tx.now())].into_iter().flatten().min();
    match (end, child.expires_at) {
        (Some(end), Some(old)) if end > old => Some(Expiry::At(end)),
        (None, Some(_)) => Some(Expiry::Never),
        _ => None,
    }
}

/// Whether a key comes to its end by then: its child does, too.
fn ends_sooner(key: &Key, until: Option<Timestamp>) -> bool {
    key.expires_at.zip(until).is_some_and(|(end, until)| end <= until)
}

/// A new child, which ends with what the person signed in with, too.
fn first(
    tx: &mut Tx<'_>,
    person: &Person,
    yes: &Yes,
    parent: &Key,
    client: &Client,
    fresh: &Fresh,
) -> Result<Done<Key>, Refused> {
    check_given(person, yes, parent, &Scopes::default())?;
    let request = mint::Request {
        owner: parent.owner.clone(),
        subject: None,
        name: Some(name(tx, parent, client, fresh)?),
        scopes: yes.scopes.clone(),
        roles: Vec::new(),
        parent: Some(KeyRef::Id(parent.id)),
        allow_all: yes.scopes.hold_everything(),
        expiry: end(tx, person, None)?.filter(|_| !ends_sooner(parent, person.latest_end(tx.now()))),
        not_before: None,
        prefix: None,
        // Its bounds are those of its parent: else they would bound nobody who signs in.
        rate: parent.rate,
        quota: parent.quota,
        networks: parent.networks.clone(),
        labels: Labels::default(),
        allow_jwt: parent.allow_jwt,
        note: None,
        made_by: Some(person.made_by()),
        if_absent: false,
        canary: false,
    };
    mint::check_scopes(&request)?;
    let Planned { key, .. } = mint::plan(tx, &request, &fresh.key)?;
    let child = Key { token: None, ..key };
    let allowed = allowed::allow(tx, &child, None)?;
    tx.insert_tokenless_key(allowed);
    tx.insert_mcp_grant(&Grant {
        key: child.id,
        client: client.id.clone(),
        client_name: client.name.clone(),
        resource: yes.asked.resource.clone(),
        created_at: tx.now(),
    });
    let minted = Event::done(Action::Mint, mint::details(&child, false)).on(&child);
    Ok(Done::with(child, minted))
}

/// What the child is called: as the client, so that lists say whose it is.
fn name(tx: &mut Tx<'_>, parent: &Key, client: &Client, fresh: &Fresh) -> Result<KeyName, Refused> {
    let plain = client.name.of_key();
    let apart = fresh.name.as_str().rsplit('-').next().unwrap_or_default();
    for text in [plain.clone(), format!("{plain}-{apart}")] {
        if let Ok(name) = text.parse::<KeyName>()
            && tx.live_key_by_name(&parent.owner, &name)?.is_none()
        {
            return Ok(name);
        }
    }
    Ok(fresh.name.clone())
}

/// Ends the oldest sign-ins of a grant where there are too many.
fn too_many(tx: &mut Tx<'_>, child: &Key) -> Result<Done<()>, Refused> {
    let now = tx.now();
    let lasting: Vec<SignIn> =
        tx.mcp_sign_ins_of(child.id)?.into_iter().filter(|sign_in| sign_in.lasts(now)).collect();
    let mut events = Vec::new();
    for sign_in in lasting.iter().skip(SignIn::MOST) {
        tx.end_mcp_sign_in(sign_in.id);
        events.push(Event::done(Action::ClientEnd, ended::details(sign_in, "too_many")).on(child));
    }
    Ok(Done { result: (), events })
}
