//! Addresses that one and the same may have: what is bounded for each of them is bounded for the whole network.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A network of 48 bits of IPv6, as sites are given (RFC 6177 §2), or of 24 bits of IPv4. `None` is everybody of whom no address is
/// known.
///
/// Text form: `2001:db8:1::/48`, `192.0.2.0/24`, or nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct AddressGroup(Option<IpAddr>);

const BITS_V4: u32 = 24;
const BITS_V6: u32 = 48;

impl AddressGroup {
    pub(crate) fn of(address: Option<IpAddr>) -> Self {
        Self(address.map(|address| match address.to_canonical() {
            IpAddr::V4(v4) => Ipv4Addr::from(u32::from(v4) & !(u32::MAX >> BITS_V4)).into(),
            IpAddr::V6(v6) => Ipv6Addr::from(u128::from(v6) & !(u128::MAX >> BITS_V6)).into(),
        }))
    }

    /// Reads what [`Display`](fmt::Display) wrote.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if text.is_empty() {
            return Some(Self(None));
        }
        let (address, _) = text.split_once('/')?;
        let group = Self::of(Some(address.parse().ok()?));
        (group.to_string() == text).then_some(group)
    }
}

impl fmt::Display for AddressGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            None => Ok(()),
            Some(network @ IpAddr::V4(_)) => write!(f, "{network}/{BITS_V4}"),
            Some(network @ IpAddr::V6(_)) => write!(f, "{network}/{BITS_V6}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_one_site_are_one_group_and_others_are_another() {
        let of = |text: &str| AddressGroup::of(Some(text.parse().expect("an address"))).to_string();
        for (address, group) in [
            ("2001:db8:1:2::3", "2001:db8:1::/48"),
            ("2001:db8:1:ffff:ffff::", "2001:db8:1::/48"),
            ("2001:db8:2::1", "2001:db8:2::/48"),
            ("192.0.2.7", "192.0.2.0/24"),
            ("192.0.3.7", "192.0.3.0/24"),
            // The same in a coat of IPv6.
            ("::ffff:192.0.2.7", "192.0.2.0/24"),
        ] {
            assert_eq!(of(address), group, "{address}");
            assert_eq!(AddressGroup::parse(group).expect("a group").to_string(), group);
        }
        assert_eq!(AddressGroup::of(None).to_string(), "");
        assert_eq!(AddressGroup::parse(""), Some(AddressGroup::default()));
        for text in ["192.0.2.7/24", "192.0.2.0", "192.0.2.0/16", "x"] {
            assert_eq!(AddressGroup::parse(text), None, "{text}");
        }
    }
}
