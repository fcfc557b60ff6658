//! A store as it was, to which it can be brought back.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use tempfile::TempDir;

use crate::support::cli::Sandbox;
use crate::support::postgres::server;

/// Everything of a sandbox: its files, what the program remembers, its database.
pub struct Saved {
    home: TempDir,
    state: TempDir,
    database: Option<String>,
}

impl Saved {
    pub fn of(sandbox: &Sandbox) -> Self {
        static COUNTER: AtomicU32 = AtomicU32::new(0);
        let saved = Self {
            home: tempfile::tempdir().expect("folder"),
            state: tempfile::tempdir().expect("folder"),
            database: sandbox
                .place
                .database
                .as_ref()
                .map(|name| format!("{name}_saved{}", COUNTER.fetch_add(1, Ordering::Relaxed))),
        };
        copy(sandbox.home(), saved.home.path());
        copy(sandbox.state.path(), saved.state.path());
        if let (Some(saved), Some(name)) = (&saved.database, &sandbox.place.database) {
            make(saved, name);
        }
        saved
    }

    pub fn bring_back(&self, sandbox: &Sandbox) {
        copy(self.home.path(), sandbox.home());
        copy(self.state.path(), sandbox.state.path());
        if let (Some(saved), Some(name)) = (&self.database, &sandbox.place.database) {
            remove(name);
            make(name, saved);
        }
    }
}

impl Drop for Saved {
    fn drop(&mut self) {
        if let Some(name) = &self.database {
            remove(name);
        }
    }
}

fn make(name: &str, template: &str) {
    // What is still connected is a process that has just been killed.
    let gone = format!(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{template}'; \
         CREATE DATABASE {name} TEMPLATE {template}"
    );
    for sql in gone.split("; ").chain([format!("ALTER DATABASE {name} SET search_path = nowhere").as_str()]) {
        server().psql("postgres", sql).expect("a copy of the database");
    }
}

fn remove(name: &str) {
    server().psql("postgres", &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).expect("removed");
}

/// Makes `to` hold what `from` does, and nothing else.
fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(to).expect("folder") {
        let path = entry.expect("entry").path();
        if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }.expect("removed");
    }
    let copied = Command::new("cp").arg("-a").arg(from.join(".")).arg(to).status().expect("cp runs");
    assert!(copied.success(), "{} was not copied", from.display());
}
