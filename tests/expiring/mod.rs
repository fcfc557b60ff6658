//! What ends soon: the list, and who is told of it.

mod listing;
mod telling;
mod webhooks;

use std::fs;

use serde_json::Value;

use crate::support::cli::Sandbox;

/// Milliseconds from now, as the store counts them.
pub fn millis(from_now: i64) -> i64 {
    crate::support::store::clock().expect("a clock").as_millis() + from_now
}

pub const DAY: i64 = 86_400_000;

/// Writes the configuration file.
pub fn configure(sandbox: &Sandbox, text: &str) {
    let folder = sandbox.home().join(".config/keyctl");
    fs::create_dir_all(&folder).expect("a folder");
    fs::write(folder.join("config.toml"), text).expect("a file");
}

/// `kind name stage` of each thing that a receiver was told of at once.
pub fn things(body: &str) -> Vec<String> {
    let body: Value = serde_json::from_str(body).expect("JSON");
    assert_eq!((&body["type"], &body["version"]), (&Value::from("keyctl-notice"), &Value::from(1)));
    let word = |thing: &Value, name: &str| thing[name].as_str().expect("a text").to_owned();
    let things = body["things"].as_array().expect("things");
    things.iter().map(|thing| ["kind", "name", "stage"].map(|name| word(thing, name)).join(" ")).collect()
}
