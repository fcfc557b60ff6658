//! What a command works with: the settings, the screen, and the store when it needs it.

use std::cell::{Cell, RefCell};
use std::fmt::Display;
use std::path::{Path, PathBuf};

use super::Global;
use super::arguments::given::Sources;
use super::arguments::typed::Kept;
use super::error::{CliError, Kind};
use super::outputs::sink;
use super::terminal::ui::{Ui, color_messages};
use super::terminal::{hold, prompt};
use crate::config::{self, ConfigFile, Environment, Origin, Setting, Settings};
use crate::domain::audit::anchor::Anchor;
use crate::domain::audit::event::Actor;
use crate::domain::outbound::reach::Reach;
use crate::domain::secrets::secret::SecretKind;
use crate::domain::texts::text::counted;
use crate::domain::time::{Expiry, Timestamp};
use crate::ops::audit::sink::Sink;
use crate::ops::env::Env;
use crate::ops::keys::outlives::Outliving;
use crate::ops::keys::revoke::IN_FORCE_AFTER;
use crate::ops::usage::claims;
use crate::providers::https::Https;
use crate::render::{Format, View};
use crate::store::Options;

/// The command's surroundings.
pub(super) struct Context {
    pub(super) ui: Ui,
    pub(super) settings: Settings,
    pub(super) file: Option<ConfigFile>,
    pub(super) environment: Environment,
    pub(super) options: Options,
    pub(super) yes: bool,
    /// Whether the command goes on with a store that went back.
    pub(super) survives_rollback: bool,
    /// Whether the command says who may do what, which a store that moved does not.
    pub(super) decides: bool,
    /// The end of the store's log that was seen and is lost.
    pub(super) lost: Cell<Option<Anchor>>,
    /// What was typed and may be kept.
    pub(super) kept: RefCell<Kept>,
}

impl Context {
    /// Decides the settings; the configuration file is read only if it is `configured` by one.
    pub(super) fn new(
        global: &Global,
        sources: Sources,
        kept: Kept,
        configured: bool,
    ) -> anyhow::Result<Self> {
        let environment = Environment::of_process();
        let mut given = global.given(sources);
        if let Some(color) = &given.color {
            // Already for what may be wrong with the file.
            color_messages(color.value);
        }
        if !configured {
            given.profile = None;
        }
        let path = config::source::path(&environment);
        let file = if configured { config::load(&environment)? } else { None };
        let settings = config::settings::resolve(given, file.as_ref(), path.as_deref(), &environment)?;
        let ui = Ui::new(global, &settings, &environment);
        if global.raw && ui.chosen() != Some(Format::RawCsv) {
            return Err(CliError::invalid("--raw goes with -o csv", "add -o csv, or leave --raw out").into());
        }
        if let (Some(path), true) = (&path, configured) {
            ui.explain(&explanation(path, file.is_some(), &settings));
        }
        let lock_timeout = settings.lock_timeout.value.0;
        let options =
            Options { lock_timeout, clock: system_clock, memory_map: 0, alone: true, listen: hold::listen };
        Ok(Self {
            ui,
            settings,
            file,
            environment,
            options,
            yes: global.yes,
            survives_rollback: false,
            decides: false,
            lost: Cell::new(None),
            kept: RefCell::new(kept),
        })
    }

    /// An answer that a change may keep.
    pub(super) fn keeps(&self, what: &str, text: &str) {
        self.kept.borrow_mut().0.push((what.to_owned(), text.to_owned()));
    }

    /// Goes on only if the answer to the question (`revoke 12 keys of alice?`) is yes. `--yes`
    /// is that answer; without it, and with nobody to ask, the error names it.
    pub(super) fn confirm(&self, question: &str) -> Result<(), CliError> {
        if self.yes {
            return Ok(());
        }
        if !Ui::can_ask() {
            let message = format!("nothing was changed, since nobody can be asked: {question}");
            return Err(CliError::invalid(message, "if it is meant, add --yes"));
        }
        if prompt::confirm(question)? {
            return Ok(());
        }
        Err(CliError::new(Kind::Declined, "not confirmed: nothing was changed", "answer y, or add --yes"))
    }

