//! Providers that take a signed identity in the place of a key, so that no key of theirs is stored.

pub(crate) mod answer;
pub(crate) mod assertion;
pub(crate) mod federated;
pub(crate) mod key;
pub(crate) mod kind;
pub(crate) mod parameters;
pub(crate) mod settings;
pub(crate) mod subject;
