//! Another token for the same key.

use serde_json::json;

use super::allowed;
use super::find::{ahead, resolve};
use super::mint::own_prefix;
use super::used;
use crate::crypto::digest;
use crate::domain::audit::action::Action;
use crate::domain::audit::event::Event;
use crate::domain::keys::foreign::is_foreign;
use crate::domain::keys::key::{IssuedToken, Key, LastUse, RotateError, Rotation};
use crate::domain::keys::key_ref::KeyRef;
use crate::domain::keys::rules::Rules;
use crate::domain::keys::token::{DisplayPrefix, Prefix, Token, TokenHash};
use crate::domain::portal::claim::{Claim, ClaimState};
use crate::domain::random::{Random, RandomError};
use crate::domain::time::{Expiry, Grace, Span, Timestamp};
use crate::domain::tokens::claims::Ttl;
use crate::ops::change::Done;
use crate::ops::delivery::Deliver;
use crate::ops::env::Env;
use crate::ops::error::{Conflict, Error, Result};
use crate::ops::handover::Handover;
use crate::store::{ClaimLookup as _, Tx};

#[derive(Clone, Debug)]
pub struct Request {
    pub key: KeyRef,
    /// How long the old token keeps working.
    pub grace: Grace,
    /// A new expiry; `None` leaves it. It renews an expired key.
    pub expiry: Option<Expiry>,
    /// The new token's prefix; `None` keeps the old one's.
    pub prefix: Option<Prefix>,
}

#[derive(Debug)]
pub struct Rotated {
    /// The key as it is now, with its previous token if that still works.
    pub key: Key,
    /// The fresh token, which was delivered.
    #[cfg_attr(not(feature = "internals"), expect(dead_code, reason = "the tests go on with it"))]
    pub token: Token,
    /// A token that was in its grace, which this ended.
    pub superseded: Option<IssuedToken>,
    /// The store's policy, where a renewal would have let the key live longer than that.
    pub shortened: Option<Span>,
    /// Whether it was given another end.
    pub renewed: bool,
}

/// Gives a key a new token and touches nothing else of it but, if asked, its expiry.
pub fn rotate(env: &mut Env, request: &Request, deliver: &mut dyn Deliver) -> Result<Rotated> {
    let key = ahead(&mut env.store, &request.key)?;
    let (last_used, fresh) = draw_ahead(env, &key, request.prefix.as_ref())?;
    let request = Request { key, ..request.clone() };
    let mut handover = Handover::new(deliver);
    let changed = env.change_and_deliver(
        Action::Rotate,
        |tx| {
            let mut done = rotate_in(tx, &request, &fresh)?;
            done.result.0.last_used = last_used;
            Ok(done)
        },
        |(key, _)| handover.deliver(fresh.token(), key),
    );
    let (key, superseded) = handover.settle(changed)?;
    let renewed = request.expiry.is_some();
    Ok(Rotated { key, token: fresh.token, superseded, shortened: None, renewed })
}

/// Draws a key's next token, and says when the key was last used. The token is made once, before the transaction, which may
/// run again; so the prefix that it keeps is read before, too.
pub(in crate::ops) fn draw_ahead(
    env: &mut Env,
    key: &KeyRef,
    prefix: Option<&Prefix>,
) -> Result<(LastUse, Fresh)> {
    let found = match resolve(&mut env.store, key) {
        Ok(mut found) => {
            used::fill(&mut env.store, [&mut found]);
            Some(found)
        }
        // The transaction meets the same conflict, and records it.
        Err(Error::Conflict(_)) => None,
        Err(error) => return Err(error),
    };
    let last_used = found.as_ref().map(|found| found.last_used).unwrap_or_default();
    let before = found.as_ref().and_then(Key::token_prefix).map(DisplayPrefix::token_prefix);
    let prefix = match (prefix, before) {
        (Some(prefix), _) => own_prefix(prefix)?,
        (None, Some(before)) => {
            let head = env.store.head()?;
            kept_prefix(Some(&before), &head.default_prefix, &head.rules)
        }
        (None, None) => Prefix::default(),
    };
    Ok((last_used, Fresh::draw(&prefix, env.random.as_mut())?))
}

