//! The command line as such, by its rooms.

pub mod arguments;
mod completion;
mod environment;
mod errors;
mod files;
mod outputs;
mod process;
mod terminal;
mod words;
