//! The use cases of the library, as tests of both databases call them.

use keyctl::domain::id::KeyId;
use keyctl::domain::keys::key::Key;
use keyctl::domain::keys::scope::Scopes;
use keyctl::domain::keys::token::Token;
use keyctl::domain::keys::verdict::{Asked, Verdict};
use keyctl::ops::delivery::{Deliver, DeliveryError};
use keyctl::ops::env::Env;
use keyctl::ops::keys::mint::{Minted, Request, mint};
use keyctl::ops::keys::rotate::{Rotated, rotate};
use keyctl::ops::keys::verify::verify;
use keyctl::store::{Lookup as _, Store};

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
        subject: None,
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
        allow_jwt: false,
        note: None,
        made_by: None,
        if_absent: false,
        canary: false,
    }
}

pub fn minted(env: &mut Env, request: &Request) -> (Key, Token) {
    let Minted { key, token, .. } = mint(env, request, &mut Accept).expect("minted");
    (key, token.expect("a token"))
}

/// A key as it stands in the store, with its last use.
pub fn stored(env: &mut Env, id: KeyId) -> Option<Key> {
    let mut key = env.store.key_by_id(id).expect("read");
    keyctl::ops::keys::used::fill(&mut env.store, key.as_mut());
    key
}

pub fn rotated(env: &mut Env, key: &Key, grace: &str, expires: Option<&str>) -> (Key, Token) {
    let request = keyctl::ops::keys::rotate::Request {
        key: keyctl::domain::keys::key_ref::KeyRef::Id(key.id),
        grace: grace.parse().expect("grace"),
        expiry: expires.map(|text| text.parse().expect("expiry")),
        prefix: None,
    };
    let Rotated { key, token, .. } = rotate(env, &request, &mut Accept).expect("rotated");
    (key, token)
}

/// `allowed`, or the reason of the denial.
pub fn answer(store: &mut Store, token: &Token) -> &'static str {
    match verify(store, token.expose(), &Asked::default()).expect("the store can be read") {
        Verdict::Allowed(_) => "allowed",
        Verdict::Denied(reason) => reason.as_str(),
    }
}

/// Copies of the first key that was minted, with its roles and a token row each: `count` of them
/// in one transaction.
pub fn filled_by_sql(place: &crate::support::store::Place, count: i64) {
    let first: i64 = place.sql("SELECT COUNT(*) FROM key").expect("rows").parse().expect("a count");
    let last = first + count - 1;
    let numbers =
        format!("WITH RECURSIVE n(i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM n WHERE i < {last})");
    let number = |digits: u32| format!("substr(CAST({} + n.i AS TEXT), 2)", 10_i64.pow(digits));
    let id = format!("'key_01h455vb4pex5vsk' || {}", number(10));
    let hash = format!("'{}' || {}", "f".repeat(54), number(10));
    let token_id = format!("'b' || {}", number(11));
    let key = "owner, scopes, networks, labels, rate, quota, created_at, not_before, expires_at, generation, parent";
    let token = "hash_alg, generation, created_at, owner, scopes, networks, labels, rate, quota, not_before, expires_at";
    let sql = format!(
        "BEGIN;
         CREATE TEMP TABLE first AS SELECT * FROM key WHERE id NOT LIKE 'key_01h455vb4pex5vsk%' ORDER BY id LIMIT 1;
         CREATE TEMP TABLE its_token AS SELECT t.* FROM token t JOIN first f ON t.key_id = f.id;
         {numbers} INSERT INTO key (id, name, {key}) SELECT {id}, 'n' || n.i, {key} FROM n CROSS JOIN first;
         {numbers} INSERT INTO key_role (role, key_id)
             SELECT r.role, {id} FROM n CROSS JOIN first f JOIN key_role r ON r.key_id = f.id;
         {numbers} INSERT INTO token (token_hash, token_id, prefix, key_id, key_name, {token})
             SELECT {hash}, {token_id}, 'sks_' || {token_id}, {id}, 'n' || n.i, {token} FROM n CROSS JOIN its_token;
         DROP TABLE its_token;
         DROP TABLE first;
         COMMIT"
    );
    place.sql(&sql).expect("filled");
}

/// What the runtime's view says of every token, one a line: name and state.
pub fn view_states(place: &crate::support::store::Place) -> String {
    place.sql("SELECT key_name, state FROM keyctl_tokens_v1 ORDER BY key_name, state").expect("rows")
}
