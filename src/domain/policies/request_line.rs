//! A request as somebody types it: `GET /v1/memories/alice`.

use std::str::FromStr;

use super::path::without_query;
use super::request::Request;

/// Method and path with a blank between; the version of HTTP behind them, as logs have it, says nothing more (RFC 9112
/// §3). The query is the client's and cut off at once: it may hold anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RequestLine {
    method: Box<str>,
    path: Box<str>,
}

/// Why a text is no request. Its words are not repeated: a query is among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RequestLineError {
    #[error("the request is empty")]
    Empty,
    #[error("the request has no method before its path")]
    NoMethod,
    #[error("the request has no path behind its method")]
    NoPath,
    #[error("the request has more than a method and a path")]
    TooMany,
    /// RFC 9110 §9.1, §5.6.2.
    #[error("the request's first word cannot be a method")]
    Method,
}

impl RequestLine {
    pub(crate) fn method(&self) -> &str {
        &self.method
    }

    /// As it was typed, without its query.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// As a gateway would tell it of a client that came over https.
    pub(crate) fn request(&self) -> Request<'_> {
        Request { method: Some(&self.method), target: Some(self.path.as_bytes()), is_https: true }
    }
}

impl FromStr for RequestLine {
    type Err = RequestLineError;

    fn from_str(text: &str) -> Result<Self, RequestLineError> {
        let words: Vec<&str> = text.split_ascii_whitespace().collect();
        let (method, target) = match words.as_slice() {
            [] => return Err(RequestLineError::Empty),
            [path] if path.contains('/') => return Err(RequestLineError::NoMethod),
            [_] => return Err(RequestLineError::NoPath),
            [method, target] => (*method, *target),
            [method, target, version] if version.starts_with("HTTP/") => (*method, *target),
            _ => return Err(RequestLineError::TooMany),
        };
        if !method.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)) {
            return Err(RequestLineError::Method);
        }
        let path = String::from_utf8_lossy(without_query(target.as_bytes()));
        Ok(Self { method: method.into(), path: path.into() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_a_method_and_a_path() {
        for (text, method, path) in [
            ("GET /v1/memories/alice", "GET", "/v1/memories/alice"),
            ("  GET\t/a  ", "GET", "/a"),
            ("GET /a?token=x HTTP/1.1", "GET", "/a"),
            ("get /é", "get", "/é"),
            ("OPTIONS *", "OPTIONS", "*"),
        ] {
            let line: RequestLine = text.parse().expect(text);
            assert_eq!((line.method(), line.path()), (method, path), "{text}");
        }
    }

    #[test]
    fn whatever_else_is_typed_is_told_apart() {
        use RequestLineError as Error;
        for (text, error) in [
            ("", Error::Empty),
            (" \t", Error::Empty),
            ("/v1/memories/alice", Error::NoMethod),
            ("GET/v1", Error::NoMethod),
            ("GET", Error::NoPath),
            ("GET /a /b", Error::TooMany),
            ("GET /a b HTTP/1.1", Error::TooMany),
            ("GET, /a", Error::Method),
            ("/a GET", Error::Method),
            ("\"GET /a\"", Error::Method),
        ] {
            assert_eq!(text.parse::<RequestLine>(), Err(error), "{text}");
        }
    }
}
