//! Signing in from where there is no browser (RFC 8628): a program asks, shows a code, and asks again until somebody who is signed
//! in elsewhere has typed it and said yes or no.
//!
//! That a program asks is no change, and neither is its asking again: nobody is known by it yet. A yes is the one of a browser: a
//! sign-in, whose code is what the program asks again with.

use super::authorize::{self, Choice, choices};
use super::consent::{Fresh, Yes, consent_in};
use super::redeem::{Proof, by_hash};
use super::tokens::{Brought, NoTokens, Tokens};
use crate::crypto::pkce::challenge;
use crate::domain::audit::action::Action;
use crate::domain::id::KeyId;
use crate::domain::keys::scope::Scopes;
use crate::domain::keys::token::TokenHash;
use crate::domain::mcp::address_group::AddressGroup;
use crate::domain::mcp::client::{Client, ClientRef};
use crate::domain::mcp::device::{DeviceCode, DeviceRequest, Poll, UserCode};
use crate::domain::mcp::errors::OauthError::{
    AccessDenied, AuthorizationPending, ExpiredToken, InvalidClient, InvalidGrant, InvalidTarget,
    ServerError, SlowDown, TemporarilyUnavailable, UnauthorizedClient,
};
use crate::domain::mcp::pkce::{Challenge, Verifier};
use crate::domain::mcp::redirect_uri::RedirectUri;
use crate::domain::mcp::request::{Authorization, known_resource};
use crate::domain::mcp::sign_in::SignIn;
use crate::domain::portal::session::Person;
use crate::domain::time::Timestamp;
use crate::ops::env::Env;
use crate::ops::master_keys::Ring;
use crate::ops::portal::Refused;
use crate::ops::portal::signed::change_by;
use crate::ops::portal::who::hash_of;
use crate::ops::tokens::settings;
use crate::store::{ClientLookup as _, DeviceLookup, Lookup, SignInLookup, Store};

/// What a program on a device asks for.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    pub client: ClientRef,
    /// What it says of itself, where nobody registered it.
    pub document: Option<Client>,
    pub scopes: Option<Scopes>,
    pub resource: Option<String>,
    /// Whence it asks.
    pub asked_from: AddressGroup,
}

/// Both codes, which nobody gets a second time.
#[derive(Debug)]
pub(crate) struct Begun {
    pub device: DeviceCode,
    pub user: UserCode,
}

/// Begins: from now on somebody may type the code.
pub(crate) fn begin(env: &mut Env, wanted: Wanted) -> Result<Begun, NoTokens> {
    let refused = |error, reason| NoTokens::Refused(error, reason);
    let client = authorize::client(&mut env.store, &wanted.client, wanted.document)?;
    let client = client.ok_or(refused(InvalidClient, "unknown_client"))?;
    if let ClientRef::Registered(id) = &client.id
        && !env.store.mcp_client(*id)?.is_some_and(|client| client.device)
    {
        return Err(refused(UnauthorizedClient, "no_device"));
    }
    let settings = settings::of(&env.store.head()?);
    let resource = wanted.resource.ok_or(refused(InvalidTarget, "no_resource"))?;
    let resource = known_resource(&resource, settings.audiences.iter());
    let resource = resource.ok_or(refused(InvalidTarget, "resource"))?;
    let random = env.random.as_mut();
    let begun = Begun { device: DeviceCode::generate(random)?, user: UserCode::generate(random)? };
    let now = env.store.now()?;
    let challenge = Challenge::parse(&challenge(begun.device.expose()));
    let request = DeviceRequest {
        client: client.id,
        client_name: client.name,
        refreshes: client.refreshes,
        asked_from: wanted.asked_from,
        scopes: wanted.scopes,
        resource,
        challenge: challenge.ok_or(refused(ServerError, "challenge"))?,
        created_at: now,
        expires_at: now.after(DeviceRequest::LIVES).unwrap_or(now),
        polled_at: None,
        wait: DeviceRequest::WAIT,
        denied_at: None,
    };
    let hashes = (&hash_of(begun.device.expose()), &hash_of(begun.user.expose()));
    if env.store.insert_mcp_device(&request, hashes)? {
        Ok(begun)
    } else {
        Err(refused(TemporarilyUnavailable, "too_many_devices"))
    }
}

