//! OAuth credentials: which client asks where, the envelopes that it asks with, and the attempts to do so.

mod attempts;
mod leases;
mod parts;

pub(crate) use leases::{LeaseLookup, Leased, Wanted};
pub(crate) use parts::{PartLookup, SealedPart};

use super::error::Result;
use super::secrets::{COLUMN_COUNT, COLUMNS, JOINS, names_beside, read_secret};
use super::session::{Row, Session, Sql, Statement, Value};
use super::tx::Tx;
use super::{Lookup, Store};
use crate::domain::credentials::client::Client;
use crate::domain::credentials::credential::{Credential, CredentialState};
use crate::domain::credentials::granted::Granted;
use crate::domain::secrets::secret::{SecretId, SecretName};
use crate::domain::time::Timestamp;

/// Credentials read at once.
const PAGE: i64 = 500;

/// Neighbours of one.
const MOST_NEIGHBOURS: i64 = 100;

/// What a credential is beside its secret; `read` reads these columns behind the secret's.
const OWN: &str = "c.token_endpoint, c.client_id, c.client_auth, c.issuer, c.client_key_id, c.account, c.scopes, c.refresh_invalidates, c.state, \
     c.refreshed_at, \
     (SELECT COUNT(*) FROM keyctl.oauth_envelope e WHERE e.secret_id = s.id AND e.part = 'refresh')";

fn read(row: &Row<'_>) -> Result<Credential> {
    let cells = row.of("oauth_credential");
    let at = |column: usize| COLUMN_COUNT + column;
    Ok(Credential {
        secret: read_secret(row)?,
        client: Client {
            token_endpoint: cells.parsed(at(0), |text| text.parse().ok())?,
            id: cells.parsed(at(1), |text| text.parse().ok())?,
            auth: cells.parsed(at(2), |text| text.parse().ok())?,
            issuer: cells.opt_parsed(at(3), |text| text.parse().ok())?,
            key_id: cells.opt_parsed(at(4), |text| text.parse().ok())?,
        },
        account: cells.opt_parsed(at(5), |text| text.parse().ok())?,
        scopes: cells.parsed(at(6), Granted::from_json)?,
        refresh_invalidates: cells.int(at(7))? != 0,
        state: cells.parsed(at(8), CredentialState::parse)?,
        refreshed_at: cells.opt_time(at(9))?,
        has_refresh_token: cells.int(at(10))? != 0,
        attempt: attempts::read(&cells, at(11))?,
    })
}

fn read_all(session: &mut dyn Session, condition: &str, values: &[Value]) -> Result<Vec<Credential>> {
    let mut found = Vec::new();
    let sql = format!(
        "SELECT {COLUMNS}, {OWN}, {} FROM keyctl.secret s {JOINS}
         JOIN keyctl.oauth_credential c ON c.secret_id = s.id
         LEFT JOIN keyctl.oauth_attempt a ON a.secret_id = s.id {condition}",
        attempts::COLUMNS
    );
    session.query(Sql::Built(sql), values, &mut |row| {
        found.push(read(row)?);
        Ok(())
    })?;
    Ok(found)
}

/// Finding credentials, inside a change and outside of one alike.
pub(crate) trait CredentialLookup: Lookup {
    /// The credential of this name or id that is not deleted.
    fn credential(&mut self, name: &SecretName) -> Result<Option<Credential>> {
        let session = self.reading()?.session();
        let condition = "WHERE (s.name = $1 OR s.id = $1) AND s.deleted_at IS NULL";
        Ok(read_all(session, condition, &[name.as_str().into()])?.pop())
    }

    /// Names of credentials that are not deleted and begin as this one does, for a hint.
    fn credentials_beside(&mut self, name: &SecretName) -> Result<Vec<SecretName>> {
        let join = "JOIN keyctl.oauth_credential c ON c.secret_id = s.id";
        names_beside(self.reading()?.session(), join, name)
    }

