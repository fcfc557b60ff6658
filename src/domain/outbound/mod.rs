//! Where requests of ours may go: URLs, and the addresses behind them.

pub(crate) mod endpoint;
pub(crate) mod reach;