/// What whoever typed this is asked about, and what they could let it do.
pub(crate) fn look(
    store: &mut Store,
    person: &Person,
    typed: &UserCode,
) -> Result<(DeviceRequest, Vec<Choice>), Refused> {
    let now = store.now()?;
    let (_, request) = open(store, typed, now)?;
    let choices = choices(store, person, &request.client, request.scopes.as_ref(), &request.resource)?;
    Ok((request, choices))
}

/// The request with this code, if nobody has answered it; with the hash of its device code.
fn open<L: Lookup>(
    store: &mut L,
    typed: &UserCode,
    now: Timestamp,
) -> Result<(TokenHash, DeviceRequest), Refused> {
    let hash = hash_of(typed.expose());
    let (code, request) = store.mcp_device_by_user_code(&hash)?.ok_or(Refused::NoSuchDevice)?;
    let is_answered = !request.is_open(now) || store.mcp_sign_in_by_code(&code)?.is_some();
    if is_answered { Err(Refused::NoSuchDevice) } else { Ok((code, request)) }
}

/// A person's yes to whatever shows this code.
#[derive(Debug)]
pub(crate) struct DeviceYes {
    pub typed: UserCode,
    /// The page where they said it.
    pub page: RedirectUri,
    /// By which of their keys.
    pub key: KeyId,
    pub scopes: Scopes,
}

/// Lets the program in. The code and all that is let are looked at in the transaction that does it.
pub(crate) fn allow(env: &mut Env, person: &Person, yes: &DeviceYes) -> Result<(), Refused> {
    let fresh = Fresh::draw(env)?;
    change_by(env, Action::ClientConsent, person, |tx, person| {
        let now = tx.now();
        let (code, request) = open(tx, &yes.typed, now)?;
        let client = Client {
            id: request.client,
            name: request.client_name,
            redirect_uris: vec![yes.page.clone()],
            refreshes: request.refreshes,
        };
        let asked = Authorization {
            client,
            redirect_uri: yes.page.clone(),
            state: None,
            scopes: request.scopes,
            resource: request.resource,
            challenge: request.challenge,
        };
        let yes = Yes { asked, key: yes.key, scopes: yes.scopes.clone() };
        let soon = now.after(SignIn::CODE_LIVES).unwrap_or(request.expires_at);
        consent_in(tx, person, &yes, &fresh, (&code, request.expires_at.max(soon)))
    })
}

/// A person's no.
pub(crate) fn deny(store: &mut Store, typed: &UserCode) -> Result<(), Refused> {
    let now = store.now()?;
    let (code, _) = open(store, typed, now)?;
    if store.deny_mcp_device(&code, now)? { Ok(()) } else { Err(Refused::NoSuchDevice) }
}

/// Gives tokens to a program that asks again, once somebody said yes. Whoever brings a code that was used has it from somewhere, as
/// with those of browsers.
pub(crate) fn poll(
    env: &mut Env,
    ring: &Ring,
    presented: &DeviceCode,
    brought: Brought,
) -> Result<Tokens, NoTokens> {
    let refused = |error, reason| Err(NoTokens::Refused(error, reason));
    let hash = hash_of(presented.expose());
    if env.store.mcp_sign_in_by_code(&hash)?.is_some() {
        let Some(verifier) = Verifier::parse(presented.expose()) else {
            return refused(InvalidGrant, "no_such_code");
        };
        return match by_hash(env, ring, &hash, &Proof { verifier, redirect_uri: None, brought }) {
            Err(NoTokens::Refused(InvalidGrant, "code_late")) => refused(ExpiredToken, "code_late"),
            done => done,
        };
    }
    let Some(request) = env.store.mcp_device(&hash)? else { return refused(InvalidGrant, "no_such_code") };
    if request.client != brought.client {
        return refused(InvalidGrant, "other_client");
    }
    let now = env.store.now()?;
    let (wait, is_early) = match request.poll(now) {
        Poll::Denied => return refused(AccessDenied, "denied"),
        Poll::Late => return refused(ExpiredToken, "code_late"),
        Poll::Pending => (request.wait, false),
        Poll::TooOften(wait) => (wait, true),
    };
    // Of two that ask at once, one is too early.
    let is_first = env.store.poll_mcp_device(&hash, request.polled_at, (now, wait))?;
    if is_early || !is_first {
        refused(SlowDown, "too_often")
    } else {
        refused(AuthorizationPending, "pending")
    }
}
