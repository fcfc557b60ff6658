//! Roles.

use serde::Serialize;

use super::key::{join, moment};
use super::{Field, Screen, View};
use crate::domain::keys::scope::Scopes;
use crate::domain::owners::role::RoleName;
use crate::domain::time::Timestamp;
use crate::ops::owners::role::Counted;

#[derive(Serialize)]
struct RoleJson<'r> {
    name: &'r RoleName,
    scopes: &'r Scopes,
    created_at: Timestamp,
    changed_at: Timestamp,
    live_keys: u64,
    revoked_keys: u64,
}

impl View for Counted {
    fn json(&self) -> impl Serialize {
        RoleJson {
            name: &self.role.name,
            scopes: &self.role.scopes,
            created_at: self.role.created_at,
            changed_at: self.role.changed_at,
            live_keys: self.live_keys,
            revoked_keys: self.revoked_keys,
        }
    }

    fn fields(&self, screen: &Screen) -> Vec<Field> {
        vec![
            Field::new("role", self.role.name.as_str()),
            Field::new("scopes", join(self.role.scopes.iter())),
            Field::new("live_keys", self.live_keys.to_string()),
            moment("changed_at", Some(self.role.changed_at), "", screen).extra(),
            moment("created_at", Some(self.role.created_at), "", screen).extra(),
            Field::new("revoked_keys", self.revoked_keys.to_string()).extra(),
        ]
    }
}
