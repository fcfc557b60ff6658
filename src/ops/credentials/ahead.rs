//! New tokens before anybody waits for them: for readers that only read, there is no other time.

use super::current::{Current, How, current};
use crate::domain::credentials::credential::{Credential, CredentialState};
use crate::domain::credentials::next::{Need, is_due};
use crate::domain::time::Span;
use crate::ops::env::Env;
use crate::ops::error::{Error, Result};
use crate::ops::master_keys::Ring;

/// Gets a new token for each credential that is bound to somebody and ends within that, and calls `each` for it. What goes
/// wrong with one is none of the others' business.
pub(crate) fn refresh_due<E: From<Error>>(
    env: &mut Env,
    ring: &Ring,
    how: &How<'_>,
    min_valid: Span,
    mut each: impl FnMut(&Credential, Result<Current>) -> Result<(), E>,
) -> Result<(), E> {
    let need = Need { min_valid, not_version: None };
    let mut after: Option<Credential> = None;
    loop {
        let page = env.store.credentials(after.as_ref(), false).map_err(Error::from)?;
        for credential in &page {
            let now = env.store.now().map_err(Error::from)?;
            let secret = &credential.secret;
            let is_used = secret.bindings > 0 && credential.has_refresh_token;
            if is_used && credential.state == CredentialState::Good && is_due(secret, min_valid, now) {
                each(credential, current(env, ring, how, &secret.name, &need))?;
            }
        }
        match page.into_iter().next_back() {
            Some(last) => after = Some(last),
            None => return Ok(()),
        }
    }
}
