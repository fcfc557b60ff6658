//! What is around the store on this machine: other programs of the name, files that a killed keyctl left, the rights to the
//! store's files, and the room for it.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::exposed;
use crate::cli::context::Context;
use crate::cli::terminal::name;
use crate::config::environment;
use crate::domain::texts::text::shell_word;
use crate::ops::doctor::{Check, Finding, Level, Report};
use crate::store::Location;

/// A backup before a migration, and a log, need room, too.
const ROOM: u64 = 100 * 1024 * 1024;

/// What needs no store.
pub(super) fn look(context: &Context, report: &mut Report) {
    let own = std::env::current_exe().ok();
    let path = environment::path().unwrap_or_default();
    let found = own.and_then(|own| other_program(&path, name::called(), &own));
    report.look(Check::Path, Ok(found.into_iter().collect()));
    let leftovers = context.leftovers().into_iter().map(|path| {
        let what = format!("{} was left by a keyctl that was killed", path.display());
        let file = shell_word(&path.display().to_string()).into_owned();
        Finding::new(Check::Leftovers, Level::Warning, what)
            .why("it may hold a token that works")
            .advise(format!("look: keyctl verify < {file}; the next rotation into the same file removes it"))
    });
    report.look(Check::Leftovers, Ok(leftovers.collect()));
}

/// The files of a store, whether or not it can be opened.
pub(super) fn look_beside(location: &Location, fixes: bool, report: &mut Report) {
    let (mut own, mut around) = (Vec::new(), Vec::new());
    for (one, ended) in exposed(location, fixes) {
        let (check, why) = if one.is_file {
            (
                Check::Permissions,
                "others can read hashes and names, or write keys of their own; the store is not opened",
            )
        } else {
            (Check::Folder, "others can put another store in the place of this one; changes are refused")
        };
        let mut finding =
            Finding::new(check, Level::Problem, one.what).why(why).advise(one.hint).fixable(one.mendable);
        finding.fixed = ended;
        if one.is_file { &mut own } else { &mut around }.push(finding);
    }
    if let Some(file) = location.files().first() {
        report.look(Check::Permissions, Ok(own));
        report.look(Check::Folder, Ok(around));
        report.look(Check::Disk, Ok(room_beside(file).into_iter().collect()));
    }
}

/// What the shell runs where somebody types the name, if that is another program than this one.
fn other_program(path: &OsStr, name: &str, own: &Path) -> Option<Finding> {
    let identity = |path: &Path| fs::metadata(path).ok().map(|found| (found.dev(), found.ino()));
    let own = identity(own)?;
    let is_program =
        |path: &PathBuf| fs::metadata(path).is_ok_and(|found| found.is_file() && found.mode() & 0o111 != 0);
    let named: Vec<PathBuf> =
        std::env::split_paths(path).map(|folder| folder.join(name)).filter(is_program).collect();
    let first = named.first().filter(|first| identity(first) != Some(own))?;
    let is_behind = named.iter().any(|path| identity(path) == Some(own));
    let (level, how) = if is_behind {
        (Level::Warning, "stands before this one in the PATH")
    } else {
        (Level::Note, "is what the PATH has; this one is not in it")
    };
    Some(
        Finding::new(Check::Path, level, format!("another {name}, {}, {how}", first.display()))
            .why("who types the name runs the other: Linux's keyutils has a keyctl whose list, show and revoke do something else")
            .advise("see all: type -a keyctl; put the folder of this one first in the PATH, or call it skeyctl: docs/install.md"),
    )
}

fn room_beside(file: &Path) -> Option<Finding> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let found = rustix::fs::statvfs(folder).ok()?;
    let size = fs::metadata(file).map_or(0, |found| found.len());
    too_little(found.f_bavail.saturating_mul(found.f_frsize), size).map(|what| {
        Finding::new(Check::Disk, Level::Warning, what)
            .why("a full disk stops every change, and leaves no room for the backup before a migration")
            .advise(format!("see what is full: df -h {}", shell_word(&folder.display().to_string())))
    })
}

fn too_little(free: u64, size: u64) -> Option<String> {
    let mebibytes = |bytes: u64| bytes / (1024 * 1024);
    (free < size.saturating_add(ROOM)).then(|| {
        format!(
            "the disk of the store has {} MiB left, and the store has {}",
            mebibytes(free),
            mebibytes(size)
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_disk_must_hold_the_store_once_more_and_a_log() {
        let mib = 1024 * 1024;
        assert_eq!(too_little(500 * mib, 300 * mib), None);
        let what = "the disk of the store has 350 MiB left, and the store has 300";
        assert_eq!(too_little(350 * mib, 300 * mib).as_deref(), Some(what));
    }
}
