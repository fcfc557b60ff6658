//! What a browser brings back from a provider (RFC 6749 §4.1.2, RFC 9207 §2).

use std::fmt;

use zeroize::Zeroizing;

use crate::domain::secrets::secret::SecretValue;
use crate::domain::texts::text::Shown;

/// An answer, by somebody who may be anybody. What it says is not for `Debug`.
pub(crate) struct Redirected {
    /// Whose answer it is: what was sent along.
    pub state: Zeroizing<String>,
    /// Which provider's.
    pub issuer: Option<String>,
    pub said: Said,
}

pub(crate) enum Said {
    /// What tokens are had for.
    Code(SecretValue),
    No(No),
}

/// A provider's no, in its own words.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct No {
    pub error: String,
    pub description: Option<String>,
}

/// Characters of a provider's word and of its sentence that are shown.
const LONGEST_ERROR: usize = 64;
const LONGEST_DESCRIPTION: usize = 200;

/// `access_denied (The user said no.)`: escaped, cut, and nothing that looks like a secret.
impl fmt::Display for No {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cut = |text: &str, most| text.chars().take(most).collect::<String>();
        write!(f, "{}", Shown(&cut(&self.error, LONGEST_ERROR)))?;
        match &self.description {
            Some(text) if !text.is_empty() => write!(f, " ({})", Shown(&cut(text, LONGEST_DESCRIPTION))),
            _ => Ok(()),
        }
    }
}

impl fmt::Debug for Redirected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Redirected(…)")
    }
}

#[derive(Default)]
struct Members {
    state: Option<Zeroizing<String>>,
    code: Option<Zeroizing<String>>,
    error: Option<Zeroizing<String>>,
    error_description: Option<Zeroizing<String>>,
    iss: Option<Zeroizing<String>>,
}

impl Redirected {
    /// Of decoded names and values. `None` for what no provider sends: without a state, with a code and an error or neither,
    /// or with something that counts standing there twice (RFC 6749 §3.1).
    pub(crate) fn read(pairs: impl IntoIterator<Item = (String, Zeroizing<String>)>) -> Option<Self> {
        let mut members = Members::default();
        for (name, value) in pairs {
            let slot = match name.as_str() {
                "state" => &mut members.state,
                "code" => &mut members.code,
                "error" => &mut members.error,
                "error_description" => &mut members.error_description,
                "iss" => &mut members.iss,
                _ => continue,
            };
            if slot.replace(value).is_some() {
                return None;
            }
        }
        let said = match (members.code, members.error) {
            (Some(code), None) => Said::Code(SecretValue::from_bytes(code.as_bytes(), false).ok()?),
            (None, Some(error)) => Said::No(No {
                error: error.to_string(),
                description: members.error_description.map(|text| text.to_string()),
            }),
            _ => return None,
        };
        Some(Self { state: members.state?, issuer: members.iss.map(|issuer| issuer.to_string()), said })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Option<Redirected> {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), Zeroizing::new((*value).to_owned()));
        Redirected::read(pairs.iter().map(owned))
    }

    #[test]
    fn an_answer_is_a_code_or_a_no() {
        let yes =
            read(&[("code", "c"), ("state", "s"), ("iss", "https://a.example"), ("session_state", "x")])
                .expect("an answer");
        assert!(matches!(&yes.said, Said::Code(code) if code.expose() == "c") && *yes.state == "s");
        assert_eq!(yes.issuer.as_deref(), Some("https://a.example"));
        let no = read(&[("error", "access_denied"), ("state", "s")]).expect("an answer");
        assert!(matches!(no.said, Said::No(No { description: None, .. })));
        for pairs in [
            &[("code", "c")] as &[_],
            &[("state", "s")],
            &[("code", ""), ("state", "s")],
            &[("code", "a\nb"), ("state", "s")],
            &[("code", "c"), ("error", "e"), ("state", "s")],
            &[("code", "c"), ("code", "c"), ("state", "s")],
            &[("code", "c"), ("state", "s"), ("state", "s")],
            &[("code", "c"), ("state", "s"), ("iss", "a"), ("iss", "b")],
            &[],
        ] {
            assert!(read(pairs).is_none(), "{pairs:?}");
        }
    }

    #[test]
    fn a_no_is_shown_in_bounds_and_steers_no_terminal() {
        let no = |error: &str, description: Option<&str>| {
            No { error: error.to_owned(), description: description.map(str::to_owned) }.to_string()
        };
        assert_eq!(no("access_denied", Some("Not me.")), "access_denied (Not me.)");
        assert_eq!(no("a\u{1b}[2J\n", Some("")), "a\\u{1b}[2J\\u{a}");
        let long = no(&"e ".repeat(1000), Some(&"d ".repeat(1000)));
        assert!(long.len() <= LONGEST_ERROR + LONGEST_DESCRIPTION + 3, "{long}");
        let secret = format!("ghp_{}", "a1B2".repeat(9));
        assert!(!no("invalid_request", Some(&secret)).contains("a1B2"));
    }
}
