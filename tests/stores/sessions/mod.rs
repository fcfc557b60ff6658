//! A session of PostgreSQL is not ours: it may be a pooler's, and the next client's.

mod locked;
mod making;
mod pglite;
mod pooled;

use crate::secrets::run_with;
use crate::support::cli::{Ran, Sandbox};

/// Runs the program with another store than the sandbox's.
pub fn run_at(sandbox: &Sandbox, store: &str, args: &[&str], input: &str) -> Ran {
    run_with(sandbox, &[("KEYCTL_STORE", store), ("KEYCTL_MASTER_KEY", crate::secrets::KEY)], args, input)
}
