//! What a role of the database may do with a store.

use serde::Serialize;

/// Privileges of a role, beside which it has none.
#[expect(clippy::struct_excessive_bools, reason = "each is given by itself")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Privileges {
    /// To read the views of tokens, of the store and of changes.
    pub tokens: bool,
    /// To read those of bindings and of secrets, too.
    pub secrets: bool,
    /// What `keyctl serve` needs beside the first: to read its own views, and to write of use and of what it has
    /// seen.
    pub use_of_keys: bool,
    /// To revoke keys, and to read what that takes.
    pub revoke: bool,
    /// To get tokens of credentials anew and to hand them out, and to read what that takes.
    pub lease: bool,
    /// What `keyctl portal` needs: to make, renew, stop and end keys, and what lets people in for that.
    pub portal: bool,
    /// What `keyctl portal --issue` needs: the same, to let programs in, and to read the key that signs, sealed.
    pub portal_issue: bool,
    /// What `keyctl leaks serve` needs: to stop keys, and to write down what was reported.
    pub leaks: bool,
    /// To read the key that signs short-lived tokens, sealed, and who gets some without a key.
    pub issue: bool,
}

impl Privileges {
    pub const NONE: Self = Self {
        tokens: false,
        secrets: false,
        use_of_keys: false,
        revoke: false,
        lease: false,
        portal: false,
        portal_issue: false,
        leaks: false,
        issue: false,
    };

    pub fn words(self) -> Vec<&'static str> {
        let all = [
            (self.tokens, "tokens"),
            (self.secrets, "secrets"),
            (self.use_of_keys, "use_of_keys"),
            (self.revoke, "revoke"),
            (self.lease, "lease"),
            (self.portal, "portal"),
            (self.portal_issue, "portal_issue"),
            (self.leaks, "leaks"),
            (self.issue, "signing_key"),
        ];
        all.into_iter().filter_map(|(has, word)| has.then_some(word)).collect()
    }
}

impl Serialize for Privileges {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.words())
    }
}
