//! `serve --explain`: what it says of requests, and that the server decides in the same way.

use std::fs;
use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::Child;
use std::time::{Duration, Instant};

use crate::support::both;
use crate::support::cli::Sandbox;
use crate::support::runner::{Case, case, check};
use crate::support::store::Place;

const POLICIES: &str = r#"
[policy.memories]
require_https = true
[[policy.memories.route]]
path = "/v1/memories/{owner}/**"
methods = ["GET", "HEAD"]
scope = "memories:read"
[[policy.memories.route]]
path = "/v1/memories/{owner}/**"
scope = "memories:write"
[[policy.memories.route]]
path = "/v1/status"
any_key = true

[policy.trial]
observe = true
[[policy.trial.route]]
path = "/v1/memories/**"
scope = "trial"
"#;

/// Keys in every state that decides, and two policies.
fn scene(place: Place) -> Sandbox {
    let sandbox = Sandbox::with_store(place);
    fs::write(sandbox.home().join("serve.toml"), POLICIES).expect("written");
    for words in [
        "role set writer --scope memories:write",
        "mint alice/laptop --scope memories --out-file laptop.token",
        "mint alice/ci --scope memories:read --role writer --allow-ip 10.0.0.0/8 --out-file ci.token",
        "mint alice/child --parent alice/laptop --scope memories:read --out-file child.token",
        "mint bob/job --scope files --out-file job.token",
        "mint bob/bare --out-file bare.token",
        "mint bob/gone --scope memories --out-file gone.token",
        "revoke bob/gone --yes",
        "mint carol --subject auth0|5f7C --scope memories --out-file carol.token",
        "scope set alice/child memories:read,memories:write",
        "scope set alice/laptop memories:read",
    ] {
        let words: Vec<&str> = words.split(' ').collect();
        sandbox.ok(&words);
    }
    sandbox
}

/// `--explain REQUEST` of a key, by the policies of the file.
fn asked(request: &str, key: &str) -> Case {
    case(format!("{request} as {key}"), "serve --config serve.toml --explain")
        .arg(request)
        .arg("--as-key")
        .arg(key)
}

/// A row whose standard output is these lines and no more.
fn prints(row: Case, lines: &[&str]) -> Case {
    let wanted: String = lines.iter().flat_map(|line| [line, "\n"]).collect();
    row.stdout(move |found| found == wanted)
}

both!(it_is_said_which_policy_route_and_rule_decide, |place| {
    let sandbox = scene(place);
    let (read, write) = ("/v1/memories/{owner}/** (GET,HEAD)", "/v1/memories/{owner}/** (any method)");
    let row = |request: &str, key: &str, code: i32, word: &str, route: &str, why: &str| {
        let end = if code == 0 { String::new() } else { format!(" [{word}]") };
        let answer = if code == 0 { "allowed, needs https" } else { "denied" };
        let route = if route.is_empty() { String::new() } else { format!(", {route}") };
        let line = format!("{answer}: @memories{route}: {why}{end}");
        prints(asked(request, key).arg("--policy=@memories").ends(code), &[&line])
    };
    let nobody = |why: &str, word: &str, request: &str| row(request, "alice/laptop", 5, word, "", why);
    check(
        &sandbox,
        vec![
            row(
                "GET /v1/memories/alice",
                "alice/laptop",
                0,
                "",
                read,
                "memories:read is covered by memories:read, from the key itself (alice/laptop)",
            ),
            row(
                "HEAD /v1/memories/alice/x?user=bob",
                "alice/ci",
                0,
                "",
                read,
                "memories:read is covered by memories:read, from the key itself (alice/ci)",
            )
            .says("alice/ci may be used from its networks alone; they are left out without --ip"),
            row(
                "PUT /v1/memories/alice/x HTTP/1.1",
                "alice/ci",
                0,
                "",
                write,
                "memories:write is covered by memories:write, from role writer (alice/ci)",
            )
            .arg("--ip=10.1.2.3"),
            row(
                "PUT /v1/memories/alice",
                "alice/ci",
                5,
                "network",
                write,
                "alice/ci may not be used from that address",
            )
            .arg("--ip=192.0.2.1"),
            row(
                "PUT /v1/memories/alice",
                "alice/laptop",
                5,
                "scope",
                write,
                "no scope covers memories:write: alice/laptop may do memories:read",
            ),
            row(
                "PUT /v1/memories/alice",
                "alice/child",
                5,
                "scope",
                write,
                "memories:write was given to alice/child, but its parent alice/laptop may not do it",
            ),
            row(
                "GET /v1/memories/alice",
                "bob/job",
                5,
                "owner",
                read,
                "the path is for alice, and bob/job is of bob",
            ),
            row(
                "GET /v1/memories/bob",
                "bob/bare",
                5,
                "scope",
                read,
                "no scope covers memories:read: bob/bare may do nothing",
            ),
            row(
                "GET /v1/memories/auth0%7C5f7C",
                "carol",
                0,
                "",
                read,
                "memories:read is covered by memories, from the key itself (carol/default)",
            ),
            row(
                "GET /v1/memories/carol",
                "carol",
                5,
                "owner",
                read,
                "the path is for carol, and carol/default is of auth0|5f7C",
            ),
            row(
                "GET /v1/status",
                "bob/bare",
                0,
                "",
                "/v1/status (any method)",
                "any good key may (bob/bare)",
            ),
            // Who asks comes first: no route is for that.
            row("GET /nowhere", "bob/gone", 5, "revoked", "", "bob/gone is revoked"),
            nobody("no route of the policy is for this path and method", "no_route", "GET /nowhere"),
            nobody("no route can name the method get; did you mean GET?", "unknown_method", "get /v1/status"),
            nobody("no route can name the method GTE; did you mean GET?", "unknown_method", "GTE /v1/status"),
            nobody("no route can name the method BREW", "unknown_method", "BREW /v1/status"),
            nobody(
                "the path contains a segment of dots or blanks alone",
                "path_dot_segment",
                "GET /v1/../status",
            ),
            nobody("the path contains an encoded slash", "path_encoded_slash", "GET /v1%2Fstatus"),
            nobody("the path contains an encoded %", "path_encoded_percent", "GET /v1/a%252Fb"),
            nobody("the path contains an empty segment", "path_empty_segment", "GET //v1/status"),
            nobody(
                "the path contains a character that must be percent-encoded",
                "path_unencoded",
                "GET /v1/é",
            ),
            nobody("the path does not start with /", "path_not_rooted", "GET v1/status"),
            nobody(
                "the request names a whole address in the place of a path",
                "path_absolute_form",
                "GET https://example.org/v1/status",
            ),
            row(
                "GET /v1/memories/%20a",
                "alice/laptop",
                5,
                "path_owner",
                "",
                "the path names an owner who cannot be: it contains U+0020: allowed are the visible characters of ASCII",
            ),
        ],
    );
});

