//! What was typed, until it is a request: words, flags, and what several commands take alike.

pub(super) mod argv;
pub(super) mod asked;
pub(super) mod filter;
pub(super) mod given;
pub(super) mod help;
pub(super) mod meant;
pub(super) mod parse;
pub(super) mod selection;
pub(super) mod typed;
pub(super) mod values;
