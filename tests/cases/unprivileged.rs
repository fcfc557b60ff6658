//! The program as a user whom permissions stop: tests may run as root, whom nothing does.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::Path;
use std::process::Command;

use super::runner::run_bounded;
use crate::support::cli::{PROGRAM, Ran, Sandbox};

/// The user and group that `nobody` is on most systems.
const NOBODY: u32 = 65_534;

fn is_root() -> bool {
    rustix::process::getuid().is_root()
}

/// Gives a folder and all in it to the user that [`run`] runs as.
pub fn own(folder: &Path) {
    if !is_root() {
        return;
    }
    chown(folder, Some(NOBODY), Some(NOBODY)).expect("chown");
    for entry in fs::read_dir(folder).expect("a folder") {
        let entry = entry.expect("an entry");
        if entry.file_type().expect("a type").is_dir() {
            own(&entry.path());
        } else {
            std::os::unix::fs::lchown(entry.path(), Some(NOBODY), Some(NOBODY)).expect("chown");
        }
    }
}

/// Runs the program without privileges; its folder must have been given away with [`own`].
pub fn run(sandbox: &Sandbox, args: &[&str]) -> Ran {
    let usual = sandbox.command(args);
    if !is_root() {
        return run_bounded(usual, None).0;
    }
    // The build folder may be closed to others.
    let program = tempfile::Builder::new().prefix("keyctl-program-").tempdir().expect("folder");
    fs::set_permissions(program.path(), fs::Permissions::from_mode(0o755)).expect("mode");
    let copy = program.path().join("keyctl");
    fs::copy(PROGRAM, &copy).expect("copied");
    let mut command = Command::new("setpriv");
    command.arg(format!("--reuid={NOBODY}")).arg(format!("--regid={NOBODY}")).arg("--clear-groups").arg(copy);
    command.args(args).env_clear().current_dir(sandbox.home());
    command.envs(usual.get_envs().filter_map(|(name, value)| Some((name, value?))));
    run_bounded(command, None).0
}
