//! Imports go strictly downward, and siblings never import each other.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// What each layer may import of this crate, and which other crates it may use at all; an
/// empty list of crates means any.
const LAYERS: [(&str, &[&str], &[&str]); 10] = [
    ("domain", &[], &["ipnet", "jiff", "serde", "serde_json", "strsim", "thiserror", "uuid", "zeroize"]),
    (
        "crypto",
        &["domain"],
        &["aes_gcm", "argon2", "base64", "hkdf", "ring", "sha2", "subtle", "thiserror", "uuid", "zeroize"],
    ),
    ("store", &["domain"], &[]),
    (
        "ops",
        &["domain", "crypto", "store"],
        &["csv", "rand", "serde", "serde_json", "thiserror", "uuid", "zeroize"],
    ),
    (
        "runtime",
        &["domain", "crypto", "store", "config"],
        &["bytes", "quick_cache", "rustix", "serde", "serde_json", "thiserror", "tokio", "uuid", "zeroize"],
    ),
    ("config", &["domain"], &["rustix", "thiserror", "toml", "zeroize"]),
    (
        "render",
        &["domain", "ops"],
        &[
            "anstyle",
            "comfy_table",
            "csv",
            "serde",
            "serde_json",
            "serde_saphyr",
            "thiserror",
            "unicode_width",
        ],
    ),
    (
        "providers",
        &["domain", "ops"],
        &[
            "base64",
            "form_urlencoded",
            "httparse",
            "jiff",
            "rustix",
            "rustls",
            "rustls_native_certs",
            "thiserror",
            "ureq",
            "zeroize",
        ],
    ),
    (
        "server",
        &["domain", "ops", "config", "render", "runtime"],
        &[
            "base64",
            "bytes",
            "flate2",
            "form_urlencoded",
            "futures_util",
            "http_body_util",
            "hyper",
            "maud",
            "memchr",
            "prometheus_client",
            "rustix",
            "rustls",
            "serde",
            "serde_json",
            "thiserror",
            "tokio",
            "tokio_rustls",
            "uuid",
            "zeroize",
        ],
    ),
    ("cli", &["domain", "ops", "config", "providers", "render", "runtime", "server", "store"], &[]),
];

/// Crates that only some layers may use, wherever else they would be allowed.
const RESERVED: [(&str, &[&str]); 19] = [
    ("ureq", &["providers"]),
    ("maud", &["server"]),
    ("hyper", &["server"]),
    ("anyhow", &["cli"]),
    ("rusqlite", &["store"]),
    ("tokio_postgres", &["store"]),
    ("rustls", &["providers", "server", "store"]),
    ("clap", &["cli"]),
    ("dialoguer", &["cli"]),
    ("indicatif", &["cli"]),
    ("sha2", &["crypto"]),
    ("argon2", &["crypto"]),
    ("aes_gcm", &["crypto"]),
    ("hkdf", &["crypto"]),
    ("ring", &["crypto"]),
    ("base64", &["cli", "crypto", "providers", "server"]),
    ("subtle", &["crypto"]),
    ("rand", &["ops"]),
    ("toml", &["cli", "config"]),
];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("folder") {
        let path = entry.expect("entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs")
            && ![
                "client_document_tests.rs",
                "envelope_tests.rs",
                "framing_tests.rs",
                "https_tests.rs",
                "jws_tests.rs",
            ]
            .iter()
            .any(|tests| path.ends_with(tests))
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

/// A file's place among the modules: `domain`, `keys`, `key`.
fn module_of(path: &Path) -> Vec<String> {
    let below = path.strip_prefix(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).expect("below src");
    let mut module: Vec<String> =
        below.with_extension("").iter().map(|part| part.to_string_lossy().into_owned()).collect();
    module.pop_if(|last| last == "mod");
    module
}

/// The paths of ours that a file names, in full: each of `use crate::{a, b::c}`, `super::super::d`, and of
/// paths in the code.
fn paths(module: &[&str], text: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    for root in ["crate::", "super::", "self::"] {
        for (at, _) in text.match_indices(root) {
            let before = text[..at].chars().next_back();
            if !before.is_some_and(|c| is_word(c) || c == ':') {
                tree(&text[at..], &mut Vec::new(), &mut found);
            }
        }
    }
    let full = |path: Vec<String>| {
        let ups = path.iter().take_while(|word| *word == "super").count();
        let start = if path[0] == "crate" { 0 } else { module.len().saturating_sub(ups) };
        let rest = path.iter().filter(|word| !["crate", "super", "self"].contains(&word.as_str()));
        module[..start].iter().map(|word| (*word).to_owned()).chain(rest.cloned()).collect()
    };
    found.into_iter().map(full).collect()
}

/// Adds the paths of one tree, as in `a::{b, c::{d, e}}`, and returns what stands behind it.
fn tree<'t>(text: &'t str, before: &mut Vec<String>, found: &mut Vec<Vec<String>>) -> &'t str {
    let text = text.trim_start();
    let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    if let Some(mut rest) = rest.trim_start().strip_prefix('{').filter(|_| word.is_empty()) {
        loop {
            rest = tree(rest, before, found).trim_start();
            match rest.strip_prefix(',') {
                Some(more) if !more.trim_start().starts_with('}') => rest = more,
                Some(more) => return more.trim_start().strip_prefix('}').unwrap_or(more),
                None => return rest.strip_prefix('}').unwrap_or(rest),
            }
        }
    }
    before.push(word.to_owned());
    let rest = match rest.strip_prefix("::") {
        Some(more) => tree(more, before, found),
        None => {
            found.push(before.clone());
            let alias = rest.trim_start().strip_prefix("as ");
            alias.map_or(rest, |alias| {
                alias.trim_start().trim_start_matches(|c: char| c.is_alphanumeric() || c == '_')
            })
        }
    };
    before.pop();
    rest
}

