//! What a client asks for in somebody's browser (RFC 6749 §4.1.1, RFC 7636 §4.3, RFC 8707 §2).
//!
//! Until it is known that the client has the redirect URI, nothing is said to it: a browser that is sent to whatever stands there
//! is sent anywhere.

use super::client::{Client, ClientRef};
use super::errors::OauthError;
use super::pkce::Challenge;
use super::redirect_uri::{RedirectUri, RedirectUriError};
use crate::domain::keys::scope::{Scope, Scopes};
use crate::domain::tokens::audience::Audience;

/// What was asked, before the client is known.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub client: ClientRef,
    pub redirect_uri: RedirectUri,
    /// What the client is told again with whatever comes of it.
    pub state: Option<String>,
    more: Vec<(String, String)>,
}

/// Why it is said to the person, and never to the client.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoWayBack {
    #[error("it does not say which client asks")]
    NoClient,
    #[error("{0} is named twice")]
    Twice(&'static str),
    #[error("there is no such client")]
    UnknownClient,
    /// Of what its document says.
    #[error("the client does not say that it takes codes")]
    OtherGrant,
    #[error("it does not say where to go from here")]
    NoRedirectUri,
    #[error("the address to go to from here cannot be one: {0}")]
    RedirectUri(RedirectUriError),
    /// Off by a letter is off.
    #[error("the address to go to from here is none of the client's")]
    OtherRedirectUri,
    #[error("it is too long")]
    TooLong,
}

impl NoWayBack {
    /// The word in the log.
    pub(crate) const fn reason(&self) -> &'static str {
        match self {
            Self::NoClient => "no_client_id",
            Self::Twice(_) => "parameter_twice",
            Self::UnknownClient => "unknown_client",
            Self::OtherGrant => "unauthorized_client",
            Self::NoRedirectUri => "no_redirect_uri",
            Self::RedirectUri(_) => "redirect_uri_malformed",
            Self::OtherRedirectUri => "redirect_uri",
            Self::TooLong => "request_too_long",
        }
    }
}

/// Why it is refused, which the client is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unfit {
    pub error: OauthError,
    /// The word in the log.
    pub reason: &'static str,
    /// For whoever made the client.
    pub description: &'static str,
}

const fn unfit(error: OauthError, reason: &'static str, description: &'static str) -> Unfit {
    Unfit { error, reason, description }
}

/// A request of a client that is known, which a person may say yes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Authorization {
    pub client: Client,
    pub redirect_uri: RedirectUri,
    pub state: Option<String>,
    /// `None` where the client does not say.
    pub scopes: Option<Scopes>,
    /// The one resource that tokens are for, as the store knows it.
    pub resource: Audience,
    pub challenge: Challenge,
}

impl Asked {
    /// The longest query that is looked at, in bytes.
    pub(crate) const LONGEST: usize = 3072;

