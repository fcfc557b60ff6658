//! What was searched, and what was not, and why.

use std::collections::BTreeMap;
use std::io;

use crate::domain::leaks::place::masked;

/// Names that are kept of each reason; the rest is counted.
const NAMED: usize = 20;

/// Why something was not searched, or not all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::cli) enum Why {
    Link,
    Special,
    Denied,
    Unreadable,
    Changed,
    Damaged,
    OtherSum,
    Encrypted,
    Packed,
    TooDeep,
    TooLarge,
}

impl Why {
    pub(in crate::cli) const fn as_str(self) -> &'static str {
        match self {
            Self::Link => "a symbolic link, which is not followed",
            Self::Special => "a device, a socket or a named pipe",
            Self::Denied => "no permission",
            Self::Unreadable => "it cannot be read",
            Self::Changed => "it changed while it was read: search it again",
            Self::Damaged => "a damaged archive, of which the rest was not searched",
            Self::OtherSum => "a damaged file in an archive, which unpacks to something else than was packed",
            Self::Encrypted => "encrypted in its archive",
            Self::Packed => "compressed in a way that is not unpacked here: unpack it first",
            Self::TooDeep => "an archive in more than eight archives",
            Self::TooLarge => "it unpacks to too much: unpack it first, if it is no bomb",
        }
    }

    /// Whether somebody may have to look at it.
    pub(in crate::cli) const fn is_trouble(self) -> bool {
        !matches!(self, Self::Link | Self::Special)
    }

    pub(super) fn of(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::PermissionDenied => Self::Denied,
            _ => Self::Unreadable,
        }
    }
}

#[derive(Debug, Default)]
pub(in crate::cli) struct Report {
    pub(in crate::cli) files: u64,
    /// Files inside of archives.
    pub(in crate::cli) members: u64,
    pub(in crate::cli) bytes: u64,
    skipped: BTreeMap<Why, (u64, Vec<String>)>,
}

impl Report {
    pub(super) fn skip(&mut self, name: &str, why: Why) {
        let (count, names) = self.skipped.entry(why).or_default();
        *count += 1;
        if names.len() < NAMED {
            names.push(masked(name));
        }
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.files += other.files;
        self.members += other.members;
        self.bytes += other.bytes;
        for (why, (count, names)) in other.skipped {
            let (kept_count, kept) = self.skipped.entry(why).or_default();
            *kept_count += count;
            kept.extend(names);
            kept.sort_unstable();
            kept.truncate(NAMED);
        }
    }

    /// The names that are kept.
    pub(in crate::cli) fn names(&self) -> impl Iterator<Item = &str> {
        self.skipped.values().flat_map(|(_, names)| names).map(String::as_str)
    }

    /// Writes each name that is kept in another way, in order whoever found it.
    pub(in crate::cli) fn rename(&mut self, shown: impl Fn(&str) -> String) {
        for (_, names) in self.skipped.values_mut() {
            for name in names.iter_mut() {
                *name = shown(name);
            }
            names.sort_unstable();
        }
    }

    /// Each reason with how many there are, and the first names.
    pub(in crate::cli) fn skipped(&self) -> impl Iterator<Item = (Why, u64, &[String])> {
        self.skipped.iter().map(|(why, (count, names))| (*why, *count, names.as_slice()))
    }
}
