//! The seam, as PostgreSQL fills it.

use futures_util::future::{join, join_all};
use tokio_postgres::types::{ToSql, Type};

#[cfg(feature = "cli")]
use super::carrying;
use super::session::{
    GLANCE, GLANCE_WAITS, GLANCED, LOCK, ON_THE_WAY, Parameter, PostgresSession, Running, UNCOMPILED, USE,
    USE_WAITS, parameters,
};
#[cfg(feature = "cli")]
use super::unfinished;
use super::{inspect, standby};
use crate::domain::points;
#[cfg(feature = "cli")]
use crate::store::column::Column;
use crate::store::error::{Error, Result};
use crate::store::many;
use crate::store::secrets::forms;
use crate::store::session::{EachRow, Erased, Fact, ForEach, Row, Session, Sql, Statement, Value};

impl Session for PostgresSession {
    fn query(&mut self, sql: Sql, values: &[Value], each: &mut EachRow<'_>) -> Result<()> {
        let text = self.older.stand_in(sql.text(), "keyctl");
        let rows = if self.bounds_each && !self.in_transaction {
            let bounds = format!("{}; {UNCOMPILED}", self.lock_bound());
            let within = self.answer.max(self.options.lock_timeout + ON_THE_WAY);
            self.query_bounded(&bounds, within, &text, values)?
        } else {
            self.run(self.client.query_typed(&text, &parameters(values)))?
        };
        rows.iter().try_for_each(|row| each(&Row::Postgres(row)))?;
        points::wrote(sql.text());
        Ok(())
    }

