//! Where `OpenFn` Apollo's own key comes from: as the master key, one place, and nowhere on a
//! command line.

use super::master_key::{OneSource, SourceError};

/// The one that names a file.
pub(super) const FILE: &str = "APOLLO_ENC_KEY_FILE";

/// The variables, of which one may be set.
pub(crate) const VARIABLES: [&str; 3] = ["APOLLO_ENC_KEY", FILE, "APOLLO_ENC_KEY_CMD"];

/// Decides where it comes from. A variable that is empty counts as unset.
pub(crate) fn source() -> Result<OneSource, SourceError> {
    OneSource::of_process(&VARIABLES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_source_is_taken_and_two_are_refused() {
        let decided = |set: &[(&str, &str)]| {
            OneSource::decide(&VARIABLES, |name| {
                set.iter().find(|(set, _)| *set == name).map(|(_, value)| value.into())
            })
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
