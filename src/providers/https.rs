//! The client: one exchange over one connection of its own.

use std::io::Read as _;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use ureq::http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use ureq::http::{Response, StatusCode};
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::unversioned::resolver::DefaultResolver;
use ureq::unversioned::transport::{Connector, RustlsConnector, TcpConnector};
use ureq::{Agent, Body};
use zeroize::Zeroizing;

use super::failures::unanswered;
use super::resolver::Judged;
use super::{encoding, headers};
use crate::domain::outbound::reach::Reach;
use crate::ops::outbound::{Answer, Call, LONGEST, Outbound, Request, Unanswered};

const AGENT: &str = concat!("keyctl/", env!("CARGO_PKG_VERSION"));
const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";

/// Headers of an answer: bytes.
const LONGEST_HEADERS: usize = 32 * 1024;

/// Asks over HTTPS, and over plain HTTP on loopback where that is allowed.
///
/// No proxy is used: it, and not we, would say where a connection goes. Nor is a connection kept: what is asked here is
/// asked minutes apart.
#[derive(Debug)]
pub(crate) struct Https {
    reach: Reach,
    /// Read when first needed: a command that asks nobody does not wait for it. `None` for the operating system's
    /// (`SSL_CERT_FILE` and `SSL_CERT_DIR` in their place).
    authorities: Option<Vec<CertificateDer<'static>>>,
    agent: OnceLock<Result<Agent, Unanswered>>,
}

impl Https {
    pub(crate) fn new(reach: Reach) -> Self {
        Self { reach, authorities: None, agent: OnceLock::new() }
    }

    /// One that trusts these authorities alone.
    #[cfg(test)]
    pub(super) fn trusting(reach: Reach, authorities: Vec<CertificateDer<'static>>) -> Self {
        Self { authorities: Some(authorities), ..Self::new(reach) }
    }

    fn agent(&self) -> Result<&Agent, Unanswered> {
        self.agent.get_or_init(|| self.make()).as_ref().map_err(|error| *error)
    }

    fn make(&self) -> Result<Agent, Unanswered> {
        let found =
            self.authorities.clone().unwrap_or_else(|| rustls_native_certs::load_native_certs().certs);
        if found.is_empty() {
            return Err(Unanswered::NoAuthorities);
        }
        let roots: RootCerts = found.iter().map(|one| Certificate::from_der(one).to_owned()).into();
        let tls = TlsConfig::builder()
            .root_certs(roots)
            .unversioned_rustls_crypto_provider(Arc::new(ring::default_provider()))
            .build();
        let config = Agent::config_builder()
            .tls_config(tls)
            .proxy(None)
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .max_response_header_size(LONGEST_HEADERS)
            .max_idle_connections(0)
            .user_agent(AGENT)
            .accept("application/json")
            .accept_encoding("identity")
            .build();
        let connector = ().chain(TcpConnector::default()).chain(RustlsConnector::default());
        let resolver = Judged { reach: self.reach.clone(), names: DefaultResolver::default() };
        Ok(Agent::with_parts(config, connector, resolver))
    }

    fn ask(&self, request: &Request<'_>) -> Result<Response<Body>, Unanswered> {
        let agent = self.agent()?;
        let within = request.within.min(LONGEST);
        let url = request.endpoint.as_str();
        let asked = match request.call {
            Call::Get => timed(agent.get(url).config(), within).build().call(),
            Call::PostJson { members, header } => {
                let mut post = timed(agent.post(url).config(), within).build().header(CONTENT_TYPE, JSON);
                if let Some((name, value)) = header {
                    post = post.header(name, value);
                }
                post.send(encoding::json(members).as_bytes())
            }
            Call::PostText { body, bearer } => {
                let mut post = timed(agent.post(url).config(), within).build().header(CONTENT_TYPE, JSON);
                if let Some(bearer) = bearer {
                    let text = Zeroizing::new(format!("Bearer {}", bearer.expose()));
                    let mut header = HeaderValue::from_str(&text).map_err(|_| Unanswered::Broken)?;
                    header.set_sensitive(true);
                    post = post.header(AUTHORIZATION, header);
                }
                post.send(body.as_bytes())
            }
            Call::Post { form, client } => {
                let mut post = timed(agent.post(url).config(), within).build().header(CONTENT_TYPE, FORM);
                if let Some(client) = client {
                    let header = HeaderValue::from_str(&encoding::basic(&client));
                    let mut header = header.map_err(|_| Unanswered::Broken)?;
                    header.set_sensitive(true);
                    post = post.header(AUTHORIZATION, header);
                }
                post.send(encoding::form(form).as_bytes())
            }
        };
        asked.map_err(|error| unanswered(&error))
    }
}

/// Each step ends so early that what is left tells whether the request was sent.
fn timed<S>(
    config: ureq::config::ConfigBuilder<ureq::typestate::RequestScope<S>>,
    within: Duration,
) -> ureq::config::ConfigBuilder<ureq::typestate::RequestScope<S>> {
    config
        .timeout_resolve(Some(within * 3 / 10))
        .timeout_connect(Some(within * 6 / 10))
        .timeout_global(Some(within))
}

impl Outbound for Https {
    fn exchange(&self, request: &Request<'_>) -> Result<Answer, Unanswered> {
        let mut response = self.ask(request)?;
        let is_redirect = |status: StatusCode| matches!(status.as_u16(), 300..=303 | 305..=308);
        if is_redirect(response.status()) {
            return Err(Unanswered::Redirect);
        }
        if headers::is_compressed(response.headers()) {
            return Err(Unanswered::Compressed);
        }
        Ok(Answer {
            status: response.status().as_u16(),
            retry_after: headers::retry_after(response.headers()),
            max_age: headers::max_age(response.headers()),
            is_json: headers::is_json(response.headers()),
            body: read(response.body_mut(), request.most)?,
        })
    }
}

/// The body, into one place: what is read may be a secret, and nothing of it is left behind by growing.
fn read(body: &mut Body, most: usize) -> Result<Zeroizing<Vec<u8>>, Unanswered> {
    let too_large = Err(Unanswered::TooLarge(most));
    let said = body.content_length().map(|length| usize::try_from(length).unwrap_or(usize::MAX));
    if said.is_some_and(|length| length > most) {
        return too_large;
    }
    let mut bytes = Zeroizing::new(Vec::with_capacity(said.unwrap_or(most) + 1));
    let mut limited = body.as_reader().take(most as u64 + 1);
    limited.read_to_end(&mut bytes).map_err(|error| unanswered(&error.into()))?;
    if bytes.len() > most { too_large } else { Ok(bytes) }
}

#[cfg(test)]
#[path = "https_tests.rs"]
pub(super) mod tests;
