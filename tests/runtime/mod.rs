//! What runtime services do: the reader in Rust, and what its views may be read by.

mod faults;
mod freshness;
mod jwt;
mod lease_answers;
mod leasing;
mod others;
mod plans;
mod rollback;
mod secrets;
mod serving;
mod setup;
mod subjects;
mod uses;

use keyctl::domain::keys::token::Token;
use keyctl::ops::keys::mint::Request;
use keyctl::runtime::{Asked, Options, Reader, Unavailable, Verified};

use crate::support::library::{minted, request};
use crate::support::postgres::PASSWORD;
use crate::support::store::Place;

/// The store's address as a service has it.
pub fn address(place: &Place) -> String {
    place.text().replace('@', &format!(":{}@", PASSWORD.replace(' ', "%20")))
}

pub fn reader(place: &Place) -> Reader {
    Reader::open(&address(place), Options::default()).expect("opens")
}

/// A new key's token, for alice.
pub fn token(place: &Place, name: &str) -> Token {
    let request = Request { name: name.parse().ok(), ..request("alice") };
    minted(&mut place.env(), &request).1
}

/// `allowed`, or the reason, or the fault.
pub fn word(verified: Result<Verified, Unavailable>) -> String {
    match verified {
        Ok(Verified::Allowed(_)) => "allowed".to_owned(),
        Ok(Verified::Denied(reason)) => format!("{} {}", reason.denial().as_str(), reason.as_str()),
        Err(error) => format!("{} {}", Unavailable::TYPE, error.fault.as_str()),
    }
}

pub fn ask(reader: &Reader, token: &Token) -> String {
    ask_text(reader, token.expose())
}

/// The same of any text.
pub fn ask_text(reader: &Reader, text: &str) -> String {
    word(reader.verify(text, &Asked::default()))
}
