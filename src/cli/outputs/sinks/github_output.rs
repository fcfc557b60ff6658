//! An output of the step of a GitHub workflow that runs keyctl.
//!
//! Its runner reads `NAME=VALUE` lines from the file that `GITHUB_OUTPUT` names when the step has ended, and masks in
//! its log what `::add-mask::` told it before: so that line goes first, and without it nothing is written.

use std::fs::File;
use std::io::{self, Write as _};
use std::os::unix::fs::{FileExt as _, MetadataExt as _};
use std::path::Path;

use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use zeroize::Zeroizing;

use super::{Fault, Places};
use crate::cli::files::guard;
use crate::domain::keys::token::Token;
use crate::domain::provisioning::sink::OutputName;

pub(super) fn check(places: &Places<'_>) -> Result<(), Fault> {
    open(places).map(|_| ())
}

pub(super) fn deliver(name: &OutputName, token: &Token, places: &Places<'_>) -> Result<Vec<String>, Fault> {
    let (mut file, path) = open(places)?;
    let failed = |error: io::Error| {
        Fault::failed(
            format!("{} could not be written: {error}", path.display()),
            "see that the runner's disk has room",
        )
    };
    let ended = is_ended(&file).map_err(failed)?;
    let mask = Zeroizing::new(format!("::add-mask::{}\n", token.expose()));
    (places.stdout)(mask.as_bytes()).map_err(|error| {
        let hint = "let the runner read standard output: do not redirect it in this step";
        Fault::failed(format!("standard output, where GitHub is told to mask it: {error}"), hint)
    })?;
    let begin = if ended { "" } else { "\n" };
    let line = Zeroizing::new(format!("{begin}{name}={}\n", token.expose()));
    file.write_all(line.as_bytes()).and_then(|()| file.sync_all()).map_err(failed)?;
    Ok(Vec::new())
}

fn open<'p>(places: &Places<'p>) -> Result<(File, &'p Path), Fault> {
    let Some(path) = places.github_output else {
        let what =
            "there is no runner of GitHub Actions: GITHUB_ACTIONS is not true, or GITHUB_OUTPUT is not set";
        return Err(Fault::refused(what, "run it in a step of a workflow, or leave the sink out"));
    };
    let refused = |what: &str| {
        let hint = "GITHUB_OUTPUT must name the file that the runner made for this step";
        Fault::refused(format!("{} {what}", path.display()), hint)
    };
    let flags = OFlags::RDWR
        | OFlags::APPEND
        | OFlags::NOFOLLOW
        | OFlags::NONBLOCK
        | OFlags::NOCTTY
        | OFlags::CLOEXEC;
    let file = match rustix::fs::open(path, flags, Mode::empty()) {
        Err(Errno::LOOP) => return Err(refused("is a link")),
        opened => opened
            .map(File::from)
            .map_err(|error| refused(&format!("cannot be opened: {}", io::Error::from(error))))?,
    };
    let found = file.metadata().map_err(|error| refused(&format!("cannot be read: {error}")))?;
    if !found.is_file() {
        return Err(refused("is no plain file"));
    }
    let is_same = |kept: &Path| {
        std::fs::metadata(kept).is_ok_and(|kept| guard::identity(&kept) == guard::identity(&found))
    };
    match places.kept.iter().find(|(kept, _)| is_same(kept)) {
        Some((_, what)) => Err(refused(&format!("is {what} and is never written over"))),
        None => Ok((file, path)),
    }
}

/// Whether its last line has an end: what another step's command left off would take ours along.
fn is_ended(file: &File) -> io::Result<bool> {
    let Some(last) = file.metadata()?.size().checked_sub(1) else { return Ok(true) };
    let mut byte = [0];
    file.read_exact_at(&mut byte, last)?;
    Ok(byte == *b"\n")
}
