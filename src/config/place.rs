//! Which store is meant.

use std::path::{Path, PathBuf};

use super::environment::Environment;

/// Which store is meant, and who said so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// `--store` or `KEYCTL_STORE`, as written.
    Named(String),
    /// The default file of this user.
    Default(PathBuf),
}

/// Why it cannot be told which store is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PlaceError {
    /// No folder of the user's own is known.
    #[error("no store is named, and HOME does not name a folder of your own")]
    NoHome,
}

/// The named store, else `$XDG_DATA_HOME/keyctl/keys.db`, else the same below
/// `~/.local/share`.
pub(crate) fn place(named: Option<&str>, environment: &Environment) -> Result<Place, PlaceError> {
    if let Some(text) = named {
        return Ok(Place::Named(text.to_owned()));
    }
    let home = environment.home.as_deref().filter(|home| *home != Path::new("/"));
    let data = environment.xdg_data_home.clone().or_else(|| home.map(|home| home.join(".local/share")));
    data.map(|folder| Place::Default(folder.join("keyctl/keys.db"))).ok_or(PlaceError::NoHome)
}

/// The variable that has this very text in it, which whoever opens a store may have passed on.
pub(crate) fn variable_of(store: &str) -> Option<&'static str> {
    const NAME: &str = "KEYCTL_STORE";
    #[expect(
        clippy::disallowed_methods,
        reason = "a service reads its environment itself; this only compares"
    )]
    let named = std::env::var_os(NAME);
    named.is_some_and(|named| named == store && !store.is_empty()).then_some(NAME)
}

/// Where it is remembered what was seen of each store: `$XDG_STATE_HOME/keyctl/seen`, else the
/// same below `~/.local/state`; `None` where no folder of the user's own is known.
pub(crate) fn seen(environment: &Environment) -> Option<PathBuf> {
    let home = environment.home.as_deref().filter(|home| *home != Path::new("/"));
    let state = environment.xdg_state_home.clone().or_else(|| home.map(|home| home.join(".local/state")));
    state.map(|folder| folder.join("keyctl/seen"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_store_is_in_the_users_own_data_folder() {
        let home = |path: &str| Environment { home: Some(path.into()), ..Environment::default() };
        let default = |path: &str| Ok(Place::Default(path.into()));
        assert_eq!(place(None, &home("/home/alice")), default("/home/alice/.local/share/keyctl/keys.db"));
        let xdg = Environment { xdg_data_home: Some("/data".into()), ..home("/home/alice") };
        assert_eq!(place(None, &xdg), default("/data/keyctl/keys.db"));
        assert_eq!(place(Some("k.db"), &xdg), Ok(Place::Named("k.db".to_owned())));
    }

    #[test]
    fn without_a_home_nothing_is_guessed() {
        assert_eq!(place(None, &Environment::default()), Err(PlaceError::NoHome));
        let root = Environment { home: Some("/".into()), ..Environment::default() };
        assert_eq!(place(None, &root), Err(PlaceError::NoHome));
    }
}
