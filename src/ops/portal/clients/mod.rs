//! Clients that speak MCP: a person lets one in, by a child of one of their keys, and it gets short-lived tokens for that.
//!
//! | File | Holds |
//! |---|---|
//! | `registered` | clients that an operator names |
//! | `documents` | those that say themselves what they are: what fetches that, and why it is nothing |
//! | `authorize` | whether a request may be shown to a person, and what it could be let do |
//! | `consent` | a person's yes: the child, and a code |
//! | `device` | a program that has no browser, and whoever types its code |
//! | `redeem`, `refresh` | a code, or a refresh token, for tokens |
//! | `revoke`, `end` | the end of a sign-in, and of all that came of it |
//! | `tokens` | what all that hands out tokens has in common |

pub(crate) mod authorize;
pub(crate) mod consent;
pub(crate) mod device;
#[cfg(feature = "serve")]
pub(crate) mod documents;
mod end;
pub(crate) mod redeem;
pub(crate) mod refresh;
pub(crate) mod registered;
pub(crate) mod revoke;
pub(crate) mod tokens;
