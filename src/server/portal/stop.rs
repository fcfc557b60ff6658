//! Why a request did not get what it asked for: a status, words for a page, a word for the log.

use hyper::header::{HeaderValue, RETRY_AFTER};
use hyper::{Response, StatusCode};

use super::answers::page;
use super::jobs::Undone;
use super::not_signed_in as provider;
use super::pages::shell::{Said, Tone};
use crate::domain::mcp::request::NoWayBack;
use crate::ops::portal::Refused;
use crate::ops::portal::clients::documents::{self, Undocumented};
use crate::ops::portal::faults::Fault;
use crate::ops::portal::oidc::NotSignedIn;
use crate::server::answers::Body;
use crate::server::refusal::Refusal;

#[derive(Debug)]
pub(super) enum Stop {
    /// The request itself is wrong.
    Http {
        status: u16,
        reason: &'static str,
        title: &'static str,
        more: &'static str,
    },
    /// It was sent to another site's name.
    NotOurs,
    /// A form that no page of this session sent.
    NotFromHere(&'static str),
    /// Nobody is signed in.
    SignedOut,
    /// Too many wrong codes and tokens, or too much that a session was refused; seconds until it may be tried again.
    TooMany(u64),
    Undone(Undone),
    /// The store was not read yet.
    Starting,
    /// What was typed cannot be.
    Typed(String),
    Refused(Box<Refused>),
    /// Nobody was signed in by way of a provider.
    Provider(Box<NotSignedIn>),
    /// A program says of itself where it is, and nothing that can be used is there.
    Undocumented(Box<Undocumented>),
    /// A program's request of which the program cannot be told.
    NoWayBack(NoWayBack),
}

pub(super) const NOTHING_HERE: Stop = Stop::Http {
    status: 404,
    reason: "not_found",
    title: "There is nothing here",
    more: "The address may be old, or not whole.",
};

impl From<Refused> for Stop {
    fn from(refused: Refused) -> Self {
        Self::Refused(Box::new(refused))
    }
}

impl From<NotSignedIn> for Stop {
    fn from(why: NotSignedIn) -> Self {
        Self::Provider(Box::new(why))
    }
}

impl From<NoWayBack> for Stop {
    fn from(why: NoWayBack) -> Self {
        Self::NoWayBack(why)
    }
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        let (status, more) = match refusal {
            Refusal::Request { status, why } => (status, why),
            _ => (400, ""),
        };
        Self::Http { status, reason: "request", title: "The request cannot be understood", more }
    }
}

impl Stop {
    pub(super) fn status(&self) -> u16 {
        match self {
            Self::Http { status, .. } => *status,
            Self::NotOurs => 421,
            Self::NotFromHere(_) | Self::SignedOut => 403,
            Self::TooMany(_) => 429,
            Self::Undone(_) | Self::Starting => 503,
            Self::Typed(_) | Self::NoWayBack(_) => 400,
            Self::Undocumented(why) => match why.fault() {
                documents::Fault::Client => 400,
                documents::Fault::Operator | documents::Fault::Passing => 503,
            },
            Self::Provider(why) => {
                if matches!(**why, NotSignedIn::Away(_)) {
                    503
                } else {
                    403
                }
            }
            Self::Refused(refused) => match &**refused {
                Refused::NoSuchKey => 404,
                Refused::Taken | Refused::Replaced => 409,
                Refused::Failed(error) => match Fault::of(error) {
                    Fault::Busy | Fault::Unsure | Fault::Away => 503,
                    Fault::Invalid => 400,
                    Fault::NotFound => 404,
                    Fault::Conflict => 409,
                    Fault::Denied => 403,
                },
                _ => 403,
            },
        }
    }

    /// Whether it stands in the audit log.
    pub(super) fn is_recorded(&self) -> bool {
        matches!(self, Self::Refused(refused) if refused.is_recorded())
    }

    /// Seconds after which it may be tried again.
    pub(super) fn retry_after(&self) -> Option<u64> {
        match self {
            Self::TooMany(seconds) => Some(*seconds),
            Self::Undone(Undone::Overloaded) => Some(1),
            _ if self.status() == 503 => Some(5),
            _ => None,
        }
    }

