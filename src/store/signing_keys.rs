//! The keys that sign short-lived tokens: public parts, and envelopes.

use super::error::Result;
use super::keys::tokens::no_hash;
use super::session::{Row, Statement};
use super::tx::Tx;
use super::{Lookup, Store};
use crate::domain::id::KeyId;
use crate::domain::keys::scope::{Scope, Scopes};
use crate::domain::keys::token::TokenId;
use crate::domain::secrets::sealed::Envelope;
use crate::domain::time::Timestamp;
use crate::domain::tokens::audience::{Audience, Issuer};
use crate::domain::tokens::jwks::PublicJwk;
use crate::domain::tokens::kid::Kid;
use crate::domain::tokens::signing_key::SigningKey;

const COLUMNS: &str = "SELECT s.kid, s.x, s.y, s.created_at, s.published_at, s.may_sign_at, s.signs_from, s.signs_until, \
     s.tokens_end_at, s.revoked_at, s.master_key_id FROM keyctl.signing_key s ORDER BY s.created_at, s.may_sign_at, s.kid";

fn read(row: &Row<'_>) -> Result<SigningKey> {
    let cells = row.of("signing_key");
    Ok(SigningKey {
        public: PublicJwk {
            kid: cells.parsed(0, |text| text.parse().ok())?,
            x: cells.text(1)?.into(),
            y: cells.text(2)?.into(),
        },
        created_at: cells.time(3)?,
        published_at: cells.time(4)?,
        may_sign_at: cells.time(5)?,
        signs_from: cells.opt_time(6)?,
        signs_until: cells.opt_time(7)?,
        tokens_end_at: cells.opt_time(8)?,
        revoked_at: cells.opt_time(9)?,
        master_key_id: cells.opt_parsed(10, |text| text.parse().ok())?,
    })
}

macro_rules! issuing {
    ($which:literal) => {
        concat!(
            "SELECT t.kver, t.allow_jwt, CAST(CASE WHEN t.networks = '[]' AND t.parent_networks = '[]'
                AND t.rate IS NULL AND t.quota IS NULL THEN 0 ELSE 1 END AS BIGINT)
             FROM keyctl.token t WHERE ",
            $which
        )
    };
}
fn read_issuing(row: &Row<'_>) -> Result<IssuingCells> {
    let cells = row.of("token");
    let (version, allow_jwt, is_limited) = (cells.int(0)?, cells.int(1)? != 0, cells.int(2)? != 0);
    Ok(IssuingCells { version, allow_jwt, is_limited })
}

/// Finding signing keys, inside a change and outside of one alike.
pub(crate) trait SigningKeyLookup: Lookup {
    /// All that ever were, the oldest first.
    fn signing_keys(&mut self) -> Result<Vec<SigningKey>> {
        let mut keys = Vec::new();
        self.reading()?.session().query(COLUMNS.into(), &[], &mut |row| {
            keys.push(read(row)?);
            Ok(())
        })?;
        Ok(keys)
    }

    /// The sealed private part of a key; `None` where that is gone, or no envelope.
    fn sealed_signing_key(&mut self, kid: &Kid) -> Result<Option<Envelope>> {
        let mut found = None;
        let sql = "SELECT s.envelope FROM keyctl.signing_key s WHERE s.kid = $1 AND s.envelope IS NOT NULL";
        self.reading()?.session().query(sql.into(), &[kid.as_str().into()], &mut |row| {
            found = Envelope::from_bytes(row.of("signing_key").blob(0)?.to_vec()).ok();
            Ok(())
        })?;
        Ok(found)
    }

    /// The version of a key, by which short-lived tokens of before are refused.
    fn key_version(&mut self, key: KeyId) -> Result<Option<i64>> {
        let mut found = None;
        let sql = "SELECT k.kver FROM keyctl.key k WHERE k.id = $1";
        self.reading()?.session().query(sql.into(), &[key.to_string().into()], &mut |row| {
            found = Some(row.of("key").int(0)?);
            Ok(())
        })?;
        Ok(found)
    }

    /// What issuing takes of the row of a key without a token.
    fn issuing_cells_of(&mut self, key: KeyId) -> Result<Option<IssuingCells>> {
        let mut found = None;
        let sql = issuing!("t.token_hash = $1");
        self.reading()?.session().query(sql.into(), &[no_hash(key).into()], &mut |row| {
            found = Some(read_issuing(row)?);
            Ok(())
        })?;
        Ok(found)
    }

