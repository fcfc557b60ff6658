//! Whether credentials ask where the log says, and as whom.

use serde_json::json;

use super::compare::Comparison;
use super::replay::{Kind, OF_CREDENTIAL};
use crate::domain::credentials::credential::Credential;
use crate::ops::error::Result;
use crate::store::Store;

impl Comparison {
    pub(super) fn credentials(&mut self, store: &mut Store) -> Result<()> {
        let mut after: Option<Credential> = None;
        loop {
            let page = store.credentials(after.as_ref(), true)?;
            for credential in &page {
                self.credential(credential)?;
            }
            match page.into_iter().next_back() {
                Some(last) => after = Some(last),
                None => break,
            }
        }
        self.left(Kind::Credential, |this, id, said| {
            let seq = said.since("token_endpoint");
            let message = format!(
                "the secret {id} is no OAuth credential, and record {seq} of the audit log says that it is one"
            );
            this.found("secret", message);
            Ok(())
        })
    }

    fn credential(&mut self, credential: &Credential) -> Result<()> {
        let (id, name) = (credential.secret.id.to_string(), &credential.secret.name);
        let subject = format!("credential {name} ({id})");
        let Some(said) = self.replay.take(Kind::Credential, &id)? else {
            let message = format!("{subject} is in no record of the audit log: keyctl did not make it");
            self.found("secret", message);
            return Ok(());
        };
        let client = &credential.client;
        let actual = [
            json!(client.token_endpoint),
            json!(client.id),
            json!(client.auth),
            json!(client.issuer),
            json!(credential.scopes),
            json!(credential.refresh_invalidates),
            json!(credential.state.as_str()),
        ];
        let hint = format!(
            "see keyctl audit list; a new one: keyctl secret delete {name}, then keyctl oauth add {name}"
        );
        for (name, actual) in OF_CREDENTIAL.iter().zip(&actual) {
            self.compare("secret", &subject, name, actual, &said, &hint);
        }
        Ok(())
    }
}
