//! Many processes at once, and processes killed at any moment.

mod crowd;
pub mod kill;
pub mod leaks;
