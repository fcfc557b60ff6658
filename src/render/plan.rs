//! What is to be changed, as people and pipelines read it.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use serde::Serialize;
use serde_json::Value;

use super::{Field, Screen, Tone, View};
use crate::domain::texts::text::Escaped;
use crate::ops::provisioning::apply::Applied;
use crate::ops::provisioning::plan::Plan;
use crate::ops::provisioning::step::{Act, Difference, HeldBack, Object, Step, tally};

/// One step, as a row.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StepView<'p>(pub &'p Step);

#[derive(Serialize)]
pub(crate) struct StepJson<'p> {
    action: Act,
    object: &'static str,
    name: Option<String>,
    /// Attributes, each as it is and as it will be.
    changes: serde_json::Map<String, Value>,
    reason: Option<&'p str>,
    sinks: &'p [String],
}

fn object(object: &Object) -> (&'static str, Option<String>) {
    match object {
        Object::Policy => ("policy", None),
        Object::Role(name) => ("role", Some(name.to_string())),
        Object::Owner(name) => ("owner", Some(name.to_string())),
        Object::Key(path) => ("key", Some(path.to_string())),
        Object::Trust(name) => ("trust", Some(name.to_string())),
        Object::Store => ("store", None),
    }
}

impl<'p> StepView<'p> {
    pub(crate) fn form(self) -> StepJson<'p> {
        let step = self.0;
        let (kind, name) = object(&step.object);
        let changes = step.differences.iter();
        StepJson {
            action: step.act,
            object: kind,
            name,
            changes: changes.map(|one| (one.name.clone(), serde_json::json!([one.old, one.new]))).collect(),
            reason: step.why.as_deref(),
            sinks: &step.sinks,
        }
    }
}

impl View for StepView<'_> {
    fn json(&self) -> impl Serialize {
        self.form()
    }

    fn fields(&self, _screen: &Screen) -> Vec<Field> {
        let step = self.0;
        vec![
            Field::new("action", step.act.as_str()).tone(tone(step.act)),
            Field::new("object", step.object.to_string()),
            Field::new("changes", summary(step)),
        ]
    }
}

/// A whole plan.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PlanView<'p>(pub &'p Plan);

#[derive(Serialize)]
struct PlanJson<'p> {
    manifest: &'p str,
    store: String,
    planned_at: crate::domain::time::Timestamp,
    changes: Vec<StepJson<'p>>,
    held_back: Vec<HeldBackJson<'p>>,
    counts: std::collections::BTreeMap<&'static str, u64>,
}

#[derive(Serialize)]
struct HeldBackJson<'p> {
    object: String,
    reason: &'p str,
}

impl View for PlanView<'_> {
    fn json(&self) -> impl Serialize {
        let plan = self.0;
        PlanJson {
            manifest: plan.manifest.as_str(),
            store: plan.store.hyphenated().to_string(),
            planned_at: plan.at,
            changes: plan.steps.iter().map(|step| StepView(step).form()).collect(),
            held_back: plan.held_back.iter().map(held_back).collect(),
            counts: tally(&plan.steps),
        }
    }

    fn fields(&self, _screen: &Screen) -> Vec<Field> {
        vec![
            Field::new("manifest", self.0.manifest.as_str()),
            Field::new("changes", self.0.steps.len().to_string()),
        ]
    }
}

fn held_back(held: &HeldBack) -> HeldBackJson<'_> {
    HeldBackJson { object: held.object.to_string(), reason: &held.why }
}

fn tone(act: Act) -> Tone {
    match act {
        Act::Create => Tone::Good,
        Act::Change | Act::Rename | Act::Bind | Act::Rotate => Tone::Warn,
        Act::Replace | Act::Revoke => Tone::Bad,
    }
}

/// The sign of a line, as `diff` has it.
fn sign(act: Act) -> char {
    match act {
        Act::Create => '+',
        Act::Change | Act::Rename | Act::Bind => '~',
        Act::Rotate => '>',
        Act::Replace => '!',
        Act::Revoke => '-',
    }
}

