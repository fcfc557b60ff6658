//! The vectors, and how a program's answers compare with them.

use serde::Serialize;
use serde_json::Value;

use super::{Field, Screen, Tone, View};
use crate::ops::conformance::{Case, Disagreement, Kind, Tally};

impl View for Case {
    fn json(&self) -> impl Serialize {
        self
    }

    fn fields(&self, _: &Screen) -> Vec<Field> {
        vec![
            Field::new("name", self.name.as_str()),
            Field::new("kind", self.kind.as_str()),
            Field::new("input", self.input.to_string()).extra(),
            Field::new("expect", self.expect.to_string()).extra(),
        ]
    }
}

impl View for Tally {
    fn json(&self) -> impl Serialize {
        self
    }

    fn fields(&self, _: &Screen) -> Vec<Field> {
        let number = |name, number: u64| Field::new(name, number.to_string());
        let unwanted = |name, count: u64| {
            let tone = if count == 0 { Tone::Dim } else { Tone::Bad };
            number(name, count).tone(tone)
        };
        vec![
            Field::new("kind", self.kind.as_str()),
            number("cases", self.cases),
            number("agree", self.agree).tone(if self.agree == self.cases {
                Tone::Good
            } else {
                Tone::Normal
            }),
            unwanted("differ", self.differ),
            unwanted("unsupported", self.unsupported),
            unwanted("unanswered", self.unanswered),
        ]
    }
}

/// The longest answer in full, in characters: one case holds 64 KiB.
const LONGEST: usize = 400;

/// A disagreement for people, in three lines.
pub(crate) fn explained(kind: Kind, found: &Disagreement) -> String {
    let Disagreement { name, problem, expected, got } = found;
    format!("{kind}, {name}: {problem}\n  expected  {}\n  got       {}", cut(expected), cut(got))
}

fn cut(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}… ({} characters)", &text[..end], text.chars().count()),
        None => text,
    }
}
