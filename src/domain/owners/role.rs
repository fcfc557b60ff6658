//! Roles: named sets of scopes, and what a key may do in the end.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use super::owner::{NameError, check_name};
use crate::domain::keys::scope::{Scope, Scopes};
use crate::domain::time::Timestamp;

/// Roles on one key.
pub const MOST_ROLES: usize = 32;

/// What is written where no role is meant.
pub const NO_ROLE: &str = "none";

/// The name of a role: 1 to 64 of `a-z 0-9 . _ -`, first a letter or digit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct RoleName(String);

impl RoleName {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// From what is stored: names joined by commas, in any order.
    pub fn parse_joined(text: &str) -> Option<Vec<Self>> {
        let mut names: Vec<Self> = text.split(',').map(str::parse).collect::<Result<_, _>>().ok()?;
        names.sort();
        Some(names)
    }
}

impl FromStr for RoleName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        check_name(text)?;
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for RoleName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A named set of scopes. It never holds one of the tool's own (`keyctl:resolve` …): those are
/// given to single keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    pub name: RoleName,
    pub scopes: Scopes,
    pub created_at: Timestamp,
    /// When its scopes were last set.
    pub changed_at: Timestamp,
}

/// What a key was given: its own scopes, and those of its roles.
#[derive(Clone, Copy, Debug)]
pub struct Permissions<'g> {
    pub scopes: &'g Scopes,
    pub roles: &'g [Role],
}

/// Where a scope comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    Key,
    Role(RoleName),
}

impl Permissions<'_> {
    /// Everything given.
    pub fn all(&self) -> Scopes {
        self.roles.iter().fold(self.scopes.clone(), |all, role| all.union(&role.scopes))
    }

    /// What a key may do in the end. A child may do what its parent may, too (the scopes given here), and never
    /// what is the tool's own.
    pub fn effective(&self, parent: Option<&Scopes>) -> Scopes {
        match parent {
            None => self.all(),
            Some(parent) => self.all().meet(parent).without_reserved(),
        }
    }

    /// The scope given that covers what is asked, and where it comes from; the key's own first.
    pub fn source_of(&self, asked: &Scope) -> Option<(&Scope, Source)> {
        let own = self.scopes.iter().map(|scope| (scope, Source::Key));
        let roles = self
            .roles
            .iter()
            .flat_map(|role| role.scopes.iter().map(|scope| (scope, Source::Role(role.name.clone()))));
        own.chain(roles).find(|(scope, _)| scope.covers(asked))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scopes(list: &str) -> Scopes {
        if list.is_empty() { Scopes::default() } else { Scopes::parse_lists([list]).expect(list) }
    }

    fn role(name: &str, list: &str) -> Role {
        let at = Timestamp::from_millis(1).expect("time");
        Role { name: name.parse().expect(name), scopes: scopes(list), created_at: at, changed_at: at }
    }

    #[test]
    fn a_key_may_do_what_it_and_its_roles_were_given() {
        let (own, roles) = (scopes("files:read"), [role("reader", "memories:read"), role("writer", "notes")]);
        let permissions = Permissions { scopes: &own, roles: &roles };
        assert_eq!(permissions.effective(None), scopes("files:read,memories:read,notes"));
        let (scope, source) = permissions.source_of(&"notes:write".parse().expect("scope")).expect("given");
        assert_eq!((scope.as_str(), source), ("notes", Source::Role("writer".parse().expect("role"))));
        assert_eq!(permissions.source_of(&"memories".parse().expect("scope")), None);
    }

    #[test]
    fn a_child_may_do_what_its_parent_may_too_and_nothing_of_the_tools_own() {
        let (child, parent) = (scopes("*,keyctl:resolve"), scopes("files:*,memories,keyctl:resolve"));
        let parent = Permissions { scopes: &parent, roles: &[] };
        let effective = Permissions { scopes: &child, roles: &[] }.effective(Some(&parent.all()));
        assert_eq!(effective, scopes("files:*,memories"));
    }

    #[test]
    fn stored_names_of_roles_read_back_sorted() {
        let names = RoleName::parse_joined("writer,reader").expect("names");
        assert_eq!(names.iter().map(RoleName::as_str).collect::<Vec<_>>(), ["reader", "writer"]);
        assert_eq!(RoleName::parse_joined("Reader"), None);
    }
}
