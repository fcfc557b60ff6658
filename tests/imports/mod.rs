//! Keys that move in from elsewhere: files as people have them, files that are wrong, and tables of other programs.

mod exported;
mod foreign;
mod mem0;
mod rows;