    /// The credential of this id, deleted or not.
    fn credential_by_id(&mut self, id: SecretId) -> Result<Option<Credential>> {
        let session = self.reading()?.session();
        Ok(read_all(session, "WHERE s.id = $1", &[id.to_string().into()])?.pop())
    }

    /// Others of the same client and account, which may be one grant with it; at most 100.
    fn neighbours(&mut self, of: &Credential) -> Result<Vec<Credential>> {
        let session = self.reading()?.session();
        let condition = "WHERE c.token_endpoint = $1 AND c.client_id = $2
                AND COALESCE(c.account, '') = COALESCE($3, '') AND s.id <> $4 AND s.deleted_at IS NULL
             ORDER BY s.name LIMIT $5";
        let values = [
            of.client.token_endpoint.as_str().into(),
            of.client.id.as_str().into(),
            account(of),
            of.secret.id.to_string().into(),
            MOST_NEIGHBOURS.into(),
        ];
        read_all(session, condition, &values)
    }
}

impl<L: Lookup> CredentialLookup for L {}

fn account(of: &Credential) -> Value {
    of.account.as_ref().map(|account| account.as_str().to_owned()).into()
}

impl Store {
    /// Reads up to 500 credentials behind `after` by name and id, or none at the end; with `deleted` those, too.
    pub(crate) fn credentials(
        &mut self,
        after: Option<&Credential>,
        deleted: bool,
    ) -> Result<Vec<Credential>> {
        let deleted = if deleted { "" } else { " AND s.deleted_at IS NULL" };
        let condition = format!("WHERE (s.name, s.id) > ($1, $2){deleted} ORDER BY s.name, s.id LIMIT $3");
        let (name, id) = after.map_or_else(Default::default, |credential| {
            (credential.secret.name.as_str().to_owned(), credential.secret.id.to_string())
        });
        read_all(self.session(), &condition, &[name.into(), id.into(), PAGE.into()])
    }
}

impl Tx<'_> {
    /// Stores what a secret is as a credential. The secret itself stands there already.
    pub(crate) fn insert_credential(&mut self, credential: &Credential) {
        let client = &credential.client;
        self.pending.push(Statement::new(
            "INSERT INTO keyctl.oauth_credential (secret_id, token_endpoint, client_id, client_auth, issuer,
                client_key_id, account, scopes, refresh_invalidates, state, refreshed_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
            [
                credential.secret.id.to_string().into(),
                client.token_endpoint.as_str().into(),
                client.id.as_str().into(),
                client.auth.as_str().into(),
                client.issuer.as_ref().map(|issuer| issuer.as_str().to_owned()).into(),
                client.key_id.as_ref().map(|id| id.as_str().to_owned()).into(),
                account(credential),
                credential.scopes.to_json().into(),
                i64::from(credential.refresh_invalidates).into(),
                credential.state.as_str().into(),
                credential.refreshed_at.map(Timestamp::as_millis).into(),
            ],
        ));
    }

    /// Stores what a provider said of a credential, and nothing else.
    pub(crate) fn answered_credential(&mut self, credential: &Credential) {
        self.pending.push(Statement::new(
            "UPDATE keyctl.oauth_credential SET scopes = $2, state = $3, refreshed_at = $4 WHERE secret_id = $1",
            [
                credential.secret.id.to_string().into(),
                credential.scopes.to_json().into(),
                credential.state.as_str().into(),
                credential.refreshed_at.map(Timestamp::as_millis).into(),
            ],
        ));
    }

    /// Stores what may change of a credential beside its secret.
    pub(crate) fn update_credential(&mut self, credential: &Credential) {
        self.pending.push(Statement::new(
            "UPDATE keyctl.oauth_credential SET account = $2, scopes = $3, state = $4, refreshed_at = $5
             WHERE secret_id = $1",
            [
                credential.secret.id.to_string().into(),
                account(credential),
                credential.scopes.to_json().into(),
                credential.state.as_str().into(),
                credential.refreshed_at.map(Timestamp::as_millis).into(),
            ],
        ));
    }
}
