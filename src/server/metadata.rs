//! `/.well-known/oauth-protected-resource[/PATH]`: what clients of OAuth, and so of MCP, are told of the resource
//! behind the gateway (RFC 9728).

use hyper::{Response, StatusCode};
use serde::Serialize;

use super::answers::{Body, json};
use super::refusal::Refusal;
use crate::config::serve::serve_file::Resource;
use crate::domain::keys::scope::Scope;

pub(super) const PATH: &str = "/.well-known/oauth-protected-resource";

#[derive(Serialize)]
struct Metadata<'a> {
    resource: String,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    authorization_servers: &'a [String],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    scopes_supported: Vec<&'a str>,
    bearer_methods_supported: [&'a str; 1],
}

/// The metadata of the resource, or of what is below it: `rest` is the path behind [`PATH`], which is the resource's own
/// (RFC 9728 §3.1).
pub(super) fn answer(resource: Option<&Resource>, rest: &str) -> Result<Response<Body>, Refusal> {
    let missing = Refusal::Request { status: 404, why: "no such resource is configured" };
    let Some(resource) = resource else { return Err(missing) };
    let named = named(&resource.url, rest).ok_or(missing)?;
    let scopes = resource.scopes_supported.iter().map(Scope::as_str);
    Ok(json(
        StatusCode::OK,
        &Metadata {
            resource: named,
            authorization_servers: &resource.authorization_servers,
            // The tool's own would be asked for by clients that take all that they are told of.
            scopes_supported: scopes.filter(|scope| !scope.starts_with("keyctl:")).collect(),
            bearer_methods_supported: ["header"],
        },
    ))
}

/// Where a resource's metadata is (RFC 9728 §3.1).
pub(super) fn url(resource: &Resource) -> String {
    let (origin, path) = parts(&resource.url);
    format!("{origin}{PATH}{path}")
}

/// Scheme and host, and the path without a slash at its end.
fn parts(resource: &str) -> (&str, &str) {
    let host = resource.find("://").map_or(0, |at| at + 3);
    let path = resource[host..].find('/').map_or(resource.len(), |at| host + at);
    let (origin, path) = resource.split_at(path);
    (origin, path.trim_end_matches('/'))
}

fn named(resource: &str, rest: &str) -> Option<String> {
    let (origin, path) = parts(resource);
    let below = rest.strip_prefix(path).is_some_and(|below| below.is_empty() || below.starts_with('/'));
    match rest {
        "" => Some(resource.to_owned()),
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
            assert_eq!(named(resource, rest).as_deref(), wanted, "{resource} {rest}");
        }
    }
}
