//! Which keys their own owner suspended: they may let them work again, and nobody's suspension but their own.

use crate::domain::id::KeyId;
use crate::domain::time::Timestamp;
use crate::store::Lookup;
use crate::store::error::Result;
use crate::store::session::Statement;
use crate::store::tx::Tx;

const AT: &str = "SELECT key_id, suspended_at FROM keyctl.portal_suspension WHERE key_id = $1";

/// Finding them, inside a change and outside of one alike.
pub trait SuspensionLookup: Lookup {
    /// Since when a key's suspension is one that its owner made; `None` for none.
    fn own_suspension(&mut self, key: KeyId) -> Result<Option<Timestamp>> {
        let mut at = None;
        self.reading()?.session().query(AT.into(), &[key.to_string().into()], &mut |row| {
            at = row.of("portal_suspension").opt_time(1)?;
            Ok(())
        })?;
        Ok(at)
    }
}

impl<L: Lookup + ?Sized> SuspensionLookup for L {}

impl Tx<'_> {
    /// Says that a suspension that began now is the owner's, or that none is.
    pub fn set_own_suspension(&mut self, key: KeyId, at: Option<Timestamp>) {
        let key = key.to_string();
        self.pending.push(match at {
            None => Statement::new("DELETE FROM keyctl.portal_suspension WHERE key_id = $1", [key.into()]),
            Some(at) => Statement::new(
                "INSERT INTO keyctl.portal_suspension (key_id, suspended_at) VALUES ($1, $2)
                 ON CONFLICT (key_id) DO UPDATE SET suspended_at = excluded.suspended_at",
                [key.into(), at.as_millis().into()],
            ),
        });
    }
}
