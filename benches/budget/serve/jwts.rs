//! What short-lived tokens cost a server: one that is issued beside its signature, the public keys beside nginx.

use std::hint::black_box;

use ring::rand::SystemRandom;

use super::ALLOWED;
use super::programs::{Program, own_cpu_of};
use crate::Bench;
use crate::jwts::{KEY, issuing_store, signing_pair};
use crate::pairs::{Budget, Line, Measure};

const CONNECTIONS: usize = 32;
const BATCH: u32 = 32 * 200;
const PAIRS: usize = 15;
const KEYS: u32 = 32;
/// What is signed of a token: header and claims.
const SIGNED: usize = 460;

pub(crate) fn measure(bench: &Bench, lines: &mut Vec<Line>) -> anyhow::Result<()> {
    let folder = tempfile::tempdir_in(&bench.data)?;
    let file = folder.path().join("keys.db");
    let keys = issuing_store(bench, &file, KEYS)?;
    let store = file.display().to_string();
    let variables = [("KEYCTL_MASTER_KEY", KEY)];
    let serve = Program::serve_with(bench, &store, &["--issue-store", &store], &variables)?;
    let mut load = serve.load(CONNECTIONS)?;
    let exchanges: Vec<Vec<u8>> = keys.iter().map(|key| exchange(key)).collect();

    let (random, message) = (SystemRandom::new(), [b'a'; SIGNED]);
    let pair = signing_pair(&random)?;
    let row = Measure {
        what: "serve, a token issued: CPU a request",
        reference: "ring, a signature",
        budget: Budget::AtMost(2.0),
        pairs: PAIRS,
        batch: BATCH,
    };
    let ours = || serve.cpu_of(|| load.send(&exchanges, BATCH, ALLOWED));
    let sign = || {
        for _ in 0..BATCH {
            let signature = pair.sign(&random, &message);
            black_box(signature.map_err(|_| anyhow::anyhow!("no signature"))?);
        }
        Ok(())
    };
    lines.push(row.run(ours, || own_cpu_of(sign))?);

    let bare = Program::bare(folder.path())?;
    let (mut load, mut plain) = (serve.load(CONNECTIONS)?, bare.load(CONNECTIONS)?);
    let [set, nothing] = ["/.well-known/jwks.json", "/"]
        .map(|path| [format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").into_bytes()]);
    let row = Measure {
        what: "serve, the public keys: CPU a request",
        reference: "nginx, 204",
        budget: Budget::AtMost(1.25),
        pairs: PAIRS,
        batch: BATCH,
    };
    let ours = || serve.cpu_of(|| load.send(&set, BATCH, ALLOWED));
    let theirs = || bare.cpu_of(|| plain.send(&nothing, BATCH, b"HTTP/1.1 204"));
    lines.push(row.run(ours, theirs)?);
    Ok(())
}

/// The request of a client that has this key.
fn exchange(key: &str) -> Vec<u8> {
    let body = format!(
        "grant_type=client_credentials&client_id={}&client_secret={key}&scope=chat",
        key.split('_').nth(1).unwrap_or_default()
    );
    format!(
        "POST /token HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}
