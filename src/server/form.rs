//! Bodies as HTML forms send them, which is how OAuth asks (RFC 6749 appendix B).

use std::collections::HashMap;

use hyper::header::CONTENT_TYPE;
use hyper::http::request::Parts;

use super::credential::{bad, single};
use super::refusal::Refusal;

pub(super) const FORM: &str = "application/x-www-form-urlencoded";

/// The parameters of a body, each of which stands there once (RFC 6749 §3.1).
pub(super) fn form(parts: &Parts, body: &[u8]) -> Result<HashMap<String, String>, Refusal> {
    let kind = single(&parts.headers, &CONTENT_TYPE, "Content-Type stands there twice")?;
    let kind = kind.and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case(FORM) {
        return Err(Refusal::Request { status: 415, why: "send application/x-www-form-urlencoded" });
    }
    let mut found = HashMap::new();
    for (name, value) in form_urlencoded::parse(body) {
        if found.insert(name.into_owned(), value.into_owned()).is_some() {
            return Err(bad("a parameter stands there twice"));
        }
    }
    Ok(found)
}
