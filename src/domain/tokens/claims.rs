//! What a token says, and when what it says holds.

use std::fmt;

use serde::{Serialize, Serializer};

use super::audience::{Audience, Issuer};
use crate::domain::id::{self, IdSeed, KeyId};
use crate::domain::keys::scope::{Scope, Scopes};
use crate::domain::owners::subject::OwnerSubject;
use crate::domain::random::{Random, RandomError};
use crate::domain::texts::strict_json::Json;
use crate::domain::time::{Span, Timestamp};

/// How far back a token is dated: verifiers whose clocks are behind refuse one from the future, some of them by one second.
pub(crate) const BACKDATED: Span = Span::seconds(5);

/// How long a token lives.
///
/// Unit: whole seconds, more than [`BACKDATED`] up to an hour. It counts from the backdated `iat`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Ttl(Span);

/// Why a span is no life of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TtlError {
    #[error("a token lives longer than {BACKDATED}, by which it is backdated")]
    TooShort,
    #[error("a token lives at most {}: nobody can take it back where it is verified offline", Ttl::LONGEST.0)]
    TooLong,
}

impl Ttl {
    pub(crate) const DEFAULT: Self = Self(Span::seconds(300));
    pub(crate) const TEN_MINUTES: Self = Self(Span::seconds(600));
    pub(crate) const LONGEST: Self = Self(Span::seconds(3600));

    pub(crate) const fn span(self) -> Span {
        self.0
    }
}

impl TryFrom<Span> for Ttl {
    type Error = TtlError;

    fn try_from(span: Span) -> Result<Self, TtlError> {
        if span <= BACKDATED {
            return Err(TtlError::TooShort);
        }
        if span > Self::LONGEST.0 { Err(TtlError::TooLong) } else { Ok(Self(span)) }
    }
}

/// How far the clock of whoever signed may be ahead of that of whoever verifies, and how long a token is good behind its
/// end: 0 to 30 seconds each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Skew {
    ahead: i64,
    behind: i64,
}

impl Skew {
    /// Seconds that no two clocks may differ by more than.
    pub(crate) const LONGEST: i64 = 30;

    /// Where both read one clock.
    pub(crate) const NONE: Self = Self { ahead: 0, behind: 0 };

    /// Where a token is issued by a server's own clock and verified by the store's. It may begin a little late, and
    /// never ends late.
    pub(crate) const AHEAD: Self = Self { ahead: Self::LONGEST, behind: 0 };

    /// `None` for more than 30 seconds.
    #[cfg_attr(
        not(test),
        allow(dead_code, reason = "whoever verifies by another clock than the issuer's needs it")
    )]
    pub(crate) fn of(span: Span) -> Option<Self> {
        let seconds = span.as_secs();
        (seconds <= Self::LONGEST).then_some(Self { ahead: seconds, behind: seconds })
    }
}

/// Which token it is: 26 characters, as behind `key_` in a key's id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TokenSerial(u128);

impl TokenSerial {
    pub(crate) fn generate(now: Timestamp, random: &mut dyn Random) -> Result<Self, RandomError> {
        Ok(Self(IdSeed::draw(random)?.at(now)))
    }
}

impl fmt::Display for TokenSerial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(str::from_utf8(&id::base32(self.0)).unwrap_or_default())
    }
}

impl Serialize for TokenSerial {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// What a token says. Times are whole seconds since 1970 in UTC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Claims {
    pub issuer: Box<str>,
    pub subject: Box<str>,
    /// Never empty.
    pub audience: Vec<Box<str>>,
    pub issued_at: i64,
    pub expires_at: i64,
    /// `jti`.
    pub serial: Box<str>,
    /// The key that was exchanged.
    pub client_id: KeyId,
    pub scopes: Scopes,
    /// `kver`: which version of the key this is about. Whatever is taken away from a key raises it.
    pub version: i64,
}

/// When a token is issued now for a key that ends then: from and until when it says that it holds, in seconds. `None`
/// where the key ends before the token would begin to be of use.
pub(crate) fn times(now: Timestamp, ttl: Ttl, key_ends: Option<Timestamp>) -> Option<(i64, i64)> {
    let seconds = |at: Timestamp| at.as_millis().div_euclid(1000);
    let issued_at = seconds(now.before(BACKDATED));
    let expires_at = issued_at + ttl.0.as_secs();
    let expires_at = key_ends.map_or(expires_at, |end| expires_at.min(seconds(end)));
    (expires_at > seconds(now)).then_some((issued_at, expires_at))
}

/// The claims as they are signed: in this order, numbers as integers. No `nbf`, which verifiers with late clocks refuse,
/// and nothing that asks for something to be understood.
#[derive(Serialize)]
struct Written<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: Audiences<'a>,
    exp: i64,
    iat: i64,
    jti: &'a str,
    client_id: KeyId,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
    kver: i64,
}

