//! Bodies as HTML forms send them, which is how OAuth asks (RFC 6749 appendix B).

use hyper::header::CONTENT_TYPE;
use hyper::http::request::Parts;

use super::credential::{bad, single};
use super::refusal::Refusal;

pub(super) const FORM: &str = "application/x-www-form-urlencoded";

/// Parameters of a body at most: each is compared with those before it.
const MOST: usize = 1000;

/// The parameters of a body.
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    /// Each of them stands there once (RFC 6749 §3.1), but for those that are named.
    pub(super) fn parse(parts: &Parts, body: &[u8], repeated: &[&str]) -> Result<Self, Refusal> {
        let kind = single(&parts.headers, &CONTENT_TYPE, "Content-Type stands there twice")?;
        let kind = kind.and_then(|value| value.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        if !kind.eq_ignore_ascii_case(FORM) {
            return Err(Refusal::Request { status: 415, why: "send application/x-www-form-urlencoded" });
        }
        let mut form = Self(Vec::new());
        for (name, value) in form_urlencoded::parse(body) {
            if form.0.len() == MOST {
                return Err(bad("there are too many parameters"));
            }
            if !repeated.contains(&&*name) && form.get(&name).is_some() {
                return Err(bad("a parameter stands there twice"));
            }
            form.0.push((name.into_owned(), value.into_owned()));
        }
        Ok(form)
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// Without those that have no value, which is as if they were left out (RFC 6749 §3.2).
    pub(super) fn without_empty(mut self) -> Self {
        self.0.retain(|(_, value)| !value.is_empty());
        self
    }
}
