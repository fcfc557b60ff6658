//! The view that `OpenFn` Apollo reads in the place of its own table, and that table.

use super::error::Result;
use super::secrets::{SealedVersion, VERSION, number, read_versions};
use super::session::{Session, Sql, Statement};
use super::tx::Tx;
use super::{Finding, Lookup, Store};
use crate::domain::apollo::{Candidate, Ciphertext, PROVIDER, StoredKey};
use crate::domain::id::KeyId;
use crate::domain::keys::scope::Scope;
use crate::domain::secrets::secret::SecretId;
use crate::domain::time::Timestamp;

/// The view, as it is made and as `store check` expects it.
const VIEW: &str = include_str!("postgres/lightning_clients.sql");

/// What gives a role, named in the place of the last word, the view.
pub const GRANT: &str = "GRANT SELECT ON public.lightning_clients TO ROLE";

/// Keys and versions read at once.
const PAGE: u32 = 500;

/// What the view is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApolloRow {
    /// The scope that a key must hold.
    pub scope: Scope,
    /// Tells the key that its ciphertexts are made with from any other.
    pub key_check: [u8; 32],
    pub created_at: Timestamp,
}

/// What stands under the name `public.lightning_clients`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    Table,
    View,
    Other,
}

/// One row of Apollo's own table.
#[derive(Debug)]
pub struct ClientRow {
    pub id: i64,
    pub name: Option<String>,
    /// The hash of its token, as it stands there.
    pub hash: Option<String>,
    pub key: Option<StoredKey>,
}

/// The columns that Apollo's table must have.
const COLUMNS: [&str; 4] = ["id", "name", "auth_token_hash", "anthropic_api_key"];

/// Reading what concerns Apollo, inside a change and outside of one alike.
pub trait ApolloLookup: Lookup {
    /// What the view is for; `None` where there is none.
    fn apollo(&mut self) -> Result<Option<ApolloRow>> {
        let mut found = None;
        let session = self.reading()?.session();
        session.query(
            "SELECT a.id, a.scope, a.key_check, a.created_at FROM keyctl.apollo a WHERE a.id = 1".into(),
            &[],
            &mut |row| {
                let cells = row.of("apollo");
                found = Some(ApolloRow {
                    scope: cells.parsed(1, |text| text.parse().ok())?,
                    key_check: cells.bytes(2)?,
                    created_at: cells.time(3)?,
                });
                Ok(())
            },
        )?;
        Ok(found)
    }

    /// What stands in the schema `public` under this name (PostgreSQL only).
    fn public_relation(&mut self, name: &str) -> Result<Option<Relation>> {
        let mut found = None;
        let session = self.reading()?.session();
        session.query(
            "SELECT c.relkind::text FROM pg_catalog.pg_class c
             WHERE c.relnamespace = to_regnamespace('public') AND c.relname = $1"
                .into(),
            &[name.into()],
            &mut |row| {
                found = Some(match row.of("pg_class").text(0)? {
                    "r" | "p" => Relation::Table,
                    "v" => Relation::View,
                    _ => Relation::Other,
                });
                Ok(())
            },
        )?;
        Ok(found)
    }

    /// Whether a version of a secret has a ciphertext for Apollo.
    fn is_sealed_for_apollo(&mut self, secret: SecretId, version: u64) -> Result<bool> {
        let mut found = false;
        let session = self.reading()?.session();
        session.query(
            "SELECT a.version FROM keyctl.apollo_secret a WHERE a.secret_id = $1 AND a.version = $2".into(),
            &[secret.to_string().into(), number(version)],
            &mut |_| {
                found = true;
                Ok(())
            },
        )?;
        Ok(found)
    }

