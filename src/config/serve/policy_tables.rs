//! `[policy.NAME]` and its `[[policy.NAME.route]]`.

use toml::de::{DeTable, DeValue};

use super::document::{At, Document, Found, Key, Value};
use crate::config::config_file::Named;
use crate::config::error::ConfigError;
use crate::domain::policies::method::{Method, MethodSet, Methods};
use crate::domain::policies::pattern::Pattern;
use crate::domain::policies::policy::{Body, Policies, Policy, PolicyName, SamePolicy};
use crate::domain::policies::route::{Need, Route, RoutesError};
use crate::domain::policies::upstream::{UpstreamHeader, UpstreamKey};

const KEYS: [&str; 6] = ["require_https", "observe", "body", "resource", "upstream_key", "route"];
const UPSTREAM_KEYS: [&str; 3] = ["provider", "header", "scheme"];
const ROUTE_KEYS: [&str; 4] = ["path", "methods", "scope", "any_key"];

/// A route as it was read, and where its table begins.
type Placed = (Route, At);

impl Document<'_> {
    pub(super) fn policies(&self, key: &Key<'_>, value: &Value<'_>) -> Result<Policies, ConfigError> {
        let mut policies = Policies::default();
        for (name, table) in self.sub(key, value)? {
            let policy = self.policy(name, table)?;
            let at = name.span().start;
            policies.add(policy).map_err(|same| {
                let hint = match same {
                    SamePolicy::Name(_) => "give one of them another name",
                    SamePolicy::Resource(_) => "make one policy of both",
                };
                self.error(at, same, hint)
            })?;
        }
        Ok(policies)
    }

    fn policy(&self, key: &Key<'_>, value: &Value<'_>) -> Result<Policy, ConfigError> {
        let start = key.span().start;
        let name: PolicyName =
            key.get_ref().parse().map_err(|error| self.error(start, error, "as in [policy.memories]"))?;
        let (mut https, mut observe, mut body, mut routes) = (false, false, Body::default(), Vec::new());
        let (mut resource, mut upstream_key) = (None, None);
        for (key, value) in self.sub(key, value)? {
            match key.get_ref().as_ref() {
                "require_https" => https = self.flag(key, value)?.value,
                "observe" => observe = self.flag(key, value)?.value,
                "body" => body = self.parsed(key, value, "as in body = \"jsonrpc\"", body_of)?.value,
                "resource" => {
                    let hint = "as in resource = \"https://mcp.example.org/mcp\", its own address";
                    resource = Some(self.parsed(key, value, hint, str::parse)?.value);
                }
                "upstream_key" => upstream_key = Some(self.upstream_key(key, value)?),
                "route" => routes = self.routes(key, value)?,
                _ => return Err(self.unknown(key, "a policy", &KEYS)),
            }
        }
        let (routes, places): (Vec<Route>, Vec<At>) = routes.into_iter().unzip();
        let mut policy = Policy::new(name, routes).map_err(|error| self.no_rules(start, &places, error))?;
        (policy.require_https, policy.observe, policy.body) = (https, observe, body);
        (policy.resource, policy.upstream_key) = (resource, upstream_key);
        Ok(policy)
    }

    fn upstream_key(&self, key: &Key<'_>, value: &Value<'_>) -> Result<UpstreamKey, ConfigError> {
        let at = self.at(key.span().start);
        let (mut provider, mut header, mut scheme) = (None, None, None);
        for (key, value) in self.sub(key, value)? {
            match key.get_ref().as_ref() {
                "provider" => {
                    provider = Some(self.parsed(key, value, "as in provider = \"memories\"", str::parse)?);
                }
                "header" => {
                    let hint = "as in header = \"Authorization\" or header = \"X-API-Key\"";
                    header = Some(self.parsed(key, value, hint, str::parse::<UpstreamHeader>)?);
                }
                "scheme" => {
                    scheme = Some(self.parsed(key, value, "as in scheme = \"Bearer\"", str::parse)?.value);
                }
                _ => return Err(self.unknown(key, "upstream_key", &UPSTREAM_KEYS)),
            }
        }
        let (Some(provider), Some(header)) = (provider, header) else {
            let hint = "as in upstream_key = { provider = \"memories\", header = \"X-API-Key\" }";
            return Err(self.error_at(at, "upstream_key needs a provider and a header", hint));
        };
        if header.value.has_scheme() && scheme.is_none() {
            let what = "a credential in Authorization stands behind its scheme";
            return Err(self.error_at(header.at, what, "add scheme = \"Bearer\""));
        }
        Ok(UpstreamKey { provider: provider.value, header: header.value, scheme })
    }

    fn no_rules(&self, start: usize, places: &[At], error: RoutesError) -> ConfigError {
        let here = |route: usize| places.get(route).copied().unwrap_or_else(|| self.at(start));
        let other = |other: usize| format!("see the route in line {}", here(other).line);
        match error {
            RoutesError::None => self.error(start, error, "add a table [[policy.NAME.route]]"),
            RoutesError::TooMany => self.error(start, error, "make two policies of it"),
            RoutesError::NoMethod { route } => self.error_at(here(route), error, "as in methods = [\"GET\"]"),
            RoutesError::Twice { route, other: one } | RoutesError::NeverMatches { route, other: one } => {
                self.error_at(here(route), error, other(one))
            }
        }
    }

    fn routes(&self, key: &Key<'_>, value: &Value<'_>) -> Result<Vec<Placed>, ConfigError> {
        let DeValue::Array(values) = value.get_ref() else {
            let hint = "write a table for each: [[policy.NAME.route]]";
            return Err(self.error(key.span().start, "route must be a list of tables", hint));
        };
        values.iter().map(|value| self.route(key, value)).collect()
    }

    fn route(&self, key: &Key<'_>, value: &Value<'_>) -> Result<Placed, ConfigError> {
        let at = self.at(value.span().start);
        let table: &DeTable<'_> = self.sub(key, value)?;
        let (mut pattern, mut methods, mut scope, mut any_key) = (None, Methods::Any, None, None);
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "path" => pattern = Some(self.pattern(key, value)?),
                "methods" => methods = self.methods(key, value)?,
                "scope" => {
                    scope = Some(self.parsed(key, value, "as in scope = \"memories:read\"", str::parse)?);
                }
                "any_key" => any_key = Some(self.flag(key, value)?),
                _ => return Err(self.unknown(key, "a route", &ROUTE_KEYS)),
            }
        }
        let Some(pattern) = pattern else {
            let hint = "as in path = \"/v1/memories/{owner}\"";
            return Err(self.error_at(at, "the route has no path", hint));
        };
        let need = match (scope, any_key) {
            (Some(scope), None) => Need::Scope(scope.value),
            (None, Some(Found { value: true, .. })) => Need::AnyKey,
            (Some(_), Some(any)) => {
                let what = "a route has a scope or any_key, not both";
                return Err(self.error_at(any.at, what, "remove one of them"));
            }
            (None, _) => {
                let hint = "write scope = \"…\", or any_key = true if every good key may";
                return Err(self.error_at(at, "the route has no scope", hint));
            }
        };
        Ok((Route { pattern, methods, need }, at))
    }

    fn pattern(&self, key: &Key<'_>, value: &Value<'_>) -> Result<Pattern, ConfigError> {
        let text = self.text(key, value)?;
        text.value.parse::<Pattern>().map_err(|error| {
            let at = self.within(&text, &value.span(), error.column);
            self.error_at(at, error, "as in /v1/memories/{owner}, /v1/*/status or /files/**")
        })
    }

    fn methods(&self, key: &Key<'_>, value: &Value<'_>) -> Result<Methods, ConfigError> {
        let parse = |text: &str| {
            Method::parse(text.as_bytes()).ok_or_else(|| {
                let meant =
                    Method::meant(text).map(|near| format!("; did you mean {near}?")).unwrap_or_default();
                format!("{} is no method{meant}", Named(text))
            })
        };
        let found = self.list(key, value, "as in methods = [\"GET\", \"POST\"]", parse)?;
        let set: MethodSet = found.into_iter().map(|method| method.value).collect();
        Ok(Methods::Named(set))
    }
}

fn body_of(text: &str) -> Result<Body, &'static str> {
    match text {
        "problem" => Ok(Body::Problem),
        "jsonrpc" => Ok(Body::JsonRpc),
        _ => Err("write problem or jsonrpc"),
    }
}
