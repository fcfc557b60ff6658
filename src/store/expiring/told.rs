//! Who was told of what, and who tells it now. Use, as leases are: no change is made by it, no lock of the store taken,
//! and nothing that decides about keys reads it.

use crate::domain::expiring::{Ending, Stage};
use crate::domain::time::Span;
use crate::store::Store;
use crate::store::error::Result;
use crate::store::many::groups;
use crate::store::reading::Reads as _;
use crate::store::session::{Sql, Statement, Value};

/// What was told of a thing last: of which end, at which stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    pub ends_at: i64,
    pub rank: i64,
}

impl Told {
    /// Whether this stage of this thing is one of which nobody was told.
    pub(crate) fn is_behind(self, ending: &Ending, stage: Stage) -> bool {
        let has_another_end = !ending.kind.is_seen() && self.ends_at != ending.ends_at.as_millis();
        has_another_end || self.rank < stage.rank()
    }
}

impl Store {
    /// Of each of these things what was told of it last, in their order; `None` for nothing.
    pub(crate) fn told(&mut self, channel: &str, things: &[&Ending]) -> Result<Vec<Option<Told>>> {
        let mut found = vec![None; things.len()];
        if things.is_empty() {
            return Ok(found);
        }
        let pairs = groups(things.len(), 2);
        let mut values: Vec<Value> =
            things.iter().flat_map(|thing| [thing.kind.as_str().into(), thing.told_as().into()]).collect();
        values.push(channel.into());
        let sql = format!(
            "SELECT n.kind, n.id, n.ends_at, n.stage FROM (VALUES {pairs}) AS v CROSS JOIN keyctl.notified n
             WHERE n.channel = ${} AND n.kind = v.column1 AND n.id = v.column2",
            values.len()
        );
        self.reading()?.session().query(Sql::Built(sql), &values, &mut |row| {
            let cells = row.of("notified");
            let (kind, id) = (cells.text(0)?, cells.text(1)?);
            let told = Told { ends_at: cells.int(2)?, rank: cells.int(3)? };
            for (place, _) in things
                .iter()
                .enumerate()
                .filter(|(_, thing)| thing.kind.as_str() == kind && thing.told_as() == id)
            {
                found[place] = Some(told);
            }
            Ok(())
        })?;
        Ok(found)
    }

    /// Writes down that these were told, at these stages, all or none.
    pub(crate) fn put_told(&mut self, channel: &str, things: &[(&Ending, Stage)]) -> Result<()> {
        let statements: Vec<Statement> = things
            .iter()
            .map(|(thing, stage)| {
                Statement::new(
                    "INSERT INTO keyctl.notified (channel, kind, id, ends_at, stage, told_at)
                     VALUES ($1, $2, $3, $4, $5, keyctl.now_ms())
                     ON CONFLICT (channel, kind, id) DO UPDATE SET
                        ends_at = excluded.ends_at, stage = excluded.stage, told_at = excluded.told_at",
                    [
                        channel.into(),
                        thing.kind.as_str().into(),
                        thing.told_as().into(),
                        thing.ends_at.as_millis().into(),
                        stage.rank().into(),
                    ],
                )
            })
            .collect();
        self.use_all(&statements).map(drop)
    }

    /// Forgets what was told of things that ended so long ago: nobody is told of them again.
    pub(crate) fn forget_told(&mut self, channel: &str, ended: Span) -> Result<()> {
        let sql = "DELETE FROM keyctl.notified WHERE channel = $1 AND kind <> 'credential'
            AND told_at < keyctl.now_ms() - CAST($2 AS BIGINT) AND ends_at < keyctl.now_ms() - CAST($2 AS BIGINT)";
        self.use_one(Statement::new(sql, [channel.into(), ended.as_secs().saturating_mul(1000).into()]))
            .map(drop)
    }

    /// Takes the hold of whoever tells, for so long, or goes on with it. Whether it could be had.
    pub(crate) fn hold_telling(&mut self, channel: &str, holder: &str, lasts: Span) -> Result<bool> {
        self.use_one(Statement::new(
            "INSERT INTO keyctl.notify_hold (channel, holder, ends_at)
             VALUES ($1, $2, keyctl.now_ms() + CAST($3 AS BIGINT))
             ON CONFLICT (channel) DO UPDATE SET holder = excluded.holder, ends_at = excluded.ends_at
             WHERE notify_hold.holder = excluded.holder OR notify_hold.ends_at <= keyctl.now_ms()",
            [channel.into(), holder.into(), lasts.as_secs().saturating_mul(1000).into()],
        ))
    }

    pub(crate) fn release_telling(&mut self, channel: &str, holder: &str) -> Result<()> {
        let sql = "DELETE FROM keyctl.notify_hold WHERE channel = $1 AND holder = $2";
        self.use_one(Statement::new(sql, [channel.into(), holder.into()])).map(drop)
    }
}
