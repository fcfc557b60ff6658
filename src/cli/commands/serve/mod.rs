//! `keyctl serve`

pub(in crate::cli::commands) mod changing;
pub(in crate::cli::commands) mod doors;
pub(in crate::cli::commands) mod ending;
mod explain;
mod leasing;
mod revoking;
mod running;
mod settings;

use std::path::PathBuf;

use clap::ValueHint;

use crate::cli::context::Context;
use crate::config::serve::listener::Listener;
use crate::config::serve::serve_file::{LogFormat, LogLevel};
use crate::domain::keys::network::{NetworkError, Networks};

/// Answer gateways and servers over HTTP: who is this, and may it?
///
/// Reads the store as services do: a change is in force within five seconds. Policies and limits stand in
/// the file that --config names. Ends on SIGTERM when what is under way is answered; SIGHUP reads the certificate again.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl serve
  keyctl serve --config /etc/keyctl/serve.toml --check
  keyctl serve --config /etc/keyctl/serve.toml --explain 'GET /v1/memories/alice' --as-key alice/laptop
  keyctl serve --listen 127.0.0.1:8711=internal --listen unix:/run/keyctl/keyctl.sock=all")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command")]
pub(crate) struct Args {
    /// Its configuration file: policies, limits, TLS
    #[arg(long, value_name = "FILE", env = "KEYCTL_SERVE_CONFIG", hide_env_values = true)]
    #[arg(value_hint = ValueHint::FilePath)]
    config: Option<PathBuf>,
    /// Where to listen, and for whom: ADDRESS=public|internal|all; may be repeated [default: 127.0.0.1:8711=all]
    #[arg(
        long,
        value_name = "ADDRESS",
        env = "KEYCTL_SERVE_LISTEN",
        value_delimiter = ',',
        hide_env_values = true
    )]
    listen: Vec<Listener>,
    /// Listen beyond this machine without TLS, since something else protects it
    #[arg(long)]
    insecure_listen: bool,
    /// Networks of proxies, whose X-Forwarded-For is believed; may be repeated
    #[arg(long, value_name = "NETWORK", env = "KEYCTL_SERVE_TRUSTED_PROXIES", hide_env_values = true)]
    #[arg(value_parser = networks)]
    trusted_proxy: Option<Networks>,
    /// Let everything pass, and only count what would be refused
    #[arg(long)]
    observe: bool,
    /// Record nothing, and refuse keys with a quota: for a role or a file that may not be written
    #[arg(long)]
    read_only: bool,
    /// Let whoever holds a token revoke its key, POST /revoke, at this second address of the store
    #[arg(long, value_name = "STORE", env = "KEYCTL_SERVE_CHANGES_STORE", hide_env_values = true)]
    #[arg(value_hint = ValueHint::AnyPath)]
    changes_store: Option<String>,
    /// Exchange keys for short-lived tokens, POST /token, with the signing key read at this address of the store
    #[arg(long, value_name = "STORE", env = "KEYCTL_SERVE_ISSUE_STORE", hide_env_values = true)]
    #[arg(value_hint = ValueHint::AnyPath)]
    issue_store: Option<String>,
    /// Hand out tokens of credentials, got anew before they end, POST /lease and /resolve, from this address of the store
    #[arg(long, value_name = "STORE", env = "KEYCTL_SERVE_LEASE_STORE", hide_env_values = true)]
    #[arg(value_hint = ValueHint::AnyPath)]
    lease_store: Option<String>,
    /// Threads [default: one for each processor]
    #[arg(long, value_name = "NUMBER", env = "KEYCTL_SERVE_WORKERS", hide_env_values = true)]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=256))]
    workers: Option<u64>,
    /// How the log is written: text or json [default: text]
    #[arg(long, value_name = "FORMAT", env = "KEYCTL_SERVE_LOG_FORMAT", hide_env_values = true)]
    log_format: Option<LogFormat>,
    /// How much is logged: error, warn, info or debug [default: info]
    #[arg(long, value_name = "LEVEL", env = "KEYCTL_SERVE_LOG_LEVEL", hide_env_values = true)]
    log_level: Option<LogLevel>,
    /// Look whether it could serve, and serve nothing
    #[arg(long)]
    check: bool,
    #[command(flatten)]
    explain: explain::ExplainArgs,
}

fn networks(text: &str) -> Result<Networks, NetworkError> {
    Networks::parse_lists([text])
}

pub(in crate::cli) fn run(context: &mut Context, args: &Args) -> anyhow::Result<()> {
    let settings = settings::of(args, &context.environment)?;
    if args.explain.explain.is_some() {
        return explain::run(context, &args.explain, &settings);
    }
    if args.check {
        return running::check(context, &settings);
    }
    running::run(context, settings)
}
