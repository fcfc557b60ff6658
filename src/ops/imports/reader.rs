//! Rows of a CSV or JSONL file, one by one, in flat memory.

use std::cell::{Cell as Flag, RefCell};
use std::collections::VecDeque;
use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::rc::Rc;

use csv::ByteRecord;
use serde::de::{Deserialize, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::Source;
use super::fields::{COLUMNS, Cell, Cells, LetIn, PASSED_OVER, REQUIRED, Row, meant, position};
use crate::domain::imports::faults::Faults;
use crate::ops::error::{self, Error};

/// No row is longer; what follows a quote that is never closed, may be.
const LONGEST_ROW: u64 = 1024 * 1024;

pub struct Import<'i> {
    /// CSV or JSONL.
    pub source: Source,
    /// Whose rows the lines are, where they come out of a table.
    pub table: Option<String>,
    pub input: Box<dyn Read>,
    pub let_in: LetIn,
    /// Opens a temporary file that nobody else has.
    pub scratch: &'i dyn Fn() -> io::Result<File>,
}

impl Import<'_> {
    pub(super) fn faults(&self) -> Faults {
        self.table.as_deref().map_or_else(Faults::default, Faults::of_rows)
    }

    pub(super) fn temporary(&self) -> error::Result<File> {
        (self.scratch)().map_err(Error::Scratch)
    }
}

pub(super) struct Rows {
    left: Rc<Flag<u64>>,
    input: Input,
}

enum Input {
    Csv { reader: csv::Reader<Bounded>, columns: Vec<Option<usize>>, record: ByteRecord, lines: Lines },
    Jsonl { reader: BufReader<Bounded>, line: u64, text: Vec<u8> },
}

/// A row's cells, or `None` where it was at fault; with its line.
pub(super) type Read1 = (u64, Option<Cells>);

impl Rows {
    /// Begins to read; of CSV the header is read, and `None` if that is at fault.
    pub(super) fn open(
        source: Source,
        input: Box<dyn Read>,
        faults: &mut Faults,
    ) -> io::Result<Option<Self>> {
        let left = Rc::new(Flag::new(LONGEST_ROW));
        let mut reader = BufReader::with_capacity(64 * 1024, input);
        if reader.fill_buf()?.starts_with("\u{feff}".as_bytes()) {
            reader.consume(3);
        }
        let marks = Rc::new(RefCell::new(VecDeque::new()));
        let counted = (source == Source::Csv).then(|| marks.clone());
        let bounded = Bounded { reader, left: left.clone(), at: 0, marks: counted };
        if source != Source::Csv {
            let reader = BufReader::with_capacity(64 * 1024, bounded);
            return Ok(Some(Self { left, input: Input::Jsonl { reader, line: 0, text: Vec::new() } }));
        }
        let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bounded);
        let mut record = ByteRecord::new();
        match reader.read_byte_record(&mut record) {
            Ok(true) => {}
            Ok(false) => faults.push(1, "", "the file is empty"),
            Err(error) => faults.push(1, "", unreadable(&error)?),
        }
        if !faults.is_empty() {
            return Ok(None);
        }
        let columns = header(&record, faults);
        let lines = Lines { marks, line: 1 };
        Ok(columns.map(|columns| Self { left, input: Input::Csv { reader, columns, record, lines } }))
    }

    /// The next row; `None` at the end, also where the file cannot be read any further.
    pub(super) fn next(&mut self, faults: &mut Faults) -> io::Result<Option<Read1>> {
        self.left.set(LONGEST_ROW);
        match &mut self.input {
            Input::Csv { reader, columns, record, lines } => {
                let start = reader.position().byte();
                match reader.read_byte_record(record) {
                    Ok(true) => {}
                    Ok(false) => return Ok(None),
                    Err(error) => {
                        faults.push(lines.line_at(start), "", unreadable(&error)?);
                        return Ok(None);
                    }
                }
                let line = lines.line_at(start);
                Ok(Some((line, csv_cells(record, columns, line, faults))))
            }
            Input::Jsonl { reader, line, text } => loop {
                text.clear();
                match reader.read_until(b'\n', text) {
                    Ok(0) => return Ok(None),
                    Ok(_) => *line += 1,
                    Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                        faults.push(*line + 1, "", error.to_string());
                        return Ok(None);
                    }
                    Err(error) => return Err(error),
                }
                if !text.trim_ascii().is_empty() {
                    return Ok(Some((*line, json_cells(text, *line, faults))));
                }
                self.left.set(LONGEST_ROW);
            },
        }
    }
}

