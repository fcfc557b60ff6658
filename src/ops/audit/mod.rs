//! What was done, and whether the log of it is whole.

mod compare;
mod export;
mod follow;
mod replay;
mod select;
pub mod sink;
mod verify;

pub use crate::domain::audit::anchor::Mismatch;
pub(in crate::ops) use compare::Comparison;
pub use export::{Exported, export};
pub use follow::Follow;
pub use select::{newest, records, select};
pub(in crate::ops) use verify::verify_each;
pub use verify::{Verified, checkpoint, verify, verify_against};
