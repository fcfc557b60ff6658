//! What the program says of itself where it is installed under its other name.

use std::process::{Command, Stdio};

use crate::support::cli::{PROGRAM, Ran, Sandbox, finish};
use crate::support::store::Place;

/// Runs it by a link of that name.
fn called(sandbox: &Sandbox, name: &str, words: &[&str]) -> Ran {
    let link = sandbox.home().join(name);
    if !link.exists() {
        std::os::unix::fs::symlink(PROGRAM, &link).expect("a link");
    }
    let mut command = Command::new(link);
    command.env_clear().env("HOME", sandbox.home()).env("KEYCTL_STORE", sandbox.place.text()).args(words);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    finish(command, b"")
}

#[test]
fn what_is_said_to_type_runs_this_program_and_not_the_kernels() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    for name in ["keyctl", "skeyctl"] {
        let missing = called(&sandbox, name, &["show", "nobody"]);
        let hint = missing.stderr.lines().find(|line| line.starts_with("hint: ")).expect("a hint");
        assert!(hint.contains(&format!(" {name} list")), "{hint}");
        let as_json = called(&sandbox, name, &["show", "nobody", "-o", "json"]);
        assert!(as_json.stderr.contains(&format!("\"hint\":\"{name} list")), "{as_json:?}");

        let help = called(&sandbox, name, &["mint", "--help"]);
        assert!(help.stdout.contains(&format!("Usage: {name} mint ")), "{help:?}");
        assert!(help.stdout.contains(&format!("\n  {name} mint alice")), "{help:?}");
        // A command that is missing, and a word too many.
        for words in [&["owner"][..], &["show", "--nothing"]] {
            let ran = called(&sandbox, name, words);
            assert_eq!(ran.code, Some(2), "{ran:?}");
            assert!(ran.stderr.contains(&format!(" {name} ")), "{ran:?}");
        }
        let version = called(&sandbox, name, &["--version"]);
        assert!(version.stdout.starts_with("keyctl "), "{version:?}");
    }
}

#[test]
fn what_people_named_keyctl_keeps_its_name() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    let made = called(&sandbox, "skeyctl", &["mint", "keyctl", "--scope", "m"]);
    assert!(made.stderr.contains("keyctl is a new owner"), "{made:?}");
    assert!(!made.stderr.contains("skeyctl"), "{made:?}");
}
