//! `keyctl exec`

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::str::FromStr;
use std::sync::Arc;

use super::identity;
use super::kept::{self, Given};
use crate::cli::commands::credentials::current::Lacking;
use crate::cli::commands::federation::values::{Handed, takes_a_while, values};
use crate::cli::completion::Stored;
use crate::cli::context::Context;
use crate::cli::error::{CliError, Kind};
use crate::cli::exec::{self, Job, Masks};
use crate::config::environment;
use crate::domain::federation::settings::Present;
use crate::domain::keys::key_ref::KeyRef;
use crate::domain::secrets::provider::{
    IdentityVariables, headers_beside, holds_credentials, outranking, steers,
};
use crate::domain::secrets::secret::{Provider, SecretId, SecretName, SecretValue};
use crate::domain::texts::text::Shown;
use crate::ops::secrets::nearest::{Outfit, bound_anew, outfit, without};

/// Run a command with secrets in its environment
///
/// The secrets of a key or owner are put into the variables that the providers' own libraries
/// read; nothing is written to disk. With --oauth the command gets the token of a credential, which is held
/// and renewed while it runs, and what follows it at the socket in KEYCTL_CREDENTIALS_SOCKET. With
/// --env a library that gets its tokens by an identity finds that in a file, fresh while the command
/// runs, as in the example. In what the command prints, values are replaced by *** where
/// that is not a terminal. keyctl ends as the command does; its own failures are 125, 126 if the
/// command cannot be executed, and 127 if it is not found.
///
/// Not passed on are PGPASSWORD, the master key's variables, a password in KEYCTL_STORE, and what
/// a library would take instead of a secret that is handed out, as GOOGLE_API_KEY for GEMINI_API_KEY.
///
/// Masked are a value as it is, in JSON, percent-encoded and in base64, also as a part of a longer
/// text; not in hex or in HTML.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl exec alice/ci -- python agent.py
  keyctl exec alice --only openai --env LLM_API_KEY=openai -- ./serve
  keyctl exec alice --env ANTHROPIC_IDENTITY_TOKEN_FILE=anthropic -- ./agent
  keyctl exec --oauth github-ci -- ./sync")]
pub(crate) struct Args {
    /// Whose secrets: a key or an owner
    #[arg(value_name = "KEY|OWNER", required_unless_present = "oauth", add = Stored::KeysAndOwners)]
    subject: Option<KeyRef>,
    /// Only the key's or owner's secrets for this provider; repeatable, or with commas between
    #[arg(long, value_name = "PROVIDER", value_delimiter = ',', requires = "subject", add = Stored::Providers)]
    only: Vec<Provider>,
    /// The token of this OAuth credential, too; repeatable
    #[arg(long, value_name = "CREDENTIAL", add = Stored::Secrets)]
    oauth: Vec<SecretName>,
    /// The variable for a provider's secret, instead of the usual one; repeatable
    #[arg(long = "env", value_name = "NAME=PROVIDER")]
    names: Vec<Named>,
    /// Mask nothing: the command takes the place of keyctl
    #[arg(long)]
    no_mask: bool,
    /// The command and its arguments
    #[arg(last = true, required = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

/// `LLM_API_KEY=openai`
#[derive(Clone, Debug, PartialEq, Eq)]
struct Named {
    variable: String,
    provider: Provider,
}

impl FromStr for Named {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (variable, provider) = text.split_once('=').ok_or("it is written NAME=PROVIDER")?;
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if !variable.chars().all(is_word)
            || !variable.starts_with(|c: char| is_word(c) && !c.is_ascii_digit())
        {
            return Err(
                "a variable's name is letters, digits and _, and does not begin with a digit".to_owned()
            );
        }
        if let Some(why) = steers(variable) {
            return Err(format!("{variable} is no place for a secret: {why}"));
        }
        // What stands there by mistake is a secret: another program's `--env` takes the value itself.
        let provider = provider.parse().map_err(|_| "behind = stands no provider's name".to_owned())?;
        Ok(Self { variable: variable.to_owned(), provider })
    }
}

