//! Somebody is told of what ends soon, once at each stage.
//!
//! What was told stands in a table of its own, which is use: taking the store's one lock for it would let a receiver that is
//! slow hold up a revocation, and a change mark would make all readers look up anew what nothing happened to. It is written
//! after the receiver said yes. So whoever is stopped in between tells that batch once more, and nothing is ever lost; two
//! that run at once wait for each other by a hold, which ends by itself where its holder was killed.

use std::time::Duration;

use serde::Serialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{Asked, Endings};
use crate::domain::expiring::{Ending, Kind, Stage};
use crate::domain::id::KeyId;
use crate::domain::keys::key::Key;
use crate::domain::secrets::secret::{Binding, SecretId, Subject};
use crate::domain::time::{Span, Timestamp};
use crate::ops::change::nonce;
use crate::ops::env::Env;
use crate::ops::error::{Error, Result};
use crate::store::{BindingLookup as _, Lookup as _, Reported, Sighting, Store, Told};

/// What a receiver gets at once.
pub(crate) const BATCH: usize = 100;

/// What ended longer ago is not told of any more.
const SINCE: Span = Span::days(7);

/// What was told is remembered until nobody could be told of it again.
const REMEMBERED: Span = Span::days(30);

/// Beside the receiver's own time: what reading and writing take.
const HELD_LONGER: Duration = Duration::from_mins(1);

/// Something that somebody is to be told of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Notice {
    pub ending: Ending,
    pub stage: Stage,
}

/// Who is told.
pub(crate) trait Receiver {
    /// By which way, as it is remembered.
    fn channel(&self) -> &'static str;

    /// How long it may take.
    fn patience(&self) -> Duration;

    /// Tells it; an error says that it has not got it, or that this is not known.
    fn tell(&mut self, body: &str) -> Result<(), Untold>;
}

/// Why a receiver was not told: what went wrong and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Untold {
    pub why: String,
    pub hint: String,
}

/// How it went.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub channel: &'static str,
    /// How many things were told of.
    pub told: u64,
    /// What ended it before all were told.
    pub failed: Option<Untold>,
    pub at: Timestamp,
}

/// What nobody was told of by a way so far, the first end first.
pub(crate) struct Due {
    channel: &'static str,
    pub now: Timestamp,
    endings: Endings,
}

impl Due {
    pub(crate) fn of(store: &mut Store, channel: &'static str) -> Result<Self> {
        let now = store.now()?;
        let window = Asked { within: Stage::FIRST, since: SINCE }.at(now);
        Ok(Self { channel, now, endings: Endings::and_seen(window) })
    }

    /// The next of it, up to [`BATCH`]; none where there is no more.
    pub(crate) fn next(&mut self, store: &mut Store) -> Result<Vec<Notice>> {
        let mut due = Vec::new();
        loop {
            let mut page = Vec::new();
            while due.len() + page.len() < BATCH
                && let Some(ending) = self.endings.next(store)?
            {
                page.push(ending);
            }
            if page.is_empty() {
                return Ok(due);
            }
            let told = store.told(self.channel, &page.iter().collect::<Vec<_>>())?;
            for (ending, told) in page.into_iter().zip(told) {
                let stage = stage(&ending, self.now);
                let is_told_now = |notice: &Notice| {
                    notice.ending.kind == ending.kind && notice.ending.told_as() == ending.told_as()
                };
                let is_due = told.is_none_or(|told: Told| told.is_behind(&ending, stage));
                // Of one place in two hours, or one token in two reports, the first is told.
                if is_due && !(ending.kind.is_seen() && due.iter().any(is_told_now)) {
                    due.push(Notice { ending, stage });
                }
            }
        }
    }
}

/// A credential that somebody must sign in for is at its end already: what is left of its token ends by itself. What was seen
/// does not end.
fn stage(ending: &Ending, now: Timestamp) -> Stage {
    if ending.kind.is_seen() {
        return Stage::Seen;
    }
    let is_over = ending.kind == Kind::Credential && ending.state == "needs_reauth";
    if is_over { Stage::Ended } else { Stage::of(ending.ends_at, now) }
}

/// Tells all that is due, batch by batch. `wait` is called while another process tells; it says whether to go on waiting.
pub(crate) fn notify(
    env: &mut Env,
    receiver: &mut dyn Receiver,
    wait: &mut dyn FnMut() -> bool,
) -> Result<Outcome> {
    let channel = receiver.channel();
    let lasts = receiver.patience() + HELD_LONGER;
    let lasts = Span::from_secs(i64::try_from(lasts.as_secs()).unwrap_or(i64::MAX)).unwrap_or(SINCE);
    let holder = nonce(env.random.as_mut())?;
    while !env.store.hold_telling(channel, &holder, lasts)? {
        if !wait() {
            return Err(busy(channel));
        }
    }
    let outcome = tell_all(env, receiver, &holder, lasts);
    // One that cannot be released ends by itself.
    let _ = env.store.release_telling(channel, &holder);
    outcome
}

