//! The reader for services: kept answers, look-ups, and how soon a revocation is seen.

use std::collections::HashMap;
use std::hint::black_box;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, anyhow, ensure};
use keyctl::domain::keys::key_ref::KeyRef;
use keyctl::domain::keys::token::Token;
use keyctl::ops::keys::revoke::revoke;
use keyctl::runtime::{Asked, Options, Reader, Verified};
use keyctl::store::{Access, Location, Store};
use rusqlite::{Connection, OpenFlags};
use sha2::{Digest as _, Sha256};

use super::fixture::{self, Seeded};
use super::pairs::{Budget, Line, Measure, timed};
use super::processes::SELECT;
use super::server::Server;
use super::{Bench, big_postgres, big_sqlite};

/// Tokens whose answers are kept; all fit.
const KEPT: u64 = 1_000;
const ROUNDS: u32 = 20;
const BATCH: u32 = 500;

/// Revocations that are waited for, on each database.
const REVOKED: u64 = 200;
const BETWEEN: Duration = Duration::from_millis(60);

pub(crate) fn measure(bench: &Bench, lines: &mut Vec<Line>) -> anyhow::Result<()> {
    let file = big_sqlite::file(bench, bench.keys)?;
    lines.push(kept(&file)?);
    lines.push(looked_up(bench, &file)?);
    let folder = tempfile::tempdir_in(&bench.data)?;
    let copy = folder.path().join("keys.db");
    std::fs::copy(big_sqlite::file(bench, super::FEW)?, &copy)?;
    lines.push(freshness("SQLite", &copy.display().to_string(), &big_sqlite::location(&copy))?);
    let server = Server::start(bench)?;
    let source = big_postgres::database(&server, super::FEW)?;
    server.sql("postgres", "DROP DATABASE IF EXISTS fresh")?;
    server.sql("postgres", &format!("CREATE DATABASE fresh TEMPLATE {source}"))?;
    let location = big_postgres::location(&server, "fresh")?;
    lines.push(freshness("PostgreSQL", &server.secret_address("fresh"), &location)?);
    Ok(())
}

fn reader(store: &str) -> anyhow::Result<Reader> {
    Ok(Reader::open(store, Options::default())?)
}

fn is_allowed(reader: &Reader, token: &Token, asked: &Asked) -> anyhow::Result<bool> {
    Ok(matches!(reader.verify(token.expose(), asked)?, Verified::Allowed(_)))
}

fn all_allowed(reader: &Reader, tokens: &[Token], asked: &Asked) -> anyhow::Result<()> {
    tokens.iter().try_for_each(|token| {
        ensure!(is_allowed(reader, token, asked)?, "a token was denied");
        Ok(())
    })
}

fn kept(file: &Path) -> anyhow::Result<Line> {
    let tokens: Vec<Token> = {
        let mut random = Seeded(6);
        (0..KEPT).map(|_| fixture::token(random.live_key(KEPT))).collect()
    };
    let asked = Asked { scope: "memories:read".parse().ok(), ..Asked::default() };
    let reader = reader(&file.display().to_string())?;
    let known: HashMap<[u8; 32], u64> = tokens
        .iter()
        .zip(0..)
        .map(|(token, n)| (Sha256::digest(token.expose().as_bytes()).into(), n))
        .collect();
    let ours = || {
        let work = || (0..ROUNDS).try_for_each(|_| all_allowed(&reader, &tokens, &asked));
        Ok(timed(work)?.0)
    };
    let theirs = || {
        let look = |token: &Token| {
            let digest: [u8; 32] = Sha256::digest(token.expose().as_bytes()).into();
            known.get(&digest).copied().is_some_and(|number| black_box(number) < KEPT)
        };
        let (time, all) = timed(|| anyhow::Ok((0..ROUNDS).all(|_| tokens.iter().all(look))))?;
        ensure!(all, "a token is not in the map");
        Ok(time)
    };
    let row = Measure {
        what: "reader, kept answer",
        reference: "SHA-256 and a hash map",
        budget: Budget::AtMost(1.5),
        pairs: 101,
        batch: ROUNDS * u32::try_from(KEPT).expect("few"),
    };
    row.run(ours, theirs)
}

