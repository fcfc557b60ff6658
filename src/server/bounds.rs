//! What a client may take of the server: bytes and time.

use std::time::Duration;

/// How large a request may be, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sizes {
    /// Request line and header fields together.
    pub head: usize,
    pub body: usize,
}

/// How long a client may take, each of them bounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Times {
    /// Between requests.
    pub idle: Duration,
    /// From a request's first byte to the end of its head.
    pub head: Duration,
    /// From there to the end of its body.
    pub rest: Duration,
    /// Until an answer is taken.
    pub answer: Duration,
}
