//! The keys that an issuer publishes: a JWK Set (RFC 7517 §5) of somebody else's making.

use serde_json::{Map, Value};

use crate::domain::texts::strict_json::Json;

/// What can be used of it. Keys of another kind, for another use or of another algorithm stand in it for others, and are
/// passed over; so is an id under which two different keys stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct KeySet(Vec<(Option<Box<str>>, Material)>);

/// The public parts of a key, in base64url.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Material {
    Rsa { n: Box<str>, e: Box<str> },
    P256 { x: Box<str>, y: Box<str> },
}

/// Why a text is no set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum KeySetError {
    #[error("it is no JSON object that can be read in one way only")]
    Json,
    #[error("it has no list of keys")]
    NoKeys,
    /// No issuer has so many: finding one among them would take its time.
    #[error("it has more than {MOST} keys")]
    TooMany,
}

const MOST: usize = 100;

impl KeySet {
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, KeySetError> {
        // What can be read in one way only is read the same by the second parser, which keeps lists of objects.
        let Some(Json::Object(_)) = Json::parse(bytes) else { return Err(KeySetError::Json) };
        let document: Value = serde_json::from_slice(bytes).map_err(|_| KeySetError::Json)?;
        let keys = document.get("keys").and_then(Value::as_array).ok_or(KeySetError::NoKeys)?;
        if keys.len() > MOST {
            return Err(KeySetError::TooMany);
        }
        let mut found: Vec<(Option<Box<str>>, Material)> = Vec::new();
        let mut ambiguous = Vec::new();
        for key in keys.iter().filter_map(Value::as_object) {
            let Some(material) = material(key) else { continue };
            let kid: Option<Box<str>> = match key.get("kid") {
                None => None,
                Some(Value::String(kid)) => Some(kid.as_str().into()),
                Some(_) => continue,
            };
            match found.iter().find(|(known, _)| *known == kid && kid.is_some()) {
                None => found.push((kid, material)),
                Some((_, known)) if *known == material => {}
                Some(_) => ambiguous.push(kid),
            }
        }
        found.retain(|(kid, _)| !ambiguous.contains(kid));
        Ok(Self(found))
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = (Option<&str>, &Material)> {
        self.0.iter().map(|(kid, material)| (kid.as_deref(), material))
    }
}

/// The parts of a key that verifies RS256 or ES256. What says nothing of use and algorithm is for either: the kind of key
/// says which.
fn material(key: &Map<String, Value>) -> Option<Material> {
    let text = |name: &str| key.get(name).and_then(Value::as_str);
    let may_be = |name: &str, one: &str| key.get(name).is_none_or(|value| value.as_str() == Some(one));
    let verifies = key.get("key_ops").is_none_or(|operations| {
        operations.as_array().is_some_and(|all| all.iter().any(|one| one == "verify"))
    });
    if !may_be("use", "sig") || !verifies {
        return None;
    }
    match text("kty")? {
        "RSA" if may_be("alg", "RS256") => Some(Material::Rsa { n: text("n")?.into(), e: text("e")?.into() }),
        "EC" if may_be("alg", "ES256") && text("crv") == Some("P-256") => {
            Some(Material::P256 { x: text("x")?.into(), y: text("y")?.into() })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kids(keys: &str) -> Vec<Option<String>> {
        let set = KeySet::parse(format!(r#"{{"keys":[{keys}]}}"#).as_bytes()).expect(keys);
        set.keys().map(|(kid, _)| kid.map(str::to_owned)).collect()
    }

    #[test]
    fn what_is_for_others_is_passed_over() {
        for (key, is_taken) in [
            (r#"{"kty":"RSA","kid":"a","n":"AQ","e":"AQAB"}"#, true),
            (r#"{"kty":"RSA","kid":"a","n":"AQ","e":"AQAB","alg":"RS256","use":"sig","x5c":["AA"]}"#, true),
            (r#"{"kty":"RSA","kid":"a","n":"AQ","e":"AQAB","key_ops":["verify"]}"#, true),
            (r#"{"kty":"EC","kid":"a","crv":"P-256","x":"AQ","y":"AQ"}"#, true),
            (r#"{"kty":"RSA","kid":"a","n":"AQ","e":"AQAB","alg":"RS512"}"#, false),
            (r#"{"kty":"RSA","kid":"a","n":"AQ","e":"AQAB","alg":"PS256"}"#, false),
            (r#"{"kty":"RSA","kid":"a","n":"AQ","e":"AQAB","alg":7}"#, false),
            (r#"{"kty":"RSA","kid":"a","n":"AQ","e":"AQAB","use":"enc"}"#, false),
            (r#"{"kty":"RSA","kid":"a","n":"AQ","e":"AQAB","key_ops":["encrypt"]}"#, false),
            (r#"{"kty":"RSA","kid":7,"n":"AQ","e":"AQAB"}"#, false),
            (r#"{"kty":"RSA","kid":"a","n":"AQ"}"#, false),
            (r#"{"kty":"EC","kid":"a","crv":"P-384","x":"AQ","y":"AQ"}"#, false),
            (r#"{"kty":"EC","kid":"a","crv":"secp256k1","x":"AQ","y":"AQ"}"#, false),
            (r#"{"kty":"EC","kid":"a","crv":"P-256","x":"AQ","y":"AQ","alg":"ES384"}"#, false),
            (r#"{"kty":"OKP","kid":"a","crv":"Ed25519","x":"AQ"}"#, false),
            (r#"{"kty":"oct","kid":"a","k":"AQ"}"#, false),
            (r#"{"kid":"a"}"#, false),
            ("7", false),
        ] {
            assert_eq!(kids(key).len(), usize::from(is_taken), "{key}");
        }
    }

    #[test]
    fn an_id_under_which_two_keys_stand_is_no_key_s() {
        let rsa = |kid: &str, n: &str| format!(r#"{{"kty":"RSA","kid":"{kid}","n":"{n}","e":"AQAB"}}"#);
        let curve = r#"{"kty":"EC","kid":"a","crv":"P-256","x":"AQ","y":"AQ"}"#;
        let named = |names: &[&str]| names.iter().map(|name| Some((*name).to_owned())).collect::<Vec<_>>();
        assert_eq!(kids(&[rsa("a", "AQ"), rsa("a", "AQ"), rsa("b", "AQ")].join(",")), named(&["a", "b"]));
        assert_eq!(kids(&[rsa("a", "AQ"), rsa("a", "Aw"), rsa("b", "AQ")].join(",")), named(&["b"]));
        assert_eq!(kids(&[rsa("a", "AQ"), rsa("a", "Aw"), rsa("a", "AQ")].join(",")), named(&[]));
        assert_eq!(kids(&[rsa("a", "AQ"), curve.to_owned()].join(",")), named(&[]));
        let nameless = r#"{"kty":"RSA","n":"AQ","e":"AQAB"}"#;
        assert_eq!(kids(&[nameless, nameless].join(",")), [None, None]);
    }

    #[test]
    fn what_is_no_set_is_refused_as_a_whole() {
        for (text, error) in [
            ("", KeySetError::Json),
            ("<html>", KeySetError::Json),
            ("[]", KeySetError::Json),
            (r#"{"keys":[],"keys":[]}"#, KeySetError::Json),
            (r#"{"keys":[{"kid":"a","kid":"b"}]}"#, KeySetError::Json),
            ("{}", KeySetError::NoKeys),
            (r#"{"keys":{}}"#, KeySetError::NoKeys),
            (r#"{"keys":null}"#, KeySetError::NoKeys),
        ] {
            assert_eq!(KeySet::parse(text.as_bytes()), Err(error), "{text}");
        }
        let many = format!(r#"{{"keys":[{}]}}"#, vec!["{}"; MOST + 1].join(","));
        assert_eq!(KeySet::parse(many.as_bytes()), Err(KeySetError::TooMany));
        assert_eq!(KeySet::parse(br#"{"keys":[]}"#), Ok(KeySet::default()));
    }
}
