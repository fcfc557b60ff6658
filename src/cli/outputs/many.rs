//! Handing the fresh tokens of many keys out, page by page: each page before its change is committed.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use super::delivery::{Ends, ToFile, many_to_stdout, to_stdout};
use crate::cli::files::guard;
use crate::cli::terminal::ui::Ui;
use crate::domain::keys::key::Key;
use crate::domain::keys::token::Token;
use crate::ops::delivery::{Deliver, DeliveryError};
use crate::render::Format;

/// To standard output, as one array or table over all pages.
pub(in crate::cli) struct Pages {
    ui: Ui,
    begun: bool,
}

impl Pages {
    pub(in crate::cli) fn new(ui: Ui) -> Self {
        Self { ui, begun: false }
    }

    /// Writes the end of it, also where there was nothing.
    pub(in crate::cli) fn finish(&self) -> io::Result<()> {
        match (self.ui.chosen(), self.begun) {
            (Some(Format::Json), true) => to_stdout(b"]\n"),
            (Some(Format::Json), false) => to_stdout(b"[]\n"),
            _ => Ok(()),
        }
    }
}

impl Deliver for Pages {
    fn deliver(&mut self, token: &Token, key: &Key) -> Result<(), DeliveryError> {
        self.deliver_all(&[(token, key)])
    }

    fn deliver_all(&mut self, tokens: &[(&Token, &Key)]) -> Result<(), DeliveryError> {
        let ends = Ends { begins: !self.begun, ends: false };
        // What was written in part is begun, too.
        self.begun = true;
        many_to_stdout(self.ui, tokens, ends)
    }

    fn confirm(&mut self) {}

    fn withdraw(&mut self) {}
}

/// Below a folder: one file (0600) for each key, `OWNER/NAME`, in place of a token that it holds.
pub(in crate::cli) struct Folder {
    ui: Ui,
    root: PathBuf,
    /// Those of the page that is not committed yet.
    files: Vec<ToFile>,
}

impl Folder {
    pub(in crate::cli) fn new(ui: Ui, folder: &Path) -> Self {
        Self { ui, root: folder.to_owned(), files: Vec::new() }
    }

    /// Where a key's token is put.
    pub(in crate::cli) fn path(folder: &Path, key: &Key) -> PathBuf {
        folder.join(key.owner.as_str()).join(key.name.as_str())
    }
}

/// Makes an owner's folder. The one below which it stands may be a link, as whoever named it wants; what stands in its own place
/// may not: it would lead tokens to where nobody named.
fn owners_folder(folder: &Path) -> Result<(), DeliveryError> {
    let failed = |error| DeliveryError::File { path: folder.to_owned(), error };
    DirBuilder::new().recursive(true).mode(0o700).create(guard::folder(folder)).map_err(failed)?;
    match DirBuilder::new().mode(0o700).create(folder) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let is_folder = fs::symlink_metadata(folder).map_err(failed)?.is_dir();
            if is_folder { Ok(()) } else { Err(DeliveryError::NoFolder(folder.to_owned())) }
        }
        made => made.map_err(failed),
    }
}

impl Deliver for Folder {
    fn deliver(&mut self, token: &Token, key: &Key) -> Result<(), DeliveryError> {
        let path = Self::path(&self.root, key);
        owners_folder(guard::folder(&path))?;
        let replaces = guard::replaceable_token(&path);
        let mut file = ToFile::new(self.ui, path, replaces);
        let delivered = file.deliver(token, key);
        self.files.push(file);
        delivered
    }

    fn confirm(&mut self) {
        self.files.drain(..).for_each(|mut file| file.confirm());
    }

    fn withdraw(&mut self) {
        self.files.drain(..).for_each(|mut file| file.withdraw());
    }
}
