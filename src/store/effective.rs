//! What keys may do in the end, kept in the rows of their tokens.
//!
//! A role or a parent decides for many keys at once. Their scopes are computed here, by the
//! domain, page by page, and written in the transaction that changed what they follow from.

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::LazyLock;

use super::Lookup as _;
use super::error::Result;
use super::session::{Row, Statement, Value};
use super::tx::Tx;
use crate::domain::id::KeyId;
use crate::domain::role::{Grants, Role, RoleName};
use crate::domain::scope::Scopes;

/// Keys computed at once.
const PAGE: u32 = 5000;

/// Rows written by one statement. A shorter last one repeats its last row.
const ROWS: usize = 250;

/// What decides on the scopes of a key `k` with the parent `p`, in text form.
macro_rules! given {
    () => {
        "k.scopes, (SELECT string_agg(r.role, ',') FROM key_role r WHERE r.key_id = k.id), \
         p.scopes, (SELECT string_agg(r.role, ',') FROM key_role r WHERE r.key_id = p.id)"
    };
}
pub(super) use given;

const OF_KEY: &str = concat!(
    "SELECT k.id, ",
    given!(),
    " FROM key k LEFT JOIN key p ON p.id = k.parent
     WHERE k.id IN (SELECT $1 UNION ALL SELECT c.id FROM key c WHERE c.parent = $1)"
);

const OF_ROLE: &str = concat!(
    "SELECT k.id, ",
    given!(),
    " FROM (SELECT key_id FROM key_role WHERE role = $1 AND key_id > $2 ORDER BY key_id LIMIT $3) h
     JOIN key k ON k.id = h.key_id LEFT JOIN key p ON p.id = k.parent ORDER BY k.id"
);

/// Children that have the role themselves are among its keys.
const OF_CHILDREN_OF_ROLE: &str = concat!(
    "SELECT k.id, ",
    given!(),
    " FROM (SELECT key_id FROM key_role WHERE role = $1 AND key_id > $2 ORDER BY key_id LIMIT $3) h
     JOIN key k ON k.parent = h.key_id JOIN key p ON p.id = k.parent
     WHERE NOT EXISTS (SELECT 1 FROM key_role own WHERE own.role = $1 AND own.key_id = k.id)"
);

/// For a family: a list of values is planned for as many rows as it can hold.
const WRITE_ONE: &str = "UPDATE token SET scopes = $2 WHERE key_id = $1 AND scopes <> $2";

/// Up to so many keys are written one by one.
const FEW: usize = 16;

/// `column1` and `column2` are what both databases call the columns of a list of values.
static WRITE: LazyLock<String> = LazyLock::new(|| {
    let rows: Vec<String> = (0..ROWS).map(|row| format!("(${}, ${})", 2 * row + 1, 2 * row + 2)).collect();
    format!(
        "UPDATE token SET scopes = v.column2 FROM (VALUES {}) AS v
         WHERE token.key_id = v.column1 AND token.scopes <> v.column2",
        rows.join(", ")
    )
});

type Given = (String, Option<String>, Option<String>, Option<String>);

/// Computes effective scopes from what stands in the store; each combination once.
pub(super) struct Evaluator {
    roles: HashMap<RoleName, Role>,
    known: HashMap<Given, Rc<str>>,
}

impl Evaluator {
    pub(super) fn new(roles: HashMap<RoleName, Role>) -> Self {
        Self { roles, known: HashMap::new() }
    }

