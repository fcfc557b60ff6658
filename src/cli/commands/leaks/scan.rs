//! `keyctl leaks scan`

use std::path::PathBuf;
use std::sync::Arc;

use zeroize::Zeroizing;

use crate::cli::arguments::values::reason;
use crate::cli::commands::keys::reach;
use crate::cli::context::Context;
use crate::cli::default_store::is_missing_default;
use crate::cli::error::CliError;
use crate::cli::inputs::input::read_text;
use crate::cli::scan::{self, Report};
use crate::cli::terminal::ui::Ui;
use crate::domain::leaks::place::{Place, masked};
use crate::domain::texts::text::counted;
use crate::ops::leaks::collect::{Collector, Foreign};
use crate::ops::leaks::judge::{Judged, Standing, judge, look_up_words};
use crate::ops::leaks::names::Hidden;
use crate::ops::leaks::stop::{Ended, Stop, stop};
use crate::render::ListWriter;
use crate::render::leaks::FindingView;
use crate::render::sarif::Unsearched;
use crate::store::Store;

/// Find tokens in files, archives, repositories and logs, and say whose they are
///
/// Finds tokens of any prefix by their form and their check, in files of any kind, in tar, zip and gzip archives, and on
/// standard input; with --git in the history of repositories. Links are not followed, and nothing else is left out. With a store it says of each
/// token whose it is, whether it works, and what it could get. No token is printed. What is to be
/// stopped is stopped by its whole token alone, never by a name or a public part.
#[expect(clippy::struct_excessive_bools, reason = "each is an option of its own")]
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  keyctl leaks scan .
  keyctl leaks scan --git . --exit-code          every branch's history; ends with 10 if a token works
  kubectl logs web | keyctl leaks scan -
  keyctl leaks scan --no-store --exit-code src   where no store can be reached
  keyctl leaks scan --revoke --dry-run dump.tar.gz")]
pub(crate) struct Args {
    /// Files and folders, or - for standard input, which may be the output of git log -p
    #[arg(value_name = "PATH", required_unless_present = "weak_words")]
    paths: Vec<PathBuf>,
    /// The paths are repositories: search what each commit of any branch changed, and its message
    #[arg(long)]
    git: bool,
    /// Search for imported tokens, too: words of 16 to 512 letters, digits, _ and -, or with . + / = ~
    #[arg(long, conflicts_with = "no_store")]
    foreign: bool,
    /// Look the lines of this file up as imported tokens that can be guessed; at most 1,000, about 0.2 s each
    #[arg(long, value_name = "FILE", conflicts_with = "no_store")]
    weak_words: Option<PathBuf>,
    /// Ask no store whose the tokens are
    #[arg(long)]
    no_store: bool,
    /// Revoke the keys whose tokens were found and work; of a rotation's old token, end the grace
    #[arg(long, conflicts_with_all = ["suspend", "no_store"])]
    revoke: bool,
    /// Suspend the keys whose tokens were found and work
    #[arg(long, conflicts_with = "no_store")]
    suspend: bool,
    /// Why, kept with the key and in the audit log [default: found by keyctl leaks scan]
    #[arg(long, value_name = "TEXT", value_parser = reason)]
    reason: Option<String>,
    /// Say what would be revoked or suspended, change nothing
    #[arg(long)]
    dry_run: bool,
    /// Print a SARIF 2.1.0 log, as code hosts read it
    #[arg(long)]
    sarif: bool,
    /// End with 10 if a token was found that works, or may where no store was asked
    #[arg(long)]
    exit_code: bool,
}

const REASON: &str = "found by keyctl leaks scan";
/// Each may take a slow hash.
const MOST_WORDS: usize = 1000;

impl Args {
    fn stop(&self) -> Option<Stop> {
        match (self.revoke, self.suspend) {
            (true, _) => Some(Stop::Revoke),
            (_, true) => Some(Stop::Suspend),
            _ => None,
        }
    }

    fn check(&self, context: &Context) -> Result<(), CliError> {
        if self.sarif && context.ui.chosen().is_some() {
            return Err(CliError::invalid("--sarif is a format of its own", "leave -o out"));
        }
        if self.stop().is_none() && (self.dry_run || self.reason.is_some()) {
            let hint = "add --revoke or --suspend, or leave it out";
            return Err(CliError::invalid("--dry-run and --reason are for what stops keys", hint));
        }
        if self.git && self.paths.iter().any(|path| path.as_os_str() == "-") {
            let hint = "leave --git out: what git log -p prints is known on standard input";
            return Err(CliError::invalid("standard input is no repository", hint));
        }
        Ok(())
    }

