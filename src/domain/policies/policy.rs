//! A policy by its name, and what it says of a request.

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use super::method::Method;
use super::path::JudgedPath;
use super::route::{Route, Routes, RoutesError};
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
        Ok(Self { name, routes, require_https: false, observe: false, body: Body::default() })
    }

    pub(crate) fn name(&self) -> &PolicyName {
        &self.name
    }

    /// The most specific first.
    pub(crate) fn routes(&self) -> impl Iterator<Item = &Route> {
        self.routes.iter()
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

/// Two policies of one name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there are two policies {0}")]
pub(crate) struct SameName(pub PolicyName);

impl Policies {
    pub(crate) fn add(&mut self, policy: Policy) -> Result<(), SameName> {
        if self.0.contains_key(policy.name()) {
            return Err(SameName(policy.name));
        }
        self.0.insert(policy.name.clone(), policy);
        Ok(())
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
        assert_eq!(policies.add(memories()), Err(SameName(name("memories"))));
        assert_eq!(policies.get(&name("memories")), Some(&memories()));
        assert_eq!(policies.get(&name("memory")), None);
        assert_eq!(policies.iter().count(), 1);
    }
}
