//! Whether tokens are got where the log says, and by keys that it knows.

use serde_json::json;

use super::compare::Comparison;
use super::replay::{Kind, OF_FEDERATION};
use crate::crypto::es256::PublicKey;
use crate::ops::error::Result;
use crate::ops::federation::add::described;
use crate::store::{FederationLookup as _, Store};

impl Comparison {
    pub(super) fn federations(&mut self, store: &mut Store) -> Result<()> {
        for federation in store.federations()? {
            let name = &federation.name;
            let (subject, hint) =
                (format!("federation {name}"), "see keyctl audit list; nothing signs for it".to_owned());
            let Some(said) = self.replay.take(Kind::Federation, name.as_str())? else {
                self.found(
                    "secret",
                    format!("{subject} is in no record of the audit log: keyctl did not make it"),
                );
                continue;
            };
            let actual = described(&federation);
            for name in OF_FEDERATION {
                self.compare("secret", &subject, name, &actual[name], &said, &hint);
            }
        }
        self.left(Kind::Federation, |this, name, said| {
            let seq = said.since("kind");
            let message = format!(
                "the federation {name} is missing, and record {seq} of the audit log says that it is there"
            );
            this.found("secret", message);
            Ok(())
        })?;
        self.federation_keys(store)
    }

    /// A public key that somebody else put there would be handed to the provider.
    fn federation_keys(&mut self, store: &mut Store) -> Result<()> {
        for key in store.federation_keys()? {
            let kid = &key.public.kid;
            let (subject, name) = (format!("key {kid} of a federation"), &key.federation);
            let hint = format!("compare what the provider has with keyctl federation show {name}");
            if PublicKey::of(&key.public).is_err() {
                self.found("key", format!("{subject} is another one than its id says; {hint}"));
            }
            let Some(said) = self.replay.take(Kind::FederationKey, kid.as_str())? else {
                let message =
                    format!("{subject} is in no record of the audit log: keyctl did not make it; {hint}");
                self.found("key", message);
                continue;
            };
            for (name, actual) in [
                ("federation", json!(name)),
                ("activated_at", json!(key.activated_at)),
                ("retired_at", json!(key.retired_at)),
            ] {
                self.compare("key", &subject, name, &actual, &said, &hint);
            }
        }
        self.left(Kind::FederationKey, |this, kid, said| {
            let seq = said.since("federation");
            let message =
                format!("key {kid} of a federation is missing, and record {seq} of the audit log says that it is there");
            this.found("key", message);
            Ok(())
        })
    }
}
