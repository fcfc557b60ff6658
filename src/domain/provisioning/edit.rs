//! What the edits of a text file have in common: its lines, and why one is left as it is.

use std::ops::Range;

/// Why a file is not edited. It names the line and never what stands there: that may be a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub(crate) struct EditError {
    /// Counted from 1.
    pub line: usize,
    pub what: String,
    pub hint: &'static str,
}

impl EditError {
    /// `index` counts from 0.
    pub(crate) fn at(index: usize, what: impl Into<String>, hint: &'static str) -> Self {
        Self { line: index + 1, what: what.into(), hint }
    }
}

/// A line of a file.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    /// Without its end.
    pub text: Range<usize>,
    /// Where the next one begins.
    pub next: usize,
}

impl Line {
    pub(crate) fn of<'t>(&self, file: &'t str) -> &'t str {
        &file[self.text.clone()]
    }

    /// What ends it: nothing in the last line of some files.
    pub(crate) fn end<'t>(&self, file: &'t str) -> &'t str {
        &file[self.text.end..self.next]
    }
}

/// The lines of a file that every reader takes for the same: `\n` or `\r\n` ends each, and nothing in
/// it is hidden from an editor.
pub(crate) fn lines(file: &str) -> Result<Vec<Line>, EditError> {
    let mut found = Vec::new();
    let mut start = 0;
    while start < file.len() {
        let next = file[start..].find('\n').map_or(file.len(), |at| start + at + 1);
        let whole = &file[start..next];
        let text = whole.strip_suffix('\n').map_or(whole, |text| text.strip_suffix('\r').unwrap_or(text));
        let index = found.len();
        if text.contains('\r') {
            let what = "a carriage return stands alone, which only some readers take for the end of a line";
            return Err(EditError::at(index, what, "end each line with a line feed"));
        }
        if text.contains('\0') {
            return Err(EditError::at(index, "it contains a NUL", "name a text file"));
        }
        if text.starts_with('\u{feff}') {
            let what = "a byte order mark begins it, which some readers take for a part of the first name";
            return Err(EditError::at(index, what, "save the file as UTF-8 without it"));
        }
        found.push(Line { text: start..start + text.len(), next });
        start = next;
    }
    Ok(found)
}

/// What ends a line that is added: what ends the last one that has an end.
pub(crate) fn line_end<'t>(file: &'t str, lines: &[Line]) -> &'t str {
    lines.iter().rev().map(|line| line.end(file)).find(|end| !end.is_empty()).unwrap_or("\n")
}