fn looked_up(bench: &Bench, file: &Path) -> anyhow::Result<Line> {
    let reader = reader(&file.display().to_string())?;
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let bare = Connection::open_with_flags(file, flags)?;
    bare.execute_batch("PRAGMA mmap_size = 1073741824")?;
    let mut select = bare.prepare(&format!("{SELECT}?1"))?;
    let (mut random, mut others) = (Seeded(7), Seeded(8));
    let asked = Asked::default();
    let ours = || {
        let tokens: Vec<_> = (0..BATCH).map(|_| fixture::token(random.live_key(bench.keys))).collect();
        Ok(timed(|| all_allowed(&reader, &tokens, &asked))?.0)
    };
    let theirs = || {
        let hashes: Vec<String> =
            (0..BATCH).map(|_| fixture::key(others.live_key(bench.keys)).hash).collect();
        let work = || {
            for hash in &hashes {
                select.query_row([hash], |row| Ok(black_box(super::lookups::read(row)?)))?;
            }
            anyhow::Ok(())
        };
        Ok(timed(work)?.0)
    };
    let row = Measure {
        what: "reader, look-up",
        reference: "rusqlite, prepared select",
        budget: Budget::AtLeast(0.8),
        pairs: 301,
        batch: BATCH,
    };
    row.run(ours, theirs)
}

/// From the end of a revocation until a reader, which keeps the answer, denies the token. The
/// reference is the bound that is promised.
fn freshness(database: &str, address: &str, location: &Location) -> anyhow::Result<Line> {
    let keys: Vec<u64> =
        (0..).filter(|number| fixture::key(*number).revoked_at.is_none()).take(200).collect();
    let tokens: Vec<(Token, KeyRef)> =
        keys.iter().map(|number| (fixture::token(*number), KeyRef::Id(fixture::key(*number).id))).collect();
    let store = Store::open(location, Access::Change, fixture::options())?;
    let mut env = fixture::env(store);
    let reader = reader(address)?;
    let (sent, revoked) = std::sync::mpsc::channel::<(usize, Instant)>();
    let mut delays = thread::scope(|scope| {
        let (tokens, reader) = (&tokens, &reader);
        let watcher = scope.spawn(move || watch(reader, tokens, &revoked));
        for (place, (_, key)) in tokens.iter().enumerate() {
            revoke(&mut env, vec![key.clone()], None)?;
            sent.send((place, Instant::now())).context("nobody watches")?;
            thread::sleep(BETWEEN);
        }
        drop(sent);
        watcher.join().map_err(|_| anyhow!("the watcher panicked"))?
    })?;
    delays.sort();
    let at = |share: usize| delays[delays.len() * share / 100].as_secs_f64();
    let (p99, max) = (at(99), delays[delays.len() - 1].as_secs_f64());
    ensure!(delays.len() as u64 == REVOKED && max < 5.0, "{} seen, the last after {max} s", delays.len());
    Ok(Line {
        what: format!("{REVOKED} revocations seen, {database}, p99 (p50 {:.2} s, max {max:.2} s)", at(50)),
        reference: "the 5 s promised".to_owned(),
        ours: format!("{p99:.2} s"),
        theirs: "5.00 s".to_owned(),
        ratio: p99 / 5.0,
        seconds: Some(p99),
        budget: Budget::Within(Duration::from_millis(2500)),
    })
}

/// Verifies all tokens over and over; returns how long each revoked one was still let in.
fn watch(
    reader: &Reader,
    tokens: &[(Token, KeyRef)],
    revoked: &std::sync::mpsc::Receiver<(usize, Instant)>,
) -> anyhow::Result<Vec<Duration>> {
    let asked = Asked::default();
    let (mut waiting, mut delays) = (Vec::<(usize, Instant)>::new(), Vec::new());
    while delays.len() < tokens.len() {
        waiting.extend(revoked.try_iter());
        let mut alive = Vec::new();
        for (place, at) in waiting.drain(..) {
            if is_allowed(reader, &tokens[place].0, &asked)? {
                alive.push((place, at));
            } else {
                delays.push(at.elapsed());
            }
        }
        waiting = alive;
        for (token, _) in tokens {
            black_box(is_allowed(reader, token, &asked)?);
        }
        thread::sleep(Duration::from_millis(1));
    }
    Ok(delays)
}