both!(all_policies_are_asked_where_none_is_named, |place| {
    let sandbox = scene(place);
    let memories = "@memories, /v1/memories/{owner}/** (GET,HEAD): ";
    let trial = "@trial, /v1/memories/** (any method): ";
    let passes = "denied, and let through since it is only observed: ";
    check(
        &sandbox,
        vec![
            prints(
                asked("GET /v1/memories/alice", "alice/laptop"),
                &[
                    &format!(
                        "allowed, needs https: {memories}memories:read is covered by memories:read, from the key \
                         itself (alice/laptop)"
                    ),
                    &format!(
                        "{passes}{trial}no scope covers trial: alice/laptop may do memories:read [scope]"
                    ),
                ],
            ),
            prints(
                asked("GET /v1/memories/alice", "bob/job").ends(5),
                &[
                    &format!("denied: {memories}the path is for alice, and bob/job is of bob [owner]"),
                    &format!("{passes}{trial}no scope covers trial: bob/job may do files [scope]"),
                ],
            ),
            prints(
                asked("GET /v1/memories/alice", "bob/gone").arg("--observe").ends(5),
                &[
                    &format!("{passes}{memories}bob/gone is revoked [revoked]"),
                    &format!("{passes}{trial}bob/gone is revoked [revoked]"),
                ],
            ),
            // What a gateway that asks for a scope gets: the request decides nothing there.
            prints(
                case("a scope", "serve --policy files:read --as-key bob/job --explain").arg("BREW /../x"),
                &["allowed: files:read: files:read is covered by files, from the key itself (bob/job)"],
            ),
            prints(
                case("a scope that it lacks", "serve --policy mail --as-key bob/job --explain")
                    .arg("GET /")
                    .ends(5),
                &["denied: mail: no scope covers mail: bob/job may do files [scope]"],
            ),
            prints(
                asked("GET /", "carol").arg("--policy=memories"),
                &["allowed: memories: memories is covered by memories, from the key itself (carol/default)"],
            )
            .says("memories is a scope, as in /auth/nginx/memories; the policy is @memories"),
        ],
    );
});

