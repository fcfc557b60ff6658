//! `/auth/DIALECT/POLICY`: whether a request that a gateway holds may pass.

use std::net::IpAddr;

use hyper::Response;
use hyper::http::request::Parts;

use super::answers::Body;
use super::app::App;
use super::beside::Beside;
use super::credential;
use super::dialects::{Asking, Dialect};
use super::identity::Identity;
use super::refusal::{Manner, Refusal};
use crate::domain::keys::scope::Scope;
use crate::domain::keys::verdict::Asked;
use crate::domain::owners::subject::OwnerSubject;
use crate::domain::policies::policy::{self, Policy};
use crate::domain::policies::request::Request;
use crate::domain::policies::requirement::Requirement;
use crate::runtime::serving::Caller;

/// What was decided, and what is to be known of it.
pub(super) struct Decision {
    pub(super) response: Response<Body>,
    /// Why not; also where it passed because it is only observed.
    pub(super) refusal: Option<Refusal>,
    pub(super) caller: Option<Caller>,
    /// As it was asked for.
    pub(super) policy: Option<String>,
}

/// The policy of a request.
enum Chosen<'a> {
    Scope(Scope),
    Named(&'a Policy),
}

/// Answers what a gateway asks; `rest` is the path behind `/auth/DIALECT`.
pub(super) async fn auth(
    app: &App,
    client: Option<IpAddr>,
    dialect: Dialect,
    rest: &str,
    parts: &Parts,
) -> Decision {
    let (mut seen, mut chosen, mut written) = (None, None, None);
    let decided = match dialect.read(parts, rest, client) {
        Ok(asking) => {
            written = asking.policy;
            decide(app, &asking, parts, &mut seen, &mut chosen).await
        }
        Err(refusal) => Err(refusal),
    };
    let policy = match &chosen {
        Some(Chosen::Named(policy)) => Some(*policy),
        _ => None,
    };
    let (response, refusal) = match decided {
        Ok(identity) => (identity.answer(), None),
        Err(refusal) if app.observes(policy) => {
            let known = written.filter(|_| chosen.is_some()).unwrap_or_default();
            app.uses.would_deny(known, refusal.reason());
            (Identity::of_nobody(refusal.reason()).answer(), Some(refusal))
        }
        Err(refusal) => {
            let body = policy.map_or(policy::Body::Problem, |policy| policy.body);
            let manner = Manner { body, realm: app.realm(), metadata: app.metadata_url() };
            (dialect.refuse(&refusal, &manner), Some(refusal))
        }
    };
    let policy = written.filter(|_| refusal.is_some()).map(str::to_owned);
    Decision { response, refusal, caller: seen, policy }
}

async fn decide<'a>(
    app: &'a App,
    asking: &Asking<'_>,
    parts: &Parts,
    seen: &mut Option<Caller>,
    chosen: &mut Option<Chosen<'a>>,
) -> Result<Identity, Refusal> {
    let chosen = &*chosen.insert(choose(app, asking)?);
    let token = credential::token(&parts.headers)?;
    let caller = &*seen.insert(app.caller(token).await?);
    // Who asks comes first: nobody learns without a key which routes there are.
    let (scope, owner, wrong) = match needed(chosen, asking) {
        Ok((scope, owner)) => (scope, owner, None),
        Err(refusal) => (None, None, Some(refusal)),
    };
    let asked = Asked { scope, owner, address: asking.client };
    let grant = caller.judge(&asked, app.counts_uses()).map_err(|reason| {
        let refusal = Refusal::Denied { reason, needs: asked.scope.clone() };
        app.refused_token(refusal, token, asking.client)
    })?;
    if let Some(refusal) = wrong {
        return Err(refusal);
    }
    // Who is refused has spent nothing.
    let identity = Beside::identity(caller).ok_or(Refusal::Policy("identity_too_large"))?;
    app.admit(caller, grant).await?;
    Ok(identity)
}

fn choose<'a>(app: &'a App, asking: &Asking<'_>) -> Result<Chosen<'a>, Refusal> {
    let written = asking.policy.ok_or(Refusal::Policy("no_policy"))?;
    match Requirement::of_segment(written.as_bytes()) {
        Ok(Requirement::Scope(scope)) => Ok(Chosen::Scope(scope)),
        Ok(Requirement::Policy(name)) => {
            app.policy(&name).map(Chosen::Named).ok_or(Refusal::Policy("unknown_policy"))
        }
        Err(_) => Err(Refusal::Policy("unknown_policy")),
    }
}

type Needs = (Option<Scope>, Option<OwnerSubject>);

fn needed(chosen: &Chosen<'_>, asking: &Asking<'_>) -> Result<Needs, Refusal> {
    let policy = match chosen {
        Chosen::Scope(scope) => return Ok((Some(scope.clone()), None)),
        Chosen::Named(policy) => policy,
    };
    let request = Request { method: asking.method, target: asking.target, is_https: asking.is_https };
    let needed = request.needs(policy).map_err(|fault| Refusal::Policy(fault.as_str()))?;
    Ok((needed.scope().cloned(), needed.owner))
}
