//! Whether every envelope opens.

use super::Ring;
use super::ring::Closed;
use crate::domain::secrets::sealed::MasterKeyId;
use crate::domain::secrets::secret::{Provider, SecretName};
use crate::ops::error::{Error, Result};
use crate::store::{SealedVersion, SecretLookup as _, Store};

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

/// One version of a secret, and whether it opens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Checked {
    pub name: SecretName,
    pub provider: Provider,
    pub version: u64,
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
    let mut after = None;
    loop {
        let versions = store.sealed_versions(after, PAGE).map_err(Error::from)?;
        let Some(last) = versions.last() else { break };
        after = Some((last.secret, last.version));
        for version in &versions {
            let checked = look(ring, version);
            counts.all += 1;
            counts.open += u64::from(checked.finding == Finding::Opens);
            each(&checked)?;
        }
    }
    Ok(counts)
}

fn look(ring: &Ring, version: &SealedVersion) -> Checked {
    Checked {
        name: version.name.clone(),
        provider: version.provider.clone(),
        version: version.version,
        master_key_id: version.master_key_id,
        finding: match ring.try_open(version) {
            Ok(_) => Finding::Opens,
            Err(Closed::WrongKey) => Finding::WrongKey,
            Err(Closed::Corrupt) => Finding::Corrupt,
        },
    }
}
