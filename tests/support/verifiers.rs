//! Other people's libraries that verify tokens, each a process that is asked about one after the other
//! (`tests/tokens/verify.py` and `verify.mjs` say what about).

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::Value;

pub const LIBRARIES: [&str; 6] = ["pyjwt", "joserfc", "authlib", "python-jose", "jose", "jsonwebtoken"];

pub struct Verifier {
    child: Child,
    answers: BufReader<ChildStdout>,
}

fn installed(path: PathBuf) -> String {
    assert!(path.exists(), "{} is missing: run scripts/test, which installs it", path.display());
    path.display().to_string()
}

/// The program, and its arguments.
fn words(library: &str) -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let script = |name: &str| root.join("tests/tokens").join(name).display().to_string();
    let own = library.to_owned();
    match library {
        "jose" | "jsonwebtoken" => {
            let modules = installed(root.join("clients/typescript/node_modules").join(library));
            vec!["node".to_owned(), script("verify.mjs"), own, modules]
        }
        _ => vec![installed(root.join("target/gateways/verifiers/bin/python")), script("verify.py"), own],
    }
}

impl Verifier {
    /// `before`: what starts it, as a program that moves its clock.
    pub fn start(library: &str, before: &[&str]) -> Self {
        let mut words = before.iter().map(|word| (*word).to_owned()).chain(words(library));
        let mut command = Command::new(words.next().expect("a program"));
        let mut child =
            command.args(words).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("starts");
        let answers = BufReader::new(child.stdout.take().expect("piped"));
        Self { child, answers }
    }

    pub fn ask(&mut self, case: &Value) -> String {
        writeln!(self.child.stdin.as_mut().expect("piped"), "{case}").expect("asked");
        let mut line = String::new();
        self.answers.read_line(&mut line).expect("answered");
        line.trim_end().to_owned()
    }
}

impl Drop for Verifier {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}
