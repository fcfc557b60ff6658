//! Programs that a test makes for itself and runs.
//!
//! Another process writes them: a descriptor of this one would be inherited by whatever another test
//! starts at that moment, and what is open for writing cannot be run (`ETXTBSY`).

use std::ffi::OsStr;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

/// A copy of a program.
pub fn copy(from: impl AsRef<OsStr>, to: &Path) {
    let copied = Command::new("cp").arg("--").arg(from).arg(to).status().expect("cp");
    assert!(copied.success(), "cp: {copied}");
}

/// A script, with its first line, that every user may run.
pub fn script(path: &Path, text: &str) {
    let mut writing = Command::new("sh")
        .args(["-c", "cat > \"$0\" && chmod 755 \"$0\""])
        .arg(path)
        .stdin(Stdio::piped())
        .spawn()
        .expect("sh");
    writing.stdin.take().expect("stdin").write_all(text.as_bytes()).expect("written");
    let written = writing.wait().expect("ended");
    assert!(written.success(), "sh: {written}");
}
