//! Where a browser is sent back to with a code.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

use crate::domain::texts::authority::{self, AuthorityError};

/// An address of a client's: `https://app.example.com/callback`, or `http://127.0.0.1/callback` of a program on the machine that
/// the browser runs on.
///
/// At most 1,024 visible characters of ASCII, without a user, a password and a fragment (RFC 6749 §3.1.2). What belongs to a
/// scheme of its own (`app:/callback`) can be taken by any program on the machine, and is none (RFC 8252 §8.1).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct RedirectUri(Box<str>);

/// Why a text is no redirect URI. Each is for whoever made the client to put right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RedirectUriError {
    #[error(
        "a redirect URI begins with https://, or with http:// on loopback addresses: no other scheme is used"
    )]
    Scheme,
    /// Whoever is on the way would have the code.
    #[error("a redirect URI that begins with http:// is on 127.0.0.1, [::1] or localhost")]
    Plain,
    #[error("a redirect URI names a host in small letters")]
    Host,
    /// `https://keys.example.com@elsewhere.example` is elsewhere.
    #[error("a redirect URI holds no user and no password")]
    User,
    #[error("the port of a redirect URI is a number from 1 to 65535")]
    Port,
    #[error("a redirect URI has no fragment")]
    Fragment,
    #[error("a redirect URI has visible characters of ASCII alone, and none of \\ \" < > ^ ` {{ | }}")]
    Character,
    #[error("a redirect URI has at most {LONGEST} characters")]
    TooLong,
}

const LONGEST: usize = 1024;

impl From<AuthorityError> for RedirectUriError {
    fn from(error: AuthorityError) -> Self {
        match error {
            AuthorityError::Host => Self::Host,
            AuthorityError::Port => Self::Port,
        }
    }
}

/// What a redirect URI is made of.
struct Parts<'u> {
    is_secure: bool,
    host: &'u str,
    /// Path and query.
    rest: &'u str,
}

impl RedirectUri {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The host, for whoever decides whether to go there: `app.example.com`, `127.0.0.1`, `::1`.
    pub(crate) fn host(&self) -> &str {
        self.parts().host
    }

    /// The host, with the port where there is one: who answers there is not who answers at another port.
    pub(crate) fn authority(&self) -> &str {
        let rest = self.0.split_once("://").map_or("", |(_, rest)| rest);
        &rest[..rest.find(['/', '?']).unwrap_or(rest.len())]
    }

    /// Whether it leads to the machine that the browser runs on.
    pub(crate) fn is_loopback(&self) -> bool {
        authority::is_loopback(self.host())
    }

    /// Whether this one, which a client registered, lets a browser be sent to `asked`: to the letter, but for the port of plain
    /// http on loopback, which a program gets from the operating system each time (RFC 8252 §7.3).
    pub(crate) fn matches(&self, asked: &Self) -> bool {
        if self == asked {
            return true;
        }
        let (own, asked) = (self.parts(), asked.parts());
        // All plain http is on loopback.
        !own.is_secure && !asked.is_secure && own.host == asked.host && own.rest == asked.rest
    }

    fn parts(&self) -> Parts<'_> {
        let (scheme, rest) = self.0.split_once("://").unwrap_or_default();
        let (authority, rest) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        let (host, _) = authority::split(authority);
        Parts { is_secure: scheme == "https", host, rest }
    }
}

impl FromStr for RedirectUri {
    type Err = RedirectUriError;

    fn from_str(text: &str) -> Result<Self, RedirectUriError> {
        if text.len() > LONGEST {
            return Err(RedirectUriError::TooLong);
        }
        // Ahead of all that looks for a host: a browser takes `\` for `/`.
        if !text.bytes().all(|byte| byte.is_ascii_graphic() && !b"\\\"<>^`{|}".contains(&byte)) {
            return Err(RedirectUriError::Character);
        }
        let (rest, is_secure) = match (text.strip_prefix("https://"), text.strip_prefix("http://")) {
            (Some(rest), _) => (rest, true),
            (None, Some(rest)) => (rest, false),
            (None, None) => return Err(RedirectUriError::Scheme),
        };
        if rest.contains('#') {
            return Err(RedirectUriError::Fragment);
        }
        let authority = &rest[..rest.find(['/', '?']).unwrap_or(rest.len())];
        if authority.contains('@') {
            return Err(RedirectUriError::User);
        }
        let host = authority::host_of(authority)?;
        if !is_secure && !authority::is_loopback(host) {
            return Err(RedirectUriError::Plain);
        }
        Ok(Self(text.into()))
    }
}

impl fmt::Display for RedirectUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for RedirectUri {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uri(text: &str) -> RedirectUri {
        text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    #[test]
    fn a_redirect_uri_is_https_or_on_the_browser_s_own_machine() {
        for (text, host, is_loopback) in [
            ("https://app.example.com/callback", "app.example.com", false),
            ("https://app.example.com", "app.example.com", false),
            ("https://app.example.com:8443/callback?flow=mcp", "app.example.com", false),
            ("http://127.0.0.1/callback", "127.0.0.1", true),
            ("http://127.0.0.1:33418", "127.0.0.1", true),
            ("http://[::1]:33418/callback", "::1", true),
            ("http://localhost?a", "localhost", true),
            ("https://localhost/callback", "localhost", true),
        ] {
            let uri = uri(text);
            assert_eq!((uri.as_str(), uri.host(), uri.is_loopback()), (text, host, is_loopback));
        }
    }

