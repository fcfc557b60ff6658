//! Names to addresses that may be connected to.
//!
//! The addresses that are judged here are those that are connected to: the name is not looked up again, so a name that
//! answers differently the second time (DNS rebinding) gains nothing.

use std::net::IpAddr;

use ureq::config::Config;
use ureq::http::Uri;
use ureq::http::uri::Scheme;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

use crate::domain::outbound::reach::Reach;
use crate::ops::outbound::Unanswered;

#[derive(Debug)]
pub(super) struct Judged {
    pub(super) reach: Reach,
    pub(super) names: DefaultResolver,
}

/// Why a name has no address that may be connected to; travels through the client's own errors.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub(super) struct Unreached(#[from] pub(super) Unanswered);

impl Resolver for Judged {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let is_plain = uri.scheme() == Some(&Scheme::HTTP);
        let may = |address: IpAddr| {
            if is_plain { self.reach.admits_plain(address) } else { self.reach.admits(address) }
        };
        let found = self.names.resolve(uri, config, timeout).map_err(|error| match error {
            ureq::Error::Io(_) => ureq::Error::Other(Box::new(Unreached(Unanswered::Unresolved))),
            other => other,
        })?;
        let mut admitted = self.empty();
        found.iter().filter(|address| may(address.ip())).for_each(|address| admitted.push(*address));
        if admitted.is_empty() {
            let why = if is_plain { Unanswered::Plain } else { Unanswered::Private };
            return Err(ureq::Error::Other(Box::new(Unreached(why))));
        }
        Ok(admitted)
    }
}
