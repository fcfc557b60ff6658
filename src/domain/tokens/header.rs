//! The header of a token, before anything is known of whoever wrote it.

use crate::domain::texts::strict_json::Json;

/// Which key is said to have signed, and what the token says that it is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Header {
    /// Looked up in the table of our own keys and nowhere else: it may be any text.
    pub kid: String,
    pub is_access_token: bool,
}

/// Why a header is refused, in the order in which it is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum HeaderError {
    /// No JSON object, or a member twice.
    #[error("its header is no JSON object that can be read in one way only")]
    Json,
    /// A member that would have the token say how it is verified (RFC 8725 §3.5, §3.10), or that is not understood
    /// and must be (RFC 7515 §4.1.11).
    #[error("its header has {0}, which nothing may have")]
    Forbidden(&'static str),
    /// Anything but ES256: `none`, and what verifies by a secret, among it.
    #[error("its algorithm is not ES256")]
    Algorithm,
    /// Of a CI's token: anything but the two that CIs sign with.
    #[error("its algorithm is neither RS256 nor ES256")]
    CiAlgorithm,
    #[error("its header names no key")]
    NoKid,
    /// `typ` stands there and is no text.
    #[error("its type is no text")]
    Type,
    /// An access token, for one, which the issuer gave for something else.
    #[error("its type is not JWT")]
    CiType,
}

/// What a CI signs its tokens with (RFC 7518 §3.3, §3.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Algorithm {
    Rs256,
    Es256,
}

/// The header of a token that a CI signed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct CiHeader {
    /// Looked up among the keys of its issuer alone. `None`: there can be one key only.
    pub kid: Option<String>,
    /// Which one it says: it has to be that of the key.
    pub algorithm: Algorithm,
}

const FORBIDDEN: [&str; 8] = ["crit", "jku", "jwk", "x5u", "x5c", "zip", "enc", "b64"];