    /// Every scope that a key or a role was ever given.
    fn scope_names(&mut self) -> Result<Scopes> {
        let mut names = Vec::new();
        self.reading()?.session().query(
            "SELECT s.name FROM keyctl.scope s ORDER BY s.name".into(),
            &[],
            &mut |row| {
                names.push(row.of("scope").parsed::<Scope>(0, |text| text.parse().ok())?);
                Ok(())
            },
        )?;
        Ok(names.into_iter().collect())
    }
}

impl<L: Lookup> SigningKeyLookup for L {}

/// What issuing takes of a token's row, beside what a verification reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct IssuingCells {
    pub version: i64,
    pub allow_jwt: bool,
    /// It, its parent or its owner has networks, a rate or a quota.
    pub is_limited: bool,
}

impl Store {
    /// What issuing takes of a token's row. Read it in one state of the store with what the key may do: a version that
    /// is newer than that would stand for what was taken away.
    pub(crate) fn issuing_cells(&mut self, token: &TokenId) -> Result<Option<IssuingCells>> {
        let mut found = None;
        let sql = issuing!("t.token_id = $1");
        self.session().query(sql.into(), &[token.as_str().into()], &mut |row| {
            found = Some(read_issuing(row)?);
            Ok(())
        })?;
        Ok(found)
    }
}

impl Tx<'_> {
    /// Stores where short-lived tokens are from, and whom they may be for besides.
    pub(crate) fn set_token_settings(&mut self, issuer: Option<&Issuer>, audiences: &[Audience]) {
        let audiences = audiences.iter().map(Audience::as_str).collect::<Vec<_>>().join(",");
        self.pending.push(Statement::new(
            "UPDATE keyctl.head SET issuer = $1, audiences = $2 WHERE id = 1",
            [
                issuer.map(|issuer| issuer.as_str().to_owned()).into(),
                Some(audiences).filter(|audiences| !audiences.is_empty()).into(),
            ],
        ));
        self.touch_every_key();
    }

    pub(crate) fn insert_signing_key(&mut self, key: &SigningKey, envelope: &Envelope) {
        self.pending.push(Statement::new(
            "INSERT INTO keyctl.signing_key (kid, x, y, master_key_id, envelope, created_at, published_at, may_sign_at,
                signs_from) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            [
                key.public.kid.as_str().into(),
                (&*key.public.x).into(),
                (&*key.public.y).into(),
                envelope.master_key_id().to_string().into(),
                envelope.as_bytes().into(),
                key.created_at.as_millis().into(),
                key.published_at.as_millis().into(),
                key.may_sign_at.as_millis().into(),
                key.signs_from.map(Timestamp::as_millis).into(),
            ],
        ));
        self.touch_every_key();
    }

    /// Stores what may change of a signing key. What signs no more has no private part.
    pub(crate) fn update_signing_key(&mut self, key: &SigningKey) {
        let values = [
            key.public.kid.as_str().into(),
            key.signs_from.map(Timestamp::as_millis).into(),
            key.signs_until.map(Timestamp::as_millis).into(),
            key.tokens_end_at.map(Timestamp::as_millis).into(),
            key.revoked_at.map(Timestamp::as_millis).into(),
        ];
        let sql = if key.master_key_id.is_none() {
            "UPDATE keyctl.signing_key SET signs_from = $2, signs_until = $3, tokens_end_at = $4, revoked_at = $5,
                envelope = NULL, master_key_id = NULL WHERE kid = $1"
        } else {
            "UPDATE keyctl.signing_key SET signs_from = $2, signs_until = $3, tokens_end_at = $4, revoked_at = $5
             WHERE kid = $1"
        };
        self.pending.push(Statement::new(sql, values));
        self.touch_every_key();
    }

    /// Replaces the envelope of a key.
    pub(crate) fn reseal_signing_key(&mut self, kid: &Kid, envelope: &Envelope) {
        self.pending.push(Statement::new(
            "UPDATE keyctl.signing_key SET envelope = $2, master_key_id = $3 WHERE kid = $1 AND envelope IS NOT NULL",
            [
                kid.as_str().into(),
                envelope.as_bytes().into(),
                envelope.master_key_id().to_string().into(),
            ],
        ));
        self.touch_every_key();
    }
}
