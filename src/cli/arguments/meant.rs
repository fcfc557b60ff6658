//! What was probably meant by a word that keyctl does not know: a slip of the fingers, or a word of
//! other tools. Only the best is offered, only what the command at hand has, and nothing that
//! cannot be taken back: whoever revokes or deletes types it themselves.

use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::config::choice::Output;
use crate::domain::owners::owner::Owner;
use crate::domain::owners::subject::{OwnerSubject, name_of};
use crate::domain::texts::leak;
use crate::domain::texts::near::{is_slip, nearest_of_all};
use crate::domain::texts::text::shell_word;

/// Commands and options that are never offered.
const FINAL: [&str; 14] = [
    "revoke",
    "delete",
    "remove",
    "purge",
    "unbind",
    "accept-rollback",
    "restore",
    "reopen",
    "--cut-over",
    "--accept-rollback",
    "--replace-other",
    "--purge",
    "--remove",
    "--overwrite",
];

/// Words of other tools for commands: the first of ours that there is at that place.
const COMMANDS: [(&[&str], &[&str]); 10] = [
    (&["get", "describe", "info", "inspect", "view", "cat", "display"], &["show", "status", "list"]),
    (&["ls", "all", "ps", "keys", "tokens"], &["list"]),
    (&["update", "modify", "change", "patch", "alter", "set"], &["edit", "set"]),
    (
        &["create", "new", "add", "make", "generate", "gen", "issue", "put", "register"],
        &["mint", "add", "set", "init"],
    ),
    (&["validate", "introspect", "authenticate", "test", "check"], &["verify", "check"]),
    (&["renew", "roll", "roll-over", "refresh", "regenerate", "reissue"], &["rotate"]),
    (&["disable", "pause", "block", "lock", "deactivate", "freeze"], &["suspend", "disable"]),
    (&["enable", "unsuspend", "unblock", "unlock", "activate", "reactivate"], &["resume", "enable"]),
    (&["upgrade", "update-schema"], &["migrate"]),
    (&["completion", "autocomplete"], &["completions"]),
];

/// Words that stand first in other tools, and what does that here.
const FIRST: [(&[&str], &str); 15] = [
    (&["owners", "users", "user", "accounts", "account", "principals"], "owner list"),
    (&["roles"], "role list"),
    (&["scopes", "permissions", "perms"], "scope list"),
    (&["secrets"], "secret list"),
    (&["token", "key"], "mint"),
    (&["log", "logs", "history", "events"], "audit list"),
    (&["init", "initialize", "setup"], "store init"),
    (&["status"], "store status"),
    (&["migrate"], "store migrate"),
    (&["doctor", "fsck"], "store check"),
    (&["configure", "settings", "whoami", "env"], "config show"),
    (&["grant"], "scope add"),
    (&["run"], "exec"),
    (&["rename"], "edit"),
    (&["version"], "--version"),
];

/// Options of other tools, and the first of ours that the command takes.
const OPTIONS: [(&[&str], &[&str]); 21] = [
    (
        &[
            "ttl",
            "expire",
            "expiry",
            "expiration",
            "expires-in",
            "expires-at",
            "valid-for",
            "valid-until",
            "duration",
            "lifetime",
            "max-age",
            "until",
            "days",
            "exp",
        ],
        &["expires"],
    ),
    (&["scopes", "permission", "permissions", "perms", "grant", "grants", "allow"], &["scope"]),
    (&["now", "immediate", "immediately", "no-grace"], &["grace 0"]),
    (&["force"], &["if-absent"]),
    (
        &[
            "force",
            "no-prompt",
            "assume-yes",
            "non-interactive",
            "no-confirm",
            "confirm",
            "batch",
            "auto-approve",
        ],
        &["yes"],
    ),
    (&["description", "desc", "comment", "note", "tag", "tags", "metadata", "annotation"], &["label"]),
    (&["message", "why", "comment", "description"], &["reason"]),
    (&["rate-limit", "ratelimit", "limit", "throttle"], &["rate"]),
    (&["ip", "ips", "cidr", "network", "networks", "allowed-ips", "allowlist", "whitelist"], &["allow-ip"]),
    (&["out", "outfile", "output-file", "save", "save-to"], &["out-file"]),
    (&["start", "starts", "valid-from", "from", "nbf", "after"], &["not-before"]),
    (&["if-not-exists", "exist-ok", "ensure", "idempotent", "skip-existing"], &["if-absent"]),
    (&["ignore-not-found", "missing-ok"], &["if-exists"]),
    (&["dryrun", "simulate", "what-if", "whatif", "noop", "preview", "check"], &["dry-run"]),
    (&["db", "database", "database-url", "db-url", "dsn", "url", "uri", "data-dir"], &["store"]),
    (&["silent"], &["quiet"]),
    (&["debug", "trace"], &["verbose"]),
    (&["no-color", "no-colour", "colorless"], &["color never"]),
    (&["order", "order-by", "sort-by"], &["sort"]),
    (&["tail", "watch"], &["follow"]),
    (&["max", "count", "top", "page-size"], &["limit"]),
];

