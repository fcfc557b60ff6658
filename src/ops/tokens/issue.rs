//! A short-lived token for a key, and no more than the key may.
//!
//! [`issue`] needs no transaction: a server calls it with a signer that it opened once and what it read of the key's token
//! row. What takes something away from the key later raises its version, which stands in the token.

use serde_json::json;
use zeroize::Zeroizing;

use super::settings::{self, TokenSettings};
use super::verify::no_issuer;
use crate::crypto::es256::PrivateKey;
use crate::crypto::jws::{self, Signer};
use crate::domain::audit::action::Action;
use crate::domain::audit::event::Event;
use crate::domain::id::KeyId;
use crate::domain::keys::key::{Key, State};
use crate::domain::keys::scope::{Scope, Scopes};
use crate::domain::keys::verdict::Reason;
use crate::domain::owners::subject::OwnerSubject;
use crate::domain::random::{Random, RandomError};
use crate::domain::time::Timestamp;
use crate::domain::tokens::audience::Audience;
use crate::domain::tokens::claims::{Claims, TokenSerial, Ttl, times};
use crate::domain::tokens::kid::Kid;
use crate::domain::tokens::signing_key::SigningState;
use crate::ops::change::Done;
use crate::ops::env::Env;
use crate::ops::error::{Conflict, Error, Result};
use crate::ops::keys::verify;
use crate::ops::master_keys::Ring;
use crate::store::{Lookup as _, SigningKeyLookup as _, Store};

/// The key that is exchanged, as its token row says. Whether it is good for anything was judged before.
#[derive(Clone, Debug)]
pub(crate) struct Holder {
    pub key: KeyId,
    pub subject: OwnerSubject,
    /// What it may do.
    pub scopes: Scopes,
    pub version: i64,
    /// The earliest end of the token, the key and its parent.
    pub ends: Option<Timestamp>,
    /// Whether it, its parent or its owner has networks, a rate or a quota.
    pub is_limited: bool,
    pub allow_jwt: bool,
}

/// What is wanted of a token.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    /// `None` for all that the key may.
    pub scopes: Option<Scopes>,
    /// Empty for the issuer.
    pub audience: Vec<Audience>,
    pub ttl: Ttl,
}

/// A token: a credential, which is printed and nowhere kept.
pub(crate) struct Issued {
    pub token: Zeroizing<String>,
    /// What it says.
    pub claims: Claims,
    /// Seconds from now.
    pub expires_in: i64,
}

impl std::fmt::Debug for Issued {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Issued({}, for {} s)", self.claims.serial, self.expires_in)
    }
}

/// Why there is no token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unissued {
    /// Nobody set where tokens are from.
    #[error("the store has no issuer")]
    NoIssuer,
    /// Whoever verifies offline cannot hold a network, a rate or a quota.
    #[error("the key has networks, a rate or a quota, which services that verify by themselves cannot hold")]
    Limited,
    /// More than the key may.
    #[error("the key may not do {0}")]
    Scope(Scope),
    #[error("{0} is no audience of this store")]
    Audience(Audience),
    #[error("the key ends at once")]
    Ends,
    /// Its scopes are too many.
    #[error("the token would be longer than {} bytes", jws::LONGEST)]
    TooLong,
    #[error(transparent)]
    Random(#[from] RandomError),
}

/// Issues a token. `known` are the scopes that the store names anywhere: those that the granted ones cover are named, too,
/// since whoever verifies compares word by word.
pub(crate) fn issue(
    signer: &Signer,
    settings: &TokenSettings,
    known: &Scopes,
    holder: &Holder,
    wanted: &Wanted,
    now: Timestamp,
    random: &mut dyn Random,
) -> Result<Issued, Unissued> {
    let issuer = settings.issuer.as_ref().ok_or(Unissued::NoIssuer)?;
    if holder.is_limited && !holder.allow_jwt {
        return Err(Unissued::Limited);
    }
    let granted = match &wanted.scopes {
        None => holder.scopes.clone(),
        Some(scopes) => match scopes.beyond(&holder.scopes).next() {
            Some(beyond) => return Err(Unissued::Scope(beyond.clone())),
            None => scopes.clone(),
        },
    };
    if let Some(other) = wanted.audience.iter().find(|audience| !settings.allow(audience)) {
        return Err(Unissued::Audience(other.clone()));
    }
    let audience = match &*wanted.audience {
        [] => vec![issuer.as_str().into()],
        audience => audience.iter().map(|audience| audience.as_str().into()).collect(),
    };
    let (issued_at, expires_at) = times(now, wanted.ttl, holder.ends).ok_or(Unissued::Ends)?;
    let covered = known.iter().filter(|scope| granted.cover(scope)).cloned().collect();
    let claims = Claims {
        issuer: issuer.as_str().into(),
        subject: holder.subject.as_str().into(),
        audience,
        issued_at,
        expires_at,
        serial: TokenSerial::generate(now, random)?.to_string().into(),
        client_id: holder.key,
        scopes: granted.union(&covered),
        version: holder.version,
    };
    let token = Zeroizing::new(signer.sign(&claims.to_json())?);
    if token.len() > jws::LONGEST {
        return Err(Unissued::TooLong);
    }
    Ok(Issued { token, expires_in: expires_at - now.as_millis().div_euclid(1000), claims })
}

