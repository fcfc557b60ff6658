//! Where a fresh token goes once its change is committed: the sinks of a manifest, one file for each kind.
//!
//! [`check`] looks ahead of any change whether a sink can be written, and writes nothing; [`deliver`] writes. Both name
//! the sink in their errors, and never what stands there.

pub(super) mod command;
mod dotenv;
mod file;
mod github_output;
mod gitlab_dotenv;
mod kubernetes;
mod mem0;
mod place;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use crate::domain::keys::token::Token;
pub use crate::domain::provisioning::sink::Sink;
pub use crate::domain::provisioning::sink_command::{Facts, SinkCommand};
pub use place::Leftovers;

/// What sinks are in: given by the command line, since nothing here reads the environment.
pub struct Places<'a> {
    /// Below which all files of sinks are.
    pub root: &'a Path,
    /// What is never written over, each with what it is.
    pub kept: &'a [(PathBuf, &'static str)],
    /// `GITHUB_OUTPUT`, where `GITHUB_ACTIONS` says that a runner reads it.
    pub github_output: Option<&'a Path>,
    /// The commands that the configuration file names.
    pub commands: &'a BTreeMap<String, SinkCommand>,
    /// `PATH`, where programs are looked for.
    pub path: Option<&'a std::ffi::OsStr>,
    /// Writes to standard output, all of it, or says that it could not.
    pub stdout: &'a dyn Fn(&[u8]) -> io::Result<()>,
    /// What was found of killed processes in the folders that were written to.
    pub leftovers: Leftovers,
}

/// What a delivery has to tell: nothing of it is a failure.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Delivered {
    pub notes: Vec<String>,
}

/// Why a token was not delivered, or cannot be.
#[derive(Debug, thiserror::Error)]
#[error("{sink}: {what}")]
pub struct SinkFailure {
    /// The sink's identity.
    pub sink: String,
    pub what: String,
    pub hint: String,
    /// Whether it is so before anything was tried, and stays so until somebody does something about it.
    pub is_refusal: bool,
}

/// The same without the sink, which is added in one place.
#[derive(Debug)]
struct Fault {
    what: String,
    hint: String,
    is_refusal: bool,
}

impl Fault {
    fn refused(what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { what: what.into(), hint: hint.into(), is_refusal: true }
    }

    fn failed(what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { what: what.into(), hint: hint.into(), is_refusal: false }
    }

    fn of(self, sink: &Sink) -> SinkFailure {
        let Self { what, hint, is_refusal } = self;
        SinkFailure { sink: sink.to_string(), what, hint, is_refusal }
    }
}

/// Looks whether the sink can be written, as far as that can be known before.
pub fn check(sink: &Sink, places: &Places<'_>) -> Result<(), SinkFailure> {
    let checked = match sink {
        Sink::File(path) => file::check(path, places),
        Sink::Dotenv { path, name } => dotenv::check(path, name, places),
        Sink::GithubOutput { .. } => github_output::check(places),
        Sink::GitlabDotenv { path, name } => gitlab_dotenv::check(path, name, places),
        Sink::Kubernetes { path, name, namespace, key } => {
            kubernetes::check(path, &kubernetes::target(name, namespace.as_ref(), key), places)
        }
        Sink::Mem0 { path, user } => mem0::check(path, user, places),
        Sink::Command(name) => command::check(name, places),
    };
    checked.map_err(|fault| fault.of(sink))
}

/// Puts the token there: completely, or not at all as far as keyctl writes it itself.
pub fn deliver(
    sink: &Sink,
    token: &Token,
    facts: &Facts,
    places: &Places<'_>,
) -> Result<Delivered, SinkFailure> {
    let delivered = match sink {
        Sink::File(path) => file::deliver(path, token, places),
        Sink::Dotenv { path, name } => dotenv::deliver(path, name, token, places),
        Sink::GithubOutput { name } => github_output::deliver(name, token, places),
        Sink::GitlabDotenv { path, name } => gitlab_dotenv::deliver(path, name, token, places),
        Sink::Kubernetes { path, name, namespace, key } => {
            kubernetes::deliver(path, &kubernetes::target(name, namespace.as_ref(), key), token, places)
        }
        Sink::Mem0 { path, user } => mem0::deliver(path, user, token, facts, places),
        Sink::Command(name) => command::deliver(name, token, facts, places),
    };
    delivered.map(|notes| Delivered { notes }).map_err(|fault| fault.of(sink))
}
