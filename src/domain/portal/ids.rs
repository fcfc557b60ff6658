//! What invitations and sessions are called.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

use crate::domain::id::{self, IdSeed};
use crate::domain::time::Timestamp;

/// The public name of a claim: `clm_` and a UUIDv7 in Crockford base32, as the id of a key. It may be shown and logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ClaimId(u128);

impl ClaimId {
    /// The id of what is made at `now`, of what was drawn before.
    pub fn at(now: Timestamp, seed: IdSeed) -> Self {
        Self(seed.at(now))
    }
}

impl FromStr for ClaimId {
    type Err = ClaimIdError;

    fn from_str(text: &str) -> Result<Self, ClaimIdError> {
        read(text, "clm_").map(Self).ok_or(ClaimIdError)
    }
}

impl fmt::Display for ClaimId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write(f, "clm_", self.0)
    }
}

impl Serialize for ClaimId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A text is no such id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an invitation's id is clm_ and 26 characters, as keyctl invitation list shows it")]
pub struct ClaimIdError;

/// The public name of a session: `pss_` and a UUIDv7 in Crockford base32, as the id of a key. It may be shown and logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SessionId(u128);

impl SessionId {
    /// The id of what is made at `now`, of what was drawn before.
    pub fn at(now: Timestamp, seed: IdSeed) -> Self {
        Self(seed.at(now))
    }
}

impl FromStr for SessionId {
    type Err = SessionIdError;

    fn from_str(text: &str) -> Result<Self, SessionIdError> {
        read(text, "pss_").map(Self).ok_or(SessionIdError)
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write(f, "pss_", self.0)
    }
}

impl Serialize for SessionId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A text is no such id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a session's id is pss_ and 26 characters, as keyctl session list shows it")]
pub struct SessionIdError;

pub(in crate::domain) fn read(text: &str, prefix: &str) -> Option<u128> {
    id::from_base32(text.strip_prefix(prefix)?).ok()
}

pub(in crate::domain) fn write(f: &mut fmt::Formatter<'_>, prefix: &str, bits: u128) -> fmt::Result {
    f.write_str(prefix)?;
    f.write_str(str::from_utf8(&id::base32(bits)).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_and_those_of_other_things_do_not() {
        let id = ClaimId(1 << 90);
        assert_eq!(id.to_string().parse(), Ok(id));
        let id = SessionId(3);
        assert_eq!(id.to_string().parse(), Ok(id));
        for text in
            ["key_01h455vb4pex5vsknk084sn02q", "clm_01h455vb4pex5vsknk084sn02", "01h455vb4pex5vsknk084sn02q"]
        {
            assert_eq!(text.parse::<ClaimId>(), Err(ClaimIdError), "{text}");
            assert_eq!(text.parse::<SessionId>(), Err(SessionIdError), "{text}");
        }
    }
}
