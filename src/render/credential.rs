//! OAuth credentials, without their tokens.

use serde::Serialize;

use super::key::{join, moment};
use super::{Field, Screen, Tone, View};
use crate::domain::credentials::attempt::Attempt;
use crate::domain::credentials::client::{Account, ClientAuth, ClientId, KeyName};
use crate::domain::credentials::credential::{Credential, CredentialState, Renewal};
use crate::domain::credentials::granted::Granted;
use crate::domain::outbound::endpoint::Endpoint;
use crate::domain::secrets::secret::{Provider, SecretId, SecretName, SecretState};
use crate::domain::time::Timestamp;

/// A credential as it is at a moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CredentialView<'c> {
    pub credential: &'c Credential,
    pub now: Timestamp,
}

#[derive(Serialize)]
struct CredentialJson<'c> {
    id: SecretId,
    name: &'c SecretName,
    provider: &'c Provider,
    state: &'static str,
    version: u64,
    expires_at: Option<Timestamp>,
    scopes: &'c Granted,
    account: Option<&'c Account>,
    refreshed_at: Option<Timestamp>,
    refreshable: bool,
    refresh_invalidates: bool,
    token_endpoint: &'c Endpoint,
    client_id: &'c ClientId,
    client_auth: ClientAuth,
    issuer: Option<&'c Endpoint>,
    client_key_id: Option<&'c str>,
    last_attempt: Option<AttemptJson>,
    created_at: Timestamp,
    bindings: u64,
}

#[derive(Serialize)]
struct AttemptJson {
    at: Timestamp,
    error: Option<String>,
    uncertain: bool,
    under_way: bool,
    retry_at: Option<Timestamp>,
}

impl CredentialView<'_> {
    fn state(self) -> &'static str {
        let Credential { state, secret, .. } = self.credential;
        match (state, secret.state(self.now)) {
            (_, SecretState::Deleted) => "deleted",
            (CredentialState::NeedsReauth, _) => "needs_reauth",
            (CredentialState::Good, SecretState::Expired) => "expired",
            (CredentialState::Good, SecretState::Active | SecretState::Expiring) => "active",
        }
    }

    /// Whether anybody asks the provider for another token.
    fn is_tried(self) -> bool {
        self.credential.renewal() == Renewal::Got && self.credential.secret.deleted_at.is_none()
    }

    fn attempt(self) -> Option<AttemptJson> {
        let attempt = self.credential.attempt.as_ref()?;
        let Attempt { started_at, ends_at, retry_at, failure, uncertain, .. } = *attempt;
        let is_open = attempt.holder.is_some();
        // Of a version that was replaced since, nothing is open any more.
        let is_current = attempt.version == self.credential.secret.version;
        let under_way = is_open && is_current && self.now < ends_at;
        let unknown = is_open && is_current && !under_way;
        Some(AttemptJson {
            at: started_at,
            error: failure.map(|failure| failure.to_string()).or(unknown.then(|| "unknown".to_owned())),
            uncertain: uncertain && is_current,
            under_way,
            retry_at: Some(retry_at).filter(|at| is_current && self.is_tried() && *at > self.now),
        })
    }
}

impl View for CredentialView<'_> {
    fn json(&self) -> impl Serialize {
        let Credential { secret, client, .. } = self.credential;
        CredentialJson {
            id: secret.id,
            name: &secret.name,
            provider: &secret.provider,
            state: self.state(),
            version: secret.version,
            expires_at: secret.expires_at,
            scopes: &self.credential.scopes,
            account: self.credential.account.as_ref(),
            refreshed_at: self.credential.refreshed_at,
            refreshable: self.credential.has_refresh_token,
            refresh_invalidates: self.credential.refresh_invalidates,
            token_endpoint: &client.token_endpoint,
            client_id: &client.id,
            client_auth: client.auth,
            issuer: client.issuer.as_ref(),
            client_key_id: client.key_id.as_ref().map(KeyName::as_str),
            last_attempt: self.attempt(),
            created_at: secret.created_at,
            bindings: secret.bindings,
        }
    }

    fn fields(&self, screen: &Screen) -> Vec<Field> {
        let Credential { secret, client, .. } = self.credential;
        let tone = match self.state() {
            "active" => Tone::Good,
            "expired" => Tone::Warn,
            _ => Tone::Bad,
        };
        let attempt = self.attempt();
        let attempt = attempt.as_ref();
        let error = attempt.and_then(|attempt| attempt.error.clone()).unwrap_or_default();
        let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
        vec![
            Field::new("name", secret.name.as_str()),
            Field::new("provider", secret.provider.as_str()),
            Field::new("state", self.state()).tone(tone),
            moment("expires_at", secret.expires_at, "unknown", screen),
            moment("refreshed_at", self.credential.refreshed_at, "never", screen),
            Field::new("last_error", error),
            Field::new("account", text(self.credential.account.as_ref().map(Account::as_str))),
            Field::new("scopes", join(self.credential.scopes.iter())).extra(),
            Field::new("version", secret.version.to_string()).extra(),
            Field::new("bindings", secret.bindings.to_string()).extra(),
            Field::new("refreshable", self.credential.has_refresh_token.to_string()).extra(),
            Field::new("refresh_invalidates", self.credential.refresh_invalidates.to_string()).extra(),
            moment("last_attempt_at", attempt.map(|attempt| attempt.at), "", screen).extra(),
            moment("retry_at", attempt.and_then(|attempt| attempt.retry_at), "", screen).extra(),
            Field::new("uncertain", attempt.is_some_and(|attempt| attempt.uncertain).to_string()).extra(),
            Field::new("token_endpoint", client.token_endpoint.as_str()).extra(),
            Field::new("client_id", client.id.as_str()).extra(),
            Field::new("client_auth", client.auth.as_str()).extra(),
            Field::new("issuer", text(client.issuer.as_ref().map(Endpoint::as_str))).extra(),
            Field::new("client_key_id", text(client.key_id.as_ref().map(KeyName::as_str))).extra(),
            moment("created_at", Some(secret.created_at), "", screen).extra(),
            Field::new("id", secret.id.to_string()).extra(),
        ]
    }
}
