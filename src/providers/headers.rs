//! What is read of an answer's headers.

use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822;
use ureq::http::HeaderMap;
use ureq::http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, DATE, HeaderName, RETRY_AFTER};

fn text<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

/// Whether the body is JSON, by what is said of it: `application/json`, `application/jwk-set+json`.
pub(super) fn is_json(headers: &HeaderMap) -> bool {
    let kind = text(headers, &CONTENT_TYPE).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind.strip_prefix("application/").is_some_and(|kind| kind == "json" || kind.ends_with("+json"))
}

pub(super) fn is_compressed(headers: &HeaderMap) -> bool {
    headers.get_all(CONTENT_ENCODING).iter().any(|value| !value.as_bytes().eq_ignore_ascii_case(b"identity"))
}

/// How long the answer may be kept (RFC 9111 §5.2.2). Of two that contradict each other, the shorter.
pub(super) fn max_age(headers: &HeaderMap) -> Option<Duration> {
    let lines = headers.get_all(CACHE_CONTROL).iter().filter_map(|value| value.to_str().ok());
    let age = |directive: &str| {
        let (name, value) = directive.trim().split_once('=').unwrap_or((directive.trim(), ""));
        match name.to_ascii_lowercase().as_str() {
            "no-store" | "no-cache" => Some(Duration::ZERO),
            // What is no number is stale (RFC 9111 §4.2.1).
            "max-age" => Some(seconds(value.trim().trim_matches('"')).unwrap_or_default()),
            _ => None,
        }
    };
    lines.flat_map(|line| line.split(',')).filter_map(age).min()
}

/// When to ask again (RFC 9110 §10.2.3). A date is compared with the answer's own, so that no clock of ours matters.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let value = text(headers, &RETRY_AFTER)?.trim();
    if let Some(seconds) = seconds(value) {
        return Some(seconds);
    }
    let at = |text: &str| rfc2822::parse(text).ok().map(|date| date.timestamp());
    let (until, now): (Timestamp, Timestamp) = (at(value)?, at(text(headers, &DATE)?)?);
    Some(until.duration_since(now).try_into().unwrap_or_default())
}

fn seconds(text: &str) -> Option<Duration> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    // What is beyond u64 is a long time, too.
    is_number.then(|| Duration::from_secs(text.parse().unwrap_or(u64::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, value.parse().expect("a value"));
        }
        headers
    }

    #[test]
    fn json_is_what_says_so() {
        for (kind, expected) in [
            ("application/json", true),
            ("Application/JSON; charset=utf-8", true),
            ("application/jwk-set+json", true),
            ("application/problem+json ;a=b", true),
            ("text/html", false),
            ("text/json", false),
            ("application/jsonp", false),
            ("", false),
        ] {
            assert_eq!(is_json(&headers(&[("content-type", kind)])), expected, "{kind}");
        }
        assert!(!is_json(&HeaderMap::new()));
    }

    #[test]
    fn an_answer_is_kept_as_long_as_it_says() {
        for (lines, expected) in [
            (&["max-age=300"] as &[_], Some(300)),
            (&["public, Max-Age=\"60\" , must-revalidate"], Some(60)),
            (&["max-age=300", "no-cache"], Some(0)),
            (&["max-age=300, max-age=30"], Some(30)),
            (&["no-store"], Some(0)),
            (&["max-age=-1"], Some(0)),
            (&["max-age=99999999999999999999999"], Some(u64::MAX)),
            (&["s-maxage=5"], None),
            (&[], None),
        ] {
            let lines: Vec<_> = lines.iter().map(|line| ("cache-control", *line)).collect();
            assert_eq!(max_age(&headers(&lines)), expected.map(Duration::from_secs), "{lines:?}");
        }
    }

    #[test]
    fn a_wait_is_a_number_or_a_date() {
        let date = ("date", "Sun, 06 Nov 1994 08:49:37 GMT");
        for (value, expected) in [
            ("120", Some(120)),
            ("Sun, 06 Nov 1994 08:50:37 GMT", Some(60)),
            ("Sun, 06 Nov 1994 08:48:37 GMT", Some(0)),
            ("soon", None),
            ("-1", None),
        ] {
            let found = retry_after(&headers(&[date, ("retry-after", value)]));
            assert_eq!(found, expected.map(Duration::from_secs), "{value}");
        }
        assert_eq!(retry_after(&headers(&[("retry-after", "Sun, 06 Nov 1994 08:50:37 GMT")])), None);
        assert_eq!(retry_after(&headers(&[date])), None);
    }

    #[test]
    fn what_is_encoded_is_seen() {
        assert!(is_compressed(&headers(&[("content-encoding", "gzip")])));
        assert!(is_compressed(&headers(&[("content-encoding", "identity"), ("content-encoding", "br")])));
        assert!(
            !is_compressed(&headers(&[("content-encoding", "Identity")]))
                && !is_compressed(&HeaderMap::new())
        );
    }
}
