//! Signing in at an OpenID provider: the authorization code (RFC 6749 §4.1) with PKCE (RFC 7636), for a browser of somebody
//! else's. Who is let in, [`by_oidc`] says.

use serde_json::{Map, Value, json};

use crate::crypto::pkce::challenge;
use crate::crypto::sign_in::Proofs;
use crate::domain::credentials::client::{Client, ClientAuth, ClientId};
use crate::domain::credentials::failure::{Failure, Refusal};
use crate::domain::credentials::metadata::Metadata;
use crate::domain::credentials::redirected::{No, Redirected, Said};
use crate::domain::keys::scope::Scopes;
use crate::domain::outbound::endpoint::Endpoint;
use crate::domain::owners::role::RoleName;
use crate::domain::owners::subject::OwnerSubject;
use crate::domain::portal::id_token::{self, Expected, Nobody, PersonClaim};
use crate::domain::portal::transaction::Transaction;
use crate::domain::secrets::secret::SecretValue;
use crate::domain::time::Timestamp;
use crate::domain::tokens::audience::Issuer;
use crate::ops::credentials::sign_in::Who;
use crate::ops::credentials::sign_in::place::discover;
use crate::ops::env::{Env, SystemRandom};
use crate::ops::error::Error;
use crate::ops::keys::family;
use crate::ops::outbound::{Form, LONGEST, Outbound};
use crate::ops::portal::Refused;
use crate::ops::portal::sign_in::{SignedIn, by_oidc};
use crate::ops::tokens::ci_token::{self, Brought};
use crate::ops::tokens::issuer_keys::{self, Keys};
use crate::store::Lookup as _;

/// Where people have their accounts, and what that is good for here, as the operator says it.
#[derive(Debug)]
pub(crate) struct Provider {
    pub issuer: Issuer,
    pub client: ClientId,
    /// `None` for a public client.
    pub secret: Option<SecretValue>,
    /// Which of a person's claims is the subject of an owner.
    pub claim: PersonClaim,
    /// Whose scopes people may give to keys; without it none.
    pub role: Option<RoleName>,
}

/// Why nobody was signed in. Nothing of what a browser brought stands in it.
#[derive(Debug)]
pub(crate) enum NotSignedIn {
    /// It is no answer to a sign-in of this browser's: somebody else's, or one without its cookie.
    Stranger,
    /// It took too long.
    Late,
    /// It was answered before.
    Again,
    /// Another provider than the one that was asked (RFC 9207).
    OtherProvider,
    /// The provider's no.
    No(No),
    /// The code was used, has ended, or is another client's.
    Code,
    /// The provider does not do its part, or the operator did not.
    Away(String),
    Token(ci_token::Refused),
    Nobody(Nobody),
    /// No owner has this subject.
    Unknown(OwnerSubject),
}

impl From<Nobody> for NotSignedIn {
    fn from(nobody: Nobody) -> Self {
        Self::Nobody(nobody)
    }
}

/// What is sent to the provider with the browser.
pub(crate) struct Leaving<'p> {
    provider: &'p Provider,
    redirect_uri: &'p str,
    scope: String,
    claims: Option<String>,
    proofs: Proofs,
    challenge: String,
}

impl<'p> Leaving<'p> {
    pub(crate) fn new(
        provider: &'p Provider,
        metadata: &Metadata,
        redirect_uri: &'p str,
        transaction: &Transaction,
    ) -> Self {
        let proofs = Proofs::of(transaction);
        let challenge = challenge(&proofs.verifier);
        let more = provider.claim.scope();
        let scope = ["openid"].into_iter().chain(more).collect::<Vec<_>>().join(" ");
        // What comes of a scope, some give at another endpoint alone (OpenID Connect Core 1.0 §5.4).
        let claims = more.filter(|_| metadata.takes_claims).map(|_| {
            let asked =
                [provider.claim.as_str(), "email_verified"].map(|name| (name.to_owned(), Value::Null));
            json!({ "id_token": Map::from_iter(asked) }).to_string()
        });
        Self { provider, redirect_uri, scope, claims, proofs, challenge }
    }

    pub(crate) fn form(&self) -> Form<'_> {
        let form = Form::default()
            .with("response_type", "code")
            .with("client_id", self.provider.client.as_str())
            .with("redirect_uri", self.redirect_uri)
            .with("scope", &self.scope)
            .with("state", &self.proofs.state)
            .with("nonce", &self.proofs.nonce)
            .with("code_challenge", &self.challenge)
            .with("code_challenge_method", "S256");
        match &self.claims {
            Some(claims) => form.with("claims", claims),
            None => form,
        }
    }
}

/// Where browsers are sent, of what a provider says of itself.
pub(crate) fn begins_at(metadata: &Metadata) -> Result<&Endpoint, NotSignedIn> {
    let nowhere = || NotSignedIn::Away("it names no authorization endpoint".to_owned());
    metadata.authorization_endpoint.as_ref().ok_or_else(nowhere)
}

/// What a provider's answer is good for, by what the browser kept: the code, for this sign-in alone.
pub(crate) fn judge(
    provider: &Provider,
    metadata: &Metadata,
    transaction: &Transaction,
    now: Timestamp,
    redirected: Redirected,
) -> Result<SecretValue, NotSignedIn> {
    if !Proofs::of(transaction).are_of(&redirected.state) {
        return Err(NotSignedIn::Stranger);
    }
    if !transaction.lasts(now) {
        return Err(NotSignedIn::Late);
    }
    // A no, too, is believed of nobody else (RFC 9207 §2.4).
    let is_its_own = match &redirected.issuer {
        Some(said) => said == provider.issuer.as_str(),
        None => !metadata.names_itself,
    };
    if !is_its_own {
        return Err(NotSignedIn::OtherProvider);
    }
    match redirected.said {
        Said::Code(code) => Ok(code),
        Said::No(no) => Err(NotSignedIn::No(no)),
    }
}

