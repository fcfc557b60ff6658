//! One rule of a policy, and the rules of one policy in their order.

use super::method::{Method, MethodSet, Methods};
use super::path::JudgedPath;
use super::pattern::{Covered, Pattern};
use crate::domain::keys::scope::Scope;

/// What a key must have for a route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    Scope(Scope),
    /// Nothing but being good. It is a word of its own, so that nobody gets it by leaving a scope out.
    AnyKey,
}

impl Need {
    pub(crate) fn scope(&self) -> Option<&Scope> {
        match self {
            Self::Scope(scope) => Some(scope),
            Self::AnyKey => None,
        }
    }
}

/// Paths and methods, and what they need. A route with `{owner}` in its pattern is that owner's alone, whatever else it
/// needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Route {
    pub pattern: Pattern,
    pub methods: Methods,
    pub need: Need,
}

/// Why routes are no rules. They are named by their place in what was given, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RoutesError {
    #[error("a policy without a route denies everything")]
    None,
    #[error("a policy has at most {MOST} routes")]
    TooMany,
    #[error("a route without a method never matches")]
    NoMethod { route: usize },
    /// Neither is the more specific.
    #[error("it has the pattern and the method of another route")]
    Twice { route: usize, other: usize },
    /// More specific ones are for all of its paths and methods; `other` is the first of them.
    #[error("it never matches: more specific routes are for all of its paths and methods")]
    NeverMatches { route: usize, other: usize },
}

const MOST: usize = 256;

/// A route in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Ranked {
    route: Route,
    /// What it is for: its methods, and HEAD where it is the pattern's route for GET and none names HEAD.
    methods: MethodSet,
    /// Its place in what was given.
    place: usize,
}

/// At least one route, the most specific first, each of which some request matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Routes(Box<[Ranked]>);

impl Routes {
    pub(super) fn new(routes: Vec<Route>) -> Result<Self, RoutesError> {
        if routes.is_empty() {
            return Err(RoutesError::None);
        }
        if routes.len() > MOST {
            return Err(RoutesError::TooMany);
        }
        let mut ranked = Vec::with_capacity(routes.len());
        for (place, route) in routes.into_iter().enumerate() {
            let methods = route.methods.set();
            if methods.is_empty() {
                return Err(RoutesError::NoMethod { route: place });
            }
            ranked.push(Ranked { route, methods, place });
        }
        ranked.sort_by(|one, other| {
            let any = |ranked: &Ranked| ranked.route.methods == Methods::Any;
            one.route.pattern.cmp(&other.route.pattern).then(any(one).cmp(&any(other)))
        });
        for same in ranked.chunk_by_mut(|one, other| one.route.pattern == other.route.pattern) {
            check_methods(same)?;
            add_head(same);
        }
        let routes = Self(ranked.into());
        routes.check_each_matches()?;
        Ok(routes)
    }

    /// The most specific route for the path and method, with its place in what was given.
    pub(super) fn find<'p>(
        &self,
        path: &'p JudgedPath<'_>,
        method: Method,
    ) -> Option<(&Route, usize, Covered<'p>)> {
        self.0.iter().filter(|ranked| ranked.methods.has(method)).find_map(|ranked| {
            let covered = ranked.route.pattern.covers(path)?;
            Some((&ranked.route, ranked.place, covered))
        })
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Route> {
        self.0.iter().map(|ranked| &ranked.route)
    }

    fn check_each_matches(&self) -> Result<(), RoutesError> {
        let extents = self.0.iter().map(|ranked| ranked.route.pattern.extent());
        let (segments, bytes) = extents.fold((0, 0), |(a, b), (c, d)| (a.max(c), b.max(d)));
        let fresh = "~".repeat(bytes + 1);
        for (at, ranked) in self.0.iter().enumerate() {
            let examples = ranked.route.pattern.examples(&fresh, segments);
            let mut other = ranked.place;
            let is_taken = |path: &JudgedPath<'_>| {
                let before = self.0[..at].iter().filter(|before| before.route.pattern.covers(path).is_some());
                let left = before.fold(ranked.methods, |left, before| {
                    let now = left.without(before.methods);
                    if now != left && other == ranked.place {
                        other = before.place;
                    }
                    now
                });
                left.is_empty()
            };
            if examples.iter().all(is_taken) {
                return Err(RoutesError::NeverMatches { route: ranked.place, other });
            }
        }
        Ok(())
    }
}

/// Of routes with one pattern, no two may be for one method equally.
fn check_methods(same: &[Ranked]) -> Result<(), RoutesError> {
    for (at, ranked) in same.iter().enumerate() {
        let is_any = |ranked: &Ranked| ranked.route.methods == Methods::Any;
        let clash = |other: &&Ranked| {
            is_any(other) == is_any(ranked) && other.methods.without(ranked.methods) != other.methods
        };
        if let Some(other) = same[..at].iter().find(clash) {
            let (route, other) = (ranked.place.max(other.place), ranked.place.min(other.place));
            return Err(RoutesError::Twice { route, other });
        }
    }
    Ok(())
}

