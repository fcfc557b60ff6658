//! What a pipeline's token says, and which trust lets it in.

use std::collections::BTreeMap;

use serde_json::Value;

use super::terms::{Trust, TrustName};
use crate::domain::texts::strict_json::Json;
use crate::domain::time::Timestamp;
use crate::domain::tokens::claims::Skew;

/// The claims of a CI's token. Of what is no text, number or truth value, nothing can be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CiClaims {
    pub issuer: Box<str>,
    /// Never empty.
    pub audience: Vec<Box<str>>,
    /// Whole seconds since 1970 in UTC.
    expires_at: i64,
    issued_at: Option<i64>,
    not_before: Option<i64>,
    /// By name. A whole number is its decimal digits, `true` and `false` are these words.
    texts: BTreeMap<String, String>,
}

/// Why a token gets nobody in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NotTrusted {
    #[error("its claims are no JSON object that can be read in one way only")]
    Json,
    #[error("its claims have no {0}")]
    Missing(&'static str),
    /// A number that is a text or has a fraction.
    #[error("its claim {0} has another form")]
    Form(&'static str),
    #[error("it has expired")]
    Expired,
    /// `iat` or `nbf` lies ahead.
    #[error("it is not valid yet")]
    NotYet,
    #[error("no trust is about tokens of its issuer")]
    Issuer,
    #[error("it is for the audience of no trust in its issuer")]
    Audience,
    /// Of all trusts in its issuer for its audience.
    #[error("what it claims is not what a trust asks for")]
    Claims,
    #[error("there is no such trust in its issuer")]
    Name,
    /// Which of their keys is meant cannot be told.
    #[error("more than one trust lets it in: name one")]
    Ambiguous,
}

impl NotTrusted {
    /// The word for operators: in JSON, logs and metrics.
    pub(crate) const fn reason(&self) -> &'static str {
        match self {
            Self::Json | Self::Missing(_) | Self::Form(_) => "trust_form",
            Self::Expired => "trust_expired",
            Self::NotYet => "trust_not_yet_valid",
            Self::Issuer => "trust_issuer",
            Self::Audience => "trust_audience",
            Self::Claims => "trust_claims",
            Self::Name => "trust_name",
            Self::Ambiguous => "trust_ambiguous",
        }
    }
}

/// How far the clocks of a CI and of this store may differ.
const SKEW: i64 = Skew::LONGEST;

impl CiClaims {
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, NotTrusted> {
        let Some(json @ Json::Object(_)) = Json::parse(bytes) else { return Err(NotTrusted::Json) };
        let number = |name| match json.get(name) {
            None => Ok(None),
            Some(Json::Integer(number)) => Ok(Some(*number)),
            Some(_) => Err(NotTrusted::Form(name)),
        };
        let issuer = match json.get("iss") {
            None => return Err(NotTrusted::Missing("iss")),
            Some(Json::Text(issuer)) => issuer.as_str().into(),
            Some(_) => return Err(NotTrusted::Form("iss")),
        };
        let audience = match json.get("aud") {
            None => return Err(NotTrusted::Missing("aud")),
            Some(Json::Text(one)) => vec![one.as_str().into()],
            Some(Json::Texts(more)) => more.iter().map(|one| one.as_str().into()).collect(),
            Some(_) => return Err(NotTrusted::Form("aud")),
        };
        let expires_at = number("exp")?.ok_or(NotTrusted::Missing("exp"))?;
        // What can be read in one way only is read the same by the second parser, which keeps truth values.
        let all: BTreeMap<String, Value> = serde_json::from_slice(bytes).map_err(|_| NotTrusted::Json)?;
        let texts = all.into_iter().filter_map(|(name, value)| Some((name, text_of(value)?))).collect();
        Ok(Self {
            issuer,
            audience,
            expires_at,
            issued_at: number("iat")?,
            not_before: number("nbf")?,
            texts,
        })
    }

