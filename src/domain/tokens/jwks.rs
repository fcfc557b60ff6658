//! The public keys that verifiers fetch: a JWK Set (RFC 7517 §5).

use serde::Serialize;

use super::kid::Kid;

/// The public part of a signing key. `x` and `y` are its coordinates on P-256, 32 bytes each in base64url (RFC 7518
/// §6.2.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PublicJwk {
    pub kid: Kid,
    pub x: Box<str>,
    pub y: Box<str>,
}

/// The document. Its keys are all of one kind: of a set with a kind that they do not know, some verifiers refuse all.
#[derive(Debug, Serialize)]
pub(crate) struct Jwks<'a> {
    keys: Vec<Jwk<'a>>,
}

#[derive(Debug, Serialize)]
struct Jwk<'a> {
    kty: &'static str,
    crv: &'static str,
    #[serde(rename = "use")]
    used_for: &'static str,
    alg: &'static str,
    kid: &'a Kid,
    x: &'a str,
    y: &'a str,
}

impl<'a> Jwks<'a> {
    /// Each key once, in the order given; ids are unique in the store, and here all the same.
    pub(crate) fn of(keys: impl IntoIterator<Item = &'a PublicJwk>) -> Self {
        let mut found: Vec<Jwk<'a>> = Vec::new();
        for PublicJwk { kid, x, y } in keys {
            if !found.iter().any(|known| known.kid == kid) {
                found.push(Jwk { kty: "EC", crv: "P-256", used_for: "sig", alg: "ES256", kid, x, y });
            }
        }
        Self { keys: found }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_has_every_key_once_and_says_what_verifiers_ask_for() {
        let kid: Kid = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs".parse().expect("an id");
        let key = PublicJwk { kid, x: "eA".into(), y: "eQ".into() };
        assert_eq!(
            serde_json::to_value(Jwks::of([&key, &key])).expect("JSON"),
            serde_json::json!({"keys": [{
                "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256",
                "kid": "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs", "x": "eA", "y": "eQ"
            }]})
        );
        assert_eq!(serde_json::to_string(&Jwks::of([])).expect("JSON"), r#"{"keys":[]}"#);
    }
}
