//! The key of its own that a server behind a gateway gets, in the answer that lets a request pass: the provider's secret that
//! the client's key is bound to, and that the client never sees.
//!
//! Provider and header are the policy's, so whoever asks chooses neither. Only where nobody can read along, and written down
//! each time, as by `POST /resolve`.

use std::sync::Arc;

use hyper::header::{HeaderName, HeaderValue};

use super::app::{App, Resolved};
use super::broker::{MIN_VALID, Wish};
use super::door::Door;
use super::identity::Identity;
use super::lease::{disclosed, named};
use super::refusal::Refusal;
use crate::domain::keys::verdict::{Asked, Grant};
use crate::domain::policies::policy::Policy;
use crate::domain::policies::upstream::UpstreamKey;
use crate::domain::secrets::secret::SecretValue;
use crate::runtime::serving::HandedOut;

/// Bytes of the header's value at most: gateways bound an answer's head, nginx by `proxy_buffer_size`.
const LONGEST: usize = 8 * 1024;

/// What is put into an answer, and then to be written down.
pub(super) struct Found {
    header: HeaderName,
    value: HeaderValue,
    pub(super) handed_out: HandedOut,
}

impl Found {
    pub(super) fn into(self, identity: Identity) -> Identity {
        identity.with_upstream_key(self.header, Some(self.value))
    }
}

/// Nobody's: the header stands there, empty, since a gateway may keep the client's own in place of one that is missing.
pub(super) fn none(policy: Option<&Policy>, identity: Identity) -> Identity {
    match policy.and_then(|policy| name(policy.upstream_key.as_ref()?)) {
        None => identity,
        Some(header) => identity.with_upstream_key(header, None),
    }
}

fn name(wanted: &UpstreamKey) -> Option<HeaderName> {
    HeaderName::try_from(wanted.header.as_str()).ok()
}

/// What a good key, which this token presented for what is asked, leads to.
pub(super) async fn find(
    app: &App,
    door: Door,
    token: &str,
    (grant, asked): (&Arc<Grant>, &Asked),
    wanted: &UpstreamKey,
) -> Result<Found, Refusal> {
    if !door.private {
        return Err(Refusal::Policy("not_private"));
    }
    if !app.uses.are_kept().await {
        // Who got which secret is always written down.
        return Err(Refusal::Unavailable("not_recorded"));
    }
    let header = name(wanted).ok_or(Refusal::KeyUnavailable("header"))?;
    let found = |value: &SecretValue, handed_out| {
        presented(wanted, value).map(|value| Found { header: header.clone(), value, handed_out })
    };
    let place = (grant.key_id, wanted.provider.clone());
    // What ends soon is got anew by whoever gives it.
    let ends_soon = |end| app.ends_within(end, MIN_VALID);
    if let Some(opened) = app.upstream_keys.get(&place, app.callers()?.counter())
        && !opened.kept.expires_at.is_some_and(ends_soon)
    {
        return found(&opened.kept.value, opened.kept.handed_out);
    }
    let wish = Wish {
        key: grant.key_id,
        asked_by: grant.key_id,
        who: named(grant),
        provider: wanted.provider.clone(),
        min_valid: MIN_VALID,
        lease: None,
    };
    let (secret, counter) = app.secret_of(grant, &wish).await?;
    // The binding was read after the key: whatever was taken away from it in between is known by now.
    let again = app.caller(token).await?;
    let judged = again.judge(asked, app.counts_uses());
    let now = judged.map_err(|reason| Refusal::Denied { reason, needs: asked.scope.clone() })?;
    if (now.key_id, &now.owner) != (grant.key_id, &grant.owner) {
        // It may be the binding of whoever has the owner's name now.
        return Err(Refusal::Unavailable("changing"));
    }
    match secret {
        Resolved::Got(handed) => found(&handed.value, disclosed(&handed, &wish)),
        Resolved::Kept(kept) => {
            let opened = found(&kept.value, kept.handed_out);
            if opened.is_ok() {
                app.upstream_keys.put(place, kept, counter);
            }
            opened
        }
    }
}

fn presented(wanted: &UpstreamKey, secret: &SecretValue) -> Result<HeaderValue, Refusal> {
    let text = wanted.value(secret);
    if text.expose().len() > LONGEST {
        return Err(Refusal::KeyUnavailable("too_long"));
    }
    // A value of several lines, as a PEM, is none of a header; what is no ASCII is read in two ways (RFC 9110 §5.5).
    let is_plain = text.expose().bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic());
    let value = HeaderValue::from_str(text.expose()).ok().filter(|_| is_plain);
    let mut value = value.ok_or(Refusal::KeyUnavailable("no_header_value"))?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(scheme: Option<&str>) -> UpstreamKey {
        UpstreamKey {
            provider: "m".parse().expect("a provider"),
            header: "Authorization".parse().expect("a header"),
            scheme: scheme.map(|scheme| scheme.parse().expect("a scheme")),
        }
    }

    #[test]
    fn a_value_that_no_header_can_have_is_not_put_into_one() {
        let secret = |bytes: &[u8]| SecretValue::from_opened(bytes).expect("a value");
        let value = presented(&wanted(Some("Bearer")), &secret(b"sk-upstream")).expect("a header's value");
        assert!(value.is_sensitive() && value == "Bearer sk-upstream");
        assert!(!format!("{value:?}").contains("sk-upstream"));
        for (bytes, why) in [
            (&b"one\ntwo"[..], "no_header_value"),
            ("gr\u{fc}n".as_bytes(), "no_header_value"),
            (&[b'x'; LONGEST + 1], "too_long"),
        ] {
            assert_eq!(presented(&wanted(None), &secret(bytes)), Err(Refusal::KeyUnavailable(why)));
        }
    }
}