fn tell_all(env: &mut Env, receiver: &mut dyn Receiver, holder: &str, lasts: Span) -> Result<Outcome> {
    let channel = receiver.channel();
    let mut due = Due::of(&mut env.store, channel)?;
    let mut outcome = Outcome { channel, told: 0, failed: None, at: due.now };
    let store_uuid = env.store.head()?.store_uuid;
    loop {
        let batch = due.next(&mut env.store)?;
        if batch.is_empty() {
            break;
        }
        // Whoever slept through its time finds another one at it.
        if !env.store.hold_telling(channel, holder, lasts)? {
            return Err(busy(channel));
        }
        let body = body(&mut env.store, store_uuid, &batch, due.now)?;
        if let Err(untold) = receiver.tell(&body) {
            outcome.failed = Some(untold);
            return Ok(outcome);
        }
        let told: Vec<(&Ending, Stage)> = batch.iter().map(|notice| (&notice.ending, notice.stage)).collect();
        env.store.put_told(channel, &told)?;
        outcome.told += batch.len() as u64;
    }
    env.store.forget_told(channel, REMEMBERED)?;
    Ok(outcome)
}

fn busy(channel: &str) -> Error {
    Error::Busy {
        message: format!("another keyctl notify tells by the {channel} at this time"),
        hint: "nothing is lost: it tells what this one would have; where that one was killed, try again in a minute or two"
            .to_owned(),
    }
}

/// A thing with whom it is used by.
#[derive(Serialize)]
struct ThingJson<'n> {
    kind: Kind,
    id: &'n str,
    name: &'n str,
    key: Option<&'n str>,
    owner: Option<&'n str>,
    /// As whom services know the owner.
    subject: Option<String>,
    stage: Stage,
    ends_at: Option<Timestamp>,
    state: &'n str,
    last_used_at: Option<Timestamp>,
    labels: Value,
    /// Live children of a key.
    children: Vec<String>,
    /// Of a secret or credential, who gets it; of a key, what is bound to it.
    bindings: Vec<String>,
    /// Of what does not end: when it was seen first.
    seen_at: Option<Timestamp>,
    /// Of a leak, which report it was in.
    report: Option<Reported>,
    /// Of a canary, where it was seen, and how often.
    sighting: Option<Sighting>,
}

/// What a receiver gets: `keyctl-notice` of version 1.
pub(crate) fn body(store: &mut Store, store_uuid: Uuid, batch: &[Notice], at: Timestamp) -> Result<String> {
    let things: Vec<Value> = batch.iter().map(|notice| thing(store, notice)).collect::<Result<_>>()?;
    let body = json!({ "type": "keyctl-notice", "version": 1, "store": store_uuid.to_string(), "at": at, "things": things });
    Ok(body.to_string())
}

fn thing(store: &mut Store, notice: &Notice) -> Result<Value> {
    let Ending { kind, id, name, key, owner, ends_at, last_used, state } = &notice.ending;
    let found = match key.as_ref().and_then(|id| id.parse::<KeyId>().ok()) {
        Some(id) => store.key_by_id(id)?,
        None => None,
    };
    let children = match &found {
        Some(key) => store.live_children(key.id)?.iter().map(Key::path).collect(),
        None => Vec::new(),
    };
    let bindings = match (kind, &found) {
        (Kind::Secret | Kind::Credential, _) => users(store, id)?,
        (_, Some(key)) => bound(store, key)?,
        _ => Vec::new(),
    };
    let told = ThingJson {
        kind: *kind,
        id,
        name,
        key: key.as_deref(),
        owner: owner.as_deref(),
        subject: found.as_ref().map(|key| key.subject.to_string()),
        stage: notice.stage,
        ends_at: (!kind.is_seen()).then_some(*ends_at),
        state,
        last_used_at: last_used.at(),
        labels: found.as_ref().map_or_else(|| Value::Object(Map::new()), |key| json!(key.labels)),
        children,
        bindings,
        seen_at: kind.is_seen().then_some(*ends_at),
        report: match (kind, id.split_once(' ')) {
            (Kind::Leak, Some((digest, _))) => store.reported(digest)?,
            _ => None,
        },
        sighting: match (kind, place(id)) {
            (Kind::Canary, Some((key, address, path))) => Some(store.sighting(key, address, path)?),
            _ => None,
        },
    };
    // Strings and times: they can be written.
    Ok(serde_json::to_value(told).unwrap_or_default())
}

/// The key, the address and the path in the id of a canary's sighting.
fn place(id: &str) -> Option<(&str, &str, &str)> {
    let (key, place) = id.split_once(' ')?;
    let (address, path) = place.split_once(' ')?;
    Some((key, address, path))
}

/// At most so many users of a secret, or bindings of a key, are named.
const MOST_NAMED: u32 = 100;

/// Who gets a secret: `key owner/name`, `owner alice`, `store`.
fn users(store: &mut Store, secret: &str) -> Result<Vec<String>> {
    let Some(secret) = SecretId::parse(secret) else { return Ok(Vec::new()) };
    let bindings = store.bindings_to(secret, MOST_NAMED)?;
    let name = |store: &mut Store, binding: Binding| {
        Ok(match binding.subject {
            Subject::Key(id) => {
                let path = store.key_by_id(id)?.map_or_else(|| id.to_string(), |key| key.path());
                format!("key {path}")
            }
            Subject::Owner(owner) => format!("owner {owner}"),
            Subject::Store => "store".to_owned(),
        })
    };
    bindings.into_iter().map(|binding| name(store, binding)).collect()
}

/// What a key gets: `anthropic: team-a`.
fn bound(store: &mut Store, key: &Key) -> Result<Vec<String>> {
    let bindings = store.bindings_in_reach(key.id, &key.owner)?;
    Ok(bindings.into_iter().map(|binding| format!("{}: {}", binding.provider, binding.name)).collect())
}
