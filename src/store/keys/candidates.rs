//! What a half-typed word may become: the first few names behind it in an index.
//!
//! Every statement is one range of an index and reads at most [`MOST_CANDIDATES`] rows of it.
//! Nothing else may narrow the range: a condition that no row fulfils would read all of it.

use crate::domain::keys::key::{Lifetime, ParentLifetime, State};
use crate::domain::time::Timestamp;
use crate::store::Store;
use crate::store::error::Result;
use crate::store::session::{Cells, Row, Session, Sql, Value};

/// So many candidates are found at most, and one more.
pub const MOST_CANDIDATES: u32 = 200;

/// A key, as a half-typed word may name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// `owner/name`, a key's id or a token's prefix: what the word began as.
    pub written: String,
    /// `owner/name`.
    pub name: String,
    pub state: State,
    /// When it ends; `None` for never.
    pub expires_at: Option<Timestamp>,
    /// When it was looked at, by the store's clock.
    pub now: Timestamp,
}

/// A range of an index: which rows, in which order.
struct Range {
    /// The rows, without an order.
    rows: &'static str,
    /// The columns of the index.
    order: &'static [&'static str],
    /// `$2` and the following.
    values: Vec<Value>,
}

/// Every character that names, ids, prefixes and scopes may have comes before it.
const BEHIND_ALL: char = '~';

/// The two ends of what begins with `prefix`; the second is exclusive.
fn ends(prefix: &str) -> [Value; 2] {
    [prefix.into(), format!("{prefix}{BEHIND_ALL}").into()]
}

impl Range {
    fn sql(&self, backwards: bool) -> String {
        let ending = if backwards { " DESC" } else { "" };
        let order: Vec<String> = self.order.iter().map(|column| format!("{column}{ending}")).collect();
        format!("{} ORDER BY {} LIMIT $1", self.rows, order.join(", "))
    }

    /// Reads the first rows, and where there are more the last one: a shell completes what all
    /// candidates begin with, and whatever is left out stands between these.
    fn read<T>(
        &self,
        session: &mut dyn Session,
        around: impl Fn(String) -> String,
        read: impl Fn(&Row<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        let mut found = Vec::new();
        for (backwards, limit) in [(false, MOST_CANDIDATES), (true, 1)] {
            let mut values = vec![i64::from(limit).into()];
            values.extend(self.values.iter().cloned());
            session.query(Sql::Built(around(self.sql(backwards))), &values, &mut |row| {
                found.push(read(row)?);
                Ok(())
            })?;
            if found.len() < MOST_CANDIDATES as usize {
                break;
            }
        }
        Ok(found)
    }

    /// The rows as texts, of their first column.
    fn names(&self, session: &mut dyn Session, table: &'static str) -> Result<Vec<String>> {
        self.read(session, |sql| sql, |row| Ok(row.of(table).text(0)?.to_owned()))
    }

    /// The rows as keys; they have the columns `id` and `written`. Their tokens are left alone:
    /// those lie scattered over the store by their hashes, while an owner's keys lie together.
    fn keys(&self, session: &mut dyn Session) -> Result<Vec<Candidate>> {
        let around = |rows: String| {
            format!(
                "SELECT k.id, COALESCE(r.written, k.owner || '/' || k.name), k.owner || '/' || k.name,
                    k.not_before, k.expires_at, k.suspended_at, k.revoked_at, o.disabled_at, keyctl.now_ms(),
                    p.not_before, p.expires_at, COALESCE(p.revoked_at, p.suspended_at, po.disabled_at), k.suspended_until,
                    CASE WHEN p.revoked_at IS NULL AND po.disabled_at IS NULL THEN p.suspended_until END
                 FROM ({rows}) r JOIN keyctl.key k ON k.id = r.id JOIN keyctl.owner o ON o.name = k.owner
                 LEFT JOIN keyctl.key p ON p.id = k.parent LEFT JOIN keyctl.owner po ON po.name = p.owner
                 ORDER BY {}",
                self.order.iter().map(|column| format!("r.{column}")).collect::<Vec<_>>().join(", ")
            )
        };
        self.read(session, around, read_candidate)
    }
}

fn read_candidate(row: &Row<'_>) -> Result<Candidate> {
    let cells = row.of("key");
    let time_of = |cells: &Cells<'_>, column| match cells.opt_int(column)? {
        None => Ok(None),
        Some(millis) => Timestamp::from_millis(millis).map(Some).ok_or_else(|| cells.corrupt(column)),
    };
    let lifetime = Lifetime {
        not_before: time_of(&cells, 3)?,
        expires_at: time_of(&cells, 4)?,
        suspended_at: time_of(&cells, 5)?,
        suspended_until: time_of(&cells, 12)?,
        revoked_at: time_of(&cells, 6)?,
        owner_disabled_at: time_of(&cells, 7)?,
        parent: ParentLifetime {
            not_before: time_of(&cells, 9)?,
            expires_at: time_of(&cells, 10)?,
            dead_at: time_of(&cells, 11)?,
            dead_until: time_of(&cells, 13)?,
        },
    };
    let now = time_of(&cells, 8)?.ok_or_else(|| cells.corrupt(8))?;
    Ok(Candidate {
        written: cells.text(1)?.to_owned(),
        name: cells.text(2)?.to_owned(),
        state: lifetime.state(now),
        expires_at: lifetime.ends_at(),
        now,
    })
}

