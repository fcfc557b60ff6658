//! A webhook that is told of what ends soon.

use std::time::Duration;

use crate::domain::outbound::endpoint::Endpoint;
use crate::domain::secrets::secret::SecretValue;
use crate::ops::expiring::notify::{Receiver, Untold};
use crate::ops::outbound::{Call, Outbound, Request};

/// Of its answer so much is read, and nothing of it shown.
const LONGEST_ANSWER: usize = 64 * 1024;

/// Where it is, and what it knows us by.
pub(crate) struct Webhook<'w> {
    pub endpoint: &'w Endpoint,
    pub bearer: Option<&'w SecretValue>,
    /// For the whole exchange.
    pub within: Duration,
    pub outbound: &'w dyn Outbound,
}

impl Receiver for Webhook<'_> {
    fn channel(&self) -> &'static str {
        "webhook"
    }

    fn patience(&self) -> Duration {
        self.within
    }

    /// Any status of success is a yes; what stands in the answer is of no account.
    fn tell(&mut self, body: &str) -> Result<(), Untold> {
        let call = Call::PostText { body, bearer: self.bearer };
        let request = Request { endpoint: self.endpoint, call, within: self.within, most: LONGEST_ANSWER };
        let hint = || {
            "what it was not told is told by the next keyctl notify; look at [notify] in the configuration file".to_owned()
        };
        match self.outbound.exchange(&request) {
            Ok(answer) if (200..300).contains(&answer.status) => Ok(()),
            Ok(answer) => Err(Untold {
                why: format!("the webhook answered with status {}", answer.status),
                hint: hint(),
            }),
            Err(error) => Err(Untold { why: format!("the webhook was not told: {error}"), hint: hint() }),
        }
    }
}
