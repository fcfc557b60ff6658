//! The public keys of a CI, which signs with RS256 or ES256: verified by `ring`, which is linked for TLS already.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};

use super::es256::{PublicKey, SIGNATURE};
use crate::domain::tokens::header::Algorithm;
use crate::domain::trusts::key_set::{KeySet, Material};

/// A key with the one algorithm that it is for.
#[derive(Clone, Debug)]
pub(crate) enum IssuerKey {
    /// Of 2048 to 8192 bits: `ring` refuses others.
    Rs256(RsaPublicKeyComponents<Box<[u8]>>),
    Es256(PublicKey),
}

impl IssuerKey {
    /// `None` where the parts are not those of a key: it then verifies nothing.
    fn of(material: &Material) -> Option<Self> {
        let decode = |text: &str| URL_SAFE_NO_PAD.decode(text).ok().map(Vec::into_boxed_slice);
        match material {
            Material::Rsa { n, e } => {
                let (n, e) = (decode(n)?, decode(e)?);
                (is_modulus(&n) && is_exponent(&e)).then_some(Self::Rs256(RsaPublicKeyComponents { n, e }))
            }
            Material::P256 { x, y } => PublicKey::of_coordinates(x, y).ok().map(Self::Es256),
        }
    }

    pub(crate) const fn algorithm(&self) -> Algorithm {
        match self {
            Self::Rs256(_) => Algorithm::Rs256,
            Self::Es256(_) => Algorithm::Es256,
        }
    }

    pub(super) fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::Rs256(key) => key.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature).is_ok(),
            Self::Es256(key) => signature.len() == SIGNATURE && key.verify(message, signature),
        }
    }
}

/// An odd number of 2048 to 8192 bits, without leading zeros (RFC 7518 §6.3.1.1).
fn is_modulus(n: &[u8]) -> bool {
    let bits = n.first().map_or(0, |first| 8 * n.len() - first.leading_zeros() as usize);
    n.first().is_some_and(|first| *first > 0) && (2048..=8192).contains(&bits) && is_odd(n)
}

/// An odd number from 3 to 2³³ − 1.
fn is_exponent(e: &[u8]) -> bool {
    let value = e.iter().fold(0_u64, |value, byte| value.saturating_mul(256).saturating_add((*byte).into()));
    e.first().is_some_and(|first| *first > 0) && (3..1 << 33).contains(&value) && is_odd(e)
}

fn is_odd(number: &[u8]) -> bool {
    number.last().is_some_and(|last| last % 2 == 1)
}

/// The keys of one issuer that can verify, by id.
#[derive(Clone, Debug, Default)]
pub(crate) struct IssuerKeyTable(Vec<(Option<Box<str>>, IssuerKey)>);

impl IssuerKeyTable {
    pub(crate) fn of(set: &KeySet) -> Self {
        let key = |(kid, material): (Option<&str>, _)| Some((kid.map(Into::into), IssuerKey::of(material)?));
        Self(set.keys().filter_map(key).collect())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The key of this id. A token that names none is good where there is one key alone.
    pub(crate) fn find(&self, kid: Option<&str>) -> Option<&IssuerKey> {
        match (kid, &*self.0) {
            (None, [(_, one)]) => Some(one),
            (None, _) => None,
            (Some(kid), keys) => keys.iter().find(|(own, _)| own.as_deref() == Some(kid)).map(|(_, key)| key),
        }
    }
}
