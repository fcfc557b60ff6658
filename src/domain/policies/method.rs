//! The methods of requests, and sets of them.

use std::fmt;

use crate::domain::texts::near::nearest_word;

/// A method that a route may name: those of RFC 9110 §9.3 and RFC 5789 that are for a path, and of
/// RFC 4918 §9. TRACE, CONNECT and whatever is not here is no route's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Method {
    Get,
    Head,
    Post,
    Put,
    Patch,
    Delete,
    Options,
    Propfind,
    Proppatch,
    Mkcol,
    Copy,
    Move,
    Lock,
    Unlock,
}

impl Method {
    /// Every one.
    pub(crate) const ALL: [Self; 14] = [
        Self::Get,
        Self::Head,
        Self::Post,
        Self::Put,
        Self::Patch,
        Self::Delete,
        Self::Options,
        Self::Propfind,
        Self::Proppatch,
        Self::Mkcol,
        Self::Copy,
        Self::Move,
        Self::Lock,
        Self::Unlock,
    ];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
            Self::Options => "OPTIONS",
            Self::Propfind => "PROPFIND",
            Self::Proppatch => "PROPPATCH",
            Self::Mkcol => "MKCOL",
            Self::Copy => "COPY",
            Self::Move => "MOVE",
            Self::Lock => "LOCK",
            Self::Unlock => "UNLOCK",
        }
    }

    /// The method of this name, whose case counts (RFC 9110 §9.1): what `get` is, backends disagree about.
    pub(crate) fn parse(text: &[u8]) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str().as_bytes() == text)
    }

    /// Which one was probably meant by a name that is none.
    pub(crate) fn meant(text: &str) -> Option<&'static str> {
        nearest_word(&text.to_uppercase(), Self::ALL.map(Self::as_str))
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The methods that a route is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Methods {
    /// Every [`Method`].
    Any,
    /// Those that are named.
    Named(MethodSet),
}

/// A set of methods.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct MethodSet(u16);

impl MethodSet {
    pub(crate) const ALL: Self = Self((1 << Method::ALL.len()) - 1);

    pub(crate) const fn of(method: Method) -> Self {
        Self(1 << method as u8)
    }

    #[must_use]
    pub(crate) const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    #[must_use]
    pub(crate) const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    pub(crate) const fn has(self, method: Method) -> bool {
        self.0 & Self::of(method).0 != 0
    }

    pub(crate) const fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(crate) fn iter(self) -> impl Iterator<Item = Method> {
        Method::ALL.into_iter().filter(move |method| self.has(*method))
    }
}

impl FromIterator<Method> for MethodSet {
    fn from_iter<T: IntoIterator<Item = Method>>(methods: T) -> Self {
        methods.into_iter().fold(Self::default(), |set, method| set.with(Self::of(method)))
    }
}

impl Methods {
    /// As a set.
    pub(crate) const fn set(self) -> MethodSet {
        match self {
            Self::Any => MethodSet::ALL,
            Self::Named(set) => set,
        }
    }
}

impl fmt::Display for Methods {
    /// `GET,HEAD`, or `any method`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Named(set) = self else { return f.write_str("any method") };
        let names: Vec<&str> = set.iter().map(Method::as_str).collect();
        f.write_str(&names.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_read_back_and_their_case_counts() {
        for method in Method::ALL {
            assert_eq!(Method::parse(method.as_str().as_bytes()), Some(method));
            assert!(MethodSet::of(method).has(method) && MethodSet::ALL.has(method));
        }
        for text in ["", "get", "Get", "GET ", "TRACE", "CONNECT", "BREW", "GETS"] {
            assert_eq!(Method::parse(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn a_set_holds_what_was_put_in() {
        let set: MethodSet = [Method::Post, Method::Get, Method::Get].into_iter().collect();
        assert_eq!(Methods::Named(set).to_string(), "GET,POST");
        assert!(!set.has(Method::Put) && !set.is_empty());
        assert!(set.without(MethodSet::ALL).is_empty() && MethodSet::default().is_empty());
        assert_eq!(Methods::Any.to_string(), "any method");
    }
}
