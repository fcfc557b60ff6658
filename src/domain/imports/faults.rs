//! What is wrong with a file that is to be imported, by line.

use std::fmt;

/// One thing that is wrong. It never repeats what stands in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// The line, from 1.
    pub line: u64,
    /// Where in the line: `entry 2`, a column; empty for all of it.
    pub place: String,
    pub why: String,
}

/// Without what its number counts.
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.line)?;
        if !self.place.is_empty() {
            write!(f, "{}: ", self.place)?;
        }
        f.write_str(&self.why)
    }
}

/// Faults as they are found, the first [`Faults::KEPT`] of them kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    kept: Vec<Fault>,
    count: u64,
    /// Whose rows are counted, where these are no lines.
    table: Option<Box<str>>,
}

impl Faults {
    /// How many are told one by one.
    pub const KEPT: usize = 100;

    /// Of the rows of a table, in the order of its key.
    pub(crate) fn of_rows(table: &str) -> Self {
        Self { table: Some(table.into()), ..Self::default() }
    }

    /// Whether rows of a table are counted.
    pub(crate) fn are_of_rows(&self) -> bool {
        self.table.is_some()
    }

    /// What the number of a fault counts.
    pub(crate) fn unit(&self) -> String {
        self.table.as_ref().map_or_else(|| "line".to_owned(), |table| format!("{table} row"))
    }

    pub fn push(&mut self, line: u64, place: impl Into<String>, why: impl Into<String>) {
        self.count += 1;
        if self.kept.len() < Self::KEPT {
            self.kept.push(Fault { line, place: place.into(), why: why.into() });
        }
    }

    pub fn count(&self) -> u64 {
        self.count
    }

    /// Those that are told one by one.
    pub(crate) fn kept(&self) -> &[Fault] {
        &self.kept
    }

    pub fn is_empty(&self) -> bool {
        self.count == 0
    }
}

/// `2 faults:` and a line for each, by line.
impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} fault{}:", self.count, if self.count == 1 { "" } else { "s" })?;
        let mut kept: Vec<&Fault> = self.kept.iter().collect();
        kept.sort_by_key(|fault| fault.line);
        for fault in &kept {
            write!(f, "\n  {} {fault}", self.unit())?;
        }
        if self.count > kept.len() as u64 { f.write_str("\n  …") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_told_by_line_and_no_more_than_fit() {
        let mut faults = Faults::default();
        faults.push(9, "owner", "it is empty");
        faults.push(2, "", "not JSON");
        assert_eq!(faults.to_string(), "2 faults:\n  line 2: not JSON\n  line 9: owner: it is empty");
        for line in 10..200 {
            faults.push(line, "", "x");
        }
        let text = faults.to_string();
        assert!(text.starts_with("192 faults:") && text.ends_with('…'), "{text}");
        assert_eq!(text.lines().count(), 1 + Faults::KEPT + 1);
    }
}
