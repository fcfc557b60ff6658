//! Whom else the store trusts to say who somebody is: the pipelines of a CI, which bring the token that their CI gave
//! them instead of a key.

pub(crate) mod issuer_keys;
pub(crate) mod terms;
