//! What keyctl serve writes down of use, and what commands make of it.

pub mod claims;
pub mod forget;
pub mod report;
#[cfg_attr(
    not(feature = "internals"),
    allow(dead_code, reason = "some of it is for tests alone, and most of it for a server")
)]
pub mod writer;
