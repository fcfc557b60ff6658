//! Token files that a keyctl left which was killed: `.NAME.keyctl-PROCESS-NUMBER`.
//!
//! A token's file is written beside its place and changes places with what was there, which is
//! removed after the commit. Killed in between, one of the two stays, and may hold a token that
//! works.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::Read as _;
use std::os::fd::BorrowedFd;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, Dir, FlockOperation, Mode, OFlags, flock, openat, unlinkat};
use rustix::io::Errno;
use rustix::process::{Pid, getpid, test_kill_process};
use zeroize::Zeroizing;

use super::guard::{self, folder, identity};
use crate::cli::context::Context;
use crate::ops::keys::known;

/// What comes between a name and the numbers.
const MARK: &[u8] = b".keyctl-";

/// Leftovers of processes that were killed, whose number came around again.
pub(in crate::cli) const DRAFTS: u32 = 100;

/// A name beside `name`, which no other living process uses.
pub(in crate::cli) fn draft_name(name: &OsStr, number: u32) -> OsString {
    let mut draft = vec![b'.'];
    draft.extend_from_slice(name.as_bytes());
    draft.extend_from_slice(MARK);
    draft.extend_from_slice(format!("{}-{number}", getpid().as_raw_nonzero()).as_bytes());
    OsString::from_vec(draft)
}

/// The name that a draft is for, and its process.
fn parse(draft: &OsStr) -> Option<(&OsStr, Option<Pid>)> {
    let rest = draft.as_bytes().strip_prefix(b".")?;
    let at = rest.windows(MARK.len()).rposition(|part| part == MARK)?;
    let (name, numbers) = (&rest[..at], str::from_utf8(&rest[at + MARK.len()..]).ok()?);
    let (process, number) = numbers.split_once('-')?;
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let named = !name.is_empty() && digits(process) && digits(number);
    named.then(|| (OsStr::from_bytes(name), process.parse().ok().and_then(Pid::from_raw)))
}

/// One that nobody works with any more.
pub(in crate::cli) struct Leftover {
    pub(in crate::cli) path: PathBuf,
    /// Held with a lock, so that nobody takes it for a living one's either.
    file: File,
}

impl Leftover {
    /// Removes it, unless something else has its name by now.
    pub(in crate::cli) fn remove(self) -> Option<PathBuf> {
        let (name, file) = (fs::symlink_metadata(&self.path).ok()?, self.file.metadata().ok()?);
        (identity(&name) == identity(&file)).then_some(())?;
        fs::remove_file(&self.path).ok().map(|()| self.path)
    }
}

/// Those in a folder, of one name or of any. What belongs to another user, is no plain file, holds
/// something else, or is in use, is passed over.
pub(in crate::cli) fn find(folder: &Path, of: Option<&OsStr>) -> Vec<Leftover> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let names = entries.filter_map(|entry| Some(entry.ok()?.file_name()));
    let mut found: Vec<Leftover> = names
        .filter_map(|name| {
            let (is_for, process) = parse(&name)?;
            of.is_none_or(|of| of == is_for).then_some(())?;
            left(folder.join(&name), process)
        })
        .collect();
    found.sort_by(|one, other| one.path.cmp(&other.path));
    found
}

/// A file in a folder that has the name of a draft.
#[derive(Debug)]
pub(in crate::cli) struct Draft {
    name: OsString,
    process: Option<Pid>,
}

/// Those in a folder, by the name that they are for. Nothing is asked of what they hold: a sink's is part of a file of the
/// user's.
pub(in crate::cli) fn drafts(folder: BorrowedFd<'_>) -> BTreeMap<OsString, Vec<Draft>> {
    let mut found: BTreeMap<OsString, Vec<Draft>> = BTreeMap::new();
    for entry in Dir::read_from(folder).into_iter().flatten().flatten() {
        let name = OsStr::from_bytes(entry.file_name().to_bytes());
        if let Some((is_for, process)) = parse(name) {
            found.entry(is_for.to_owned()).or_default().push(Draft { name: name.to_owned(), process });
        }
    }
    found
}

impl Draft {
    /// Removes it, unless somebody works with it or it is another user's.
    pub(in crate::cli) fn remove(self, folder: BorrowedFd<'_>) {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        let Ok(file) = openat(folder, &self.name, flags, Mode::empty()).map(File::from) else { return };
        let is_own = file.metadata().is_ok_and(|found| {
            found.is_file() && found.nlink() == 1 && found.uid() == rustix::process::geteuid().as_raw()
        });
        if is_own && !is_in_use(&file, self.process) {
            let _ = unlinkat(folder, &self.name, AtFlags::empty());
        }
    }
}

