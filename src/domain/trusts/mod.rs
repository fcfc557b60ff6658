//! Whom else the store trusts to say who somebody is: the pipelines of a CI, which bring the token that their CI gave
//! them instead of a key.

#[cfg_attr(not(feature = "serve"), allow(dead_code, reason = "a server takes a CI's tokens"))]
pub(crate) mod ci_token;
pub(crate) mod issuer_keys;
#[cfg_attr(not(feature = "serve"), allow(dead_code, reason = "a server takes a CI's tokens"))]
pub(crate) mod key_set;
pub(crate) mod terms;
