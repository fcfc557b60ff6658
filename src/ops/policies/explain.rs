//! Which rule decides on a request, by each policy: the decision of `keyctl serve`, without a server.

use std::net::IpAddr;

use crate::domain::keys::key::Key;
use crate::domain::keys::key_ref::KeyRef;
use crate::domain::keys::limit::Quota;
use crate::domain::keys::network::Networks;
use crate::domain::keys::scope::Scope;
use crate::domain::keys::verdict::{Asked, Denial, KnownToken, Reason, Verdict, decide};
use crate::domain::owners::subject::OwnerSubject;
use crate::domain::policies::method::Methods;
use crate::domain::policies::policy::{Needed, Policies, Policy, PolicyName};
use crate::domain::policies::request::RequestFault;
use crate::domain::policies::request_line::RequestLine;
use crate::domain::policies::requirement::Requirement;
use crate::domain::texts::near::nearest_name;
use crate::domain::time::Timestamp;
use crate::ops::error::{Error, Result};
use crate::ops::keys::can;
use crate::ops::keys::find::resolve;
use crate::ops::near;
use crate::store::{Lookup, Store};

pub(crate) struct Question<'q> {
    pub policies: &'q Policies,
    /// The only one that is meant, as a gateway names it.
    pub policy: Option<&'q Requirement>,
    /// Whether all are only observed.
    pub observes_all: bool,
    pub line: &'q RequestLine,
    pub key: &'q KeyRef,
    /// The client's; without it networks are left out.
    pub address: Option<IpAddr>,
}

/// What each policy comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Explanation {
    pub key: Key,
    /// What all keys of its owner may spend together.
    pub owner_quota: Option<Quota>,
    pub line: RequestLine,
    /// Whether networks decide, and were left out.
    pub leaves_networks_out: bool,
    pub rulings: Vec<Ruling>,
}

impl Explanation {
    /// Why none of the policies lets it in; `None` if one does.
    pub(crate) fn denial(&self) -> Option<Denial> {
        let denials: Option<Vec<Denial>> = self.rulings.iter().map(Ruling::denial).collect();
        denials.map(|denials| denials.first().copied().unwrap_or(Denial::Forbidden))
    }
}

/// What one policy comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ruling {
    pub policy: Requirement,
    pub needs_https: bool,
    /// Whether what is denied passes all the same.
    pub is_observed: bool,
    /// The route that decides, if one is for the request.
    pub route: Option<DecidingRoute>,
    pub scope: Option<Scope>,
    /// Whose key it must be, by the path.
    pub path_owner: Option<OwnerSubject>,
    pub rule: Rule,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DecidingRoute {
    /// Its place among the policy's routes as they are written, from 1.
    pub number: usize,
    pub pattern: String,
    pub methods: Methods,
}

/// What decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    /// Every good key may.
    AnyKey,
    /// The key's scopes, or their lack.
    Scope(can::Rule),
    /// The request: no key may.
    Request(RequestFault),
    /// Something else of the key's.
    Key(Reason),
}

impl Ruling {
    pub(crate) fn is_allowed(&self) -> bool {
        self.reason().is_none()
    }

    /// What the client would be told.
    pub(crate) fn denial(&self) -> Option<Denial> {
        self.reason().map(|_| match &self.rule {
            Rule::Key(reason) => reason.denial(),
            _ => Denial::Forbidden,
        })
    }

    /// The word for a denial in the server's log.
    pub(crate) fn reason(&self) -> Option<&'static str> {
        match &self.rule {
            Rule::AnyKey | Rule::Scope(can::Rule::Covered { .. }) => None,
            Rule::Scope(_) => Some(Reason::Scope.as_str()),
            Rule::Request(fault) => Some(fault.as_str()),
            Rule::Key(reason) => Some(reason.as_str()),
        }
    }
}

/// What the policies say of the request with this key, in order of their names.
pub(crate) fn explain(store: &mut Store, question: &Question<'_>) -> Result<Explanation> {
    let chosen = chosen(question)?;
    // Key, token and roles must be of one state.
    store.snapshot(|store| {
        let key = resolve(store, question.key)?;
        let (known, now) = can::token_of(store, &key)?;
        let is_bound =
            [&known.networks, &known.parent_networks].iter().any(|one| **one != Networks::default());
        let leaves_networks_out = question.address.is_none() && is_bound;
        let known = if leaves_networks_out { from_anywhere(known) } else { known };
        let rulings = chosen
            .iter()
            .map(|chosen| ruling(store, question, *chosen, &key, &known, now))
            .collect::<Result<_>>()?;
        let owner_quota = Lookup::owner(store, &key.owner)?.and_then(|owner| owner.quota);
        Ok(Explanation { key, owner_quota, line: question.line.clone(), leaves_networks_out, rulings })
    })
}

