//! What this process does for the secrets in its memory, and what the programs that it starts
//! get of its surroundings.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command};
use std::sync::OnceLock;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::config::environment;
use crate::store::Location;

/// What no other program is given: secrets, and where to get them. So is `KEYCTL_STORE` where it
/// holds a password.
const WITHHELD: [&str; 7] = [
    "KEYCTL_MASTER_KEY",
    "KEYCTL_MASTER_KEY_CMD",
    "KEYCTL_MASTER_KEY_FILE",
    "KEYCTL_MASTER_KEY_PREVIOUS",
    "KEYCTL_MASTER_PASSPHRASE",
    "KEYCTL_MASTER_PASSPHRASE_PREVIOUS",
    "PGPASSWORD",
];

/// The limit of core dumps that this process was started with.
static FORMER: OnceLock<Rlimit> = OnceLock::new();

/// Sees to it that no memory of this process reaches a disk when it dies, nor a debugger of the
/// same user while it lives. A system that refuses is no reason not to go on.
pub(super) fn harden() {
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
    FORMER.get_or_init(|| getrlimit(Resource::Core));
    forbid_core();
}

/// 0 stops no dump that goes to a program (`|` in `core_pattern`), 1 does: core(5).
fn forbid_core() {
    if let Some(former) = FORMER.get() {
        let lowest = u64::from(cfg!(target_os = "linux"));
        let current = former.maximum.map_or(lowest, |maximum| lowest.min(maximum));
        let _ = setrlimit(Resource::Core, Rlimit { current: Some(current), maximum: former.maximum });
    }
}

fn allow_core() {
    if let Some(former) = FORMER.get() {
        let _ = setrlimit(Resource::Core, *former);
    }
}

/// A program with the environment of this process, less what is withheld.
pub(super) fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.env_clear().envs(environment::all().filter(is_for_others));
    command
}

fn is_for_others((name, value): &(OsString, OsString)) -> bool {
    if name == "KEYCTL_STORE" {
        // What cannot be read is not known to hold no password.
        let location = value.to_str().map(Location::parse);
        return location.is_some_and(|read| read.is_ok_and(|location| !location.has_password()));
    }
    !WITHHELD.iter().any(|withheld| name == withheld)
}

/// Starts it with the limits that this process was started with. For that moment these are our
/// own, too; on Linux no core is left for another reason.
pub(super) fn spawn(command: &mut Command) -> io::Result<Child> {
    allow_core();
    let spawned = command.spawn();
    forbid_core();
    spawned
}

/// Becomes it, with those limits. Returns only if that fails.
pub(super) fn replace(command: &mut Command) -> io::Error {
    allow_core();
    let error = command.exec();
    forbid_core();
    error
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_programs_get_no_secrets() {
        for (name, value, passes) in [
            ("PATH", "/bin", true),
            ("KEYCTL_PROFILE", "work", true),
            ("KEYCTL_MASTER_KEY", "x", false),
            ("KEYCTL_MASTER_KEY_CMD", "pass show keyctl", false),
            ("PGPASSWORD", "x", false),
            ("KEYCTL_STORE", "/home/a/keys.db", true),
            ("KEYCTL_STORE", "postgres://a@localhost/keys", true),
            ("KEYCTL_STORE", "postgres://a:s3cr3t@localhost/keys", false),
            ("KEYCTL_STORE", "postgres://a@localhost/keys?password=s3cr3t", false),
            ("KEYCTL_STORE", "host=localhost password=s3cr3t", false),
        ] {
            assert_eq!(is_for_others(&(name.into(), value.into())), passes, "{name}={value}");
        }
    }
}