    /// Waits until every service has seen the change of that time, and says what may be accepted
    /// for longer.
    pub(super) fn wait_until_in_force(&self, outliving: &Outliving, changed_at: Timestamp) {
        let bound = IN_FORCE_AFTER;
        self.ui.note(&format!("waiting {bound} until no service holds an older answer …"));
        std::thread::sleep(std::time::Duration::from_secs(bound.as_secs().unsigned_abs()));
        let since = changed_at.after(bound).unwrap_or(changed_at);
        self.ui.note(&format!("services that read the store refuse it since {since}"));
        self.note_outliving(outliving);
        self.note_apollo(changed_at);
    }

    /// Waits until every running keyctl serve answers by the last change, and leaves a receipt of that in the audit
    /// log; no longer than until every service does.
    pub(super) fn wait_for_serve(
        &self,
        env: &mut Env,
        outliving: &Outliving,
        changed_at: Timestamp,
    ) -> anyhow::Result<()> {
        let bound = std::time::Duration::from_secs(IN_FORCE_AFTER.as_secs().unsigned_abs());
        #[expect(clippy::disallowed_methods, reason = "the wait is bounded in monotonic time")]
        let start = std::time::Instant::now();
        let seq = claims::mark(&mut env.store)?;
        let mut claims = claims::of(&mut env.store, seq).unwrap_or_default();
        match claims.missing.len() + claims.claimed.len() {
            0 => self.ui.note(&format!("no keyctl serve runs that says so; waiting {IN_FORCE_AFTER} …")),
            count => {
                self.ui.note(&format!("waiting for {} …", counted(count as u64, "running keyctl serve")));
            }
        }
        while !claims.is_complete() && start.elapsed() < bound {
            std::thread::sleep(
                std::time::Duration::from_millis(50).min(bound.saturating_sub(start.elapsed())),
            );
            claims = claims::of(&mut env.store, seq).unwrap_or_default();
        }
        let waited_ms = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
        let seconds = format!("{}.{} s", waited_ms / 1000, waited_ms % 1000 / 100);
        let since = changed_at.after(IN_FORCE_AFTER).unwrap_or(changed_at);
        let named = |instances: &[String]| instances.join(", ");
        if claims.is_complete() {
            self.ui.note(&format!(
                "refused after {seconds} by each running keyctl serve: {}",
                named(&claims.claimed)
            ));
        } else {
            if !claims.missing.is_empty() {
                self.ui.warn(&format!("after {seconds} these had not said so: {}", named(&claims.missing)));
            }
            self.ui.note(&format!("whoever reads the store refuses it since {since}"));
        }
        let receipt = claims::Receipt { seq, claims, waited_ms, changed_at };
        match claims::record(env, &receipt) {
            Ok(seq) => self.ui.note(&format!("the receipt is record {seq} of the audit log")),
            Err(error) => self.ui.warn(&format!("the audit log has no receipt of it: {error}")),
        }
        self.ui.note(&format!(
            "not counted are keyctl serve --read-only and services that read the store themselves: they refuse it by {since}"
        ));
        self.note_outliving(outliving);
        self.note_apollo(changed_at);
        Ok(())
    }

    /// Says what nobody here can end.
    fn note_outliving(&self, outliving: &Outliving) {
        let exchanged = if outliving.exchanged {
            "keyctl serve refuses them, too; services that verify them by themselves take them until they end, for an hour \
             at most"
        } else {
            "none, this store issues none"
        };
        self.ui.note(&format!("tokens that were exchanged for it (JWT): {exchanged}"));
        for (name, (kind, end)) in &outliving.tokens {
            let until = match (kind, end) {
                (SecretKind::Federated, _) => "until each ends, as its provider said".to_owned(),
                (_, Some(end)) => format!("until {end}, or its owner ends it at the provider"),
                (_, None) => "until its owner ends it at the provider".to_owned(),
            };
            self.ui.note(&format!("a token of {name} that was handed out lives on {until}"));
        }
    }

