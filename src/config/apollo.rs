//! Where `OpenFn` Apollo's own key comes from: as the master key, one place, and nowhere on a
//! command line.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;
use std::path::PathBuf;

use super::master_key::{NamedSource, SecretText, SourceError, Taken, one};

/// The one that names a file.
pub(super) const FILE: &str = "APOLLO_ENC_KEY_FILE";

/// The variables, of which one may be set.
pub(crate) const VARIABLES: [&str; 3] = ["APOLLO_ENC_KEY", FILE, "APOLLO_ENC_KEY_CMD"];

#[derive(Debug, Default)]
pub(crate) struct ApolloSource {
    /// Where it is to be had; `None` where nothing names it.
    pub source: Option<NamedSource>,
    /// Below it, the key's file may be readable by all: `KEYCTL_SECRETS_DIR`.
    pub secrets_dir: Option<PathBuf>,
}

/// Decides where the key comes from. A variable that is empty counts as unset.
pub(crate) fn source() -> Result<ApolloSource, SourceError> {
    #[expect(clippy::disallowed_methods, reason = "secrets are read only where they are needed")]
    let variable = |name: &str| std::env::var_os(name);
    decide(variable)
}

fn decide(variable: impl Fn(&str) -> Option<OsString>) -> Result<ApolloSource, SourceError> {
    let taken =
        |name: &'static str| -> Option<Taken> { Some((name, SecretText::new(variable(name)?.into_vec()))) };
    Ok(ApolloSource {
        source: one(VARIABLES.into_iter().filter_map(taken))?,
        secrets_dir: variable("KEYCTL_SECRETS_DIR").filter(|path| !path.is_empty()).map(PathBuf::from),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_source_is_taken_and_two_are_refused() {
        let decided = |set: &[(&str, &str)]| {
            decide(|name| set.iter().find(|(set, _)| *set == name).map(|(_, value)| value.into()))
                .map(|found| found.source.map(|source| source.origin))
        };
        assert_eq!(decided(&[]), Ok(None));
        for name in VARIABLES {
            assert_eq!(decided(&[(name, "x")]), Ok(Some(name.to_owned())));
            assert_eq!(decided(&[(name, "")]), Ok(None), "empty is unset");
            for other in VARIABLES.iter().filter(|other| **other != name) {
                assert!(decided(&[(name, "x"), (other, "y")]).is_err(), "{name} {other}");
            }
        }
    }
}
