//! What a role of the database may do with a store.

use serde::Serialize;

/// Privileges of a role, beside which it has none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Privileges {
    /// To read the views of tokens, of the store and of changes.
    pub tokens: bool,
    /// To read those of bindings and of secrets, too.
    pub secrets: bool,
    /// To write what `keyctl serve` writes: when a key was used last.
    pub use_of_keys: bool,
}

impl Privileges {
    pub const NONE: Self = Self { tokens: false, secrets: false, use_of_keys: false };

    pub fn words(self) -> Vec<&'static str> {
        let all = [(self.tokens, "tokens"), (self.secrets, "secrets"), (self.use_of_keys, "use_of_keys")];
        all.into_iter().filter_map(|(has, word)| has.then_some(word)).collect()
    }
}

impl Serialize for Privileges {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.words())
    }
}
