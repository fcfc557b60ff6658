//! What a key is, and every decision about one, as plain values.
//!
//! Nothing here does I/O, reads a clock or draws randomness: time and random bytes come
//! in as parameters. Every text form (token, scope, reference, duration …) is a type with
//! one parse function and a distinct error per fault.

pub mod address;
pub mod anchor;
pub mod apollo;
pub mod audit;
pub mod audit_filter;
pub mod bare;
pub mod dotenv;
pub mod fault;
pub mod foreign;
pub mod id;
pub mod kdf;
pub mod key;
pub mod key_ref;
pub mod label;
pub mod leak;
pub mod likeness;
pub mod limit;
pub mod mem0;
pub mod misplaced;
pub mod network;
pub mod owner;
pub mod provider;
pub mod random;
pub mod right;
pub mod role;
pub mod scope;
pub mod sealed;
pub mod secret;
pub mod store_text;
pub mod subject;
pub mod text;
pub mod time;
pub mod token;
pub mod verdict;
