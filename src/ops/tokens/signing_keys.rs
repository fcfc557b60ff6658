//! The keys that sign: one does, one is the next, and those before verify until their last token ended.

use std::cmp::Reverse;

use serde_json::json;

use crate::crypto::es256;
use crate::domain::audit::action::Action;
use crate::domain::audit::event::Event;
use crate::domain::random::{Random, RandomError};
use crate::domain::secrets::secret::SecretValue;
use crate::domain::time::Timestamp;
use crate::domain::tokens::jwks::{Jwks, PublicJwk};
use crate::domain::tokens::kid::Kid;
use crate::domain::tokens::signing_key::{SigningKey, SigningState};
use crate::ops::change::Done;
use crate::ops::env::Env;
use crate::ops::error::{Conflict, Error, Result};
use crate::ops::master_keys::Ring;
use crate::store::{SigningKeyLookup as _, Store, Tx};

/// What a rotation or a revocation of signing keys came to.
#[derive(Clone, Debug)]
pub(crate) struct Turned {
    /// The one that signs from now on.
    pub signs: Kid,
    /// The one that is published, and signs after it.
    pub next: Kid,
    /// The one that signed before, and verifies until then.
    pub before: Option<(Kid, Option<Timestamp>)>,
    /// Until when verifiers may refuse new tokens, since they fetched the keys before.
    pub unknown_until: Option<Timestamp>,
    /// Those of them that were made for it.
    pub made: Vec<Kid>,
    /// Whether there was something to do.
    pub changed: bool,
    pub at: Timestamp,
}

/// Keys that were drawn for a change, which uses as many as it takes.
pub(crate) struct Fresh([(SecretValue, PublicJwk); 2]);

impl Fresh {
    pub(crate) fn draw() -> Result<Self, RandomError> {
        Ok(Self([es256::generate()?, es256::generate()?]))
    }
}

/// Every signing key that there ever was, the oldest first.
pub(crate) fn list(store: &mut Store) -> Result<Vec<SigningKey>> {
    Ok(store.signing_keys()?)
}

/// The public keys that verifiers need, in the order of those that serve reads: those without an end first, and then what ends last.
pub(crate) fn published(store: &mut Store) -> Result<Vec<PublicJwk>> {
    let (now, mut keys) = (store.now()?, store.signing_keys()?);
    keys.retain(|key| key.state(now).is_published());
    keys.sort_by_cached_key(|key| {
        let end = key.tokens_end_at;
        (end.is_some(), Reverse(end), key.published_at, key.public.kid.clone())
    });
    Ok(keys.into_iter().map(|key| key.public).collect())
}

/// The same as the document that they fetch: one of one kind, each once.
pub(crate) fn jwks(store: &mut Store) -> Result<String> {
    // Texts alone: serializing them cannot fail.
    Ok(serde_json::to_string(&Jwks::of(&published(store)?)).unwrap_or_default())
}

/// Lets the next key sign, and publishes another. Where there is none, makes the first two.
pub(crate) fn rotate(env: &mut Env, ring: &Ring) -> Result<Turned> {
    let fresh = Fresh::draw()?;
    env.change_sealing(Action::SigningKeyRotate, |tx, random| rotate_in(tx, random, ring, &fresh))
}

pub(crate) fn rotate_in(
    tx: &mut Tx<'_>,
    random: &mut dyn Random,
    ring: &Ring,
    fresh: &Fresh,
) -> Result<Done<Turned>> {
    let now = tx.now();
    let mut keys = Keys::read(tx, now)?;
    if let (Some(_), Some(next)) = (&keys.signing, &keys.next)
        && now < next.may_sign_at
    {
        let message = format!(
            "the next key {} is published since {} and may sign from {}: verifiers keep a set for some minutes, and would \
             refuse its tokens",
            next.public.kid, next.published_at, next.may_sign_at
        );
        let hint = "wait until then; a key that leaked goes at once: keyctl signing-key revoke KID";
        return Err(Conflict::new(message, hint).into());
    }
    let mut events = ring.check_sealing(tx)?;
    let retired = keys.signing.take().map(|mut key| {
        key.retire(now);
        tx.update_signing_key(&key);
        (key.public.kid, key.tokens_end_at)
    });
    let turned = turn(tx, random, ring, fresh, keys, retired)?;
    let details = json!({
        "signs": turned.signs,
        "next": turned.next,
        "before": turned.before.as_ref().map(|(kid, _)| kid),
        "tokens_end_at": turned.before.as_ref().and_then(|(_, end)| *end),
    });
    events.push(Event::done(Action::SigningKeyRotate, details));
    Ok(Done { result: turned, events })
}

