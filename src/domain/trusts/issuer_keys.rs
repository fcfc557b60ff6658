//! The public keys of a CI where they are given, not fetched: a JWK Set (RFC 7517 §5).

use std::str::FromStr;

use serde_json::Value;

use crate::domain::texts::strict_json::Json;

/// A JWK Set as it was given, with one key at least that verifies RS256 or ES256.
///
/// At most 64 KiB. Keys of other kinds may stand in it, as they do in real sets; private ones may not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct IssuerKeys(Box<str>);

/// Why a text is no set of keys that verify.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum IssuerKeysError {
    #[error("the set of keys is longer than {LONGEST} bytes")]
    TooLong,
    #[error("it is no JSON object that can be read in one way only, with a list `keys` of objects")]
    Form,
    /// `d`, `k` and the like: whoever has it signs for everybody.
    #[error("it has a private or a secret key ({0}): give the public keys alone")]
    Private(&'static str),
    /// Which of them would verify?
    #[error("two of its keys have one kid, or none has one")]
    Kid,
    #[error("none of its keys verifies RS256 (RSA of 2048 to 8192 bits) or ES256 (EC on P-256)")]
    Nothing,
}

const LONGEST: usize = 64 * 1024;

/// The members of a JWK that nobody else may know (RFC 7518 §6).
const PRIVATE: [&str; 8] = ["d", "k", "p", "q", "dp", "dq", "qi", "oth"];

impl IssuerKeys {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for IssuerKeys {
    type Err = IssuerKeysError;

    fn from_str(text: &str) -> Result<Self, IssuerKeysError> {
        let text = text.trim();
        if text.len() > LONGEST {
            return Err(IssuerKeysError::TooLong);
        }
        // What can be read in one way only is read the same by the second parser, which keeps lists of objects.
        let document: Value = Json::parse(text.as_bytes())
            .and_then(|_| serde_json::from_str(text).ok())
            .ok_or(IssuerKeysError::Form)?;
        let keys = document.get("keys").and_then(Value::as_array).ok_or(IssuerKeysError::Form)?;
        if !keys.iter().all(Value::is_object) {
            return Err(IssuerKeysError::Form);
        }
        let private = |key: &Value| PRIVATE.into_iter().find(|name| key.get(name).is_some());
        if let Some(name) = keys.iter().find_map(private) {
            return Err(IssuerKeysError::Private(name));
        }
        let usable: Vec<&Value> = keys.iter().filter(|key| verifies(key)).collect();
        if usable.is_empty() {
            return Err(IssuerKeysError::Nothing);
        }
        let mut kids: Vec<Option<&str>> = usable.iter().map(|key| text_of(key, "kid")).collect();
        kids.sort_unstable();
        if kids.windows(2).any(|two| two[0] == two[1]) {
            return Err(IssuerKeysError::Kid);
        }
        Ok(Self(text.into()))
    }
}

fn text_of<'k>(key: &'k Value, name: &str) -> Option<&'k str> {
    key.get(name).and_then(Value::as_str)
}

/// Whether a key is one of the two kinds that CIs sign with, and of a size that is looked at.
fn verifies(key: &Value) -> bool {
    let is_base64url =
        |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    let bytes = |name| text_of(key, name).filter(|text| is_base64url(text)).map(|text| text.len() * 3 / 4);
    let is = |name, one| text_of(key, name).is_none_or(|text| text == one);
    if !is("use", "sig") {
        return false;
    }
    match text_of(key, "kty") {
        Some("RSA") => {
            is("alg", "RS256")
                && bytes("n").is_some_and(|length| (256..=1024).contains(&length))
                && bytes("e").is_some_and(|length| (1..=4).contains(&length))
        }
        Some("EC") => {
            is("alg", "ES256")
                && text_of(key, "crv") == Some("P-256")
                && bytes("x") == Some(32)
                && bytes("y") == Some(32)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rsa(kid: &str, more: &str) -> String {
        format!(r#"{{"kty":"RSA","kid":"{kid}","n":"{}","e":"AQAB"{more}}}"#, "A".repeat(342))
    }

    fn ec(kid: &str) -> String {
        let point = "A".repeat(43);
        format!(
            r#"{{"kty":"EC","crv":"P-256","alg":"ES256","use":"sig","kid":"{kid}","x":"{point}","y":"{point}"}}"#
        )
    }

    fn set(keys: &[String]) -> String {
        format!(r#"{{"keys":[{}]}}"#, keys.join(","))
    }

    #[test]
    fn a_set_with_one_key_that_verifies_is_kept_as_it_is() {
        let other = r#"{"kty":"OKP","crv":"Ed25519","x":"AA"}"#.to_owned();
        for text in [set(&[rsa("a", "")]), set(&[ec("a"), rsa("b", "")]), set(&[other, ec("a")])] {
            assert_eq!(
                format!("\n{text}\n").parse::<IssuerKeys>().map(|keys| keys.as_str().to_owned()),
                Ok(text)
            );
        }
        let alone = r#"{"kty":"EC","crv":"P-256","x":"X","y":"X"}"#.replace('X', &"A".repeat(43));
        assert!(set(&[alone]).parse::<IssuerKeys>().is_ok(), "one key needs no name");
    }

    #[test]
    fn each_fault_of_a_set_has_its_own_error() {
        let none = rsa("a", "").replace(r#""kid":"a","#, "");
        for (text, error) in [
            (String::new(), IssuerKeysError::Form),
            ("[]".to_owned(), IssuerKeysError::Form),
            (r#"{"keys":{}}"#.to_owned(), IssuerKeysError::Form),
            (r#"{"keys":["a"]}"#.to_owned(), IssuerKeysError::Form),
            (r#"{"keys":[],"keys":[]}"#.to_owned(), IssuerKeysError::Form),
            (set(&[]), IssuerKeysError::Nothing),
            (set(&[rsa("a", r#","alg":"RS384""#)]), IssuerKeysError::Nothing),
            (set(&[rsa("a", r#","use":"enc""#)]), IssuerKeysError::Nothing),
            (set(&[rsa("a", "").replace(&"A".repeat(342), &"A".repeat(171))]), IssuerKeysError::Nothing),
            (set(&[ec("a").replace("P-256", "secp256k1")]), IssuerKeysError::Nothing),
            (set(&[rsa("a", r#","d":"AA""#)]), IssuerKeysError::Private("d")),
            (set(&[ec("b"), r#"{"kty":"oct","k":"AA"}"#.to_owned()]), IssuerKeysError::Private("k")),
            (set(&[rsa("a", ""), ec("a")]), IssuerKeysError::Kid),
            (set(&[none.clone(), none]), IssuerKeysError::Kid),
            ("a".repeat(LONGEST + 1), IssuerKeysError::TooLong),
        ] {
            assert_eq!(text.parse::<IssuerKeys>(), Err(error), "{text:.80}");
        }
    }
}
