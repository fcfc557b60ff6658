//! Where the server listens, and for whom.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;

/// `127.0.0.1:8711=all`, `[::1]:8711=internal`, `unix:/run/keyctl.sock=all`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Listener {
    pub address: Address,
    pub serves: Serves,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Address {
    Tcp(SocketAddr),
    Unix(PathBuf),
}

/// What is answered there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Serves {
    /// What anybody may ask.
    Public,
    /// What gateways and services ask.
    Internal,
    All,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ListenerError {
    #[error("it does not end with =public, =internal or =all")]
    Serves,
    #[error("not an address with a port, as in 127.0.0.1:8711 or [::1]:8711")]
    Address,
    #[error("the path of a Unix socket starts with /")]
    Relative,
    /// `sun_path` has 108 bytes on Linux, the last of them NUL.
    #[error("the path of a Unix socket is longer than 107 bytes")]
    TooLong,
}

impl Listener {
    /// `127.0.0.1:8711=all`.
    pub(crate) fn built_in() -> Self {
        Self { address: Address::Tcp(SocketAddr::from(([127, 0, 0, 1], 8711))), serves: Serves::All }
    }

    /// Whether others than this machine's own programs may reach it.
    pub(crate) fn is_beyond_loopback(&self) -> bool {
        matches!(self.address, Address::Tcp(address) if !address.ip().to_canonical().is_loopback())
    }
}

impl Address {
    /// The same, where all that a program answers is answered.
    pub(crate) fn for_all(self) -> Listener {
        Listener { address: self, serves: Serves::All }
    }
}

impl FromStr for Address {
    type Err = ListenerError;

    fn from_str(text: &str) -> Result<Self, ListenerError> {
        match text.strip_prefix("unix:") {
            Some(path) if !path.starts_with('/') => Err(ListenerError::Relative),
            Some(path) if path.len() > 107 => Err(ListenerError::TooLong),
            Some(path) => Ok(Self::Unix(path.into())),
            None => Ok(Self::Tcp(text.parse().map_err(|_| ListenerError::Address)?)),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => write!(f, "{address}"),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

impl FromStr for Listener {
    type Err = ListenerError;

    fn from_str(text: &str) -> Result<Self, ListenerError> {
        let (address, serves) = text.rsplit_once('=').ok_or(ListenerError::Serves)?;
        let serves = match serves {
            "public" => Serves::Public,
            "internal" => Serves::Internal,
            "all" => Serves::All,
            _ => return Err(ListenerError::Serves),
        };
        Ok(Self { address: address.parse()?, serves })
    }
}

impl fmt::Display for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.address.fmt(f)?;
        f.write_str(match self.serves {
            Serves::Public => "=public",
            Serves::Internal => "=internal",
            Serves::All => "=all",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_alone_reads_back() {
        for text in ["127.0.0.1:8712", "[::1]:1", "unix:/run/a=b.sock"] {
            assert_eq!(text.parse::<Address>().map(|address| address.to_string()).as_deref(), Ok(text));
        }
        assert_eq!("127.0.0.1:1=all".parse::<Address>(), Err(ListenerError::Address));
    }

    #[test]
    fn a_listener_reads_back() {
        for (text, beyond) in [
            ("127.0.0.1:8711=all", false),
            ("[::1]:8711=internal", false),
            ("127.9.9.9:1=public", false),
            ("0.0.0.0:443=public", true),
            ("[::]:443=public", true),
            ("10.0.0.1:0=all", true),
            ("unix:/run/keyctl.sock=all", false),
            ("unix:/run/a=b.sock=internal", false),
        ] {
            let listener: Listener = text.parse().expect(text);
            assert_eq!((listener.to_string().as_str(), listener.is_beyond_loopback()), (text, beyond));
        }
        assert_eq!(Listener::built_in().to_string(), "127.0.0.1:8711=all");
    }

    #[test]
    fn each_fault_of_a_listener_has_its_own_error() {
        let long = format!("unix:/{}=all", "x".repeat(107));
        for (text, error) in [
            ("", ListenerError::Serves),
            ("127.0.0.1:8711", ListenerError::Serves),
            ("127.0.0.1:8711=any", ListenerError::Serves),
            ("127.0.0.1:8711=All", ListenerError::Serves),
            ("127.0.0.1=all", ListenerError::Address),
            (":8711=all", ListenerError::Address),
            ("localhost:8711=all", ListenerError::Address),
            ("127.0.0.1:99999=all", ListenerError::Address),
            ("::1:8711=all", ListenerError::Address),
            ("unix:keyctl.sock=all", ListenerError::Relative),
            ("unix:=all", ListenerError::Relative),
            (&long, ListenerError::TooLong),
        ] {
            assert_eq!(text.parse::<Listener>(), Err(error), "{text}");
        }
    }
}
