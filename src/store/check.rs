//! What is recomputed and compared by `store check`.

use std::rc::Rc;

use super::error::Result;
use super::keys::effective::Evaluator;
use super::keys::list::INDEXES_LABELS;
use super::session::Fact;
use super::{Lookup as _, Store};
use crate::domain::keys::key::Key;

/// Rows that are counted unasked: so few that a store of any size answers in the same time.
pub const COUNTED: i64 = 2_000;

/// Something that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Finding {
    /// `object`, `page`, `token`, `key`, `secret`, `cell` or `audit`.
    pub kind: &'static str,
    pub message: String,
}

impl Store {
    /// What the database is and how the connection to it is made, by name.
    pub fn facts(&mut self) -> Result<Vec<Fact>> {
        self.session().facts()
    }

    /// Keys that are not revoked, revoked ones, owners, and tokens ever handed out.
    pub fn counts(&mut self) -> Result<[i64; 4]> {
        let mut counts = [0; 4];
        self.session().query(
            "SELECT (SELECT COUNT(*) FROM keyctl.key WHERE revoked_at IS NULL), (SELECT COUNT(*) FROM keyctl.key),
                (SELECT COUNT(*) FROM keyctl.owner WHERE deleted_at IS NULL), (SELECT COUNT(*) FROM keyctl.token WHERE token_hash < 'g')"
                .into(),
            &[],
            &mut |row| {
                let cells = row.of("key");
                let live = cells.int(0)?;
                counts = [live, cells.int(1)? - live, cells.int(2)?, cells.int(3)?];
                Ok(())
            },
        )?;
        Ok(counts)
    }

    /// The same, each where it takes a moment to count: `None` where there are more than
    /// [`COUNTED`].
    pub fn few_counts(&mut self) -> Result<[Option<i64>; 4]> {
        let (mut keys, mut owners, mut tokens) = (None, None, None);
        self.session().query(
            "SELECT (SELECT COUNT(*) FROM (SELECT 1 FROM keyctl.key LIMIT $1) AS few),
                (SELECT COUNT(*) FROM (SELECT 1 FROM keyctl.owner LIMIT $1) AS few),
                (SELECT COUNT(*) FROM (SELECT 1 FROM keyctl.token WHERE token_hash < 'g' LIMIT $1) AS few)"
                .into(),
            &[(COUNTED + 1).into()],
            &mut |row| {
                let cells = row.of("key");
                let few =
                    |column| cells.int(column).map(|count| Some(count).filter(|count| *count <= COUNTED));
                (keys, owners, tokens) = (few(0)?, few(1)?, few(2)?);
                Ok(())
            },
        )?;
        let live =
            keys.map(|_| self.single_count("SELECT COUNT(*) FROM keyctl.key WHERE revoked_at IS NULL"));
        let live = live.transpose()?;
        let owners =
            owners.map(|_| self.single_count("SELECT COUNT(*) FROM keyctl.owner WHERE deleted_at IS NULL"));
        Ok([live, keys.zip(live).map(|(keys, live)| keys - live), owners.transpose()?, tokens])
    }

    fn single_count(&mut self, sql: &'static str) -> Result<i64> {
        let mut count = 0;
        self.session().query(sql.into(), &[], &mut |row| {
            count = row.of("key").int(0)?;
            Ok(())
        })?;
        Ok(count)
    }

    /// Objects in the schema that keyctl did not make, or made otherwise.
    pub fn check_objects(&mut self) -> Result<Vec<Finding>> {
        let found = self.session().foreign_objects()?;
        Ok(found.into_iter().map(|message| Finding { kind: "object", message }).collect())
    }

    /// Damage that the database finds in itself.
    pub fn check_pages(&mut self) -> Result<Vec<Finding>> {
        let found = self.session().damage()?;
        Ok(found.into_iter().map(|message| Finding { kind: "page", message }).collect())
    }

    /// Recomputes every token row; `progress` is called with the number of rows of each page.
    pub fn check_tokens(&mut self, mut progress: impl FnMut(u64)) -> Result<Vec<Finding>> {
        let mut findings = Vec::new();
        let mut after = String::new();
        let roles = self.roles()?.into_iter().map(|role| (role.name.clone(), role));
        let mut evaluator = Evaluator::new(Rc::new(roles.collect()));
        loop {
            let (stale, last) = self.stale_tokens(&after, &mut evaluator)?;
            findings.extend(stale.into_iter().map(|id| Finding {
                kind: "token",
                message: format!("token {id} does not say what its key says"),
            }));
            let Some(last) = last else { break };
            after = last;
            progress(500);
        }
        Ok(findings)
    }

