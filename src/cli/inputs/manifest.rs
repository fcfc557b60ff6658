//! Manifests: YAML, TOML or JSON in files, folders or on standard input. What is refused is refused with its place, and
//! no value that stands there is repeated: it may be a secret in the wrong place.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::input;
use crate::cli::error::{CliError, Kind};
use crate::domain::provisioning::manifest::{Fault, Manifest};
use crate::domain::texts::leak;

/// Bytes of one file: some 50,000 keys.
const LONGEST: u64 = 16 << 20;

/// Of what the policy forbids, so much is told.
const TOLD: usize = 20;

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Yaml,
    /// By a faster parser, and as YAML where that cannot read it: what is wrong is said as of YAML.
    Json,
    Toml,
}

struct Source {
    name: String,
    form: Form,
    text: String,
}

/// A manifest, and the files that it stands in.
pub(in crate::cli) struct Manifests {
    pub manifest: Manifest,
    /// The folder of the first file: what sinks that are files are below.
    pub folder: PathBuf,
    /// Where the manifest itself stands: no sink is written over it.
    pub files: Vec<PathBuf>,
    sources: Vec<Source>,
}

impl Manifests {
    /// Reads all files, in their order; of a folder, what is a manifest by its name.
    pub(in crate::cli) fn read(paths: &[PathBuf]) -> Result<Self, CliError> {
        let mut files = Vec::new();
        for path in paths {
            if path.is_dir() { files.extend(in_folder(path)?) } else { files.push(path.clone()) }
        }
        let mut sources: Vec<Source> = Vec::new();
        let mut manifest: Option<Manifest> = None;
        for path in &files {
            let source = source(path)?;
            let read = parse(&source)?;
            let joined = match manifest.take() {
                None => Ok(read),
                Some(mut first) if first.name == read.name => first.join(read).map(|()| first),
                Some(first) => {
                    return Err(CliError::invalid(
                        format!(
                            "{}: it is of another manifest than {}; nothing was changed",
                            source.name, sources[0].name
                        ),
                        format!(
                            "one command takes one manifest, in all its files: manifest: {}",
                            first.name.text()
                        ),
                    ));
                }
            };
            sources.push(source);
            manifest = Some(joined.map_err(|fault| refused(&sources, &fault))?);
        }
        let Some(manifest) = manifest else {
            return Err(CliError::invalid("no manifest was named", "name one: -f keys.yaml"));
        };
        let folder = files.first().filter(|path| path.as_os_str() != "-").and_then(|path| path.parent());
        let folder = folder.filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        manifest.check().map_err(|fault| refused(&sources, &fault))?;
        let folder = folder.to_owned();
        files.retain(|path| path.as_os_str() != "-");
        Ok(Self { manifest, folder, files, sources })
    }

    /// One that was read before, of a plan.
    pub(in crate::cli) fn of_plan(manifest: Manifest, folder: PathBuf) -> Self {
        Self { manifest, folder, files: Vec::new(), sources: Vec::new() }
    }

    /// What is wrong with an entry, with its place.
    pub(in crate::cli) fn refused(&self, fault: &Fault) -> CliError {
        refused(&self.sources, fault)
    }

    /// What the store's policy forbids, each with its place: whoever mends one wants to know of the others.
    pub(in crate::cli) fn forbidden(&self, faults: &[Fault]) -> CliError {
        let places: Vec<Places> = self.sources.iter().map(Places::of).collect();
        // In the order in which they stand there.
        let mut faults: Vec<_> = faults.iter().map(|fault| (placed(&places, fault), fault)).collect();
        faults.sort_by_key(|(place, _)| *place);
        let mut lines: Vec<String> = faults
            .iter()
            .take(TOLD)
            .map(|(place, fault)| format!("{}{fault}", shown(&self.sources, *place)))
            .collect();
        let more = faults.len().saturating_sub(TOLD);
        if more > 0 {
            lines.push(format!("and {more} more"));
        }
        let hint = "declare what it allows; all that it asks for: keyctl policy show";
        CliError::new(Kind::Forbidden, format!("{}; nothing was changed", lines.join("\n")), hint)
    }
}