fn owners(prefix: &str) -> Range {
    Range {
        rows: "SELECT name FROM keyctl.owner WHERE name >= $2 AND name < $3",
        order: &["name"],
        values: ends(prefix).into(),
    }
}

fn roles(prefix: &str) -> Range {
    Range {
        rows: "SELECT name FROM keyctl.role WHERE name >= $2 AND name < $3",
        order: &["name"],
        values: ends(prefix).into(),
    }
}

fn trusts(prefix: &str) -> Range {
    Range {
        rows: "SELECT name FROM keyctl.trust WHERE name >= $2 AND name < $3",
        order: &["name"],
        values: ends(prefix).into(),
    }
}

/// Secrets that are not deleted, by name.
fn secrets(prefix: &str) -> Range {
    Range {
        rows: "SELECT name FROM keyctl.secret WHERE deleted_at IS NULL AND name >= $2 AND name < $3",
        order: &["name"],
        values: ends(prefix).into(),
    }
}

/// Providers of secrets that are not deleted, by name.
fn providers(prefix: &str) -> Range {
    Range {
        rows: "SELECT DISTINCT provider FROM keyctl.secret WHERE deleted_at IS NULL AND provider >= $2 AND provider < $3",
        order: &["provider"],
        values: ends(prefix).into(),
    }
}

/// Scopes that keys or roles were given, by name.
fn scopes(prefix: &str) -> Range {
    Range {
        rows: "SELECT name FROM keyctl.scope WHERE name >= $2 AND name < $3",
        order: &["name"],
        values: ends(prefix).into(),
    }
}

/// Live keys as `owner/name`. A word without a slash is the beginning of an owner.
fn live_keys(word: &str) -> Range {
    let (rows, values) = match word.split_once('/') {
        None => (
            "SELECT owner, name, id, NULL AS written FROM keyctl.key
             WHERE revoked_at IS NULL AND owner >= $2 AND owner < $3",
            ends(word).into(),
        ),
        Some((owner, name)) => {
            let [from, to] = ends(name);
            (
                "SELECT owner, name, id, NULL AS written FROM keyctl.key
                 WHERE revoked_at IS NULL AND owner = $2 AND name >= $3 AND name < $4",
                vec![owner.into(), from, to],
            )
        }
    };
    Range { rows, order: &["owner", "name"], values }
}

/// Keys by id, revoked ones among them.
fn ids(prefix: &str) -> Range {
    Range {
        rows: "SELECT id, id AS written FROM keyctl.key WHERE id >= $2 AND id < $3",
        order: &["id"],
        values: ends(prefix).into(),
    }
}

