//! A new trust, with the key that it lets in.

use serde_json::{Value, json};

use crate::crypto::digest;
use crate::domain::audit::action::Action;
use crate::domain::audit::event::Event;
use crate::domain::keys::key::Key;
use crate::domain::keys::token::TokenHash;
use crate::domain::owners::owner::KeyName;
use crate::domain::trusts::terms::{Terms, Trust, TrustName};
use crate::ops::change::Done;
use crate::ops::env::Env;
use crate::ops::error::{Conflict, Error, Result};
use crate::ops::keys::allowed;
use crate::ops::keys::mint::{self, Fresh, Planned};
use crate::store::{TrustLookup as _, Tx};

/// What is wanted: the terms, and the key as `mint` would make it, but for its token.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub name: TrustName,
    pub terms: Terms,
    /// Its name is the trust's, whatever stands there.
    pub key: mint::Request,
}

#[derive(Debug)]
pub(crate) struct Added {
    pub trust: Trust,
    pub key: Key,
    pub owner_is_new: bool,
}

/// Makes a trust, and a key without a token for it. Whether whoever asks knows what the terms let in was checked by
/// [`Terms::check`].
pub(crate) fn add(env: &mut Env, request: &Request) -> Result<Added> {
    mint::check_everything(&request.key.scopes, request.key.allow_all)?;
    let fresh = Fresh::draw(&env.store.default_prefix()?, env.random.as_mut())?;
    env.change(Action::TrustAdd, |tx| add_in(tx, request, &fresh))
}

/// The token that is among what was drawn is of no account.
pub(crate) fn add_in(tx: &mut Tx<'_>, request: &Request, fresh: &Fresh) -> Result<Done<Added>> {
    request.terms.check().map_err(|error| Error::Invalid {
        message: error.to_string(),
        hint: "or let any branch in, on purpose: --any-ref".to_owned(),
    })?;
    let name = &request.name;
    if let Some(there) = tx.trust(name)? {
        let hint = format!(
            "choose another name, or delete the one that is there, which revokes its key {}: keyctl trust delete {name}",
            there.key
        );
        return Err(Conflict::new(format!("the trust {name} exists already"), hint).into());
    }
    let wanted = mint::Request { name: Some(key_name(name)?), if_absent: false, ..request.key.clone() };
    let Planned { key, owner_is_new, .. } = mint::plan(tx, &wanted, fresh)?;
    let key = Key { token: None, ..key };
    let trust = Trust { name: name.clone(), terms: request.terms.clone(), key: key.id, created_at: tx.now() };
    let allowed = allowed::allow(tx, &key, None)?;
    tx.insert_tokenless_key(allowed);
    tx.insert_trust(&trust);
    let minted = Event::done(Action::Mint, mint::details(&key, owner_is_new)).on(&key);
    let added = Event::done(Action::TrustAdd, details(&trust)).on(&key);
    Ok(Done { result: Added { trust, key, owner_is_new }, events: vec![minted, added] })
}

/// Names of both are of one form.
fn key_name(name: &TrustName) -> Result<KeyName> {
    name.as_str().parse().map_err(|error| Error::Invalid {
        message: format!("no key can be called {name}: {error}"),
        hint: "choose another name".to_owned(),
    })
}

/// What decides of a trust, as records and `store check` spell it.
pub(in crate::ops) fn attributes(trust: &Trust) -> [(&'static str, Value); 7] {
    let Terms { issuer, audience, claims, any_ref, ttl, keys } = &trust.terms;
    [
        ("issuer", json!(issuer)),
        ("audience", json!(audience)),
        ("claims", json!(claims)),
        ("any_ref", json!(any_ref)),
        ("ttl_seconds", json!(ttl.span().as_secs())),
        ("jwks_sha256", json!(keys.as_ref().map(|keys| sha256(keys.as_str())))),
        ("key", json!(trust.key)),
    ]
}

fn sha256(text: &str) -> String {
    TokenHash::from_digest(&digest::fingerprint(text)).as_str().to_owned()
}

fn details(trust: &Trust) -> Value {
    let mut details: serde_json::Map<String, Value> =
        attributes(trust).into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    details.insert("trust".to_owned(), json!(trust.name));
    Value::Object(details)
}
