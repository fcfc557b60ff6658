//! Sealing and opening, a master key replaced, and a command started with a secret.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use aes_gcm::aead::array::Array;
use aes_gcm::{AeadInOut as _, Aes256Gcm, KeyInit as _};
use anyhow::{Context as _, ensure};
use hkdf::Hkdf;
use keyctl::crypto::{envelope, master_key::MasterKey};
use keyctl::domain::keys::key_ref::KeyRef;
use keyctl::domain::random::Random as _;
use keyctl::domain::secrets::sealed::Place;
use keyctl::domain::secrets::secret::{SecretName, SecretValue};
use keyctl::ops::env::SystemRandom;
use keyctl::ops::master_keys::{Given, Material, Ring};
use keyctl::ops::secrets::bind::{Target, bind};
use keyctl::ops::secrets::set::{Attributes, set};
use keyctl::store::Access;
use sha2::Sha256;
use uuid::Uuid;

use super::growth::memory_line;
use super::pairs::{Budget, Line, Measure, timed};
use super::processes::{command, run};
use super::{Bench, big_sqlite, fixture};

/// 32 bytes each, in base64.
const KEYS: [&str; 2] =
    ["AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "Hx4dHBsaGRgXFhUUExIREA8ODQwLCgkIBwYFBAMCAQA="];

/// Secrets whose envelopes are sealed anew.
const SECRETS: u32 = 10_000;
const FEW: u32 = 1000;
/// Operations in one measurement.
const BATCH: u32 = 2000;

pub(crate) fn measure(bench: &Bench, lines: &mut Vec<Line>) -> anyhow::Result<()> {
    lines.push(seal_and_open()?);
    rotations(bench, lines)?;
    starts(bench, lines)
}

/// 100 bytes in their place in a store, against the bare primitives over the same lengths.
fn seal_and_open() -> anyhow::Result<Line> {
    let key = MasterKey::parse(KEYS[0].as_bytes()).expect("a key");
    let store = Uuid::from_u128(7);
    let place = Place {
        table: "secret_version",
        row: "sec_1",
        column: "envelope",
        version: 1,
        provider: "anthropic",
    };
    let value = SecretValue::from_bytes(&[b'k'; 100], false).expect("a value");
    let ours = || {
        let work = || {
            for _ in 0..BATCH {
                let sealed = envelope::seal(&key, &store, &place, &value, &mut SystemRandom)?;
                envelope::open(&key, &store, &place, &sealed)?;
            }
            anyhow::Ok(())
        };
        Ok(timed(work)?.0)
    };
    let theirs = || {
        let work = || {
            (0..BATCH).for_each(|_| bare(value.expose().as_bytes()));
            anyhow::Ok(())
        };
        Ok(timed(work)?.0)
    };
    let row = Measure {
        what: "seal and open 100 bytes",
        reference: "HKDF and AES-256-GCM, bare",
        budget: Budget::AtLeast(0.6),
        pairs: 51,
        batch: BATCH,
    };
    row.run(ours, theirs)
}

/// Derives, encrypts, derives again, decrypts, with additional data as long as ours.
fn bare(value: &[u8]) {
    let additional = [7; 250];
    let derive = |salt: &[u8; 32]| {
        let mut okm = [0; 64];
        Hkdf::<Sha256>::new(Some(salt), &[1; 32]).expand(&[2; 24], &mut okm).expect("short");
        let key: [u8; 32] = std::array::from_fn(|index| okm[index]);
        Aes256Gcm::new(&key.into())
    };
    let (mut salt, mut nonce) = ([0; 32], [0; 12]);
    SystemRandom.fill(&mut salt).expect("random");
    SystemRandom.fill(&mut nonce).expect("random");
    let mut bytes = value.to_vec();
    let cipher = derive(&salt);
    let tag = cipher.encrypt_inout_detached(&Array(nonce), &additional, bytes.as_mut_slice().into());
    let tag = tag.expect("encrypted");
    let opened =
        derive(&salt).decrypt_inout_detached(&Array(nonce), &additional, bytes.as_mut_slice().into(), &tag);
    opened.expect("decrypted");
    std::hint::black_box(bytes);
}

fn given(current: usize) -> Given {
    let material = |text: &str| Material::key(text.as_bytes()).expect("a key");
    Given { current: material(KEYS[current]), previous: None }
}

/// A store with so many secrets under the first key, one of them alice's.
fn filled(folder: &Path, secrets: u32) -> anyhow::Result<PathBuf> {
    let file = folder.join(format!("secrets-{secrets}.db"));
    fixture::init(&big_sqlite::location(&file))?;
    let store = big_sqlite::open(&file, Access::Change)?;
    let mut env = fixture::env(store);
    let ring = Ring::new(&mut env.store, given(0), &mut SystemRandom)?;
    let provider = "anthropic".parse().expect("a provider");
    let name = |number: u32| format!("s{number}").parse::<SecretName>().expect("a name");
    for number in 0..secrets {
        let value = SecretValue::from_bytes(format!("sk-ant-api03-{number:087}").as_bytes(), false);
        let value = value.expect("a value");
        set(&mut env, &ring, &provider, &name(number), &value, &Attributes::default())?;
    }
    let owner = "alice".parse().expect("an owner");
    keyctl::ops::owners::owner::add(&mut env, &owner, None, true)?;
    bind(&mut env, &name(0), &Target::Named(KeyRef::Sole(owner)))?;
    Ok(file)
}

fn rotations(bench: &Bench, lines: &mut Vec<Line>) -> anyhow::Result<()> {
    let folder = tempfile::tempdir_in(&bench.data)?;
    let (few, many) = (filled(folder.path(), FEW)?, filled(folder.path(), SECRETS)?);
    let rotate = |file: &Path, to: usize| {
        let report = folder.path().join("peak");
        let mut rotation = command(bench, Path::new("/usr/bin/time"));
        rotation.args(["-q", "-f", "%M", "-o"]).arg(&report).arg(&bench.program);
        rotation.args(["master", "rotate", "--yes", "--store"]).arg(file);
        rotation.env("KEYCTL_MASTER_KEY", KEYS[to]).env("KEYCTL_MASTER_KEY_PREVIOUS", KEYS[1 - to]);
        let took = run(rotation)?;
        let peak = std::fs::read_to_string(&report).context("a report")?;
        anyhow::Ok((took, peak.trim().parse::<f64>().context("a number of KiB")?))
    };
    // A retired key is not used again, so there is one of each.
    let (reference, theirs) = rotate(&few, 1)?;
    let (took, ours) = rotate(&many, 1)?;
    let row = Measure {
        what: "master rotate, 10,000 secrets, SQLite",
        reference: "1,000 secrets",
        budget: Budget::Within(Duration::from_secs(20)),
        pairs: 1,
        batch: 1,
    };
    lines.push(row.run_cold(|| Ok(took), || Ok(reference))?);
    lines.push(memory_line(
        "memory: master rotate, 10,000".to_owned(),
        "1,000 secrets",
        Some(ours),
        Some(theirs),
    ));
    Ok(())
}

/// From the spawn until the first byte of what the command prints.
fn first_byte(mut command: std::process::Command) -> anyhow::Result<Duration> {
    let (took, mut child) = timed(|| {
        let mut child = command.stdout(Stdio::piped()).spawn()?;
        let mut byte = [0];
        child.stdout.as_mut().context("a pipe")?.read_exact(&mut byte).context("no byte came")?;
        anyhow::Ok(child)
    })?;
    ensure!(child.wait()?.success(), "{command:?}");
    Ok(took)
}

/// What `exec` adds to the start of a command, beside `env` giving it the same variable. The
/// command prints a byte as soon as it has started.
fn starts(bench: &Bench, lines: &mut Vec<Line>) -> anyhow::Result<()> {
    let folder = tempfile::tempdir_in(&bench.data)?;
    let file = filled(folder.path(), 10)?;
    let exec = |extra: &[&str]| {
        let mut exec = command(bench, &bench.program);
        exec.args(["exec", "alice", "--store"]).arg(&file).args(extra).args(["--", "/bin/echo", "x"]);
        exec.env("KEYCTL_MASTER_KEY", KEYS[0]);
        first_byte(exec)
    };
    let env = || {
        let mut env = command(bench, Path::new("/usr/bin/env"));
        env.args(["ANTHROPIC_API_KEY=x", "/bin/echo", "x"]);
        first_byte(env)
    };
    for (what, extra) in [("exec, what it adds", &[][..]), ("exec --no-mask, what it adds", &["--no-mask"])] {
        let row = Measure {
            what,
            reference: "env",
            budget: Budget::Within(Duration::from_millis(3)),
            pairs: 201,
            batch: 1,
        };
        let added = || {
            let own = env()?;
            Ok(exec(extra)?.saturating_sub(own))
        };
        lines.push(row.run(added, env)?);
    }
    Ok(())
}
