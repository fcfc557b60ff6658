//! What a gateway asks for in the path of the check: a scope or a policy.

use std::fmt;

use super::escape::{self, BadEscape};
use super::policy::{PolicyName, PolicyNameError};
use crate::domain::keys::scope::{Scope, ScopeError};

/// `memories:read`, `files:*`, or `@name`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Requirement {
    Scope(Scope),
    Policy(PolicyName),
}

/// Why a text asks for nothing. Whoever asks so is denied: it is no scope that everybody has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RequirementFault {
    #[error("neither a scope nor @ and the name of a policy")]
    Empty,
    #[error(transparent)]
    Escape(#[from] BadEscape),
    #[error("it is not UTF-8")]
    Encoding,
    #[error(transparent)]
    Policy(#[from] PolicyNameError),
    #[error(transparent)]
    Scope(#[from] ScopeError),
}

impl Requirement {
    /// From a segment of a URL: its escapes are undone once (Caddy sends `files:%2A`). What was encoded twice
    /// is neither a scope nor a policy.
    pub(crate) fn of_segment(raw: &[u8]) -> Result<Self, RequirementFault> {
        let plain = String::from_utf8(escape::unescape(raw)?).map_err(|_| RequirementFault::Encoding)?;
        Self::parse(&plain)
    }

    /// From plain text.
    pub(crate) fn parse(text: &str) -> Result<Self, RequirementFault> {
        if text.is_empty() {
            return Err(RequirementFault::Empty);
        }
        match text.strip_prefix('@') {
            Some(name) => Ok(Self::Policy(name.parse()?)),
            None => Ok(Self::Scope(text.parse()?)),
        }
    }
}

impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scope(scope) => scope.fmt(f),
            Self::Policy(name) => write!(f, "@{name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_or_a_policy_is_asked_for() {
        let scope = |text: &str| Ok(Requirement::Scope(text.parse().expect(text)));
        let policy = |text: &str| Ok(Requirement::Policy(text.parse().expect(text)));
        for (raw, asked) in [
            ("memories:read", scope("memories:read")),
            ("files:*", scope("files:*")),
            ("files:%2A", scope("files:*")),
            ("memories%3Aread", scope("memories:read")),
            ("@web", policy("web")),
            ("%40web", policy("web")),
        ] {
            assert_eq!(Requirement::of_segment(raw.as_bytes()), asked, "{raw}");
        }
    }

    #[test]
    fn whatever_else_is_asked_for_is_a_fault() {
        use RequirementFault as Fault;
        let alphabet = |c| Fault::Scope(ScopeError::Alphabet(crate::domain::texts::text::CodePoint(c)));
        for (raw, fault) in [
            (&b""[..], Fault::Empty),
            (b"@", Fault::Policy(PolicyNameError)),
            (b"@Web", Fault::Policy(PolicyNameError)),
            (b"@web/x", Fault::Policy(PolicyNameError)),
            (b"@@web", Fault::Policy(PolicyNameError)),
            (b"a,b", alphabet(',')),
            (b"a b", alphabet(' ')),
            (b"files:%252A", alphabet('%')),
            (b"a/b", alphabet('/')),
            (b"a%00", alphabet('\0')),
            (b"a::b", Fault::Scope(ScopeError::Empty)),
            (b"keyctl:*", Fault::Scope(ScopeError::Reserved)),
            (b"files:%2", Fault::Escape(BadEscape)),
            (b"%ff", Fault::Encoding),
        ] {
            assert_eq!(Requirement::of_segment(raw), Err(fault), "{}", String::from_utf8_lossy(raw));
        }
    }
}
