//! The slow hash for what people can remember or guess.

use std::sync::{Condvar, Mutex, PoisonError};

use argon2::{Algorithm, Argon2, Block, Params, Version};
use zeroize::Zeroizing;

use crate::domain::secrets::kdf::KdfCost;

/// Hashes computed at a time in one process: each takes 64 MiB and a processor for a while, and
/// whoever sends texts must not be able to take all.
const AT_ONCE: u8 = 2;

/// The hash could not be computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is not enough memory for Argon2id ({} MiB)", .0 / 1024)]
pub struct OutOfMemory(u32);

/// Argon2id (RFC 9106, version 0x13) of a text under a salt: 32 bytes. With the usual cost it
/// takes about a tenth of a second and 64 MiB; of more than two in a process, the others wait.
pub(crate) fn derive(
    text: &[u8],
    salt: &[u8; 16],
    cost: KdfCost,
) -> Result<Zeroizing<[u8; 32]>, OutOfMemory> {
    let _turn = Turn::wait();
    let none = || OutOfMemory(cost.kibibytes);
    let params = Params::new(cost.kibibytes, cost.passes, cost.lanes, Some(32)).map_err(|_| none())?;
    let mut memory = Zeroizing::new(Vec::new());
    memory.try_reserve_exact(params.block_count()).map_err(|_| none())?;
    memory.resize(params.block_count(), Block::new());
    let mut out = Zeroizing::new([0; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into_with_memory(text, salt, out.as_mut(), memory.as_mut_slice())
        .map_err(|_| none())?;
    Ok(out)
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
