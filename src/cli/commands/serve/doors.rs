//! Where a process listens that is told so by flags alone.

use std::net::Ipv4Addr;

use crate::cli::error::CliError;
use crate::config::serve::listener::{Address, Listener};

/// The addresses named, or this port on loopback; beyond this machine with a certificate, or a word.
pub(in crate::cli::commands) fn listeners(
    named: &[Address],
    port: u16,
    has_certificate: bool,
    insecure: bool,
) -> Result<Vec<Listener>, CliError> {
    let built_in = || vec![Address::Tcp((Ipv4Addr::LOCALHOST, port).into())];
    let named = if named.is_empty() { built_in() } else { named.to_vec() };
    let listeners: Vec<Listener> = named.into_iter().map(Address::for_all).collect();
    let open = listeners.iter().find(|listener| listener.is_beyond_loopback());
    match open {
        Some(open) if !has_certificate && !insecure => Err(CliError::invalid(
            format!("{} is beyond this machine, and there is no certificate", open.address),
            "name --tls-cert and --tls-key, or add --insecure-listen where another encrypts",
        )),
        _ => Ok(listeners),
    }
}