fn in_folder(folder: &Path) -> Result<Vec<PathBuf>, CliError> {
    let unreadable = |error: std::io::Error| {
        CliError::invalid(
            format!("{} cannot be read: {error}", folder.display()),
            "name a folder that you may read",
        )
        .because(error)
    };
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let hidden = path.file_name().is_none_or(|name| name.as_encoded_bytes().starts_with(b"."));
        let named = path.extension().and_then(|end| end.to_str());
        if !hidden && path.is_file() && matches!(named, Some("yaml" | "yml" | "toml" | "json")) {
            files.push(path);
        }
    }
    if files.is_empty() {
        return Err(CliError::invalid(
            format!("{} holds no manifest", folder.display()),
            "files of a manifest end in .yaml, .yml, .toml or .json",
        ));
    }
    files.sort();
    Ok(files)
}

fn source(path: &Path) -> Result<Source, CliError> {
    let (file, name) = input::open(path)?;
    let mut bytes = Vec::new();
    file.take(LONGEST + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| CliError::invalid(format!("{name} cannot be read: {error}"), "").because(error))?;
    if bytes.len() as u64 > LONGEST {
        return Err(CliError::invalid(
            format!("{name} is larger than {} MiB, and no manifest", LONGEST >> 20),
            "divide it into several files of the same manifest",
        ));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let (line, column) = place(&error.as_bytes()[..at]);
        CliError::invalid(format!("{name}:{line}:{column}: it is not UTF-8"), "save it as UTF-8")
    })?;
    let form = match path.extension().and_then(|end| end.to_str()) {
        Some("toml") => Form::Toml,
        Some("json") => Form::Json,
        _ => Form::Yaml,
    };
    Ok(Source { name, form, text })
}

fn options() -> serde_saphyr::Options {
    serde_saphyr::options! {
        // `no` is a text, and no truth.
        strict_booleans: true,
        budget: serde_saphyr::budget! {
            max_events: 20_000_000,
            max_nodes: 10_000_000,
            max_documents: 1,
            max_depth: 16,
            max_aliases: 10_000,
        },
    }
}

fn yaml<'t, T: Deserialize<'t>>(text: &'t str) -> Result<T, serde_saphyr::Error> {
    serde_saphyr::from_str_with_options(text, options())
}

fn parse(source: &Source) -> Result<Manifest, CliError> {
    if source.form == Form::Json
        && let Ok(manifest) = serde_json::from_str(&source.text)
    {
        return Ok(manifest);
    }
    let (message, at) = match source.form {
        Form::Yaml | Form::Json => match yaml(&source.text) {
            Ok(manifest) => return Ok(manifest),
            Err(error) => {
                let error = error.without_snippet();
                let at = error.location().map(|at| (at.line(), at.column()));
                (error.to_string(), at)
            }
        },
        Form::Toml => match toml::from_str(&source.text) {
            Ok(manifest) => return Ok(manifest),
            Err(error) => {
                let at = error.span().and_then(|span| source.text.as_bytes().get(..span.start)).map(place);
                (error.message().to_owned(), at)
            }
        },
    };
    let at = at.map(|(line, column)| format!(":{line}:{column}")).unwrap_or_default();
    Err(CliError::invalid(
        format!("{}{at}: {}; nothing was changed", source.name, unquoted(&message)),
        "docs/provisioning.md has all that may stand in a manifest; its schema, for an editor: keyctl plan --schema",
    ))
}

/// A message without what was found: that may be a secret which stands in the wrong place.
fn unquoted(message: &str) -> String {
    // The place is said already.
    let message = message.split(" at line ").next().unwrap_or(message).trim();
    let first = message.lines().next().unwrap_or_default();
    let (head, tail) = match (first.find("string \""), first.rfind("\", expected")) {
        (Some(start), Some(end)) if start < end => (format!("{}a text", &first[..start]), &first[end + 1..]),
        _ => (first.to_owned(), ""),
    };
    let text = format!("{head}{tail}");
    // In the words of a library, for whoever writes programs.
    let text = match text {
        text if text.contains("DuplicateKeyPolicy") => "this name stands here twice".to_owned(),
        text if text.contains("budget") => {
            "more than a manifest may hold: one document, few aliases, little depth".to_owned()
        }
        text if text.contains("Option<String>") => "a text must stand here".to_owned(),
        text => text,
    };
    if leak::secret_in(&text).is_some() { "what stands here cannot be used".to_owned() } else { text }
}

/// Line and column of the end of this text, from 1.
fn place(before: &[u8]) -> (u64, u64) {
    let line = before.split(|byte| *byte == b'\n').count() as u64;
    let start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    let column = String::from_utf8_lossy(&before[start..]).chars().count() as u64 + 1;
    (line, column)
}

