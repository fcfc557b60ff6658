//! `keyctl leaks serve`

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use clap::ValueHint;
use sd_notify::NotifyState;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::cli::commands::serve::changing::check_role;
use crate::cli::commands::serve::doors;
use crate::cli::commands::serve::ending::{end_at_the_next, notify};
use crate::cli::context::{Context, system_clock};
use crate::cli::error::CliError;
use crate::cli::process;
use crate::cli::terminal::ui::Ui;
use crate::config::master_key;
use crate::config::serve::listener::{Address, Listener};
use crate::config::serve::serve_file::{LogFormat, LogLevel, Tls};
use crate::domain::audit::event::Actor;
use crate::domain::keys::network::{NetworkError, Networks};
use crate::domain::leaks::policy::{Policy, Rule};
use crate::domain::policies::proxies::Proxies;
use crate::domain::secrets::secret::SecretValue;
use crate::ops;
use crate::ops::desk::Opening;
use crate::ops::env::Env;
use crate::ops::keys::holder;
use crate::ops::leaks::senders::{LONGEST_LIST, ReportKeys};
use crate::ops::portal::faults::Fault;
use crate::server::leaks::{Intake, Keys, Rules};
use crate::server::{Log, check_tls};
use crate::store::{Changing, Location};

/// Take reports of leaked tokens over HTTP, and stop what is reported
///
/// From GitHub's secret scanning, as a webhook or in the partner format; from scanners, with a key of the scope keyctl:report.
/// Nothing happens by an id or a public part, and what happens by a whole token is what --rule says: else it is recorded.
/// Give it a role of its own: keyctl store grant ROLE --for leaks. Ends on SIGTERM when what is under way is answered; SIGHUP
/// reads the certificate again.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl leaks serve --rule revoke
  keyctl leaks serve --rule suspend:label=env=prod --rule revoke:prefix=acme_test
  keyctl leaks serve --rule revoke --github-secret-file hook.secret
  keyctl leaks serve --rule revoke --github-keys https://api.github.com/meta/public_keys/secret_scanning
  keyctl leaks serve --check")]
pub(crate) struct Args {
    /// What becomes of a token that works: record, suspend or revoke, of all or of some; the first that fits. May be repeated
    #[arg(
        long = "rule",
        value_name = "RULE",
        env = "KEYCTL_LEAKS_RULES",
        value_delimiter = ',',
        hide_env_values = true
    )]
    rules: Vec<Rule>,
    /// Holds the secret that GitHub signs webhooks with
    #[arg(long, value_name = "FILE", env = "KEYCTL_LEAKS_GITHUB_SECRET_FILE", hide_env_values = true)]
    #[arg(value_hint = ValueHint::FilePath)]
    github_secret_file: Option<PathBuf>,
    /// The keys of GitHub's partner program: the address of their list, or a file that holds it
    #[arg(long, value_name = "URL", env = "KEYCTL_LEAKS_GITHUB_KEYS", hide_env_values = true)]
    github_keys: Option<String>,
    /// Where to listen: an address with a port, or unix:PATH; may be repeated [default: 127.0.0.1:8713]
    #[arg(
        long,
        value_name = "ADDRESS",
        env = "KEYCTL_LEAKS_LISTEN",
        value_delimiter = ',',
        hide_env_values = true
    )]
    listen: Vec<Address>,
    /// Listen beyond this machine without TLS, since something else protects it
    #[arg(long)]
    insecure_listen: bool,
    /// Its certificate with those above it, as PEM
    #[arg(long, value_name = "FILE", env = "KEYCTL_LEAKS_TLS_CERT", hide_env_values = true)]
    #[arg(requires = "tls_key", value_hint = ValueHint::FilePath)]
    tls_cert: Option<PathBuf>,
    /// The certificate's private key, as PEM
    #[arg(long, value_name = "FILE", env = "KEYCTL_LEAKS_TLS_KEY", hide_env_values = true)]
    #[arg(requires = "tls_cert", value_hint = ValueHint::FilePath)]
    tls_key: Option<PathBuf>,
    /// Networks of proxies, whose X-Forwarded-For is believed; may be repeated
    #[arg(long, value_name = "NETWORK", env = "KEYCTL_LEAKS_TRUSTED_PROXIES", hide_env_values = true)]
    #[arg(value_parser = networks)]
    trusted_proxy: Option<Networks>,
    /// How the log is written: text or json [default: text]
    #[arg(long, value_name = "FORMAT", env = "KEYCTL_LEAKS_LOG_FORMAT", hide_env_values = true)]
    log_format: Option<LogFormat>,
    /// How much is logged: error, warn, info or debug [default: info]
    #[arg(long, value_name = "LEVEL", env = "KEYCTL_LEAKS_LOG_LEVEL", hide_env_values = true)]
    log_level: Option<LogLevel>,
    /// Look whether it could serve, and serve nothing
    #[arg(long)]
    check: bool,
}

