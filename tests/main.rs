//! The whole program against real databases, as users, scripts and attackers would use it.

#![allow(missing_docs, unreachable_pub)]
#![allow(clippy::pedantic, clippy::unwrap_used)] // Held to what helps in the program, not in its tests.
#![allow(clippy::disallowed_methods)] // Tests measure time and set the environment themselves.

mod support;

mod apollo;
mod audit;
mod cli;
mod clients;
mod config;
mod conformance;
mod credentials;
mod docs;
mod expiring;
mod federation;
mod generated;
mod imports;
mod keys;
mod layering;
mod leaks;
mod owners;
mod pages;
mod policies;
mod portal;
mod provisioning;
mod reliability;
mod runtime;
mod secrets;
mod serve;
mod stores;
mod tokens;
mod usage;
mod vectors;
