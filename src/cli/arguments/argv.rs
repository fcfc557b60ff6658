//! The words typed, looked at before and after clap: secrets among them are never echoed.

use std::ffi::{OsStr, OsString};

use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Args as _, CommandFactory as _};

use super::meant::{Place, meant};
use crate::cli::error::CliError;
use crate::cli::{Cli, Global};
use crate::domain::keys::token;
use crate::domain::texts::leak;

/// The part of a word that may be a value: behind the `=` of an option or of a variable, behind a
/// short option's letter, else all of it.
fn value(word: &str) -> &str {
    match word.split_once('=') {
        Some((name, value)) if word.starts_with('-') || is_variable(name) => value,
        _ if word.starts_with('-') && !word.starts_with("--") => word.get(2..).unwrap_or(word),
        _ => word,
    }
}

/// Whether it is written as the variables are that hold secrets. What is written otherwise may be
/// a label, and its value a name that only starts as a secret does.
fn is_variable(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}

/// The secret that a word is or has in it. A store's address may hold a password: other
/// code warns of that.
fn secret_in(word: &str) -> Option<&str> {
    let value = value(word);
    let in_name =
        || word.split_once('=').filter(|_| word.starts_with('-')).and_then(|(name, _)| leak::secret_in(name));
    if value.contains("://") { None } else { leak::secret_in(value).or_else(in_name) }
}

/// Whether `exec` is what was typed, which ends as the command that it runs: its own failures have
/// exit codes of their own.
pub(in crate::cli) fn is_exec(args: &[OsString]) -> bool {
    if !args.iter().any(|arg| arg == "exec") {
        return false;
    }
    let options = Global::augment_args(clap::Command::new("keyctl"));
    let mut words = args.iter().skip(1).map_while(|arg| arg.to_str());
    while let Some(word) = words.next() {
        if !word.starts_with('-') {
            return word == "exec";
        }
        if wants_value(&options, word) {
            words.next();
        }
    }
    false
}

/// Whether the word behind this option is its value.
fn wants_value(options: &clap::Command, word: &str) -> bool {
    let takes = |named: &dyn Fn(&clap::Arg) -> bool| {
        options.get_arguments().any(|option| named(option) && option.get_action().takes_values())
    };
    if let Some(long) = word.strip_prefix("--") {
        return takes(&|option| option.get_long() == Some(long));
    }
    let taking = word.char_indices().skip(1).find(|(_, c)| takes(&|option| option.get_short() == Some(*c)));
    taking.is_some_and(|(at, c)| at + c.len_utf8() == word.len())
}

/// What was typed for keyctl itself: without the command that `exec` runs, which is nobody
/// else's matter and need not be UTF-8.
fn own_words(args: &[OsString]) -> &[OsString] {
    if is_exec(args) { before_dashes(args) } else { args }
}

/// What is behind `--` is no option.
fn before_dashes(args: &[OsString]) -> &[OsString] {
    args.iter().position(|arg| arg == "--").map_or(args, |at| &args[..at])
}

/// Refuses a command line with a secret in it: other users see it in the process list, and
/// shells keep it. The hint spells the same command with public parts only.
pub(in crate::cli) fn refuse_secrets(args: &[OsString]) -> Result<(), CliError> {
    let mut words = Vec::with_capacity(args.len());
    for arg in own_words(args) {
        let word = arg.to_str().ok_or_else(|| {
            CliError::invalid("an argument is not valid UTF-8", "write names and values in UTF-8")
        })?;
        words.push(word);
    }
    let Some(secret) = words.iter().skip(1).find_map(|word| secret_in(word)) else {
        return Ok(());
    };
    let seen = "which process lists and your shell's history hold now";
    let hint = match token::public_part(secret) {
        None => format!("give secrets on standard input; replace this one, {seen}"),
        Some(public) => {
            let leaked = format!("replace it, {seen}: keyctl rotate {public} --grace 0");
            let (path, _) = command_of(args);
            if ["keyctl verify", "keyctl resolve"].contains(&path.as_str()) {
                let others: Vec<&str> = words[1..].iter().copied().filter(|word| *word != secret).collect();
                format!("give the token on standard input: keyctl {} < FILE; {leaked}", respell(&others))
            } else if public_part_will_do(&words, is_exec(args)) {
                format!("the public part is enough: keyctl {}", respell(&words[1..]))
            } else {
                format!("no token belongs there; {leaked}")
            }
        }
    };
    Err(CliError::invalid("a secret stands on the command line, where every process list shows it", hint))
}

