//! The decision of a verification: pure, and the same for the command line, the server and
//! every reader.

use std::net::IpAddr;

use serde::{Serialize, Serializer};

use super::key::{Lifetime, State};
use super::network::Networks;
use super::scope::{Scope, Scopes};
use super::token::TokenId;
use crate::domain::id::KeyId;
use crate::domain::owners::owner::{KeyName, Owner};
use crate::domain::owners::subject::OwnerSubject;
use crate::domain::time::Timestamp;

/// What the store knows of a presented token: one wide row, read by its hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownToken {
    pub token_id: TokenId,
    pub key_id: KeyId,
    pub key_name: KeyName,
    pub owner: Owner,
    pub subject: OwnerSubject,
    pub scopes: Scopes,
    /// From where; empty means from anywhere.
    pub networks: Networks,
    /// Of a child: from where its parent may be used.
    pub parent_networks: Networks,
    /// The times of token and key together: `expires_at` is the earlier of the two.
    pub lifetime: Lifetime,
}

/// What a caller wants to know beyond "is it good".
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// The permission needed.
    pub scope: Option<Scope>,
    /// Whose data is touched: an owner's subject.
    pub owner: Option<OwnerSubject>,
    /// The client's trusted address.
    pub address: Option<IpAddr>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Allowed(Grant),
    Denied(Reason),
}

/// Who was let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// As whom the caller is known to services: the owner's subject.
    pub principal: OwnerSubject,
    /// The owner's name.
    pub owner: Owner,
    /// The key.
    pub key_id: KeyId,
    /// The key's name.
    pub key_name: KeyName,
    /// The token presented.
    pub token_id: TokenId,
    /// What it may do.
    pub scopes: Scopes,
    /// Until when, exclusive; the earliest of key, token and parent.
    pub expires_at: Option<Timestamp>,
}

/// Why not. For the operator, the log and the metrics: to the outside, all reasons of one
/// [`Denial`] look the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Not a token at all, or one with a wrong check.
    Malformed,
    /// Well-formed, and not in the store.
    Unknown,
    /// The key or the token is not active.
    Inactive(State),
    /// Not from this network, or no trusted address to tell.
    Network,
    /// Another owner's data.
    Owner,
    /// Not within its scopes.
    Scope,
    /// It has a quota, and nobody counts here.
    Quota,
    /// A short-lived token that is not good, and why, in a word.
    Jwt(&'static str),
}

/// What kind of denial it is, as callers see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denial {
    /// The credential was rejected: HTTP 401.
    Unauthorized,
    /// A good credential that may not do this: HTTP 403.
    Forbidden,
}

impl Denial {
    /// The error type in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unauthorized => "UNAUTHORIZED",
            Self::Forbidden => "FORBIDDEN",
        }
    }

    /// The status of an HTTP answer.
    pub const fn status(self) -> u16 {
        match self {
            Self::Unauthorized => 401,
            Self::Forbidden => 403,
        }
    }
}

impl Reason {
    /// The word in JSON, logs and metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::Unknown => "unknown",
            Self::Inactive(state) => state.as_str(),
            Self::Network => "network",
            Self::Owner => "owner",
            Self::Scope => "scope",
            Self::Quota => "quota",
            Self::Jwt(why) => why,
        }
    }

    /// What callers are told.
    pub const fn denial(self) -> Denial {
        match self {
            Self::Malformed | Self::Unknown | Self::Inactive(_) | Self::Jwt(_) => Denial::Unauthorized,
            Self::Network | Self::Owner | Self::Scope | Self::Quota => Denial::Forbidden,
        }
    }
}

impl Serialize for Reason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// Decides on a well-formed token: known, then its state, then network, owner, scope.
pub fn decide(known: Option<KnownToken>, asked: &Asked, now: Timestamp) -> Verdict {
    let Some(token) = known else {
        return Verdict::Denied(Reason::Unknown);
    };
    let state = token.lifetime.state(now);
    let grant = Grant {
        principal: token.subject,
        owner: token.owner,
        key_id: token.key_id,
        key_name: token.key_name,
        token_id: token.token_id,
        scopes: token.scopes,
        expires_at: token.lifetime.ends_at(),
    };
    let let_in = token.networks.allow(asked.address) && token.parent_networks.allow(asked.address);
    match grant.may(state, let_in, asked) {
        Ok(()) => Verdict::Allowed(grant),
        Err(reason) => Verdict::Denied(reason),
    }
}

