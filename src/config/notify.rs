//! Who is told of what ends soon.

use std::path::PathBuf;
use std::time::Duration;

use crate::domain::outbound::endpoint::Endpoint;

/// Where a webhook's bearer token is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TokenSource {
    File(PathBuf),
    Variable(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WebhookSetting {
    pub endpoint: Endpoint,
    pub token: Option<TokenSource>,
}

/// Each way that is named here is told of everything once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NotifySetting {
    pub webhook: Option<WebhookSetting>,
    /// The program and its arguments.
    pub command: Option<Vec<String>>,
    /// How long one of them may take to be told of a batch.
    pub timeout: Duration,
}
