//! A key, its states, and what may happen to it.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use super::foreign::HashAlg;
use super::label::Labels;
use super::limit::{Quota, Rate};
use super::network::Networks;
use super::note::Note;
use super::scope::Scopes;
use super::token::DisplayPrefix;
use crate::domain::id::KeyId;
use crate::domain::owners::owner::{KeyName, Owner};
use crate::domain::owners::role::RoleName;
use crate::domain::owners::subject::OwnerSubject;
use crate::domain::portal::made_by::MadeBy;
use crate::domain::time::{Expiry, ExpiryError, Grace, Timestamp};

/// When a service last saw a key. Services say so themselves, and nothing depends on it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LastUse {
    At(Timestamp),
    /// None has said that it did.
    Never,
    /// It was not asked for, or what was found is no time.
    #[default]
    Unknown,
}

impl LastUse {
    pub fn at(self) -> Option<Timestamp> {
        if let Self::At(at) = self { Some(at) } else { None }
    }
}

/// The stable thing that an owner holds: rotation gives it another token and touches
/// nothing else of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Unchanged for ever.
    pub id: KeyId,
    pub owner: Owner,
    /// As whom services know the owner.
    pub subject: OwnerSubject,
    /// Unique among the owner's unrevoked keys.
    pub name: KeyName,
    /// What it was given itself.
    pub scopes: Scopes,
    /// The roles that it was given, sorted.
    pub roles: Vec<RoleName>,
    /// What it may do: its own scopes and its roles', and of these, for a child, what the
    /// parent may do, too. Empty means that it authenticates and may do nothing.
    pub effective_scopes: Scopes,
    /// The key whose child it is.
    pub parent: Option<KeyId>,
    /// From where; empty means from anywhere.
    pub networks: Networks,
    pub labels: Labels,
    pub rate: Option<Rate>,
    pub quota: Option<Quota>,
    pub created_at: Timestamp,
    /// Refused before this moment.
    pub not_before: Option<Timestamp>,
    /// Refused from this moment on; `None` for never.
    pub expires_at: Option<Timestamp>,
    /// When it was stopped for a while, which may be over: [`Key::suspension`].
    pub suspended_at: Option<Timestamp>,
    /// When that ends by itself, exclusive; `None` for when somebody lets it work again.
    pub suspended_until: Option<Timestamp>,
    /// Milliseconds that it was given when its end was last moved; `None` while it has the end that it was made with.
    pub lives_for: Option<i64>,
    /// What people want to know of it.
    pub note: Option<Note>,
    /// What made it, where a person did that through the portal.
    pub made_by: Option<MadeBy>,
    /// When it was stopped for good; the first time stays.
    pub revoked_at: Option<Timestamp>,
    /// Why, in the words of who did it.
    pub revoke_reason: Option<String>,
    pub owner_disabled_at: Option<Timestamp>,
    /// What its parent's times decide.
    pub parent_lifetime: ParentLifetime,
    /// When a service last saw it.
    pub last_used: LastUse,
    /// Counts its tokens: 1 at the mint, one more with each rotation.
    pub generation: i64,
    /// The token in force; `None` of a key that has none, which others than whoever presents a token act for.
    pub token: Option<IssuedToken>,
    /// The one before, while its grace lasts.
    pub previous_token: Option<IssuedToken>,
    /// Tokens that work and are not the key's yet: they were not delivered to all that wait for them. The oldest first.
    pub pending_tokens: Vec<IssuedToken>,
    /// Whether short-lived tokens are issued for it although it has networks, a rate or a quota, which whoever verifies
    /// them offline cannot hold.
    pub allow_jwt: bool,
}

impl Key {
    /// What its current token is shown as, if it has one.
    pub fn token_prefix(&self) -> Option<&DisplayPrefix> {
        self.token.as_ref().map(|token| &token.prefix)
    }

    /// When its current token was made; of a key without one, the key.
    pub fn issued_at(&self) -> Timestamp {
        self.token.as_ref().map_or(self.created_at, |token| token.created_at)
    }

    /// Whether its token may be guessed.
    pub fn is_weak(&self) -> bool {
        self.token.as_ref().is_some_and(|token| token.hash_alg == HashAlg::Argon2id)
    }
}

