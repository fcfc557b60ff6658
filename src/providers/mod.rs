//! HTTP out: all that keyctl asks of servers elsewhere goes through here.
//!
//! Certificates are verified, always; time and size are bounded; no redirect is followed and nothing compressed is taken;
//! an address that is not public is connected to only where a setting names it. And what comes back by way of a browser, which
//! [`loopback`] takes.

#[cfg(feature = "serve")]
pub(crate) mod client_document;
mod encoding;
mod failures;
mod headers;
pub(crate) mod https;
pub(crate) mod loopback;
mod resolver;
pub(crate) mod webhook;
