//! What proves who sent a report of leaked tokens: GitHub's webhooks sign by a shared secret, its partner format by a key of its own.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;
use ring::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};

use crate::domain::secrets::secret::SecretValue;

/// Whether this is HMAC-SHA-256 (RFC 2104) of the body under a shared secret; compared in constant time.
pub(crate) fn is_hmac(secret: &SecretValue, body: &[u8], tag: &[u8]) -> bool {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose().as_bytes());
    hmac::verify(&key, body, tag).is_ok()
}

/// A public key on P-256 that verifies reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ReportKey(Vec<u8>);

/// What stands before the point in a `SubjectPublicKeyInfo` of id-ecPublicKey on prime256v1 (RFC 5480 §2.1.1).
const BEFORE_POINT: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86,
    0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

/// An uncompressed point (SEC 1 §2.3.3).
const POINT: usize = 65;

impl ReportKey {
    /// Of PEM (RFC 7468 §13); `None` of anything but one public key on P-256.
    pub(crate) fn of_pem(text: &str) -> Option<Self> {
        let inner = text.trim().strip_prefix("-----BEGIN PUBLIC KEY-----")?;
        let inner = inner.strip_suffix("-----END PUBLIC KEY-----")?;
        let base64: String = inner.split_ascii_whitespace().collect();
        let der = STANDARD.decode(base64).ok()?;
        let point = der.strip_prefix(&BEFORE_POINT)?;
        (point.len() == POINT && point[0] == 4).then(|| Self(point.to_vec()))
    }

    /// Whether this is its ECDSA signature with SHA-256 over the body, in base64 of DER.
    pub(crate) fn verifies(&self, body: &[u8], signature: &str) -> bool {
        let Ok(signature) = STANDARD.decode(signature) else { return false };
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, &self.0).verify(body, &signature).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The sample of GitHub's documentation of its partner program, with the key that its list has for it.
    const KEY: &str = "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEYAGMWO8XgCamYKMJS6jc/qgvSlAd\nAjPuDPRcXU22YxgBrz+zoN19MzuRyW87qEt9/AmtoNP5GrobzUvQSyJFVw==\n-----END PUBLIC KEY-----\n";
    const BODY: &[u8] = br#"[{"source":"commit","token":"some_token","type":"some_type","url":"https://example.com/base-repo-url/"}]"#;
    const SIGNATURE: &str =
        "MEQCIQDaMKqrGnE27S0kgMrEK0eYBmyG0LeZismAEz/BgZyt7AIfXt9fErtRS4XaeSt/AO1RtBY66YcAdjxji410VQV4xg==";

    #[test]
    fn githubs_own_sample_is_verified_and_nothing_beside_it() {
        let key = ReportKey::of_pem(KEY).expect("a key");
        assert!(key.verifies(BODY, SIGNATURE));
        assert!(!key.verifies(&BODY[..BODY.len() - 1], SIGNATURE));
        assert!(!key.verifies(BODY, &SIGNATURE.replacen("MEQC", "MEUC", 1)));
        assert!(!key.verifies(BODY, "") && !key.verifies(BODY, "%"));
        for text in
            ["", "-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----", &KEY.replacen("MFkw", "MFow", 1)]
        {
            assert_eq!(ReportKey::of_pem(text), None, "{text}");
        }
    }

    /// GitHub's documentation of webhooks has this sample.
    #[test]
    fn githubs_sample_of_a_webhook_is_verified() {
        let secret = SecretValue::from_bytes(b"It's a Secret to Everybody", false).expect("a secret");
        let tag: Vec<u8> = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
            .as_bytes()
            .chunks(2)
            .map(|pair| u8::from_str_radix(str::from_utf8(pair).expect("ASCII"), 16).expect("hex"))
            .collect();
        assert!(is_hmac(&secret, b"Hello, World!", &tag));
        assert!(!is_hmac(&secret, b"Hello, World", &tag) && !is_hmac(&secret, b"Hello, World!", &tag[..31]));
    }
}
