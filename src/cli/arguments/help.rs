//! What the help, the manual pages and the reference say of every command.

use std::fmt::Write as _;

/// The variables of the environment that keyctl looks at.
pub(in crate::cli) const VARIABLES: [(&str, &str); 18] = [
    ("KEYCTL_STORE", "the store, as --store"),
    ("KEYCTL_PROFILE", "the profile, as --profile"),
    (
        "KEYCTL_CONFIG",
        "the configuration file instead of keyctl/config.toml below XDG_CONFIG_HOME, or below .config of HOME",
    ),
    ("KEYCTL_LOCK_TIMEOUT", "as --lock-timeout"),
    (
        "KEYCTL_MASTER_KEY",
        "the master key for providers' secrets: 32 bytes in base64, or hex: and hexadecimal",
    ),
    (
        "KEYCTL_MASTER_KEY_FILE, KEYCTL_MASTER_KEY_CMD",
        "or the file that holds it, or the command that prints it: one of the three",
    ),
    ("KEYCTL_MASTER_PASSPHRASE", "or a passphrase that it is made of"),
    (
        "KEYCTL_MASTER_KEY_PREVIOUS, KEYCTL_MASTER_PASSPHRASE_PREVIOUS",
        "the master key before, for keyctl master rotate",
    ),
    (
        "KEYCTL_BACKUP_PASSPHRASE, KEYCTL_BACKUP_PASSPHRASE_FILE, KEYCTL_BACKUP_PASSPHRASE_CMD",
        "the passphrase that backups are sealed with, the file that holds it, or the command that prints it",
    ),
    (
        "KEYCTL_BACKUP_KEY, KEYCTL_BACKUP_KEY_FILE, KEYCTL_BACKUP_KEY_CMD",
        "or a key: 32 bytes as a master key is written; one of the six",
    ),
    ("KEYCTL_SECRETS_DIR", "a folder whose files others may read, as /run/secrets: for a master key's file"),
    (
        "APOLLO_ENC_KEY, APOLLO_ENC_KEY_FILE, APOLLO_ENC_KEY_CMD",
        "Apollo's own key, for keyctl store compat apollo and import apollo",
    ),
    ("KEYCTL_ACTOR", "who you are, for the audit log"),
    ("KEYCTL_AUDIT_SINK", "where audit records go besides the store: file:PATH or cmd:PROGRAM ARGUMENT..."),
    (
        "KEYCTL_OUTBOUND_ALLOW",
        "private networks whose servers may be asked, as in 10.20.0.0/16: else public addresses alone are",
    ),
    (
        "XDG_DATA_HOME, HOME",
        "where the default store is: keyctl/keys.db below the one, or below .local/share of the other",
    ),
    ("PGPASSWORD, PGPASSFILE", "the password of a PostgreSQL address that holds none"),
    ("NO_COLOR", "no colour"),
];

/// An exit code, what it is called in the help, and what it means.
pub(in crate::cli) const EXIT_CODES: [(u8, &str, &str); 10] = [
    (0, "done", "done; for verify: allowed"),
    (1, "anything else", "another failure"),
    (2, "wrong input", "wrong usage or invalid input"),
    (3, "not found", "not found"),
    (4, "conflict", "conflict: it exists already, is ambiguous, or its state forbids it"),
    (5, "denied", "denied: the answer of verify is on standard output"),
    (6, "busy", "busy: another process held the lock for longer than --lock-timeout"),
    (7, "store", "the store cannot be used, or is damaged"),
    (8, "master key", "a provider's secret cannot be had, or the master key"),
    (9, "output", "the output could not be written; if it was a fresh token, nothing was changed"),
];

/// What every exit code but 0 has in common.
pub(in crate::cli) const NONZERO: &str =
    "Nonzero means that nothing was changed, unless the message says so.";

/// The columns of a name and of what is said of it.
const NAME: usize = 23;
const TEXT: usize = 60;

/// What stands below the help of the tool itself.
pub(in crate::cli) fn epilogue() -> String {
    let mut text = String::from("Environment:\n");
    for (name, meaning) in VARIABLES {
        let mut name = name;
        if name.len() >= NAME {
            // Names that are too long for their column stand above the meaning, a line each.
            for one in name.split_inclusive(", ") {
                let _ = writeln!(text, "  {}", one.trim_end());
            }
            name = "";
        }
        for line in wrap(meaning, TEXT) {
            let _ = writeln!(text, "  {name:<NAME$}{line}");
            name = "";
        }
    }
    // The one without a meaning of its own comes last.
    let (rest, named): (Vec<_>, Vec<_>) = EXIT_CODES.iter().partition(|(code, ..)| *code == 1);
    let codes: Vec<String> =
        named.iter().chain(&rest).map(|(code, name, _)| format!("{code} {name}")).collect();
    let codes = format!("Exit codes: {}. {NONZERO}", codes.join(", "));
    text + "\n" + &wrap(&codes, NAME + TEXT + 2).join("\n")
}

/// Lines of at most `width` characters, broken at blanks.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) if line.len() + 1 + word.len() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}
