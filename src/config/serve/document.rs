//! A TOML file whose every fault has its line and column. Values are never repeated in errors.

use std::fmt::Display;
use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use crate::config::config_file::Named;
use crate::config::error::ConfigError;
use crate::config::paths;
use crate::config::source::Source;
use crate::domain::texts::leak;
use crate::domain::texts::misplaced;
use crate::domain::texts::near::nearest_word;
use crate::domain::texts::text::{CodePoint, is_hidden};

pub(super) type Key<'t> = Spanned<DeString<'t>>;
pub(super) type Value<'t> = Spanned<DeValue<'t>>;

/// Where a value stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct At {
    /// Counted from 1.
    pub line: usize,
    /// Characters, counted from 1.
    pub column: usize,
}

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found<T> {
    pub value: T,
    pub at: At,
}

/// The text of the file.
pub(super) struct Document<'s> {
    source: &'s Source,
    /// What `~/` stands for.
    home: Option<&'s Path>,
    line_starts: Vec<usize>,
}

impl<'s> Document<'s> {
    pub(super) fn new(source: &'s Source, home: Option<&'s Path>) -> Self {
        let behind = source.text.match_indices('\n').map(|(at, _)| at + 1);
        Self { source, home, line_starts: std::iter::once(0).chain(behind).collect() }
    }

    /// Whether nobody else can read it.
    pub(super) fn is_private(&self) -> bool {
        self.source.is_private
    }