    /// The word in the log.
    pub(super) fn reason(&self) -> &'static str {
        match self {
            Self::Http { reason, .. } | Self::NotFromHere(reason) => reason,
            Self::NotOurs => "other_host",
            Self::SignedOut => "signed_out",
            Self::TooMany(_) => "too_many_attempts",
            Self::Undone(Undone::Overloaded) => "overloaded",
            Self::Undone(Undone::Unsure) => "unsure",
            Self::Starting => "starting",
            Self::Typed(_) => "typed",
            Self::Refused(refused) => refused.as_str(),
            Self::Provider(why) => provider::reason(why),
            Self::NoWayBack(why) => why.reason(),
            Self::Undocumented(why) => why.reason(),
        }
    }

    /// Whether the operator is to look: what to write for them, without what anybody presented.
    pub(super) fn fault(&self) -> Option<String> {
        match self {
            Self::Refused(refused) if self.status() == 503 => Some(match &**refused {
                Refused::Failed(error) => format!("the store: {error}"),
                other => other.to_string(),
            }),
            Self::Undone(Undone::Unsure) => Some("the store did not answer in time".to_owned()),
            Self::Undocumented(why) if why.fault() == documents::Fault::Operator => Some(why.to_string()),
            Self::Provider(why) => match &**why {
                NotSignedIn::Away(why) => Some(format!("the provider: {why}")),
                _ => None,
            },
            _ => None,
        }
    }

    /// What a page says of it.
    pub(super) fn said(&self) -> Said {
        let away = || {
            Said::bad("The store of the keys cannot be reached")
                .and("It is not your fault. Nothing was changed; try again in a moment.")
        };
        let unsure = || Said {
            tone: Tone::Wait,
            title: "Nobody knows whether it was done".to_owned(),
            more: Some(
                "The store did not answer in time. Look at your keys before you try again.".to_owned(),
            ),
        };
        match self {
            Self::Http { title, more, .. } => Said::bad(*title).and(*more),
            Self::NotOurs => Said::bad("These pages have another address")
                .and("Open them by the address that you were given."),
            Self::NotFromHere(_) => Said::bad("This form did not come from a page of yours")
                .and("Nothing was done. It may have been open for too long, or another site sent it: go back to the first page, and do it there."),
            Self::SignedOut => {
                Said { tone: Tone::Wait, title: "You are signed out".to_owned(), more: Some("Your session is over, or what you signed in with is. Sign in again.".to_owned()) }
            }
            Self::TooMany(seconds) => Said::bad("Too many attempts")
                .and(format!("Wait {seconds} seconds, and then try again.")),
            Self::Undone(Undone::Overloaded) => {
                Said::bad("There is too much to do just now").and("Nothing was changed; try again in a moment.")
            }
            Self::Undone(Undone::Unsure) => unsure(),
            Self::Starting => away(),
            Self::Typed(why) => Said::bad(why.clone()),
            Self::Provider(why) => provider::said(why),
            Self::Undocumented(why) => Said::bad("It is not known which program sent you here").and(match why.fault() {
                documents::Fault::Client => format!("{}. Nobody was let in; tell whoever made the program.", sentence(&why.to_string())),
                documents::Fault::Operator => "It cannot be looked up from here. Nobody was let in; tell whoever runs this.".to_owned(),
                documents::Fault::Passing => "It cannot be looked up just now. Nobody was let in; try again in a moment.".to_owned(),
            }),
            Self::NoWayBack(why) => Said::bad("The program that sent you here did not ask as it should").and(
                format!("{}. Nobody was let in. Begin again in the program; if it happens again, tell whoever made it.", sentence(&why.to_string())),
            ),
            Self::Refused(refused) => match &**refused {
                Refused::Failed(error) => match Fault::of(error) {
                    Fault::Busy => Said::bad("Somebody else changes keys just now")
                        .and("Nothing was changed; try again in a moment."),
                    Fault::Unsure => unsure(),
                    Fault::Away => away(),
                    Fault::Invalid | Fault::NotFound | Fault::Conflict | Fault::Denied => Said::bad(sentence(&error.to_string())),
                },
                refused => {
                    let said = Said::bad(sentence(&refused.to_string()));
                    Said { more: refused.hint().map(|hint| sentence(&hint) + "."), ..said }
                }
            },
        }
    }
}

/// With a capital letter: messages of commands begin without. A name stays as it is.
fn sentence(text: &str) -> String {
    if text.split(' ').next().is_some_and(|word| word.contains(['/', ':', '_'])) {
        return text.to_owned();
    }
    let mut chars = text.chars();
    chars.next().map_or(String::new(), |first| first.to_uppercase().collect::<String>() + chars.as_str())
}

/// The page of a form that was refused, with what is wrong above it.
pub(super) fn refused(stop: &Stop, markup: String) -> Response<Body> {
    let status = StatusCode::from_u16(stop.status()).unwrap_or(StatusCode::BAD_REQUEST);
    let mut response = page(status, markup);
    if let Some(seconds) = stop.retry_after() {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    response.extensions_mut().insert(Why { reason: stop.reason(), fault: stop.fault() });
    response
}

/// The same where something else can be typed instead; else it stops.
pub(super) fn again(stop: Stop, page: impl FnOnce(&Said) -> String) -> Result<Response<Body>, Stop> {
    let may_be_typed = matches!(stop.status(), 400 | 403 | 409);
    if may_be_typed { Ok(refused(&stop, page(&stop.said()))) } else { Err(stop) }
}

/// For the log, beside an answer that refuses.
#[derive(Clone, Debug)]
pub(super) struct Why {
    pub(super) reason: &'static str,
    /// What the operator is to look at.
    pub(super) fault: Option<String>,
}
