//! From what was typed, variables and the file to what the server is given.

use std::thread::available_parallelism;
use std::time::Duration;

use super::Args;
use crate::config::serve::serve_settings::{GivenToServe, ServeSettings, resolve};
use crate::config::serve::{serve_file, serve_settings::Limits};
use crate::config::{ConfigError, Environment, Origin, Setting, source};
use crate::domain::policies::proxies::Proxies;
use crate::server::{Rules, Sizes, Times};

/// What is in force.
pub(super) fn of(args: &Args, environment: &Environment) -> Result<ServeSettings, ConfigError> {
    let source = args.config.as_deref().map(source::read_for_serve).transpose()?;
    let file = source.map(|source| serve_file::parse(&source, environment.home.as_deref())).transpose()?;
    resolve(given(args), file)
}

/// A flag over its variable, which clap has read: which of the two it was is not told apart.
fn given(args: &Args) -> GivenToServe {
    fn set<T>(value: Option<T>, flag: &'static str) -> Option<Setting<T>> {
        value.map(|value| Setting { value, origin: Origin::Flag(flag) })
    }
    GivenToServe {
        listen: set((!args.listen.is_empty()).then(|| args.listen.clone()), "--listen"),
        insecure_listen: set(args.insecure_listen.then_some(true), "--insecure-listen"),
        trusted_proxies: set(args.trusted_proxy.clone(), "--trusted-proxy"),
        observe: set(args.observe.then_some(true), "--observe"),
        read_only: set(args.read_only.then_some(true), "--read-only"),
        changes_store: set(args.changes_store.clone(), "--changes-store"),
        lease_store: set(args.lease_store.clone(), "--lease-store"),
        issue_store: set(args.issue_store.clone(), "--issue-store"),
        workers: set(args.workers, "--workers"),
        log_format: set(args.log_format, "--log-format"),
        log_level: set(args.log_level, "--log-level"),
        ..GivenToServe::default()
    }
}

/// Threads: one for each processor where nobody says how many.
pub(super) fn workers(settings: &ServeSettings) -> usize {
    let said = settings.workers.as_ref().and_then(|workers| usize::try_from(workers.value).ok());
    said.unwrap_or_else(|| available_parallelism().map_or(1, usize::from))
}

/// How many of one quota are let in before they are written; `None` where nothing is.
pub(super) fn quota_batch(settings: &ServeSettings) -> Option<u64> {
    (!settings.read_only.value).then_some(settings.limits.quota_batch.value)
}

/// How long an answer may take to be made and taken.
const ANSWER: Duration = Duration::from_secs(30);

pub(super) fn rules(settings: ServeSettings) -> Rules {
    let Limits {
        header_bytes,
        body_bytes,
        connections,
        header_timeout,
        idle_timeout,
        request_timeout,
        failed_attempts,
        quota_batch: _,
    } = settings.limits;
    let size = |bytes: Setting<u64>| usize::try_from(bytes.value).unwrap_or(usize::MAX);
    Rules {
        policies: settings.policies,
        proxies: Proxies::of(settings.trusted_proxies.value),
        observe: settings.observe.value,
        realm: "keyctl".to_owned(),
        resource: settings.resource.map(|resource| resource.value),
        resolve: settings.resolve.value,
        leases: settings.lease_store.is_some(),
        sizes: Sizes { head: size(header_bytes), body: size(body_bytes) },
        times: Times {
            idle: idle_timeout.value,
            head: header_timeout.value,
            rest: request_timeout.value,
            answer: ANSWER,
        },
        connections: size(connections),
        failed_attempts: size(failed_attempts),
        labels: settings.labels,
    }
}
