//! The store itself: made, looked at, given to readers, checked, backed up and restored, copied and moved, and what is done when it went
//! back.

pub(crate) mod backup;
pub(super) mod check;
pub(crate) mod copying;
pub(crate) mod grant;
pub(crate) mod moves;
pub(crate) mod report;
pub(crate) mod restore;
pub mod rollback;
pub(crate) mod rules;
pub mod store;
