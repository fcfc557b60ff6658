//! What was done, and whether the log of it is whole.

mod export;
mod follow;
mod select;
mod verify;

pub use export::{Exported, export};
pub use follow::Follow;
pub use select::{newest, records, select};
pub use verify::{Mismatch, Verified, checkpoint, verify, verify_against};
