//! What tokens are looked for in: files, folders, archives, the history of a repository, and streams. Nothing of it is kept
//! but what was found; memory is bounded whatever is read.

mod archive;
mod budget;
mod git;
mod kind;
mod report;
mod searcher;
mod source;
mod tar;
mod track;
mod walk;
mod wide;
mod zip;

use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::cli::error::CliError;
use crate::ops::leaks::collect::{Collector, Foreign};
pub(in crate::cli) use git::Repository;
pub(in crate::cli) use report::{Report, Why};
use searcher::Searcher;
use walk::Walk;

/// More threads than this only wait for the disk.
const MOST_THREADS: usize = 8;

/// Searches these files and folders, and standard input for `-`.
pub(in crate::cli) fn paths(
    paths: &[PathBuf],
    foreign: Option<&Arc<Foreign>>,
) -> Result<(Collector, Report), CliError> {
    let mut searcher = Searcher::new(foreign.cloned());
    let mut roots = Vec::new();
    for path in paths {
        if path.as_os_str() == "-" {
            let stdin = crate::cli::inputs::input::open(path)?.0;
            searcher.stream(stdin, "-").map_err(|error| unreadable("standard input", error))?;
        } else {
            // What is named is meant, also where it is a link.
            let found =
                std::fs::metadata(path).map_err(|error| unreadable(&path.display().to_string(), error))?;
            roots.push((path.clone(), found));
        }
    }
    let walk = Mutex::new(Walk::new(roots));
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get).min(MOST_THREADS);
    let others = std::thread::scope(|scope| {
        let work = || {
            let mut searcher = Searcher::new(foreign.cloned());
            search(&walk, &mut searcher);
            searcher
        };
        let running: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
        search(&walk, &mut searcher);
        running.into_iter().map(std::thread::ScopedJoinHandle::join).collect::<Result<Vec<_>, _>>()
    });
    let others = others.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
    let mut walk = walk.into_inner().unwrap_or_else(PoisonError::into_inner);
    searcher.report.merge(std::mem::take(&mut walk.report));
    for other in others {
        searcher.collector.merge(other.collector);
        searcher.report.merge(other.report);
    }
    Ok((searcher.collector, searcher.report))
}

fn search(walk: &Mutex<Walk>, searcher: &mut Searcher) {
    loop {
        let next = walk.lock().unwrap_or_else(PoisonError::into_inner).next();
        match next {
            Some(path) => searcher.file(&path),
            None => return,
        }
    }
}

/// Searches the history of repositories: what each commit of any branch added or took away, and its message.
pub(in crate::cli) fn histories(
    repositories: &[PathBuf],
    home: Option<&Path>,
    foreign: Option<&Arc<Foreign>>,
) -> Result<(Collector, Report), CliError> {
    let mut searcher = Searcher::new(foreign.cloned());
    for path in repositories {
        Repository { path, home }.read(|log| {
            let name = if path.as_os_str() == "." { String::new() } else { path.display().to_string() };
            searcher.history(log, &name)
        })?;
    }
    Ok((searcher.collector, searcher.report))
}

fn unreadable(name: &str, error: io::Error) -> CliError {
    CliError::invalid(
        format!("{} cannot be read: {error}", crate::domain::leaks::place::masked(name)),
        "name files and folders that exist and that you may read, or - for standard input",
    )
    .because(error)
}

/// Reads until the buffer is full or nothing follows; how much of it is filled, and whether nothing follows.
fn fill(reader: &mut dyn io::Read, buffer: &mut [u8], mut filled: usize) -> io::Result<(usize, bool)> {
    while filled < buffer.len() {
        match reader.read(&mut buffer[filled..]) {
            Ok(0) => return Ok((filled, true)),
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok((filled, false))
}

/// Exactly so many bytes, or an error that says that something is damaged.
fn exactly<const N: usize>(reader: &mut dyn io::Read) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    reader.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// Passes over so many bytes.
fn skip(reader: &mut dyn io::Read, bytes: u64) -> io::Result<()> {
    let passed = io::copy(&mut reader.take(bytes), &mut io::sink())?;
    if passed == bytes { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}
