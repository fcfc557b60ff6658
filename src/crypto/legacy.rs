//! The slow hash of tokens that were made elsewhere and may be guessed.

use std::sync::{Condvar, Mutex, PoisonError};

use argon2::{Algorithm, Argon2, Block, Params, Version};
use zeroize::Zeroizing;

use crate::domain::foreign::ForeignToken;
use crate::domain::token::TokenHash;

/// RFC 9106 §4, the second recommended option: 3 passes over 64 MiB in 4 lanes.
const PASSES: u32 = 3;
const KIBIBYTES: u32 = 64 * 1024;
const LANES: u32 = 4;
const BYTES: usize = 32;

/// Hashes computed at a time in one process: each takes 64 MiB and a processor for a while, and
/// whoever sends texts must not be able to take all.
const AT_ONCE: u8 = 2;

/// The hash could not be computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there are no 64 MiB of memory for the hash of a guessable token")]
pub struct OutOfMemory;

/// Argon2id (RFC 9106, version 0x13) of the token's ASCII bytes under the store's salt: 32
/// bytes, as 64 lower-case hex digits. It takes about a tenth of a second and 64 MiB; of more
/// than two in a process, the others wait.
pub fn hash_weak(token: &ForeignToken, salt: &[u8; 16]) -> Result<TokenHash, OutOfMemory> {
    let _turn = Turn::wait();
    let params = Params::new(KIBIBYTES, PASSES, LANES, Some(BYTES)).map_err(|_| OutOfMemory)?;
    let mut memory = Zeroizing::new(Vec::new());
    memory.try_reserve_exact(params.block_count()).map_err(|_| OutOfMemory)?;
    memory.resize(params.block_count(), Block::new());
    let mut out = [0; BYTES];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into_with_memory(token.expose().as_bytes(), salt, &mut out, memory.as_mut_slice())
        .map_err(|_| OutOfMemory)?;
    Ok(TokenHash::from_digest(&out))
}

static RUNNING: Mutex<u8> = Mutex::new(0);
static ENDED: Condvar = Condvar::new();

/// One of the [`AT_ONCE`] that may compute.
struct Turn;

impl Turn {
    fn wait() -> Self {
        let running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
        let full = |running: &mut u8| *running >= AT_ONCE;
        *ENDED.wait_while(running, full).unwrap_or_else(PoisonError::into_inner) += 1;
        Self
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        *RUNNING.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        ENDED.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computed with the reference implementation through argon2-cffi 25.1:
    /// `hash_secret_raw(token, salt, 3, 65536, 4, 32, Type.ID)`.
    #[test]
    fn the_hashes_of_the_reference_implementation_reproduce() {
        let counting: [u8; 16] = std::array::from_fn(|index| u8::try_from(index).expect("small"));
        for (token, salt, hash) in [
            (
                "sk-alice-test-key-12345",
                counting,
                "a61a0d7531b15c6586a5b3524d5a8e65d72594abf03057022ba112e9e2b2fedc",
            ),
            ("hunter2", [255; 16], "7301917ed6f029655054bb029ac5c57d81e38017c5ea532a0592c7664bf5fe4a"),
        ] {
            let token = ForeignToken::parse(token).expect("a token");
            assert_eq!(hash_weak(&token, &salt).expect("memory").as_str(), hash);
        }
    }
}
