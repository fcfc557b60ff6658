//! Uncached verification in one process, on the big SQLite store.

use std::hint::black_box;
use std::path::Path;
use std::time::Duration;

use anyhow::ensure;
use keyctl::domain::keys::verdict::{Asked, Verdict};
use keyctl::ops::keys::verify::verify;
use keyctl::store::{Access, Store};
use rusqlite::{Connection, OpenFlags};

use super::fixture::{self, Seeded};
use super::pairs::{Budget, Line, Measure, timed};
use super::processes::SELECT;
use super::{Bench, big_sqlite};

const BATCH: u32 = 500;
const PAIRS: usize = 301;

pub(crate) fn measure(bench: &Bench, lines: &mut Vec<Line>) -> anyhow::Result<()> {
    let file = big_sqlite::file(bench, bench.keys)?;
    let mut store = big_sqlite::open(&file, Access::Read)?;
    let bare = connect(&file)?;
    let mut select = bare.prepare(&format!("{SELECT}?1"))?;
    let mut random = Seeded(4);
    let ours = || verify_some(&mut store, &mut random, bench.keys, BATCH);
    let mut others = Seeded(5);
    let theirs = || {
        let hashes: Vec<String> =
            (0..BATCH).map(|_| fixture::key(others.live_key(bench.keys)).hash).collect();
        let work = || {
            for hash in &hashes {
                select.query_row([hash], |row| Ok(black_box(read(row)?)))?;
            }
            anyhow::Ok(())
        };
        Ok(timed(work)?.0)
    };
    let row = Measure {
        what: "verify in process, uncached",
        reference: "rusqlite, prepared select",
        budget: Budget::AtLeast(0.8),
        pairs: PAIRS,
        batch: BATCH,
    };
    lines.push(row.run(ours, theirs)?);
    Ok(())
}

/// Verifies tokens drawn at random among `keys`; only the verification itself is timed.
pub(crate) fn verify_some(
    store: &mut Store,
    random: &mut Seeded,
    keys: u64,
    count: u32,
) -> anyhow::Result<Duration> {
    let tokens: Vec<_> = (0..count).map(|_| fixture::token(random.live_key(keys))).collect();
    let asked = Asked::default();
    let work = || {
        for token in &tokens {
            let verdict = verify(store, token.expose(), &asked)?;
            ensure!(matches!(verdict, Verdict::Allowed(_)), "{verdict:?}");
        }
        Ok(())
    };
    Ok(timed(work)?.0)
}

/// As the library opens a store to read it.
fn connect(file: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags)?;
    connection.execute_batch("PRAGMA mmap_size = 1073741824")?;
    Ok(connection)
}

type Columns = ([String; 7], [Option<i64>; 6]);

/// Every column, as values of the caller's own.
pub(crate) fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Columns> {
    let text = |column| row.get::<_, String>(column);
    let time = |column| row.get::<_, Option<i64>>(column);
    Ok((
        [text(0)?, text(1)?, text(2)?, text(3)?, text(4)?, text(5)?, text(6)?],
        [time(7)?, time(8)?, time(9)?, time(10)?, time(11)?, time(12)?],
    ))
}
