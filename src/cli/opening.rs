//! The store of a command: which one is meant, and how it is opened.

use std::path::Path;
use std::time::Duration;

use super::context::Context;
use super::default_store::{Absent, is_missing_default};
use super::error::{CliError, Kind};
use super::files::seen::{Memory, Remembering};
use super::outputs::sink;
use super::terminal::ui::Ui;
use crate::config::{self, Origin, Place, paths};
use crate::domain::audit::anchor::Anchor;
use crate::domain::audit::event::Actor;
use crate::domain::texts::bare::bare;
use crate::ops;
use crate::ops::env::{Env, SystemRandom};
use crate::ops::keys::typed::{Typed, refuse_tokens};
use crate::ops::stores::rollback::Seen;
use crate::store::{self, Access, LATEST_SCHEMA, Location, Options, Passwords, Store};

impl Context {
    /// Opens a store for changes, anew each time, for threads that ask nobody anything. A file of an older schema is left to
    /// be migrated by a command.
    pub(super) fn opener(
        &self,
        location: Location,
        actor: Actor,
        lock_timeout: Duration,
    ) -> anyhow::Result<impl Fn() -> Result<Env, ops::Error> + Send + Sync + use<>> {
        let options = Options { lock_timeout, listen: store::unheard, alone: false, ..self.options };
        let (ui, named) = (self.ui, self.named_sink()?);
        let off = match &named {
            Some(config::Sink::File(path)) => self.no_sink(path),
            _ => None,
        };
        Ok(move || {
            let store = Store::open_any_schema(&location, Access::Change, options)?;
            #[cfg(feature = "internals")]
            let store = super::trial::fickle(store);
            let found = store.schema();
            if found < LATEST_SCHEMA {
                return Err(store::Error::Older { found, known: LATEST_SCHEMA }.into());
            }
            let sink = named.clone().map(|named| sink::to(ui, named, off));
            let (random, actor) = (Box::new(SystemRandom), actor.clone());
            Ok(Env { store, random, actor, rehearse: false, sink, unmade: None })
        })
    }

    /// Which store is meant; says so where that is wanted, and warns of what may be unexpected.
    pub(super) fn location(&self) -> anyhow::Result<Location> {
        let location = self.find()?;
        let origin = self.settings.store.as_ref().map(|store| &store.origin);
        let named = origin.map_or("the default".to_owned(), |origin| format!("named by {origin}"));
        self.ui.explain(&format!("store: {location} ({named})"));
        if self.settings.store.as_ref().is_some_and(|store| address(&store.value) != store.value) {
            self.ui.note("took off what stood around the store's address: blanks or a carriage return");
        }
        if location.has_password() && matches!(origin, Some(Origin::Flag(_))) {
            self.ui.warn(
                "the password in --store shows in process lists; use PGPASSWORD or KEYCTL_STORE instead",
            );
        }
        if self.settings.variable_beats_profile {
            self.ui.warn(&format!("the store is {location}: KEYCTL_STORE is set and wins over the profile"));
        }
        Ok(location)
    }

    pub(super) fn is_local(&self) -> anyhow::Result<bool> {
        Ok(self.find()?.is_local())
    }

    /// Which store is meant.
    pub(super) fn find(&self) -> anyhow::Result<Location> {
        let store = self.settings.store.as_ref();
        let location = match config::place::place(store.map(|store| store.value.as_str()), &self.environment)?
        {
            Place::Named(text) => self.named(address(&text), store.map(|store| &store.origin))?,
            Place::Default(path) => Location::default_file(path),
        };
        Ok(location.with_passwords(&Passwords {
            password: self.environment.pg_password.clone(),
            file: self.environment.pg_passfile.clone(),
        }))
    }

    /// Another store than the one that is meant, as a setting names it.
    #[cfg(feature = "serve")]
    pub(super) fn other(&self, store: &config::Setting<String>) -> anyhow::Result<Location> {
        let location = self.named(address(&store.value), Some(&store.origin))?;
        Ok(location.with_passwords(&Passwords {
            password: self.environment.pg_password.clone(),
            file: self.environment.pg_passfile.clone(),
        }))
    }

    /// Another place for a store, as an argument or a store itself names it.
    pub(super) fn place(&self, text: &str) -> anyhow::Result<Location> {
        Ok(whole(Location::parse(address(text))?)?.with_passwords(&Passwords {
            password: self.environment.pg_password.clone(),
            file: self.environment.pg_passfile.clone(),
        }))
    }

    /// A store as it is written; in a file, paths are relative to that file.
    pub(super) fn named(&self, text: &str, origin: Option<&Origin>) -> anyhow::Result<Location> {
        let location = Location::parse(text);
        let Some((file, line)) = origin.and_then(Origin::place) else { return Ok(location?) };
        let wrong = |error: &dyn std::fmt::Display| {
            let hint = "write a path, sqlite:PATH or postgres://USER@HOST/DATABASE";
            CliError::invalid(format!("{}:{line}: store: {error}", file.display()), hint)
        };
        let folder = file.parent().unwrap_or(Path::new(""));
        let home = self.environment.home.as_deref();
        let location = location.map_err(|error| wrong(&error))?;
        Ok(location.try_map_path(|path| paths::expand(path, folder, home)).map_err(|error| wrong(&error))?)
    }

