//! Which site the pages are, as browsers write it (RFC 6454 §6.2).

use std::fmt;
use std::str::FromStr;

/// `https://keys.example.com`, or with a port. Without TLS only where a browser takes it for safe: on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    text: String,
    #[cfg_attr(not(feature = "serve"), allow(dead_code, reason = "the pages ask for it"))]
    is_https: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OriginError {
    #[error("it does not begin with https://")]
    Scheme,
    #[error("http:// is for localhost alone: browsers keep the session's cookie for TLS")]
    Plain,
    #[error("behind the host and its port stands nothing, as in https://keys.example.com")]
    More,
    #[error("it is no host in lower case, with a port if it is not the usual one")]
    Host,
}

#[cfg(feature = "serve")]
impl Origin {
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// What a browser sends as `Host`.
    pub(crate) fn authority(&self) -> &str {
        self.text.split_once("://").map_or("", |(_, authority)| authority)
    }

    pub(crate) const fn is_https(&self) -> bool {
        self.is_https
    }
}

impl FromStr for Origin {
    type Err = OriginError;

    /// One slash at the end is passed over.
    fn from_str(text: &str) -> Result<Self, OriginError> {
        let text = text.strip_suffix('/').unwrap_or(text);
        let (is_https, authority) = match (text.strip_prefix("https://"), text.strip_prefix("http://")) {
            (Some(authority), _) => (true, authority),
            (None, Some(authority)) => (false, authority),
            (None, None) => return Err(OriginError::Scheme),
        };
        if authority.contains(['/', '?', '#', '@']) {
            return Err(OriginError::More);
        }
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
            _ => (authority, None),
        };
        if !is_host(host) || !port.is_none_or(|port| is_port(port, is_https)) {
            return Err(OriginError::Host);
        }
        if !is_https && !matches!(host, "localhost" | "127.0.0.1" | "[::1]") {
            return Err(OriginError::Plain);
        }
        Ok(Self { text: text.to_owned(), is_https })
    }
}

fn is_host(host: &str) -> bool {
    if let Some(address) = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return address.parse::<std::net::Ipv6Addr>().is_ok_and(|parsed| parsed.to_string() == address);
    }
    let is_label = |label: &str| {
        let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        matches!(label.len(), 1..=63) && label.bytes().all(fits)
    };
    host.len() <= 253 && host.split('.').all(is_label)
}

/// One that a browser writes: not the scheme's own.
fn is_port(port: &str, is_https: bool) -> bool {
    let usual = if is_https { 443 } else { 80 };
    port.parse::<u16>().is_ok_and(|number| number != 0 && number != usual && number.to_string() == port)
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_what_a_browser_writes() {
        for (text, authority) in [
            ("https://keys.example.com", "keys.example.com"),
            ("https://keys.example.com/", "keys.example.com"),
            ("https://keys.example.com:8443", "keys.example.com:8443"),
            ("https://127.0.0.1:1", "127.0.0.1:1"),
            ("https://[::1]:8443", "[::1]:8443"),
            ("https://[::1]", "[::1]"),
            ("http://localhost:8712", "localhost:8712"),
        ] {
            let origin: Origin = text.parse().expect(text);
            assert_eq!(origin.to_string().split_once("://").map(|(_, rest)| rest), Some(authority));
        }
        for (text, error) in [
            ("keys.example.com", OriginError::Scheme),
            ("ftp://keys.example.com", OriginError::Scheme),
            ("http://keys.example.com", OriginError::Plain),
            ("https://keys.example.com/portal", OriginError::More),
            ("https://me@keys.example.com", OriginError::More),
            ("https://", OriginError::Scheme),
            ("https://Keys.example.com", OriginError::Host),
            ("https://keys.example.com:443", OriginError::Host),
            ("https://keys.example.com:0", OriginError::Host),
            ("https://keys..example.com", OriginError::Host),
            ("https://[::01]", OriginError::Host),
        ] {
            assert_eq!(text.parse::<Origin>(), Err(error), "{text}");
        }
    }
}
