//! TLS for what is listened on beyond loopback: one certificate, read again when the operator says so.

use std::io;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tokio_rustls::TlsAcceptor;
use zeroize::Zeroizing;

use crate::config::serve::serve_file::Tls as TlsFiles;

/// Why there is no TLS: the file, and what is wrong with it. Nothing of its content is repeated.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {why}")]
pub(crate) struct TlsError {
    pub path: String,
    pub why: String,
}

/// The certificate in use.
#[derive(Clone)]
pub(super) struct Tls(Arc<Current>);

#[derive(Debug)]
struct Current {
    files: TlsFiles,
    certified: RwLock<Arc<CertifiedKey>>,
}

impl ResolvesServerCert for Current {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.certified.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

impl Tls {
    pub(super) fn read(files: &TlsFiles) -> Result<Self, TlsError> {
        let certified = RwLock::new(Arc::new(certified(files)?));
        Ok(Self(Arc::new(Current { files: files.clone(), certified })))
    }

    /// Reads the files again. What is in use stays where they cannot be used.
    pub(super) fn reload(&self) -> Result<(), TlsError> {
        let certified = certified(&self.0.files)?;
        *self.0.certified.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(certified);
        Ok(())
    }

    pub(super) fn acceptor(&self) -> Result<TlsAcceptor, rustls::Error> {
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(&self.0) as Arc<dyn ResolvesServerCert>);
        Ok(TlsAcceptor::from(Arc::new(config)))
    }
}

fn certified(files: &TlsFiles) -> Result<CertifiedKey, TlsError> {
    let text = read(&files.certificate)?;
    let chain = CertificateDer::pem_slice_iter(&text)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| wrong(&files.certificate, pem(&error)))?;
    if chain.is_empty() {
        return Err(wrong(&files.certificate, "no certificate in it"));
    }
    let text = read(&files.key)?;
    let key = PrivateKeyDer::from_pem_slice(&text).map_err(|error| wrong(&files.key, pem(&error)))?;
    CertifiedKey::from_der(chain, key, &ring::default_provider())
        .map_err(|error| wrong(&files.key, format!("certificate and key cannot be used together: {error}")))
}

/// No certificate with all that stand above it is larger.
const LARGEST: u64 = 1024 * 1024;

/// A whole file. One that never ends is not read, nor one that must be waited for.
fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, TlsError> {
    let cannot = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => wrong(path, "there is no such file"),
        _ => wrong(path, error.to_string()),
    };
    let found = path.metadata().map_err(cannot)?;
    if !found.is_file() || found.len() > LARGEST {
        return Err(wrong(path, "it is no file, or larger than 1 MiB"));
    }
    std::fs::read(path).map(Zeroizing::new).map_err(cannot)
}

fn wrong(path: &Path, why: impl Into<String>) -> TlsError {
    TlsError { path: path.display().to_string(), why: why.into() }
}

fn pem(error: &rustls::pki_types::pem::Error) -> &'static str {
    match error {
        rustls::pki_types::pem::Error::NoItemsFound => "nothing of the kind in it",
        _ => "it is not PEM",
    }
}