/// Takes a key out at once: nothing that it signed is good any more. If it is the one that signs, the next one does; if it
/// is either, another is published.
pub(crate) fn revoke(env: &mut Env, ring: &Ring, kid: &Kid) -> Result<Turned> {
    let fresh = Fresh::draw()?;
    env.change_sealing(Action::SigningKeyRevoke, |tx, random| revoke_in(tx, random, ring, &fresh, kid))
}

pub(crate) fn revoke_in(
    tx: &mut Tx<'_>,
    random: &mut dyn Random,
    ring: &Ring,
    fresh: &Fresh,
    kid: &Kid,
) -> Result<Done<Turned>> {
    let now = tx.now();
    let all = tx.signing_keys()?;
    let Some(mut key) = all.into_iter().find(|key| key.public.kid == *kid) else { return Err(unknown(kid)) };
    let mut keys = Keys::read(tx, now)?;
    let state = key.state(now);
    if state == SigningState::Revoked {
        let (Some(signs), Some(next)) = (keys.signing, keys.next) else { return Err(lacking()) };
        return Ok(Done::unchanged(Turned {
            signs: signs.public.kid,
            next: next.public.kid,
            before: None,
            unknown_until: None,
            made: Vec::new(),
            changed: false,
            at: now,
        }));
    }
    let mut events = ring.check_sealing(tx)?;
    key.revoke(now);
    tx.update_signing_key(&key);
    keys.signing = keys.signing.filter(|signing| signing.public.kid != *kid);
    keys.next = keys.next.filter(|next| next.public.kid != *kid);
    let turned = turn(tx, random, ring, fresh, keys, None)?;
    let details = json!({ "kid": kid, "was": state, "signs": turned.signs, "next": turned.next });
    events.push(Event::done(Action::SigningKeyRevoke, details));
    Ok(Done { result: turned, events })
}

fn unknown(kid: &Kid) -> Error {
    Error::NotFound {
        message: format!("the store has no signing key {kid}"),
        hint: "keyctl signing-key list shows those that it has".to_owned(),
    }
}

fn lacking() -> Error {
    Error::NotFound {
        message: "no key signs".to_owned(),
        hint: "make two: keyctl signing-key rotate".to_owned(),
    }
}

/// The two keys whose private parts there are.
struct Keys {
    signing: Option<SigningKey>,
    next: Option<SigningKey>,
}

impl Keys {
    fn read(tx: &mut Tx<'_>, now: Timestamp) -> Result<Self> {
        let mut keys = Self { signing: None, next: None };
        for key in tx.signing_keys()? {
            match key.state(now) {
                SigningState::Signing => keys.signing = Some(key),
                SigningState::Next => keys.next = Some(key),
                _ => {}
            }
        }
        Ok(keys)
    }
}

/// Sees to it that one key signs and one is the next.
fn turn(
    tx: &mut Tx<'_>,
    random: &mut dyn Random,
    ring: &Ring,
    fresh: &Fresh,
    keys: Keys,
    before: Option<(Kid, Option<Timestamp>)>,
) -> Result<Turned> {
    let now = tx.now();
    let mut fresh = fresh.0.iter();
    let mut made = Vec::new();
    let mut draw_next = |tx: &mut Tx<'_>, signs: bool| -> Result<SigningKey> {
        let (value, public) = fresh.next().ok_or(RandomError)?;
        let key = SigningKey::new(public.clone(), ring.current(), now, signs);
        let envelope = ring.seal_signing_key(&public.kid, value, random)?;
        tx.insert_signing_key(&key, &envelope);
        tx.count_encryptions(ring.current(), 1);
        made.push(public.kid.clone());
        Ok(key)
    };
    let (signs, promoted, next) = match (keys.signing, keys.next) {
        (Some(signs), next) => (signs, false, next),
        (None, Some(mut next)) => {
            next.promote(now);
            tx.update_signing_key(&next);
            (next, true, None)
        }
        (None, None) => (draw_next(tx, true)?, true, None),
    };
    let next = match next {
        Some(next) => next,
        None => draw_next(tx, false)?,
    };
    let unknown_until = if promoted { signs.unknown_until(now) } else { None };
    Ok(Turned {
        signs: signs.public.kid,
        next: next.public.kid,
        before,
        unknown_until,
        made,
        changed: true,
        at: now,
    })
}
