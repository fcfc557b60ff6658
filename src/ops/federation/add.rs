//! What is agreed with a provider, and the first key for it.

use serde_json::json;

use super::keys::Drawn;
use crate::domain::audit::action::Action;
use crate::domain::audit::event::Event;
use crate::domain::federation::kind::Kind;
use crate::domain::federation::parameters::Parameters;
use crate::domain::federation::settings::{AssertionType, Federation, FederationName, Present};
use crate::domain::outbound::endpoint::Endpoint;
use crate::domain::random::Random;
use crate::domain::time::Timestamp;
use crate::domain::tokens::audience::{Audience, Issuer};
use crate::domain::tokens::kid::Kid;
use crate::ops::change::Done;
use crate::ops::env::Env;
use crate::ops::error::{Conflict, Error, Result};
use crate::ops::master_keys::Ring;
use crate::store::{FederationLookup as _, Tx};

/// What was asked for. What is not said is the kind's, if it has it.
#[derive(Clone, Debug)]
pub(crate) struct New {
    pub name: FederationName,
    pub kind: Kind,
    pub token_endpoint: Option<Endpoint>,
    pub audience: Option<Audience>,
    pub issuer: Issuer,
    pub typ: AssertionType,
    pub present: Present,
    pub parameters: Parameters,
}

impl New {
    /// The agreement, if nothing lacks that the provider wants.
    fn agreed(&self, at: Timestamp) -> Result<Federation> {
        let Self { name, kind, issuer, typ, present, parameters, .. } = self.clone();
        let own = |what: &str| Error::Invalid {
            message: format!("a federation of kind {} has no {what} of its own", kind.as_str()),
            hint: format!("say which: --{what}, from the provider's documentation"),
        };
        let token_endpoint = self.token_endpoint.clone();
        let token_endpoint = token_endpoint.or_else(|| kind.endpoint()?.parse().ok());
        let audience = self.audience.clone().or_else(|| kind.audience()?.parse().ok());
        if let Some(lacking) = kind.demanded().iter().find(|name| parameters.get(name).is_none()) {
            return Err(Error::Invalid {
                message: format!("{} wants the parameter {lacking}", kind.as_str()),
                hint: format!("say it as the provider shows it: --parameter {lacking}=ID"),
            });
        }
        Ok(Federation {
            token_endpoint: token_endpoint.ok_or_else(|| own("token-endpoint"))?,
            audience: audience.ok_or_else(|| own("audience"))?,
            name,
            kind,
            issuer,
            typ,
            present,
            parameters,
            created_at: at,
        })
    }
}

/// A federation that was made, and the key that waits for the provider.
#[derive(Clone, Debug)]
pub(crate) struct Added {
    pub federation: Federation,
    pub next: Kid,
    pub at: Timestamp,
}

/// Makes a federation, and a key that signs once the provider has it.
pub(crate) fn add(env: &mut Env, ring: &Ring, new: &New) -> Result<Added> {
    let drawn = Drawn::draw()?;
    env.change_sealing(Action::FederationAdd, |tx, random| add_in(tx, random, ring, new, &drawn))
}

pub(crate) fn add_in(
    tx: &mut Tx<'_>,
    random: &mut dyn Random,
    ring: &Ring,
    new: &New,
    drawn: &Drawn,
) -> Result<Done<Added>> {
    let at = tx.now();
    let federation = new.agreed(at)?;
    let name = &federation.name;
    if tx.federation(name)?.is_some() {
        let message = format!("there is a federation {name}");
        let hint = "what is agreed does not change: give this one another name, or delete that one first";
        return Err(Conflict::new(message, hint).into());
    }
    if tx.head().issuer.as_ref() == Some(&federation.issuer) {
        let message = format!("{} is where this store's short-lived tokens are from", federation.issuer);
        let hint = "a federation has an issuer of its own, so that nobody takes the one for the other";
        return Err(Conflict::new(message, hint).into());
    }
    let mut events = ring.check_sealing(tx)?;
    tx.insert_federation(&federation);
    let next = drawn.put(tx, random, ring, &federation)?;
    let mut details = described(&federation);
    details["next"] = json!(next);
    events.push(Event::done(Action::FederationAdd, details));
    Ok(Done { result: Added { federation, next, at }, events })
}

/// All that is agreed, as records spell it.
pub(in crate::ops) fn described(federation: &Federation) -> serde_json::Value {
    let Federation { name, kind, token_endpoint, audience, issuer, typ, present, parameters, .. } =
        federation;
    json!({
        "federation": name, "kind": kind, "token_endpoint": token_endpoint, "audience": audience, "issuer": issuer,
        "typ": typ, "present": present, "parameters": parameters,
    })
}
