//! From the store that is opened to the signal that ends it.

use std::thread;
use std::time::Duration;

use sd_notify::NotifyState;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use uuid::Uuid;

use super::ending::{end_at_the_next, notify};
use super::{leasing, revoking, settings};
use crate::cli::context::{Context, system_clock};
use crate::cli::error::{CliError, Kind};
use crate::cli::process;
use crate::cli::terminal::ui::Ui;
use crate::config::config_file::MasterKeySource;
use crate::config::serve::serve_settings::ServeSettings;
use crate::config::settings::Setting;
use crate::domain::time::Timestamp;
use crate::ops::usage::writer::UseWriter;
use crate::runtime::serving::{Callers, OnMark, Settings, Signing};
use crate::runtime::{MasterKeys, MasterKeysError, StoreFault, Unavailable};
use crate::server::{Log, Serving, Uses, check_tls};
use crate::store::{self, Location, Options};

/// How long the database may take to write down what was answered.
const WITHIN: Duration = Duration::from_secs(2);

/// How often a store that was never read is tried.
const AGAIN: Duration = Duration::from_secs(1);

pub(super) fn run(context: &mut Context, settings: ServeSettings) -> anyhow::Result<()> {
    process::allow_open_files();
    // Before anything is answered, so that none is missed.
    let mut signals = Signals::new([SIGTERM, SIGINT, SIGHUP])?;
    let log = || Log::new(Ui::log, settings.log_format.value, settings.log_level.value, system_clock);
    let (log, last_word) = (log(), log());
    let (workers, listeners) = (settings::workers(&settings), settings.listen.value.clone());
    let tls = settings.tls.as_ref().map(|tls| tls.value.clone());
    let uses = Uses::new(system_clock, settings::quota_batch(&settings));
    let store = Source::of(context, settings.hands_out_secrets(), workers, uses.clone())?;
    let records = !settings.read_only.value;
    let changes = revoking::opening(context, &settings)?;
    let issuing = issuing(context, &settings)?;
    let leases = settings.lease_store.clone();
    leasing::look(context, leases.as_ref())?;
    let mut serving =
        Serving::start(settings::rules(settings), &listeners, tls.as_ref(), workers, log, uses)?;
    if let Some(opening) = changes {
        serving.revoke(opening)?;
    }
    if let Some(store_id) = first_read(&store, &serving, &mut signals)? {
        if let Some(desk) = leasing::desk(context, leases.as_ref(), store_id)? {
            serving.lease(desk)?;
        }
        if let Some(signing) = issuing {
            serving.issue(signing, Box::new(context.outbound()))?;
        }
        let options = Options { listen: store::unheard, alone: false, ..context.options };
        if records {
            let writer = UseWriter::new(store.location.clone(), options, WITHIN);
            serving.record(writer, instance())?;
        } else {
            serving.records_nothing(UseWriter::reading(store.location.clone(), options, WITHIN))?;
        }
        notify(NotifyState::Ready);
        for signal in signals.forever() {
            match signal {
                SIGHUP => serving.reload(),
                _ => break,
            }
        }
    }
    notify(NotifyState::Stopping);
    end_at_the_next(signals, last_word)?;
    serving.stop();
    Ok(())
}

/// Begins once the store can be read. A server that is not there now may come back, and until then it is said
/// that it is our fault; a file that cannot be opened never will. Which store it is; `None` where a signal came first.
fn first_read(store: &Source, serving: &Serving, signals: &mut Signals) -> anyhow::Result<Option<Uuid>> {
    let mut said = None;
    loop {
        match store.open(serving.own_url()) {
            Ok(callers) => {
                let read = callers.store();
                serving.begin(callers);
                return Ok(Some(read));
            }
            Err(unavailable) if !store.may_come_back(&unavailable) => return Err(unavailable.into()),
            Err(unavailable) => {
                if said.as_ref() != Some(&unavailable) {
                    serving.not_yet(&unavailable);
                }
                said = Some(unavailable);
            }
        }
        thread::sleep(AGAIN);
        if signals.pending().any(|signal| signal != SIGHUP) {
            return Ok(None);
        }
    }
}

/// What this server is called among those of the store: its host, its process, and when it began.
fn instance() -> String {
    let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
    let began = system_clock().map_or(0, Timestamp::as_millis);
    let host: String = host.chars().take(60).collect();
    format!("{host}/{}/{began}", std::process::id())
}

/// The store, before it is opened.
struct Source {
    location: Location,
    /// Whether provider secrets are handed out.
    resolves: bool,
    /// Where the configuration file says that the master key is.
    master_key: Option<Setting<MasterKeySource>>,
    workers: usize,
    /// Told of each change that is in force.
    uses: Uses,
}

impl Source {
    fn of(context: &Context, resolves: bool, workers: usize, uses: Uses) -> anyhow::Result<Self> {
        if resolves {
            // What is wrong with the master key is said before anything is served.
            MasterKeys::configured(context.settings.master_key.as_ref())
                .map_err(|error| no_master_key(&error))?;
        }
        let master_key = context.settings.master_key.clone();
        Ok(Self { location: context.location()?, resolves, master_key, workers, uses })
    }

    /// `own_url` is where tokens are from if the store says nothing.
    fn open(&self, own_url: Option<String>) -> Result<Callers, Unavailable> {
        let read = || MasterKeys::configured(self.master_key.as_ref()).ok().flatten();
        let master_keys = if self.resolves { read() } else { None };
        let uses = self.uses.clone();
        let on_mark: OnMark = Box::new(move |counter| uses.in_force(counter));
        let settings =
            // What a token spends that a secret is asked for with is counted here.
            Settings {
                master_keys,
                allow_unmetered: true,
                workers: self.workers,
                on_mark: Some(on_mark),
                own_url,
                ..Settings::default()
            };
        Callers::open(self.location.clone(), None, settings)
    }

