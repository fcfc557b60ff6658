//! What a policy comes to for a request, and by which rule.

use std::fmt;

use serde::Serialize;

use super::can::{covering, inactive, rule, why};
use super::{Field, Screen, Tone, View};
use crate::domain::id::KeyId;
use crate::domain::keys::scope::Scope;
use crate::domain::keys::verdict::Reason;
use crate::domain::owners::owner::{KeyName, Owner};
use crate::domain::owners::role::RoleName;
use crate::domain::owners::subject::OwnerSubject;
use crate::domain::policies::method::{Method, Methods};
use crate::domain::policies::request::RequestFault;
use crate::ops::policies::explain::{DecidingRoute, Explanation, Rule, Ruling};

/// One ruling of an explanation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Explained<'e> {
    of: &'e Explanation,
    ruling: &'e Ruling,
}

impl<'e> Explained<'e> {
    pub(crate) fn all(of: &'e Explanation) -> impl Iterator<Item = Self> {
        of.rulings.iter().map(move |ruling| Self { of, ruling })
    }

    fn why(&self) -> String {
        let (ruling, key) = (self.ruling, self.of.key.path());
        match (&ruling.rule, &ruling.scope, &ruling.path_owner) {
            (Rule::AnyKey, ..) => format!("any good key may ({key})"),
            (Rule::Scope(rule), Some(scope), _) => why(rule, scope, &key),
            (Rule::Request(RequestFault::Method), ..) => {
                let method = self.of.line.method();
                let meant = Method::meant(method).map(|near| format!("; did you mean {near}?"));
                format!("no route can name the method {method}{}", meant.unwrap_or_default())
            }
            (Rule::Request(fault), ..) => fault.to_string(),
            (Rule::Key(Reason::Inactive(state)), ..) => inactive(*state, &key),
            (Rule::Key(Reason::Network), ..) => format!("{key} may not be used from that address"),
            (Rule::Key(Reason::Owner), _, Some(owner)) => {
                format!("the path is for {owner}, and {key} is of {}", self.of.key.subject)
            }
            (Rule::Key(_) | Rule::Scope(_), ..) => format!("{key} is not accepted"),
        }
    }
}

impl fmt::Display for Explained<'_> {
    /// One line: the answer, the policy, the route and the rule that decides.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ruling = self.ruling;
        f.write_str(match (ruling.is_allowed(), ruling.needs_https, ruling.is_observed) {
            (true, false, _) => "allowed",
            (true, true, _) => "allowed, needs https",
            (false, _, false) => "denied",
            (false, _, true) => "denied, and let through since it is only observed",
        })?;
        write!(f, ": {}", ruling.policy)?;
        if let Some(DecidingRoute { pattern, methods, .. }) = &ruling.route {
            write!(f, ", {pattern} ({methods})")?;
        }
        write!(f, ": {}", self.why())?;
        match ruling.reason() {
            Some(word) => write!(f, " [{word}]"),
            None => Ok(()),
        }
    }
}

#[derive(Serialize)]
struct ExplainedJson<'e> {
    policy: String,
    allowed: bool,
    needs_https: bool,
    observed: bool,
    method: &'e str,
    path: &'e str,
    route: Option<RouteJson<'e>>,
    scope: Option<&'e Scope>,
    path_owner: Option<&'e OwnerSubject>,
    owner: &'e Owner,
    subject: &'e OwnerSubject,
    key_id: KeyId,
    key_name: &'e KeyName,
    rule: &'static str,
    covered_by: Option<&'e Scope>,
    role: Option<&'e RoleName>,
    reason: Option<&'static str>,
    explanation: String,
}

#[derive(Serialize)]
struct RouteJson<'e> {
    number: usize,
    path: &'e str,
    methods: Option<Vec<&'static str>>,
}

fn route_json(route: &DecidingRoute) -> RouteJson<'_> {
    let methods = match route.methods {
        Methods::Any => None,
        Methods::Named(set) => Some(set.iter().map(Method::as_str).collect()),
    };
    RouteJson { number: route.number, path: &route.pattern, methods }
}

fn rule_word(ruling: &Rule) -> &'static str {
    match ruling {
        Rule::AnyKey => "any_key",
        Rule::Scope(of_scope) => rule(of_scope),
        Rule::Request(fault) => fault.as_str(),
        Rule::Key(reason) => reason.as_str(),
    }
}

impl View for Explained<'_> {
    fn json(&self) -> impl Serialize {
        let (Explanation { key, line, .. }, ruling) = (self.of, self.ruling);
        let (covered_by, role) = match &ruling.rule {
            Rule::Scope(rule) => covering(rule),
            _ => (None, None),
        };
        ExplainedJson {
            policy: ruling.policy.to_string(),
            allowed: ruling.is_allowed(),
            needs_https: ruling.needs_https,
            observed: ruling.is_observed,
            method: line.method(),
            path: line.path(),
            route: ruling.route.as_ref().map(route_json),
            scope: ruling.scope.as_ref(),
            path_owner: ruling.path_owner.as_ref(),
            owner: &key.owner,
            subject: &key.subject,
            key_id: key.id,
            key_name: &key.name,
            rule: rule_word(&ruling.rule),
            covered_by,
            role,
            reason: ruling.reason(),
            explanation: self.to_string(),
        }
    }

    fn fields(&self, _: &Screen) -> Vec<Field> {
        let ruling = self.ruling;
        let allowed = Field::new("allowed", ruling.is_allowed().to_string());
        let allowed = match (ruling.is_allowed(), ruling.is_observed) {
            (true, _) if ruling.needs_https => allowed.human("over https").tone(Tone::Good),
            (true, _) => allowed.human("yes").tone(Tone::Good),
            (false, true) => allowed.human("observed").tone(Tone::Warn),
            (false, false) => allowed.human("no").tone(Tone::Bad),
        };
        let (route, methods) = match &ruling.route {
            Some(route) => (route.pattern.clone(), route.methods.to_string()),
            None => Default::default(),
        };
        let needs = match (&ruling.scope, &ruling.route) {
            (Some(scope), _) => scope.to_string(),
            (None, Some(_)) => "any key".to_owned(),
            (None, None) => String::new(),
        };
        vec![
            Field::new("policy", ruling.policy.to_string()),
            allowed,
            Field::new("route", route),
            Field::new("methods", methods),
            Field::new("needs", needs),
            Field::new("path_owner", ruling.path_owner.as_ref().map_or("", OwnerSubject::as_str)),
            Field::new("rule", rule_word(&ruling.rule)),
            Field::new("explanation", self.why()).open_end(),
        ]
    }
}
