//! Clients that speak MCP, what they were let do, and their sign-ins.

mod clients;
mod devices;
mod grants;
mod sign_ins;

pub(crate) use clients::ClientLookup;
pub(crate) use devices::DeviceLookup;
pub(crate) use grants::GrantLookup;
pub(crate) use sign_ins::SignInLookup;
