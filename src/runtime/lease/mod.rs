//! Tokens of credentials for a service, just before it uses them.
//!
//! A reader reads, and getting a new token is a change. So it asks `keyctl serve`, or `keyctl exec --oauth`, over a Unix
//! socket (`docs/leases.md`).

mod answer;
mod error;
mod http;
mod place;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Serialize;
use zeroize::Zeroizing;

pub use answer::Lease;
use answer::{Given, refused, refused_holder, renewed, taken};
pub use error::{LeaseError, LeaseFault};
use http::{Answer, ask, now, request};
pub(super) use place::Configured;
use place::{Place, key};

use super::{Reader, off_the_runtime};
pub use crate::domain::secrets::present::{Present, PresentError};
use crate::domain::secrets::secret::{Provider, SecretValue};
use crate::domain::time::Timestamp;

/// How long others are waited for where nobody says.
const WAIT: Duration = Duration::from_secs(15);

/// As long as serve waits at most before it says that it is busy.
const ASKED_AT_MOST: Duration = Duration::from_secs(20);

/// How much longer than that an answer may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Where serve does not say when to ask again.
const AGAIN: Duration = Duration::from_secs(1);

/// How long whoever drops a token waits for the lease to be given up.
const DROPPED_WITHIN: Duration = Duration::from_secs(2);

/// What is asked for with a token. Spans are whole seconds; what is left over is cut off.
#[derive(Clone, Copy, Default)]
pub struct LeaseOptions<'a> {
    /// The token of a client, whose binding counts. Without it that of the service's own key does.
    pub api_key: Option<&'a str>,
    /// How long a lease is held, 1 second to 12 hours: 10 minutes if it is not said, and never longer than half of the
    /// token's life.
    pub hold_for: Option<Duration>,
    /// How long others are waited for who use or get the token, 15 seconds if it is not said.
    pub wait: Option<Duration>,
    /// How long the token must still live, a minute if it is not said; half of its life is enough.
    pub min_valid: Option<Duration>,
}

impl fmt::Debug for LeaseOptions<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LeaseOptions")
            .field("api_key", &self.api_key.map(|_| "…"))
            .field("hold_for", &self.hold_for)
            .field("wait", &self.wait)
            .field("min_valid", &self.min_valid)
            .finish()
    }
}

/// A token of a credential. It is wiped when it is dropped, and its lease, if it has one, is given up then; a lease
/// that cannot be given up ends by itself.
///
/// Nothing renews it but [`LeasedToken::renew`].
pub struct LeasedToken {
    provider: Provider,
    given: Given,
    way: Arc<Way>,
}

/// As it was when the token was taken: the lease is given up there, whatever the environment says then.
struct Way {
    place: Place,
    configured: Arc<Configured>,
}

#[derive(Serialize)]
struct Wanted<'a> {
    provider: &'a Provider,
    #[serde(skip_serializing_if = "Option::is_none")]
    api_key: Option<&'a str>,
    #[serde(rename = "for", skip_serializing_if = "Option::is_none")]
    hold_for: Option<u64>,
    wait: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    min_valid: Option<u64>,
}

#[derive(Serialize)]
struct OfHolder<'a> {
    holder_token: &'a str,
    #[serde(rename = "for", skip_serializing_if = "Option::is_none")]
    hold_for: Option<u64>,
}

/// Bytes that are never grown: the largest token of a client, and what stands around it.
const LARGEST_BODY: usize = 16 * 1024;

fn json(value: &impl Serialize) -> Zeroizing<Vec<u8>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(LARGEST_BODY));
    // Texts and numbers are always written.
    let _ = serde_json::to_writer(&mut *bytes, value);
    bytes
}

impl Way {
    fn ask(&self, path: &str, body: &[u8], within: Duration) -> Result<Answer, LeaseError> {
        let socket = self.place.checked()?;
        let key = key(&self.configured)?;
        let key = key.as_ref().map(|key| key.as_str());
        ask(socket, &request(path, key, body), within)
    }

