//! Running a command with secrets in its environment, and masking them in what it prints.
//!
//! | File | Holds |
//! |---|---|
//! | `run` | starting the command, and its end |
//! | `signals` | which signals reach the command |
//! | `copy` | its output on the way through |
//! | `mask` | masking what comes in pieces |
//! | `needles` | the search for many texts at once |
//! | `rest` | what others print when the command has ended |
//! | `spellings` | how a program may print a secret |

mod copy;
mod mask;
mod needles;
mod rest;
mod run;
mod signals;
mod spellings;
#[cfg(test)]
mod tests;

pub(super) use rest::{is_meant as is_rest, run as copy_rest};
pub(super) use run::{Job, has_started, run};
