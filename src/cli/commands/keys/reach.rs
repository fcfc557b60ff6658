//! What a change of keys would break, said alike by all that can be tried with `--dry-run`.

use crate::cli::context::Context;
use crate::domain::keys::key::{Key, LastUse};
use crate::domain::texts::text::counted;
use crate::ops::keys::select::Stopped;

/// Says what would be done to each key, and what hangs on it.
pub(in crate::cli::commands) fn would(context: &Context, verb: &str, keys: &[Stopped]) {
    let meant = || keys.iter().filter(|stopped| !stopped.already);
    for stopped in meant() {
        let key = &stopped.key;
        let with = with_others(stopped);
        let named = format!("{} ({})", key.path(), key.id);
        context.ui.note(&format!("dry run: would {verb} {named}{with}; nothing was changed"));
        context.ui.note(&format!("  {}", hanging(stopped)));
    }
    if keys.len() > 1 {
        let children = meant().map(|stopped| stopped.children.len() as u64).sum();
        let with = if children == 0 { String::new() } else { format!(" and {}", children_of(children)) };
        let made: u64 = keys.iter().map(|stopped| stopped.made.len() as u64).sum();
        let with =
            if made == 0 { with } else { format!("{with} and {} made with them", counted(made, "key")) };
        let count = counted(meant().count() as u64, "key");
        context.ui.note(&format!("dry run: {count}{with} in all; nothing was changed"));
    }
}

fn children_of(count: u64) -> String {
    if count == 1 { "1 child".to_owned() } else { format!("{count} children") }
}

/// The same, and ` and e/f, made with it`.
pub(in crate::cli::commands) fn with_others(stopped: &Stopped) -> String {
    let (children, made) = (with_children(&stopped.children), made_with(&stopped.made));
    if made.is_empty() { children } else { format!("{children} and {made}") }
}

/// `a/b, c/d, made with it`.
pub(super) fn made_with(made: &[Key]) -> String {
    let paths: Vec<String> = made.iter().map(Key::path).collect();
    if paths.is_empty() { String::new() } else { format!("{}, made with it", paths.join(", ")) }
}

/// ` and its children a/b, c/d`.
pub(super) fn with_children(children: &[Key]) -> String {
    let paths: Vec<String> = children.iter().map(Key::path).collect();
    if paths.is_empty() { String::new() } else { format!(" and its children {}", paths.join(", ")) }
}

fn hanging(stopped: &Stopped) -> String {
    let used = match stopped.key.last_used {
        LastUse::At(at) => format!("last used {at}"),
        LastUse::Never => "never used, as far as keyctl serve saw".to_owned(),
        LastUse::Unknown => "last use not known".to_owned(),
    };
    if stopped.secrets.is_empty() {
        used
    } else {
        format!("{used}; provider secrets in reach: {}", secrets(stopped))
    }
}

/// `main (anthropic), other (openai)`.
pub(in crate::cli::commands) fn secrets(stopped: &Stopped) -> String {
    let names = stopped.secrets.iter().map(|found| format!("{} ({})", found.name, found.provider));
    names.collect::<Vec<_>>().join(", ")
}