    /// Reads the parameters. Those without a value are as if they were left out (RFC 6749 §3.1).
    pub(crate) fn read(pairs: impl IntoIterator<Item = (String, String)>) -> Result<Self, NoWayBack> {
        let more: Vec<_> = pairs.into_iter().filter(|(_, value)| !value.is_empty()).collect();
        let one = |name: &'static str| {
            let mut found = more.iter().filter(|(own, _)| own == name).map(|(_, value)| value.as_str());
            match (found.next(), found.next()) {
                (Some(_), Some(_)) => Err(NoWayBack::Twice(name)),
                (found, _) => Ok(found),
            }
        };
        let client = one("client_id")?.ok_or(NoWayBack::NoClient)?;
        let client = client.parse().map_err(|_| NoWayBack::UnknownClient)?;
        let redirect_uri = one("redirect_uri")?.ok_or(NoWayBack::NoRedirectUri)?;
        let redirect_uri = redirect_uri.parse().map_err(NoWayBack::RedirectUri)?;
        let state = one("state")?.map(str::to_owned);
        Ok(Self { client, redirect_uri, state, more })
    }

    /// Whether the client has the redirect URI: if not, nothing is said to it.
    pub(crate) fn check_way_back(&self, client: &Client) -> Result<(), NoWayBack> {
        if client.has(&self.redirect_uri) { Ok(()) } else { Err(NoWayBack::OtherRedirectUri) }
    }

    /// What may be said yes to. `resource` finds a resource as the store knows it.
    pub(crate) fn judge(
        self,
        client: Client,
        resource: impl FnOnce(&str) -> Option<Audience>,
    ) -> Result<Authorization, Unfit> {
        use OauthError::{InvalidRequest, InvalidTarget, UnsupportedResponseType};
        let twice = unfit(InvalidRequest, "parameter_twice", "a parameter is there twice");
        let one = |name: &str| {
            let mut found = self.more.iter().filter(|(own, _)| own == name).map(|(_, value)| value.as_str());
            match (found.next(), found.next()) {
                (Some(_), Some(_)) => Err(twice),
                (found, _) => Ok(found),
            }
        };
        match one("response_type")? {
            Some("code") => {}
            Some(_) => {
                return Err(unfit(UnsupportedResponseType, "response_type", "response_type is code"));
            }
            None => return Err(unfit(InvalidRequest, "no_response_type", "response_type is missing")),
        }
        if one("response_mode")?.is_some_and(|mode| mode != "query") {
            return Err(unfit(InvalidRequest, "response_mode", "response_mode is query"));
        }
        if one("request")?.is_some() || one("request_uri")?.is_some() {
            return Err(unfit(InvalidRequest, "request_object", "request objects are not taken"));
        }
        let challenge = one("code_challenge")?.ok_or(unfit(
            InvalidRequest,
            "no_pkce",
            "code_challenge is missing: PKCE is required",
        ))?;
        // Without a method it would be plain (RFC 7636 §4.3).
        if one("code_challenge_method")? != Some("S256") {
            return Err(unfit(InvalidRequest, "pkce_plain", "code_challenge_method is S256"));
        }
        let challenge = Challenge::parse(challenge).ok_or(unfit(
            InvalidRequest,
            "pkce_malformed",
            "code_challenge is the base64url of a SHA-256",
        ))?;
        let scopes = one("scope")?.map(scopes).transpose()?;
        let mut resources =
            self.more.iter().filter(|(name, _)| name == "resource").map(|(_, value)| value.as_str());
        let found = match (resources.next(), resources.next()) {
            (Some(one), None) => resource(one),
            (Some(_), Some(_)) => {
                return Err(unfit(InvalidTarget, "resource_twice", "a token is for one resource"));
            }
            (None, _) => return Err(unfit(InvalidTarget, "no_resource", "resource is missing")),
        };
        let resource = found.ok_or(unfit(InvalidTarget, "resource", "there is no such resource here"))?;
        Ok(Authorization {
            client,
            redirect_uri: self.redirect_uri,
            state: self.state,
            scopes,
            resource,
            challenge,
        })
    }
}

/// Scopes with single blanks between them (RFC 6749 §3.3). What is the tool's own is asked for by nobody.
pub(crate) fn scopes(text: &str) -> Result<Scopes, Unfit> {
    let malformed = unfit(OauthError::InvalidScope, "scope_malformed", "a scope cannot be that");
    let scopes: Option<Scopes> = text.split(' ').map(|scope| scope.parse::<Scope>().ok()).collect();
    let scopes = scopes.and_then(|scopes| scopes.check_size().ok()).ok_or(malformed)?;
    if scopes.reserved().next().is_some() {
        return Err(unfit(
            OauthError::InvalidScope,
            "scope_reserved",
            "keyctl's own scopes are given to no client",
        ));
    }
    Ok(scopes)
}

