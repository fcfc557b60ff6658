//! What the cells of the views mean. Whatever is not known is refused.

use std::sync::Arc;

use uuid::Uuid;

use super::fault::{StoreFault, Unavailable};
use crate::domain::foreign::HashAlg;
use crate::domain::key::State;
use crate::domain::network::Networks;
use crate::domain::scope::Scopes;
use crate::domain::time::Timestamp;
use crate::domain::verdict::{Asked, Grant, Reason};
use crate::store::{Sight, TokenCells};

/// The only version of the views that there is.
const VIEW_VERSION: i64 = 1;

/// The first moment of 2024: a clock before it is wrong, and would let in what expired.
const EARLIEST: i64 = 1_704_067_200_000;

/// The only way in which slow hashes are computed.
const FOREIGN_PARAMS: &str = "argon2id$v=19$m=65536,t=3,p=4";

/// A store whose views can be understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Trusted {
    pub(super) uuid: Uuid,
    /// Of the slow hashes; `None` where the store holds no token that needs one.
    pub(super) salt: Option<[u8; 16]>,
}

/// Makes sure of the store before anything in it is believed; `first` is the one that was read
/// first.
pub(super) fn trust(sight: &Sight, first: Option<Uuid>) -> Result<Trusted, Unavailable> {
    let store = &sight.store;
    if store.view_version != VIEW_VERSION {
        let found = store.view_version;
        return Err(StoreFault::ViewVersion
            .because(format!("its views have version {found}, and {VIEW_VERSION} is known here")));
    }
    let row = |column| StoreFault::Row.because(format!("keyctl_store_v1.{column} is not as keyctl writes it"));
    let uuid = Uuid::try_parse(&store.store_uuid).map_err(|_| row("store_uuid"))?;
    if first.is_some_and(|first| first != uuid) {
        return Err(StoreFault::Swapped
            .because(format!("it is another store ({uuid}) than the one that was opened; restart the service")));
    }
    if sight.now < EARLIEST {
        return Err(StoreFault::Clock.because("its clock is before 2024"));
    }
    let salt = match (&store.foreign_salt, store.foreign_params.as_deref()) {
        (None, None) => None,
        (Some(salt), Some(FOREIGN_PARAMS)) => Some(from_hex(salt).ok_or_else(|| row("foreign_salt"))?),
        _ => return Err(StoreFault::ForeignParams.because("its slow hashes are computed in an unknown way")),
    };
    Ok(Trusted { uuid, salt })
}

fn from_hex(text: &str) -> Option<[u8; 16]> {
    let is_hex = text.len() == 32 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    is_hex.then(|| u128::from_str_radix(text, 16).ok()).flatten().map(u128::to_be_bytes)
}

/// A token that the store knows.
#[derive(Debug)]
pub(super) struct Seen {
    grant: Arc<Grant>,
    state: State,
    networks: Vec<Networks>,
    has_quota: bool,
}

impl Seen {
    /// Reads a row that was found by a hash of this algorithm.
    pub(super) fn read(cells: &TokenCells, found_by: HashAlg) -> Result<Self, Unavailable> {
        let row = |column| StoreFault::Row.because(format!("keyctl_tokens_v1.{column} is not as keyctl writes it"));
        if cells.hash_alg.parse() != Ok(found_by) {
            return Err(StoreFault::HashAlg.because("a token's row names another hash algorithm, or an unknown one"));
        }
        let state = cells
            .state
            .parse()
            .map_err(|_| StoreFault::State.because("a token's row has a state that is not known here"))?;
        let expires_at = match cells.expires_at {
            None => None,
            Some(millis) => Some(Timestamp::from_millis(millis).ok_or_else(|| row("expires_at"))?),
        };
        let grant = Grant {
            principal: cells.owner.parse().map_err(|_| row("owner"))?,
            key_id: cells.key_id.parse().map_err(|_| row("key_id"))?,
            key_name: cells.key_name.parse().map_err(|_| row("key_name"))?,
            token_id: cells.token_id.parse().map_err(|_| row("token_id"))?,
            scopes: Scopes::from_json(&cells.scopes).ok_or_else(|| row("scopes"))?,
            expires_at,
        };
        let networks = networks(&cells.networks).ok_or_else(|| row("networks"))?;
        Ok(Self { grant: Arc::new(grant), state, networks, has_quota: cells.quota.is_some() })
    }

    /// The decision. `unmetered` lets a key with a quota pass, though nobody counts.
    pub(super) fn judge(&self, asked: &Asked, unmetered: bool) -> Result<&Arc<Grant>, Reason> {
        self.grant.may(self.state, &self.networks, asked)?;
        if self.has_quota && !unmetered { Err(Reason::Quota) } else { Ok(&self.grant) }
    }

    pub(super) fn is_active(&self) -> bool {
        self.state == State::Active
    }

    pub(super) fn expires_at(&self) -> Option<Timestamp> {
        self.grant.expires_at
    }
}

/// A JSON array of arrays of networks, each of which must contain the address.
fn networks(json: &str) -> Option<Vec<Networks>> {
    let lists: Vec<Vec<String>> = serde_json::from_str(json).ok()?;
    let parsed = |list: &Vec<String>| {
        let list = (!list.is_empty()).then_some(list)?;
        Networks::parse_lists(list.iter().map(String::as_str)).ok()
    };
    lists.iter().map(parsed).collect()
}
