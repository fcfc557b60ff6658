//! From the environment, the flags and the configuration file to settings.

pub(crate) mod actor;
pub(crate) mod apollo;
pub(crate) mod backup_key;
pub(crate) mod choice;
pub(crate) mod config_file;
pub(crate) mod credentials;
pub(crate) mod environment;
pub(crate) mod error;
pub(crate) mod key_files;
pub(crate) mod master_key;
#[cfg_attr(not(feature = "cli"), allow(dead_code, reason = "the command line alone tells of what ends"))]
pub(crate) mod notify;
mod notify_table;
pub(crate) mod parse;
pub(crate) mod paths;
pub(crate) mod place;
#[cfg(feature = "serve")]
pub(crate) mod serve;
pub(crate) mod settings;
pub(crate) mod shell_errors;
pub(crate) mod sink;
mod sink_commands;
pub(crate) mod source;

pub(crate) use actor::ActorError;
pub(crate) use config_file::{ConfigFile, MasterKeySource};
pub(crate) use environment::Environment;
pub(crate) use error::ConfigError;
pub(crate) use place::{Place, PlaceError};
pub(crate) use settings::{Given, Origin, Setting, Settings};
pub(crate) use sink::{Sink, SinkError};

/// Reads the configuration file, if there is one, and checks all of it.
pub(crate) fn load(environment: &Environment) -> Result<Option<ConfigFile>, ConfigError> {
    let source = source::read(environment)?;
    source.map(|source| parse::parse(&source, environment.home.as_deref())).transpose()
}