    /// The store that is asked; none where there is none yet.
    fn store(&self, context: &Context) -> anyhow::Result<Option<Store>> {
        if self.no_store {
            return Ok(None);
        }
        if is_missing_default(&context.find()?) {
            if self.foreign || self.weak_words.is_some() || self.stop().is_some() {
                let hint = "name the store: --store, KEYCTL_STORE or a profile";
                return Err(CliError::invalid("there is no store to look tokens up in", hint).into());
            }
            context.ui.note("there is no store here: nobody says whose tokens are found");
            return Ok(None);
        }
        context.open_existing().map(Some)
    }

    fn search(
        &self,
        context: &Context,
        foreign: Option<&Arc<Foreign>>,
    ) -> anyhow::Result<(Collector, Report)> {
        let home = context.environment.home.as_deref();
        Ok(if self.git {
            scan::histories(&self.paths, home, foreign)?
        } else {
            scan::paths(&self.paths, foreign)?
        })
    }

    /// Looks up what may be guessed, and only what somebody names for that; returns what is a token.
    fn look_up_words(
        &self,
        store: &mut Store,
        into: &mut Collector,
    ) -> anyhow::Result<Vec<Zeroizing<String>>> {
        let Some(path) = &self.weak_words else { return Ok(Vec::new()) };
        let text = read_text(path)?;
        let name = masked(&path.display().to_string());
        let words: Vec<(Place, &str)> = (1..)
            .zip(text.lines())
            .map(|(line, word)| (line, word.trim()))
            .filter(|(_, word)| !word.is_empty())
            .map(|(line, word)| {
                (Place { path: name.clone(), line: Some(line), column: Some(1), ..Place::default() }, word)
            })
            .collect();
        if words.len() > MOST_WORDS {
            let message = format!("{name} has {} words; at most {MOST_WORDS} are looked up", words.len());
            return Err(CliError::invalid(message, "each may take 0.2 seconds: name fewer").into());
        }
        let known = look_up_words(store, &words, into)?;
        Ok(known.into_iter().map(|word| Zeroizing::new(word.to_owned())).collect())
    }
}

pub(in crate::cli) fn run(context: &mut Context, args: &Args) -> anyhow::Result<()> {
    args.check(context)?;
    let mut store = args.store(context)?;
    let foreign = match &mut store {
        Some(store) if args.foreign => Some(Arc::new(Foreign::of(store)?)),
        _ => None,
    };
    let mut looked_up = Collector::default();
    let named = match &mut store {
        Some(store) => args.look_up_words(store, &mut looked_up),
        None => Ok(Vec::new()),
    };
    let (mut hidden, searched) = match named {
        Ok(named) => (Hidden::new(foreign.clone(), named), args.search(context, foreign.as_ref())),
        Err(error) => (Hidden::new(foreign, Vec::new()), Err(error)),
    };
    let (mut collected, mut report) = match searched {
        Ok(searched) => searched,
        Err(error) => return Err(without_tokens(error, &mut hidden, store.as_mut())?),
    };
    collected.merge(looked_up);
    let left_out = collected.left_out;
    let mut found = judge(store.as_mut(), collected)?;
    hide(&mut hidden, store.as_mut(), &mut found, &mut report)?;
    let now = store.as_mut().map(Store::now).transpose()?;
    let ended = args.stop().map(|how| end(context, args, &found, how)).transpose()?;
    if let Some(store) = store {
        store.leave();
    }
    let unsearched = unsearched(&report);
    let list = |out: &mut ListWriter<'_>| {
        let all = found.iter().flat_map(|found| found.places.iter().map(move |place| (found, place)));
        for (found, place) in all {
            out.push(&FindingView { found, place })?;
        }
        Ok(())
    };
    let printed = match now {
        _ if args.sarif => Ui::sarif(&found, &unsearched),
        Some(now) => context.ui.list(now, list),
        None => context.ui.list_as(context.ui.format(), list),
    };
    Ui::whether_or_not_read(printed)?;
    say(context, &found, &report, &unsearched, left_out);
    if let (Some(how), Some(ended)) = (args.stop(), &ended) {
        say_ended(context, args.dry_run, how, ended);
    }
    if args.exit_code && found.iter().any(|found| found.standing.may_be_live()) {
        return Err(CliError::ended(10).into());
    }
    Ok(())
}

