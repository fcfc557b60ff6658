//! docs/mcp.md from its first command to the tool: what it says is typed and pasted, one after the other.

use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};

use super::before_mcp::{Asker, a_port};
use super::client::get;
use super::gateway::{read, with_ports};
use super::installed;
use crate::support::cli::{PROGRAM, Ran, finish};
use crate::support::cluster::{Running, wait_until};

/// What stands in the blocks of this kind.
fn blocks<'d>(document: &'d str, kind: &str) -> Vec<&'d str> {
    let open = format!("```{kind}\n");
    document.split(open.as_str()).skip(1).map(|rest| rest.split_once("```").expect("its end").0).collect()
}

/// Somebody with a home folder and the program.
struct Reader(tempfile::TempDir);

impl Reader {
    fn path(&self, name: &str) -> std::path::PathBuf {
        self.0.path().join(name)
    }

    fn command(&self, line: &str) -> Command {
        let folder = Path::new(PROGRAM).parent().expect("a folder").display();
        let mut command = Command::new("env");
        command.arg("-i").arg(format!("HOME={}", self.0.path().display()));
        command.arg(format!("PATH={folder}:/usr/sbin:/usr/bin:/bin"));
        command.args(["sh", "-ec", &format!("cd; {line}")]);
        command
    }

    #[track_caller]
    fn run(&self, line: &str) -> Ran {
        let mut command = self.command(line);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        finish(command, b"").expect_code(0)
    }

    fn start(&self, line: &str) -> Running {
        Running::start(&self.command(&format!("exec {line}")), &self.path("log"), "KILL", None)
            .expect("starts")
    }
}

#[test]
fn the_document_leads_from_a_key_to_a_tool() {
    let (document, readme) = (read("docs/mcp.md"), read("README.md"));
    let [configuration] = blocks(&document, "toml")[..] else { panic!("one configuration") };
    assert_eq!(configuration, read("contrib/mcp/serve.toml"), "docs/mcp.md shows another configuration");
    let reader = Reader(tempfile::tempdir().expect("folder"));
    let typed = |text: &str| {
        for line in text.lines().filter_map(|line| line.strip_prefix("$ ")) {
            reader.run(line);
        }
    };
    let (_, first) = readme.split_once("### A master key\n").expect("the master key");
    typed(blocks(first, "console")[0]);
    blocks(&document, "console").into_iter().for_each(typed);

    let folder = format!("{}/", reader.0.path().display());
    let own = |text: &str| text.replace("/run/keyctl/", &folder);
    std::fs::write(reader.path("serve.toml"), own(configuration)).expect("written");
    let said = reader.run("keyctl serve --config serve.toml --check").stderr;
    let texts = blocks(&document, "text");
    let shown = texts.iter().find(|text| text.contains("would listen on")).expect("what it says");
    for line in own(shown).lines() {
        assert!(said.lines().any(|found| found == line), "{line}: {said}");
    }

    let (server, gateway) = (a_port(), a_port());
    let ports = [("8000", server.port()), ("8080", gateway.port())];
    std::fs::write(reader.path("server.py"), read("contrib/mcp/server.py")).expect("written");
    let caddyfile = own(&with_ports(&read("contrib/mcp/Caddyfile"), &ports));
    // Its interface for administration has one port for all.
    std::fs::write(reader.path("Caddyfile"), format!("{{\n\tadmin off\n}}\n{caddyfile}")).expect("written");
    let begin = texts.iter().find(|text| text.contains("server.py")).expect("what is started");
    let python = installed::program("fastmcp", "python").display().to_string();
    let caddy = installed::program("gateways", "caddy").display().to_string();
    let [first, second, third] = begin.lines().collect::<Vec<_>>()[..] else { panic!("three: {begin}") };
    let first = format!("env PORT={} {}", server.port(), first.replace("python3", &python));
    let _running =
        [first, second.to_owned(), third.replacen("caddy", &caddy, 1)].map(|line| reader.start(&line));
    let log = reader.path("log");
    wait_until(&log, || TcpStream::connect(server).is_ok()).expect("the server listens");
    wait_until(&log, || get("/mcp").try_send(gateway).is_ok_and(|answer| answer.status == 401))
        .expect("all is there");

    let token = std::fs::read_to_string(reader.path("alice.token")).expect("a token");
    let said = Asker::python(gateway).ask("mcp", Some(token.trim()));
    assert_eq!(said, serde_json::json!({"tools": ["whose"], "whose": "alice"}));
    // The path of the metadata is as it is shown.
    let (shown, document) = document
        .split_once("GET /.well-known")
        .map(|(_, rest)| rest.split_once('\n').expect("a line"))
        .expect("the metadata");
    let answer = get(&format!("/.well-known{shown}")).send(gateway);
    let wanted: String = document.split("```").next().expect("JSON").split_whitespace().collect();
    assert_eq!((answer.status, answer.body.as_str()), (200, wanted.as_str()));
}
