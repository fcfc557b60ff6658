//! What servers that delegate are told of a key beside its owner: roles, and scopes that they compare exactly.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::process::{Server, eventually};
use super::raw::{one, post, validate};
use crate::support::cli::Sandbox;
use crate::support::postgres;
use crate::support::store::Place;

const ROLE: &str = "http_server";

/// A store, and how serve is told of it: on a server by a role that has what serve needs, and no more.
fn stores() -> [(Sandbox, Vec<(&'static str, String)>); 2] {
    let server = Sandbox::with_store(Place::postgres());
    postgres::server().role(ROLE);
    server.ok(&["store", "grant", ROLE, "--for", "serve"]);
    let named = ("KEYCTL_STORE", address_of(&server, ROLE));
    [(Sandbox::with_store(Place::sqlite()), Vec::new()), (server, vec![named])]
}

fn address_of(sandbox: &Sandbox, role: &str) -> String {
    sandbox.place.text().replace(&format!("{}@", postgres::USER), &format!("{role}@"))
}

fn start(sandbox: &Sandbox, variables: &[(&'static str, String)], config: &str) -> Server {
    let variables: Vec<(&str, &str)> =
        variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
    Server::keyed(sandbox, config, &[], &variables)
}

fn attributes(server: &Server, token: &str) -> Value {
    let answer = one(server.address, &validate(token));
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()["attributes"].clone()
}

#[test]
fn roles_are_told_and_scopes_below_the_granted_ones_that_the_store_names() {
    for (sandbox, variables) in stores() {
        sandbox.ok(&["role", "set", "reader", "--scope", "files:read"]);
        sandbox.ok(&["role", "set", "keeper", "--scope", "files:*,notes"]);
        let alice = sandbox.ok(&["mint", "alice", "--role", "reader", "--role", "keeper", "--scope", "own"]);
        let bob = sandbox.ok(&["mint", "bob", "--scope", "files"]);
        let all = sandbox.ok(&["mint", "carol", "--scope", "*", "--allow-all"]);
        let client = sandbox.ok(&["mint", "gateway", "--scope", "keyctl:introspect"]);
        let server = start(&sandbox, &variables, "");
        eventually("names", || attributes(&server, &bob)["scopes"] == json!(["files", "files:read"]));
        assert_eq!(attributes(&server, &bob).get("roles"), None, "none");
        let told = attributes(&server, &alice);
        assert_eq!(told["roles"], json!(["keeper", "reader"]));
        assert_eq!(told["scopes"], json!(["files:*", "files:read", "notes", "own"]));
        // Everything but the tool's own.
        assert_eq!(attributes(&server, &all)["scopes"], json!(["*", "files", "files:read", "notes", "own"]));
        let lines =
            format!("Content-Type: application/x-www-form-urlencoded\r\nAuthorization: Bearer {client}\r\n");
        let introspected =
            || one(server.address, &post("/introspect", &lines, format!("token={bob}").as_bytes()));
        assert_eq!(introspected().json()["scope"], "files files:read");

        // Both follow a change as everything does.
        sandbox.ok(&["edit", "alice", "--role", "reader"]);
        sandbox.ok(&["role", "set", "writer", "--scope", "files:write"]);
        let begun = Instant::now();
        eventually("the role is gone", || attributes(&server, &alice)["roles"] == json!(["reader"]));
        let named = json!(["files", "files:read", "files:write"]);
        eventually("the scope is named", || attributes(&server, &bob)["scopes"] == named);
        // The rule is two seconds; more for a machine that others load.
        assert!(begun.elapsed() < Duration::from_secs(4), "{:?}", begun.elapsed());
        assert_eq!(introspected().json()["scope"], "files files:read files:write");
        assert!(!server.log().contains("not told"), "{}", server.log());
        server.is_well();
    }
}

#[test]
fn without_the_right_to_read_them_no_roles_are_told_and_the_log_says_so_once() {
    let [_, (sandbox, _)] = stores();
    sandbox.ok(&["role", "set", "reader", "--scope", "files:read"]);
    let alice = sandbox.ok(&["mint", "alice", "--role", "reader"]);
    let bob = sandbox.ok(&["mint", "bob", "--scope", "files"]);
    postgres::server().role("http_plain");
    sandbox.ok(&["store", "grant", "http_plain"]);
    let variables = vec![("KEYCTL_STORE", address_of(&sandbox, "http_plain"))];
    let policy = "[policy.web]\n[[policy.web.route]]\npath = \"/a\"\nscope = \"files:write\"\n";
    let server = start(&sandbox, &variables, policy);
    assert_eq!(attributes(&server, &alice), json!({ "scopes": ["files:read"] }));
    assert_eq!(
        attributes(&server, &bob),
        json!({ "scopes": ["files", "files:write"] }),
        "of the policy alone"
    );
    assert_eq!(server.log().matches("roles are not told").count(), 1, "{}", server.log());
    server.is_well();
}

#[test]
fn more_scopes_than_are_read_are_left_out() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    let all = sandbox.ok(&["mint", "alice", "--scope", "*", "--allow-all"]);
    let rows: String = (0..1100).map(|number| format!("('of-many:{number}'),")).collect();
    let rows = rows.trim_end_matches(',');
    sandbox.place.sql(&format!("INSERT INTO scope (name) VALUES {rows}")).expect("written");
    let server = Server::plain(&sandbox);
    std::thread::sleep(Duration::from_secs(1));
    assert_eq!(attributes(&server, &all)["scopes"], json!(["*"]));
    server.is_well();
}
