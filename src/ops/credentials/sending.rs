//! One attempt: claimed, sent, and written down as it ended.

use std::time::{Duration, Instant};

use super::ask::Asking;
use super::write_back::{self, Sent};
use crate::domain::credentials::answer::{self, NoToken};
use crate::domain::credentials::attempt::{Attempt, DEADLINE, LONGEST_WAIT};
use crate::domain::credentials::credential::{Credential, Part};
use crate::domain::credentials::failure::{Failure, Refusal};
use crate::domain::credentials::next::Because;
use crate::domain::secrets::secret::{SecretId, SecretValue};
use crate::domain::time::{Span, Timestamp};
use crate::ops::change::nonce;
use crate::ops::env::Env;
use crate::ops::error::{Error, Result};
use crate::ops::master_keys::Ring;
use crate::ops::outbound::{Form, Outbound};
use crate::ops::secrets::set::can_seal;
use crate::store::{Listen, PartLookup as _, SealedPart, Store};

/// How a token is got.
#[derive(Clone, Copy)]
pub(crate) struct How<'h> {
    pub outbound: &'h dyn Outbound,
    /// How long to wait for somebody else's attempt.
    pub patience: Duration,
    /// Whether a token will do that may do less than the one before.
    pub narrower: bool,
    /// Called before a token is asked for: until it is stored, nothing that would end this process does.
    pub hold: fn() -> Box<dyn Listen>,
}

impl<'h> How<'h> {
    /// As it is done for others: nobody else is waited for here, and no signal ends it.
    pub(crate) fn of_server(outbound: &'h dyn Outbound) -> Self {
        Self { outbound, patience: Duration::ZERO, narrower: false, hold: crate::store::unheard }
    }
}

/// What is sent, still sealed.
#[derive(Debug)]
pub(super) struct Parts {
    refresh: Option<SealedPart>,
    pub(super) client: Option<SealedPart>,
}

impl Parts {
    pub(super) fn read(store: &mut Store, id: SecretId) -> Result<Self> {
        Ok(Self {
            refresh: store.sealed_part(id, Part::Refresh)?,
            client: store.sealed_part(id, Part::Client)?,
        })
    }
}

/// The same, to be sent.
struct Opened {
    refresh: SecretValue,
    client: Option<SecretValue>,
}

/// Opens what is sent, if what comes back could be stored. `None` where there is no refresh token.
fn opened(
    store: &mut Store,
    ring: &Ring,
    credential: &Credential,
    parts: Option<Parts>,
) -> Result<Option<Opened>> {
    let Some(Parts { refresh: Some(refresh), client }) = parts else { return Ok(None) };
    can_seal(store, ring, &credential.secret.provider)?;
    let endpoint = &credential.client.token_endpoint;
    let refresh = ring.open_part(&refresh, endpoint)?;
    let client = client.map(|part| ring.open_part(&part, endpoint)).transpose()?;
    Ok(Some(Opened { refresh, client }))
}

/// All that [`send`] looks at before it sends something.
pub(super) fn check(env: &mut Env, ring: &Ring, credential: &Credential, now: Timestamp) -> Result<()> {
    let parts = Parts::read(&mut env.store, credential.secret.id)?;
    if let Some(opened) = opened(&mut env.store, ring, credential, Some(parts))? {
        Asking::new(&credential.client, opened.client.as_ref(), env.random.as_mut(), now)?;
    }
    Ok(())
}

