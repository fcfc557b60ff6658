//! Whom keys act for, and the roles that they have.

pub mod owner;
pub mod role;
pub(crate) mod row;
pub mod subject;
