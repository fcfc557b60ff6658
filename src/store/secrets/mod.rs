//! Provider secrets and their versions: envelopes, never values.

pub(super) mod bindings;
pub(super) mod forms;
pub(super) mod master_keys;

use super::error::Result;
use super::session::{Row, Session, Sql, Statement, Value};
use super::tx::Tx;
use super::{Lookup, Store};
use crate::domain::secrets::sealed::{Envelope, EnvelopeError, MasterKeyId};
use crate::domain::secrets::secret::{Provider, Secret, SecretId, SecretKind, SecretName, SecretVersion};
use crate::domain::time::Timestamp;

/// Secrets read at once.
const PAGE: i64 = 500;

/// A secret with what is asked of its current version; `read_secret` reads these columns.
pub(super) const COLUMNS: &str = "s.id, s.provider, s.name, s.labels, s.created_at, v.expires_at, \
     s.deleted_at, s.version, v.created_at, v.master_key_id, \
     (SELECT COUNT(*) FROM keyctl.binding b WHERE b.secret_id = s.id), \
     CASE WHEN EXISTS (SELECT 1 FROM keyctl.oauth_credential o WHERE o.secret_id = s.id) THEN 'oauth'
         WHEN EXISTS (SELECT 1 FROM keyctl.federated_secret f WHERE f.secret_id = s.id) THEN 'federated' ELSE 'static' END";

/// How many columns those are.
pub(super) const COLUMN_COUNT: usize = 12;

pub(super) const JOINS: &str =
    "LEFT JOIN keyctl.secret_version v ON v.secret_id = s.id AND v.version = s.version";

pub(super) fn read_secret(row: &Row<'_>) -> Result<Secret> {
    let cells = row.of("secret");
    Ok(Secret {
        id: cells.parsed(0, SecretId::parse)?,
        provider: cells.parsed(1, |text| text.parse().ok())?,
        name: cells.parsed(2, |text| text.parse().ok())?,
        kind: cells.parsed(11, SecretKind::parse)?,
        labels: cells.parsed(3, |text| serde_json::from_str(text).ok())?,
        created_at: cells.time(4)?,
        expires_at: cells.opt_time(5)?,
        deleted_at: cells.opt_time(6)?,
        version: cells.count(7)?,
        version_created_at: cells.time(8)?,
        master_key_id: cells.parsed(9, |text| text.parse().ok())?,
        bindings: cells.count(10)?,
    })
}

fn read_secrets(session: &mut dyn Session, condition: &str, values: &[Value]) -> Result<Vec<Secret>> {
    let mut secrets = Vec::new();
    let sql = format!("SELECT {COLUMNS} FROM keyctl.secret s {JOINS} {condition}");
    session.query(Sql::Built(sql), values, &mut |row| {
        secrets.push(read_secret(row)?);
        Ok(())
    })?;
    Ok(secrets)
}

#[derive(Debug)]
pub struct SealedVersion {
    pub secret: SecretId,
    pub name: SecretName,
    pub provider: Provider,
    pub kind: SecretKind,
    pub version: u64,
    pub master_key_id: MasterKeyId,
    /// The envelope, or why it is none.
    pub envelope: Result<Envelope, EnvelopeError>,
}

/// `read_version` reads these columns.
pub(super) const VERSION: &str = "SELECT v.secret_id, s.name, s.provider, v.version, v.master_key_id, v.envelope, \
     CASE WHEN EXISTS (SELECT 1 FROM keyctl.oauth_credential o WHERE o.secret_id = s.id) THEN 'oauth'
         WHEN EXISTS (SELECT 1 FROM keyctl.federated_secret f WHERE f.secret_id = s.id) THEN 'federated' ELSE 'static' END \
     FROM keyctl.secret_version v JOIN keyctl.secret s ON s.id = v.secret_id WHERE";

/// How many columns those are.
#[cfg(feature = "cli")]
pub(super) const VERSION_CELLS: usize = 7;