/// Does not return where the command takes our place or is ended by a signal.
pub(in crate::cli) fn run(context: &mut Context, args: &Args) -> anyhow::Result<()> {
    let masks = Arc::new(Masks::default());
    let (mut given, mut only) = (Vec::new(), args.only.clone());
    if args.oauth.is_empty() {
        agree(&only, &args.names)?;
    }
    let (files, variables) = identities(args)?;
    if let Some(subject) = &args.subject {
        given = secrets(context, subject, &only, &files)?;
    }
    let (mut paths, mut beside) = (Vec::new(), None);
    if !args.oauth.is_empty() {
        let prepared = kept::prepare(context, &args.oauth, &given, &masks)?;
        if !only.is_empty() {
            only.extend(prepared.given.iter().map(|given| given.provider.clone()));
        }
        agree(&only, &args.names)?;
        given.extend(prepared.given);
        (paths, beside) = (prepared.paths, prepared.beside);
    }
    only.retain(|meant| !files.iter().any(|(_, provider)| provider.is_same(meant)));
    let named = name(given, &only, &variables)?;
    let withheld = withhold(context, &named, &files);
    if let (Some(subject), false) = (&args.subject, files.is_empty()) {
        let (more, running) = identity::prepare(context, subject, &files, &masks, beside)?;
        paths.extend(more);
        beside = Some(running);
    }
    let environment: Vec<_> = named.into_iter().map(|(variable, (_, value))| (variable, value)).collect();
    masks.stay(environment.iter().map(|(_, value)| Arc::clone(value)));
    let command = args.command.clone();
    let job = Job { command, environment, paths, withheld, replace: args.no_mask, masks, beside };
    Ok(exec::run(job).map_err(CliError::from)?.pass_on()?)
}