/// One as a text, more as a list (RFC 7519 §4.1.3).
#[derive(Serialize)]
#[serde(untagged)]
enum Audiences<'a> {
    One(&'a str),
    More(&'a [Box<str>]),
}

/// Why claims are refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ClaimsError {
    #[error("its claims are no JSON object that can be read in one way only")]
    Json,
    #[error("its claims have no {0}")]
    Missing(&'static str),
    /// A number that is a text or has a fraction, a key's id that is none …
    #[error("its claim {0} has another form")]
    Form(&'static str),
    /// Another one's, or for nobody here.
    #[error("it is from another issuer")]
    Issuer,
    #[error("it is for another audience")]
    Audience,
    #[error("it has expired")]
    Expired,
    /// `iat` or `nbf` lies ahead.
    #[error("it is not valid yet")]
    NotYet,
    /// None of ours does: so it is from whoever got at a signing key, or of a later keyctl.
    #[error("it ends before it begins, or lives longer than an hour")]
    Life,
}

impl ClaimsError {
    /// The word for operators: in JSON, logs and metrics.
    pub(crate) const fn reason(&self) -> &'static str {
        match self {
            Self::Issuer => "issuer",
            Self::Audience => "audience",
            Self::Expired => "expired",
            Self::NotYet => "not_yet_valid",
            Self::Json | Self::Missing(_) | Self::Form(_) | Self::Life => "claims",
        }
    }
}

/// What a verifier expects of a token.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Expected<'a> {
    pub issuer: &'a Issuer,
    pub audience: &'a Audience,
    pub now: Timestamp,
    pub skew: Skew,
}

impl Claims {
    /// The key that claims name, by which the rest is looked up before all of them are read.
    pub(crate) fn key_of(json: &[u8]) -> Option<KeyId> {
        match Json::parse(json)?.get("client_id")? {
            Json::Text(id) => id.parse().ok(),
            _ => None,
        }
    }

    /// As JSON.
    pub(crate) fn to_json(&self) -> String {
        let scope = self.scopes.iter().map(Scope::as_str).collect::<Vec<_>>().join(" ");
        let written = Written {
            iss: &self.issuer,
            sub: &self.subject,
            aud: match &*self.audience {
                [one] => Audiences::One(one),
                more => Audiences::More(more),
            },
            exp: self.expires_at,
            iat: self.issued_at,
            jti: &self.serial,
            client_id: self.client_id,
            // RFC 6749 §3.3 has no empty one.
            scope: (!scope.is_empty()).then_some(scope),
            kver: self.version,
        };
        // Texts and numbers: nothing of it can fail.
        serde_json::to_string(&written).unwrap_or_default()
    }

    /// Reads claims whose signature was verified, and refuses what does not hold for this verifier now.
    pub(crate) fn verify(bytes: &[u8], expected: &Expected<'_>) -> Result<Self, ClaimsError> {
        let (claims, not_before) = Self::parse(bytes)?;
        if *claims.issuer != *expected.issuer.as_str() {
            return Err(ClaimsError::Issuer);
        }
        if !claims.audience.iter().any(|audience| **audience == *expected.audience.as_str()) {
            return Err(ClaimsError::Audience);
        }
        let (now, skew) = (expected.now.as_millis().div_euclid(1000), expected.skew);
        let Claims { issued_at, expires_at, .. } = claims;
        // Saturating: what was signed by a stolen key has any number.
        if expires_at <= issued_at || expires_at.saturating_sub(issued_at) > Ttl::LONGEST.0.as_secs() {
            return Err(ClaimsError::Life);
        }
        if expires_at <= now.saturating_sub(skew.behind) {
            return Err(ClaimsError::Expired);
        }
        if issued_at.max(not_before.unwrap_or(i64::MIN)) > now.saturating_add(skew.ahead) {
            return Err(ClaimsError::NotYet);
        }
        Ok(claims)
    }

