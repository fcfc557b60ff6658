//! The server's certificate, checked as `sslmode` says.

use std::path::Path;
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};

use super::dsn::Dsn;
use crate::domain::stores::address::Tls;

/// How PostgreSQL is called where the first byte of a connection is TLS (its manual, 54.2.11).
const ALPN: &[u8] = b"postgresql";

/// The client's side of TLS. An error is a text for the operator.
pub(super) fn client_config(dsn: &Dsn, tls: Tls) -> Result<ClientConfig, String> {
    let mut config = verifying(dsn, tls)?;
    if dsn.is_direct() {
        config.alpn_protocols = vec![ALPN.to_vec()];
    }
    Ok(config)
}

fn verifying(dsn: &Dsn, tls: Tls) -> Result<ClientConfig, String> {
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?;
    let relaxed = |check: Check| {
        let verifier = Relaxed { provider: Arc::clone(&provider), check };
        builder.clone().dangerous().with_custom_certificate_verifier(Arc::new(verifier)).with_no_client_auth()
    };
    let trusted = || roots(dsn.root_certificates());
    match tls {
        Tls::Disable | Tls::Require => Ok(relaxed(Check::Nothing)),
        Tls::VerifyCa => {
            let chain =
                WebPkiServerVerifier::builder_with_provider(Arc::new(trusted()?), Arc::clone(&provider))
                    .build()
                    .map_err(|error| error.to_string())?;
            Ok(relaxed(Check::Chain(chain)))
        }
        Tls::VerifyFull => Ok(builder.with_root_certificates(trusted()?).with_no_client_auth()),
    }
}

/// The file's authorities, or the operating system's.
fn roots(file: Option<&Path>) -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    let certificates: Vec<CertificateDer<'static>> = match file {
        Some(path) => {
            let unusable = |error| format!("sslrootcert {} cannot be used: {error}", path.display());
            let read = CertificateDer::pem_file_iter(path).map_err(unusable)?;
            read.collect::<Result<_, _>>().map_err(unusable)?
        }
        None => rustls_native_certs::load_native_certs().certs,
    };
    let (added, _) = roots.add_parsable_certificates(certificates);
    if added == 0 {
        return Err("no trusted certificate authority was found: name one with sslrootcert=FILE".to_owned());
    }
    Ok(roots)
}

/// What of the certificate is checked short of `verify-full`.
#[derive(Debug)]
enum Check {
    /// `require`: only that the server holds the certificate's key.
    Nothing,
    /// `verify-ca`: the chain, but not the host's name.
    Chain(Arc<WebPkiServerVerifier>),
}

#[derive(Debug)]
struct Relaxed {
    provider: Arc<CryptoProvider>,
    check: Check,
}

impl ServerCertVerifier for Relaxed {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let Check::Chain(chain) = &self.check else {
            return Ok(ServerCertVerified::assertion());
        };
        // The name is looked at after the chain, so its error means that the chain is good.
        match chain.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now) {
            Err(rustls::Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) => Ok(ServerCertVerified::assertion()),
            other => other,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls12_signature(
            message,
            cert,
            dss,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls13_signature(
            message,
            cert,
            dss,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
