//! Nasty input and unkind surroundings, in tables: what was done, and what must come of it.
//!
//! Every row expects an exit code, an error with a useful hint, an answer in time, no panic,
//! no secret on either stream, and a store in which nothing changed but what the row names.

pub mod runner;
pub mod unprivileged;
mod written;

mod address;
mod arguments;
mod audit;
mod config;
mod copied;
mod copies;
mod delivery;
mod edits;
mod environment;
mod family;
mod files;
mod folders;
mod import;
mod kept;
mod lists;
mod locked;
mod names;
mod older;
mod owners;
mod precedence;
mod process;
mod progress;
mod prompts;
mod reserved;
mod roles;
mod rollback;
mod secrets;
mod selections;
pub mod server;
mod shown;
mod standby;
mod streams;
mod subjects;
mod terminal;
mod times;
mod words;
