//! What keyctl serve writes down of use, away from what decides about keys.

#[cfg_attr(
    not(feature = "internals"),
    allow(dead_code, reason = "quotas and disclosures are kept, and no server counts them yet")
)]
pub mod batch;
#[cfg_attr(
    not(feature = "internals"),
    allow(dead_code, reason = "quotas and disclosures are kept, and no server counts them yet")
)]
pub mod day;
