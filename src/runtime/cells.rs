//! What the cells of the views mean. Whatever is not known is refused.

use std::sync::Arc;

use uuid::Uuid;

use super::fault::{StoreFault, Unavailable};
use crate::domain::id::KeyId;
use crate::domain::keys::foreign::HashAlg;
use crate::domain::keys::key::State;
use crate::domain::keys::label::Labels;
use crate::domain::keys::limit::{Quota, Rate};
use crate::domain::keys::network::Networks;
use crate::domain::keys::scope::Scopes;
use crate::domain::keys::verdict::{Asked, Grant, Reason};
use crate::domain::owners::owner::Owner;
use crate::domain::owners::subject::OwnerSubject;
use crate::domain::time::Timestamp;
use crate::store::{MoreOfToken, Sight, TokenRow};

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

/// Makes sure of what was seen before anything in it is believed, in the order of the faults in
/// `docs/runtime.md`; `first` is the store that was read first, and a token was looked up by a
/// hash of the algorithm `by`.
pub(super) fn trust(sight: &Sight, first: Option<Uuid>, by: HashAlg) -> Result<Trusted, Unavailable> {
    let store = &sight.store;
    if store.view_version != VIEW_VERSION {
        let found = store.view_version;
        return Err(StoreFault::ViewVersion
            .because(format!("its views have version {found}, and {VIEW_VERSION} is known here")));
    }
    let uuid = Uuid::try_parse(&store.store_uuid).ok();
    if let (Some(first), Some(uuid)) = (first, uuid)
        && first != uuid
    {
        return Err(StoreFault::Swapped.because(format!(
            "it is another store ({uuid}) than the one that was opened; restart the service if that is meant"
        )));
    }
    if sight.now < EARLIEST {
        return Err(StoreFault::Clock.because("its clock is before 2024"));
    }
    if let Some(token) = &sight.token {
        let token = token.row();
        if token.state.parse::<State>().is_err() {
            return Err(StoreFault::State.because("a token's row has a state that is not known here"));
        }
        if token.hash_alg.parse() != Ok(by) {
            return Err(StoreFault::HashAlg.because(
                "a token's row names another hash algorithm than it was found by, or an unknown one",
            ));
        }
    }
    let row =
        |column| StoreFault::Row.because(format!("keyctl_store_v1.{column} is not as keyctl writes it"));
    let salt = match (&store.foreign_salt, store.foreign_params.as_deref()) {
        (None, None) => None,
        (Some(salt), Some(FOREIGN_PARAMS)) => Some(from_hex(salt).ok_or_else(|| row("foreign_salt"))?),
        _ => {
            return Err(StoreFault::ForeignParams.because("its slow hashes are computed in an unknown way"));
        }
    };
    Ok(Trusted { uuid: uuid.ok_or_else(|| row("store_uuid"))?, salt })
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
    /// Each must let an address in; one that is `None` lets nobody in.
    networks: Box<[Option<Networks>]>,
    has_quota: bool,
    /// What a server counts and tells; a reader reads none of it.
    limits: Option<Box<Limits>>,
    /// For whom it is, where what was presented is a short-lived token of the key.
    #[cfg(feature = "serve")]
    jwt: Option<Box<JwtFor>>,
}

/// For whom a short-lived token is.
#[cfg(feature = "serve")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JwtFor {
    /// Where nobody said for whom.
    pub issuer: bool,
    /// Audiences that are a setting of the store.
    pub audiences: Box<[Box<str>]>,
    /// All that it says, whether the store knows them or not.
    pub said: Box<[Box<str>]>,
}

/// What a server counts of a key, and tells of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(not(feature = "serve"), allow(dead_code, reason = "a server alone needs it"))]
pub struct Limits {
    pub rate: Option<Rate>,
    /// `None` for a key that none is for.
    pub quotas: Option<Quotas>,
    pub labels: Labels,
    /// When the key begins to work, if that is not the beginning.
    pub not_before: Option<Timestamp>,
}

/// The quotas that each use of a key is counted by, all of them. Neither: there is one, and it cannot be read here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(not(feature = "serve"), allow(dead_code, reason = "a server alone needs it"))]
pub struct Quotas {
    /// The key's own.
    pub key: Option<Quota>,
    /// That of all keys of its owner together.
    pub owner: Option<Quota>,
}

impl Seen {
    /// Reads a row that [`trust`] let pass.
    pub(super) fn read(cells: &TokenRow<'_>, now: i64) -> Result<Self, Unavailable> {
        let row =
            |column| StoreFault::Row.because(format!("keyctl_tokens_v1.{column} is not as keyctl writes it"));
        let state = cells.state.parse().map_err(|_| row("state"))?;
        let is_over = cells.expires_at.is_some_and(|end| end <= now);
        let state = if state == State::Active && is_over { State::Expired } else { state };
        let expires_at = match cells.expires_at {
            None => None,
            Some(millis) => Some(Timestamp::from_millis(millis).ok_or_else(|| row("expires_at"))?),
        };
        let owner: Owner = cells.owner.parse().map_err(|_| row("owner"))?;
        // What keyctl writes is a subject; what is not is no reason to let somebody in.
        let principal = if cells.subject == cells.owner {
            OwnerSubject::from(&owner)
        } else {
            cells.subject.parse().map_err(|_| row("subject"))?
        };
        let grant = Grant {
            principal,
            owner,
            key_id: cells.key_id.parse().map_err(|_| row("key_id"))?,
            key_name: cells.key_name.parse().map_err(|_| row("key_name"))?,
            token_id: cells.token_id.parse().map_err(|_| row("token_id"))?,
            scopes: Scopes::from_json(cells.scopes).ok_or_else(|| row("scopes"))?,
            expires_at,
        };
        let networks = networks(cells.networks).ok_or_else(|| row("networks"))?;
        let limits = match &cells.more {
            None => None,
            Some(more) => Some(Box::new(limits(more, cells.has_quota).map_err(row)?)),
        };
        let (networks, has_quota) = (networks.into(), cells.has_quota);
        Ok(Self {
            grant: Arc::new(grant),
            state,
            networks,
            has_quota,
            limits,
            #[cfg(feature = "serve")]
            jwt: None,
        })
    }

