//! `keyctl notify`

use std::time::Duration;

use crate::cli::context::Context;
use crate::cli::error::{CliError, Kind};
use crate::cli::outputs::notice::Told;
use crate::cli::terminal::ui::Ui;
use crate::config::environment;
use crate::config::master_key;
use crate::config::notify::{NotifySetting, TokenSource, WebhookSetting};
use crate::domain::secrets::secret::SecretValue;
use crate::domain::texts::text::counted;
use crate::ops::expiring::notify::{self, Due, Outcome, Receiver, Untold};
use crate::providers::webhook::Webhook;
use crate::render::expiring::{EndingView, NotifiedView};

/// Tell somebody of what ends soon: 14, 3 and 1 day before it, and when it ended; and of leaks and canaries that were seen
///
/// For cron or a timer. Who is told stands in the configuration file under [notify]: a webhook, a command, or both.
/// Each thing is told of once at each stage, and anew when it was given another end. What could not be told is told
/// by the next run.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl notify --dry-run
  keyctl notify -q")]
pub(crate) struct Args {
    /// List what would be told, tell nobody
    #[arg(long)]
    dry_run: bool,
}

pub(in crate::cli) fn run(context: &mut Context, args: &Args) -> anyhow::Result<()> {
    let Some(setting) = context.settings.notify.clone().map(|set| set.value) else {
        let hint =
            "name a webhook or a command in the configuration file under [notify]; docs/expiring.md has both";
        return Err(CliError::invalid("nobody is named who is to be told", hint).into());
    };
    if args.dry_run {
        return rehearse(context, &setting);
    }
    let token = setting.webhook.as_ref().map(|webhook| token(context, webhook)).transpose()?.flatten();
    let outbound = context.outbound();
    let mut receivers: Vec<Box<dyn Receiver + '_>> = Vec::new();
    if let Some(WebhookSetting { endpoint, .. }) = &setting.webhook {
        let bearer = token.as_ref();
        receivers.push(Box::new(Webhook { endpoint, bearer, within: setting.timeout, outbound: &outbound }));
    }
    if let Some(words) = &setting.command {
        receivers.push(Box::new(Told { words, within: setting.timeout }));
    }
    let mut env = context.open_env(false)?;
    let mut patience = context.patience();
    let mut wait = || -> bool {
        let nap = Duration::from_millis(100).min(patience);
        patience = patience.saturating_sub(nap);
        !nap.is_zero() && Ui::pause(nap).is_ok()
    };
    // Who cannot be told does not keep the other one from being told.
    let mut outcomes = Vec::new();
    for receiver in &mut receivers {
        outcomes.push(notify::notify(&mut env, receiver.as_mut(), &mut wait)?);
    }
    report(context, &outcomes)
}

fn report(context: &Context, outcomes: &[Outcome]) -> anyhow::Result<()> {
    for outcome in outcomes.iter().filter(|outcome| outcome.told > 0) {
        context.ui.note(&format!("told the {} of {}", outcome.channel, counted(outcome.told, "thing")));
    }
    if context.ui.chosen().is_some() {
        let views: Vec<NotifiedView<'_>> = outcomes.iter().map(NotifiedView).collect();
        context.ui.rows(&views)?;
    }
    let failed: Vec<&Untold> = outcomes.iter().filter_map(|outcome| outcome.failed.as_ref()).collect();
    let Some(first) = failed.first() else { return Ok(()) };
    let why = failed.iter().map(|untold| untold.why.as_str()).collect::<Vec<_>>().join("; ");
    Err(CliError::new(Kind::Output, why, first.hint.clone()).into())
}

fn rehearse(context: &Context, setting: &NotifySetting) -> anyhow::Result<()> {
    let mut store = context.open()?;
    let channels = [(setting.webhook.is_some(), "webhook"), (setting.command.is_some(), "command")];
    let now = store.now()?;
    let mut count = 0;
    context.ui.list(now, |out| {
        for (_, channel) in channels.into_iter().filter(|(is_named, _)| *is_named) {
            let mut due = Due::of(&mut store, channel)?;
            loop {
                let batch = due.next(&mut store)?;
                if batch.is_empty() {
                    break;
                }
                for notice in &batch {
                    count += 1;
                    out.push(&EndingView { ending: &notice.ending, stage: notice.stage })?;
                }
            }
        }
        anyhow::Ok(())
    })?;
    store.leave();
    context.ui.note(&format!("dry run: would tell of {}; nobody was told", counted(count, "thing")));
    Ok(())
}

/// The bearer token of a webhook, read where it is needed.
fn token(context: &Context, webhook: &WebhookSetting) -> Result<Option<SecretValue>, CliError> {
    let wrong = |what: String| {
        let hint = "see [notify] in the configuration file; a file holds the token alone, and others may not read it";
        CliError::invalid(format!("the token of the webhook cannot be used: {what}"), hint)
    };
    let value =
        |bytes: &[u8]| SecretValue::from_bytes(bytes, false).map_err(|error| wrong(error.to_string()));
    match &webhook.token {
        None => Ok(None),
        Some(TokenSource::File(path)) => {
            let shown = master_key::shown(path);
            let file =
                master_key::read_file(path, None).map_err(|error| wrong(format!("{shown}: {error}")))?;
            if let Some(warning) = &file.warning {
                context.ui.warn(warning);
            }
            value(file.text.expose()).map(Some)
        }
        Some(TokenSource::Variable(name)) => {
            let text = environment::text(name).filter(|text| !text.is_empty());
            let text = zeroize::Zeroizing::new(text.ok_or_else(|| wrong(format!("{name} is not set")))?);
            value(text.as_bytes()).map(Some)
        }
    }
}
