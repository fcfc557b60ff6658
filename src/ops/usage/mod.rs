//! What keyctl serve writes down of use, and what commands make of it.

pub mod claims;
pub mod report;
#[cfg_attr(
    not(feature = "internals"),
    allow(dead_code, reason = "quotas and disclosures are kept, and no server counts them yet")
)]
pub mod writer;
