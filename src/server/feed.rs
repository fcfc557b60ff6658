//! `GET /revocations?since=N`: from which keys something was taken away, for whoever verifies tokens offline and has no store.
//!
//! A token is refused whose `kver` is lower than the version here of its `client_id`. Each answer says with which N the next
//! one is asked for; 0 begins.

use hyper::http::request::Parts;
use hyper::{Response, StatusCode};
use serde::Serialize;

use super::answers::{Body, json};
use super::app::App;
use super::canaries::At;
use super::credential::{self, bad};
use super::door::Door;
use super::refusal::Refusal;
use crate::domain::keys::scope::Scope;
use crate::domain::keys::verdict::Asked;
use crate::runtime::serving::Caller;

const WANTED: &str = "keyctl:introspect";

#[derive(Serialize)]
struct Revocations {
    /// What is asked for next.
    next: i64,
    /// Whether there is more already.
    more: bool,
    /// Whether what was asked for is not known here: no token from before `at` is to be believed then.
    gap: bool,
    /// Whole seconds since 1970.
    at: i64,
    keys: Vec<Raised>,
}

#[derive(Serialize)]
struct Raised {
    client_id: String,
    kver: i64,
}

pub(super) async fn feed(
    app: &App,
    door: Door,
    parts: &Parts,
    seen: &mut Option<Caller>,
) -> Result<Response<Body>, Refusal> {
    let token = credential::token(&parts.headers)?;
    let asked = Asked { scope: WANTED.parse::<Scope>().ok(), owner: None, address: door.peer };
    let caller = &*seen
        .insert(app.presented(token, At { address: door.peer, path: parts.uri.path().as_bytes() }).await?);
    let judged = caller.judge(&asked, app.counts_uses());
    let grant = judged.map_err(|reason| Refusal::Denied { reason, needs: asked.scope.clone() })?;
    let since = since(parts.uri.query().unwrap_or_default())?;
    app.spend(caller, grant, 1).await?;
    let feed = app.callers()?.feed(since).await?;
    let keys = feed.raised.into_iter().map(|one| Raised { client_id: one.key, kver: one.version }).collect();
    Ok(json(
        StatusCode::OK,
        &Revocations {
            next: feed.next,
            more: feed.has_more,
            gap: feed.is_gap,
            at: feed.at.div_euclid(1000),
            keys,
        },
    ))
}

fn since(query: &str) -> Result<i64, Refusal> {
    const WRONG: Refusal = bad("ask with since=N, the next of the answer before, or 0");
    let number = query.strip_prefix("since=").ok_or(WRONG)?;
    if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(WRONG);
    }
    number.parse().map_err(|_| WRONG)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn since_is_one_number() {
        assert_eq!(since("since=0"), Ok(0));
        assert_eq!(since("since=9223372036854775807"), Ok(i64::MAX));
        for query in ["", "since=", "since=-1", "since=1&since=2", "since=9223372036854775808", "x=1"] {
            assert!(since(query).is_err(), "{query}");
        }
    }
}
