//! What people see and are asked.

mod escaped;
mod progress;
mod prompts;
mod screen;
