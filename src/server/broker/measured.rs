//! What a kept token costs, for the bench: the way of `POST /resolve` from the client's token to what is handed out.

use std::sync::Arc;

use super::kept::{Found, Kept, Tick};
use crate::domain::federation::settings::Present;
use crate::domain::keys::verdict::Asked;
use crate::domain::secrets::secret::{Provider, SecretId, SecretName, SecretValue};
use crate::domain::time::{Span, Timestamp};
use crate::ops::secrets::hand_out::{Entitled, Exchanged, Handed};
use crate::runtime::serving::Callers;

pub struct KeptTokens {
    callers: Callers,
    kept: Kept,
}

impl KeptTokens {
    pub fn of(callers: Callers) -> Self {
        Self { callers, kept: Kept::default() }
    }

    /// Keeps a token for the key of this one. `None` where the key is not known, or something cannot be what it is to be.
    pub async fn keep(&self, token: &str, provider: &Provider, value: &str, at: Timestamp) -> Option<()> {
        let caller = self.callers.caller(token).await.ok()?;
        let grant = Arc::clone(caller.judge(&Asked::default(), true).ok()?);
        let secret = SecretId::parse("sec_01h455vb4pex5vsknk084sn02q")?;
        let handed = Handed {
            secret,
            version: 1,
            name: "pool".parse::<SecretName>().ok()?,
            value: SecretValue::from_opened(value.as_bytes()).ok()?,
            expires_at: at.after(Span::seconds(3600)),
            present: Present::Bearer,
        };
        let entitled = Entitled::Federated { secret, version: 1, owner: grant.owner.clone() };
        let exchanged = Exchanged { handed, entitled, at };
        self.kept.put(grant.key_id, provider.clone(), exchanged, self.callers.counter(), Tick::now());
        Some(())
    }

    /// How long the value is that is handed out for a token.
    pub fn find(&self, token: &str, provider: &Provider) -> Option<usize> {
        let caller = self.callers.at_hand(token)?;
        let grant = caller.judge(&Asked::default(), true).ok()?;
        match self.kept.get(grant.key_id, provider, self.callers.counter(), Tick::now())? {
            Found::Good(handed) => Some(handed.value.expose().len()),
            Found::Ending(_) | Found::Unsure(_) => None,
        }
    }
}
