//! What a request costs a server: processor time of all its threads, 32 requests under way at once.

use std::path::Path;
use std::process::Command;

use anyhow::Context as _;

use super::programs::Program;
use super::{ALLOWED, asking, request};
use crate::cluster::free_port;
use crate::fixture::Seeded;
use crate::pairs::{Budget, Line, Measure};
use crate::{Bench, big_sqlite};

const CONNECTIONS: usize = 32;
const BATCH: u32 = 32 * 600;
const PAIRS: usize = 15;
/// Requests that others are measured by.
const FEW: u32 = 800;
/// Tokens of which every answer is kept: so many that none is asked for more often than its rate allows.
const KEPT: u64 = 8000;

pub(crate) fn measure(bench: &Bench, lines: &mut Vec<Line>) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let store = big_sqlite::file(bench, bench.keys)?.display().to_string();
    let bare = Program::bare(folder.path())?;
    let mut plain = bare.load(CONNECTIONS)?;
    let nothing = [request("/", "")];
    let mut random = Seeded(11);
    for (what, more, most) in [
        ("kept", &[][..], Budget::AtMost(1.25)),
        ("uncached", &["--read-only"], Budget::AtMost(1.9)),
        ("uncached, uses recorded", &[], Budget::Shown),
    ] {
        // A server of its own each: the cost of the one says nothing of what the other left behind.
        let (serve, lean) = (Program::serve(bench, &store, more)?, Program::leanest(bench, &store)?);
        let (mut load, mut of_lean) = (serve.load(CONNECTIONS)?, lean.load(CONNECTIONS)?);
        let kept: Vec<Vec<u8>> =
            (0..KEPT).map(|number| asking(Seeded(number).live_key(bench.keys))).collect();
        let mut requests = || {
            let mut anew = || (0..BATCH).map(|_| asking(random.live_key(bench.keys))).collect();
            if what == "kept" { kept.clone() } else { anew() }
        };
        let row = Measure {
            what: &format!("serve, {what}: CPU a request"),
            reference: "nginx, 204",
            budget: most,
            pairs: PAIRS,
            batch: BATCH,
        };
        let asked = std::cell::RefCell::new(&mut requests);
        let ours = || {
            let requests = (asked.borrow_mut())();
            serve.cpu_of(|| load.send(&requests, BATCH, ALLOWED))
        };
        let leanest = || {
            let requests = (asked.borrow_mut())();
            lean.cpu_of(|| of_lean.send(&requests, BATCH, ALLOWED))
        };
        let theirs = || bare.cpu_of(|| plain.send(&nothing, BATCH, b"HTTP/1.1 204"));
        lines.extend(row.run_with_leanest(5, ours, leanest, theirs)?);
    }
    Ok(())
}

/// Beside what others use for the same, each with its own file of 200 keys. Uses are recorded by ours and by
/// better-auth; djangorestframework-api-key records none.
pub(crate) fn peers(bench: &Bench, lines: &mut Vec<Line>) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let store = big_sqlite::file(bench, bench.keys)?.display().to_string();
    let serve = Program::serve(bench, &store, &[])?;
    let mut load = serve.load(CONNECTIONS)?;
    let kept: Vec<Vec<u8>> = (0..KEPT).map(|number| asking(Seeded(number).live_key(bench.keys))).collect();
    let peers = [
        ("better-auth's API keys, node:http", "Bearer", 60.0, better_auth(bench, folder.path())?),
        ("djangorestframework-api-key, gunicorn", "Api-Key", 40.0, django(bench, folder.path())?),
    ];
    for (reference, scheme, least, (program, keys)) in peers {
        let mut theirs = program.load(16)?;
        let asking: Vec<Vec<u8>> = keys.iter().map(|key| request("/", &format!("{scheme} {key}"))).collect();
        let row = Measure {
            what: "serve, kept, uses recorded: CPU a request",
            reference,
            budget: Budget::AtLeast(least),
            pairs: 7,
            batch: FEW,
        };
        let ours = || Ok(serve.cpu_of(|| load.send(&kept, BATCH, ALLOWED))? * FEW / BATCH);
        let theirs = || program.cpu_of(|| theirs.send(&asking, FEW, ALLOWED));
        lines.push(row.run(ours, theirs)?);
    }
    Ok(())
}

const PEER_KEYS: &str = "200";

fn peer(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers").join(name)
}

type Peer = (Program, Vec<String>);

fn better_auth(bench: &Bench, folder: &Path) -> anyhow::Result<Peer> {
    let port = free_port()?;
    let keys = folder.join("better-auth.json");
    let mut command = Command::new("node");
    command
        .env_clear()
        .env("HOME", bench.home.path())
        .env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.arg(bench.peers()?.join("better-auth/server.mjs")).arg(port.to_string());
    command.arg(folder.join("better-auth.db")).arg(PEER_KEYS).arg(&keys);
    let program = Program::start(command, port)?;
    Ok((program, serde_json::from_slice(&std::fs::read(keys)?)?))
}

fn django(bench: &Bench, folder: &Path) -> anyhow::Result<Peer> {
    let port = free_port()?;
    let (file, tools) = (folder.join("django.db"), bench.peers()?.join("django/bin"));
    let app = peer("django");
    let made = Command::new(tools.join("python"))
        .arg(app.join("app.py"))
        .arg(&file)
        .arg(PEER_KEYS)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()
        .context("python")?;
    let keys = serde_json::from_slice(&made.stdout)
        .with_context(|| String::from_utf8_lossy(&made.stderr).into_owned())?;
    let mut command = Command::new(tools.join("gunicorn"));
    // The default kind of worker closes each connection; this one keeps it.
    command.args(["--workers", "2", "--worker-class", "gthread", "--threads", "4", "--keep-alive", "60"]);
    command.args(["--no-control-socket", "--bind", &format!("127.0.0.1:{port}"), "app:served"]);
    command.current_dir(app).env("KEYCTL_PEER_FILE", &file).env("PYTHONDONTWRITEBYTECODE", "1");
    command.env("HOME", bench.home.path());
    Ok((Program::start(command, port)?, keys))
}
