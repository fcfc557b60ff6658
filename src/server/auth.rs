//! `/auth/DIALECT/POLICY`: whether a request that a gateway holds may pass.

use std::net::IpAddr;

use hyper::Response;
use hyper::http::request::Parts;

use super::answers::Body;
use super::app::App;
use super::beside::Beside;
use super::canaries::At;
use super::credential;
use super::dialects::{Asking, Dialect};
use super::door::Door;
use super::identity::Identity;
use super::refusal::{Manner, Refusal};
use super::upstream;
use crate::domain::keys::scope::Scope;
use crate::domain::keys::verdict::Asked;
use crate::domain::owners::subject::OwnerSubject;
use crate::domain::policies::policy::{self, Policy};
use crate::domain::policies::request::Request;
use crate::domain::policies::requirement::Requirement;
use crate::domain::policies::resource::ResourceUrl;
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

impl<'a> Chosen<'a> {
    fn policy(&self) -> Option<&'a Policy> {
        match self {
            Self::Scope(_) => None,
            Self::Named(policy) => Some(policy),
        }
    }
}

/// Answers what a gateway asks; `rest` is the path behind `/auth/DIALECT`.
pub(super) async fn auth(
    app: &App,
    door: Door,
    client: Option<IpAddr>,
    dialect: Dialect,
    rest: &str,
    parts: &Parts,
) -> Decision {
    let (mut seen, mut chosen, mut written, mut needs) = (None, None, None, None);
    let decided = match dialect.read(parts, rest, client) {
        Ok(asking) => {
            written = asking.policy;
            let decided = decide(app, door, &asking, parts, &mut seen, &mut chosen).await;
            needs = decided.as_ref().err().and_then(|_| public_scope(chosen.as_ref()?, &asking));
            decided
        }
        Err(refusal) => Err(refusal),
    };
    let policy = chosen.as_ref().and_then(Chosen::policy);
    let (response, refusal) = match decided {
        Ok(identity) => (identity.answer(), None),
        Err(refusal) if app.observes(policy) => {
            let known = written.filter(|_| chosen.is_some()).unwrap_or_default();
            app.uses.would_deny(known, refusal.reason());
            (upstream::none(policy, Identity::of_nobody(refusal.reason())).answer(), Some(refusal))
        }
        Err(refusal) => {
            let body = policy.map_or(policy::Body::Problem, |policy| policy.body);
            let own = policy.and_then(|policy| policy.resource.as_ref()).map(ResourceUrl::metadata_url);
            let metadata = own.as_deref().or(app.metadata_url());
            let manner = Manner { body, realm: app.realm(), metadata, scope: needs.as_ref() };
            (dialect.refuse(&refusal, &manner), Some(refusal))
        }
    };
    let policy = written.filter(|_| refusal.is_some()).map(str::to_owned);
    Decision { response, refusal, caller: seen, policy }
}

async fn decide<'a>(
    app: &'a App,
    door: Door,
    asking: &Asking<'_>,
    parts: &Parts,
    seen: &mut Option<Caller>,
    chosen: &mut Option<Chosen<'a>>,
) -> Result<Identity, Refusal> {
    let chosen = &*chosen.insert(choose(app, asking)?);
    let token = credential::token(&parts.headers)?;
    let path = asking.target.unwrap_or_else(|| parts.uri.path().as_bytes());
    let caller = &*seen.insert(app.presented(token, At { address: asking.client, path }).await?);
    let policy = chosen.policy();
    if !app.takes(caller, policy) {
        return Err(app.refused_token(Refusal::OF_ANOTHER, token, asking.client));
    }
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
    let Some(wanted) = policy.and_then(|policy| policy.upstream_key.as_ref()) else {
        app.admit(caller, grant).await?;
        return Ok(identity);
    };
    // Boxed: most policies have no room for it.
    let found = Box::pin(upstream::find(app, door, token, (grant, &asked), wanted)).await?;
    app.admit(caller, grant).await?;
    app.uses.disclosed(found.handed_out, grant.key_id);
    Ok(found.into(identity))
}

/// What a request needs, where clients are told of the scopes anyway: before a resource that has metadata.
fn public_scope(chosen: &Chosen<'_>, asking: &Asking<'_>) -> Option<Scope> {
    chosen.policy()?.resource.as_ref()?;
    let (scope, _) = needed(chosen, asking).ok()?;
    scope.filter(|scope| !scope.is_reserved())
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