    /// Versions of secrets for Anthropic that have no ciphertext for Apollo, up to 500 in the order
    /// of their ids behind this one.
    fn unsealed_for_apollo(&mut self, after: Option<(SecretId, u64)>) -> Result<Vec<SealedVersion>> {
        let session = self.reading()?.session();
        let sql = format!(
            "{VERSION} s.provider = $1 AND (v.secret_id, v.version) > ($2, $3)
                AND NOT EXISTS (SELECT 1 FROM keyctl.federated_secret f WHERE f.secret_id = v.secret_id)
                AND NOT EXISTS (SELECT 1 FROM keyctl.apollo_secret a
                    WHERE a.secret_id = v.secret_id AND a.version = v.version)
             ORDER BY v.secret_id, v.version LIMIT $4"
        );
        let (secret, version) = after.map_or((String::new(), 0), |(id, version)| (id.to_string(), version));
        let values = [PROVIDER.into(), secret.into(), number(version), i64::from(PAGE).into()];
        read_versions(session, Sql::Built(sql), &values)
    }
}

impl<L: Lookup> ApolloLookup for L {}

impl Store {
    /// Whether it is a PostgreSQL database, the only one that Apollo reads.
    pub fn is_postgres(&self) -> bool {
        matches!(self.backend, super::Backend::Postgres(_))
    }

    /// Keys behind this owner, name and id, up to 500, with everything that decides whether Apollo is
    /// shown them. Fewer than that mean the end.
    pub fn apollo_candidates(&mut self, after: Option<&Candidate>) -> Result<Vec<Candidate>> {
        let mut keys = Vec::new();
        let (owner, name, id) = after.map_or((String::new(), String::new(), String::new()), |key| {
            (key.owner.to_string(), key.name.to_string(), key.id.to_string())
        });
        let values = [owner.into(), name.into(), id.into(), PROVIDER.into(), i64::from(PAGE).into()];
        self.session().query(CANDIDATES.into(), &values, &mut |row| {
            let (key, token) = (row.of("key"), row.of("token"));
            keys.push(Candidate {
                id: key.parsed(0, |text| text.parse::<KeyId>().ok())?,
                owner: key.parsed(1, |text| text.parse().ok())?,
                name: key.parsed(2, |text| text.parse().ok())?,
                state: token.text(3)?.to_owned(),
                hash_alg: token.text(4)?.to_owned(),
                scopes: token.parsed(5, crate::domain::keys::scope::Scopes::from_json)?,
                networks: token.text(6)?.to_owned(),
                rate: token.opt_text(7)?.map(str::to_owned),
                quota: token.opt_text(8)?.map(str::to_owned),
                secret: token.opt_text(9)?.map(str::to_owned),
                sealed: token.int(10)? != 0,
            });
            Ok(())
        })?;
        Ok(keys)
    }
}

/// The current token of each key, as the runtime view judges it, and the secret that is bound nearest.
const CANDIDATES: &str = "
    SELECT k.id, k.owner, k.name, t.state, t.hash_alg, t.scopes, t.networks, t.rate, t.quota,
        CASE WHEN COALESCE(bk.secret_id, bo.secret_id, bs.secret_id) IS NULL THEN NULL
             ELSE COALESCE(s.state, 'missing') END AS secret_state,
        CASE WHEN a.secret_id IS NULL THEN CAST(0 AS BIGINT) ELSE CAST(1 AS BIGINT) END AS sealed
    FROM (SELECT id, owner, name, generation FROM keyctl.key WHERE (owner, name, id) > ($1, $2, $3)
          ORDER BY owner, name, id LIMIT $5) k
    JOIN keyctl.token c ON c.key_id = k.id AND c.generation = k.generation
    JOIN public.keyctl_tokens_v1 t ON t.token_hash = c.token_hash
    LEFT JOIN keyctl.binding bk ON bk.subject_kind = 'key' AND bk.subject_id = k.id AND bk.provider = $4
    LEFT JOIN keyctl.binding bo ON bo.subject_kind = 'owner' AND bo.subject_id = k.owner AND bo.provider = $4
    LEFT JOIN keyctl.binding bs ON bs.subject_kind = 'store' AND bs.subject_id = '' AND bs.provider = $4
    LEFT JOIN public.keyctl_secrets_v1 s
        ON s.secret_id = COALESCE(bk.secret_id, bo.secret_id, bs.secret_id) AND s.provider = $4
    LEFT JOIN keyctl.apollo_secret a ON a.secret_id = s.secret_id AND a.version = s.version
    ORDER BY k.owner, k.name, k.id";

