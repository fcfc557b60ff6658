//! Keys that were revoked, suspended or resumed, with what went with them.

use serde::Serialize;

use super::key::KeyView;
use super::{Field, Screen, View};
use crate::domain::id::KeyId;
use crate::domain::time::Timestamp;
use crate::ops::select::Stopped;

/// What came of one key.
#[derive(Clone, Copy, Debug)]
pub struct StoppedView<'s> {
    /// The key and its children.
    pub stopped: &'s Stopped,
    /// The moment of the change.
    pub now: Timestamp,
}

#[derive(Serialize)]
struct StoppedJson<K: Serialize> {
    #[serde(flatten)]
    key: K,
    already: bool,
    children: Vec<KeyId>,
    /// Ids of the provider secrets that the key could get. This store holds none.
    secrets_in_reach: [KeyId; 0],
}

impl View for StoppedView<'_> {
    fn json(&self) -> impl Serialize {
        StoppedJson {
            key: KeyView { key: &self.stopped.key, now: self.now }.json_form(),
            already: self.stopped.already,
            children: self.stopped.children.iter().map(|child| child.id).collect(),
            secrets_in_reach: [],
        }
    }

    fn fields(&self, screen: &Screen) -> Vec<Field> {
        let mut fields = KeyView { key: &self.stopped.key, now: self.now }.fields(screen);
        let children = super::key::join(self.stopped.children.iter().map(crate::domain::key::Key::path));
        fields.push(Field::new("already", self.stopped.already.to_string()));
        fields.push(Field::new("children", children));
        fields
    }
}
