//! Somebody signs in at a provider: in a browser that is sent back here, or on another device.
//!
//! What tokens come of it are kept as any others: [`super::add`], [`super::replace`]. All that can be looked at is looked at
//! before anybody is asked to sign in.

pub(crate) mod browser;
pub(crate) mod device;
pub(crate) mod place;

use super::ask::Asking;
use super::sending::Parts;
use super::{Tokens, check_client};
use crate::domain::credentials::answer::{self, Answer};
use crate::domain::credentials::client::Client;
use crate::domain::credentials::credential::Credential;
use crate::domain::credentials::failure::Failure;
use crate::domain::credentials::granted::Granted;
use crate::domain::random::Random;
use crate::domain::secrets::secret::SecretValue;
use crate::domain::time::Timestamp;
use crate::ops::error::{Error, Result};
use crate::ops::master_keys::Ring;
use crate::ops::outbound::{Form, LONGEST, Outbound};
use crate::store::Store;

/// Who signs in somebody, with what proves it.
#[derive(Debug)]
pub(crate) struct Who {
    client: Client,
    secret: Option<SecretValue>,
}

impl Who {
    /// A client that has what it is to prove itself by.
    pub(crate) fn new(client: Client, secret: Option<SecretValue>) -> Result<Self> {
        check_client(&client, secret.as_ref())?;
        Ok(Self { client, secret })
    }

    /// The client of a credential that is there.
    pub(crate) fn of(store: &mut Store, ring: &Ring, credential: &Credential) -> Result<Self> {
        let endpoint = &credential.client.token_endpoint;
        let sealed = Parts::read(store, credential.secret.id)?.client;
        let secret = sealed.map(|part| ring.open_part(&part, endpoint)).transpose()?;
        Self::new(credential.client.clone(), secret)
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    pub(crate) fn secret(&self) -> Option<&SecretValue> {
        self.secret.as_ref()
    }

    /// An assertion is used once, so each request has its own.
    fn asking(&self, random: &mut dyn Random, now: Timestamp) -> Result<Asking<'_>> {
        Asking::new(&self.client, self.secret.as_ref(), random, now)
    }

    /// Asks the token endpoint, and takes nothing but tokens.
    fn redeem(
        &self,
        outbound: &dyn Outbound,
        random: &mut dyn Random,
        now: Timestamp,
        form: Form<'_>,
    ) -> Result<Answer> {
        self.exchange(outbound, random, now, form)?.map_err(no_tokens)
    }

    /// The same, for who tells one failure of the provider's from another.
    pub(crate) fn exchange(
        &self,
        outbound: &dyn Outbound,
        random: &mut dyn Random,
        now: Timestamp,
        form: Form<'_>,
    ) -> Result<std::result::Result<Answer, Failure>> {
        let answered = self.asking(random, now)?.post(outbound, form, LONGEST);
        Ok(answered.and_then(|answered| {
            let read = answer::read(answered.status, &answered.body, &Granted::default(), true);
            read.map_err(|no| no.failure)
        }))
    }
}

fn read(status: u16, body: &[u8]) -> Result<Answer> {
    answer::read(status, body, &Granted::default(), true).map_err(|no| no_tokens(no.failure))
}

fn no_tokens(failure: Failure) -> Error {
    Error::KeyUnavailable {
        message: format!("the provider gave no tokens ({failure}); nothing was changed"),
        hint: failure.advice().replace("it is tried again by itself; else look", "try again, or look"),
    }
}

/// What is kept of a provider's answer. Where it does not say what the tokens may do, it is what was asked for
/// (RFC 6749 §5.1).
pub(crate) fn tokens(answer: Answer, asked: &Granted, now: Timestamp) -> Tokens {
    Tokens {
        expires_at: answer.expires_at(now),
        scopes: answer.scopes.unwrap_or_else(|| asked.clone()),
        access_token: answer.access_token,
        refresh_token: answer.refresh_token,
    }
}