/// Gets the ID token that a code stands for, which works once. Asks, and blocks.
pub(crate) fn redeem(
    outbound: &dyn Outbound,
    provider: &Provider,
    metadata: &Metadata,
    redirect_uri: &str,
    transaction: &Transaction,
    now: Timestamp,
    code: &SecretValue,
) -> Result<SecretValue, NotSignedIn> {
    let away = |error: Error| NotSignedIn::Away(error.to_string());
    let nowhere = || NotSignedIn::Away("it names no token endpoint".to_owned());
    let auth = match (&provider.secret, metadata.takes_secret_in_form_alone) {
        (None, _) => ClientAuth::None,
        (Some(_), true) => ClientAuth::SecretPost,
        (Some(_), false) => ClientAuth::SecretBasic,
    };
    let client = Client {
        token_endpoint: metadata.token_endpoint.clone().ok_or_else(nowhere)?,
        id: provider.client.clone(),
        auth,
        issuer: None,
        key_id: None,
    };
    let secret = provider.secret.as_ref().map(SecretValue::expose);
    let secret = secret.and_then(|text| SecretValue::from_bytes(text.as_bytes(), false).ok());
    let who = Who::new(client, secret).map_err(away)?;
    let proofs = Proofs::of(transaction);
    let form = Form::default()
        .with("grant_type", "authorization_code")
        .with_secret("code", code)
        .with("redirect_uri", redirect_uri)
        .with("code_verifier", &proofs.verifier);
    match who.exchange(outbound, &mut SystemRandom, now, form).map_err(away)? {
        Ok(answer) => {
            let without = || NotSignedIn::Away("its token endpoint gave no ID token".to_owned());
            answer.id_token.ok_or_else(without)
        }
        Err(Failure::Refused(Refusal::InvalidGrant)) => Err(NotSignedIn::Code),
        Err(failure) => Err(NotSignedIn::Away(format!("its token endpoint gave no tokens: {failure}"))),
    }
}

/// An ID token that was read, and is not believed yet.
pub(crate) struct IdToken<'t>(Brought<'t>);

impl<'t> IdToken<'t> {
    /// Of two algorithms and no others; none that has ended.
    pub(crate) fn read(text: &'t SecretValue, now: Timestamp) -> Result<Self, NotSignedIn> {
        Brought::read(text.expose(), now).map(Self).map_err(NotSignedIn::Token)
    }

    /// Which of the provider's keys it says that signed it.
    pub(crate) fn kid(&self) -> Option<&str> {
        self.0.kid()
    }

    /// Whom it is about, if one of the provider's keys signed it for this sign-in.
    pub(crate) fn subject(
        self,
        keys: &Keys,
        provider: &Provider,
        transaction: &Transaction,
        now: Timestamp,
    ) -> Result<OwnerSubject, NotSignedIn> {
        let claims = self.0.verified(keys).map_err(NotSignedIn::Token)?;
        let proofs = Proofs::of(transaction);
        let expected = Expected {
            issuer: provider.issuer.as_str(),
            client: provider.client.as_str(),
            nonce: &proofs.nonce,
            begun_at: transaction.begun_at(),
            claim: &provider.claim,
        };
        Ok(id_token::subject(&claims, &expected, now)?)
    }
}

/// Begins the session of somebody whom the provider knows. What they may give is what the role says now.
pub(crate) fn begin(env: &mut Env, provider: &Provider, subject: &OwnerSubject) -> Result<SignedIn, Refused> {
    let may_give = may_give(env, provider)?;
    by_oidc(env, provider.issuer.as_str(), subject, &may_give)
}

/// What people may give who come from the provider: what is in a role of the store, which is changed with a record; and without
/// one nothing, since all whom the provider lets in may be more than the operator thinks of.
fn may_give(env: &mut Env, provider: &Provider) -> Result<Scopes, Refused> {
    let Some(name) = &provider.role else { return Ok(Scopes::default()) };
    // One that was deleted gives nothing.
    Ok(env.store.role(name)?.map(|role| role.scopes).unwrap_or_default())
}

/// Looks at what can be looked at before anybody comes: the role, and where it is asked for the provider and its keys.
pub(crate) fn check(
    env: &mut Env,
    provider: &Provider,
    outbound: Option<&dyn Outbound>,
) -> Result<(), Error> {
    if let Some(name) = &provider.role {
        family::role(&mut env.store, name)?;
    }
    let Some(outbound) = outbound else { return Ok(()) };
    let metadata = discover(outbound, &provider.issuer, LONGEST)?;
    let lacks = |what: &str| {
        let message = format!("the issuer {} names no {what}; nothing was changed", provider.issuer);
        Error::KeyUnavailable { message, hint: "look at its address".to_owned() }
    };
    metadata.authorization_endpoint.as_ref().ok_or_else(|| lacks("authorization endpoint"))?;
    metadata.token_endpoint.as_ref().ok_or_else(|| lacks("token endpoint"))?;
    let keys = issuer_keys::fetch(outbound, &provider.issuer);
    keys.map(drop).map_err(|why| Error::KeyUnavailable {
        message: format!("the keys of the issuer {} cannot be had: {why}", provider.issuer),
        hint: "it has to sign with RS256 or ES256".to_owned(),
    })
}
