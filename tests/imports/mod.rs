//! Keys that move in from elsewhere: files as people have them, and files that are wrong.

mod mem0;
mod rows;