    /// Opens the store to read; the default store is created if it is missing.
    pub(super) fn open(&self) -> anyhow::Result<Store> {
        self.open_for(Access::Read).map(|(store, _)| store)
    }

    /// Opens the store to look for one thing in it, for which the default store need not be made.
    pub(super) fn open_to_find(&self) -> anyhow::Result<Store> {
        if is_missing_default(&self.find()?) { Ok(self.absent()?.imagine()?) } else { self.open() }
    }

    /// Opens the store to change it; with `rehearse`, everything is taken back. The default store is
    /// made by the first change that it would take.
    pub(super) fn open_env(&self, rehearse: bool) -> anyhow::Result<Env> {
        let location = self.find()?;
        if rehearse || !is_missing_default(&location) {
            return self.open_env_made(rehearse);
        }
        let (absent, sink) = (self.absent()?, self.sink()?);
        let actor = absent.actor.clone();
        let mut store = absent.imagine()?;
        self.refuse_tokens(&mut store, &actor)?;
        let random = Box::new(SystemRandom);
        Ok(Env { store, random, actor, rehearse, sink, unmade: Some(Box::new(absent)) })
    }

    /// The default store, which is not there.
    fn absent(&self) -> anyhow::Result<Absent> {
        Ok(Absent {
            actor: self.actor()?,
            sink: self.sink()?,
            location: self.location()?,
            options: self.options,
            ui: self.ui,
            seen: config::place::seen(&self.environment),
        })
    }

    /// The same where more than a change depends on which store it is: the default one is made at
    /// once.
    pub(super) fn open_env_made(&self, rehearse: bool) -> anyhow::Result<Env> {
        let actor = self.actor()?;
        let sink = self.sink()?;
        let opened = if rehearse { self.open_unmigrated()? } else { self.open_for(Access::Change)? };
        let (mut store, memory) = opened;
        self.refuse_tokens(&mut store, &actor)?;
        let sink = match memory {
            None => sink,
            Some((memory, counter)) => Some(Box::new(Remembering { memory, counter, next: sink }) as _),
        };
        #[cfg(feature = "internals")]
        let store = super::trial::fickle(store);
        Ok(Env { store, random: Box::new(SystemRandom), actor, rehearse, sink, unmade: None })
    }

    /// Of all that was typed, nothing that a change would keep may be a token of the store.
    fn refuse_tokens(&self, store: &mut Store, actor: &Actor) -> anyhow::Result<()> {
        let kept = self.kept.borrow();
        let mut texts: Vec<Typed<'_>> = kept.0.iter().map(|(what, text)| Typed { what, text }).collect();
        texts.extend(actor.claimed.iter().map(|text| Typed { what: "actor (KEYCTL_ACTOR)", text }));
        let profile = self.settings.profile.iter();
        texts.extend(profile.map(|profile| Typed { what: "profile's name", text: profile.value.as_str() }));
        Ok(refuse_tokens(store, &texts)?)
    }

    /// Opens the store again that was open before, without a word.
    pub(super) fn reopen(&self) -> anyhow::Result<Store> {
        Ok(Store::open(&self.find()?, Access::Read, self.options)?)
    }

    /// Opens the store without creating it, whatever its age.
    pub(super) fn open_any_schema(&self, access: Access) -> anyhow::Result<Store> {
        self.open_and_remember(access).map(|(store, _)| store)
    }

    fn open_and_remember(&self, access: Access) -> anyhow::Result<Remembered> {
        let location = self.location()?;
        self.compared(&location, || {
            let opened = Store::open_any_schema(&location, access, self.options);
            Ok(opened.map_err(|error| no_store(error, &location))?)
        })
    }

    /// Opens the store without a word and without a trace, or not at all.
    pub(super) fn glance(&self, lock_timeout: Duration) -> Option<Store> {
        let options = Options { lock_timeout, ..self.options };
        Store::open(&self.find().ok()?, Access::Glance, options).ok()
    }

    /// Opens the store without creating it.
    pub(super) fn open_existing(&self) -> anyhow::Result<Store> {
        let location = self.location()?;
        let opened = self.compared(&location, || {
            let opened = Store::open(&location, Access::Read, self.options);
            Ok(opened.map_err(|error| no_store(error, &location))?)
        });
        opened.map(|(store, _)| store)
    }

    /// Opens the store for what the questions before a command need of it: without a word,
    /// since the command says it all, and without creating it. `None` if it is the default
    /// store and not there yet.
    pub(super) fn open_to_ask(&self) -> anyhow::Result<Option<Store>> {
        let location = self.find()?;
        match Store::open(&location, Access::Read, self.options) {
            Err(store::Error::Missing(_)) if location.is_default() => Ok(None),
            opened => Ok(opened.map(Some).map_err(|error| no_store(error, &location))?),
        }
    }