    /// All of it, if it is TOML.
    pub(super) fn table(&self) -> Result<Spanned<DeTable<'s>>, ConfigError> {
        DeTable::parse(&self.source.text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            let what = error.message().lines().collect::<Vec<_>>().join("; ");
            self.error(at, what, "see https://toml.io for the form of the file")
        })
    }

    pub(super) fn at(&self, byte: usize) -> At {
        let line = self.line_starts.partition_point(|start| *start <= byte).max(1);
        let before = self.source.text.get(self.line_starts[line - 1]..byte).unwrap_or_default();
        At { line, column: 1 + before.chars().count() }
    }

    pub(super) fn error(&self, byte: usize, what: impl Display, hint: impl Into<String>) -> ConfigError {
        self.error_at(self.at(byte), what, hint)
    }

    pub(super) fn error_at(&self, at: At, what: impl Display, hint: impl Into<String>) -> ConfigError {
        ConfigError::Place {
            path: self.source.path.display().to_string(),
            line: at.line,
            column: at.column,
            what: what.to_string(),
            hint: hint.into(),
        }
    }

    /// Where a character of a text stands, counted from 1; the text itself where escapes or line ends in it
    /// leave that open.
    pub(super) fn within(&self, text: &Found<String>, span: &Range<usize>, character: usize) -> At {
        let written = self.source.text.get(span.clone()).unwrap_or_default();
        let plain = written.get(1..written.len().saturating_sub(1)) == Some(text.value.as_str());
        if plain { At { line: text.at.line, column: text.at.column + character } } else { text.at }
    }

    pub(super) fn unknown(&self, key: &Key<'_>, whose: &str, known: &[&str]) -> ConfigError {
        let name = key.get_ref();
        let hint = nearest_word(name, known.iter().copied()).map_or_else(
            || format!("there are: {}", known.join(", ")),
            |near| format!("did you mean {near}?"),
        );
        self.error(key.span().start, format!("{whose} has no setting {}", Named(name)), hint)
    }

    pub(super) fn sub<'v, 't>(
        &self,
        key: &Key<'_>,
        value: &'v Value<'t>,
    ) -> Result<&'v DeTable<'t>, ConfigError> {
        value.get_ref().as_table().ok_or_else(|| {
            let name = Named(key.get_ref());
            self.error(value.span().start, format!("{name} must be a table"), format!("as in [{name}]"))
        })
    }

    /// A text that is not empty, with nothing hidden and no secret in it.
    pub(super) fn text(&self, key: &Key<'_>, value: &Value<'_>) -> Result<Found<String>, ConfigError> {
        let (byte, name) = (value.span().start, Named(key.get_ref()));
        let DeValue::String(text) = value.get_ref() else {
            let hint = format!("write it in quotes, as in {name} = \"…\"");
            return Err(self.error(byte, format!("{name} must be a text"), hint));
        };
        if text.trim().is_empty() {
            return Err(self.error(byte, format!("{name} is empty"), "write a value, or remove the line"));
        }
        if let Some(c) = text.chars().find(|c| is_hidden(*c)) {
            let what = format!("{name} contains the hidden character {}", CodePoint(c));
            return Err(self.error(byte, what, "write it anew, by hand"));
        }
        if leak::secret_in(text).is_some() {
            let hint = "take it out, and replace it where it is used: it may have been read already";
            return Err(self.error(byte, format!("{name} has a secret in it"), hint));
        }
        Ok(Found { value: text.to_string(), at: self.at(byte) })
    }

    pub(super) fn parsed<T, E: Display>(
        &self,
        key: &Key<'_>,
        value: &Value<'_>,
        hint: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<Found<T>, ConfigError> {
        let Found { value: text, at } = self.text(key, value)?;
        let value = parse(&text)
            .map_err(|error| self.error_at(at, format!("{}: {error}", Named(key.get_ref())), hint))?;
        Ok(Found { value, at })
    }

    pub(super) fn flag(&self, key: &Key<'_>, value: &Value<'_>) -> Result<Found<bool>, ConfigError> {
        let at = self.at(value.span().start);
        if let DeValue::Boolean(value) = value.get_ref() {
            return Ok(Found { value: *value, at });
        }
        let what = format!("{} must be true or false", Named(key.get_ref()));
        Err(self.error_at(at, what, "write it without quotes"))
    }

    /// A whole number between two others.
    pub(super) fn number(
        &self,
        key: &Key<'_>,
        value: &Value<'_>,
        (least, most): (u64, u64),
    ) -> Result<Found<u64>, ConfigError> {
        let at = self.at(value.span().start);
        let number = match value.get_ref() {
            DeValue::Integer(number) => u64::from_str_radix(number.as_str(), number.radix()).ok(),
            _ => None,
        };
        number.filter(|number| (least..=most).contains(number)).map(|value| Found { value, at }).ok_or_else(
            || {
                let name = Named(key.get_ref());
                let what = format!("{name} must be a whole number from {least} to {most}");
                self.error_at(at, what, format!("as in {name} = {least}"))
            },
        )
    }

    /// The texts of a list, each of which stands in it once.
    pub(super) fn list<T, E: Display>(
        &self,
        key: &Key<'_>,
        value: &Value<'_>,
        hint: &str,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Result<Vec<Found<T>>, ConfigError>
    where
        T: PartialEq,
    {
        let name = Named(key.get_ref());
        let DeValue::Array(values) = value.get_ref() else {
            let what = format!("{name} must be a list");
            return Err(self.error(value.span().start, what, format!("as in {name} = [\"…\"]")));
        };
        let mut found: Vec<Found<T>> = Vec::new();
        for value in values {
            let one = self.parsed(key, value, hint, &parse)?;
            if let Some(other) = found.iter().find(|other| other.value == one.value) {
                let what = format!("{name} has this twice");
                let hint = format!("it stands in line {}, column {}, too", other.at.line, other.at.column);
                return Err(self.error_at(one.at, what, hint));
            }
            found.push(one);
        }
        Ok(found)
    }

    /// A path as [`paths::expand`] reads it.
    pub(super) fn path(&self, key: &Key<'_>, value: &Value<'_>) -> Result<Found<PathBuf>, ConfigError> {
        let folder = self.source.path.parent().unwrap_or(Path::new(""));
        self.parsed(key, value, "name the file", |text| {
            if misplaced::is_no_path(text) {
                return Err("this looks like a key; name the file that holds it".to_owned());
            }
            paths::expand(text.into(), folder, self.home).map_err(|error| error.to_string())
        })
    }
}
