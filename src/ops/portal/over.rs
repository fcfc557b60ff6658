//! What is over is forgotten after a while: sessions, invitations, sign-ins of programs, and what waits on devices.

use crate::ops::error::Result;
use crate::store::Store;

/// Forgets what ended long enough ago. Returns whether anything went; nothing where whoever asks may not.
pub fn forget(store: &mut Store) -> Result<bool> {
    let now = store.now()?;
    Ok(store.forget_over(now)?)
}
