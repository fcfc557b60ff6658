//! A key of another program's table, as it is to be here; and what of it cannot be.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::domain::owners::subject::slug;
use crate::domain::texts::text::is_hidden;
use crate::domain::time::Timestamp;

/// A key as `import jsonl` reads it: its fields are columns of such a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Moved {
    pub hash: String,
    /// What the owner may be called, where more than the id is known.
    pub owner: Option<String>,
    /// The id that the owner has there.
    pub subject: String,
    pub name: Option<String>,
    pub scopes: Vec<String>,
    /// A time, or `never`.
    pub expires_at: String,
    pub labels: BTreeMap<&'static str, String>,
    pub rate: Option<String>,
    pub quota: Option<String>,
    pub suspended_at: Option<Timestamp>,
    pub previous_hash: Option<String>,
    pub previous_expires_at: Option<Timestamp>,
}

/// Something of a row that is not taken over, and why not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Note {
    /// The column.
    pub what: &'static str,
    pub why: &'static str,
}

/// Why a row cannot be a key: the column, and what is wrong with it. It never repeats what stands there.
pub(crate) type Unfit = (&'static str, &'static str);

/// What a row comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Came {
    Key(Box<Moved>, Vec<Note>),
    /// No client's key, and left out.
    LeftOut(Note),
}

/// A row of another program's table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Columns<'r>(pub &'r Map<String, Value>);

impl<'r> Columns<'r> {
    fn get(self, name: &str) -> Option<&'r Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    /// A text, or nothing where there is none or an empty one.
    pub(crate) fn text(self, name: &'static str) -> Result<Option<&'r str>, Unfit> {
        let Some(value) = self.get(name) else { return Ok(None) };
        let text = value.as_str().ok_or((name, "it is no text"))?;
        if text.chars().any(is_hidden) {
            return Err((name, "there is a character in it that cannot be seen"));
        }
        Ok((!text.is_empty()).then_some(text))
    }

    pub(crate) fn whole(self, name: &'static str) -> Result<Option<i64>, Unfit> {
        let Some(value) = self.get(name) else { return Ok(None) };
        value.as_i64().map(Some).ok_or((name, "it is no whole number"))
    }

    pub(crate) fn yes(self, name: &'static str) -> Result<Option<bool>, Unfit> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::Bool(yes)) => Ok(Some(*yes)),
            Some(value) => match value.as_i64() {
                Some(0) => Ok(Some(false)),
                Some(1) => Ok(Some(true)),
                _ => Err((name, "it is neither true nor false")),
            },
        }
    }

    /// A time: a text, in UTC where it names no zone; or a number of milliseconds since 1970.
    pub(crate) fn time(self, name: &'static str) -> Result<Option<Timestamp>, Unfit> {
        match self.get(name) {
            None => Ok(None),
            Some(value) => moment(value).map(Some).ok_or((name, "it is no time")),
        }
    }

    /// JSON, also where it is kept as a text.
    pub(crate) fn json(self, name: &'static str) -> Result<Option<Value>, Unfit> {
        let value = match self.get(name) {
            Some(Value::String(text)) if text.is_empty() => return Ok(None),
            Some(Value::String(text)) => serde_json::from_str(text).map_err(|_| (name, "it is not JSON"))?,
            Some(value) => value.clone(),
            None => return Ok(None),
        };
        Ok((!value.is_null()).then_some(value))
    }

    /// Whether something stands there that is not what stands there in every row.
    pub(crate) fn says(self, name: &'static str) -> bool {
        let parsed = self.json(name).unwrap_or_else(|_| self.get(name).cloned());
        match parsed {
            None | Some(Value::Bool(false)) => false,
            Some(Value::Array(list)) => !list.is_empty(),
            Some(Value::Object(fields)) => !fields.is_empty(),
            Some(Value::String(text)) => !text.is_empty(),
            Some(_) => true,
        }
    }
}

/// A time in JSON, as both databases give it.
pub(crate) fn moment(value: &Value) -> Option<Timestamp> {
    let text = match value {
        Value::Number(millis) => return Timestamp::from_millis(millis.as_i64()?),
        Value::String(text) => text,
        _ => return None,
    };
    Timestamp::parse(text).or_else(|_| Timestamp::parse(&format!("{text}Z"))).ok()
}

/// A name that a key may have, made of a text.
pub(crate) fn name_of(text: &str) -> Option<String> {
    let slug = slug(&text.to_lowercase(), 64);
    (!slug.is_empty()).then_some(slug)
}

/// When it ends, as a file says it.
pub(crate) fn end(at: Option<Timestamp>) -> String {
    at.map_or_else(|| "never".to_owned(), |at| at.to_string())
}
