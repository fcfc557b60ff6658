//! What the pages say. Nothing here decides: each is made of what a use case said. `html!` writes every text as text;
//! nothing can be put in as it is, since no page names the type for that (tests/layering.rs).

pub(super) mod admin;
pub(super) mod at_provider;
pub(super) mod confirm;
pub(super) mod consent;
pub(super) mod device;
pub(super) mod key;
pub(super) mod keys;
pub(super) mod new;
pub(super) mod shell;
pub(super) mod sign_in;
pub(super) mod stopped;
pub(super) mod token;
