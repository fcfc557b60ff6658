//! What a client says of itself at the URL that is its id (draft-ietf-oauth-client-id-metadata-document).

use std::fmt;
use std::str::FromStr;

use serde::de::{Deserialize, IgnoredAny};
use serde::{Serialize, Serializer};

use super::redirect_uri::{RedirectUri, RedirectUriError};
use crate::domain::outbound::endpoint::{Endpoint, EndpointError};
use crate::domain::texts::authority;
use crate::domain::texts::text::{FreeTextError, check_free_text};

/// The id of a client that nobody registered: the URL of its document, `https://app.example.com/mcp/client.json`.
///
/// At most 512 characters. It is compared to the letter (RFC 3986 §6.2.1).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ClientIdUrl(Endpoint);

/// Why a client's id is no URL of a document. Each is for whoever made the client to put right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ClientIdUrlError {
    #[error("a client's id that is a URL begins with https://")]
    Scheme,
    #[error("a client's id that is a URL has a path, as https://app.example.com/client.json")]
    Path,
    #[error("a client's id that is a URL has no segment of dots in its path")]
    Dots,
    #[error("a client's id has at most {LONGEST_ID} characters")]
    TooLong,
    #[error("a client's id is no URL: {0}")]
    Endpoint(#[from] EndpointError),
}

const LONGEST_ID: usize = 512;

/// Bytes of a document: what the draft recommends.
pub(crate) const MOST: usize = 5 * 1024;

const LONGEST_NAME: usize = 128;

impl ClientIdUrl {
    /// Whether a client's id is to be read as a URL. What is registered never looks so.
    pub(crate) fn is_meant(id: &str) -> bool {
        id.starts_with("https://")
    }

    pub(crate) fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Where its document is.
    pub(crate) const fn endpoint(&self) -> &Endpoint {
        &self.0
    }

    /// Whose client it is, as people can tell: they are shown this beside all that the document says.
    pub(crate) fn host(&self) -> &str {
        authority::split(self.authority()).0
    }

    /// With the port, where there is one.
    pub(crate) fn authority(&self) -> &str {
        split(self.as_str()).0
    }
}

/// What stands behind `https://`: the host with its port, and the rest.
fn split(url: &str) -> (&str, &str) {
    let rest = url.strip_prefix("https://").unwrap_or_default();
    rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()))
}

impl FromStr for ClientIdUrl {
    type Err = ClientIdUrlError;

    fn from_str(text: &str) -> Result<Self, ClientIdUrlError> {
        if text.len() > LONGEST_ID {
            return Err(ClientIdUrlError::TooLong);
        }
        if !Self::is_meant(text) {
            return Err(ClientIdUrlError::Scheme);
        }
        let endpoint = text.parse()?;
        let (_, rest) = split(text);
        let path = rest.split('?').next().unwrap_or_default();
        if path.is_empty() {
            return Err(ClientIdUrlError::Path);
        }
        // Also written in another way: what asks might take it for dots.
        let is_dots =
            |segment: &str| matches!(segment.to_ascii_lowercase().replace("%2e", ".").as_str(), "." | "..");
        if path.split('/').any(is_dots) {
            return Err(ClientIdUrlError::Dots);
        }
        Ok(Self(endpoint))
    }
}

impl fmt::Display for ClientIdUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for ClientIdUrl {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

/// A client, as its document says. Nobody vouches for any of it but for the id, and for where its browsers may be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ClientDocument {
    id: ClientIdUrl,
    name: Option<String>,
    redirect_uris: Vec<RedirectUri>,
    grants: Vec<Grant>,
}

/// What a client asks for tokens with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Grant {
    AuthorizationCode,
    RefreshToken,
    DeviceCode,
}

impl Grant {
    pub(crate) const ALL: [Self; 3] = [Self::AuthorizationCode, Self::RefreshToken, Self::DeviceCode];

    /// As requests and documents name it.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization_code",
            Self::RefreshToken => "refresh_token",
            Self::DeviceCode => "urn:ietf:params:oauth:grant-type:device_code",
        }
    }
}

/// Why a document is none that is used. Each is for whoever wrote it to put right.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ClientDocumentError {
    #[error("the client's document is larger than {MOST} bytes")]
    TooLarge,
    #[error("the client's document is no JSON object")]
    NotJson,
    /// Of another kind than RFC 7591 §2 says, or there twice.
    #[error("a member of the client's document is not of its kind, or stands there twice")]
    Member,
    #[error("the client's document names no client_id")]
    NoId,
    #[error("the client's document is another client's: its client_id is not the URL where it stands")]
    OtherId,
    /// Whoever reads the document would know it.
    #[error("the client's document holds a client_secret, which everybody can read there")]
    Secret,
    #[error("the client's document asks for a token_endpoint_auth_method other than none")]
    Authentication,
    #[error("the client's document names no redirect_uris")]
    NoRedirectUris,
    #[error("the client's document has a redirect URI that is none: {0}")]
    RedirectUri(#[from] RedirectUriError),
    #[error("the client's document names grant_types, and none that gives tokens here")]
    Grants,
    #[error("the client_name of the client's document is none: {0}")]
    Name(FreeTextError),
}

