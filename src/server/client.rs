//! Clients of OAuth, as they present themselves: HTTP Basic, raw or form-encoded (RFC 6749 §2.3.1; clients do either).

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::header::AUTHORIZATION;
use hyper::http::request::Parts;

use super::credential::single;
use super::refusal::Refusal;
use crate::domain::keys::verdict::Grant;

/// Who asks, by what he presents.
pub(super) struct Client<'a> {
    /// Some name of the key: of a Bearer token there is none.
    pub(super) id: Option<String>,
    pub(super) secret: Cow<'a, str>,
}

impl Client<'_> {
    /// Whether it calls itself by a name of the key of a grant: its token's id or prefix, its own id, or its owner and name.
    pub(super) fn names(&self, grant: &Grant) -> bool {
        self.id.as_deref().is_none_or(|id| {
            id == grant.token_id.as_str()
                || id.strip_suffix(grant.token_id.as_str()).is_some_and(|prefix| prefix.ends_with('_'))
                || id == grant.key_id.to_string()
                || id == format!("{}/{}", grant.owner, grant.key_name)
        })
    }
}

/// The one `Authorization`, if there is any.
pub(super) fn authorization(parts: &Parts) -> Result<Option<&str>, Refusal> {
    let header = single(&parts.headers, &AUTHORIZATION, "a credential's header stands there twice")?;
    Ok(header.and_then(|value| value.to_str().ok()))
}

/// What stands behind `Basic`.
pub(super) fn of_basic(header: &str) -> Option<&str> {
    let (scheme, rest) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("basic").then_some(rest.trim_matches(' '))
}

/// Raw first, then form-decoded where that is something else.
pub(super) fn decoded<'a>(encoded: &str) -> Vec<Client<'a>> {
    let Some((id, secret)) = parts(encoded) else { return Vec::new() };
    let decoded = |text: &str| {
        form_urlencoded::parse(format!("v={}", text.replace('&', "%26")).as_bytes())
            .next()
            .map(|(_, value)| value.into_owned())
            .unwrap_or_default()
    };
    let form = Client { id: Some(decoded(&id)), secret: decoded(&secret).into() };
    let raw = Client { id: Some(id), secret: secret.into() };
    if raw.id == form.id && raw.secret == form.secret { vec![raw] } else { vec![raw, form] }
}

/// The two parts of HTTP Basic (RFC 7617 §2).
fn parts(encoded: &str) -> Option<(String, String)> {
    let text = String::from_utf8(STANDARD.decode(encoded).ok()?).ok()?;
    let (id, secret) = text.split_once(':')?;
    Some((id.to_owned(), secret.to_owned()))
}