/// Every scope that covers this one, as the view reads them.
pub(super) fn coverers(scope: &Scope) -> String {
    // Texts alone: serializing them cannot fail.
    serde_json::to_string(&scope.coverers()).unwrap_or_default()
}

impl Tx<'_> {
    /// Makes the view, or gives it another scope.
    pub fn show_to_apollo(&mut self, scope: &Scope, key_check: &[u8; 32]) {
        let coverers = coverers(scope);
        let now = self.now().as_millis();
        self.pending.push(Statement::new(
            "INSERT INTO keyctl.apollo (id, scope, coverers, key_check, created_at) VALUES (1, $1, $2, $3, $4)
             ON CONFLICT (id) DO UPDATE SET scope = $1, coverers = $2, key_check = $3",
            [scope.as_str().into(), coverers.into(), key_check.as_slice().into(), now.into()],
        ));
        self.pending.push(Statement::new(VIEW, []));
    }

    /// Takes the view and all ciphertexts away; returns how many these were.
    pub fn hide_from_apollo(&mut self, view: bool) -> Result<u64> {
        self.flush()?;
        if view {
            self.pending.push(Statement::new("DROP VIEW public.lightning_clients", []));
        }
        self.pending.push(Statement::new("DELETE FROM keyctl.apollo WHERE id = 1", []));
        self.forget_ciphertexts()
    }

    /// Takes all ciphertexts away; returns how many these were.
    pub fn forget_ciphertexts(&mut self) -> Result<u64> {
        self.flush()?;
        let removed = self.session.execute(&[Statement::new("DELETE FROM keyctl.apollo_secret", [])])?;
        Ok(removed.into_iter().sum())
    }

    /// Stores what Apollo reads of a version of a secret.
    pub fn insert_apollo_secret(&mut self, secret: SecretId, version: u64, sealed: &Ciphertext) {
        self.pending.push(Statement::new(
            "INSERT INTO keyctl.apollo_secret (secret_id, version, ciphertext) VALUES ($1, $2, $3)",
            [secret.to_string().into(), number(version), sealed.as_str().into()],
        ));
    }

    /// Whom Apollo's own table belongs to, and this connection's role, which may not act for that one; both as SQL
    /// writes them. `None` if it may. Apollo makes the table as the role that it runs with.
    pub fn foreign_owner_of_lightning_clients(&mut self) -> Result<Option<(String, String)>> {
        self.flush()?;
        let mut found = None;
        self.session.query(
            "SELECT pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(c.relowner)), pg_catalog.quote_ident(current_user)
             FROM pg_catalog.pg_class c
             WHERE c.relnamespace = pg_catalog.to_regnamespace('public') AND c.relname = 'lightning_clients'
                AND NOT pg_catalog.pg_has_role(c.relowner, 'USAGE')"
                .into(),
            &[],
            &mut |row| {
                let cells = row.of("pg_class");
                found = Some((cells.text(0)?.to_owned(), cells.text(1)?.to_owned()));
                Ok(())
            },
        )?;
        Ok(found)
    }

    /// Keeps others from writing to Apollo's own table during this change; Apollo goes on reading.
    /// Which columns it lacks.
    pub fn take_lightning_clients(&mut self) -> Result<Vec<&'static str>> {
        self.flush()?;
        self.session.script("LOCK TABLE public.lightning_clients IN SHARE ROW EXCLUSIVE MODE")?;
        let mut lacking = COLUMNS.to_vec();
        self.session.query(
            "SELECT a.attname::text FROM pg_catalog.pg_attribute a
             JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
             WHERE c.relnamespace = to_regnamespace('public') AND c.relname = 'lightning_clients'
                AND a.attnum > 0 AND NOT a.attisdropped"
                .into(),
            &[],
            &mut |row| {
                let name = row.of("pg_attribute").text(0)?.to_owned();
                lacking.retain(|column| *column != name);
                Ok(())
            },
        )?;
        Ok(lacking)
    }

    /// All rows of Apollo's own table, by their numbers.
    pub fn lightning_clients(&mut self) -> Result<Vec<ClientRow>> {
        self.flush()?;
        let mut rows = Vec::new();
        self.session.query(
            "SELECT id::bigint, name::text, auth_token_hash::text, anthropic_api_key::text
             FROM public.lightning_clients ORDER BY id"
                .into(),
            &[],
            &mut |row| {
                let cells = row.of("lightning_clients");
                rows.push(ClientRow {
                    id: cells.int(0)?,
                    name: cells.opt_text(1)?.map(str::to_owned),
                    hash: cells.opt_text(2)?.map(str::to_owned),
                    key: cells.opt_text(3)?.map(StoredKey::new),
                });
                Ok(())
            },
        )?;
        Ok(rows)
    }

    /// Gives Apollo's own table the name under which it is kept.
    pub fn set_lightning_clients_aside(&mut self) {
        self.pending.push(Statement::new(
            "ALTER TABLE public.lightning_clients RENAME TO lightning_clients_before_keyctl",
            [],
        ));
    }
}

