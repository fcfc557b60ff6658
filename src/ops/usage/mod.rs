//! What keyctl serve writes down of use, and what commands make of it.

pub mod claims;
pub mod forget;
pub mod report;
#[cfg_attr(not(feature = "serve"), allow(dead_code, reason = "most of it is for a server alone"))]
pub mod writer;

pub(crate) use crate::store::SightingsRow;