    /// Asks until there is a token, or the wait is over.
    fn take(&self, provider: &Provider, options: &LeaseOptions<'_>) -> Result<Given, LeaseError> {
        let until = now().checked_add(options.wait.unwrap_or(WAIT)).ok_or_else(too_long)?;
        loop {
            let left = until.saturating_duration_since(now()).min(ASKED_AT_MOST);
            let wanted = Wanted {
                provider,
                api_key: options.api_key,
                hold_for: options.hold_for.map(|span| span.as_secs()),
                wait: left.as_secs(),
                min_valid: options.min_valid.map(|span| span.as_secs()),
            };
            let answer = self.ask("/lease", &json(&wanted), left + PATIENCE)?;
            if answer.status == 200 {
                return taken(&answer, provider.as_str());
            }
            match refused(&answer) {
                LeaseError::Busy => pause(&answer, until)?,
                error => return Err(error),
            }
        }
    }

    fn renew(&self, holder_token: &str, hold_for: Option<Duration>) -> Result<Lease, LeaseError> {
        let wanted = OfHolder { holder_token, hold_for: hold_for.map(|span| span.as_secs()) };
        let answer = self.ask("/lease/renew", &json(&wanted), PATIENCE)?;
        if answer.status == 200 { renewed(&answer) } else { Err(refused_holder(&answer)) }
    }

    fn release(&self, holder_token: &str, within: Duration) -> Result<(), LeaseError> {
        let wanted = OfHolder { holder_token, hold_for: None };
        let answer = self.ask("/lease/release", &json(&wanted), within)?;
        if answer.status == 200 { Ok(()) } else { Err(refused_holder(&answer)) }
    }
}

fn too_long() -> LeaseError {
    LeaseError::Asked("a wait as long as that".to_owned())
}

/// Waits before it is asked again; [`LeaseError::Busy`] where that would be too late.
fn pause(answer: &Answer, until: Instant) -> Result<(), LeaseError> {
    let pause = answer.retry_after.map_or(AGAIN, Duration::from_secs);
    if until.saturating_duration_since(now()) <= pause {
        return Err(LeaseError::Busy);
    }
    std::thread::sleep(pause);
    Ok(())
}

impl Reader {
    /// The token of the credential that a provider is called with, got from `keyctl serve` over its Unix socket:
    /// [`Options::credentials_socket`](super::Options::credentials_socket) or `KEYCTL_CREDENTIALS_SOCKET`.
    ///
    /// It is good now, and where a new one would end it, it is leased: nobody gets a new one before this one was
    /// dropped, or the lease ends. Waits for others, as long as it is asked to.
    pub fn lease(&self, provider: &Provider, options: &LeaseOptions<'_>) -> Result<LeasedToken, LeaseError> {
        let configured = Arc::clone(&self.0.credentials);
        let way = Way { place: Place::of(&configured)?, configured };
        let given = way.take(provider, options)?;
        Ok(LeasedToken { provider: provider.clone(), given, way: Arc::new(way) })
    }

    /// The same for an asynchronous service.
    pub async fn lease_async(
        &self,
        provider: &Provider,
        options: &LeaseOptions<'_>,
    ) -> Result<LeasedToken, LeaseError> {
        let (reader, provider, options) = (self.clone(), provider.clone(), *options);
        let api_key = options.api_key.map(|token| Zeroizing::new(token.to_owned()));
        let LeaseOptions { hold_for, wait, min_valid, .. } = options;
        let lease = move || {
            let api_key = api_key.as_ref().map(|token| token.as_str());
            reader.lease(&provider, &LeaseOptions { api_key, hold_for, wait, min_valid })
        };
        elsewhere(lease).await
    }
}

