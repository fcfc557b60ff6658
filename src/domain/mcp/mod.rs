//! Programs that speak MCP and want in for somebody: who they are, where browsers are sent back to, and what they are let do
//! there (OAuth 2.1; MCP authorization, 2026-07-28).

pub(crate) mod address_group;
pub(crate) mod client;
pub(crate) mod client_document;
pub(crate) mod device;
pub(crate) mod errors;
pub(crate) mod ids;
pub(crate) mod pkce;
pub(crate) mod redirect_uri;
pub(crate) mod request;
pub(crate) mod secrets;
pub(crate) mod sign_in;
