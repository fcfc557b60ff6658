//! A new key with its first token.

use serde_json::json;

use super::{allowed, family, used};
use crate::crypto::digest;
use crate::domain::audit::action::Action;
use crate::domain::audit::event::Event;
use crate::domain::id::{IdSeed, KeyId};
use crate::domain::keys::draft::Draft;
use crate::domain::keys::foreign::{HashAlg, is_foreign};
use crate::domain::keys::key::{Key, State};
use crate::domain::keys::key_ref::KeyRef;
use crate::domain::keys::label::Labels;
use crate::domain::keys::limit::{Quota, Rate};
use crate::domain::keys::network::Networks;
use crate::domain::keys::note::Note;
use crate::domain::keys::scope::Scopes;
use crate::domain::keys::token::{FOREIGN_PREFIX, Prefix, Token, TokenHash};
use crate::domain::owners::owner::{KeyName, Owner};
use crate::domain::owners::role::{Permissions, Role, RoleName};
use crate::domain::owners::subject::OwnerSubject;
use crate::domain::portal::made_by::MadeBy;
use crate::domain::random::{Random, RandomError};
use crate::domain::time::{Expiry, Span, Timestamp};
use crate::ops::change::Done;
use crate::ops::delivery::Deliver;
use crate::ops::env::Env;
use crate::ops::error::{Conflict, Error, Result};
use crate::ops::handover::Handover;
use crate::ops::owners::owner::{self, Settled};
use crate::store::{Lookup as _, Tx};

#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is asked for by itself")]
pub struct Request {
    /// Who the key acts for; created if new.
    pub owner: Owner,
    /// As whom services know the owner; `None` takes what it has, of a new one its name.
    pub subject: Option<OwnerSubject>,
    /// What it is called; `None` takes `default` if that is free, else a random name.
    pub name: Option<KeyName>,
    pub scopes: Scopes,
    pub roles: Vec<RoleName>,
    pub parent: Option<KeyRef>,
    /// Whether `*` may be among the scopes.
    pub allow_all: bool,
    /// When it ends; `None` takes the store's default.
    pub expiry: Option<Expiry>,
    pub not_before: Option<Timestamp>,
    /// The token's prefix; `None` takes the store's default.
    pub prefix: Option<Prefix>,
    pub rate: Option<Rate>,
    pub quota: Option<Quota>,
    pub networks: Networks,
    pub labels: Labels,
    /// Whether short-lived tokens are issued for it in spite of its limits.
    pub allow_jwt: bool,
    /// For people; it is nothing to whether an equal key is there.
    pub note: Option<Note>,
    /// What whoever asks through the portal had signed in with.
    pub made_by: Option<MadeBy>,
    /// Whether an equal key that exists is fine as it is.
    pub if_absent: bool,
    /// Whether it is there to be found: revoked from its first moment on, and an alarm where it appears.
    pub canary: bool,
}

#[derive(Debug)]
pub struct Minted {
    pub key: Key,
    /// Its fresh token, which was delivered; `None` if an equal key was there already.
    pub token: Option<Token>,
    pub owner_is_new: bool,
    /// The store's policy, where its default would have let the key live longer than that.
    pub shortened: Option<Span>,
}

/// Mints a key. The token is made once, outside the transaction; `deliver` runs before the
/// commit, so that no live key exists whose token nobody has seen.
pub fn mint(env: &mut Env, request: &Request, deliver: &mut dyn Deliver) -> Result<Minted> {
    check_scopes(request)?;
    owner::refuse_token(env, request.subject.as_ref())?;
    if request.canary && (request.parent.is_some() || request.if_absent) {
        return Err(Error::Invalid {
            message: "a canary has no parent, and another one is made each time".to_owned(),
            hint: "leave --parent and --if-absent out".to_owned(),
        });
    }
    let prefix = match &request.prefix {
        Some(prefix) => own_prefix(prefix)?,
        None => env.store.default_prefix()?,
    };
    let fresh = Fresh::draw(&prefix, env.random.as_mut())?;
    let mut handover = Handover::new(deliver);
    let changed = env.change_and_deliver(
        Action::Mint,
        |tx| mint_in(tx, request, &fresh),
        |planned| if planned.create { handover.deliver(fresh.token(), &planned.key) } else { Ok(()) },
    );
    let Planned { mut key, create, owner_is_new, shortened } = handover.settle(changed)?;
    if !create {
        used::fill(&mut env.store, [&mut key]);
    }
    Ok(Minted { key, token: create.then_some(fresh.token), owner_is_new, shortened })
}

