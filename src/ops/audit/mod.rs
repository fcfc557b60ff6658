//! What was done, and whether the log of it is whole.

mod compare;
mod credentials;
mod export;
mod federations;
mod follow;
mod replay;
mod select;
pub(crate) mod sink;
mod verify;
mod versions;

pub(in crate::ops) use compare::Comparison;
pub use export::{Exported, export};
pub use follow::Follow;
#[cfg(feature = "internals")]
pub use select::records;
pub use select::{newest, select};
pub(in crate::ops) use verify::verify_each;
pub use verify::{Verified, checkpoint, verify_against};
