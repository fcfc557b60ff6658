//! A policy by its name, and what it says of a request.

use std::borrow::Borrow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use super::method::Method;
use super::path::JudgedPath;
use super::resource::ResourceUrl;
use super::route::{Route, Routes, RoutesError};
use super::upstream::UpstreamKey;
use crate::domain::keys::scope::Scope;
use crate::domain::owners::subject::{OwnerSubject, SubjectError};

/// What a policy is called: 1 to 64 of `a-z 0-9 _ -`, first a letter or a digit. Behind an `@` it stands in
/// the path that a gateway asks for, and needs no escapes there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct PolicyName(Box<str>);

/// A text is no policy's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a policy's name has 1 to {LONGEST} of a-z 0-9 _ -, first a letter or a digit")]
pub(crate) struct PolicyNameError;

const LONGEST: usize = 64;

impl PolicyName {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PolicyName {
    type Err = PolicyNameError;

    fn from_str(text: &str) -> Result<Self, PolicyNameError> {
        let is_first = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let starts = text.bytes().next().is_some_and(is_first);
        let known = text.bytes().all(|byte| is_first(byte) || b"_-".contains(&byte));
        if starts && known && text.len() <= LONGEST { Ok(Self(text.into())) } else { Err(PolicyNameError) }
    }
}

impl fmt::Display for PolicyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Borrow<str> for PolicyName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

/// How a denial is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Body {
    /// RFC 9457.
    #[default]
    Problem,
    /// An error object of JSON-RPC 2.0, whose code and message MCP clients show.
    JsonRpc,
}

/// How requests under one name are judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Policy {
    name: PolicyName,
    routes: Routes,
    /// Whether a request must have come by HTTPS, as the gateway says.
    pub require_https: bool,
    /// Whether all are let through, and what would be denied is only counted.
    pub observe: bool,
    pub body: Body,
    /// What it stands before, as clients of OAuth know it.
    pub resource: Option<ResourceUrl>,
    /// What the server behind the gateway gets of its own.
    pub upstream_key: Option<UpstreamKey>,
}

/// What a request needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Needed<'p> {
    /// Whose key it must be, by the path.
    pub owner: Option<OwnerSubject>,
    /// The route that decides.
    pub route: &'p Route,
    /// Its place among the policy's routes as they were given, from 0.
    pub place: usize,
}

impl<'p> Needed<'p> {
    pub(crate) fn scope(&self) -> Option<&'p Scope> {
        self.route.need.scope()
    }
}

/// Why no key is let in, whichever it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PolicyFault {
    /// No route for this path and method.
    #[error("no route of the policy is for this path and method")]
    NoRoute,
    /// What stands under `{owner}` can be nobody's subject. No wider route is tried instead.
    #[error("the path names an owner who cannot be: {0}")]
    Owner(#[source] SubjectError),
}

impl PolicyFault {
    /// The word for logs and metrics.
    pub(crate) const fn as_str(&self) -> &'static str {
        match self {
            Self::NoRoute => "no_route",
            Self::Owner(_) => "path_owner",
        }
    }
}

impl Policy {
    /// A policy that answers with problems and denies in earnest.
    pub(crate) fn new(name: PolicyName, routes: Vec<Route>) -> Result<Self, RoutesError> {
        let routes = Routes::new(routes)?;
        Ok(Self {
            name,
            routes,
            require_https: false,
            observe: false,
            body: Body::default(),
            resource: None,
            upstream_key: None,
        })
    }

    pub(crate) fn name(&self) -> &PolicyName {
        &self.name
    }

    /// The most specific first.
    pub(crate) fn routes(&self) -> impl Iterator<Item = &Route> {
        self.routes.iter()
    }

    /// The scopes that it can ask for, in order. Those of keyctl itself are nothing that a client is told to get.
    pub(crate) fn scopes(&self) -> BTreeSet<&Scope> {
        self.routes().filter_map(|route| route.need.scope()).filter(|scope| !scope.is_reserved()).collect()
    }

    /// What the request needs, by its most specific route: that of the most specific pattern of those that
    /// are for the path and the method; of one pattern, that which names the method.
    pub(crate) fn route(&self, path: &JudgedPath<'_>, method: Method) -> Result<Needed<'_>, PolicyFault> {
        let (route, place, covered) = self.routes.find(path, method).ok_or(PolicyFault::NoRoute)?;
        let owner = covered.owner.map(str::parse).transpose().map_err(PolicyFault::Owner)?;
        Ok(Needed { owner, route, place })
    }
}

/// All policies, by their names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Policies(BTreeMap<PolicyName, Policy>);

/// Two policies that are not told apart.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SamePolicy {
    #[error("there are two policies {0}")]
    Name(PolicyName),
    /// Its metadata would name the scopes of one of them.
    #[error("policy {0} stands before the same resource")]
    Resource(PolicyName),
}

