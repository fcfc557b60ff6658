//! `keyctl plan`, `keyctl apply` and `keyctl dump`: who may do what, as a team declares it in files.

pub(crate) mod apply;
pub(crate) mod dump;
mod places;
pub(crate) mod plan;
