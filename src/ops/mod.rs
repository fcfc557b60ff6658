//! One use case per file: what an operator or a service can ask for.
//!
//! Each takes the open store, decides with the domain, and leaves one audit record for each
//! change. Nothing here knows of flags, terminals or HTTP.

pub mod apollo;
pub mod audit;
pub mod can;
mod check;
pub mod conformance;
pub mod delivery;
pub mod edit;
pub mod env;
mod error;
mod family;
mod foreign;
pub mod grant;
pub mod import;
pub mod known;
pub mod list;
pub mod master;
pub mod mint;
pub mod near;
pub mod owner;
pub mod resolve;
pub mod revoke;
pub mod role;
pub mod rollback;
pub mod rotate;
pub mod secret;
pub mod select;
pub mod sink;
pub mod store;
pub mod suspend;
pub mod typed;
pub mod used;
pub mod verify;

pub use error::{Error, Result};
