//! Settings: where they come from, and which wins.

mod file;
mod precedence;