both!(a_slip_in_an_argument_is_named, |place| {
    let sandbox = scene(place);
    let hint = "write method and path in one word: 'GET /v1/memories/alice'";
    let malformed =
        |request: &str, says: &str| asked(request, "alice/laptop").fails(2, says, hint).hides("hush");
    check(
        &sandbox,
        vec![
            malformed("/v1/status?password=hush", "the request has no method before its path"),
            malformed("GET", "the request has no path behind its method"),
            malformed("", "the request is empty"),
            malformed("GET /a b?password=hush", "the request has more than a method and a path"),
            malformed("GET: /a?password=hush", "the request's first word cannot be a method"),
            case("in two words", "serve --config serve.toml --as-key alice/laptop --explain GET /v1/status")
                .fails(2, "unexpected argument '/v1/status'", "keyctl serve --help"),
            asked("GET /v1/status", "alice/lapto").fails(
                3,
                "there is no key alice/lapto",
                "did you mean alice/laptop?",
            ),
            asked("GET /v1/status", "alcie/laptop").fails(
                3,
                "there is no key alcie/laptop",
                "did you mean alice/laptop?",
            ),
            asked("GET /v1/status", "alice").fails(4, "alice may mean several keys", "owner/name"),
            asked("GET /v1/status", "-").fails(2, "--as-key", "keyctl serve --help"),
            asked("GET /v1/status", "key_1").fails(2, "--as-key", "keyctl serve --help"),
            asked("GET /v1/status", "alice/laptop").arg("--policy=@memoires").fails(
                3,
                "there is no policy @memoires",
                "did you mean @memories? there is: @memories, @trial",
            ),
            asked("GET /v1/status", "alice/laptop").arg("--policy=@nothing-like-it").fails(
                3,
                "there is no policy @nothing-like-it",
                "there is: @memories, @trial",
            ),
            asked("GET /v1/status", "alice/laptop").arg("--policy=@Memories").fails(
                2,
                "a policy's name has 1 to 64 of a-z 0-9 _ -",
                "keyctl serve --help",
            ),
            asked("GET /v1/status", "alice/laptop").arg("--policy=memories:").fails(
                2,
                "--policy",
                "keyctl serve --help",
            ),
            asked("GET /v1/status", "alice/laptop").arg("--policy=").fails(
                2,
                "--policy",
                "keyctl serve --help",
            ),
            asked("GET /v1/status", "alice/laptop").arg("--ip=10.0.0").fails(
                2,
                "--ip",
                "keyctl serve --help",
            ),
            asked("GET /v1/status", "alice/laptop").arg("--check").fails(2, "--check", "keyctl serve --help"),
            asked("GET /v1/status", "alice/laptop").arg("--polcy=@memories").fails(2, "--polcy", "--policy"),
            case("no key", "serve --config serve.toml --explain").arg("GET /").fails(
                2,
                "--as-key",
                "keyctl serve --help",
            ),
            case("no request", "serve --as-key alice/laptop").fails(2, "--explain", "keyctl serve --help"),
            case("a policy and no request", "serve --policy files").fails(
                2,
                "--explain",
                "keyctl serve --help",
            ),
            case("an address and no request", "serve --ip ::1").fails(2, "--explain", "keyctl serve --help"),
            case("no policies", "serve --as-key alice/laptop --explain").arg("GET /").fails(
                2,
                "there is no policy that could decide",
                "--policy memories:read",
            ),
            case("a policy without any", "serve --policy @web --as-key alice/laptop --explain")
                .arg("GET /")
                .fails(3, "there is no policy @web", "--config FILE"),
            case("no file", "serve --config srve.toml --as-key alice/laptop --explain").arg("GET /").fails(
                2,
                "srve.toml",
                "",
            ),
        ],
    );
    let token = fs::read_to_string(sandbox.home().join("laptop.token")).expect("a token");
    let token = token.trim();
    let secret = |row: Case| row.fails(2, "a secret stands on the command line", "").hides(token);
    check(
        &sandbox,
        vec![
            secret(asked("GET /v1/status", token)),
            secret(asked(&format!("GET /v1/status?key={token}"), "alice/laptop")),
        ],
    );
});

both!(what_is_printed_as_json_has_every_part, |place| {
    let sandbox = scene(place);
    let words = [
        "serve",
        "--config",
        "serve.toml",
        "--as-key",
        "alice/ci",
        "--explain",
        "PUT /v1/memories/alice?x=1",
    ];
    let found = sandbox.json(&words);
    let found = found.as_array().expect("an array");
    assert_eq!(found.len(), 2);
    let part = |name: &str| found[0][name].clone();
    assert_eq!(part("policy"), "@memories");
    assert_eq!(
        (part("allowed"), part("needs_https"), part("observed")),
        (true.into(), true.into(), false.into())
    );
    assert_eq!((part("method"), part("path")), ("PUT".into(), "/v1/memories/alice".into()));
    assert_eq!(part("route")["number"], 2);
    assert_eq!(part("route")["path"], "/v1/memories/{owner}/**");
    assert!(part("route")["methods"].is_null());
    assert_eq!((part("scope"), part("path_owner")), ("memories:write".into(), "alice".into()));
    assert_eq!(
        (part("rule"), part("role"), part("reason")),
        ("role_scope".into(), "writer".into(), ().into())
    );
    assert_eq!(
        (&found[1]["rule"], &found[1]["reason"], &found[1]["observed"]),
        (&"scope".into(), &"scope".into(), &true.into())
    );
});

