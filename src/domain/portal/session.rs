//! A session: somebody who is signed in, for as long as what they signed in with is good.

use std::net::IpAddr;

use super::claim::Claim;
use super::ids::{ClaimId, SessionId};
use super::made_by::MadeBy;
use crate::domain::id::KeyId;
use crate::domain::keys::key::{Key, State};
use crate::domain::keys::scope::{Scope, Scopes};
use crate::domain::keys::token::TokenId;
use crate::domain::keys::verdict::KnownToken;
use crate::domain::owners::owner::Owner;
use crate::domain::owners::row::OwnerState;
use crate::domain::owners::subject::OwnerSubject;
use crate::domain::time::{Span, Timestamp};

/// What somebody signed in with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CameFrom {
    /// A key with `keyctl:self` or `keyctl:admin`.
    Key {
        key: KeyId,
        /// The token that was presented: the session ends with it, too.
        token: TokenId,
    },
    /// An invitation.
    Claim(ClaimId),
    /// An OpenID provider, which knows them as this.
    Oidc { issuer: String, subject: OwnerSubject },
}

impl CameFrom {
    /// As keys name it that are made with it.
    pub fn made_by(&self) -> MadeBy {
        match self {
            Self::Key { key, .. } => MadeBy::Key(*key),
            Self::Claim(id) => MadeBy::Claim(*id),
            Self::Oidc { subject, .. } => MadeBy::Oidc(subject.clone()),
        }
    }
}

/// As a row has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    pub id: SessionId,
    pub owner: Owner,
    pub came_from: CameFrom,
    /// What it may give; `None` for what its key may do.
    pub scopes: Option<Scopes>,
    pub created_at: Timestamp,
    /// Its end, exclusive, whatever happens.
    pub expires_at: Timestamp,
    pub ended_at: Option<Timestamp>,
    /// When it was last seen; `None` for not since it began.
    pub seen_at: Option<Timestamp>,
}

impl Session {
    /// How long it lasts at most.
    pub const LONGEST: Span = Span::seconds(8 * 3600);
    /// How long it lasts while nobody is seen.
    pub const IDLE: Span = Span::seconds(3600);
    /// How long one that is over is kept, and an invitation.
    pub const KEPT: Span = Span::days(30);
    /// How much later it must be seen for that to be written down again.
    pub const SEEN_AGAIN_AFTER: Span = Span::seconds(60);

    /// Whether its own times let it go on at `now`.
    pub fn lasts(&self, now: Timestamp) -> bool {
        let seen = self.seen_at.unwrap_or(self.created_at).max(self.created_at);
        self.ended_at.is_none()
            && now < self.expires_at
            && seen.after(Self::IDLE).is_none_or(|idle| now < idle)
    }

    /// Whether it is to be written down that it was seen at `now`.
    pub fn is_seen_anew(&self, now: Timestamp) -> bool {
        let seen = self.seen_at.unwrap_or(self.created_at);
        seen.after(Self::SEEN_AGAIN_AFTER).is_none_or(|again| now >= again)
    }
}

/// What a session came from, as it is now; `None` where it is not there any more.
#[derive(Clone, Debug)]
pub enum Origin {
    Key(Option<Box<KnownToken>>),
    /// The claim, with the key that made it, and the key that waits for its token.
    Claim {
        claim: Option<Box<Claim>>,
        maker: Option<Box<Key>>,
        waiting: Option<Box<Key>>,
    },
    Oidc,
}

/// Somebody who is signed in now.
#[derive(Clone, Debug)]
#[cfg_attr(not(feature = "serve"), allow(dead_code, reason = "the pages of the portal show all of it"))]
pub struct Person {
    pub session: SessionId,
    /// For whom they act: whose keys are theirs.
    pub owner: Owner,
    pub came_from: CameFrom,
    /// What they may give to keys that they make; none of the tool's own.
    pub may_give: Scopes,
    /// How long keys that they make may live; `None` for as long as the store allows.
    pub max_expiry: Option<Span>,
    /// Until when such keys may live at most: the end of the key that they signed in with, or by which they were invited.
    pub latest_end: Option<Timestamp>,
    /// From where: what they signed in with may be for some networks alone.
    pub client: Option<IpAddr>,
    /// Whether they may do all this for every owner.
    pub is_admin: bool,
    /// What they signed in with, or were invited to.
    pub own_key: Option<KeyId>,
    /// The same while its token is to be had.
    pub waiting_key: Option<KeyId>,
    /// What became of it where its token would be to be had, and it does not work.
    pub waiting_stopped: Option<State>,
}

