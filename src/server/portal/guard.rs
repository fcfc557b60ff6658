//! What every request is held against, and what every answer says: whose site this is, that a form was sent from a page of it,
//! and what a browser may do with a page.

use hyper::HeaderMap;
use hyper::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, COOKIE, HOST, HeaderName, HeaderValue, ORIGIN, REFERRER_POLICY,
    STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};

use zeroize::Zeroizing;

use crate::domain::portal::origin::Origin;
use crate::domain::portal::secret::SessionSecret;
use crate::domain::portal::transaction::Transaction;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");

/// `__Host-`: from this host alone, over TLS alone, for all of it (RFC 6265bis §4.1.3.2). So no neighbour sets it.
const COOKIE_NAME: &str = "__Host-keyctl";

/// The same of a sign-in at a provider. It is sent along where the provider's page sends the browser back.
const TRANSACTION: &str = "__Host-keyctl-oidc";

/// Whether it was sent to this site: another name that leads here is one of somebody else's (DNS rebinding).
pub(super) fn is_ours(origin: &Origin, headers: &HeaderMap) -> bool {
    headers.get(HOST).is_some_and(|host| host.as_bytes().eq_ignore_ascii_case(origin.authority().as_bytes()))
}

/// Whether a form comes from a page of this site. Browsers say where it is from in one header or the other; what says neither
/// is no browser of today.
pub(super) fn is_from_here(origin: &Origin, headers: &HeaderMap) -> bool {
    let site = headers.get(SEC_FETCH_SITE).map(HeaderValue::as_bytes);
    let from = headers.get(ORIGIN).map(HeaderValue::as_bytes);
    match (from, site) {
        (Some(from), site) => {
            from == origin.as_str().as_bytes() && site.is_none_or(|site| site == b"same-origin")
        }
        (None, site) => site == Some(b"same-origin"),
    }
}

/// Whether a browser was sent here by a page of another site: then it keeps the session's cookie to itself.
pub(super) fn is_from_elsewhere(headers: &HeaderMap) -> bool {
    headers.get(SEC_FETCH_SITE).is_some_and(|site| matches!(site.as_bytes(), b"cross-site" | b"same-site"))
}

/// The same where what is said of the last request may be believed: this site sent the browser here.
pub(super) fn is_told_by_us(headers: &HeaderMap) -> bool {
    headers.get(SEC_FETCH_SITE).is_none_or(|site| site.as_bytes() == b"same-origin")
}

/// What a browser presents of a session. Two of them are none: somebody else set one.
pub(super) fn session(headers: &HeaderMap) -> Option<SessionSecret> {
    SessionSecret::parse(only(headers, COOKIE_NAME)?)
}

/// What it kept of a sign-in at a provider.
pub(super) fn transaction(headers: &HeaderMap) -> Option<Transaction> {
    Transaction::parse(only(headers, TRANSACTION)?)
}

pub(super) fn only<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let lines = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
    let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let mut found = pairs.filter(|(found, _)| *found == name).map(|(_, value)| value);
    match (found.next(), found.next()) {
        (Some(value), None) => Some(value),
        _ => None,
    }
}

/// The cookie of a sign-in that begins.
pub(super) fn transaction_cookie(transaction: &Transaction) -> Option<HeaderValue> {
    let (text, lives) = (transaction.expose(), Transaction::LIVES);
    let text = Zeroizing::new(format!(
        "{TRANSACTION}={}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={lives}",
        *text
    ));
    let mut value = HeaderValue::try_from(text.as_str()).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// Takes it away.
pub(super) fn no_transaction_cookie() -> HeaderValue {
    HeaderValue::from_static("__Host-keyctl-oidc=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0")
}

/// The cookie of a session that begins. It has no end of its own: the session has.
pub(super) fn cookie(secret: &SessionSecret) -> Option<HeaderValue> {
    let text = format!("{COOKIE_NAME}={}; Path=/; Secure; HttpOnly; SameSite=Strict", secret.expose());
    let mut value = HeaderValue::try_from(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// Takes the cookie away.
pub(super) fn no_cookie() -> HeaderValue {
    HeaderValue::from_static("__Host-keyctl=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0")
}

const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; form-action 'self'; \
                      frame-ancestors 'none'; base-uri 'none'";

/// What each answer says. A browser tells this site's own pages where they came from, and nobody else: with `no-referrer` it
/// would say `Origin: null` of our own forms, too (Fetch standard, "append a request Origin header").
pub(super) fn protect(origin: &Origin, headers: &mut HeaderMap) {
    let mut set =
        |name: HeaderName, value: &'static str| headers.insert(name, HeaderValue::from_static(value));
    set(CONTENT_SECURITY_POLICY, POLICY);
    set(X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(X_FRAME_OPTIONS, "DENY");
    set(REFERRER_POLICY, "same-origin");
    set(OPENER_POLICY, "same-origin");
    set(RESOURCE_POLICY, "same-origin");
    set(PERMISSIONS_POLICY, "camera=(), geolocation=(), microphone=(), payment=(), usb=()");
    if origin.is_https() {
        set(STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin() -> Origin {
        "https://keys.example.com".parse().expect("an origin")
    }

    fn headers(lines: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(HeaderName::from_static(name), value.parse().expect("a value"));
        }
        headers
    }

    #[test]
    fn a_form_is_from_here_if_the_browser_says_so_and_nothing_says_otherwise() {
        let ours = ("origin", "https://keys.example.com");
        for (lines, wanted) in [
            (&[ours][..], true),
            (&[ours, ("sec-fetch-site", "same-origin")], true),
            (&[("sec-fetch-site", "same-origin")], true),
            (&[], false),
            (&[("origin", "null")], false),
            (&[("origin", "https://keys.example.com.evil.example")], false),
            (&[("origin", "http://keys.example.com")], false),
            (&[("origin", "https://keys.example.com:8443")], false),
            (&[ours, ("sec-fetch-site", "cross-site")], false),
            (&[ours, ("sec-fetch-site", "same-site")], false),
            (&[("sec-fetch-site", "none")], false),
        ] {
            assert_eq!(is_from_here(&origin(), &headers(lines)), wanted, "{lines:?}");
        }
    }

    #[test]
    fn a_session_is_presented_once_or_not_at_all() {
        let secret = "A".repeat(43);
        let of = |lines: &[&str]| {
            let lines: Vec<_> = lines.iter().map(|line| ("cookie", *line)).collect();
            session(&headers(&lines)).is_some()
        };
        assert!(of(&[&format!("a=b; __Host-keyctl={secret}")]));
        assert!(!of(&[&format!("__Host-keyctl={secret}; __Host-keyctl={secret}")]));
        assert!(!of(&[&format!("__Host-keyctl={secret}"), &format!("__Host-keyctl={secret}")]));
        for line in
            ["__Host-keyctl=", "__Host-keyctl=short", "keyctl=AAAA", &format!("__host-keyctl={secret}")]
        {
            assert!(!of(&[line]), "{line}");
        }
    }

    #[test]
    fn another_name_that_leads_here_is_not_ours() {
        for (host, wanted) in [
            ("keys.example.com", true),
            ("KEYS.example.com", true),
            ("keys.example.com:443", false),
            ("evil.example", false),
            ("127.0.0.1", false),
        ] {
            assert_eq!(is_ours(&origin(), &headers(&[("host", host)])), wanted, "{host}");
        }
        assert!(!is_ours(&origin(), &headers(&[])));
    }
}
