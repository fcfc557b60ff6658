//! A manifest's way into a store: what is to be changed ([`plan`]), and its change ([`apply`]).

pub(crate) mod apply;
mod differences;
pub(crate) mod dump;
mod keys;
mod known;
pub(crate) mod plan;
mod policy;
pub(crate) mod seen;
pub(crate) mod step;
mod work;
