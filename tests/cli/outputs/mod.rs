//! Where tokens and records go.

mod delivery;
mod streams;
