//! Federations, the keys that sign for them, and the secrets that are got by them.

use super::error::Result;
use super::session::{Row, Statement};
use super::tx::Tx;
use super::{Lookup, Store};
use crate::domain::federation::federated::Federated;
use crate::domain::federation::key::FederationKey;
use crate::domain::federation::settings::{Federation, FederationName};
use crate::domain::secrets::sealed::Envelope;
use crate::domain::secrets::secret::{SecretId, SecretName};
use crate::domain::time::Timestamp;
use crate::domain::tokens::jwks::PublicJwk;
use crate::domain::tokens::kid::Kid;

const FEDERATIONS: &str = "SELECT f.name, f.kind, f.token_endpoint, f.audience, f.issuer, f.typ, f.present, f.parameters, \
     f.created_at FROM keyctl.federation f ORDER BY f.name";

const KEYS: &str = "SELECT k.kid, k.x, k.y, k.federation, k.created_at, k.activated_at, k.retired_at, k.master_key_id \
     FROM keyctl.federation_key k ORDER BY k.created_at, k.kid";

fn read_federation(row: &Row<'_>) -> Result<Federation> {
    let cells = row.of("federation");
    Ok(Federation {
        name: cells.parsed(0, |text| text.parse().ok())?,
        kind: cells.parsed(1, |text| text.parse().ok())?,
        token_endpoint: cells.parsed(2, |text| text.parse().ok())?,
        audience: cells.parsed(3, |text| text.parse().ok())?,
        issuer: cells.parsed(4, |text| text.parse().ok())?,
        typ: cells.parsed(5, |text| text.parse().ok())?,
        present: cells.parsed(6, |text| text.parse().ok())?,
        parameters: cells.parsed(7, |text| serde_json::from_str(text).ok())?,
        created_at: cells.time(8)?,
    })
}

fn read_key(row: &Row<'_>) -> Result<FederationKey> {
    let cells = row.of("federation_key");
    Ok(FederationKey {
        public: PublicJwk {
            kid: cells.parsed(0, |text| text.parse().ok())?,
            x: cells.text(1)?.into(),
            y: cells.text(2)?.into(),
        },
        federation: cells.parsed(3, |text| text.parse().ok())?,
        created_at: cells.time(4)?,
        activated_at: cells.opt_time(5)?,
        retired_at: cells.opt_time(6)?,
        master_key_id: cells.opt_parsed(7, |text| text.parse().ok())?,
    })
}

/// Finding federations, inside a change and outside of one alike. They are few.
pub(crate) trait FederationLookup: Lookup {
    /// All, by name.
    fn federations(&mut self) -> Result<Vec<Federation>> {
        let mut all = Vec::new();
        self.reading()?.session().query(FEDERATIONS.into(), &[], &mut |row| {
            all.push(read_federation(row)?);
            Ok(())
        })?;
        Ok(all)
    }

    fn federation(&mut self, name: &FederationName) -> Result<Option<Federation>> {
        Ok(self.federations()?.into_iter().find(|found| found.name == *name))
    }

    /// The keys of all federations that ever signed or will, the oldest first.
    fn federation_keys(&mut self) -> Result<Vec<FederationKey>> {
        let mut keys = Vec::new();
        self.reading()?.session().query(KEYS.into(), &[], &mut |row| {
            keys.push(read_key(row)?);
            Ok(())
        })?;
        Ok(keys)
    }

    /// The sealed private part of a key; `None` where that is gone, or no envelope.
    fn sealed_federation_key(&mut self, kid: &Kid) -> Result<Option<Envelope>> {
        let mut found = None;
        let sql =
            "SELECT k.envelope FROM keyctl.federation_key k WHERE k.kid = $1 AND k.envelope IS NOT NULL";
        self.reading()?.session().query(sql.into(), &[kid.as_str().into()], &mut |row| {
            found = Envelope::from_bytes(row.of("federation_key").blob(0)?.to_vec()).ok();
            Ok(())
        })?;
        Ok(found)
    }

    /// How a token is got for a secret; `None` where it has a value.
    fn federated(&mut self, secret: SecretId) -> Result<Option<Federated>> {
        let mut found = None;
        let sql = "SELECT f.federation, f.subject FROM keyctl.federated_secret f WHERE f.secret_id = $1";
        self.reading()?.session().query(sql.into(), &[secret.to_string().into()], &mut |row| {
            let cells = row.of("federated_secret");
            found = Some(Federated {
                federation: cells.parsed(0, |text| text.parse().ok())?,
                subject: cells.parsed(1, |text| text.parse().ok())?,
            });
            Ok(())
        })?;
        Ok(found)
    }

