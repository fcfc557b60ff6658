//! `keyctl owner` and `keyctl role`

pub mod owner;
pub mod role;
