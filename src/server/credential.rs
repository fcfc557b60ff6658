//! What a request presents: `Authorization: Bearer TOKEN` (RFC 6750 §2.1), or `X-API-Key: TOKEN`.

use hyper::HeaderMap;
use hyper::header::{AUTHORIZATION, HeaderName, HeaderValue};

use super::refusal::Refusal;

pub(super) const X_API_KEY: HeaderName = HeaderName::from_static("x-api-key");

/// The one token of a request. A token that cannot be one is handed on as it is, and denied like any
/// other that nobody knows.
pub(super) fn token(headers: &HeaderMap) -> Result<&str, Refusal> {
    let bearer = single(headers, &AUTHORIZATION, TWICE)?.map(bearer).transpose()?.flatten();
    let key = single(headers, &X_API_KEY, TWICE)?.map(text);
    match (bearer, key) {
        (Some(bearer), Some(key)) if bearer != key => Err(bad(DIFFERENT)),
        (Some(token), _) | (None, Some(token)) => Ok(token),
        (None, None) => Err(Refusal::NoCredential),
    }
}

const TWICE: &str = "a credential's header stands there twice";
const DIFFERENT: &str = "Authorization and X-API-Key name two different credentials: send one";
const COMMA: &str = "a comma in the Bearer token: somebody on the way joined two Authorization headers, or there are two tokens";
const BLANK: &str = "a blank in the Bearer token: it is Bearer, one blank, and the token";

pub(super) const fn bad(why: &'static str) -> Refusal {
    Refusal::Request { status: 400, why }
}

/// The value of a header that may stand there once.
pub(super) fn single<'h>(
    headers: &'h HeaderMap,
    name: &HeaderName,
    why: &'static str,
) -> Result<Option<&'h HeaderValue>, Refusal> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (value, None) => Ok(value),
        _ => Err(bad(why)),
    }
}

/// What is not visible ASCII cannot be a token: nobody knows the empty one either.
fn text(value: &HeaderValue) -> &str {
    value.to_str().unwrap_or_default()
}

/// The token behind `Bearer`; `None` of another scheme, which may be meant for the backend.
fn bearer(value: &HeaderValue) -> Result<Option<&str>, Refusal> {
    let value = text(value).trim_matches(' ');
    let (scheme, rest) = value.split_once(' ').unwrap_or((value, ""));
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Ok(None);
    }
    let token = rest.trim_start_matches(' ');
    if token.contains(',') {
        return Err(bad(COMMA));
    }
    if token.contains([' ', '\t']) {
        return Err(bad(BLANK));
    }
    Ok(Some(token))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[(&str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(
                name.parse::<HeaderName>().expect("name"),
                HeaderValue::from_bytes(value.as_bytes()).expect("value"),
            );
        }
        headers
    }

    #[test]
    fn one_token_is_taken_from_either_header() {
        for lines in [
            &[("authorization", "Bearer abc")][..],
            &[("authorization", "bearer  abc")],
            &[("x-api-key", "abc")],
            &[("x-api-key", "abc"), ("authorization", "Bearer abc")],
            &[("x-api-key", "abc"), ("authorization", "Basic eDp5")],
        ] {
            assert_eq!(token(&headers(lines)), Ok("abc"), "{lines:?}");
        }
    }

    #[test]
    fn no_token_is_no_credential_and_an_empty_one_is_a_wrong_one() {
        for lines in [&[][..], &[("authorization", "Basic eDp5")], &[("authorization", "Digest a, b")]] {
            assert_eq!(token(&headers(lines)), Err(Refusal::NoCredential), "{lines:?}");
        }
        for lines in [&[("authorization", "Bearer")][..], &[("x-api-key", "")], &[("x-api-key", "\u{fc}")]] {
            assert_eq!(token(&headers(lines)), Ok(""), "{lines:?}");
        }
    }

    #[test]
    fn two_credentials_are_refused() {
        for (lines, why) in [
            (&[("authorization", "Bearer a"), ("authorization", "Bearer a")][..], TWICE),
            (&[("x-api-key", "a"), ("x-api-key", "a")], TWICE),
            (&[("x-api-key", "a"), ("authorization", "Bearer b")], DIFFERENT),
            (&[("authorization", "Bearer a,Bearer b")], COMMA),
            (&[("authorization", "Bearer a, b")], COMMA),
            (&[("authorization", "Bearer a b")], BLANK),
        ] {
            assert_eq!(token(&headers(lines)), Err(bad(why)), "{lines:?}");
        }
    }
}
