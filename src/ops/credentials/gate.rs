//! The gate of a credential whose refresh ends the token before: it is shut, and those inside have left, before a new one is
//! asked for.

use crate::domain::credentials::credential::Credential;
use crate::domain::credentials::lease::{Admission, at_gate};
use crate::domain::time::Timestamp;
use crate::ops::env::Env;
use crate::ops::error::Result;
use crate::store::LeaseLookup as _;

/// Whether a new token may be asked for.
pub(super) enum Passage {
    /// It may: at a gate that still has this fence, where there is one.
    Clear(Option<u64>),
    /// It was said that one is wanted; look again.
    Announced,
    /// Others use the token that is there.
    InUse { until: Timestamp },
}

/// Shuts the gate, and looks whether somebody is inside.
pub(super) fn pass(env: &mut Env, credential: &Credential, now: Timestamp) -> Result<Passage> {
    if !credential.refresh_invalidates {
        return Ok(Passage::Clear(None));
    }
    let (id, version) = (credential.secret.id, credential.secret.version);
    let gate = env.store.gate(id, version)?;
    match at_gate(&gate, version, now) {
        Admission::Send => Ok(Passage::Clear(gate.fence)),
        Admission::WaitForUsers { until } => Ok(Passage::InUse { until }),
        _ => {
            env.store.announce_refresh(id, version)?;
            Ok(Passage::Announced)
        }
    }
}
