//! `/.well-known/oauth-protected-resource[/PATH]`: what clients of OAuth, and so of MCP, are told of the resource
//! behind the gateway (RFC 9728). A policy's own resource comes first; else it is the one of the whole file.

use hyper::header::HOST;
use hyper::http::request::Parts;
use hyper::{Response, StatusCode};
use serde::Serialize;

use super::answers::{Body, json};
use super::app::App;
use super::credential::single;
use super::refusal::Refusal;
use crate::config::serve::serve_file::Resource;
use crate::domain::keys::scope::Scope;
use crate::domain::policies::resource::WELL_KNOWN;
use crate::domain::tokens::audience::Issuer;

pub(super) const PATH: &str = WELL_KNOWN;

#[derive(Serialize)]
struct Metadata<'a> {
    resource: String,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    authorization_servers: &'a [&'a str],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    scopes_supported: Vec<&'a str>,
    bearer_methods_supported: [&'a str; 1],
}

const MISSING: Refusal = Refusal::Request { status: 404, why: "no such resource is configured" };

const TWO_HOSTS: &str = "two hosts are named";

/// The metadata of a resource: `rest` is the path behind [`PATH`], which is the resource's own (RFC 9728 §3.1).
pub(super) fn answer(app: &App, parts: &Parts, rest: &str) -> Result<Response<Body>, Refusal> {
    let host = single(&parts.headers, &HOST, TWO_HOSTS)?.and_then(|host| host.to_str().ok());
    let Some((policy, resource)) = app.policies().before(if rest == "/" { "" } else { rest }, host) else {
        return of_all(app.resource(), rest);
    };
    let table = app.callers()?.table();
    let issuer = table.issuer().map(Issuer::as_str);
    Ok(json(
        StatusCode::OK,
        &Metadata {
            resource: resource.to_string(),
            authorization_servers: issuer.as_slice(),
            // No more than the policy can ask for: clients may ask for all that they are told of.
            scopes_supported: policy.scopes().into_iter().map(Scope::as_str).collect(),
            bearer_methods_supported: ["header"],
        },
    ))
}

/// The metadata of the one resource, or of what is below it.
fn of_all(resource: Option<&Resource>, rest: &str) -> Result<Response<Body>, Refusal> {
    let Some(resource) = resource else { return Err(MISSING) };
    let named = named(resource, rest).ok_or(MISSING)?;
    let scopes = resource.scopes_supported.iter().map(Scope::as_str);
    let servers: Vec<&str> = resource.authorization_servers.iter().map(String::as_str).collect();
    Ok(json(
        StatusCode::OK,
        &Metadata {
            resource: named,
            authorization_servers: &servers,
            // The tool's own would be asked for by clients that take all that they are told of.
            scopes_supported: scopes.filter(|scope| !scope.starts_with("keyctl:")).collect(),
            bearer_methods_supported: ["header"],
        },
    ))
}

fn named(resource: &Resource, rest: &str) -> Option<String> {
    let (origin, path) = resource.parts();
    let below = rest.strip_prefix(path).is_some_and(|below| below.is_empty() || below.starts_with('/'));
    match rest {
        "" => Some(resource.url.clone()),
        rest if below => Some(format!("{origin}{rest}")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resource_is_named_by_its_own_path() {
        for (resource, rest, wanted) in [
            ("https://x.example", "", Some("https://x.example")),
            ("https://x.example", "/mcp", Some("https://x.example/mcp")),
            ("https://x.example/mcp", "", Some("https://x.example/mcp")),
            ("https://x.example/mcp", "/mcp", Some("https://x.example/mcp")),
            ("https://x.example/mcp", "/mcp/a", Some("https://x.example/mcp/a")),
            ("https://x.example/mcp", "/mcpx", None),
            ("https://x.example/mcp", "/other", None),
        ] {
            let (authorization_servers, scopes_supported) = (Vec::new(), Vec::new());
            let resource = Resource { url: resource.to_owned(), authorization_servers, scopes_supported };
            assert_eq!(named(&resource, rest).as_deref(), wanted, "{resource:?} {rest}");
        }
    }
}
