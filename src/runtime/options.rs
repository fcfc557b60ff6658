//! What can be chosen of a reader.

use std::path::PathBuf;

use super::{MasterKeys, OnRollback};
use crate::domain::secrets::secret::SecretValue;

/// How a reader works.
#[derive(Debug)]
pub struct Options {
    /// Opens provider secrets; without it there are none.
    pub master_keys: Option<MasterKeys>,
    /// Lets keys with a quota pass, though a reader counts nothing.
    pub allow_unmetered: bool,
    /// Connections at most, 4 by default.
    pub connections: usize,
    /// What is done where the store went back behind what this reader saw.
    pub on_rollback: OnRollback,
    /// The Unix socket at which tokens of credentials are handed out ([`Reader::lease`](super::Reader::lease)), in the place of
    /// `KEYCTL_CREDENTIALS_SOCKET`. It must belong to root, to the service's own user, or to `credentials_owner`.
    pub credentials_socket: Option<PathBuf>,
    /// The service's own key there, in the place of what the file holds that `KEYCTL_CREDENTIALS_KEY_FILE` names. None
    /// is needed at the socket of `keyctl exec --oauth`.
    pub credentials_key: Option<SecretValue>,
    /// The number of the user who runs `keyctl serve`, in the place of `KEYCTL_CREDENTIALS_OWNER`.
    pub credentials_owner: Option<u32>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            master_keys: None,
            allow_unmetered: false,
            connections: 4,
            on_rollback: OnRollback::Refuse,
            credentials_socket: None,
            credentials_key: None,
            credentials_owner: None,
        }
    }
}
