//! What ends soon, or ended a while ago, and how soon.

use std::fmt;

use serde::{Serialize, Serializer};

use super::keys::key::LastUse;
use super::time::{Span, Timestamp};

/// What kind of thing ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Kind {
    Key,
    /// A key's old token, in the grace of a rotation.
    GraceToken,
    /// The version of a provider's secret that is handed out.
    Secret,
    /// A key that signed short-lived tokens, until the last of them ends.
    SigningKey,
    /// An OAuth credential that gets no new token any more: its last one.
    Credential,
    /// The key that a trust lets in.
    Trust,
    /// None of those that end: a token that was reported.
    Leak,
    /// None of those that end: a canary that was seen.
    Canary,
}

impl Kind {
    pub(crate) const ALL: [Self; 6] =
        [Self::Key, Self::GraceToken, Self::Secret, Self::SigningKey, Self::Credential, Self::Trust];

    /// What is told of as soon as it is there, and does not end.
    pub(crate) const SEEN: [Self; 2] = [Self::Leak, Self::Canary];

    /// Whether it was seen, and does not end.
    pub(crate) const fn is_seen(self) -> bool {
        matches!(self, Self::Leak | Self::Canary)
    }

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::GraceToken => "grace-token",
            Self::Secret => "secret",
            Self::SigningKey => "signing-key",
            Self::Credential => "credential",
            Self::Trust => "trust",
            Self::Leak => "leak",
            Self::Canary => "canary",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Kind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// How soon it ends: the stages at which somebody is told, each once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stage {
    /// In more than 14 days: nobody is told yet.
    Later,
    Days14,
    Days3,
    Days1,
    Ended,
    /// It does not end: it was seen.
    Seen,
}

impl Stage {
    pub(crate) const ALL: [Self; 5] = [Self::Later, Self::Days14, Self::Days3, Self::Days1, Self::Ended];

    /// The first stage comes so long before the end.
    pub(crate) const FIRST: Span = Span::days(14);

    pub(crate) fn of(ends_at: Timestamp, now: Timestamp) -> Self {
        let within = |days| now.after(Span::days(days)).is_none_or(|at| ends_at <= at);
        match () {
            () if ends_at <= now => Self::Ended,
            () if within(1) => Self::Days1,
            () if within(3) => Self::Days3,
            () if within(14) => Self::Days14,
            () => Self::Later,
        }
    }

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Later => "later",
            Self::Days14 => "14d",
            Self::Days3 => "3d",
            Self::Days1 => "1d",
            Self::Ended => "ended",
            Self::Seen => "seen",
        }
    }

    /// How far it is, as it is remembered.
    pub(crate) const fn rank(self) -> i64 {
        match self {
            Self::Later => 0,
            Self::Days14 => 1,
            Self::Days3 => 2,
            Self::Days1 => 3,
            Self::Ended | Self::Seen => 4,
        }
    }
}

impl Serialize for Stage {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// Something that ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ending {
    pub kind: Kind,
    /// Of the key, the token, the secret or the signing key.
    pub id: String,
    /// `owner/name` of a key, a token's public part, or what else it is called.
    pub name: String,
    /// The key that it is or belongs to; `None` where there is none.
    pub key: Option<String>,
    /// Whose it is; `None` for the whole store.
    pub owner: Option<String>,
    /// Exclusive; of what does not end, when it was seen first.
    pub ends_at: Timestamp,
    pub last_used: LastUse,
    /// What `list` would call it: a key that is suspended ends, too.
    pub state: String,
}

impl Ending {
    /// By which it is remembered that it was told of: each report of a token that is only recorded is the same thing, and so is a
    /// canary at the same place.
    pub(crate) fn told_as(&self) -> &str {
        match self.kind {
            Kind::Leak if self.state == "recorded" => self.id.rsplit(' ').next().unwrap_or(&self.id),
            _ => &self.id,
        }
    }

    /// By which it is sorted among all others.
    pub(crate) fn place(&self) -> (Timestamp, Kind, &str) {
        (self.ends_at, self.kind, &self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stage_begins_so_many_days_before_the_end_and_the_last_with_it() {
        let now = Timestamp::parse("2026-11-30T12:00:00Z").expect("a time");
        let after = |millis| Timestamp::from_millis(now.as_millis() + millis).expect("a time");
        let day = 86_400_000;
        for (millis, stage) in [
            (14 * day + 1, Stage::Later),
            (14 * day, Stage::Days14),
            (3 * day + 1, Stage::Days14),
            (3 * day, Stage::Days3),
            (day + 1, Stage::Days3),
            (day, Stage::Days1),
            (1, Stage::Days1),
            (0, Stage::Ended),
            (-day, Stage::Ended),
        ] {
            assert_eq!(Stage::of(after(millis), now), stage, "{millis}");
        }
        assert!(Stage::ALL.map(Stage::rank).is_sorted() && Stage::ALL.is_sorted());
    }
}
