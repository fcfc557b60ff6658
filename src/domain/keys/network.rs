//! From where a key may be used.

use std::net::IpAddr;

use ipnet::{IpNet, Ipv4Net};
use serde::{Serialize, Serializer};

/// The networks that a key may be used from, sorted; empty means from anywhere.
///
/// At most 64. An IPv4-mapped IPv6 address (RFC 4291 §2.5.5.2) counts as the IPv4 address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Networks(Vec<IpNet>);

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NetworkError {
    /// Neither an address nor address/length.
    #[error("not an address or network, as in 10.0.0.0/8, 192.0.2.7 or 2001:db8::/32")]
    Syntax,
    /// Bits set behind the prefix length.
    #[error("the network has bits set behind its length; did you mean {0}?")]
    HostBits(IpNet),
    /// Over 64 networks.
    #[error("more than {MOST} networks on one key")]
    TooMany,
}

const MOST: usize = 64;

fn parse_one(text: &str) -> Result<IpNet, NetworkError> {
    if let Ok(address) = text.parse::<IpAddr>() {
        return Ok(IpNet::from(address.to_canonical()));
    }
    let network = unmapped(text.parse::<IpNet>().map_err(|_| NetworkError::Syntax)?);
    if network.addr() == network.network() {
        Ok(network)
    } else {
        Err(NetworkError::HostBits(network.trunc()))
    }
}

/// A network of IPv4-mapped addresses is the network of IPv4 that it maps.
fn unmapped(network: IpNet) -> IpNet {
    let IpNet::V6(v6) = network else { return network };
    let v4 = v6.addr().to_ipv4_mapped().zip(v6.prefix_len().checked_sub(96));
    v4.and_then(|(address, length)| Ipv4Net::new(address, length).ok()).map_or(network, IpNet::V4)
}

impl Networks {
    /// Parses comma-separated lists of networks.
    pub fn parse_lists<'a>(lists: impl IntoIterator<Item = &'a str>) -> Result<Self, NetworkError> {
        let mut networks: Vec<IpNet> =
            lists.into_iter().flat_map(|list| list.split(',')).map(parse_one).collect::<Result<_, _>>()?;
        networks.sort_unstable();
        networks.dedup();
        if networks.len() > MOST { Err(NetworkError::TooMany) } else { Ok(Self(networks)) }
    }

    /// Whether a request from `address` is let in. Without a trusted address, only a key
    /// without networks is.
    pub fn allow(&self, address: Option<IpAddr>) -> bool {
        self.0.is_empty()
            || address.is_some_and(|a| {
                let a = a.to_canonical();
                self.0.iter().any(|network| network.contains(&a))
            })
    }

    /// In order, in CIDR form.
    pub fn iter(&self) -> impl Iterator<Item = &IpNet> {
        self.0.iter()
    }

    /// As stored: a sorted JSON array of CIDR texts. Their alphabet needs no escaping.
    pub fn to_json(&self) -> String {
        let quoted: Vec<String> = self.0.iter().map(|network| format!("\"{network}\"")).collect();
        format!("[{}]", quoted.join(","))
    }

    /// From what is stored; `None` if it is not a JSON array of networks.
    pub fn from_json(json: &str) -> Option<Self> {
        if json == "[]" {
            return Some(Self::default());
        }
        let words = json.strip_prefix("[\"")?.strip_suffix("\"]")?;
        Self::parse_lists(words.split("\",\"")).ok()
    }
}

impl Serialize for Networks {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(ToString::to_string))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn networks(text: &str) -> Networks {
        Networks::parse_lists([text]).expect(text)
    }

    #[test]
    fn addresses_are_let_in_by_network() {
        let held = networks("10.0.0.0/8,2001:db8::/32,192.0.2.7");
        for (address, allowed) in [
            ("10.255.0.1", true),
            ("11.0.0.1", false),
            ("192.0.2.7", true),
            ("192.0.2.8", false),
            ("2001:db8::1", true),
            ("2001:db9::1", false),
            ("::ffff:10.0.0.1", true),
        ] {
            assert_eq!(held.allow(address.parse().ok()), allowed, "{address}");
        }
        assert!(networks("::ffff:10.0.0.0/104").allow("10.1.2.3".parse().ok()), "mapped");
        assert!(!held.allow(None), "no trusted address: denied");
        assert!(Networks::default().allow(None));
    }

    #[test]
    fn each_fault_of_a_network_has_its_own_error() {
        for text in ["", "10.0.0.0/33", "10.0.0", "2001:db8::/129", "example.org", "10.0.0.0/8,"] {
            assert_eq!(Networks::parse_lists([text]), Err(NetworkError::Syntax), "{text}");
        }
        assert_eq!(
            Networks::parse_lists(["10.0.0.1/8"]).map_err(|e| e.to_string()),
            Err("the network has bits set behind its length; did you mean 10.0.0.0/8?".to_owned())
        );
    }

    #[test]
    fn the_stored_form_reads_back() {
        for text in ["[]", r#"["10.0.0.0/8"]"#, r#"["10.0.0.0/8","192.0.2.7/32","2001:db8::/32"]"#] {
            assert_eq!(Networks::from_json(text).expect(text).to_json(), text);
        }
    }
}