impl Grant {
    /// Whether a token in this state, good for this grant, may do what is asked; `let_in` is
    /// whether all of its networks let the address in.
    pub(crate) fn may(&self, state: State, let_in: bool, asked: &Asked) -> Result<(), Reason> {
        if state != State::Active {
            return Err(Reason::Inactive(state));
        }
        if !let_in {
            return Err(Reason::Network);
        }
        if asked.owner.as_ref().is_some_and(|owner| *owner != self.principal) {
            return Err(Reason::Owner);
        }
        if asked.scope.as_ref().is_some_and(|scope| !self.scopes.cover(scope)) {
            return Err(Reason::Scope);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis).expect("in range")
    }

    fn known() -> KnownToken {
        KnownToken {
            token_id: "000000000000".parse().expect("token id"),
            key_id: "key_01h455vb4pex5vsknk084sn02q".parse().expect("id"),
            key_name: "default".parse().expect("name"),
            owner: "alice".parse().expect("owner"),
            subject: "auth0|Alice".parse().expect("subject"),
            scopes: Scopes::parse_lists(["memories"]).expect("scopes"),
            networks: Networks::default(),
            parent_networks: Networks::default(),
            lifetime: Lifetime::default(),
        }
    }

    fn reason(known: Option<KnownToken>, asked: &Asked) -> Option<&'static str> {
        match decide(known, asked, at(1000)) {
            Verdict::Allowed(_) => None,
            Verdict::Denied(reason) => Some(reason.as_str()),
        }
    }

    #[test]
    fn a_good_token_may_do_what_its_scopes_cover() {
        let asked = |scope: &str| Asked { scope: scope.parse().ok(), ..Asked::default() };
        assert_eq!(reason(Some(known()), &Asked::default()), None);
        assert_eq!(reason(Some(known()), &asked("memories:read")), None);
        assert_eq!(reason(Some(known()), &asked("files")), Some("scope"));
        assert_eq!(reason(None, &asked("memories")), Some("unknown"));
    }

    #[test]
    fn a_key_without_scopes_authenticates_and_may_do_nothing() {
        let bare = KnownToken { scopes: Scopes::default(), ..known() };
        assert_eq!(reason(Some(bare.clone()), &Asked::default()), None);
        let asked = Asked { scope: "memories".parse().ok(), ..Asked::default() };
        assert_eq!(reason(Some(bare), &asked), Some("scope"));
    }

    #[test]
    fn the_first_reason_in_the_fixed_order_is_given() {
        let mut token =
            KnownToken { networks: Networks::parse_lists(["10.0.0.0/8"]).expect("network"), ..known() };
        let mut asked = Asked { scope: "files".parse().ok(), owner: "bob".parse().ok(), address: None };
        token.lifetime.revoked_at = Some(at(1));
        assert_eq!(reason(Some(token.clone()), &asked), Some("revoked"));
        token.lifetime.revoked_at = None;
        assert_eq!(reason(Some(token.clone()), &asked), Some("network"));
        asked.address = "10.1.2.3".parse().ok();
        assert_eq!(reason(Some(token.clone()), &asked), Some("owner"));
        asked.owner = Some((&token.owner).into());
        assert_eq!(reason(Some(token.clone()), &asked), Some("owner"), "the name is nobody to a service");
        asked.owner = Some(token.subject.clone());
        assert_eq!(reason(Some(token.clone()), &asked), Some("scope"));
        asked.scope = None;
        assert_eq!(reason(Some(token), &asked), None);
    }

    #[test]
    fn callers_learn_unauthorized_or_forbidden_and_no_more() {
        for reason in [
            Reason::Malformed,
            Reason::Unknown,
            Reason::Inactive(State::Revoked),
            Reason::Inactive(State::Expired),
        ] {
            assert_eq!(reason.denial(), Denial::Unauthorized);
        }
        for reason in [Reason::Network, Reason::Owner, Reason::Scope] {
            assert_eq!(reason.denial(), Denial::Forbidden);
        }
    }
}
