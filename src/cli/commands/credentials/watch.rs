//! `keyctl oauth watch`

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use super::refresh::why_short;
use crate::cli::context::Context;
use crate::cli::error::{CliError, Kind};
use crate::domain::secrets::secret::{SecretId, SecretName};
use crate::domain::time::Span;
use crate::ops;
use crate::ops::credentials::ahead::refresh_due;
use crate::ops::credentials::current::{Current, How};
use crate::store;

/// Get new tokens for all credentials that are in use, before they end
///
/// Goes over those that are bound to somebody, and gets a new token for each that ends within five minutes. Services that only
/// read need that, since they cannot get one. Several may run, on several machines: each token is got once. Ends with
/// SIGTERM or SIGINT, once what was asked is stored; with an error where the store cannot be used, so that a
/// supervisor starts it again.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl oauth watch
  keyctl oauth watch --once")]
pub(crate) struct Args {
    /// How long a token must still live to be left as it is
    #[arg(long, value_name = "DURATION", default_value = "5m")]
    min_valid: Span,
    /// How often to look
    #[arg(long, value_name = "DURATION", default_value = "30s", conflicts_with = "once")]
    every: Span,
    /// Look once and end: with exit code 8 where a token could not be had
    #[arg(long)]
    once: bool,
}

/// How soon an end is noticed.
const NOTICED: Duration = Duration::from_millis(100);

pub(super) fn run(context: &mut Context, args: &Args) -> anyhow::Result<()> {
    let ended = Arc::new(AtomicBool::new(false));
    for signal in [SIGTERM, SIGINT, SIGHUP] {
        signal_hook::flag::register(signal, Arc::clone(&ended))?;
    }
    // What is asked for is stored, whoever wants an end.
    context.options.listen = store::unheard;
    let mut env = context.open_env_made(false)?;
    let ring = context.ring_of_secrets(&mut env.store)?;
    let outbound = context.outbound();
    let how = How {
        outbound: &outbound,
        patience: context.patience(),
        narrower: false,
        hold: context.options.listen,
    };
    let mut said = Said::default();
    loop {
        let mut failed = 0_u64;
        refresh_due(&mut env, &ring, &how, args.min_valid, |credential, got| {
            failed += u64::from(got.as_ref().map_or(true, |got| got.because.is_some()));
            said.say(context, (credential.secret.id, &credential.secret.name), &got);
            // What is asked for is stored first; the rest can wait for the next one.
            if ended.load(Ordering::Relaxed) { Err(Stop::Ended) } else { Ok(()) }
        })
        .or_else(Stop::unless_ended)?;
        if args.once && failed > 0 {
            let message = format!("{failed} of the tokens could not be had");
            return Err(CliError::new(Kind::KeyUnavailable, message, "keyctl oauth list says why").into());
        }
        let mut left =
            if args.once { Duration::ZERO } else { Duration::from_secs(args.every.as_secs().unsigned_abs()) };
        while !left.is_zero() && !ended.load(Ordering::Relaxed) {
            let pause = left.min(NOTICED);
            std::thread::sleep(pause);
            left -= pause;
        }
        if args.once || ended.load(Ordering::Relaxed) {
            return Ok(());
        }
    }
}

/// Why a round was not gone to its end.
enum Stop {
    Ended,
    Failed(ops::Error),
}

impl Stop {
    fn unless_ended(self) -> anyhow::Result<()> {
        match self {
            Self::Ended => Ok(()),
            Self::Failed(error) => Err(error.into()),
        }
    }
}

impl From<ops::Error> for Stop {
    fn from(error: ops::Error) -> Self {
        Self::Failed(error)
    }
}

/// What was said of each credential last: the same is not said every half a minute.
#[derive(Default)]
struct Said(BTreeMap<SecretId, String>);

impl Said {
    fn say(
        &mut self,
        context: &Context,
        (id, name): (SecretId, &SecretName),
        got: &Result<Current, ops::Error>,
    ) {
        let (text, is_good) = match got {
            Ok(Current { credential, because: None, .. }) => {
                (format!("version {} of {name} is a new token", credential.secret.version), true)
            }
            Ok(Current { because: Some(because), .. }) => {
                (format!("the token of {name} ends soon: {}", why_short(name, *because)), false)
            }
            Err(error) => (error.to_string(), false),
        };
        if self.0.get(&id) != Some(&text) {
            if is_good {
                context.ui.note(&text);
            } else {
                context.ui.warn(&text);
            }
            self.0.insert(id, text);
        }
    }
}