type Imports = BTreeMap<Vec<String>, BTreeSet<Vec<String>>>;

/// Which file imports which, where a folder's `mod.rs` that hands a name on stands for the file of it.
fn imports(texts: &BTreeMap<Vec<String>, String>) -> Imports {
    let mut handed = BTreeMap::new();
    for (module, text) in texts {
        let borrowed: Vec<&str> = module.iter().map(String::as_str).collect();
        for statement in text.split(';').filter(|statement| statement.trim_start().starts_with("pub")) {
            let Some((_, path)) = statement.split_once("use ") else { continue };
            let path = if path.starts_with("crate::") { path.to_owned() } else { format!("self::{path}") };
            for full in paths(&borrowed, &path) {
                if let Some(name) = full.last() {
                    handed.insert((module.clone(), name.clone()), full.clone());
                }
            }
        }
    }
    let file_of = |mut path: Vec<String>| loop {
        let length = (0..=path.len()).rev().find(|length| texts.contains_key(&path[..*length]))?;
        let next = path.get(length).and_then(|name| handed.get(&(path[..length].to_vec(), name.clone())));
        match next {
            Some(full) if *full != path => path = full.clone(),
            _ => {
                path.truncate(length);
                return Some(path);
            }
        }
    };
    let of = |module: &Vec<String>, text: &str| {
        let borrowed: Vec<&str> = module.iter().map(String::as_str).collect();
        let files = paths(&borrowed, text).into_iter().filter_map(file_of);
        files.filter(|file| !file.starts_with(module) && !module.starts_with(file)).collect()
    };
    texts.iter().map(|(module, text)| (module.clone(), of(module, text))).collect()
}

