//! What is sealed of a credential beside its access tokens: the client's secret, and the refresh token.

use crate::domain::credentials::credential::Part;
use crate::domain::outbound::endpoint::Endpoint;
use crate::domain::secrets::sealed::{Envelope, EnvelopeError, MasterKeyId};
use crate::domain::secrets::secret::{Provider, SecretId, SecretName};
use crate::store::Lookup;
use crate::store::error::Result;
use crate::store::secrets::number;
use crate::store::session::{Row, Session, Sql, Statement, Value};
use crate::store::tx::Tx;

#[derive(Debug)]
pub(crate) struct SealedPart {
    pub secret: SecretId,
    pub part: Part,
    pub name: SecretName,
    pub provider: Provider,
    /// The version of the secret when it was sealed.
    pub version: u64,
    pub master_key_id: MasterKeyId,
    /// The envelope, or why it is none.
    pub envelope: Result<Envelope, EnvelopeError>,
}

const COLUMNS: &str = "SELECT e.secret_id, e.part, s.name, s.provider, e.version, e.master_key_id, e.envelope \
     FROM keyctl.oauth_envelope e JOIN keyctl.secret s ON s.id = e.secret_id WHERE";

/// The same columns, and where each is sent.
const LIVE: &str = "SELECT e.secret_id, e.part, s.name, s.provider, e.version, e.master_key_id, e.envelope, c.token_endpoint \
     FROM keyctl.oauth_envelope e JOIN keyctl.secret s ON s.id = e.secret_id \
        JOIN keyctl.oauth_credential c ON c.secret_id = s.id \
     WHERE e.part = 'refresh' AND s.deleted_at IS NULL AND e.secret_id > $1 ORDER BY e.secret_id LIMIT $2";

/// Refresh tokens read at once.
const PAGE: i64 = 500;

fn read(row: &Row<'_>) -> Result<SealedPart> {
    let cells = row.of("oauth_envelope");
    Ok(SealedPart {
        secret: cells.parsed(0, SecretId::parse)?,
        part: cells.parsed(1, Part::parse)?,
        name: cells.parsed(2, |text| text.parse().ok())?,
        provider: cells.parsed(3, |text| text.parse().ok())?,
        version: cells.count(4)?,
        master_key_id: cells.parsed(5, |text| text.parse().ok())?,
        envelope: Envelope::from_bytes(cells.blob(6)?.to_vec()),
    })
}

fn read_all(session: &mut dyn Session, condition: &str, values: &[Value]) -> Result<Vec<SealedPart>> {
    let mut parts = Vec::new();
    session.query(Sql::Built(format!("{COLUMNS} {condition}")), values, &mut |row| {
        parts.push(read(row)?);
        Ok(())
    })?;
    Ok(parts)
}

/// Behind which part a page begins.
fn behind(after: Option<(SecretId, Part)>) -> [Value; 2] {
    let (secret, part) = after.map_or_else(Default::default, |(id, part)| (id.to_string(), part.as_str()));
    [secret.into(), part.into()]
}

/// Finding sealed parts, inside a change and outside of one alike.
pub(crate) trait PartLookup: Lookup {
    fn sealed_part(&mut self, secret: SecretId, part: Part) -> Result<Option<SealedPart>> {
        let session = self.reading()?.session();
        let values = [secret.to_string().into(), part.as_str().into()];
        Ok(read_all(session, "e.secret_id = $1 AND e.part = $2", &values)?.pop())
    }

    /// Refresh tokens of credentials that are not deleted, and where each is sent: up to 500 behind this one, by their ids.
    fn live_refresh_tokens(&mut self, after: Option<SecretId>) -> Result<Vec<(SealedPart, Endpoint)>> {
        let session = self.reading()?.session();
        let after = after.map_or_else(String::new, |id| id.to_string());
        let mut parts = Vec::new();
        session.query(LIVE.into(), &[after.into(), PAGE.into()], &mut |row| {
            let endpoint = row.of("oauth_credential").parsed(7, |text| text.parse().ok())?;
            parts.push((read(row)?, endpoint));
            Ok(())
        })?;
        Ok(parts)
    }

    /// Up to `limit` parts of all, whatever they are sealed under, in the order of their ids, behind this one.
    fn sealed_parts(&mut self, after: Option<(SecretId, Part)>, limit: u32) -> Result<Vec<SealedPart>> {
        let session = self.reading()?.session();
        let condition = "(e.secret_id, e.part) > ($1, $2) ORDER BY e.secret_id, e.part LIMIT $3";
        let [secret, part] = behind(after);
        read_all(session, condition, &[secret, part, i64::from(limit).into()])
    }

    /// The same of those that are sealed under a master key.
    fn parts_under(
        &mut self,
        key: MasterKeyId,
        after: Option<(SecretId, Part)>,
        limit: u32,
    ) -> Result<Vec<SealedPart>> {
        let session = self.reading()?.session();
        let condition =
            "e.master_key_id = $1 AND (e.secret_id, e.part) > ($2, $3) ORDER BY e.secret_id, e.part LIMIT $4";
        let [secret, part] = behind(after);
        read_all(session, condition, &[key.to_string().into(), secret, part, i64::from(limit).into()])
    }
}

impl<L: Lookup> PartLookup for L {}

impl Tx<'_> {
    /// Stores a part, in the place of the one before. Who reads stores is not concerned, so no mark is moved.
    pub(crate) fn put_part(&mut self, secret: SecretId, part: Part, version: u64, envelope: &Envelope) {
        self.pending.push(Statement::new(
            "INSERT INTO keyctl.oauth_envelope (secret_id, part, version, master_key_id, envelope)
             VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (secret_id, part) DO UPDATE SET version = excluded.version,
                master_key_id = excluded.master_key_id, envelope = excluded.envelope",
            [
                secret.to_string().into(),
                part.as_str().into(),
                number(version),
                envelope.master_key_id().to_string().into(),
                envelope.as_bytes().into(),
            ],
        ));
    }

    pub(crate) fn remove_part(&mut self, secret: SecretId, part: Part) {
        self.pending.push(Statement::new(
            "DELETE FROM keyctl.oauth_envelope WHERE secret_id = $1 AND part = $2",
            [secret.to_string().into(), part.as_str().into()],
        ));
    }
}
