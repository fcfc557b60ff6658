//! What a provider lets a token do: scopes of its own, which are not ours.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Scopes of a provider (RFC 6749 §3.3), sorted, each once. Case counts. None: it is not known what was granted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Granted(BTreeSet<String>);

/// Why a text is no list of scopes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum GrantedError {
    #[error("a provider's scope has visible characters of ASCII alone, and no quote or backslash")]
    Character,
    #[error("more than {MOST} scopes")]
    TooMany,
    #[error("the scopes are longer than {LONGEST} characters together")]
    TooLong,
}

const MOST: usize = 200;
const LONGEST: usize = 8192;

impl Granted {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// Those of it that these lack. Of what is not known nothing is lacking.
    pub(crate) fn lacking_in<'s>(&'s self, other: &Self) -> Vec<&'s str> {
        let is_lacking = |scope: &&str| !other.is_empty() && !other.0.contains(*scope);
        self.iter().filter(is_lacking).collect()
    }

    pub(crate) fn to_json(&self) -> String {
        // Texts: serializing them cannot fail.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads back what is stored.
    pub(crate) fn from_json(text: &str) -> Option<Self> {
        let read: Self = serde_json::from_str(text).ok()?;
        let are_scopes = read.iter().all(is_scope);
        are_scopes.then_some(read)
    }
}

fn is_scope(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| matches!(byte, b'!' | b'#'..=b'[' | b']'..=b'~'))
}

impl FromStr for Granted {
    type Err = GrantedError;

    /// Blanks stand between them; commas where there is no blank, as GitHub writes them.
    fn from_str(text: &str) -> Result<Self, GrantedError> {
        if text.len() > LONGEST {
            return Err(GrantedError::TooLong);
        }
        let separator = if text.trim().contains(' ') { ' ' } else { ',' };
        let scopes: BTreeSet<String> =
            text.trim().split(separator).filter(|scope| !scope.is_empty()).map(str::to_owned).collect();
        if scopes.len() > MOST {
            return Err(GrantedError::TooMany);
        }
        if scopes.iter().all(|scope| is_scope(scope)) {
            Ok(Self(scopes))
        } else {
            Err(GrantedError::Character)
        }
    }
}

impl fmt::Display for Granted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.iter().map(String::as_str).collect::<Vec<_>>().join(" "))
    }
}

impl FromIterator<Self> for Granted {
    fn from_iter<I: IntoIterator<Item = Self>>(all: I) -> Self {
        Self(all.into_iter().flat_map(|granted| granted.0).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn granted(text: &str) -> Granted {
        text.parse().expect(text)
    }

    #[test]
    fn scopes_are_read_with_blanks_or_commas_between() {
        assert_eq!(granted("b a  b").to_string(), "a b");
        assert_eq!(granted("repo,gist").to_string(), "gist repo");
        assert_eq!(granted("a,b c").to_string(), "a,b c");
        assert_eq!(granted(""), Granted::default());
        for text in ["a\"b", "a\\b", "é", "a\tb"] {
            assert_eq!(text.parse::<Granted>(), Err(GrantedError::Character), "{text}");
        }
        let many = (0..=MOST).map(|n| n.to_string()).collect::<Vec<_>>().join(" ");
        assert_eq!(many.parse::<Granted>(), Err(GrantedError::TooMany));
        assert_eq!("a".repeat(LONGEST + 1).parse::<Granted>(), Err(GrantedError::TooLong));
    }

    #[test]
    fn what_is_lacking_is_named_where_it_is_known() {
        assert_eq!(granted("a b c").lacking_in(&granted("b")), ["a", "c"]);
        assert!(granted("a").lacking_in(&granted("a b")).is_empty());
        assert!(granted("a").lacking_in(&Granted::default()).is_empty(), "nothing was said");
        assert!(Granted::default().lacking_in(&granted("a")).is_empty());
    }

    #[test]
    fn what_is_stored_reads_back() {
        for text in ["", "a", "a b"] {
            assert_eq!(Granted::from_json(&granted(text).to_json()), Some(granted(text)));
        }
        for text in ["", "{}", "[1]", "[\"a b\"]", "[\"\"]"] {
            assert_eq!(Granted::from_json(text), None, "{text}");
        }
    }
}