/// Options that name a format in other tools.
const FORMATS: [&str; 5] = ["format", "fmt", "output-format", "out-format", "print"];

/// Options for what stands alone here.
const ALONE: [&str; 13] = [
    "owner",
    "user",
    "username",
    "account",
    "principal",
    "client",
    "for",
    "key",
    "key-id",
    "id",
    "name",
    "token",
    "provider",
];

/// The command that was typed, as far as there is one.
pub(in crate::cli) struct Place<'c> {
    /// `keyctl owner`
    pub(in crate::cli) path: &'c str,
    pub(in crate::cli) command: &'c clap::Command,
}

/// `did you mean …?` for what clap found unknown; nothing where nothing is near. `words` is all that
/// was typed.
pub(in crate::cli) fn meant(error: &clap::Error, place: &Place<'_>, words: &[&str]) -> Option<String> {
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.as_str()),
        _ => None,
    };
    let said = match error.kind() {
        ErrorKind::InvalidSubcommand => {
            let word = text(ContextKind::InvalidSubcommand)?;
            place.of_others(word).or_else(|| place.nearest(error, word))
        }
        ErrorKind::UnknownArgument => {
            let word = text(ContextKind::InvalidArg)?;
            place.option_of_others(word, words)
        }
        ErrorKind::ValueValidation => {
            place.subject(text(ContextKind::InvalidArg)?, text(ContextKind::InvalidValue)?)
        }
        _ => None,
    };
    said.or_else(|| {
        let typed = text(ContextKind::InvalidArg).unwrap_or_default();
        let option = text(ContextKind::SuggestedArg).filter(|near| is_slip(typed, near));
        let slip = option.or_else(|| text(ContextKind::SuggestedValue))?;
        (!FINAL.contains(&slip)).then(|| did_you_mean(slip))
    })
}

/// The one that is a slip away from what was typed: the nearest.
pub(in crate::cli) fn slip<'n>(typed: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    nearest_of_all(typed, names.filter(|name| is_slip(typed, name)))
}

/// The command that was meant by the first of these words that is none: `secret set`.
pub(in crate::cli) fn command_meant(mut command: &clap::Command, words: &[String]) -> Option<String> {
    let mut path = Vec::new();
    for word in words {
        let name = match command.find_subcommand(word) {
            Some(found) => found.get_name(),
            None => slip(word, command.get_subcommands().map(clap::Command::get_name))?,
        };
        command = command.find_subcommand(name)?;
        path.push(name);
    }
    path.iter().all(|name| !FINAL.contains(name)).then(|| path.join(" "))
}

fn did_you_mean(what: &str) -> String {
    format!("did you mean {what}?")
}

