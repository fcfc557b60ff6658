//! The documents among themselves: what they link to and name is there.

use std::fs;
use std::path::Path;

use regex::Regex;

use super::{blocks, read};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// All Markdown documents, as paths from the top.
pub(super) fn documents() -> Vec<String> {
    let mut found: Vec<String> = ["", "docs/", "docs/schema/"]
        .iter()
        .flat_map(|folder| {
            let entries = fs::read_dir(Path::new(ROOT).join(folder)).expect("a folder");
            entries.map(move |entry| format!("{folder}{}", entry.expect("an entry").file_name().display()))
        })
        .filter(|path| Path::new(path).extension().is_some_and(|end| end == "md"))
        .collect();
    found.sort();
    found
}

fn matches(pattern: &str, text: &str) -> Vec<String> {
    let pattern = Regex::new(pattern).expect("a pattern");
    pattern.captures_iter(text).map(|found| found[1].to_owned()).collect()
}

/// The targets of a document's links, without those on the web and the part behind `#`.
fn links(text: &str) -> Vec<String> {
    let mut targets = matches(r"\]\(([^)\s]+)\)", text);
    targets.retain(|target| !target.contains("://") && !target.starts_with('#'));
    targets.iter().map(|target| target.split('#').next().unwrap_or_default().to_owned()).collect()
}

#[test]
fn every_link_leads_to_a_file() {
    for document in documents() {
        let folder = Path::new(ROOT).join(&document).parent().expect("a folder").to_owned();
        for target in links(&read(&document)) {
            assert!(folder.join(&target).exists(), "{document} links to {target}, which is not there");
        }
    }
}

fn heading_names(text: &str) -> Vec<String> {
    matches(r"(?m)^#+ (.+)$", text).iter().map(|heading| blocks::heading_name(heading)).collect()
}

#[test]
fn every_link_to_a_heading_leads_to_one() {
    for document in documents() {
        let folder = Path::new(ROOT).join(&document).parent().expect("a folder").to_owned();
        let text = read(&document);
        for target in matches(r"\]\(([^)\s:]*#[^)\s]+)\)", &text) {
            let (file, heading) = target.split_once('#').expect("a heading");
            let text = if file.is_empty() {
                text.clone()
            } else {
                fs::read_to_string(folder.join(file)).expect("a file")
            };
            let names = heading_names(&text);
            assert!(
                names.iter().any(|name| name == heading),
                "{document} links to {target}; there is {names:?}"
            );
        }
    }
}

#[test]
fn the_readme_links_to_every_file_in_docs() {
    let linked = links(&read("README.md"));
    for entry in fs::read_dir(Path::new(ROOT).join("docs")).expect("docs") {
        let path = format!("docs/{}", entry.expect("an entry").file_name().display());
        assert!(linked.contains(&path), "README.md does not link to {path}");
    }
}

#[test]
fn every_source_file_that_a_document_names_exists() {
    for document in documents() {
        for path in matches(r"`((?:src|tests)/[\w./-]+)`", &read(&document)) {
            // NNNN stands for the number of a migration to come.
            assert!(
                path.contains("NNNN") || Path::new(ROOT).join(&path).exists(),
                "{document} names {path}, which is not there"
            );
        }
    }
}

/// All that is written below a folder of the project.
fn sources(folder: &Path) -> String {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries
        .map(|path| match path.extension() {
            _ if path.is_dir() => sources(&path),
            Some(end) if end == "rs" => fs::read_to_string(&path).expect("read"),
            _ => String::new(),
        })
        .collect()
}

#[test]
fn every_test_that_the_threats_name_exists() {
    let text = read("SECURITY.md");
    let threats =
        text.split("## Threats").nth(1).and_then(|rest| rest.split("\n## ").next()).expect("threats");
    let shown = threats.lines().filter_map(|row| row.trim_end_matches(" |").rsplit(" | ").next());
    let names: Vec<String> =
        shown.flat_map(|cell| matches(r"`([a-z0-9]+(?:_[a-z0-9]+){2,})`", cell)).collect();
    assert!(names.len() > 20, "{names:?}");
    let all = ["src", "tests"].map(|folder| sources(&Path::new(ROOT).join(folder))).concat();
    for name in names {
        let is_there =
            [format!("fn {name}("), format!("both!({name},")].iter().any(|start| all.contains(start));
        assert!(is_there, "SECURITY.md names the test {name}, which is not there");
    }
}