    /// Whether it holds at that time.
    pub(crate) fn check_times(&self, now: Timestamp) -> Result<(), NotTrusted> {
        let now = now.as_millis().div_euclid(1000);
        if self.expires_at <= now.saturating_sub(SKEW) {
            return Err(NotTrusted::Expired);
        }
        let begins = self.issued_at.max(self.not_before).unwrap_or(i64::MIN);
        if begins > now.saturating_add(SKEW) { Err(NotTrusted::NotYet) } else { Ok(()) }
    }

    /// A claim as a text.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.texts.get(name).map(String::as_str)
    }

    pub(crate) fn is_for(&self, audience: &str) -> bool {
        self.audience.iter().any(|one| **one == *audience)
    }

    /// Whether all holds that a trust asks of the claims, but for issuer and audience.
    fn meet(&self, trust: &Trust) -> bool {
        trust.terms.claims.iter().all(|(name, value)| self.get(name) == Some(value))
    }

    /// The one trust that lets this token in: of its issuer, for its audience, with claims as they are asked for; and of
    /// this name, where one is given. Several are none: their keys may do different things, and nobody said which is
    /// meant.
    pub(crate) fn choose<'t>(
        &self,
        trusts: &'t [Trust],
        named: Option<&TrustName>,
    ) -> Result<&'t Trust, NotTrusted> {
        let mut left: Vec<&Trust> =
            trusts.iter().filter(|trust| *trust.terms.issuer.as_str() == *self.issuer).collect();
        if left.is_empty() {
            return Err(NotTrusted::Issuer);
        }
        if let Some(named) = named {
            left.retain(|trust| trust.name == *named);
            if left.is_empty() {
                return Err(NotTrusted::Name);
            }
        }
        left.retain(|trust| self.is_for(trust.terms.audience.as_str()));
        if left.is_empty() {
            return Err(NotTrusted::Audience);
        }
        left.retain(|trust| self.meet(trust));
        match *left {
            [] => Err(NotTrusted::Claims),
            [one] => Ok(one),
            _ => Err(NotTrusted::Ambiguous),
        }
    }
}

