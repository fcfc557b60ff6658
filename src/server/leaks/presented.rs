//! What comes with a key of the scope `keyctl:report`.

use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use hyper::http::request::Parts;
use hyper::{Response, StatusCode};
use zeroize::Zeroizing;

use super::desk::{Desk, UNSIGNED};
use super::taken;
use crate::domain::id::KeyId;
use crate::ops;
use crate::ops::leaks::intake::{self, Report, Source, Taken, Untaken};
use crate::ops::leaks::senders::{self, Reporter};
use crate::server::answers::{Body, json};
use crate::server::credential;
use crate::server::ledger::Spent;
use crate::server::refusal::Refusal;

/// Who asks. Whoever may not is answered in one way, whatever he presents; whoever may is counted.
pub(super) async fn reporter(
    desk: &Arc<Desk>,
    parts: &Parts,
    client: Option<IpAddr>,
    path: &'static str,
) -> Result<KeyId, Refusal> {
    let token = credential::token(&parts.headers).map_err(|_| UNSIGNED)?;
    let token = Zeroizing::new(token.to_owned());
    let key = match desk.look(move |env| senders::reporter(&mut env.store, &token, client)).await? {
        Reporter::May(key) => key,
        Reporter::Nobody => return Err(UNSIGNED),
        Reporter::Revoked(key, token) => {
            desk.presented(vec![(key, token)], client, path);
            return Err(UNSIGNED);
        }
    };
    desk.take_of_rate(&key)?;
    let id = key.id;
    match desk.look(move |env| senders::spend(&mut env.store, &key)).await? {
        None => Ok(id),
        Some(spent) => Err(Refusal::Quota(Spent::at(spent.is_of_owner, spent.quota, spent.now))),
    }
}

/// A report as a scanner writes it.
pub(super) async fn report(
    desk: &Arc<Desk>,
    reporter: KeyId,
    client: Option<IpAddr>,
    body: Bytes,
) -> Result<Response<Body>, Refusal> {
    let source = Source::Key(reporter);
    let done = take_in(desk, source, body, None, (client, "/report")).await?;
    taken::note(desk, source, &done);
    Ok(taken::answer(&done))
}

/// What `TruffleHog` asks of what it found: 200 where one of the texts is a token that works, 403 where none is.
pub(super) async fn check(
    desk: &Arc<Desk>,
    client: Option<IpAddr>,
    body: Bytes,
) -> Result<Response<Body>, Refusal> {
    let asked = desk.look(move |env| sorted(intake::is_live(&mut env.store, &body))).await?;
    let (is_live, revoked) = asked.ok_or(NO_JSON)?;
    desk.presented(revoked, client, "/check");
    let status = if is_live { StatusCode::OK } else { StatusCode::FORBIDDEN };
    Ok(json(status, &serde_json::json!({ "live": is_live })))
}

const NO_JSON: Refusal =
    Refusal::Request { status: 400, why: "send the report as JSON, one document or one a line" };

/// `None` where it is no report.
fn sorted<T>(done: Result<T, Untaken>) -> Result<Option<T>, ops::Error> {
    match done {
        Ok(done) => Ok(Some(done)),
        Err(Untaken::NoReport(_)) => Ok(None),
        Err(Untaken::Failed(error)) => Err(error),
    }
}

/// Has a report taken.
pub(super) async fn take_in(
    desk: &Arc<Desk>,
    source: Source,
    body: Bytes,
    note: Option<String>,
    from: (Option<IpAddr>, &'static str),
) -> Result<Taken, Refusal> {
    let policy = Arc::clone(&desk.rules.policy);
    let job = move |env: &mut _| {
        let note = note.as_deref().filter(|note| !note.is_empty());
        sorted(intake::take_in(env, &Report { source, body: &body, note, from }, &policy))
    };
    desk.take(job).await?.ok_or(NO_JSON)
}