/// The header of what we sign (RFC 9068 §2.1), but for the key's id.
pub(crate) const OURS: (&str, &str) = (r#"{"typ":"at+jwt","alg":"ES256","kid":""#, r#""}"#);

/// A header that leads nowhere else.
fn read(bytes: &[u8]) -> Result<Json, HeaderError> {
    let Some(json @ Json::Object(_)) = Json::parse(bytes) else { return Err(HeaderError::Json) };
    match FORBIDDEN.into_iter().find(|name| json.get(name).is_some()) {
        Some(name) => Err(HeaderError::Forbidden(name)),
        None => Ok(json),
    }
}

impl Header {
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, HeaderError> {
        let json = read(bytes)?;
        match json.get("alg") {
            Some(Json::Text(alg)) if alg == "ES256" => {}
            _ => return Err(HeaderError::Algorithm),
        }
        let Some(Json::Text(kid)) = json.get("kid") else { return Err(HeaderError::NoKid) };
        let is_access_token = match json.get("typ") {
            None => false,
            // RFC 9068 §4; media types are compared without regard to case.
            Some(Json::Text(typ)) => {
                ["at+jwt", "application/at+jwt"].iter().any(|ours| typ.eq_ignore_ascii_case(ours))
            }
            Some(_) => return Err(HeaderError::Type),
        };
        Ok(Self { kid: kid.clone(), is_access_token })
    }
}

impl CiHeader {
    /// An ID token says `JWT` of itself, or nothing; anything else is made for another purpose (RFC 8725 §3.11).
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, HeaderError> {
        let json = read(bytes)?;
        let algorithm = match json.get("alg") {
            Some(Json::Text(alg)) if alg == "RS256" => Algorithm::Rs256,
            Some(Json::Text(alg)) if alg == "ES256" => Algorithm::Es256,
            _ => return Err(HeaderError::CiAlgorithm),
        };
        let kid = match json.get("kid") {
            None => None,
            Some(Json::Text(kid)) => Some(kid.clone()),
            Some(_) => return Err(HeaderError::NoKid),
        };
        match json.get("typ") {
            None => {}
            Some(Json::Text(typ)) if typ.eq_ignore_ascii_case("JWT") => {}
            Some(_) => return Err(HeaderError::CiType),
        }
        Ok(Self { kid, algorithm })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ours_reads_back() {
        let header = [OURS.0, "a", OURS.1].concat();
        let read = Header::parse(header.as_bytes());
        assert_eq!(read, Ok(Header { kid: "a".to_owned(), is_access_token: true }));
    }

    #[test]
    fn every_way_around_the_table_is_refused() {
        for (header, error) in [
            (r#"{"alg":"none","kid":"a"}"#, HeaderError::Algorithm),
            (r#"{"alg":"None","kid":"a"}"#, HeaderError::Algorithm),
            (r#"{"alg":"HS256","kid":"a"}"#, HeaderError::Algorithm),
            (r#"{"alg":"es256","kid":"a"}"#, HeaderError::Algorithm),
            (r#"{"alg":["ES256"],"kid":"a"}"#, HeaderError::Algorithm),
            (r#"{"alg":null,"kid":"a"}"#, HeaderError::Algorithm),
            (r#"{"kid":"a"}"#, HeaderError::Algorithm),
            (r#"{"alg":"ES256"}"#, HeaderError::NoKid),
            (r#"{"alg":"ES256","kid":7}"#, HeaderError::NoKid),
            (r#"{"alg":"ES256","kid":null}"#, HeaderError::NoKid),
            (r#"{"alg":"ES256","kid":"a","typ":7}"#, HeaderError::Type),
            (r#"{"alg":"ES256","kid":"a","crit":["exp"],"exp":1}"#, HeaderError::Forbidden("crit")),
            (r#"{"alg":"ES256","kid":"a","crit":[]}"#, HeaderError::Forbidden("crit")),
            (r#"{"alg":"ES256","kid":"a","jku":"https://a"}"#, HeaderError::Forbidden("jku")),
            (r#"{"alg":"ES256","kid":"a","jwk":{}}"#, HeaderError::Forbidden("jwk")),
            (r#"{"alg":"ES256","kid":"a","x5u":"https://a"}"#, HeaderError::Forbidden("x5u")),
            (r#"{"alg":"ES256","kid":"a","x5c":[]}"#, HeaderError::Forbidden("x5c")),
            (r#"{"alg":"ES256","kid":"a","zip":"DEF"}"#, HeaderError::Forbidden("zip")),
            (r#"{"alg":"ES256","kid":"a","kid":"a"}"#, HeaderError::Json),
            (r#"{"alg":"ES256","\u0061lg":"none","kid":"a"}"#, HeaderError::Json),
            (r#"["ES256"]"#, HeaderError::Json),
            ("", HeaderError::Json),
        ] {
            assert_eq!(Header::parse(header.as_bytes()), Err(error), "{header}");
        }
    }

    #[test]
    fn an_id_token_is_no_access_token() {
        for (typ, expected) in
            [("JWT", false), ("at+JWT", true), ("application/at+jwt", true), ("at+jwt ", false)]
        {
            let header = format!(r#"{{"alg":"ES256","kid":"a","typ":"{typ}"}}"#);
            let read = Header::parse(header.as_bytes()).expect(typ);
            assert_eq!(read.is_access_token, expected, "{typ}");
        }
    }

    #[test]
    fn a_ci_s_token_is_of_two_algorithms_and_of_no_other_type() {
        let kid = || Some("a".to_owned());
        for (header, expected) in [
            (r#"{"alg":"RS256","kid":"a","typ":"JWT"}"#, Ok((kid(), Algorithm::Rs256))),
            (r#"{"alg":"ES256","kid":"a","typ":"jwt"}"#, Ok((kid(), Algorithm::Es256))),
            (r#"{"alg":"RS256","kid":"a","x5t":"AA"}"#, Ok((kid(), Algorithm::Rs256))),
            (r#"{"alg":"RS256"}"#, Ok((None, Algorithm::Rs256))),
            (r#"{"alg":"RS256","kid":7}"#, Err(HeaderError::NoKid)),
            (r#"{"alg":"RS256","kid":"a","typ":"at+jwt"}"#, Err(HeaderError::CiType)),
            (r#"{"alg":"RS256","kid":"a","typ":"application/at+jwt"}"#, Err(HeaderError::CiType)),
            (r#"{"alg":"RS256","kid":"a","typ":"logout+jwt"}"#, Err(HeaderError::CiType)),
            (r#"{"alg":"RS256","kid":"a","typ":7}"#, Err(HeaderError::CiType)),
            (r#"{"alg":"RS512","kid":"a"}"#, Err(HeaderError::CiAlgorithm)),
            (r#"{"alg":"PS256","kid":"a"}"#, Err(HeaderError::CiAlgorithm)),
            (r#"{"alg":"HS256","kid":"a"}"#, Err(HeaderError::CiAlgorithm)),
            (r#"{"alg":"none","kid":"a"}"#, Err(HeaderError::CiAlgorithm)),
            (r#"{"alg":"rs256","kid":"a"}"#, Err(HeaderError::CiAlgorithm)),
            (r#"{"kid":"a"}"#, Err(HeaderError::CiAlgorithm)),
            (r#"{"alg":"RS256","kid":"a","kid":"b"}"#, Err(HeaderError::Json)),
            (r#"{"alg":"RS256","kid":"a","jku":"https://a"}"#, Err(HeaderError::Forbidden("jku"))),
            (r#"{"alg":"RS256","kid":"a","jwk":{}}"#, Err(HeaderError::Forbidden("jwk"))),
            (r#"{"alg":"RS256","kid":"a","x5c":[]}"#, Err(HeaderError::Forbidden("x5c"))),
            (r#"{"alg":"RS256","kid":"a","crit":["exp"]}"#, Err(HeaderError::Forbidden("crit"))),
        ] {
            let expected = expected.map(|(kid, algorithm)| CiHeader { kid, algorithm });
            assert_eq!(CiHeader::parse(header.as_bytes()), expected, "{header}");
        }
    }
}
