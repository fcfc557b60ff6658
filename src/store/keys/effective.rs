//! What keys may do in the end, kept in the rows of their tokens.
//!
//! A role or a parent decides for many keys at once. Their scopes are computed here, by the
//! domain, page by page, and written in the transaction that changed what they follow from.

use std::collections::HashMap;
use std::rc::Rc;

use crate::domain::id::KeyId;
use crate::domain::keys::scope::Scopes;
use crate::domain::owners::role::{Permissions, Role, RoleName};
use crate::store::error::Result;
use crate::store::reading::Reads as _;
use crate::store::session::{ForEach, Row, Value};
use crate::store::tx::Tx;

/// Keys read at once.
const PAGE: u32 = 20_000;

/// Token rows written at once. They are held in memory, some 100 bytes each and as much again while
/// they are sent; the more they are, the fewer pages of the table are written twice.
const WRITTEN: usize = 100_000;

/// What decides on the scopes of a key `k` with the parent `p`, in text form.
macro_rules! given {
    () => {
        "k.scopes, (SELECT string_agg(r.role, ',') FROM keyctl.key_role r WHERE r.key_id = k.id), \
         p.scopes, CASE WHEN p.id IS NOT NULL THEN \
         (SELECT string_agg(r.role, ',') FROM keyctl.key_role r WHERE r.key_id = p.id) END"
    };
}
pub(in crate::store) use given;

/// How the tokens are found that a change affects: `$place` is where one lies.
macro_rules! affected {
    ($place:literal, $tokens:literal) => {
        Affected {
            family: concat!(
                "SELECT k.id, ",
                $place,
                ", ",
                given!(),
                " FROM keyctl.key k ",
                $tokens,
                " LEFT JOIN keyctl.key p ON p.id = k.parent
                 WHERE k.id IN (SELECT $1 UNION ALL SELECT c.id FROM keyctl.key c WHERE c.parent = $1)"
            ),
            holders: concat!(
                "SELECT k.id, ",
                $place,
                ", ",
                given!(),
                " FROM (SELECT key_id FROM keyctl.key_role WHERE role = $1 AND key_id > $2
                     ORDER BY key_id LIMIT $3) h
                 JOIN keyctl.key k ON k.id = h.key_id ",
                $tokens,
                " LEFT JOIN keyctl.key p ON p.id = k.parent ORDER BY k.id"
            ),
            children: concat!(
                "SELECT k.id, ",
                $place,
                ", ",
                given!(),
                " FROM (SELECT key_id FROM keyctl.key_role WHERE role = $1 AND key_id > $2
                     ORDER BY key_id LIMIT $3) h
                 JOIN keyctl.key k ON k.parent = h.key_id ",
                $tokens,
                " JOIN keyctl.key p ON p.id = k.parent
                 WHERE NOT EXISTS (SELECT 1 FROM keyctl.key_role own WHERE own.role = $1 AND own.key_id = k.id)
                 ORDER BY k.id"
            ),
        }
    };
}

struct Affected {
    family: &'static str,
    /// The keys that have a role, a page of them.
    holders: &'static str,
    /// The children of such a page. Those that have the role themselves are among its keys.
    children: &'static str,
}

/// Where tokens lie in the order of their hashes.
const BY_HASH: Affected = affected!("t.token_hash", "JOIN keyctl.token t ON t.key_id = k.id");

/// Where they lie as they came, like keys: the tokens themselves need not be read.
const BY_KEY: Affected = affected!("k.id", "");

/// Tokens are written in the order in which they lie: a page is changed once.
const WRITE: ForEach = ForEach {
    one: "UPDATE keyctl.token SET scopes = $2 WHERE token_hash = $1 AND scopes <> $2",
    all: "UPDATE keyctl.token SET scopes = v.scopes FROM unnest($1, $2) AS v (key_id, scopes)
          WHERE token.key_id = v.key_id AND token.scopes <> v.scopes",
};

/// More tokens than this are a large change.
const LARGE: usize = 1000;

/// Combinations remembered; then they are computed anew.
const KNOWN: usize = 10_000;

/// Computes effective scopes from what stands in the store; each combination once.
pub(in crate::store) struct Evaluator {
    roles: Rc<HashMap<RoleName, Role>>,
    known: HashMap<String, Rc<str>>,
    /// What is looked up in `known`: the four givens, one after the other.
    given: String,
}

impl Evaluator {
    pub(in crate::store) fn new(roles: Rc<HashMap<RoleName, Role>>) -> Self {
        Self { roles, known: HashMap::new(), given: String::new() }
    }

