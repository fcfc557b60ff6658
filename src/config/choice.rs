//! Settings that are one of a few words or a wait, written alike in flags, variables and files.

use std::str::FromStr;
use std::time::Duration;

use crate::domain::time::Span;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Output {
    /// For people.
    Table,
    /// One array or object.
    Json,
    /// One object a line.
    Jsonl,
    /// RFC 4180 with a header.
    Csv,
    /// Tab-separated without a header.
    Plain,
}

impl Output {
    /// Every one, in the order of the help.
    pub(crate) const ALL: [Self; 5] = [Self::Table, Self::Json, Self::Jsonl, Self::Csv, Self::Plain];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Json => "json",
            Self::Jsonl => "jsonl",
            Self::Csv => "csv",
            Self::Plain => "plain",
        }
    }
}

impl FromStr for Output {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        Self::ALL.into_iter().find(|one| one.as_str() == text).ok_or("write table, json, jsonl, csv or plain")
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Color {
    /// On a terminal that takes it.
    #[default]
    Auto,
    Always,
    Never,
}

impl Color {
    /// Every one, in the order of the help.
    pub(crate) const ALL: [Self; 3] = [Self::Auto, Self::Always, Self::Never];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Always => "always",
            Self::Never => "never",
        }
    }
}

impl FromStr for Color {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        Self::ALL.into_iter().find(|one| one.as_str() == text).ok_or("write auto, always or never")
    }
}

/// How long another process's change is waited for: milliseconds, or whole seconds in the usual
/// form, to an hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LockTimeout(pub Duration);

impl Default for LockTimeout {
    fn default() -> Self {
        Self(Duration::from_millis(1500))
    }
}

impl FromStr for LockTimeout {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        let parsed = match text.strip_suffix("ms") {
            Some(number) => number.parse().ok().map(Duration::from_millis),
            None => text
                .parse::<Span>()
                .ok()
                .and_then(|span| u64::try_from(span.as_secs()).ok())
                .map(Duration::from_secs),
        };
        parsed
            .filter(|time| *time <= Duration::from_hours(1))
            .map(Self)
            .ok_or("write a number and a unit, as in 500ms 30s 5m, at most 1h")
    }
}

impl std::fmt::Display for LockTimeout {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.0.subsec_millis() == 0 {
            write!(f, "{}s", self.0.as_secs())
        } else {
            write!(f, "{}ms", self.0.as_millis())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_read_back_as_they_are_written() {
        for output in Output::ALL {
            assert_eq!(output.as_str().parse(), Ok(output));
        }
        for color in Color::ALL {
            assert_eq!(color.as_str().parse(), Ok(color));
        }
        assert!("JSON".parse::<Output>().is_err() && "".parse::<Color>().is_err());
    }

    #[test]
    fn a_wait_is_at_most_an_hour() {
        for (text, shown) in
            [("1500ms", "1500ms"), ("2000ms", "2s"), ("5m", "300s"), ("0", "0s"), ("1h", "3600s")]
        {
            assert_eq!(text.parse::<LockTimeout>().expect(text).to_string(), shown);
        }
        for text in ["", "2h", "3600001ms", "-1s", "1.5s", "ms", "never"] {
            assert!(text.parse::<LockTimeout>().is_err(), "{text}");
        }
    }
}
