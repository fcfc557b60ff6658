//! Stores: files and servers as they are found, changed, shared, damaged and killed.

mod address;
mod attempts;
mod backups;
mod copies;
mod crowd;
mod doctor;
mod files;
mod folders;
mod grant;
mod kill;
pub mod leaks;
mod locked;
pub mod migrations;
mod moving;
mod older;
mod regressions;
mod restores;
mod rollback;
mod rows;
mod rules;
pub mod server;
mod sessions;
mod standby;
pub mod steps;
mod views;
mod walk;
