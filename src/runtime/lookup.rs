//! From a presented text to the store's row, by its hashes in the order that the domain says.

use std::sync::{Condvar, Mutex, PoisonError};

use super::cache::{Fingerprint, Known, Reading};
use super::cells::{Seen, Trusted};
use super::fault::{StoreFault, Unavailable};
use super::pool::WITHIN;
use crate::crypto::{digest, legacy};
use crate::domain::keys::foreign::{ForeignToken, HashAlg};
use crate::domain::keys::presented::{Next, Presented, after_fast};
use crate::domain::keys::token::TokenHash;
use crate::domain::keys::verdict::Reason;
use crate::store::{Bound, Sight};

/// Longer texts are no token of any kind.
const LONGEST: usize = 4096;

/// What a text is kept and looked up under; `None` for what is too long, or nothing.
pub(super) fn fingerprint(text: &str) -> Option<Fingerprint> {
    (!text.is_empty() && text.len() <= LONGEST).then(|| Fingerprint(digest::fingerprint(text)))
}

/// The slow hash. No more than [`AT_A_TIME`] are computed at a time.
fn slow(token: &ForeignToken, salt: &[u8; 16]) -> Result<TokenHash, Unavailable> {
    let _turn = Turn::take()?;
    legacy::hash_weak(token, salt).map_err(|error| StoreFault::Argon2id.because(error.to_string()))
}

/// What one read of the store saw.
pub(super) struct Look {
    pub(super) sight: Sight,
    pub(super) bound: Bound,
    pub(super) store: Trusted,
    pub(super) of: Reading,
}

/// What is known of a text.
pub(super) struct Found {
    pub(super) known: Known,
    pub(super) bound: Bound,
    /// `None` if it cannot be kept: nothing was read, or more than one state of the store.
    pub(super) of: Option<Reading>,
}

/// Looks a text up by each of its hashes in turn.
pub(super) fn find(
    text: &str,
    print: &Fingerprint,
    look: impl Fn(&TokenHash, HashAlg) -> Result<Look, Unavailable>,
) -> Result<Found, Unavailable> {
    let denied = |reason| (Known::Denied(reason), Bound::Nothing);
    let Some(presented) = Presented::parse(text) else {
        let (known, bound) = denied(Reason::Malformed);
        return Ok(Found { known, bound, of: None });
    };
    // The fast hash of either kind is that of the text.
    let fast = look(&TokenHash::from_digest(&print.0), HashAlg::Sha256)?;
    if let Some(known) = row(&fast.sight)? {
        return Ok(Found { known, bound: fast.bound, of: Some(fast.of) });
    }
    let hash = match after_fast(presented.foreign(), fast.store.salt) {
        Next::Slow(token, salt) => slow(token, &salt)?,
        Next::Denied(reason) => {
            let (known, bound) = denied(reason);
            return Ok(Found { known, bound, of: Some(fast.of) });
        }
    };
    let slow = look(&hash, HashAlg::Argon2id)?;
    if let Some(known) = row(&slow.sight)? {
        return Ok(Found { known, bound: slow.bound, of: Some(slow.of) });
    }
    // That neither is there was true of one state only if nothing changed in between.
    let of = (fast.sight.mark == slow.sight.mark).then_some(fast.of);
    let (known, bound) = denied(Reason::Unknown);
    Ok(Found { known, bound, of })
}

fn row(sight: &Sight) -> Result<Option<Known>, Unavailable> {
    sight.token.as_ref().map(|cells| Seen::read(&cells.row(), sight.now).map(Known::Token)).transpose()
}

/// Slow hashes computed at a time: each takes 64 MiB and a tenth of a second, and anybody can
/// ask for one.
const AT_A_TIME: usize = 2;

static COMPUTING: Mutex<usize> = Mutex::new(0);
static DONE: Condvar = Condvar::new();

struct Turn;

impl Turn {
    fn take() -> Result<Self, Unavailable> {
        let computing = COMPUTING.lock().unwrap_or_else(PoisonError::into_inner);
        let busy = |computing: &mut usize| *computing >= AT_A_TIME;
        let (mut computing, wait) =
            DONE.wait_timeout_while(computing, WITHIN, busy).unwrap_or_else(PoisonError::into_inner);
        if wait.timed_out() && busy(&mut computing) {
            return Err(StoreFault::Timeout.because("too many tokens with a slow hash are being verified"));
        }
        *computing += 1;
        Ok(Self)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        *COMPUTING.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        DONE.notify_one();
    }
}
