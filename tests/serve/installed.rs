//! Where `tests/serve/install` puts the programs that these tests run, and which of them may be missing.

use std::io::Write as _;
use std::path::{Path, PathBuf};

fn place() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("target/gateways")
}

/// A program of one of the environments.
pub fn program(environment: &str, name: &str) -> PathBuf {
    let path = place().join(environment).join("bin").join(name);
    assert!(path.exists(), "{} is missing: run tests/serve/install", path.display());
    path
}

/// One that needs a Python which is not everywhere. Where there is none, one line says so; but not in CI, which must
/// have it.
pub fn program_if_there(environment: &str, name: &str) -> Option<PathBuf> {
    let missing = place().join(environment).join("missing");
    let Ok(why) = std::fs::read_to_string(&missing) else { return Some(program(environment, name)) };
    let why = why.trim();
    assert!(std::env::var_os("CI").is_none(), "{environment}: {why}");
    // Not by a macro, whose lines only failing tests show.
    let _ = std::io::stderr().write_all(format!("skipped: {environment}: {why}\n").as_bytes());
    None
}