fn networks(text: &str) -> Result<Networks, NetworkError> {
    Networks::parse_lists([text])
}

const PORT: u16 = 8713;

/// How long the lock of a change is waited for, and how often a store that was never read is tried.
const WITHIN: Duration = Duration::from_secs(2);
const AGAIN: Duration = Duration::from_secs(1);

/// Who changes what was reported, in the audit log.
const SERVER: &str = "keyctl leaks serve";

impl Args {
    fn secret(&self, context: &Context) -> anyhow::Result<Option<SecretValue>> {
        let Some(path) = &self.github_secret_file else { return Ok(None) };
        let shown = master_key::shown(path);
        let hint = "name a file that holds one line, the webhook's secret";
        let file = master_key::read_file(path, master_key::secrets_dir().as_deref()).map_err(|error| {
            let hint = match &error {
                master_key::KeyFileError::Io(_) => hint.to_owned(),
                _ => error.hint(path),
            };
            CliError::invalid(format!("{shown}: {error}"), hint)
        })?;
        if file.warning.is_some() {
            context.ui.warn(&format!("all users can read the webhook's secret in {shown}"));
        }
        let secret = SecretValue::from_bytes(file.text.expose(), false)
            .map_err(|error| CliError::invalid(format!("{shown}: it is no secret: {error}"), hint))?;
        Ok(Some(secret))
    }

    fn keys(&self, context: &Context) -> anyhow::Result<Option<Keys>> {
        let Some(named) = &self.github_keys else { return Ok(None) };
        if named.starts_with("https://") || named.starts_with("http://") {
            let endpoint = named.parse().map_err(|error| {
                let hint = "GitHub's is https://api.github.com/meta/public_keys/secret_scanning";
                CliError::invalid(format!("--github-keys: {error}"), hint)
            })?;
            return Ok(Some(Keys::Asked { endpoint, outbound: Box::new(context.outbound()) }));
        }
        let invalid = |why: String| {
            let hint = "keep there what https://api.github.com/meta/public_keys/secret_scanning answers, or name that address";
            CliError::invalid(format!("{}: {why}", master_key::shown(Path::new(named))), hint)
        };
        let mut text = Vec::new();
        File::open(named)
            .and_then(|file| file.take(LONGEST_LIST as u64).read_to_end(&mut text))
            .map_err(|error| invalid(error.to_string()))?;
        let keys = ReportKeys::parse(&text).map_err(|error| invalid(error.to_string()))?;
        Ok(Some(Keys::Given(keys)))
    }
}