/// The signer of the key that signs now.
pub(crate) fn signer(store: &mut Store, ring: &Ring) -> Result<Signer> {
    let now = store.now()?;
    let keys = store.signing_keys()?;
    let Some(key) = keys.into_iter().find(|key| key.state(now) == SigningState::Signing) else {
        return Err(Error::NotFound {
            message: "the store has no key that signs".to_owned(),
            hint: "make one, and the next: keyctl signing-key rotate".to_owned(),
        });
    };
    let kid = key.public.kid;
    let broken = |what: &str| Error::KeyUnavailable {
        message: format!("the signing key {kid} {what}"),
        hint: "take it out, which lets the next one sign: keyctl signing-key revoke KID".to_owned(),
    };
    let envelope = store.sealed_signing_key(&kid)?.ok_or_else(|| broken("has no private part"))?;
    let bytes = ring.open_signing_key(&kid, &envelope)?;
    let private = PrivateKey::open(&bytes).map_err(|_| broken("is sealed and is none"))?;
    let signer = Signer::new(private);
    if *signer.kid() == kid { Ok(signer) } else { Err(broken("is another one than its id says")) }
}

/// What came of a key that was to be exchanged.
#[derive(Debug)]
pub(crate) enum Exchanged {
    Issued(Box<Issued>),
    /// The key is not good.
    Denied(Reason),
}

/// All that decides, in one state of the store: a version that is newer than the scopes would stand for what was taken
/// away.
struct Read {
    holder: Holder,
    key: Key,
    settings: TokenSettings,
    known: Scopes,
    now: Timestamp,
}

/// Exchanges the key of a presented token. Where it comes from is not looked at: whoever may issue is trusted with that.
/// The record that a token was issued is written, durably, before this returns.
pub(crate) fn exchange(env: &mut Env, ring: &Ring, presented: &str, wanted: &Wanted) -> Result<Exchanged> {
    let signer = signer(&mut env.store, ring)?;
    let read = match env.store.snapshot(|store| read(store, presented))? {
        Ok(read) => read,
        Err(reason) => return Ok(Exchanged::Denied(reason)),
    };
    let Read { holder, key, settings, known, now } = read;
    let issued = issue(&signer, &settings, &known, &holder, wanted, now, env.random.as_mut());
    env.change(Action::JwtIssue, |_| match &issued {
        Ok(issued) => Ok(Done::with((), recorded(issued, signer.kid()).on(&key))),
        Err(unissued) => Err(unissued.explain(&key, &settings.audiences)),
    })?;
    match issued {
        Ok(issued) => Ok(Exchanged::Issued(Box::new(issued))),
        Err(unissued) => Err(unissued.explain(&key, &settings.audiences)),
    }
}

fn read(store: &mut Store, presented: &str) -> Result<Result<Read, Reason>> {
    let (token, now) = match verify::find(store, presented)? {
        Ok(found) => found,
        Err(reason) => return Ok(Err(reason)),
    };
    let state = token.lifetime.state(now);
    if state != State::Active {
        return Ok(Err(Reason::Inactive(state)));
    }
    let (Some(cells), Some(key)) = (store.issuing_cells(&token.token_id)?, store.key_by_id(token.key_id)?)
    else {
        return Ok(Err(Reason::Unknown));
    };
    let holder = Holder {
        key: token.key_id,
        subject: token.subject,
        scopes: token.scopes,
        version: cells.version,
        ends: token.lifetime.ends_at(),
        is_limited: cells.is_limited,
        allow_jwt: cells.allow_jwt,
    };
    Ok(Ok(Read { holder, key, settings: settings::read(store)?, known: store.scope_names()?, now }))
}

/// Issues tokens for a presented key over and over, all that a server does for one but its answer: for a bench. Gives how
/// long the token is.
#[cfg(feature = "internals")]
pub fn issuing(
    env: &mut Env,
    ring: &Ring,
    presented: &str,
) -> Result<impl FnMut(Timestamp, &mut dyn Random) -> Result<usize, RandomError>> {
    let signer = signer(&mut env.store, ring)?;
    let refused = |reason: Reason| Conflict::new(format!("the key is {}", reason.as_str()), "use another");
    let read = read(&mut env.store, presented)?.map_err(refused)?;
    let wanted = Wanted { scopes: None, audience: Vec::new(), ttl: Ttl::DEFAULT };
    Ok(move |now: Timestamp, random: &mut dyn Random| {
        let issued = issue(&signer, &read.settings, &read.known, &read.holder, &wanted, now, random);
        issued.map(|issued| issued.token.len()).map_err(|_| RandomError)
    })
}

impl Unissued {
    fn explain(&self, key: &Key, audiences: &[Audience]) -> Error {
        let path = key.path();
        let hint = match self {
            Self::NoIssuer => return no_issuer(),
            Self::Random(error) => return (*error).into(),
            Self::Limited => {
                format!("if they may be exceeded for the life of a token: keyctl edit {path} --allow-jwt")
            }
            Self::Scope(_) => format!("see what it may do: keyctl scope list {path}"),
            Self::Audience(audience) => {
                let all: Vec<&str> = audiences.iter().chain([audience]).map(Audience::as_str).collect();
                format!("name it beside those that there are: keyctl store set audience {}", all.join(" "))
            }
            Self::Ends => format!("give it more time: keyctl edit {path} --expires 30d"),
            Self::TooLong => "ask for fewer scopes: --scope".to_owned(),
        };
        Conflict::new(format!("no token is issued for {path}: {self}"), hint).on(key).into()
    }
}

/// The record of a token that a command issued.
fn recorded(issued: &Issued, kid: &Kid) -> Event {
    let Claims { serial, audience, expires_at, scopes, .. } = &issued.claims;
    let details = json!({
        "jti": serial, "kid": kid, "audience": audience, "scopes": scopes,
        "expires_at": Timestamp::from_millis(expires_at * 1000),
    });
    Event::done(Action::JwtIssue, details)
}