impl Policies {
    pub(crate) fn add(&mut self, policy: Policy) -> Result<(), SamePolicy> {
        if self.0.contains_key(policy.name()) {
            return Err(SamePolicy::Name(policy.name));
        }
        let same = |other: &&Policy| policy.resource.is_some() && other.resource == policy.resource;
        if let Some(other) = self.iter().find(same) {
            return Err(SamePolicy::Resource(other.name.clone()));
        }
        self.0.insert(policy.name.clone(), policy);
        Ok(())
    }

    /// The policy before the resource with this path, and this authority where there are several. Whoever asks says both,
    /// and learns what is public.
    pub(crate) fn before(&self, path: &str, authority: Option<&str>) -> Option<(&Policy, &ResourceUrl)> {
        let all = self.iter().filter_map(|policy| Some((policy, policy.resource.as_ref()?)));
        let mut found = all.filter(|(_, resource)| resource.path() == path);
        let first = found.next()?;
        let named = |(_, resource): &(&Policy, &ResourceUrl)| {
            authority.is_some_and(|authority| resource.authority().eq_ignore_ascii_case(authority))
        };
        let mut rest = found.peekable();
        if rest.peek().is_none() {
            return Some(first);
        }
        std::iter::once(first).chain(rest).find(named)
    }

    /// Whether a short-lived token is good where a policy decides, or none (RFC 8707 §2): for the policy's own resource,
    /// or for the issuer, which is for nobody in particular. Without a resource, any of the store's audiences will do but
    /// those that are another policy's resource: a token that one server was shown opens no other.
    pub(crate) fn take<'a>(
        &self,
        policy: Option<&Policy>,
        is_of_issuer: bool,
        audiences: impl IntoIterator<Item = &'a str>,
    ) -> bool {
        let own = policy.and_then(|policy| policy.resource.as_ref());
        let is_of_another = |audience: &str| {
            self.iter().any(|policy| policy.resource.as_ref().is_some_and(|url| url.as_str() == audience))
        };
        is_of_issuer
            || audiences.into_iter().any(|audience| match own {
                Some(resource) => resource.as_str() == audience,
                None => !is_of_another(audience),
            })
    }

    /// There is no other that would do in its place.
    pub(crate) fn get(&self, name: &PolicyName) -> Option<&Policy> {
        self.0.get(name)
    }

    /// In order of their names.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Policy> {
        self.0.values()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::super::method::Methods;
    use super::super::route::Need;
    use super::*;
    use crate::domain::texts::text::CodePoint;

    fn name(text: &str) -> PolicyName {
        text.parse().expect(text)
    }

    fn route(pattern: &str, need: &str) -> Route {
        let need = need.parse().map_or(Need::AnyKey, Need::Scope);
        Route { pattern: pattern.parse().expect(pattern), methods: Methods::Any, need }
    }

    fn memories() -> Policy {
        let routes =
            vec![route("/m/{owner}/**", "memories:read"), route("/m/**", "admin"), route("/health", "")];
        Policy::new(name("memories"), routes).expect("a policy")
    }

    fn judged<'p>(
        policy: &'p Policy,
        path: &str,
    ) -> Result<(Option<&'p str>, Option<String>, usize), PolicyFault> {
        let path = JudgedPath::parse(path.as_bytes()).expect(path);
        policy.route(&path, Method::Get).map(|needed| {
            let owner = needed.owner.as_ref().map(|owner| owner.as_str().to_owned());
            (needed.scope().map(Scope::as_str), owner, needed.place)
        })
    }

    #[test]
    fn a_request_needs_the_scope_and_owner_of_its_route() {
        let policy = memories();
        let read = |owner: &str| Ok((Some("memories:read"), Some(owner.to_owned()), 0));
        for (path, needed) in [
            ("/m/alice", read("alice")),
            ("/m/alice/", read("alice")),
            ("/m/Alice/x/y", read("Alice")),
            ("/m/auth0%7C5f/x", read("auth0|5f")),
            ("/m/%61%6Cice/x", read("alice")),
            ("/m", Ok((Some("admin"), None, 1))),
            ("/m/", Ok((Some("admin"), None, 1))),
            ("/health", Ok((None, None, 2))),
            ("/", Err(PolicyFault::NoRoute)),
            ("/M/alice", Err(PolicyFault::NoRoute)),
            ("/healthz", Err(PolicyFault::NoRoute)),
        ] {
            assert_eq!(judged(&policy, path), needed, "{path}");
        }
    }

    #[test]
    fn an_owner_who_cannot_be_is_denied_and_no_wider_route_tried() {
        let policy = memories();
        for (path, odd) in [("/m/a%20b/x", ' '), ("/m/zo%C3%AB", '\u{eb}'), ("/m/%D0%B0lice", '\u{430}')] {
            let fault = PolicyFault::Owner(SubjectError::Alphabet(CodePoint(odd)));
            assert_eq!(judged(&policy, path), Err(fault), "{path}");
        }
        let long = format!("/m/{}", "x".repeat(256));
        assert_eq!(judged(&policy, &long), Err(PolicyFault::Owner(SubjectError::TooLong(256))));
    }

    #[test]
    fn a_policys_name_needs_no_escapes() {
        let longest = "x".repeat(LONGEST);
        for text in ["a", "0", "web", "llama-stack_2", &longest] {
            assert_eq!(name(text).as_str(), text);
        }
        let long = "x".repeat(LONGEST + 1);
        for text in ["", "-a", "_a", "Web", "a.b", "a b", "a/b", "a%", "é", "@web", &long] {
            assert_eq!(text.parse::<PolicyName>(), Err(PolicyNameError), "{text}");
        }
    }

    #[test]
    fn policies_are_found_by_their_names_and_no_two_have_one() {
        let mut policies = Policies::default();
        assert!(policies.is_empty());
        policies.add(memories()).expect("the first");
        assert_eq!(policies.add(memories()), Err(SamePolicy::Name(name("memories"))));
        assert_eq!(policies.get(&name("memories")), Some(&memories()));
        assert_eq!(policies.get(&name("memory")), None);
        assert_eq!(policies.iter().count(), 1);
    }

    fn before(resource: Option<&str>, called: &str) -> Policy {
        let resource = resource.map(|url| url.parse().expect(url));
        let routes = vec![route("/mcp", "memories"), route("/mcp/admin", "keyctl:admin")];
        Policy { resource, ..Policy::new(name(called), routes).expect("a policy") }
    }

    #[test]
    fn a_resource_is_found_by_its_path_and_by_its_host_where_several_have_it() {
        let mut policies = Policies::default();
        policies.add(before(Some("https://a.example/mcp"), "a")).expect("the first");
        let found = |policies: &Policies, path: &str, host: Option<&str>| {
            policies.before(path, host).map(|(policy, _)| policy.name().as_str().to_owned())
        };
        assert_eq!(found(&policies, "/mcp", Some("127.0.0.1:8711")).as_deref(), Some("a"), "the only one");
        policies.add(before(Some("https://b.example:8443/mcp"), "b")).expect("of another host");
        policies.add(before(Some("https://b.example/"), "root")).expect("of another path");
        policies.add(before(None, "none")).expect("without one");
        for (path, host, policy) in [
            ("/mcp", Some("a.example"), Some("a")),
            ("/mcp", Some("B.example:8443"), Some("b")),
            ("/mcp", Some("b.example"), None),
            ("/mcp", None, None),
            ("", None, Some("root")),
            ("/mcp/", Some("a.example"), None),
            ("/other", Some("a.example"), None),
        ] {
            assert_eq!(found(&policies, path, host).as_deref(), policy, "{path} {host:?}");
        }
        let same = policies.add(before(Some("https://a.example/mcp"), "c"));
        assert_eq!(same, Err(SamePolicy::Resource(name("a"))));
    }

    #[test]
    fn clients_are_told_of_no_scope_of_keyctls_own() {
        let policy = before(None, "a");
        assert_eq!(policy.scopes().into_iter().map(Scope::as_str).collect::<Vec<_>>(), ["memories"]);
    }

    #[test]
    fn a_token_for_one_resource_opens_no_other() {
        let (one, other) = ("https://a.example/mcp", "https://b.example/mcp");
        let mut policies = Policies::default();
        for policy in [before(Some(one), "one"), before(Some(other), "other"), before(None, "none")] {
            policies.add(policy).expect("a policy");
        }
        let takes = |policy: &str, is_of_issuer, audiences: &[&str]| {
            policies.take(policies.get(&name(policy)), is_of_issuer, audiences.iter().copied())
        };
        assert!(takes("one", false, &[one]) && takes("one", false, &[other, one]));
        assert!(
            !takes("one", false, &[other]) && !takes("one", false, &["billing"]) && !takes("one", false, &[])
        );
        assert!(takes("none", false, &["billing"]) && takes("none", false, &[one, "billing"]));
        assert!(!takes("none", false, &[one]) && !takes("none", false, &[]));
        for policy in ["one", "other", "none", "unknown"] {
            assert!(takes(policy, true, &[other]), "{policy}: it is for the issuer, too");
        }
        assert!(!policies.take(None, false, [one]) && policies.take(None, false, ["billing"]));
    }
}
