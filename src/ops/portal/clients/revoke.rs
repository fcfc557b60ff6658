//! A client gives its refresh token back (RFC 7009): its sign-in ends, with all that came of it.

use super::end::end;
use super::tokens::{NoTokens, change};
use crate::domain::audit::action::Action;
use crate::domain::mcp::client::ClientRef;
use crate::domain::mcp::errors::OauthError::InvalidGrant;
use crate::domain::mcp::secrets::RefreshToken;
use crate::ops::change::Done;
use crate::ops::env::Env;
use crate::ops::portal::who::hash_of;
use crate::store::{GrantLookup as _, SignInLookup as _};

/// Ends the sign-in that a refresh token is of, be it the last one or one before. `false` for one that nobody knows, that is over, or
/// that is another client's: what a client is told is the same (§2.2).
pub(crate) fn revoke(env: &mut Env, client: &ClientRef, presented: &RefreshToken) -> Result<bool, NoTokens> {
    let family = hash_of(presented.family());
    let Some(found) = env.store.mcp_sign_in_by_family(&family)? else { return Ok(false) };
    let is_theirs = env.store.mcp_grant(found.sign_in.key)?.is_some_and(|grant| grant.client == *client);
    if !is_theirs {
        return Ok(false);
    }
    change(env, Action::ClientEnd, |tx, _| {
        let unknown = NoTokens::Refused(InvalidGrant, "no_such_token");
        let sign_in = tx.mcp_sign_in_by_family(&family)?.ok_or(unknown)?.sign_in;
        if !sign_in.lasts(tx.now()) {
            return Ok(Done::unchanged(Ok(false)));
        }
        let Done { events, .. } = end(tx, &sign_in, "revoked")?;
        Ok(Done { result: Ok(true), events })
    })
}
