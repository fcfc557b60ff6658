//! Generated files are committed, and are what the program makes today. To make them anew:
//! `KEYCTL_GENERATE=1 cargo test --test integration generated`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use clap_complete::Shell;
use keyctl::cli::generate;

const SHELLS: [(Shell, &str); 5] = [
    (Shell::Bash, "keyctl.bash"),
    (Shell::Zsh, "_keyctl"),
    (Shell::Fish, "keyctl.fish"),
    (Shell::Elvish, "keyctl.elv"),
    (Shell::PowerShell, "_keyctl.ps1"),
];

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
        SHELLS.iter().map(|(shell, name)| ((*name).to_owned(), generate::completions(*shell))).collect(),
    );
}

#[test]
fn manual_pages_are_current() {
    let pages = generate::man_pages().expect("pages");
    assert!(pages.len() > 12, "one for each command");
    check("man", pages.into_iter().map(|page| (format!("{}.1", page.name), page.roff)).collect());
}
