//! What names mean on this system: hosts, users and groups, as `/etc/nsswitch.conf` has it.
//!
//! Where the program is linked without the loader of shared libraries (`build.rs`), its C library looks
//! into the system's files and asks DNS by itself. Every other source that the system names is a shared
//! library, which such a program can load only if it is of its own version, and breaks in if it is
//! not: after an upgrade of the system, say. There the system's own `getent` is asked in its place.

use std::ffi::OsStr;
use std::net::IpAddr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::str::FromStr;
use std::{env, fs};

use nix::unistd::{Gid, Group, Uid, User};

const SOURCES: &str = "/etc/nsswitch.conf";
const HOSTS: &str = "/etc/hosts";
const GETENT: &str = "/usr/bin/getent";

/// What the resolver reads of the environment. Nothing else is handed on: a master key may be in it.
const HANDED_ON: [&str; 4] = ["PATH", "HOSTALIASES", "LOCALDOMAIN", "RES_OPTIONS"];

/// Who knows hosts, where that is not the C library.
pub(super) fn other_hosts() -> Option<Sources> {
    foreign_sources("hosts")
}

impl Sources {
    /// The addresses of a host, none for one that nobody knows; `None` where the C library must be asked
    /// after all. May wait for a server.
    pub(super) fn addresses(&self, host: &str) -> Option<Vec<IpAddr>> {
        if self.begins_with_files {
            let found = fs::read_to_string(HOSTS).map(|text| in_hosts(&text, host)).unwrap_or_default();
            if !found.is_empty() {
                return Some(found);
            }
        }
        Some(getent("ahosts", host)?.lines().filter_map(streamed).collect())
    }
}

/// The name of a user.
pub(super) fn user(uid: Uid) -> Option<String> {
    if foreign_sources("passwd").is_some()
        && let Some(found) = getent("passwd", &uid.to_string())
    {
        return field(&found, 0);
    }
    User::from_uid(uid).ok().flatten().map(|user| user.name)
}

/// The number of a group.
pub(crate) fn group(name: &str) -> Option<Gid> {
    if foreign_sources("group").is_some()
        && let Some(found) = getent("group", name)
    {
        // It takes a number for a group's, too.
        return field::<String>(&found, 0)
            .filter(|found| found == name)
            .and_then(|_| field(&found, 2))
            .map(Gid::from_raw);
    }
    Group::from_name(name).ok().flatten().map(|group| group.gid)
}

pub(super) struct Sources {
    begins_with_files: bool,
}

/// Those of a kind of name, where this program cannot use them all by itself.
fn foreign_sources(kind: &str) -> Option<Sources> {
    if !is_without_loader() {
        return None;
    }
    let text = fs::read_to_string(SOURCES).ok()?;
    let sources = sources_of(&text, kind)?;
    let own = |source: &&str| matches!(*source, "files" | "dns");
    (!sources.iter().all(own)).then(|| Sources { begins_with_files: sources.first() == Some(&"files") })
}

/// The sources of a kind of name in their order, without what is done on their answers.
fn sources_of<'t>(text: &'t str, kind: &str) -> Option<Vec<&'t str>> {
    let line = |line: &'t str| {
        let (name, sources) = line.split('#').next()?.split_once(':')?;
        (name.trim() == kind).then_some(sources)
    };
    let sources = text.lines().find_map(line)?;
    let mut inside = false;
    let outside = |word: &&str| {
        let was_inside = inside || word.starts_with('[');
        inside = was_inside && !word.ends_with(']');
        !was_inside
    };
    Some(sources.split_ascii_whitespace().filter(outside).collect())
}

/// Whether the kernel started this process without a loader. Only glibc's other sources need one.
fn is_without_loader() -> bool {
    const BASE_OF_LOADER: usize = 7;
    if !cfg!(all(target_os = "linux", target_env = "gnu")) {
        return false;
    }
    let Ok(pairs) = fs::read("/proc/self/auxv") else { return true };
    let word = |bytes: &[u8]| bytes.try_into().map_or(0, usize::from_ne_bytes);
    let mut pairs = pairs.chunks_exact(2 * size_of::<usize>()).map(|pair| pair.split_at(size_of::<usize>()));
    pairs.all(|(kind, value)| word(kind) != BASE_OF_LOADER || word(value) == 0)
}

