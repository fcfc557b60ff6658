//! What serve writes, and what is made of it.

mod commands;
mod writer;