/// The rings: files each of which is reached from each other one.
fn rings(imports: &Imports) -> Vec<Vec<String>> {
    let reached = |from: &Vec<String>| {
        let mut seen = BTreeSet::new();
        let mut next = vec![from];
        while let Some(file) = next.pop() {
            next.extend(imports.get(file).into_iter().flatten().filter(|one| seen.insert((*one).clone())));
        }
        seen
    };
    let reach: BTreeMap<_, _> = imports.keys().map(|file| (file, reached(file))).collect();
    let ring = |file: &&Vec<String>| {
        let other = |one: &&Vec<String>| reach.get(*one).is_some_and(|back| back.contains(*file));
        let ring: Vec<String> = reach[file].iter().filter(other).map(|one| one.join("::")).collect();
        (!ring.is_empty()).then_some(ring)
    };
    imports.keys().filter_map(|file| ring(&file)).collect::<BTreeSet<_>>().into_iter().collect()
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

/// Whether a path begins with this name: `String::new()` and `rustls::crypto::ring::…` begin with none of `ring`.
fn begins_a_path(name: &str, text: &str) -> bool {
    // A module of ours, or of another crate that was imported by it.
    let is_imported = text.split(';').map(str::trim_start).any(|statement| {
        let path = statement.rsplit("use ").next().filter(|_| statement.contains("use ")).unwrap_or_default();
        let mut words = path.split(|c: char| !(c.is_alphanumeric() || c == '_'));
        words.next() != Some(name) && words.any(|word| word == name)
    });
    let is_other = text.contains(&format!("mod {name};")) || is_imported;
    !is_other
        && text.match_indices(&format!("{name}::")).any(|(at, _)| {
            !text[..at].ends_with(|before: char| before.is_alphanumeric() || matches!(before, '_' | ':'))
        })
}

/// What a file of the layer does that it may not; `module` is the file's own place.
fn violations(module: &[&str], may_import: &[&str], crates: &[&str], text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let layer = module[0];
    let imported: BTreeSet<String> =
        paths(module, text).into_iter().filter_map(|path| path.into_iter().next()).collect();
    for name in &imported {
        let known = LAYERS.iter().any(|(layer, _, _)| layer == name);
        if known && name != layer && !may_import.contains(&name.as_str()) {
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
        if !allowed.contains(&layer) && begins_a_path(name, text) {
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
            let module = module_of(&path);
            let module: Vec<&str> = module.iter().map(String::as_str).collect();
            let here = violations(&module, may_import, crates, &text);
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

/// What a page shows is written as text. Markup that is put in as it is would be the one way around that.
#[test]
fn no_page_takes_markup_as_it_is() {
    let files = code("server");
    assert!(files.iter().any(|(_, text)| text.contains("html! {")), "pages");
    for (path, text) in files {
        assert!(!text.contains("PreEscaped"), "{} puts markup in as it is", path.display());
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

/// Files that need each other in a ring are one file that was cut in two. A folder's `mod.rs` is left out
/// beside its own files: it declares them and hands their names on.
#[test]
fn no_files_import_each_other_in_a_ring() {
    let files: Vec<_> = LAYERS.iter().flat_map(|(layer, _, _)| code(layer)).collect();
    let texts: BTreeMap<Vec<String>, String> =
        files.into_iter().map(|(path, text)| (module_of(&path), text)).collect();
    assert!(texts.len() > 200, "{} files", texts.len());
    let rings = rings(&imports(&texts));
    assert!(rings.is_empty(), "{rings:#?}");
}

#[test]
fn the_check_finds_what_it_should() {
    let upward = violations(
        &["domain", "keys", "key"],
        &[],
        &["serde"],
        "use crate::store::Store;\nuse serde::Serialize;\nuse rand::Rng;",
    );
    assert_eq!(upward, ["imports store", "uses the crate rand", "uses the crate rand"]);
    assert_eq!(
        violations(&["ops", "mint"], &["domain"], &[], "crate::domain::key::Key"),
        Vec::<String>::new()
    );
    for hidden in
        ["use crate::{domain::id, cli::ui::Ui};", "super::super::cli::ui::ask()", "use super::super::{cli};"]
    {
        assert_eq!(violations(&["ops", "mint"], &["domain"], &[], hidden), ["imports cli"], "{hidden}");
    }
}

#[test]
fn a_ring_is_found_also_through_what_a_folder_hands_on() {
    let module = |path: &str| path.split("::").map(str::to_owned).collect::<Vec<_>>();
    let ring = |files: &[(&str, &str)]| {
        let texts = files.iter().map(|(path, text)| (module(path), (*text).to_owned())).collect();
        rings(&imports(&texts))
    };
    let of = |one: &str, other: &str| {
        ring(&[("a", "pub use b::One;\nmod b; mod c;"), ("a::b", one), ("a::c", other), ("a::d", "")])
    };
    assert_eq!(of("use super::c::Two;", "use super::{d, b::One};"), [["a::b", "a::c"]]);
    assert_eq!(of("use crate::a::{c::{self}};", "use super::One;"), [["a::b", "a::c"]]);
    assert_eq!(of("use super::d;", "use super::One;"), Vec::<Vec<String>>::new());
}
