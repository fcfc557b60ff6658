//! One suite for both databases, test for test: what the store promises to every use case.

mod audit;
mod candidates;
mod children;
mod keys;
mod lists;
mod migrations;
mod owners;
mod regressions;
mod rows;
mod views;

use keyctl::domain::key::Key;
use keyctl::domain::scope::Scopes;
use keyctl::domain::token::Token;
use keyctl::domain::verdict::{Asked, Verdict};
use keyctl::ops::delivery::{Deliver, DeliveryError};
use keyctl::ops::env::Env;
use keyctl::ops::mint::{Minted, Request, mint};
use keyctl::ops::rotate::{Rotated, rotate};
use keyctl::ops::verify::verify;
use keyctl::store::Store;

/// Delivers to nobody, successfully.
pub struct Accept;

impl Deliver for Accept {
    fn deliver(&mut self, _: &Token, _: &Key) -> Result<(), DeliveryError> {
        Ok(())
    }

    fn confirm(&mut self) {}

    fn withdraw(&mut self) {}
}

/// Fails to deliver.
pub struct Refuse;

impl Deliver for Refuse {
    fn deliver(&mut self, _: &Token, _: &Key) -> Result<(), DeliveryError> {
        Err(DeliveryError::Nowhere)
    }

    fn confirm(&mut self) {}

    fn withdraw(&mut self) {}
}

pub fn request(owner: &str) -> Request {
    Request {
        owner: owner.parse().expect("owner"),
        name: None,
        scopes: Scopes::parse_lists(["memories"]).expect("scopes"),
        allow_all: false,
        expiry: None,
        not_before: None,
        prefix: None,
        rate: None,
        quota: None,
        networks: Default::default(),
        labels: Default::default(),
        roles: Vec::new(),
        parent: None,
        if_absent: false,
    }
}

pub fn minted(env: &mut Env, request: &Request) -> (Key, Token) {
    let Minted { key, token, .. } = mint(env, request, &mut Accept).expect("minted");
    (key, token.expect("a token"))
}

pub fn rotated(env: &mut Env, key: &Key, grace: &str, expires: Option<&str>) -> (Key, Token) {
    let request = keyctl::ops::rotate::Request {
        key: keyctl::domain::key_ref::KeyRef::Id(key.id),
        grace: grace.parse().expect("grace"),
        expiry: expires.map(|text| text.parse().expect("expiry")),
        prefix: None,
    };
    let Rotated { key, token } = rotate(env, &request, &mut Accept).expect("rotated");
    (key, token)
}

/// `allowed`, or the reason of the denial.
pub fn answer(store: &mut Store, token: &Token) -> &'static str {
    match verify(store, token.expose(), &Asked::default()).expect("the store can be read") {
        Verdict::Allowed(_) => "allowed",
        Verdict::Denied(reason) => reason.as_str(),
    }
}

/// What the runtime's view says of every token, one a line: name and state.
pub fn view_states(place: &crate::support::store::Place) -> String {
    place.sql("SELECT key_name, state FROM keyctl_tokens_v1 ORDER BY key_name, state").expect("rows")
}
