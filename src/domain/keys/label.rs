//! Labels: what operators hang on a key to find it again.

use std::collections::BTreeMap;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::domain::texts::text::{CodePoint, FreeTextError, check_free_text};

/// Name and value pairs, sorted by name; at most 32.
///
/// A name is 1 to 63 of `a-z 0-9 . _ / -`, first a letter or digit; a value is at most 256
/// bytes of UTF-8 with nothing hidden in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Labels(BTreeMap<String, String>);

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LabelError {
    /// No `=`.
    #[error("a label is name=value, as in team=search")]
    NoValue,
    /// The name does not follow the grammar.
    #[error("a label's name has 1 to 63 of a-z 0-9 . _ / - and starts with a letter or digit")]
    Name,
    /// A character of the name outside the alphabet.
    #[error("a label's name contains {0}: allowed are a-z 0-9 . _ / -")]
    Alphabet(CodePoint),
    /// The value is too long or hides something.
    #[error("a label's value cannot be used: {0}")]
    Value(#[from] FreeTextError),
    #[error("the label {0} is given twice")]
    Twice(String),
    /// Over 32 labels.
    #[error("more than {MOST} labels on one key")]
    TooMany,
}

const MOST: usize = 32;
const LONGEST_NAME: usize = 63;
const LONGEST_VALUE: usize = 256;

fn parse_one(text: &str) -> Result<(&str, &str), LabelError> {
    let (name, value) = text.split_once('=').ok_or(LabelError::NoValue)?;
    check_label_name(name)?;
    check_free_text(value, LONGEST_VALUE)?;
    Ok((name, value))
}

/// Checks that a label can have this name.
pub(crate) fn check_label_name(name: &str) -> Result<&str, LabelError> {
    if let Some(c) =
        name.chars().find(|c| !(c.is_ascii_lowercase() || c.is_ascii_digit() || "._/-".contains(*c)))
    {
        return Err(LabelError::Alphabet(CodePoint(c)));
    }
    if name.len() > LONGEST_NAME || !name.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        return Err(LabelError::Name);
    }
    Ok(name)
}

/// What is to become of one label: `team=search` sets it, `team-` takes it away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LabelEdit {
    Set(String, String),
    Remove(String),
}

impl FromStr for LabelEdit {
    type Err = LabelError;

    fn from_str(text: &str) -> Result<Self, LabelError> {
        if let Some(name) = text.strip_suffix('-').filter(|_| !text.contains('=')) {
            return Ok(Self::Remove(check_label_name(name)?.to_owned()));
        }
        let (name, value) = parse_one(text)?;
        Ok(Self::Set(name.to_owned(), value.to_owned()))
    }
}

/// A label to find keys by: `team=search`, or `team` for any value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelMatch {
    pub name: String,
    /// Its value; `None` for any.
    pub value: Option<String>,
}

impl FromStr for LabelMatch {
    type Err = LabelError;

    fn from_str(text: &str) -> Result<Self, LabelError> {
        if !text.contains('=') {
            return Ok(Self { name: check_label_name(text)?.to_owned(), value: None });
        }
        let (name, value) = parse_one(text)?;
        Ok(Self { name: name.to_owned(), value: Some(value.to_owned()) })
    }
}

impl Labels {
    /// The same with some set and some taken away, in this order.
    pub fn edited(&self, edits: &[LabelEdit]) -> Result<Self, LabelError> {
        let mut labels = self.0.clone();
        for edit in edits {
            match edit {
                LabelEdit::Set(name, value) => labels.insert(name.clone(), value.clone()),
                LabelEdit::Remove(name) => labels.remove(name),
            };
        }
        if labels.len() > MOST { Err(LabelError::TooMany) } else { Ok(Self(labels)) }
    }

    /// Parses `name=value` texts.
    pub fn parse_all<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Self, LabelError> {
        let mut labels = BTreeMap::new();
        for text in texts {
            let (name, value) = parse_one(text)?;
            if labels.insert(name.to_owned(), value.to_owned()).is_some() {
                return Err(LabelError::Twice(name.to_owned()));
            }
        }
        if labels.len() > MOST { Err(LabelError::TooMany) } else { Ok(Self(labels)) }
    }

    /// As stored: a JSON object.
    pub fn to_json(&self) -> String {
        let pairs = self.0.iter().map(|(name, value)| (name.clone(), value.as_str().into()));
        serde_json::Value::Object(pairs.collect()).to_string()
    }

    /// The value of a label.
    #[cfg(feature = "serve")]
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// By name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_fault_of_a_label_has_its_own_error() {
        let error = |text: &str| Labels::parse_all([text]).expect_err(text);
        assert_eq!(error("team"), LabelError::NoValue);
        assert_eq!(error("=x"), LabelError::Name);
        assert_eq!(error("-a=x"), LabelError::Name);
        assert_eq!(error("Team=x"), LabelError::Alphabet(CodePoint('T')));
        assert!(matches!(error(&format!("a={}", "x".repeat(100_000))), LabelError::Value(_)));
        assert!(matches!(error("a=x\u{202e}"), LabelError::Value(_)));
        assert_eq!(Labels::parse_all(["a=1", "a=2"]), Err(LabelError::Twice("a".to_owned())));
        let many: Vec<String> = (0..33).map(|n| format!("l{n}=x")).collect();
        assert_eq!(Labels::parse_all(many.iter().map(String::as_str)), Err(LabelError::TooMany));
    }

    #[test]
    fn an_edit_sets_a_label_or_takes_it_away() {
        let edits = |texts: &[&str]| {
            texts.iter().map(|text| text.parse::<LabelEdit>().expect(text)).collect::<Vec<_>>()
        };
        let labels = Labels::parse_all(["team=search", "env=prod"]).expect("labels");
        let edited = labels.edited(&edits(&["team-", "gone-", "env=a-b-", "x="])).expect("edited");
        assert_eq!(edited.to_json(), r#"{"env":"a-b-","x":""}"#);
        assert_eq!("Team-".parse::<LabelEdit>(), Err(LabelError::Alphabet(CodePoint('T'))));
        assert_eq!("-".parse::<LabelEdit>(), Err(LabelError::Name));
        assert_eq!("team".parse::<LabelEdit>(), Err(LabelError::NoValue));
        let many: Vec<LabelEdit> = (0..31).map(|n| LabelEdit::Set(format!("l{n}"), String::new())).collect();
        assert_eq!(labels.edited(&many), Err(LabelError::TooMany));
    }

    #[test]
    fn a_value_may_hold_anything_visible() {
        let labels = Labels::parse_all(["note=a=b, ünï %_"]).expect("a label");
        assert_eq!(labels.iter().next(), Some(("note", "a=b, ünï %_")));
    }
}
