//! Many results, one after the other, in flat memory but for tables.

use std::borrow::Cow;
use std::io::{self, Write};

use super::{Field, Format, Screen, Unwritten, View, json, table};
use crate::domain::texts::text::Escaped;

/// Rows of a table that are laid out together.
const TABLE_ROWS: usize = 1000;

/// Room for most lines of CSV, in bytes.
const LINE: usize = 1024;

/// Writes results as they come.
pub(crate) struct ListWriter<'w> {
    out: &'w mut dyn Write,
    format: Format,
    screen: Screen,
    written: usize,
    rows: Vec<Vec<Field>>,
    /// The widths of a table's columns so far, where rows go on coming.
    widths: Option<Vec<usize>>,
    /// Whether a table has every column, whatever the width of the screen.
    whole: bool,
}

impl<'w> ListWriter<'w> {
    pub(crate) fn new(out: &'w mut dyn Write, format: Format, screen: Screen) -> Self {
        Self { out, format, screen, written: 0, rows: Vec::new(), widths: None, whole: false }
    }

    /// The same for a list that has no end: a table has one header, and its columns keep at
    /// least the width that they have.
    #[must_use]
    pub(crate) fn steady(self) -> Self {
        Self { widths: Some(Vec::new()), ..self }
    }

    /// Leaves no column out, for columns that were asked for.
    pub(crate) fn keep_columns(&mut self) {
        self.whole = true;
    }

    /// Writes what was pushed so far.
    pub(crate) fn flush(&mut self) -> Result<(), Unwritten> {
        self.flush_table()?;
        Ok(self.out.flush()?)
    }

    pub(crate) fn push(&mut self, view: &impl View) -> Result<(), Unwritten> {
        match self.format {
            Format::Json => {
                self.out.write_all(if self.written == 0 { b"[\n" } else { b",\n" })?;
                json::write(self.out, &view.json())?;
            }
            Format::Jsonl => {
                json::write(self.out, &view.json())?;
                self.out.write_all(b"\n")?;
            }
            Format::Csv | Format::RawCsv => {
                let fields = view.fields(&self.screen);
                if self.written == 0 {
                    write_csv_header(self.out, &fields)?;
                }
                write_csv_row(self.out, &fields, self.format == Format::RawCsv)?;
            }
            Format::Plain => write_plain_row(self.out, &view.fields(&self.screen))?,
            Format::Table => {
                self.rows.push(view.fields(&self.screen));
                if self.rows.len() == TABLE_ROWS {
                    self.flush_table()?;
                }
            }
        }
        self.written += 1;
        Ok(())
    }

    /// Writes what belongs behind the last result.
    pub(crate) fn finish(mut self) -> Result<(), Unwritten> {
        match self.format {
            Format::Json if self.written == 0 => self.out.write_all(b"[]\n")?,
            Format::Json => self.out.write_all(b"\n]\n")?,
            Format::Table => self.flush_table()?,
            _ => {}
        }
        Ok(self.out.flush()?)
    }

    fn flush_table(&mut self) -> io::Result<()> {
        match &mut self.widths {
            Some(widths) => table::write_more_rows(self.out, &self.rows, &self.screen, widths)?,
            None if self.whole => table::write_whole(self.out, &self.rows, &self.screen)?,
            None => table::write_rows(self.out, &self.rows, &self.screen)?,
        }
        self.rows.clear();
        Ok(())
    }
}

pub(super) fn write_csv_header(out: &mut dyn Write, fields: &[Field]) -> io::Result<()> {
    write_record(out, fields.iter().map(|field| Cow::Borrowed(field.name)))
}