/// Whether the same command with public parts only is one, and names keys or says things by them.
fn public_part_will_do(words: &[&str], is_exec: bool) -> bool {
    let mut respelled: Vec<String> = words.iter().map(|word| respell(&[word])).collect();
    if is_exec {
        respelled.extend(["--", "COMMAND"].map(str::to_owned));
    }
    let Ok(found) = Cli::command().try_get_matches_from(&respelled) else { return false };
    let changed: Vec<&str> =
        words.iter().zip(&respelled).filter(|(word, new)| new != *word).map(|(_, new)| value(new)).collect();
    let whole = Cli::command();
    let (mut command, mut matches) = (&whole, &found);
    let mut placed = Vec::new();
    loop {
        for arg in command.get_arguments() {
            let values = matches.try_get_raw(arg.get_id().as_str()).ok().flatten().into_iter().flatten();
            let values = values.filter_map(|value| value.to_str());
            let holds = values.filter(|value| changed.contains(value)).count();
            placed.extend(std::iter::repeat_n(arg, holds));
        }
        let next =
            matches.subcommand().and_then(|(name, inner)| Some((command.find_subcommand(name)?, inner)));
        let Some((inner, of_inner)) = next else { break };
        (command, matches) = (inner, of_inner);
    }
    !placed.is_empty() && placed.iter().all(|arg| is_about_a_key(arg))
}

/// Whether an argument names a key, or is a free text about one.
fn is_about_a_key(arg: &clap::Arg) -> bool {
    let names = arg.get_value_names().unwrap_or_default();
    let id = arg.get_id().as_str();
    names.iter().any(|name| name.starts_with("KEY") && name != "KEY_ID")
        || ["key", "reason", "labels"].contains(&id)
}

fn respell(words: &[&str]) -> String {
    let public = |word: &&str| match secret_in(word).map(|secret| (secret, token::public_part(secret))) {
        Some((secret, Some(public))) => word.replace(secret, public),
        None if !leak::looks_secret(value(word)) && !word.contains("://") => (*word).to_owned(),
        _ => "…".to_owned(),
    };
    words.iter().map(public).collect::<Vec<_>>().join(" ")
}

/// Whether errors are wanted as JSON; asked before, and even if, parsing fails.
pub(in crate::cli) fn wants_json(args: &[OsString]) -> bool {
    let is_json = |value: &str| matches!(value, "json" | "jsonl");
    let args = before_dashes(args);
    args.windows(2).any(|pair| {
        let option = pair[0] == OsStr::new("-o") || pair[0] == OsStr::new("--output");
        option && pair[1].to_str().is_some_and(is_json)
    }) || args
        .iter()
        .filter_map(|arg| arg.to_str())
        .any(|arg| arg.strip_prefix("--output=").or_else(|| arg.strip_prefix("-o")).is_some_and(is_json))
}

/// Longer words are not repeated in full.
const LONGEST_SHOWN: usize = 256;

/// What clap found wrong, in the form of every other error. Words that may be secrets are
/// left out, and long ones are cut.
pub(in crate::cli) fn usage_error(error: &clap::Error, args: &[OsString]) -> CliError {
    let text = error.render().to_string();
    let mut message =
        text.split("\n\n").next().unwrap_or_default().trim_start_matches("error: ").trim().to_owned();
    if is_missing(error) {
        let (path, _) = command_of(args);
        return CliError::invalid(
            "a command is missing",
            format!("usage: {path} COMMAND; see {path} --help"),
        );
    }
    if let Some(ContextValue::String(given)) = error.get(ContextKind::InvalidValue) {
        let option = error.get(ContextKind::InvalidArg).map(ToString::to_string).unwrap_or_default();
        match given.split_once('=') {
            // Who writes a variable's value there, as for other programs, writes a secret.
            Some((name, _)) if option.starts_with("--env ") => {
                message = message.replace(given, &format!("{name}=…"));
            }
            // Of a list, the one part that is wrong.
            _ if leak::looks_secret(given) => message = message.replace(given, "…"),
            _ => {}
        }
    }
    let hidden = |word: &&str| word.len() > LONGEST_SHOWN || leak::looks_secret(value(word));
    for word in args.iter().skip(1).filter_map(|arg| arg.to_str()).filter(hidden) {
        message = message.replace(word, "…").replace(value(word), "…");
    }
    let lines: Vec<&str> = message.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    CliError::invalid(lines.join(" "), hint(error, args))
}

/// Whether nothing is wrong but that a command is missing.
fn is_missing(error: &clap::Error) -> bool {
    let missing = [ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand, ErrorKind::MissingSubcommand];
    missing.contains(&error.kind())
}

/// The help to show where a command is missing.
pub(in crate::cli) fn help_instead(error: &clap::Error, args: &[OsString]) -> Option<StyledStr> {
    is_missing(error).then(|| command_of(args).1.render_help())
}