/// This prefix, or the store's where there is none, or that of tokens that were imported.
pub(in crate::ops) fn own_or_default_prefix(asked: Option<&Prefix>, default: &Prefix) -> Prefix {
    asked.filter(|prefix| !is_foreign(prefix)).unwrap_or(default).clone()
}

/// The prefix that a key's tokens had until now, or the store's where they were imported: as far as its policy allows it, since
/// nobody asked for one.
pub(in crate::ops) fn kept_prefix(before: Option<&Prefix>, default: &Prefix, rules: &Rules) -> Prefix {
    rules.prefix_or_allowed(&own_or_default_prefix(before, default))
}

/// What is random in a rotation.
#[derive(Debug)]
pub struct Fresh {
    token: Token,
    hash: TokenHash,
}

impl Fresh {
    /// Draws it; `prefix` is the token's.
    pub fn draw(prefix: &Prefix, random: &mut dyn Random) -> Result<Self, RandomError> {
        let token = Token::generate(prefix, random)?;
        Ok(Self { hash: digest::hash_token(&token), token })
    }

    /// The token, to be handed out before the commit.
    pub fn token(&self) -> &Token {
        &self.token
    }

    pub(in crate::ops) fn into_token(self) -> Token {
        self.token
    }

    pub(super) fn hash(&self) -> &TokenHash {
        &self.hash
    }
}

/// Decides on a rotation, and writes it. The key as it is then, and the token that was in its grace, which this
/// ended. The request's prefix is of no account: the fresh token has it.
pub fn rotate_in(
    tx: &mut Tx<'_>,
    request: &Request,
    fresh: &Fresh,
) -> Result<Done<(Key, Option<IssuedToken>)>> {
    let old = resolve(tx, &request.key)?;
    let now = tx.now();
    let superseded = old.token_in_grace(now).cloned();
    let rotation =
        old.rotate(now, request.grace, request.expiry).map_err(|error| refused_in(tx, &old, &error))?;
    let renewed = rotation.key_expires_at != old.expires_at;
    // Whoever ends the old token at once means those that nobody confirmed, too: one of them may be what leaked.
    let ends_pending = rotation.old_token_expires_at <= now && !old.pending_tokens.is_empty();
    let ends_one = superseded.is_some() || ends_pending || cuts_short(&rotation, &old, now);
    let mut new = rotated(&old, rotation, IssuedToken::fresh(fresh.token.display_prefix(), now), now);
    if ends_pending {
        new.pending_tokens.clear();
    }
    if new.takes_away(&old) {
        tx.raise_version(new.id);
    } else if ends_one {
        tx.raise_own_version(new.id);
    }
    let event = Event::done(Action::Rotate, details(&old, &new, &rotation)).on(&old);
    let allowed = allowed::allow(tx, &new, Some(&old))?;
    tx.rotate_key(allowed, &old, &fresh.hash, rotation.old_token_expires_at);
    if ends_pending {
        tx.end_pending_tokens(new.id);
    }
    if renewed {
        tx.refresh_key(new.id)?;
    }
    Ok(Done::with((new, superseded), event))
}

/// The first token of a key that waited for it.
pub(in crate::ops) fn first_token_in(tx: &mut Tx<'_>, key: &Key, fresh: &Fresh) -> Result<Done<Key>> {
    let now = tx.now();
    let rotation =
        Rotation { key_expires_at: key.expires_at, lives_for: key.lives_for, old_token_expires_at: now };
    let new = rotated(key, rotation, IssuedToken::fresh(fresh.token.display_prefix(), now), now);
    let event = Event::done(Action::Rotate, details(key, &new, &rotation)).on(key);
    let allowed = allowed::allow(tx, &new, Some(key))?;
    tx.rotate_key(allowed, key, &fresh.hash, rotation.old_token_expires_at);
    Ok(Done::with(new, event))
}

