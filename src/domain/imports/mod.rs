//! What files say of keys that exist elsewhere.

pub mod dotenv;
pub mod faults;
pub mod likeness;
pub mod mem0;
