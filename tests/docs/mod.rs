//! The documentation, held to what it says: its examples are run and its links followed.

mod blocks;
mod compare;
mod exit_codes;
mod links;
mod printed;
mod recipes;
mod schema;
mod services;
mod shape;

use std::cell::RefCell;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::support::cli::{PROGRAM, finish};
use crate::support::postgres::{self, PASSWORD};
use crate::support::pty::Terminal;
use crate::support::store::Place;
use blocks::{Block, Step};

/// Tables in the documents are as wide as a terminal of this many columns makes them.
const COLUMNS: u16 = 100;

/// The documents name a PostgreSQL server that nobody has. The commands run against the tests'
/// own server instead: this address in a command becomes the real one, and the real one in
/// what is printed becomes this one again, with the port that the program adds.
const WRITTEN_ADDRESS: &str = "postgres://keyctl@db.example.org/keys";
const PRINTED_ADDRESS: &str = "postgres://keyctl@db.example.org:5432/keys";

/// The home folder in the documents.
const WRITTEN_HOME: &str = "/home/you";

/// A user with nothing but a home folder, the program and a PostgreSQL database.
struct Reader {
    place: Place,
    /// The documents that were followed to their ends.
    walked: RefCell<Vec<String>>,
}

impl Reader {
    fn new() -> Self {
        Self { place: Place::postgres(), walked: RefCell::default() }
    }

    fn shell(&self, line: &str) -> Command {
        let folder = Path::new(PROGRAM).parent().expect("a folder").display();
        let mut command = Command::new("bash");
        command
            .args(["-c", &line.replace(WRITTEN_ADDRESS, &self.address())])
            .env_clear()
            .env("HOME", self.place.folder.path())
            .env("PATH", format!("{folder}:/usr/bin:/bin"))
            .env("NO_COLOR", "1")
            .env("KEYCTL_ACTOR", "you")
            .env("PGPASSWORD", PASSWORD)
            .current_dir(self.place.folder.path());
        command
    }

    fn address(&self) -> String {
        postgres::server().address(self.place.database.as_deref().expect("a database"))
    }

    fn as_written(&self, text: &str) -> String {
        let home = self.place.folder.path().display().to_string();
        text.replace(&self.address(), PRINTED_ADDRESS).replace(&home, WRITTEN_HOME)
    }

    /// What stands on the terminal after the command, with how it ended.
    fn see(&self, line: &str) -> (u32, String) {
        let (code, printed) = Terminal::start(&self.shell(line), COLUMNS).finish();
        (code, self.as_written(&compare::as_seen(&printed)))
    }

    /// What the command wrote into a pipe: its data, or its error where there is no data.
    fn receive(&self, line: &str) -> String {
        let mut command = self.shell(line);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let ran = finish(command, b"");
        if ran.stdout.is_empty() { ran.stderr } else { ran.stdout }
    }
}

