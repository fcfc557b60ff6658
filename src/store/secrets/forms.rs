//! The rows of other sealed forms of a value, which go with the versions of secrets that they are of. There is one such
//! form, Apollo's (`src/store/apollo.rs`).

use crate::domain::secrets::secret::SecretId;
use crate::store::session::{Statement, Value};

/// Their table.
pub(in crate::store) const SEALED: &str = "apollo_secret";

/// Takes away what is sealed of a secret, or of one of its versions.
pub(super) fn forget(secret: SecretId, version: Option<Value>) -> Statement {
    match version {
        None => Statement::new(
            "DELETE FROM keyctl.apollo_secret WHERE secret_id = $1",
            [secret.to_string().into()],
        ),
        Some(version) => Statement::new(
            "DELETE FROM keyctl.apollo_secret WHERE secret_id = $1 AND version = $2",
            [secret.to_string().into(), version],
        ),
    }
}
