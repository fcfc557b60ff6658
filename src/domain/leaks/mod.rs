//! Tokens that stand where they should not: how they are found in a text, and what tells other programs to.

#[cfg_attr(not(feature = "serve"), allow(dead_code, reason = "a server alone counts"))]
pub(crate) mod canary;
pub mod encoded;
pub mod place;
#[cfg(feature = "serve")]
pub(crate) mod policy;
#[cfg(feature = "serve")]
pub(crate) mod report;
pub mod rules;
pub mod tokens;
pub mod words;
