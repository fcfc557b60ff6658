//! Where requests of ours may go: URLs, the addresses behind them; and what is read of answers that hold secrets.

#[cfg_attr(not(feature = "cli"), allow(dead_code, reason = "the command line alone asks servers elsewhere"))]
pub(crate) mod endpoint;
pub(crate) mod member;
#[cfg(feature = "cli")]
pub(crate) mod reach;
