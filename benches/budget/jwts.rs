//! Short-lived tokens: issued, verified for the first time and again, beside `ring` alone.

use std::collections::HashMap;
use std::hint::black_box;
use std::path::Path;

use anyhow::{Context as _, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use keyctl::ops::env::SystemRandom;
use keyctl::ops::master_keys::{Given, Material, Ring};
use keyctl::ops::tokens::issue::issuing;
use keyctl::runtime::{JwtAsked, Options, Reader, VerifiedJwt};
use keyctl::store::Access;
use ring::rand::SystemRandom as RingRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, UnparsedPublicKey,
};
use sha2::{Digest as _, Sha256};

use super::pairs::{Budget, Line, Measure, timed};
use super::{Bench, big_sqlite, fixture};

pub(crate) const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const TOKENS: u32 = 100;
const BATCH: u32 = 500;
/// How often each token that is kept is asked for in one measurement.
const ROUNDS: u32 = 200;

pub(crate) fn measure(bench: &Bench, lines: &mut Vec<Line>) -> anyhow::Result<()> {
    let folder = tempfile::tempdir_in(&bench.data)?;
    let file = folder.path().join("keys.db");
    let tokens = filled(bench, &file)?;
    lines.push(issued(&file, &tokens.key, &tokens.jwts[0])?);
    lines.push(first(&file, &tokens)?);
    lines.push(again(&file, &tokens.jwts)?);
    Ok(())
}

struct Tokens {
    key: String,
    jwts: Vec<String>,
    /// The uncompressed point of the key that signed them.
    point: Vec<u8>,
}

/// What a command says, with the master key.
pub(crate) fn run(bench: &Bench, file: &Path, words: &str, input: &str) -> anyhow::Result<String> {
    let (reader, mut writer) = std::io::pipe()?;
    std::io::Write::write_all(&mut writer, input.as_bytes())?;
    drop(writer);
    let mut command = super::processes::command(bench, &bench.program);
    command.env("KEYCTL_STORE", file).env("KEYCTL_MASTER_KEY", KEY).args(words.split(' '));
    let output = command.stdin(reader).stdout(std::process::Stdio::piped()).output()?;
    ensure!(output.status.success(), "keyctl {words}: {}", output.status);
    Ok(String::from_utf8(output.stdout)?.trim_end().to_owned())
}

/// Makes a store that issues, with so many keys, whose tokens these are.
pub(crate) fn issuing_store(bench: &Bench, file: &Path, keys: u32) -> anyhow::Result<Vec<String>> {
    fixture::init(&big_sqlite::location(file))?;
    run(bench, file, "store set issuer https://keys.example.com", "")?;
    run(bench, file, "signing-key rotate", "")?;
    let mint = |number| run(bench, file, &format!("mint alice/{number} --scope chat,files:*"), "");
    (0..keys).map(mint).collect()
}

/// The same with one key, and tokens that were issued for it.
fn filled(bench: &Bench, file: &Path) -> anyhow::Result<Tokens> {
    let run = |words: &str, input: &str| run(bench, file, words, input);
    let key = issuing_store(bench, file, 1)?.remove(0);
    let jwts = (0..TOKENS).map(|_| run("jwt issue --ttl 1h", &key)).collect::<anyhow::Result<_>>()?;
    let set: serde_json::Value = serde_json::from_str(&run("signing-key jwks", "")?)?;
    let mut point = vec![4];
    for name in ["x", "y"] {
        // The first is the one that signs.
        let text = set["keys"][0][name].as_str().context("a coordinate")?;
        point.extend(URL_SAFE_NO_PAD.decode(text)?);
    }
    Ok(Tokens { key, jwts, point })
}

/// A key of ES256.
pub(crate) fn signing_pair(random: &RingRandom) -> anyhow::Result<EcdsaKeyPair> {
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, random);
    let pkcs8 = pkcs8.map_err(|_| anyhow::anyhow!("no key"))?;
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref(), random);
    pair.map_err(|error| anyhow::anyhow!("no key: {error}"))
}

