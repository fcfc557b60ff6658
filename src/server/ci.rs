//! A pipeline exchanges the token of its CI for one of ours (RFC 8693), without a key.
//!
//! Whoever presents it is told `invalid_grant` of whatever is wrong with it; the reason stands in the log.

use super::app::App;
use super::form::Form;
use super::refusal::{Refusal, failure};
use crate::domain::keys::verdict::Reason;
use crate::domain::tokens::audience::Issuer;
use crate::domain::trusts::ci_token::NotTrusted;
use crate::domain::trusts::terms::{Trust, TrustName};
use crate::ops::tokens::ci_token::{Brought, Refused};
use crate::ops::tokens::issuer_keys::{Keys, given};
use crate::runtime::serving::Caller;

/// RFC 8693 §3: an ID token is a JWT, too.
pub(super) const TYPES: [&str; 2] =
    ["urn:ietf:params:oauth:token-type:jwt", "urn:ietf:params:oauth:token-type:id_token"];

/// Seconds after which an issuer that could not be asked may be asked again.
const AGAIN: u64 = 10;

/// The key that a pipeline's token lets in, and the trust by which it does. `client_id` names one where several would.
pub(super) async fn let_in(app: &App, token: &str, form: &Form) -> Result<(Caller, Trust), Refusal> {
    let wrong = |why: Refused| failure("invalid_grant", why.reason());
    let not_trusted = |why: NotTrusted| wrong(why.into());
    let callers = app.callers()?;
    let now = callers.now().ok_or(Refusal::Unavailable("clock"))?;
    let brought = Brought::read(token, now).map_err(wrong)?;
    let issuer: Issuer = brought.issuer().parse().map_err(|_| not_trusted(NotTrusted::Issuer))?;
    let named: Option<TrustName> =
        form.get("client_id").map(str::parse).transpose().map_err(|_| not_trusted(NotTrusted::Name))?;
    let trusts = callers.trusts_of(issuer.as_str()).await?;
    let trust = brought.choose(&trusts, named.as_ref()).map_err(wrong)?;
    let keys = keys(app, trust, brought.kid()).await?;
    brought.verify(&keys).map_err(wrong)?;
    let caller = callers.holder_without_token(trust.key).await?;
    if caller.grant().is_none() {
        // Deleted between the two reads.
        return Err(failure("invalid_grant", Reason::Unknown.as_str()));
    }
    Ok((caller, trust.clone()))
}

/// The keys of whom a trust is about: those that were given, or those that are fetched.
async fn keys(app: &App, trust: &Trust, kid: Option<&str>) -> Result<Keys, Refusal> {
    if let Some(set) = &trust.terms.keys {
        return given(set.as_str()).map_err(|_| Refusal::Unavailable("trust_keys"));
    }
    let issuers = app.issuers().ok_or(Refusal::Unavailable("no_signer"))?;
    issuers.keys(&trust.terms.issuer, kid).await.map_err(|_| Refusal::Oauth {
        status: 503,
        error: "temporarily_unavailable",
        reason: "issuer_unreachable",
        is_basic: false,
        after: Some(AGAIN),
    })
}
