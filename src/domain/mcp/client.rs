//! Who a client is: one that an operator registered, or one that says itself what it is.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

use super::client_document::{ClientDocument, ClientIdUrl, Grant};
use super::ids::RegisteredId;
use super::redirect_uri::RedirectUri;
use crate::domain::keys::scope::Scopes;
use crate::domain::texts::text::{FreeTextError, check_free_text};
use crate::domain::time::Timestamp;

/// A `client_id`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ClientRef {
    Registered(RegisteredId),
    /// One that says itself what it is, in the document at this address.
    Document(ClientIdUrl),
}

/// A text is no `client_id`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a client is named by the id that an operator gave it, or by the https:// address of its metadata")]
pub(crate) struct ClientRefError;

impl FromStr for ClientRef {
    type Err = ClientRefError;

    fn from_str(text: &str) -> Result<Self, ClientRefError> {
        if let Ok(id) = text.parse() {
            return Ok(Self::Registered(id));
        }
        text.parse().map(Self::Document).map_err(|_| ClientRefError)
    }
}

impl fmt::Display for ClientRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Registered(id) => id.fmt(f),
            Self::Document(url) => url.fmt(f),
        }
    }
}

impl Serialize for ClientRef {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// What a client calls itself: 1 to 128 bytes of UTF-8 on one line, with nothing hidden.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(crate) struct ClientName(Box<str>);

/// Why a text is no such name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ClientNameError {
    #[error("a client has a name")]
    Empty,
    #[error(transparent)]
    Text(#[from] FreeTextError),
}

impl ClientName {
    const LONGEST: usize = 128;
    /// Of the name of a key.
    const LONGEST_OF_KEY: usize = 40;

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// What the key of such a client is called: `mcp-`, and of its name what a key's can have. Names of other scripts have nothing
    /// of that.
    pub(crate) fn of_key(&self) -> String {
        let mut name = String::from("mcp");
        let mut is_apart = false;
        for char in self.0.chars().map(|char| char.to_ascii_lowercase()) {
            if !char.is_ascii_alphanumeric() {
                is_apart = false;
                continue;
            }
            if name.len() >= Self::LONGEST_OF_KEY {
                break;
            }
            if !is_apart {
                name.push('-');
            }
            name.push(char);
            is_apart = true;
        }
        name
    }
}

impl FromStr for ClientName {
    type Err = ClientNameError;

    fn from_str(text: &str) -> Result<Self, ClientNameError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(ClientNameError::Empty);
        }
        check_free_text(text, Self::LONGEST)?;
        Ok(Self(text.into()))
    }
}

impl fmt::Display for ClientName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What is known of a client. All are public ones: none has a secret (OAuth 2.1 §2.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Client {
    pub id: ClientRef,
    /// Its own claim, but for one that an operator registered.
    pub name: ClientName,
    /// Where browsers may be sent back to; never empty.
    pub redirect_uris: Vec<RedirectUri>,
    /// Whether it takes refresh tokens: to one that does not say so none is given (RFC 7591 §2).
    pub refreshes: bool,
}

impl Client {
    /// Whether browsers may be sent there.
    pub(crate) fn has(&self, redirect_uri: &RedirectUri) -> bool {
        self.redirect_uris.iter().any(|own| own.matches(redirect_uri))
    }
}

/// One that an operator registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Registered {
    pub id: RegisteredId,
    pub name: ClientName,
    pub redirect_uris: Vec<RedirectUri>,
    /// Whether it may show codes, for want of a browser (RFC 8628).
    pub device: bool,
    pub created_at: Timestamp,
}

impl Registered {
    /// Redirect URIs of one client, at most.
    pub(crate) const MOST_URIS: usize = 20;
}

impl From<Registered> for Client {
    fn from(client: Registered) -> Self {
        let Registered { id, name, redirect_uris, .. } = client;
        Self { id: ClientRef::Registered(id), name, redirect_uris, refreshes: true }
    }
}

/// What its document says. One without a name is called as its host.
impl TryFrom<&ClientDocument> for Client {
    type Error = ClientNameError;

    fn try_from(document: &ClientDocument) -> Result<Self, ClientNameError> {
        Ok(Self {
            id: ClientRef::Document(document.id().clone()),
            name: document.name().unwrap_or_else(|| document.id().host()).parse()?,
            redirect_uris: document.redirect_uris().to_vec(),
            refreshes: document.asks_with(Grant::RefreshToken),
        })
    }
}

/// What a client may be let do: of what it asks for what the key may, too; of one that does not say, all that the key may. None of
/// the tool's own.
pub(crate) fn offered(asked: Option<&Scopes>, may: &Scopes) -> Scopes {
    let may = may.without_reserved();
    asked.map_or_else(|| may.clone(), |asked| asked.meet(&may)).without_reserved()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_is_named_by_its_id_or_its_address() {
        for text in ["mcl_01h455vb4pex5vsknk084sn02q", "https://app.example.com/client.json"] {
            assert_eq!(text.parse::<ClientRef>().map(|id| id.to_string()).as_deref(), Ok(text));
        }
        for text in ["", "app", "http://app.example.com/c", "https://app.example.com", "https://a/ b"] {
            assert_eq!(text.parse::<ClientRef>(), Err(ClientRefError), "{text}");
        }
    }

    #[test]
    fn the_key_of_a_client_is_called_as_that_is_as_far_as_it_can_be() {
        for (name, key) in [
            ("Claude Code", "mcp-claude-code"),
            ("  VS Code (insiders)", "mcp-vs-code-insiders"),
            ("Редактор", "mcp"),
            ("--", "mcp"),
        ] {
            let name: ClientName = name.parse().expect(name);
            assert_eq!(name.of_key(), key);
            assert!(name.of_key().parse::<crate::domain::owners::owner::KeyName>().is_ok());
        }
        let longest: ClientName = "x-".repeat(40).parse().expect("a name");
        assert!(longest.of_key().parse::<crate::domain::owners::owner::KeyName>().is_ok());
        for name in ["", "  ", "a\nb", "right\u{202e}left", &"x".repeat(129)] {
            assert!(name.parse::<ClientName>().is_err(), "{name:?}");
        }
    }

    #[test]
    fn nothing_is_offered_beyond_the_key_and_nothing_of_the_tool_s_own() {
        let scopes = |text: &str| Scopes::parse_lists([text]).expect("scopes");
        let may = scopes("files,memories:read,keyctl:self");
        for (asked, wanted) in [
            (Some("files:read,memories"), "files:read,memories:read"),
            (Some("keyctl:self,files"), "files"),
            (Some("offline_access"), ""),
            (None, "files,memories:read"),
        ] {
            let asked = asked.map(scopes);
            let wanted = if wanted.is_empty() { Scopes::default() } else { scopes(wanted) };
            assert_eq!(offered(asked.as_ref(), &may), wanted);
        }
        assert_eq!(offered(Some(&scopes("keyctl:self,a")), &scopes("*")), scopes("a"));
    }
}
