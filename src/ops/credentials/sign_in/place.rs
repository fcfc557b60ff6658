//! Where somebody signs in: as it is given, or as the provider's issuer says.

use std::time::Duration;

use crate::domain::credentials::client::Client;
use crate::domain::credentials::metadata::{Metadata, MetadataError};
use crate::domain::outbound::endpoint::Endpoint;
use crate::domain::texts::text::Shown;
use crate::domain::tokens::audience::Issuer;
use crate::ops::error::{Error, Result};
use crate::ops::outbound::{Call, LONGEST, Outbound, Request, Unanswered};

/// How somebody signs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// In a browser on this machine (RFC 8252).
    Browser,
    /// On another device (RFC 8628).
    Device,
}

/// What is known of a provider before it is asked.
#[derive(Clone, Debug, Default)]
pub(crate) struct Known {
    pub issuer: Option<Issuer>,
    pub token_endpoint: Option<Endpoint>,
    pub authorization_endpoint: Option<Endpoint>,
    pub device_endpoint: Option<Endpoint>,
}

/// Where a sign-in goes.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub token_endpoint: Endpoint,
    /// The authorization endpoint, or the one for devices.
    pub begin: Endpoint,
    pub issuer: Option<Issuer>,
    /// Whether an answer without `iss` is somebody else's (RFC 9207 §2.4).
    pub names_itself: bool,
}

/// Bytes of a document: real ones have a few thousand.
const MOST: usize = 256 * 1024;

/// Finds what is not known yet. Where all is, nobody is asked.
pub(crate) fn find(outbound: &dyn Outbound, known: &Known, way: Way) -> Result<Place> {
    let given = match way {
        Way::Browser => known.authorization_endpoint.as_ref(),
        Way::Device => known.device_endpoint.as_ref(),
    };
    let found = match (&known.issuer, &known.token_endpoint, given) {
        (_, Some(_), Some(_)) => Metadata::default(),
        (Some(issuer), ..) => discover(outbound, issuer, LONGEST)?,
        (None, ..) => return Err(unsaid(way)),
    };
    let begin = match way {
        Way::Browser => found.authorization_endpoint,
        Way::Device => found.device_endpoint,
    };
    let nowhere = |what: &str| {
        let hint = "look at its address; or name its endpoints, as its documentation has them";
        unavailable(format!("the issuer names no {what}; nothing was changed"), hint)
    };
    Ok(Place {
        token_endpoint: known
            .token_endpoint
            .clone()
            .or(found.token_endpoint)
            .ok_or_else(|| nowhere("token endpoint"))?,
        begin: given.cloned().or(begin).ok_or_else(|| match way {
            Way::Browser => nowhere("authorization endpoint"),
            Way::Device => nowhere("device authorization endpoint"),
        })?,
        issuer: known.issuer.clone(),
        names_itself: found.names_itself,
    })
}

fn unsaid(way: Way) -> Error {
    let (what, option) = match way {
        Way::Browser => ("in a browser", "--authorization-endpoint URL"),
        Way::Device => ("on another device", "--device-endpoint URL"),
    };
    Error::Invalid {
        message: format!("it is not said where somebody signs in {what}"),
        hint: format!(
            "add --issuer URL, where the provider can be asked; or {option}, and of a new credential --token-endpoint URL"
        ),
    }
}

fn unavailable(message: String, hint: &str) -> Error {
    Error::KeyUnavailable { message, hint: hint.to_owned() }
}

/// Asks an issuer: where OpenID Connect Discovery 1.0 §4 has its document, else where RFC 8414 §3 has it. Each of the two
/// answers is waited for so long.
pub(crate) fn discover(outbound: &dyn Outbound, issuer: &Issuer, within: Duration) -> Result<Metadata> {
    let mut status = 404;
    for url in documents(issuer) {
        let endpoint: Endpoint = url.parse().map_err(|error| {
            unavailable(format!("the issuer cannot be asked: {error}"), "look at its address")
        })?;
        let request = Request { endpoint: &endpoint, call: Call::Get, within, most: MOST };
        let answer = outbound.exchange(&request).map_err(|error| unanswered(issuer, error))?;
        status = answer.status;
        if status == 200 {
            let body = answer.json().map_err(|error| unanswered(issuer, error))?;
            return Metadata::parse(body, issuer).map_err(|error| unusable(issuer, &error));
        }
    }
    Err(unavailable(
        format!(
            "the issuer {issuer} has no document of its endpoints (status {status}); nothing was changed"
        ),
        "look at its address; or name its endpoints, as its documentation has them",
    ))
}