/// What is random in a new key.
#[derive(Debug)]
pub struct Fresh {
    token: Token,
    hash: TokenHash,
    id: IdSeed,
    /// For a key that none was given to, whose owner has a key `default`.
    name: KeyName,
}

impl Fresh {
    /// Draws it; `prefix` is the token's.
    pub fn draw(prefix: &Prefix, random: &mut dyn Random) -> Result<Self, RandomError> {
        let token = Token::generate(prefix, random)?;
        let hash = digest::hash_token(&token);
        Ok(Self { token, hash, id: IdSeed::draw(random)?, name: KeyName::generate(random)? })
    }

    /// The token, to be handed out before the commit.
    pub fn token(&self) -> &Token {
        &self.token
    }

    pub(in crate::ops) fn into_token(self) -> Token {
        self.token
    }

    pub(super) fn hash(&self) -> &TokenHash {
        &self.hash
    }
}

pub fn mint_in(tx: &mut Tx<'_>, request: &Request, fresh: &Fresh) -> Result<Done<Planned>> {
    let planned = plan(tx, request, fresh)?;
    if !planned.create {
        return Ok(Done::unchanged(planned));
    }
    let key = allowed::allow(tx, &planned.key, None)?;
    tx.insert_key(key, &fresh.hash);
    let mut details = details(&planned.key, planned.owner_is_new);
    if !request.canary {
        let event = Event::done(Action::Mint, details).on(&planned.key);
        return Ok(Done::with(planned, event));
    }
    details["canary"] = json!(true);
    let mut events = vec![Event::done(Action::Mint, details).on(&planned.key)];
    tx.insert_canary(planned.key.id);
    family::revoke_family(tx, &planned.key, None)?.record_in(&mut events);
    let key = Key { revoked_at: Some(tx.now()), ..planned.key };
    Ok(Done { result: Planned { key, ..planned }, events })
}

/// A prefix for tokens of our own.
pub(in crate::ops) fn own_prefix(prefix: &Prefix) -> Result<Prefix> {
    if is_foreign(prefix) {
        return Err(Error::Invalid {
            message: format!("the prefix {FOREIGN_PREFIX} marks tokens that were imported"),
            hint: "choose another one, as in acme".to_owned(),
        });
    }
    Ok(prefix.clone())
}

/// A key as it will be, or as it is there.
#[derive(Debug)]
pub struct Planned {
    pub key: Key,
    /// Whether it is new: then the fresh token is its own.
    pub create: bool,
    pub owner_is_new: bool,
    /// The rule that made its end come sooner than the store's default.
    pub shortened: Option<Span>,
}

pub(in crate::ops) fn details(key: &Key, owner_is_new: bool) -> serde_json::Value {
    let pending: Vec<_> = key.pending_tokens.iter().map(|token| &token.prefix).collect();
    let mut details = json!({
        "token": key.token_prefix(),
        "pending_tokens": pending,
        "scopes": key.scopes,
        "roles": key.roles,
        "parent": key.parent,
        "expires_at": key.expires_at,
        "not_before": key.not_before,
        "rate": key.rate.map(|rate| rate.to_string()),
        "quota": key.quota.map(|quota| quota.to_string()),
        "allow_ip": key.networks,
        "labels": key.labels,
        "owner_created": owner_is_new,
        "subject": key.subject,
        "allow_jwt": key.allow_jwt,
        "made_by": key.made_by,
    });
    // Not what it says: the log keeps for ever what somebody may want gone.
    if key.note.is_some() {
        details["note"] = json!(true);
    }
    details
}

