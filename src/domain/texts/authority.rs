//! What stands between `://` and the path of a URL: a host, and a port where it is written.

use std::net::{IpAddr, Ipv6Addr};

/// What is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AuthorityError {
    /// No name, or a character that no host has; a user or a password before it.
    Host,
    /// No number from 1 to 65535.
    Port,
}

/// The host of `host`, `host:port`, `[::1]:port`: in small letters, so that a host is written in one way.
pub(crate) fn host_of(authority: &str) -> Result<&str, AuthorityError> {
    let bracketed = authority.strip_prefix('[').and_then(|rest| rest.split_once(']'));
    let (host, port) = if let Some((address, port)) = bracketed {
        address.parse::<Ipv6Addr>().map_err(|_| AuthorityError::Host)?;
        (address, port)
    } else {
        let (host, port) = authority.split_at(authority.find(':').unwrap_or(authority.len()));
        let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let is_label = |label: &str| !label.is_empty() && label.bytes().all(fits);
        if !host.split('.').all(is_label) {
            return Err(AuthorityError::Host);
        }
        (host, port)
    };
    let is_port =
        |port: &str| !port.starts_with(['0', '+']) && port.parse::<u16>().is_ok_and(|port| port > 0);
    if !port.is_empty() && !port.strip_prefix(':').is_some_and(is_port) {
        return Err(AuthorityError::Port);
    }
    Ok(host)
}

/// Host and port of what [`host_of`] takes.
pub(crate) fn split(authority: &str) -> (&str, Option<u16>) {
    let bracketed = authority.strip_prefix('[').and_then(|rest| rest.split_once(']'));
    let (host, port) =
        bracketed.unwrap_or_else(|| authority.split_at(authority.find(':').unwrap_or(authority.len())));
    (host, port.strip_prefix(':').and_then(|port| port.parse().ok()))
}

/// Whether a host is this machine by how it is written.
pub(crate) fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}
