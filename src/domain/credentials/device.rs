//! Signing in on another device (RFC 8628): what a provider answers, and how often it is asked.

use std::time::Duration;

use serde::Deserialize;

use super::answer::life;
use super::failure::{Failure, Refusal};
use crate::domain::outbound::endpoint::Endpoint;
use crate::domain::outbound::member::{Member, integer, text, value};
use crate::domain::secrets::secret::SecretValue;
use crate::domain::texts::text::is_hidden;

/// What somebody types, and where (§3.2).
#[derive(Debug)]
pub(crate) struct Device {
    /// What tokens are had for.
    pub code: SecretValue,
    /// 1 to 64 visible characters.
    pub user_code: String,
    pub verification: Endpoint,
    /// The same with the code in it.
    pub complete: Option<Endpoint>,
    pub expires_in: Duration,
    pub interval: Duration,
}

const LONGEST_CODE: usize = 64;
/// Where the provider says nothing (§3.2).
const INTERVAL: Duration = Duration::from_secs(5);
/// A provider that wants to be asked less often than this wants something else.
const LONGEST_INTERVAL: Duration = Duration::from_mins(5);
/// What a `slow_down` adds (§3.5).
const SLOWER: Duration = Duration::from_secs(5);

#[derive(Deserialize)]
struct Members {
    device_code: Option<Member>,
    user_code: Option<Member>,
    verification_uri: Option<Member>,
    /// What Google calls it.
    verification_url: Option<Member>,
    verification_uri_complete: Option<Member>,
    expires_in: Option<Member>,
    interval: Option<Member>,
}

impl Device {
    /// Reads an answer of this status.
    pub(crate) fn read(status: u16, body: &[u8]) -> Result<Self, Failure> {
        match (status, error(body)) {
            (300..400, _) => Err(Failure::Redirect),
            (500.. | 429, _) => Err(Failure::Status(status)),
            (400.., Some(error)) => Err(Failure::Refused(Refusal::of(&error))),
            (200..300, error) => Self::parse(body)
                .ok_or_else(|| error.map_or(Failure::NotJson, |error| Failure::Refused(Refusal::of(&error)))),
            _ => Err(Failure::Status(status)),
        }
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let members: Members = serde_json::from_slice(bytes).ok()?;
        let address = |member: &Option<Member>| text(member.as_ref())?.parse::<Endpoint>().ok();
        let seconds =
            |member: &Option<Member>| u64::try_from(life(integer(member.as_ref())?)?.as_secs()).ok();
        let user_code = text(members.user_code.as_ref())?.trim();
        let fits = (1..=LONGEST_CODE).contains(&user_code.chars().count());
        if !fits || user_code.chars().any(is_hidden) {
            return None;
        }
        let interval = seconds(&members.interval).map_or(INTERVAL, Duration::from_secs);
        Some(Self {
            code: value(members.device_code.as_ref())?,
            user_code: user_code.to_owned(),
            verification: address(&members.verification_uri)
                .or_else(|| address(&members.verification_url))?,
            complete: address(&members.verification_uri_complete),
            expires_in: seconds(&members.expires_in).filter(|left| *left > 0).map(Duration::from_secs)?,
            interval: interval.clamp(Duration::from_secs(1), LONGEST_INTERVAL),
        })
    }
}

/// What an answer to the question for tokens means (§3.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Ask again, this long after.
    Again(Duration),
    Denied,
    Expired,
    /// It is a token, or another no.
    Ended,
}

/// The word of a no (RFC 6749 §5.2).
fn error(body: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Refused {
        error: Option<Member>,
    }
    let refused: Refused = serde_json::from_slice(body).ok()?;
    text(refused.error.as_ref()).map(str::to_owned)
}

/// `interval` is what was waited before.
pub(crate) fn step(status: u16, body: &[u8], interval: Duration) -> Step {
    if status == 429 || status >= 500 {
        return Step::Again(longer(interval));
    }
    match error(body).as_deref() {
        Some("authorization_pending") => Step::Again(interval),
        Some("slow_down") => Step::Again((interval + SLOWER).min(LONGEST_INTERVAL)),
        Some("access_denied") => Step::Denied,
        Some("expired_token") => Step::Expired,
        _ => Step::Ended,
    }
}