/// `keyctl mint` and that command: what was typed as far as it exists.
fn command_of(args: &[OsString]) -> (String, clap::Command) {
    let mut command = Cli::command();
    command.build();
    let mut path = vec!["keyctl".to_owned()];
    for word in args.iter().skip(1).filter_map(|arg| arg.to_str()) {
        let Some(found) = command.find_subcommand(word) else { continue };
        path.push(found.get_name().to_owned());
        command = found.clone();
    }
    (path.join(" "), command)
}

fn hint(error: &clap::Error, args: &[OsString]) -> String {
    // Behind a word that is no command nothing is one.
    let unknown = match error.get(ContextKind::InvalidSubcommand) {
        Some(ContextValue::String(word)) => args.iter().position(|arg| arg.to_str() == Some(word)),
        _ => None,
    };
    let (path, mut command) = command_of(&args[..unknown.unwrap_or(args.len())]);
    // Help is asked for by the words of the command itself.
    let path = match path.strip_prefix("keyctl help") {
        Some(rest) => format!("keyctl{rest}"),
        None => path,
    };
    let words: Vec<&str> = args.iter().filter_map(|arg| arg.to_str()).collect();
    if let Some(meant) = meant(error, &Place { path: &path, command: &command }, &words) {
        let end = if meant.ends_with('?') { "" } else { ";" };
        return format!("{meant}{end} see {path} --help");
    }
    let usage = match error.get(ContextKind::Usage) {
        // Clap's own names the option that it takes to be near, also one that is final.
        Some(_) if error.kind() == ErrorKind::UnknownArgument => command.render_usage().to_string(),
        usage => usage.map(ToString::to_string).unwrap_or_default(),
    };
    let lines = usage.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    let usage = lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" or ");
    let usage = without_variables(usage, &command, &words);
    match usage.strip_prefix("Usage: ") {
        Some(usage) => format!("usage: {usage}; see {path} --help"),
        None => format!("see {path} --help"),
    }
}