/// What is known of a token that was handed out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct IssuedToken {
    pub prefix: DisplayPrefix,
    pub created_at: Timestamp,
    /// End of its grace, exclusive; `None` while it is the current one.
    pub expires_at: Option<Timestamp>,
    pub hash_alg: HashAlg,
}

impl IssuedToken {
    pub fn fresh(prefix: DisplayPrefix, created_at: Timestamp) -> Self {
        Self { prefix, created_at, expires_at: None, hash_alg: HashAlg::Sha256 }
    }
}

/// What a key or one of its tokens is at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Works.
    Active,
    /// Before `not_before`.
    NotYetValid,
    /// At or after its expiry.
    Expired,
    /// Stopped for good.
    Revoked,
    /// Stopped for a while.
    Suspended,
    /// Its owner is disabled.
    OwnerDisabled,
    /// Its parent is suspended, outside its time, or of a disabled owner.
    ParentDead,
}

impl State {
    /// Whether a token that is made now works, or will.
    pub(crate) const fn gives_a_token(self) -> bool {
        matches!(self, Self::Active | Self::NotYetValid)
    }

    /// Every one, in the order in which they are looked at.
    pub const ALL: [Self; 7] = [
        Self::Revoked,
        Self::Expired,
        Self::NotYetValid,
        Self::Suspended,
        Self::OwnerDisabled,
        Self::ParentDead,
        Self::Active,
    ];

    /// The word in JSON, tables and audit records.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::NotYetValid => "not_yet_valid",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
            Self::Suspended => "suspended",
            Self::OwnerDisabled => "owner_disabled",
            Self::ParentDead => "parent_dead",
        }
    }
}

/// Not a state that this version knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a known state of a key")]
pub struct UnknownState;

impl FromStr for State {
    type Err = UnknownState;

    fn from_str(text: &str) -> Result<Self, UnknownState> {
        Self::ALL.into_iter().find(|state| state.as_str() == text).ok_or(UnknownState)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The times that decide a state. All ends are exclusive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lifetime {
    /// Refused before this moment.
    pub not_before: Option<Timestamp>,
    /// Refused from this moment on.
    pub expires_at: Option<Timestamp>,
    /// Set while suspended.
    pub suspended_at: Option<Timestamp>,
    /// Where the suspension ends by itself: from when on it is none.
    pub suspended_until: Option<Timestamp>,
    /// Set for good.
    pub revoked_at: Option<Timestamp>,
    /// Set while the owner is disabled.
    pub owner_disabled_at: Option<Timestamp>,
    /// Of a child: its parent's.
    pub parent: ParentLifetime,
}

/// The times of a child's parent that decide on the child; all `None` for other keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ParentLifetime {
    /// Refused before this moment.
    pub not_before: Option<Timestamp>,
    /// Refused from this moment on.
    pub expires_at: Option<Timestamp>,
    /// Set while the parent is suspended or its owner disabled, and once it is revoked.
    pub dead_at: Option<Timestamp>,
    /// Where nothing but a suspension that ends by itself stops the parent: from when on it is none.
    pub dead_until: Option<Timestamp>,
}

/// Whether what began at `since` and may have an end, exclusive, lasts at `now`.
fn is_stopped(since: Option<Timestamp>, until: Option<Timestamp>, now: Timestamp) -> bool {
    since.is_some() && until.is_none_or(|end| now < end)
}

impl ParentLifetime {
    /// Whether the parent lets its children live at `now`.
    pub fn is_alive(&self, now: Timestamp) -> bool {
        !is_stopped(self.dead_at, self.dead_until, now)
            && self.expires_at.is_none_or(|end| now < end)
            && self.not_before.is_none_or(|start| now >= start)
    }
}

impl Lifetime {
    /// The moment from which it is refused if nothing else happens; `None` for never.
    pub fn ends_at(&self) -> Option<Timestamp> {
        [self.expires_at, self.parent.expires_at].into_iter().flatten().min()
    }