/// After a question that nobody answered (§3.5).
pub(crate) fn longer(interval: Duration) -> Duration {
    (interval * 2).min(LONGEST_INTERVAL)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn device(more: &str) -> Option<Device> {
        Device::parse(format!(r#"{{"device_code":"dc","user_code":"AB-CD"{more}}}"#).as_bytes())
    }

    #[test]
    fn an_answer_is_read() {
        let found = device(
            r#","verification_uri":"https://a.example/d","verification_uri_complete":"https://a.example/d?c=AB-CD",
               "expires_in":600,"interval":2"#,
        )
        .expect("an answer");
        assert_eq!((found.code.expose(), found.user_code.as_str()), ("dc", "AB-CD"));
        assert_eq!((found.expires_in.as_secs(), found.interval.as_secs()), (600, 2));
        assert!(found.complete.is_some());
        let google = r#","verification_url":"https://a.example/d","expires_in":"600""#;
        assert_eq!(device(google).expect("an answer").interval, INTERVAL);
        let odd = r#","verification_uri":"https://a.example/d","expires_in":9,"interval":0"#;
        assert_eq!(device(odd).expect("an answer").interval.as_secs(), 1);
    }

    #[test]
    fn what_nobody_could_act_on_is_no_answer() {
        for more in [
            "",
            r#","verification_uri":"javascript:alert(1)","expires_in":600"#,
            r#","verification_uri":"http://a.example/d","expires_in":600"#,
            r#","verification_uri":"https://a.example/d""#,
            r#","verification_uri":"https://a.example/d","expires_in":0"#,
            r#","verification_uri":"https://a.example/d","expires_in":-1"#,
            r#","user_code":"AB","verification_uri":"https://a.example/d","expires_in":600"#,
        ] {
            assert!(device(more).is_none(), "{more}");
        }
        for code in ["", "   ", "\\u001b[2J", &"A".repeat(LONGEST_CODE + 1)] {
            let answer = format!(
                r#"{{"device_code":"dc","user_code":"{code}","verification_uri":"https://a.example","expires_in":9}}"#
            );
            assert!(Device::parse(answer.as_bytes()).is_none(), "{code}");
        }
    }

    #[test]
    fn a_no_has_a_name() {
        let failure = |status, body: &str| Device::read(status, body.as_bytes()).expect_err(body).to_string();
        assert_eq!(failure(400, r#"{"error":"invalid_scope"}"#), "refused-invalid_scope");
        // GitHub says no with a status of 200.
        assert_eq!(failure(200, r#"{"error":"unauthorized_client"}"#), "refused-unauthorized_client");
        assert_eq!(failure(200, "<html>"), "not-json");
        assert_eq!(failure(302, ""), "redirect");
        assert_eq!(failure(404, "Not Found"), "status-404");
        assert_eq!(failure(503, r#"{"error":"invalid_scope"}"#), "status-503");
    }

    #[test]
    fn it_is_asked_less_often_where_the_provider_says_so() {
        let seconds = Duration::from_secs;
        let error = |error: &str| format!(r#"{{"error":"{error}"}}"#);
        for (status, body, expected) in [
            (400, error("authorization_pending"), Step::Again(seconds(7))),
            (400, error("slow_down"), Step::Again(seconds(12))),
            (400, error("access_denied"), Step::Denied),
            (400, error("expired_token"), Step::Expired),
            (400, error("invalid_grant"), Step::Ended),
            // GitHub says it with a status of 200.
            (200, error("authorization_pending"), Step::Again(seconds(7))),
            (200, r#"{"access_token":"at"}"#.to_owned(), Step::Ended),
            (429, String::new(), Step::Again(seconds(14))),
            (503, error("access_denied"), Step::Again(seconds(14))),
        ] {
            assert_eq!(step(status, body.as_bytes(), seconds(7)), expected, "{status} {body}");
        }
        assert_eq!(step(400, error("slow_down").as_bytes(), LONGEST_INTERVAL), Step::Again(LONGEST_INTERVAL));
    }
}