/// Its answers come from the store alone: nothing is bound, and nothing is made.
#[test]
fn no_address_is_bound_and_no_store_is_made() {
    let sandbox = scene(Place::sqlite());
    let socket = sandbox.state.path().join("serve.sock");
    let listen = format!("--listen=unix:{}=all", socket.display());
    check(&sandbox, vec![asked("GET /v1/status", "alice/laptop").arg(listen)]);
    assert!(!socket.exists());
    let empty = Sandbox::empty(Place::sqlite());
    let row = case("no store", "serve --policy files --as-key alice --explain").arg("GET /");
    check(&empty, vec![row.without_env("KEYCTL_STORE").fails(3, "there is no key alice", "")]);
    assert!(!empty.home().join(".local").exists());
}

/// A server on a socket of its own.
struct Serving {
    child: Child,
    socket: PathBuf,
    log: PathBuf,
}

impl Serving {
    fn start(sandbox: &Sandbox) -> Self {
        let (socket, log) = (sandbox.state.path().join("s"), sandbox.state.path().join("log"));
        let listen = format!("unix:{}=all", socket.display());
        let words = ["serve", "--config", "serve.toml", "--trusted-proxy", "127.0.0.1", "--listen", &listen];
        let mut command = sandbox.command(&words);
        command.stderr(fs::File::create(&log).expect("a log"));
        let serving = Self { child: command.spawn().expect("starts"), socket, log };
        let begun = Instant::now();
        while serving.ask("GET /readyz HTTP/1.1\r\n") != Some(200) {
            assert!(begun.elapsed() < Duration::from_secs(20), "{}", serving.log());
            std::thread::sleep(Duration::from_millis(20));
        }
        serving
    }

    /// The status of the answer to a head.
    fn ask(&self, head: &str) -> Option<u16> {
        let mut stream = UnixStream::connect(&self.socket).ok()?;
        write!(stream, "{head}Host: keyctl\r\nConnection: close\r\n\r\n").ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        answer.get(9..12)?.parse().ok()
    }

    fn log(&self) -> String {
        fs::read_to_string(&self.log).expect("a log")
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

both!(the_server_decides_in_the_same_way_and_by_the_same_word, |place| {
    let sandbox = scene(place);
    let serving = Serving::start(&sandbox);
    let mut faults = Vec::new();
    let mut allowed = 0;
    for (key, file) in [
        ("alice/laptop", "laptop"),
        ("alice/ci", "ci"),
        ("alice/child", "child"),
        ("bob/job", "job"),
        ("bob/bare", "bare"),
        ("bob/gone", "gone"),
        ("carol", "carol"),
    ] {
        let token = fs::read_to_string(sandbox.home().join(format!("{file}.token"))).expect("a token");
        for request in [
            "GET /v1/memories/alice",
            "PUT /v1/memories/alice/x",
            "HEAD /v1/memories/bob?as=alice",
            "GET /v1/memories/auth0%7C5f7C",
            "GET /v1/memories/%20a",
            "POST /v1/status",
            "get /v1/status",
            "GET /v1/../status",
            "GET /nowhere",
        ] {
            for policy in ["@memories", "memories:read"] {
                let words = [
                    "serve",
                    "--config",
                    "serve.toml",
                    "--explain",
                    request,
                    "--as-key",
                    key,
                    "--policy",
                    policy,
                    "--ip",
                    "10.1.2.3",
                    "-o",
                    "json",
                ];
                let ran = sandbox.run(&words);
                let said: serde_json::Value = serde_json::from_str(&ran.stdout).expect("JSON");
                let (method, path) = request.split_once(' ').expect("a request");
                let before = serving.log().len();
                let status = serving.ask(&format!(
                    "GET /auth/nginx/{policy} HTTP/1.1\r\nAuthorization: Bearer {}\r\nX-Original-URI: {path}\r\n\
                     X-Original-Method: {method}\r\nX-Forwarded-Proto: https\r\nX-Forwarded-For: 10.1.2.3\r\n",
                    token.trim()
                ));
                let logged = serving.log()[before..].to_owned();
                let is_same = match said[0]["reason"].as_str() {
                    None => (ran.code, status) == (Some(0), Some(200)),
                    Some("revoked") => {
                        (ran.code, status) == (Some(5), Some(401)) && logged.contains("revoked")
                    }
                    Some(word) => (ran.code, status) == (Some(5), Some(403)) && logged.contains(word),
                };
                allowed += u32::from(status == Some(200));
                if !is_same {
                    faults
                        .push(format!("{request} as {key} by {policy}: {status:?} {logged} {}", ran.stdout));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(allowed > 20, "{allowed} were allowed");
});
