//! The pages of the portal, and what operators do about it: whom they invite, and who is signed in.

pub(crate) mod client;
pub(crate) mod invitation;
pub(crate) mod invite;
#[cfg(feature = "serve")]
mod oidc;
#[cfg(feature = "serve")]
pub(crate) mod pages;
pub(crate) mod session;