pub(in crate::ops) fn check_scopes(request: &Request) -> Result<()> {
    check_everything(&request.scopes, request.allow_all)?;
    if request.parent.is_some() {
        family::check_reserved(&request.scopes)?;
    }
    Ok(())
}

/// `*` is given only on purpose.
pub(in crate::ops) fn check_everything(scopes: &Scopes, allow_all: bool) -> Result<()> {
    if scopes.hold_everything() && !allow_all {
        return Err(Error::Invalid {
            message: "the scope * allows everything".to_owned(),
            hint: "name the scopes that are needed, or add --allow-all".to_owned(),
        });
    }
    Ok(())
}

/// The key as it would be, or as it is there; nothing is written.
pub(in crate::ops) fn plan(tx: &mut Tx<'_>, request: &Request, fresh: &Fresh) -> Result<Planned> {
    let roles = family::roles(tx, &request.roles)?;
    let parent = request.parent.as_ref().map(|parent| family::parent(tx, parent)).transpose()?;
    let expires_at = end(tx, request, parent.as_ref())?;
    let settled = owner::settle(tx, &request.owner, request.subject.as_ref())?;
    let name = match free_name(tx, request, fresh, settled.is_new)? {
        Name::Free(name) => name,
        Name::Taken(key) => return present(request, *key, parent.as_ref(), tx.now()),
    };
    new(tx, request, fresh, New { roles: &roles, parent, expires_at, settled, name })
}

/// What a new key is made of that the store knows.
pub(super) struct New<'n> {
    pub(super) roles: &'n [Role],
    pub(super) parent: Option<Key>,
    pub(super) expires_at: Option<Timestamp>,
    pub(super) settled: Settled,
    /// One that is free.
    pub(super) name: KeyName,
}

/// When a new key ends.
pub(super) fn end(tx: &Tx<'_>, request: &Request, parent: Option<&Key>) -> Result<Option<Timestamp>> {
    let invalid = |message: String| Error::Invalid { message, hint: "see keyctl mint --help".to_owned() };
    let head = tx.head();
    let expiry = request.expiry.unwrap_or_else(|| head.rules.default_expiry(head.default_expiry));
    let mut expires_at = expiry.resolve(tx.now()).map_err(|error| invalid(error.to_string()))?;
    if let (Some(parent), None) = (parent, request.expiry) {
        expires_at = [expires_at, parent.expires_at].into_iter().flatten().min();
    }
    if let (Some(start), Some(end)) = (request.not_before, expires_at)
        && start >= end
    {
        return Err(invalid(format!("the key would expire ({end}) before it starts ({start})")));
    }
    Ok(expires_at)
}

/// The key, if its owner and its parent let it be made.
pub(super) fn new(tx: &Tx<'_>, request: &Request, fresh: &Fresh, of: New<'_>) -> Result<Planned> {
    let New { roles, parent, expires_at, settled, name } = of;
    let permissions = Permissions { scopes: &request.scopes, roles };
    owner::check_enabled(&request.owner, settled.state)?;
    if let Some(parent) = &parent {
        family::check_within(&request.owner, &permissions, parent)?;
    }
    let draft = Draft {
        id: KeyId::at(tx.now(), fresh.id),
        owner: request.owner.clone(),
        subject: settled.subject,
        name,
        scopes: request.scopes.clone(),
        roles,
        labels: request.labels.clone(),
        not_before: request.not_before,
        expires_at,
        prefix: fresh.token.display_prefix(),
        hash_alg: HashAlg::Sha256,
    };
    let effective_scopes = permissions.effective(parent.as_ref().map(|parent| &parent.effective_scopes));
    if !effective_scopes.fit_headers() {
        // Its own fit, and so do those of each role.
        let message = "with its roles the key may do more than the headers of a gateway can name".to_owned();
        let hint = "give it fewer roles, or wider scopes in them, as in memories:*".to_owned();
        return Err(Error::Invalid { message, hint });
    }
    let key = Key {
        effective_scopes,
        parent: parent.as_ref().map(|parent| parent.id),
        parent_lifetime: parent.as_ref().map(Key::as_parent).unwrap_or_default(),
        networks: request.networks.clone(),
        rate: request.rate,
        quota: request.quota,
        allow_jwt: request.allow_jwt,
        note: request.note.clone(),
        made_by: request.made_by.clone(),
        ..draft.key(tx.now())
    };
    let head = tx.head();
    let shortened = request.expiry.is_none().then(|| head.rules.shortens(head.default_expiry)).flatten();
    Ok(Planned { key, create: true, owner_is_new: settled.state.is_none(), shortened })
}

