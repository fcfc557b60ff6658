//! An invitation: a code that begins one session, for an owner who may have no key yet.

use std::fmt;

use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::who::hash_of;
use crate::domain::audit::action::Action;
use crate::domain::audit::event::Event;
use crate::domain::id::{IdSeed, KeyId};
use crate::domain::keys::key::Key;
use crate::domain::keys::scope::Scopes;
use crate::domain::owners::owner::Owner;
use crate::domain::owners::subject::OwnerSubject;
use crate::domain::portal::claim::Claim;
use crate::domain::portal::ids::ClaimId;
use crate::domain::portal::made_by::MadeBy;
use crate::domain::portal::secret::ClaimCode;
use crate::domain::portal::url::PortalUrl;
use crate::domain::random::{Random, RandomError};
use crate::domain::texts::text::counted;
use crate::domain::time::{Span, Timestamp};
use crate::ops::change::Done;
use crate::ops::env::Env;
use crate::ops::error::{Error, Result};
use crate::ops::keys::allowed;
use crate::ops::keys::mint::{self, Planned};
use crate::ops::owners::owner;
use crate::store::{Lookup as _, Tx};

#[derive(Clone, Debug)]
pub struct Request {
    /// For whom; made if new.
    pub owner: Owner,
    /// As whom services know the owner; `None` takes what it has, of a new one its name.
    pub subject: Option<OwnerSubject>,
    /// What keys that are made with it may do at most.
    pub scopes: Scopes,
    /// Whether `*` may be among the scopes.
    pub allow_all: bool,
    /// How long the code works.
    pub ttl: Span,
    /// How long keys that are made with it may live; `None` for as long as the store allows.
    pub max_expiry: Option<Span>,
}

/// An invitation that was made. Its code is known nowhere else.
#[derive(Debug)]
pub struct Invited {
    pub claim: Claim,
    pub code: ClaimCode,
    pub owner_is_new: bool,
    /// Where the portal is, as the store's setting says it.
    pub portal: Option<PortalUrl>,
}

impl Invited {
    /// The link to hand out, where the store knows a portal. The code stands in the fragment, which no browser sends to a
    /// server: so it is in no log, and no preview of the link redeems it.
    pub fn link(&self) -> Option<Link> {
        self.portal
            .as_ref()
            .map(|portal| Link(Zeroizing::new(format!("{portal}claim#{}", self.code.expose()))))
    }
}

/// A link with a code in it: a secret, as that is.
pub struct Link(Zeroizing<String>);

impl Link {
    /// The whole link, for the moment in which it is handed out.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Link(…)")
    }
}

/// A key that waits for its token, with the code that whoever is to have it redeems.
#[derive(Debug)]
pub struct Waiting {
    pub key: Key,
    pub invited: Invited,
}

/// What is random in an invitation.
#[derive(Debug)]
pub struct Fresh {
    seed: IdSeed,
    code: ClaimCode,
}

impl Fresh {
    pub fn draw(random: &mut dyn Random) -> Result<Self, RandomError> {
        Ok(Self { seed: IdSeed::draw(random)?, code: ClaimCode::generate(random)? })
    }

    pub(super) fn into_code(self) -> ClaimCode {
        self.code
    }
}

/// Whoever sends an invitation through the portal.
pub(super) struct Sender {
    /// What they signed in with.
    pub(super) made_by: MadeBy,
    /// When that ends: the code works no longer, and neither do keys that are made with it.
    pub(super) ends_at: Option<Timestamp>,
}

/// Makes an invitation.
pub fn invite(env: &mut Env, request: &Request) -> Result<Invited> {
    check(request.ttl, request.max_expiry, &request.scopes)?;
    mint::check_everything(&request.scopes, request.allow_all)?;
    owner::refuse_token(env, request.subject.as_ref())?;
    let fresh = Fresh::draw(env.random.as_mut())?;
    let (claim, owner_is_new, portal) =
        env.change(Action::ClaimCreate, |tx| invite_in(tx, request, None, &fresh))?;
    Ok(Invited { claim, code: fresh.code, owner_is_new, portal })
}

