//! The authorization code (RFC 6749 §4.1) with PKCE (RFC 7636), for a program on this machine (RFC 8252).

use zeroize::Zeroizing;

use super::Who;
use super::place::Place;
use crate::crypto::digest::same;
use crate::crypto::pkce::{challenge, text_of};
use crate::domain::credentials::answer::Answer;
use crate::domain::credentials::granted::Granted;
use crate::domain::credentials::redirected::{Redirected, Said};
use crate::domain::federation::parameters::Parameters;
use crate::domain::random::Random;
use crate::domain::secrets::secret::SecretValue;
use crate::domain::time::Timestamp;
use crate::domain::tokens::audience::Issuer;
use crate::ops::error::{Error, Result};
use crate::ops::outbound::{Form, Outbound};

/// A sign-in that has begun. Nobody knows its two secrets but the browser (`state`) and this process (the verifier).
pub(crate) struct SignIn<'s> {
    who: &'s Who,
    issuer: Option<&'s Issuer>,
    names_itself: bool,
    redirect_uri: &'s str,
    scopes: String,
    state: Zeroizing<String>,
    verifier: Zeroizing<String>,
    challenge: String,
}

/// What a browser's request is.
#[derive(Debug)]
pub(crate) enum Judged {
    /// Not this sign-in's: nobody ends it who does not know its state.
    Stranger,
    /// Its end: a code, or the provider's no.
    Ended(Result<SecretValue>),
}

/// What a request for an authorization says by itself.
const OWN: [&str; 10] = [
    "client_id",
    "response_type",
    "response_mode",
    "redirect_uri",
    "scope",
    "state",
    "code_challenge",
    "code_challenge_method",
    "request",
    "request_uri",
];

/// Whether somebody's own parameters leave alone what keyctl says.
pub(crate) fn check_parameters(parameters: &Parameters) -> Result<()> {
    match parameters.iter().find(|(name, _)| OWN.contains(name)) {
        None => Ok(()),
        Some((name, _)) => Err(Error::Invalid {
            message: format!("the parameter {name} is keyctl's own"),
            hint: "leave it out: what it says has its own option".to_owned(),
        }),
    }
}

fn drawn(random: &mut dyn Random) -> Result<Zeroizing<String>> {
    let mut bytes = Zeroizing::new([0; 32]);
    random.fill(bytes.as_mut())?;
    Ok(text_of(&bytes))
}

impl<'s> SignIn<'s> {
    pub(crate) fn begin(
        random: &mut dyn Random,
        who: &'s Who,
        place: &'s Place,
        redirect_uri: &'s str,
        scopes: &Granted,
    ) -> Result<Self> {
        let (state, verifier) = (drawn(random)?, drawn(random)?);
        Ok(Self {
            who,
            issuer: place.issuer.as_ref(),
            names_itself: place.names_itself,
            redirect_uri,
            scopes: scopes.to_string(),
            challenge: challenge(&verifier),
            state,
            verifier,
        })
    }

    /// What the provider is asked by way of the browser.
    pub(crate) fn form<'f>(&'f self, parameters: &'f Parameters) -> Form<'f> {
        let mut form = Form::default()
            .with("response_type", "code")
            .with("client_id", self.who.client().id.as_str())
            .with("redirect_uri", self.redirect_uri)
            .with("state", &self.state)
            .with("code_challenge", &self.challenge)
            .with("code_challenge_method", "S256");
        if !self.scopes.is_empty() {
            form = form.with("scope", &self.scopes);
        }
        // Without it providers leave that scope out (OpenID Connect Core 1.0 §11).
        let is_offline = self.scopes.split(' ').any(|scope| scope == "offline_access");
        if is_offline && parameters.get("prompt").is_none() {
            form = form.with("prompt", "consent");
        }
        parameters.iter().fold(form, |form, (name, value)| form.with(name, value))
    }

    /// Whether an answer is this sign-in's, and which.
    pub(crate) fn judge(&self, redirected: Redirected) -> Judged {
        if !same(redirected.state.as_bytes(), self.state.as_bytes()) {
            return Judged::Stranger;
        }
        let is_others = match (&redirected.issuer, self.issuer) {
            (Some(said), Some(issuer)) => said != issuer.as_str(),
            (Some(_), None) => false,
            (None, _) => self.names_itself,
        };
        // A no, too, is believed of nobody else (RFC 9207 §2.4).
        if is_others {
            return Judged::Ended(Err(Error::KeyUnavailable {
                message: "the answer is not that of the provider who was asked (iss); nothing was changed"
                    .to_owned(),
                hint: "somebody may have mixed two providers up: look at the address where you signed in"
                    .to_owned(),
            }));
        }
        Judged::Ended(match redirected.said {
            Said::Code(code) => Ok(code),
            Said::No(no) => Err(Error::KeyUnavailable {
                message: format!("the provider says no: {no}; nothing was changed"),
                hint: "sign in again, and agree; or look at the client and its scopes at the provider"
                    .to_owned(),
            }),
        })
    }

    /// Gets tokens for a code. It works once.
    pub(crate) fn redeem(
        &self,
        outbound: &dyn Outbound,
        random: &mut dyn Random,
        now: Timestamp,
        code: &SecretValue,
    ) -> Result<Answer> {
        let form = Form::default()
            .with("grant_type", "authorization_code")
            .with_secret("code", code)
            .with("redirect_uri", self.redirect_uri)
            .with("code_verifier", &self.verifier);
        self.who.redeem(outbound, random, now, form)
    }
}
