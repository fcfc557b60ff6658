//! Keys, by the library on both databases and at the command line.

mod candidates;
mod children;
mod edits;
mod filters;
mod lists;
mod lives;
mod many;
mod presented;
mod refused_children;
mod refused_edits;
mod renewals;
mod reserved;
mod selections;
mod suspensions;
mod versions;
