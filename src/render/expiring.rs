//! What ends soon.

use std::fmt::Write as _;

use serde::Serialize;

use super::key::moment;
use super::{Field, Screen, Tone, View};
use crate::domain::expiring::{Ending, Kind, Stage};
use crate::domain::time::Timestamp;
use crate::ops::expiring::Tally;
use crate::ops::expiring::notify::Outcome;

/// Something that ends, and how soon that is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EndingView<'e> {
    pub ending: &'e Ending,
    pub stage: Stage,
}

#[derive(Serialize)]
struct EndingJson<'e> {
    kind: Kind,
    id: &'e str,
    name: &'e str,
    key: Option<&'e str>,
    owner: Option<&'e str>,
    ends_at: Timestamp,
    stage: Stage,
    state: &'e str,
    last_used_at: Option<Timestamp>,
}

impl View for EndingView<'_> {
    fn json(&self) -> impl Serialize {
        let Ending { kind, id, name, key, owner, ends_at, last_used, state } = self.ending;
        EndingJson {
            kind: *kind,
            id,
            name,
            key: key.as_deref(),
            owner: owner.as_deref(),
            ends_at: *ends_at,
            stage: self.stage,
            state,
            last_used_at: last_used.at(),
        }
    }

    fn fields(&self, screen: &Screen) -> Vec<Field> {
        let Ending { kind, id, name, key, owner, ends_at, last_used, state } = self.ending;
        let tone = match self.stage {
            Stage::Ended | Stage::Seen => Tone::Bad,
            Stage::Days1 | Stage::Days3 => Tone::Warn,
            Stage::Days14 | Stage::Later => Tone::Normal,
        };
        vec![
            moment("ends_at", Some(*ends_at), "", screen).tone(tone),
            Field::new("kind", kind.as_str()),
            Field::new("name", name.as_str()),
            Field::new("state", state.as_str()),
            Field::new("owner", owner.as_deref().unwrap_or_default()),
            moment("last_used_at", last_used.at(), "", screen),
            Field::new("stage", self.stage.as_str()).extra(),
            Field::new("id", id.as_str()).tone(Tone::Dim).extra(),
            Field::new("key", key.as_deref().unwrap_or_default()).tone(Tone::Dim).extra(),
        ]
    }
}

/// The counts in Prometheus' text format. Each kind and each stage has its line, also for none of it, so that nothing
/// vanishes from a graph; a kind of which nothing is to come has no first end.
pub(crate) fn prometheus(tally: &Tally, now: Timestamp) -> String {
    let mut text = String::new();
    let mut line = |of: std::fmt::Arguments<'_>| {
        let _ = text.write_fmt(of);
        text.push('\n');
    };
    line(format_args!(
        "# HELP keyctl_expiring Things that end soon or ended lately, by kind and by how soon."
    ));
    line(format_args!("# TYPE keyctl_expiring gauge"));
    for (kind, counts) in Kind::ALL.iter().zip(&tally.counts) {
        for (stage, count) in Stage::ALL.iter().zip(counts) {
            line(format_args!("keyctl_expiring{{kind=\"{kind}\",stage=\"{}\"}} {count}", stage.as_str()));
        }
    }
    line(format_args!(
        "# HELP keyctl_expiring_first_end_timestamp_seconds When the next thing of a kind ends."
    ));
    line(format_args!("# TYPE keyctl_expiring_first_end_timestamp_seconds gauge"));
    for (kind, first) in Kind::ALL.iter().zip(&tally.first) {
        if let Some(first) = first {
            let seconds = first.as_millis() / 1000;
            line(format_args!("keyctl_expiring_first_end_timestamp_seconds{{kind=\"{kind}\"}} {seconds}"));
        }
    }
    line(format_args!("# HELP keyctl_expiring_read_timestamp_seconds When the store was read."));
    line(format_args!("# TYPE keyctl_expiring_read_timestamp_seconds gauge"));
    line(format_args!("keyctl_expiring_read_timestamp_seconds {}", now.as_millis() / 1000));
    text
}

/// How telling somebody went.
pub(crate) struct NotifiedView<'o>(pub &'o Outcome);

#[derive(Serialize)]
struct NotifiedJson<'o> {
    channel: &'static str,
    told: u64,
    failed: Option<&'o str>,
    at: Timestamp,
}

impl View for NotifiedView<'_> {
    fn json(&self) -> impl Serialize {
        let Outcome { channel, told, failed, at } = self.0;
        NotifiedJson {
            channel,
            told: *told,
            failed: failed.as_ref().map(|untold| untold.why.as_str()),
            at: *at,
        }
    }

    fn fields(&self, screen: &Screen) -> Vec<Field> {
        let Outcome { channel, told, failed, at } = self.0;
        let why = failed.as_ref().map(|untold| untold.why.as_str());
        vec![
            Field::new("channel", *channel),
            Field::new("told", told.to_string()),
            moment("at", Some(*at), "", screen),
            Field::new("failed", why.unwrap_or_default()).tone(Tone::Bad).open_end(),
        ]
    }
}
