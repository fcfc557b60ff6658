//! What is looked at before a server is used: whether it is one, and may be believed.

use super::session::{PRIMARY, PostgresSession};
use crate::store::Peer;
use crate::store::error::{Error, Result};
use crate::store::session::Row;

pub(super) const EXAMINE: &str = "
    SELECT session_user::text, pg_catalog.host(pg_catalog.inet_client_addr()),
        pg_catalog.pg_is_in_recovery()::int::bigint,
        (SELECT MIN('trigger ' || t.tgname || ' on ' || c.relname) FROM pg_catalog.pg_trigger t
         JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
         WHERE c.relnamespace = pg_catalog.to_regnamespace('keyctl') AND NOT t.tgisinternal),
        (SELECT MIN('rule ' || r.rulename || ' on ' || c.relname) FROM pg_catalog.pg_rewrite r
         JOIN pg_catalog.pg_class c ON c.oid = r.ev_class
         WHERE c.relnamespace = pg_catalog.to_regnamespace('keyctl') AND r.rulename <> '_RETURN'),
        (pg_catalog.version() ~* 'pglite|emscripten')::int::bigint";

/// Who is connected, as the server sees it.
pub(super) fn examine(session: &mut PostgresSession) -> Result<Peer> {
    let rows = session.first_query(EXAMINE)?;
    judge(&rows, &session.location)
}

/// What [`EXAMINE`] found. A standby may be behind, a trigger or rule in our tables
/// may change what a statement does without a word, and `PGlite` mixes its clients' transactions: they
/// are refused.
pub(super) fn judge(rows: &[tokio_postgres::Row], location: &str) -> Result<Peer> {
    let mut peer = (None, None);
    let (mut standby, mut single, mut foreign) = (false, false, None);
    for row in rows {
        let row = Row::Postgres(row);
        let cells = row.of("session");
        peer = (cells.opt_text(0)?.map(str::to_owned), cells.opt_text(1)?.map(str::to_owned));
        standby = cells.int(2)? != 0;
        foreign = cells.opt_text(3)?.or(cells.opt_text(4)?).map(str::to_owned);
        single = cells.int(5)? != 0;
    }
    let refused = |what: String, hint: &str| Err(Error::Refused { what: what.into(), hint: hint.to_owned() });
    if single {
        let what = format!("{location} is PGlite: all its clients share one session and one transaction");
        return refused(what, "use a PostgreSQL server, or a SQLite file");
    }
    if standby {
        return refused(format!("{location} is a standby: what it says may be old"), PRIMARY);
    }
    match foreign {
        None => Ok(peer),
        Some(object) => refused(
            format!("the store's tables have a {object} that is not keyctl's"),
            "find out who made it, and drop it; nothing was changed",
        ),
    }
}
