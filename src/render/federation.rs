//! Federations and the keys that sign for them.

use serde::Serialize;

use super::key::{join, moment};
use super::{Field, Screen, View};
use crate::domain::federation::key::{FederationKey, FederationKeyState};
use crate::domain::federation::kind::Kind;
use crate::domain::federation::parameters::Parameters;
use crate::domain::federation::settings::{AssertionType, FederationName, Present};
use crate::domain::outbound::endpoint::Endpoint;
use crate::domain::secrets::secret::SecretName;
use crate::domain::time::Timestamp;
use crate::domain::tokens::audience::{Audience, Issuer};
use crate::domain::tokens::kid::Kid;
use crate::ops::federation::keys::Turned;
use crate::ops::federation::show::Shown;

#[derive(Serialize)]
struct FederationJson<'f> {
    name: &'f FederationName,
    kind: Kind,
    token_endpoint: &'f Endpoint,
    audience: &'f Audience,
    issuer: &'f Issuer,
    typ: &'f AssertionType,
    present: Present,
    parameters: &'f Parameters,
    created_at: Timestamp,
    keys: Vec<KeyJson<'f>>,
    secrets: &'f [SecretName],
}

#[derive(Serialize)]
struct KeyJson<'f> {
    kid: &'f Kid,
    state: FederationKeyState,
    created_at: Timestamp,
    activated_at: Option<Timestamp>,
    retired_at: Option<Timestamp>,
}

impl<'f> KeyJson<'f> {
    fn of(key: &'f FederationKey) -> Self {
        let (kid, state) = (&key.public.kid, key.state());
        let FederationKey { created_at, activated_at, retired_at, .. } = *key;
        Self { kid, state, created_at, activated_at, retired_at }
    }
}

impl View for Shown {
    fn json(&self) -> impl Serialize {
        let (federation, keys) = (&self.federation, self.keys.iter().map(KeyJson::of).collect());
        FederationJson {
            name: &federation.name,
            kind: federation.kind,
            token_endpoint: &federation.token_endpoint,
            audience: &federation.audience,
            issuer: &federation.issuer,
            typ: &federation.typ,
            present: federation.present,
            parameters: &federation.parameters,
            created_at: federation.created_at,
            keys,
            secrets: &self.secrets,
        }
    }

    fn fields(&self, screen: &Screen) -> Vec<Field> {
        let federation = &self.federation;
        let kid = |state: FederationKeyState| {
            let found = self.keys.iter().find(|key| key.state() == state);
            Field::new(state.as_str(), found.map_or("", |key| key.public.kid.as_str())).whole()
        };
        let parameters = federation.parameters.iter().map(|(name, value)| format!("{name}={value}"));
        vec![
            Field::new("name", federation.name.as_str()),
            Field::new("kind", federation.kind.as_str()),
            Field::new("issuer", federation.issuer.as_str()),
            kid(FederationKeyState::Signing),
            kid(FederationKeyState::Next),
            Field::new("secrets", join(self.secrets.iter())),
            Field::new("token_endpoint", federation.token_endpoint.as_str()).extra(),
            Field::new("audience", federation.audience.as_str()).extra(),
            Field::new("typ", federation.typ.as_str()).extra(),
            Field::new("present", federation.present.as_str()).extra(),
            Field::new("parameters", join(parameters)).extra(),
            moment("created_at", Some(federation.created_at), "", screen).extra(),
        ]
    }
}

#[derive(Serialize)]
struct TurnedJson<'t> {
    federation: &'t FederationName,
    signs: Option<&'t Kid>,
    next: Option<&'t Kid>,
    retired: Option<&'t Kid>,
    changed: bool,
}

impl View for Turned {
    fn json(&self) -> impl Serialize {
        let Self { federation, signs, next, retired, changed, .. } = self;
        let (signs, next, retired) = (signs.as_ref(), next.as_ref(), retired.as_ref());
        TurnedJson { federation, signs, next, retired, changed: *changed }
    }

    fn fields(&self, _: &Screen) -> Vec<Field> {
        let kid = |name, kid: &Option<Kid>| Field::new(name, kid.as_ref().map_or("", Kid::as_str)).whole();
        vec![
            Field::new("federation", self.federation.as_str()),
            kid("signs", &self.signs),
            kid("next", &self.next),
            kid("retired", &self.retired),
        ]
    }
}
