//! Whom a provider's ID token is about, of all that OpenID Connect Core 1.0 §3.1.3.7 has a client look at behind its signature.

use std::fmt;
use std::str::FromStr;

use crate::domain::owners::subject::OwnerSubject;
use crate::domain::time::Timestamp;
use crate::domain::tokens::claims::Skew;
use crate::domain::trusts::ci_token::{CiClaims, NotTrusted};

/// The claim that says who somebody is: 1 to 64 visible characters of ASCII, and none that says something else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PersonClaim(Box<str>);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PersonClaimError {
    #[error("a claim's name has 1 to 64 visible characters of ASCII")]
    Form,
    #[error("this claim says something else than who somebody is")]
    Other,
}

/// Claims of the token itself, of how somebody signed in, or that many have in common.
const OTHERS: [&str; 16] = [
    "iss",
    "aud",
    "azp",
    "exp",
    "iat",
    "nbf",
    "jti",
    "nonce",
    "at_hash",
    "c_hash",
    "acr",
    "amr",
    "auth_time",
    "sid",
    "email_verified",
    "hd",
];

/// What no address of a mail counts without (OpenID Connect Core 1.0 §5.1).
const VERIFIED: &str = "email_verified";

impl PersonClaim {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The scope without which a provider leaves it out (§5.4).
    pub(crate) fn scope(&self) -> Option<&'static str> {
        match self.as_str() {
            "sub" => None,
            "email" => Some("email"),
            _ => Some("profile"),
        }
    }
}

/// `sub`: the one that a provider gives to nobody else, ever (§2).
impl Default for PersonClaim {
    fn default() -> Self {
        Self("sub".into())
    }
}

impl FromStr for PersonClaim {
    type Err = PersonClaimError;

    fn from_str(text: &str) -> Result<Self, PersonClaimError> {
        if !(1..=64).contains(&text.len()) || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(PersonClaimError::Form);
        }
        if OTHERS.contains(&text) { Err(PersonClaimError::Other) } else { Ok(Self(text.into())) }
    }
}

impl fmt::Display for PersonClaim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a token has to say to be the answer to a sign-in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Expected<'e> {
    pub issuer: &'e str,
    pub client: &'e str,
    pub nonce: &'e str,
    /// Whole seconds since 1970 in UTC.
    pub begun_at: i64,
    pub claim: &'e PersonClaim,
}

/// Why a token is nobody's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Nobody {
    #[error(transparent)]
    Claims(#[from] NotTrusted),
    #[error("it is another issuer's")]
    Issuer,
    #[error("it is for another client")]
    Audience,
    /// Of several audiences, none is said to be the one that asked; or another one is.
    #[error("it was asked for by another client")]
    AuthorizedParty,
    /// It answers another sign-in.
    #[error("its nonce is another one")]
    Nonce,
    /// It was made before the sign-in began, or does not say when.
    #[error("it was not made for this sign-in")]
    Old,
    #[error("it has no claim {0} that could be a subject")]
    NoClaim(String),
    #[error("its email address is not verified")]
    Unverified,
}

impl Nobody {
    /// The word for operators.
    pub(crate) const fn reason(&self) -> &'static str {
        match self {
            Self::Claims(NotTrusted::Expired) => "id_token_expired",
            Self::Claims(NotTrusted::NotYet) => "id_token_not_yet_valid",
            Self::Claims(_) => "id_token_form",
            Self::Issuer => "id_token_issuer",
            Self::Audience => "id_token_audience",
            Self::AuthorizedParty => "id_token_azp",
            Self::Nonce => "id_token_nonce",
            Self::Old => "id_token_old",
            Self::NoClaim(_) => "id_token_claim",
            Self::Unverified => "email_unverified",
        }
    }
}

