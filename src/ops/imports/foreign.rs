//! Keys out of another program's database: each row becomes a line of a temporary file, and that is imported as any
//! other. So nothing waits for the other database while the store is written, nor for the store while that one is read.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter, Seek as _, Write as _};

use super::fields::LetIn;
use super::reader::Import;
use super::{Report, Source, invalid};
use crate::crypto::digest;
use crate::domain::imports::faults::{Fault, Faults};
use crate::domain::imports::moved::{Came, Columns, Moved, Note, Unfit};
use crate::domain::imports::{better_auth, litellm};
use crate::domain::keys::label::Labels;
use crate::domain::keys::scope::Scopes;
use crate::domain::owners::owner::Owner;
use crate::domain::owners::role::RoleName;
use crate::domain::time::Timestamp;
use crate::ops::env::Env;
use crate::ops::error::{Error, Result};
use crate::store::{Foreign, ForeignRow, Location, Options, Scratch};

/// Whose table it is.
#[derive(Clone, Debug)]
pub(crate) enum Table {
    Litellm {
        /// Whose the keys become that name no user.
        owner: Owner,
    },
    BetterAuth {
        /// The table's name.
        name: String,
        /// Whether limits are taken over.
        limits: bool,
    },
}

/// What is imported, and how.
pub(crate) struct Request<'r> {
    pub table: Table,
    pub from: &'r Location,
    pub options: Options,
    /// What all keys get besides.
    pub scopes: Scopes,
    pub roles: Vec<RoleName>,
    pub labels: Labels,
    pub allow_all: bool,
    /// Leave rows out that cannot be keys.
    pub skip_unusable: bool,
    /// Opens a temporary file that nobody else has.
    pub scratch: &'r dyn Fn() -> io::Result<File>,
}

/// Something that is not taken over of some rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NotTaken {
    pub note: Note,
    pub rows: u64,
    /// The first of them.
    pub first: Vec<u64>,
}

/// What came of the other program's rows, besides what came of the keys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Told {
    /// Rows that were read.
    pub rows: u64,
    /// Rows that are no clients' keys, by the reason.
    pub left_out: Vec<NotTaken>,
    pub not_taken: Vec<NotTaken>,
    /// Rows that cannot be keys.
    pub unusable: Faults,
    /// Tokens in a grace of a key that is not there.
    pub orphans: u64,
    /// Keys with a quota.
    pub quotas: u64,
}

/// How many rows are named one by one.
const NAMED: usize = 10;

/// Imports the keys of another program's database.
pub(crate) fn import_foreign(
    env: &mut Env,
    request: &Request<'_>,
    progress: &mut dyn FnMut(u64),
) -> Result<(Report, Told)> {
    let now = env.store.now()?;
    let file = (request.scratch)().map_err(Error::Scratch)?;
    let mut reading = Reading {
        request,
        now,
        names: Scratch::new()?,
        hashes: Scratch::new()?,
        out: BufWriter::with_capacity(64 * 1024, file),
        told: Told::default(),
        notes: BTreeMap::new(),
        left_out: BTreeMap::new(),
        lines: 0,
        failed: None,
    };
    reading.read()?;
    let (file, told, lines) = reading.finish()?;
    if !told.unusable.is_empty() && !request.skip_unusable {
        return Err(unusable(&told.unusable));
    }
    if lines == 0 {
        return Ok((Report::new(request.source(), now), told));
    }
    let import = Import {
        source: request.source(),
        table: Some(request.table_name().to_owned()),
        input: Box::new(file),
        let_in: LetIn { all: request.allow_all, any_owner: true, any_name: true },
        scratch: request.scratch,
    };
    let report = super::rows::import(env, import, progress)?;
    Ok((report, told))
}

fn unusable(faults: &Faults) -> Error {
    let Error::Invalid { message, .. } = invalid(faults) else { return invalid(faults) };
    let hint = "rows are counted in the order of the table's key; correct them there, or leave them out: --skip-unusable";
    Error::Invalid { message, hint: hint.to_owned() }
}

impl Request<'_> {
    fn table_name(&self) -> &str {
        match &self.table {
            Table::Litellm { .. } => "LiteLLM_VerificationToken",
            Table::BetterAuth { name, .. } => name,
        }
    }

    fn source(&self) -> Source {
        match self.table {
            Table::Litellm { .. } => Source::Litellm,
            Table::BetterAuth { .. } => Source::BetterAuth,
        }
    }
}

/// The other program's rows on their way.
struct Reading<'r> {
    request: &'r Request<'r>,
    now: Timestamp,
    /// Whose names of keys are used up.
    names: Scratch,
    /// The hashes so far, each with the number of its row.
    hashes: Scratch,
    out: BufWriter<File>,
    told: Told,
    notes: BTreeMap<Note, (u64, Vec<u64>)>,
    left_out: BTreeMap<Note, (u64, Vec<u64>)>,
    lines: u64,
    failed: Option<Error>,
}

