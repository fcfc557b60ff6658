//! From a client's token to the provider's secret: what every runtime service does.

use super::nearest::{Effective, Holder, effective};
use crate::domain::keys::verdict::{Asked, Grant, Reason, Verdict};
use crate::domain::secrets::secret::Provider;
use crate::domain::time::Timestamp;
use crate::ops::error::Result;
use crate::ops::keys::verify::verify;
use crate::store::Store;

/// What a token leads to.
#[derive(Debug)]
pub enum Resolved {
    /// It was rejected, and no secret was looked for.
    Denied(Reason),
    /// It was accepted, and this is the secret, still sealed.
    Found { grant: Grant, secret: Box<Effective>, at: Timestamp },
}

/// Verifies a token and finds the secret that its key gets for a provider, both of one state of
/// the store. Only then is [`crate::ops::Error::KeyUnavailable`] said: to a client with a bad
/// token it says nothing.
pub fn resolve(store: &mut Store, token: &str, asked: &Asked, provider: &Provider) -> Result<Resolved> {
    store.snapshot(|store| {
        let grant = match verify(store, token, asked)? {
            Verdict::Denied(reason) => return Ok(Resolved::Denied(reason)),
            Verdict::Allowed(grant) => grant,
        };
        let at = store.now()?;
        let shown = format!("{}/{}", grant.owner, grant.key_name);
        let holder = Holder::key(grant.key_id, &grant.owner, shown);
        let secret = Box::new(effective(store, &holder, provider, at)?);
        Ok(Resolved::Found { grant, secret, at })
    })
}
