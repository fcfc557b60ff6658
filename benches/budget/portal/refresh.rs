//! What it costs the portal that a program goes on with its refresh token: beside a bare signature and two bare transactions.

use std::hint::black_box;
use std::path::Path;

use anyhow::{Context as _, ensure};
use ring::rand::SystemRandom;
use ring::signature::EcdsaKeyPair;
use rusqlite::{Connection, params};

use super::people::{Answer, Person};
use crate::jwts::{KEY, run, signing_pair};
use crate::pairs::{Budget, Line, Measure};
use crate::serve::programs::{Program, own_cpu_of};
use crate::{Bench, big_sqlite, fixture};

const ORIGIN: &str = "https://keys.example.com";
const RESOURCE: &str = "https://mcp.example.com/mcp";
const CALLBACK: &str = "http://127.0.0.1:4711/callback";
/// RFC 7636 appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

const BATCH: u32 = 50;
const PAIRS: usize = 31;
/// What is signed of a token, header and claims, and how long the audit record of it is.
const SIGNED: usize = 460;
const RECORD: usize = 480;

pub(crate) fn measure(bench: &Bench, lines: &mut Vec<Line>) -> anyhow::Result<()> {
    let folder = tempfile::tempdir_in(&bench.data)?;
    let file = folder.path().join("keys.db");
    fixture::init(&big_sqlite::location(&file))?;
    let run = |words: &str| run(bench, &file, words, "");
    run(&format!("store set issuer {ORIGIN}"))?;
    run(&format!("store set audience {RESOURCE}"))?;
    run("signing-key rotate")?;
    let added = run("client add Editor --redirect-uri http://127.0.0.1/callback -o json")?;
    let added: serde_json::Value = serde_json::from_str(&added)?;
    let client = added["id"].as_str().context("a client's id")?.to_owned();
    let key = run("mint alice/laptop --scope keyctl:self,files")?;
    let store = file.display().to_string();
    let portal = Program::portal(bench, &store, Some(ORIGIN), &["--issue"], &[("KEYCTL_MASTER_KEY", KEY)])?;
    let mut alice = Person::sign_in(&portal, ORIGIN, &key)?;
    let mut program = Person::new(portal.address, ORIGIN)?;
    let mut token = let_in(&mut alice, &mut program, &client)?;
    let mut bare = Bare::new(&folder.path().join("bare.db"))?;
    let row = Measure {
        what: "portal, a token refreshed: CPU",
        reference: "ring, a signature; rusqlite, two transactions",
        budget: Budget::AtMost(1.0),
        pairs: PAIRS,
        batch: BATCH,
    };
    let ours = || {
        portal.cpu_of(|| {
            for _ in 0..BATCH {
                let fields =
                    [("grant_type", "refresh_token"), ("refresh_token", &token), ("client_id", &client)];
                token = refresh_token(&program.post("/oauth/token", &fields)?)?;
            }
            Ok(())
        })
    };
    let theirs = || own_cpu_of(|| (0..BATCH).try_for_each(|_| bare.once()));
    lines.push(row.run(ours, theirs)?);
    Ok(())
}

/// The first refresh token of a program that alice lets in.
fn let_in(alice: &mut Person, program: &mut Person, client: &str) -> anyhow::Result<String> {
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs([
            ("response_type", "code"),
            ("client_id", client),
            ("redirect_uri", CALLBACK),
            ("state", "state"),
            ("scope", "files"),
            ("resource", RESOURCE),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ])
        .finish();
    let page = alice.get(&format!("/oauth/authorize?{query}"))?;
    let hidden = |name: &str| page.behind(&format!("name=\"{name}\" value=\""));
    let (form, key) = (hidden("form")?, hidden("key")?);
    let fields =
        [("form", form.as_str()), ("request", &query), ("key", &key), ("say", "yes"), ("scope", "files")];
    let back = alice.post("/oauth/consent", &fields)?.behind("content=\"0;url=")?;
    let (_, code) = back.split_once("code=").context("a code")?;
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", code.split('&').next().unwrap_or_default()),
        ("redirect_uri", CALLBACK),
        ("client_id", client),
        ("code_verifier", VERIFIER),
        ("resource", RESOURCE),
    ];
    refresh_token(&program.post("/oauth/token", &fields)?)
}

fn refresh_token(answer: &Answer) -> anyhow::Result<String> {
    ensure!(answer.status() == "200", "{}{}", answer.head, answer.body);
    answer.behind("\"refresh_token\":\"")
}

/// What a refresh cannot be without, and what was wanted of it besides: a signature, and two transactions of the rows that
/// change, as durable as the store's.
struct Bare {
    connection: Connection,
    random: SystemRandom,
    pair: EcdsaKeyPair,
    made: i64,
}

impl Bare {
    fn new(file: &Path) -> anyhow::Result<Self> {
        let connection = Connection::open(file)?;
        connection.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
             CREATE TABLE sign_in (id TEXT NOT NULL PRIMARY KEY, family_hash TEXT UNIQUE, refresh_hash TEXT,
                refreshed_at INTEGER, expires_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
             CREATE INDEX sign_in_end ON sign_in (expires_at);
             CREATE TABLE audit (seq INTEGER NOT NULL PRIMARY KEY, body TEXT NOT NULL, hash BLOB NOT NULL) STRICT;
             CREATE TABLE head (id INTEGER NOT NULL PRIMARY KEY, audit_seq INTEGER NOT NULL, audit_hash BLOB NOT NULL) STRICT;
             INSERT INTO sign_in VALUES ('one', 'family', 'refresh', 0, 0);
             INSERT INTO head VALUES (1, 0, x'00')",
        )?;
        let random = SystemRandom::new();
        let pair = signing_pair(&random)?;
        Ok(Self { connection, random, pair, made: 0 })
    }

    fn once(&mut self) -> anyhow::Result<()> {
        let signature = self.pair.sign(&self.random, &[b'a'; SIGNED]);
        black_box(signature.map_err(|_| anyhow::anyhow!("no signature"))?);
        self.transaction()?;
        self.transaction()
    }

    fn transaction(&mut self) -> anyhow::Result<()> {
        self.made += 1;
        let (number, hash) = (self.made, [7_u8; 32]);
        let body = "r".repeat(RECORD);
        let run = |sql, values: &[&dyn rusqlite::ToSql]| {
            self.connection.prepare_cached(sql).and_then(|mut statement| statement.execute(values))
        };
        run("BEGIN IMMEDIATE", &[])?;
        run(
            "UPDATE sign_in SET refresh_hash = ?2, refreshed_at = ?3, expires_at = ?3 WHERE id = ?1",
            params!["one", format!("{number:064}"), number],
        )?;
        run("INSERT INTO audit (seq, body, hash) VALUES (?1, ?2, ?3)", params![number, body, hash])?;
        run("UPDATE head SET audit_seq = ?1, audit_hash = ?2 WHERE id = 1", params![number, hash])?;
        run("COMMIT", &[])?;
        Ok(())
    }
}
