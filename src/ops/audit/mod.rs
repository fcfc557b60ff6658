//! What was done, and whether the log of it is whole.

pub(super) mod compare;
mod credentials;
mod export;
mod federations;
mod follow;
mod mcp;
mod portal;
mod replay;
mod select;
pub(crate) mod sink;
mod takeaways;
mod verify;
mod versions;

pub(in crate::ops) use compare::Comparison;
pub use export::{Exported, export};
pub use follow::Follow;
#[cfg(feature = "internals")]
pub use select::records;
pub(in crate::ops) use select::records as each_record;
pub use select::{newest, select};
pub(in crate::ops) use takeaways::{Behind, Takeaway, What};
pub(in crate::ops) use verify::verify_each;
pub use verify::{Verified, checkpoint, verify_against};