    /// A rehearsal changes nothing, so it migrates nothing either.
    fn open_unmigrated(&self) -> anyhow::Result<Remembered> {
        let opened = self.open_and_remember(Access::Change)?;
        let (found, known) = (opened.0.schema(), store::LATEST_SCHEMA);
        if found < known { Err(store::Error::Older { found, known }.into()) } else { Ok(opened) }
    }

    fn open_for(&self, access: Access) -> anyhow::Result<Remembered> {
        let location = self.location()?;
        self.compared(&location, || {
            Ok(match Store::open(&location, access, self.options) {
                Err(store::Error::Missing(_)) if location.is_default() => {
                    self.create_default(&location)?;
                    Store::open(&location, access, self.options)?
                }
                other => other?,
            })
        })
    }

    /// Opens the store and compares it with what this user saw of it, so that one that went back
    /// is refused. Returns what remembers the changes to come.
    fn compared(
        &self,
        location: &Location,
        open: impl FnOnce() -> anyhow::Result<Store>,
    ) -> anyhow::Result<Remembered> {
        let folder = config::place::seen(&self.environment);
        let memory = folder.map(|folder| Memory::read(&folder, location, self.ui));
        let mut store = open()?;
        self.warn_about(&store);
        let Some(mut memory) = memory else { return self.where_it_is(store).map(|store| (store, None)) };
        let now = match Seen::now(&mut store) {
            Ok(now) => {
                store = self.where_it_is(store)?;
                now
            }
            // What waited for a lock does not wait for it again.
            Err(error @ ops::Error::Store(store::Error::Busy(_))) => return Err(error.into()),
            // What looks for damage says it better.
            Err(_) if self.survives_rollback => return Ok((store, None)),
            Err(error) => return Err(error.into()),
        };
        match memory.of(now.end.store) {
            Some(seen) if seen.is_lost(&mut store, &now)? => {
                let error = went_back(seen.end.seq);
                if !self.survives_rollback {
                    return Err(error.into());
                }
                self.ui.warn(&error.message);
                self.lost.set(Some(seen.end));
            }
            Some(seen) if seen.end == now.end => {}
            _ => memory.keep(now, Ui::explain),
        }
        Ok((store, Some((memory, now.counter))))
    }

    /// A store that moved is looked at with a warning, and asked for no decision.
    fn where_it_is(&self, mut store: Store) -> anyhow::Result<Store> {
        match store.moved() {
            Ok(Some(moved)) if self.decides => return Err(moved.error().into()),
            Ok(Some(moved)) => self.ui.warn(&format!("{}: what is here is as it was then", moved.error())),
            Ok(None) => {}
            Err(_) if self.survives_rollback => {}
            Err(error) => return Err(error.into()),
        }
        Ok(store)
    }

    /// The end of the store's log that this user saw and that is not in it any more.
    pub(super) fn lost(&self) -> Option<Anchor> {
        self.lost.get()
    }

    fn create_default(&self, location: &Location) -> anyhow::Result<()> {
        let absent = Absent {
            location: location.clone(),
            options: self.options,
            actor: self.actor()?,
            ui: self.ui,
            seen: None,
            sink: self.sink()?,
        };
        Ok(absent.create()?)
    }

    fn warn_about(&self, store: &Store) {
        if let Some(warning) = store.warning() {
            self.ui.warn(warning);
        }
    }
}

/// The same place, of which a file is named from the root on.
pub(super) fn whole(location: Location) -> Result<Location, CliError> {
    location.try_map_path(std::path::absolute).map_err(|error| {
        CliError::invalid(format!("the path of a store cannot be made whole: {error}"), "name a whole path")
            .because(error)
    })
}

/// A store's address without what was copied along with it. A path is taken as it is.
fn address(text: &str) -> &str {
    // Blanks of ASCII are taken off, so it is text still.
    let address = str::from_utf8(bare(text.as_bytes()).0).unwrap_or(text);
    let schemes = ["postgres://", "postgresql://", "sqlite:"];
    if schemes.iter().any(|scheme| address.starts_with(scheme)) { address } else { text }
}

/// An open store, and what remembers changes, with the counter of changes so far; `None` without
/// a folder for it.
type Remembered = (Store, Option<(Memory, i64)>);

pub(super) fn went_back(seq: u64) -> CliError {
    CliError::new(
        Kind::RolledBack,
        format!(
            "the store went back: record {seq} of its audit log was seen here and is not in it any more, \
             so what was revoked since may work again"
        ),
        "a failover lost changes, or an older copy was put back: docs/incidents.md says what to do (\"The store \
         went back\"); look with keyctl audit verify --anchor, and when all is clear: keyctl store accept-rollback",
    )
}

/// The default store needs no `store init`.
pub(super) fn no_store(error: store::Error, location: &Location) -> CliError {
    let missing = matches!(error, store::Error::Missing(_));
    let mut error = CliError::of(error);
    if missing && location.is_default() {
        let hint = "name another in KEYCTL_STORE or --store; this one is created by the first keyctl mint, or by: \
                    keyctl store init";
        error.hint = Some(hint.to_owned());
    }
    error
}
