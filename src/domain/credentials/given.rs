//! Tokens that somebody gives: the provider's own answer will do.

use serde::Deserialize;

use super::answer::life;
use super::client::ClientAuth;
use super::granted::{Granted, GrantedError};
use crate::domain::outbound::member::{Member, integer, text, value};
use crate::domain::secrets::secret::SecretValue;
use crate::domain::time::{Span, Timestamp};

/// What was given.
#[derive(Debug)]
pub(crate) struct Given {
    pub access_token: SecretValue,
    pub refresh_token: Option<SecretValue>,
    pub ends: Ends,
    /// `None`: it was not said.
    pub scopes: Option<Granted>,
    /// A client's secret, or its private key.
    pub client_secret: Option<SecretValue>,
}

/// When an access token ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ends {
    Unknown,
    In(Span),
    At(Timestamp),
}

impl Ends {
    /// What somebody types: seconds from now, a duration or a time; nothing where nobody knows.
    pub(crate) fn typed(text: &str) -> Result<Self, GivenError> {
        if text.is_empty() {
            return Ok(Self::Unknown);
        }
        let span = text.parse().map_or_else(|_| text.parse::<Span>().ok(), Span::from_secs);
        let span = span.map(Span::as_secs).filter(|seconds| *seconds > 0).and_then(life);
        let time = || Timestamp::parse(text).ok().map(Self::At);
        span.map(Self::In).or_else(time).ok_or(GivenError::Typed)
    }

    pub(crate) fn resolve(self, now: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Unknown => None,
            Self::In(span) => now.after(span),
            Self::At(time) => Some(time),
        }
    }
}

