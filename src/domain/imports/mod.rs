//! What files say of keys that exist elsewhere.

pub(crate) mod better_auth;
pub(crate) mod dotenv;
pub(crate) mod faults;
pub(crate) mod likeness;
pub(crate) mod litellm;
pub(crate) mod mem0;
pub(crate) mod moved;
