//! Imports go strictly downward, and siblings never import each other.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// What each layer may import of this crate, and which other crates it may use at all; an
/// empty list of crates means any.
const LAYERS: [(&str, &[&str], &[&str]); 8] = [
    ("domain", &[], &["ipnet", "jiff", "serde", "serde_json", "thiserror", "uuid", "zeroize"]),
    (
        "crypto",
        &["domain"],
        &["aes_gcm", "argon2", "base64", "hkdf", "sha2", "subtle", "thiserror", "uuid", "zeroize"],
    ),
    ("store", &["domain"], &[]),
    (
        "ops",
        &["domain", "crypto", "store"],
        &["csv", "rand", "serde", "serde_json", "strsim", "thiserror", "uuid", "zeroize"],
    ),
    (
        "runtime",
        &["domain", "crypto", "store", "config"],
        &["quick_cache", "rustix", "serde_json", "thiserror", "tokio", "uuid", "zeroize"],
    ),
    ("config", &["domain"], &["rustix", "thiserror", "toml", "zeroize"]),
    ("render", &["domain", "ops"], &["comfy_table", "serde", "serde_json", "unicode_width"]),
    ("cli", &["domain", "ops", "config", "render", "runtime", "store"], &[]),
];

/// Crates that only some layers may use, wherever else they would be allowed.
const RESERVED: [(&str, &[&str]); 14] = [
    ("rusqlite", &["store"]),
    ("tokio_postgres", &["store"]),
    ("rustls", &["store"]),
    ("clap", &["cli"]),
    ("dialoguer", &["cli"]),
    ("indicatif", &["cli"]),
    ("sha2", &["crypto"]),
    ("argon2", &["crypto"]),
    ("aes_gcm", &["crypto"]),
    ("hkdf", &["crypto"]),
    ("base64", &["cli", "crypto"]),
    ("subtle", &["crypto"]),
    ("rand", &["ops"]),
    ("toml", &["config"]),
];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("folder") {
        let path = entry.expect("entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs")
            && !path.ends_with("envelope_tests.rs")
        {
            found.push(path);
        }
    }
}

/// The code of a layer without its comments and unit tests.
fn code(layer: &str) -> Vec<(PathBuf, String)> {
    let mut paths = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(layer), &mut paths);
    assert!(!paths.is_empty(), "{layer} has no files");
    let strip = |path: PathBuf| {
        let text = fs::read_to_string(&path).expect("source");
        let text = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default().to_owned();
        let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        let code = lines.collect::<Vec<_>>().join("\n");
        (path, code)
    };
    paths.into_iter().map(strip).collect()
}

/// Every `word` in `before word::` or `before{word::…`.
fn words_after<'t>(text: &'t str, before: &str) -> BTreeSet<&'t str> {
    let word = |rest: &'t str| {
        let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
        &rest[..end]
    };
    text.match_indices(before)
        .map(|(at, _)| word(&text[at + before.len()..]))
        .filter(|word| !word.is_empty())
        .collect()
}

fn violations(layer: &str, may_import: &[&str], crates: &[&str], text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for name in words_after(text, "crate::") {
        let known = LAYERS.iter().any(|(layer, _, _)| *layer == name);
        if known && name != layer && !may_import.contains(&name) {
            found.push(format!("imports {name}"));
        }
    }
    // Statements alone: messages say "in use by", too.
    let is_statement = |line: &&str| line.trim_start().trim_start_matches("pub ").starts_with("use ");
    let statements = text.lines().filter(is_statement).collect::<Vec<_>>().join("\n");
    for name in words_after(&statements, "use ") {
        let own = ["crate", "super", "self", "std"].contains(&name);
        if !own && !crates.is_empty() && !crates.contains(&name) && name.starts_with(char::is_lowercase) {
            let local = text.contains(&format!("mod {name}"));
            if !local {
                found.push(format!("uses the crate {name}"));
            }
        }
    }
    for (name, allowed) in RESERVED {
        if !allowed.contains(&layer) && text.contains(&format!("{name}::")) {
            found.push(format!("uses the crate {name}"));
        }
    }
    found
}

#[test]
fn imports_go_strictly_downward() {
    let mut found = BTreeMap::new();
    for (layer, may_import, crates) in LAYERS {
        for (path, text) in code(layer) {
            let here = violations(layer, may_import, crates, &text);
            if !here.is_empty() {
                found.insert(path, here);
            }
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn sql_stands_in_the_store_alone() {
    for (layer, _, _) in LAYERS.iter().filter(|(layer, _, _)| *layer != "store") {
        for (path, text) in code(layer) {
            for statement in ["SELECT ", "INSERT INTO", "UPDATE ", "DELETE FROM"] {
                assert!(!text.contains(statement), "{} holds SQL", path.display());
            }
        }
    }
}

#[test]
fn only_ui_and_delivery_write_to_the_standard_streams() {
    for (layer, _, _) in LAYERS {
        for (path, text) in code(layer) {
            // The last passes on what a command of the operator's says of itself.
            let may = ["cli/terminal/ui.rs", "cli/outputs/delivery.rs", "config/shell_errors.rs"]
                .iter()
                .any(|one| path.ends_with(one));
            let writes = ["io::stdout()", "io::stderr()", "anstream::", "println!", "eprintln!"]
                .iter()
                .any(|word| text.contains(word));
            assert!(may || !writes, "{} writes to a standard stream", path.display());
        }
    }
}

#[test]
fn the_check_finds_what_it_should() {
    let upward = violations(
        "domain",
        &[],
        &["serde"],
        "use crate::store::Store;\nuse serde::Serialize;\nuse rand::Rng;",
    );
    assert_eq!(upward, ["imports store", "uses the crate rand", "uses the crate rand"]);
    assert_eq!(violations("ops", &["domain"], &[], "crate::domain::key::Key"), Vec::<String>::new());
}