/// The scope that signs in to one's own keys.
pub const SELF: &str = "keyctl:self";
/// The scope that signs in to everybody's.
pub const ADMIN: &str = "keyctl:admin";

/// Whether a key that may do this signs in, and whether to everybody's keys.
pub fn signs_in(scopes: &Scopes) -> Option<bool> {
    let holds = |name: &str| scopes.iter().any(|scope| scope.as_str() == name);
    let is_admin = holds(ADMIN);
    (is_admin || holds(SELF)).then_some(is_admin)
}

/// Whose session it is at `now`; `None` if it is over, or what it came from is not good any more.
///
/// `owner` is the session's, as it is now, with its subject.
pub fn person(
    session: &Session,
    origin: &Origin,
    owner: Option<(OwnerState, &OwnerSubject)>,
    client: Option<IpAddr>,
    now: Timestamp,
) -> Option<Person> {
    let (OwnerState::Enabled, subject) = owner? else { return None };
    if !session.lasts(now) {
        return None;
    }
    let mut person = Person {
        session: session.id,
        owner: session.owner.clone(),
        came_from: session.came_from.clone(),
        may_give: Scopes::default(),
        max_expiry: None,
        latest_end: None,
        client,
        is_admin: false,
        own_key: None,
        waiting_key: None,
        waiting_stopped: None,
    };
    match origin {
        Origin::Key(token) => {
            let token = token.as_ref().filter(|token| token.lifetime.state(now) == State::Active)?;
            if !(token.networks.allow(client) && token.parent_networks.allow(client)) {
                return None;
            }
            person.own_key = Some(token.key_id);
            person.is_admin = signs_in(&token.scopes)?;
            person.may_give = token.scopes.without_reserved();
            person.latest_end = token.lifetime.ends_at();
        }
        Origin::Claim { claim, maker, waiting } => {
            let claim = claim.as_ref().filter(|claim| is_good(claim, maker.as_deref(), now))?;
            let waits = waiting.as_ref().map(|key| key.state(now));
            // Who was given this key is not to be let in by what is left of it.
            if waits == Some(State::Revoked) {
                return None;
            }
            let works = waits.is_some_and(State::gives_a_token);
            person.may_give = claim.scopes.without_reserved();
            person.max_expiry = claim.max_expiry;
            person.latest_end = maker.as_ref().and_then(|key| key.lifetime().ends_at());
            person.own_key = claim.key;
            person.waiting_key = claim.key.filter(|_| claim.taken_at.is_none() && works);
            person.waiting_stopped = waits.filter(|_| claim.taken_at.is_none() && !works);
        }
        Origin::Oidc => {
            // Whom the provider knows is whoever has the subject now, and may be another owner.
            let is_theirs =
                matches!(&session.came_from, CameFrom::Oidc { subject: known, .. } if known == subject);
            if !is_theirs {
                return None;
            }
            person.may_give = session.scopes.clone().unwrap_or_default().without_reserved();
        }
    }
    Some(person)
}

/// Whether a claim lets anybody in, whatever its code: it is not revoked, and the key that made it neither stopped nor at its end.
pub fn is_good(claim: &Claim, maker: Option<&Key>, now: Timestamp) -> bool {
    let needs_maker = matches!(claim.made_by, Some(MadeBy::Key(_)));
    let has_ended = |key: &Key| key.lifetime().ends_at().is_some_and(|end| now >= end);
    let may =
        |key: &Key| signs_in(&key.effective_scopes) == Some(true) && !key.is_stopped(now) && !has_ended(key);
    claim.revoked_at.is_none() && (!needs_maker || maker.is_some_and(may))
}

impl Person {
    /// What keys are marked with that they make: what they signed in with. Who sent an invitation, that says.
    pub fn made_by(&self) -> MadeBy {
        self.came_from.made_by()
    }

    /// Of these scopes those that the person may not give.
    pub fn beyond<'s>(&'s self, scopes: &'s Scopes) -> impl Iterator<Item = &'s Scope> {
        scopes.beyond(&self.may_give)
    }

    /// Until when a key that is made at `now` may live; `None` for no end.
    pub fn latest_end(&self, now: Timestamp) -> Option<Timestamp> {
        let by_claim = self.max_expiry.and_then(|most| now.after(most));
        [by_claim, self.latest_end].into_iter().flatten().min()
    }
}
