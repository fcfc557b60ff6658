//! Answers: a page, or a way to one.

use bytes::Bytes;
use hyper::header::{CONTENT_TYPE, HeaderValue, LOCATION, SET_COOKIE};
use hyper::{Response, StatusCode};

use super::pages::shell::Said;
use crate::server::answers::Body;

/// What is said on the page that a browser is sent to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    Suspended,
    Resumed,
    Revoked,
    Kept,
    SignedOut,
    Ended,
}

impl Told {
    const ALL: [Self; 6] =
        [Self::Suspended, Self::Resumed, Self::Revoked, Self::Kept, Self::SignedOut, Self::Ended];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Suspended => "suspended",
            Self::Resumed => "resumed",
            Self::Revoked => "revoked",
            Self::Kept => "kept",
            Self::SignedOut => "signed-out",
            Self::Ended => "ended",
        }
    }

    pub(super) fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|told| told.as_str() == word)
    }

    pub(super) fn said(self) -> Said {
        match self {
            Self::Suspended => Said::good("The key is suspended").and("It stops within seconds."),
            Self::Resumed => Said::good("The key works again").and("It is let in within seconds."),
            Self::Revoked => Said::good("The key is revoked").and("It stops within seconds, for good."),
            Self::Kept => Said::good("Good: the token is yours").and("It is not shown again."),
            Self::SignedOut => Said::good("You are signed out"),
            Self::Ended => {
                Said::good("The session is over").and("Whoever had it is signed out with the next click.")
            }
        }
    }
}

/// A page.
pub(super) fn page(status: StatusCode, markup: String) -> Response<Body> {
    let mut response = Response::new(Body::new(Bytes::from(markup)));
    *response.status_mut() = status;
    let kind = HeaderValue::from_static("text/html; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}

/// Sends the browser to a page of ours: so the next reload sends no form again.
pub(super) fn see(path: &str, told: Option<Told>) -> Response<Body> {
    let and = if path.contains('?') { '&' } else { '?' };
    let place = told.map_or(path.to_owned(), |told| format!("{path}{and}said={}", told.as_str()));
    let mut response = Response::new(Body::new(Bytes::new()));
    *response.status_mut() = StatusCode::SEE_OTHER;
    if let Ok(place) = HeaderValue::try_from(place) {
        response.headers_mut().insert(LOCATION, place);
    }
    response
}

/// The same with another session, or none.
pub(super) fn with_cookie(mut response: Response<Body>, cookie: HeaderValue) -> Response<Body> {
    response.headers_mut().insert(SET_COOKIE, cookie);
    response
}
