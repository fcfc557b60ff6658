//! What is said of a report that was taken: to the log each time, and to whoever reported it with a key.

use hyper::{Response, StatusCode};
use serde::Serialize;

use super::desk::Desk;
use crate::config::serve::serve_file::LogLevel;
use crate::domain::texts::text::counted;
use crate::domain::time::Timestamp;
use crate::ops::leaks::intake::{Deed, Source, Taken};
use crate::server::answers::{Body, json};
use crate::server::log::Event;

/// Tokens of a report that have a line each.
const MOST_LINES: usize = 100;

/// What whoever reported it gets.
#[derive(Serialize)]
struct TakenJson<'t> {
    report: &'t str,
    repeated: bool,
    received_at: Timestamp,
    in_force_by: Option<Timestamp>,
    known: usize,
    recorded: usize,
    suspended: usize,
    revoked: usize,
    ended_grace: usize,
    dead_before: usize,
    unknown: u64,
    left_out: u64,
}

fn count(taken: &Taken, deed: Deed) -> usize {
    taken.sighted.iter().filter(|one| one.deed == deed).count()
}

pub(super) fn answer(taken: &Taken) -> Response<Body> {
    let shown = TakenJson {
        report: &taken.digest,
        repeated: taken.repeated.is_some(),
        received_at: taken.received_at,
        in_force_by: taken.repeated.is_none().then_some(taken.in_force_by),
        known: taken.sighted.len(),
        recorded: count(taken, Deed::Recorded),
        suspended: count(taken, Deed::Suspended),
        revoked: count(taken, Deed::Revoked),
        ended_grace: count(taken, Deed::EndedGrace),
        dead_before: count(taken, Deed::DeadBefore),
        unknown: taken.unknown,
        left_out: taken.left_out,
    };
    json(StatusCode::OK, &shown)
}

/// Never a token: its id, and its key.
pub(super) fn note(desk: &Desk, source: Source, taken: &Taken) {
    let digest = &taken.digest[..12];
    if let Some(at) = taken.repeated {
        let message = format!("report {digest} came again, and nothing was done: it was done at {at}");
        desk.log.event(LogLevel::Warn, &event(message, source));
        return;
    }
    for one in taken.sighted.iter().take(MOST_LINES) {
        let deed = one.deed.as_str();
        let message = match one.deed {
            Deed::Recorded | Deed::DeadBefore => {
                format!("report {digest} has a token that is {}: {deed}", one.standing.as_str())
            }
            _ => format!("report {digest} has a token that was {}: {deed}", one.standing.as_str()),
        };
        let event = Event {
            key: Some(one.key.to_string()),
            owner: Some(one.owner.as_str()),
            token_id: Some(one.token.as_str()),
            ..event(message, source)
        };
        desk.log.event(LogLevel::Warn, &event);
        if one.is_canary {
            desk.sound(one.key, &one.token, None, &format!("report {digest}"));
        }
    }
    let deeds = [Deed::Revoked, Deed::Suspended, Deed::EndedGrace, Deed::Recorded, Deed::DeadBefore];
    let done: Vec<String> = deeds
        .into_iter()
        .map(|deed| (count(taken, deed), deed))
        .filter(|(count, _)| *count > 0)
        .map(|(count, deed)| format!("{count} {}", deed.as_str().replace('_', " ")))
        .collect();
    let done = if done.is_empty() { String::new() } else { format!(" ({})", done.join(", ")) };
    let mut message = format!(
        "report {digest} was taken: {} of this store{done}, {} of none",
        counted(taken.sighted.len() as u64, "token"),
        taken.unknown
    );
    if taken.left_out > 0 {
        message = format!(
            "{message}; at least {} more of this store were left out: keyctl leaks scan --revoke with that file",
            taken.left_out
        );
    }
    desk.log.event(LogLevel::Info, &event(message, source));
}

fn event<'e>(message: String, source: Source) -> Event<'e> {
    Event { message: message.into(), reason: Some(source.as_str()), ..Event::default() }
}