fn from_anywhere(known: KnownToken) -> KnownToken {
    KnownToken { networks: Networks::default(), parent_networks: Networks::default(), ..known }
}

/// What a gateway asks for.
#[derive(Clone, Copy)]
enum Chosen<'q> {
    Scope(&'q Scope),
    Named(&'q Policy),
}

fn chosen<'q>(question: &Question<'q>) -> Result<Vec<Chosen<'q>>> {
    match question.policy {
        Some(Requirement::Scope(scope)) => Ok(vec![Chosen::Scope(scope)]),
        Some(Requirement::Policy(name)) => {
            let found = question.policies.get(name).ok_or_else(|| unknown(question.policies, name))?;
            Ok(vec![Chosen::Named(found)])
        }
        None if question.policies.is_empty() => Err(Error::Invalid {
            message: "there is no policy that could decide".to_owned(),
            hint: "name the scope that the gateway asks for, as in --policy memories:read, or the file with the \
                   policies: --config FILE"
                .to_owned(),
        }),
        None => Ok(question.policies.iter().map(Chosen::Named).collect()),
    }
}

fn unknown(policies: &Policies, name: &PolicyName) -> Error {
    let all: Vec<String> = policies.iter().map(|policy| format!("@{}", policy.name())).collect();
    let hint = if all.is_empty() {
        "none is configured; name the file with the policies: --config FILE".to_owned()
    } else {
        format!("there is: {}", all.join(", "))
    };
    let meant = policy_meant(policies, name.as_str()).map(|near| format!("@{near}"));
    near::not_found(format!("there is no policy @{name}"), meant, hint)
}

/// The policy that has this name, or nearly.
pub(crate) fn policy_meant<'p>(policies: &'p Policies, typed: &str) -> Option<&'p PolicyName> {
    nearest_name(typed, policies.iter().map(Policy::name).collect(), |name| name.as_str())
}

fn ruling(
    store: &mut Store,
    question: &Question<'_>,
    chosen: Chosen<'_>,
    key: &Key,
    known: &KnownToken,
    now: Timestamp,
) -> Result<Ruling> {
    let needed = match chosen {
        Chosen::Scope(_) => None,
        Chosen::Named(policy) => Some(question.line.request().needs(policy)),
    };
    let (needed, fault) = match needed.transpose() {
        Ok(needed) => (needed, None),
        Err(fault) => (None, Some(fault)),
    };
    let scope = match chosen {
        Chosen::Scope(scope) => Some(scope),
        Chosen::Named(_) => needed.as_ref().and_then(Needed::scope),
    };
    let asked = Asked {
        scope: scope.cloned(),
        owner: needed.as_ref().and_then(|needed| needed.owner.clone()),
        address: question.address,
    };
    let rule = match (decide(Some(known.clone()), &asked, now), fault, scope) {
        // Who asks comes before what is asked.
        (Verdict::Denied(reason @ (Reason::Inactive(_) | Reason::Network)), _, _) => Rule::Key(reason),
        (_, Some(fault), _) => Rule::Request(fault),
        (Verdict::Denied(Reason::Scope), None, Some(scope)) => {
            Rule::Scope(can::explain(store, key, scope, false)?)
        }
        (Verdict::Denied(reason), None, _) => Rule::Key(reason),
        (Verdict::Allowed(_), None, Some(scope)) => Rule::Scope(can::explain(store, key, scope, true)?),
        (Verdict::Allowed(_), None, None) => Rule::AnyKey,
    };
    let policy = match chosen {
        Chosen::Scope(scope) => Requirement::Scope(scope.clone()),
        Chosen::Named(policy) => Requirement::Policy(policy.name().clone()),
    };
    let named = |says: fn(&Policy) -> bool| matches!(chosen, Chosen::Named(policy) if says(policy));
    Ok(Ruling {
        policy,
        needs_https: named(|policy| policy.require_https),
        is_observed: question.observes_all || named(|policy| policy.observe),
        route: needed.map(|needed| DecidingRoute {
            number: needed.place + 1,
            pattern: needed.route.pattern.to_string(),
            methods: needed.route.methods,
        }),
        scope: asked.scope,
        path_owner: asked.owner,
        rule,
    })
}
