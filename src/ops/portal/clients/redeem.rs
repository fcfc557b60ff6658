//! A code for tokens, once (RFC 6749 §4.1.3).
//!
//! Whoever brings a code that was used, or one that is another client's, has it from somewhere: all that came of it ends.

use serde_json::json;

use super::end::end;
use super::tokens::{Brought, NoTokens, Tokens, access, change, check_child};
use crate::crypto::pkce::proves;
use crate::domain::audit::action::Action;
use crate::domain::audit::event::Event;
use crate::domain::keys::token::TokenHash;
use crate::domain::mcp::errors::OauthError::InvalidGrant;
use crate::domain::mcp::pkce::Verifier;
use crate::domain::mcp::secrets::{AuthorizationCode, RefreshToken};
use crate::domain::mcp::sign_in::{Grant, SignIn, Standing};
use crate::domain::time::Timestamp;
use crate::ops::change::Done;
use crate::ops::env::Env;
use crate::ops::master_keys::Ring;
use crate::ops::portal::who::hash_of;
use crate::ops::tokens::issue::signer;
use crate::store::{GrantLookup as _, Lookup as _, SignInLookup as _};

/// What a client brings for its first tokens.
#[derive(Debug)]
pub(crate) struct Redemption {
    pub code: AuthorizationCode,
    pub proof: Proof,
}

/// What shows that whoever brings a code is who asked for it.
#[derive(Debug)]
pub(crate) struct Proof {
    pub verifier: Verifier,
    /// As the browser was sent there; `None` where it is not said, which OAuth 2.1 allows.
    pub redirect_uri: Option<String>,
    pub brought: Brought,
}

/// Gives tokens for a code. What it came to is written before this returns.
pub(crate) fn redeem(env: &mut Env, ring: &Ring, redemption: &Redemption) -> Result<Tokens, NoTokens> {
    by_hash(env, ring, &hash_of(redemption.code.expose()), &redemption.proof)
}

/// The same by the hash of the code.
pub(super) fn by_hash(
    env: &mut Env,
    ring: &Ring,
    hash: &TokenHash,
    proof: &Proof,
) -> Result<Tokens, NoTokens> {
    // Ahead: whoever guesses makes no change, and what cannot be signed uses up nothing.
    if env.store.mcp_sign_in_by_code(hash)?.is_none() {
        return Err(NoTokens::Refused(InvalidGrant, "no_such_code"));
    }
    let signer = signer(&mut env.store, ring)?;
    let refresh = RefreshToken::generate(env.random.as_mut())?;
    let hashes = (hash_of(refresh.family()), hash_of(refresh.expose()));
    let (issued, refreshes) = change(env, Action::ClientRedeem, |tx, random| {
        let found = tx.mcp_sign_in_by_code(hash)?;
        let sign_in = found.ok_or(NoTokens::Refused(InvalidGrant, "no_such_code"))?;
        let grant = tx.mcp_grant(sign_in.key)?.ok_or(NoTokens::Refused(InvalidGrant, "unknown"))?;
        let now = tx.now();
        match sign_in.of_code(now) {
            Standing::Ended => return Err(NoTokens::Refused(InvalidGrant, "ended")),
            Standing::Late => return Err(NoTokens::Refused(InvalidGrant, "code_late")),
            Standing::Used => {
                return Ok(ended(end(tx, &sign_in, "code_used_again")?, "code_used_again"));
            }
            Standing::Good => {}
        }
        if let Some(why) = not_theirs(proof, &sign_in, &grant) {
            return Ok(ended(end(tx, &sign_in, why)?, why));
        }
        let child = tx.key_by_id(sign_in.key)?.ok_or(NoTokens::Refused(InvalidGrant, "unknown"))?;
        check_child(&child, now)?;
        let issued = access(tx, random, &signer, (&child, &grant), &proof.brought)?;
        let until = if sign_in.refreshes {
            until(now, child.lifetime().ends_at())
        } else {
            Timestamp::from_millis(issued.claims.expires_at.saturating_mul(1000)).unwrap_or(now)
        };
        tx.redeem_mcp_sign_in(sign_in.id, (&hashes.0, &hashes.1), until);
        let details = json!({ "sign_in": sign_in.id, "jti": issued.claims.serial, "kid": signer.kid() });
        let event = Event::done(Action::ClientRedeem, details).on(&child);
        Ok(Done::with(Ok((issued, sign_in.refreshes)), event))
    })?;
    Ok(Tokens {
        access: issued.token,
        expires_in: issued.expires_in,
        // What nobody was handed is good for nothing.
        refresh: refreshes.then_some(refresh),
        scopes: issued.claims.scopes,
    })
}

/// Until when a refresh token is good that is handed out now.
pub(super) fn until(now: Timestamp, key_ends: Option<Timestamp>) -> Timestamp {
    let idle = now.after(SignIn::IDLE).unwrap_or(now);
    key_ends.map_or(idle, |end| end.min(idle))
}

/// Committed, and then refused.
pub(super) fn ended<T>(done: Done<()>, why: &'static str) -> Done<super::tokens::Outcome<T>> {
    Done { result: Err((InvalidGrant, why)), events: done.events }
}

/// Why whoever brings the code is not who asked for it.
fn not_theirs(proof: &Proof, sign_in: &SignIn, grant: &Grant) -> Option<&'static str> {
    if proof.brought.client != grant.client {
        return Some("other_client");
    }
    let is_there = |uri: &String| uri == sign_in.redirect_uri.as_str();
    if !proof.redirect_uri.as_ref().is_none_or(is_there) {
        return Some("other_redirect_uri");
    }
    (!proves(&proof.verifier, &sign_in.challenge)).then_some("pkce")
}
