//! `keyctl portal`

use std::path::PathBuf;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use clap::ValueHint;
use sd_notify::NotifyState;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use super::oidc::OidcArgs;
use crate::cli::commands::serve::changing::check_role;
use crate::cli::commands::serve::doors;
use crate::cli::commands::serve::ending::{end_at_the_next, notify};
use crate::cli::context::{Context, system_clock};
use crate::cli::error::CliError;
use crate::cli::process;
use crate::cli::terminal::ui::Ui;
use crate::config::serve::listener::Address;
use crate::config::serve::serve_file::{LogFormat, LogLevel, Tls};
use crate::domain::audit::event::Actor;
use crate::domain::keys::network::{NetworkError, Networks};
use crate::domain::policies::proxies::Proxies;
use crate::domain::portal::origin::Origin;
use crate::ops;
use crate::ops::desk::Opening;
use crate::ops::env::Env;
use crate::ops::keys::holder;
use crate::ops::portal::faults::Fault;
use crate::ops::portal::oidc::{Provider, check};
use crate::ops::tokens::issue::signer;
use crate::providers::client_document::KeptDocuments;
use crate::server::portal::{Issuing, Portal, Rules};
use crate::server::{Log, check_tls};
use crate::store::{Changing, Location};

/// Serve the pages where people get their own keys
///
/// They sign in with an invitation's link or with a key of the scope keyctl:self, and make, replace, suspend and revoke keys of
/// their own; with keyctl:admin, those of everybody. Give it a role of its own: keyctl store grant ROLE --for portal,
/// and with --issue --for portal-issue. Ends on SIGTERM when what is under way is answered; SIGHUP reads the certificate again.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl portal --origin https://keys.example.com
  keyctl portal --origin https://keys.example.com --listen 0.0.0.0:443 --tls-cert cert.pem --tls-key key.pem
  keyctl portal --origin https://keys.example.com --oidc https://id.example.com --oidc-client-id keys
  keyctl portal --origin https://keys.example.com --listen unix:/run/keyctl/portal.sock --check
  keyctl portal --origin http://localhost:8712")]
pub(crate) struct Args {
    /// The address that people type: https and a host, and a port if it is not 443 [default: that of the store]
    #[arg(long, value_name = "URL", env = "KEYCTL_PORTAL_ORIGIN", hide_env_values = true)]
    origin: Option<Origin>,
    /// Where to listen: an address with a port, or unix:PATH; may be repeated [default: 127.0.0.1:8712]
    #[arg(
        long,
        value_name = "ADDRESS",
        env = "KEYCTL_PORTAL_LISTEN",
        value_delimiter = ',',
        hide_env_values = true
    )]
    listen: Vec<Address>,
    /// Listen beyond this machine without TLS, since something else protects it
    #[arg(long)]
    insecure_listen: bool,
    /// Its certificate with those above it, as PEM
    #[arg(long, value_name = "FILE", env = "KEYCTL_PORTAL_TLS_CERT", hide_env_values = true)]
    #[arg(requires = "tls_key", value_hint = ValueHint::FilePath)]
    tls_cert: Option<PathBuf>,
    /// The certificate's private key, as PEM
    #[arg(long, value_name = "FILE", env = "KEYCTL_PORTAL_TLS_KEY", hide_env_values = true)]
    #[arg(requires = "tls_cert", value_hint = ValueHint::FilePath)]
    tls_key: Option<PathBuf>,
    /// Networks of proxies, whose X-Forwarded-For is believed; may be repeated
    #[arg(long, value_name = "NETWORK", env = "KEYCTL_PORTAL_TRUSTED_PROXIES", hide_env_values = true)]
    #[arg(value_parser = networks)]
    trusted_proxy: Option<Networks>,
    // Not as a comment, where the address would need marks that help does not have.
    #[arg(help = "Where keys are used, for the lines that show how [default: https://api.example.com]")]
    #[arg(long, value_name = "URL", env = "KEYCTL_PORTAL_SERVICE_URL", hide_env_values = true)]
    #[arg(value_parser = service)]
    service_url: Option<String>,
    #[command(flatten)]
    oidc: OidcArgs,
    /// Let programs that speak MCP in for people: sign tokens for them, as the issuer of the store
    #[arg(long, env = "KEYCTL_PORTAL_ISSUE", hide_env_values = true)]
    issue: bool,
    /// How the log is written: text or json [default: text]
    #[arg(long, value_name = "FORMAT", env = "KEYCTL_PORTAL_LOG_FORMAT", hide_env_values = true)]
    log_format: Option<LogFormat>,
    /// How much is logged: error, warn, info or debug [default: info]
    #[arg(long, value_name = "LEVEL", env = "KEYCTL_PORTAL_LOG_LEVEL", hide_env_values = true)]
    log_level: Option<LogLevel>,
    /// Look whether it could serve, and serve nothing
    #[arg(long)]
    check: bool,
}

fn networks(text: &str) -> Result<Networks, NetworkError> {
    Networks::parse_lists([text])
}

/// Shown as it is in lines that are copied, so nothing of it may be more than an address.
fn service(text: &str) -> Result<String, &'static str> {
    let text = text.trim_end_matches('/');
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).unwrap_or_default();
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b".-_~:/[]".contains(&byte);
    let is_address = !rest.is_empty() && rest.bytes().all(fits);
    if is_address {
        Ok(text.to_owned())
    } else {
        Err("write https:// and a host, and a path if there is one")
    }
}

const PORT: u16 = 8712;

const SERVICE: &str = "https://api.example.com";

/// How long the lock of a change is waited for, and how often a store that was never read is tried.
const WITHIN: Duration = Duration::from_secs(2);
const AGAIN: Duration = Duration::from_secs(1);

