//! An address, shown in a browser.

use std::io;
use std::process::{Command, Stdio};
use std::thread;

use crate::cli::process;
use crate::config::environment;

/// Starts the first command of `BROWSER` that can be started, else `xdg-open`. It gets nothing of what keyctl alone may know,
/// and says nothing where keyctl's results stand. Whether somebody sees the address is not known afterwards.
pub(super) fn show(address: &str) -> io::Result<()> {
    let named = environment::browser().unwrap_or_else(|| "xdg-open".to_owned());
    let mut failed = io::ErrorKind::NotFound.into();
    for line in named.split(':').filter(|line| !line.trim().is_empty()) {
        match start(line, address) {
            Ok(()) => return Ok(()),
            Err(error) => failed = error,
        }
    }
    Err(failed)
}

/// `%s` stands for the address; without it, the address stands at the end. No shell reads it.
fn start(line: &str, address: &str) -> io::Result<()> {
    let mut words = line.split_whitespace();
    let mut command: Command = process::command(words.next().unwrap_or_default());
    if line.contains("%s") {
        command.args(words.map(|word| word.replace("%s", address)));
    } else {
        command.args(words).arg(address);
    }
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = process::spawn(&mut command)?;
    // Until it has ended it would be left as a zombie.
    thread::spawn(move || child.wait());
    Ok(())
}
