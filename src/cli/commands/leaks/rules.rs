//! `keyctl leaks rules`

use clap::builder::{PossibleValuesParser, TypedValueParser as _};

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::terminal::ui::Ui;
use crate::domain::keys::token::Prefix;
use crate::domain::leaks::rules::Scanner;
use crate::ops::leaks::prefixes::prefixes;

/// Print the rules by which another scanner finds tokens and master keys
///
/// For the prefixes of the store: the one that new tokens get, those that its policy allows, and those of tokens that there
/// are. Where there is no store, or with --prefix, none is asked. kingfisher and detect-secrets compute the check
/// of each token; the others find what has only the form of one, too.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl leaks rules --for gitleaks > keyctl.toml
  keyctl leaks rules --for kingfisher --prefix acme_live > keyctl.yml
  keyctl leaks rules --for trufflehog --webhook http://127.0.0.1:8712 > keyctl.yaml")]
pub(crate) struct Args {
    /// Whose rules
    #[arg(long = "for", value_name = "SCANNER", value_parser = scanners())]
    scanner: Scanner,
    /// A prefix of tokens, in the place of the store's; may be given several times
    #[arg(long = "prefix", value_name = "PREFIX")]
    prefixes: Vec<Prefix>,
    /// For trufflehog: the address that it asks whether what it found is a token
    #[arg(long, value_name = "URL")]
    webhook: Option<String>,
}

fn scanners() -> impl clap::builder::TypedValueParser<Value = Scanner> {
    PossibleValuesParser::new(Scanner::ALL.map(Scanner::as_str)).try_map(|name| name.parse::<Scanner>())
}

impl Args {
    fn prefixes(&self, context: &Context) -> anyhow::Result<Vec<Prefix>> {
        if !self.prefixes.is_empty() {
            return Ok(self.prefixes.clone());
        }
        let mut store = context.open_to_find()?;
        let found = prefixes(&mut store)?;
        store.leave();
        Ok(found)
    }

    fn check_webhook(&self) -> Result<(), CliError> {
        let Some(webhook) = &self.webhook else { return Ok(()) };
        if !self.scanner.asks_a_webhook() {
            let message = format!("{} asks no address", self.scanner.as_str());
            return Err(CliError::invalid(message, "--webhook goes with --for trufflehog"));
        }
        let is_url = ["http://", "https://"].iter().any(|scheme| webhook.starts_with(scheme));
        if is_url && webhook.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Ok(());
        }
        let hint = "write it in full, as in --webhook http://127.0.0.1:8712";
        Err(CliError::invalid("--webhook: this is no http:// or https:// address", hint))
    }
}

pub(in crate::cli) fn run(context: &mut Context, args: &Args) -> anyhow::Result<()> {
    args.check_webhook()?;
    let prefixes = args.prefixes(context)?;
    Ui::text(args.scanner.rules(&prefixes, args.webhook.as_deref()).as_bytes())
}
