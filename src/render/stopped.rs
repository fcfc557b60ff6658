//! Keys that were revoked, suspended or resumed, with what went with them.

use serde::Serialize;

use super::key::KeyView;
use super::secret::BindingJson;
use super::{Field, Screen, View};
use crate::domain::id::KeyId;
use crate::domain::time::Timestamp;
use crate::ops::keys::select::Stopped;

#[derive(Clone, Copy, Debug)]
pub(crate) struct StoppedView<'s> {
    pub stopped: &'s Stopped,
    pub now: Timestamp,
}

#[derive(Serialize)]
struct StoppedJson<'s, K: Serialize> {
    #[serde(flatten)]
    key: K,
    already: bool,
    children: Vec<KeyId>,
    /// Those that were made with it and ended with it.
    made: Vec<KeyId>,
    secrets_in_reach: Vec<BindingJson<'s>>,
}

impl View for StoppedView<'_> {
    fn json(&self) -> impl Serialize {
        StoppedJson {
            key: KeyView { key: &self.stopped.key, now: self.now }.json_form(),
            already: self.stopped.already,
            children: self.stopped.children.iter().map(|child| child.id).collect(),
            made: self.stopped.made.iter().map(|made| made.id).collect(),
            secrets_in_reach: self.stopped.secrets.iter().map(BindingJson::of).collect(),
        }
    }

    fn fields(&self, screen: &Screen) -> Vec<Field> {
        let mut fields = KeyView { key: &self.stopped.key, now: self.now }.fields(screen);
        let children =
            super::key::join(self.stopped.children.iter().map(crate::domain::keys::key::Key::path));
        fields.push(Field::new("already", self.stopped.already.to_string()).extra());
        fields.push(Field::new("children", children));
        let secrets = super::key::join(self.stopped.secrets.iter().map(|binding| &binding.name));
        fields.push(Field::new("secrets_in_reach", secrets));
        let made = super::key::join(self.stopped.made.iter().map(crate::domain::keys::key::Key::path));
        fields.push(Field::new("made", made).extra());
        fields
    }
}
