//! A new key with its first token.

use serde_json::json;

use super::delivery::{Deliver, Handover};
use super::env::{self, Env};
use super::error::{Error, Result};
use crate::crypto::digest;
use crate::domain::id::KeyId;
use crate::domain::key::{IssuedToken, Key, State};
use crate::domain::label::Labels;
use crate::domain::limit::{Quota, Rate};
use crate::domain::network::Networks;
use crate::domain::owner::{KeyName, Owner};
use crate::domain::random::Random;
use crate::domain::scope::Scopes;
use crate::domain::time::{Expiry, Timestamp};
use crate::domain::token::{Prefix, Token};
use crate::store::{Lookup as _, Tx};

/// What is wanted.
#[derive(Clone, Debug)]
pub struct Request {
    /// Who the key acts for; created if new.
    pub owner: Owner,
    /// What it is called; `None` takes `default` if that is free, else a random name.
    pub name: Option<KeyName>,
    /// What it may do.
    pub scopes: Scopes,
    /// Whether `*` may be among the scopes.
    pub allow_all: bool,
    /// When it ends; `None` takes the store's default.
    pub expiry: Option<Expiry>,
    /// When it begins.
    pub not_before: Option<Timestamp>,
    /// The token's prefix; `None` takes the store's default.
    pub prefix: Option<Prefix>,
    /// How often in each window.
    pub rate: Option<Rate>,
    /// How often in each period.
    pub quota: Option<Quota>,
    /// From where.
    pub networks: Networks,
    /// For finding it again.
    pub labels: Labels,
    /// Whether an equal key that exists is fine as it is.
    pub if_absent: bool,
}

/// What came of it.
#[derive(Debug)]
pub struct Minted {
    /// The key.
    pub key: Key,
    /// Its fresh token, which was delivered; `None` if an equal key was there already.
    pub token: Option<Token>,
    /// Whether the owner was created with it.
    pub owner_is_new: bool,
}

/// Mints a key. The token is made once, outside the transaction; `deliver` runs before the
/// commit, so that no live key exists whose token nobody has seen.
pub fn mint(env: &mut Env, request: &Request, deliver: &mut dyn Deliver) -> Result<Minted> {
    check_scopes(request)?;
    let prefix = match &request.prefix {
        Some(prefix) => prefix.clone(),
        None => env.store.head()?.default_prefix,
    };
    let token = Token::generate(&prefix, env.random.as_mut())?;
    let hash = digest::hash_token(&token);
    let mut handover = Handover::new(deliver);
    let changed = env.change(
        "mint",
        |tx, random| {
            let planned = plan(tx, request, random, &token)?;
            if !planned.create {
                return Ok((planned, Vec::new()));
            }
            tx.insert_key(&planned.key, &hash);
            let event = env::done("mint", &planned.key, details(&planned));
            Ok((planned, vec![event]))
        },
        |planned| if planned.create { handover.deliver(&token, &planned.key) } else { Ok(()) },
    );
    let Plan { key, create, owner_is_new } = handover.settle(changed)?;
    Ok(Minted { key, token: create.then_some(token), owner_is_new })
}

struct Plan {
    key: Key,
    create: bool,
    owner_is_new: bool,
}

fn details(planned: &Plan) -> serde_json::Value {
    let key = &planned.key;
    json!({
        "token": key.token.prefix,
        "scopes": key.scopes,
        "expires_at": key.expires_at,
        "not_before": key.not_before,
        "rate": key.rate.map(|rate| rate.to_string()),
        "quota": key.quota.map(|quota| quota.to_string()),
        "allow_ip": key.networks,
        "labels": key.labels,
        "owner_created": planned.owner_is_new,
    })
}

fn check_scopes(request: &Request) -> Result<()> {
    if request.scopes.hold_everything() && !request.allow_all {
        return Err(Error::Invalid {
            message: "the scope * allows everything".to_owned(),
            hint: "name the scopes that are needed, or add --allow-all".to_owned(),
        });
    }
    Ok(())
}

