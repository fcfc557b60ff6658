//! What is kept beside the answer about a token: all that a request is counted by, found with the answer itself.

use std::sync::{Arc, OnceLock};

use super::identity::Identity;
use super::rate::Bucket;
use super::uses::Used;
use crate::runtime::serving::Caller;

#[derive(Default)]
pub(super) struct Beside {
    identity: OnceLock<Option<Identity>>,
    pub(super) bucket: OnceLock<Arc<Bucket>>,
    pub(super) used: OnceLock<Arc<Used>>,
}

impl Beside {
    /// `None` where nobody is known.
    pub(super) fn of(caller: &Caller) -> Option<&Self> {
        caller.beside()
    }

    /// As gateways are told it; `None` where it does not fit.
    pub(super) fn identity(caller: &Caller) -> Option<Identity> {
        Self::of(caller)?.identity.get_or_init(|| Identity::of(caller)).clone()
    }
}