    /// Some of the secrets that are got by a federation, deleted ones among them.
    fn federated_by(&mut self, federation: &FederationName) -> Result<Vec<SecretName>> {
        let mut names = Vec::new();
        let sql = "SELECT s.name FROM keyctl.federated_secret f JOIN keyctl.secret s ON s.id = f.secret_id
             WHERE f.federation = $1 ORDER BY s.name LIMIT 500";
        self.reading()?.session().query(sql.into(), &[federation.as_str().into()], &mut |row| {
            names.push(row.of("secret").parsed(0, |text| text.parse().ok())?);
            Ok(())
        })?;
        Ok(names)
    }
}

impl<L: Lookup> FederationLookup for L {}

impl Store {
    /// How the secrets without a value are got, by their ids.
    pub(crate) fn all_federated(&mut self) -> Result<Vec<(SecretId, Federated)>> {
        let mut all = Vec::new();
        let sql =
            "SELECT f.secret_id, f.federation, f.subject FROM keyctl.federated_secret f ORDER BY f.secret_id";
        self.session().query(sql.into(), &[], &mut |row| {
            let cells = row.of("federated_secret");
            let federated = Federated {
                federation: cells.parsed(1, |text| text.parse().ok())?,
                subject: cells.parsed(2, |text| text.parse().ok())?,
            };
            all.push((cells.parsed(0, SecretId::parse)?, federated));
            Ok(())
        })?;
        Ok(all)
    }
}

impl Tx<'_> {
    pub(crate) fn insert_federation(&mut self, federation: &Federation) {
        self.pending.push(Statement::new(
            "INSERT INTO keyctl.federation (name, kind, token_endpoint, audience, issuer, typ, present, parameters, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            [
                federation.name.as_str().into(),
                federation.kind.as_str().into(),
                federation.token_endpoint.as_str().into(),
                federation.audience.as_str().into(),
                federation.issuer.as_str().into(),
                federation.typ.as_str().into(),
                federation.present.as_str().into(),
                federation.parameters.to_json().into(),
                federation.created_at.as_millis().into(),
            ],
        ));
        self.touch_every_key();
    }

    /// Removes a federation with its keys.
    pub(crate) fn remove_federation(&mut self, name: &FederationName) {
        for sql in [
            "DELETE FROM keyctl.federation_key WHERE federation = $1",
            "DELETE FROM keyctl.federation WHERE name = $1",
        ] {
            self.pending.push(Statement::new(sql, [name.as_str().into()]));
        }
        self.touch_every_key();
    }

    pub(crate) fn insert_federation_key(&mut self, key: &FederationKey, envelope: &Envelope) {
        self.pending.push(Statement::new(
            "INSERT INTO keyctl.federation_key (kid, federation, x, y, master_key_id, envelope, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
            [
                key.public.kid.as_str().into(),
                key.federation.as_str().into(),
                (&*key.public.x).into(),
                (&*key.public.y).into(),
                envelope.master_key_id().to_string().into(),
                envelope.as_bytes().into(),
                key.created_at.as_millis().into(),
            ],
        ));
        self.touch_every_key();
    }

    /// Stores what may change of a key. What signs no more has no private part.
    pub(crate) fn update_federation_key(&mut self, key: &FederationKey) {
        let sql = if key.master_key_id.is_none() {
            "UPDATE keyctl.federation_key SET activated_at = $2, retired_at = $3, envelope = NULL, master_key_id = NULL
             WHERE kid = $1"
        } else {
            "UPDATE keyctl.federation_key SET activated_at = $2, retired_at = $3 WHERE kid = $1"
        };
        self.pending.push(Statement::new(
            sql,
            [
                key.public.kid.as_str().into(),
                key.activated_at.map(Timestamp::as_millis).into(),
                key.retired_at.map(Timestamp::as_millis).into(),
            ],
        ));
        self.touch_every_key();
    }

    /// Replaces the envelope of a key.
    pub(crate) fn reseal_federation_key(&mut self, kid: &Kid, envelope: &Envelope) {
        self.pending.push(Statement::new(
            "UPDATE keyctl.federation_key SET envelope = $2, master_key_id = $3 WHERE kid = $1 AND envelope IS NOT NULL",
            [kid.as_str().into(), envelope.as_bytes().into(), envelope.master_key_id().to_string().into()],
        ));
        self.touch_every_key();
    }

    /// Says how a token is got for a secret.
    pub(crate) fn put_federated(&mut self, secret: SecretId, federated: &Federated) {
        self.pending.push(Statement::new(
            "INSERT INTO keyctl.federated_secret (secret_id, federation, subject) VALUES ($1, $2, $3)
             ON CONFLICT (secret_id) DO UPDATE SET federation = excluded.federation, subject = excluded.subject",
            [
                secret.to_string().into(),
                federated.federation.as_str().into(),
                federated.subject.as_str().into(),
            ],
        ));
        self.touch_every_key();
    }
}