    /// All statements travel at once and run in order; the first error is the one given.
    fn execute(&mut self, statements: &[Statement]) -> Result<Vec<u64>> {
        let mut prepared: Vec<(&str, Vec<Parameter<'_>>)> = Vec::new();
        for alike in statements.chunk_by(|one, next| std::ptr::eq(one.sql, next.sql)) {
            for rows in alike.chunks(many::ROWS) {
                match rows[0].many.filter(|_| rows.len() == many::ROWS) {
                    Some(many) => {
                        let values = rows.iter().flat_map(|row| parameters(&row.values)).collect();
                        prepared.push((many.as_str(), values));
                    }
                    None => prepared.extend(rows.iter().map(|one| (one.sql, parameters(&one.values)))),
                }
            }
        }
        if points::are_watched() {
            return self.execute_one_by_one(&prepared);
        }
        let sent = join_all(prepared.iter().map(|(sql, values)| self.client.execute_typed(sql, values)));
        self.run(async { sent.await.into_iter().collect() })
    }

    fn execute_for_each(&mut self, sql: ForEach, columns: &[Vec<&str>]) -> Result<()> {
        let arrays: Vec<Parameter<'_>> =
            columns.iter().map(|column| (column as &(dyn ToSql + Sync), Type::TEXT_ARRAY)).collect();
        self.run(self.client.execute_typed(sql.all, &arrays))?;
        points::wrote(sql.all);
        Ok(())
    }

    fn script(&mut self, sql: &str) -> Result<()> {
        self.run(self.client.batch_execute(sql))?;
        points::wrote(sql);
        Ok(())
    }

    #[cfg(feature = "cli")]
    fn scan(&mut self, sql: &str, each: &mut EachRow<'_>) -> Result<()> {
        carrying::scan(self, sql, each)
    }

    #[cfg(feature = "cli")]
    fn columns(&mut self, table: &str) -> Result<Vec<Column>> {
        carrying::columns(self, table)
    }

    #[cfg(feature = "cli")]
    fn insert_rows(
        &mut self,
        table: &str,
        columns: &[Column],
        rows: &[Vec<u8>],
        otherwise: &str,
    ) -> Result<()> {
        carrying::insert(self, table, columns, rows, otherwise)?;
        points::reached("behind carried rows");
        Ok(())
    }

    #[cfg(feature = "cli")]
    fn primary_key(&mut self, table: &str) -> Result<Vec<String>> {
        carrying::primary_key(self, table)
    }

    /// Should the server lose the last of it, the next run carries that again.
    #[cfg(feature = "cli")]
    fn begin_carrying(&mut self) -> Result<()> {
        self.in_transaction = true;
        let lock = self.lock_bound();
        self.script(&format!(
            "BEGIN ISOLATION LEVEL READ COMMITTED; {lock}; {UNCOMPILED}; SET LOCAL synchronous_commit = off"
        ))
    }

    #[cfg(feature = "cli")]
    fn empty_tables(&mut self, tables: &[&str]) -> Result<()> {
        let tables: Vec<String> = tables.iter().map(|table| format!("keyctl.{table}")).collect();
        self.script(&format!("TRUNCATE {}", tables.join(", ")))
    }

    #[cfg(feature = "cli")]
    fn end_unfinished(&mut self) -> Result<()> {
        unfinished::end_unfinished(self)?;
        self.script("SET LOCAL synchronous_commit = on")
    }

    #[cfg(feature = "cli")]
    fn begin_replacing(&mut self, tables: &[&str]) -> Result<()> {
        carrying::lock(self, tables)
    }

    #[cfg(feature = "cli")]
    fn remove_rows(&mut self, table: &str) -> Result<()> {
        self.script(&format!("DELETE FROM keyctl.{table}"))
    }

    fn begin_read(&mut self) -> Result<()> {
        self.in_transaction = true;
        let lock = self.lock_bound();
        self.script(&format!("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; {lock}; {UNCOMPILED}"))
    }

    fn glance(&mut self, sql: Sql, values: &[Value], each: &mut EachRow<'_>) -> Result<()> {
        let text = self.older.stand_in(sql.text(), "keyctl");
        let bounds = format!("{}; {GLANCE}", self.waiting(GLANCE_WAITS));
        let rows = self.query_bounded(&bounds, GLANCED, &text, values)?;
        rows.iter().try_for_each(|row| each(&Row::Postgres(row)))
    }

    /// READ COMMITTED and one row lock as the first statement: measured with 16 writers, 2,465
    /// changes a second and no retry, where SERIALIZABLE reached 1,453 with 46,000 retries.
    ///
    /// It does not say READ WRITE: a database that was frozen by `default_transaction_read_only`
    /// stays as it is.
    fn begin_change(&mut self) -> Result<()> {
        self.in_transaction = true;
        let begin = format!(
            "BEGIN ISOLATION LEVEL READ COMMITTED; {}; {UNCOMPILED}; SET LOCAL synchronous_commit = on",
            self.bounds()
        );
        let locked = {
            let lock = self.client.query_typed(LOCK, &[]);
            let both = join(self.client.batch_execute(&begin), lock);
            self.run_within(self.options.lock_timeout + ON_THE_WAY, async {
                let (transaction, row) = both.await;
                transaction.and(row)
            })
        };
        match locked {
            Ok(rows) => {
                self.running.set(rows.first().and_then(Running::of));
                Ok(())
            }
            Err(error) => {
                self.rollback();
                Err(standby::why_locked(self, error))
            }
        }
    }

    /// It says not READ WRITE either, and waits for no standby: that is for what decides about keys.
    fn begin_use(&mut self) -> Result<()> {
        self.in_transaction = true;
        let lock = self.waiting(USE_WAITS);
        self.script(&format!("BEGIN ISOLATION LEVEL READ COMMITTED; {lock}; {USE}; {UNCOMPILED}"))
    }

    fn refuse_moved(&mut self, head: &'static str) -> Result<()> {
        let mut moved = None;
        self.query(head.into(), &[], &mut |row| {
            moved = Some(row.of("head").text(0)?.to_owned());
            Ok(())
        })?;
        moved.map_or(Ok(()), |to| Err(Error::Moved(format!("the store has moved to {to}"))))
    }

    fn commit_use(&mut self) -> Result<()> {
        self.in_transaction = false;
        points::reached("before the commit");
        self.script("COMMIT")?;
        points::reached("behind the commit");
        Ok(())
    }

    /// What bounds the others, the function sets itself; a client that hangs holds nothing.
    #[cfg(feature = "cli")]
    fn use_by_function(
        &mut self,
        call: &'static str,
        values: &[Value],
        each: &mut EachRow<'_>,
    ) -> Result<bool> {
        self.lock_wait.set(USE_WAITS);
        let rows = self.run(self.client.query_typed(call, &parameters(values)))?;
        rows.iter().try_for_each(|row| each(&Row::Postgres(row)))?;
        points::reached("behind a function");
        Ok(true)
    }

    fn passing_over_locked(&self, table: &str) -> String {
        format!(" FOR UPDATE OF {table} SKIP LOCKED")
    }

    /// An error that the server reports means that nothing was committed; only where it says
    /// nothing is the fate of the change open.
    fn commit(&mut self) -> Result<()> {
        self.in_transaction = false;
        points::reached("before the commit");
        // COMMIT of a failed transaction succeeds and rolls back; execute has reported that.
        standby::commit(self).map_err(|error| match error {
            Error::Lost(why) | Error::Slow(why) => Error::Unknown(why),
            other => other,
        })?;
        points::reached("behind the commit");
        Ok(())
    }

    fn rollback(&mut self) {
        self.in_transaction = false;
        let _ = self.script("ROLLBACK");
    }

    /// Rows that were removed stay in the files as dead tuples until a vacuum, and in the log.
    fn erase(&mut self) -> Result<Erased> {
        let vacuumed = [forms::SEALED, "secret_version", "secret", "binding"]
            .iter()
            .try_for_each(|table| self.script(&format!("VACUUM keyctl.{table}")));
        let mut remains = Vec::new();
        if let Err(error) = vacuumed {
            remains.push(format!("the table could not be vacuumed, so its dead rows stay: {error}"));
        }
        remains.push("free space of the table's files, until it is written again".to_owned());
        remains.push("the write-ahead log and its archives, replicas, and backups of the server".to_owned());
        Ok(Erased { complete: false, remains })
    }

    /// A queue that is full fails whoever announces something, and one listener of anybody's that reads nothing fills
    /// it: then changes are seen without. Where several say the same in one transaction, it is said once.
    fn announcement(&self) -> Option<&'static str> {
        Some(
            "SELECT pg_catalog.pg_notify('keyctl_changed', '') WHERE pg_catalog.pg_notification_queue_usage() < 0.5",
        )
    }

    fn peer(&self) -> (Option<String>, Option<String>) {
        self.peer.clone()
    }

    fn facts(&mut self) -> Result<Vec<Fact>> {
        inspect::facts(self)
    }

    fn foreign_objects(&mut self) -> Result<Vec<String>> {
        inspect::foreign_objects(self)
    }

    fn damage(&mut self) -> Result<Vec<String>> {
        // PostgreSQL checks its pages itself and keeps foreign keys true.
        Ok(Vec::new())
    }
}

impl PostgresSession {
    /// For tests, which end the process between two statements.
    fn execute_one_by_one(&self, prepared: &[(&str, Vec<Parameter<'_>>)]) -> Result<Vec<u64>> {
        let mut changed = Vec::with_capacity(prepared.len());
        for (sql, values) in prepared {
            changed.push(self.run(self.client.execute_typed(sql, values))?);
            points::wrote(sql);
        }
        Ok(changed)
    }
}
