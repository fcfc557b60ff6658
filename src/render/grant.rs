//! What a role or a group may do.

use serde::Serialize;

use super::{Field, Screen, View};
use crate::ops::stores::grant::{GivenPrivileges, Privileges};

#[derive(Serialize)]
struct GrantedJson<'g> {
    to: Option<&'g str>,
    rights: Privileges,
}

impl View for GivenPrivileges {
    fn json(&self) -> impl Serialize {
        GrantedJson { to: self.to.as_deref(), rights: self.privileges }
    }

    fn fields(&self, _: &Screen) -> Vec<Field> {
        vec![
            Field::new("to", self.to.as_deref().unwrap_or("-")),
            Field::new("rights", self.privileges.words().join(",")),
        ]
    }
}