/// As a trust writes it. A fraction can be written in many ways, and is none of them.
fn text_of(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        Value::Bool(value) => Some(value.to_string()),
        Value::Number(number) => (number.is_i64() || number.is_u64()).then(|| number.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::trusts::terms::{Claim, RequiredClaims, Terms};

    const NOW: i64 = 1_800_000_000;
    const GOOD: &str = r#"{"iss":"https://ci.example.com","aud":["other","keys"],"exp":1800000300,"iat":1800000000,"nbf":1799999995,"sub":"repo:a/b","project_id":"123","run":7,"protected":true,"ref":"main"}"#;

    fn trust(name: &str, issuer: &str, audience: &str, claims: &[&str]) -> Trust {
        let claims = claims.iter().map(|text| text.parse::<Claim>().expect(text));
        Trust {
            name: name.parse().expect("a name"),
            terms: Terms {
                issuer: issuer.parse().expect("an issuer"),
                audience: audience.parse().expect("an audience"),
                claims: RequiredClaims::of(claims).expect("claims"),
                any_ref: false,
                ttl: Terms::TTL,
                keys: None,
            },
            key: "key_01h455vb4pex5vsknk084sn02q".parse().expect("an id"),
            created_at: Timestamp::from_millis(1).expect("a time"),
        }
    }

    fn chosen(trusts: &[Trust], named: Option<&str>) -> Result<String, NotTrusted> {
        let named = named.map(|name| name.parse().expect("a name"));
        let claims = CiClaims::parse(GOOD.as_bytes()).expect("claims");
        claims.choose(trusts, named.as_ref()).map(|trust| trust.name.to_string())
    }

    #[test]
    fn the_one_trust_whose_terms_hold_is_chosen() {
        let main = trust("main", "https://ci.example.com", "keys", &["project_id=123", "ref=main"]);
        let other = trust("other", "https://ci.example.com", "keys", &["project_id=123", "ref=next"]);
        assert_eq!(chosen(&[main.clone(), other.clone()], None).as_deref(), Ok("main"));
        let wide = trust("wide", "https://ci.example.com", "other", &["run=7", "protected=true"]);
        let trusts = [main, other, wide];
        assert_eq!(chosen(&trusts, None), Err(NotTrusted::Ambiguous));
        assert_eq!(chosen(&trusts, Some("wide")).as_deref(), Ok("wide"));
        assert_eq!(chosen(&trusts, Some("other")), Err(NotTrusted::Claims));
        assert_eq!(chosen(&trusts, Some("none")), Err(NotTrusted::Name));
    }

    #[test]
    fn each_fault_has_its_own_reason() {
        let with = |issuer, audience, claim| chosen(&[trust("a", issuer, audience, &[claim])], None);
        let ci = "https://ci.example.com";
        assert_eq!(chosen(&[], None), Err(NotTrusted::Issuer));
        for issuer in ["https://ci.example.com/", "https://ci.example.co", "https://ci.example.com:443"] {
            assert_eq!(with(issuer, "keys", "ref=main"), Err(NotTrusted::Issuer), "{issuer}");
        }
        for audience in ["key", "keys/", "Keys"] {
            assert_eq!(with(ci, audience, "ref=main"), Err(NotTrusted::Audience), "{audience}");
        }
        for claim in
            ["ref=Main", "ref=main/", "project_id=0123", "run=7.0", "run=07", "protected=1", "none=main"]
        {
            assert_eq!(with(ci, "keys", claim), Err(NotTrusted::Claims), "{claim}");
        }
    }

    #[test]
    fn claims_that_could_mean_something_else_are_refused() {
        for (old, new, error) in [
            (r#""exp":1800000300,"#, "", NotTrusted::Missing("exp")),
            ("1800000300", r#""1800000300""#, NotTrusted::Form("exp")),
            ("1800000300", "1800000300.0", NotTrusted::Form("exp")),
            ("1800000300", "18e8", NotTrusted::Form("exp")),
            ("1800000300", "null", NotTrusted::Form("exp")),
            (r#""nbf":1799999995"#, r#""nbf":"1""#, NotTrusted::Form("nbf")),
            (r#""iat":1800000000"#, r#""iat":null"#, NotTrusted::Form("iat")),
            (r#""iss":"https://ci.example.com","#, "", NotTrusted::Missing("iss")),
            (r#""https://ci.example.com""#, "7", NotTrusted::Form("iss")),
            (r#""aud":["other","keys"],"#, "", NotTrusted::Missing("aud")),
            (r#"["other","keys"]"#, "[]", NotTrusted::Form("aud")),
            (r#"["other","keys"]"#, r#"["keys",1]"#, NotTrusted::Form("aud")),
            (r#""run":7"#, r#""ref":"main""#, NotTrusted::Json),
            (r#""run":7"#, r#""a":{"b":1,"b":2}"#, NotTrusted::Json),
        ] {
            let text = GOOD.replacen(old, new, 1);
            assert_ne!(text, GOOD, "{old}");
            assert_eq!(CiClaims::parse(text.as_bytes()), Err(error), "{text}");
        }
        let odd = GOOD.replacen(r#""ref":"main""#, r#""ref":["main"]"#, 1).replacen(
            r#""run":7"#,
            r#""run":7.5"#,
            1,
        );
        let claims = CiClaims::parse(odd.as_bytes()).expect("claims");
        assert_eq!(
            (claims.get("ref"), claims.get("run"), claims.get("project_id")),
            (None, None, Some("123"))
        );
    }

    #[test]
    fn clocks_may_differ_by_half_a_minute() {
        let claims = CiClaims::parse(GOOD.as_bytes()).expect("claims");
        for (seconds, expected) in [
            (NOW, Ok(())),
            (NOW + 329, Ok(())),
            (NOW + 330, Err(NotTrusted::Expired)),
            (NOW - 30, Ok(())),
            (NOW - 31, Err(NotTrusted::NotYet)),
        ] {
            let now = Timestamp::from_millis(seconds * 1000 + 999).expect("a time");
            assert_eq!(claims.check_times(now), expected, "{seconds}");
        }
        let huge = GOOD.replacen("1800000300", "9223372036854775807", 1);
        let now = Timestamp::from_millis(NOW * 1000).expect("a time");
        assert_eq!(CiClaims::parse(huge.as_bytes()).expect("claims").check_times(now), Ok(()));
    }
}
