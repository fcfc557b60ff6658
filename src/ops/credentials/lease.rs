//! A lease: a token that nobody ends by getting another one, for a while.
//!
//! Where the token does, it is one transaction that compares and swaps. Only where that got nothing it is looked why, and
//! done what is needed: a new token is got, or somebody else waited for.

use std::time::Instant;

use super::current::{is_crowded, pause, restart, unavailable};
use super::find;
use super::sending::{How, Parts, send};
use crate::crypto::digest::fingerprint;
use crate::domain::audit::event::Actor;
use crate::domain::credentials::credential::Credential;
use crate::domain::credentials::lease::{Admission, Gate, HolderToken, LENGTH, Lease, admit, is_length};
use crate::domain::credentials::next::{Because, Need};
use crate::domain::id::KeyId;
use crate::domain::secrets::secret::{Provider, SecretName, SecretValue};
use crate::domain::time::{Span, Timestamp};
use crate::ops::env::Env;
use crate::ops::error::{Error, Result};
use crate::ops::master_keys::Ring;
#[cfg(feature = "internals")]
use crate::ops::outbound::{Answer, Outbound, Request, Unanswered};
use crate::store::{self, LeaseLookup as _, Leased, Store, Wanted};

/// What is asked for.
#[derive(Debug)]
pub(crate) struct Asked<'a> {
    /// All of them, or none.
    pub names: &'a [SecretName],
    pub most: Span,
    /// How long each token must still live; half of its life is enough.
    pub min_valid: Span,
    /// For which key, and at which key's wish, where a server asks: what was handed out is counted of them.
    pub recipient: Option<(KeyId, KeyId)>,
}

/// What a holder gets, once.
#[derive(Debug)]
pub(crate) struct Held {
    pub token: HolderToken,
    /// By name.
    pub credentials: Vec<HeldOne>,
}

#[derive(Debug)]
pub(crate) struct HeldOne {
    pub lease: Lease,
    pub provider: Provider,
    pub value: SecretValue,
    /// Why it lives shorter than was asked.
    pub because: Option<Because>,
}

/// What to do before it is tried again.
enum Next {
    /// Nothing: the token does, or it is the only one for now.
    Enter {
        because: Option<(SecretName, Because)>,
    },
    /// Nothing: something was done.
    Again,
    Wait(Error),
}

/// Tries in which nothing kept it from a lease, before it is given up as not to be had.
const TRIES: u32 = 20;

/// Credentials at most in one lease.
const MOST: usize = 16;

/// Takes a lease of all of these credentials, waiting as long as `how` says.
pub(crate) fn acquire(env: &mut Env, ring: &Ring, how: &How<'_>, asked: &Asked<'_>) -> Result<Held> {
    let mut credentials = check(asked)?;
    let token = HolderToken::generate(env.random.as_mut())?;
    let holder = fingerprint(token.expose());
    let who = named(&env.actor);
    let mut why = Vec::new();
    let mut tries = 0_u32;
    #[expect(clippy::disallowed_methods, reason = "the wait is bounded in monotonic time")]
    let begun = Instant::now();
    loop {
        let wanted = Wanted {
            id: token.id,
            holder: &holder,
            credentials: &credentials,
            most: asked.most,
            who: who.as_deref(),
            recipient: asked.recipient,
        };
        let is_early = begun.elapsed() < how.patience;
        let leased = match env.store.take_lease(&wanted) {
            // Two that name the same credentials in another order.
            Err(store::Error::Transient(_)) if is_early || tries <= TRIES => {
                tries += 1;
                continue;
            }
            // Many are at the gate, which PostgreSQL waits for one second at a time.
            Err(store::Error::Busy(_)) if is_early => continue,
            Err(store::Error::Busy(_)) => return Err(store::Error::Busy(begun.elapsed()).into()),
            done => done?,
        };
        if leased.len() == credentials.len() {
            return opened(env, ring, token, leased, &why);
        }
        let mut waits = None;
        why.clear();
        for (name, margin) in &mut credentials {
            let next = match step(env, ring, how, name, asked.min_valid) {
                Err(error) if is_crowded(&error) && begun.elapsed() < how.patience => Next::Again,
                next => next?,
            };
            match next {
                Next::Enter { because: None } => *margin = asked.min_valid,
                Next::Enter { because: Some(because) } => {
                    *margin = Span::seconds(0);
                    why.push(because);
                }
                Next::Again => {}
                Next::Wait(busy) => waits = Some(busy),
            }
        }
        let is_over = begun.elapsed() >= how.patience;
        match waits {
            Some(busy) if is_over => return Err(busy),
            Some(_) => pause(env)?,
            None if is_over && tries > TRIES => return Err(overtaken(&credentials)),
            None => {
                tries += 1;
                // Somebody else is first each time.
                if tries > 3 {
                    pause(env)?;
                }
            }
        }
    }
}

/// Takes a lease of one credential whose token does, and returns its fence: what the bench measures. Nobody is asked.
#[cfg(feature = "internals")]
pub fn take(env: &mut Env, ring: &Ring, name: &SecretName, most: Span) -> Result<u64> {
    struct Nobody;
    impl Outbound for Nobody {
        fn exchange(&self, _: &Request<'_>) -> std::result::Result<Answer, Unanswered> {
            Err(Unanswered::Unreachable)
        }
    }
    let patience = std::time::Duration::ZERO;
    let how = How { outbound: &Nobody, patience, narrower: false, hold: store::unheard };
    let asked =
        Asked { names: std::slice::from_ref(name), most, min_valid: Span::seconds(300), recipient: None };
    let held = acquire(env, ring, &how, &asked)?;
    Ok(held.credentials.first().map_or(0, |one| one.lease.fence))
}

