//! What programs are told of the issuer (RFC 8414, RFC 9207, OAuth 2.1), and the public keys that verify its tokens.

use hyper::http::request::Parts;
use hyper::{Response, StatusCode};
use serde::Serialize;

use super::cors::for_all;
use super::issuing::AtIssuer;
use crate::domain::mcp::client_document::Grant;
use crate::ops::tokens::signing_keys;
use crate::runtime::short_lived::KeySet;
use crate::server::answers::{Body, json};
use crate::server::issuer::key_set;
use crate::server::portal::links;
use crate::server::portal::site::Site;
use crate::server::portal::stop::Stop;

#[derive(Serialize)]
struct Metadata<'a> {
    issuer: &'a str,
    authorization_endpoint: String,
    token_endpoint: String,
    revocation_endpoint: String,
    device_authorization_endpoint: String,
    jwks_uri: String,
    response_types_supported: [&'a str; 1],
    response_modes_supported: [&'a str; 1],
    grant_types_supported: [&'a str; 3],
    token_endpoint_auth_methods_supported: [&'a str; 1],
    revocation_endpoint_auth_methods_supported: [&'a str; 1],
    code_challenge_methods_supported: [&'a str; 1],
    authorization_response_iss_parameter_supported: bool,
    client_id_metadata_document_supported: bool,
}

/// `GET /.well-known/oauth-authorization-server`.
pub(in crate::server::portal) fn metadata(at: &AtIssuer) -> Response<Body> {
    let issuer = at.issuer.as_str();
    let base = issuer.trim_end_matches('/');
    let below = |path: &str| format!("{base}{path}");
    for_all(json(
        StatusCode::OK,
        &Metadata {
            issuer,
            authorization_endpoint: below(links::AUTHORIZE),
            token_endpoint: below(links::CLIENT_TOKEN),
            revocation_endpoint: below(links::CLIENT_REVOKE),
            device_authorization_endpoint: below(links::DEVICE_CODES),
            jwks_uri: below(links::KEY_SET),
            response_types_supported: ["code"],
            response_modes_supported: ["query"],
            grant_types_supported: Grant::ALL.map(Grant::as_str),
            token_endpoint_auth_methods_supported: ["none"],
            revocation_endpoint_auth_methods_supported: ["none"],
            code_challenge_methods_supported: ["S256"],
            authorization_response_iss_parameter_supported: true,
            client_id_metadata_document_supported: true,
        },
    ))
}

/// `GET /.well-known/jwks.json`, as serve answers it from this store; also while the store is away.
pub(in crate::server::portal) async fn keys(
    site: &Site,
    at: &AtIssuer,
    parts: &Parts,
) -> Result<Response<Body>, Stop> {
    let read = site.run(|env| Ok(signing_keys::published(&mut env.store)?)).await;
    let keys = match (read, at.kept_keys()) {
        (Ok(read), _) => {
            let keys = KeySet::published(&read);
            at.keep_keys(keys.clone());
            keys
        }
        (Err(_), Some(kept)) => kept,
        (Err(stop), None) => return Err(stop),
    };
    Ok(for_all(key_set(keys, parts)))
}