impl Store {
    /// A view for Apollo that is over more or other scopes than it says, and secrets that it lacks.
    pub fn check_view_for_apollo(&mut self) -> Result<Vec<Finding>> {
        let mut findings = Vec::new();
        let mut shown = None;
        self.session().query("SELECT a.coverers FROM keyctl.apollo a".into(), &[], &mut |row| {
            shown = Some(row.of("apollo").text(0)?.to_owned());
            Ok(())
        })?;
        if let (Some(found), Some(row)) = (shown, self.apollo()?)
            && found != coverers(&row.scope)
        {
            let message = format!("the view for Apollo does not show what its scope {} says", row.scope);
            findings.push(Finding { kind: "object", message });
        }
        self.session().query(
            "SELECT s.id, s.name FROM keyctl.secret s WHERE s.provider = $1 AND s.deleted_at IS NULL
                AND EXISTS (SELECT 1 FROM keyctl.apollo)
                AND NOT EXISTS (SELECT 1 FROM keyctl.apollo_secret a WHERE a.secret_id = s.id AND a.version = s.version)
             LIMIT 500"
                .into(),
            &[PROVIDER.into()],
            &mut |row| {
                let cells = row.of("secret");
                let (id, name) = (cells.text(0)?, cells.text(1)?);
                let message = format!("the current version of secret {id} ({name}) is not sealed for Apollo");
                findings.push(Finding { kind: "secret", message });
                Ok(())
            },
        )?;
        Ok(findings)
    }
}

/// What PostgreSQL says of the view's columns.
const VIEW_COLUMNS: [&str; 3] = [
    "column public.lightning_clients.anthropic_api_key text",
    "column public.lightning_clients.auth_token_hash text",
    "column public.lightning_clients.name text",
];

/// The columns and the text of the view, where it must be there. Without it, whatever has its name is the user's own.
pub(super) fn expected_view(
    session: &mut dyn Session,
) -> Result<Option<(&'static [&'static str], &'static str)>> {
    let mut found = false;
    session.query("SELECT id FROM keyctl.apollo".into(), &[], &mut |_| {
        found = true;
        Ok(())
    })?;
    Ok(found.then_some((&VIEW_COLUMNS[..], VIEW)))
}
