//! How a token endpoint is asked.

use std::time::Duration;

use serde_json::json;
use zeroize::Zeroizing;

use crate::crypto::client_key::ClientKey;
use crate::domain::credentials::client::{Client, ClientAuth};
use crate::domain::credentials::failure::Failure;
use crate::domain::outbound::endpoint::Endpoint;
use crate::domain::random::Random;
use crate::domain::secrets::secret::SecretValue;
use crate::domain::time::Timestamp;
use crate::ops::change::nonce;
use crate::ops::error::{Error, Result};
use crate::ops::outbound::{Answer, Basic, Call, Form, Outbound, Request, Unanswered};

/// Bytes of an answer with two tokens of the longest kind in it.
const LONGEST_ANSWER: usize = 256 * 1024;

/// How long an assertion may be used: as long as a request takes, and clocks that differ.
const ASSERTION_LIVES: i64 = 60;
/// How far it is dated back, for clocks that are behind.
const BACKDATED: i64 = 5;

/// A client that can prove itself in one request.
pub(super) struct Asking<'c> {
    client: &'c Client,
    proof: Proof<'c>,
}

enum Proof<'c> {
    None,
    Basic(&'c SecretValue),
    Post(&'c SecretValue),
    Assertion(Zeroizing<String>),
}

impl<'c> Asking<'c> {
    pub(super) fn new(
        client: &'c Client,
        secret: Option<&'c SecretValue>,
        random: &mut dyn Random,
        now: Timestamp,
    ) -> Result<Self> {
        let proof = match (client.auth, secret) {
            (ClientAuth::None, _) => Proof::None,
            (ClientAuth::SecretBasic, Some(secret)) => Proof::Basic(secret),
            (ClientAuth::SecretPost, Some(secret)) => Proof::Post(secret),
            (ClientAuth::PrivateKeyJwt, Some(key)) => Proof::Assertion(assertion(client, key, random, now)?),
            (_, None) => return Err(lost(client)),
        };
        Ok(Self { client, proof })
    }

    /// Posts a form to the token endpoint, and waits that long for all of it.
    pub(super) fn post(
        &self,
        outbound: &dyn Outbound,
        form: Form<'_>,
        within: Duration,
    ) -> Result<Answer, Failure> {
        self.post_to(outbound, &self.client.token_endpoint, form, within)
    }

    /// Posts a form, with what proves the client: never in the header and in the form at once (RFC 6749 §2.3).
    pub(super) fn post_to(
        &self,
        outbound: &dyn Outbound,
        endpoint: &Endpoint,
        form: Form<'_>,
        within: Duration,
    ) -> Result<Answer, Failure> {
        let id = self.client.id.as_str();
        let (form, basic) = match &self.proof {
            Proof::None => (form.with("client_id", id), None),
            Proof::Basic(secret) => (form, Some(Basic { id, secret })),
            Proof::Post(secret) => (form.with("client_id", id).with_secret("client_secret", secret), None),
            Proof::Assertion(assertion) => {
                const KIND: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
                let form = form.with("client_id", id).with("client_assertion_type", KIND);
                (form.with("client_assertion", assertion), None)
            }
        };
        let request = Request {
            endpoint,
            call: Call::Post { form: &form, client: basic },
            within,
            most: LONGEST_ANSWER,
        };
        outbound.exchange(&request).map_err(failure)
    }
}

/// What it means for a token that there is no answer.
fn failure(unanswered: Unanswered) -> Failure {
    match unanswered {
        Unanswered::Plain | Unanswered::Private | Unanswered::NoAuthorities => Failure::NotAllowed,
        Unanswered::Redirect => Failure::Redirect,
        Unanswered::TooLarge(_) => Failure::TooLarge,
        Unanswered::Compressed | Unanswered::NotJson(_) => Failure::NotJson,
        lost if lost.may_have_arrived() => Failure::NoAnswer,
        Unanswered::Certificate | Unanswered::Tls { .. } => Failure::Tls,
        Unanswered::Unresolved
        | Unanswered::Unreachable
        | Unanswered::Timeout { .. }
        | Unanswered::Broken => Failure::Unreachable,
    }
}

fn assertion(
    client: &Client,
    key: &SecretValue,
    random: &mut dyn Random,
    now: Timestamp,
) -> Result<Zeroizing<String>> {
    let key = ClientKey::from_pem(key).map_err(|_| lost(client))?;
    let seconds = now.as_millis() / 1000;
    let jti = nonce(random)? + &nonce(random)?;
    let claims = json!({
        "iss": client.id,
        "sub": client.id,
        "aud": client.issuer.as_ref().unwrap_or(&client.token_endpoint),
        "jti": jti,
        "iat": seconds - BACKDATED,
        "exp": seconds + ASSERTION_LIVES,
    });
    let mut header = json!({ "alg": key.algorithm(), "typ": "JWT" });
    if let Some(id) = &client.key_id {
        header["kid"] = json!(id.as_str());
    }
    Ok(key.sign(&header.to_string(), &claims.to_string())?)
}

fn lost(client: &Client) -> Error {
    Error::KeyUnavailable {
        message: format!("what the client {} proves itself by is not there", client.id),
        hint: "give it again: keyctl oauth replace".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_surely_did_not_arrive_is_told_from_what_may_have() {
        for (unanswered, expected) in [
            (Unanswered::Plain, Failure::NotAllowed),
            (Unanswered::Private, Failure::NotAllowed),
            (Unanswered::NoAuthorities, Failure::NotAllowed),
            (Unanswered::Unresolved, Failure::Unreachable),
            (Unanswered::Unreachable, Failure::Unreachable),
            (Unanswered::Certificate, Failure::Tls),
            (Unanswered::Tls { sent: false }, Failure::Tls),
            (Unanswered::Tls { sent: true }, Failure::NoAnswer),
            (Unanswered::Timeout { sent: false }, Failure::Unreachable),
            (Unanswered::Timeout { sent: true }, Failure::NoAnswer),
            (Unanswered::Broken, Failure::NoAnswer),
            (Unanswered::Redirect, Failure::Redirect),
            (Unanswered::Compressed, Failure::NotJson),
            (Unanswered::TooLarge(1), Failure::TooLarge),
            (Unanswered::NotJson(200), Failure::NotJson),
        ] {
            assert_eq!(failure(unanswered), expected, "{unanswered}");
            let is_certain = matches!(expected, Failure::Redirect) || !unanswered.may_have_arrived();
            assert_eq!(!expected.is_uncertain(), is_certain, "{unanswered}");
        }
    }
}