pub(super) fn read_version(row: &Row<'_>) -> Result<SealedVersion> {
    let cells = row.of("secret_version");
    Ok(SealedVersion {
        secret: cells.parsed(0, SecretId::parse)?,
        name: cells.parsed(1, |text| text.parse().ok())?,
        provider: cells.parsed(2, |text| text.parse().ok())?,
        kind: cells.parsed(6, SecretKind::parse)?,
        version: cells.count(3)?,
        master_key_id: cells.parsed(4, |text| text.parse().ok())?,
        envelope: Envelope::from_bytes(cells.blob(5)?.to_vec()),
    })
}

pub(super) fn read_versions(
    session: &mut dyn Session,
    sql: Sql,
    values: &[Value],
) -> Result<Vec<SealedVersion>> {
    let mut versions = Vec::new();
    session.query(sql, values, &mut |row| {
        versions.push(read_version(row)?);
        Ok(())
    })?;
    Ok(versions)
}

/// Names of secrets that are not deleted and begin as this one does, of those that `join` leaves.
pub(super) fn names_beside(
    session: &mut dyn Session,
    join: &'static str,
    name: &SecretName,
) -> Result<Vec<SecretName>> {
    let first: String = name.as_str().chars().take(1).collect();
    let mut names = Vec::new();
    let sql = format!(
        "SELECT s.name FROM keyctl.secret s {join} WHERE s.name >= $1 AND s.name < $2 AND s.deleted_at IS NULL
         ORDER BY s.name LIMIT 500"
    );
    session.query(
        Sql::Built(sql),
        &[first.as_str().into(), format!("{first}\u{7f}").into()],
        &mut |row| {
            names.push(row.of("secret").parsed(0, |text| text.parse().ok())?);
            Ok(())
        },
    )?;
    Ok(names)
}

