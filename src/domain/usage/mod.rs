//! What keyctl serve writes down of use, away from what decides about keys.

#[cfg_attr(
    not(feature = "internals"),
    allow(dead_code, reason = "some of it is for tests alone, and most of it for a server")
)]
pub mod batch;
#[cfg_attr(
    not(feature = "internals"),
    allow(dead_code, reason = "some of it is for tests alone, and most of it for a server")
)]
pub mod day;
