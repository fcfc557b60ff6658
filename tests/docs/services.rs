//! docs/services.md: the same program in three languages.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::{blocks, read};
use crate::support::both;
use crate::support::cli::{Sandbox, finish};

const MASTER_KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

const FILES: [(&str, &str); 3] = [
    ("rust", "examples/service.rs"),
    ("python", "clients/python/examples/service.py"),
    ("js", "clients/typescript/examples/service.mjs"),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn the_documents_show_the_services_that_are_run() {
    let shown = blocks::parse(&read("docs/services.md")).expect("blocks");
    for (kind, file) in FILES {
        let text = read(file);
        // The first paragraph of the one in Rust is for the compiler.
        let text = if kind == "rust" { text.split_once("\n\n").expect("a paragraph").1 } else { &text };
        let found = shown.iter().any(
            |block| matches!(block, blocks::Block::NotRun { kind: found, text: code } if found == kind && *code == text.trim_end()),
        );
        assert!(found, "docs/services.md does not show {file}");
        assert!(text.lines().count() <= 17, "{file} is not about ten lines long");
    }
}

#[test]
fn the_service_in_the_readme_works_right_after_its_tour() {
    let readme = read("README.md");
    assert!(readme.contains(read(FILES[1].1).trim_end()), "the README shows another service");
    let (settings, run) = readme
        .lines()
        .zip(readme.lines().skip(1))
        .find(|(settings, _)| settings.starts_with("export KEYCTL_STORE="))
        .expect("the commands that run it");
    let python = environment("target/python/venv/bin/python").display().to_string();
    let run = run.replace("python3", &python).replace("clients/", &format!("{}/clients/", root().display()));
    let reader = super::Reader::new();
    super::walk(&reader, "README.md", "");
    let (code, seen) = reader.see(&format!("{settings}; {run}"));
    assert_eq!((code, seen.trim_end()), (0, "bot gets a secret of 20 characters"));
}

/// What runs each of them; scripts/test installs what is missing.
fn services() -> [Command; 3] {
    let built = std::env::current_exe().expect("this test");
    let target = built.parent().and_then(Path::parent).expect("the build's folder");
    let rust = target.join("examples/service");
    let python = environment("target/python/venv/bin/python");
    let node = std::env::var_os("KEYCTL_NODE").map_or_else(|| PathBuf::from("node"), PathBuf::from);
    environment("clients/typescript/dist/index.js");
    let [mut python, mut node] = [Command::new(python), Command::new(node)];
    python.arg(root().join(FILES[1].1));
    node.arg(root().join(FILES[2].1));
    [Command::new(rust), python, node]
}

fn environment(path: &str) -> PathBuf {
    let path = root().join(path);
    assert!(path.exists(), "{} is missing: run scripts/test, which installs it", path.display());
    path
}

both!(the_same_service_in_three_languages_answers_the_same, |place| {
    let sandbox = Sandbox::with_store(place);
    let with_key = |args: &[&str], input: &str| {
        let mut command = sandbox.command(args);
        command.env("KEYCTL_MASTER_KEY", MASTER_KEY);
        finish(command, input.as_bytes()).expect_code(0).stdout
    };
    let alice = with_key(&["mint", "alice", "--scope", "chat"], "");
    let bob = with_key(&["mint", "bob", "--scope", "files"], "");
    let carol = with_key(&["mint", "carol", "--scope", "chat"], "");
    with_key(&["revoke", "carol"], "");
    with_key(&["secret", "set", "anthropic", "team"], "sk-ant-of-the-team");
    with_key(&["secret", "bind", "team", "--default"], "");
    let address = crate::runtime::address(&sandbox.place);
    for (token, answer) in [
        (alice.as_str(), "alice gets a secret of 18 characters\n"),
        (&bob, "403\n"),
        (&carol, "401\n"),
        ("sk-guessed\n", "401\n"),
    ] {
        for mut service in services() {
            service.env("KEYCTL_STORE", &address).env("KEYCTL_MASTER_KEY", MASTER_KEY);
            let name = format!("{:?}", service.get_program());
            service.stdout(Stdio::piped()).stderr(Stdio::piped());
            let ran = finish(service, token.as_bytes());
            assert_eq!(ran.stdout, answer, "{name}: {}", ran.stderr);
        }
    }
});

#[test]
fn a_service_without_a_store_or_a_master_key_names_the_variable() {
    let sandbox = Sandbox::with_store(crate::support::store::Place::sqlite());
    let with_key = |args: &[&str], input: &str| {
        let mut command = sandbox.command(args);
        command.env("KEYCTL_MASTER_KEY", MASTER_KEY);
        finish(command, input.as_bytes()).expect_code(0).stdout
    };
    let alice = with_key(&["mint", "alice", "--scope", "chat"], "");
    with_key(&["secret", "set", "anthropic", "team"], "sk-ant-of-the-team");
    with_key(&["secret", "bind", "team", "--default"], "");
    let store = crate::runtime::address(&sandbox.place);
    for (variables, named) in [
        (&[("KEYCTL_MASTER_KEY", MASTER_KEY)][..], "KEYCTL_STORE"),
        (&[("KEYCTL_MASTER_KEY", MASTER_KEY), ("KEYCTL_STORE", "")], "KEYCTL_STORE"),
        (&[("KEYCTL_STORE", &store)], "KEYCTL_MASTER_KEY_FILE"),
        (
            &[
                ("KEYCTL_STORE", &store),
                ("KEYCTL_MASTER_KEY", "AQECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="),
            ],
            "KEYCTL_MASTER_KEY_FILE",
        ),
    ] {
        for mut service in services() {
            for name in
                ["KEYCTL_STORE", "KEYCTL_MASTER_KEY", "KEYCTL_MASTER_KEY_FILE", "KEYCTL_MASTER_KEY_CMD"]
            {
                service.env_remove(name);
            }
            service.envs(variables.iter().copied()).stdout(Stdio::piped()).stderr(Stdio::piped());
            let name = format!("{:?} {named}", service.get_program());
            let ran = finish(service, alice.as_bytes());
            assert_ne!(ran.code, Some(0), "{name}");
            assert!(ran.stderr.contains(named), "{name}: {}", ran.stderr);
            assert!(!ran.stderr.contains(MASTER_KEY), "{name}: {}", ran.stderr);
        }
    }
    // The command line says the same.
    for (arguments, named) in [
        (&["exec", "alice", "--", "true"][..], "KEYCTL_MASTER_KEY_FILE"),
        (&["list", "--store", "/nonexistent/keys.db"], "KEYCTL_STORE"),
        (&["list", "--store", ""], "KEYCTL_STORE"),
    ] {
        let ran = finish(sandbox.command(arguments), b"");
        assert!(ran.code != Some(0) && ran.stderr.contains(named), "{arguments:?}: {}", ran.stderr);
    }
}

/// SQLite takes the time from the process that reads, so a clock that is wrong there would let in
/// what has expired.
#[test]
fn a_service_whose_clock_is_before_2024_lets_nobody_in_and_says_why() {
    let sandbox = Sandbox::with_store(crate::support::store::Place::sqlite());
    let alice = sandbox.ok(&["mint", "alice", "--scope", "chat"]);
    for service in services() {
        let mut late = Command::new("faketime");
        late.arg("2020-01-01 00:00:00").arg(service.get_program()).args(service.get_args());
        late.env("KEYCTL_STORE", crate::runtime::address(&sandbox.place));
        late.stdout(Stdio::piped()).stderr(Stdio::piped());
        let name = format!("{late:?}");
        let ran = finish(late, alice.as_bytes());
        assert_eq!(ran.stdout, "", "{name}");
        assert_ne!(ran.code, Some(0), "{name}");
        assert!(ran.stderr.to_lowercase().contains("clock"), "{name}: {}", ran.stderr);
    }
}
