//! What others may do with the files of a store that nobody gave them a right to, for `doctor`: found, and taken away.
//!
//! Opening a store stops at the first such thing; here all are told.

use std::fs::{self, Metadata, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use super::file::{File, shares_folder};
use super::folder;
use super::opening::{begins_a_store, head};
use super::path::{parent, shell_word};
use crate::store::caused::Caused;
use crate::store::doctor::Exposure;
use crate::store::error::{Error, Result};

/// Rights to a file of the store that nobody but `store grant --group` gives, and that gives reading alone.
const OF_FILES: u32 = 0o027;

/// Rights to put another file in the place of one.
const OF_FOLDERS: u32 = 0o022;

/// Of a file that is no store nothing is said, and nothing taken away: it is somebody else's that was named by mistake.
pub(crate) fn exposures(file: &File) -> Vec<Exposure> {
    if !is_store(file) {
        return Vec::new();
    }
    let user = rustix::process::geteuid().as_raw();
    let mut found: Vec<Exposure> = open_files(file)
        .into_iter()
        .map(|(path, metadata)| Exposure {
            what: format!("{} is open to others (mode {:04o})", path.display(), metadata.mode() & 0o7777),
            hint: format!("chmod g-w,o-rwx {}", shell_word(&path)),
            is_file: true,
            mendable: metadata.uid() == user,
        })
        .collect();
    let Some(path) = real(file) else { return found };
    found.extend(folder::doubt(&path, &file.path).map(|doubt| Exposure {
        mendable: open_folder(&path).is_some(),
        what: doubt.what,
        hint: doubt.hint,
        is_file: false,
    }));
    found
}

pub(crate) fn mend_exposures(file: &File) -> Result<()> {
    if !is_store(file) {
        return Ok(());
    }
    let user = rustix::process::geteuid().as_raw();
    for (path, metadata) in open_files(file).into_iter().filter(|(_, metadata)| metadata.uid() == user) {
        take_away(&path, &metadata, OF_FILES)?;
    }
    if let Some((folder, metadata)) = real(file).as_deref().and_then(open_folder) {
        take_away(&folder, &metadata, OF_FOLDERS)?;
    }
    Ok(())
}

fn is_store(file: &File) -> bool {
    head(&file.path).is_some_and(|(head, _)| begins_a_store(&head))
}

/// Through no link: what is behind one was not asked about.
fn take_away(path: &Path, metadata: &Metadata, rights: u32) -> Result<()> {
    let permissions = Permissions::from_mode(metadata.mode() & 0o7777 & !rights);
    fs::set_permissions(path, permissions).map_err(|error| Error::Refused {
        what: Caused::by(format!("the mode of {} cannot be changed: {error}", path.display()), error),
        hint: format!("look who owns it: ls -l {}", shell_word(path)),
    })
}

/// The store's own plain files that others may read or write. A volume that is mounted for a group is as it should be.
fn open_files(file: &File) -> Vec<(PathBuf, Metadata)> {
    let mut files = file.files();
    files.sort();
    files.dedup();
    let looked = files.into_iter().filter_map(|path| Some((fs::symlink_metadata(&path).ok()?, path)));
    let open = looked.filter(|(found, path)| {
        let by_group = found.mode() & 0o020 != 0 && !shares_folder(path, found);
        found.is_file() && (found.mode() & 0o007 != 0 || by_group)
    });
    open.map(|(found, path)| (path, found)).collect()
}

/// The folder that holds the store, where it is this user's own and others may write it: then taking that away from
/// them is all there is to do. One that keeps everybody's files apart (sticky, as `/tmp`) is meant to be as it is.
fn open_folder(path: &Path) -> Option<(PathBuf, Metadata)> {
    let folder = parent(path);
    let found = fs::symlink_metadata(folder).ok().filter(Metadata::is_dir)?;
    let is_own = found.uid() == rustix::process::geteuid().as_raw();
    (is_own && found.mode() & OF_FOLDERS != 0 && found.mode() & 0o1000 == 0)
        .then(|| (folder.to_owned(), found))
}

/// The path without links in its folders.
fn real(file: &File) -> Option<PathBuf> {
    let name = file.path.file_name()?;
    Some(parent(&file.path).canonicalize().ok()?.join(name))
}
