//! Leases of credentials, and what they hand out.

use serde::Serialize;

use super::key::moment;
use super::{Field, Screen, Tone, View};
use crate::domain::credentials::lease::{Lease, LeaseId};
use crate::domain::secrets::secret::{Provider, SecretId, SecretName};
use crate::domain::time::Timestamp;
use crate::ops::credentials::lease::{Held, HeldOne};

/// One credential of a lease.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LeaseView<'l>(pub &'l Lease);

/// The same with its token and that of its holder: shown once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HeldView<'h> {
    pub held: &'h Held,
    pub one: &'h HeldOne,
}

#[derive(Serialize)]
struct LeaseJson<'l> {
    lease: LeaseId,
    credential: Option<&'l SecretName>,
    secret: SecretId,
    fence: u64,
    version: u64,
    current: bool,
    acquired_at: Timestamp,
    expires_at: Timestamp,
    holder: Option<&'l str>,
}

#[derive(Serialize)]
struct HeldJson<'h> {
    #[serde(flatten)]
    lease: LeaseJson<'h>,
    provider: &'h Provider,
    access_token: &'h str,
    holder_token: &'h str,
}

fn json(lease: &Lease) -> LeaseJson<'_> {
    LeaseJson {
        lease: lease.id,
        credential: lease.name.as_ref(),
        secret: lease.secret,
        fence: lease.fence,
        version: lease.version,
        current: lease.is_current,
        acquired_at: lease.acquired_at,
        expires_at: lease.expires_at,
        holder: lease.who.as_deref(),
    }
}

fn fields(lease: &Lease, screen: &Screen) -> Vec<Field> {
    let name = lease.name.as_ref().map_or("", SecretName::as_str);
    let tone = if lease.is_current { Tone::Normal } else { Tone::Warn };
    vec![
        Field::new("lease", lease.id.to_string()).whole(),
        Field::new("credential", name),
        moment("expires_at", Some(lease.expires_at), "", screen),
        Field::new("fence", lease.fence.to_string()),
        Field::new("current", lease.is_current.to_string()).tone(tone),
        Field::new("holder", lease.who.as_deref().unwrap_or_default()),
        Field::new("version", lease.version.to_string()).extra(),
        moment("acquired_at", Some(lease.acquired_at), "", screen).extra(),
        Field::new("secret", lease.secret.to_string()).extra(),
    ]
}

impl View for LeaseView<'_> {
    fn json(&self) -> impl Serialize {
        json(self.0)
    }

    fn fields(&self, screen: &Screen) -> Vec<Field> {
        fields(self.0, screen)
    }
}

impl View for HeldView<'_> {
    fn json(&self) -> impl Serialize {
        HeldJson {
            lease: json(&self.one.lease),
            provider: &self.one.provider,
            access_token: self.one.value.expose(),
            holder_token: self.held.token.expose(),
        }
    }

    fn fields(&self, screen: &Screen) -> Vec<Field> {
        let mut all = vec![
            Field::new("access_token", self.one.value.expose()).whole(),
            Field::new("holder_token", self.held.token.expose()).whole(),
        ];
        all.extend(fields(&self.one.lease, screen));
        all
    }
}
