//! How many requests a second: where several programs have a part in it, all on the same processors. Where an answer is
//! read, the next request is sent, as clients do that know nothing of each other.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, ensure};

use super::programs::Program;
use super::{ALLOWED, asking, request};
use crate::fixture::{self, Seeded};
use crate::pairs::{Budget, Line, Measure, timed};
use crate::server::{PASSWORD, Server};
use crate::{Bench, big_postgres, big_sqlite, cluster};

const CONNECTIONS: usize = 32;
const BATCH: u32 = 32 * 300;
const KEPT: u64 = 8000;

pub(crate) fn measure(bench: &Bench, lines: &mut Vec<Line>) -> anyhow::Result<()> {
    lines.push(behind_nginx(bench)?);
    lines.push(of_postgres(bench)?);
    Ok(())
}

/// nginx asks for each request, by the one and by the other.
fn behind_nginx(bench: &Bench) -> anyhow::Result<Line> {
    let folder = tempfile::tempdir()?;
    fs::create_dir(folder.path().join("site"))?;
    fs::write(folder.path().join("site/file"), "")?;
    let store = big_sqlite::file(bench, bench.keys)?.display().to_string();
    let (serve, bare) = (Program::serve(bench, &store, &[])?, Program::bare(folder.path())?);
    let front = |asked: &Program, path: &str| {
        let (address, site) = (asked.address, folder.path().join("site"));
        let block = format!(
            "upstream asked {{ server {address}; keepalive 64; keepalive_requests 1000000000; }}
             server {{ LISTEN root {site}; open_file_cache max=10;
                 location / {{ auth_request /asked; }}
                 location = /asked {{ internal; proxy_pass http://asked{path}; proxy_http_version 1.1;
                     proxy_pass_request_body off; proxy_set_header Connection \"\";
                     proxy_set_header Content-Length \"\"; proxy_set_header X-Original-URI $request_uri;
                     proxy_set_header X-Original-Method $request_method; }} }}",
            site = site.display()
        );
        Program::nginx(folder.path(), &block)
    };
    let (before_us, before_bare) = (front(&serve, "/auth/nginx/memories:read")?, front(&bare, "/")?);
    let (mut ours, mut theirs) = (before_us.load(CONNECTIONS)?, before_bare.load(CONNECTIONS)?);
    let kept: Vec<_> = (0..u64::from(BATCH))
        .map(|number| {
            let token = fixture::token(Seeded(number % KEPT).live_key(bench.keys));
            request("/file", &format!("Bearer {}", token.expose()))
        })
        .collect();
    ours.waits(&kept, ALLOWED)?;
    Measure {
        what: "nginx's auth_request by serve, kept: time a request",
        reference: "by nginx, 204",
        budget: Budget::AtLeast(0.85),
        pairs: 15,
        batch: BATCH,
    }
    .run(|| Ok(timed(|| ours.waits(&kept, ALLOWED))?.0), || Ok(timed(|| theirs.waits(&kept, ALLOWED))?.0))
}

/// Every answer is read from PostgreSQL; the reference reads one row by its hash again and again.
fn of_postgres(bench: &Bench) -> anyhow::Result<Line> {
    let server = Server::start(bench)?;
    let database = big_postgres::database(&server, bench.keys)?;
    let address = server.address(&database, false);
    let serve = Program::serve(bench, &address, &[])?;
    let mut load = serve.load(CONNECTIONS)?;
    let folder = tempfile::tempdir()?;
    let select = folder.path().join("select.sql");
    fs::write(&select, "SELECT * FROM keyctl_tokens_v1 WHERE token_hash = :hash;\n")?;
    let mut random = Seeded(19);
    let hash = fixture::key(random.live_key(bench.keys)).hash;
    Measure {
        what: "serve, uncached, PostgreSQL: time a request",
        reference: "pgbench -M prepared -c 8, the select",
        budget: Budget::AtLeast(0.6),
        pairs: 9,
        batch: BATCH,
    }
    .run(
        || {
            let anew: Vec<_> = (0..BATCH).map(|_| asking(random.live_key(bench.keys))).collect();
            Ok(timed(|| load.waits(&anew, ALLOWED))?.0)
        },
        || pgbench(&address, &select, &hash),
    )
}

/// The time of so many transactions at the rate that it tells.
fn pgbench(address: &str, select: &Path, hash: &str) -> anyhow::Result<Duration> {
    let mut command = Command::new(cluster::tools(&["pgbench"])?.join("pgbench"));
    command.args(["-n", "-M", "prepared", "-c", "8", "-j", "2", "-t", &(BATCH / 8).to_string(), "-f"]);
    command.arg(select).arg("-D").arg(format!("hash={hash}")).arg(address).env("PGPASSWORD", PASSWORD);
    let output = command.output().context("pgbench")?;
    ensure!(output.status.success(), "pgbench: {}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout)?;
    let rate = text.lines().find_map(|line| line.strip_prefix("tps = ")).context("a rate")?;
    let rate: f64 = rate.split(' ').next().context("a number")?.parse()?;
    Ok(Duration::from_secs_f64(f64::from(BATCH) / rate))
}
