//! Up to which change each running keyctl serve answers by.

use super::Recorder;
use crate::store::Store;
use crate::store::error::Result;
use crate::store::session::Statement;

/// An instance that says something for longer than this does not run any more.
const LIVE: i64 = 70_000;

/// The store is the one that is written, whatever the instance was told.
const CLAIM: &str = "INSERT INTO keyctl.serve_claim (instance, store, seq, at)
    SELECT $1, s.store_uuid, $2, keyctl.now_ms() FROM public.keyctl_store_v1 AS s WHERE TRUE
    ON CONFLICT (instance) DO UPDATE SET store = excluded.store, seq = excluded.seq, at = excluded.at";

const RELEASE: &str = "UPDATE keyctl.serve_claim SET at = 0 WHERE instance = $1";

/// What an instance says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimRow {
    pub instance: String,
    /// The counter of the change mark that it answers by.
    pub seq: i64,
    /// When it said so, by the store's clock, in milliseconds since 1970.
    pub at: i64,
}

impl Recorder {
    /// Says that this instance answers by all changes up to this one, the counter of the change mark.
    pub fn claim(&mut self, instance: &str, seq: i64) -> Result<()> {
        self.execute(Statement::new(CLAIM, [instance.into(), seq.into()])).map(drop)
    }

    /// Writes nothing into each table, and a claim, all of which is taken back.
    pub fn may_write(&mut self, instance: &str, seq: i64) -> Result<()> {
        let session = self.session();
        session.begin_use()?;
        let claim = Statement::new(CLAIM, [instance.into(), seq.into()]);
        let written = super::write_nothing(session).and_then(|()| session.execute(&[claim]).map(drop));
        session.rollback();
        written
    }

    /// Says that this instance answers nobody any more.
    pub fn release(&mut self, instance: &str) -> Result<()> {
        self.execute(Statement::new(RELEASE, [instance.into()])).map(drop)
    }
}

impl Store {
    /// What each live instance says; those that ended, or have said nothing for long, are left out.
    pub fn live_claims(&mut self) -> Result<Vec<ClaimRow>> {
        let mut claims = Vec::new();
        let sql = "SELECT c.instance, COALESCE(c.seq, 0), c.at FROM keyctl.serve_claim c
             JOIN public.keyctl_store_v1 s ON s.store_uuid = c.store
             WHERE c.at > keyctl.now_ms() - $1 ORDER BY c.instance LIMIT 1000";
        self.session().glance(sql.into(), &[LIVE.into()], &mut |row| {
            let cells = row.of("serve_claim");
            claims.push(ClaimRow {
                instance: cells.text(0)?.to_owned(),
                seq: cells.int(1)?,
                at: cells.int(2)?,
            });
            Ok(())
        })?;
        Ok(claims)
    }
}