/// Why a text gives no tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum GivenError {
    #[error("it is no JSON object, or has a name twice")]
    Json,
    #[error("it has no \"access_token\", or one with a line end, a control character or a blank at an end")]
    AccessToken,
    #[error("its \"{0}\" is empty: leave it out where there is none")]
    Empty(&'static str),
    #[error("its \"{0}\" cannot be used: it has a control character, or is longer than 64 KiB")]
    Value(&'static str),
    #[error("its \"token_type\" is not Bearer, and nothing else can be handed out")]
    TokenType,
    #[error("its \"expires_in\" is no number of seconds from 1 to ten years")]
    ExpiresIn,
    #[error("its \"expires_at\" is no time as in 2027-01-31T12:00:00Z, nor seconds since 1970")]
    ExpiresAt,
    #[error("an end is seconds from now as in 3600, a duration of ten years at most as in 8h, or a time")]
    Typed,
    #[error("it has \"expires_in\" and \"expires_at\", and only one can be meant")]
    EndsTwice,
    #[error("its \"scope\" cannot be used: {0}")]
    Scope(#[from] GrantedError),
    #[error("it has \"client_secret\" and \"private_key\", and a client has one of them")]
    SecretTwice,
    #[error("it has \"{given}\", and a client that proves itself by {auth} needs its \"{needed}\"")]
    OtherProof { given: &'static str, needed: &'static str, auth: &'static str },
}

#[derive(Deserialize)]
struct Members {
    access_token: Option<Member>,
    refresh_token: Option<Member>,
    token_type: Option<Member>,
    expires_in: Option<Member>,
    expires_at: Option<Member>,
    scope: Option<Member>,
    client_secret: Option<Member>,
    private_key: Option<Member>,
}

impl Given {
    /// Reads a JSON object. Members that are not known are passed over: a provider's answer has more than is needed.
    /// What the client proves itself by is what `auth` needs: a key that is taken for a secret would be sent.
    pub(crate) fn parse(bytes: &[u8], auth: ClientAuth) -> Result<Self, GivenError> {
        let members: Members = serde_json::from_slice(bytes).map_err(|_| GivenError::Json)?;
        if members.token_type.is_some()
            && !text(members.token_type.as_ref()).is_some_and(|kind| kind.eq_ignore_ascii_case("bearer"))
        {
            return Err(GivenError::TokenType);
        }
        let client_secret = proof(&members, auth)?;
        let scopes = text(members.scope.as_ref()).map(str::parse).transpose()?;
        Ok(Self {
            access_token: value(members.access_token.as_ref()).ok_or(GivenError::AccessToken)?,
            refresh_token: optional(members.refresh_token.as_ref(), "refresh_token")?,
            ends: ends(members.expires_in.as_ref(), members.expires_at.as_ref())?,
            scopes,
            client_secret,
        })
    }
}

/// What a client proves itself by, of a JSON object that may have nothing else.
pub(crate) fn parse_proof(bytes: &[u8], auth: ClientAuth) -> Result<Option<SecretValue>, GivenError> {
    let members: Members = serde_json::from_slice(bytes).map_err(|_| GivenError::Json)?;
    proof(&members, auth)
}

fn proof(members: &Members, auth: ClientAuth) -> Result<Option<SecretValue>, GivenError> {
    let client_secret = optional(members.client_secret.as_ref(), "client_secret")?;
    let private_key = lines(members.private_key.as_ref())?;
    if client_secret.is_some() && private_key.is_some() {
        return Err(GivenError::SecretTwice);
    }
    let given = [("client_secret", client_secret.is_some()), ("private_key", private_key.is_some())];
    let given = given.into_iter().find_map(|(name, is_given)| is_given.then_some(name));
    match (given, auth.needs()) {
        (Some(given), Some(needed)) if given != needed => {
            Err(GivenError::OtherProof { given, needed, auth: auth.as_str() })
        }
        _ => Ok(client_secret.or(private_key)),
    }
}

/// A value that may be missing; one that is empty is a slip.
fn optional(member: Option<&Member>, name: &'static str) -> Result<Option<SecretValue>, GivenError> {
    match member {
        None => Ok(None),
        some if text(some) == Some("") => Err(GivenError::Empty(name)),
        some => value(some).map(Some).ok_or(GivenError::Value(name)),
    }
}

fn lines(member: Option<&Member>) -> Result<Option<SecretValue>, GivenError> {
    let Some(member) = member else { return Ok(None) };
    let text = text(Some(member)).ok_or(GivenError::Value("private_key"))?;
    SecretValue::from_bytes(text.as_bytes(), true).map(Some).map_err(|_| GivenError::Value("private_key"))
}

fn ends(expires_in: Option<&Member>, expires_at: Option<&Member>) -> Result<Ends, GivenError> {
    match (expires_in, expires_at) {
        (None, None) => Ok(Ends::Unknown),
        (Some(_), Some(_)) => Err(GivenError::EndsTwice),
        (some, None) => {
            let span = integer(some).filter(|seconds| *seconds > 0).and_then(life);
            span.map(Ends::In).ok_or(GivenError::ExpiresIn)
        }
        (None, some) => {
            let seconds = integer(some).and_then(|seconds| seconds.checked_mul(1000));
            let time = seconds.and_then(Timestamp::from_millis);
            let time = time.or_else(|| Timestamp::parse(text(some)?).ok());
            time.map(Ends::At).ok_or(GivenError::ExpiresAt)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(text: &str) -> Result<Given, GivenError> {
        Given::parse(text.as_bytes(), ClientAuth::None)
    }

    #[test]
    fn a_provider_s_answer_will_do() {
        let all = given(
            r#"{"access_token":"at","token_type":"bearer","expires_in":3600,"refresh_token":"rt","scope":"a b",
                "id_token":"x.y.z","client_secret":"cs"}"#,
        )
        .expect("tokens");
        assert_eq!(all.access_token.expose(), "at");
        assert_eq!(all.refresh_token.expect("one").expose(), "rt");
        assert_eq!(all.client_secret.expect("one").expose(), "cs");
        assert_eq!(
            (all.ends, all.scopes.expect("some").to_string()),
            (Ends::In(Span::seconds(3600)), "a b".to_owned())
        );
        let proof = parse_proof(br#"{"client_secret":"cs"}"#, ClientAuth::SecretPost).expect("a secret");
        assert_eq!(proof.expect("one").expose(), "cs");
        let bare = given(r#"{"access_token":"at","refresh_token":null,"private_key":"-----BEGIN\nx\n"}"#)
            .expect("tokens");
        assert!(bare.refresh_token.is_none() && bare.scopes.is_none() && bare.ends == Ends::Unknown);
        assert_eq!(bare.client_secret.expect("a key").expose(), "-----BEGIN\nx\n");
        let time = Timestamp::parse("2027-01-31T12:00:00Z").expect("a time");
        for written in ["\"2027-01-31T12:00:00Z\"", "1801396800"] {
            let at = given(&format!(r#"{{"access_token":"at","expires_at":{written}}}"#)).expect("tokens");
            assert_eq!(at.ends, Ends::At(time), "{written}");
        }
    }

    #[test]
    fn an_end_is_typed_as_seconds_a_duration_or_a_time() {
        let time = Timestamp::parse("2027-01-31T12:00:00Z").expect("a time");
        for (text, ends) in [
            ("", Ends::Unknown),
            ("3600", Ends::In(Span::seconds(3600))),
            ("8h", Ends::In(Span::seconds(28_800))),
            ("2027-01-31T12:00:00Z", Ends::At(time)),
        ] {
            assert_eq!(Ends::typed(text), Ok(ends), "{text}");
        }
        for text in ["0", "0s", "-1", "soon", "11y", "9999999999999999999"] {
            assert_eq!(Ends::typed(text), Err(GivenError::Typed), "{text}");
        }
    }

    #[test]
    fn a_client_s_key_is_never_taken_for_its_secret() {
        for auth in ClientAuth::ALL {
            for given in ["client_secret", "private_key"] {
                let text = format!(r#"{{"access_token":"at","{given}":"planted"}}"#);
                let expected = match auth.needs() {
                    Some(needed) if needed != given => {
                        Some(GivenError::OtherProof { given, needed, auth: auth.as_str() })
                    }
                    _ => None,
                };
                assert_eq!(Given::parse(text.as_bytes(), auth).err(), expected, "{given} {}", auth.as_str());
            }
        }
    }

    #[test]
    fn each_fault_has_its_own_error() {
        for (text, error) in [
            ("", GivenError::Json),
            ("at", GivenError::Json),
            (r#"{"access_token":"a","access_token":"b"}"#, GivenError::Json),
            ("{}", GivenError::AccessToken),
            (r#"{"access_token":""}"#, GivenError::AccessToken),
            (r#"{"access_token":"a\n"}"#, GivenError::AccessToken),
            (r#"{"access_token":"a","refresh_token":""}"#, GivenError::Empty("refresh_token")),
            (r#"{"access_token":"a","client_secret":7}"#, GivenError::Value("client_secret")),
            (r#"{"access_token":"a","token_type":"DPoP"}"#, GivenError::TokenType),
            (r#"{"access_token":"a","expires_in":0}"#, GivenError::ExpiresIn),
            (r#"{"access_token":"a","expires_in":"soon"}"#, GivenError::ExpiresIn),
            (r#"{"access_token":"a","expires_at":"tomorrow"}"#, GivenError::ExpiresAt),
            (r#"{"access_token":"a","expires_at":1801396800,"expires_in":1}"#, GivenError::EndsTwice),
            (r#"{"access_token":"a","scope":"a\"b"}"#, GivenError::Scope(GrantedError::Character)),
            (r#"{"access_token":"a","client_secret":"b","private_key":"c"}"#, GivenError::SecretTwice),
        ] {
            assert_eq!(given(text).err(), Some(error), "{text}");
        }
    }
}
