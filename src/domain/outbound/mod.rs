//! Where requests of ours may go: URLs, the addresses behind them; and what is read of answers that hold secrets.

#[cfg(feature = "cli")]
pub(crate) mod endpoint;
pub(crate) mod member;
#[cfg(feature = "cli")]
pub(crate) mod reach;
