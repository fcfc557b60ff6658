//! An assertion is taken for a token: prepared in one state of the store, and sent when that is closed.

use std::time::Duration;

use zeroize::Zeroizing;

use super::keys::current;
use crate::crypto::es256::PrivateKey;
use crate::crypto::jws::Signer;
use crate::domain::federation::answer::{self, NoToken, Token};
use crate::domain::federation::assertion::{LIFE, claims};
use crate::domain::federation::federated::Federated;
use crate::domain::federation::parameters::Parameters;
use crate::domain::federation::settings::{Federation, Present};
use crate::domain::federation::subject::About;
use crate::domain::owners::owner::Owner;
use crate::domain::random::Random;
use crate::domain::secrets::secret::{Secret, SecretName, SecretValue};
use crate::domain::time::Timestamp;
use crate::ops::error::{Error, Result};
use crate::ops::master_keys::Ring;
use crate::ops::outbound::{Call, Form, LONGEST, Outbound, Request, Unanswered};
use crate::store::{FederationLookup as _, SealedVersion, Store};

/// Bytes of an answer: a token is a few hundred.
const MOST: usize = 64 * 1024;

/// Who signs what for whom. `Debug` shows public parts alone.
#[derive(Debug)]
pub(crate) struct Order {
    secret: SecretName,
    federation: Federation,
    subject: String,
    signer: Signer,
}

/// What is signed, and what else the provider is told with it.
#[derive(Debug)]
pub(crate) struct Identity {
    pub assertion: SecretValue,
    pub parameters: Parameters,
}

/// A token that somebody was given.
#[derive(Debug)]
pub(crate) struct Got {
    pub value: SecretValue,
    pub expires_at: Option<Timestamp>,
    pub present: Present,
}

/// There is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotGot {
    pub why: Why,
    /// How long the provider asks to be left alone.
    #[cfg_attr(not(feature = "serve"), allow(dead_code, reason = "a server alone is asked again and again"))]
    pub retry_after: Option<Duration>,
}

impl From<Unanswered> for NotGot {
    fn from(unanswered: Unanswered) -> Self {
        Self { why: unanswered.into(), retry_after: None }
    }
}

/// Why. Nothing of what was sent or received stands in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Why {
    #[error(transparent)]
    Unanswered(#[from] Unanswered),
    #[error(transparent)]
    NoToken(#[from] NoToken),
}

impl Why {
    /// Whether it has nothing to do with who asks: nobody is answered.
    #[cfg(feature = "serve")]
    pub(crate) const fn is_of_all(self) -> bool {
        match self {
            Self::Unanswered(_) => true,
            Self::NoToken(no_token) => matches!(no_token, NoToken::Status(429 | 500..)),
        }
    }

    /// The word for operators.
    pub(crate) const fn reason(self) -> &'static str {
        match self {
            Self::Unanswered(unanswered) => unanswered.reason(),
            Self::NoToken(no_token) => no_token.reason(),
        }
    }
}

/// What is signed for this secret and owner, by the key that signs now. [`Error::KeyUnavailable`] if there is none, or what is
/// sealed of the secret is not what its row says.
pub(crate) fn order(
    store: &mut Store,
    ring: &Ring,
    secret: &Secret,
    sealed: &SealedVersion,
    owner: &Owner,
) -> Result<Order> {
    let unavailable = |message: String, hint: String| Error::KeyUnavailable { message, hint };
    let altered = || {
        let message = format!("how the secret {} is got is not what was sealed of it", secret.name);
        unavailable(message, "somebody altered the store: keyctl store check".to_owned())
    };
    let Some(federated) = store.federated(secret.id)? else { return Err(altered()) };
    if ring.open_text(sealed)?.expose() != federated.description() {
        return Err(altered());
    }
    let Federated { federation: name, subject } = federated;
    let Some(federation) = store.federations()?.into_iter().find(|found| found.name == name) else {
        return Err(altered());
    };
    let signing = current(store, &name)?.signing;
    let Some(kid) = signing.map(|key| key.public.kid) else {
        let message =
            format!("no key of the federation {name} signs, by which the secret {} is got", secret.name);
        let hint = format!(
            "give the provider what keyctl federation export {name} prints, then: keyctl federation activate {name} --uploaded"
        );
        return Err(unavailable(message, hint));
    };
    let envelope = store.sealed_federation_key(&kid)?.ok_or_else(altered)?;
    let key = PrivateKey::open(&ring.open_federation_key(&federation, &kid, &envelope)?);
    let key = key.ok().filter(|key| key.public().kid == kid).ok_or_else(altered)?;
    let store = ring.store().to_string();
    let subject = subject.filled(&About { store: &store, secret: &secret.name, owner });
    let signer = Signer::of_type(key, federation.typ.as_str());
    Ok(Order { secret: secret.name.clone(), federation, subject, signer })
}

