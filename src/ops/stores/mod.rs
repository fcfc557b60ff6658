//! The store itself: made, looked at, given to readers, checked, and what is done when it went back.

pub(super) mod check;
pub(crate) mod grant;
pub mod rollback;
pub mod store;