/// Backends answer HEAD by what they have for GET (RFC 9110 §9.3.2), so the same rule is for both: else a wider
/// route of any method would be for HEAD.
fn add_head(same: &mut [Ranked]) {
    let names =
        |ranked: &Ranked, method| matches!(ranked.route.methods, Methods::Named(set) if set.has(method));
    if same.iter().any(|ranked| names(ranked, Method::Head)) {
        return;
    }
    if let Some(get) = same.iter_mut().find(|ranked| names(ranked, Method::Get)) {
        get.methods = get.methods.with(MethodSet::of(Method::Head));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn route(methods: &str, pattern: &str) -> Route {
        let named = methods.split(',').filter_map(|method| Method::parse(method.as_bytes()));
        let methods = if methods == "any" { Methods::Any } else { Methods::Named(named.collect()) };
        Route { pattern: pattern.parse().expect(pattern), methods, need: Need::AnyKey }
    }

    fn routes(given: &[(&str, &str)]) -> Result<Routes, RoutesError> {
        Routes::new(given.iter().map(|(methods, pattern)| route(methods, pattern)).collect())
    }

    fn found(routes: &Routes, method: Method, path: &str) -> Option<usize> {
        let path = JudgedPath::parse(path.as_bytes()).expect(path);
        routes.find(&path, method).map(|(_, place, _)| place)
    }

    #[test]
    fn the_most_specific_route_wins_whatever_comes_first() {
        let routes = routes(&[
            ("any", "/**"),
            ("any", "/v1/**"),
            ("any", "/v1/memories/{owner}"),
            ("GET", "/v1/memories/{owner}"),
            ("POST", "/v1/memories"),
            ("any", "/v1/memories/shared"),
            ("DELETE", "/v1/admin/**"),
        ])
        .expect("routes");
        for (method, path, place) in [
            (Method::Get, "/v1/memories/alice", 3),
            (Method::Head, "/v1/memories/alice", 3),
            (Method::Put, "/v1/memories/alice", 2),
            (Method::Get, "/v1/memories/alice/", 3),
            (Method::Get, "/v1/memories/shared", 5),
            (Method::Get, "/v1/memories/Shared", 3),
            (Method::Post, "/v1/memories", 4),
            (Method::Post, "/v1/memories/", 4),
            (Method::Get, "/v1/memories", 1),
            (Method::Delete, "/v1/admin", 6),
            (Method::Delete, "/v1/admin/x/y", 6),
            (Method::Get, "/v1/admin", 1),
            (Method::Get, "/v2", 0),
            (Method::Get, "/", 0),
        ] {
            assert_eq!(found(&routes, method, path), Some(place), "{method} {path}");
        }
    }

    #[test]
    fn what_no_route_is_for_is_found_by_none() {
        let routes = routes(&[("GET,POST", "/a"), ("any", "/b/")]).expect("routes");
        for (method, path) in [
            (Method::Put, "/a"),
            (Method::Get, "/"),
            (Method::Get, "/a/b"),
            (Method::Get, "/b"),
            (Method::Get, "/A"),
        ] {
            assert_eq!(found(&routes, method, path), None, "{method} {path}");
        }
    }

    #[test]
    fn head_is_judged_as_get_unless_it_is_named() {
        let one = routes(&[("any", "/**"), ("GET", "/a"), ("any", "/a")]).expect("routes");
        assert_eq!(found(&one, Method::Head, "/a"), Some(1));
        let two = routes(&[("GET", "/a"), ("HEAD", "/a")]).expect("routes");
        assert_eq!((found(&two, Method::Head, "/a"), found(&two, Method::Get, "/a")), (Some(1), Some(0)));
        let post = routes(&[("any", "/**"), ("POST", "/a")]).expect("routes");
        assert_eq!(found(&post, Method::Head, "/a"), Some(0));
    }

    #[test]
    fn routes_that_are_no_rules_are_refused() {
        use RoutesError::*;
        let every = Method::ALL.map(Method::as_str).join(",");
        for (given, error) in [
            (&[][..], None),
            (&[("GET", "/a"), ("", "/b")], NoMethod { route: 1 }),
            (&[("GET", "/a"), ("GET,PUT", "/a")], Twice { route: 1, other: 0 }),
            (&[("any", "/a"), ("any", "/a")], Twice { route: 1, other: 0 }),
            (&[("any", "/a/*"), ("any", "/a/{owner}")], NeverMatches { route: 0, other: 1 }),
            (&[("any", "/a/{owner}/**"), ("GET", "/a/*/**")], NeverMatches { route: 1, other: 0 }),
            (&[("any", "/a"), (&*every, "/a")], NeverMatches { route: 0, other: 1 }),
            (&[("any", "/a/**"), ("any", "/a/*/**"), ("any", "/a")], NeverMatches { route: 0, other: 2 }),
            (&[("GET", "/a/*"), ("GET", "/a/{owner}")], NeverMatches { route: 0, other: 1 }),
            (&[("HEAD", "/a/*"), ("GET", "/a/{owner}")], NeverMatches { route: 0, other: 1 }),
        ] {
            assert_eq!(routes(given).map(|_| ()), Err(error), "{given:?}");
        }
        assert_eq!(Routes::new(vec![route("GET", "/a"); MOST + 1]), Err(TooMany));
    }

    #[test]
    fn routes_that_share_some_requests_stand_side_by_side() {
        for given in [
            &[("any", "/**"), ("any", "/a"), ("any", "/a/"), ("any", "/a/**"), ("any", "/{owner}")][..],
            &[("any", "/a/*"), ("GET", "/a/{owner}")],
            &[("GET", "/a"), ("HEAD", "/a"), ("any", "/a")],
            &[("any", "/a/**"), ("any", "/a/*"), ("any", "/a")],
            &[("any", "/*/b"), ("any", "/a/*")],
            &[("any", "/a/*"), ("any", "/a/*/**"), ("any", "/a/{owner}/")],
        ] {
            assert!(routes(given).is_ok(), "{given:?}");
        }
    }

    fn any_routes() -> impl Strategy<Value = Vec<Route>> {
        let segment = prop_oneof!["[ab]", Just("*".to_owned()), Just("{owner}".to_owned())];
        let end = prop_oneof![3 => Just(""), 1 => Just("/"), 2 => Just("/**")];
        let text = (proptest::collection::vec(segment, 0..3), end)
            .prop_map(|(segments, end)| format!("/{}{end}", segments.join("/")).replace("//", "/"));
        let methods = prop_oneof![Just("any"), Just("GET"), Just("HEAD"), Just("POST,PUT")];
        let one = (methods, text.prop_filter("a pattern", |text| text.parse::<Pattern>().is_ok()));
        proptest::collection::vec(one.prop_map(|(methods, text)| route(methods, &text)), 1..6)
    }

    /// Every path of up to four segments of three, with and without a slash at the end.
    fn all_paths() -> Vec<JudgedPath<'static>> {
        let mut rows: Vec<Vec<&str>> = vec![Vec::new()];
        let mut all = rows.clone();
        for _ in 0..4 {
            rows = rows
                .iter()
                .flat_map(|row| ["a", "b", "zz"].map(|word| row.iter().copied().chain([word]).collect()))
                .collect();
            all.extend(rows.clone());
        }
        let path = |row: &Vec<&str>, slash| JudgedPath::of_segments(row.iter().copied(), slash);
        all.iter().flat_map(|row| [path(row, false), path(row, true)]).collect()
    }

    proptest! {
        /// Against all requests there are: a route is refused exactly where none of them is its own, and
        /// what is found does not depend on the order in which routes were given.
        #[test]
        fn a_route_is_refused_where_no_request_is_its_own(given in any_routes()) {
            let paths = all_paths();
            let mut turned = given.clone();
            turned.reverse();
            match (Routes::new(given.clone()), Routes::new(turned)) {
                (Ok(routes), Ok(turned)) => {
                    let mut own = vec![false; given.len()];
                    for path in &paths {
                        for method in Method::ALL {
                            let found = routes.find(path, method).map(|(_, place, _)| place);
                            let other = turned.find(path, method).map(|(_, place, _)| given.len() - 1 - place);
                            prop_assert_eq!(found, other);
                            if let Some(place) = found {
                                own[place] = true;
                                prop_assert!(given[place].pattern.covers(path).is_some());
                            } else {
                                let is_for = |route: &Route| {
                                    route.methods.set().has(method) && route.pattern.covers(path).is_some()
                                };
                                prop_assert!(!given.iter().any(is_for));
                            }
                        }
                    }
                    prop_assert!(own.iter().all(|own| *own), "{:?}", own);
                }
                (Err(RoutesError::NeverMatches { route, .. }), Err(_)) => {
                    let mut others = given.clone();
                    let never = others.remove(route);
                    // Whatever it is for, another one as specific or more is for, too.
                    for path in paths.iter().filter(|path| never.pattern.covers(path).is_some()) {
                        for method in never.methods.set().iter() {
                            let names = |route: &Route| {
                                let set = route.methods.set();
                                set.has(method) || (method == Method::Head && set.has(Method::Get))
                            };
                            let better = |route: &&Route| {
                                names(route) && route.pattern <= never.pattern && route.pattern.covers(path).is_some()
                            };
                            prop_assert!(others.iter().any(|route| better(&route)), "{} {}", method, path);
                        }
                    }
                }
                (one, other) => prop_assert!(one.is_err() && other.is_err(), "{:?} {:?}", one, other),
            }
        }
    }
}
