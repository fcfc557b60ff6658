//! Keys that exist elsewhere move in.

pub mod apollo;
mod distinct;
mod families;
mod fields;
mod first_pass;
pub(crate) mod foreign;
pub(crate) mod mem0;
mod more;
mod naming;
mod reader;
pub mod rows;
mod sorted;
mod spool;
mod whose;

pub use fields::LetIn;
pub use reader::Import;
pub use whose::Named;

use super::error::{Conflict, Error};
use crate::domain::id::KeyId;
use crate::domain::imports::faults::Faults;
use crate::domain::keys::key::Key;
use crate::domain::time::Timestamp;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// Mem0's `API_KEYS`.
    Mem0,
    /// RFC 4180 with a header.
    Csv,
    /// One JSON object a line.
    Jsonl,
    /// `OpenFn` Apollo's table.
    Apollo,
    /// The key table of `LiteLLM`.
    Litellm,
    /// That of better-auth.
    BetterAuth,
}

impl Source {
    /// The word in reports and audit records.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Mem0 => "mem0",
            Self::Csv => "csv",
            Self::Jsonl => "jsonl",
            Self::Apollo => "apollo",
            Self::Litellm => "litellm",
            Self::BetterAuth => "better-auth",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    pub source: Source,
    pub new: u64,
    /// Keys that were there already, with the same content; nothing of them was changed.
    pub present: u64,
    /// New keys whose token may be guessed.
    pub weak: u64,
    pub weak_until: Option<Timestamp>,
    pub first: Option<KeyId>,
    pub last: Option<KeyId>,
    pub transactions: u64,
    /// New owners whose id is no name, and what they are called.
    pub named: Named,
    pub at: Timestamp,
}

impl Report {
    fn new(source: Source, at: Timestamp) -> Self {
        Self {
            source,
            new: 0,
            present: 0,
            weak: 0,
            weak_until: None,
            first: None,
            last: None,
            transactions: 0,
            named: Named::default(),
            at,
        }
    }

    /// Counts a new key; they come by ascending ids.
    fn add(&mut self, key: &Key) {
        self.new += 1;
        self.first.get_or_insert(key.id);
        self.last = Some(key.id);
        if key.is_weak() {
            self.weak += 1;
            self.weak_until = key.expires_at;
        }
    }
}

/// A file that is not as it must be.
pub fn invalid(faults: &Faults) -> Error {
    Error::Invalid {
        message: format!("nothing was imported: {faults}"),
        hint: "correct the lines named, and import the file again".to_owned(),
    }
}

/// A file with keys that the store's policy forbids.
fn against_policy(broken: &Faults) -> Error {
    let conflict = Conflict::new(
        format!("nothing was imported: {broken}"),
        "correct the lines named; what the policy asks for: keyctl policy show",
    );
    Conflict { is_policy: true, ..conflict }.into()
}

/// A file that does not fit what the store holds.
fn forbidden(faults: &Faults) -> Error {
    let hint = if faults.are_of_rows() {
        "look at the keys named (keyctl show); rename or revoke those that are not meant, or correct the rows"
    } else {
        "look at the keys named (keyctl show), and take their lines out of the file"
    };
    Conflict::new(format!("nothing was imported: {faults}"), hint).into()
}
