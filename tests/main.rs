//! The whole program against real databases, as users, scripts and attackers would use it.

#![allow(clippy::unwrap_used, missing_docs)]

mod support;

mod store_suite;
