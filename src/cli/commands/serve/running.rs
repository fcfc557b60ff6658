//! From the store that is opened to the signal that ends it.

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use super::settings;
use crate::cli::context::{Context, system_clock};
use crate::cli::error::{CliError, Kind};
use crate::cli::terminal::ui::Ui;
use crate::config::serve::serve_settings::ServeSettings;
use crate::runtime::{MasterKeys, MasterKeysError, Options, Reader};
use crate::server::{Log, Serving, check_tls};

/// Connections to the store at most: more are asked for only while it is slow.
const CONNECTIONS: usize = 8;

pub(super) fn run(context: &mut Context, settings: ServeSettings) -> anyhow::Result<()> {
    // Before anything is answered, so that none is missed.
    let mut signals = Signals::new([SIGTERM, SIGINT, SIGHUP])?;
    let log = Log::new(Ui::log, settings.log_format.value, settings.log_level.value, system_clock);
    let (workers, listeners) = (settings::workers(&settings), settings.listen.value.clone());
    let tls = settings.tls.as_ref().map(|tls| tls.value.clone());
    let resolves = settings.resolve.value;
    let serving = Serving::start(settings::rules(settings), &listeners, tls.as_ref(), workers, log)?;
    serving.begin(reader(context, resolves)?);
    for signal in signals.forever() {
        match signal {
            SIGHUP => serving.reload(),
            _ => break,
        }
    }
    serving.stop();
    Ok(())
}

/// Whether it could serve: the configuration was read, the certificate can be used, the store can be read.
pub(super) fn check(context: &mut Context, settings: &ServeSettings) -> anyhow::Result<()> {
    if let Some(tls) = &settings.tls {
        check_tls(&tls.value)?;
    }
    let reader = reader(context, settings.resolve.value)?;
    if let Some(warning) = reader.warning() {
        context.ui.warn(warning);
    }
    for listener in &settings.listen.value {
        context.ui.note(&format!("would listen on {listener}"));
    }
    let policies = settings.policies.iter().map(|policy| format!("@{}", policy.name())).collect::<Vec<_>>();
    match policies.as_slice() {
        [] => context.ui.note("no policies: gateways ask for scopes"),
        some => context.ui.note(&format!("policies: {}", some.join(", "))),
    }
    context.ui.note("the store can be read; nothing was served");
    Ok(())
}

fn reader(context: &mut Context, resolves: bool) -> anyhow::Result<Reader> {
    let location = context.location()?;
    let master_keys =
        if resolves { MasterKeys::from_environment().map_err(|error| no_master_key(&error))? } else { None };
    let options = Options { master_keys, connections: CONNECTIONS, ..Options::default() };
    Ok(Reader::at(location, options)?)
}

fn no_master_key(error: &MasterKeysError) -> CliError {
    CliError::new(Kind::KeyUnavailable, error.to_string(), "provider secrets are handed out: resolve = true")
}
