//! Where requests of ours may go: URLs, the addresses behind them; and what is read of answers that hold secrets.

pub(crate) mod endpoint;
pub(crate) mod member;
pub(crate) mod reach;
