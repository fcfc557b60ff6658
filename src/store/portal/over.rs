//! What is over for long enough: forgotten in short transactions of its own, of which no change waits for longer than for one batch.
//!
//! No change is made by it, and no record: what is over lets nobody in, and the audit log says of each what it was.

use crate::domain::mcp::device::DeviceRequest;
use crate::domain::mcp::sign_in::SignIn;
use crate::domain::portal::session::Session;
use crate::domain::time::{Span, Timestamp};
use crate::store::Store;
use crate::store::error::{Error, Result};
use crate::store::session::{Statement, Value};

/// Batches of one kind at one time; the rest waits for the next.
const MOST: usize = 200;

const SESSIONS: &str = "DELETE FROM keyctl.portal_session WHERE id IN
    (SELECT s.id FROM keyctl.portal_session s WHERE s.expires_at <= $1 LIMIT 500)";

const SEEN: &str = "DELETE FROM keyctl.portal_seen WHERE session_id IN
    (SELECT u.session_id FROM keyctl.portal_seen u WHERE u.seen_at <= $1
        AND NOT EXISTS (SELECT 1 FROM keyctl.portal_session s WHERE s.id = u.session_id) LIMIT 500)";

/// One that made a key says who sent it for as long as the key is there, and one by which a key waits or waited belongs to that.
const CLAIMS: &str = "DELETE FROM keyctl.claim WHERE id IN
    (SELECT c.id FROM keyctl.claim c WHERE c.expires_at <= $1
        AND NOT EXISTS (SELECT 1 FROM keyctl.portal_session s WHERE s.claim_id = c.id)
        AND NOT EXISTS (SELECT 1 FROM keyctl.key k WHERE k.made_by = 'claim:' || c.id)
        AND NOT EXISTS (SELECT 1 FROM keyctl.key k WHERE k.id = c.key_id AND k.revoked_at IS NULL) LIMIT 500)";

const SIGN_INS: &str = "DELETE FROM keyctl.mcp_sign_in WHERE id IN
    (SELECT s.id FROM keyctl.mcp_sign_in s WHERE s.expires_at <= $1 LIMIT 500)";

const DEVICES: &str = "DELETE FROM keyctl.mcp_device WHERE code_hash IN
    (SELECT d.code_hash FROM keyctl.mcp_device d WHERE d.expires_at <= $1 LIMIT 500)";

/// What goes, in this order, and how long after its end: a session stands on its invitation.
const KINDS: [(&str, Span); 5] = [
    (SESSIONS, Session::KEPT),
    (SEEN, Session::KEPT),
    (CLAIMS, Session::KEPT),
    (SIGN_INS, SignIn::KEPT),
    (DEVICES, DeviceRequest::LIVES),
];

impl Store {
    /// Forgets what ended long enough ago: sessions and invitations after 30 days, sign-ins of programs after a day, codes of devices
    /// after ten minutes. What this role may not forget stays. Returns whether anything went.
    pub(crate) fn forget_over(&mut self, now: Timestamp) -> Result<bool> {
        let mut is_any = false;
        for (sql, kept) in KINDS {
            let by: [Value; 1] = [now.before(kept).as_millis().into()];
            for _ in 0..MOST {
                match self.use_one(Statement::new(sql, by.clone())) {
                    Ok(true) => is_any = true,
                    Ok(false) | Err(Error::Refused { .. }) => break,
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(is_any)
    }
}