fn documents(issuer: &Issuer) -> [String; 2] {
    let whole = issuer.as_str().trim_end_matches('/');
    let host = whole.find("://").map_or(0, |at| at + 3);
    let (host, path) = whole.split_at(whole[host..].find('/').map_or(whole.len(), |at| host + at));
    [
        format!("{whole}/.well-known/openid-configuration"),
        format!("{host}/.well-known/oauth-authorization-server{path}"),
    ]
}

fn unanswered(issuer: &Issuer, error: Unanswered) -> Error {
    let hint = match error {
        Unanswered::Plain | Unanswered::Private => {
            "if it is one of your own network, name that in KEYCTL_OUTBOUND_ALLOW"
        }
        _ => "look at its address, and at the network",
    };
    unavailable(format!("the issuer {issuer} cannot be asked: {error}; nothing was changed"), hint)
}

fn unusable(issuer: &Issuer, error: &MetadataError) -> Error {
    let message = format!("the document of the issuer {issuer} cannot be used: {error}; nothing was changed");
    let hint = match error {
        MetadataError::OtherIssuer(own) => {
            let own: String = own.chars().take(255).collect();
            format!("it calls itself {}: if that is who is meant, give that as --issuer", Shown(&own))
        }
        MetadataError::NoPkce => "this provider cannot be signed in at: a code could be stolen".to_owned(),
        _ => "look at its address; or name its endpoints, as its documentation has them".to_owned(),
    };
    Error::KeyUnavailable { message, hint }
}

/// What a credential that is there keeps: its tokens are sealed for its token endpoint, and its client is known there alone.
/// A client's secret is sent to no other server than that, unless somebody named it.
pub(crate) fn check_kept(client: &Client, place: &Place, known: &Known, way: Way) -> Result<()> {
    if place.token_endpoint != client.token_endpoint {
        return Err(Error::Invalid {
            message: "the issuer names another token endpoint than the credential has; nothing was changed"
                .to_owned(),
            hint: "a credential of another endpoint is another one: sign in under another name".to_owned(),
        });
    }
    let was_named = way == Way::Browser || known.device_endpoint.is_some();
    if !was_named && client.auth.needs().is_some() && origin(&place.begin) != origin(&place.token_endpoint) {
        return Err(Error::Invalid {
            message: "the client's secret would be sent to another server than the token endpoint; nothing was changed"
                .to_owned(),
            hint: format!("if it is meant, add --device-endpoint {}", place.begin),
        });
    }
    Ok(())
}

fn origin(endpoint: &Endpoint) -> &str {
    let url = endpoint.as_str();
    let host = url.find("://").map_or(0, |at| at + 3);
    &url[..url[host..].find(['/', '?']).map_or(url.len(), |at| host + at)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_stands_below_the_issuer_or_before_its_path() {
        for (issuer, expected) in [
            (
                "https://a.example",
                [
                    "https://a.example/.well-known/openid-configuration",
                    "https://a.example/.well-known/oauth-authorization-server",
                ],
            ),
            (
                "https://a.example:8443/tenant/7/",
                [
                    "https://a.example:8443/tenant/7/.well-known/openid-configuration",
                    "https://a.example:8443/.well-known/oauth-authorization-server/tenant/7",
                ],
            ),
        ] {
            assert_eq!(documents(&issuer.parse().expect("an issuer")), expected);
        }
    }

    #[test]
    fn an_origin_ends_where_the_path_begins() {
        for (url, expected) in [
            ("https://a.example/b/c?d", "https://a.example"),
            ("https://a.example?d=/", "https://a.example"),
            ("https://a.example:8443", "https://a.example:8443"),
        ] {
            assert_eq!(origin(&url.parse().expect("an endpoint")), expected);
        }
    }
}
