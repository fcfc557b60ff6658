//! The one row that every change goes through.

use uuid::Uuid;

use super::error::{Error, Result};
use super::session::{Cells, Session, Statement};
use super::{Store, audit};
use crate::domain::audit::anchor::Anchor;
use crate::domain::audit::event::Record;
use crate::domain::keys::rules::Rules;
use crate::domain::keys::token::Prefix;
use crate::domain::portal::url::PortalUrl;
use crate::domain::time::{Span, Timestamp};
use crate::domain::tokens::audience::{Audience, Issuer};

/// The store's identity, its defaults, and the ends of its two counters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Never changes, also through copy and restore.
    pub store_uuid: Uuid,
    pub created_at: Timestamp,
    pub default_prefix: Prefix,
    /// How long new keys live; `None` for ever.
    pub default_expiry: Option<Span>,
    /// The change mark: every change moves it. Compared for inequality only.
    pub mark: Mark,
    /// The last audit record's number, 0 before the first.
    pub audit_seq: u64,
    pub audit_hash: [u8; 32],
    /// The salt of the hashes of imported tokens that may be guessed; `None` before the first.
    pub foreign_salt: Option<[u8; 16]>,
    /// Where short-lived tokens say that they are from.
    pub(crate) issuer: Option<Issuer>,
    /// Whom they may be for besides, sorted.
    pub(crate) audiences: Vec<Audience>,
    /// What is asked of every key that is made or changed.
    pub rules: Rules,
    /// Where the store went, if it was moved.
    pub(crate) moved: Option<Moved>,
    /// Where the portal is: a URL that ends with `/`.
    pub(crate) portal: Option<PortalUrl>,
}

/// Where a store went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Moved {
    /// As it is named, without a password.
    pub to: String,
    /// Since when it answers nobody here; `None` while it is on its way, when nothing is changed any more.
    pub at: Option<Timestamp>,
}

impl Moved {
    /// What whoever wants to change it is told.
    pub(crate) fn error(&self) -> Error {
        let what = if self.at.is_some() { "has moved" } else { "is being moved" };
        Error::Moved(format!("the store {what} to {}", self.to))
    }

    /// From the two columns that begin here.
    fn read(cells: &Cells<'_>, column: usize) -> Result<Option<Self>> {
        let Some(to) = cells.opt_text(column)?.map(str::to_owned) else { return Ok(None) };
        Ok(Some(Self { to, at: cells.opt_time(column + 1)? }))
    }
}

/// A counter and a random nonce: a restored copy that counts on from an older state meets no
/// mark that a reader has seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Changes so far.
    pub counter: i64,
    /// 16 hex digits, fresh at every change.
    pub nonce: String,
}

#[derive(Clone, Debug)]
pub struct FirstHead {
    /// A fresh UUIDv4.
    pub store_uuid: Uuid,
    pub created_at: Timestamp,
    pub default_prefix: Prefix,
    pub default_expiry: Option<Span>,
    /// Fresh.
    pub nonce: String,
    /// The first audit record: who made the store.
    pub record: Record,
}

impl FirstHead {
    pub(super) fn insert(&self) -> [Statement; 2] {
        let head = Statement::new(
            "INSERT INTO keyctl.head (id, store_uuid, created_at, default_prefix, default_expiry_seconds,
                mark_counter, mark_nonce, audit_seq, audit_hash)
             VALUES (1, $1, $2, $3, $4, 0, $5, $6, $7)",
            [
                self.store_uuid.as_bytes().as_slice().into(),
                self.created_at.as_millis().into(),
                self.default_prefix.as_str().into(),
                self.default_expiry.map(Span::as_secs).into(),
                self.nonce.as_str().into(),
                i64::try_from(self.record.seq).unwrap_or(i64::MAX).into(),
                self.record.hash.as_slice().into(),
            ],
        );
        [head, audit::insert(&self.record)]
    }
}

