//! What `doctor` found.

use serde::Serialize;

use super::{Field, Screen, Tone, View};
use crate::ops::doctor::{Finding, Level};

#[derive(Serialize)]
struct FindingJson<'f> {
    check: &'static str,
    level: &'static str,
    what: &'f str,
    why: &'f str,
    to_do: Option<&'f str>,
    fixable: bool,
    fixed: bool,
    names: &'f [String],
    count: Option<u64>,
}

impl View for Finding {
    fn json(&self) -> impl Serialize {
        FindingJson {
            check: self.check.as_str(),
            level: self.level.as_str(),
            what: &self.what,
            why: &self.why,
            to_do: self.to_do.as_deref(),
            fixable: self.fixable,
            fixed: self.fixed,
            names: &self.names,
            count: self.count,
        }
    }

    fn fields(&self, _: &Screen) -> Vec<Field> {
        let tone = match self.level {
            Level::Ok => Tone::Good,
            Level::Note => Tone::Dim,
            Level::Warning => Tone::Warn,
            Level::Problem => Tone::Bad,
        };
        let level = Field::new("level", self.level.as_str()).whole();
        vec![
            if self.fixed { level.human("fixed").tone(Tone::Good) } else { level.tone(tone) },
            Field::new("check", self.check.as_str()).whole(),
            Field::new("what", self.what.as_str()),
            Field::new("why", self.why.as_str()).extra(),
            Field::new("to_do", self.to_do.as_deref().unwrap_or_default()),
            Field::new("fixable", self.fixable.to_string()).extra(),
            Field::new("fixed", self.fixed.to_string()).extra(),
        ]
    }
}
