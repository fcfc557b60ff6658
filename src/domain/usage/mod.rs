//! What keyctl serve writes down of use, away from what decides about keys.

#[cfg_attr(not(feature = "internals"), allow(dead_code, reason = "a server writes by it"))]
pub mod batch;
#[cfg_attr(not(feature = "internals"), allow(dead_code, reason = "a server counts by it"))]
pub mod day;