/// A file by which the command's library gets its tokens itself.
type Identity = (&'static IdentityVariables, Provider);

/// Of what is named, what is a variable for such a file, and what is for a secret.
fn identities(args: &Args) -> Result<(Vec<Identity>, Vec<Named>), CliError> {
    let (mut files, mut names): (Vec<Identity>, Vec<Named>) = (Vec::new(), Vec::new());
    for named in &args.names {
        match IdentityVariables::of(&named.variable, &named.provider) {
            Some(_) if args.subject.is_none() => {
                let message =
                    format!("{} is for a key's or an owner's identity, and none is named", named.variable);
                return Err(CliError::invalid(message, "name whose it is: keyctl exec KEY|OWNER"));
            }
            Some(variables) => files.push((variables, named.provider.clone())),
            None => names.push(named.clone()),
        }
    }
    files.dedup();
    let twice =
        names.iter().find(|named| files.iter().any(|(_, provider)| provider.is_same(&named.provider)));
    if let Some(Named { variable, provider }) = twice {
        let provider = Shown(provider.as_str());
        let message =
            format!("the command gets a file for {provider}, and --env {variable}={provider} names a token");
        return Err(CliError::invalid(message, "a library takes one of them: leave the other out"));
    }
    Ok((files, names))
}

/// That no secret is named that was left out.
fn agree(only: &[Provider], names: &[Named]) -> Result<(), CliError> {
    let left_out =
        |named: &&Named| !only.is_empty() && !only.iter().any(|meant| meant.is_same(&named.provider));
    let Some(Named { variable, provider }) = names.iter().find(left_out) else { return Ok(()) };
    let list: Vec<&str> = only.iter().chain([provider]).map(Provider::as_str).collect();
    let (list, provider) = (list.join(","), Shown(provider.as_str()));
    let message = format!("--only leaves out {provider}, which --env {variable}={provider} names");
    Err(CliError::invalid(message, format!("add it: --only {}; or leave that --env out", Shown(&list))))
}

/// The secrets, one for each provider. The store is closed when they are known.
fn secrets(
    context: &Context,
    subject: &KeyRef,
    only: &[Provider],
    files: &[Identity],
) -> anyhow::Result<Vec<Given>> {
    let mut store = context.open_existing()?;
    let Outfit { at, owner, mut secrets } = outfit(&mut store, subject, only)?;
    secrets.retain(|found| !files.iter().any(|(_, provider)| provider.is_same(&found.secret.provider)));
    let awaited = secrets.iter().filter(|found| takes_a_while(&found.secret, at));
    let awaited: Vec<SecretId> = awaited.map(|found| found.secret.id).collect();
    let given = |Handed { secret, value, present, .. }| Given {
        provider: secret.provider,
        value: Arc::new(value),
        present,
    };
    let providers: Vec<Provider> = secrets.iter().map(|found| found.secret.provider.clone()).collect();
    let values = values(context, store, secrets, &owner, at).map_err(|error| left_out(error, &providers))?;
    let given = values.into_iter().map(given).collect();
    if !awaited.is_empty() {
        let now = outfit(&mut context.reopen()?, subject, only)?;
        if !awaited.iter().all(|id| now.secrets.iter().any(|found| found.secret.id == *id)) {
            return Err(bound_anew().into());
        }
    }
    Ok(given)
}

/// What could not be had is named with the way to do without it.
fn left_out(error: anyhow::Error, providers: &[Provider]) -> anyhow::Error {
    let Some(Lacking(lacking)) = error.downcast_ref() else { return error };
    let Some(others) = without(lacking, providers) else { return error };
    CliError::of(error).or(&others).into()
}

/// Secrets by the variable that each is handed out in.
type Variables = BTreeMap<String, (Provider, Arc<SecretValue>)>;

/// The variables of the secrets: those that are named, else the provider's own.
fn name(secrets: Vec<Given>, only: &[Provider], names: &[Named]) -> Result<Variables, CliError> {
    let secrets: Vec<_> = secrets
        .into_iter()
        .filter(|given| only.is_empty() || only.iter().any(|meant| meant.is_same(&given.provider)))
        .collect();
    let held: Vec<Provider> = secrets.iter().map(|given| given.provider.clone()).collect();
    // One that is held under another of its names is meant, too.
    let is_meant = |meant: &Provider, provider: &Provider| {
        meant == provider || meant.is_same(provider) && !held.contains(meant)
    };
    let wanted = only.iter().chain(names.iter().map(|named| &named.provider));
    for provider in wanted {
        if !held.iter().any(|held| is_meant(provider, held)) {
            let provider = Shown(provider.as_str());
            let message = format!("there is no secret for {provider} to run the command with");
            return Err(CliError::new(Kind::NotFound, message, "bind one, or leave the provider out"));
        }
    }
    let mut taken = Variables::new();
    for Given { provider, value, present } in secrets {
        let own = names.iter().filter(|named| is_meant(&named.provider, &provider));
        let mut variables: Vec<String> = own.map(|named| named.variable.clone()).collect();
        variables.dedup();
        if variables.is_empty() {
            variables = match present {
                Some(Present::Bearer) => provider.bearer_variables(),
                _ => provider.variables(),
            };
        }
        for variable in variables {
            if let Some((other, _)) = taken.get(&variable) {
                let (other, provider) = (Shown(other.as_str()), Shown(provider.as_str()));
                let message = format!("the secrets for {other} and {provider} are both for {variable}");
                let hint = format!("name another variable: --env NAME={provider}");
                return Err(CliError::invalid(message, hint));
            }
            taken.insert(variable, (provider.clone(), Arc::clone(&value)));
        }
    }
    Ok(taken)
}

/// What of our environment the command must not get, since a library would take it instead of a
/// secret that is handed out. Each is said, and so is a secret that takes another one's place.
fn withhold(context: &Context, named: &Variables, files: &[Identity]) -> Vec<String> {
    let mut withheld = Vec::new();
    let files = files.iter().map(|(variables, provider)| (variables.file, provider));
    for (variable, provider) in
        named.iter().map(|(variable, (provider, _))| (variable.as_str(), provider)).chain(files)
    {
        for winner in outranking(variable) {
            match named.get(*winner) {
                Some((other, _)) if other != provider => context.ui.warn(&format!(
                    "libraries take {winner}, the secret for {other}, instead of {variable}, that for {provider}; to leave it out: --only {provider}"
                )),
                _ if environment::has(winner) => context.ui.note(&format!(
                    "{winner} of this environment is not passed on: libraries would take it instead of {variable}, the secret for {provider}"
                )),
                _ => {}
            }
            if !named.contains_key(*winner) {
                withheld.push((*winner).to_owned());
            }
        }
        let headers = headers_beside(variable)
            .filter(|name| environment::text(name).is_some_and(|headers| holds_credentials(&headers)));
        if let Some(name) = headers {
            context.ui.note(&format!(
                "{name} of this environment is not passed on: it holds credentials, which libraries would send instead of {variable}, the secret for {provider}"
            ));
            withheld.push(name);
        }
    }
    withheld
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Cli {
        #[command(flatten)]
        args: Args,
    }

    fn parse(line: &str) -> Result<Args, clap::Error> {
        Cli::try_parse_from(format!("exec {line}").split(' ')).map(|cli| cli.args)
    }

    fn named(line: &str) -> Result<Vec<String>, String> {
        let args = parse(line).expect("a command line");
        let secret = |provider: &str| {
            let value = SecretValue::from_bytes(provider.as_bytes(), false).expect("a value");
            Given { provider: provider.parse().expect("a provider"), value: Arc::new(value), present: None }
        };
        let secrets = ["openai", "anthropic", "open.llm", "hf", "cohere"].map(secret).into_iter().collect();
        let shown = |(variable, (_, value)): (String, (Provider, Arc<SecretValue>))| {
            format!("{variable}={}", value.expose())
        };
        let named = agree(&args.only, &args.names).and_then(|()| name(secrets, &args.only, &args.names));
        let named = named.map_err(|error| error.message)?;
        Ok(named.into_iter().map(shown).collect())
    }

    #[test]
    fn secrets_have_the_variables_of_their_providers_unless_others_are_named() {
        for (line, expected) in [
            (
                "alice -- env",
                &[
                    "ANTHROPIC_API_KEY=anthropic",
                    "COHERE_API_KEY=cohere",
                    "CO_API_KEY=cohere",
                    "HF_TOKEN=hf",
                    "OPENAI_API_KEY=openai",
                    "OPEN_LLM_API_KEY=open.llm",
                ][..],
            ),
            ("alice --only openai -- env", &["OPENAI_API_KEY=openai"]),
            ("alice --only huggingface -- env", &["HF_TOKEN=hf"]),
            ("alice --only hf --env X=huggingface -- env", &["X=hf"]),
            ("alice --only cohere --env CO_API_KEY=cohere -- env", &["CO_API_KEY=cohere"]),
            (
                "alice --only openai,anthropic --env _X1=openai -- env",
                &["ANTHROPIC_API_KEY=anthropic", "_X1=openai"],
            ),
            ("alice --only openai --env A=openai --env B=openai -- env", &["A=openai", "B=openai"]),
        ] {
            let expected = expected.iter().map(|text| (*text).to_owned()).collect();
            assert_eq!(named(line), Ok(expected), "{line}");
        }
    }

    #[test]
    fn what_is_wanted_must_be_there_and_have_a_variable_of_its_own() {
        for (line, says) in [
            ("alice --only gemini -- env", "no secret for gemini"),
            ("alice --env A=gemini -- env", "no secret for gemini"),
            (
                "alice --only openai --env A=anthropic -- env",
                "--only leaves out anthropic, which --env A=anthropic names",
            ),
            (
                "alice --env OPENAI_API_KEY=anthropic -- env",
                "openai and anthropic are both for OPENAI_API_KEY",
            ),
            ("alice --env A=openai --env A=anthropic -- env", "are both for A"),
        ] {
            let error = named(line).expect_err(line);
            assert!(error.contains(says), "{line}: {error}");
        }
    }

    #[test]
    fn a_command_and_proper_names_are_demanded() {
        for line in [
            "alice",
            "alice --",
            "alice env",
            "-- env",
            "alice --env A -- env",
            "alice --env 1A=openai -- env",
            "alice --env =openai -- env",
            "alice --env A-B=openai -- env",
            "alice --env PATH=openai -- env",
            "alice --env LD_PRELOAD=openai -- env",
            "alice --env KEYCTL_MASTER_KEY=openai -- env",
            "alice --env A=Open -- env",
            "alice --only Open -- env",
        ] {
            assert!(parse(line).is_err(), "{line}");
        }
        let args = parse("alice --no-mask -- kubectl get -o json -- x").expect("a command line");
        assert_eq!(args.command, ["kubectl", "get", "-o", "json", "--", "x"]);
    }
}