fn check(asked: &Asked<'_>) -> Result<Vec<(SecretName, Span)>> {
    if !is_length(asked.most) {
        return Err(Error::Invalid {
            message: LENGTH.to_owned(),
            hint: "hold it shorter, and renew it".to_owned(),
        });
    }
    let mut names = asked.names.to_vec();
    names.sort();
    names.dedup();
    if names.len() > MOST {
        return Err(Error::Invalid {
            message: format!("a lease is of {MOST} credentials at most"),
            hint: "take several".to_owned(),
        });
    }
    Ok(names.into_iter().map(|name| (name, asked.min_valid)).collect())
}

fn overtaken(credentials: &[(SecretName, Span)]) -> Error {
    let names: Vec<&str> = credentials.iter().map(|(name, _)| name.as_str()).collect();
    Error::Busy {
        message: format!("others were first each time: {}", names.join(", ")),
        hint: "name each credential once, and try again".to_owned(),
    }
}

/// Who holds it, as far as this process knows.
fn named(actor: &Actor) -> Option<String> {
    let local = match (&actor.os_user, &actor.host) {
        (Some(user), Some(host)) => Some(format!("{user}@{host}")),
        (one, other) => one.clone().or_else(|| other.clone()),
    };
    actor.claimed.clone().or(local)
}

fn opened(
    env: &mut Env,
    ring: &Ring,
    token: HolderToken,
    leased: Vec<Leased>,
    why: &[(SecretName, Because)],
) -> Result<Held> {
    let opened: Result<Vec<HeldOne>> = leased
        .into_iter()
        .map(|Leased { lease, sealed }| {
            let value = ring.open(&sealed)?;
            let because = why.iter().find(|(name, _)| *name == sealed.name).map(|(_, because)| *because);
            Ok(HeldOne { lease, provider: sealed.provider, value, because })
        })
        .collect();
    match opened {
        Ok(credentials) => Ok(Held { token, credentials }),
        Err(error) => {
            // What cannot be opened is not used.
            let _ = env.store.end_lease(token.id);
            Err(error)
        }
    }
}

/// What stands in the store of one credential.
struct Seen {
    credential: Credential,
    gate: Gate,
    admission: Admission,
    parts: Option<Parts>,
    now: Timestamp,
}

fn look(store: &mut Store, name: &SecretName, min_valid: Span) -> Result<Seen> {
    store.snapshot(|store| {
        let credential = find(store, name)?;
        let gate = store.gate(credential.secret.id, credential.secret.version)?;
        let now = store.now()?;
        let admission = admit(&credential, &gate, &Need { min_valid, not_version: None }, now);
        let is_sent = admission == Admission::Send;
        let parts = if is_sent { Some(Parts::read(store, credential.secret.id)?) } else { None };
        Ok(Seen { credential, gate, admission, parts, now })
    })
}

/// Looks why there was no lease, and does the next thing towards one.
fn step(env: &mut Env, ring: &Ring, how: &How<'_>, name: &SecretName, min_valid: Span) -> Result<Next> {
    let Seen { credential, gate, admission, parts, now } = look(&mut env.store, name, min_valid)?;
    let (id, version) = (credential.secret.id, credential.secret.version);
    if gate.fence.is_none() {
        env.store.make_gate(id)?;
    }
    Ok(match admission {
        Admission::Enter => Next::Enter { because: None },
        Admission::EnterMeanwhile(because) => {
            if let Some(fence) = gate.fence.filter(|_| gate.announced == Some(version)) {
                env.store.withdraw_refresh(id, version, fence)?;
            }
            Next::Enter { because: Some((credential.secret.name, because)) }
        }
        Admission::Announce => {
            env.store.announce_refresh(id, version)?;
            Next::Again
        }
        Admission::Send => {
            let fence = gate.fence.filter(|_| credential.refresh_invalidates);
            send(env, ring, how, &credential, parts, now, fence)?;
            Next::Again
        }
        Admission::Restart => {
            restart(env, &credential, now)?;
            Next::Again
        }
        Admission::WaitForUsers { until } => Next::Wait(in_use(&credential, &gate, until)),
        Admission::Wait { until } => Next::Wait(unavailable(&credential, Because::Underway { until })),
        Admission::Unavailable(because) => return Err(unavailable(&credential, because)),
    })
}

/// Who holds it, and until when.
fn in_use(credential: &Credential, gate: &Gate, until: Timestamp) -> Error {
    let name = &credential.secret.name;
    let Some(first) = gate.users.first() else { return unavailable(credential, Because::InUse { until }) };
    let who = first.who.as_deref().unwrap_or("somebody");
    let others = match gate.users.len() - 1 {
        0 => String::new(),
        more => format!(", and {more} more"),
    };
    Error::Busy {
        message: format!(
            "a new token for the credential {name} waits for those who use the one that is there: {who} holds the lease {} \
             until {until}{others}",
            first.id
        ),
        hint: format!("wait longer: --wait; or take it from them: keyctl lease break {}", first.id),
    }
}