/// The addresses of a host in the text of `/etc/hosts`.
fn in_hosts(text: &str, host: &str) -> Vec<IpAddr> {
    let address = |line: &str| {
        let mut words = line.split('#').next()?.split_ascii_whitespace();
        let address = words.next()?.parse().ok()?;
        words.any(|name| name.eq_ignore_ascii_case(host)).then_some(address)
    };
    text.lines().filter_map(address).collect()
}

/// The address of a line of `getent ahosts`, of which there is one for each way to talk.
fn streamed(line: &str) -> Option<IpAddr> {
    let mut words = line.split_ascii_whitespace();
    let address = words.next()?.parse().ok()?;
    (words.next() == Some("STREAM")).then_some(address)
}

fn field<T: FromStr>(line: &str, number: usize) -> Option<T> {
    line.lines().next()?.split(':').nth(number)?.parse().ok()
}

/// What `getent` answers, nothing for what is not known; `None` where there is no such program.
fn getent(kind: &str, name: &str) -> Option<String> {
    let program = if Path::new(GETENT).exists() { GETENT } else { "getent" };
    #[expect(clippy::disallowed_methods, reason = "handed on as it is, not read")]
    let handed_on = HANDED_ON.iter().filter_map(|name| Some((name, env::var_os(name)?)));
    let asked = Command::new(program)
        .args([kind, "--", name].map(OsStr::new))
        .env_clear()
        .envs(handed_on)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output();
    Some(String::from_utf8_lossy(&asked.ok()?.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sources_of_names_are_read_in_order() {
        let text = "# hosts: no\npasswd: files systemd # and no more\nhosts:\tfiles mdns4_minimal [NOTFOUND=return] dns\n\
                    group: files [SUCCESS=merge UNAVAIL=continue] sss\nnetworks: files\n";
        assert_eq!(sources_of(text, "hosts"), Some(vec!["files", "mdns4_minimal", "dns"]));
        assert_eq!(sources_of(text, "passwd"), Some(vec!["files", "systemd"]));
        assert_eq!(sources_of(text, "group"), Some(vec!["files", "sss"]));
        assert_eq!(sources_of(text, "shadow"), None);
    }

    #[test]
    fn hosts_of_the_systems_file_are_found() {
        let text = "127.0.0.1 localhost\n::1 localhost ip6-localhost # localhost6\n10.1.2.3\tDB.example db\nfe80::1%lo0 odd\n";
        let found = |host: &str| in_hosts(text, host).iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(found("localhost"), ["127.0.0.1", "::1"]);
        assert_eq!(found("db.EXAMPLE"), ["10.1.2.3"]);
        assert!(found("localhost6").is_empty());
        assert!(found("odd").is_empty());
    }

    #[test]
    fn a_host_is_found_whoever_is_asked_first() {
        for begins_with_files in [true, false] {
            let addresses = |host: &str| Sources { begins_with_files }.addresses(host).expect("getent");
            let found = addresses("localhost");
            assert!(!found.is_empty() && found.iter().all(IpAddr::is_loopback), "{found:?}");
            assert_eq!(addresses("no-such-host.invalid"), [] as [IpAddr; 0]);
        }
    }

    #[test]
    fn the_systems_own_program_knows_what_the_library_knows() {
        let lines = getent("ahosts", "localhost").expect("getent");
        assert!(lines.lines().filter_map(streamed).any(|address| address.is_loopback()), "{lines}");
        let root = getent("passwd", "0").expect("getent");
        assert_eq!(
            field::<String>(&root, 0),
            User::from_uid(Uid::from_raw(0)).expect("read").map(|root| root.name)
        );
        let group = Group::from_gid(Gid::from_raw(0)).expect("read").expect("group 0");
        assert_eq!(field(&getent("group", &group.name).expect("getent"), 2), Some(0_u32));
        assert_eq!(getent("group", "no-such-group").as_deref(), Some(""));
        assert_eq!(getent("passwd", "-1").as_deref(), Some(""), "no option");
    }
}
