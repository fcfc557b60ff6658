//! Where a request came in.

use std::net::IpAddr;

use super::framing::Unread;
use crate::config::serve::listener::Serves;

/// Where a connection came in.
#[derive(Clone, Copy)]
pub(super) struct Door {
    pub(super) surface: Serves,
    /// The client at its other end; none of a Unix socket.
    pub(super) peer: Option<IpAddr>,
    /// Whether nobody on the way can read along: TLS, or a Unix socket.
    pub(super) private: bool,
}

/// Where a request came from.
#[derive(Clone, Copy)]
pub(super) struct From {
    pub(super) door: Door,
    /// The request stands for one that was refused before it was read.
    pub(super) unread: Option<Unread>,
}
