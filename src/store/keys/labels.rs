//! The labels of keys, one a row, so that a list finds few keys among many.
//!
//! A copy of what stands with each key, written in the transaction that writes it there.

use std::sync::LazyLock;

use crate::domain::id::KeyId;
use crate::domain::keys::key::Key;
use crate::domain::keys::label::Labels;
use crate::store::error::Result;
use crate::store::session::{Session, Statement, Value};
use crate::store::tx::Tx;
use crate::store::{Store, many};

/// So few keys with a label are read from its index in any order, and sorted. Where there are more, a
/// walk of all keys meets them soon enough.
pub(in crate::store) const FEW: i64 = 5_000;

const INSERT: &str = "INSERT INTO keyctl.key_label (name, value, key_id) VALUES ($1, $2, $3)";

static INSERT_MANY: LazyLock<String> = LazyLock::new(|| {
    format!("INSERT INTO keyctl.key_label (name, value, key_id) VALUES {}", many::groups(many::ROWS, 3))
});

/// Which of these labels are there; what fills the statement up is none.
static FOUND: LazyLock<String> = LazyLock::new(|| {
    format!(
        "SELECT l.key_id FROM (VALUES {}) AS v CROSS JOIN keyctl.key_label l
         WHERE l.name = v.column1 AND l.value = v.column2 AND l.key_id = v.column3",
        many::groups(many::LOOKED_UP, 3)
    )
});

fn values(name: &str, value: &str, key: KeyId) -> [Value; 3] {
    [name.into(), value.into(), key.to_string().into()]
}

/// How many keys have a label, but no more than one above [`FEW`].
pub(in crate::store) fn count_few(session: &mut dyn Session, name: &str, value: Option<&str>) -> Result<i64> {
    let (sql, values): (_, Vec<Value>) = match value {
        Some(value) => (
            "SELECT COUNT(*) FROM (SELECT 1 FROM keyctl.key_label WHERE name = $1 AND value = $2 LIMIT $3) AS few",
            vec![name.into(), value.into(), (FEW + 1).into()],
        ),
        None => (
            "SELECT COUNT(*) FROM (SELECT 1 FROM keyctl.key_label WHERE name = $1 LIMIT $2) AS few",
            vec![name.into(), (FEW + 1).into()],
        ),
    };
    let mut count = 0;
    session.query(sql.into(), &values, &mut |row| {
        count = row.of("key_label").int(0)?;
        Ok(())
    })?;
    Ok(count)
}

impl Tx<'_> {
    pub(in crate::store) fn add_labels(&mut self, key: &Key) {
        for (name, value) in key.labels.iter() {
            self.pending.push(Statement::row(INSERT, &INSERT_MANY, values(name, value, key.id)));
        }
    }

    /// Stores the labels of new keys, in the order of their index.
    pub(in crate::store) fn add_labels_of(&mut self, keys: &[&Key]) {
        let labels = |key: &&Key| {
            let id = key.id;
            key.labels
                .iter()
                .map(move |(name, value)| (name.to_owned(), value.to_owned(), id))
                .collect::<Vec<_>>()
        };
        let mut labels: Vec<(String, String, KeyId)> = keys.iter().flat_map(labels).collect();
        labels.sort_unstable();
        let rows = labels
            .iter()
            .map(|(name, value, key)| Statement::row(INSERT, &INSERT_MANY, values(name, value, *key)));
        self.pending.extend(rows);
    }

    pub fn change_labels(&mut self, key: KeyId, old: &Labels, new: &Labels) {
        let of = |labels: &Labels| -> Vec<(String, String)> {
            labels.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
        };
        let (old, new) = (of(old), of(new));
        for (name, value) in old.iter().filter(|label| !new.contains(label)) {
            self.pending.push(Statement::new(
                "DELETE FROM keyctl.key_label WHERE name = $1 AND value = $2 AND key_id = $3",
                values(name, value, key),
            ));
        }
        for (name, value) in new.iter().filter(|label| !old.contains(label)) {
            self.pending.push(Statement::new(INSERT, values(name, value, key)));
        }
    }
}

impl Store {
    /// Those of the keys with a label that the index lacks.
    pub(in crate::store) fn lacking_labels(&mut self, keys: &[Key]) -> Result<Vec<KeyId>> {
        let labels: Vec<(&str, &str, KeyId)> = keys
            .iter()
            .flat_map(|key| key.labels.iter().map(|(name, value)| (name, value, key.id)))
            .collect();
        let mut lacking = Vec::new();
        for labels in labels.chunks(many::LOOKED_UP) {
            let mut missing: Vec<KeyId> = labels.iter().map(|(.., key)| *key).collect();
            let rows = labels.iter().map(|(name, value, key)| values(name, value, *key));
            let Some(values) = many::fill(rows) else { continue };
            self.session().query(FOUND.as_str().into(), &values, &mut |row| {
                let id: KeyId = row.of("key_label").parsed(0, |text| text.parse().ok())?;
                if let Some(place) = missing.iter().position(|key| *key == id) {
                    missing.swap_remove(place);
                }
                Ok(())
            })?;
            lacking.extend(missing);
        }
        lacking.dedup();
        Ok(lacking)
    }

    pub(in crate::store) fn indexed_labels(&mut self) -> Result<u64> {
        let mut count = 0;
        self.session().query("SELECT COUNT(*) FROM keyctl.key_label".into(), &[], &mut |row| {
            count = row.of("key_label").count(0)?;
            Ok(())
        })?;
        Ok(count)
    }
}
