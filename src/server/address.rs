//! Which client asks, as far as that can be believed.

use std::net::{IpAddr, SocketAddr};

use hyper::HeaderMap;
use hyper::header::HeaderName;

use crate::domain::policies::proxies::Proxies;

pub(super) const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The client behind proxies that the operator named: the rightmost entry that is none of them. Whoever
/// sends a request can write what he likes into the entries to the left of it.
///
/// Where no proxy is named, the header says nothing, and it is whoever connected. A Unix socket has no
/// address, so whoever connects to one counts as a proxy that was named, if any was. `None`: nobody knows.
pub(super) fn client(headers: &HeaderMap, peer: Option<IpAddr>, proxies: &Proxies) -> Option<IpAddr> {
    if proxies.is_empty() {
        return peer;
    }
    if let Some(peer) = peer.filter(|peer| !proxies.contain(*peer)) {
        return Some(peer);
    }
    let lines: Vec<_> = headers.get_all(X_FORWARDED_FOR).iter().collect();
    let mut last = peer;
    for line in lines.into_iter().rev() {
        // An entry that nobody can read hides whatever is left of it.
        for entry in line.to_str().ok()?.rsplit(',') {
            let address = entry_address(entry.trim_matches([' ', '\t']))?;
            if !proxies.contain(address) {
                return Some(address);
            }
            last = Some(address);
        }
    }
    last
}

/// An address, with or without a port, as proxies write them.
fn entry_address(entry: &str) -> Option<IpAddr> {
    let bare = entry.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(entry);
    let address = bare.parse::<IpAddr>().ok().or_else(|| entry.parse::<SocketAddr>().ok().map(|a| a.ip()))?;
    Some(address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::keys::network::Networks;

    fn seen(proxies: &str, peer: Option<&str>, lines: &[&str]) -> Option<String> {
        let proxies = match proxies {
            "" => Networks::default(),
            named => Networks::parse_lists(named.split(' ')).expect("networks"),
        };
        let proxies = Proxies::of(proxies);
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(X_FORWARDED_FOR, line.parse().expect("value"));
        }
        let peer = peer.map(|peer| peer.parse().expect("peer"));
        client(&headers, peer, &proxies).map(|address| address.to_string())
    }

    #[test]
    fn without_a_configured_proxy_the_header_says_nothing() {
        assert_eq!(seen("", Some("192.0.2.1"), &["10.0.0.1"]).as_deref(), Some("192.0.2.1"));
        assert_eq!(seen("", None, &["10.0.0.1"]), None);
    }

    #[test]
    fn the_rightmost_entry_that_is_no_proxy_is_the_client() {
        let proxies = "127.0.0.0/8 10.0.0.0/8";
        let of = |lines: &[&str]| seen(proxies, Some("127.0.0.1"), lines);
        assert_eq!(of(&["192.0.2.7"]).as_deref(), Some("192.0.2.7"));
        assert_eq!(of(&["203.0.113.9, 192.0.2.7, 10.1.1.1"]).as_deref(), Some("192.0.2.7"));
        assert_eq!(of(&["203.0.113.9", "192.0.2.7"]).as_deref(), Some("192.0.2.7"), "two lines");
        assert_eq!(of(&["192.0.2.7:443"]).as_deref(), Some("192.0.2.7"));
        assert_eq!(of(&["[2001:db8::1]:443"]).as_deref(), Some("2001:db8::1"));
        assert_eq!(of(&["::ffff:192.0.2.7"]).as_deref(), Some("192.0.2.7"));
        assert_eq!(of(&["10.0.0.9"]).as_deref(), Some("10.0.0.9"), "all are proxies");
        assert_eq!(of(&[]).as_deref(), Some("127.0.0.1"));
    }

    #[test]
    fn what_a_client_wrote_itself_is_never_taken() {
        let proxies = "127.0.0.0/8";
        assert_eq!(seen(proxies, Some("192.0.2.1"), &["10.0.0.1"]).as_deref(), Some("192.0.2.1"));
        assert_eq!(seen(proxies, Some("127.0.0.1"), &["10.0.0.1, unknown"]), None);
        assert_eq!(seen(proxies, Some("127.0.0.1"), &["10.0.0.1,"]), None);
        assert_eq!(
            seen(proxies, None, &["10.0.0.1, 192.0.2.7"]).as_deref(),
            Some("192.0.2.7"),
            "a Unix socket"
        );
    }
}
