//! The keys of the big stores: everything about one follows from its number.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use keyctl::crypto::digest;
use keyctl::domain::audit::action::Action;
use keyctl::domain::audit::event::{Actor, Body, Event, KeySubject, Outcome};
use keyctl::domain::id::{KeyId, key_id};
use keyctl::domain::keys::token::{Prefix, Token};
use keyctl::domain::random::{Random, RandomError};
use keyctl::domain::time::Timestamp;
use keyctl::ops::env::{Env, SystemRandom};
use keyctl::ops::stores::store::{Defaults, Founding};
use keyctl::store::{Location, Options, Store};

/// Part of the name of the folder of stores: to be raised with every change of this file that
/// changes what they hold.
pub(crate) const VERSION: u32 = 1;

/// How many keys an owner has.
const PER_OWNER: u64 = 10;
/// One key in so many is revoked.
const PER_REVOKED: u64 = 20;
/// 2025-01-01T00:00:00Z, the first key's time; one more is made every ten seconds.
const START_MILLIS: i64 = 1_735_689_600_000;

pub(crate) const SCOPES: &str = r#"["memories:read","memories:write"]"#;
pub(crate) const NETWORKS: &str = "[]";
pub(crate) const LABELS: &str = r#"{"team":"search"}"#;
/// The same as a row.
pub(crate) const LABEL: &str = "INSERT INTO key_label (name, value, key_id) VALUES ('team', 'search', ?1)";
pub(crate) const RATE: &str = "600/m";

/// Pseudo-random bytes that follow from a seed (`SplitMix64`).
pub(crate) struct Seeded(pub(crate) u64);

impl Seeded {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// The number of a key that is not revoked, uniformly among `keys`.
    pub(crate) fn live_key(&mut self, keys: u64) -> u64 {
        loop {
            let number = self.next() % keys;
            if !is_revoked(number) {
                return number;
            }
        }
    }
}

impl Random for Seeded {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), RandomError> {
        for chunk in bytes.chunks_mut(8) {
            chunk.copy_from_slice(&self.next().to_le_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}

pub(crate) fn is_revoked(number: u64) -> bool {
    number % PER_REVOKED == 7
}

/// A token that belongs to key `number`.
pub(crate) fn token(number: u64) -> Token {
    Token::generate(&Prefix::default(), &mut Seeded(number << 8)).expect("pseudo-random")
}

/// What the rows of one key say.
pub(crate) struct Made {
    pub(crate) id: KeyId,
    pub(crate) owner: String,
    pub(crate) name: String,
    /// Whether it is its owner's first.
    pub(crate) owner_is_new: bool,
    pub(crate) created_at: Timestamp,
    pub(crate) expires_at: Option<i64>,
    pub(crate) revoked_at: Option<i64>,
    pub(crate) hash: String,
    pub(crate) token_id: String,
    pub(crate) prefix: String,
}

/// The owner and name of a key, as it is referred to.
pub(crate) fn reference(number: u64) -> String {
    format!("{}/{}", owner(number), name(number))
}

fn owner(number: u64) -> String {
    format!("owner-{:06}", number / PER_OWNER)
}

fn name(number: u64) -> String {
    match number % PER_OWNER {
        0 => "default".to_owned(),
        _ => format!("key-{number:08}"),
    }
}

pub(crate) fn key(number: u64) -> Made {
    let token = token(number);
    let millis = START_MILLIS + i64::try_from(number).expect("few keys") * 10_000;
    let created_at = Timestamp::from_millis(millis).expect("a time");
    Made {
        id: key_id(created_at, &mut Seeded((number << 8) + 128)).expect("pseudo-random"),
        owner: owner(number),
        name: name(number),
        owner_is_new: number.is_multiple_of(PER_OWNER),
        created_at,
        // Three of four expire, ten years on.
        expires_at: (!number.is_multiple_of(4)).then_some(millis + 315_360_000_000),
        revoked_at: is_revoked(number).then_some(millis + 5000),
        hash: digest::hash_token(&token).as_str().to_owned(),
        token_id: token.id().as_str().to_owned(),
        prefix: token.display_prefix().as_str().to_owned(),
    }
}

impl Made {
    /// The body of the audit record of its mint, as the library writes them.
    pub(crate) fn record(&self) -> String {
        self.body(
            Action::Mint,
            self.created_at,
            serde_json::json!({
                "token": self.prefix,
                "scopes": ["memories:read", "memories:write"],
                "expires_at": self.expires_at.and_then(Timestamp::from_millis),
                "not_before": null,
                "rate": RATE,
                "quota": null,
                "allow_ip": [],
                "labels": { "team": "search" },
                "owner_created": self.owner_is_new,
            }),
        )
    }

    /// The same, and that of its revocation.
    pub(crate) fn records(&self) -> Vec<String> {
        let revoked_at = self.revoked_at.and_then(Timestamp::from_millis);
        let revoked =
            revoked_at.map(|at| self.body(Action::Revoke, at, serde_json::json!({ "reason": null })));
        [self.record()].into_iter().chain(revoked).collect()
    }

    fn body(&self, action: Action, at: Timestamp, details: serde_json::Value) -> String {
        let event = Event {
            action,
            outcome: Outcome::Done,
            key: Some(KeySubject { id: self.id, name: self.name.parse().expect("a name") }),
            owner: Some(self.owner.parse().expect("an owner")),
            details,
            raised: None,
        };
        serde_json::to_string(&Body::new(&event, &actor(), at)).expect("JSON")
    }
}

/// What changes of this store need.
pub(super) fn env(store: Store) -> Env {
    Env { store, random: Box::new(SystemRandom), actor: actor(), rehearse: false, sink: None, unmade: None }
}

pub(crate) fn actor() -> Actor {
    Actor {
        claimed: Some("bench".to_owned()),
        os_user: Some("root".to_owned()),
        host: Some("localhost".to_owned()),
        ..Actor::default()
    }
}

pub(crate) fn options() -> Options {
    Options {
        lock_timeout: Duration::from_secs(20),
        clock,
        memory_map: 1 << 30,
        alone: false,
        listen: keyctl::store::unheard,
    }
}

fn clock() -> Option<Timestamp> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    Timestamp::from_millis(i64::try_from(since.as_millis()).expect("soon enough"))
}

/// An empty store, as `store init` makes it.
pub(crate) fn init(location: &Location) -> anyhow::Result<()> {
    let founding = Founding { defaults: &Defaults::default(), actor: &actor(), rehearse: false };
    keyctl::ops::stores::store::init(location, options(), &founding, &mut SystemRandom)?;
    Ok(())
}