    #[test]
    fn each_fault_has_its_own_error() {
        for (text, error) in [
            ("", RedirectUriError::Scheme),
            ("/callback", RedirectUriError::Scheme),
            ("urn:ietf:wg:oauth:2.0:oob", RedirectUriError::Scheme),
            ("com.example.app:/callback", RedirectUriError::Scheme),
            ("cursor://mcp/callback", RedirectUriError::Scheme),
            ("javascript:alert(1)", RedirectUriError::Scheme),
            ("data:text/html,a", RedirectUriError::Scheme),
            ("HTTPS://app.example.com/", RedirectUriError::Scheme),
            ("http://app.example.com/", RedirectUriError::Plain),
            ("http://127.0.0.1.example.com/", RedirectUriError::Plain),
            ("http://localhost.example.com/", RedirectUriError::Plain),
            ("http://10.0.0.1/", RedirectUriError::Plain),
            ("http://0.0.0.0/", RedirectUriError::Plain),
            ("https://", RedirectUriError::Host),
            ("https:///callback", RedirectUriError::Host),
            ("https://App.example.com/", RedirectUriError::Host),
            ("https://app.example.com./", RedirectUriError::Host),
            ("https://*.example.com/", RedirectUriError::Host),
            ("http://[::1/", RedirectUriError::Host),
            ("https://keys.example.com@elsewhere.example/", RedirectUriError::User),
            ("http://127.0.0.1:80@elsewhere.example/", RedirectUriError::User),
            ("http://127.0.0.1:0/", RedirectUriError::Port),
            ("http://127.0.0.1:/", RedirectUriError::Port),
            ("http://127.0.0.1:*/", RedirectUriError::Port),
            ("http://127.0.0.1:65536/", RedirectUriError::Port),
            ("https://app.example.com/#", RedirectUriError::Fragment),
            ("https://app.example.com#a", RedirectUriError::Fragment),
            ("https://app.example.com/a b", RedirectUriError::Character),
            (" https://app.example.com/", RedirectUriError::Character),
            ("https://app.example.com/\n", RedirectUriError::Character),
            ("https://app.example.com/\r\nLocation: https://b.example", RedirectUriError::Character),
            ("https://app.example.com/é", RedirectUriError::Character),
            ("https://elsewhere.example\\@app.example.com/", RedirectUriError::Character),
        ] {
            assert_eq!(text.parse::<RedirectUri>(), Err(error), "{text}");
        }
        let long = format!("https://app.example.com/{}", "a".repeat(LONGEST));
        assert_eq!(long.parse::<RedirectUri>(), Err(RedirectUriError::TooLong));
    }

    #[test]
    fn what_is_asked_for_is_registered_to_the_letter_but_for_a_port_on_loopback() {
        let same = |registered: &str, asked: &str| uri(registered).matches(&uri(asked));
        for (registered, asked) in [
            ("https://app.example.com/callback", "https://app.example.com/callback"),
            ("http://127.0.0.1/callback", "http://127.0.0.1:51004/callback"),
            ("http://127.0.0.1:33418/callback?a=1", "http://127.0.0.1:51004/callback?a=1"),
            ("http://127.0.0.1:33418/", "http://127.0.0.1/"),
            ("http://[::1]/callback", "http://[::1]:51004/callback"),
            ("http://localhost/callback", "http://localhost:51004/callback"),
        ] {
            assert!(same(registered, asked), "{registered} {asked}");
        }
        for (registered, asked) in [
            ("https://app.example.com/callback", "https://app.example.com/callback/"),
            ("https://app.example.com/callback", "https://app.example.com/callback?a"),
            ("https://app.example.com/callback", "https://app.example.com/Callback"),
            ("https://app.example.com/callback", "https://app.example.com:443/callback"),
            ("https://app.example.com/callback", "https://app.example.com.example/callback"),
            ("https://app.example.com/a/callback", "https://app.example.com/a/../a/callback"),
            ("https://app.example.com/callback", "https://app.example.com/%63allback"),
            ("https://app.example.com", "https://app.example.com/"),
            // Over TLS nothing of it is what the operating system gives.
            ("https://127.0.0.1/callback", "https://127.0.0.1:51004/callback"),
            ("https://127.0.0.1/callback", "http://127.0.0.1/callback"),
            ("http://127.0.0.1/callback", "https://127.0.0.1/callback"),
            ("http://127.0.0.1/callback", "http://127.0.0.1:51004/other"),
            ("http://127.0.0.1/callback", "http://127.0.0.2/callback"),
            ("http://localhost/callback", "http://127.0.0.1/callback"),
            ("http://[::1]/callback", "http://127.0.0.1/callback"),
            ("http://127.0.0.1:33418", "http://127.0.0.1:33418/"),
        ] {
            assert!(!same(registered, asked), "{registered} {asked}");
        }
    }
}