/// As it is written: what is null is as if it was not there. All else that RFC 7591 knows is passed over.
#[derive(serde::Deserialize)]
struct Members {
    client_id: Option<String>,
    client_name: Option<String>,
    redirect_uris: Option<Vec<String>>,
    grant_types: Option<Vec<String>>,
    token_endpoint_auth_method: Option<String>,
    client_secret: Option<IgnoredAny>,
    client_secret_expires_at: Option<IgnoredAny>,
}

impl ClientDocument {
    /// Reads what stands at a URL, as the document of the client that has this id.
    pub(crate) fn parse(bytes: &[u8], id: &ClientIdUrl) -> Result<Self, ClientDocumentError> {
        if bytes.len() > MOST {
            return Err(ClientDocumentError::TooLarge);
        }
        let members = Members::read(bytes)?;
        if members.client_id.ok_or(ClientDocumentError::NoId)? != id.as_str() {
            return Err(ClientDocumentError::OtherId);
        }
        if members.client_secret.is_some() || members.client_secret_expires_at.is_some() {
            return Err(ClientDocumentError::Secret);
        }
        // What RFC 7591 takes where nothing is said needs a secret, which no such client has.
        if members.token_endpoint_auth_method.is_some_and(|method| method != "none") {
            return Err(ClientDocumentError::Authentication);
        }
        let name = members.client_name.filter(|name| !name.trim().is_empty());
        if let Some(name) = &name {
            check_free_text(name, LONGEST_NAME).map_err(ClientDocumentError::Name)?;
        }
        let redirect_uris = redirect_uris(&members.redirect_uris.unwrap_or_default())?;
        let grants = grants(members.grant_types)?;
        if redirect_uris.is_empty() && grants.contains(&Grant::AuthorizationCode) {
            return Err(ClientDocumentError::NoRedirectUris);
        }
        Ok(Self { id: id.clone(), name, redirect_uris, grants })
    }

    pub(crate) const fn id(&self) -> &ClientIdUrl {
        &self.id
    }

    /// What it calls itself. Anybody may call themselves so.
    pub(crate) fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// One at least, unless it asks for device codes alone.
    pub(crate) fn redirect_uris(&self) -> &[RedirectUri] {
        &self.redirect_uris
    }

    pub(crate) fn asks_with(&self, grant: Grant) -> bool {
        self.grants.contains(&grant)
    }
}

impl Members {
    fn read(bytes: &[u8]) -> Result<Self, ClientDocumentError> {
        // An array would be read as an object, too.
        let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
        if first != Some(&b'{') {
            return Err(ClientDocumentError::NotJson);
        }
        let mut reader = serde_json::Deserializer::from_slice(bytes);
        let read = Self::deserialize(&mut reader).and_then(|members| reader.end().map(|()| members));
        read.map_err(
            |error| {
                if error.is_data() { ClientDocumentError::Member } else { ClientDocumentError::NotJson }
            },
        )
    }
}

fn redirect_uris(texts: &[String]) -> Result<Vec<RedirectUri>, ClientDocumentError> {
    let mut found = Vec::with_capacity(texts.len());
    let mut other = None;
    for text in texts {
        match text.parse() {
            Ok(uri) => found.push(uri),
            // Those of its own scheme are of no use here, and no fault: other servers take them.
            Err(error @ RedirectUriError::Scheme) => other = Some(error),
            Err(error) => return Err(error.into()),
        }
    }
    match other {
        Some(error) if found.is_empty() => Err(error.into()),
        _ => Ok(found),
    }
}

