//! Files of the user's own: what is never written over, what appears whole or not at all, what was seen.

pub(super) mod guard;
pub(super) mod leftover;
pub(super) mod out_file;
pub(super) mod plan_file;
pub(super) mod seen;
