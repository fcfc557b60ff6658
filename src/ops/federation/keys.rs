//! The keys that sign for a federation. A new one signs only when somebody says that the provider has it.

use serde_json::json;

use super::find;
use crate::crypto::es256;
use crate::domain::audit::action::Action;
use crate::domain::audit::event::Event;
use crate::domain::federation::key::{FederationKey, FederationKeyState};
use crate::domain::federation::settings::{Federation, FederationName};
use crate::domain::random::{Random, RandomError};
use crate::domain::secrets::secret::SecretValue;
use crate::domain::time::Timestamp;
use crate::domain::tokens::jwks::PublicJwk;
use crate::domain::tokens::kid::Kid;
use crate::ops::change::Done;
use crate::ops::env::Env;
use crate::ops::error::{Conflict, Result};
use crate::ops::master_keys::Ring;
use crate::store::{FederationLookup, Tx};

/// A key that was drawn for a change.
pub(crate) struct Drawn(SecretValue, PublicJwk);

impl Drawn {
    pub(crate) fn draw() -> Result<Self, RandomError> {
        es256::generate().map(|(value, public)| Self(value, public))
    }

    /// Stores it as the federation's next key.
    pub(super) fn put(
        &self,
        tx: &mut Tx<'_>,
        random: &mut dyn Random,
        ring: &Ring,
        federation: &Federation,
    ) -> Result<Kid> {
        let Self(value, public) = self;
        let envelope = ring.seal_federation_key(federation, &public.kid, value, random)?;
        let key = FederationKey {
            public: public.clone(),
            federation: federation.name.clone(),
            created_at: tx.now(),
            activated_at: None,
            retired_at: None,
            master_key_id: Some(ring.current()),
        };
        tx.insert_federation_key(&key, &envelope);
        tx.count_encryptions(ring.current(), 1);
        Ok(key.public.kid)
    }
}

/// The two keys that the provider should have.
#[derive(Clone, Debug, Default)]
pub(crate) struct Current {
    pub signing: Option<FederationKey>,
    pub next: Option<FederationKey>,
}

pub(super) fn current(store: &mut impl FederationLookup, name: &FederationName) -> Result<Current> {
    let mut current = Current::default();
    for key in store.federation_keys()?.into_iter().filter(|key| key.federation == *name) {
        match key.state() {
            FederationKeyState::Signing => current.signing = Some(key),
            FederationKeyState::Next => current.next = Some(key),
            FederationKeyState::Retired => {}
        }
    }
    Ok(current)
}

/// What a rotation or an activation came to.
#[derive(Clone, Debug)]
pub(crate) struct Turned {
    pub federation: FederationName,
    /// The one that signs from now on; `None` before the first was activated.
    pub signs: Option<Kid>,
    /// The one that waits for the provider.
    pub next: Option<Kid>,
    /// The one that signed before, whose private part is gone.
    pub retired: Option<Kid>,
    pub changed: bool,
    pub at: Timestamp,
}

/// Makes the next key. The one that signs does so until that is activated.
pub(crate) fn rotate(env: &mut Env, ring: &Ring, name: &FederationName) -> Result<Turned> {
    let drawn = Drawn::draw()?;
    env.change_sealing(Action::FederationRotate, |tx, random| rotate_in(tx, random, ring, name, &drawn))
}

pub(crate) fn rotate_in(
    tx: &mut Tx<'_>,
    random: &mut dyn Random,
    ring: &Ring,
    name: &FederationName,
    drawn: &Drawn,
) -> Result<Done<Turned>> {
    let federation = find(tx, name)?;
    let Current { signing, next } = current(tx, name)?;
    if let Some(next) = next {
        let message = format!("the federation {name} has a next key already, {}", next.public.kid);
        let hint = format!(
            "give the provider what keyctl federation export {name} prints, then: keyctl federation activate {name} --uploaded"
        );
        return Err(Conflict::new(message, hint).into());
    }
    let mut events = ring.check_sealing(tx)?;
    let next = drawn.put(tx, random, ring, &federation)?;
    let signs = signing.map(|key| key.public.kid);
    let details = json!({ "federation": name, "next": next, "signs": signs });
    events.push(Event::done(Action::FederationRotate, details));
    let (federation, next) = (federation.name, Some(next));
    let turned = Turned { federation, signs, next, retired: None, changed: true, at: tx.now() };
    Ok(Done { result: turned, events })
}

/// Lets the next key sign, which the provider has. The one before is retired.
pub(crate) fn activate(env: &mut Env, name: &FederationName) -> Result<Turned> {
    env.change(Action::FederationActivate, |tx| activate_in(tx, name))
}

pub(crate) fn activate_in(tx: &mut Tx<'_>, name: &FederationName) -> Result<Done<Turned>> {
    let (federation, at) = (find(tx, name)?.name, tx.now());
    let Current { signing, next } = current(tx, name)?;
    let Some(mut next) = next else {
        let signs = signing.map(|key| key.public.kid);
        let turned = Turned { federation, signs, next: None, retired: None, changed: false, at };
        return Ok(Done::unchanged(turned));
    };
    // The index allows one that signs.
    let retired = signing.map(|mut key| {
        key.retire(at);
        tx.update_federation_key(&key);
        key.public.kid
    });
    next.activate(at);
    tx.update_federation_key(&next);
    let signs = next.public.kid;
    let details = json!({ "federation": name, "signs": signs, "before": retired });
    let turned = Turned { federation, signs: Some(signs), next: None, retired, changed: true, at };
    Ok(Done::with(turned, Event::done(Action::FederationActivate, details)))
}
