//! The language-neutral vectors of the token's text form.

use keyctl::crypto::digest::hash_token;
use keyctl::domain::token::{Token, TokenError};
use serde::Deserialize;

#[derive(Deserialize)]
struct Valid {
    #[serde(default)]
    name: String,
    token: String,
    prefix: String,
    id: String,
    display: String,
    sha256_hex: String,
}

#[derive(Deserialize)]
struct Invalid {
    name: String,
    token: String,
    error: String,
}

fn code(error: TokenError) -> &'static str {
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

fn check_valid(json: &str, at_least: usize) {
    let cases: Vec<Valid> = serde_json::from_str(json).expect("vectors");
    assert!(cases.len() >= at_least);
    for case in cases {
        let token = Token::parse(&case.token).unwrap_or_else(|error| panic!("{}: {error}", case.name));
        assert_eq!(token.expose(), case.token);
        assert_eq!(token.id().as_str(), case.id, "{}", case.name);
        assert_eq!(token.display_prefix().as_str(), case.display, "{}", case.name);
        assert_eq!(token.display_prefix().token_prefix().as_str(), case.prefix, "{}", case.name);
        assert_eq!(hash_token(&token).as_str(), case.sha256_hex, "{}", case.name);
    }
}

#[test]
fn known_answers_reproduce() {
    check_valid(include_str!("vectors/token/known-answers.json"), 16);
}

#[test]
fn valid_tokens_parse_and_hash_as_computed_elsewhere() {
    check_valid(include_str!("vectors/token/valid.json"), 8);
}

#[test]
fn each_invalid_token_has_its_own_error() {
    let cases: Vec<Invalid> =
        serde_json::from_str(include_str!("vectors/token/invalid.json")).expect("vectors");
    assert!(cases.len() >= 50);
    for case in cases {
        let found = Token::parse(&case.token).map(|_| "no error").unwrap_or_else(code);
        assert_eq!(found, case.error, "{}", case.name);
    }
}