/// Line ends that were read and not yet passed: where each byte stands, and whether it is `\n`.
type Marks = Rc<RefCell<VecDeque<(u64, bool)>>>;

/// Counts lines as editors do. The reader's own count is late by one behind each CRLF, and counts
/// no blank lines before a record.
struct Lines {
    marks: Marks,
    line: u64,
}

impl Lines {
    /// The line of the record that begins at or, behind blank lines, after `byte`.
    fn line_at(&mut self, byte: u64) -> u64 {
        let mut marks = self.marks.borrow_mut();
        let mut start = byte;
        while let Some((at, is_line)) = marks.front().copied().filter(|(at, _)| *at <= start) {
            start = start.max(at + 1);
            self.line += u64::from(is_line);
            marks.pop_front();
        }
        self.line
    }
}

/// Input that ends with an error where one row is too long.
struct Bounded {
    reader: BufReader<Box<dyn Read>>,
    left: Rc<Flag<u64>>,
    at: u64,
    /// Where line ends are noted, if lines are counted by them.
    marks: Option<Marks>,
}

impl Read for Bounded {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(into)?;
        let mut marks = self.marks.as_ref().map(|marks| marks.borrow_mut());
        for (place, byte) in (self.at..).zip(&into[..read]).filter(|(_, byte)| matches!(byte, b'\n' | b'\r'))
        {
            if let Some(marks) = &mut marks {
                marks.push_back((place, *byte == b'\n'));
            }
        }
        self.at += read as u64;
        match self.left.get().checked_sub(read as u64) {
            Some(left) => self.left.set(left),
            None => return Err(io::Error::new(io::ErrorKind::InvalidData, "the row is longer than 1 MiB")),
        }
        Ok(read)
    }
}

/// A fault of the file in words; an error of the disk stays one.
fn unreadable(error: &csv::Error) -> io::Result<String> {
    match error.kind() {
        csv::ErrorKind::Io(error) if error.kind() == io::ErrorKind::InvalidData => Ok(error.to_string()),
        csv::ErrorKind::Io(error) => Err(io::Error::new(error.kind(), error.to_string())),
        _ => Ok("it is not CSV".to_owned()),
    }
}

/// Where each column of the file goes.
fn header(record: &ByteRecord, faults: &mut Faults) -> Option<Vec<Option<usize>>> {
    let mut columns = Vec::new();
    for (index, name) in record.iter().enumerate() {
        let name = str::from_utf8(name).unwrap_or_default().trim();
        let found = position(name);
        let place = || match meant(name).filter(|_| is_word(name)) {
            Some(_) => format!("column {name}"),
            None => format!("column {}", index + 1),
        };
        match found {
            None if PASSED_OVER.contains(&name) => {}
            None => faults.push(1, place(), unknown(name)),
            Some(_) if columns.contains(&found) => faults.push(1, place(), "it is there twice"),
            Some(_) => {}
        }
        columns.push(found);
    }
    for needed in REQUIRED {
        if !needed.iter().any(|name| columns.contains(&position(name))) {
            let name = needed.first().copied().unwrap_or_default();
            faults.push(1, format!("column {name}"), "it is missing; the first line names the columns");
        }
    }
    faults.is_empty().then_some(columns)
}

/// Whether a text may be repeated: where the header is missing, anything may stand there.
fn is_word(name: &str) -> bool {
    (1..=24).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'_')
}

fn unknown(name: &str) -> String {
    match meant(name) {
        Some(meant) => format!("unknown; did you mean {meant}?"),
        None => format!("unknown; the columns are {}", COLUMNS.join(", ")),
    }
}

