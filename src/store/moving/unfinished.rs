//! A place into which a store is being carried. It is no store before its end: it has no head row, without which no reader
//! answers, and says of itself that it is unfinished, so that no command takes it for one.

use uuid::Uuid;

use crate::store::error::{Error, Result};
use crate::store::session::{Session, Statement};
use crate::store::{Access, Backend, Location, Options, Store, migrations, postgres, sqlite};

/// Whose copy it is, and which process works at it.
const MADE: &str =
    "CREATE TABLE keyctl.copying (id BIGINT NOT NULL PRIMARY KEY, store TEXT NOT NULL, holder TEXT NOT NULL)";

pub(crate) struct Unfinished {
    pub(super) store: Store,
    holder: String,
    /// It was begun before.
    pub resumed: bool,
}

impl Unfinished {
    /// Goes on with the copy of this store that was begun there, or begins one where nothing is; `nonce` tells this process
    /// from others. [`Error::Exists`] if there is anything else.
    pub(crate) fn open(location: &Location, options: Options, of: Uuid, nonce: &str) -> Result<Self> {
        let found = Self::found(location, options)?;
        let resumed = found.is_some();
        let backend = match (found, location) {
            (Some(backend), _) => backend,
            (None, Location::Sqlite(file)) => {
                sqlite::make_unfinished(file, nonce, options, |session| mark(session, of, nonce))?;
                Self::found(location, options)?.ok_or_else(|| Error::Missing(location.to_string().into()))?
            }
            (None, Location::Postgres(dsn)) => {
                Backend::Postgres(postgres::make_unfinished(dsn, options, |session| {
                    mark(session, of, nonce)
                })?)
            }
        };
        let store = Store::of(backend, migrations::LATEST);
        let mut unfinished = Self { store, holder: nonce.to_owned(), resumed };
        if resumed {
            unfinished.take_over(location, of)?;
        }
        unfinished.store.session().begin_bulk()?;
        Ok(unfinished)
    }

    /// Whether a copy of this store was begun there; else nothing may be there.
    pub(crate) fn rehearse(location: &Location, options: Options, of: Uuid) -> Result<bool> {
        if let Some(backend) = Self::found(location, options)? {
            let store = Store::of(backend, migrations::LATEST);
            let mut unfinished = Self { store, holder: String::new(), resumed: true };
            return unfinished.demand(location, of).map(|()| true);
        }
        match location {
            Location::Sqlite(file) => sqlite::rehearse_create(file)?,
            Location::Postgres(dsn) => postgres::rehearse_unfinished(dsn, options)?,
        }
        Ok(false)
    }

    /// The store at a place into which this one was carried. A file may be a store already and not say so yet, where whoever
    /// finished it was killed then: that is put right first.
    pub(crate) fn store_at(location: &Location, access: Access, options: Options, of: Uuid) -> Result<Store> {
        match Store::open(location, access, options) {
            Err(Error::Unfinished(_)) => {
                let _ = Self::rehearse(location, options, of);
                Store::open(location, access, options)
            }
            found => found,
        }
    }

    fn found(location: &Location, options: Options) -> Result<Option<Backend>> {
        Ok(match location {
            Location::Sqlite(file) => sqlite::open_unfinished(file, options)?.map(Backend::Sqlite),
            Location::Postgres(dsn) => postgres::open_unfinished(dsn, options)?.map(Backend::Postgres),
        })
    }

    /// What was begun must be of the same store and of this schema.
    fn demand(&mut self, location: &Location, of: Uuid) -> Result<()> {
        let mut found = None;
        let sql = "SELECT store FROM keyctl.copying WHERE id = $1";
        self.store.session().query(sql.into(), &[migrations::LATEST.into()], &mut |row| {
            found = Some(row.of("copying").text(0)?.to_owned());
            Ok(())
        })?;
        if found.as_deref() == Some(of.to_string().as_str()) {
            return Ok(());
        }
        Err(Error::Exists(format!(
            "{location} holds the unfinished copy of another store, or one that another version of keyctl began"
        )))
    }

    /// From now on it is this process's: another one that is at it finds that out with its next row.
    fn take_over(&mut self, location: &Location, of: Uuid) -> Result<()> {
        self.demand(location, of)?;
        let session = self.store.session();
        session.begin_carrying()?;
        let sql = "UPDATE keyctl.copying SET holder = $1";
        session.execute(&[Statement::new(sql, [self.holder.as_str().into()])])?;
        session.commit()
    }

    /// Begins a transaction for rows, if no other process took over.
    pub(super) fn begin(&mut self) -> Result<()> {
        let session = self.store.session();
        session.begin_carrying()?;
        let own = Statement::new(
            "UPDATE keyctl.copying SET holder = $1 WHERE holder = $1",
            [self.holder.as_str().into()],
        );
        if session.execute(&[own])?.as_slice() == [1] {
            return Ok(());
        }
        session.rollback();
        Err(Error::Refused {
            what: "another process goes on with this copy".into(),
            hint: "let it come to its end, or stop it and run the same command again".to_owned(),
        })
    }

    pub(super) fn commit(&mut self) -> Result<()> {
        self.store.session().commit_use()
    }
}

/// The schema is the row's number: a copy of an older one is not gone on with.
fn mark(session: &mut dyn Session, of: Uuid, holder: &str) -> Result<()> {
    session.query(MADE.into(), &[], &mut |_| Ok(()))?;
    let sql = "INSERT INTO keyctl.copying (id, store, holder) VALUES ($1, $2, $3)";
    let values = [migrations::LATEST.into(), of.to_string().into(), holder.into()];
    session.execute(&[Statement::new(sql, values)]).map(drop)
}
