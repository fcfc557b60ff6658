//! The rules of the store for its keys, and the keys of before that break them.

use super::Lookup;
use super::error::Result;
use super::head;
use super::session::{Sql, Statement, Value};
use super::tx::Tx;
use crate::domain::keys::rules::{Rule, Rules};
use crate::domain::keys::token::{FOREIGN_PREFIX, Prefix};
use crate::domain::owners::owner::Owner;
use crate::domain::time::{Span, Timestamp};

/// What breaks a rule: so many, and the first of them by name: `owner/name` of keys, or owners that have too many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Breaking {
    pub rule: Rule,
    pub count: u64,
    pub first: Vec<String>,
}

/// Neither revoked nor expired. `expires_sort` is the end, or what no end is before.
const LIVE: &str = "k.revoked_at IS NULL AND k.expires_sort > $1";

const OF_OWNER: &str = "SELECT COUNT(*) FROM keyctl.key k
    WHERE k.owner = $2 AND k.parent IS NULL AND k.revoked_at IS NULL AND k.expires_sort > $1";

/// The end of what never ends, as `expires_sort` has it.
const NEVER: i64 = i64::MAX;

impl Tx<'_> {
    /// Stores the rules, in place of those that there are. What follows in this change is held to them.
    pub(crate) fn set_rules(&mut self, rules: &Rules) {
        self.head.rules = rules.clone();
        let prefixes = rules.prefixes.iter().map(Prefix::as_str).collect::<Vec<_>>().join(",");
        self.pending.push(Statement::new(
            "UPDATE keyctl.head SET max_expiry_seconds = $1, require_scope = $2, require_expiry = $3, max_live_keys = $4,
                prefixes = $5 WHERE id = 1",
            [
                rules.max_expiry.map(Span::as_secs).into(),
                i64::from(rules.require_scope).into(),
                i64::from(rules.require_expiry).into(),
                rules.max_live_keys.map(i64::from).into(),
                Some(prefixes).filter(|prefixes| !prefixes.is_empty()).into(),
            ],
        ));
    }
}

/// Finding keys that break rules, inside a change and outside of one alike.
pub(crate) trait RulesLookup: Lookup {
    /// The rules that are set, and how long new keys live of which nobody says that; `None` for ever.
    fn rules_and_default(&mut self) -> Result<(Rules, Option<Span>)> {
        let (head, _) = head::read(self.reading()?.session())?;
        Ok((head.rules, head.default_expiry))
    }

    /// Keys of an owner that are neither revoked nor expired at this time, but for children.
    fn count_live_keys(&mut self, owner: &Owner, now: Timestamp) -> Result<u64> {
        let mut count = 0;
        let values = [now.as_millis().into(), owner.as_str().into()];
        self.reading()?.session().query(OF_OWNER.into(), &values, &mut |row| {
            count = row.of("key").count(0)?;
            Ok(())
        })?;
        Ok(count)
    }

    /// What breaks a rule at this time, with the first `most` of it; `None` where that rule is not set.
    fn breaking(&mut self, rules: &Rules, rule: Rule, now: Timestamp, most: u32) -> Result<Option<Breaking>> {
        let Some((what, mut values)) = broken_by(rules, rule, now) else { return Ok(None) };
        let session = self.reading()?.session();
        let mut breaking = Breaking { rule, count: 0, first: Vec::new() };
        session.query(Sql::Built(format!("SELECT COUNT(*) FROM ({what}) b")), &values, &mut |row| {
            breaking.count = row.of("key").count(0)?;
            Ok(())
        })?;
        if breaking.count > 0 {
            values.push(i64::from(most).into());
            let sql = format!("SELECT b.name FROM ({what}) b ORDER BY b.name LIMIT ${}", values.len());
            session.query(Sql::Built(sql), &values, &mut |row| {
                breaking.first.push(row.of("key").text(0)?.to_owned());
                Ok(())
            })?;
        }
        Ok(Some(breaking))
    }
}

impl<L: Lookup> RulesLookup for L {}

/// The rows, by one column `name`, and the values; those of each are numbered from 1.
fn broken_by(rules: &Rules, rule: Rule, now: Timestamp) -> Option<(String, Vec<Value>)> {
    let mut values = vec![now.as_millis().into()];
    let keys = |condition: &str| {
        format!("SELECT k.owner || '/' || k.name AS name FROM keyctl.key k WHERE {LIVE} AND {condition}")
    };
    let sql = match rule {
        Rule::MaxExpiry => {
            values.push(now.after(rules.max_expiry?).map_or(NEVER - 1, Timestamp::as_millis).into());
            keys("k.expires_sort > $2")
        }
        Rule::RequireExpiry if rules.require_expiry => {
            values.push(NEVER.into());
            keys("k.expires_sort = $2")
        }
        Rule::RequireScope if rules.require_scope => {
            keys("k.scopes = '[]' AND NOT EXISTS (SELECT 1 FROM keyctl.key_role r WHERE r.key_id = k.id)")
        }
        Rule::RequireExpiry | Rule::RequireScope => return None,
        Rule::MaxLiveKeys => {
            values.push(i64::from(rules.max_live_keys?).into());
            format!(
                "SELECT k.owner AS name FROM keyctl.key k WHERE {LIVE} AND k.parent IS NULL
                 GROUP BY k.owner HAVING COUNT(*) > $2"
            )
        }
        Rule::Prefixes => {
            let first = rules.prefixes.first()?;
            let all = std::iter::once(FOREIGN_PREFIX).chain(rules.prefixes.iter().map(Prefix::as_str));
            let all: Vec<String> = all
                .map(|prefix| {
                    values.push(prefix.into());
                    format!("${}", values.len())
                })
                .collect();
            debug_assert!(!first.as_str().is_empty());
            // What is shown of a token is its prefix, `_`, and 12 characters; of a key without one nothing.
            format!(
                "SELECT k.owner || '/' || k.name AS name FROM keyctl.key k
                 JOIN keyctl.token c ON c.key_id = k.id AND c.generation = k.generation AND c.token_hash < 'g'
                 WHERE {LIVE} AND substr(c.prefix, 1, length(c.prefix) - 13) NOT IN ({})",
                all.join(", ")
            )
        }
    };
    Some((sql, values))
}
