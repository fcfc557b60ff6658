//! What few rows have: limits, networks, a parent, a stop, and a token whose grace lasts.

use serde::{Deserialize, Serialize};

use crate::domain::keys::key::Key;
use crate::domain::keys::limit::{Quota, Rate};
use crate::domain::keys::network::Networks;
use crate::domain::keys::token::TokenHash;
use crate::domain::owners::owner::{KeyName, Owner};
use crate::domain::time::Timestamp;

/// The token before, which works until its grace ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Previous {
    pub(super) hash: TokenHash,
    pub(super) until: Timestamp,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct More {
    pub(super) rate: Option<Rate>,
    pub(super) quota: Option<Quota>,
    pub(super) networks: Networks,
    /// Since when it is stopped.
    pub(super) suspended_at: Option<Timestamp>,
    pub(super) allow_jwt: bool,
    /// The key whose child it is, by its owner's name and its own.
    pub(super) parent: Option<(Owner, KeyName)>,
    pub(super) previous: Option<Previous>,
}

/// The same as it is spooled.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Spooled {
    rate: Option<String>,
    quota: Option<String>,
    networks: Option<String>,
    suspended_at: Option<i64>,
    allow_jwt: bool,
    parent: Option<(String, String)>,
    previous: Option<(String, i64)>,
}

impl More {
    /// Nothing, where there is nothing of it.
    pub(super) fn boxed(self) -> Option<Box<Self>> {
        (self != Self::default()).then(|| Box::new(self))
    }

    /// One line without a tab.
    pub(super) fn to_json(&self) -> String {
        let millis = |at: &Timestamp| at.as_millis();
        let networks = self.networks.iter().next().map(|_| self.networks.to_json());
        let spooled = Spooled {
            rate: self.rate.map(|rate| rate.to_string()),
            quota: self.quota.map(|quota| quota.to_string()),
            networks,
            suspended_at: self.suspended_at.as_ref().map(millis),
            allow_jwt: self.allow_jwt,
            parent: self.parent.as_ref().map(|(owner, name)| (owner.to_string(), name.to_string())),
            previous: self.previous.as_ref().map(|old| (old.hash.as_str().to_owned(), millis(&old.until))),
        };
        serde_json::to_string(&spooled).unwrap_or_default()
    }

    pub(super) fn from_json(text: &str) -> Option<Self> {
        let spooled: Spooled = serde_json::from_str(text).ok()?;
        Some(Self {
            rate: spooled.rate.map(|text| text.parse()).transpose().ok()?,
            quota: spooled.quota.map(|text| text.parse()).transpose().ok()?,
            networks: match spooled.networks {
                Some(text) => Networks::from_json(&text)?,
                None => Networks::default(),
            },
            suspended_at: match spooled.suspended_at {
                Some(millis) => Some(Timestamp::from_millis(millis)?),
                None => None,
            },
            allow_jwt: spooled.allow_jwt,
            parent: match spooled.parent {
                Some((owner, name)) => Some((owner.parse().ok()?, name.parse().ok()?)),
                None => None,
            },
            previous: match spooled.previous {
                Some((hash, until)) => {
                    Some(Previous { hash: TokenHash::parse(&hash)?, until: Timestamp::from_millis(until)? })
                }
                None => None,
            },
        })
    }

    /// Gives a new key what does not depend on its parent.
    pub(super) fn give(&self, key: &mut Key) {
        (key.rate, key.quota, key.allow_jwt) = (self.rate, self.quota, self.allow_jwt);
        key.networks = self.networks.clone();
        key.suspended_at = self.suspended_at;
    }

    /// In what a key that is there is another one. When it was stopped is not compared, only whether.
    pub(super) fn differences(&self, key: &Key) -> impl Iterator<Item = &'static str> {
        [
            (self.rate != key.rate, "rate"),
            (self.quota != key.quota, "quota"),
            (self.networks != key.networks, "allow_ip"),
            (self.suspended_at.is_some() != key.suspended_at.is_some(), "suspended_at"),
            (self.allow_jwt != key.allow_jwt, "allow_jwt"),
            (self.parent.is_some() != key.parent.is_some(), "parent"),
        ]
        .into_iter()
        .filter_map(|(differs, what)| differs.then_some(what))
    }
}
