//! Results as text: tables for people, JSON, CSV and plain lines for programs.
//!
//! Nothing here knows of the terminal: its width and whether it takes colour come in as a
//! [`Screen`].

pub mod apollo;
pub mod audit;
pub mod can;
pub mod choice;
pub mod conformance;
mod grant;
pub mod import;
pub mod json;
pub mod key;
mod list;
pub mod master;
mod one;
pub mod owner;
pub mod role;
mod rollback;
pub mod secret;
pub mod setting;
pub mod stopped;
pub mod store;
mod table;
pub mod time;
pub mod verdict;

use serde::Serialize;

use crate::domain::time::Timestamp;

pub use list::ListWriter;
pub use one::write_one;

/// How results are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
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
pub struct Screen {
    /// Columns, where there is a limit.
    pub width: Option<u16>,
    /// Whether colours are understood.
    pub color: bool,
    /// Set where times are shown relative to it.
    pub now: Option<Timestamp>,
}

/// How a cell stands out, in addition to its words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// Not at all.
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

/// One value of a result, for people and for programs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name: a header in tables (upper case), a column in CSV.
    pub name: &'static str,
    /// For programs: complete, absolute, empty where there is none.
    pub raw: String,
    /// For people, where it differs from `raw`.
    pub human: Option<String>,
    /// How it stands out.
    pub tone: Tone,
    /// Whether people may be shown only its beginning; such a field comes last.
    pub open_end: bool,
    /// Whether CSV has it byte by byte, hidden characters and all, since a hash depends on it.
    pub exact: bool,
}

impl Field {
    /// A value that reads the same for all.
    pub fn new(name: &'static str, raw: impl Into<String>) -> Self {
        Self { name, raw: raw.into(), human: None, tone: Tone::Normal, open_end: false, exact: false }
    }

    /// The same in a tone.
    #[must_use]
    pub fn tone(self, tone: Tone) -> Self {
        Self { tone, ..self }
    }

    /// The same with other words for people.
    #[must_use]
    pub fn human(self, human: impl Into<String>) -> Self {
        Self { human: Some(human.into()), ..self }
    }

    /// The same, of which people may be shown only the beginning.
    #[must_use]
    pub fn open_end(self) -> Self {
        Self { open_end: true, ..self }
    }

    /// The same, byte by byte in CSV.
    #[must_use]
    pub fn exact(self) -> Self {
        Self { exact: true, ..self }
    }

    /// The same with its open end cut to so many characters.
    fn cut_to(&self, width: u16) -> Self {
        let text = self.for_people();
        let most = usize::from(width);
        if !self.open_end || text.chars().count() <= most {
            return self.clone();
        }
        let cut: String = text.chars().take(most.saturating_sub(1)).chain(['…']).collect();
        self.clone().human(cut)
    }

    fn for_people(&self) -> &str {
        self.human.as_deref().unwrap_or(&self.raw)
    }
}

/// A result that can be written in every format.
pub trait View {
    /// The JSON form, field by field in its documented order.
    fn json(&self) -> impl Serialize;

    /// Its values, the most important first. Every view of a kind has the same names.
    fn fields(&self, screen: &Screen) -> Vec<Field>;
}