fn refused(sources: &[Source], fault: &Fault) -> CliError {
    let places: Vec<Places> = sources.iter().map(Places::of).collect();
    let at = shown(sources, placed(&places, fault));
    let message = format!("{at}{fault}; nothing was changed");
    CliError::invalid(message, "docs/provisioning.md has all that may stand in a manifest")
}

/// In which file, and where, an entry begins. An owner or a key that is declared nowhere stands in none.
fn placed(places: &[Places], fault: &Fault) -> Option<(usize, (u64, u64))> {
    let mut last_first = places.iter().enumerate().rev();
    last_first.find_map(|(file, places)| Some((file, places.find(fault.section, &fault.entry)?)))
}

/// `keys.yaml:5:3: `; of what stands in no file the name of the first.
fn shown(sources: &[Source], place: Option<(usize, (u64, u64))>) -> String {
    match (place, sources.first()) {
        (Some((file, (line, column))), _) => format!("{}:{line}:{column}: ", sources[file].name),
        (None, Some(first)) => format!("{}: ", first.name),
        (None, None) => String::new(),
    }
}

/// Where the entries of a file begin: line and column, from 1.
#[derive(Default)]
struct Places(BTreeMap<(&'static str, String), (u64, u64)>);

impl Places {
    fn of(source: &Source) -> Self {
        match source.form {
            Form::Yaml | Form::Json => {
                let entries: Result<Entries<serde_saphyr::Spanned<IgnoredAny>>, _> = yaml(&source.text);
                entries.map(|entries| {
                    entries.places(|entry| Some((entry.referenced.line(), entry.referenced.column())))
                })
            }
            .unwrap_or_default(),
            Form::Toml => {
                let entries: Result<Entries<toml::Spanned<IgnoredAny>>, _> = toml::from_str(&source.text);
                let before = |end: usize| source.text.as_bytes().get(..end).map(place);
                entries.map(|entries| entries.places(|entry| before(entry.span().start))).unwrap_or_default()
            }
        }
    }

    fn find(&self, section: &'static str, entry: &str) -> Option<(u64, u64)> {
        self.0.get(&(section, entry.to_owned())).copied()
    }
}

#[derive(Deserialize)]
#[serde(bound(deserialize = "S: Deserialize<'de>"))]
struct Entries<S> {
    policy: Option<S>,
    #[serde(default = "BTreeMap::new")]
    roles: BTreeMap<String, S>,
    #[serde(default = "BTreeMap::new")]
    owners: BTreeMap<String, S>,
    #[serde(default = "BTreeMap::new")]
    keys: BTreeMap<String, S>,
    #[serde(default = "BTreeMap::new")]
    trusts: BTreeMap<String, S>,
}

impl<S> Entries<S> {
    fn places(self, place: impl Fn(&S) -> Option<(u64, u64)>) -> Places {
        let policy = self.policy.map(|policy| ("policy".to_owned(), policy)).into_iter().collect();
        let sections = [
            ("policy", policy),
            ("roles", self.roles),
            ("owners", self.owners),
            ("keys", self.keys),
            ("trusts", self.trusts),
        ];
        let all = sections.into_iter().flat_map(|(section, entries): (_, BTreeMap<String, S>)| {
            entries.into_iter().map(move |(name, entry)| ((section, name), entry))
        });
        Places(all.filter_map(|(name, entry)| Some((name, place(&entry)?))).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(form: Form, text: &str) -> Result<Manifest, String> {
        let source = Source { name: "keys".to_owned(), form, text: text.to_owned() };
        let manifest = parse(&source).map_err(|error| error.to_string())?;
        let faults = manifest.check().map_err(|fault| refused(&[source], &fault).to_string());
        faults.map(|()| manifest)
    }

    const YAML: &str = "manifest: team\nroles:\n  reader: {scopes: [memories:read]}\nkeys:\n  alice/ci:\n    roles: [reader]\n    expires: 90d\n    sinks: [{file: tokens/alice}]\n";
    const TOML: &str = "manifest = \"team\"\n[roles.reader]\nscopes = [\"memories:read\"]\n[keys.\"alice/ci\"]\nroles = [\"reader\"]\nexpires = \"90d\"\nsinks = [{ file = \"tokens/alice\" }]\n";
    const JSON: &str = r#"{"manifest": "team", "roles": {"reader": {"scopes": ["memories:read"]}}, "keys": {"alice/ci": {"roles": ["reader"], "expires": "90d", "sinks": [{"file": "tokens/alice"}]}}}"#;

    #[test]
    fn one_manifest_is_the_same_in_all_forms_and_in_a_plan() {
        let manifest = read(Form::Yaml, YAML).expect("YAML");
        assert_eq!(read(Form::Toml, TOML).expect("TOML"), manifest);
        assert_eq!(read(Form::Yaml, JSON).expect("JSON"), manifest);
        assert_eq!(serde_json::from_str::<Manifest>(JSON).expect("by its own parser"), manifest);
        for (form, text) in [(Form::Json, JSON), (Form::Json, YAML)] {
            assert_eq!(read(form, text).expect("either"), manifest);
        }
        let text = serde_json::to_string(&manifest).expect("JSON");
        assert_eq!(serde_json::from_str::<Manifest>(&text).expect("what was written"), manifest);
    }

    #[test]
    fn what_is_refused_of_yaml_is_refused_of_json_at_the_same_place() {
        for entry in [
            r#""alice/ci": {"scopes": ["a"], "scopes": ["b"]}"#,
            r#""alice/ci": {"scopes": ["a"]}, "alice/ci": {"scopes": ["b"]}"#,
            r#""alice/ci": {"scopes": ["a"], "labels": {"team": "a", "team": "b"}}"#,
            r#""alice/ci": {"scopes": ["a"], "bind": {"openai": "a", "openai": "b"}}"#,
            r#""alice/ci": {"scopes": ["a"], "sinks": [{"file": "a", "file": "b"}]}"#,
            r#""alice/ci": {"scopes": ["a"], "expires": 90}"#,
            r#""alice/ci": {"scopes": ["a"], "expires": "1M"}"#,
            r#""alice/ci": {"scopes": ["a"], "allow_jwt": "yes"}"#,
            r#""alice/ci": {"scopes": "a"}"#,
            r#""alice/ci": {"scopes": ["a"], "unknown": 1}"#,
        ] {
            let text = format!("{{\"manifest\": \"team\", \"keys\": {{{entry}}}}}");
            let said = read(Form::Json, &text).expect_err(entry);
            assert_eq!(said, read(Form::Yaml, &text).expect_err(entry));
            assert!(said.contains("keys:1:"), "{said}");
        }
        let trust = r#"{"manifest": "team", "trusts": {"ci": {"issuer": "https://ci.example.com", "audience": "keyctl",
            "claims": {"sub": "a", "sub": "b"}, "owner": "alice", "scopes": ["a"]}}}"#;
        assert_eq!(read(Form::Json, trust).expect_err("twice"), read(Form::Yaml, trust).expect_err("twice"));
    }

    #[test]
    fn what_cannot_be_is_refused_at_its_place_and_not_repeated() {
        let secret = "sks_4fTq9ZkPw2Xa_0123456789012345678901234567890123456789012abcdef";
        let swap = |from: &str, to: &str| YAML.replace(from, to);
        for (text, says) in [
            (swap("90d", "1M"), "keys:7:14: "),
            (swap("manifest: team\n", ""), "manifest"),
            (swap("expires", "expire"), "keys:7:5: unknown field `expire`"),
            (swap("roles: [reader]", &format!("roles: [{secret}]")), "keys:6:13: a secret stands here"),
            (swap("expires: 90d", &format!("{secret}: 90d")), "what stands here cannot be used"),
            (swap("  alice/ci:\n", "  alice/ci: {}\n  alice/ci:\n"), "keys:6:3: "),
            (swap("roles: [reader]", "roles: reader"), "keys:6:12: expected sequence start"),
            (swap("alice/ci", "alice"), "a key is written as owner/name"),
            (swap("expires: 90d", "allow_jwt: no"), "keys:7:16: "),
            (swap("expires: 90d", "parent: alice/ci"), "keys:6:5: key alice/ci: it is its own parent"),
            (format!("{YAML}---\nmanifest: other\n"), "keys:"),
            ("a: &a [x, x]\nb: &b [*a, *a]\nmanifest: *b\n".to_owned(), "keys:"),
        ] {
            let said = read(Form::Yaml, &text).expect_err(&text);
            assert!(said.contains(says), "{text}\n{said}");
            assert!(!said.contains(secret), "{said}");
        }
        let said = read(Form::Toml, &TOML.replace("90d", "1M")).expect_err("a month or a minute");
        assert!(said.contains("keys:6:11: "), "{said}");
        let said = read(Form::Toml, &TOML.replace("expires", "parent = \"alice/ci\"\nexpires"))
            .expect_err("its own");
        assert!(said.contains("keys:4:1: key alice/ci: it is its own parent"), "{said}");
    }
}
