//! Completion, in real shells and on its own.

mod answers;
mod shell;
mod shells;