/// Cuts tokens out of all names.
fn hide(
    hidden: &mut Hidden,
    store: Option<&mut Store>,
    found: &mut [Judged],
    report: &mut Report,
) -> anyhow::Result<()> {
    if let Some(store) = store {
        let places = found.iter().flat_map(|found| &found.places);
        let names = places.flat_map(|place| [Some(place.path.as_str()), place.member.as_deref()]);
        hidden.look_up(store, names.flatten().chain(report.names()))?;
    }
    for place in found.iter_mut().flat_map(|found| &mut found.places) {
        place.path = hidden.shown(&place.path);
        place.member = place.member.as_deref().map(|member| hidden.shown(member));
    }
    report.rename(|name| hidden.shown(name));
    Ok(())
}

/// An error whose message names what could not be read.
fn without_tokens(
    error: anyhow::Error,
    hidden: &mut Hidden,
    store: Option<&mut Store>,
) -> anyhow::Result<anyhow::Error> {
    Ok(match error.downcast::<CliError>() {
        Ok(mut error) => {
            if let Some(store) = store {
                hidden.look_up(store, std::iter::once(error.message.as_str()))?;
            }
            error.message = hidden.shown(&error.message);
            error.into()
        }
        Err(error) => error,
    })
}

fn end(context: &Context, args: &Args, found: &[Judged], how: Stop) -> anyhow::Result<Ended> {
    let live = found.iter().filter(|found| found.standing.is_live());
    let hashes: Vec<_> = live.map(|found| found.hash.clone()).collect();
    if hashes.is_empty() {
        return Ok(Ended::default());
    }
    let mut env = context.open_env(args.dry_run)?;
    Ok(stop(&mut env, &hashes, how, args.reason.as_deref().unwrap_or(REASON))?)
}

/// What was not searched, each reason in one line.
fn unsearched(report: &Report) -> Vec<Unsearched> {
    let line = |(why, count, names): (scan::Why, u64, &[String])| {
        let more = count - names.len() as u64;
        let named = names.join(", ");
        let named = if more > 0 { format!("{named} and {more} more") } else { named };
        Unsearched { what: format!("{}: {named}", why.as_str()), is_trouble: why.is_trouble() }
    };
    report.skipped().map(line).collect()
}

fn say(context: &Context, found: &[Judged], report: &Report, unsearched: &[Unsearched], left_out: u64) {
    let ui = &context.ui;
    for one in unsearched {
        let line = format!("not searched: {}", one.what);
        if one.is_trouble { ui.warn(&line) } else { ui.note(&line) }
    }
    if left_out > 0 {
        ui.warn(&format!("too many tokens: {left_out} more were found and neither listed nor looked up; search less at a time"));
    }
    let members = match report.members {
        0 => String::new(),
        count => format!(" and {} in archives", counted(count, "file")),
    };
    let of = |is: fn(Standing) -> bool| found.iter().filter(|found| is(found.standing)).count() as u64;
    let places: u64 = found.iter().map(|found| found.places.len() as u64 + found.more).sum();
    let what = match (found.len() as u64, of(|standing| standing == Standing::Unasked)) {
        (0, _) => "no token".to_owned(),
        (all, unasked) if all == unasked => counted(all, "token"),
        (all, _) => match of(Standing::is_live) {
            0 => format!("{}, and none works", counted(all, "token")),
            1 => format!("{}; 1 works", counted(all, "token")),
            live => format!("{}; {live} work", counted(all, "token")),
        },
    };
    let at = if places > found.len() as u64 { format!(" at {places} places") } else { String::new() };
    ui.note(&format!(
        "searched {}{members}, {} MiB: {what}{at}",
        counted(report.files, "file"),
        report.bytes.div_ceil(1024 * 1024)
    ));
}

fn say_ended(context: &Context, dry_run: bool, how: Stop, ended: &Ended) {
    let (verb, done) = match how {
        Stop::Revoke => ("revoke", "revoked"),
        Stop::Suspend => ("suspend", "suspended"),
    };
    if dry_run {
        reach::would(context, verb, &ended.keys);
    }
    for stopped in &ended.keys {
        let (key, with) = (&stopped.key, reach::with_others(stopped));
        let named = format!("{} ({})", key.path(), key.id);
        if stopped.already {
            context.ui.note(&format!("{named} was {done} already"));
        } else if !dry_run {
            context.ui.note(&format!("{done} {named}{with}; its tokens are refused from now on"));
        }
        if !stopped.secrets.is_empty() && !dry_run {
            let held = reach::secrets(stopped);
            context.ui.note(&format!("it could get the secrets {held}; they may have leaked, too"));
        }
    }
    let did = if dry_run { "dry run: would end" } else { "ended" };
    for key in &ended.cut {
        context
            .ui
            .note(&format!("{did} the grace of the old token of {}; its new one was not found", key.path()));
    }
    if ended.keys.is_empty() && ended.cut.is_empty() {
        context.ui.note(&format!("nothing was {done}: no token that was found works"));
    }
}