    /// The effective scopes, as stored, of the key whose givens stand in the row's columns from
    /// `first` on.
    pub(in crate::store) fn read(&mut self, row: &Row<'_>, first: usize) -> Result<Rc<str>> {
        let cells = row.of("key");
        self.given.clear();
        for column in first..first + 4 {
            // Neither JSON nor a name has these characters.
            match cells.opt_text(column)? {
                Some(text) => self.given.extend([text, "\n"]),
                None => self.given.push('\r'),
            }
        }
        if let Some(known) = self.known.get(&self.given) {
            return Ok(known.clone());
        }
        let scopes = |column| cells.parsed(column, Scopes::from_json);
        let roles = |column| self.roles_in(cells.opt_text(column)?).ok_or_else(|| cells.corrupt(column));
        let own = (scopes(first)?, roles(first + 1)?);
        let parent = match cells.opt_text(first + 2)? {
            None => None,
            Some(_) => Some((scopes(first + 2)?, roles(first + 3)?)),
        };
        let parent = parent.as_ref().map(|(scopes, roles)| Permissions { scopes, roles });
        let effective = Permissions { scopes: &own.0, roles: &own.1 }
            .effective(parent.map(|parent| parent.all()).as_ref());
        let effective: Rc<str> = effective.to_json().into();
        if self.known.len() == KNOWN {
            self.known.clear();
        }
        self.known.insert(self.given.clone(), effective.clone());
        Ok(effective)
    }

    fn roles_in(&self, joined: Option<&str>) -> Option<Vec<Role>> {
        let names = joined.map_or(Some(Vec::new()), RoleName::parse_joined)?;
        names.iter().map(|name| self.roles.get(name).cloned()).collect()
    }
}

/// Tokens and what they should say, collected until they are worth writing.
struct Refresh {
    affected: Affected,
    evaluator: Evaluator,
    /// The hash of a token, or the id of its key, and its scopes.
    rows: Vec<(Box<str>, Rc<str>)>,
}

/// What one query read.
struct Read {
    keys: u64,
    last: Option<KeyId>,
}

impl Tx<'_> {
    /// Brings the token rows of a key and of its children up to date with everything that they
    /// follow from.
    pub fn refresh_key(&mut self, key: KeyId) -> Result<()> {
        self.rewrite_tokens(key);
        self.rewrite_tokens_of_children(key);
        let mut refresh = self.refresh()?;
        self.evaluate(&mut refresh, |affected| affected.family, &[key.to_string().into()])?;
        self.write_scopes(&mut refresh)
    }

    /// Brings the token rows of all keys that have a role, and of their children, up to date.
    /// Returns how many keys these are.
    pub fn refresh_role(&mut self, role: &RoleName) -> Result<u64> {
        let mut refresh = self.refresh()?;
        let (mut after, mut count) = (String::new(), 0);
        loop {
            let values = [role.as_str().into(), after.as_str().into(), i64::from(PAGE).into()];
            let holders = self.evaluate(&mut refresh, |affected| affected.holders, &values)?;
            let children = self.evaluate(&mut refresh, |affected| affected.children, &values)?;
            count += holders.keys + children.keys;
            let next = holders.last.filter(|_| holders.keys == u64::from(PAGE));
            if next.is_none() || refresh.rows.len() >= WRITTEN {
                self.write_scopes(&mut refresh)?;
            }
            let Some(next) = next else { return Ok(count) };
            after = next.to_string();
        }
    }

    fn refresh(&mut self) -> Result<Refresh> {
        let affected = if self.session.keeps_tokens_by_hash() { BY_HASH } else { BY_KEY };
        Ok(Refresh { affected, evaluator: Evaluator::new(self.roles_by_name()?), rows: Vec::new() })
    }

    /// Computes what the tokens should say that a query finds, ordered by their keys.
    fn evaluate(
        &mut self,
        refresh: &mut Refresh,
        sql: impl Fn(&Affected) -> &'static str,
        values: &[Value],
    ) -> Result<Read> {
        let mut read = Read { keys: 0, last: None };
        let Refresh { affected, evaluator, rows } = refresh;
        let mut keys = Vec::new();
        self.reading()?.0.query(sql(affected).into(), values, &mut |row| {
            let cells = row.of("token");
            let key: KeyId = cells.parsed(0, |text| text.parse().ok())?;
            if read.last != Some(key) {
                (read.last, read.keys) = (Some(key), read.keys + 1);
                keys.push(key);
            }
            rows.push((cells.text(1)?.into(), evaluator.read(row, 2)?));
            Ok(())
        })?;
        self.touch_all(keys);
        Ok(read)
    }

    fn write_scopes(&mut self, refresh: &mut Refresh) -> Result<()> {
        let mut rows = std::mem::take(&mut refresh.rows);
        if rows.len() > LARGE {
            self.session.begin_large()?;
        }
        rows.sort_unstable();
        let places = rows.iter().map(|(place, _)| &**place).collect();
        let scopes = rows.iter().map(|(_, scopes)| &**scopes).collect();
        self.session.execute_for_each(WRITE, &[places, scopes])
    }
}
