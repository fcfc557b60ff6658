//! What a provider says of itself: OpenID Connect Discovery 1.0 §3, RFC 8414 §2.

use serde_json::Value;

use crate::domain::outbound::endpoint::Endpoint;
use crate::domain::texts::strict_json::Json;
use crate::domain::tokens::audience::Issuer;

/// Where somebody signs in there. What it has not is not named.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Metadata {
    pub token_endpoint: Option<Endpoint>,
    pub authorization_endpoint: Option<Endpoint>,
    /// RFC 8628 §4.
    pub device_endpoint: Option<Endpoint>,
    /// Whether each of its answers says whose it is (RFC 9207 §3).
    pub names_itself: bool,
    /// Whether a client's secret goes into the form, since it is said that the header is not looked at. What is not said is the
    /// header (OpenID Connect Discovery 1.0 §3).
    #[cfg_attr(
        not(feature = "serve"),
        allow(dead_code, reason = "the portal alone is not told by its operator")
    )]
    pub takes_secret_in_form_alone: bool,
    /// Whether single claims can be asked for (OpenID Connect Core 1.0 §5.5).
    #[cfg_attr(not(feature = "serve"), allow(dead_code, reason = "the portal alone asks for claims"))]
    pub takes_claims: bool,
}

/// Why a text does not say where somebody signs in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum MetadataError {
    #[error("it is no JSON object that can be read in one way only, with an issuer")]
    Document,
    /// RFC 8414 §3.3: compared byte for byte.
    #[error("it is another issuer's")]
    OtherIssuer(String),
    #[error("its {0} is no address that can be asked over TLS")]
    Address(&'static str),
    /// A code that is stolen on its way could be used by the thief.
    #[error("it has no PKCE with S256 (RFC 7636)")]
    NoPkce,
}

impl Metadata {
    /// Reads the document of this issuer. All that it names is asked over TLS, unless the issuer itself is on loopback.
    pub(crate) fn parse(bytes: &[u8], issuer: &Issuer) -> Result<Self, MetadataError> {
        // What can be read in one way only is read the same by the second parser, which keeps what is no text.
        let Some(Json::Object(_)) = Json::parse(bytes) else { return Err(MetadataError::Document) };
        let document: Value = serde_json::from_slice(bytes).map_err(|_| MetadataError::Document)?;
        let own = document.get("issuer").and_then(Value::as_str).ok_or(MetadataError::Document)?;
        if own != issuer.as_str() {
            return Err(MetadataError::OtherIssuer(own.to_owned()));
        }
        if let Some(methods) = document.get("code_challenge_methods_supported").and_then(Value::as_array)
            && !methods.iter().any(|method| method == "S256")
        {
            return Err(MetadataError::NoPkce);
        }
        let methods = document.get("token_endpoint_auth_methods_supported").and_then(Value::as_array);
        let takes = |method: &str| methods.is_some_and(|methods| methods.iter().any(|one| one == method));
        let is_secure = |url: &str| url.starts_with("https://");
        let endpoint = |name: &'static str| -> Result<Option<Endpoint>, MetadataError> {
            let wrong = MetadataError::Address(name);
            match document.get(name) {
                None | Some(Value::Null) => Ok(None),
                Some(Value::String(url)) if is_secure(url) || !is_secure(issuer.as_str()) => {
                    url.parse().map(Some).map_err(|_| wrong)
                }
                Some(_) => Err(wrong),
            }
        };
        Ok(Self {
            token_endpoint: endpoint("token_endpoint")?,
            authorization_endpoint: endpoint("authorization_endpoint")?,
            device_endpoint: endpoint("device_authorization_endpoint")?,
            names_itself: document.get("authorization_response_iss_parameter_supported")
                == Some(&Value::Bool(true)),
            takes_claims: document.get("claims_parameter_supported") == Some(&Value::Bool(true)),
            takes_secret_in_form_alone: takes("client_secret_post") && !takes("client_secret_basic"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(issuer: &str, document: &str) -> Result<Metadata, MetadataError> {
        Metadata::parse(document.as_bytes(), &issuer.parse().expect("an issuer"))
    }

    #[test]
    fn what_is_needed_of_a_document_is_read() {
        let found = parse(
            "https://a.example",
            r#"{"issuer":"https://a.example","token_endpoint":"https://b.example/token",
                "authorization_endpoint":"https://a.example/auth?x=1","device_authorization_endpoint":null,
                "code_challenge_methods_supported":["plain","S256"],
                "authorization_response_iss_parameter_supported":true,"claims_parameter_supported":true,"mtls_endpoint_aliases":{"a":[1]}}"#,
        )
        .expect("metadata");
        assert_eq!(found.token_endpoint, "https://b.example/token".parse().ok());
        assert_eq!(found.authorization_endpoint, "https://a.example/auth?x=1".parse().ok());
        assert!(found.device_endpoint.is_none() && found.names_itself && found.takes_claims);
        let bare = parse("https://a.example", r#"{"issuer":"https://a.example"}"#).expect("metadata");
        assert_eq!(bare, Metadata::default());
        for (methods, expected) in [
            (r#"["client_secret_post","none"]"#, true),
            (r#"["client_secret_basic","client_secret_post"]"#, false),
            ("[]", false),
        ] {
            let text = format!(
                r#"{{"issuer":"https://a.example","token_endpoint_auth_methods_supported":{methods}}}"#
            );
            let found = parse("https://a.example", &text).expect("metadata");
            assert_eq!(found.takes_secret_in_form_alone, expected, "{methods}");
        }
        let here = r#"{"issuer":"http://127.0.0.1:8","token_endpoint":"http://127.0.0.1:8/token"}"#;
        assert!(parse("http://127.0.0.1:8", here).expect("metadata").token_endpoint.is_some());
    }

    #[test]
    fn each_fault_has_its_own_error() {
        let other = || MetadataError::OtherIssuer("https://a.example/".to_owned());
        for (document, error) in [
            ("", MetadataError::Document),
            ("[]", MetadataError::Document),
            ("{}", MetadataError::Document),
            (r#"{"issuer":["https://a.example"]}"#, MetadataError::Document),
            (
                r#"{"issuer":"https://a.example","token_endpoint":"https://a.example","token_endpoint":"https://b.example"}"#,
                MetadataError::Document,
            ),
            (r#"{"issuer":"https://a.example/"}"#, other()),
            (
                r#"{"issuer":"https://a.example","token_endpoint":"http://127.0.0.1/token"}"#,
                MetadataError::Address("token_endpoint"),
            ),
            (
                r#"{"issuer":"https://a.example","authorization_endpoint":"https://a.example/#b"}"#,
                MetadataError::Address("authorization_endpoint"),
            ),
            (
                r#"{"issuer":"https://a.example","device_authorization_endpoint":7}"#,
                MetadataError::Address("device_authorization_endpoint"),
            ),
            (
                r#"{"issuer":"https://a.example","code_challenge_methods_supported":["plain"]}"#,
                MetadataError::NoPkce,
            ),
        ] {
            assert_eq!(parse("https://a.example", document), Err(error), "{document}");
        }
    }
}
