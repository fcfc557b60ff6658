//! A claim: what somebody was invited to, by a code that works once.

use std::fmt;

use serde::Serialize;

use super::ids::ClaimId;
use super::made_by::MadeBy;
use crate::domain::id::KeyId;
use crate::domain::keys::scope::Scopes;
use crate::domain::owners::owner::Owner;
use crate::domain::time::{Span, Timestamp};

/// What somebody was invited to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    pub id: ClaimId,
    /// For whom: whoever has the code acts for this owner.
    pub owner: Owner,
    /// A key that waits for its token, which whoever redeems the code gets.
    pub key: Option<KeyId>,
    /// What keys that are made with it may do at most; none of the tool's own.
    pub scopes: Scopes,
    /// How long keys that are made with it may live; `None` for as long as the store allows.
    pub max_expiry: Option<Span>,
    /// What whoever made it through the portal had signed in with.
    pub made_by: Option<MadeBy>,
    pub created_at: Timestamp,
    /// End of the code, exclusive.
    pub expires_at: Timestamp,
    /// When the code was used.
    pub redeemed_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
    /// When whoever redeemed it said that the token arrived.
    pub taken_at: Option<Timestamp>,
}

/// What a claim is at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ClaimState {
    /// Its code works.
    Open,
    /// Its code was used.
    Redeemed,
    /// Its code was not used in time.
    Expired,
    /// Somebody took it back.
    Revoked,
}

impl ClaimState {
    /// The word in JSON and tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Redeemed => "redeemed",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        }
    }
}

impl fmt::Display for ClaimState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Claim {
    /// How long a code works where nobody says.
    pub const DEFAULT_TTL: Span = Span::days(1);
    /// And at most.
    pub const LONGEST_TTL: Span = Span::days(30);

    /// What it is at `now`. Revoked before redeemed before expired: the most final is the one given.
    pub fn state(&self, now: Timestamp) -> ClaimState {
        if self.revoked_at.is_some() {
            ClaimState::Revoked
        } else if self.redeemed_at.is_some() {
            ClaimState::Redeemed
        } else if now >= self.expires_at {
            ClaimState::Expired
        } else {
            ClaimState::Open
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis).expect("in range")
    }

    #[test]
    fn the_most_final_state_is_the_one_given() {
        let mut claim = Claim {
            id: "clm_01h455vb4pex5vsknk084sn02q".parse().expect("id"),
            owner: "alice".parse().expect("owner"),
            key: None,
            scopes: Scopes::default(),
            max_expiry: None,
            made_by: None,
            created_at: at(0),
            expires_at: at(10),
            redeemed_at: None,
            revoked_at: None,
            taken_at: None,
        };
        assert_eq!(claim.state(at(9)), ClaimState::Open);
        assert_eq!(claim.state(at(10)), ClaimState::Expired, "the end is exclusive");
        claim.redeemed_at = Some(at(5));
        assert_eq!(claim.state(at(10)), ClaimState::Redeemed);
        claim.revoked_at = Some(at(6));
        assert_eq!(claim.state(at(5)), ClaimState::Revoked);
    }
}