/// Whether the old token ends before what was exchanged for it: that knew of no grace. What is exchanged in the grace ends
/// with it.
pub(super) fn cuts_short(rotation: &Rotation, old: &Key, now: Timestamp) -> bool {
    let lives = [now.after(Ttl::LONGEST.span()), old.expires_at].into_iter().flatten().min();
    lives.is_some_and(|end| rotation.old_token_expires_at < end)
}

/// The key with another token.
pub(super) fn rotated(old: &Key, rotation: Rotation, token: IssuedToken, now: Timestamp) -> Key {
    let superseded =
        old.token.clone().map(|old| IssuedToken { expires_at: Some(rotation.old_token_expires_at), ..old });
    Key {
        // What had no token until now gets its first.
        generation: old.generation + i64::from(old.token.is_some()),
        expires_at: rotation.key_expires_at,
        lives_for: rotation.lives_for,
        token: Some(token),
        previous_token: superseded.filter(|_| rotation.old_token_expires_at > now),
        ..old.clone()
    }
}

/// What the records of both say: a rotation, and the confirmation of one.
pub(super) fn details(old: &Key, new: &Key, rotation: &Rotation) -> serde_json::Value {
    let pending: Vec<_> = new.pending_tokens.iter().map(|token| &token.prefix).collect();
    json!({
        "token": new.token_prefix(),
        "old_token": old.token_prefix(),
        "old_token_expires_at": old.token.as_ref().map(|_| rotation.old_token_expires_at),
        "expires_at": rotation.key_expires_at,
        "old_expires_at": old.expires_at,
        "pending_tokens": pending,
    })
}

/// [`refused`], where it can be looked up whether a key without a token waits for somebody.
pub(super) fn refused_in(tx: &mut Tx<'_>, key: &Key, error: &RotateError) -> Error {
    if *error != RotateError::NoToken {
        return refused(key, error);
    }
    match tx.claim_of_key(key.id) {
        Ok(Some(claim)) => waiting(key, &claim, tx.now()),
        Ok(None) => refused(key, error),
        Err(error) => error.into(),
    }
}

/// The refusal of a key that was made for whoever opens its link. A code is known by its hash alone, so no link is sent twice.
fn waiting(key: &Key, claim: &Claim, now: Timestamp) -> Error {
    let named = key.path();
    let message =
        format!("{named} cannot be rotated: it waits for whoever opens its link, and has no token yet");
    let another = format!("send another link: keyctl revoke {named}, then keyctl mint {named} --claim");
    let hint = match claim.state(now) {
        ClaimState::Open => {
            format!(
                "the link works until {}, and gives the token; where it is lost, {another}",
                claim.expires_at
            )
        }
        ClaimState::Redeemed => {
            format!("whoever opened the link gets the token there while they are signed in; later, {another}")
        }
        ClaimState::Expired | ClaimState::Revoked => format!("the link works no more; {another}"),
    };
    Conflict::new(message, hint).on(key).into()
}

pub(super) fn refused(key: &Key, error: &RotateError) -> Error {
    let named = format!("{}/{}", key.owner, key.name);
    let message = format!("{named} cannot be rotated: {error}");
    match error {
        RotateError::Revoked(_) => {
            Conflict::new(message, format!("mint a new key: keyctl mint {}", key.owner)).on(key).into()
        }
        RotateError::NoToken => {
            let hint = "whoever brings what its trust asks for gets a short-lived one: see keyctl trust list; it ends at a \
                later time by keyctl edit --expires";
            Conflict::new(message, hint).on(key).into()
        }
        RotateError::Expired(_) => {
            Conflict::new(message, format!("renew it: keyctl rotate {named} --expires 90d")).on(key).into()
        }
        RotateError::NotPending(_) | RotateError::Overtaken(_) => {
            Conflict::new(message, format!("see which work: keyctl show {named}")).on(key).into()
        }
        RotateError::EndsBeforeStart(_) | RotateError::Expiry(_) => {
            Error::Invalid { message, hint: "see keyctl rotate --help".to_owned() }
        }
    }
}