async fn elsewhere<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, LeaseError> + Send + 'static,
) -> Result<T, LeaseError> {
    match off_the_runtime(work).await {
        Ok(done) => done,
        Err(error) => Err(LeaseFault::Unreachable.because(error.message)),
    }
}

impl LeasedToken {
    /// The token itself, for the moment in which it is used.
    pub fn expose(&self) -> &str {
        self.given.value.expose()
    }

    /// How it stands in a request to the provider.
    pub fn present(&self) -> Present {
        self.given.present
    }

    /// The header that presents it: its name and value.
    pub fn header(&self) -> (&'static str, SecretValue) {
        let (name, scheme) = match self.given.present {
            Present::Bearer => ("Authorization", "Bearer "),
            Present::XApiKey => ("x-api-key", ""),
        };
        (name, SecretValue::joined(scheme, &self.given.value))
    }

    /// Until when it may be used; `None` where nobody knows.
    pub fn expires_at(&self) -> Option<Timestamp> {
        self.given.expires_at
    }

    /// Whose it is.
    pub fn provider(&self) -> &Provider {
        &self.provider
    }

    /// The name of the credential that it is of.
    pub fn credential(&self) -> &str {
        &self.given.credential
    }

    /// Which of the credential's tokens it is.
    pub fn version(&self) -> u64 {
        self.given.version
    }

    /// Its lease; `None` where none is needed, since a new token ends none.
    pub fn lease(&self) -> Option<&Lease> {
        self.given.held.as_ref().map(|(lease, _)| lease)
    }

    /// Holds the lease for longer, 10 minutes from now if it is not said. Where there is none, nothing is done.
    ///
    /// [`LeaseError::Ended`] where it is over or the credential has another token, [`LeaseError::Busy`] where a new one
    /// is waited for: finish, and drop this one.
    pub fn renew(&mut self, hold_for: Option<Duration>) -> Result<(), LeaseError> {
        let Some((_, holder)) = &self.given.held else { return Ok(()) };
        let lease = self.way.renew(holder, hold_for)?;
        self.renewed(lease);
        Ok(())
    }

    /// The same for an asynchronous service.
    pub async fn renew_async(&mut self, hold_for: Option<Duration>) -> Result<(), LeaseError> {
        let Some((_, holder)) = &self.given.held else { return Ok(()) };
        let (way, holder) = (Arc::clone(&self.way), holder.clone());
        let lease = elsewhere(move || way.renew(&holder, hold_for)).await?;
        self.renewed(lease);
        Ok(())
    }

    fn renewed(&mut self, lease: Lease) {
        self.given.expires_at = Some(lease.expires_at);
        if let Some((held, _)) = &mut self.given.held {
            *held = lease;
        }
    }

    /// Gives the lease up, and says whether that worked.
    pub fn release(mut self) -> Result<(), LeaseError> {
        let Some((_, holder)) = self.given.held.take() else { return Ok(()) };
        self.way.release(&holder, PATIENCE)
    }

    /// The same for an asynchronous service.
    pub async fn release_async(mut self) -> Result<(), LeaseError> {
        let Some((_, holder)) = self.given.held.take() else { return Ok(()) };
        let way = Arc::clone(&self.way);
        elsewhere(move || way.release(&holder, PATIENCE)).await
    }
}

impl Drop for LeasedToken {
    fn drop(&mut self) {
        let Some((_, holder)) = self.given.held.take() else { return };
        let way = Arc::clone(&self.way);
        // It ends by itself where this does not work.
        let release = move || drop(way.release(&holder, DROPPED_WITHIN));
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn_blocking(release)),
            Err(_) => release(),
        }
    }
}

impl fmt::Debug for LeasedToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LeasedToken")
            .field("provider", &self.provider)
            .field("credential", &self.given.credential)
            .field("version", &self.given.version)
            .field("present", &self.given.present)
            .field("expires_at", &self.given.expires_at)
            .field("lease", &self.lease())
            .finish_non_exhaustive()
    }
}