/// Who changes what nobody is signed in for, in the audit log.
const SERVER: &str = "keyctl portal";

pub(in crate::cli) fn run(context: &mut Context, args: &Args) -> anyhow::Result<()> {
    let listeners = doors::listeners(&args.listen, PORT, args.tls_cert.is_some(), args.insecure_listen)?;
    let tls = args.tls_cert.clone().zip(args.tls_key.clone());
    let tls = tls.map(|(certificate, key)| Tls { certificate, key });
    if let Some(tls) = &tls {
        check_tls(tls)?;
    }
    let oidc = args.oidc.read(context)?;
    let location = context.location()?;
    let actor = Actor { claimed: Some(SERVER.to_owned()), ..context.actor()? };
    let open = context.opener(location.clone(), actor, WITHIN)?;
    if args.check {
        let mut env = open()?;
        let (changing, word) =
            if args.issue { (Changing::PortalIssue, "portal-issue") } else { (Changing::Portal, "portal") };
        if let Some(role) = env.store.changing_role(changing)? {
            check_role(context, "--store", word, "serve the portal", &role)?;
        }
        holder::rehearse(&mut env)?;
        let origin = origin(args, &mut env)?;
        if let Some(oidc) = &oidc {
            check(&mut env, &oidc.provider, Some(&*oidc.outbound))?;
            context.ui.note(&format!("people could sign in at {}", oidc.provider.issuer));
        }
        if let Some(issuing) = issuing(context, args, &origin, &mut env)? {
            context.ui.note(&format!("programs would be let in by {}", issuing.issuer));
        }
        for listener in &listeners {
            context.ui.note(&format!("would listen on {}", listener.address));
        }
        context.ui.note(&format!("the pages would be at {origin}"));
        context.ui.note("the store can be read and changed; nothing was served");
        return Ok(());
    }
    process::allow_open_files();
    // Before anything is answered, so that none is missed.
    let mut signals = Signals::new([SIGTERM, SIGINT, SIGHUP])?;
    let log = || {
        Log::new(
            Ui::log,
            args.log_format.unwrap_or_default(),
            args.log_level.unwrap_or_default(),
            system_clock,
        )
    };
    let last_word = log();
    let provider = oidc.as_ref().map(|oidc| &oidc.provider);
    let Some(origin) = first_read(args, provider, &location, &open, &mut signals, &log())? else {
        return Ok(());
    };
    let issuing = if args.issue { issuing(context, args, &origin, &mut open()?)? } else { None };
    let rules = Rules {
        origin,
        service: args.service_url.clone().unwrap_or_else(|| SERVICE.to_owned()),
        proxies: Proxies::of(args.trusted_proxy.clone().unwrap_or_default()),
    };
    let portal = Portal::start(rules, oidc, issuing, &listeners, tls.as_ref(), log())?;
    portal.begin(Opening { open: Box::new(open), is_kept: true })?;
    notify(NotifyState::Ready);
    for signal in signals.forever() {
        match signal {
            SIGHUP => portal.reload(),
            _ => break,
        }
    }
    notify(NotifyState::Stopping);
    end_at_the_next(signals, last_word)?;
    portal.stop();
    Ok(())
}

/// Where tokens for programs are from: the issuer of the store, which is this site, and has a key that signs.
fn issuing(
    context: &Context,
    args: &Args,
    origin: &Origin,
    env: &mut Env,
) -> anyhow::Result<Option<Issuing>> {
    if !args.issue {
        return Ok(None);
    }
    let Some(issuer) = env.store.head()?.issuer else {
        let hint = format!("say where tokens are from: keyctl store set issuer {origin}");
        return Err(CliError::invalid("the store has no issuer", hint).into());
    };
    if issuer.as_str().trim_end_matches('/') != origin.as_str() {
        let message = format!("the issuer of the store is {issuer}, and the pages are at {origin}");
        let hint = "programs are let in by the issuer alone: serve the pages there, or leave out --issue";
        return Err(CliError::invalid(message, hint).into());
    }
    // What it lacks is told by name, and not by the first statement that fails.
    if let Some(role) = env.store.changing_role(Changing::PortalIssue)?
        && !role.lacks.is_empty()
    {
        check_role(context, "--store", "portal-issue", "let programs in", &role)?;
    }
    let ring = context.ring(&mut env.store)?;
    signer(&mut env.store, &ring)?;
    let documents = Arc::new(KeptDocuments::new(context.outbound()));
    Ok(Some(Issuing { issuer, ring: Arc::new(ring), documents }))
}

/// Which site the pages are: what was named, or what the store says.
fn origin(args: &Args, env: &mut Env) -> anyhow::Result<Origin> {
    if let Some(origin) = &args.origin {
        return Ok(origin.clone());
    }
    let Some(portal) = env.store.head()?.portal else {
        let hint = "name it: --origin https://keys.example.com";
        return Err(CliError::invalid("nobody said at which address the pages are", hint).into());
    };
    Ok(portal.origin().clone())
}

/// The site's address, once the store can be read. A server that is not there now may come back; what else is wrong never
/// will. `None` where a signal came first.
fn first_read(
    args: &Args,
    provider: Option<&Provider>,
    location: &Location,
    open: &impl Fn() -> Result<Env, ops::Error>,
    signals: &mut Signals,
    log: &Log,
) -> anyhow::Result<Option<Origin>> {
    let mut is_said = false;
    loop {
        match open() {
            Ok(mut env) => {
                // The provider itself may be away for a while.
                provider.map(|provider| check(&mut env, provider, None)).transpose()?;
                return origin(args, &mut env).map(Some);
            }
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
            return Ok(None);
        }
    }
}