/// The subject of whom these claims are about.
pub(crate) fn subject(
    claims: &CiClaims,
    expected: &Expected<'_>,
    now: Timestamp,
) -> Result<OwnerSubject, Nobody> {
    if *claims.issuer != *expected.issuer {
        return Err(Nobody::Issuer);
    }
    if !claims.is_for(expected.client) {
        return Err(Nobody::Audience);
    }
    match claims.get("azp") {
        Some(party) if party != expected.client => return Err(Nobody::AuthorizedParty),
        None if claims.audience.len() > 1 => return Err(Nobody::AuthorizedParty),
        _ => {}
    }
    claims.check_times(now)?;
    if claims.get("nonce") != Some(expected.nonce) {
        return Err(Nobody::Nonce);
    }
    let issued_at = claims.get("iat").and_then(|text| text.parse::<i64>().ok());
    if issued_at.is_none_or(|at| at < expected.begun_at.saturating_sub(Skew::LONGEST)) {
        return Err(Nobody::Old);
    }
    let name = expected.claim.as_str();
    if name == "email" && claims.get(VERIFIED) != Some("true") {
        return Err(Nobody::Unverified);
    }
    let found = claims.get(name).and_then(|text| text.parse().ok());
    found.ok_or_else(|| Nobody::NoClaim(name.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_800_000_000;
    const GOOD: &str = r#"{"iss":"https://id.example","aud":"app","exp":1800000300,"iat":1800000000,"nonce":"n","sub":"u1","email":"a@b.example","email_verified":true}"#;

    fn judged(text: &str, claim: &str) -> Result<String, Nobody> {
        let claim: PersonClaim = claim.parse().expect("a claim");
        let expected = Expected {
            issuer: "https://id.example",
            client: "app",
            nonce: "n",
            begun_at: NOW - 60,
            claim: &claim,
        };
        let claims = CiClaims::parse(text.as_bytes())?;
        let now = Timestamp::from_millis(NOW * 1000).expect("a time");
        subject(&claims, &expected, now).map(|subject| subject.as_str().to_owned())
    }

    #[test]
    fn a_token_of_this_sign_in_says_who_somebody_is() {
        assert_eq!(judged(GOOD, "sub").as_deref(), Ok("u1"));
        assert_eq!(judged(GOOD, "email").as_deref(), Ok("a@b.example"));
        let several = GOOD.replace(r#""aud":"app""#, r#""aud":["other","app"],"azp":"app""#);
        assert_eq!(judged(&several, "sub").as_deref(), Ok("u1"));
    }

    #[test]
    fn each_fault_has_its_own_reason() {
        for (old, new, claim, reason) in [
            ("id.example", "id.example/", "sub", "id_token_issuer"),
            (r#""aud":"app""#, r#""aud":"app2""#, "sub", "id_token_audience"),
            (r#""aud":"app""#, r#""aud":["app","other"]"#, "sub", "id_token_azp"),
            (r#""aud":"app""#, r#""aud":"app","azp":"other""#, "sub", "id_token_azp"),
            ("1800000300", "1799999970", "sub", "id_token_expired"),
            (r#""iat":1800000000"#, r#""iat":1800000031"#, "sub", "id_token_not_yet_valid"),
            (r#""iat":1800000000"#, r#""iat":1799999909"#, "sub", "id_token_old"),
            (r#""iat":1800000000,"#, "", "sub", "id_token_old"),
            (r#""nonce":"n""#, r#""nonce":"m""#, "sub", "id_token_nonce"),
            (r#""nonce":"n","#, "", "sub", "id_token_nonce"),
            (r#""sub":"u1""#, r#""sub":"""#, "sub", "id_token_claim"),
            (r#""sub":"u1""#, r#""sub":"ü""#, "sub", "id_token_claim"),
            (r#""sub":"u1""#, r#""sub":["u1"]"#, "sub", "id_token_claim"),
            (":true", ":false", "email", "email_unverified"),
            (r#","email_verified":true"#, "", "email", "email_unverified"),
            (r#""exp":1800000300,"#, "", "sub", "id_token_form"),
            (r#""sub":"u1""#, r#""sub":"u1","sub":"u2""#, "sub", "id_token_form"),
        ] {
            let text = GOOD.replacen(old, new, 1);
            assert_ne!(text, GOOD, "{old}");
            assert_eq!(judged(&text, claim).expect_err(&text).reason(), reason, "{text}");
        }
    }

    #[test]
    fn a_claim_that_many_have_is_none() {
        for name in ["iss", "nonce", "email_verified"] {
            assert_eq!(name.parse::<PersonClaim>(), Err(PersonClaimError::Other), "{name}");
        }
        for name in ["", "a b", "é", &"a".repeat(65)] {
            assert_eq!(name.parse::<PersonClaim>(), Err(PersonClaimError::Form), "{name}");
        }
        let scopes = ["sub", "email", "preferred_username"]
            .map(|name| name.parse::<PersonClaim>().expect("a claim").scope());
        assert_eq!(scopes, [None, Some("email"), Some("profile")]);
    }
}
