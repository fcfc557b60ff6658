//! Who could put another file in the database's place: whoever may write the folder that holds it,
//! or one above.

use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::{Component, Path, PathBuf};

use super::path::{beside, parent, shell_word};

/// Sticky: only the owner of an entry, of the folder, or root may rename or remove it.
const STICKY: u32 = 0o1000;

/// What is behind the link is whoever made it wants it to be: it is not named.
const OTHERS_LINK: &str =
    "find out who made it; name the store by a path that has no link of another user's in it";

/// More links than that are a circle (as in Linux).
const MOST_LINKS: u32 = 40;

/// A way by which somebody else could.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Doubt {
    /// In words, beginning with the folder's path.
    pub(super) what: String,
    pub(super) hint: String,
}

struct Trust {
    /// The effective user.
    user: u32,
    /// The file's owner; the user, where there is none yet.
    owner: u32,
    /// The group that its owner lets read it, as `store grant --group` does.
    group: Option<u32>,
}

impl Trust {
    fn of(file: Option<&Metadata>, folder: &Metadata, user: u32) -> Self {
        let owner = file.map_or(user, MetadataExt::uid);
        // Who put a file of another user's there did not ask its group.
        let is_owners = owner == user || owner == 0 || owner == folder.uid();
        let group = file.filter(|file| is_owners && file.mode() & 0o040 != 0).map(MetadataExt::gid);
        Self { user, owner, group }
    }

    fn has(&self, user: u32) -> bool {
        user == self.user || user == 0 || user == self.owner
    }

    /// Who else can replace an entry of this owner in a folder.
    fn others(&self, folder: &Metadata, entry_owner: u32) -> Option<String> {
        let mode = folder.mode();
        if !self.has(folder.uid()) {
            return Some(format!("belongs to another user (uid {})", folder.uid()));
        }
        let is_kept = mode & STICKY != 0 && self.has(entry_owner);
        let can = |who: String| Some(format!("(mode {:04o}) can be written by {who}", mode & 0o7777));
        match (mode & 0o002 != 0, mode & 0o020 != 0 && self.group != Some(folder.gid())) {
            _ if is_kept => None,
            (true, _) => can("everybody".to_owned()),
            (false, true) => can(format!("group {}", folder.gid())),
            (false, false) => None,
        }
    }
}

/// Looks for somebody else who could replace the file, or a folder that leads to it. `path` has no
/// links in it; `given` is how it was named.
///
/// The walk ends at a folder of the user's own: what another puts in its place is not the user's.
/// So a folder of mode 0700 is safe also inside one that all may write.
pub(super) fn doubt(path: &Path, given: &Path) -> Option<Doubt> {
    let user = rustix::process::geteuid().as_raw();
    let file = fs::symlink_metadata(path).ok();
    let (mut folder, mut entry) = (parent(path), file.as_ref().map_or(user, MetadataExt::uid));
    let trust = Trust::of(file.as_ref(), &fs::metadata(folder).ok()?, user);
    if let Some(link) = foreign_link(given, user) {
        let what = format!("{} is a link of another user's", link.display());
        return Some(Doubt { what, hint: OTHERS_LINK.to_owned() });
    }
    loop {
        let found = fs::metadata(folder).ok()?;
        if let Some(others) = trust.others(&found, entry) {
            return Some(Doubt {
                what: format!("{} {others}", folder.display()),
                hint: hint(path, folder, &found),
            });
        }
        let is_first = folder == parent(path);
        if let Some(beside) = is_first.then(|| foreign_beside(path, &found, &trust)).flatten() {
            let what = format!("{} belongs to another user, who may write the folder", beside.display());
            return Some(Doubt { what, hint: hint(path, folder, &found) });
        }
        if found.uid() == user {
            return None;
        }
        entry = found.uid();
        folder = folder.parent()?;
    }
}

/// Where others may make files, what SQLite reads beside the database may be theirs.
fn foreign_beside(path: &Path, folder: &Metadata, trust: &Trust) -> Option<PathBuf> {
    (folder.mode() & 0o022 != 0).then_some(())?;
    let files = ["-wal", "-shm", "-journal"].map(|suffix| beside(path, suffix));
    files.into_iter().find(|file| fs::symlink_metadata(file).is_ok_and(|found| !trust.has(found.uid())))
}

/// The first link on the way that another user made.
fn foreign_link(given: &Path, user: u32) -> Option<PathBuf> {
    let mut rest: Vec<PathBuf> = reversed(given);
    let mut at = PathBuf::new();
    let mut links = 0;
    while let Some(next) = rest.pop() {
        if next.as_os_str() == ".." {
            // Behind a link, `..` is above what it leads to: all of those were resolved.
            at = if at.as_os_str().is_empty() { next } else { at.join(next) };
            continue;
        }
        let here = at.join(&next);
        let Ok(found) = fs::symlink_metadata(&here) else { return None };
        if !found.is_symlink() {
            at = here;
            continue;
        }
        links += 1;
        if links > MOST_LINKS || found.uid() != user && found.uid() != 0 {
            return Some(here);
        }
        let leads = fs::read_link(&here).ok()?;
        if leads.is_absolute() {
            at = PathBuf::new();
        }
        rest.extend(reversed(&leads));
    }
    None
}

fn reversed(path: &Path) -> Vec<PathBuf> {
    let parts = path.components().filter(|part| *part != Component::CurDir);
    let mut parts: Vec<PathBuf> = parts.map(|part| PathBuf::from(part.as_os_str())).collect();
    parts.reverse();
    parts
}

/// What to do: a folder for the store alone is what others cannot write, wherever it is.
fn hint(path: &Path, folder: &Path, found: &Metadata) -> String {
    let private = folder.join("keyctl");
    let name = path.file_name().map_or(path, Path::new);
    let kept = shell_word(&private.join(name));
    let group = found.mode() & 0o022 == 0o020;
    let grant = if group {
        format!("; or, if group {0} is to be trusted: keyctl store grant --group {0}", found.gid())
    } else {
        String::new()
    };
    format!(
        "keep it in a folder of your own: mkdir -m 700 {0} and mv {1}* {0}/, then --store {kept}{grant}; or run: \
         chmod go-w {2}",
        shell_word(&private),
        shell_word(path),
        shell_word(folder)
    )
}