fn left(path: PathBuf, process: Option<Pid>) -> Option<Leftover> {
    let file = guard::open(&path)?;
    let found = file.metadata().ok()?;
    let is_own = found.is_file() && found.uid() == rustix::process::geteuid().as_raw();
    (is_own && !is_in_use(&file, process) && holds_tokens(&file)).then_some(Leftover { path, file })
}

/// A living process holds a lock. It is asked for by its number, too, since between the making of
/// a file and its lock there is a moment.
fn is_in_use(file: &File, process: Option<Pid>) -> bool {
    let lives = |process: Pid| process != getpid() && test_kill_process(process) != Err(Errno::SRCH);
    flock(file, FlockOperation::NonBlockingLockExclusive) == Err(Errno::WOULDBLOCK)
        || process.is_none_or(lives)
}

/// The tokens of one mint, rotation or import, as the delivery writes them; or nothing yet.
fn holds_tokens(file: &File) -> bool {
    /// An import of more is too rare to be looked at.
    const LONGEST: u64 = 1024 * 1024;
    let mut bytes = Zeroizing::new(Vec::with_capacity(4096));
    let read = file.take(LONGEST + 1).read_to_end(&mut bytes);
    let Ok(text) = str::from_utf8(&bytes) else { return false };
    let of_ours = |line: &str| known::has_form(line.rsplit('\t').next().unwrap_or_default());
    let alone = text.lines().count() == 1 && text.lines().all(known::may_be_token);
    read.is_ok() && bytes.len() as u64 <= LONGEST && (alone || text.lines().all(of_ours))
}

impl Context {
    /// Names what was left behind in the folders that this command knows of.
    pub(in crate::cli) fn warn_of_leftovers(&self) {
        for path in self.leftovers() {
            let path = path.display();
            self.ui.warn(&format!(
                "{path} was left by a keyctl that was killed and may hold a token that works: look with \
                 keyctl verify < {path}; the next rotation into the same file removes it"
            ));
        }
    }

    /// What was left behind in the folders that this command knows of: the current one, the store's and the
    /// configuration's. Where else a token was written to, nothing says.
    pub(in crate::cli) fn leftovers(&self) -> Vec<PathBuf> {
        let store = self.find().ok().and_then(|location| location.files().into_iter().next());
        let files = store.into_iter().chain(self.config_path());
        let folders = std::iter::once(PathBuf::from(".")).chain(files.map(|file| folder(&file).to_owned()));
        let (mut seen, mut left) = (Vec::new(), Vec::new());
        for folder in folders {
            let Ok(real) = folder.canonicalize() else { continue };
            if seen.contains(&real) {
                continue;
            }
            let found = find(&folder, None).into_iter();
            left.extend(found.map(|one| one.path.strip_prefix(".").unwrap_or(&one.path).to_owned()));
            seen.push(real);
        }
        left
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draft_names_its_file_and_its_process() {
        let parsed = |name: &str| {
            let (name, process) =
                parse(OsStr::new(name)).map(|(name, process)| (name.to_owned(), process))?;
            Some((name.into_string().expect("UTF-8"), process.map(|process| process.as_raw_nonzero().get())))
        };
        let named = |name: &str, process| Some((name.to_owned(), process));
        for (draft, is) in [
            (".token.keyctl-12-0", named("token", Some(12))),
            (".a.keyctl-1-2.keyctl-3-4", named("a.keyctl-1-2", Some(3))),
            (".token.keyctl-99999999999-0", named("token", None)),
            (".token.keyctl-0-0", named("token", None)),
            ("token.keyctl-12-0", None),
            (".token.keyctl-12", None),
            (".token.keyctl--0", None),
            (".token.keyctl-12-", None),
            (".token.keyctl-12-0x", None),
            (".token.keyctl-+1-0", None),
            (".keyctl-12-0", None),
            ("..keyctl-12-0", None),
            (".token", None),
        ] {
            assert_eq!(parsed(draft), is, "{draft}");
        }
        let own = draft_name(OsStr::new("token"), 7);
        assert_eq!(parse(&own), Some((OsStr::new("token"), Some(getpid()))));
    }
}
