//! The issuer as an authorization server for programs that speak MCP: a person signs in here as always, says yes on a page, and the
//! program gets short-lived tokens for a child of one of their keys.
//!
//! | File | Holds |
//! |---|---|
//! | `issuing` | what the operator decided, and the documents of clients that say themselves what they are |
//! | `metadata` | what programs are told of it (RFC 8414), and the public keys |
//! | `slots` | who may have such a document fetched, and how many at once |
//! | `cors` | what programs in browsers may do, wherever their page is from |
//! | `authorize` | a program's request, in somebody's browser, and what they say |
//! | `device` | the code of a program that has no browser, and what people say who type it |
//! | `pending` | a request that waits until somebody is signed in |
//! | `token` | codes and refresh tokens for tokens, and their end |

pub(super) mod authorize;
pub(super) mod cors;
pub(super) mod device;
pub(super) mod issuing;
pub(super) mod metadata;
pub(super) mod pending;
mod slots;
pub(super) mod token;

pub(crate) use issuing::Issuing;
