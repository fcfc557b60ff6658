//! What a token endpoint answered (RFC 6749 §5, RFC 8693 §2.2), read without believing it.

use serde::Deserialize;

use crate::domain::outbound::member::{Member, text, value};
use crate::domain::secrets::secret::SecretValue;
use crate::domain::time::Span;

/// A token, and how long it lives.
#[derive(Debug)]
pub(crate) struct Token {
    pub value: SecretValue,
    pub lives: Span,
}

/// Why an answer gives no token. Of its own words only the error's name is passed on, if RFC 6749 has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoToken {
    #[error("it answered with the status {0}")]
    Status(u16),
    #[error("it refused: {0}")]
    Refused(&'static str),
    #[error("its answer is no JSON object that can be read in one way only")]
    NotJson,
    #[error("its answer has no token, or an empty one")]
    Lacking,
    #[error("its answer is a token of a type that is not known")]
    TokenType,
    /// Unlike a credential's, it would be kept without an end.
    #[error("its answer does not say in seconds how long the token lives")]
    NoEnd,
    #[error("its answer is a token that has ended")]
    Ended,
}

impl NoToken {
    /// The word for operators: in JSON, logs and metrics.
    pub(crate) const fn reason(self) -> &'static str {
        match self {
            Self::Status(_) => "status",
            Self::Refused(_) => "refused",
            Self::NotJson => "not_json",
            Self::Lacking => "no_token",
            Self::TokenType => "token_type",
            Self::NoEnd => "no_end",
            Self::Ended => "ended",
        }
    }
}

/// Longer is meant by nobody: a day.
const LONGEST: i64 = 86_400;

/// RFC 6749 §5.2, RFC 8693 §2.2.2.
const ERRORS: [&str; 7] = [
    "invalid_request",
    "invalid_client",
    "invalid_grant",
    "unauthorized_client",
    "unsupported_grant_type",
    "invalid_scope",
    "invalid_target",
];

/// One name twice is no answer: what was meant cannot be told.
#[derive(Deserialize)]
struct Members {
    access_token: Option<Member>,
    token_type: Option<Member>,
    expires_in: Option<Member>,
    error: Option<Member>,
}

/// Reads an answer of this status.
pub(crate) fn read(status: u16, body: &[u8]) -> Result<Token, NoToken> {
    let members = serde_json::from_slice::<Members>(body).ok();
    if status != 200 {
        let said = members.as_ref().and_then(|members| text(members.error.as_ref()));
        let known = said.and_then(|said| ERRORS.into_iter().find(|known| *known == said));
        return Err(known
            .filter(|_| status < 500 && status != 429)
            .map_or(NoToken::Status(status), NoToken::Refused));
    }
    let members = members.ok_or(NoToken::NotJson)?;
    let token = value(members.access_token.as_ref()).ok_or(NoToken::Lacking)?;
    // A token stands in a header: RFC 6750 §2.1.
    if !token.expose().bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(NoToken::Lacking);
    }
    let is_known = |kind: &str| ["bearer", "n_a"].contains(&kind.to_ascii_lowercase().as_str());
    if !text(members.token_type.as_ref()).is_some_and(is_known) {
        return Err(NoToken::TokenType);
    }
    let Some(Member::Integer(seconds)) = members.expires_in else { return Err(NoToken::NoEnd) };
    if seconds <= 0 {
        return Err(NoToken::Ended);
    }
    let lives = Span::from_secs(seconds.min(LONGEST)).ok_or(NoToken::NoEnd)?;
    Ok(Token { value: token, lives })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_with_its_end() {
        let body =
            br#"{"access_token":"sk-ant-oat01-x","token_type":"Bearer","expires_in":3600,"scope":"a"}"#;
        let token = read(200, body).expect("a token");
        assert_eq!((token.value.expose(), Some(token.lives)), ("sk-ant-oat01-x", Span::from_secs(3600)));
        let long = br#"{"access_token":"a","token_type":"N_A","expires_in":31536000}"#;
        assert_eq!(Some(read(200, long).expect("a token").lives), Span::from_secs(LONGEST));
    }

    #[test]
    fn each_bad_answer_has_its_own_error() {
        for (status, body, error) in [
            (
                400,
                r#"{"error":"invalid_grant","error_description":"planted"}"#,
                NoToken::Refused("invalid_grant"),
            ),
            (401, r#"{"error":"planted"}"#, NoToken::Status(401)),
            (500, r#"{"error":"invalid_grant"}"#, NoToken::Status(500)),
            (429, r#"{"error":"invalid_request"}"#, NoToken::Status(429)),
            (201, r#"{"access_token":"a","token_type":"Bearer","expires_in":1}"#, NoToken::Status(201)),
            (404, "<html>", NoToken::Status(404)),
            (200, "<html>", NoToken::NotJson),
            (200, "[]", NoToken::NotJson),
            (200, r#"{"access_token":"a","access_token":"b","token_type":"Bearer"}"#, NoToken::NotJson),
            (200, "{}", NoToken::Lacking),
            (200, r#"{"access_token":"","token_type":"Bearer","expires_in":60}"#, NoToken::Lacking),
            (200, r#"{"access_token":"a\r\nX: y","token_type":"Bearer","expires_in":60}"#, NoToken::Lacking),
            (200, r#"{"access_token":null,"token_type":"Bearer","expires_in":60}"#, NoToken::Lacking),
            (200, r#"{"access_token":"a","token_type":"DPoP","expires_in":60}"#, NoToken::TokenType),
            (200, r#"{"access_token":"a","expires_in":60}"#, NoToken::TokenType),
            (200, r#"{"access_token":"a","token_type":"Bearer"}"#, NoToken::NoEnd),
            (200, r#"{"access_token":"a","token_type":"Bearer","expires_in":"60"}"#, NoToken::NoEnd),
            (200, r#"{"access_token":"a","token_type":"Bearer","expires_in":0}"#, NoToken::Ended),
            (200, r#"{"access_token":"a","token_type":"Bearer","expires_in":-60}"#, NoToken::Ended),
        ] {
            assert_eq!(read(status, body.as_bytes()).err(), Some(error), "{body}");
        }
    }
}