/// The audience that a resource is, of those that the store knows: to the letter, but for the `/` that stands for no path (RFC 3986
/// §6.2.3), which URL libraries write behind every host.
pub(crate) fn known_resource<'a>(
    text: &str,
    mut known: impl Iterator<Item = &'a Audience>,
) -> Option<Audience> {
    let bare = |text: &str| -> Option<String> {
        let host = text.strip_suffix('/')?;
        let (_, authority) = host.split_once("://")?;
        (!authority.is_empty() && !authority.contains(['/', '?', '#'])).then(|| host.to_owned())
    };
    let plain = |text: &str| bare(text).unwrap_or_else(|| text.to_owned());
    if text.contains('#') || !text.contains(':') {
        return None;
    }
    let wanted = plain(text);
    known.find(|audience| plain(audience.as_str()) == wanted).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    const CLIENT: &str = "mcl_01h455vb4pex5vsknk084sn02q";

    fn pairs() -> Vec<(String, String)> {
        [
            ("response_type", "code"),
            ("client_id", CLIENT),
            ("redirect_uri", "http://127.0.0.1:4711/callback"),
            ("state", "s"),
            ("scope", "files memories:read"),
            ("resource", "https://mcp.example.com/mcp"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
    }

    fn client() -> Client {
        Client {
            id: CLIENT.parse().expect("an id"),
            name: "Editor".parse().expect("a name"),
            redirect_uris: vec!["http://127.0.0.1/callback".parse().expect("a redirect URI")],
            refreshes: true,
        }
    }

    fn known(text: &str) -> Option<Audience> {
        let audience = "https://mcp.example.com/mcp".parse().expect("an audience");
        known_resource(text, [audience].iter())
    }

    fn without(name: &str) -> Vec<(String, String)> {
        pairs().into_iter().filter(|(own, _)| own != name).collect()
    }

    fn with(name: &str, value: &str) -> Vec<(String, String)> {
        let mut pairs = without(name);
        pairs.push((name.to_owned(), value.to_owned()));
        pairs
    }

    fn judged(pairs: Vec<(String, String)>) -> Result<Authorization, Unfit> {
        Asked::read(pairs).expect("a way back").judge(client(), known)
    }

    #[test]
    fn a_whole_request_may_be_said_yes_to() {
        let asked = judged(pairs()).expect("whole");
        assert_eq!(asked.scopes, Scopes::parse_lists(["files,memories:read"]).ok());
        assert_eq!(asked.resource.as_str(), "https://mcp.example.com/mcp");
        assert_eq!((asked.state.as_deref(), asked.challenge.as_str()), (Some("s"), CHALLENGE));
        assert_eq!(judged(without("scope")).expect("whole").scopes, None);
        assert_eq!(judged(with("state", "")).expect("whole").state, None);
    }

    #[test]
    fn nobody_is_told_who_has_not_the_address_to_go_back_to() {
        let twice = |name: &str| {
            let mut all = pairs();
            all.push((name.to_owned(), "x".to_owned()));
            all
        };
        for (pairs, why) in [
            (without("client_id"), NoWayBack::NoClient),
            (without("redirect_uri"), NoWayBack::NoRedirectUri),
            (with("client_id", "editor"), NoWayBack::UnknownClient),
            (with("redirect_uri", "javascript:alert(1)"), NoWayBack::RedirectUri(RedirectUriError::Scheme)),
            (twice("client_id"), NoWayBack::Twice("client_id")),
            (twice("redirect_uri"), NoWayBack::Twice("redirect_uri")),
            (twice("state"), NoWayBack::Twice("state")),
        ] {
            assert_eq!(Asked::read(pairs).expect_err("no way back"), why);
        }
        let way_back =
            |uri: &str| Asked::read(with("redirect_uri", uri)).expect("read").check_way_back(&client());
        assert_eq!(way_back("http://127.0.0.1:9/callback"), Ok(()), "the port is the machine's");
        for uri in [
            "http://127.0.0.1:4711/callbac",
            "http://127.0.0.1:4711/callback/",
            "http://127.0.0.1:4711/Callback",
            "http://127.0.0.1:4711/callback?x",
            "http://localhost:4711/callback",
            "https://127.0.0.1/callback",
        ] {
            assert_eq!(way_back(uri), Err(NoWayBack::OtherRedirectUri), "{uri}");
        }
    }

    #[test]
    fn each_fault_has_its_error() {
        for (pairs, error, reason) in [
            (without("response_type"), OauthError::InvalidRequest, "no_response_type"),
            (with("response_type", "token"), OauthError::UnsupportedResponseType, "response_type"),
            (with("response_mode", "fragment"), OauthError::InvalidRequest, "response_mode"),
            (with("request", "x"), OauthError::InvalidRequest, "request_object"),
            (without("code_challenge"), OauthError::InvalidRequest, "no_pkce"),
            (without("code_challenge_method"), OauthError::InvalidRequest, "pkce_plain"),
            (with("code_challenge_method", "plain"), OauthError::InvalidRequest, "pkce_plain"),
            (with("code_challenge", "short"), OauthError::InvalidRequest, "pkce_malformed"),
            (with("scope", "a  b"), OauthError::InvalidScope, "scope_malformed"),
            (with("scope", "files keyctl:admin"), OauthError::InvalidScope, "scope_reserved"),
            (without("resource"), OauthError::InvalidTarget, "no_resource"),
            (with("resource", "https://mcp.example.com/mcp/"), OauthError::InvalidTarget, "resource"),
            (with("resource", "https://mcp.example.com/mcp#x"), OauthError::InvalidTarget, "resource"),
        ] {
            let unfit = judged(pairs).expect_err(reason);
            assert_eq!((unfit.error, unfit.reason), (error, reason));
        }
        let mut two = pairs();
        two.push(("resource".to_owned(), "https://other.example".to_owned()));
        assert_eq!(judged(two).expect_err("two").reason, "resource_twice");
    }

    #[test]
    fn the_slash_behind_a_host_is_no_path() {
        let audiences: [Audience; 2] =
            ["https://mcp.example.com", "https://b.example/mcp"].map(|text| text.parse().expect(text));
        let found = |text: &str| known_resource(text, audiences.iter()).map(|found| found.to_string());
        for text in ["https://mcp.example.com", "https://mcp.example.com/"] {
            assert_eq!(found(text).as_deref(), Some("https://mcp.example.com"));
        }
        for text in [
            "https://b.example/mcp/",
            "https://mcp.example.com//",
            "mcp.example.com",
            "https://mcp.example.com/#a",
        ] {
            assert_eq!(found(text), None, "{text}");
        }
    }
}