/// The same as a part of a change, of a request that was [checked](check).
pub(super) fn invite_in(
    tx: &mut Tx<'_>,
    request: &Request,
    sender: Option<&Sender>,
    fresh: &Fresh,
) -> Result<Done<(Claim, bool, Option<PortalUrl>)>> {
    let mut events = Vec::new();
    let added = owner::add_in(tx, &request.owner, request.subject.as_ref(), true)?.record_in(&mut events);
    owner::check_enabled(&request.owner, tx.owner_state(&request.owner)?)?;
    let blank = blank(tx, &request.owner, request.ttl, fresh.seed);
    let ends = sender.and_then(|sender| sender.ends_at).into_iter().chain([blank.expires_at]);
    let claim = Claim {
        scopes: request.scopes.clone(),
        max_expiry: request.max_expiry,
        made_by: sender.map(|sender| sender.made_by.clone()),
        expires_at: ends.min().unwrap_or(blank.expires_at),
        ..blank
    };
    tx.insert_claim(&claim, &hash_of(fresh.code.expose()));
    events.push(Event::done(Action::ClaimCreate, details(&claim)).of(&claim.owner));
    let portal = tx.head().portal.clone();
    Ok(Done { result: (claim, added.changed, portal), events })
}

/// Makes a key as [`mint::mint`] does, but for its token: that is made when somebody redeems the code.
pub fn mint_waiting(env: &mut Env, request: &mint::Request, ttl: Span) -> Result<Waiting> {
    check(ttl, None, &Scopes::default())?;
    mint::check_scopes(request)?;
    owner::refuse_token(env, request.subject.as_ref())?;
    let prefix = env.store.default_prefix()?;
    // The token that is among what is drawn for the key is of no account.
    let fresh = (mint::Fresh::draw(&prefix, env.random.as_mut())?, Fresh::draw(env.random.as_mut())?);
    let (key, claim, owner_is_new, portal) = env.change(Action::Mint, |tx| {
        let Planned { key, owner_is_new, .. } = mint::plan(tx, request, &fresh.0)?;
        let key = Key { token: None, ..key };
        let allowed = allowed::allow(tx, &key, None)?;
        tx.insert_tokenless_key(allowed);
        let claim = Claim { key: Some(key.id), ..blank(tx, &key.owner, ttl, fresh.1.seed) };
        tx.insert_claim(&claim, &hash_of(fresh.1.code.expose()));
        let minted = Event::done(Action::Mint, mint::details(&key, owner_is_new)).on(&key);
        let created = Event::done(Action::ClaimCreate, details(&claim)).on(&key);
        let portal = tx.head().portal.clone();
        Ok(Done { result: (key, claim, owner_is_new, portal), events: vec![minted, created] })
    })?;
    Ok(Waiting { key, invited: Invited { claim, code: fresh.1.code, owner_is_new, portal } })
}

/// What no invitation can be.
pub(super) fn check(ttl: Span, max_expiry: Option<Span>, scopes: &Scopes) -> Result<()> {
    if max_expiry.is_some_and(Span::is_zero) {
        return Err(Error::Invalid {
            message: "keys that may live no time at all would never work".to_owned(),
            hint: "as in --expires 90d".to_owned(),
        });
    }
    if ttl.is_zero() || ttl > Claim::LONGEST_TTL {
        let days = Claim::LONGEST_TTL.as_secs() / 86_400;
        let most = counted(u64::try_from(days).unwrap_or_default(), "day");
        return Err(Error::Invalid {
            message: format!("the code of an invitation works for at most {most}"),
            hint: "as in --ttl 1d; whoever comes later is sent another one".to_owned(),
        });
    }
    match scopes.reserved().next() {
        None => Ok(()),
        Some(scope) => Err(Error::Invalid {
            message: format!("an invitation never gives {scope}"),
            hint: "keyctl's own scopes are given to single keys: keyctl mint --scope".to_owned(),
        }),
    }
}

fn blank(tx: &Tx<'_>, owner: &Owner, ttl: Span, seed: IdSeed) -> Claim {
    let now = tx.now();
    Claim {
        id: ClaimId::at(now, seed),
        owner: owner.clone(),
        key: None::<KeyId>,
        scopes: Scopes::default(),
        max_expiry: None,
        made_by: None,
        created_at: now,
        expires_at: now.after(ttl).unwrap_or(now),
        redeemed_at: None,
        revoked_at: None,
        taken_at: None,
    }
}

/// What decides of a claim, as records and `store check` spell it.
pub(in crate::ops) fn attributes(claim: &Claim) -> [(&'static str, Value); 5] {
    [
        ("key", json!(claim.key)),
        ("scopes", json!(claim.scopes)),
        ("max_expiry_seconds", json!(claim.max_expiry.map(Span::as_secs))),
        ("made_by", json!(claim.made_by)),
        ("expires_at", json!(claim.expires_at)),
    ]
}

fn details(claim: &Claim) -> Value {
    let mut details: serde_json::Map<String, Value> =
        attributes(claim).into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    details.insert("claim".to_owned(), json!(claim.id));
    Value::Object(details)
}
