//! Clients that speak MCP, what they were let do, and their sign-ins.

mod clients;
mod grants;
mod sign_ins;

pub(crate) use clients::ClientLookup;
pub(crate) use grants::GrantLookup;
pub(crate) use sign_ins::SignInLookup;
