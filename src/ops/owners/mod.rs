//! Owners, and the roles that their keys have.

pub mod owner;
pub mod role;