    /// The effective scopes, as stored, of the key whose givens stand in the row's columns from
    /// `first` on.
    pub(super) fn read(&mut self, row: &Row<'_>, first: usize) -> Result<Rc<str>> {
        let cells = row.of("key");
        let owned = |column| Ok::<_, super::Error>(cells.opt_text(column)?.map(str::to_owned));
        let given = (cells.text(first)?.to_owned(), owned(first + 1)?, owned(first + 2)?, owned(first + 3)?);
        if let Some(known) = self.known.get(&given) {
            return Ok(known.clone());
        }
        let scopes = |column| cells.parsed(column, Scopes::from_json);
        let own =
            (scopes(first)?, self.roles_in(given.1.as_deref()).ok_or_else(|| cells.corrupt(first + 1))?);
        let parent = match &given.2 {
            None => None,
            Some(_) => Some((
                scopes(first + 2)?,
                self.roles_in(given.3.as_deref()).ok_or_else(|| cells.corrupt(first + 3))?,
            )),
        };
        let parent = parent.as_ref().map(|(scopes, roles)| Grants { scopes, roles });
        let effective = Grants { scopes: &own.0, roles: &own.1 }.effective(parent.as_ref());
        let effective: Rc<str> = effective.to_json().into();
        self.known.insert(given, effective.clone());
        Ok(effective)
    }

    fn roles_in(&self, joined: Option<&str>) -> Option<Vec<Role>> {
        let names = joined.map_or(Some(Vec::new()), RoleName::parse_joined)?;
        names.iter().map(|name| self.roles.get(name).cloned()).collect()
    }
}

impl Tx<'_> {
    /// Brings the token rows of a key and of its children up to date with everything that they
    /// follow from.
    pub fn refresh_key(&mut self, key: KeyId) -> Result<()> {
        self.rewrite_tokens(key);
        self.rewrite_tokens_of_children(key);
        let mut evaluator = Evaluator::new(self.roles_by_name()?);
        let affected = self.evaluate(&mut evaluator, OF_KEY, &[key.to_string().into()])?;
        self.write_scopes(&affected);
        Ok(())
    }

    /// Brings the token rows of all keys that have a role, and of their children, up to date.
    /// Returns how many keys these are.
    pub fn refresh_role(&mut self, role: &RoleName) -> Result<u64> {
        let mut evaluator = Evaluator::new(self.roles_by_name()?);
        let (mut after, mut count) = (String::new(), 0);
        loop {
            let values = [role.as_str().into(), after.as_str().into(), i64::from(PAGE).into()];
            let mut affected = self.evaluate(&mut evaluator, OF_ROLE, &values)?;
            let Some((last, _)) = affected.last() else { return Ok(count) };
            let holders = affected.len();
            let next = last.to_string();
            affected.extend(self.evaluate(&mut evaluator, OF_CHILDREN_OF_ROLE, &values)?);
            count += affected.len() as u64;
            self.write_scopes(&affected);
            self.flush()?;
            if holders < PAGE as usize {
                return Ok(count);
            }
            after = next;
        }
    }

    fn evaluate(
        &mut self,
        evaluator: &mut Evaluator,
        sql: &'static str,
        values: &[Value],
    ) -> Result<Vec<(KeyId, Rc<str>)>> {
        let mut found = Vec::new();
        let session = self.reading()?;
        session.0.query(sql.into(), values, &mut |row| {
            let id = row.of("key").parsed(0, |text| text.parse().ok())?;
            found.push((id, evaluator.read(row, 1)?));
            Ok(())
        })?;
        Ok(found)
    }

    fn write_scopes(&mut self, keys: &[(KeyId, Rc<str>)]) {
        if keys.len() <= FEW {
            for (key, scopes) in keys {
                let values = [key.to_string().into(), (&**scopes).into()];
                self.pending.push(Statement::new(WRITE_ONE, values));
                self.touch(*key);
            }
            return;
        }
        for rows in keys.chunks(ROWS) {
            let mut values: Vec<Value> = Vec::with_capacity(2 * ROWS);
            for index in 0..ROWS {
                let (key, scopes) = &rows[index.min(rows.len() - 1)];
                values.push(key.to_string().into());
                values.push((&**scopes).into());
            }
            self.pending.push(Statement::new(WRITE.as_str(), values));
            self.touch_all(rows.iter().map(|(key, _)| *key));
        }
    }
}
