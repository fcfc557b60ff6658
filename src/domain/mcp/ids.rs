//! What registered clients and sign-ins of clients are called.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

use crate::domain::id::IdSeed;
use crate::domain::portal::ids::{read, write};
use crate::domain::time::Timestamp;

/// The `client_id` of a client that an operator registered: `mcl_` and a UUIDv7 in Crockford base32, as the id of a key. No
/// secret: whoever has it can ask, and nobody but the person says yes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct RegisteredId(u128);

impl RegisteredId {
    /// The id of what is made at `now`, of what was drawn before.
    pub(crate) fn at(now: Timestamp, seed: IdSeed) -> Self {
        Self(seed.at(now))
    }
}

impl FromStr for RegisteredId {
    type Err = RegisteredIdError;

    fn from_str(text: &str) -> Result<Self, RegisteredIdError> {
        read(text, "mcl_").map(Self).ok_or(RegisteredIdError)
    }
}

impl fmt::Display for RegisteredId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write(f, "mcl_", self.0)
    }
}

impl Serialize for RegisteredId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A text is no such id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a client's id is mcl_ and 26 characters, as keyctl client list shows it")]
pub(crate) struct RegisteredIdError;

/// One time that somebody let a client in, with all the tokens that came of it: `mcs_` and a UUIDv7 in Crockford base32. It may
/// be shown and logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SignInId(u128);

impl SignInId {
    /// The id of what is made at `now`, of what was drawn before.
    pub(crate) fn at(now: Timestamp, seed: IdSeed) -> Self {
        Self(seed.at(now))
    }
}

impl FromStr for SignInId {
    type Err = SignInIdError;

    fn from_str(text: &str) -> Result<Self, SignInIdError> {
        read(text, "mcs_").map(Self).ok_or(SignInIdError)
    }
}

impl fmt::Display for SignInId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write(f, "mcs_", self.0)
    }
}

impl Serialize for SignInId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A text is no such id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the id of a client's sign-in is mcs_ and 26 characters")]
pub(crate) struct SignInIdError;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_and_those_of_other_things_do_not() {
        let (client, sign_in) = (RegisteredId(1 << 90), SignInId(1 << 90));
        assert_eq!(client.to_string().parse(), Ok(client));
        assert_eq!(sign_in.to_string().parse(), Ok(sign_in));
        assert_eq!(sign_in.to_string().parse::<RegisteredId>(), Err(RegisteredIdError));
        assert_eq!(client.to_string().parse::<SignInId>(), Err(SignInIdError));
    }
}