/// Reads the head row, and the time of the read by the store's clock.
pub(super) fn read(session: &mut dyn Session) -> Result<(Head, Timestamp)> {
    let mut found = None;
    session.query_one(
        "SELECT id, store_uuid, created_at, default_prefix, default_expiry_seconds, mark_counter, mark_nonce,
            audit_seq, audit_hash, keyctl.now_ms(), foreign_salt, issuer, audiences, max_expiry_seconds,
            require_scope, require_expiry, max_live_keys, prefixes, moved_to, moved_at, portal
         FROM keyctl.head WHERE id = 1"
            .into(),
        &[],
        &mut |row| {
            let cells = row.of("head");
            let time =
                |column| Timestamp::from_millis(cells.int(column)?).ok_or_else(|| cells.corrupt(column));
            let span = |column| match cells.opt_int(column)? {
                None => Ok(None),
                Some(seconds) => Span::from_secs(seconds).map(Some).ok_or_else(|| cells.corrupt(column)),
            };
            let max_live_keys = match cells.opt_int(16)? {
                None => None,
                Some(most) => Some(u32::try_from(most).map_err(|_| cells.corrupt(16))?),
            };
            let rules = Rules {
                max_expiry: span(13)?,
                require_scope: cells.int(14)? != 0,
                require_expiry: cells.int(15)? != 0,
                max_live_keys,
                prefixes: cells.opt_parsed(17, prefixes)?.unwrap_or_default(),
            };
            let head = Head {
                store_uuid: Uuid::from_bytes(cells.bytes(1)?),
                created_at: time(2)?,
                default_prefix: cells.parsed(3, |text| text.parse().ok())?,
                default_expiry: span(4)?,
                mark: Mark { counter: cells.int(5)?, nonce: cells.text(6)?.to_owned() },
                audit_seq: u64::try_from(cells.int(7)?).map_err(|_| cells.corrupt(7))?,
                audit_hash: cells.bytes(8)?,
                foreign_salt: cells.opt_bytes(10)?,
                issuer: cells.opt_parsed(11, |text| text.parse().ok())?,
                audiences: cells.opt_parsed(12, audiences)?.unwrap_or_default(),
                rules,
                moved: Moved::read(&cells, 18)?,
                portal: cells.opt_parsed(20, |text| text.parse().ok())?,
            };
            found = Some((head, time(9)?));
            Ok(())
        },
    )?;
    found.ok_or(super::Error::Corrupt { table: "head", column: "id".to_owned(), row: "1".to_owned() })
}

impl Store {
    pub fn head(&mut self) -> Result<Head> {
        read(self.session()).map(|(head, _)| head)
    }

    /// The prefix of tokens that nobody asked another one for, which the store's policy allows. It is read once: where
    /// the policy is set while this process runs, it is refused from then on as one that was asked for.
    pub fn default_prefix(&mut self) -> Result<Prefix> {
        if let Some(prefix) = &self.prefix {
            return Ok(prefix.clone());
        }
        let head = self.head()?;
        let prefix = head.rules.prefix_or_allowed(&head.default_prefix);
        self.prefix = Some(prefix.clone());
        Ok(prefix)
    }

    /// The end of the audit log, and the counter of the change mark: of a store of any schema.
    pub fn end(&mut self) -> Result<(Anchor, i64)> {
        let mut found = None;
        let mut moved = None;
        let sql = "SELECT id, store_uuid, audit_seq, audit_hash, mark_counter, moved_to, moved_at
            FROM keyctl.head WHERE id = 1";
        self.session().query(sql.into(), &[], &mut |row| {
            let cells = row.of("head");
            let store = Uuid::from_bytes(cells.bytes(1)?);
            found = Some((Anchor { store, seq: cells.count(2)?, hash: cells.bytes(3)? }, cells.int(4)?));
            moved = Moved::read(&cells, 5)?;
            Ok(())
        })?;
        self.moved = (moved, true);
        found.ok_or(super::Error::Corrupt { table: "head", column: "id".to_owned(), row: "1".to_owned() })
    }
}

fn prefixes(text: &str) -> Option<Vec<Prefix>> {
    text.split(',').map(|prefix| prefix.parse().ok()).collect()
}

impl Store {
    /// Where the store went, as far as it was seen when its end was read last; else it is looked up.
    pub(crate) fn moved(&mut self) -> Result<Option<Moved>> {
        if !self.moved.1 {
            self.end()?;
        }
        Ok(self.moved.0.clone())
    }
}

fn audiences(text: &str) -> Option<Vec<Audience>> {
    text.split(',').map(|audience| audience.parse().ok()).collect()
}

/// Writes the salt once; it never changes.
pub(super) fn set_foreign_salt(salt: &[u8; 16]) -> Statement {
    Statement::new(
        "UPDATE keyctl.head SET foreign_salt = $1 WHERE id = 1 AND foreign_salt IS NULL",
        [salt.as_slice().into()],
    )
}

/// Writes what a transaction moved.
pub(super) fn update(head: &Head) -> Statement {
    Statement::new(
        "UPDATE keyctl.head SET mark_counter = $1, mark_nonce = $2, audit_seq = $3, audit_hash = $4 WHERE id = 1",
        [
            head.mark.counter.into(),
            head.mark.nonce.as_str().into(),
            i64::try_from(head.audit_seq).unwrap_or(i64::MAX).into(),
            head.audit_hash.as_slice().into(),
        ],
    )
}

/// The same with where the store went: both at once, since nothing else of it may be written.
pub(super) fn update_moved(head: &Head) -> Statement {
    let moved = head.moved.as_ref();
    Statement::new(
        "UPDATE keyctl.head SET mark_counter = $1, mark_nonce = $2, audit_seq = $3, audit_hash = $4, moved_to = $5,
            moved_at = $6, moved_mark = $7 WHERE id = 1",
        [
            head.mark.counter.into(),
            head.mark.nonce.as_str().into(),
            i64::try_from(head.audit_seq).unwrap_or(i64::MAX).into(),
            head.audit_hash.as_slice().into(),
            moved.map(|moved| moved.to.clone()).into(),
            moved.and_then(|moved| moved.at).map(Timestamp::as_millis).into(),
            moved.map(|_| format!("{} {}", head.mark.nonce, head.audit_seq)).into(),
        ],
    )
}