enum Name {
    Free(KeyName),
    Taken(Box<Key>),
}

/// The name asked for; without one, `default`, or a random one if that is taken. With
/// `--if-absent` it is `default` in any case.
fn free_name(tx: &mut Tx<'_>, request: &Request, fresh: &Fresh, owner_is_new: bool) -> Result<Name> {
    let wanted = request.name.clone().unwrap_or_else(KeyName::first);
    if owner_is_new {
        return Ok(Name::Free(wanted));
    }
    match tx.live_key_by_name(&request.owner, &wanted)? {
        None => Ok(Name::Free(wanted)),
        Some(_) if request.name.is_none() && !request.if_absent => Ok(Name::Free(fresh.name.clone())),
        Some(key) => Ok(Name::Taken(Box::new(key))),
    }
}

/// With `--if-absent`, a key that is there, works, and is as asked for, is the answer.
fn present(request: &Request, key: Key, parent: Option<&Key>, now: Timestamp) -> Result<Planned> {
    let named = format!("{}/{}", key.owner, key.name);
    if !request.if_absent {
        let hint = format!("mint under another --name, or give it a new token: keyctl rotate {named}");
        return Err(Conflict::new(format!("{named} exists already ({})", key.id), hint).on(&key).into());
    }
    let state = key.state(now);
    if !matches!(state, State::Active | State::NotYetValid) {
        let hint = match state {
            State::Expired => format!("renew it: keyctl rotate {named} --expires 90d"),
            _ => format!("look at it: keyctl show {named}"),
        };
        return Err(Conflict::new(format!("{named} exists and is {state}"), hint).on(&key).into());
    }
    let differing = differences(request, &key, parent);
    if !differing.is_empty() {
        let message = format!("{named} exists and differs in: {}", differing.join(", "));
        let hint = format!("look at it: keyctl show {named}; or mint under another --name");
        return Err(Conflict::new(message, hint).on(&key).into());
    }
    Ok(Planned { key, create: false, owner_is_new: false, shortened: None })
}

/// In what the key that is there is another one than what is asked for.
fn differences(request: &Request, key: &Key, parent: Option<&Key>) -> Vec<&'static str> {
    let mut roles = request.roles.clone();
    roles.sort();
    roles.dedup();
    let expiry_differs = request.expiry.is_some_and(|expiry| !expiry.may_be(key.expires_at));
    [
        (request.scopes != key.scopes, "scopes"),
        (roles != key.roles, "roles"),
        (parent.map(|parent| parent.id) != key.parent, "parent"),
        (request.networks != key.networks, "networks"),
        (request.labels != key.labels, "labels"),
        (request.rate != key.rate, "rate"),
        (request.quota != key.quota, "quota"),
        (request.not_before != key.not_before, "start"),
        (expiry_differs, "expiry"),
        (request.allow_jwt != key.allow_jwt, "short-lived tokens"),
    ]
    .into_iter()
    .filter_map(|(differs, what)| differs.then_some(what))
    .collect()
}
