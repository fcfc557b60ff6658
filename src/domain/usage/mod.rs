//! What keyctl serve writes down of use, away from what decides about keys.

#[cfg_attr(not(feature = "serve"), allow(dead_code, reason = "most of it is for a server alone"))]
pub mod batch;
#[cfg_attr(not(feature = "serve"), allow(dead_code, reason = "most of it is for a server alone"))]
pub mod day;
