//! The token that a pipeline brings: read, sorted to the trust that is about it, and verified by that one's keys, in this
//! order. Until the last of them nothing of it is believed: it gets nobody in, and leads to no key that no trust names.

use super::issuer_keys::Keys;
use crate::crypto::jws::{CiUnverified, JwsError};
use crate::domain::time::Timestamp;
use crate::domain::trusts::ci_token::{CiClaims, NotTrusted};
use crate::domain::trusts::terms::{Trust, TrustName};

/// Why it gets nobody in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refused {
    #[error(transparent)]
    Jws(#[from] JwsError),
    #[error(transparent)]
    Claims(#[from] NotTrusted),
}

impl Refused {
    /// The word for operators: in JSON, logs and metrics.
    pub(crate) const fn reason(&self) -> &'static str {
        match self {
            Self::Jws(JwsError::TooLong | JwsError::Form | JwsError::Header(_)) => "trust_form",
            Self::Jws(JwsError::UnknownKey) => "trust_key",
            Self::Jws(JwsError::Signature) => "trust_signature",
            Self::Claims(not_trusted) => not_trusted.reason(),
        }
    }
}

/// A token that was read.
#[derive(Debug)]
pub(crate) struct Brought<'t> {
    token: CiUnverified<'t>,
    claims: CiClaims,
}

impl<'t> Brought<'t> {
    /// Reads one that holds at that time.
    pub(crate) fn read(text: &'t str, now: Timestamp) -> Result<Self, Refused> {
        let token = CiUnverified::parse(text)?;
        let claims = CiClaims::parse(&token.claims)?;
        claims.check_times(now)?;
        Ok(Self { token, claims })
    }

    /// From whom it says that it is.
    pub(crate) fn issuer(&self) -> &str {
        &self.claims.issuer
    }

    /// Which of its issuer's keys it says that signed it.
    pub(crate) fn kid(&self) -> Option<&str> {
        self.token.header.kid.as_deref()
    }

    /// The trust that it would be let in by.
    pub(crate) fn choose<'s>(
        &self,
        trusts: &'s [Trust],
        named: Option<&TrustName>,
    ) -> Result<&'s Trust, Refused> {
        Ok(self.claims.choose(trusts, named)?)
    }

    /// What it says, if one of these keys signed it.
    pub(crate) fn verified(self, keys: &Keys) -> Result<CiClaims, Refused> {
        self.verify(keys)?;
        Ok(self.claims)
    }

    /// Whether one of these keys signed it.
    pub(crate) fn verify(&self, keys: &Keys) -> Result<(), Refused> {
        Ok(self.token.verify(keys)?)
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use ring::rand::SystemRandom;
    use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};

    use super::*;
    use crate::domain::tokens::header::HeaderError;
    use crate::ops::tokens::issuer_keys::given;

    const CLAIMS: &str = r#"{"iss":"https://ci.example.com","aud":"keys","exp":1800000300,"project_id":"1"}"#;
    const GOOD: &str = r#"{"alg":"ES256","kid":"e","typ":"JWT"}"#;

    fn signed(key: &EcdsaKeyPair, header: &str, claims: &str) -> String {
        let parts = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
        let signature = key.sign(&SystemRandom::new(), parts.as_bytes()).expect("signs");
        format!("{parts}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    fn key(named: &str) -> (EcdsaKeyPair, String) {
        let (random, algorithm) = (SystemRandom::new(), &ECDSA_P256_SHA256_FIXED_SIGNING);
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(algorithm, &random).expect("a key");
        let key = EcdsaKeyPair::from_pkcs8(algorithm, pkcs8.as_ref(), &random).expect("a key");
        let (x, y) = key.public_key().as_ref()[1..].split_at(32);
        let [x, y] = [x, y].map(|bytes| URL_SAFE_NO_PAD.encode(bytes));
        let set = format!(r#"{{"keys":[{{"kty":"EC","crv":"P-256"{named},"x":"{x}","y":"{y}"}}]}}"#);
        (key, set)
    }

    fn verified(token: &str, set: &str) -> Result<(), Refused> {
        let now = Timestamp::from_millis(1_800_000_000_000).expect("a time");
        Brought::read(token, now)?.verify(&given(set).expect("a set"))
    }

    #[test]
    fn what_its_issuer_signed_is_verified_and_each_fault_has_its_reason() {
        let (own, set) = key(r#","kid":"e""#);
        let (other, _) = key("");
        assert_eq!(verified(&signed(&own, GOOD, CLAIMS), &set), Ok(()));
        let expired = CLAIMS.replacen("1800000300", "1799999970", 1);
        let good = signed(&own, GOOD, CLAIMS);
        let (start, signature) = good.rsplit_once('.').expect("three parts");
        let reason = |token: &str| verified(token, &set).expect_err(token).reason();
        for (token, expected) in [
            (signed(&other, GOOD, CLAIMS), "trust_signature"),
            (signed(&own, r#"{"alg":"RS256","kid":"e"}"#, CLAIMS), "trust_signature"),
            (format!("{start}."), "trust_signature"),
            (format!("{start}.{}", URL_SAFE_NO_PAD.encode([0; 64])), "trust_signature"),
            (signed(&own, r#"{"alg":"ES256","kid":"../e"}"#, CLAIMS), "trust_key"),
            (signed(&own, r#"{"alg":"HS256","kid":"e"}"#, CLAIMS), "trust_form"),
            (signed(&own, r#"{"alg":"none","kid":"e"}"#, CLAIMS), "trust_form"),
            (signed(&own, r#"{"alg":"ES256","kid":"e","typ":"at+jwt"}"#, CLAIMS), "trust_form"),
            (signed(&own, r#"{"alg":"ES256","kid":"e","jwk":{}}"#, CLAIMS), "trust_form"),
            (format!("{start}.{signature}="), "trust_form"),
            (signed(&own, GOOD, &CLAIMS.replacen("1800000300", "\"1800000300\"", 1)), "trust_form"),
            (signed(&own, GOOD, &expired), "trust_expired"),
            (String::new(), "trust_form"),
        ] {
            assert_eq!(reason(&token), expected, "{token}");
        }
        assert_eq!(
            verified(&signed(&own, r#"{"alg":"EdDSA","kid":"e"}"#, CLAIMS), &set),
            Err(Refused::Jws(JwsError::Header(HeaderError::CiAlgorithm)))
        );
    }

    #[test]
    fn a_token_that_names_no_key_is_good_where_there_is_one_alone() {
        let (own, set) = key("");
        let nameless = signed(&own, r#"{"alg":"ES256"}"#, CLAIMS);
        assert_eq!(verified(&nameless, &set), Ok(()));
        let (_, second) = key("");
        let both = set.replacen("]}", &format!(",{}", &second[9..]), 1);
        assert_eq!(verified(&nameless, &both), Err(Refused::Jws(JwsError::UnknownKey)));
        assert_eq!(verified(&signed(&own, GOOD, CLAIMS), &set), Err(Refused::Jws(JwsError::UnknownKey)));
    }
}
