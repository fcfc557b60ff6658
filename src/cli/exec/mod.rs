//! Running a command with secrets in its environment, and masking them in what it prints.

mod mask;
mod needles;
mod spellings;
