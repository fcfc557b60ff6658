//! Whole processes: from before the spawn until the exit was waited for.

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, ensure};
use rusqlite::Connection;

use super::fixture::{self, Seeded};
use super::pairs::{Budget, Line, Measure, timed};
use super::server::{PASSWORD, Server};
use super::{Bench, big_postgres, big_sqlite};

/// Enough that the median of a pair moves by 1 to 2 % from run to run.
const PAIRS: usize = 201;

/// The columns that a verification reads.
pub(crate) const SELECT: &str = "SELECT token_hash, token_id, key_id, key_name, owner, scopes, networks, \
     not_before, expires_at, grace_ends_at, suspended_at, revoked_at, owner_disabled_at FROM token WHERE token_hash = ";

pub(crate) fn measure(bench: &Bench, lines: &mut Vec<Line>) -> anyhow::Result<()> {
    reads(bench, lines)?;
    if let Some(leanest) = &bench.leanest {
        least(bench, leanest, lines)?;
    }
    lines.push(mint(bench)?);
    postgres(bench, lines)
}

/// A program with nothing in its environment but a home without settings.
pub(crate) fn command(bench: &Bench, program: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .env_clear()
        .env("HOME", bench.home.path())
        .env("PATH", "/usr/bin:/bin")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

/// Runs it to its end, which must be a success.
pub(crate) fn run(mut command: Command) -> anyhow::Result<Duration> {
    let (took, status) = timed(|| command.status()).with_context(|| format!("{command:?}"))?;
    ensure!(status.success(), "{command:?}: {status}");
    Ok(took)
}

/// With a text on its standard input, already in the pipe when it starts.
fn feed(mut command: Command, text: &str) -> anyhow::Result<Duration> {
    let (reader, mut writer) = std::io::pipe()?;
    writer.write_all(text.as_bytes()).context("it does not fit the pipe")?;
    drop(writer);
    command.stdin(reader);
    run(command)
}

/// After so long nothing is offered, which is no failure on a machine that others keep busy.
const GIVEN_UP: Duration = Duration::from_millis(200);

/// What the script of a shell runs when Tab is pressed behind `keyctl show WORD`; `expected` is one
/// of the candidates.
fn complete(bench: &Bench, store: &str, word: &str, expected: &str) -> anyhow::Result<Duration> {
    let mut command = command(bench, &bench.program);
    command.env("KEYCTL_COMPLETE", "2").env("KEYCTL_STORE", store).env("PGPASSWORD", PASSWORD);
    let (mut reader, writer) = std::io::pipe()?;
    command.stdout(writer);
    let took = feed(command, &format!("keyctl\0show\0{word}\0"))?;
    let mut found = String::new();
    reader.read_to_string(&mut found).context("candidates")?;
    ensure!(took >= GIVEN_UP || found.contains(expected), "{word}: no {expected} in {found}");
    Ok(took)
}

/// The beginning of an owner that ten owners share, with about ten keys each.
fn beginning(reference: &str) -> &str {
    let owner = reference.split('/').next().unwrap_or_default();
    &owner[..owner.len() - 1]
}

/// An answer that nobody notices waiting for.
const UNNOTICED: Budget = Budget::Within(Duration::from_millis(20));

fn keyctl(bench: &Bench, store: &str, args: &[&str]) -> Command {
    let mut command = command(bench, &bench.program);
    command.args(args).args(["--store", store]);
    command
}

fn reads(bench: &Bench, lines: &mut Vec<Line>) -> anyhow::Result<()> {
    let file = big_sqlite::file(bench, bench.keys)?;
    let store = file.to_str().context("a path that is not UTF-8")?;
    let mut others = Seeded(1);
    let mut shell = || select(bench, &file, &mut others);
    let row = |what| Measure {
        what,
        reference: "sqlite3 -readonly, point select",
        budget: Budget::AtMost(1.0),
        pairs: PAIRS,
        batch: 1,
    };
    let list = || run(keyctl(bench, store, &["list", "--limit", "20"]));
    lines.push(row("process: list --limit 20").run(list, &mut shell)?);
    let mut random = Seeded(2);
    let verify =
        || feed(keyctl(bench, store, &["verify"]), fixture::token(random.live_key(bench.keys)).expose());
    lines.push(row("process: verify").run(verify, &mut shell)?);
    let mut random = Seeded(3);
    let show = || run(keyctl(bench, store, &["show", &fixture::reference(random.live_key(bench.keys))]));
    lines.push(row("process: show").run(show, &mut shell)?);
    let tab = |what| Measure { budget: UNNOTICED, ..row(what) };
    let mut random = Seeded(4);
    let one = || {
        let reference = fixture::reference(random.live_key(bench.keys));
        complete(bench, store, beginning(&reference), &reference)
    };
    lines.push(tab("process: complete a key").run(one, &mut shell)?);
    let first = fixture::reference(0);
    lines
        .push(tab("process: complete nothing typed").run(|| complete(bench, store, "", &first), &mut shell)?);
    Ok(())
}

/// A point select of the shell, of a key drawn at random.
fn select(bench: &Bench, file: &Path, random: &mut Seeded) -> anyhow::Result<Duration> {
    let hash = fixture::key(random.live_key(bench.keys)).hash;
    let mut command = command(bench, Path::new("sqlite3"));
    command.arg("-readonly").arg(file).arg(format!("{SELECT}'{hash}'"));
    run(command)
}

/// The leanest program beside the shell, and ours beside it: what of the time could be saved, and what the shell
/// saves by doing less.
fn least(bench: &Bench, leanest: &Path, lines: &mut Vec<Line>) -> anyhow::Result<()> {
    let file = big_sqlite::file(bench, bench.keys)?;
    let store = file.to_str().context("a path that is not UTF-8")?;
    for name in ["list", "verify", "show"] {
        // The same of both, and what stands on standard input.
        let draw = |random: &mut Seeded| {
            let number = random.live_key(bench.keys);
            let reference = fixture::reference(number);
            let (words, more): (&[&str], &[&str]) = match name {
                "list" => (&[], &["--limit", "20"]),
                "show" => (&[&reference], &[]),
                _ => (&[], &[]),
            };
            let mut lean = command(bench, leanest);
            lean.args([name, store]).args(words);
            let own = keyctl(bench, store, &[&[name], words, more].concat());
            (lean, own, fixture::token(number).expose().to_owned())
        };
        let (lean, own, token) = draw(&mut Seeded(6));
        ensure!(said(lean, &token)? == said(own, &token)?, "{name}: the leanest program prints other lines");
        let row =
            |what, reference| Measure { what, reference, budget: Budget::Shown, pairs: PAIRS, batch: 1 };
        let mut random = [7, 8, 9, 10].map(Seeded);
        let [first, second, third, fourth] = &mut random;
        let lean = |random: &mut Seeded| {
            let (lean, _, token) = draw(random);
            feed(lean, &token)
        };
        let own = |random: &mut Seeded| {
            let (_, own, token) = draw(random);
            feed(own, &token)
        };
        let what = format!("leanest: {name}");
        let shell = row(&what, "sqlite3 -readonly, point select");
        lines.push(shell.run(|| lean(first), || select(bench, &file, second))?);
        let what = format!("process: {name}");
        lines.push(row(&what, "the leanest program").run(|| own(third), || lean(fourth))?);
    }
    Ok(())
}

/// What it prints, which must be a success.
fn said(mut command: Command, text: &str) -> anyhow::Result<Vec<u8>> {
    let (reader, mut writer) = std::io::pipe()?;
    writer.write_all(text.as_bytes()).context("it does not fit the pipe")?;
    drop(writer);
    let output = command.stdin(reader).stdout(Stdio::piped()).output()?;
    ensure!(output.status.success(), "{command:?}: {}", output.status);
    Ok(output.stdout)
}

/// Both files lie in the same folder, so that both are made durable by the same disk.
fn mint(bench: &Bench) -> anyhow::Result<Line> {
    let folder = tempfile::tempdir_in(&bench.data)?;
    let file = folder.path().join("keys.db");
    fixture::init(&big_sqlite::location(&file))?;
    let store = file.to_str().context("a path that is not UTF-8")?;
    let mut minted = 0;
    let ours = || {
        minted += 1;
        let mut command = keyctl(bench, store, &["mint", &format!("owner-{minted}"), "--scope", "memories"]);
        // A token is not written to the null device; the pipe holds it until the end.
        let (mut reader, writer) = std::io::pipe()?;
        command.stdout(writer);
        let took = run(command)?;
        let mut token = String::new();
        reader.read_to_string(&mut token).context("a token")?;
        ensure!(token.len() == 67, "this is no token and a line end");
        Ok(took)
    };
    let other = folder.path().join("one.db");
    let schema =
        "PRAGMA journal_mode = WAL; CREATE TABLE one (id INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT";
    Connection::open(&other).and_then(|made| made.execute_batch(schema))?;
    let mut inserted = 0;
    let theirs = || {
        inserted += 1;
        let mut command = command(bench, Path::new("sqlite3"));
        let sql =
            format!("PRAGMA synchronous = FULL; INSERT INTO one VALUES ({inserted}, 'one durable row')");
        command.arg(&other).arg(sql);
        run(command)
    };
    Measure {
        what: "process: mint",
        reference: "sqlite3, one durable row",
        budget: Budget::AtMost(1.3),
        pairs: PAIRS,
        batch: 1,
    }
    .run(ours, theirs)
}

/// The server answers with a password exchange in both cases; once in plain text, which is the
/// default on this machine, and once encrypted, which is the default everywhere else.
fn postgres(bench: &Bench, lines: &mut Vec<Line>) -> anyhow::Result<()> {
    let server = Server::start(bench)?;
    let database = big_postgres::database(&server, bench.keys)?;
    for tls in [false, true] {
        let address = server.address(&database, tls);
        let with_password = |mut command: Command| {
            command.env("PGPASSWORD", PASSWORD);
            run(command)
        };
        let list = || with_password(keyctl(bench, &address, &["list", "--limit", "20"]));
        let psql = || {
            let mut command = command(bench, &server.psql);
            command.args(["-X", &address, "-c", "select 1"]);
            with_password(command)
        };
        let what = if tls { "process: list, Postgres, TLS" } else { "process: list, Postgres" };
        let row = Measure {
            what,
            reference: "psql -c 'select 1'",
            budget: Budget::AtMost(1.0),
            pairs: PAIRS,
            batch: 1,
        };
        lines.push(row.run(list, psql)?);
        let mut random = Seeded(5);
        let tab = || {
            let reference = fixture::reference(random.live_key(bench.keys));
            complete(bench, &address, beginning(&reference), &reference)
        };
        let what = if tls { "process: complete, Postgres, TLS" } else { "process: complete, Postgres" };
        lines.push(Measure { what, ..row }.run(tab, psql)?);
    }
    Ok(())
}