    /// Keys without the token that they count as their current one, replaced tokens whose end was taken away, and
    /// versions that no change made.
    pub fn check_keys(&mut self) -> Result<Vec<Finding>> {
        let mut findings = Vec::new();
        self.session().query(
            "SELECT k.id FROM keyctl.key k LEFT JOIN keyctl.token t ON t.key_id = k.id AND t.generation = k.generation
             WHERE t.token_hash IS NULL OR t.grace_ends_at IS NOT NULL LIMIT 500"
                .into(),
            &[],
            &mut |row| {
                let message = format!("key {} has no current token", row.of("key").text(0)?);
                findings.push(Finding { kind: "key", message });
                Ok(())
            },
        )?;
        self.session().query(
            "SELECT t.token_id FROM keyctl.token t JOIN keyctl.key k ON k.id = t.key_id
             WHERE (t.generation > k.generation AND t.generation <= 4294967296)
                OR (t.generation > 4294967296 AND t.grace_ends_at <> 0)
                OR (t.generation < k.generation AND t.grace_ends_at IS NULL)
                OR (t.generation < k.generation - 1 AND t.grace_ends_at > keyctl.now_ms()) LIMIT 500"
                .into(),
            &[],
            &mut |row| {
                let message =
                    format!("token {} was replaced and works all the same", row.of("token").text(0)?);
                findings.push(Finding { kind: "key", message });
                Ok(())
            },
        )?;
        self.session().query(
            "SELECT t.key_id FROM keyctl.token t WHERE t.token_hash > 'g'
                AND (t.generation <> 1 OR t.grace_ends_at IS NOT NULL
                    OR t.token_hash <> t.key_id || '----------------------------------') LIMIT 500"
                .into(),
            &[],
            &mut |row| {
                let message =
                    format!("key {} has a row without a token that no change made", row.of("token").text(0)?);
                findings.push(Finding { kind: "key", message });
                Ok(())
            },
        )?;
        self.session().query(
            "SELECT k.id FROM keyctl.key k CROSS JOIN keyctl.head h
             WHERE (k.kver = 1) <> (k.kver_seq IS NULL) OR (k.kver_seq IS NULL) <> (k.kver_at IS NULL)
                OR k.kver_seq > h.mark_counter LIMIT 500"
                .into(),
            &[],
            &mut |row| {
                let cells = row.of("key");
                let id = cells.text(0)?;
                let message = format!(
                    "the version of key {id} is not the one that its changes made: a short-lived token of before may work; \
                     suspend the key for a moment: keyctl suspend {id}"
                );
                findings.push(Finding { kind: "key", message });
                Ok(())
            },
        )?;
        Ok(findings)
    }

    /// Owners whose name is the subject of another: a reader that compares names would let one into
    /// the other's data.
    pub fn check_owners(&mut self) -> Result<Vec<Finding>> {
        let mut findings = Vec::new();
        self.session().query(
            "SELECT s.name, s.subject FROM keyctl.owner s JOIN keyctl.owner n ON n.name = s.subject
             WHERE s.subject IS NOT NULL AND n.name <> s.name LIMIT 500"
                .into(),
            &[],
            &mut |row| {
                let cells = row.of("owner");
                let (name, subject) = (cells.text(0)?, cells.text(1)?);
                let message =
                    format!("the subject of the owner {name} is the name of another owner, {subject}");
                findings.push(Finding { kind: "key", message });
                Ok(())
            },
        )?;
        Ok(findings)
    }

    /// Keys that are not found by their labels.
    pub fn check_labels(&mut self, keys: &[Key]) -> Result<Vec<Finding>> {
        if self.schema() < INDEXES_LABELS {
            return Ok(Vec::new());
        }
        let lacking = self.lacking_labels(keys)?;
        let found = lacking.into_iter().map(|id| Finding {
            kind: "key",
            message: format!("key {id} is not found by all of its labels"),
        });
        Ok(found.collect())
    }

    /// Keys that are found by labels that they do not have: all keys have so many.
    pub fn check_label_count(&mut self, labels: u64) -> Result<Option<Finding>> {
        if self.schema() < INDEXES_LABELS {
            return Ok(None);
        }
        let indexed = self.indexed_labels()?;
        let message = format!("keys have {labels} labels, and are found by {indexed}");
        Ok((indexed != labels).then_some(Finding { kind: "key", message }))
    }

    /// Secrets without the version that they hand out, and bindings for another provider than
    /// their secret's.
    pub fn check_secrets(&mut self) -> Result<Vec<Finding>> {
        let mut findings = Vec::new();
        self.session().query(
            "SELECT s.id FROM keyctl.secret s LEFT JOIN keyctl.secret_version v ON v.secret_id = s.id AND v.version = s.version
             WHERE v.secret_id IS NULL LIMIT 500"
                .into(),
            &[],
            &mut |row| {
                let message = format!("secret {} has no current version", row.of("secret").text(0)?);
                findings.push(Finding { kind: "secret", message });
                Ok(())
            },
        )?;
        self.session().query(
            "SELECT b.subject_kind || ' ' || b.subject_id FROM keyctl.binding b LEFT JOIN keyctl.secret s ON s.id = b.secret_id
             WHERE s.id IS NULL OR s.provider <> b.provider LIMIT 500"
                .into(),
            &[],
            &mut |row| {
                let message = format!("the binding of {} leads to no secret of its provider", row.of("binding").text(0)?);
                findings.push(Finding { kind: "secret", message });
                Ok(())
            },
        )?;
        Ok(findings)
    }
}