fn csv_cells(
    record: &ByteRecord,
    columns: &[Option<usize>],
    line: u64,
    faults: &mut Faults,
) -> Option<Cells> {
    if record.len() != columns.len() {
        let (found, expected) = (record.len(), columns.len());
        faults.push(line, "", format!("{found} fields, and the header has {expected}"));
        return None;
    }
    let mut cells = Cells::default();
    for (value, column) in record.iter().zip(columns) {
        let Some(column) = *column else { continue };
        match str::from_utf8(value) {
            Ok(text) if !text.is_empty() => cells[column] = Cell::Text(text.to_owned()),
            Ok(_) => {}
            Err(_) => {
                faults.push(line, COLUMNS[column], "this is not UTF-8");
                return None;
            }
        }
    }
    Some(cells)
}

fn json_cells(text: &[u8], line: u64, faults: &mut Faults) -> Option<Cells> {
    match serde_json::from_slice::<Fields>(text) {
        Ok(Fields(cells)) => Some(cells),
        // The reader's own words may hold what stands in the file; ours do not.
        Err(error) => {
            let why = error.to_string();
            let ours = why.split_once(MARK).and_then(|(_, ours)| ours.split_once(MARK)).map(|(ours, _)| ours);
            let (place, why) =
                ours.and_then(|ours| ours.split_once('\t')).unwrap_or(("", "not a JSON object"));
            faults.push(line, place, why);
            None
        }
    }
}

/// Whether a line of JSONL is a key by itself; where it is not, `faults` say why.
pub(super) fn check_line(text: &[u8], line: u64, let_in: LetIn, faults: &mut Faults) -> bool {
    json_cells(text, line, faults).and_then(|cells| Row::parse(cells, line, let_in, faults)).is_some()
}

/// Stands around what our own reader says.
const MARK: char = '\u{1}';

fn ours<E: serde::de::Error>(place: &str, why: &str) -> E {
    E::custom(format!("{MARK}{place}\t{why}{MARK}"))
}

/// The fields of an object, each once.
struct Fields(Cells);

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Fields;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Fields, M::Error> {
                let (mut cells, mut seen) = (Cells::default(), [false; COLUMNS.len()]);
                while let Some(name) = map.next_key::<String>()? {
                    if PASSED_OVER.contains(&name.as_str()) {
                        map.next_value::<IgnoredAny>()?;
                        continue;
                    }
                    let Some(column) = position(&name) else {
                        let named = is_word(&name) && meant(&name).is_some();
                        let place = if named { name.as_str() } else { "a field" };
                        return Err(ours(place, &unknown(&name)));
                    };
                    if std::mem::replace(&mut seen[column], true) {
                        return Err(ours(COLUMNS[column], "it is there twice"));
                    }
                    cells[column] = map.next_value()?;
                }
                Ok(Fields(cells))
            }
        }
        from.deserialize_map(Object)
    }
}

impl<'de> Deserialize<'de> for Cell {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Value)
    }
}

struct Value;

impl<'de> Visitor<'de> for Value {
    type Value = Cell;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Cell, E> {
        Ok(Cell::Missing)
    }

    fn visit_str<E>(self, text: &str) -> Result<Cell, E> {
        Ok(if text.is_empty() { Cell::Missing } else { Cell::Text(text.to_owned()) })
    }

    fn visit_bool<E>(self, yes: bool) -> Result<Cell, E> {
        Ok(Cell::Bool(yes))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Cell, E> {
        Ok(Cell::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Cell, E> {
        Ok(Cell::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Cell, E> {
        Ok(Cell::Other)
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut seq: S) -> Result<Cell, S::Error> {
        let mut list = Vec::new();
        while let Some(cell) = seq.next_element::<Cell>()? {
            let Cell::Text(text) = cell else {
                while seq.next_element::<IgnoredAny>()?.is_some() {}
                return Ok(Cell::Other);
            };
            list.push(text);
        }
        Ok(Cell::List(list))
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Cell, M::Error> {
        let mut pairs = Vec::new();
        while let Some((name, cell)) = map.next_entry::<String, Cell>()? {
            let text = match cell {
                Cell::Text(text) => text,
                Cell::Missing => String::new(),
                _ => return Err(M::Error::custom("no text")),
            };
            pairs.push((name, text));
        }
        Ok(Cell::Map(pairs))
    }
}
