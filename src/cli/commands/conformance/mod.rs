//! `keyctl conformance`

pub(in crate::cli) mod conversation;

use std::ffi::OsString;

use clap::builder::{PossibleValuesParser, TypedValueParser};

use crate::cli::context::Context;
use crate::cli::error::{CliError, Kind as Failure};
use crate::config::choice::LockTimeout;
use crate::domain::texts::text::{Escaped, counted};
use crate::ops::conformance::{Kind, Tally, Trial, cases};
use crate::render::Format;
use crate::render::conformance::explained;
use conversation::{Conversation, Silence};

/// Prove that another program agrees with keyctl's formats
///
/// The cases, with the only right answer to each, are what the readers for Rust, Python and
/// TypeScript are tested by. Without a command they are printed.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl conformance --kind token
  keyctl conformance run -- python reader.py")]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Args {
    #[command(flatten)]
    which: Which,
    #[command(subcommand)]
    action: Option<Command>,
}

/// Which cases are wanted.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(crate) struct Which {
    /// Only cases of this kind
    #[arg(long, value_name = "KIND", value_parser = kinds())]
    kind: Option<Kind>,
}

/// Reads a kind, and lists all of them in help and completions.
fn kinds() -> impl TypedValueParser<Value = Kind> {
    PossibleValuesParser::new(Kind::ALL.map(Kind::as_str)).try_map(|text| text.parse::<Kind>())
}

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    Print(PrintArgs),
    Run(RunArgs),
}

/// Print the cases with their answers
///
/// As JSON lines; with -o json as one array.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl conformance print --kind verify
  keyctl conformance print -o json > vectors.json")]
pub(crate) struct PrintArgs {
    #[command(flatten)]
    which: Which,
}

/// Ask a program every case, and compare its answers
///
/// A case a line is written to its standard input, as JSON with name, kind and input; for each it
/// writes the answer on a line of its standard output, in the same order. The members of an answer
/// may stand in any order. What it cannot do it answers by {"unsupported": "argon2id"}, or by
/// another word.
///
/// Exit code 0: all answers agree, and it ended with 0; 1: some differ or are missing; 3: the program
/// is not found.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl conformance run -- python reader.py
  keyctl conformance run --kind envelope -o json -- node reader.js")]
pub(crate) struct RunArgs {
    #[command(flatten)]
    which: Which,
    /// What the program cannot do is no failure
    #[arg(long)]
    allow_unsupported: bool,
    /// How long one answer may take, as in 500ms
    #[arg(long, value_name = "DURATION", default_value = "30s")]
    timeout: LockTimeout,
    /// The program and its arguments
    #[arg(last = true, required = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

pub(in crate::cli) fn run(context: &mut Context, args: &Args) -> anyhow::Result<()> {
    match &args.action {
        None => print(context, args.which),
        Some(Command::Print(asked)) => print(context, asked.which),
        Some(Command::Run(asked)) => ask(context, asked),
    }
}

fn print(context: &Context, which: Which) -> anyhow::Result<()> {
    let format = match context.ui.chosen() {
        None | Some(Format::Jsonl) => Format::Jsonl,
        Some(Format::Json) => Format::Json,
        Some(_) => {
            return Err(
                CliError::invalid("cases are printed as jsonl or json", "use -o jsonl or -o json").into()
            );
        }
    };
    context.ui.list_as(format, |out| cases(which.kind).iter().try_for_each(|case| Ok(out.push(case)?)))
}

fn ask(context: &Context, args: &RunArgs) -> anyhow::Result<()> {
    let mut trial = Trial::new(cases(args.which.kind));
    let stopped = converse(context, args, &mut trial)?;
    let tallies = trial.tallies();
    if !context.ui.reports_json() {
        for tally in &tallies {
            tally.disagreements.iter().for_each(|found| context.ui.note(&explained(tally.kind, found)));
        }
    }
    context.ui.rows(&tallies)?;
    Ok(verdict(&tallies, stopped, args.allow_unsupported)?)
}

/// Asks everything, or until there is no sense in asking on; says what the end was, if not the
/// proper one.
fn converse(context: &Context, args: &RunArgs, trial: &mut Trial) -> Result<Option<String>, CliError> {
    let mut program = Conversation::start(&args.command, trial.questions(), args.timeout.0)?;
    let mut progress = context.ui.progress();
    progress.total(|| u64::try_from(trial.len()).ok());
    while let Some(case) = trial.current() {
        let asked = format!("{} {:?}", case.kind, case.name);
        match program.next() {
            Ok(line) if trial.take(&line).is_err() => {
                let start: String = String::from_utf8_lossy(&line).chars().take(80).collect();
                return Ok(Some(format!("answered {asked} by what is no JSON: {}", Escaped(&start))));
            }
            Ok(_) => progress.rows(trial.answered() as u64),
            Err(Silence::Slow) => return Ok(Some(format!("gave no answer to {asked} in {}", args.timeout))),
            Err(silence) => {
                let how = program.end().ok().flatten().map(|status| format!(" ({status})"));
                return Ok(Some(format!("{silence} before it answered {asked}{}", how.unwrap_or_default())));
            }
        }
    }
    match program.next() {
        Err(Silence::Ended) => {}
        Err(Silence::Slow) => return Ok(Some(format!("did not end within {}", args.timeout))),
        Err(silence) => return Ok(Some(format!("{silence} behind its last answer"))),
        Ok(_) => return Ok(Some("wrote more lines than it was asked".to_owned())),
    }
    Ok(match program.end() {
        Ok(Some(status)) if status.success() => None,
        Ok(Some(status)) => Some(format!("ended with {status}")),
        Ok(None) => Some(format!("did not end within {}", args.timeout)),
        Err(error) => Some(format!("cannot be waited for: {error}")),
    })
}

fn verdict(tallies: &[Tally], stopped: Option<String>, allow_unsupported: bool) -> Result<(), CliError> {
    let sum = |count: fn(&Tally) -> u64| tallies.iter().map(count).sum::<u64>();
    let (differ, unsupported) = (sum(|tally| tally.differ), sum(|tally| tally.unsupported));
    let message = match stopped {
        Some(how) => format!("the program {how}"),
        None if differ > 0 => format!("the program differs in {}", counted(differ, "case")),
        None if unsupported > 0 && !allow_unsupported => {
            let message = format!("the program does not support {}", counted(unsupported, "case"));
            let hint = "if that is as it should be: --allow-unsupported";
            return Err(CliError::new(Failure::Internal, message, hint));
        }
        None => return Ok(()),
    };
    let hint = "the contract is docs/runtime.md; for the cases alone: keyctl conformance print";
    Err(CliError::new(Failure::Internal, message, hint))
}
