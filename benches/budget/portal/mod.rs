//! `keyctl portal`: how soon its pages are there for somebody's browser, what it takes from `keyctl serve` that answers from the
//! same store, and what it costs that a program goes on with its refresh token.

pub(crate) mod auth;
mod browser;
pub(crate) mod pages;
mod people;
pub(crate) mod refresh;
