//! What a token endpoint answered (RFC 6749 §5), read without believing it.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};

use super::failure::{Failure, Refusal};
use super::granted::Granted;
use crate::domain::outbound::member::{self, Member, text, value};
use crate::domain::secrets::secret::SecretValue;
use crate::domain::time::{Span, Timestamp};

/// A yes.
#[derive(Debug)]
pub(crate) struct Answer {
    pub access_token: SecretValue,
    /// How long it lives; `None` where that is not said, or not in words that mean something.
    pub lives: Option<Span>,
    /// What it may do; `None`: as before.
    pub scopes: Option<Granted>,
    /// Takes the place of the one that was sent; `None`: that one stays.
    pub refresh_token: Option<SecretValue>,
    /// Who signed in, as the provider says it (OpenID Connect Core 1.0 §3.1.3.3); as text, and not verified.
    #[cfg_attr(not(feature = "serve"), allow(dead_code, reason = "the portal alone signs people in"))]
    pub id_token: Option<SecretValue>,
}

impl Answer {
    /// When the token ends, if it began now.
    pub(crate) fn expires_at(&self, now: Timestamp) -> Option<Timestamp> {
        self.lives.and_then(|span| now.after(span))
    }
}

/// Anything else.
#[derive(Debug)]
pub(crate) struct NoToken {
    pub failure: Failure,
    /// It came with something that cannot be used, and is all that is left of the grant.
    pub refresh_token: Option<SecretValue>,
}

impl From<Failure> for NoToken {
    fn from(failure: Failure) -> Self {
        Self { failure, refresh_token: None }
    }
}

/// A longer life than this, ten years, is none that anybody meant: it counts as not said.
const LONGEST_LIFE: i64 = 315_360_000;

/// A life of so many seconds.
pub(super) fn life(seconds: i64) -> Option<Span> {
    Span::from_secs(seconds).filter(|span| span.as_secs() <= LONGEST_LIFE)
}

/// A name that stands there twice says nothing, and takes nothing from the others.
#[derive(Default)]
struct Members {
    access_token: Option<Member>,
    token_type: Option<Member>,
    expires_in: Option<Member>,
    refresh_token: Option<Member>,
    id_token: Option<Member>,
    scope: Option<Member>,
    error: Option<Member>,
}

impl Members {
    fn slot(&mut self, name: &str) -> Option<&mut Option<Member>> {
        Some(match name {
            "access_token" => &mut self.access_token,
            "token_type" => &mut self.token_type,
            "expires_in" => &mut self.expires_in,
            "refresh_token" => &mut self.refresh_token,
            "id_token" => &mut self.id_token,
            "scope" => &mut self.scope,
            "error" => &mut self.error,
            _ => return None,
        })
    }
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Reading)
    }
}

struct Reading;

impl<'de> Visitor<'de> for Reading {
    type Value = Members;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Members, A::Error> {
        let mut members = Members::default();
        while let Some(name) = object.next_key::<String>()? {
            // A null is as good as nothing.
            let member: Option<Member> = object.next_value()?;
            if let (Some(slot), Some(member)) = (members.slot(&name), member) {
                *slot = Some(if slot.is_some() { Member::Repeated } else { member });
            }
        }
        Ok(members)
    }
}

/// Reads an answer of this status. `before` is what was granted before: a token that may do less is none, unless
/// `narrower` is meant.
pub(crate) fn read(status: u16, body: &[u8], before: &Granted, narrower: bool) -> Result<Answer, NoToken> {
    if (300..400).contains(&status) {
        return Err(Failure::Redirect.into());
    }
    let members = serde_json::from_slice::<Members>(body).ok();
    let refused = members.as_ref().and_then(|members| text(members.error.as_ref())).map(Refusal::of);
    match (status, members, refused) {
        // A 5xx says nothing of the grant, whatever stands in it; nor does a 429.
        (500.. | 429, ..) => Err(Failure::Status(status).into()),
        (400.., _, Some(refusal)) => Err(Failure::Refused(refusal).into()),
        // GitHub says no with a status of 200.
        (200..300, Some(Members { access_token: None, .. }), Some(refusal)) => {
            Err(Failure::Refused(refusal).into())
        }
        (200..300, Some(members), _) => accept(&members, before, narrower),
        (200, None, _) => Err(Failure::NotJson.into()),
        _ => Err(Failure::Status(status).into()),
    }
}