    /// The same by a short-lived token: what both may do, until the first of both ends.
    #[cfg(feature = "serve")]
    pub(super) fn by_jwt(mut self, scopes: &Scopes, end: Timestamp, is_for: JwtFor) -> Self {
        let grant = Arc::make_mut(&mut self.grant);
        grant.scopes = scopes.iter().filter(|scope| grant.scopes.cover(scope)).cloned().collect();
        grant.expires_at = Some(grant.expires_at.map_or(end, |own| own.min(end)));
        self.jwt = Some(Box::new(is_for));
        self
    }

    #[cfg(feature = "serve")]
    pub(super) fn is_revoked(&self) -> bool {
        self.state == State::Revoked
    }

    #[cfg(feature = "serve")]
    pub(super) fn jwt(&self) -> Option<&JwtFor> {
        self.jwt.as_deref()
    }

    /// Whether there is something that nobody holds who verifies by himself.
    #[cfg(feature = "serve")]
    pub(super) fn is_limited(&self) -> bool {
        let has_rate = self.limits.as_ref().is_none_or(|limits| limits.rate.is_some());
        !self.networks.is_empty() || self.has_quota || has_rate
    }

    #[cfg(feature = "serve")]
    pub(super) fn limits(&self) -> Option<&Limits> {
        self.limits.as_deref()
    }

    pub(super) fn not_before(&self) -> Option<Timestamp> {
        self.limits.as_ref().and_then(|limits| limits.not_before)
    }

    /// Whose it is, whatever its state.
    #[cfg(feature = "serve")]
    pub(super) fn grant(&self) -> &Arc<Grant> {
        &self.grant
    }

    /// The decision. `unmetered` lets a key with a quota pass, though nobody counts.
    pub(super) fn judge(&self, asked: &Asked, unmetered: bool) -> Result<&Arc<Grant>, Reason> {
        let let_in =
            self.networks.iter().all(|list| list.as_ref().is_some_and(|list| list.allow(asked.address)));
        self.grant.may(self.state, let_in, asked)?;
        if self.has_quota && !unmetered { Err(Reason::Quota) } else { Ok(&self.grant) }
    }

    pub(super) fn is_active(&self) -> bool {
        self.state == State::Active
    }

    pub(super) fn key_id(&self) -> KeyId {
        self.grant.key_id
    }

    pub(super) fn expires_at(&self) -> Option<Timestamp> {
        self.grant.expires_at
    }
}

/// Reads the cells, or names the one that no keyctl wrote: a limit that is not understood would be none.
fn limits(more: &MoreOfToken<'_>, has_quota: bool) -> Result<Limits, &'static str> {
    let labels = if more.labels == "{}" { Ok(Labels::default()) } else { serde_json::from_str(more.labels) };
    let not_before = more.not_before.map(|millis| Timestamp::from_millis(millis).ok_or("not_before"));
    let quota = |text: Option<&str>| text.map(|text| text.parse().map_err(|_| "quota")).transpose();
    let quotas = Quotas { key: quota(more.key_quota)?, owner: quota(more.owner_quota)? };
    Ok(Limits {
        rate: more.rate.map(|text| text.parse().map_err(|_| "rate")).transpose()?,
        quotas: has_quota.then_some(quotas),
        labels: labels.map_err(|_| "labels")?,
        not_before: not_before.transpose()?,
    })
}

/// One network, and no zero before its length: what the parser would take besides.
fn is_written_so(text: &str) -> bool {
    let length = text.split_once('/').map_or("", |(_, length)| length);
    !text.contains(',') && (length.len() < 2 || !length.starts_with('0'))
}

/// A JSON array of arrays of networks, without blanks, as keyctl writes it.
fn networks(json: &str) -> Option<Vec<Option<Networks>>> {
    if json == "[]" {
        return Some(Vec::new());
    }
    if json.bytes().any(|byte| byte.is_ascii_whitespace()) {
        return None;
    }
    let lists: Vec<Vec<String>> = serde_json::from_str(json).ok()?;
    let parsed = |list: &Vec<String>| match list.as_slice() {
        [] => Some(None),
        list if list.iter().all(|text| is_written_so(text)) => {
            Networks::parse_lists(list.iter().map(String::as_str)).ok().map(Some)
        }
        _ => None,
    };
    lists.iter().map(parsed).collect()
}
