//! `OpenFn` Apollo, unchanged, reads its clients from this store: a view in the place of its own
//! table, over keys whose every limit it keeps without knowing of it.

pub(in crate::ops) mod audit;
pub(crate) mod compat;
pub(crate) mod explain;
mod seal;

pub use crate::crypto::apollo::ApolloKey;
pub use seal::is_shown;
pub(in crate::ops) use seal::{lacks_ciphertext, seal_again, seal_new, sealer};

use super::error::{Error, Result};
use crate::store::Store;

/// What Apollo's table and the view are called, in the schema `public`.
pub(in crate::ops) const NAME: &str = "lightning_clients";

/// Only a PostgreSQL database can be read by Apollo. [`Error::Invalid`] for any other.
pub fn check_place(store: &Store) -> Result<()> {
    if store.is_postgres() {
        return Ok(());
    }
    Err(Error::Invalid {
        message: "Apollo reads its clients from PostgreSQL, and this store is a SQLite file".to_owned(),
        hint:
            "keep the keys in Apollo's own database: keyctl store init --store postgres://USER@HOST/DATABASE"
                .to_owned(),
    })
}

pub(in crate::ops) fn no_key(why: &str) -> Error {
    Error::KeyUnavailable {
        message: format!("{why}, and APOLLO_ENC_KEY is not set"),
        hint:
            "set APOLLO_ENC_KEY, APOLLO_ENC_KEY_FILE or APOLLO_ENC_KEY_CMD to the key that Apollo runs with"
                .to_owned(),
    }
}
