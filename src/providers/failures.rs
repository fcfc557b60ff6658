//! What the client's errors mean. Of their words nothing is passed on: they may repeat what a server sent.

use std::io;

use rustls::Error as TlsError;
use ureq::{Error, Timeout};

use super::resolver::Unreached;
use crate::ops::outbound::Unanswered;

pub(super) fn unanswered(error: &Error) -> Unanswered {
    match error {
        Error::Other(why) => {
            why.downcast_ref::<Unreached>().map_or(Unanswered::Broken, |unreached| unreached.0)
        }
        Error::Timeout(step) => {
            Unanswered::Timeout { sent: !matches!(step, Timeout::Resolve | Timeout::Connect) }
        }
        Error::HostNotFound => Unanswered::Unresolved,
        Error::ConnectionFailed => Unanswered::Unreachable,
        Error::Tls(_) | Error::Pem(_) | Error::TlsRequired => Unanswered::Tls { sent: false },
        Error::Rustls(error) => of_tls(error),
        Error::Io(error) => of_io(error),
        _ => Unanswered::Broken,
    }
}

fn of_io(error: &io::Error) -> Unanswered {
    if let Some(tls) = error.get_ref().and_then(|inner| inner.downcast_ref::<TlsError>()) {
        return of_tls(tls);
    }
    match error.kind() {
        io::ErrorKind::ConnectionRefused
        | io::ErrorKind::HostUnreachable
        | io::ErrorKind::NetworkUnreachable
        | io::ErrorKind::NetworkDown
        | io::ErrorKind::AddrNotAvailable => Unanswered::Unreachable,
        _ => Unanswered::Broken,
    }
}

/// A certificate is judged in the handshake, before anything of ours is sent.
fn of_tls(error: &TlsError) -> Unanswered {
    match error {
        TlsError::InvalidCertificate(_)
        | TlsError::UnsupportedNameType
        | TlsError::NoCertificatesPresented => Unanswered::Certificate,
        _ => Unanswered::Tls { sent: true },
    }
}
