//! What is said to the person at the terminal, and asked.

pub(super) mod hold;
mod keyboard;
pub(super) mod line;
pub(super) mod name;
pub(super) mod pick;
pub(super) mod progress;
pub(super) mod prompt;
pub(super) mod ui;
