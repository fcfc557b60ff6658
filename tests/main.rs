//! The whole program against real databases, as users, scripts and attackers would use it.

#![allow(missing_docs, unreachable_pub)]
#![allow(clippy::disallowed_methods)] // Tests measure time and set the environment themselves.

mod support;

mod store_suite;
mod stress;
