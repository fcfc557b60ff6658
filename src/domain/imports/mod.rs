//! What files say of keys that exist elsewhere.

pub(crate) mod dotenv;
pub(crate) mod faults;
pub(crate) mod likeness;
pub(crate) mod mem0;
