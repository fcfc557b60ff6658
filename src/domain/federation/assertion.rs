//! What an assertion says (RFC 7523 §3).

use serde::Serialize;

use super::settings::Federation;

/// How long an assertion lives: seconds. It is sent at once; what is left is for clocks that differ.
pub(crate) const LIFE: i64 = 300;

/// How much earlier it says that it was made: some verifiers refuse what was made a second ahead of their clock.
const BACKDATED: i64 = 5;

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    iat: i64,
    exp: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    jti: Option<&'a str>,
}

/// The claims at a time, in seconds since 1970. `serial` is for what is used once: where a provider remembers it, the same
/// assertion is taken no second time. No `nbf`: all verifiers refuse one that is ahead.
pub(crate) fn claims(
    federation: &Federation,
    subject: &str,
    now: i64,
    life: i64,
    serial: Option<&str>,
) -> String {
    let claims = Claims {
        iss: federation.issuer.as_str(),
        sub: subject,
        aud: federation.audience.as_str(),
        iat: now - BACKDATED,
        exp: now + life,
        jti: serial,
    };
    // Texts and numbers: serializing them cannot fail.
    serde_json::to_string(&claims).unwrap_or_default()
}
