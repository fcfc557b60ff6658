//! From the environment, the flags and the configuration file to settings.

pub mod actor;
pub mod apollo;
pub mod choice;
pub mod config_file;
pub mod environment;
pub mod error;
pub mod key_files;
pub mod master_key;
mod nearest;
pub mod parse;
pub mod paths;
pub mod place;
pub mod settings;
pub mod shell_errors;
pub mod sink;
pub mod source;

pub use actor::ActorError;
pub use config_file::{ConfigFile, MasterKeySource};
pub use environment::Environment;
pub use error::ConfigError;
pub use place::{Place, PlaceError};
pub use settings::{Given, Origin, Setting, Settings};
pub use sink::{Sink, SinkError};

/// Reads the configuration file, if there is one, and checks all of it.
pub fn load(environment: &Environment) -> Result<Option<ConfigFile>, ConfigError> {
    let source = source::read(environment)?;
    source.map(|source| parse::parse(&source, environment.home.as_deref())).transpose()
}
