//! Results as lines to choose from, where a table cannot be drawn.

use std::collections::HashSet;

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::{Field, Screen, View};
use crate::domain::texts::text::Escaped;

/// Between columns.
const GAP: &str = "  ";

/// One line for each result with the columns named, cut where the screen ends. No two lines
/// are equal, also where names had to be cut.
pub(crate) fn lines<V: View>(views: &[V], columns: &[&str], screen: &Screen) -> Vec<String> {
    let row = |view: &V| {
        let fields = view.fields(screen);
        let text = |name| fields.iter().find(|field| field.name == name).map(Field::for_people);
        columns.iter().map(|name| Escaped(text(*name).unwrap_or_default()).to_string()).collect()
    };
    let rows: Vec<Vec<String>> = views.iter().map(row).collect();
    let width = screen.width.map_or(usize::MAX, usize::from);
    let widest = |column: usize| rows.iter().map(|row| row[column].width()).max().unwrap_or_default();
    // One long name shall not push everything else off the screen.
    let widths: Vec<usize> = (0..columns.len()).map(|column| widest(column).min(width / 2)).collect();
    let mut seen = HashSet::new();
    let mut lines = Vec::with_capacity(rows.len());
    for row in &rows {
        let cells = row.iter().zip(&widths).map(|(text, width)| format!("{text:<width$}{GAP}"));
        let text: String = cells.collect();
        let mut line = cut(text.trim_end(), width, "…");
        let mut number = 1;
        while !seen.insert(line.clone()) {
            number += 1;
            line = cut(&(text.clone() + &line), width, &format!("…{number}"));
        }
        lines.push(line);
    }
    lines
}

/// The text in at most `width` columns; where something is missing, it ends with `end`.
fn cut(text: &str, width: usize, end: &str) -> String {
    let columns = |text: &str| text.chars().map(|c| c.width().unwrap_or(0)).sum::<usize>();
    if columns(text) <= width {
        return text.to_owned();
    }
    let beginning = beginning(text, width.saturating_sub(columns(end)));
    format!("{}{end}", beginning.trim_end())
}

/// As much of the text as has room in so many columns.
pub(super) fn beginning(text: &str, width: usize) -> &str {
    let mut used = 0;
    let fits = |(_, c): &(usize, char)| {
        used += c.width().unwrap_or(0);
        used <= width
    };
    let end = text.char_indices().take_while(fits).last().map_or(0, |(at, c)| at + c.len_utf8());
    &text[..end]
}

#[cfg(test)]
mod tests {
    use serde::Serialize;

    use super::*;

    struct Row(&'static str, &'static str);

    impl View for Row {
        fn json(&self) -> impl Serialize {}

        fn fields(&self, _: &Screen) -> Vec<Field> {
            vec![Field::new("key", self.0), Field::new("state", "active"), Field::new("scopes", self.1)]
        }
    }

    fn shown(width: u16, rows: &[Row]) -> Vec<String> {
        lines(rows, &["key", "scopes", "state"], &Screen { width: Some(width), color: false, now: None })
    }

    #[test]
    fn columns_are_aligned_and_the_line_is_cut() {
        let rows = [Row("alice/default", "memories"), Row("bob/ci", "")];
        assert_eq!(shown(40, &rows), ["alice/default  memories  active", "bob/ci                   active"]);
        assert_eq!(shown(28, &rows), ["alice/default  memories  ac…", "bob/ci                   ac…"]);
        assert_eq!(shown(10, &rows), ["alice/def…", "bob/ci…"]);
    }

    #[test]
    fn lines_that_were_cut_alike_are_told_apart() {
        let rows = [Row("a-long-name/one", ""), Row("a-long-name/two", ""), Row("a-long-name/three", "")];
        assert_eq!(shown(10, &rows), ["a-long-na…", "a-long-n…2", "a-long-n…3"]);
        let equal = shown(60, &[Row("a", ""), Row("a", "")]);
        assert_ne!(equal[0], equal[1]);
    }
}
