//! New tokens for a credential, from somebody who signed in again. They count at once, whatever is under way.

use serde_json::json;

use super::{Tokens, check_alive, check_client, find, forget_old, put_part, recorded, unshared};
use crate::domain::audit::action::Action;
use crate::domain::credentials::credential::{Credential, CredentialState, Part};
use crate::domain::random::Random;
use crate::domain::secrets::secret::{Secret, SecretName, SecretValue};
use crate::domain::texts::text::Shown;
use crate::ops::change::Done;
use crate::ops::env::Env;
use crate::ops::error::{Conflict, Error, Result};
use crate::ops::master_keys::Ring;
use crate::ops::secrets::set::{can_seal, seal};
use crate::store::{Store, Tx};

/// What takes the place of what a credential had.
#[derive(Debug)]
pub(crate) struct Replacement<'r> {
    pub tokens: &'r Tokens,
    /// `None`: it stays.
    pub client_secret: Option<&'r SecretValue>,
    /// Whether the new tokens may do less, and may be the last: without a refresh token.
    pub narrower: bool,
}

/// Whether it could be replaced: before anybody is asked for a token.
pub(crate) fn ready(store: &mut Store, ring: &Ring, name: &SecretName) -> Result<Credential> {
    let found = find(store, name)?;
    can_seal(store, ring, &found.secret.provider)?;
    Ok(found)
}

pub(crate) fn replace(
    env: &mut Env,
    ring: &Ring,
    name: &SecretName,
    new: &Replacement<'_>,
) -> Result<Credential> {
    env.change_sealing(Action::OauthReplace, |tx, random| replace_in(tx, random, ring, name, new))
}

fn replace_in(
    tx: &mut Tx<'_>,
    random: &mut dyn Random,
    ring: &Ring,
    name: &SecretName,
    new: &Replacement<'_>,
) -> Result<Done<Credential>> {
    let mut events = ring.check_sealing(tx)?;
    let found = find(tx, name)?;
    let tokens = new.tokens;
    if let Some(secret) = new.client_secret {
        check_client(&found.client, Some(secret))?;
    }
    check_not_less(&found, new)?;
    let (at, before) = (tx.now(), found.secret.version);
    check_alive(tokens, at)?;
    let secret = Secret {
        version: before + 1,
        version_created_at: at,
        master_key_id: ring.current(),
        expires_at: tokens.expires_at,
        ..found.secret.clone()
    };
    // What is not said of the new tokens is not known of them.
    let credential = Credential {
        secret,
        scopes: tokens.scopes.clone(),
        state: CredentialState::Good,
        has_refresh_token: tokens.refresh_token.is_some(),
        ..found
    };
    seal(tx, random, ring, &credential.secret, &tokens.access_token)?;
    tx.update_secret(&credential.secret);
    tx.update_credential(&credential);
    tx.end_attempts(credential.secret.id, before);
    match &tokens.refresh_token {
        Some(token) => {
            unshared::check(tx, ring, credential.secret.id, &credential.client.token_endpoint, token)?;
            put_part(tx, random, ring, &credential, Part::Refresh, token)?;
        }
        None => tx.remove_part(credential.secret.id, Part::Refresh),
    }
    if let Some(secret) = new.client_secret {
        put_part(tx, random, ring, &credential, Part::Client, secret)?;
    }
    forget_old(tx, &credential)?;
    let more = json!({ "old_version": before, "refreshable": credential.has_refresh_token });
    events.push(recorded(Action::OauthReplace, &credential, more));
    Ok(Done { result: credential, events })
}

/// Nothing that the credential could do is taken from it by a slip.
fn check_not_less(found: &Credential, new: &Replacement<'_>) -> Result<()> {
    let Credential { secret: Secret { name, .. }, scopes, .. } = found;
    if new.narrower {
        return Ok(());
    }
    if found.has_refresh_token && new.tokens.refresh_token.is_none() {
        let message = format!("the credential {name} has a refresh token, and the new tokens have none");
        let hint = "give it, too; or, if it is meant to end with its token, add --allow-narrower";
        return Err(Conflict::new(message, hint).into());
    }
    if !scopes.is_empty() && new.tokens.scopes.is_empty() {
        return Err(Error::Invalid {
            message: format!(
                "it is not said what the new tokens of {name} may do; those before: {}",
                Shown(&scopes.to_string())
            ),
            hint: "add --scope for each, or give the provider's whole answer with its \"scope\"".to_owned(),
        });
    }
    let lacking = scopes.lacking_in(&new.tokens.scopes);
    if lacking.is_empty() {
        return Ok(());
    }
    let message = format!("the new tokens of {name} may do less: they lack {}", Shown(&lacking.join(" ")));
    Err(Conflict::new(message, "sign in again for all of them; or, if it is meant, add --allow-narrower")
        .into())
}
