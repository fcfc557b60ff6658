//! What a service is told whose store or master key is not there or cannot be read, by the rows of
//! tests/readers.json, which the readers in Python and TypeScript are held to, too.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use keyctl::runtime::{Asked, MasterKeys, Options, Reader};
use serde_json::Value;

const CHILD: &str = "runtime::setup::what_a_service_does";
const TOKEN: &str = "sks_4fTq9ZkPw2Xa_V24MWaMOt9xqkx6uRTOIOpVcS2MMOEFL2ACdhsHO2Kk4Qq3FA";
const KINDS: [&str; 3] = ["text", "times", "mode"];

#[derive(serde::Deserialize)]
struct Row {
    name: String,
    #[serde(default)]
    env: BTreeMap<String, String>,
    /// Named by the code.
    store: Option<String>,
    #[serde(default)]
    make: BTreeMap<String, Value>,
    /// Who reads.
    reader: Option<u32>,
    /// A reason of the store, `setup` or `master_key`.
    fault: String,
    says: Vec<String>,
    #[serde(default)]
    hides: Vec<String>,
}

impl Row {
    fn make(&self, folder: &Path) {
        let word = |name: &str| self.make.get(name).and_then(Value::as_str);
        let bits = u32::from_str_radix(word("mode").unwrap_or("0600"), 8).unwrap();
        for (name, kind) in self.make.iter().filter(|(name, _)| !KINDS.contains(&name.as_str())) {
            let path = folder.join(name);
            match kind.as_str().unwrap() {
                "folder" => fs::create_dir(&path).unwrap(),
                "pipe" => assert!(Command::new("mkfifo").arg(&path).status().unwrap().success()),
                "database" => {
                    let database = rusqlite::Connection::open(&path).unwrap();
                    database.execute_batch("PRAGMA application_id = 7; CREATE TABLE t (x)").unwrap();
                }
                _ => {
                    let times = self.make.get("times").and_then(Value::as_u64).unwrap_or(1);
                    let text = word("text").unwrap_or_default().repeat(usize::try_from(times).unwrap());
                    fs::write(&path, text).unwrap();
                }
            }
            fs::set_permissions(&path, fs::Permissions::from_mode(bits)).unwrap();
        }
    }
}

/// Not a test by itself: run with a service's environment, it prints what the service would log.
#[test]
#[ignore = "run by the other one"]
#[expect(clippy::print_stdout, reason = "a service's log")]
fn what_a_service_does() {
    let asked = if std::env::var_os("SERVICE_ASKS_FOR_KEY").is_some() {
        MasterKeys::from_environment().err().map(|error| format!("master_key\n{error}\n{error:?}"))
    } else {
        let store = std::env::var("SERVICE_STORE").or_else(|_| std::env::var("KEYCTL_STORE")).unwrap();
        let answer = Reader::open(&store, Options::default())
            .and_then(|reader| reader.verify(TOKEN, &Asked::default()));
        answer.err().map(|error| format!("{}\n{error}\n{error:?}", error.fault.as_str()))
    };
    println!("SERVICE {}", asked.unwrap_or_else(|| "allowed".to_owned()));
}

/// A copy of this test where every user may run it.
fn for_everybody(folder: &Path) -> PathBuf {
    let program = folder.join("service");
    crate::support::program::copy(std::env::current_exe().unwrap(), &program);
    program
}

#[test]
fn an_error_names_the_path_and_the_variable_and_no_secret() {
    let rows: Vec<Row> = serde_json::from_str(include_str!("../readers.json")).unwrap();
    let is_root = rustix::process::geteuid().is_root();
    let programs = tempfile::tempdir().unwrap();
    fs::set_permissions(programs.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let program = for_everybody(programs.path());
    let mut failures = Vec::new();
    for row in rows.iter().filter(|row| is_root || row.reader.is_none()) {
        let away = tempfile::tempdir().unwrap();
        let folder = away.path().canonicalize().unwrap();
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
        row.make(&folder);
        let filled =
            |text: &str| text.replace("{dir}", &folder.display().to_string()).replace("{cwd}", "/tmp");
        let mut service = Command::new(&program);
        service.args([CHILD, "--exact", "--ignored", "--nocapture"]).current_dir("/tmp").env_clear();
        service.env("PATH", std::env::var_os("PATH").unwrap());
        service.envs(row.env.iter().map(|(name, value)| (name, filled(value))));
        if let Some(store) = &row.store {
            service.env("SERVICE_STORE", filled(store));
        }
        if row.fault == "master_key" {
            service.env("SERVICE_ASKS_FOR_KEY", "1");
        }
        if let Some(user) = row.reader {
            service.uid(user).gid(user);
        }
        let output = service.output().unwrap();
        let said =
            format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        let fault = if row.fault == "setup" { "unreachable" } else { &row.fault };
        let is_right = said.contains(&format!("SERVICE {fault}\n"))
            && row.says.iter().all(|text| said.contains(&filled(text)))
            && !row.hides.iter().any(|text| said.contains(text));
        if !is_right {
            failures.push(format!("## {}\n{said}", row.name));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
