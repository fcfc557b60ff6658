//! Values of a manifest that are texts or numbers of their own.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::domain::keys::note::Note;
use crate::domain::texts::text::FreeTextError;
use crate::domain::time::{Span, SpanError, Timestamp, TimestampError};
use crate::domain::tokens::claims::Ttl;

/// A moment, in RFC 3339.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moment(pub Timestamp);

impl FromStr for Moment {
    type Err = TimestampError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Timestamp::parse(text).map(Self)
    }
}

/// The age of a token: a minute at least.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Age(pub Span);

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum AgeError {
    #[error(transparent)]
    Span(#[from] SpanError),
    /// Each run would make another token.
    #[error("a token is replaced after a minute at the soonest")]
    TooShort,
}

impl FromStr for Age {
    type Err = AgeError;

    fn from_str(text: &str) -> Result<Self, AgeError> {
        let span: Span = text.parse()?;
        if span < Span::seconds(60) { Err(AgeError::TooShort) } else { Ok(Self(span)) }
    }
}

/// How long a token lives that a job gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TrustTtl(pub Ttl);

impl FromStr for TrustTtl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let span: Span = text.parse().map_err(|error: SpanError| error.to_string())?;
        Ttl::try_from(span).map(Self).map_err(|error| error.to_string())
    }
}

/// A note on a key; none where the text is empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NoteText(pub Option<Note>);

impl FromStr for NoteText {
    type Err = FreeTextError;

    fn from_str(text: &str) -> Result<Self, FreeTextError> {
        Note::parse(text).map(Self)
    }
}

/// How long a key may live: a second at least, since no key could be made otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Longest(pub Span);

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum LongestError {
    #[error(transparent)]
    Span(#[from] SpanError),
    #[error("it would let no key be made")]
    Zero,
}

impl FromStr for Longest {
    type Err = LongestError;

    fn from_str(text: &str) -> Result<Self, LongestError> {
        let span: Span = text.parse()?;
        if span.is_zero() { Err(LongestError::Zero) } else { Ok(Self(span)) }
    }
}

/// A number of keys: 1 to 1,000,000, as `policy set` takes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub(crate) struct LiveKeys(pub u32);

impl TryFrom<u32> for LiveKeys {
    type Error = &'static str;

    fn try_from(number: u32) -> Result<Self, &'static str> {
        if (1..=1_000_000).contains(&number) {
            Ok(Self(number))
        } else {
            Err("a number of keys from 1 to 1000000 must stand here")
        }
    }
}

impl From<LiveKeys> for u32 {
    fn from(number: LiveKeys) -> Self {
        number.0
    }
}