/// Makes an attempt, unless somebody else is first. Returns why it failed, if it did; all else stands in the store.
///
/// What could keep the answer from being stored is looked at before anything is sent. `gate`: the fence of the gate as it was
/// seen, of a credential whose users it was waited for.
pub(super) fn send(
    env: &mut Env,
    ring: &Ring,
    how: &How<'_>,
    credential: &Credential,
    parts: Option<Parts>,
    now: Timestamp,
    gate: Option<u64>,
) -> Result<Option<Because>> {
    let Some(Opened { refresh, client }) = opened(&mut env.store, ring, credential, parts)? else {
        return Ok(Some(Because::NoRefreshToken));
    };
    let asking = Asking::new(&credential.client, client.as_ref(), env.random.as_mut(), now)?;
    let (id, version) = (credential.secret.id, credential.secret.version);
    let _held = (how.hold)();
    let Some(Claimed { attempt, within }) = claim(env, credential, gate)? else { return Ok(None) };
    let form = Form::default().with("grant_type", "refresh_token").with_secret("refresh_token", &refresh);
    let answered = asking.post(how.outbound, form, within);
    let was_uncertain =
        credential.attempt.as_ref().is_some_and(|before| before.version == version && before.uncertain);
    let sent = Sent { secret: id, version, was_uncertain };
    let answered = match answered {
        Ok(answered) => answered,
        Err(failure) => return settle(env, id, attempt, failure, None),
    };
    // What is more than a span holds is the longest wait, too.
    let retry_after = answered
        .retry_after
        .map(|wait| i64::try_from(wait.as_secs()).ok().and_then(Span::from_secs).unwrap_or(LONGEST_WAIT));
    match answer::read(answered.status, &answered.body, &credential.scopes, how.narrower) {
        Ok(answer) => write_back::tokens(env, ring, &sent, &answer)
            .map(|()| None)
            .map_err(|error| unstored(credential, error)),
        Err(NoToken { failure: Failure::Refused(Refusal::InvalidGrant), .. }) => {
            write_back::refused(env, &sent).map(|()| None)
        }
        Err(NoToken { failure, refresh_token: Some(token) }) => {
            let failed = write_back::insist(env, |env| failed(env, attempt.clone(), failure, None));
            failed
                .and_then(|failed| {
                    write_back::refresh_token(env, ring, &sent, &token, &failed)?;
                    Ok(Some(Because::Failed { failure, retry_at: failed.retry_at }))
                })
                .map_err(|error| unstored(credential, error))
        }
        Err(NoToken { failure, refresh_token: None }) => settle(env, id, attempt, failure, retry_after),
    }
}

/// An attempt of ours, and what is left of the time in which it must end.
struct Claimed {
    attempt: Attempt,
    within: Duration,
}

/// Claims are made at most, one after another.
const CLAIMS: u32 = 3;

/// Writes the attempt down. `None`: somebody else was first.
///
/// The claim says from when on others may send, too, so it must not be old when it is sent: a lock was waited for, or this
/// process was stopped. Then it is claimed anew, while nobody else can have sent; and if that takes as long each time,
/// nothing is sent.
fn claim(env: &mut Env, credential: &Credential, gate: Option<u64>) -> Result<Option<Claimed>> {
    let deadline = Duration::from_secs(DEADLINE.as_secs().unsigned_abs());
    let (id, version) = (credential.secret.id, credential.secret.version);
    let holder = nonce(env.random.as_mut())?;
    let (mut before, mut gate) = (credential.attempt.clone(), gate);
    for _ in 0..CLAIMS {
        #[expect(clippy::disallowed_methods, reason = "the time for a request is bounded in monotonic time")]
        let begun = Instant::now();
        let attempt = Attempt::claim(before.as_ref(), version, holder.clone(), env.store.now()?);
        let is_ours = match gate {
            None => env.store.claim_attempt(id, &attempt)?,
            Some(fence) => env.store.claim_attempt_at_gate(id, &attempt, fence)?,
        };
        if !is_ours {
            return Ok(None);
        }
        let within = deadline.saturating_sub(begun.elapsed());
        if within >= deadline / 2 {
            return Ok(Some(Claimed { attempt, within }));
        }
        (before, gate) = (Some(attempt), gate.map(|fence| fence + 1));
    }
    Ok(None)
}

/// What the provider gave is lost with this process.
fn unstored(credential: &Credential, error: Error) -> Error {
    Error::Unstored { name: credential.secret.name.clone(), error: Box::new(error) }
}

/// Writes down that there is no token. Where that cannot be written, the attempt stays uncertain, which says less.
fn settle(
    env: &mut Env,
    secret: SecretId,
    attempt: Attempt,
    failure: Failure,
    retry_after: Option<Span>,
) -> Result<Option<Because>> {
    let failed = failed(env, attempt, failure, retry_after)?;
    env.store.settle_attempt(secret, &failed)?;
    Ok(Some(Because::Failed { failure, retry_at: failed.retry_at }))
}

fn failed(env: &mut Env, attempt: Attempt, failure: Failure, retry_after: Option<Span>) -> Result<Attempt> {
    let mut draw = [0];
    env.random.fill(&mut draw)?;
    Ok(attempt.failed(failure, retry_after, draw[0], env.store.now()?))
}
