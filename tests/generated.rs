//! Generated files are committed, and are what the program makes today. To make them anew:
//! `KEYCTL_GENERATE=1 cargo test --test integration generated`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use clap_complete::Shell;
use keyctl::cli::generation;

use crate::support::cli::{Sandbox, finish};
use crate::support::store::Place;

const SHELLS: [(Shell, &str); 5] = [
    (Shell::Bash, "keyctl.bash"),
    (Shell::Zsh, "_keyctl"),
    (Shell::Fish, "keyctl.fish"),
    (Shell::Elvish, "keyctl.elv"),
    (Shell::PowerShell, "_keyctl.ps1"),
];

/// Compares one file, or makes it anew.
fn check_file(path: &str, content: &str) {
    let whole = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("KEYCTL_GENERATE").is_some() {
        fs::write(&whole, content).expect("written");
    }
    let committed = fs::read_to_string(&whole).expect("read");
    assert!(committed == content, "{path} is not current: run with KEYCTL_GENERATE=1");
}

fn check(folder: &str, files: Vec<(String, Vec<u8>)>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    if std::env::var_os("KEYCTL_GENERATE").is_some() {
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).expect("folder");
        for (name, content) in &files {
            fs::write(folder.join(name), content).expect("written");
        }
    }
    let expected: BTreeSet<PathBuf> = files.iter().map(|(name, _)| folder.join(name)).collect();
    let found: BTreeSet<PathBuf> =
        fs::read_dir(&folder).expect("folder").map(|entry| entry.expect("entry").path()).collect();
    assert_eq!(found, expected);
    for (name, content) in files {
        let committed = fs::read(folder.join(&name)).expect("read");
        assert!(committed == content, "{name} is not current: run with KEYCTL_GENERATE=1");
    }
}

#[test]
fn completions_are_current() {
    check(
        "completions",
        SHELLS.iter().map(|(shell, name)| ((*name).to_owned(), generation::completions(*shell))).collect(),
    );
}

#[test]
fn manual_pages_are_current() {
    let pages = generation::man_pages();
    assert!(pages.len() > 12, "one for each command");
    check(
        "man",
        pages.into_iter().map(|page| (format!("{}.1", page.name), page.roff.into_bytes())).collect(),
    );
}

#[test]
fn the_reference_is_current() {
    check_file("docs/cli.md", &generation::reference());
}

#[test]
fn the_schema_of_manifests_is_current() {
    check_file("docs/manifest.schema.json", &keyctl::domain::provisioning::manifest::schema());
}

/// As man does it, with every warning that the formatter has.
#[test]
fn manual_pages_are_formatted_without_a_warning() {
    for page in generation::man_pages() {
        let mut groff = Command::new("groff");
        groff.args(["-man", "-Tutf8", "-ww", "-P-cbou"]).stdout(Stdio::piped()).stderr(Stdio::piped());
        let found = groff.get_program().to_owned();
        assert!(
            Command::new(&found).arg("--version").stdout(Stdio::null()).status().is_ok(),
            "groff was not found: run scripts/test, which installs what is missing"
        );
        let ran = finish(groff, page.roff.as_bytes());
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{}", page.name);
        for section in
            ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXIT STATUS", "ENVIRONMENT", "SEE ALSO"]
        {
            assert!(ran.stdout.contains(section), "{} has no {section}: {}", page.name, ran.stdout);
        }
    }
}

#[test]
fn the_program_prints_what_is_committed() {
    let sandbox = Sandbox::empty(Place::sqlite());
    let committed =
        |path: &str| fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).expect("read");
    for (shell, name) in SHELLS {
        let printed = sandbox.run(&["completions", &shell.to_string()]).expect_code(0).stdout;
        assert_eq!(printed, committed(&format!("completions/{name}")), "{name}");
    }
    let printed = sandbox.run(&["man", "store", "init"]).expect_code(0).stdout;
    assert_eq!(printed, committed("man/keyctl-store-init.1"));
}
