//! Signed tokens in their compact form (RFC 7515 §7.1): `header.claims.signature`, each in base64url without padding.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::es256::{PrivateKey, PublicKey, SIGNATURE};
use super::issuer_key::IssuerKeyTable;
use crate::domain::random::RandomError;
use crate::domain::tokens::header::{CiHeader, Header, HeaderError, OURS};
use crate::domain::tokens::kid::Kid;

/// Bytes of a token: headers of that length pass every gateway.
pub(crate) const LONGEST: usize = 8 * 1024;

/// Signs tokens with one key.
#[derive(Debug)]
pub(crate) struct Signer {
    key: PrivateKey,
    kid: Kid,
    /// The same of every token, and the point behind it.
    header: String,
}

impl Signer {
    /// One of access tokens.
    pub(crate) fn new(key: PrivateKey) -> Self {
        let kid = key.public().kid;
        let header = [OURS.0, kid.as_str(), OURS.1].concat();
        Self::with_header(key, kid, &header)
    }

    /// One of anything else, whose type has no quote and no backslash.
    #[cfg(feature = "cli")]
    pub(crate) fn of_type(key: PrivateKey, typ: &str) -> Self {
        let kid = key.public().kid;
        let header = format!(r#"{{"typ":"{typ}","alg":"ES256","kid":"{kid}"}}"#);
        Self::with_header(key, kid, &header)
    }

    fn with_header(key: PrivateKey, kid: Kid, header: &str) -> Self {
        let mut header = URL_SAFE_NO_PAD.encode(header);
        header.push('.');
        Self { key, kid, header }
    }

    pub(crate) fn kid(&self) -> &Kid {
        &self.kid
    }

    /// The token that says this. What it gives is a credential.
    pub(crate) fn sign(&self, claims: &str) -> Result<String, RandomError> {
        let mut token = String::with_capacity(self.header.len() + claims.len() / 3 * 4 + 100);
        token.push_str(&self.header);
        URL_SAFE_NO_PAD.encode_string(claims, &mut token);
        let signature = self.key.sign(token.as_bytes())?;
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut token);
        Ok(token)
    }
}

/// Why a text is no token that one of our keys signed, in the order in which it is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum JwsError {
    #[error("it is longer than {LONGEST} bytes")]
    TooLong,
    /// Not three parts of base64url without padding, each of which can be written in one way only.
    #[error("it is not three parts of base64url")]
    Form,
    #[error(transparent)]
    Header(#[from] HeaderError),
    /// It may never have been ours, or was revoked, or its last token has ended.
    #[error("it is signed by no key of whoever it is from")]
    UnknownKey,
    #[error("its signature is wrong")]
    Signature,
}

impl JwsError {
    /// The word for operators: in JSON, logs and metrics.
    pub(crate) const fn reason(&self) -> &'static str {
        match self {
            Self::TooLong | Self::Form | Self::Header(_) => "malformed",
            Self::UnknownKey => "signing_key",
            Self::Signature => "signature",
        }
    }
}

/// A token whose signature is good. Whether what it says holds is another question.
#[derive(Debug)]
pub(crate) struct Signed {
    pub header: Header,
    pub claims: Vec<u8>,
}

/// A text of three parts, decoded.
#[derive(Debug)]
struct Parts<'t> {
    header: Vec<u8>,
    claims: Vec<u8>,
    signed: &'t str,
    signature: Vec<u8>,
}

impl<'t> Parts<'t> {
    fn split(text: &'t str) -> Result<Self, JwsError> {
        if text.len() > LONGEST {
            return Err(JwsError::TooLong);
        }
        let (signed, signature) = text.rsplit_once('.').ok_or(JwsError::Form)?;
        let (header, claims) = signed.split_once('.').ok_or(JwsError::Form)?;
        let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| JwsError::Form);
        let (header, claims, signature) = (decode(header)?, decode(claims)?, decode(signature)?);
        if header.is_empty() || claims.is_empty() {
            return Err(JwsError::Form);
        }
        Ok(Self { header, claims, signed, signature })
    }
}

/// A text that has the form of a token. Nothing of it is to be believed before its signature was verified.
#[derive(Debug)]
pub(crate) struct Unverified<'t> {
    pub header: Header,
    pub claims: Vec<u8>,
    signed: &'t str,
    signature: Vec<u8>,
}

impl<'t> Unverified<'t> {
    pub(crate) fn parse(text: &'t str) -> Result<Self, JwsError> {
        let Parts { header, claims, signed, signature } = Parts::split(text)?;
        Ok(Self { header: Header::parse(&header)?, claims, signed, signature })
    }

    pub(crate) fn is_signed_by(&self, key: &PublicKey) -> bool {
        self.signature.len() == SIGNATURE && key.verify(self.signed.as_bytes(), &self.signature)
    }
}

/// The same of a token that a CI signed.
#[derive(Debug)]
pub(crate) struct CiUnverified<'t> {
    pub header: CiHeader,
    pub claims: Vec<u8>,
    signed: &'t str,
    signature: Vec<u8>,
}

impl<'t> CiUnverified<'t> {
    pub(crate) fn parse(text: &'t str) -> Result<Self, JwsError> {
        let Parts { header, claims, signed, signature } = Parts::split(text)?;
        Ok(Self { header: CiHeader::parse(&header)?, claims, signed, signature })
    }

    /// Verifies it by the one key that its issuer has under its id, whose algorithm it has to be (RFC 8725 §3.1).
    pub(crate) fn verify(&self, keys: &IssuerKeyTable) -> Result<(), JwsError> {
        let key = keys.find(self.header.kid.as_deref()).ok_or(JwsError::UnknownKey)?;
        let is_good =
            key.algorithm() == self.header.algorithm && key.verify(self.signed.as_bytes(), &self.signature);
        if is_good { Ok(()) } else { Err(JwsError::Signature) }
    }
}

/// Verifies a token by the key that `find` has under its id. Nothing that the token says leads to another key or
/// another algorithm (RFC 8725 §3.1).
pub(crate) fn verify<'k>(
    text: &str,
    find: impl FnOnce(&str) -> Option<&'k PublicKey>,
) -> Result<Signed, JwsError> {
    let token = Unverified::parse(text)?;
    let key = find(&token.header.kid).ok_or(JwsError::UnknownKey)?;
    if !token.is_signed_by(key) {
        return Err(JwsError::Signature);
    }
    Ok(Signed { header: token.header, claims: token.claims })
}

#[cfg(test)]
#[path = "jws_tests.rs"]
mod tests;