    fn may_come_back(&self, unavailable: &Unavailable) -> bool {
        matches!(self.location, Location::Postgres(_))
            && matches!(unavailable.fault, StoreFault::Unreachable | StoreFault::Timeout | StoreFault::Pool)
    }
}

/// Where the key that signs tokens is read, and what it is sealed under.
fn issuing(context: &Context, settings: &ServeSettings) -> anyhow::Result<Option<Signing>> {
    let Some(store) = &settings.issue_store else { return Ok(None) };
    let hint = "the key that signs tokens is sealed by it: set KEYCTL_MASTER_KEY_FILE, or master_key_file in the \
                configuration file; or leave --issue-store out";
    let master_keys = MasterKeys::configured(context.settings.master_key.as_ref())
        .map_err(|error| CliError::new(Kind::KeyUnavailable, error.to_string(), hint))?;
    let master_keys =
        master_keys.ok_or_else(|| CliError::new(Kind::KeyUnavailable, "no master key is set", hint))?;
    Ok(Some(Signing { location: context.other(store)?, master_keys }))
}

fn no_master_key(error: &MasterKeysError) -> CliError {
    CliError::new(
        Kind::KeyUnavailable,
        error.to_string(),
        "provider secrets are handed out: resolve, or upstream_key of a policy",
    )
}

/// Whether keys with a quota could be counted: all that is written then is tried, and taken back.
fn say_what_is_recorded(context: &Context, settings: &ServeSettings) -> anyhow::Result<()> {
    let Some(batch) = settings::quota_batch(settings) else {
        context.ui.note("nothing would be recorded, and keys with a quota would be refused: read_only");
        return Ok(());
    };
    let options = Options { listen: store::unheard, alone: false, ..context.options };
    match UseWriter::new(context.location()?, options, WITHIN).may_write("serve --check", 0) {
        Ok(true) => {
            context.ui.note(&format!("keys with a quota are counted, in batches of {batch} at most"));
        }
        Ok(false) => context
            .ui
            .note("whether keys with a quota are counted cannot be told now: the store is being changed"),
        Err(error) => {
            let said = format!("use would not be recorded, and keys with a quota would be refused: {error}");
            context.ui.warn(&said);
        }
    }
    Ok(())
}

/// What clients of OAuth are told of policies' resources, and what the servers behind them get.
fn say_what_policies_stand_before(context: &Context, settings: &ServeSettings, callers: &Callers) {
    let table = callers.table();
    for policy in settings.policies.iter() {
        let name = policy.name();
        if let Some(resource) = &policy.resource {
            context.ui.note(&format!("@{name} stands before {resource}: {}", resource.metadata_url()));
            let audience = resource.audience();
            if table.issuer().is_none() {
                let why =
                    "the store has no issuer: clients are told of no authorization server, and bring keys";
                context.ui.warn(&format!("@{name}: {why}"));
            } else if !table.audiences().contains(&audience) {
                let why = "is no audience of the store, so no short-lived token can be for it alone";
                context.ui.warn(&format!("@{name}: {audience} {why}: keyctl store set audience"));
            }
        }
        if let Some(key) = &policy.upstream_key {
            let (provider, header) = (&key.provider, key.header.as_str());
            context
                .ui
                .note(&format!("@{name} returns the secret for {provider} in {header}, each time recorded"));
        }
    }
    let returns_keys = settings.policies.iter().any(|policy| policy.upstream_key.is_some());
    if returns_keys && matches!(MasterKeys::configured(context.settings.master_key.as_ref()), Ok(None)) {
        context.ui.warn("no master key is set, and so no key of an upstream's can be returned");
    }
}

/// Whether it could serve: the configuration was read, the certificate can be used, the store can be read.
pub(super) fn check(context: &mut Context, settings: &ServeSettings) -> anyhow::Result<()> {
    if let Some(tls) = &settings.tls {
        check_tls(&tls.value)?;
    }
    let workers = settings::workers(settings);
    let callers = Source::of(context, settings.hands_out_secrets(), workers, Uses::new(system_clock, None))?
        .open(None)?;
    if let Some(warning) = callers.reader().warning() {
        context.ui.warn(warning);
    }
    revoking::check(context, settings, callers.store())?;
    leasing::check(context, settings.lease_store.as_ref(), callers.store())?;
    match issuing(context, settings)? {
        None => context.ui.note("POST /token is off: no --issue-store is named"),
        Some(signing) => match callers.try_to_sign(signing) {
            Ok(()) => context.ui.note("keys may be exchanged for short-lived tokens: POST /token"),
            Err(why) => context.ui.warn(&format!("POST /token would be 503: {why}")),
        },
    }
    say_what_is_recorded(context, settings)?;
    for listener in &settings.listen.value {
        context.ui.note(&format!("would listen on {listener}"));
    }
    let policies = settings.policies.iter().map(|policy| format!("@{}", policy.name())).collect::<Vec<_>>();
    match policies.as_slice() {
        [] => context.ui.note("no policies: gateways ask for scopes"),
        some => context.ui.note(&format!("policies: {}", some.join(", "))),
    }
    say_what_policies_stand_before(context, settings, &callers);
    context.ui.note("the store can be read; nothing was served");
    Ok(())
}
