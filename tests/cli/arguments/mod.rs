//! What is typed: words, references, filters and values that can or cannot be.

mod called;
mod copied;
mod filters;
mod flags;
mod kept;
mod names;
mod secrets;
mod selections;
pub mod times;