    /// The claims and `nbf`.
    pub(crate) fn parse(bytes: &[u8]) -> Result<(Self, Option<i64>), ClaimsError> {
        let Some(json @ Json::Object(_)) = Json::parse(bytes) else { return Err(ClaimsError::Json) };
        let text = |name| match json.get(name) {
            Some(Json::Text(text)) if text.is_empty() => Err(ClaimsError::Form(name)),
            Some(Json::Text(text)) => Ok(text.as_str()),
            Some(_) => Err(ClaimsError::Form(name)),
            None => Err(ClaimsError::Missing(name)),
        };
        let number = |name| match json.get(name) {
            Some(Json::Integer(number)) => Ok(*number),
            Some(_) => Err(ClaimsError::Form(name)),
            None => Err(ClaimsError::Missing(name)),
        };
        let audience = match json.get("aud") {
            Some(Json::Text(one)) if !one.is_empty() => vec![one.as_str().into()],
            Some(Json::Texts(more)) => more.iter().map(|text| text.as_str().into()).collect(),
            Some(_) => return Err(ClaimsError::Form("aud")),
            None => return Err(ClaimsError::Missing("aud")),
        };
        let subject: OwnerSubject = text("sub")?.parse().map_err(|_| ClaimsError::Form("sub"))?;
        let claims = Self {
            issuer: text("iss")?.into(),
            subject: subject.as_str().into(),
            audience,
            issued_at: number("iat")?,
            expires_at: number("exp")?,
            serial: text("jti")?.into(),
            client_id: text("client_id")?.parse().map_err(|_| ClaimsError::Form("client_id"))?,
            scopes: match json.get("scope") {
                None => Scopes::default(),
                Some(_) => scopes(text("scope")?).ok_or(ClaimsError::Form("scope"))?,
            },
            version: number("kver")?,
        };
        let not_before = json.get("nbf").map(|_| number("nbf")).transpose()?;
        Ok((claims, not_before))
    }
}

