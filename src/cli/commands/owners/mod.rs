//! `keyctl owner` and `keyctl role`

pub(crate) mod owner;
pub(crate) mod role;
