//! From a presented text to the store's row, by its hashes in the order that the domain says.

use std::sync::{Arc, Condvar, Mutex, PoisonError};

use super::cache::{Fingerprint, Known, Reading};
use super::cells::{Seen, Trusted};
use super::fault::{StoreFault, Unavailable};
use super::pool::WITHIN;
use crate::crypto::{digest, jws, legacy};
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

/// The same of a short-lived token, which may be longer.
pub(super) fn jwt_fingerprint(text: &str) -> Option<Fingerprint> {
    (!text.is_empty() && text.len() <= jws::LONGEST).then(|| Fingerprint(digest::fingerprint(text)))
}

/// The slow hash of a token that was made elsewhere. No more than [`AT_A_TIME`] are computed at a time.
pub(super) fn slow(text: &str, salt: &[u8; 16]) -> Result<TokenHash, Unavailable> {
    let fault = |error: String| StoreFault::Argon2id.because(error);
    let token = ForeignToken::parse(text).map_err(|error| fault(error.to_string()))?;
    let _turn = Turn::take()?;
    legacy::hash_weak(&token, salt).map_err(|error| fault(error.to_string()))
}

/// What one read of the store saw.
pub(super) struct Look<B = Bound> {
    pub(super) sight: Sight,
    pub(super) bound: B,
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

impl Found {
    /// What no look at the store is needed for.
    pub(super) fn malformed() -> Self {
        Self { known: Known::Denied(Reason::Malformed), bound: Bound::Nothing, of: None }
    }
}

/// What the look by the fast hash came to. That of either kind is the text's fingerprint.
pub(super) enum Fast {
    Found(Found),
    /// It may be there under its slow hash.
    Missed(Missed),
}

/// That a text was not there under its fast hash, when the mark was this one.
pub(super) struct Missed {
    pub(super) salt: [u8; 16],
    mark: Arc<str>,
    of: Reading,
}

pub(super) fn by_fast(presented: &Presented, look: Look) -> Result<Fast, Unavailable> {
    let Look { sight, bound, store, of } = look;
    if let Some(known) = row(&sight)? {
        return Ok(Fast::Found(Found { known, bound, of: Some(of) }));
    }
    Ok(match after_fast(presented.foreign(), store.salt) {
        Next::Slow(_, salt) => Fast::Missed(Missed { salt, mark: sight.mark, of }),
        Next::Denied(reason) => {
            Fast::Found(Found { known: Known::Denied(reason), bound: Bound::Nothing, of: Some(of) })
        }
    })
}

pub(super) fn by_slow(missed: &Missed, look: Look) -> Result<Found, Unavailable> {
    let Look { sight, bound, of, .. } = look;
    if let Some(known) = row(&sight)? {
        return Ok(Found { known, bound, of: Some(of) });
    }
    // That neither is there was true of one state only if nothing changed in between.
    let of = (missed.mark == sight.mark).then_some(missed.of);
    Ok(Found { known: Known::Denied(Reason::Unknown), bound: Bound::Nothing, of })
}

/// Looks a text up by each of its hashes in turn.
pub(super) fn find(
    text: &str,
    print: &Fingerprint,
    look: impl Fn(&TokenHash, HashAlg) -> Result<Look, Unavailable>,
) -> Result<Found, Unavailable> {
    let Some(presented) = Presented::parse(text) else { return Ok(Found::malformed()) };
    let fast = look(&TokenHash::from_digest(&print.0), HashAlg::Sha256)?;
    match by_fast(&presented, fast)? {
        Fast::Found(found) => Ok(found),
        Fast::Missed(missed) => {
            let hash = slow(text, &missed.salt)?;
            by_slow(&missed, look(&hash, HashAlg::Argon2id)?)
        }
    }
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
