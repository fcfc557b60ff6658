//! What manifests made, where tokens were delivered to, and who applies a manifest.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::error::Result;
use super::keys::{COLUMNS, JOINS, query_keys, read_key};
use super::many::{LOOKED_UP, ROWS, fill, groups};
use super::session::{Row, Statement};
use super::tx::Tx;
use super::{Lookup, Store};
use crate::domain::id::KeyId;
use crate::domain::keys::key::Key;
use crate::domain::keys::token::TokenId;
use crate::domain::owners::owner::{KeyName, Owner};
use crate::domain::time::{Span, Timestamp};

static KEYS: LazyLock<String> = LazyLock::new(|| {
    let names = groups(LOOKED_UP, 2);
    format!(
        "{COLUMNS} FROM (VALUES {names}) AS v CROSS JOIN keyctl.key k {JOINS}
         WHERE k.owner = v.column1 AND k.name = v.column2 AND k.revoked_at IS NULL"
    )
});

static KEYS_BY_ID: LazyLock<String> =
    LazyLock::new(|| format!("{COLUMNS} FROM keyctl.key k {JOINS} WHERE k.id IN {}", groups(1, LOOKED_UP)));

static REVOKED: LazyLock<String> = LazyLock::new(|| {
    let names = groups(LOOKED_UP, 2);
    format!(
        "SELECT k.owner, k.name, k.revoked_at FROM (VALUES {names}) AS v CROSS JOIN keyctl.key k
         WHERE k.owner = v.column1 AND k.name = v.column2 AND k.revoked_at IS NOT NULL"
    )
});

static DELIVERED: LazyLock<String> = LazyLock::new(|| {
    let ids = groups(1, LOOKED_UP);
    format!("SELECT key_id, sink, token_id FROM keyctl.delivered WHERE key_id IN {ids}")
});

static MAKERS: LazyLock<String> = LazyLock::new(|| {
    let ids = groups(1, LOOKED_UP);
    format!("SELECT key_id, manifest FROM keyctl.provisioned WHERE key_id IN {ids}")
});

const INSERT_PROVISIONED: &str = "INSERT INTO keyctl.provisioned (key_id, manifest) VALUES ($1, $2)";

static INSERT_PROVISIONED_MANY: LazyLock<String> =
    LazyLock::new(|| format!("INSERT INTO keyctl.provisioned (key_id, manifest) VALUES {}", groups(ROWS, 2)));

const INSERT_DELIVERED: &str =
    "INSERT INTO keyctl.delivered (key_id, sink, token_id, at) VALUES ($1, $2, $3, $4)";

static INSERT_DELIVERED_MANY: LazyLock<String> = LazyLock::new(|| {
    format!("INSERT INTO keyctl.delivered (key_id, sink, token_id, at) VALUES {}", groups(ROWS, 4))
});

/// Where tokens of a key were delivered to, each with the token that stands there.
pub(crate) type Deliveries = HashMap<KeyId, Vec<(String, TokenId)>>;

fn read_delivery(row: &Row<'_>, found: &mut Deliveries) -> Result<()> {
    let cells = row.of("delivered");
    let key = cells.parsed(0, |text| text.parse().ok())?;
    let token = cells.parsed(2, |text| text.parse().ok())?;
    found.entry(key).or_default().push((cells.text(1)?.to_owned(), token));
    Ok(())
}

/// Finding what a plan is made of, inside a change and outside of one alike.
pub(crate) trait ProvisionLookup: Lookup {
    /// The unrevoked keys of these names.
    fn keys_named(&mut self, names: &[(&Owner, &KeyName)]) -> Result<Vec<Key>> {
        let mut keys = Vec::new();
        for page in names.chunks(LOOKED_UP) {
            let values = page.iter().map(|(owner, name)| [owner.as_str().into(), name.as_str().into()]);
            let Some(values) = fill(values) else { continue };
            keys.extend(query_keys(self.reading()?.session(), KEYS.as_str(), &values)?);
        }
        Ok(keys)
    }

    /// The keys of these ids.
    fn keys_by_id(&mut self, ids: &[KeyId]) -> Result<Vec<Key>> {
        let mut keys = Vec::new();
        for page in ids.chunks(LOOKED_UP) {
            let Some(values) = fill(page.iter().map(|id| [id.to_string().into()])) else { continue };
            keys.extend(query_keys(self.reading()?.session(), KEYS_BY_ID.as_str(), &values)?);
        }
        Ok(keys)
    }

    /// When keys of these names were revoked, for the last time.
    fn revoked_names(
        &mut self,
        names: &[(&Owner, &KeyName)],
    ) -> Result<HashMap<(Owner, KeyName), Timestamp>> {
        let mut revoked: HashMap<(Owner, KeyName), Timestamp> = HashMap::new();
        for page in names.chunks(LOOKED_UP) {
            let values = page.iter().map(|(owner, name)| [owner.as_str().into(), name.as_str().into()]);
            let Some(values) = fill(values) else { continue };
            self.reading()?.session().query(REVOKED.as_str().into(), &values, &mut |row| {
                let cells = row.of("key");
                let name =
                    (cells.parsed(0, |text| text.parse().ok())?, cells.parsed(1, |text| text.parse().ok())?);
                let at = cells.time(2)?;
                let last = revoked.entry(name).or_insert(at);
                *last = at.max(*last);
                Ok(())
            })?;
        }
        Ok(revoked)
    }

