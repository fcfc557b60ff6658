//! What sinks are in, and tokens to deliver.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use keyctl::cli::outputs::sinks::{self, Delivered, Facts, Places, Sink, SinkCommand, SinkFailure};
use keyctl::domain::keys::token::Token;

pub const TOKEN: &str = "sks_4fTq9ZkPw2Xa_V24MWaMOt9xqkx6uRTOIOpVcS2MMOEFL2ACdhsHO2Kk4Qq3FA";
pub const OTHER: &str = "sks_5fTq9ZkPw2Xa_V24MWaMOt9xqkx6uRTOIOpVcS2MMOEFL2ACdhsHO2Kk4O36nH";

pub fn sink(json: &str) -> Sink {
    serde_json::from_str(json).expect(json)
}

/// What sinks are in, in a folder of its own.
pub struct Town {
    root: PathBuf,
    /// Removed with it, unless another process made it.
    _folder: Option<tempfile::TempDir>,
    pub kept: Vec<(PathBuf, &'static str)>,
    pub commands: BTreeMap<String, SinkCommand>,
    pub github_output: Option<PathBuf>,
    /// What was written to standard output.
    pub said: Mutex<String>,
    /// Whether that fails.
    pub refuses: Mutex<bool>,
    /// Public parts of other tokens of the key that work.
    pub living: Vec<String>,
}

impl Town {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("folder");
        let town = Self::at_root(folder.path());
        Self { _folder: Some(folder), ..town }
    }

    /// In a folder that is there.
    pub fn at_root(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
            _folder: None,
            kept: Vec::new(),
            commands: BTreeMap::new(),
            github_output: None,
            said: Mutex::default(),
            refuses: Mutex::default(),
            living: Vec::new(),
        }
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    pub fn at(&self, path: &str) -> PathBuf {
        self.root().join(path)
    }

    fn with<T>(&self, run: impl FnOnce(&Places<'_>) -> T) -> T {
        let path = std::env::var_os("PATH");
        let say = |bytes: &[u8]| -> io::Result<()> {
            if *self.refuses.lock().expect("refuses") {
                return Err(io::ErrorKind::BrokenPipe.into());
            }
            self.said.lock().expect("said").push_str(str::from_utf8(bytes).expect("text"));
            Ok(())
        };
        run(&Places {
            root: self.root(),
            kept: &self.kept,
            github_output: self.github_output.as_deref(),
            commands: &self.commands,
            path: path.as_deref(),
            stdout: &say,
            leftovers: Default::default(),
        })
    }

    pub fn check(&self, json: &str) -> Result<(), SinkFailure> {
        self.with(|places| sinks::check(&sink(json), places))
    }

    pub fn deliver(&self, json: &str, token: &str) -> Result<Delivered, SinkFailure> {
        let facts = Facts {
            owner: "alice".to_owned(),
            name: "ci".to_owned(),
            key_id: "key_01".to_owned(),
            prefix: token[..16].to_owned(),
            living: self.living.clone(),
        };
        let token = Token::parse(token).expect("a token");
        self.with(|places| sinks::deliver(&sink(json), &token, &facts, places))
    }
}
