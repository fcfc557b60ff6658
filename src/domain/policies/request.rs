//! A client's request as a gateway tells it, and what it needs by a policy.

use super::method::Method;
use super::path::{JudgedPath, PathFault, without_query};
use super::policy::{Needed, Policy, PolicyFault};

/// What a gateway says; `None` where it does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Request<'r> {
    pub method: Option<&'r str>,
    /// The path, and the query behind it.
    pub target: Option<&'r [u8]>,
    /// Whether the client came over https.
    pub is_https: bool,
}

/// Why no key is let in by a policy, whichever it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RequestFault {
    #[error("the policy lets in only what comes over https")]
    Https,
    #[error("the gateway does not say which path")]
    NoPath,
    #[error("the gateway does not say which method")]
    NoMethod,
    #[error("no route can name this method")]
    Method,
    #[error(transparent)]
    Path(#[from] PathFault),
    #[error(transparent)]
    Policy(#[from] PolicyFault),
}

impl RequestFault {
    /// The word for logs and metrics.
    pub(crate) const fn as_str(&self) -> &'static str {
        match self {
            Self::Https => "https",
            Self::NoPath => "no_path",
            Self::NoMethod => "no_method",
            Self::Method => "unknown_method",
            Self::Path(fault) => fault.as_str(),
            Self::Policy(fault) => fault.as_str(),
        }
    }
}

impl Request<'_> {
    /// What a key must have for it.
    pub(crate) fn needs<'p>(&self, policy: &'p Policy) -> Result<Needed<'p>, RequestFault> {
        if policy.require_https && !self.is_https {
            return Err(RequestFault::Https);
        }
        let target = self.target.ok_or(RequestFault::NoPath)?;
        let method = self.method.ok_or(RequestFault::NoMethod)?;
        let method = Method::parse(method.as_bytes()).ok_or(RequestFault::Method)?;
        let path = JudgedPath::parse(without_query(target))?;
        Ok(policy.route(&path, method)?)
    }
}

#[cfg(test)]
mod tests {
    use super::super::method::Methods;
    use super::super::route::{Need, Route};
    use super::*;

    #[test]
    fn the_first_fault_is_named_by_its_word() {
        let pattern = "/m/{owner}".parse().expect("a pattern");
        let route = Route { pattern, methods: Methods::Any, need: Need::AnyKey };
        let mut policy = Policy::new("web".parse().expect("a name"), vec![route]).expect("a policy");
        policy.require_https = true;
        let request = |method, target: Option<&'static str>, is_https| Request {
            method,
            target: target.map(str::as_bytes),
            is_https,
        };
        for (asked, word) in [
            (request(None, None, false), "https"),
            (request(None, None, true), "no_path"),
            (request(None, Some("/m/a"), true), "no_method"),
            (request(Some("get"), Some("/m/.."), true), "unknown_method"),
            (request(Some("GET"), Some("/m/.."), true), "path_dot_segment"),
            (request(Some("GET"), Some("/x"), true), "no_route"),
            (request(Some("GET"), Some("/m/%20"), true), "path_dot_segment"),
            (request(Some("GET"), Some("/m/%20a"), true), "path_owner"),
        ] {
            assert_eq!(asked.needs(&policy).map_err(|fault| fault.as_str()), Err(word), "{asked:?}");
        }
        let needed = request(Some("GET"), Some("/m/alice?x=/.."), true);
        let owner = needed.needs(&policy).expect("a route").owner;
        assert_eq!(owner, Some("alice".parse().expect("a subject")));
    }
}
