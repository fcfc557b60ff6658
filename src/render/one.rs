//! A single result.

use std::io::Write;

use super::list::{write_csv_header, write_csv_row};
use super::{Format, Screen, Unwritten, View, json, table};
use crate::domain::texts::text::Escaped;

/// Writes one result: an object in JSON, a header and a row in CSV, else a line for each
/// field.
pub(crate) fn write_one(
    out: &mut dyn Write,
    format: Format,
    screen: &Screen,
    view: &impl View,
) -> Result<(), Unwritten> {
    let fields = view.fields(screen);
    match format {
        Format::Json | Format::Jsonl => {
            json::write(out, &view.json())?;
            out.write_all(b"\n")?;
        }
        Format::Csv | Format::RawCsv => {
            write_csv_header(out, &fields)?;
            write_csv_row(out, &fields, format == Format::RawCsv)?;
        }
        Format::Plain => {
            for field in &fields {
                writeln!(out, "{}\t{}", field.name, Escaped(&field.raw))?;
            }
        }
        Format::Table => table::write_fields(out, &fields, screen)?,
    }
    Ok(out.flush()?)
}
