//! Running a command with secrets in its environment, and masking them in what it prints.
//!
//! | File | Holds |
//! |---|---|
//! | `run` | starting the command, and its end |
//! | `signals` | which signals reach the command |
//! | `copy` | its output on the way through |
//! | `mask`, `masks` | masking what comes in pieces; what is masked |
//! | `keeper` | a credential that is kept good while the command runs |
//! | `identity` | a file by which the command gets tokens itself |
//! | `private` | a folder that nobody else can look into |
//! | `needles` | the search for many texts at once |
//! | `rest` | what others print when the command has ended |
//! | `spellings` | how a program may print a secret |

mod copy;
pub(super) mod identity;
pub(super) mod keeper;
mod mask;
mod masks;
mod needles;
pub(super) mod private;
mod rest;
mod run;
mod signals;
mod spellings;
#[cfg(test)]
mod tests;

pub(super) use mask::Masker;
pub(super) use masks::Masks;
pub(super) use rest::{is_meant as is_rest, run as copy_rest};
pub(super) use run::{Beside, Job, has_started, run};
pub(super) use signals::Signals;