/// What spreadsheets take for the beginning of a formula; the wide forms count there, too.
const FORMULA: [char; 8] = ['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];

/// A cell that is exact is never changed: a hash or a service depends on its bytes.
pub(super) fn write_csv_row(out: &mut dyn Write, fields: &[Field], raw: bool) -> io::Result<()> {
    let cell = |field: &'_ Field| {
        let mark = if !raw && field.raw.starts_with(FORMULA) { "'" } else { "" };
        format!("{mark}{}", Escaped(&field.raw))
    };
    let cells = fields
        .iter()
        .map(|field| if field.exact { Cow::from(field.raw.as_str()) } else { Cow::from(cell(field)) });
    write_record(out, cells)
}

fn write_record<'c>(out: &mut dyn Write, cells: impl Iterator<Item = Cow<'c, str>>) -> io::Result<()> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        // Some spreadsheets part cells at semicolons, too: as the sign of a comment they are quoted.
        .comment(Some(b';'))
        .buffer_capacity(LINE)
        // Not into `out`: the crate flushes what it writes to, and that is for the end of a list.
        .from_writer(Vec::with_capacity(LINE));
    for cell in cells {
        writer.write_field(cell.as_bytes())?;
    }
    writer.write_record(None::<&[u8]>)?;
    let line = writer.into_inner().map_err(csv::IntoInnerError::into_error)?;
    // An empty cell that is alone needs no quotes here: every line of ours is a row.
    out.write_all(if line == b"\"\"\r\n" { b"\r\n" } else { &line })
}

pub(super) fn write_plain_row(out: &mut dyn Write, fields: &[Field]) -> io::Result<()> {
    for (index, field) in fields.iter().enumerate() {
        let before = if index > 0 { "\t" } else { "" };
        write!(out, "{before}{}", Escaped(&field.raw))?;
    }
    out.write_all(b"\n")
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn row(cells: &[&str], raw: bool) -> String {
        let fields: Vec<Field> = cells.iter().map(|cell| Field::new("cell", *cell)).collect();
        let mut out = Vec::new();
        write_csv_row(&mut out, &fields, raw).expect("written");
        String::from_utf8(out).expect("UTF-8")
    }

    #[test]
    fn a_spreadsheet_finds_no_formula_in_a_cell() {
        for (cell, safe, raw) in [
            ("=1+1", "'=1+1", "=1+1"),
            ("+1", "'+1", "+1"),
            ("-1", "'-1", "-1"),
            ("@SUM(A1)", "'@SUM(A1)", "@SUM(A1)"),
            ("\u{ff1d}1", "'\u{ff1d}1", "\u{ff1d}1"),
            ("\t=1", "\\u{9}=1", "\\u{9}=1"),
            ("=HYPERLINK(\"x\",1)", "\"'=HYPERLINK(\"\"x\"\",1)\"", "\"=HYPERLINK(\"\"x\"\",1)\""),
            ("a;=1", "\"a;=1\"", "\"a;=1\""),
            ("alice/ci", "alice/ci", "alice/ci"),
            ("a=b", "a=b", "a=b"),
            ("'=1", "'=1", "'=1"),
        ] {
            assert_eq!(row(&[cell], false), format!("{safe}\r\n"), "{cell}");
            assert_eq!(row(&[cell], true), format!("{raw}\r\n"), "{cell}");
        }
        let mut out = Vec::new();
        write_csv_row(&mut out, &[Field::new("value", "=x").exact()], false).expect("written");
        assert_eq!(out, b"=x\r\n");
    }

    proptest! {
        #[test]
        fn cells_are_quoted_where_they_would_part(cells in vec("[a;,\"\r\n =é]{0,6}", 1..4)) {
            let quoted = |cell: &String| {
                let quotes = cell.contains([',', ';', '"', '\n', '\r']);
                if quotes { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.clone() }
            };
            let fields: Vec<Field> = cells.iter().map(|cell| Field::new("cell", cell.as_str()).exact()).collect();
            let mut out = Vec::new();
            write_csv_row(&mut out, &fields, true).expect("written");
            let expected = cells.iter().map(quoted).collect::<Vec<_>>().join(",");
            prop_assert_eq!(String::from_utf8(out).expect("UTF-8"), format!("{expected}\r\n"));
        }
    }
}