/// Scopes with single blanks between them (RFC 6749 §3.3).
fn scopes(text: &str) -> Option<Scopes> {
    text.split(' ').map(|scope| scope.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: i64 = 1_800_000_000;
    const GOOD: &str = r#"{"iss":"https://keys.example.com","sub":"alice","aud":"billing","exp":1800000295,"iat":1799999995,"jti":"01h2xcejqtf2nbrexx3vqjhp41","client_id":"key_01h2xcejqtf2nbrexx3vqjhp41","scope":"a:read b","kver":3}"#;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1000 + 999).expect("a time")
    }

    fn verify_at(json: &str, seconds: i64, skew: i64) -> Result<Claims, ClaimsError> {
        let issuer = "https://keys.example.com".parse().expect("an issuer");
        let audience = "billing".parse().expect("an audience");
        let skew = Skew::of(Span::from_secs(skew).expect("a span")).expect("a skew");
        Claims::verify(
            json.as_bytes(),
            &Expected { issuer: &issuer, audience: &audience, now: at(seconds), skew },
        )
    }

    fn verify(json: &str) -> Result<Claims, ClaimsError> {
        verify_at(json, NOW, 0)
    }

    #[test]
    fn what_is_written_reads_back_and_is_written_the_same() {
        let claims = verify(GOOD).expect("good");
        assert_eq!((claims.version, claims.scopes.len()), (3, 2));
        assert_eq!(claims.to_json(), GOOD);
        let none = Claims { scopes: Scopes::default(), ..claims.clone() }.to_json();
        assert!(!none.contains("scope"), "{none}");
        assert_eq!(verify(&none).expect("good").scopes, Scopes::default());
        let two = Claims { audience: vec!["billing".into(), "a".into()], ..claims }.to_json();
        assert!(two.contains(r#""aud":["billing","a"]"#), "{two}");
        assert_eq!(verify(&two).expect("good").audience.len(), 2);
    }

    #[test]
    fn each_fault_has_its_own_reason() {
        use ClaimsError::{Audience, Form, Issuer, Json, Life, Missing, NotYet};

        let with = |old: &str, new: &str| {
            let json = GOOD.replacen(old, new, 1);
            assert_ne!(json, GOOD, "{old}");
            json
        };
        for (json, error) in [
            (with(r#""kver":3"#, r#""kver":3,"exp":1800000295"#), Json),
            (with(r#""kver":3"#, r#""kver":3,"x":{"a":1,"a":1}"#), Json),
            (format!("{GOOD} x"), Json),
            ("[]".to_owned(), Json),
            (with("1800000295", r#""1800000295""#), Form("exp")),
            (with("1800000295", "1800000295.0"), Form("exp")),
            (with("1800000295", "18e8"), Form("exp")),
            (with("1800000295", "null"), Form("exp")),
            (with(r#""exp":1800000295,"#, ""), Missing("exp")),
            (with("1799999995", "1799999995.5"), Form("iat")),
            (with(r#""iat":1799999995,"#, ""), Missing("iat")),
            (with(r#""aud":"billing","#, ""), Missing("aud")),
            (with(r#""billing""#, r#""""#), Form("aud")),
            (with(r#""billing""#, "[]"), Form("aud")),
            (with(r#""billing""#, r#"["billing",7]"#), Form("aud")),
            (with(r#""billing""#, r#"["Billing","billing/"]"#), Audience),
            (with("keys.example", "keys2.example"), Issuer),
            (with(r#""iss":"https://keys.example.com","#, ""), Missing("iss")),
            (with("alice", "al ice"), Form("sub")),
            (with(r#""sub":"alice","#, ""), Missing("sub")),
            (with("key_01h2", "sks_01h2"), Form("client_id")),
            (with("a:read b", "a:read  b"), Form("scope")),
            (with("a:read b", "A"), Form("scope")),
            (with(r#""kver":3"#, r#""kver":"3""#), Form("kver")),
            (with(r#","kver":3"#, ""), Missing("kver")),
            (with(r#""jti":"01h2xcejqtf2nbrexx3vqjhp41","#, ""), Missing("jti")),
            (with(r#""kver":3"#, r#""kver":3,"nbf":1800000001"#), NotYet),
            (with(r#""kver":3"#, r#""kver":3,"nbf":"1""#), Form("nbf")),
            (with("1799999995", "1800000001"), NotYet),
            (with("1800000295", "1800003596"), Life),
            (with("1800000295", "9223372036854775807"), Life),
            (with("1799999995", "-9223372036854775808"), Life),
            (with("1800000295", "1799999995"), Life),
        ] {
            assert_eq!(verify(&json), Err(error), "{json}");
        }
    }

    #[test]
    fn the_end_is_exclusive_and_clocks_may_differ_by_the_skew_alone() {
        for (seconds, skew, expected) in [
            (NOW + 294, 0, None),
            (NOW + 295, 0, Some(ClaimsError::Expired)),
            (NOW + 324, 30, None),
            (NOW + 325, 30, Some(ClaimsError::Expired)),
            (NOW - 5, 0, None),
            (NOW - 6, 0, Some(ClaimsError::NotYet)),
            (NOW - 35, 30, None),
            (NOW - 36, 30, Some(ClaimsError::NotYet)),
        ] {
            assert_eq!(verify_at(GOOD, seconds, skew).err(), expected, "{seconds} {skew}");
        }
        assert_eq!(Skew::of(Span::seconds(31)), None);
    }

    #[test]
    fn a_token_is_backdated_and_ends_with_its_key_at_the_latest() {
        let now = at(NOW);
        let ends = |seconds| Some(at(seconds));
        for (key_ends, expected) in [
            (None, Some((NOW - 5, NOW + 295))),
            (ends(NOW + 1000), Some((NOW - 5, NOW + 295))),
            (ends(NOW + 100), Some((NOW - 5, NOW + 100))),
            (ends(NOW + 1), Some((NOW - 5, NOW + 1))),
            (ends(NOW), None),
            (ends(NOW - 9), None),
        ] {
            assert_eq!(times(now, Ttl::DEFAULT, key_ends), expected, "{key_ends:?}");
        }
    }

    #[test]
    fn a_life_is_longer_than_what_it_is_backdated_by_and_at_most_an_hour() {
        for (seconds, expected) in
            [(0, Err(TtlError::TooShort)), (5, Err(TtlError::TooShort)), (3601, Err(TtlError::TooLong))]
        {
            assert_eq!(Ttl::try_from(Span::seconds(seconds)), expected);
        }
        for seconds in [6, 3600] {
            assert!(Ttl::try_from(Span::seconds(seconds)).is_ok(), "{seconds}");
        }
    }

    proptest! {
        /// Whatever stands there: never a panic, and what is taken is written the same again.
        #[test]
        fn what_is_taken_is_what_we_would_write(bytes in proptest::collection::vec(any::<u8>(), 0..300), at in 0..GOOD.len()) {
            let _ = verify(&String::from_utf8_lossy(&bytes));
            let mut json = GOOD.as_bytes().to_vec();
            if let Some(byte) = bytes.first() {
                json[at] = *byte;
            }
            if let Ok(claims) = verify(&String::from_utf8_lossy(&json)) {
                let again = verify(&claims.to_json());
                prop_assert_eq!(again.as_ref(), Ok(&claims));
            }
        }

        #[test]
        fn every_time_and_life_give_claims_that_hold_at_once(now in 10_i64..250_000_000_000, ttl in 6_u16..=3600, end in proptest::option::of(0_i64..4000)) {
            let time = Timestamp::from_millis(now * 1000).expect("a time");
            let ends = end.and_then(|end| Timestamp::from_millis((now + end) * 1000));
            let ttl = Ttl::try_from(Span::seconds(ttl)).expect("a life");
            if let Some((from, until)) = times(time, ttl, ends) {
                prop_assert!(from == now - 5 && until > now && until <= from + ttl.span().as_secs());
                prop_assert!(end.is_none_or(|end| until <= now + end));
            } else {
                prop_assert_eq!(end, Some(0));
            }
        }
    }
}
