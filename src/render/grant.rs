//! What a role or a group may do.

use serde::Serialize;

use super::{Field, Screen, View};
use crate::ops::stores::grant::{Granted, Rights};

#[derive(Serialize)]
struct GrantedJson<'g> {
    to: Option<&'g str>,
    rights: Rights,
}

impl View for Granted {
    fn json(&self) -> impl Serialize {
        GrantedJson { to: self.to.as_deref(), rights: self.rights }
    }

    fn fields(&self, _: &Screen) -> Vec<Field> {
        vec![
            Field::new("to", self.to.as_deref().unwrap_or("-")),
            Field::new("rights", self.rights.words().join(",")),
        ]
    }
}