fn accept(members: &Members, before: &Granted, narrower: bool) -> Result<Answer, NoToken> {
    // Which of them works cannot be told, and the wrong one may end the grant.
    if matches!(members.refresh_token, Some(Member::Repeated)) {
        return Err(Failure::NotJson.into());
    }
    let refresh_token = value(members.refresh_token.as_ref());
    let token = match usable(members, before, narrower) {
        Ok(token) => token,
        Err(failure) => return Err(NoToken { failure, refresh_token }),
    };
    let (access_token, lives, scopes) = token;
    let id_token = value(members.id_token.as_ref());
    Ok(Answer { access_token, lives, scopes, refresh_token, id_token })
}

type Token = (SecretValue, Option<Span>, Option<Granted>);

fn usable(members: &Members, before: &Granted, narrower: bool) -> Result<Token, Failure> {
    let access_token = value(members.access_token.as_ref()).ok_or(Failure::NoAccessToken)?;
    if !text(members.token_type.as_ref()).is_some_and(|kind| kind.eq_ignore_ascii_case("bearer")) {
        return Err(Failure::TokenType);
    }
    let lives = member::integer(members.expires_in.as_ref());
    if lives.is_some_and(|seconds| seconds <= 0) {
        return Err(Failure::PastEnd);
    }
    let lives = lives.and_then(life);
    let scopes = text(members.scope.as_ref()).and_then(|scopes| scopes.parse::<Granted>().ok());
    let scopes = scopes.filter(|scopes| !scopes.is_empty());
    if !narrower && scopes.as_ref().is_some_and(|scopes| !before.lacking_in(scopes).is_empty()) {
        return Err(Failure::Narrower);
    }
    Ok((access_token, lives, scopes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn granted(text: &str) -> Granted {
        text.parse().expect(text)
    }

    fn of(status: u16, body: &str) -> Result<Answer, NoToken> {
        read(status, body.as_bytes(), &granted("a b"), false)
    }

    #[track_caller]
    fn failure(status: u16, body: &str) -> (String, Option<String>) {
        let no = of(status, body).expect_err("no token");
        (no.failure.to_string(), no.refresh_token.map(|token| token.expose().to_owned()))
    }

    #[test]
    fn a_yes_is_read() {
        let answer = of(200, r#"{"access_token":"at","token_type":"bearer","expires_in":3600,"scope":"b a c","refresh_token":"rt","id_token":"x"}"#)
            .expect("a token");
        assert_eq!(answer.access_token.expose(), "at");
        assert_eq!((answer.lives, answer.scopes), (Span::from_secs(3600), Some(granted("a b c"))));
        assert_eq!(answer.refresh_token.expect("one").expose(), "rt");
        let bare = of(200, r#"{"access_token":"at","token_type":"Bearer"}"#).expect("a token");
        assert!(bare.lives.is_none() && bare.scopes.is_none() && bare.refresh_token.is_none());
    }

    #[test]
    fn any_yes_is_one() {
        for status in [200, 201, 203, 299] {
            let answer = of(status, r#"{"access_token":"at","token_type":"Bearer","refresh_token":"rt"}"#);
            assert_eq!(answer.expect("a token").refresh_token.expect("one").expose(), "rt", "{status}");
        }
    }

    #[test]
    fn a_life_is_whole_seconds_or_not_known() {
        for (written, expected) in [
            ("1", Span::from_secs(1)),
            ("\"3600\"", Span::from_secs(3600)),
            ("null", None),
            ("\"soon\"", None),
            ("3600.0", Span::from_secs(3600)),
            ("1.5", None),
            ("1e300", None),
            ("true", None),
            ("[1]", None),
            ("315360001", None),
            ("18446744073709551615", None),
        ] {
            let body = format!(r#"{{"access_token":"at","token_type":"Bearer","expires_in":{written}}}"#);
            assert_eq!(of(200, &body).expect("a token").lives, expected, "{written}");
        }
        for written in ["0", "-1", "\"0\""] {
            let body = format!(r#"{{"access_token":"at","token_type":"Bearer","expires_in":{written}}}"#);
            assert_eq!(failure(200, &body).0, "past-end", "{written}");
        }
    }

    #[test]
    fn a_name_that_stands_there_twice_takes_nothing_from_the_others() {
        let answer = of(
            200,
            r#"{"access_token":"at","token_type":"Bearer","refresh_token":"rt","expires_in":1,"expires_in":2,
                "scope":"a b","scope":"a","id_token":"x","id_token":"y"}"#,
        );
        let answer = answer.expect("a token");
        assert_eq!((answer.lives, answer.scopes), (None, None));
        assert_eq!(answer.refresh_token.expect("one").expose(), "rt");
        let body = r#"{"access_token":"a","access_token":"b","token_type":"Bearer","refresh_token":"rt"}"#;
        assert_eq!(failure(200, body), ("no-access-token".to_owned(), Some("rt".to_owned())));
    }

    #[test]
    fn what_cannot_be_used_keeps_the_refresh_token_that_came_with_it() {
        for (body, expected) in [
            (r#"{"access_token":"","token_type":"Bearer","refresh_token":"rt"}"#, "no-access-token"),
            (r#"{"access_token":"a\nb","token_type":"Bearer","refresh_token":"rt"}"#, "no-access-token"),
            (r#"{"access_token":7,"token_type":"Bearer","refresh_token":"rt"}"#, "no-access-token"),
            (r#"{"access_token":"at","token_type":"DPoP","refresh_token":"rt"}"#, "token-type"),
            (r#"{"access_token":"at","refresh_token":"rt"}"#, "token-type"),
            (
                r#"{"access_token":"at","token_type":"Bearer","expires_in":-5,"refresh_token":"rt"}"#,
                "past-end",
            ),
            (
                r#"{"access_token":"at","token_type":"Bearer","scope":"a","refresh_token":"rt"}"#,
                "narrower-scopes",
            ),
        ] {
            assert_eq!(failure(200, body), (expected.to_owned(), Some("rt".to_owned())), "{body}");
        }
        let narrower = r#"{"access_token":"at","token_type":"Bearer","scope":"a"}"#;
        let meant = read(200, narrower.as_bytes(), &granted("a b"), true).expect("a token");
        assert_eq!(meant.scopes, Some(granted("a")));
    }

    #[test]
    fn a_no_is_told_from_an_answer_that_says_nothing() {
        for (status, body, expected) in [
            (400, r#"{"error":"invalid_grant"}"#, "refused-invalid_grant"),
            (401, r#"{"error":"invalid_client","error_description":"sk-planted"}"#, "refused-invalid_client"),
            (400, r#"{"error":"made_up"}"#, "refused-other"),
            (200, r#"{"error":"bad_refresh_token"}"#, "refused-invalid_grant"),
            (400, "<html>", "status-400"),
            (404, "{}", "status-404"),
            (429, r#"{"error":"invalid_grant"}"#, "status-429"),
            (500, r#"{"error":"invalid_grant"}"#, "status-500"),
            (503, "", "status-503"),
            (302, "", "redirect"),
            (204, "", "status-204"),
            (201, "<html>", "status-201"),
            (201, r#"{"error":"invalid_grant"}"#, "refused-invalid_grant"),
            (200, "<!doctype html>", "not-json"),
            (200, "", "not-json"),
            (200, "[]", "not-json"),
            (200, r#"{"access_token":"a","access_token":"b","token_type":"Bearer"}"#, "no-access-token"),
            (
                200,
                r#"{"access_token":"a","token_type":"Bearer","refresh_token":"b","refresh_token":"c"}"#,
                "not-json",
            ),
            (200, r#"{"access_token":"at","token_type":"Be"#, "not-json"),
            (200, "{}", "no-access-token"),
        ] {
            assert_eq!(failure(status, body), (expected.to_owned(), None), "{status} {body}");
        }
    }
}