fn issued(file: &Path, key: &str, jwt: &str) -> anyhow::Result<Line> {
    let store = big_sqlite::open(file, Access::Change)?;
    let mut env = fixture::env(store);
    let given = Given { current: Material::key(KEY.as_bytes()).expect("a key"), previous: None };
    let ring = Ring::new(&mut env.store, given, &mut SystemRandom)?;
    let now = env.store.now()?;
    let mut issue = issuing(&mut env, &ring, key)?;
    let random = RingRandom::new();
    let pair = signing_pair(&random)?;
    let (signed, _) = jwt.rsplit_once('.').context("a signature")?;
    let ours = || {
        let work = || {
            for _ in 0..BATCH {
                black_box(issue(now, &mut SystemRandom)?);
            }
            anyhow::Ok(())
        };
        Ok(timed(work)?.0)
    };
    let theirs = || {
        let work = || {
            for _ in 0..BATCH {
                let signature = pair.sign(&random, signed.as_bytes());
                black_box(signature.map_err(|_| anyhow::anyhow!("no signature"))?);
            }
            anyhow::Ok(())
        };
        Ok(timed(work)?.0)
    };
    let row = Measure {
        what: "JWT, issued",
        reference: "ring, a signature of the same bytes",
        budget: Budget::AtLeast(0.7),
        pairs: 101,
        batch: BATCH,
    };
    row.run(ours, theirs)
}

fn is_good(reader: &Reader, jwt: &str, asked: &JwtAsked) -> anyhow::Result<()> {
    ensure!(matches!(reader.verify_jwt(jwt, asked)?, VerifiedJwt::Allowed(_)), "a token was denied");
    Ok(())
}

fn reader(file: &Path) -> anyhow::Result<Reader> {
    Ok(Reader::open(&file.display().to_string(), Options::default())?)
}

/// By a reader that knows the store and none of the tokens.
fn first(file: &Path, tokens: &Tokens) -> anyhow::Result<Line> {
    let asked = JwtAsked { scope: "chat".parse().ok(), ..JwtAsked::default() };
    let (warm, rest) = tokens.jwts.split_first().context("tokens")?;
    let ours = || {
        let reader = reader(file)?;
        is_good(&reader, warm, &asked)?;
        Ok(timed(|| rest.iter().try_for_each(|jwt| is_good(&reader, jwt, &asked)))?.0)
    };
    let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &tokens.point);
    let decoded: Vec<(&str, Vec<u8>)> = rest
        .iter()
        .map(|jwt| {
            let (signed, signature) = jwt.rsplit_once('.').context("a signature")?;
            Ok((signed, URL_SAFE_NO_PAD.decode(signature)?))
        })
        .collect::<anyhow::Result<_>>()?;
    let theirs = || {
        let work = || {
            decoded.iter().try_for_each(|(signed, signature)| {
                ensure!(key.verify(signed.as_bytes(), signature).is_ok(), "a signature is wrong");
                Ok(())
            })
        };
        Ok(timed(work)?.0)
    };
    let row = Measure {
        what: "reader, JWT for the first time",
        reference: "ring, its signature verified",
        budget: Budget::AtLeast(0.7),
        pairs: 101,
        batch: TOKENS - 1,
    };
    row.run(ours, theirs)
}

fn again(file: &Path, jwts: &[String]) -> anyhow::Result<Line> {
    let asked = JwtAsked { scope: "chat".parse().ok(), ..JwtAsked::default() };
    let reader = reader(file)?;
    jwts.iter().try_for_each(|jwt| is_good(&reader, jwt, &asked))?;
    let known: HashMap<[u8; 32], usize> =
        jwts.iter().enumerate().map(|(n, jwt)| (Sha256::digest(jwt.as_bytes()).into(), n)).collect();
    let ours = || {
        let all = || jwts.iter().try_for_each(|jwt| is_good(&reader, jwt, &asked));
        Ok(timed(|| (0..ROUNDS).try_for_each(|_| all()))?.0)
    };
    let theirs = || {
        let look = |jwt: &String| {
            let digest: [u8; 32] = Sha256::digest(jwt.as_bytes()).into();
            known.get(&digest).copied().is_some_and(|number| black_box(number) < jwts.len())
        };
        let (time, all) = timed(|| anyhow::Ok((0..ROUNDS).all(|_| jwts.iter().all(look))))?;
        ensure!(all, "a token is not in the map");
        Ok(time)
    };
    let row = Measure {
        what: "reader, JWT seen before",
        reference: "SHA-256 and a hash map",
        budget: Budget::AtMost(1.5),
        pairs: 101,
        batch: ROUNDS * TOKENS,
    };
    row.run(ours, theirs)
}
