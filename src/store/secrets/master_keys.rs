//! What is known of the master keys: never the keys.

use crate::domain::secrets::kdf::Derivation;
use crate::domain::secrets::sealed::MasterKeyId;
use crate::domain::time::Timestamp;
use crate::store::Lookup;
use crate::store::error::Result;
use crate::store::session::Statement;
use crate::store::tx::Tx;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MasterKeyRow {
    pub id: MasterKeyId,
    /// What follows from the key, to recognize it by.
    pub check_value: [u8; 32],
    /// How it follows from a passphrase, if it does.
    pub derivation: Option<Derivation>,
    /// When it first sealed something.
    pub registered_at: Timestamp,
    /// Since when nothing is sealed under it any more.
    pub retired_at: Option<Timestamp>,
    /// How often it sealed something.
    pub encryptions: u64,
    /// How many versions of secrets are sealed under it, and parts of credentials.
    pub versions: u64,
    /// How many keys that sign short-lived tokens, or for a federation.
    pub signing_keys: u64,
}

impl MasterKeyRow {
    /// How many envelopes are sealed under it.
    pub fn envelopes(&self) -> u64 {
        self.versions + self.signing_keys
    }
}

/// Finding master keys, inside a change and outside of one alike.
pub trait MasterKeyLookup: Lookup {
    /// All that were ever registered, the oldest first.
    fn master_keys(&mut self) -> Result<Vec<MasterKeyRow>> {
        let mut keys = Vec::new();
        let session = self.reading()?.session();
        session.query(
            "SELECT m.id, m.check_value, m.derivation, m.registered_at, m.retired_at, m.encryptions,
                (SELECT COUNT(*) FROM keyctl.secret_version v WHERE v.master_key_id = m.id)
                    + (SELECT COUNT(*) FROM keyctl.oauth_envelope e WHERE e.master_key_id = m.id),
                (SELECT COUNT(*) FROM keyctl.signing_key s WHERE s.master_key_id = m.id)
                    + (SELECT COUNT(*) FROM keyctl.federation_key f WHERE f.master_key_id = m.id)
             FROM keyctl.master_key m ORDER BY m.registered_at, m.id"
                .into(),
            &[],
            &mut |row| {
                let cells = row.of("master_key");
                keys.push(MasterKeyRow {
                    id: cells.parsed(0, |text| text.parse().ok())?,
                    check_value: cells.bytes(1)?,
                    derivation: cells.opt_parsed(2, |text| text.parse().ok())?,
                    registered_at: cells.time(3)?,
                    retired_at: cells.opt_time(4)?,
                    encryptions: cells.count(5)?,
                    versions: cells.count(6)?,
                    signing_keys: cells.count(7)?,
                });
                Ok(())
            },
        )?;
        Ok(keys)
    }
}

impl<L: Lookup> MasterKeyLookup for L {}

impl Tx<'_> {
    /// Remembers a master key; one that is known stays as it is.
    pub fn register_master_key(
        &mut self,
        id: MasterKeyId,
        check_value: &[u8; 32],
        derivation: Option<Derivation>,
    ) {
        let now = self.now().as_millis();
        self.pending.push(Statement::new(
            "INSERT INTO keyctl.master_key (id, check_value, derivation, registered_at, encryptions)
             VALUES ($1, $2, $3, $4, 0) ON CONFLICT (id) DO NOTHING",
            [
                id.to_string().into(),
                check_value.as_slice().into(),
                derivation.map(|derivation| derivation.to_string()).into(),
                now.into(),
            ],
        ));
    }

    pub fn retire_master_key(&mut self, id: MasterKeyId) {
        let now = self.now().as_millis();
        self.pending.push(Statement::new(
            "UPDATE keyctl.master_key SET retired_at = $2 WHERE id = $1 AND retired_at IS NULL",
            [id.to_string().into(), now.into()],
        ));
    }

    pub fn count_encryptions(&mut self, id: MasterKeyId, number: u64) {
        let number = i64::try_from(number).unwrap_or(i64::MAX);
        self.pending.push(Statement::new(
            "UPDATE keyctl.master_key SET encryptions = encryptions + $2 WHERE id = $1",
            [id.to_string().into(), number.into()],
        ));
    }
}