/// A step for people: one line, and one for each attribute.
pub(crate) fn lines(step: &Step, screen: &Screen) -> String {
    let mut text = format!("{} {}", sign(step.act), step.object);
    match step.act {
        Act::Create | Act::Change => {}
        Act::Rename => text.push_str(" is renamed"),
        Act::Bind => text.push_str(" uses"),
        Act::Rotate => text.push_str(" gets another token"),
        Act::Replace => text.push_str(" is replaced; its key is revoked, and another made"),
        Act::Revoke => text.push_str(" is revoked"),
    }
    if let Some(why) = &step.why {
        let _ = write!(text, ": {why}");
    }
    let mut text = painted(&text, tone(step.act), screen.color);
    for one in &step.differences {
        let _ = write!(text, "\n    {}: {}", one.name, Escaped(&arrow(one, step.act)));
    }
    for sink in &step.sinks {
        let _ = write!(text, "\n    → {sink}");
    }
    text.push('\n');
    text
}

fn painted(text: &str, tone: Tone, color: bool) -> String {
    let color = match tone {
        _ if !color => return Escaped(text).to_string(),
        Tone::Good => AnsiColor::Green,
        Tone::Bad => AnsiColor::Red,
        _ => AnsiColor::Yellow,
    };
    let style = Style::new().fg_color(Some(color.into()));
    format!("{style}{}{style:#}", Escaped(text))
}

fn arrow(one: &Difference, act: Act) -> String {
    if act == Act::Create { shown(&one.new) } else { format!("{} → {}", shown(&one.old), shown(&one.new)) }
}

fn summary(step: &Step) -> String {
    let differences = step.differences.iter().map(|one| format!("{}={}", one.name, arrow(one, step.act)));
    let why = step.why.iter().cloned();
    let sinks = step.sinks.iter().map(|sink| format!("→ {sink}"));
    why.chain(differences).chain(sinks).collect::<Vec<_>>().join("; ")
}

/// A value as people write it.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(items) if items.is_empty() => "none".to_owned(),
        Value::Array(items) => items.iter().map(shown).collect::<Vec<_>>().join(", "),
        Value::Object(members) if members.is_empty() => "none".to_owned(),
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| format!("{name}={}", shown(value)))
            .collect::<Vec<_>>()
            .join(", "),
        other => other.to_string(),
    }
}

/// What carrying a plan out came to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AppliedView<'p> {
    pub plan: &'p Plan,
    pub applied: &'p Applied,
}

#[derive(Serialize)]
struct AppliedJson<'p> {
    manifest: &'p str,
    changes: Vec<StepJson<'p>>,
    held_back: Vec<HeldBackJson<'p>>,
    /// How many steps of each kind were done.
    counts: &'p std::collections::BTreeMap<&'static str, u64>,
    /// Tokens that stand in all their sinks.
    delivered: u64,
    delivering_ms: u64,
    failed: Vec<FailedJson<'p>>,
}

#[derive(Serialize)]
struct FailedJson<'p> {
    key: String,
    sink: Option<&'p str>,
    reason: &'p str,
}

impl View for AppliedView<'_> {
    fn json(&self) -> impl Serialize {
        let Self { plan, applied } = self;
        let failed = applied.failed.iter();
        AppliedJson {
            manifest: plan.manifest.as_str(),
            changes: plan.steps.iter().map(|step| StepView(step).form()).collect(),
            held_back: plan.held_back.iter().map(held_back).collect(),
            counts: &applied.done,
            delivered: applied.delivered,
            delivering_ms: u64::try_from(applied.delivering.as_millis()).unwrap_or(u64::MAX),
            failed: failed
                .map(|one| FailedJson {
                    key: one.key.to_string(),
                    sink: one.sink.as_deref(),
                    reason: &one.why,
                })
                .collect(),
        }
    }

    fn fields(&self, _screen: &Screen) -> Vec<Field> {
        vec![
            Field::new("manifest", self.plan.manifest.as_str()),
            Field::new("changes", self.applied.done.values().sum::<u64>().to_string()),
            Field::new("delivered", self.applied.delivered.to_string()),
        ]
    }
}
