//! Many processes at once, and processes killed at any moment.

mod crowd;
mod kill;
mod leaks;