impl Order {
    /// Signs and asks. Not in a transaction, and not on a thread that somebody else waits for.
    pub(crate) fn send(
        &self,
        outbound: &dyn Outbound,
        now: Timestamp,
        random: &mut dyn Random,
    ) -> Result<Result<Got, NotGot>> {
        let mut serial = [0; 16];
        random.fill(&mut serial)?;
        let serial = format!("{:032x}", u128::from_be_bytes(serial));
        let assertion = self.sign(now, Some(&serial))?;
        Ok(self.ask(outbound, &assertion).map(|Token { value, lives }| Got {
            value,
            expires_at: now.after(lives),
            present: self.federation.present,
        }))
    }

    fn sign(&self, now: Timestamp, serial: Option<&str>) -> Result<Zeroizing<String>> {
        let seconds = now.as_millis().div_euclid(1000);
        let claims = claims(&self.federation, &self.subject, seconds, LIFE, serial);
        Ok(Zeroizing::new(self.signer.sign(&claims)?))
    }

    /// What somebody else shows the provider: as often as they like while it lives, so it has no serial number.
    pub(crate) fn identity(&self, now: Timestamp) -> Result<Identity> {
        let assertion = self.sign(now, None)?;
        let assertion = SecretValue::from_bytes(assertion.as_bytes(), false).map_err(|_| {
            let message = format!("what is signed for the secret {} is too long", self.secret);
            Error::KeyUnavailable { message, hint: "give it a shorter subject".to_owned() }
        })?;
        Ok(Identity { assertion, parameters: self.federation.parameters.clone() })
    }

    fn ask(&self, outbound: &dyn Outbound, assertion: &str) -> Result<Token, NotGot> {
        let Federation { kind, token_endpoint, parameters, .. } = &self.federation;
        let grant = kind.grant();
        let pairs = || grant.fixed.iter().copied().chain(parameters.iter());
        let form = pairs().fold(Form::default(), |form, (name, value)| form.with(name, value));
        let form = form.with(grant.assertion, assertion);
        let call = if kind.is_json() {
            Call::PostJson { members: &form, header: kind.header() }
        } else {
            Call::Post { form: &form, client: None }
        };
        let within: Duration = LONGEST;
        let answer = outbound.exchange(&Request { endpoint: token_endpoint, call, within, most: MOST })?;
        // An answer that is no JSON and an error says as much as its status.
        if answer.status == 200 {
            answer.json()?;
        }
        answer::read(answer.status, &answer.body)
            .map_err(|no_token| NotGot { why: no_token.into(), retry_after: answer.retry_after })
    }

    /// The same as an error of the use case that asked.
    pub(crate) fn failed(&self, why: Why) -> Error {
        let Self { secret, federation: Federation { name, token_endpoint, .. }, .. } = self;
        let hint = match why {
            Why::NoToken(NoToken::Refused(_) | NoToken::Status(400..=499)) => format!(
                "compare what the provider was told with keyctl federation show {name}, and its rule with the subject {}",
                self.subject
            ),
            Why::Unanswered(Unanswered::Plain | Unanswered::Private) => {
                "name it, if it is meant: KEYCTL_OUTBOUND_ALLOW".to_owned()
            }
            _ => "try again; if that stays so, the provider says why".to_owned(),
        };
        let reason = why.reason();
        Error::KeyUnavailable {
            message: format!(
                "no token for the secret {secret} by the federation {name} ({reason}): {token_endpoint}: {why}"
            ),
            hint,
        }
    }
}
