//! What a signing key is called.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

/// The SHA-256 thumbprint of a public key (RFC 7638) in base64url: 43 characters.
///
/// It follows from the key, so no two keys have one id and none has two: verifiers that are handed the same id twice
/// refuse the whole set. Anybody who has the public key can compute it, and `store check` does.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Kid(Box<str>);

const CHARS: usize = 43;

/// A text is no signing key's id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a signing key's id is {CHARS} characters of A-Z a-z 0-9 - _")]
pub(crate) struct KidError;

impl Kid {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Kid {
    type Err = KidError;

    fn from_str(text: &str) -> Result<Self, KidError> {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if text.len() == CHARS && text.bytes().all(fits) { Ok(Self(text.into())) } else { Err(KidError) }
    }
}

impl fmt::Display for Kid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Kid {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_or_anything_of_another_length_is_no_id() {
        let kid = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs";
        assert_eq!(kid.parse::<Kid>().map(|kid| kid.to_string()).as_deref(), Ok(kid));
        for text in ["", "kid", "../../etc/passwd", &format!("{kid}A"), &kid.replace('-', "/"), &kid[1..]] {
            assert_eq!(text.parse::<Kid>(), Err(KidError), "{text}");
        }
    }
}