pub(super) fn number(version: u64) -> Value {
    i64::try_from(version).unwrap_or(i64::MAX).into()
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SecretFilter {
    pub provider: Option<Provider>,
    /// Deleted ones, too.
    pub deleted: bool,
}

/// Finding secrets, inside a change and outside of one alike.
pub trait SecretLookup: Lookup {
    /// The secret of this name or id that is not deleted.
    fn secret(&mut self, name: &SecretName) -> Result<Option<Secret>> {
        let session = self.reading()?.session();
        let condition = "WHERE (s.name = $1 OR s.id = $1) AND s.deleted_at IS NULL";
        Ok(read_secrets(session, condition, &[name.as_str().into()])?.pop())
    }

    /// The secret of this name that was deleted last, or the deleted one of this id.
    fn deleted_secret(&mut self, name: &SecretName) -> Result<Option<Secret>> {
        let session = self.reading()?.session();
        let condition = "WHERE (s.name = $1 OR s.id = $1) AND s.deleted_at IS NOT NULL ORDER BY s.deleted_at DESC, s.id DESC LIMIT 1";
        Ok(read_secrets(session, condition, &[name.as_str().into()])?.pop())
    }

    /// Names of secrets that are not deleted and begin as this one does, for a hint.
    fn secrets_beside(&mut self, name: &SecretName) -> Result<Vec<SecretName>> {
        names_beside(self.reading()?.session(), "", name)
    }

    /// A secret's versions, the newest first.
    fn secret_versions(&mut self, secret: SecretId) -> Result<Vec<SecretVersion>> {
        let mut versions = Vec::new();
        let session = self.reading()?.session();
        session.query(
            "SELECT v.secret_id, v.version, v.created_at, v.master_key_id, v.expires_at FROM keyctl.secret_version v
             WHERE v.secret_id = $1 ORDER BY v.version DESC"
                .into(),
            &[secret.to_string().into()],
            &mut |row| {
                let cells = row.of("secret_version");
                versions.push(SecretVersion {
                    version: cells.count(1)?,
                    created_at: cells.time(2)?,
                    master_key_id: cells.parsed(3, |text| text.parse().ok())?,
                    expires_at: cells.opt_time(4)?,
                });
                Ok(())
            },
        )?;
        Ok(versions)
    }

    fn sealed_version(&mut self, secret: SecretId, version: u64) -> Result<Option<SealedVersion>> {
        let session = self.reading()?.session();
        let sql = format!("{VERSION} v.secret_id = $1 AND v.version = $2");
        Ok(read_versions(session, Sql::Built(sql), &[secret.to_string().into(), number(version)])?.pop())
    }

    /// Up to `limit` versions of all, whatever they are sealed under, in the order of their ids,
    /// behind this one.
    fn sealed_versions(&mut self, after: Option<(SecretId, u64)>, limit: u32) -> Result<Vec<SealedVersion>> {
        let session = self.reading()?.session();
        let sql =
            format!("{VERSION} (v.secret_id, v.version) > ($1, $2) ORDER BY v.secret_id, v.version LIMIT $3");
        let (secret, version) = after.map_or((String::new(), 0), |(id, version)| (id.to_string(), version));
        read_versions(session, Sql::Built(sql), &[secret.into(), number(version), i64::from(limit).into()])
    }

    /// Up to `limit` versions that are sealed under a master key, in the order of their ids,
    /// behind this one.
    fn sealed_under(
        &mut self,
        key: MasterKeyId,
        after: Option<(SecretId, u64)>,
        limit: u32,
    ) -> Result<Vec<SealedVersion>> {
        let session = self.reading()?.session();
        let sql = format!(
            "{VERSION} v.master_key_id = $1 AND (v.secret_id, v.version) > ($2, $3)
             ORDER BY v.secret_id, v.version LIMIT $4"
        );
        let (secret, version) = after.map_or((String::new(), 0), |(id, version)| (id.to_string(), version));
        let values = [key.to_string().into(), secret.into(), number(version), i64::from(limit).into()];
        read_versions(session, Sql::Built(sql), &values)
    }
}

impl<L: Lookup> SecretLookup for L {}

impl Store {
    /// Reads up to 500 secrets behind `after` by name and id; fewer than that mean the end.
    pub fn secrets(&mut self, filter: &SecretFilter, after: Option<&Secret>) -> Result<Vec<Secret>> {
        let deleted = if filter.deleted { "" } else { " AND s.deleted_at IS NULL" };
        let provider = if filter.provider.is_some() { " AND s.provider = $4" } else { "" };
        let condition =
            format!("WHERE (s.name, s.id) > ($1, $2){deleted}{provider} ORDER BY s.name, s.id LIMIT $3");
        let (name, id) = after
            .map_or_else(Default::default, |secret| (secret.name.as_str().to_owned(), secret.id.to_string()));
        let mut values = vec![name.into(), id.into(), PAGE.into()];
        values.extend(filter.provider.as_ref().map(|provider| provider.as_str().into()));
        read_secrets(self.session(), &condition, &values)
    }
}

impl Tx<'_> {
    /// Stores a secret without a version.
    pub fn insert_secret(&mut self, secret: &Secret) {
        self.pending.push(Statement::new(
            "INSERT INTO keyctl.secret (id, provider, name, labels, created_at, version)
             VALUES ($1, $2, $3, $4, $5, $6)",
            [
                secret.id.to_string().into(),
                secret.provider.as_str().into(),
                secret.name.as_str().into(),
                secret.labels.to_json().into(),
                secret.created_at.as_millis().into(),
                number(secret.version),
            ],
        ));
        self.touch_every_key();
    }

    /// Stores what may change of a secret: labels, deletion, which version is handed out, and
    /// when that one ends.
    pub fn update_secret(&mut self, secret: &Secret) {
        self.pending.push(Statement::new(
            "UPDATE keyctl.secret SET labels = $2, deleted_at = $3, version = $4 WHERE id = $1",
            [
                secret.id.to_string().into(),
                secret.labels.to_json().into(),
                secret.deleted_at.map(Timestamp::as_millis).into(),
                number(secret.version),
            ],
        ));
        self.pending.push(Statement::new(
            "UPDATE keyctl.secret_version SET expires_at = $3 WHERE secret_id = $1 AND version = $2",
            [
                secret.id.to_string().into(),
                number(secret.version),
                secret.expires_at.map(Timestamp::as_millis).into(),
            ],
        ));
        self.touch_every_key();
    }

    /// Stores that another version is handed out, and nothing else.
    pub(crate) fn move_secret(&mut self, secret: &Secret) {
        self.pending.push(Statement::new(
            "UPDATE keyctl.secret SET version = $2 WHERE id = $1",
            [secret.id.to_string().into(), number(secret.version)],
        ));
        self.touch_every_key();
    }

    /// Stores a secret's new version, sealed under the master key that the envelope names.
    pub fn insert_secret_version(&mut self, secret: &Secret, envelope: &Envelope) {
        let now = self.now().as_millis();
        self.pending.push(Statement::new(
            "INSERT INTO keyctl.secret_version (secret_id, version, master_key_id, created_at, expires_at, envelope)
             VALUES ($1, $2, $3, $4, $5, $6)",
            [
                secret.id.to_string().into(),
                number(secret.version),
                envelope.master_key_id().to_string().into(),
                now.into(),
                secret.expires_at.map(Timestamp::as_millis).into(),
                envelope.as_bytes().into(),
            ],
        ));
    }

    /// Replaces envelopes, each if it still is what it was; returns how many were.
    pub fn reseal(&mut self, renewed: &[(&SealedVersion, Envelope)]) -> Result<u64> {
        self.flush()?;
        let statements: Vec<Statement> = renewed
            .iter()
            .filter_map(|(version, new)| Some((version, version.envelope.as_ref().ok()?, new)))
            .map(|(version, old, new)| {
                Statement::new(
                    "UPDATE keyctl.secret_version SET master_key_id = $4, envelope = $5
                     WHERE secret_id = $1 AND version = $2 AND envelope = $3",
                    [
                        version.secret.to_string().into(),
                        number(version.version),
                        old.as_bytes().into(),
                        new.master_key_id().to_string().into(),
                        new.as_bytes().into(),
                    ],
                )
            })
            .collect();
        let changed = self.session.execute(&statements)?.into_iter().sum();
        if changed > 0 {
            self.touch_every_key();
        }
        Ok(changed)
    }

    /// Removes one version of a secret, for good.
    pub fn purge_secret_version(&mut self, secret: SecretId, version: u64) {
        self.pending.push(forms::forget(secret, Some(number(version))));
        self.pending.push(Statement::new(
            "DELETE FROM keyctl.secret_version WHERE secret_id = $1 AND version = $2",
            [secret.to_string().into(), number(version)],
        ));
        self.touch_every_key();
    }

    /// Removes a secret with all its versions and bindings, for good.
    pub fn purge_secret(&mut self, secret: SecretId) {
        self.pending.push(forms::forget(secret, None));
        for sql in [
            "DELETE FROM keyctl.oauth_lease WHERE secret_id = $1",
            "DELETE FROM keyctl.oauth_use WHERE secret_id = $1",
            "DELETE FROM keyctl.oauth_attempt WHERE secret_id = $1",
            "DELETE FROM keyctl.oauth_envelope WHERE secret_id = $1",
            "DELETE FROM keyctl.oauth_credential WHERE secret_id = $1",
            "DELETE FROM keyctl.federated_secret WHERE secret_id = $1",
            "DELETE FROM keyctl.binding WHERE secret_id = $1",
            "DELETE FROM keyctl.secret_version WHERE secret_id = $1",
            "DELETE FROM keyctl.secret WHERE id = $1",
        ] {
            self.pending.push(Statement::new(sql, [secret.to_string().into()]));
        }
        self.touch_every_key();
    }
}
