//! OAuth credentials: kept sealed, and got anew from their providers before they end.
//!
//! docs/leases.md has the algorithm. What is decided stands in [`crate::domain::credentials::next`]; here it is done.

pub(crate) mod add;
pub(crate) mod ahead;
pub(crate) mod ask;
pub(crate) mod current;
mod gate;
pub(crate) mod hold;
pub(crate) mod keep;
pub mod lease;
pub(crate) mod refresh;
pub(crate) mod replace;
pub(in crate::ops) mod restored;
mod sending;
pub(crate) mod show;
pub(crate) mod sign_in;
pub(in crate::ops) mod unshared;
mod write_back;

use serde_json::{Value, json};

use super::error::{Error, Result};
use super::master_keys::{PartPlace, Ring};
use super::near;
use crate::crypto::client_key::ClientKey;
use crate::domain::audit::action::Action;
use crate::domain::audit::event::Event;
use crate::domain::credentials::client::{Client, ClientAuth};
use crate::domain::credentials::credential::{Credential, Part};
use crate::domain::credentials::granted::Granted;
use crate::domain::random::Random;
use crate::domain::secrets::secret::{SecretKind, SecretName, SecretValue};
use crate::domain::texts::near::nearest_name;
use crate::domain::texts::text::Shown;
use crate::domain::time::Timestamp;
use crate::store::{CredentialLookup, SecretLookup as _, Tx};

/// Versions of a credential that are kept beside the current one: what was got a moment ago may be in use.
const KEPT: u64 = 2;

/// What a provider gave.
#[derive(Debug)]
pub(crate) struct Tokens {
    pub access_token: SecretValue,
    /// When it ends; `None`: nobody knows.
    pub expires_at: Option<Timestamp>,
    /// What it may do; empty: nobody knows.
    pub scopes: Granted,
    pub refresh_token: Option<SecretValue>,
}

/// What to do where the provider takes what is kept no more. Where it is known where somebody signs in, that is one command.
pub(crate) fn sign_in_again(credential: &Credential) -> String {
    let name = &credential.secret.name;
    match credential.client.issuer {
        Some(_) => {
            format!(
                "sign in again: keyctl oauth login {name} --replace; or give it new tokens: keyctl oauth replace {name}"
            )
        }
        None => format!("sign in at the provider again, then: keyctl oauth replace {name}"),
    }
}

/// The credential of this name. [`Error::NotFound`] where there is none, or a secret that somebody sets.
fn find(store: &mut impl CredentialLookup, name: &SecretName) -> Result<Credential> {
    if let Some(found) = store.credential(name)? {
        return Ok(found);
    }
    let Some(secret) = store.secret(name)? else { return Err(unknown(store, name)?) };
    Err(Error::NotFound {
        message: format!("the secret {} is no OAuth credential: somebody sets its value", secret.name),
        hint: format!("keyctl secret show {}; keyctl oauth list shows the credentials", secret.name),
    })
}

fn unknown(store: &mut impl CredentialLookup, name: &SecretName) -> Result<Error> {
    let shown = Shown(name.as_str());
    let deleted = store.deleted_secret(name)?.filter(|secret| secret.kind == SecretKind::OAuth);
    if let Some(deleted) = deleted {
        let when = deleted.deleted_at.map(|at| format!(" at {at}")).unwrap_or_default();
        return Ok(Error::NotFound {
            message: format!("the credential {shown} was deleted{when}"),
            hint: format!("bring it back with: keyctl secret rollback {shown}"),
        });
    }
    let names = store.credentials_beside(name)?;
    let meant = nearest_name(name.as_str(), names, SecretName::as_str);
    Ok(near::not_found(format!("there is no credential {shown}"), meant, "keyctl oauth list shows all"))
}

/// A token that ended, and that no other one follows, is none.
fn check_alive(tokens: &Tokens, now: Timestamp) -> Result<()> {
    match tokens.expires_at.filter(|end| *end <= now) {
        Some(end) if tokens.refresh_token.is_none() => Err(Error::Invalid {
            message: format!("the access token ended at {end}, and there is no refresh token"),
            hint: "give the refresh token, too, or sign in again".to_owned(),
        }),
        _ => Ok(()),
    }
}

/// What is wrong with what a client is to prove itself by, before it is kept.
fn check_client(client: &Client, secret: Option<&SecretValue>) -> Result<()> {
    let auth = client.auth.as_str();
    match (client.auth.needs(), secret) {
        (Some(needed), None) => Err(Error::Invalid {
            message: format!("a client that proves itself by {auth} needs its {needed}"),
            hint: format!(
                "give it on standard input, as \"{needed}\" of the JSON object, or choose another --client-auth"
            ),
        }),
        (None, Some(_)) => Err(Error::Invalid {
            message: "a public client has no secret, and one was given".to_owned(),
            hint: "say how it is sent, as in --client-auth client_secret_basic".to_owned(),
        }),
        (Some(_), Some(key)) if client.auth == ClientAuth::PrivateKeyJwt => {
            ClientKey::from_pem(key).map(drop).map_err(|error| Error::Invalid {
                message: format!("the client's private key cannot be used: {error}"),
                hint: "give it with its lines, written \\n in JSON".to_owned(),
            })
        }
        _ => Ok(()),
    }
}

/// Seals a part of a credential under the version that its secret has now.
fn put_part(
    tx: &mut Tx<'_>,
    random: &mut dyn Random,
    ring: &Ring,
    credential: &Credential,
    part: Part,
    value: &SecretValue,
) -> Result<()> {
    let secret = &credential.secret;
    let endpoint = &credential.client.token_endpoint;
    let place = PartPlace { secret: secret.id, part, version: secret.version, endpoint };
    let envelope = ring.seal_part(&place, value, random)?;
    tx.put_part(secret.id, part, secret.version, &envelope);
    tx.count_encryptions(ring.current(), 1);
    Ok(())
}

/// Takes away access tokens that nobody uses any more, and leases that have ended.
fn forget_old(tx: &mut Tx<'_>, credential: &Credential) -> Result<()> {
    let secret = &credential.secret;
    tx.forget_ended_leases(secret.id);
    for version in tx.secret_versions(secret.id)? {
        if version.version + KEPT < secret.version {
            tx.purge_secret_version(secret.id, version.version);
        }
    }
    Ok(())
}

/// A record about a credential, with all that decides about it.
fn recorded(action: Action, credential: &Credential, more: Value) -> Event {
    let Credential { secret, client, state, .. } = credential;
    let mut details = json!({ "secret": secret.id, "name": secret.name, "provider": secret.provider,
        "version": secret.version, "master_key": secret.master_key_id, "expires_at": secret.expires_at,
        "token_endpoint": client.token_endpoint, "client_id": client.id, "client_auth": client.auth,
        "issuer": client.issuer, "scopes": credential.scopes, "refresh_invalidates": credential.refresh_invalidates,
        "state": state.as_str() });
    if let (Value::Object(details), Value::Object(more)) = (&mut details, more) {
        details.extend(more);
    }
    Event::done(action, details)
}