/// Tokens by their id, dead ones among them, whatever stands before it.
fn tokens(id: &str) -> Range {
    Range {
        rows: "SELECT token_id, key_id AS id, prefix AS written FROM keyctl.token
               WHERE token_id >= $2 AND token_id < $3 AND token_hash < 'g'",
        order: &["token_id"],
        values: ends(id).into(),
    }
}

impl Store {
    pub fn owner_candidates(&mut self, prefix: &str) -> Result<Vec<String>> {
        owners(prefix).names(self.session(), "owner")
    }

    pub fn role_candidates(&mut self, prefix: &str) -> Result<Vec<String>> {
        roles(prefix).names(self.session(), "role")
    }

    pub(crate) fn trust_candidates(&mut self, prefix: &str) -> Result<Vec<String>> {
        trusts(prefix).names(self.session(), "trust")
    }

    /// Secrets that are not deleted and whose names begin with `prefix`.
    pub fn secret_candidates(&mut self, prefix: &str) -> Result<Vec<String>> {
        secrets(prefix).names(self.session(), "secret")
    }

    /// Providers that begin with `prefix`: those of the store's secrets, and two that are known.
    pub fn provider_candidates(&mut self, prefix: &str) -> Result<Vec<String>> {
        let mut found = providers(prefix).names(self.session(), "secret")?;
        let known = ["anthropic", "openai"].into_iter().filter(|known| known.starts_with(prefix));
        found.extend(known.map(str::to_owned));
        found.sort();
        found.dedup();
        Ok(found)
    }

    /// Scopes that were given to a key or a role and begin with `prefix`.
    pub fn scope_candidates(&mut self, prefix: &str) -> Result<Vec<String>> {
        scopes(prefix).names(self.session(), "scope")
    }

    /// What a reference to a key may become: live keys by `owner/name`, and where the word begins
    /// like one, ids (`key_…`) and tokens' prefixes (`sks_…`), also of revoked keys.
    pub fn key_candidates(&mut self, word: &str) -> Result<Vec<Candidate>> {
        if word.starts_with("key_") {
            return ids(word).keys(self.session());
        }
        let mut found = live_keys(word).keys(self.session())?;
        if let Some((_, id)) = word.rsplit_once('_') {
            found.extend(tokens(id).keys(self.session())?);
        }
        found.retain(|candidate| candidate.written.starts_with(word));
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::migrations;
    use crate::store::sqlite::translated;

    fn plan(range: &Range, backwards: bool) -> String {
        let connection = rusqlite::Connection::open_in_memory().expect("SQLite");
        for migration in migrations::after(0) {
            connection.execute_batch(migration.sqlite).expect("migrates");
        }
        let sql = translated(&format!("EXPLAIN QUERY PLAN {}", range.sql(backwards)));
        let mut statement = connection.prepare(&sql).expect("a statement");
        let values = [&[Value::from(1)], range.values.as_slice()].concat();
        let read = |row: &rusqlite::Row<'_>| row.get::<_, String>(3);
        let steps = statement.query_map(rusqlite::params_from_iter(values), read).expect("a plan");
        steps.collect::<Result<Vec<_>, _>>().expect("a plan").join("\n")
    }

    #[test]
    fn candidates_are_a_range_of_an_index_in_its_order() {
        for (range, bounds) in [
            (owners("a"), "(name>? AND name<?)"),
            (roles("a"), "(name>? AND name<?)"),
            (trusts("a"), "(name>? AND name<?)"),
            (scopes("a"), "(name>? AND name<?)"),
            (live_keys("a"), "key_live_name (owner>? AND owner<?)"),
            (live_keys("a/d"), "key_live_name (owner=? AND name>? AND name<?)"),
            (ids("key_0"), "(id>? AND id<?)"),
            (tokens("K"), "(token_id>? AND token_id<?)"),
        ] {
            for backwards in [false, true] {
                let plan = plan(&range, backwards);
                assert!(plan.starts_with("SEARCH") && plan.ends_with(bounds), "{plan}");
                assert!(!plan.contains('\n'), "sorts or reads more: {plan}");
            }
        }
    }
}
