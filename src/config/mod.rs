//! From the environment and the flags to settings.

pub mod actor;
pub mod environment;
pub mod place;

pub use environment::Environment;
pub use place::{Place, PlaceError};
