//! A credential that somebody got elsewhere.

use serde_json::json;

use super::{Tokens, check_alive, check_client, put_part, recorded, unshared};
use crate::domain::audit::action::Action;
use crate::domain::credentials::client::{Account, Client};
use crate::domain::credentials::credential::{Credential, CredentialState, Part};
use crate::domain::id::IdSeed;
use crate::domain::keys::label::Labels;
use crate::domain::random::Random;
use crate::domain::secrets::secret::{Provider, Secret, SecretId, SecretKind, SecretName, SecretValue};
use crate::ops::change::Done;
use crate::ops::env::Env;
use crate::ops::error::{Conflict, Error, Result};
use crate::ops::master_keys::Ring;
use crate::ops::secrets::set::{can_seal, check_new_name, seal};
use crate::store::{SecretLookup as _, Store, Tx};

/// What becomes a credential, but for its tokens.
#[derive(Debug)]
pub(crate) struct New<'n> {
    pub name: &'n SecretName,
    pub provider: &'n Provider,
    pub client: &'n Client,
    pub client_secret: Option<&'n SecretValue>,
    pub account: Option<&'n Account>,
    pub refresh_invalidates: bool,
}

/// Whether it could be kept: before anybody is asked for a token.
pub(crate) fn ready(store: &mut Store, ring: &Ring, name: &SecretName, provider: &Provider) -> Result<()> {
    if store.secret(name)?.is_some() {
        return Err(taken(name));
    }
    check_new_name(provider, name)?;
    can_seal(store, ring, provider)
}

fn taken(name: &SecretName) -> Error {
    let message = format!("there is a secret {name} already");
    Conflict::new(
        message,
        format!(
            "choose another name, or give a credential new tokens: keyctl oauth replace {name}, or keyctl oauth login {name} --replace"
        ),
    )
    .into()
}

pub(crate) fn add(env: &mut Env, ring: &Ring, new: &New<'_>, tokens: &Tokens) -> Result<Credential> {
    check_client(new.client, new.client_secret)?;
    let id = IdSeed::draw(env.random.as_mut())?;
    env.change_sealing(Action::OauthAdd, |tx, random| add_in(tx, random, ring, new, tokens, id))
}

fn add_in(
    tx: &mut Tx<'_>,
    random: &mut dyn Random,
    ring: &Ring,
    new: &New<'_>,
    tokens: &Tokens,
    id: IdSeed,
) -> Result<Done<Credential>> {
    let mut events = ring.check_sealing(tx)?;
    if tx.secret(new.name)?.is_some() {
        return Err(taken(new.name));
    }
    check_new_name(new.provider, new.name)?;
    let at = tx.now();
    check_alive(tokens, at)?;
    let secret = Secret {
        id: SecretId::at(at, id),
        provider: new.provider.clone(),
        name: new.name.clone(),
        kind: SecretKind::OAuth,
        labels: Labels::default(),
        created_at: at,
        expires_at: tokens.expires_at,
        deleted_at: None,
        version: 1,
        version_created_at: at,
        master_key_id: ring.current(),
        bindings: 0,
    };
    let credential = Credential {
        client: new.client.clone(),
        account: new.account.cloned(),
        scopes: tokens.scopes.clone(),
        refresh_invalidates: new.refresh_invalidates,
        state: CredentialState::Good,
        has_refresh_token: tokens.refresh_token.is_some(),
        refreshed_at: None,
        attempt: None,
        secret,
    };
    tx.insert_secret(&credential.secret);
    seal(tx, random, ring, &credential.secret, &tokens.access_token)?;
    tx.insert_credential(&credential);
    if let Some(token) = &tokens.refresh_token {
        unshared::check(tx, ring, credential.secret.id, &credential.client.token_endpoint, token)?;
        put_part(tx, random, ring, &credential, Part::Refresh, token)?;
    }
    if let Some(secret) = new.client_secret {
        put_part(tx, random, ring, &credential, Part::Client, secret)?;
    }
    let more = json!({ "refreshable": credential.has_refresh_token });
    events.push(recorded(Action::OauthAdd, &credential, more));
    Ok(Done { result: credential, events })
}
