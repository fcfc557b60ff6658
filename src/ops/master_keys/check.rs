//! Whether every envelope opens.

use super::Ring;
use super::ring::Closed;
use crate::crypto::es256::PrivateKey;
use crate::domain::credentials::credential::{Credential, Part};
use crate::domain::federation::settings::Federation;
use crate::domain::secrets::sealed::MasterKeyId;
use crate::domain::secrets::secret::{Provider, SecretName};
use crate::domain::tokens::kid::Kid;
use crate::ops::error::{Error, Result};
use crate::store::{
    CredentialLookup as _, FederationLookup as _, PartLookup as _, SealedPart, SealedVersion,
    SecretLookup as _, SigningKeyLookup as _, Store,
};

/// Versions read at once.
const PAGE: u32 = 500;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Finding {
    Opens,
    /// The master key that it names is not at hand.
    WrongKey,
    /// Its master key is at hand and does not open it.
    Corrupt,
}

impl Finding {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Opens => "opens",
            Self::WrongKey => "wrong-key",
            Self::Corrupt => "corrupt",
        }
    }
}

/// What is sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Sealed {
    Version {
        name: SecretName,
        provider: Provider,
        version: u64,
    },
    /// What a credential is refreshed with.
    Part {
        name: SecretName,
        provider: Provider,
        version: u64,
        part: Part,
    },
    /// The private part of a key that signs short-lived tokens, or for a federation.
    SigningKey(Kid),
}

/// One envelope, and whether it opens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Checked {
    pub sealed: Sealed,
    pub master_key_id: MasterKeyId,
    pub finding: Finding,
}

/// How many envelopes there are, and how many of them open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub all: u64,
    pub open: u64,
}

/// Opens every envelope, in flat memory, and calls `each` for it. Values are wiped at once.
pub(crate) fn check<E: From<Error>>(
    store: &mut Store,
    ring: &Ring,
    mut each: impl FnMut(&Checked) -> Result<(), E>,
) -> Result<Counts, E> {
    let mut counts = Counts::default();
    let mut count = |checked: &Checked| {
        counts.all += 1;
        counts.open += u64::from(checked.finding == Finding::Opens);
        each(checked)
    };
    let mut after = None;
    loop {
        let versions = store.sealed_versions(after, PAGE).map_err(Error::from)?;
        let Some(last) = versions.last() else { break };
        after = Some((last.secret, last.version));
        for version in &versions {
            count(&look(ring, version))?;
        }
    }
    let mut after = None;
    loop {
        let parts = store.sealed_parts(after, PAGE).map_err(Error::from)?;
        let Some(last) = parts.last() else { break };
        after = Some((last.secret, last.part));
        for part in &parts {
            let credential = store.credential_by_id(part.secret).map_err(Error::from)?;
            count(&look_at_part(ring, part, credential.as_ref()))?;
        }
    }
    for key in store.signing_keys().map_err(Error::from)? {
        let Some(master_key_id) = key.master_key_id else { continue };
        let finding = look_at_signing_key(store, ring, &key.public.kid, master_key_id)?;
        count(&Checked { sealed: Sealed::SigningKey(key.public.kid), master_key_id, finding })?;
    }
    let federations = store.federations().map_err(Error::from)?;
    for key in store.federation_keys().map_err(Error::from)? {
        let Some(master_key_id) = key.master_key_id else { continue };
        let federation = federations.iter().find(|federation| federation.name == key.federation);
        let finding = look_at_federation_key(store, ring, federation, &key.public.kid, master_key_id)?;
        count(&Checked { sealed: Sealed::SigningKey(key.public.kid), master_key_id, finding })?;
    }
    Ok(counts)
}

fn look(ring: &Ring, version: &SealedVersion) -> Checked {
    Checked {
        sealed: Sealed::Version {
            name: version.name.clone(),
            provider: version.provider.clone(),
            version: version.version,
        },
        master_key_id: version.master_key_id,
        finding: ring.try_open(version).map_or_else(Finding::from, |_| Finding::Opens),
    }
}

/// It opens for the endpoint that its credential asks.
fn look_at_part(ring: &Ring, part: &SealedPart, credential: Option<&Credential>) -> Checked {
    let opened = credential.map(|credential| ring.try_open_part(part, &credential.client.token_endpoint));
    Checked {
        sealed: Sealed::Part {
            name: part.name.clone(),
            provider: part.provider.clone(),
            version: part.version,
            part: part.part,
        },
        master_key_id: part.master_key_id,
        finding: opened.unwrap_or(Err(Closed::Corrupt)).map_or_else(Finding::from, |_| Finding::Opens),
    }
}

impl From<Closed> for Finding {
    fn from(closed: Closed) -> Self {
        match closed {
            Closed::WrongKey => Self::WrongKey,
            Closed::Corrupt => Self::Corrupt,
        }
    }
}

/// It opens where what comes out is the private part of this very key.
fn look_at_signing_key(
    store: &mut Store,
    ring: &Ring,
    kid: &Kid,
    master_key_id: MasterKeyId,
) -> Result<Finding> {
    let envelope =
        store.sealed_signing_key(kid)?.filter(|envelope| envelope.master_key_id() == master_key_id);
    let Some(envelope) = envelope else { return Ok(Finding::Corrupt) };
    Ok(match ring.try_open_signing_key(kid, &envelope) {
        Ok(bytes) => its_own(kid, &bytes),
        Err(closed) => closed.into(),
    })
}

fn look_at_federation_key(
    store: &mut Store,
    ring: &Ring,
    federation: Option<&Federation>,
    kid: &Kid,
    master_key_id: MasterKeyId,
) -> Result<Finding> {
    let envelope =
        store.sealed_federation_key(kid)?.filter(|envelope| envelope.master_key_id() == master_key_id);
    let Some((federation, envelope)) = federation.zip(envelope) else { return Ok(Finding::Corrupt) };
    Ok(match ring.try_open_federation_key(federation, kid, &envelope) {
        Ok(bytes) => its_own(kid, &bytes),
        Err(error) => Closed::from(error).into(),
    })
}

fn its_own(kid: &Kid, bytes: &[u8]) -> Finding {
    let is = PrivateKey::open(bytes).is_ok_and(|key| key.public().kid == *kid);
    if is { Finding::Opens } else { Finding::Corrupt }
}
