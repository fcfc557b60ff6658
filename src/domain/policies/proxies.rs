//! Which addresses are proxies of the operator's own.

use std::net::IpAddr;

use crate::domain::keys::network::Networks;

/// Networks whose word about a client's address is taken. Empty: nobody's is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Proxies(Option<Networks>);

impl Proxies {
    /// No network names nobody, where for a key it names everybody.
    pub(crate) fn of(networks: Networks) -> Self {
        Self((networks != Networks::default()).then_some(networks))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    pub(crate) fn contain(&self, address: IpAddr) -> bool {
        self.0.as_ref().is_some_and(|networks| networks.allow(Some(address)))
    }
}