impl Place<'_> {
    fn is_first(&self) -> bool {
        self.path == "keyctl"
    }

    fn has(&self, name: &str) -> bool {
        !FINAL.contains(&name) && self.command.get_subcommands().any(|known| known.get_name() == name)
    }

    fn takes(&self, option: &str) -> bool {
        self.command.get_arguments().any(|known| known.get_long() == Some(option))
    }

    /// What a command of other tools is called here.
    fn of_others(&self, word: &str) -> Option<String> {
        let word = word.to_ascii_lowercase();
        if self.is_first() {
            if ["login", "logout", "signin", "auth"].contains(&word.as_str()) {
                return Some(
                    "there is nothing to log in to: --store or KEYCTL_STORE names the store".to_owned(),
                );
            }
            let named = FIRST.iter().find(|(others, _)| others.contains(&word.as_str()));
            if let Some((_, ours)) = named {
                return Some(did_you_mean(&format!("keyctl {ours}")));
            }
        }
        let (_, ours) = COMMANDS.iter().find(|(others, _)| others.contains(&word.as_str()))?;
        let ours = ours.iter().find(|ours| self.has(ours))?;
        Some(did_you_mean(&format!("{} {ours}", self.path)))
    }

    /// Of the commands that clap finds near, or that are a slip away, the one with the fewest slips,
    /// by its own name.
    fn nearest(&self, error: &clap::Error, word: &str) -> Option<String> {
        let near = match error.get(ContextKind::SuggestedSubcommand) {
            Some(ContextValue::Strings(near)) => near.as_slice(),
            Some(ContextValue::String(near)) => std::slice::from_ref(near),
            _ => &[],
        };
        let best = match nearest_of_all(word, near) {
            Some(best) => best.as_str(),
            None => slip(
                word,
                self.command.get_subcommands().flat_map(clap::Command::get_name_and_visible_aliases),
            )?,
        };
        let name = self.command.find_subcommand(best).map_or(best, clap::Command::get_name);
        self.has(name).then(|| did_you_mean(name))
    }

    /// `keyctl mint alice --subject Alice`, for an id of people's own where a name belongs.
    fn subject(&self, arg: &str, typed: &str) -> Option<String> {
        let is_owner = arg.trim_matches(['[', ']', '<', '>']) == "OWNER";
        if !is_owner
            || !["mint", "add"].contains(&self.command.get_name())
            || typed.contains('/')
            || leak::looks_secret(typed)
        {
            return None;
        }
        typed.parse::<OwnerSubject>().ok()?;
        let name = name_of(typed).filter(|name| name.as_str() != typed)?;
        Some(did_you_mean(&format!("{} {name} --subject {}", self.path, shell_word(typed))))
    }

    /// What an option of other tools is called here.
    fn option_of_others(&self, word: &str, words: &[&str]) -> Option<String> {
        let option = word.strip_prefix("--")?.to_ascii_lowercase();
        let option = option.as_str();
        if let Some(format) = Output::ALL.iter().find(|format| format.as_str() == option) {
            return Some(did_you_mean(&format!("-o {}", format.as_str())));
        }
        if FORMATS.contains(&option) {
            let known =
                value(words, word).filter(|value| Output::ALL.iter().any(|one| one.as_str() == *value));
            return Some(did_you_mean(&format!("-o {}", known.unwrap_or("json"))));
        }
        if let Some(alone) = self.alone(option, words, word) {
            return Some(alone);
        }
        if option == "force" && self.takes("overwrite") {
            let what = "it asks nothing, and --overwrite goes with --out-file: it replaces what is no token";
            return Some(what.to_owned());
        }
        if option == "now" && !self.takes("grace") {
            return Some("it is in force at once: leave it out".to_owned());
        }
        let known = |(others, ours): &(&[&str], &'static [&'static str])| {
            let ours = others.contains(&option).then(|| ours.iter()).into_iter().flatten();
            ours.copied().find(|ours| self.takes(ours.split(' ').next().unwrap_or_default()))
        };
        OPTIONS.iter().find_map(known).map(|ours| did_you_mean(&format!("--{ours}")))
    }

    /// `keyctl mint alice`, for `--owner alice`: who or what it is about needs no option.
    fn alone(&self, option: &str, words: &[&str], typed: &str) -> Option<String> {
        let about = self.command.get_positionals().next()?;
        let is_about = ["owner", "key", "keys", "name", "provider"].contains(&about.get_id().as_str());
        if !ALONE.contains(&option)
            || !is_about
            || (option == "provider") != (about.get_id().as_str() == "provider")
        {
            return None;
        }
        let given =
            value(words, typed).filter(|value| value.parse::<Owner>().is_ok() && !leak::looks_secret(value));
        let name =
            about.get_value_names().and_then(|names| names.first()).map_or("…", |name| name.as_str());
        let shown = given.unwrap_or(name);
        Some(format!("{} it needs no option", did_you_mean(&format!("{} {shown}", self.path))))
    }
}

/// What stands behind an option, or behind its `=`.
fn value<'w>(words: &[&'w str], option: &str) -> Option<&'w str> {
    let at = words.iter().position(|word| word.split('=').next() == Some(option))?;
    match words[at].split_once('=') {
        Some((_, value)) => Some(value),
        None => words.get(at + 1).copied().filter(|word| !word.starts_with('-')),
    }
}