impl Reading<'_> {
    fn read(&mut self) -> Result<()> {
        let mut foreign = Foreign::open(self.request.from, self.request.options)?;
        let table = self.request.table_name();
        if foreign.is_file() && matches!(self.request.table, Table::Litellm { .. }) {
            return Err(Error::Invalid {
                message: "LiteLLM keeps its keys in PostgreSQL, and --from names a file".to_owned(),
                hint: "name its database: --from postgres://USER@HOST/DATABASE".to_owned(),
            });
        }
        if !foreign.has_table(table)? {
            return Err(Error::NotFound {
                message: format!("there is no table {table} in {}", self.request.from),
                hint: "name the database that the other program uses: --from".to_owned(),
            });
        }
        self.told.unusable = Faults::of_rows(table);
        let request = self.request;
        let mut each = |number, row: ForeignRow| {
            if self.failed.is_none() {
                self.failed = self.take(number, &row).err();
            }
            Ok(())
        };
        match &request.table {
            Table::Litellm { .. } => foreign.litellm(&mut each)?,
            Table::BetterAuth { name, .. } => foreign.better_auth(name, &mut each)?,
        }
        if matches!(request.table, Table::Litellm { .. }) {
            self.told.orphans = foreign.litellm_orphans()?;
        }
        self.failed.take().map_or(Ok(()), Err)
    }

    fn take(&mut self, number: u64, row: &ForeignRow) -> Result<()> {
        self.told.rows += 1;
        let came = match row {
            None => Err(("", "it is longer than 256 KiB")),
            Some(fields) => self.came(Columns(fields)),
        };
        match came {
            Err((column, why)) => self.told.unusable.push(number, column, why),
            Ok(Came::LeftOut(note)) => count(&mut self.left_out, note, number),
            Ok(Came::Key(moved, notes)) => {
                for note in notes {
                    count(&mut self.notes, note, number);
                }
                self.write(number, *moved)?;
            }
        }
        Ok(())
    }

    fn came(&self, row: Columns<'_>) -> std::result::Result<Came, Unfit> {
        match &self.request.table {
            Table::Litellm { owner } => {
                litellm::read(row, litellm::Wanted { owner: owner.as_str(), now: self.now })
            }
            Table::BetterAuth { limits, .. } => {
                better_auth::read(row, better_auth::Wanted { limits: *limits, now: self.now })
            }
        }
    }

    /// Writes a line, if it can be one of a file that is imported.
    fn write(&mut self, number: u64, mut moved: Moved) -> Result<()> {
        moved.scopes.extend(self.request.scopes.iter().map(ToString::to_string));
        self.name(&mut moved)?;
        let mut line = serde_json::to_value(&moved).unwrap_or_default();
        line["roles"] = self.request.roles.iter().map(ToString::to_string).collect();
        for (name, value) in self.request.labels.iter() {
            line["labels"][name] = value.into();
        }
        let let_in = LetIn { all: self.request.allow_all, any_owner: true, any_name: true };
        let text = line.to_string();
        if super::reader::check_line(text.as_bytes(), number, let_in, &mut self.told.unusable)
            && self.is_first_of_its_tokens(number, &moved)?
        {
            // The number of the line is the row's, so that what is found later is told by it.
            let blank = number - self.lines - 1;
            for _ in 0..blank {
                self.out.write_all(b"\n").map_err(Error::Scratch)?;
            }
            self.lines = number;
            self.told.quotas += u64::from(moved.quota.is_some());
            writeln!(self.out, "{text}").map_err(Error::Scratch)?;
        }
        Ok(())
    }

    /// Whether no row before has one of its hashes: a token is one key's. Which of them is meant nobody can tell, and the other
    /// program takes the first that it finds.
    fn is_first_of_its_tokens(&mut self, number: u64, moved: &Moved) -> Result<bool> {
        let hashes: Vec<&String> = std::iter::once(&moved.hash).chain(&moved.previous_hash).collect();
        for hash in &hashes {
            if let Some(before) = self.hashes.get(hash)? {
                let column = match self.request.table {
                    Table::Litellm { .. } => "token",
                    Table::BetterAuth { .. } => "key",
                };
                self.told.unusable.push(number, column, format!("the same as in row {before}"));
                return Ok(false);
            }
        }
        for hash in hashes {
            self.hashes.put(hash, &number.to_string())?;
        }
        Ok(true)
    }

    /// A name that no other key of the same owner has; it follows from the rows alone.
    fn name(&mut self, moved: &mut Moved) -> Result<()> {
        let Some(name) = moved.name.take() else { return Ok(()) };
        let place = |name: &str| format!("{}\n{name}", moved.subject);
        let name = if self.names.get(&place(&name))?.is_none() {
            name
        } else {
            let [a, b, c, d, ..] = digest::fingerprint(&moved.hash);
            let start: String = name.chars().take(55).collect();
            format!("{start}-{:08x}", u32::from_be_bytes([a, b, c, d]))
        };
        self.names.put(&place(&name), "")?;
        moved.name = Some(name);
        Ok(())
    }

    fn finish(self) -> Result<(File, Told, u64)> {
        let mut file = self.out.into_inner().map_err(|error| Error::Scratch(error.into_error()))?;
        file.rewind().map_err(Error::Scratch)?;
        let told = Told { not_taken: all(self.notes), left_out: all(self.left_out), ..self.told };
        Ok((file, told, self.lines))
    }
}

fn count(notes: &mut BTreeMap<Note, (u64, Vec<u64>)>, note: Note, row: u64) {
    let (rows, first) = notes.entry(note).or_default();
    *rows += 1;
    if first.len() < NAMED {
        first.push(row);
    }
}

fn all(notes: BTreeMap<Note, (u64, Vec<u64>)>) -> Vec<NotTaken> {
    notes.into_iter().map(|(note, (rows, first))| NotTaken { note, rows, first }).collect()
}

impl Told {
    /// The rows that cannot be keys, as far as they are told one by one.
    pub(crate) fn faults(&self) -> &[Fault] {
        self.unusable.kept()
    }
}
