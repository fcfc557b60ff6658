//! Which addresses requests of ours may reach.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::domain::keys::network::Networks;

/// All that is public, and the networks that are named.
///
/// A URL that somebody else wrote, in a discovery document for one, could otherwise have us ask what stands beside us: a
/// cloud's metadata, a database's console. What is judged is the address that is connected to, not the name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reach {
    /// Where none is named, none is let in: not everything, as of a key's.
    named: Networks,
}

impl Reach {
    pub(crate) fn of(named: Networks) -> Self {
        Self { named }
    }

    /// Whether this address may be connected to.
    pub(crate) fn admits(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        is_public(address) || self.named.iter().any(|network| network.contains(&address))
    }

    /// Whether plain http may be spoken with this address: on loopback, where that is named.
    pub(crate) fn admits_plain(&self, address: IpAddr) -> bool {
        address.to_canonical().is_loopback() && self.admits(address)
    }
}

/// Whether an address belongs to somebody in the Internet (IANA's registries of special-purpose addresses, RFC 6890, as of
/// November 2026). What is neither there nor in use is not public.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    !matches!(
        (a, b, c),
        (0 | 10 | 127 | 224.., _, _)
            // Carrier-grade NAT (RFC 6598).
            | (100, 64..=127, _)
            | (169, 254, _)
            | (172, 16..=31, _)
            | (192, 168, _)
            // Protocol assignments, documentation, the former relays of 6to4.
            | (192, 0, 0 | 2) | (198, 51, 100) | (203, 0, 113) | (192, 88, 99)
            // Benchmarks (RFC 2544).
            | (198, 18..=19, _)
    )
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    match address.segments() {
        // The world of IPv4 behind a translator (RFC 6052 §2.1): what is meant is the address in it.
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            let [a, b] = high.to_be_bytes();
            let [c, d] = low.to_be_bytes();
            is_public_v4(Ipv4Addr::new(a, b, c, d))
        }
        // Protocol assignments (Teredo among them), documentation, 6to4.
        [0x2001, 0..=0x1ff | 0xdb8, ..] | [0x2002, ..] | [0x3fff, 0..=0xfff, ..] => false,
        // Global unicast; all else is local, multicast, or reserved.
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reach(named: &[&str]) -> Reach {
        let named = if named.is_empty() {
            Ok(Networks::default())
        } else {
            Networks::parse_lists(named.iter().copied())
        };
        Reach::of(named.expect("networks"))
    }

    fn address(text: &str) -> IpAddr {
        text.parse().expect(text)
    }

    #[test]
    fn what_is_public_is_reached() {
        for text in [
            "1.1.1.1",
            "8.8.8.8",
            "100.63.255.255",
            "100.128.0.0",
            "172.15.0.1",
            "172.32.0.1",
            "192.0.1.1",
            "223.255.255.255",
            "2606:4700:4700::1111",
            "2001:4860:4860::8888",
            "2a00:1450::1",
            "64:ff9b::808:808",
            "::ffff:8.8.8.8",
        ] {
            assert!(Reach::default().admits(address(text)), "{text}");
        }
    }

    #[test]
    fn what_is_private_or_no_place_is_not() {
        for text in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "127.0.0.1",
            "127.255.255.254",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::127.0.0.1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "64:ff9b::7f00:1",
            "64:ff9b::a9fe:a9fe",
            "64:ff9b:1::808:808",
            "100::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "3fff::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "4000::1",
        ] {
            assert!(!Reach::default().admits(address(text)), "{text}");
        }
    }

    #[test]
    fn what_is_named_is_reached_and_nothing_beside_it() {
        let reach = reach(&["127.0.0.0/8", "10.1.0.0/16,fd00::/8"]);
        for (text, expected) in [
            ("127.0.0.1", true),
            ("::ffff:127.0.0.1", true),
            ("::1", false),
            ("10.1.2.3", true),
            ("10.2.0.1", false),
            ("fd12::1", true),
            ("1.1.1.1", true),
            ("169.254.169.254", false),
        ] {
            assert_eq!(reach.admits(address(text)), expected, "{text}");
        }
        for (text, expected) in [("127.0.0.1", true), ("10.1.2.3", false), ("::1", false), ("1.1.1.1", false)]
        {
            assert_eq!(reach.admits_plain(address(text)), expected, "{text}");
        }
    }
}
