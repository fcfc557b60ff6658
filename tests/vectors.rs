//! The language-neutral vectors of the formats, asked of the crate's own functions.

use std::fs;
use std::path::Path;

use keyctl::crypto::digest::{hash_foreign, hash_token};
use keyctl::crypto::envelope::{self, OpenError};
use keyctl::crypto::legacy::hash_weak;
use keyctl::crypto::master_key::{MasterKey, MasterKeyError};
use keyctl::domain::foreign::{ForeignToken, HashAlg};
use keyctl::domain::sealed::{Envelope, EnvelopeError, Place};
use keyctl::domain::token::{Token, TokenError, TokenHash};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
struct Case {
    name: String,
    kind: String,
    input: Value,
    expect: Value,
}

/// Every case of a kind, from whatever file.
fn cases(kind: &str) -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors");
    let inner = |path: &Path| fs::read_dir(path).expect("folder").map(|entry| entry.expect("entry").path());
    let files = inner(&folder).filter(|path| path.is_dir()).flat_map(|path| inner(&path).collect::<Vec<_>>());
    let read = |path| -> Vec<Case> {
        serde_json::from_slice(&fs::read(&path).expect("file")).unwrap_or_else(|e| panic!("{path:?}: {e}"))
    };
    files.flat_map(read).filter(|case| case.kind == kind).collect()
}

fn check(kind: &str, at_least: usize, answer: impl Fn(&Value) -> Value) {
    let cases = cases(kind);
    assert!(cases.len() >= at_least, "{} cases of {kind}", cases.len());
    for case in cases {
        assert_eq!(answer(&case.input), case.expect, "{kind}: {}", case.name);
    }
}

fn text<'a>(input: &'a Value, name: &str) -> &'a str {
    input[name].as_str().unwrap_or_else(|| panic!("no {name}"))
}

fn bytes(hex: &str) -> Vec<u8> {
    let digit = |at| u8::from_str_radix(&hex[at..at + 2], 16).expect("hex");
    (0..hex.len()).step_by(2).map(digit).collect()
}

fn token_error(error: TokenError) -> &'static str {
    match error {
        TokenError::Empty => "empty",
        TokenError::Alphabet => "alphabet",
        TokenError::Shape => "shape",
        TokenError::Prefix => "prefix",
        TokenError::IdLength => "id_length",
        TokenError::SecretLength => "secret_length",
        TokenError::Check => "check",
    }
}

fn parsed(input: &Value) -> Value {
    match Token::parse(text(input, "token")) {
        Ok(token) => {
            assert_eq!(token.expose(), text(input, "token"));
            let display = token.display_prefix();
            json!({"prefix": display.token_prefix(), "id": token.id(), "display": display})
        }
        Err(error) => json!({"error": token_error(error)}),
    }
}

fn lookup(alg: HashAlg, hash: &TokenHash) -> Value {
    json!({"hash_alg": alg, "token_hash": hash.as_str()})
}

fn lookups(input: &Value) -> Value {
    if let Ok(token) = Token::parse(text(input, "token")) {
        return json!({"lookups": [lookup(HashAlg::Sha256, &hash_token(&token))]});
    }
    let Ok(token) = ForeignToken::parse(text(input, "token")) else { return json!({"lookups": []}) };
    let mut found = vec![lookup(HashAlg::Sha256, &hash_foreign(&token))];
    if let Some(salt) = input["foreign_salt"].as_str()
        && token.hash_alg() == HashAlg::Argon2id
    {
        let salt = bytes(salt).try_into().expect("16 bytes");
        found.push(lookup(HashAlg::Argon2id, &hash_weak(&token, &salt).expect("memory")));
    }
    json!({"lookups": found})
}

fn master_key_error(error: MasterKeyError) -> &'static str {
    match error {
        MasterKeyError::Empty => "empty",
        MasterKeyError::ByteOrderMark => "byte_order_mark",
        MasterKeyError::LineEnd => "line_end",
        MasterKeyError::Blank => "blank",
        MasterKeyError::HexPrefix => "hex_prefix",
        MasterKeyError::BareHex => "bare_hex",
        MasterKeyError::Encoding => "encoding",
        MasterKeyError::Length(_) => "length",
        MasterKeyError::Repeated => "repeated",
    }
}

fn master_key(input: &Value) -> Value {
    match MasterKey::parse(text(input, "master_key").as_bytes()) {
        Ok(key) => json!({"master_key_id": key.id(&text(input, "store_uuid").parse().expect("uuid"))}),
        Err(error) => json!({"error": master_key_error(error)}),
    }
}

fn opened(input: &Value) -> Result<String, &'static str> {
    let key = MasterKey::parse(text(input, "master_key").as_bytes()).expect("a key");
    let store = text(input, "store_uuid").parse().expect("uuid");
    let place = Place {
        table: "secret_version",
        row: text(input, "secret_id"),
        column: "envelope",
        version: input["version"].as_u64().expect("version"),
        provider: text(input, "provider"),
    };
    let sealed = Envelope::from_bytes(bytes(text(input, "envelope"))).map_err(|error| match error {
        EnvelopeError::Length(_) => "length",
        EnvelopeError::Version { .. } => "version",
        EnvelopeError::Algorithm { .. } => "algorithm",
    })?;
    let value = envelope::open(&key, &store, &place, &sealed).map_err(|error| match error {
        OpenError::UnknownMasterKey(_) => "unknown_master_key",
        OpenError::Unauthentic => "unauthentic",
    })?;
    Ok(String::from_utf8(value.to_vec()).expect("UTF-8"))
}

#[test]
fn tokens_parse_or_have_an_error_of_their_own() {
    check("token", 100, parsed);
}

#[test]
fn texts_are_looked_up_under_the_hashes_computed_elsewhere() {
    check("hash", 60, lookups);
}

#[test]
fn master_keys_are_read_or_have_an_error_of_their_own() {
    check("master_key", 30, master_key);
}

#[test]
fn envelopes_sealed_elsewhere_open_in_their_place_alone() {
    check("envelope", 70, |input| match opened(input) {
        Ok(value) => json!({"value": value}),
        Err(error) => json!({"error": error}),
    });
}