/// Without any it is the code alone (RFC 7591 §2).
fn grants(names: Option<Vec<String>>) -> Result<Vec<Grant>, ClientDocumentError> {
    let Some(names) = names else { return Ok(vec![Grant::AuthorizationCode]) };
    let found: Vec<Grant> =
        Grant::ALL.into_iter().filter(|grant| names.iter().any(|name| name == grant.as_str())).collect();
    if found.iter().any(|grant| *grant != Grant::RefreshToken) {
        Ok(found)
    } else {
        Err(ClientDocumentError::Grants)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::texts::text::CodePoint;

    const ID: &str = "https://app.example.com/client.json";

    fn id() -> ClientIdUrl {
        ID.parse().expect("an id")
    }

    fn parse(document: &str) -> Result<ClientDocument, ClientDocumentError> {
        ClientDocument::parse(document.as_bytes(), &id())
    }

    /// A document with these members besides its id.
    fn with(members: &str) -> Result<ClientDocument, ClientDocumentError> {
        parse(&format!(r#"{{"client_id":"{ID}",{members}}}"#))
    }

    #[test]
    fn a_client_s_id_is_a_url_over_tls_with_a_path() {
        for (text, host) in [
            (ID, "app.example.com"),
            ("https://app.example.com/", "app.example.com"),
            ("https://app.example.com:8443/a/b.json?v=1/../2", "app.example.com"),
            ("https://app.example.com/...", "app.example.com"),
            ("https://[2001:db8::1]:8443/client", "2001:db8::1"),
        ] {
            let id: ClientIdUrl = text.parse().expect(text);
            assert_eq!((id.as_str(), id.host(), id.endpoint().as_str()), (text, host, text));
        }
        assert!(ClientIdUrl::is_meant(ID) && ClientIdUrl::is_meant("https://a b"));
        assert!(!ClientIdUrl::is_meant("mcp_1") && !ClientIdUrl::is_meant("http://127.0.0.1/client.json"));
    }

    #[test]
    fn each_fault_of_an_id_has_its_own_error() {
        for (text, error) in [
            ("", ClientIdUrlError::Scheme),
            ("app", ClientIdUrlError::Scheme),
            ("http://app.example.com/client.json", ClientIdUrlError::Scheme),
            ("http://127.0.0.1/client.json", ClientIdUrlError::Scheme),
            ("HTTPS://app.example.com/client.json", ClientIdUrlError::Scheme),
            ("https://app.example.com", ClientIdUrlError::Path),
            ("https://app.example.com?client.json", ClientIdUrlError::Path),
            ("https://app.example.com/./client.json", ClientIdUrlError::Dots),
            ("https://app.example.com/a/..", ClientIdUrlError::Dots),
            ("https://app.example.com/a/%2e%2E/client.json", ClientIdUrlError::Dots),
            ("https://app.example.com/a/.%2e/client.json", ClientIdUrlError::Dots),
            ("https://app.example.com/client.json#", ClientIdUrlError::Endpoint(EndpointError::Fragment)),
            ("https://a:b@app.example.com/client.json", ClientIdUrlError::Endpoint(EndpointError::User)),
            ("https://App.example.com/client.json", ClientIdUrlError::Endpoint(EndpointError::Host)),
            ("https://app.example.com:0/client.json", ClientIdUrlError::Endpoint(EndpointError::Port)),
            ("https://app.example.com/cli ent", ClientIdUrlError::Endpoint(EndpointError::Character)),
            ("https:///client.json", ClientIdUrlError::Endpoint(EndpointError::Host)),
        ] {
            assert_eq!(text.parse::<ClientIdUrl>(), Err(error), "{text}");
        }
        let long = format!("https://app.example.com/{}", "a".repeat(LONGEST_ID));
        assert_eq!(long.parse::<ClientIdUrl>(), Err(ClientIdUrlError::TooLong));
    }

    #[test]
    fn a_document_is_read_as_clients_publish_it() {
        let document = with(
            r#""client_name":"Claude Code","client_uri":"https://example.com","logo_uri":"https://example.com/logo.png",
               "redirect_uris":["http://localhost/callback","http://127.0.0.1/callback"],"application_type":"native",
               "grant_types":["authorization_code","refresh_token"],"response_types":["code"],
               "token_endpoint_auth_method":"none","contacts":[{"a":[null,1.5]}]"#,
        )
        .expect("a document");
        assert_eq!((document.id(), document.name()), (&id(), Some("Claude Code")));
        let uris: Vec<_> = document.redirect_uris().iter().map(RedirectUri::as_str).collect();
        assert_eq!(uris, ["http://localhost/callback", "http://127.0.0.1/callback"]);
        assert!(document.asks_with(Grant::RefreshToken) && !document.asks_with(Grant::DeviceCode));
        // What is null is not there, and the code is what is meant where nothing is said.
        let least = with(
            r#""redirect_uris":["https://app.example.com/"],"client_name":null,"client_secret":null,"grant_types":null"#,
        )
        .expect("a document");
        assert_eq!(least.name(), None);
        assert!(least.asks_with(Grant::AuthorizationCode) && !least.asks_with(Grant::RefreshToken));
        assert_eq!(
            with(r#""redirect_uris":["https://app.example.com/"],"client_name":" ""#)
                .map(|document| document.name().map(str::to_owned)),
            Ok(None)
        );
        // Only who is sent a browser back says where to.
        let device = format!(r#""grant_types":["{}"]"#, Grant::DeviceCode.as_str());
        assert!(with(&device).is_ok_and(|document| document.redirect_uris().is_empty()));
    }

    #[test]
    fn redirect_uris_of_other_schemes_are_left_out_beside_one_that_is_used() {
        let document =
            with(r#""redirect_uris":["cursor://mcp/callback","https://app.example.com/a"]"#).expect("one");
        assert_eq!(document.redirect_uris(), ["https://app.example.com/a".parse().expect("a URI")]);
        let alone = with(r#""redirect_uris":["cursor://mcp/callback"]"#);
        assert_eq!(alone, Err(ClientDocumentError::RedirectUri(RedirectUriError::Scheme)));
    }

    #[test]
    fn each_fault_of_a_document_has_its_own_error() {
        use ClientDocumentError as Error;
        let uris = r#""redirect_uris":["https://app.example.com/"]"#;
        for (members, error) in [
            (r#""client_name":"a""#.to_owned(), Error::NoRedirectUris),
            (r#""redirect_uris":[]"#.to_owned(), Error::NoRedirectUris),
            (r#""redirect_uris":"https://app.example.com/""#.to_owned(), Error::Member),
            (r#""redirect_uris":["https://app.example.com/",7]"#.to_owned(), Error::Member),
            (
                r#""redirect_uris":["https://app.example.com/","http://app.example.com/"]"#.to_owned(),
                Error::RedirectUri(RedirectUriError::Plain),
            ),
            (
                r#""redirect_uris":["https://app.example.com/#a"]"#.to_owned(),
                Error::RedirectUri(RedirectUriError::Fragment),
            ),
            (format!("{uris},{uris}"), Error::Member),
            (format!(r#"{uris},"client_id":"{ID}""#), Error::Member),
            (format!(r#"{uris},"client_secret":"s3cret""#), Error::Secret),
            (format!(r#"{uris},"client_secret":"""#), Error::Secret),
            (format!(r#"{uris},"client_secret_expires_at":0"#), Error::Secret),
            (format!(r#"{uris},"token_endpoint_auth_method":"client_secret_basic""#), Error::Authentication),
            (format!(r#"{uris},"token_endpoint_auth_method":"private_key_jwt""#), Error::Authentication),
            (format!(r#"{uris},"token_endpoint_auth_method":["none"]"#), Error::Member),
            (format!(r#"{uris},"grant_types":["implicit","refresh_token"]"#), Error::Grants),
            (format!(r#"{uris},"grant_types":[]"#), Error::Grants),
            (
                format!(r#"{uris},"client_name":"a\u202eb""#),
                Error::Name(FreeTextError::Hidden(CodePoint('\u{202e}'))),
            ),
            (
                format!(r#"{uris},"client_name":"{}""#, "a".repeat(129)),
                Error::Name(FreeTextError::TooLong { found: 129, most: 128 }),
            ),
        ] {
            assert_eq!(with(&members), Err(error), "{members}");
        }
        let good = format!(r#"{{"client_id":"{ID}",{uris}}}"#);
        assert!(parse(&good).is_ok());
        for (document, error) in [
            (format!("{{{uris}}}"), Error::NoId),
            (format!(r#"{{"client_id":null,{uris}}}"#), Error::NoId),
            (good.replacen("client.json", "other.json", 1), Error::OtherId),
            (good.replacen("client.json", "client.json?", 1), Error::OtherId),
            (good.replacen("app.example.com/c", "app.example.com:443/c", 1), Error::OtherId),
            (good.replacen("app.e", "App.e", 1), Error::OtherId),
            (String::new(), Error::NotJson),
            ("<html>".to_owned(), Error::NotJson),
            ("null".to_owned(), Error::NotJson),
            (format!("[\"{ID}\",null,[\"https://app.example.com/\"],null,null,null,null]"), Error::NotJson),
            (format!("{good}{good}"), Error::NotJson),
            (good[..good.len() - 1].to_owned(), Error::NotJson),
            (format!("{good}{}", " ".repeat(MOST)), Error::TooLarge),
        ] {
            assert_eq!(parse(&document), Err(error), "{document}");
        }
        assert_eq!(ClientDocument::parse(b"{\"client_id\":\"\xff\"}", &id()), Err(Error::NotJson));
        let exactly = format!("{good}{}", " ".repeat(MOST - good.len()));
        assert!(parse(&exactly).is_ok());
    }
}
