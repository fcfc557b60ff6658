//! Tables that fit the screen.

use std::io::{self, Write};

use comfy_table::presets::NOTHING;
use comfy_table::{Attribute, Cell, Color, ColumnConstraint, ContentArrangement, Table, Width};
use unicode_width::UnicodeWidthStr as _;

use super::layout::{GAP, Place, places};
use super::{Field, Screen, Tone};
use crate::domain::texts::text::Escaped;

/// Writes rows under their headers, each column as its [`Room`](super::Room) says.
pub(super) fn write_rows(out: &mut dyn Write, rows: &[Vec<Field>], screen: &Screen) -> io::Result<()> {
    let Some(first) = rows.first() else { return Ok(()) };
    let widths: Vec<usize> = (0..first.len()).map(|column| widest(rows, column)).collect();
    let shown = screen.width.map(|width| places(first, &widths, width));
    write_table(out, rows, shown.as_deref(), screen, true)
}

/// Writes rows with all of their columns: as a table where it fits the screen, else each row as
/// lines of name and value, with an empty line between two rows.
pub(super) fn write_whole(out: &mut dyn Write, rows: &[Vec<Field>], screen: &Screen) -> io::Result<()> {
    let Some(first) = rows.first() else { return Ok(()) };
    let gaps = usize::from(GAP) * first.len().saturating_sub(1);
    let width = (0..first.len()).map(|column| widest(rows, column)).sum::<usize>() + gaps;
    if screen.width.is_none_or(|most| width <= usize::from(most)) {
        return write_table(out, rows, None, &Screen { width: None, ..*screen }, true);
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
    let with_header = widths.is_empty();
    let found = (0..first.len()).map(|column| widest(rows, column));
    if with_header {
        widths.extend(found);
    } else {
        widths.iter_mut().zip(found).for_each(|(width, found)| *width = found.max(*width));
    }
    let shown = places(first, widths, screen.width.unwrap_or(u16::MAX));
    write_table(out, rows, Some(&shown), screen, with_header)
}

/// Writes the columns that are shown, or all of them as wide as they are.
fn write_table(
    out: &mut dyn Write,
    rows: &[Vec<Field>],
    shown: Option<&[Place]>,
    screen: &Screen,
    with_header: bool,
) -> io::Result<()> {
    let Some(first) = rows.first() else { return Ok(()) };
    let all: Vec<Place> = (0..first.len()).map(|column| Place { column, width: u16::MAX }).collect();
    let places = shown.unwrap_or(&all);
    let mut table = plain_table(&Screen { width: shown.map(|_| u16::MAX), ..*screen });
    if with_header {
        table.set_header(places.iter().map(|place| {
            let header = Cell::new(header(&first[place.column]));
            if screen.color { header.add_attribute(Attribute::Bold) } else { header }
        }));
    }
    for row in rows {
        table.add_row(places.iter().map(|place| cell(&row[place.column].cut_to(place.width), screen)));
    }
    let last = places.len().saturating_sub(1);
    if shown.is_some() {
        for (index, (column, place)) in table.column_iter_mut().zip(places).enumerate() {
            let padding = if index == last { 0 } else { GAP };
            let width = Width::Fixed(place.width.saturating_add(padding));
            column.set_constraint(ColumnConstraint::Absolute(width));
        }
    }
    print(out, &mut table)
}

fn header(field: &Field) -> String {
    field.name.to_uppercase().replace('_', " ")
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
    fn an_extra_column_that_does_not_fit_is_left_out() {
        let row = |a: &str, b: &str| {
            vec![Field::new("key", a), Field::new("state", b), Field::new("id", "key_1").extra()]
        };
        let mut out = Vec::new();
        let screen = Screen { width: Some(25), color: false, now: None };
        write_rows(&mut out, &[row("alice/default", "active"), row("bob/ci", "expired")], &screen)
            .expect("written");
        let text = String::from_utf8(out).expect("UTF-8");
        assert_eq!(text, "KEY            STATE\nalice/default  active\nbob/ci         expired\n");
    }

    #[test]
    fn rows_that_go_on_coming_keep_their_columns() {
        let row = |a: &str, b: &str| {
            vec![Field::new("seq", a), Field::new("subject", b), Field::new("end", "x").open_end()]
        };
        let mut widths = Vec::new();
        let mut more = |rows: &[Vec<Field>], width| {
            let mut out = Vec::new();
            let screen = Screen { width, color: false, now: None };
            write_more_rows(&mut out, rows, &screen, &mut widths).expect("written");
            String::from_utf8(out).expect("UTF-8")
        };
        assert_eq!(
            more(&[row("1", "alice/default")], Some(30)),
            "SEQ  SUBJECT        END\n1    alice/default  x\n"
        );
        assert_eq!(more(&[row("2", "bob")], Some(30)), "2    bob            x\n");
        let long = "carol/with-a-name-that-is-long";
        assert_eq!(more(&[row("3", long)], Some(30)), "3    carol/with-a-name-th  x\n     at-is-long\n");
        assert_eq!(more(&[row("4", "bob")], Some(30)), "4    bob                   x\n");
        assert_eq!(more(&[row("5", "bob")], None), format!("5    bob{}x\n", " ".repeat(29)));
    }
}