/// A usage without the options that nobody typed: where a variable stands for one, clap counts it among what was given.
fn without_variables(usage: String, command: &clap::Command, words: &[&str]) -> String {
    let by_variable = command.get_arguments().filter(|option| option.get_env().is_some());
    by_variable.fold(usage, |usage, option| {
        let long = format!("--{}", option.get_long().unwrap_or_default());
        if words.iter().any(|word| word.split('=').next() == Some(&long)) {
            return usage;
        }
        usage.replace(&format!(" {}", option.to_string().trim()), "")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(line: &str) -> Vec<OsString> {
        line.split(' ').map(OsString::from).collect()
    }

    #[test]
    fn exec_is_the_first_word_that_is_no_option() {
        for (line, expected) in [
            ("keyctl exec", true),
            ("keyctl -qo json --store exec --color=never exec alice -- list", true),
            ("keyctl -ojson exec", true),
            ("keyctl --yes exec", true),
            ("keyctl --store exec list", false),
            ("keyctl -qo exec list", false),
            ("keyctl show exec", false),
            ("keyctl", false),
        ] {
            assert_eq!(is_exec(&typed(line)), expected, "{line}");
        }
    }

    fn hint_for(line: &str) -> String {
        let args = typed(line);
        let error = Cli::command().try_get_matches_from(&args).expect_err(line);
        usage_error(&error, &args).hint.unwrap_or_default()
    }

    #[test]
    fn the_words_of_other_tools_are_understood() {
        for (line, meant) in [
            ("list --json", "did you mean -o json? see keyctl list --help"),
            ("list --csv", "-o csv?"),
            ("list --format json", "-o json?"),
            ("list --format=csv", "-o csv?"),
            ("list --output-format yaml", "-o json?"),
            ("mint alice --ttl 30d", "--expires?"),
            ("mint alice --expires-in=30d", "--expires?"),
            ("secret set openai x --ttl 30d", "--expires?"),
            (
                "mint --owner alice",
                "did you mean keyctl mint alice? it needs no option; see keyctl mint --help",
            ),
            ("mint --user=alice", "keyctl mint alice?"),
            ("show --owner alice", "keyctl show alice?"),
            ("rotate --key alice", "keyctl rotate alice?"),
            ("show --id -o json", "keyctl show KEY?"),
            ("get alice", "did you mean keyctl show? see keyctl --help"),
            ("describe alice", "keyctl show?"),
            ("owner get alice", "keyctl owner show?"),
            ("store info", "keyctl store status?"),
            ("update alice", "keyctl edit?"),
            ("role update reader", "keyctl role set?"),
            ("secret add openai x", "keyctl secret set?"),
            ("users", "keyctl owner list?"),
            ("user delete bob", "did you mean keyctl owner list? see keyctl --help"),
            ("secrets list", "did you mean keyctl secret list? see keyctl --help"),
            ("roles", "keyctl role list?"),
            ("scopes", "keyctl scope list?"),
            ("version", "keyctl --version?"),
            ("login", "there is nothing to log in to"),
            ("rotate alice --now", "--grace 0?"),
            ("revoke alice --now", "at once: leave it out"),
            ("revoke alice --force", "--yes?"),
            ("owner delete alice --force", "--yes?"),
            ("store init --force", "did you mean --if-absent? see keyctl store init --help"),
            ("mint alice --force", "--if-absent?"),
            (
                "rotate alice --force",
                "it asks nothing, and --overwrite goes with --out-file: it replaces what is no token",
            ),
            ("mint Alice", "did you mean keyctl mint alice --subject Alice? see keyctl mint --help"),
            ("mint auth0|5f7C --scope m", "keyctl mint auth0-5f7c --subject 'auth0|5f7C'?"),
            ("owner add Alice", "keyctl owner add alice --subject Alice?"),
            ("new alice", "keyctl mint?"),
            ("renew alice", "keyctl rotate?"),
            ("disable alice", "keyctl suspend?"),
            ("logs", "keyctl audit list?"),
            ("list --sort-by name", "--sort?"),
            ("mint alice --permissions a", "--scope?"),
        ] {
            let hint = hint_for(&format!("keyctl {line}"));
            assert!(hint.contains(meant), "{line}: {hint}");
            assert!(hint.matches('?').count() <= 1 && hint.contains("see keyctl"), "{line}: {hint}");
        }
    }

    #[test]
    fn of_slips_the_nearest_is_named_and_never_what_is_final() {
        for (line, meant) in [
            ("mnit", "did you mean mint?"),
            ("creat", "did you mean mint?"),
            ("lits", "did you mean list?"),
            ("veryfi", "did you mean verify?"),
            ("secret lst", "did you mean list?"),
            ("mint a --lable x=y", "did you mean --label?"),
            ("conformance rn", "did you mean run? see keyctl conformance --help"),
            ("import cvs", "did you mean csv?"),
            ("help mnit", "did you mean mint? see keyctl --help"),
            ("help store int", "did you mean init? see keyctl store --help"),
            ("help describe", "did you mean keyctl show?"),
            ("conformance xyzzy", "usage: keyctl conformance [OPTIONS] or keyctl conformance <COMMAND>;"),
            ("secret delete x --purg", "usage: keyctl secret delete [OPTIONS] <NAME>;"),
            ("owner list --state x", "usage: keyctl owner list [OPTIONS];"),
        ] {
            let hint = hint_for(&format!("keyctl {line}"));
            assert!(hint.starts_with(meant), "{line}: {hint}");
        }
        for line in [
            "evoke alice",
            "revok alice",
            "delet alice",
            "remvoe alice",
            "destroy alice",
            "kill alice",
            "drop x",
            "secret delte x",
            "secret purge x",
            "secret unbnd x",
            "owner delte alice",
            "role remove x",
            "scope remov alice x",
            "secret delete x --prge",
            "secret delete x --purg",
            "help delet",
            "help secret dlete",
            "store accept-rolback",
            "rotate x --overwrit",
            "store compat apollo --remov",
            // Too far to be slips.
            "verify --token",
            "list --revoked",
            "list --yaml",
        ] {
            let hint = hint_for(&format!("keyctl {line}"));
            assert!(!hint.contains("did you mean"), "{line}: {hint}");
        }
    }

    #[test]
    fn what_may_be_a_secret_is_not_offered_back() {
        let hint = hint_for("keyctl mint --owner hunter2-Sup3rSecretPassw0rd");
        assert!(hint.starts_with("did you mean keyctl mint OWNER?"), "{hint}");
    }

    #[test]
    fn the_words_of_the_command_are_its_own() {
        let secret = "sk-ant-api03-Xk3Jq9ZkPw2XaT7vRb1LmN8cDfGh5yUe";
        assert!(refuse_secrets(&typed(&format!("keyctl exec alice -- echo {secret}"))).is_ok());
        assert!(refuse_secrets(&typed(&format!("keyctl exec {secret} -- echo"))).is_err());
        assert!(refuse_secrets(&typed(&format!("keyctl revoke -- {secret}"))).is_err());
        let token = "sks_4fTq9ZkPw2Xa_V24MWaMOt9xqkx6uRTOIOpVcS2MMOEFL2ACdhsHO2Kk4Qq3FA";
        for words in ["mint --_=x", "list --x-_=1", "--_=1 list", "show --_", "show _b", "show see_and"] {
            let words = format!("keyctl {}", words.replace('_', token));
            let said = refuse_secrets(&typed(&words)).expect_err(&words);
            assert!(!format!("{said:?}").contains(&token[17..]), "{said:?}");
        }
        assert!(!wants_json(&typed("keyctl exec alice -- kubectl get -o json")));
        assert!(wants_json(&typed("keyctl exec -o json alice -- kubectl get")));
    }
}
