//! The SDKs that programs are made of let themselves in, unmodified: portal, serve, Caddy and a server of FastMCP, each as it is.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

use super::scene::{hidden, onward, registered};
use crate::pages::scene::{Portal, cookie_in, form_token, get, post};
use crate::secrets::{KEY, keyed};
use crate::serve::before_mcp::{Door, Server};
use crate::serve::installed;
use crate::serve::serving::within_the_bound;
use crate::support::cluster::free_port;

/// A program, and the lines that it is talked to by.
struct Program(Child, BufReader<ChildStdout>);

impl Program {
    fn start(mut command: Command, door: &Door, client: &str) -> Self {
        command.arg(format!("http://{}/mcp", door.address)).arg(client);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit());
        let mut child = command.spawn().expect("starts");
        let lines = BufReader::new(child.stdout.take().expect("piped"));
        Self(child, lines)
    }

    fn python(door: &Door, client: &str) -> Self {
        Self::of_python("sign_in.py", door, client)
    }

    fn fastmcp(door: &Door, client: &str) -> Self {
        Self::of_python("sign_in_fastmcp.py", door, client)
    }

    fn of_python(script: &str, door: &Door, client: &str) -> Self {
        let mut command = Command::new(installed::program("fastmcp", "python"));
        command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients").join(script));
        Self::start(command, door, client)
    }

    fn typescript(door: &Door, client: &str) -> Self {
        let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/gateways/mcp");
        assert!(
            place.join("node_modules").exists(),
            "{} is missing: run tests/serve/install",
            place.display()
        );
        // Packages are looked for beside the file that names them.
        let script = place.join("sign_in.mjs");
        let text = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/clients/sign_in.mjs");
        std::fs::copy(text, &script).expect("copied");
        let node = std::env::var_os("KEYCTL_NODE").map_or_else(|| PathBuf::from("node"), PathBuf::from);
        let mut command = Command::new(node);
        command.arg(script);
        Self::start(command, door, client)
    }

    fn say(&mut self, what: &Value) -> Value {
        writeln!(self.0.stdin.as_mut().expect("piped"), "{what}").expect("asked");
        let mut said = String::new();
        self.1.read_line(&mut said).expect("answered");
        serde_json::from_str(&said).unwrap_or_else(|error| panic!("{error}: {said}"))
    }

    fn call(&mut self) -> Value {
        self.say(&json!({"do": "call"}))
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}

/// Alice, in her browser: signs in, and says yes to all that is asked for.
fn says_yes(portal: &Portal, key: &str, open: &str) -> String {
    let origin = portal.origin.as_str();
    let host = origin.trim_start_matches("http://");
    let target = open.strip_prefix(origin).unwrap_or_else(|| panic!("elsewhere: {open}"));
    let asked = get(target).host(host).to(portal);
    assert_eq!(asked.status, 200, "{asked:?}");
    let waiting = cookie_in(&asked, "__Host-keyctl-asked").expect("what waits");
    let from_here =
        |sent: crate::pages::scene::Sent| sent.host(host).without("Origin").with("Origin", origin);
    let sent = post("/sign-in", &[("key", key)]).with("Cookie", &format!("__Host-keyctl-asked={waiting}"));
    let signed_in = from_here(sent).to(portal);
    assert_eq!(signed_in.status, 303, "{signed_in:?}");
    let cookie = cookie_in(&signed_in, "__Host-keyctl").expect("a cookie");
    let place = signed_in.header("location").expect("a place");
    let page = get(place).host(host).cookie(&cookie).to(portal);
    let (form, request, own) = (form_token(&page), hidden(&page, "request"), hidden(&page, "key"));
    let mut fields = vec![("form", form.as_str()), ("request", &request), ("key", &own), ("say", "yes")];
    let scopes: Vec<&str> = ["memories", "files"]
        .into_iter()
        .filter(|scope| page.body.contains(&format!("value=\"{scope}\" checked")))
        .collect();
    fields.extend(scopes.iter().map(|scope| ("scope", *scope)));
    onward(&from_here(post("/oauth/consent", &fields)).cookie(&cookie).to(portal))
}

