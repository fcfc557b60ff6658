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
    #[error("its header names no key")]
    NoKid,
    /// `typ` stands there and is no text.
    #[error("its type is no text")]
    Type,
}

const FORBIDDEN: [&str; 8] = ["crit", "jku", "jwk", "x5u", "x5c", "zip", "enc", "b64"];

/// The header of what we sign (RFC 9068 §2.1), but for the key's id.
pub(crate) const OURS: (&str, &str) = (r#"{"typ":"at+jwt","alg":"ES256","kid":""#, r#""}"#);

impl Header {
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, HeaderError> {
        let Some(json @ Json::Object(_)) = Json::parse(bytes) else { return Err(HeaderError::Json) };
        if let Some(name) = FORBIDDEN.into_iter().find(|name| json.get(name).is_some()) {
            return Err(HeaderError::Forbidden(name));
        }
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
}
