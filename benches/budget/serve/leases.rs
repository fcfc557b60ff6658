//! What it costs to hand out a provider's token: one that is kept, and one that a thousand wait for.

use std::collections::HashMap;
use std::hint::black_box;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use keyctl::domain::secrets::secret::Provider;
use keyctl::runtime::serving::{Callers, Settings};
use keyctl::server::KeptTokens;
use sha2::{Digest as _, Sha256};

use super::programs::Program;
use crate::jwts::{KEY, run};
use crate::pairs::{Budget, Line, Measure, timed};
use crate::{Bench, big_sqlite, fixture};

const TOKENS: usize = 100;
const ROUNDS: u32 = 200;

/// Who wait for one new token, and how often that is tried.
const WAITING: usize = 1000;
const TRIALS: usize = 9;

pub(crate) fn measure(bench: &Bench, lines: &mut Vec<Line>) -> anyhow::Result<()> {
    let folder = tempfile::tempdir_in(&bench.data)?;
    lines.push(kept(bench, &folder.path().join("kept.db"))?);
    lines.push(waited_for(bench, folder.path())?);
    Ok(())
}

/// In process, since a request costs forty times as much.
fn kept(bench: &Bench, file: &Path) -> anyhow::Result<Line> {
    fixture::init(&big_sqlite::location(file))?;
    let mint = |number| run(bench, file, &format!("mint alice/{number} --scope chat"), "");
    let tokens: Vec<String> = (0..TOKENS).map(mint).collect::<anyhow::Result<_>>()?;
    let callers = Callers::open(big_sqlite::location(file), None, Settings::default())?;
    let (kept, provider) = (KeptTokens::of(callers), "anthropic".parse::<Provider>().context("a provider")?);
    let now = (fixture::options().clock)().context("the time")?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    for token in &tokens {
        runtime.block_on(kept.keep(token, &provider, "sk-got", now)).context("a key")?;
    }
    let known: HashMap<[u8; 32], usize> =
        tokens.iter().enumerate().map(|(n, token)| (Sha256::digest(token.as_bytes()).into(), n)).collect();
    let ours = || {
        // The watch looks at the change mark twice a second; what it finds is not measured.
        while kept.find(&tokens[0], &provider).is_none() {
            thread::sleep(Duration::from_millis(1));
        }
        let find = |token: &String| kept.find(token, &provider) == Some(black_box(6));
        let (time, all) = timed(|| anyhow::Ok((0..ROUNDS).all(|_| tokens.iter().all(find))))?;
        ensure!(all, "a token is not kept");
        Ok(time)
    };
    let theirs = || {
        let look = |token: &String| {
            let digest: [u8; 32] = Sha256::digest(token.as_bytes()).into();
            known.get(&digest).copied().is_some_and(|number| black_box(number) < TOKENS)
        };
        let (time, all) = timed(|| anyhow::Ok((0..ROUNDS).all(|_| tokens.iter().all(look))))?;
        ensure!(all, "a token is not in the map");
        Ok(time)
    };
    let row = Measure {
        what: "serve, a token by a federation that is kept",
        reference: "SHA-256 and a hash map",
        budget: Budget::AtMost(1.5),
        pairs: 101,
        batch: ROUNDS * u32::try_from(TOKENS)?,
    };
    row.run(ours, theirs)
}

/// A token endpoint that holds each answer back until it is told, and says when it gave it.
fn endpoint() -> anyhow::Result<(u16, mpsc::Sender<()>, mpsc::Receiver<Instant>)> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let port = listener.local_addr()?.port();
    let ((go, told), (said, answered)) = (mpsc::channel(), mpsc::channel());
    thread::spawn(move || {
        for (number, stream) in listener.incoming().enumerate() {
            let Ok(mut stream) = stream else { return };
            let mut piece = [0; 4096];
            while !piece.windows(13).any(|window| window == b"refresh_token") {
                if stream.read(&mut piece).unwrap_or(0) == 0 {
                    return;
                }
            }
            if told.recv().is_err() {
                return;
            }
            let body = format!(
                "{{\"access_token\":\"at-{number}\",\"refresh_token\":\"rt-{number}\",\"token_type\":\"Bearer\",\"expires_in\":3600}}"
            );
            let length = body.len();
            let answer = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
            );
            if stream.write_all(answer.as_bytes()).is_err() || said.send(Instant::now()).is_err() {
                return;
            }
        }
    });
    Ok((port, go, answered))
}

/// From the provider's answer to the last of those who waited for it.
fn waited_for(bench: &Bench, folder: &Path) -> anyhow::Result<Line> {
    let file = folder.join("waited.db");
    fixture::init(&big_sqlite::location(&file))?;
    let (port, go, answered) = endpoint()?;
    let service = run(bench, &file, "mint agents/main --scope keyctl:lease", "")?;
    let tokens = r#"{"access_token":"at","refresh_token":"rt","expires_in":3600}"#;
    let add = format!(
        "oauth add ci --provider github --client-id public --token-endpoint http://127.0.0.1:{port}/token"
    );
    run(bench, &file, &add, tokens)?;
    run(bench, &file, "secret bind ci agents/main", "")?;
    let (store, socket) = (file.display().to_string(), folder.join("serve.sock"));
    let listen = format!("unix:{}=internal", socket.display());
    let variables = [("KEYCTL_MASTER_KEY", KEY), ("KEYCTL_OUTBOUND_ALLOW", "127.0.0.0/8")];
    let more = ["--lease-store", &store, "--listen", &listen];
    let _serve = Program::serve_with(bench, &store, &more, &variables)?;
    let body = r#"{"provider":"github","wait":15}"#;
    let asks = format!(
        "POST /lease HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {service}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut delays = Vec::new();
    for _ in 0..TRIALS {
        end(&file)?;
        let mut waiting =
            (0..WAITING).map(|_| UnixStream::connect(&socket)).collect::<Result<Vec<_>, _>>()?;
        waiting.iter_mut().try_for_each(|stream| stream.write_all(asks.as_bytes()))?;
        // All of them have come by then.
        thread::sleep(Duration::from_secs(1));
        go.send(())?;
        let given = answered.recv_timeout(Duration::from_secs(10)).context("nobody asked")?;
        let mut answer = [0; 1024];
        for stream in &mut waiting {
            let read = stream.read(&mut answer)?;
            ensure!(
                answer[..read].starts_with(b"HTTP/1.1 200"),
                "{}",
                String::from_utf8_lossy(&answer[..read])
            );
        }
        delays.push(given.elapsed());
        ensure!(answered.try_recv().is_err(), "it was asked twice");
    }
    delays.sort();
    let (median, max) = (delays[TRIALS / 2].as_secs_f64(), delays[TRIALS - 1].as_secs_f64());
    Ok(Line {
        what: format!(
            "serve: {WAITING} wait for one new token, from its answer to the last (max {max:.3} s)"
        ),
        reference: "the request's deadline, 10 s".to_owned(),
        ours: format!("{median:.3} s"),
        theirs: "10.000 s".to_owned(),
        ratio: median / 10.0,
        seconds: Some(median),
        budget: Budget::Within(Duration::from_millis(100)),
    })
}

/// The token that is there ended.
fn end(file: &Path) -> anyhow::Result<()> {
    let store = rusqlite::Connection::open(file)?;
    store.busy_timeout(Duration::from_secs(5))?;
    store.execute(
        "UPDATE secret_version SET expires_at = created_at + 1, created_at = created_at - 3600000",
        [],
    )?;
    Ok(())
}
