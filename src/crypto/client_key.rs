//! The key by which an OAuth client proves who it is: it signs an assertion (RFC 7523).

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use zeroize::Zeroizing;

use crate::domain::random::RandomError;
use crate::domain::secrets::secret::SecretValue;

/// A client's private key: on P-256 (ES256), or RSA of 2,048 bits and more (RS256).
pub(crate) struct ClientKey {
    pair: Pair,
    /// `ring` takes randomness from the operating system alone.
    random: SystemRandom,
}

enum Pair {
    Ec(Box<EcdsaKeyPair>),
    Rsa(Box<RsaKeyPair>),
}

/// A text is no such key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is no private key in PEM, PKCS#8 of P-256 or RSA, or PKCS#1 of RSA")]
pub(crate) struct ClientKeyError;

impl ClientKey {
    /// Reads PEM (RFC 7468). What stands around the key is passed over.
    pub(crate) fn from_pem(text: &SecretValue) -> Result<Self, ClientKeyError> {
        let random = SystemRandom::new();
        let of = |label: &str| body(text.expose(), label);
        let pair = if let Some(der) = of("PRIVATE KEY") {
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &der, &random)
                .map(|pair| Pair::Ec(Box::new(pair)))
                .or_else(|_| RsaKeyPair::from_pkcs8(&der).map(|pair| Pair::Rsa(Box::new(pair))))
        } else {
            let der = of("RSA PRIVATE KEY").ok_or(ClientKeyError)?;
            RsaKeyPair::from_der(&der).map(|pair| Pair::Rsa(Box::new(pair)))
        };
        Ok(Self { pair: pair.map_err(|_| ClientKeyError)?, random })
    }

    /// Its `alg` (RFC 7518 §3.1).
    pub(crate) fn algorithm(&self) -> &'static str {
        match self.pair {
            Pair::Ec(_) => "ES256",
            Pair::Rsa(_) => "RS256",
        }
    }

    /// A token of this header and these claims, both JSON objects (RFC 7515 §7.1).
    pub(crate) fn sign(&self, header: &str, claims: &str) -> Result<Zeroizing<String>, RandomError> {
        let mut token = Zeroizing::new(URL_SAFE_NO_PAD.encode(header));
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(claims, &mut token);
        let signature = self.signature(token.as_bytes())?;
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut token);
        Ok(token)
    }

    fn signature(&self, message: &[u8]) -> Result<Vec<u8>, RandomError> {
        match &self.pair {
            Pair::Ec(pair) => pair
                .sign(&self.random, message)
                .map(|signature| signature.as_ref().to_vec())
                .map_err(|_| RandomError),
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &self.random, message, &mut signature)
                    .map_err(|_| RandomError)?;
                Ok(signature)
            }
        }
    }
}

impl fmt::Debug for ClientKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ClientKey({})", self.algorithm())
    }
}

/// The bytes between the lines of this label.
fn body(text: &str, label: &str) -> Option<Zeroizing<Vec<u8>>> {
    let (_, rest) = text.split_once(&format!("-----BEGIN {label}-----"))?;
    let (inner, _) = rest.split_once(&format!("-----END {label}-----"))?;
    let mut packed = Zeroizing::new(String::with_capacity(inner.len()));
    packed.extend(inner.chars().filter(|c| !c.is_ascii_whitespace()));
    let mut der = Zeroizing::new(Vec::with_capacity(packed.len()));
    STANDARD.decode_vec(packed.as_bytes(), &mut der).ok()?;
    Some(der)
}

#[cfg(test)]
mod tests {
    use ring::signature::{
        ECDSA_P256_SHA256_FIXED, KeyPair as _, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey,
    };

    use super::*;

    fn secret(text: &str) -> SecretValue {
        SecretValue::from_bytes(text.as_bytes(), true).expect("a value")
    }

    /// By `openssl genpkey` of OpenSSL 3.0, as clients are given them; used by nobody.
    const EC: &str = include_str!("../../tests/credentials/keys/ec.pem");
    const RSA: &str = include_str!("../../tests/credentials/keys/rsa.pem");
    const PKCS1: &str = include_str!("../../tests/credentials/keys/rsa_pkcs1.pem");

    #[test]
    fn an_assertion_verifies_under_the_client_s_key() {
        for (pem, algorithm) in [(EC, "ES256"), (RSA, "RS256"), (PKCS1, "RS256")] {
            let key = ClientKey::from_pem(&secret(&format!("Bag Attributes\n{pem}"))).expect("a key");
            assert_eq!(format!("{key:?}"), format!("ClientKey({algorithm})"));
            let token = key.sign(r#"{"alg":"…"}"#, r#"{"iss":"c"}"#).expect("signed");
            let (message, signature) = token.rsplit_once('.').expect("three parts");
            let (header, claims) = message.split_once('.').expect("two");
            let text = |part: &str| {
                String::from_utf8(URL_SAFE_NO_PAD.decode(part).expect("base64url")).expect("text")
            };
            assert_eq!(text(claims), r#"{"iss":"c"}"#);
            assert_eq!((text(header).as_str(), key.algorithm()), (r#"{"alg":"…"}"#, algorithm));
            let signature = URL_SAFE_NO_PAD.decode(signature).expect("base64url");
            let verified = match &key.pair {
                Pair::Ec(pair) => {
                    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, pair.public_key().as_ref())
                        .verify(message.as_bytes(), &signature)
                }
                Pair::Rsa(pair) => {
                    UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, pair.public_key().as_ref())
                        .verify(message.as_bytes(), &signature)
                }
            };
            assert_eq!(verified, Ok(()), "{algorithm}");
        }
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for text in [
            "x",
            "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
            "-----BEGIN PRIVATE KEY-----\n",
        ] {
            assert_eq!(ClientKey::from_pem(&secret(text)).err(), Some(ClientKeyError), "{text}");
        }
    }
}