/// A server behind the gateway, the portal, the id of a client, and what alice signs in with.
fn town(redirect_uri: &str) -> (Server, Door, Portal, String, String) {
    let address: SocketAddr = (Ipv4Addr::LOCALHOST, free_port().expect("a free port")).into();
    let server = Server::start();
    let mut door = Door::before_itself(server.address, &format!("http://{address}"));
    door.sandbox.ok(&["store", "set", "audience", &format!("http://{}/mcp", door.address)]);
    keyed(&door.sandbox, &["signing-key", "rotate"], "");
    let client = registered(&door.sandbox, "Editor", redirect_uri);
    let key =
        door.sandbox.ok(&["mint", "alice", "--name", "laptop", "--scope", "keyctl:self,memories,files"]);
    // serve reads its keys when something of them is changed; it has to have seen these.
    door.serve();
    let variables = [("KEYCTL_MASTER_KEY", KEY)];
    let portal =
        Portal::on_this_machine(&door.sandbox, address, &["--issue", "--log-level", "debug"], &variables);
    (server, door, portal, client, key)
}

fn lets_itself_in(start: fn(&Door, &str) -> Program, redirect_uri: &str, steps_up: bool) {
    let (_server, mut door, portal, client, key) = town(redirect_uri);
    let mut program = start(&door, &client);
    let logs = |door: &Door| format!("{}\n{}", door.logs(), portal.log());
    let asked = program.call();
    let open = asked["open"].as_str().unwrap_or_else(|| panic!("{asked}\n{}", logs(&door)));
    let done = program.say(&json!({"back": says_yes(&portal, &key, open)}));
    assert_eq!(
        (&done["whose"], &done["scope"]),
        (&json!("alice"), &json!("memories")),
        "{done}\n{}",
        logs(&door)
    );
    assert_eq!(program.call()["whose"], "alice", "with the token that it has");

    program.say(&json!({"do": "late"}));
    let refreshed = program.call();
    assert_eq!(refreshed["whose"], "alice", "{refreshed}\n{}", logs(&door));
    assert_ne!(refreshed["refresh"], done["refresh"]);

    if steps_up {
        // From now on more is needed there.
        door.instead.push(("scope = \"memories\"".to_owned(), "scope = \"files\"".to_owned()));
        door.serve();
        let asked = program.call();
        let open = asked["open"].as_str().unwrap_or_else(|| panic!("{asked}\n{}", logs(&door)));
        let done = program.say(&json!({"back": says_yes(&portal, &key, open)}));
        assert_eq!(done["whose"], "alice", "{done}\n{}", logs(&door));
        assert_eq!(done["scope"], "files memories", "{done}");
    }

    door.sandbox.ok(&["revoke", "alice/mcp-editor"]);
    // It is noticed, and the person is asked again.
    within_the_bound("revoked", || program.call()["open"].is_string());
    door.sandbox.ok(&["store", "check"]);
}

#[test]
fn a_program_of_the_sdk_in_python_lets_itself_in() {
    lets_itself_in(Program::python, "http://127.0.0.1/callback", true);
}

/// Where more is needed, this one brings its refresh token first, and then gives up.
#[test]
fn a_program_of_the_sdk_in_typescript_lets_itself_in() {
    lets_itself_in(Program::typescript, "http://127.0.0.1/callback", false);
}

/// Its helper comes back to `localhost`, at a port of its own choice.
#[test]
fn a_program_of_the_client_of_fastmcp_lets_itself_in() {
    lets_itself_in(Program::fastmcp, "http://localhost/callback", true);
}

/// `auth="oauth"`: it registers itself where it has no id, and nobody does that here.
#[test]
fn the_client_of_fastmcp_without_an_id_says_that_it_could_not_register() {
    let (_server, door, _portal, _, _) = town("http://localhost/callback");
    let said = Program::fastmcp(&door, "").call();
    assert!(
        said["error"].as_str().is_some_and(|error| error.starts_with("OAuthRegistrationError")),
        "{said}"
    );
}
