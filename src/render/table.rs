//! Tables that fit the screen.

use std::io::{self, Write};

use comfy_table::presets::NOTHING;
use comfy_table::{Attribute, Cell, Color, ContentArrangement, Table};

use unicode_width::UnicodeWidthStr as _;

use super::{Field, Screen, Tone};
use crate::domain::texts::text::Escaped;

/// Blanks between columns.
const GAP: u16 = 2;

/// The least that a column with an open end is worth showing in.
const LEAST_OPEN: u16 = 12;

/// Writes rows under their headers. Columns that do not fit are left out from the right, so
/// that each row stays on one line; the first two are kept and broken if they must be, and so is
/// what takes more than half of the screen in the first. A last
/// column with an open end is cut to what is left.
pub(super) fn write_rows(out: &mut dyn Write, rows: &[Vec<Field>], screen: &Screen) -> io::Result<()> {
    match screen.width {
        Some(width) => {
            let fitted = fit(rows, width);
            write_table(out, &fitted, screen)
        }
        None => write_table(out, rows, screen),
    }
}

/// Writes rows with all of their columns: as a table where it fits the screen, else each row as
/// lines of name and value, with an empty line between two rows.
pub(super) fn write_whole(out: &mut dyn Write, rows: &[Vec<Field>], screen: &Screen) -> io::Result<()> {
    let Some(first) = rows.first() else { return Ok(()) };
    let gaps = usize::from(GAP) * first.len().saturating_sub(1);
    let width = (0..first.len()).map(|column| widest(rows, column)).sum::<usize>() + gaps;
    if screen.width.is_none_or(|most| width <= usize::from(most)) {
        return write_table(out, rows, screen);
    }
    // Values stay whole: what is broken cannot be copied.
    let endless = Screen { width: None, ..*screen };
    for (index, row) in rows.iter().enumerate() {
        if index > 0 {
            out.write_all(b"\n")?;
        }
        write_fields(out, row, &endless)?;
    }
    Ok(())
}

/// The columns of the screen that a column takes, its header among them.
fn widest(rows: &[Vec<Field>], column: usize) -> usize {
    let cells = rows.iter().map(|row| Escaped(row[column].for_people()).to_string().width());
    let header = rows.first().map(|first| header(&first[column]).width());
    cells.chain(header).max().unwrap_or_default()
}

/// Writes rows under the ones before, whose columns were as wide as `widths` says; the first
/// ones, under no widths yet, get the headers.
pub(super) fn write_more_rows(
    out: &mut dyn Write,
    rows: &[Vec<Field>],
    screen: &Screen,
    widths: &mut Vec<usize>,
) -> io::Result<()> {
    let Some(first) = rows.first() else { return Ok(()) };
    let shown = |field: &Field| Escaped(field.for_people()).to_string();
    let with_header = widths.is_empty();
    if with_header {
        widths.extend(first.iter().map(|field| header(field).width()));
    }
    for row in rows {
        let cells = row.iter().map(|field| shown(field).width());
        widths.iter_mut().zip(cells).for_each(|(width, cell)| *width = cell.max(*width));
    }
    let pad = |(field, width): (&Field, &usize)| {
        if field.open_end {
            return field.clone();
        }
        let text = shown(field);
        let blanks = " ".repeat(width - text.width());
        field.clone().human(text + &blanks)
    };
    let padded: Vec<Vec<Field>> =
        rows.iter().map(|row| row.iter().zip(widths.iter()).map(pad).collect()).collect();
    let fitted = screen.width.map_or_else(|| padded.clone(), |width| fit(&padded, width));
    let mut lines = Vec::new();
    write_table(&mut lines, &fitted, screen)?;
    let header_line = lines.iter().position(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    out.write_all(if with_header { &lines } else { &lines[header_line..] })
}

fn write_table(out: &mut dyn Write, rows: &[Vec<Field>], screen: &Screen) -> io::Result<()> {
    let Some(first) = rows.first() else { return Ok(()) };
    let mut table = plain_table(screen);
    table.set_header(first.iter().map(|field| {
        let header = Cell::new(header(field));
        if screen.color { header.add_attribute(Attribute::Bold) } else { header }
    }));
    for row in rows {
        table.add_row(row.iter().map(|field| cell(field, screen)));
    }
    print(out, &mut table)
}

fn header(field: &Field) -> String {
    field.name.to_uppercase().replace('_', " ")
}

/// The rows with the columns that fit.
fn fit(rows: &[Vec<Field>], width: u16) -> Vec<Vec<Field>> {
    let Some(first) = rows.first() else { return Vec::new() };
    let mut widths: Vec<u16> =
        (0..first.len()).map(|column| u16::try_from(widest(rows, column)).unwrap_or(u16::MAX)).collect();
    // One long name shall not cost all rows their other columns: it is broken instead.
    if fitting(&widths, width) < widths.len() {
        widths[0] = widths[0].min(width / 2);
    }
    let closed = first.iter().position(|field| field.open_end).unwrap_or(first.len());
    let mut kept = fitting(&widths[..closed], width);
    let used: u16 = widths[..kept].iter().map(|one| one.saturating_add(GAP)).sum();
    let left = width.saturating_sub(used);
    if kept == closed && closed < first.len() && left >= LEAST_OPEN {
        kept += 1;
    }
    let shorten = |row: &Vec<Field>| row[..kept].iter().map(|field| field.cut_to(left)).collect();
    rows.iter().map(shorten).collect()
}

/// Writes one result as lines of name and value.
pub(super) fn write_fields(out: &mut dyn Write, fields: &[Field], screen: &Screen) -> io::Result<()> {
    let mut table = plain_table(screen);
    for field in fields {
        let name = Cell::new(field.name.replace('_', " "));
        let name = if screen.color { name.add_attribute(Attribute::Dim) } else { name };
        table.add_row([name, cell(field, screen)]);
    }
    print(out, &mut table)
}

fn plain_table(screen: &Screen) -> Table {
    let mut table = Table::new();
    table.load_style(NOTHING);
    if screen.color {
        table.enforce_styling();
    } else {
        table.force_no_tty();
    }
    match screen.width {
        Some(width) => table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width),
        // Else comfy-table asks the terminal itself, which may say 0.
        None => table.set_content_arrangement(ContentArrangement::Disabled),
    };
    table
}

