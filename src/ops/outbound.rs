//! What is asked of servers elsewhere: the issuer of a CI's tokens, the token endpoint of a provider.
//!
//! A use case takes whoever asks as `&dyn Outbound`, and never asks inside a transaction: an answer may take
//! [`LONGEST`], and would hold the store's one lock meanwhile. It blocks: a server calls it on a thread that does nothing
//! else.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use zeroize::Zeroizing;

use crate::domain::outbound::endpoint::Endpoint;
use crate::domain::secrets::secret::SecretValue;

/// How long an exchange takes at most, from looking up the name to the last byte.
pub(crate) const LONGEST: Duration = Duration::from_secs(10);

/// Asks.
pub(crate) trait Outbound: Send + Sync {
    /// One request and its answer, whatever status that has. No redirect is followed, and nothing is asked twice.
    fn exchange(&self, request: &Request<'_>) -> Result<Answer, Unanswered>;
}

/// Several ask through one.
impl<T: Outbound + ?Sized> Outbound for Arc<T> {
    fn exchange(&self, request: &Request<'_>) -> Result<Answer, Unanswered> {
        (**self).exchange(request)
    }
}

/// What is asked. Who asks says how much is an answer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Request<'a> {
    pub endpoint: &'a Endpoint,
    pub call: Call<'a>,
    /// For all of it: [`LONGEST`] at most, whatever stands here.
    pub within: Duration,
    /// Bytes of the answer's body that are read; a longer one is none.
    pub most: usize,
}

/// How it is asked.
#[derive(Clone, Copy)]
pub(crate) enum Call<'a> {
    Get,
    /// The same names and values as a JSON object of texts, and a header that the endpoint wants besides.
    PostJson {
        members: &'a Form<'a>,
        header: Option<(&'static str, &'static str)>,
    },
    /// JSON as it is, for whoever gave out the bearer token.
    PostText {
        body: &'a str,
        bearer: Option<&'a SecretValue>,
    },
    /// A form (RFC 6749 appendix B), and the client's credentials in the header where they are not in the form: never in
    /// both (§2.3).
    Post {
        form: &'a Form<'a>,
        client: Option<Basic<'a>>,
    },
}

/// Without what is sent.
impl fmt::Debug for Call<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Get => f.write_str("Get"),
            Self::PostJson { members, .. } => write!(f, "PostJson({members:?})"),
            Self::PostText { body, .. } => write!(f, "PostText({} bytes)", body.len()),
            Self::Post { form, client } => write!(f, "Post({form:?}, {client:?})"),
        }
    }
}

/// Names and values. It holds none of them itself, so none is left behind by it; `Debug` shows the names.
#[derive(Clone, Default)]
pub(crate) struct Form<'a>(Vec<(&'a str, &'a str)>);

impl<'a> Form<'a> {
    pub(crate) fn with(mut self, name: &'a str, value: &'a str) -> Self {
        self.0.push((name, value));
        self
    }

    /// The same with a value that nobody may see.
    pub(crate) fn with_secret(self, name: &'a str, value: &'a SecretValue) -> Self {
        self.with(name, value.expose())
    }

    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.0.iter().copied()
    }
}

impl fmt::Debug for Form<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

/// A client's id and secret, which go form-encoded into the header (RFC 6749 §2.3.1).
#[derive(Clone, Copy)]
pub(crate) struct Basic<'a> {
    pub id: &'a str,
    pub secret: &'a SecretValue,
}

impl fmt::Debug for Basic<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Basic({})", self.id)
    }
}

/// What came back. The body may be secrets: it is wiped, and not shown.
pub(crate) struct Answer {
    pub status: u16,
    /// `Retry-After`: from when the answer was sent.
    pub retry_after: Option<Duration>,
    /// `Cache-Control`: how long it may be kept; zero where it may not.
    pub max_age: Option<Duration>,
    /// Whether it says of itself that it is JSON.
    pub is_json: bool,
    pub body: Zeroizing<Vec<u8>>,
}

impl Answer {
    /// The body, where it is said to be JSON.
    pub(crate) fn json(&self) -> Result<&[u8], Unanswered> {
        if self.is_json { Ok(&self.body) } else { Err(Unanswered::NotJson(self.status)) }
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Answer({}, {} bytes)", self.status, self.body.len())
    }
}

/// Why there is no answer. Nothing of what was sent or received stands in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unanswered {
    #[error("plain http is not asked: its address is not among KEYCTL_OUTBOUND_ALLOW")]
    Plain,
    #[error("its address is private, and not among KEYCTL_OUTBOUND_ALLOW")]
    Private,
    #[error("no trusted certificate authority was found")]
    NoAuthorities,
    #[error("its name has no address")]
    Unresolved,
    #[error("no connection could be made")]
    Unreachable,
    #[error("its certificate is not trusted")]
    Certificate,
    /// `sent`: whether the request may have arrived.
    #[error("TLS failed")]
    Tls { sent: bool },
    #[error("it did not answer in time")]
    Timeout { sent: bool },
    #[error("the connection broke, or what came is no HTTP")]
    Broken,
    #[error("it answered with a redirect, and none is followed")]
    Redirect,
    #[error("its answer is compressed, which was not asked for")]
    Compressed,
    #[error("its answer is larger than {0} bytes")]
    TooLarge(usize),
    #[error("its answer, of status {0}, is no JSON")]
    NotJson(u16),
}

impl Unanswered {
    /// The word for operators: in JSON, logs and metrics.
    pub(crate) const fn reason(self) -> &'static str {
        match self {
            Self::Plain => "plain_http",
            Self::Private => "private_address",
            Self::NoAuthorities => "no_authorities",
            Self::Unresolved => "unresolved",
            Self::Unreachable => "unreachable",
            Self::Certificate => "certificate",
            Self::Tls { .. } => "tls",
            Self::Timeout { .. } => "timeout",
            Self::Broken => "broken",
            Self::Redirect => "redirect",
            Self::Compressed => "compressed",
            Self::TooLarge(_) => "too_large",
            Self::NotJson(_) => "not_json",
        }
    }

    /// Whether the server may have got the request, and done what it asks for. Where it surely has not, it can be sent
    /// again as if it never was.
    pub(crate) const fn may_have_arrived(self) -> bool {
        match self {
            Self::Plain
            | Self::Private
            | Self::NoAuthorities
            | Self::Unresolved
            | Self::Unreachable
            | Self::Certificate => false,
            Self::Tls { sent } | Self::Timeout { sent } => sent,
            Self::Broken | Self::Redirect | Self::Compressed | Self::TooLarge(_) | Self::NotJson(_) => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_shows_a_secret() {
        let secret = SecretValue::from_bytes(b"hunter2-hunter2", false).expect("a secret");
        let form = Form::default().with("grant_type", "refresh_token").with_secret("refresh_token", &secret);
        let client = Some(Basic { id: "app", secret: &secret });
        let endpoint = "https://login.example.com/token".parse().expect("an endpoint");
        let request = Request {
            endpoint: &endpoint,
            call: Call::Post { form: &form, client },
            within: LONGEST,
            most: 1024,
        };
        let body = Zeroizing::new(b"hunter2-hunter2".to_vec());
        let answer = Answer { status: 200, retry_after: None, max_age: None, is_json: true, body };
        let shown = format!("{request:?} {answer:?}");
        assert!(!shown.contains("hunter2") && shown.contains("refresh_token"), "{shown}");
        assert!(shown.contains("Answer(200, 15 bytes)") && shown.contains("Basic(app)"), "{shown}");
    }
}
