//! What is read of an answer. Nothing of it is believed that nobody here understands.

use std::collections::HashMap;

use serde::Deserialize;
use zeroize::Zeroizing;

use super::error::{LeaseError, LeaseFault};
use super::http::Answer;
use crate::domain::keys::verdict::Denial;
use crate::domain::outbound::member::{Member, text, value};
use crate::domain::secrets::present::Present;
use crate::domain::secrets::secret::SecretValue;
use crate::domain::time::Timestamp;
use crate::runtime::fault::{KeyFault, Unavailable};

/// A token's lease: nobody gets another token under its holder before it ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// As `keyctl lease list` names it.
    pub id: String,
    /// A number that only grows. Who writes elsewhere by a lease sends it along, and what has seen a higher one refuses.
    pub fence: u64,
    /// When it ends by itself.
    pub expires_at: Timestamp,
}

/// What was handed out.
pub(super) struct Given {
    pub(super) credential: String,
    pub(super) version: u64,
    pub(super) value: SecretValue,
    pub(super) present: Present,
    pub(super) expires_at: Option<Timestamp>,
    pub(super) held: Option<(Lease, Zeroizing<String>)>,
}

#[derive(Deserialize)]
struct Taken {
    provider: String,
    credential: String,
    version: u64,
    access_token: Member,
    present: String,
    expires_at: Option<String>,
    lease: Option<Held>,
}

#[derive(Deserialize)]
struct Held {
    id: String,
    fence: u64,
    expires_at: String,
    holder_token: Option<Member>,
}

#[derive(Deserialize)]
struct Renewed {
    lease: Held,
}

fn bad(what: &str) -> LeaseError {
    LeaseFault::Answer.because(format!("what the socket answered is no answer of keyctl serve: {what}"))
}

/// The errors of the parser would repeat what stands there.
fn parse<'a, T: Deserialize<'a>>(answer: &'a Answer) -> Result<T, LeaseError> {
    serde_json::from_slice(&answer.body).map_err(|_| bad("another form of JSON"))
}

fn time(text: &str) -> Result<Timestamp, LeaseError> {
    Timestamp::parse(text).map_err(|_| bad("a time is none"))
}

impl Held {
    fn lease(&self) -> Result<Lease, LeaseError> {
        let is_id = self.id.starts_with("lse_") && self.id.bytes().all(|byte| byte.is_ascii_graphic());
        if !is_id {
            return Err(bad("a lease without an id"));
        }
        Ok(Lease { id: self.id.clone(), fence: self.fence, expires_at: time(&self.expires_at)? })
    }
}

pub(super) fn taken(answer: &Answer, provider: &str) -> Result<Given, LeaseError> {
    let taken: Taken = parse(answer)?;
    if taken.provider != provider {
        return Err(bad("another provider's token"));
    }
    let present = taken
        .present
        .parse()
        .map_err(|_| bad("a token that is presented in a way that is not known here"))?;
    let access_token = value(Some(&taken.access_token));
    // RFC 6749 §A.12. It becomes a header.
    let is_visible = |value: &SecretValue| value.expose().bytes().all(|byte| (b' '..=b'~').contains(&byte));
    let held = match &taken.lease {
        None => None,
        Some(held) => {
            let holder = text(held.holder_token.as_ref()).filter(|holder| !holder.is_empty());
            let holder = holder.ok_or_else(|| bad("a lease without a holder token"))?;
            Some((held.lease()?, Zeroizing::new(holder.to_owned())))
        }
    };
    Ok(Given {
        value: access_token.filter(is_visible).ok_or_else(|| bad("no token"))?,
        present,
        expires_at: taken.expires_at.as_deref().map(time).transpose()?,
        held,
        version: taken.version,
        credential: taken.credential,
    })
}

pub(super) fn renewed(answer: &Answer) -> Result<Lease, LeaseError> {
    parse::<Renewed>(answer)?.lease.lease()
}

/// What an answer means that is no success.
pub(super) fn refused(answer: &Answer) -> LeaseError {
    let members: HashMap<String, Member> = serde_json::from_slice(&answer.body).unwrap_or_default();
    let is_of_client = text(members.get("of")) == Some("api_key");
    let retry_after = answer.retry_after;
    let limited = |error_type| LeaseError::Limited { error_type, retry_after };
    let detail = || {
        text(members.get("detail")).filter(|text| is_shown(text)).unwrap_or("no reason is given").to_owned()
    };
    match (text(members.get("code")).unwrap_or_default(), answer.status) {
        ("BUSY", _) => LeaseError::Busy,
        ("CONFLICT", _) => LeaseError::Ended,
        (KeyFault::TYPE, _) => LeaseFault::NoToken.because(
            "nothing that works is bound for this provider; keyctl oauth list shows the credentials, and serve's log why",
        ),
        (Unavailable::TYPE, _) => LeaseError::Store,
        ("OVERLOADED", _) => limited("OVERLOADED"),
        ("KEY_RATE_LIMIT", _) => limited("KEY_RATE_LIMIT"),
        ("KEY_QUOTA_EXCEEDED", _) => limited("KEY_QUOTA_EXCEEDED"),
        ("RATE_LIMIT", _) => limited("RATE_LIMIT"),
        ("UNAUTHORIZED", _) if is_of_client => LeaseError::Denied(Denial::Unauthorized),
        ("FORBIDDEN", _) if is_of_client => LeaseError::Denied(Denial::Forbidden),
        ("UNAUTHORIZED" | "FORBIDDEN", _) => LeaseFault::CredentialsKey.because(format!(
            "keyctl serve does not let this service in ({}): KEYCTL_CREDENTIALS_KEY_FILE names the file of a key with the \
             scope keyctl:lease",
            detail()
        )),
        ("INVALID_REQUEST", 400) => LeaseError::Asked(detail()),
        (_, 404) => LeaseFault::NotServed.because("keyctl serve hands out no tokens there: it has no --lease-store"),
        (_, status) => bad(&format!("a status {status}")),
    }
}

/// What an answer means that is about a holder's token: that of a lease that is over shows nothing any more.
pub(super) fn refused_holder(answer: &Answer) -> LeaseError {
    match refused(answer) {
        LeaseError::Unavailable { fault: LeaseFault::CredentialsKey, .. } if is_forgotten(answer) => {
            LeaseError::Ended
        }
        error => error,
    }
}

/// A key that lacks the scope is told so by a challenge.
fn is_forgotten(answer: &Answer) -> bool {
    answer.status == 403 && answer.challenge.is_none()
}

/// A line that a log can hold.
fn is_shown(text: &str) -> bool {
    text.len() <= 200 && text.bytes().all(|byte| (b' '..=b'~').contains(&byte))
}
