//! Stores: files and servers as they are found, changed, shared, damaged and killed.

mod address;
mod attempts;
mod copies;
mod crowd;
mod files;
mod folders;
mod grant;
mod kill;
pub mod leaks;
mod locked;
pub mod migrations;
mod older;
mod regressions;
mod rollback;
mod rows;
pub mod server;
mod sessions;
mod standby;
mod views;
mod walk;
