//! What this process does for the secrets in its memory, and what the programs that it starts
//! get of its surroundings.

use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStringExt as _;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command};
use std::sync::{Arc, OnceLock};

use rustix::process::{Resource, Rlimit, Signal, getrlimit, setrlimit};

use crate::config::master_key::SecretText;
use crate::config::{apollo, backup_key, environment};
use crate::store::Location;

/// What no other program is given: secrets, and where to get them. Nor is the password that
/// `KEYCTL_STORE` may hold.
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
    fail_at_limit();
}

/// A file that reaches its limit (`ulimit -f`) ends a write with an error that can be told, and not
/// this process. Caught, unlike ignored, it is as it always is in the programs started here.
fn fail_at_limit() {
    let _ = signal_hook::flag::register(Signal::XFSZ.as_raw(), Arc::default());
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

/// As many open files as this process may have: one for each connection that it takes.
#[cfg(feature = "serve")]
pub(super) fn allow_open_files() {
    let limit = getrlimit(Resource::Nofile);
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum });
}

/// A program with the environment of this process, less what is withheld. The names are taken
/// away: a map of what is left would hold another copy of each value.
pub(super) fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    for name in WITHHELD.into_iter().chain(apollo::VARIABLES).chain(backup_key::VARIABLES) {
        command.env_remove(name);
    }
    // Named, it has the library look for a program as the system does, which also finds scripts
    // without a first line.
    match environment::path() {
        Some(path) => command.env("PATH", path),
        None => command.env_remove("PATH"),
    };
    if let Some(given) = environment::store() {
        let given = SecretText::new(given.into_vec());
        match str::from_utf8(given.expose()).ok().and_then(for_others) {
            Some(address) => command.env("KEYCTL_STORE", address),
            // What cannot be read is not known to hold no password.
            None => command.env_remove("KEYCTL_STORE"),
        };
    }
    command
}

/// The address of a store without a password: a program that uses keyctl must not find itself at
/// another store, the default one.
fn for_others(address: &str) -> Option<String> {
    match Location::parse(address).ok()? {
        Location::Sqlite(_) => Some(address.to_owned()),
        location @ Location::Postgres(_) => Some(location.to_string()),
    }
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
    fn the_master_key_and_its_sources_are_taken_away() {
        let command = command("true");
        let taken = |name: &str| command.get_envs().any(|(taken, value)| taken == name && value.is_none());
        assert!(
            WITHHELD.iter().chain(&apollo::VARIABLES).chain(&backup_key::VARIABLES).all(|name| taken(name))
        );
        // What is not named is not copied.
        let named = command.get_envs().filter(|(_, value)| value.is_some());
        assert!(named.into_iter().all(|(name, _)| name == "PATH" || name == "KEYCTL_STORE"));
    }

    #[test]
    fn a_store_s_address_is_passed_on_without_its_password() {
        for (given, passed) in [
            ("/home/a/keys.db", Some("/home/a/keys.db")),
            ("postgres://a@localhost/keys", Some("postgres://a@localhost:5432/keys")),
            ("postgres://a:s3cr3t@localhost/keys", Some("postgres://a@localhost:5432/keys")),
            (
                "postgresql://a:s3:cr3t@h:1,i:2/keys?sslmode=require&passfile=/p",
                Some("postgres://a@h:1,i:2/keys?sslmode=require&passfile=/p"),
            ),
            ("sqlite:/k.db?symlink=follow", Some("sqlite:/k.db?symlink=follow")),
            ("postgres://a@localhost/keys?password=s3cr3t", None),
            ("postgres://a:s3@cr3t@localhost/keys", None),
            ("host=localhost password=s3cr3t", None),
            ("Eb/Nq2tSyyY3cYJQ0+G1x9DlJX5vBzNjT8mHfQv0RkA=", None),
        ] {
            assert_eq!(for_others(given).as_deref(), passed, "{given}");
        }
    }
}
