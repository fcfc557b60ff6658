//! Results as text: tables for people, JSON, CSV and plain lines for programs.
//!
//! Nothing here knows of the terminal: its width and whether it takes colour come in as a
//! [`Screen`].

pub(crate) mod apollo;
pub(crate) mod audit;
mod backup;
pub(crate) mod can;
pub(crate) mod canary;
pub(crate) mod conformance;
mod copy;
pub(crate) mod credential;
mod doctor;
pub(crate) mod expiring;
#[cfg(feature = "serve")]
pub(crate) mod explained;
pub(crate) mod export;
pub(crate) mod federation;
mod grant;
pub(crate) mod import;
pub(crate) mod json;
pub(crate) mod key;
mod layout;
pub(crate) mod leaks;
pub(crate) mod lease;
mod list;
pub(crate) mod manifest;
pub(crate) mod master;
mod one;
pub(crate) mod owner;
pub(crate) mod pickable;
pub(crate) mod plan;
pub(crate) mod portal;
pub(crate) mod role;
mod rollback;
pub(crate) mod rules;
pub(crate) mod sarif;
pub(crate) mod secret;
pub(crate) mod setting;
pub(crate) mod stopped;
pub(crate) mod store;
mod table;
pub(crate) mod time;
pub(crate) mod token;
pub(crate) mod trust;
pub(crate) mod usage;
pub(crate) mod verdict;

use std::io;

use serde::Serialize;
use unicode_width::UnicodeWidthStr as _;

use crate::domain::texts::text::Escaped;
use crate::domain::time::Timestamp;

pub(crate) use list::ListWriter;
pub(crate) use one::write_one;

/// Results that did not reach the stream that they were written to.
#[derive(Debug, thiserror::Error)]
#[error("the output could not be written: {0}")]
pub(crate) struct Unwritten(#[from] pub io::Error);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// For people.
    Table,
    /// One array or object.
    Json,
    /// One object a line.
    Jsonl,
    /// RFC 4180 with a header; what a spreadsheet would take for a formula begins with `'`.
    Csv,
    /// The same with every cell as it is.
    RawCsv,
    /// Tab-separated without a header.
    Plain,
}

/// What the text is written on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Screen {
    /// Columns, where there is a limit.
    pub width: Option<u16>,
    /// Whether colours are understood.
    pub color: bool,
    /// Set where times are shown relative to it.
    pub now: Option<Timestamp>,
}

/// How a cell stands out, in addition to its words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Tone {
    #[default]
    Normal,
    /// All is well.
    Good,
    /// Look at it.
    Warn,
    /// It no longer works.
    Bad,
    /// Less important.
    Dim,
}

/// What becomes of a column of a table where the screen has too little room for all of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Room {
    /// It is shown, its cells broken into lines where they must be.
    #[default]
    Broken,
    /// It is shown, and its cells are broken last of all.
    Whole,
    /// It is left out.
    Extra,
    /// It is shown, cut to what is left; such a column comes last.
    Open,
}

/// One value of a result, for people and for programs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Field {
    /// Its name: a header in tables (upper case), a column in CSV.
    pub name: &'static str,
    /// For programs: complete, absolute, empty where there is none.
    pub raw: String,
    /// For people, where it differs from `raw`.
    pub human: Option<String>,
    pub tone: Tone,
    pub room: Room,
    /// Whether CSV has it byte by byte, hidden characters and all, since a hash depends on it.
    pub exact: bool,
}

impl Field {
    /// A value that reads the same for all.
    pub(crate) fn new(name: &'static str, raw: impl Into<String>) -> Self {
        Self { name, raw: raw.into(), human: None, tone: Tone::Normal, room: Room::Broken, exact: false }
    }

    #[must_use]
    pub(crate) fn tone(self, tone: Tone) -> Self {
        Self { tone, ..self }
    }

    /// The same with other words for people.
    #[must_use]
    pub(crate) fn human(self, human: impl Into<String>) -> Self {
        Self { human: Some(human.into()), ..self }
    }

    /// The same, of which people may be shown only the beginning.
    #[must_use]
    pub(crate) fn open_end(self) -> Self {
        Self { room: Room::Open, ..self }
    }

    /// The same, whose cells stay on one line if they can.
    #[must_use]
    pub(crate) fn whole(self) -> Self {
        Self { room: Room::Whole, ..self }
    }

    /// The same, whose column is left out where it does not fit.
    #[must_use]
    pub(crate) fn extra(self) -> Self {
        Self { room: Room::Extra, ..self }
    }

    /// The same, byte by byte in CSV.
    #[must_use]
    pub(crate) fn exact(self) -> Self {
        Self { exact: true, ..self }
    }

    /// The same with its open end cut to so many columns of the screen.
    fn cut_to(&self, width: u16) -> Self {
        let text = Escaped(self.for_people()).to_string();
        if self.room != Room::Open || text.width() <= usize::from(width) {
            return self.clone();
        }
        let beginning = pickable::beginning(&text, usize::from(width).saturating_sub(1));
        self.clone().human(format!("{beginning}…"))
    }

    fn for_people(&self) -> &str {
        self.human.as_deref().unwrap_or(&self.raw)
    }
}

/// A result that can be written in every format.
pub(crate) trait View {
    /// The JSON form, field by field in its documented order.
    fn json(&self) -> impl Serialize;

    /// Its values, the most important first. Every view of a kind has the same names.
    fn fields(&self, screen: &Screen) -> Vec<Field>;
}
