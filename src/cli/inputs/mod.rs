//! Where tokens, keys and values come from: standard input, files, commands.

pub(super) mod anchors;
pub(super) mod backup_key;
pub(super) mod command;
pub(super) mod input;
pub(super) mod manifest;
pub(super) mod master_key;
pub(super) mod secret_value;
pub(super) mod tokens;
