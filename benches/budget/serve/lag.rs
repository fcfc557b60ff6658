//! From the end of a revocation until the server, which keeps the answer, refuses the token.

use std::time::{Duration, Instant};

use anyhow::{bail, ensure};
use keyctl::domain::keys::key_ref::KeyRef;
use keyctl::ops::keys::revoke::revoke;
use keyctl::store::{Access, Location, Store};

use super::asking;
use super::programs::Program;
use crate::pairs::{Budget, Line};
use crate::server::Server;
use crate::{Bench, FEW, big_postgres, big_sqlite, fixture};

const REVOKED: usize = 200;

pub(crate) fn measure(bench: &Bench, lines: &mut Vec<Line>) -> anyhow::Result<()> {
    let folder = tempfile::tempdir_in(&bench.data)?;
    let copy = folder.path().join("keys.db");
    std::fs::copy(big_sqlite::file(bench, FEW)?, &copy)?;
    let serve = Program::serve(bench, &copy.display().to_string(), &[])?;
    let within = Duration::from_secs(2);
    lines.push(trials("SQLite", within, &serve, &big_sqlite::location(&copy))?);

    let server = Server::start(bench)?;
    let source = big_postgres::database(&server, FEW)?;
    server.sql("postgres", "DROP DATABASE IF EXISTS lag")?;
    server.sql("postgres", &format!("CREATE DATABASE lag TEMPLATE {source}"))?;
    let serve = Program::serve(bench, &server.address("lag", false), &[])?;
    let within = Duration::from_millis(300);
    lines.push(trials("PostgreSQL, NOTIFY", within, &serve, &big_postgres::location(&server, "lag")?)?);
    drop(serve);
    server.sql("postgres", "DROP DATABASE lag")?;
    Ok(())
}

fn trials(database: &str, within: Duration, serve: &Program, location: &Location) -> anyhow::Result<Line> {
    let mut env = fixture::env(Store::open(location, Access::Change, fixture::options())?);
    let mut load = serve.load(1)?;
    let mut delays = Vec::new();
    for number in (0..FEW).filter(|number| !fixture::is_revoked(*number)).take(REVOKED) {
        let asking = asking(number);
        ensure!(load.status(&asking)? == *b"200", "a good token was refused");
        revoke(&mut env, vec![KeyRef::Id(fixture::key(number).id)], None)?;
        let revoked = Instant::now();
        loop {
            match &load.status(&asking)? {
                b"200" => ensure!(revoked.elapsed() < Duration::from_secs(5), "it is let in after 5 s"),
                b"401" => break,
                other => bail!("status {}", String::from_utf8_lossy(other)),
            }
            // Slowly enough for the key's rate.
            std::thread::sleep(Duration::from_millis(5));
        }
        delays.push(revoked.elapsed());
    }
    delays.sort();
    let at = |share: usize| delays[delays.len() * share / 100].as_secs_f64();
    let (p50, p99, max) = (at(50), at(99), delays[delays.len() - 1].as_secs_f64());
    Ok(Line {
        what: format!("serve: {REVOKED} revocations, {database}, p99 (p50 {p50:.3} s, max {max:.3} s)"),
        reference: "the 5 s promised".to_owned(),
        ours: format!("{p99:.3} s"),
        theirs: "5.000 s".to_owned(),
        ratio: p99 / 5.0,
        seconds: Some(p99),
        budget: Budget::Within(within),
    })
}
