//! What is kept of a secret that is no key: by which federation a token is got, and about whom.

use serde_json::json;

use super::settings::FederationName;
use super::subject::SubjectTemplate;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Federated {
    pub federation: FederationName,
    pub subject: SubjectTemplate,
}

impl Federated {
    /// What is sealed in the place of a value. Whoever changes the row in the database finds that it is another one.
    pub(crate) fn description(&self) -> String {
        json!({ "federation": self.federation, "subject": self.subject }).to_string()
    }
}
