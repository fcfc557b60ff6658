//! Audit records, and what walking them found.

use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::{Field, Screen, Tone, View, time};
use crate::domain::audit::anchor::Anchor;
use crate::domain::audit::event::{Linked, Record};
use crate::domain::time::Timestamp;
use crate::ops::audit::Verified;

/// A record with its body as it is stored.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RecordView<'r>(pub &'r Record);

#[derive(Serialize)]
struct RecordJson<'r> {
    seq: u64,
    hash: String,
    record: Option<&'r RawValue>,
}

pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

impl View for RecordView<'_> {
    fn json(&self) -> impl Serialize {
        let record = self.0;
        RecordJson {
            seq: record.seq,
            hash: hex(&record.hash),
            record: serde_json::from_str(&record.body).ok(),
        }
    }

    fn fields(&self, screen: &Screen) -> Vec<Field> {
        let body: Value = serde_json::from_str(&self.0.body).unwrap_or_default();
        let text = |value: &Value| match value {
            Value::Null => String::new(),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let at = text(&body["at"]);
        let when = match (screen.now, Timestamp::parse(&at)) {
            (Some(now), Ok(at)) => time::relative(at, now),
            _ => at.clone(),
        };
        let about = match (text(&body["owner"]), text(&body["key_name"])) {
            (owner, name) if name.is_empty() => owner,
            (owner, name) => format!("{owner}/{name}"),
        };
        let subject = match (named_thing(&body), about) {
            (Some(thing), about) if about.is_empty() => thing,
            (Some(thing), about) => format!("{thing} {about}"),
            (None, about) => about,
        };
        let actor = &body["actor"];
        let claimed = text(&actor["claimed"]);
        let who = if claimed.is_empty() { text(&actor["os_user"]) } else { claimed };
        let outcome = text(&body["outcome"]);
        let tone = if outcome == "done" { Tone::Normal } else { Tone::Warn };
        let message = text(&body["message"]);
        let details =
            Field::new("details", if message.is_empty() { text(&body["details"]) } else { message.clone() });
        let details = if message.is_empty() { details.human(in_words(&body["details"])) } else { details };
        vec![
            Field::new("seq", self.0.seq.to_string()).whole(),
            Field::new("at", at).human(when).whole(),
            Field::new("action", text(&body["action"])),
            Field::new("outcome", outcome).tone(tone),
            Field::new("subject", subject),
            Field::new("actor", who),
            details.tone(Tone::Dim).open_end(),
        ]
    }
}

/// A secret or a role that a record is about: `secret:team-a`.
fn named_thing(body: &Value) -> Option<String> {
    let action = body["action"].as_str()?;
    let details = &body["details"];
    let (kind, name) = match action.split('.').next()? {
        "secret" => ("secret", &details["name"]),
        "role" => ("role", &details["role"]),
        _ => return None,
    };
    name.as_str().map(|name| format!("{kind}:{name}"))
}

/// The details that people look for, where only the beginning fits.
const FIRST: [&str; 4] = ["reason", "scopes", "old_token", "token"];

/// `reason=leaked`: what is set, without JSON's marks.
fn in_words(details: &Value) -> String {
    let plain = |value: &Value| match value {
        Value::Null | Value::Bool(false) => None,
        Value::String(text) => Some(text.clone()),
        Value::Array(items) if items.is_empty() => None,
        Value::Array(items) => Some(items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(",")),
        Value::Object(pairs) if pairs.is_empty() => None,
        other => Some(other.to_string()),
    };
    let Value::Object(pairs) = details else { return String::new() };
    let mut said: Vec<(&str, String)> =
        pairs.iter().filter_map(|(name, value)| Some((name.as_str(), plain(value)?))).collect();
    said.sort_by_key(|(name, _)| FIRST.iter().position(|first| first == name).unwrap_or(FIRST.len()));
    said.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" ")
}

/// A record for elsewhere: as an object with what its hash covers, or as columns.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LinkedView<'r>(pub &'r Linked);

#[derive(Serialize)]
struct LinkedJson<'r> {
    store_uuid: String,
    seq: u64,
    previous_hash: String,
    hash: String,
    record: Option<&'r RawValue>,
    body: &'r str,
}

impl View for LinkedView<'_> {
    fn json(&self) -> impl Serialize {
        let Linked { store, previous, record } = self.0;
        LinkedJson {
            store_uuid: store.to_string(),
            seq: record.seq,
            previous_hash: hex(previous),
            hash: hex(&record.hash),
            record: serde_json::from_str(&record.body).ok(),
            body: &record.body,
        }
    }

    fn fields(&self, screen: &Screen) -> Vec<Field> {
        let Linked { store, previous, record } = self.0;
        let mut fields = RecordView(record).fields(screen);
        fields.extend([
            Field::new("store_uuid", store.to_string()),
            Field::new("previous_hash", hex(previous)),
            Field::new("hash", hex(&record.hash)),
            Field::new("body", record.body.as_str()).exact(),
        ]);
        fields
    }
}

/// The end of a log that was found whole.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Checkpoint {
    pub anchor: Anchor,
    /// When it was the end.
    pub at: Timestamp,
}

#[derive(Serialize)]
struct CheckpointJson {
    anchor: String,
    store_uuid: String,
    seq: u64,
    hash: String,
    at: Timestamp,
}

impl View for Checkpoint {
    fn json(&self) -> impl Serialize {
        let Self { anchor, at } = self;
        CheckpointJson {
            anchor: anchor.to_string(),
            store_uuid: anchor.store.to_string(),
            seq: anchor.seq,
            hash: hex(&anchor.hash),
            at: *at,
        }
    }

    fn fields(&self, _: &Screen) -> Vec<Field> {
        let Self { anchor, at } = self;
        vec![
            Field::new("anchor", anchor.to_string()),
            Field::new("store_uuid", anchor.store.to_string()),
            Field::new("seq", anchor.seq.to_string()),
            Field::new("hash", hex(&anchor.hash)),
            Field::new("at", at.to_string()),
        ]
    }
}

#[derive(Serialize)]
struct VerifiedJson {
    verified: bool,
    records: u64,
    hash: String,
    anchor_seq: Option<u64>,
}

impl View for Verified {
    fn json(&self) -> impl Serialize {
        VerifiedJson {
            verified: true,
            records: self.records,
            hash: hex(&self.hash),
            anchor_seq: self.anchored,
        }
    }

    fn fields(&self, _: &Screen) -> Vec<Field> {
        vec![
            Field::new("verified", "true").human("yes").tone(Tone::Good),
            Field::new("records", self.records.to_string()),
            Field::new("hash", hex(&self.hash)),
            Field::new("anchor_seq", self.anchored.map(|seq| seq.to_string()).unwrap_or_default())
                .human(self.anchored.map_or("none given".to_owned(), |seq| seq.to_string())),
        ]
    }
}