    /// Revoked before expired before suspended: the most final reason is the one given.
    /// `Active` is what remains when every other state is ruled out.
    pub fn state(&self, now: Timestamp) -> State {
        if self.revoked_at.is_some() {
            State::Revoked
        } else if self.expires_at.is_some_and(|end| now >= end) {
            State::Expired
        } else if self.not_before.is_some_and(|start| now < start) {
            State::NotYetValid
        } else if is_stopped(self.suspended_at, self.suspended_until, now) {
            State::Suspended
        } else if self.owner_disabled_at.is_some() {
            State::OwnerDisabled
        } else if !self.parent.is_alive(now) {
            State::ParentDead
        } else {
            State::Active
        }
    }
}

/// A rotation that the key's state allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rotation {
    /// The expiry of the key afterwards.
    pub key_expires_at: Option<Timestamp>,
    /// For how long it was given that, as [`Key::lives_for`] says it.
    pub lives_for: Option<i64>,
    /// The end of the old token's grace; not after `now` means that it is dead at once.
    pub old_token_expires_at: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RotateError {
    /// Revoked is final.
    #[error("it was revoked at {0}, and that is final")]
    Revoked(Timestamp),
    /// It has none, and gets none.
    #[error("it has no token")]
    NoToken,
    /// The one that is to become its token is not among those that were made for that.
    #[error("its token {0} is not waiting to be delivered: it was ended, or is in force")]
    NotPending(DisplayPrefix),
    /// Another was made after it, and may stand where this one was delivered to.
    #[error("another token was made for it since, {0}")]
    Overtaken(DisplayPrefix),
    /// A new token of an expired key would not work.
    #[error("it expired at {0}")]
    Expired(Timestamp),
    #[error("it would expire before it starts, at {0}")]
    EndsBeforeStart(Timestamp),
    #[error(transparent)]
    Expiry(#[from] ExpiryError),
}

impl Key {
    pub fn lifetime(&self) -> Lifetime {
        Lifetime {
            not_before: self.not_before,
            expires_at: self.expires_at,
            suspended_at: self.suspended_at,
            suspended_until: self.suspended_until,
            revoked_at: self.revoked_at,
            owner_disabled_at: self.owner_disabled_at,
            parent: self.parent_lifetime,
        }
    }

    /// What it is at `now`.
    pub fn state(&self, now: Timestamp) -> State {
        self.lifetime().state(now)
    }

    /// Whether somebody stopped it, for good or for a while, by itself or by its owner: not that it came to its end.
    pub fn is_stopped(&self, now: Timestamp) -> bool {
        self.revoked_at.is_some() || self.suspension(now).is_some() || self.owner_disabled_at.is_some()
    }

    /// Plans a rotation at `now`.
    ///
    /// The old token never outlives the expiry that the key had before: renewing a key
    /// brings no dead token back.
    pub fn rotate(
        &self,
        now: Timestamp,
        grace: Grace,
        expiry: Option<Expiry>,
    ) -> Result<Rotation, RotateError> {
        if let Some(at) = self.revoked_at {
            return Err(RotateError::Revoked(at));
        }
        if self.token.is_none() && self.pending_tokens.is_empty() {
            return Err(RotateError::NoToken);
        }
        let expired = self.expires_at.filter(|end| now >= *end);
        let key_expires_at = match (expiry, expired) {
            (Some(expiry), _) => expiry.resolve(now)?,
            (None, Some(end)) => return Err(RotateError::Expired(end)),
            (None, None) => self.expires_at,
        };
        if let (Some(start), Some(end)) = (self.not_before, key_expires_at)
            && start >= end
        {
            return Err(RotateError::EndsBeforeStart(start));
        }
        let end_of_grace = now.after(grace.span()).unwrap_or(now);
        // Not later than the key ended before, nor than it ends now.
        let ends = [self.expires_at, key_expires_at].into_iter().flatten();
        let old_token_expires_at = ends.fold(end_of_grace, Timestamp::min);
        let lives_for = if expiry.is_some() { lasting(now, key_expires_at) } else { self.lives_for };
        Ok(Rotation { key_expires_at, lives_for, old_token_expires_at })
    }

    /// The end that it gets where it is renewed at `now` for as long as it was given last; `None` of one that has no end.
    ///
    /// That is from its making to its end, or from when its end was moved to that end. A renewal is given the same once
    /// more, so that the next one neither grows nor shrinks.
    pub fn renewed_end(&self, now: Timestamp) -> Option<Timestamp> {
        let end = self.expires_at?;
        let lifetime = self.lives_for.unwrap_or(end.as_millis() - self.created_at.as_millis());
        Timestamp::from_millis(now.as_millis().checked_add(lifetime)?).filter(|end| *end > now)
    }

    /// The pending token that may become the key's: the one that was made last, since those before it may have been
    /// written over where they were delivered to.
    pub fn delivered(&self, prefix: &DisplayPrefix) -> Result<&IssuedToken, RotateError> {
        let Some(found) = self.pending_tokens.iter().find(|token| token.prefix == *prefix) else {
            return Err(RotateError::NotPending(prefix.clone()));
        };
        match self.pending_tokens.last() {
            Some(last) if last.prefix != *prefix => Err(RotateError::Overtaken(last.prefix.clone())),
            _ => Ok(found),
        }
    }

    /// Whether this key may less than one that it was before: then no short-lived token of before is good any more.
    /// A limit that is another one may be a narrower one.
    pub fn takes_away(&self, before: &Self) -> bool {
        let ends_sooner = match (self.expires_at, before.expires_at) {
            (Some(now), Some(before)) => now < before,
            (now, before) => now.is_some() && before.is_none(),
        };
        self.effective_scopes_within(before)
            || ends_sooner
            || self.not_before > before.not_before
            || (self.networks != before.networks && self.networks != Networks::default())
            || (self.rate != before.rate && self.rate.is_some())
            || (self.quota != before.quota && self.quota.is_some())
            || (before.allow_jwt && !self.allow_jwt)
    }

    fn effective_scopes_within(&self, before: &Self) -> bool {
        before.effective_scopes.beyond(&self.effective_scopes).next().is_some()
    }

    /// Since when it is suspended at `now`, and when that ends by itself.
    pub fn suspension(&self, now: Timestamp) -> Option<(Timestamp, Option<Timestamp>)> {
        let since = self.suspended_at.filter(|_| is_stopped(self.suspended_at, self.suspended_until, now))?;
        Some((since, self.suspended_until))
    }

    /// What its times decide for its children.
    pub fn as_parent(&self) -> ParentLifetime {
        ParentLifetime {
            not_before: self.not_before,
            expires_at: self.expires_at,
            dead_at: self.revoked_at.or(self.suspended_at).or(self.owner_disabled_at),
            dead_until: self
                .suspended_until
                .filter(|_| self.revoked_at.is_none() && self.owner_disabled_at.is_none()),
        }
    }

    /// `owner/name`, as people point at it.
    pub fn path(&self) -> String {
        format!("{}/{}", self.owner, self.name)
    }

    /// The previous token, if it still works at `now`.
    pub fn token_in_grace(&self, now: Timestamp) -> Option<&IssuedToken> {
        self.previous_token.as_ref().filter(|token| token.expires_at.is_some_and(|end| now < end))
    }
}

/// Milliseconds from `now` to an end, as they are stored.
pub(crate) fn lasting(now: Timestamp, end: Option<Timestamp>) -> Option<i64> {
    end.map(|end| end.as_millis() - now.as_millis()).filter(|millis| *millis > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis).expect("in range")
    }

    fn key() -> Key {
        Key {
            id: "key_01h455vb4pex5vsknk084sn02q".parse().expect("id"),
            owner: "alice".parse().expect("owner"),
            subject: "alice".parse().expect("subject"),
            name: "default".parse().expect("name"),
            scopes: Scopes::default(),
            roles: Vec::new(),
            effective_scopes: Scopes::default(),
            parent: None,
            networks: Networks::default(),
            labels: Labels::default(),
            rate: None,
            quota: None,
            created_at: at(1000),
            not_before: None,
            expires_at: Some(at(10_000_000)),
            suspended_at: None,
            suspended_until: None,
            lives_for: None,
            note: None,
            made_by: None,
            revoked_at: None,
            revoke_reason: None,
            owner_disabled_at: None,
            parent_lifetime: ParentLifetime::default(),
            last_used: LastUse::Never,
            generation: 1,
            token: Some(IssuedToken {
                prefix: "sks_000000000000".parse().expect("prefix"),
                created_at: at(1000),
                expires_at: None,
                hash_alg: HashAlg::Sha256,
            }),
            previous_token: None,
            pending_tokens: Vec::new(),
            allow_jwt: false,
        }
    }

    fn grace(text: &str) -> Grace {
        text.parse().expect(text)
    }

    #[test]
    fn the_end_of_a_lifetime_is_exclusive_and_its_start_inclusive() {
        let life = Lifetime { not_before: Some(at(10)), expires_at: Some(at(20)), ..Lifetime::default() };
        assert_eq!(life.state(at(9)), State::NotYetValid);
        assert_eq!(life.state(at(10)), State::Active);
        assert_eq!(life.state(at(19)), State::Active);
        assert_eq!(life.state(at(20)), State::Expired);
    }

    #[test]
    fn a_child_lives_only_while_its_parent_does() {
        let parent = ParentLifetime {
            not_before: Some(at(10)),
            expires_at: Some(at(20)),
            dead_at: None,
            dead_until: None,
        };
        let life = Lifetime { parent, ..Lifetime::default() };
        for (now, state) in
            [(9, State::ParentDead), (10, State::Active), (19, State::Active), (20, State::ParentDead)]
        {
            assert_eq!(life.state(at(now)), state, "{now}");
        }
    }

    #[test]
    fn the_most_final_reason_is_given() {
        let now = at(100);
        let parent = ParentLifetime { dead_at: Some(now), ..ParentLifetime::default() };
        let mut life = Lifetime { parent, ..Lifetime::default() };
        assert_eq!(life.state(now), State::ParentDead);
        life.owner_disabled_at = Some(now);
        assert_eq!(life.state(now), State::OwnerDisabled);
        life.suspended_at = Some(now);
        assert_eq!(life.state(now), State::Suspended);
        life.expires_at = Some(now);
        assert_eq!(life.state(now), State::Expired);
        life.revoked_at = Some(now);
        assert_eq!(life.state(now), State::Revoked);
    }

    #[test]
    fn rotating_does_not_extend_the_expiry() {
        let rotation = key().rotate(at(5000), grace("1h"), None).expect("rotates");
        assert_eq!(
            rotation,
            Rotation {
                key_expires_at: Some(at(10_000_000)),
                lives_for: None,
                old_token_expires_at: at(3_605_000)
            }
        );
    }

    #[test]
    fn the_old_token_does_not_outlive_a_key_that_is_cut_short() {
        let expiry = "1m".parse().expect("an expiry");
        let rotation = key().rotate(at(5000), grace("1h"), Some(expiry)).expect("rotates");
        let end = Some(rotation.old_token_expires_at);
        assert_eq!((rotation.key_expires_at, end), (end, Some(at(65_000))));
    }

    #[test]
    fn a_grace_of_zero_ends_at_once() {
        let rotation = key().rotate(at(5000), grace("0"), None).expect("rotates");
        assert_eq!(rotation.old_token_expires_at, at(5000));
    }

    #[test]
    fn renewing_an_expired_key_leaves_the_old_token_dead() {
        let late = at(20_000_000);
        assert_eq!(key().rotate(late, grace("1h"), None), Err(RotateError::Expired(at(10_000_000))));
        let expiry = "1d".parse().expect("1d");
        let rotation = key().rotate(late, grace("1h"), Some(expiry)).expect("renews");
        assert_eq!(
            rotation,
            Rotation {
                key_expires_at: Some(at(106_400_000)),
                lives_for: Some(86_400_000),
                old_token_expires_at: at(10_000_000)
            }
        );
    }

    #[test]
    fn a_revoked_key_is_never_rotated() {
        let revoked = Key { revoked_at: Some(at(2000)), ..key() };
        assert_eq!(
            revoked.rotate(at(3000), Grace::DEFAULT, Some(Expiry::Never)),
            Err(RotateError::Revoked(at(2000)))
        );
    }
}
