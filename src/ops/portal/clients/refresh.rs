//! A refresh token for tokens (RFC 6749 §6): each works once, and comes with the next (OAuth 2.1 §4.3.1).
//!
//! One that was used is brought by whoever took it, or by who did not get the answer: nobody can tell, and the sign-in ends either
//! way. There is no time within which the same one is answered again, since a thief would be as welcome in it.

use serde_json::json;

use super::end::end;
use super::redeem::{ended, until};
use super::tokens::{Brought, NoTokens, Tokens, access, change, check_child};
use crate::crypto::digest::same;
use crate::domain::audit::action::Action;
use crate::domain::audit::event::Event;
use crate::domain::mcp::errors::OauthError::InvalidGrant;
use crate::domain::mcp::secrets::RefreshToken;
use crate::domain::mcp::sign_in::Standing;
use crate::ops::change::Done;
use crate::ops::env::Env;
use crate::ops::master_keys::Ring;
use crate::ops::portal::who::hash_of;
use crate::ops::tokens::issue::signer;
use crate::store::{GrantLookup as _, Lookup as _, SignInLookup as _};

/// Gives tokens for a refresh token, and the next one. What it came to is written before this returns.
pub(crate) fn refresh(
    env: &mut Env,
    ring: &Ring,
    presented: &RefreshToken,
    brought: &Brought,
) -> Result<Tokens, NoTokens> {
    let (family, hash) = (hash_of(presented.family()), hash_of(presented.expose()));
    let unknown = || NoTokens::Refused(InvalidGrant, "no_such_token");
    // Ahead: whoever guesses makes no change, and what cannot be signed uses up nothing.
    env.store.mcp_sign_in_by_family(&family)?.ok_or_else(unknown)?;
    let signer = signer(&mut env.store, ring)?;
    let next = presented.next(env.random.as_mut())?;
    let next_hash = hash_of(next.expose());
    let issued = change(env, Action::ClientRefresh, |tx, random| {
        let found = tx.mcp_sign_in_by_family(&family)?.ok_or_else(unknown)?;
        let (sign_in, now) = (found.sign_in, tx.now());
        let grant = tx.mcp_grant(sign_in.key)?.ok_or_else(unknown)?;
        let is_last = same(found.last.as_bytes(), hash.as_str().as_bytes());
        match sign_in.of_refresh(is_last, now) {
            Standing::Ended => return Err(NoTokens::Refused(InvalidGrant, "ended")),
            Standing::Late => return Err(NoTokens::Refused(InvalidGrant, "token_late")),
            Standing::Used => {
                return Ok(ended(end(tx, &sign_in, "token_used_again")?, "token_used_again"));
            }
            Standing::Good => {}
        }
        if brought.client != grant.client {
            return Ok(ended(end(tx, &sign_in, "other_client")?, "other_client"));
        }
        let child = tx.key_by_id(sign_in.key)?.ok_or_else(unknown)?;
        check_child(&child, now)?;
        let issued = access(tx, random, &signer, (&child, &grant), brought)?;
        tx.refresh_mcp_sign_in(sign_in.id, &next_hash, until(now, child.lifetime().ends_at()));
        let details = json!({ "sign_in": sign_in.id, "jti": issued.claims.serial, "kid": signer.kid() });
        let event = Event::done(Action::ClientRefresh, details).on(&child);
        Ok(Done::with(Ok(issued), event))
    })?;
    Ok(Tokens {
        access: issued.token,
        expires_in: issued.expires_in,
        refresh: Some(next),
        scopes: issued.claims.scopes,
    })
}