    /// Says what a day means where it was given for the end of something.
    pub(super) fn note_day(&self, expiry: Option<Expiry>) {
        if let Some(Expiry::EndOfDay(end)) = expiry {
            let end = end.to_string();
            let day = end.split('T').next().unwrap_or_default();
            self.ui.note(&format!("{day} means the end of that day in UTC: {end}"));
        }
    }

    /// Shows what a change came to, where a format was asked for. An error of the output after
    /// the change says that it happened (`what`).
    pub(super) fn show_if_asked(
        &self,
        view: &impl View,
        now: Timestamp,
        rehearsed: bool,
        what: &str,
    ) -> anyhow::Result<()> {
        if self.ui.chosen().is_none() {
            return Ok(());
        }
        let shown = self.ui.show(view, now);
        shown.map_err(|error| if rehearsed { error } else { CliError::of(error).after(what).into() })
    }

    /// Where the configuration file is or would be.
    pub(super) fn config_path(&self) -> Option<PathBuf> {
        config::source::path(&self.environment)
    }

    pub(super) fn home(&self) -> Option<&Path> {
        self.environment.home.as_deref()
    }

    /// What asks servers elsewhere.
    pub(super) fn outbound(&self) -> Https {
        let named = self.settings.outbound_allow.as_ref().map(|named| named.value.clone());
        Https::new(Reach::of(named.unwrap_or_default()))
    }

    /// How long somebody else's request for a token is waited for: as a lock is, where somebody said how long, else until
    /// it must have ended.
    pub(super) fn patience(&self) -> std::time::Duration {
        let Setting { value, origin } = &self.settings.lock_timeout;
        if *origin == Origin::Default { std::time::Duration::from_secs(15) } else { value.0 }
    }

    /// Where passwords for PostgreSQL are looked for.
    pub(super) fn passfile(&self) -> Option<PathBuf> {
        self.environment.pg_passfile.clone()
    }

    pub(super) fn options(&self) -> Options {
        self.options
    }

    pub(super) fn actor(&self) -> anyhow::Result<Actor> {
        Ok(config::actor::actor(&self.environment)?)
    }

    /// Where records go besides the store. What cannot be one is refused before anything is
    /// changed.
    pub(super) fn sink(&self) -> anyhow::Result<Option<Box<dyn Sink>>> {
        let named = self.named_sink()?;
        let off = match &named {
            Some(config::Sink::File(path)) => self.no_sink(path),
            _ => None,
        };
        Ok(named.map(|named| sink::to(self.ui, named, off)))
    }

    pub(super) fn named_sink(&self) -> Result<Option<config::Sink>, config::SinkError> {
        config::sink::sink(&self.environment)
    }
}

/// Which file and which profile of it are used, for `--verbose`.
fn explanation(path: &Path, is_there: bool, settings: &Settings) -> String {
    let path = path.display();
    match &settings.profile {
        _ if !is_there => format!("configuration: there is no file {path}"),
        None => format!("configuration: {path}, no profile"),
        Some(profile) => {
            let origin = if profile.origin.place().is_some() {
                &"its default"
            } else {
                &profile.origin as &dyn Display
            };
            format!("configuration: {path}, profile {} ({origin})", profile.value)
        }
    }
}

/// 2024-01-01T00:00:00Z: a clock before it was never set, and would let expired tokens in.
const EARLIEST_MILLIS: i64 = 1_704_067_200_000;

/// The time on SQLite; `None` where the clock is wrong.
#[expect(clippy::disallowed_methods, reason = "the one place where the command line reads the clock")]
pub(super) fn system_clock() -> Option<Timestamp> {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).ok()?;
    let millis = i64::try_from(since.as_millis()).ok()?;
    Timestamp::from_millis(millis).filter(|_| millis >= EARLIEST_MILLIS)
}