    /// Where tokens of these keys were delivered to.
    fn deliveries(&mut self, keys: &[KeyId]) -> Result<Deliveries> {
        let mut found = Deliveries::new();
        for page in keys.chunks(LOOKED_UP) {
            let Some(mut values) = fill(page.iter().map(|id| [id.to_string().into()])) else { continue };
            values.truncate(LOOKED_UP);
            let read = &mut |row: &Row<'_>| read_delivery(row, &mut found);
            self.reading()?.session().query(DELIVERED.as_str().into(), &values, read)?;
        }
        Ok(found)
    }

    /// Where tokens of the unrevoked keys were delivered to that a manifest made.
    fn deliveries_of(&mut self, manifest: &str) -> Result<Deliveries> {
        let mut found = Deliveries::new();
        let sql = "SELECT d.key_id, d.sink, d.token_id FROM keyctl.provisioned m
            JOIN keyctl.key k ON k.id = m.key_id AND k.revoked_at IS NULL JOIN keyctl.delivered d ON d.key_id = m.key_id
            WHERE m.manifest = $1";
        let read = &mut |row: &Row<'_>| read_delivery(row, &mut found);
        self.reading()?.session().query(sql.into(), &[manifest.into()], read)?;
        Ok(found)
    }

    /// Which manifests made these keys, as far as one did.
    fn makers(&mut self, keys: &[KeyId]) -> Result<HashMap<KeyId, String>> {
        let mut found = HashMap::new();
        for page in keys.chunks(LOOKED_UP) {
            let Some(values) = fill(page.iter().map(|id| [id.to_string().into()])) else { continue };
            self.reading()?.session().query(MAKERS.as_str().into(), &values, &mut |row| {
                let cells = row.of("provisioned");
                found.insert(cells.parsed(0, |text| text.parse().ok())?, cells.text(1)?.to_owned());
                Ok(())
            })?;
        }
        Ok(found)
    }

    /// The unrevoked keys that a manifest made, in any order.
    fn each_provisioned(&mut self, manifest: &str, each: &mut dyn FnMut(Key)) -> Result<()> {
        let sql = format!(
            "{COLUMNS} FROM keyctl.provisioned m JOIN keyctl.key k ON k.id = m.key_id {JOINS}
             WHERE m.manifest = $1 AND k.revoked_at IS NULL"
        );
        self.reading()?.session().query(sql.into(), &[manifest.into()], &mut |row| {
            each(read_key(row)?);
            Ok(())
        })
    }
}

impl<L: Lookup> ProvisionLookup for L {}

impl Tx<'_> {
    /// Says that a manifest made this key.
    pub(crate) fn insert_provisioned(&mut self, key: KeyId, manifest: &str) {
        self.pending.push(Statement::row(
            INSERT_PROVISIONED,
            &INSERT_PROVISIONED_MANY,
            [key.to_string().into(), manifest.into()],
        ));
    }

    /// Forgets where tokens of a key stand.
    pub(crate) fn forget_deliveries(&mut self, key: KeyId) {
        let sql = "DELETE FROM keyctl.delivered WHERE key_id = $1";
        self.pending.push(Statement::new(sql, [key.to_string().into()]));
    }

    /// Forgets where any token stands.
    pub(crate) fn forget_all_deliveries(&mut self) {
        self.pending.push(Statement::new("DELETE FROM keyctl.delivered", []));
    }

    /// Says that a token of a key stands in these sinks. Where others stand was forgotten.
    pub(crate) fn put_deliveries(&mut self, key: KeyId, token: &TokenId, sinks: &[String]) {
        for sink in sinks {
            self.pending.push(Statement::row(
                INSERT_DELIVERED,
                &INSERT_DELIVERED_MANY,
                [
                    key.to_string().into(),
                    sink.as_str().into(),
                    token.as_str().into(),
                    self.now().as_millis().into(),
                ],
            ));
        }
    }
}

impl Store {
    /// Takes the hold of a manifest for so long, or goes on with it. Whether it could be had.
    pub(crate) fn hold_manifest(&mut self, manifest: &str, holder: &str, lasts: Span) -> Result<bool> {
        self.use_one(Statement::new(
            "INSERT INTO keyctl.manifest_hold (manifest, holder, ends_at)
             VALUES ($1, $2, keyctl.now_ms() + CAST($3 AS BIGINT))
             ON CONFLICT (manifest) DO UPDATE SET holder = excluded.holder, ends_at = excluded.ends_at
             WHERE manifest_hold.holder = excluded.holder OR manifest_hold.ends_at <= keyctl.now_ms()",
            [manifest.into(), holder.into(), lasts.as_secs().saturating_mul(1000).into()],
        ))
    }

    /// Gives the hold of a manifest up.
    pub(crate) fn release_manifest(&mut self, manifest: &str, holder: &str) -> Result<()> {
        let sql = "DELETE FROM keyctl.manifest_hold WHERE manifest = $1 AND holder = $2";
        self.use_one(Statement::new(sql, [manifest.into(), holder.into()])).map(drop)
    }
}
