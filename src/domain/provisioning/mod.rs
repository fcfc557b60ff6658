//! What a manifest says, and where the tokens of its keys go.

pub(crate) mod api_keys;
pub(crate) mod dotenv_entry;
pub(crate) mod edit;
pub(crate) mod gitlab_entry;
pub mod manifest;
pub(crate) mod policy_entry;
pub(crate) mod secret_manifest;
pub mod sink;
pub mod sink_command;
pub(crate) mod sink_fields;
pub(crate) mod values;
pub(crate) mod written;
