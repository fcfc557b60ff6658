//! What made a key, where a person did it through the portal.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

use super::ids::ClaimId;
use crate::domain::id::KeyId;
use crate::domain::owners::subject::OwnerSubject;

/// What whoever made a key had signed in with. Who was invited by an admin before invitations were told apart has the key of that admin.
///
/// Text form: the id of a key, `claim:` and the id of a claim, or `oidc:` and a subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MadeBy {
    /// A key that signs in.
    Key(KeyId),
    /// An invitation. One that an admin sent says with which key.
    Claim(ClaimId),
    /// Somebody whom an OpenID provider knows.
    Oidc(OwnerSubject),
}

/// A text is not of the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is neither a key's id, claim:ID nor oidc:SUBJECT")]
pub struct MadeByError;

impl fmt::Display for MadeBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(id) => id.fmt(f),
            Self::Claim(id) => write!(f, "claim:{id}"),
            Self::Oidc(subject) => write!(f, "oidc:{subject}"),
        }
    }
}

impl FromStr for MadeBy {
    type Err = MadeByError;

    fn from_str(text: &str) -> Result<Self, MadeByError> {
        let found = match text.split_once(':') {
            None => text.parse().ok().map(Self::Key),
            Some(("claim", id)) => id.parse().ok().map(Self::Claim),
            Some(("oidc", subject)) => subject.parse().ok().map(Self::Oidc),
            Some(_) => None,
        };
        found.ok_or(MadeByError)
    }
}

impl Serialize for MadeBy {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_reads_back_and_others_do_not() {
        for text in [
            "key_01h455vb4pex5vsknk084sn02q",
            "claim:clm_01h455vb4pex5vsknk084sn02q",
            "oidc:auth0|alice:with:colons",
        ] {
            assert_eq!(text.parse::<MadeBy>().map(|made_by| made_by.to_string()).as_deref(), Ok(text));
        }
        for text in
            ["", "claim:", "claim:key_01h455vb4pex5vsknk084sn02q", "clm_01h455vb4pex5vsknk084sn02q", "oidc:"]
        {
            assert_eq!(text.parse::<MadeBy>(), Err(MadeByError), "{text}");
        }
    }
}