fn cell(field: &Field, screen: &Screen) -> Cell {
    let cell = Cell::new(Escaped(field.for_people()).to_string());
    match field.tone {
        _ if !screen.color => cell,
        Tone::Normal => cell,
        Tone::Good => cell.fg(Color::Green),
        Tone::Warn => cell.fg(Color::Yellow),
        Tone::Bad => cell.fg(Color::Red),
        Tone::Dim => cell.add_attribute(Attribute::Dim),
    }
}

fn print(out: &mut dyn Write, table: &mut Table) -> io::Result<()> {
    let last = table.column_count().saturating_sub(1);
    for (index, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, if index == last { 0 } else { GAP }));
    }
    for line in table.lines() {
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

/// How many columns from the left fit; at least two.
fn fitting(widths: &[u16], screen: u16) -> usize {
    let mut used = 0_u16;
    let fits = |width: &&u16| {
        used = used.saturating_add(**width).saturating_add(GAP);
        used.saturating_sub(GAP) <= screen
    };
    widths.iter().take_while(fits).count().max(2).min(widths.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(width: Option<u16>) -> String {
        let row = |a: &str, b: &str, c: &str| {
            vec![Field::new("key", a), Field::new("state", b), Field::new("scopes", c)]
        };
        let rows = [row("alice/default", "active", "memories"), row("bob/ci", "expired", "")];
        let mut out = Vec::new();
        let screen = Screen { width, color: false, now: None };
        write_rows(&mut out, &rows, &screen).expect("written");
        String::from_utf8(out).expect("UTF-8")
    }

    #[test]
    fn all_columns_are_shown_where_they_fit() {
        let wide =
            "KEY            STATE    SCOPES\nalice/default  active   memories\nbob/ci         expired\n";
        assert_eq!(shown(None), wide);
        assert_eq!(shown(Some(32)), wide);
    }

    #[test]
    fn an_open_end_is_cut_to_what_is_left() {
        let row = |text: &str| vec![Field::new("seq", "1"), Field::new("details", text).open_end()];
        let mut out = Vec::new();
        let screen = Screen { width: Some(20), color: false, now: None };
        write_rows(&mut out, &[row("a long story about keys"), row("short")], &screen).expect("written");
        assert_eq!(
            String::from_utf8(out).expect("UTF-8"),
            "SEQ  DETAILS\n1    a long story a…\n1    short\n"
        );
    }

    #[test]
    fn a_long_name_is_broken_and_costs_no_column() {
        let row =
            |a: &str| vec![Field::new("key", a), Field::new("state", "active"), Field::new("end", "never")];
        let mut out = Vec::new();
        let screen = Screen { width: Some(30), color: false, now: None };
        write_rows(&mut out, &[row("alice/default"), row("somebody/with-a-long-name")], &screen)
            .expect("written");
        assert_eq!(
            String::from_utf8(out).expect("UTF-8"),
            "KEY              STATE   END\nalice/default    active  never\nsomebody/with-a  active  never\n-long-name\n"
        );
    }

    #[test]
    fn columns_that_were_asked_for_are_never_left_out() {
        let row = |a: &str, b: &str| vec![Field::new("key", a), Field::new("created_at", b)];
        let rows = [row("alice/default", "2027"), row("bob/ci", "2028")];
        let whole = |width| {
            let mut out = Vec::new();
            let screen = Screen { width, color: false, now: None };
            write_whole(&mut out, &rows, &screen).expect("written");
            String::from_utf8(out).expect("UTF-8")
        };
        let table = "KEY            CREATED AT\nalice/default  2027\nbob/ci         2028\n";
        assert_eq!([whole(None), whole(Some(25))], [table, table]);
        let lines = "key         alice/default\ncreated at  2027\n\nkey         bob/ci\ncreated at  2028\n";
        assert_eq!(whole(Some(24)), lines);
    }

    #[test]
    fn what_does_not_fit_is_left_out_from_the_right() {
        assert_eq!(shown(Some(31)), "KEY            STATE\nalice/default  active\nbob/ci         expired\n");
    }
}
