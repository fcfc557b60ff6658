//! The program as a user whom permissions stop: tests may run as root, whom nothing does.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::Path;
use std::process::Command;

use super::runner::run_bounded;
use crate::support::cli::{PROGRAM, Ran, Sandbox};
use crate::support::program;

/// The user and group that `nobody` is on most systems.
const NOBODY: u32 = 65_534;
/// A user whom no system knows, as containers have them.
const UNKNOWN: u32 = 1_234_567;

fn is_root() -> bool {
    rustix::process::getuid().is_root()
}

/// Gives a folder and all in it to the user that [`run`] runs as.
pub fn own(folder: &Path) {
    if is_root() {
        own_by(folder, NOBODY);
    }
}

fn own_by(folder: &Path, user: u32) {
    chown(folder, Some(user), Some(user)).expect("chown");
    for entry in fs::read_dir(folder).expect("a folder") {
        let entry = entry.expect("an entry");
        if entry.file_type().expect("a type").is_dir() {
            own_by(&entry.path(), user);
        } else {
            std::os::unix::fs::lchown(entry.path(), Some(user), Some(user)).expect("chown");
        }
    }
}

/// Another program without privileges, which every user must be able to run.
pub fn command(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command
        .arg(format!("--reuid={NOBODY}"))
        .arg(format!("--regid={NOBODY}"))
        .arg("--clear-groups")
        .arg(program);
    command
}

/// Runs the program without privileges; its folder must have been given away with [`own`].
pub fn run(sandbox: &Sandbox, args: &[&str]) -> Ran {
    if !is_root() {
        return run_bounded(sandbox.command(args), None).0;
    }
    run_by(sandbox, args, NOBODY)
}

/// Runs the program as a user without a name; only root can, so `None` where tests run as another.
pub fn run_as_unknown(sandbox: &Sandbox, args: &[&str]) -> Option<Ran> {
    if !is_root() {
        return None;
    }
    own_by(sandbox.home(), UNKNOWN);
    Some(run_by(sandbox, args, UNKNOWN))
}

fn run_by(sandbox: &Sandbox, args: &[&str], user: u32) -> Ran {
    let usual = sandbox.command(args);
    // The build folder may be closed to others.
    let folder = tempfile::Builder::new().prefix("keyctl-program-").tempdir().expect("folder");
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).expect("mode");
    let copy = folder.path().join("keyctl");
    program::copy(PROGRAM, &copy);
    let mut command = Command::new("setpriv");
    command.arg(format!("--reuid={user}")).arg(format!("--regid={user}")).arg("--clear-groups").arg(copy);
    command.args(args).env_clear().current_dir(sandbox.home());
    command.envs(usual.get_envs().filter_map(|(name, value)| Some((name, value?))));
    run_bounded(command, None).0
}