fn plan(tx: &mut Tx<'_>, request: &Request, random: &mut dyn Random, token: &Token) -> Result<Plan> {
    let now = tx.now();
    let invalid = |message: String| Error::Invalid { message, hint: "see keyctl mint --help".to_owned() };
    let expiry = request.expiry.or(tx.head().default_expiry.map(Expiry::After)).unwrap_or(Expiry::Never);
    let expires_at = expiry.resolve(now).map_err(|error| invalid(error.to_string()))?;
    if let (Some(start), Some(end)) = (request.not_before, expires_at)
        && start >= end
    {
        return Err(invalid(format!("the key would expire ({end}) before it starts ({start})")));
    }
    let name = match free_name(tx, request, random)? {
        Name::Free(name) => name,
        Name::Taken(key) => return present(request, *key, now),
    };
    let key = Key {
        id: KeyId::generate(now, random)?,
        owner: request.owner.clone(),
        name,
        scopes: request.scopes.clone(),
        networks: request.networks.clone(),
        labels: request.labels.clone(),
        rate: request.rate,
        quota: request.quota,
        created_at: now,
        not_before: request.not_before,
        expires_at,
        suspended_at: None,
        revoked_at: None,
        revoke_reason: None,
        owner_disabled_at: None,
        last_used_at: None,
        generation: 1,
        token: IssuedToken { prefix: token.display_prefix(), created_at: now, expires_at: None },
        previous_token: None,
    };
    let owner_is_new = !tx.owner_exists(&request.owner)?;
    Ok(Plan { key, create: true, owner_is_new })
}

enum Name {
    Free(KeyName),
    Taken(Box<Key>),
}

/// The name asked for; without one, `default`, or a random one if that is taken. With
/// `--if-absent` it is `default` in any case.
fn free_name(tx: &mut Tx<'_>, request: &Request, random: &mut dyn Random) -> Result<Name> {
    let wanted = request.name.clone().unwrap_or_else(KeyName::first);
    match tx.live_key_by_name(&request.owner, &wanted)? {
        None => Ok(Name::Free(wanted)),
        Some(_) if request.name.is_none() && !request.if_absent => Ok(Name::Free(KeyName::generate(random)?)),
        Some(key) => Ok(Name::Taken(Box::new(key))),
    }
}

/// With `--if-absent`, a key that is there, works, and is as asked for, is the answer.
fn present(request: &Request, key: Key, now: Timestamp) -> Result<Plan> {
    let named = format!("{}/{}", key.owner, key.name);
    if !request.if_absent {
        let hint = format!("mint under another --name, or give it a new token: keyctl rotate {named}");
        return Err(Error::conflict(&key, format!("{named} exists already ({})", key.id), hint));
    }
    let state = key.state(now);
    if !matches!(state, State::Active | State::NotYetValid) {
        let hint = match state {
            State::Expired => format!("renew it: keyctl rotate {named} --expires 90d"),
            _ => format!("look at it: keyctl show {named}"),
        };
        return Err(Error::conflict(&key, format!("{named} exists and is {state}"), hint));
    }
    let differing = differences(request, &key);
    if !differing.is_empty() {
        let message = format!("{named} exists and differs in: {}", differing.join(", "));
        let hint = format!("look at it: keyctl show {named}; or mint under another --name");
        return Err(Error::conflict(&key, message, hint));
    }
    Ok(Plan { key, create: false, owner_is_new: false })
}

/// A span until the expiry began with the mint, so only a moment or `never` is compared.
fn differences(request: &Request, key: &Key) -> Vec<&'static str> {
    let expiry_differs = match request.expiry {
        Some(Expiry::At(end)) => key.expires_at != Some(end),
        Some(Expiry::Never) => key.expires_at.is_some(),
        Some(Expiry::After(_)) => key.expires_at.is_none(),
        None => false,
    };
    [
        (request.scopes != key.scopes, "scopes"),
        (request.networks != key.networks, "networks"),
        (request.labels != key.labels, "labels"),
        (request.rate != key.rate, "rate"),
        (request.quota != key.quota, "quota"),
        (request.not_before != key.not_before, "start"),
        (expiry_differs, "expiry"),
    ]
    .into_iter()
    .filter_map(|(differs, what)| differs.then_some(what))
    .collect()
}