pub(super) fn run(context: &mut Context, args: &Args) -> anyhow::Result<()> {
    let listeners = doors::listeners(&args.listen, PORT, args.tls_cert.is_some(), args.insecure_listen)?;
    let tls = args.tls_cert.clone().zip(args.tls_key.clone());
    let tls = tls.map(|(certificate, key)| Tls { certificate, key });
    if let Some(tls) = &tls {
        check_tls(tls)?;
    }
    let rules = Rules {
        policy: Arc::new(Policy(args.rules.clone())),
        secret: args.secret(context)?,
        keys: args.keys(context)?,
        proxies: Proxies::of(args.trusted_proxy.clone().unwrap_or_default()),
    };
    let location = context.location()?;
    let actor = Actor { claimed: Some(SERVER.to_owned()), ..context.actor()? };
    let open = context.opener(location.clone(), actor, WITHIN)?;
    if args.check {
        return check(context, args, &rules, &listeners, &open);
    }
    process::allow_open_files();
    // Before anything is answered, so that none is missed.
    let mut signals = Signals::new([SIGTERM, SIGINT, SIGHUP])?;
    let log = || {
        let (format, level) = (args.log_format.unwrap_or_default(), args.log_level.unwrap_or_default());
        Log::new(Ui::log, format, level, system_clock)
    };
    let last_word = log();
    if !first_read(&location, &open, &mut signals, &log())? {
        return Ok(());
    }
    let intake = Intake::start(rules, &listeners, tls.as_ref(), log())?;
    intake.begin(Opening { open: Box::new(open), is_kept: !matches!(location, Location::Sqlite(_)) })?;
    notify(NotifyState::Ready);
    for signal in signals.forever() {
        match signal {
            SIGHUP => intake.reload(),
            _ => break,
        }
    }
    notify(NotifyState::Stopping);
    end_at_the_next(signals, last_word)?;
    intake.stop();
    Ok(())
}

fn check(
    context: &Context,
    args: &Args,
    rules: &Rules,
    listeners: &[Listener],
    open: &impl Fn() -> Result<Env, ops::Error>,
) -> anyhow::Result<()> {
    let mut env = open()?;
    if let Some(role) = env.store.changing_role(Changing::Leaks)? {
        check_role(context, "--store", "leaks", "stop what is reported", &role)?;
    }
    holder::rehearse(&mut env)?;
    for listener in listeners {
        context.ui.note(&format!("would listen on {}", listener.address));
    }
    for rule in &args.rules {
        context.ui.note(&format!("rule: {rule}"));
    }
    context.ui.note("what no rule fits is recorded, and nothing is stopped for it");
    if rules.secret.is_none() {
        context.ui.note("no webhook of GitHub's is taken: there is no --github-secret-file");
    }
    match &rules.keys {
        None => context.ui.note("nothing of GitHub's partner program is taken: there is no --github-keys"),
        Some(Keys::Given(_)) => {}
        Some(Keys::Asked { endpoint, outbound }) => {
            ReportKeys::fetch(&**outbound, endpoint).map_err(|error| {
                let hint =
                    "look whether it can be reached from here, or name a file that holds what it answers";
                CliError::invalid(format!("--github-keys: {error}"), hint)
            })?;
        }
    }
    context.ui.note("the store can be read and changed; nothing was served");
    Ok(())
}

/// Waits until the store can be read. A server that is not there now may come back; what else is wrong never will. Whether it could,
/// before a signal came.
fn first_read(
    location: &Location,
    open: &impl Fn() -> Result<Env, ops::Error>,
    signals: &mut Signals,
    log: &Log,
) -> anyhow::Result<bool> {
    let mut is_said = false;
    loop {
        match open() {
            Ok(_) => return Ok(true),
            Err(error) if matches!(location, Location::Sqlite(_)) || Fault::of(&error) != Fault::Away => {
                return Err(error.into());
            }
            Err(error) if !is_said => {
                let why = format!("the store cannot be read yet, and is tried again: {error}");
                log.say(LogLevel::Error, &why);
                is_said = true;
            }
            Err(_) => {}
        }
        thread::sleep(AGAIN);
        if signals.pending().any(|signal| signal != SIGHUP) {
            return Ok(false);
        }
    }
}
