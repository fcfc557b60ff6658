//! OAuth credentials (RFC 6749): secrets whose value ends within the hour, and what a new one is had for.

pub(crate) mod answer;
pub(crate) mod attempt;
pub(crate) mod client;
pub(crate) mod credential;
pub(crate) mod device;
pub(crate) mod failure;
pub(crate) mod given;
pub(crate) mod granted;
pub(crate) mod lease;
pub(crate) mod metadata;
pub(crate) mod next;
pub(crate) mod redirected;
