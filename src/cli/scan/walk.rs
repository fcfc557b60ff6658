//! The files below what was named: each once, and through no link, so that no loop has an end to be looked for.

use std::fs::{Metadata, ReadDir};
use std::path::PathBuf;

use super::report::{Report, Why};

#[derive(Debug)]
pub(super) struct Walk {
    roots: std::vec::IntoIter<(PathBuf, Metadata)>,
    /// The folders on the way, the deepest last.
    folders: Vec<(PathBuf, ReadDir)>,
    pub(super) report: Report,
}

impl Walk {
    pub(super) fn new(roots: Vec<(PathBuf, Metadata)>) -> Self {
        Self { roots: roots.into_iter(), folders: Vec::new(), report: Report::default() }
    }

    fn enter(&mut self, path: PathBuf) {
        match std::fs::read_dir(&path) {
            Ok(entries) => self.folders.push((path, entries)),
            Err(error) => self.report.skip(&path.to_string_lossy(), Why::of(&error)),
        }
    }
}

impl Iterator for Walk {
    type Item = PathBuf;

    fn next(&mut self) -> Option<PathBuf> {
        loop {
            let Some((folder, entries)) = self.folders.last_mut() else {
                let (path, found) = self.roots.next()?;
                if found.is_dir() {
                    self.enter(path);
                    continue;
                }
                return Some(path);
            };
            let entry = match entries.next() {
                None => {
                    self.folders.pop();
                    continue;
                }
                Some(Err(error)) => {
                    self.report.skip(&folder.to_string_lossy(), Why::of(&error));
                    self.folders.pop();
                    continue;
                }
                Some(Ok(entry)) => entry,
            };
            // As it was named, without the dot of `.`
            let path = if folder.as_os_str() == "." { entry.file_name().into() } else { entry.path() };
            match entry.file_type() {
                Ok(kind) if kind.is_file() => return Some(path),
                Ok(kind) if kind.is_dir() => self.enter(path),
                Ok(kind) if kind.is_symlink() => self.report.skip(&path.to_string_lossy(), Why::Link),
                Ok(_) => self.report.skip(&path.to_string_lossy(), Why::Special),
                Err(error) => self.report.skip(&path.to_string_lossy(), Why::of(&error)),
            }
        }
    }
}