fn read(path: &str) -> String {
    let whole = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read_to_string(&whole).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The blocks of a document in order. In the place of what it says to do first stands what that is,
/// unless the reader did it already.
fn blocks_of(path: &str, reader: &Reader) -> Vec<Block> {
    let parsed =
        |path: &str, text: &str| blocks::parse(text).unwrap_or_else(|error| panic!("{path}: {error}"));
    let mut all = Vec::new();
    for block in parsed(path, &read(path)) {
        match block {
            Block::First { document, .. } if reader.walked.borrow().contains(&document) => {}
            Block::First { document, heading } => {
                let text = blocks::section(&read(&document), &heading)
                    .unwrap_or_else(|error| panic!("{path}: {document}: {error}"));
                let mut first = parsed(&document, &text);
                first.retain(|block| matches!(block, Block::Console(_)));
                assert!(!first.is_empty(), "{path}: {document} shows nothing to do at {heading}");
                all.append(&mut first);
            }
            block => all.push(block),
        }
    }
    all
}

/// Runs a document's examples from the top, in one sandbox; says what is not as written.
fn faults_of(path: &str) -> Vec<String> {
    let reader = Reader::new();
    let mut faults = Vec::new();
    for block in &blocks_of(path, &reader) {
        match block {
            Block::Console(steps) => faults.extend(steps.iter().filter_map(|step| fault_of(&reader, step))),
            Block::Json { command, example } => {
                let received = reader.receive(command);
                let fault = shape::difference(example, &received);
                faults.extend(fault.map(|fault| format!("$ {command}\n{fault}\nit prints:\n{received}")));
            }
            Block::Yaml(_) | Block::Unit(_) | Block::NotRun { .. } | Block::First { .. } => {}
        }
    }
    faults
}

fn fault_of(reader: &Reader, Step { command, output }: &Step) -> Option<String> {
    let (code, seen) = reader.see(command);
    let failed = code != 0 && !output.contains("error: ");
    let fault = compare::difference(output, &seen).or(failed.then(|| format!("it exits with {code}")))?;
    Some(format!("$ {command}\n{fault}\nit prints:\n{seen}"))
}

/// The names of all commands that the program's help lists, with a blank behind each word.
pub(crate) fn commands(help: impl Fn(&str) -> String) -> Vec<String> {
    let below = |parent: &str| -> Vec<String> {
        let text = help(&format!("{parent}--help")).replace('\r', "");
        let listed = text.lines().skip_while(|line| *line != "Commands:").skip(1);
        let lines = listed.take_while(|line| !line.is_empty()).filter_map(|line| line.strip_prefix("  "));
        let names = lines.filter_map(|line| line.split(' ').next()).filter(|name| !name.is_empty());
        names.filter(|name| *name != "help").map(|name| format!("{parent}{name} ")).collect()
    };
    let mut all = Vec::new();
    for verb in below("") {
        let nouns = below(&verb);
        if nouns.is_empty() { all.push(verb) } else { all.extend(nouns) }
    }
    assert!(all.len() > 10, "help lists {all:?}");
    all
}

#[track_caller]
fn assert_true(path: &str) {
    let faults = faults_of(path);
    assert!(faults.is_empty(), "{path} is not true any more:\n\n{}", faults.join("\n\n"));
}

#[test]
fn the_tour_in_the_readme_shows_what_the_program_prints() {
    assert_true("README.md");
}

#[test]
fn the_examples_of_the_formats_are_what_the_program_prints() {
    assert_true("docs/formats.md");
}

#[test]
fn the_examples_of_the_other_documents_are_what_the_program_prints() {
    let mut faults = Vec::new();
    for path in links::documents() {
        if !["README.md", "docs/formats.md"].contains(&path.as_str()) {
            faults.extend(faults_of(&path).into_iter().map(|fault| format!("{path}: {fault}")));
        }
    }
    assert!(faults.is_empty(), "this is not true any more:\n\n{}", faults.join("\n\n"));
}

/// Runs a document's commands behind `before`, whatever they print; each must do what it is for.
#[track_caller]
fn walk(reader: &Reader, path: &str, before: &str) {
    for block in blocks_of(path, reader) {
        let Block::Console(steps) = block else { continue };
        for Step { command, output } in steps {
            let (code, seen) = reader.see(&format!("{before}{command}"));
            assert!(code == 0 || output.contains("error: "), "{path}: {command}\n{seen}");
        }
    }
    reader.walked.borrow_mut().push(path.to_owned());
}

#[track_caller]
fn assert_revoked(reader: &Reader, before: &str, leaked: &[&str]) {
    for file in leaked {
        let (code, seen) = reader.see(&format!("{before}keyctl verify < {file}"));
        assert_eq!((code, seen.contains("revoked")), (5, true), "{file}: {seen}");
    }
}

/// By these two documents alone, one after the other in one home. What is printed differs from
/// what is written, since the store is not new for the second.
#[test]
fn a_stranger_gets_from_nothing_to_a_revoked_leaked_key() {
    let reader = Reader::new();
    walk(&reader, "README.md", "");
    walk(&reader, "docs/incidents.md", "");
    assert_revoked(&reader, "", &["ci.token", "leaked.txt", "ann.token"]);
}

#[test]
fn an_incident_is_dealt_with_by_the_same_commands_on_postgres() {
    let reader = Reader::new();
    let before = format!("export KEYCTL_STORE={}; ", reader.address());
    assert_eq!(reader.see(&format!("{before}keyctl store init")).0, 0);
    walk(&reader, "docs/incidents.md", &before);
    assert_revoked(&reader, &before, &["leaked.txt", "ann.token"]);
}

/// Cargo itself is not run: the arguments that it would hand on are given to the program.
#[test]
fn the_first_command_of_the_readme_mints_a_key() {
    let commands: Vec<String> = blocks::parse(&read("README.md"))
        .expect("blocks")
        .iter()
        .filter_map(|block| if let Block::NotRun { text, .. } = block { Some(text) } else { None })
        .flat_map(|text| text.lines())
        .filter_map(|line| line.strip_prefix("cargo run --release -- "))
        .map(|args| format!("keyctl {args}"))
        .collect();
    assert!(!commands.is_empty(), "the README has no cargo run");
    for command in commands {
        let reader = Reader::new();
        let (code, seen) = reader.see(&command);
        assert_eq!(code, 0, "{command}\n{seen}");
        let token = seen.lines().filter(|line| keyctl::domain::keys::token::Token::parse(line).is_ok());
        assert_eq!(token.count(), 1, "{command}\n{seen}");
    }
}
