//! `oauth login`, at a real provider with somebody's browser, and at one that answers anything.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use super::browser::{Browser, exchange, parts, read};
use super::provider::Provider;
use super::{command, ok, run, shown, token};
use crate::support::both;
use crate::support::cli::{Ran, Sandbox};
use crate::support::endpoint::Endpoint;
use crate::support::pty::Terminal;
use crate::support::store::Place;

/// A login that waits for somebody.
struct Login {
    child: Child,
    errors: BufReader<ChildStderr>,
    said: String,
}

impl Login {
    fn begin(mut command: Command, input: &str) -> Self {
        let mut child = command.stdin(Stdio::piped()).spawn().expect("the program starts");
        child.stdin.take().expect("a pipe").write_all(input.as_bytes()).expect("taken");
        let errors = BufReader::new(child.stderr.take().expect("a pipe"));
        Self { child, errors, said: String::new() }
    }

    fn of(sandbox: &Sandbox, args: &[&str]) -> Self {
        Self::begin(command(sandbox, &[&["oauth", "login"], args].concat()), "")
    }

    /// The next line with this in it.
    #[track_caller]
    fn line(&mut self, with: &str) -> String {
        loop {
            let mut line = String::new();
            let length = self.errors.read_line(&mut line).expect("a line");
            assert!(length > 0, "no {with:?} in {}", self.said);
            self.said.push_str(&line);
            if line.contains(with) {
                return line.trim_end().to_owned();
            }
        }
    }

    /// What is to be opened in a browser.
    #[track_caller]
    fn address(&mut self) -> String {
        let line = self.line("code_challenge=");
        assert!(line.starts_with("http") && !line.contains(' '), "{line}");
        line
    }

    /// Where the browser is to be sent back to, without a path.
    fn own(address: &str) -> String {
        format!("http://{}", parts(&decoded(address, "redirect_uri")).0)
    }

    fn end(mut self) -> Ran {
        self.errors.read_to_string(&mut self.said).expect("its errors");
        let done = self.child.wait_with_output().expect("the program ends");
        let stdout = String::from_utf8(done.stdout).expect("a text");
        Ran { code: done.status.code(), stdout, stderr: self.said }
    }
}

/// A parameter of a URL.
fn decoded(url: &str, name: &str) -> String {
    let query = url.split_once('?').expect("a query").1;
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let value = pairs.find(|pair| pair.0 == name).unwrap_or_else(|| panic!("no {name} in {url}")).1;
    value.replace('+', " ").replace("%3A", ":").replace("%2F", "/").replace("%20", " ")
}

/// As a provider's client, by its issuer.
fn at<'a>(name: &'a str, issuer: &'a str, client: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&[name, "--provider", "github", "--issuer", issuer, "--client-id", client], more].concat()
}

/// As somebody's browser opens it.
#[track_caller]
fn finish(login: Login, back: &str) -> (Ran, String) {
    let page = Browser::default().get(back);
    (login.end(), page.body)
}

both!(somebody_signs_in_in_a_browser_and_the_tokens_are_kept, |place| {
    let (sandbox, provider) = (Sandbox::with_store(place), Provider::start(3600));
    let issuer = provider.issuer();
    let more = ["--scope", "openid offline_access", "--scope", "mail", "--account", "alice", "-o", "json"];
    let mut login = Login::of(&sandbox, &at("ci", &issuer, "public", &more));
    let said = login.line("listens at http://127.0.0.1:");
    let address = login.address();
    assert!(said.contains(&Login::own(&address)) && said.contains("for 5m"), "{said}");
    assert_eq!(decoded(&address, "code_challenge_method"), "S256");
    // 256 bits each, and nothing is said twice.
    assert_eq!((decoded(&address, "state").len(), decoded(&address, "code_challenge").len()), (43, 43));
    assert_eq!(
        (decoded(&address, "prompt"), decoded(&address, "response_type")),
        ("consent".into(), "code".into())
    );
    let back = Browser::default().sign_in(&address);
    let page = Browser::default().get(&back);
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/plain; charset=utf-8")));
    for (name, value) in [
        ("cache-control", "no-store"),
        ("content-security-policy", "default-src 'none'"),
        ("referrer-policy", "no-referrer"),
        ("x-content-type-options", "nosniff"),
    ] {
        assert_eq!(page.header(name), Some(value), "{}", page.head);
    }
    assert!(
        page.body.contains("The sign-in worked") && !page.body.contains(&decoded(&back, "code")),
        "{}",
        page.body
    );
    let ran = login.end().expect_code(0);
    let printed: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    assert_eq!(printed, shown(&sandbox, "ci"));
    assert_eq!(printed["scopes"], json!(["mail", "offline_access", "openid"]));
    assert_eq!(printed["token_endpoint"], provider.token_endpoint());
    assert_eq!((&printed["issuer"], &printed["account"]), (&issuer.as_str().into(), &"alice".into()));
    let access = token(&sandbox, "ci");
    assert!(provider.knows(&access));
    for text in [&ran.stderr, &ran.stdout, &sandbox.ok(&["audit", "list", "-o", "json"])] {
        assert!(!text.contains(&access) && !text.contains(&decoded(&back, "code")), "{text}");
    }
    // It is got anew as any other.
    ok(&sandbox, &["oauth", "refresh", "ci", "--force"], "");
    assert_eq!(provider.log(), [(200, None), (200, None)]);
    // Where it is and by which client is known of a credential that is there, and what it could do is asked for again.
    let mut again = Login::of(&sandbox, &["ci", "--replace"]);
    let address = again.address();
    assert_eq!(decoded(&address, "scope"), "mail offline_access openid");
    let (ran, page) = finish(again, &Browser::default().sign_in(&address));
    assert!(page.contains("The sign-in worked") && ran.stderr.contains("set version 3"), "{}", ran.stderr);
    // What it could do is not taken from it by a slip.
    let mut less = Login::of(&sandbox, &["ci", "--replace", "--scope", "openid"]);
    let address = less.address();
    let (ran, page) = finish(less, &Browser::default().sign_in(&address));
    assert!(page.contains("did not work"), "{page}");
    assert!(ran.expect_code(4).stderr.contains("they lack mail offline_access"));
    assert_eq!(shown(&sandbox, "ci")["version"], 3);
    let mut meant = Login::of(&sandbox, &["ci", "--replace", "--scope", "openid", "--allow-narrower"]);
    let address = meant.address();
    finish(meant, &Browser::default().sign_in(&address)).0.expect_code(0);
    assert_eq!(shown(&sandbox, "ci")["scopes"], json!(["openid"]));
    sandbox.ok(&["store", "check"]);
});

/// With what a client proves itself by, as it is read by `oauth add`.
#[test]
fn every_kind_of_client_signs_in() {
    let (sandbox, provider) = (Sandbox::with_store(Place::sqlite()), Provider::start(3600));
    let issuer = provider.issuer();
    let secret = json!({ "client_secret": "s3cr%t:+/ &x" }).to_string();
    let key = |pem: &str| json!({ "private_key": pem }).to_string();
    for (client, auth, proof) in [
        ("basic:id", "client_secret_basic", secret.clone()),
        ("post", "client_secret_post", secret),
        ("signs-ec", "private_key_jwt", key(include_str!("keys/ec.pem"))),
        ("signs-rsa", "private_key_jwt", key(include_str!("keys/rsa.pem"))),
    ] {
        let name = client.replace(':', "-");
        let args = at(&name, &issuer, client, &["--client-auth", auth, "--scope", "openid"]);
        let mut login = Login::begin(command(&sandbox, &[&["oauth", "login"], &args[..]].concat()), &proof);
        let address = login.address();
        let (ran, _) = finish(login, &Browser::default().sign_in(&address));
        ran.expect_code(0);
        ok(&sandbox, &["oauth", "refresh", &name, "--force"], "");
        // What it proves itself by is kept, and not asked for again.
        let mut again = Login::of(&sandbox, &[&name, "--replace"]);
        let address = again.address();
        finish(again, &Browser::default().sign_in(&address)).0.expect_code(0);
    }
}

both!(somebody_signs_in_on_another_device, |place| {
    let (sandbox, provider) = (Sandbox::with_store(place), Provider::start(3600));
    let issuer = provider.issuer();
    let more = ["--client-auth", "client_secret_basic", "--device", "--scope", "openid offline_access"];
    let args = at("ci", &issuer, "basic:id", &more);
    let secret = json!({ "client_secret": "s3cr%t:+/ &x" }).to_string();
    let begin = |args: &[&str], input| {
        let mut login = Login::begin(command(&sandbox, &[&["oauth", "login"], args].concat()), input);
        let said = login.line("on another device, open http://127.0.0.1:");
        let whole = login.line("user_code=");
        let whole = whole.split(' ').next_back().expect("an address").to_owned();
        assert!(said.ends_with(&decoded(&whole, "user_code")), "{said}: {whole}");
        (login, whole)
    };
    let (login, whole) = begin(&args, &secret);
    let page = Browser::default().confirm(&whole, true);
    assert!(page.body.contains("Sign-in Success"), "{}", page.body);
    login.end().expect_code(0);
    let credential = shown(&sandbox, "ci");
    assert_eq!(credential["scopes"], json!(["offline_access", "openid"]));
    assert!(provider.knows(&token(&sandbox, "ci")));
    ok(&sandbox, &["oauth", "refresh", "ci", "--force"], "");
    let (again, whole) = begin(&["ci", "--replace", "--device"], "");
    Browser::default().confirm(&whole, true);
    again.end().expect_code(0);
    assert_eq!(shown(&sandbox, "ci")["version"], 3);
    let (denied, whole) = begin(&["ci", "--replace", "--device"], "");
    Browser::default().confirm(&whole, false);
    let denied = denied.end().expect_code(8);
    assert!(
        denied.stderr.contains("the provider says no: access_denied; nothing was changed"),
        "{}",
        denied.stderr
    );
    assert_eq!(shown(&sandbox, "ci")["version"], 3);
});

/// Whoever else asks at the open port: other programs, pages of the browser, the browser itself ahead of time.
#[test]
fn nobody_ends_the_wait_who_does_not_know_its_state() {
    let (sandbox, provider) = (Sandbox::with_store(Place::sqlite()), Provider::start(3600));
    let issuer = provider.issuer();
    let mut login = Login::of(&sandbox, &at("ci", &issuer, "public", &["--scope", "openid"]));
    let address = login.address();
    let (own, state) = (Login::own(&address), decoded(&address, "state"));
    let host = parts(&own).0;
    let get =
        |target: &str, host: &str| exchange(&own, &format!("GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n"));
    let right = format!("/callback?code=x&state={state}");
    let port = host.split(':').next_back().expect("a port");
    for (target, named, status) in [
        ("/callback?code=x&state=wrong", host, 400),
        ("/callback?code=x&state=", host, 400),
        ("/callback?code=x", host, 400),
        ("/callback", host, 400),
        (&format!("/callback?error=access_denied&state={}", &state[1..]), host, 400),
        (&format!("/callback?code=x&code=y&state={state}"), host, 400),
        (&format!("/callback?code=x&error=y&state={state}"), host, 400),
        (&format!("/callback?state={state}"), host, 400),
        (&format!("/?code=x&state={state}"), host, 404),
        (&format!("/callback/?code=x&state={state}"), host, 404),
        (&format!("/favicon.ico?code=x&state={state}"), host, 404),
        (&format!("http://{host}/callback?code=x&state={state}"), host, 404),
        (&right, "evil.example", 421),
        (&right, &format!("evil.example:{port}"), 421),
        (&right, "127.0.0.1", 421),
        (&right, "127.0.0.1:1", 421),
        (&right, &format!("127.0.0.1:{port}\r\nHost: evil.example"), 421),
        (&right, &format!("{host}\r\nX: {}", "a".repeat(40_000)), 431),
        (&right, &format!("{host}{}", "\r\nX: a".repeat(200)), 431),
    ] {
        let page = get(target, named);
        assert_eq!(page.status, status, "{target} {named}: {page:?}");
        assert_eq!(page.header("content-security-policy"), Some("default-src 'none'"));
        assert!(!page.body.contains(&state) && !page.body.contains("evil"), "{}", page.body);
    }
    for method in ["POST", "HEAD", "OPTIONS", "PUT"] {
        let request = format!("{method} {right} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 3\r\n\r\na=b");
        assert_eq!(exchange(&own, &request).status, 405, "{method}");
    }
    for request in ["\x16\x03\x01 tls\r\n\r\n", "GET /callback\r\n\r\n", "GET  HTTP/1.1\r\n\r\n"] {
        assert_eq!(exchange(&own, request).status, 400, "{request}");
    }
    assert_eq!(exchange(&own, &format!("GET {right} HTTP/1.1\r\n\r\n")).status, 421, "no host");
    // Opened ahead, and never used; more than are kept. One is used after all, and says it in parts.
    let mut silent: Vec<TcpStream> = (0..100).map(|_| TcpStream::connect(host).expect("connected")).collect();
    let mut used = silent.pop().expect("one");
    used.write_all(b"GET /callback?code=x&st").expect("sent");
    thread::sleep(Duration::from_millis(200));
    used.write_all(format!("ate=wrong HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n").as_bytes()).expect("sent");
    assert_eq!(read(used).status, 400);
    let back = Browser::default().sign_in(&address);
    // Until the tokens are there, the browser waits, and a second answer is none.
    provider.hold(1500);
    let first = thread::spawn({
        let back = back.clone();
        move || Browser::default().get(&back)
    });
    thread::sleep(Duration::from_millis(500));
    let second = Browser::default().get(&back);
    assert!(second.status == 409 && second.body.contains("has its answer"), "{second:?}");
    let first = first.join().expect("a page");
    assert!(first.status == 200 && first.body.contains("The sign-in worked"), "{first:?}");
    login.end().expect_code(0);
    assert_eq!(provider.log(), [(200, None)], "no other code was tried");
    assert!(TcpStream::connect(host).is_err(), "the port is closed");
}

#[test]
fn a_no_of_the_provider_ends_it_and_is_said_in_bounds() {
    let (sandbox, provider) = (Sandbox::with_store(Place::sqlite()), Provider::start(3600));
    let issuer = provider.issuer();
    let begin = |more: &[&str]| {
        let mut login = Login::of(&sandbox, &at("ci", &issuer, "public", more));
        let address = login.address();
        (login, address)
    };
    let (login, address) = begin(&["--scope", "openid"]);
    let back = Browser::default().cancel(&address);
    let (ran, page) = finish(login, &back);
    assert!(page.contains("did not work"), "{page}");
    let ran = ran.expect_code(8);
    assert!(
        ran.stderr.contains("the provider says no: access_denied (End-User aborted interaction); nothing"),
        "{}",
        ran.stderr
    );
    // By somebody who knows the state, in words that would steer a terminal, and with a secret in them.
    let (login, address) = begin(&["-o", "json"]);
    let secret = format!("ghp_{}", "a1B2".repeat(9));
    let back = format!(
        "{}/callback?error=%1b[2J{}&error_description=%0a{secret}&state={}&iss={}",
        Login::own(&address),
        "e%20".repeat(500),
        decoded(&address, "state"),
        issuer.replace(':', "%3A").replace('/', "%2F")
    );
    let ran = finish(login, &back).0.expect_code(8);
    let last: Value = serde_json::from_str(ran.stderr.lines().last().expect("a line")).expect("JSON");
    assert_eq!(last["error"]["type"], "KEY_UNAVAILABLE");
    assert!(ran.stderr.contains("u{1b}[2J") && !ran.stderr.contains('\u{1b}'), "{}", ran.stderr);
    assert!(!ran.stderr.contains("a1B2") && last.to_string().len() < 600, "{}", ran.stderr);
    // Of another provider, or of nobody, where this one says whose its answers are.
    for (code, iss) in [
        ("error=access_denied", "&iss=https%3A%2F%2Fevil.example"),
        ("code=x", "&iss=https%3A%2F%2Fevil.example"),
        ("code=x", ""),
    ] {
        let (login, address) = begin(&[]);
        let back =
            format!("{}/callback?{code}&state={}{iss}", Login::own(&address), decoded(&address, "state"));
        let ran = finish(login, &back).0.expect_code(8);
        assert!(ran.stderr.contains("not that of the provider who was asked"), "{}", ran.stderr);
    }
    // A code that is none.
    let (login, address) = begin(&[]);
    let iss = issuer.replace(':', "%3A").replace('/', "%2F");
    let back = format!(
        "{}/callback?code=planted&state={}&iss={iss}",
        Login::own(&address),
        decoded(&address, "state")
    );
    let (ran, page) = finish(login, &back);
    assert!(page.contains("did not work"), "{page}");
    let ran = ran.expect_code(8);
    assert!(
        ran.stderr.contains("gave no tokens (refused-invalid_grant)") && !ran.stderr.contains("planted"),
        "{}",
        ran.stderr
    );
    assert_eq!(provider.log().len(), 1, "nothing else was tried");
    run(&sandbox, &["oauth", "show", "ci"], "").expect_code(3);
}

#[test]
fn the_wait_has_a_bound_and_can_be_given_up() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    let args = [
        "ci",
        "--provider",
        "github",
        "--client-id",
        "public",
        "--token-endpoint",
        "https://login.example.com/token",
        "--authorization-endpoint",
        "https://login.example.com/auth?tenant=7",
        "-q",
    ];
    // Nobody is asked where all is named, and quietly the address is said all the same.
    let mut login = Login::of(&sandbox, &[&args[..], &["--wait", "1s"]].concat());
    let address = login.address();
    assert!(address.starts_with("https://login.example.com/auth?tenant=7&response_type=code&"), "{address}");
    let begun = Instant::now();
    let ran = login.end().expect_code(8);
    assert!(ran.stderr.contains("nobody signed in in time"), "{}", ran.stderr);
    assert!(begun.elapsed() < Duration::from_secs(10));
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143), (Signal::HUP, 129)] {
        let mut login = Login::of(&sandbox, &args);
        let host = Login::own(&login.address());
        kill_process(Pid::from_child(&login.child), signal).expect("sent");
        let ran = login.end().expect_code(code);
        assert!(ran.stderr.ends_with("the sign-in was given up: nothing was changed\n"), "{}", ran.stderr);
        assert!(TcpStream::connect(parts(&host).0).is_err(), "the port is closed");
    }
}

/// A server that answers each request line, and what it was asked.
fn site(answer: impl Fn(&str) -> Option<Value> + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let answer = Arc::new(answer);
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut line = String::new();
            let mut reader = BufReader::new(stream.try_clone().expect("a stream"));
            let _ = reader.read_line(&mut line);
            let mut rest = String::new();
            while reader.read_line(&mut rest).is_ok_and(|length| length > 2) {
                rest.clear();
            }
            let (status, body) =
                answer(line.trim()).map_or((404, String::new()), |body| (200, body.to_string()));
            let _ = stream.write_all(
                format!("HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len()).as_bytes(),
            );
        }
    });
    format!("http://127.0.0.1:{port}")
}

/// A provider's document below its issuer or before the path of it, with this put into it.
fn issuer(path: &'static str, more: Value) -> String {
    let own = Arc::new(std::sync::OnceLock::<String>::new());
    let known = Arc::clone(&own);
    let host = site(move |line| {
        let host = known.get()?;
        let mut document = json!({
            "issuer": format!("{host}/tenant"),
            "authorization_endpoint": format!("{host}/auth"),
            "token_endpoint": format!("{host}/token"),
        });
        let more = more.as_object().expect("an object").clone();
        document.as_object_mut().expect("an object").extend(more);
        (line == format!("GET {path} HTTP/1.1")).then_some(document)
    });
    own.set(host.clone()).expect("once");
    format!("{host}/tenant")
}

const OPENID: &str = "/tenant/.well-known/openid-configuration";

#[test]
fn endpoints_are_found_where_the_standards_have_them() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    for path in [OPENID, "/.well-known/oauth-authorization-server/tenant"] {
        let issuer = issuer(path, json!({}));
        let ran =
            run(&sandbox, &[&["oauth", "login"], &at("ci", &issuer, "app", &["--dry-run"])[..]].concat(), "")
                .expect_code(0);
        assert!(ran.stderr.contains(&issuer.replace("/tenant", "/auth")), "{}", ran.stderr);
    }
    for (more, says) in [
        (json!({ "issuer": "https://evil.example" }), "it is another issuer's"),
        (
            json!({ "authorization_endpoint": "javascript:alert(1)" }),
            "its authorization_endpoint is no address",
        ),
        (json!({ "token_endpoint": "http://login.example.com/token" }), "its token_endpoint is no address"),
        (json!({ "code_challenge_methods_supported": ["plain"] }), "it has no PKCE"),
        (json!({ "authorization_endpoint": null }), "names no authorization endpoint"),
    ] {
        let issuer = issuer(OPENID, more);
        let ran = run(&sandbox, &[&["oauth", "login"], &at("ci", &issuer, "app", &[])[..]].concat(), "")
            .expect_code(8);
        assert!(ran.stderr.contains(says) && ran.stderr.contains("nothing was changed"), "{}", ran.stderr);
    }
    let nowhere = issuer("/elsewhere", json!({}));
    let ran = run(&sandbox, &[&["oauth", "login"], &at("ci", &nowhere, "app", &[])[..]].concat(), "")
        .expect_code(8);
    assert!(ran.stderr.contains("has no document of its endpoints (status 404)"), "{}", ran.stderr);
    let no_device = issuer(OPENID, json!({}));
    let ran =
        run(&sandbox, &[&["oauth", "login"], &at("ci", &no_device, "app", &["--device"])[..]].concat(), "")
            .expect_code(8);
    assert!(ran.stderr.contains("names no device authorization endpoint"), "{}", ran.stderr);
}

/// Nobody signs in for nothing.
#[test]
fn what_can_be_known_is_looked_at_before_anybody_signs_in() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    let endpoint = Endpoint::start();
    let url = endpoint.url();
    let tokens = r#"{"access_token":"at-planted-1","refresh_token":"rt-planted-1","scope":"a"}"#;
    super::add(&sandbox, "there", &url, tokens);
    let all = [
        "--provider",
        "github",
        "--client-id",
        "app",
        "--token-endpoint",
        &url,
        "--authorization-endpoint",
        &url,
    ];
    let login = |args: &[&str]| run(&sandbox, &[&["oauth", "login"], args].concat(), "");
    for (args, code, says) in [
        (&[&["there"], &all[..]].concat()[..], 4, "keyctl oauth login there --replace"),
        (&["gone", "--replace"], 3, "gone"),
        (&["there", "--replace"], 2, "it is not said where somebody signs in in a browser"),
        (&["there", "--replace", "--device"], 2, "it is not said where somebody signs in on another device"),
        (&["there", "--replace", "--client-id", "other"], 2, "cannot be used with"),
        (&["ci", "--provider", "github", "--client-id", "app"], 2, "add --issuer URL"),
        (
            &[&["ci"], &all[..], &["--parameter", "state=x"]].concat(),
            2,
            "the parameter state is keyctl's own",
        ),
        (
            &[&["ci"], &all[..], &["--parameter", "client_secret=x"]].concat(),
            2,
            "none stands on a command line",
        ),
        (
            &[&["ci"], &all[..], &["--client-auth", "client_secret_post"]].concat(),
            2,
            "the client's client_secret is needed, and nothing was given",
        ),
        (&[&["ci"], &all[..], &["--wait", "0s"]].concat(), 2, "--wait is 1s at least"),
        (&["there", "--replace", "--device", "--wait", "0"], 2, "--wait is 1s at least"),
        (&[&["ci"], &all[..], &["--issuer", "https://a.example?b"]].concat(), 2, "an issuer has no query"),
    ] {
        let ran = login(args).expect_code(code);
        assert!(
            ran.stderr.contains(says) && !ran.stderr.contains("code_challenge"),
            "{args:?}: {}",
            ran.stderr
        );
    }
    let keyless = sandbox.run(&[&["oauth", "login", "ci"], &all[..]].concat()).expect_code(8);
    assert!(!keyless.stderr.contains("code_challenge"), "{}", keyless.stderr);
    // Nor is anybody asked who may not be.
    let mut far =
        sandbox.command(&[&["oauth", "login"], &at("ci", "https://127.0.0.1:1", "app", &[])[..]].concat());
    far.env("KEYCTL_MASTER_KEY", crate::secrets::KEY);
    let far = crate::support::cli::finish(far, b"").expect_code(8);
    assert!(far.stderr.contains("private") && far.stderr.contains("KEYCTL_OUTBOUND_ALLOW"), "{}", far.stderr);
    // A credential that is there has its token endpoint.
    login(&["there", "--replace", "--authorization-endpoint", &url, "--dry-run"]).expect_code(0);
    login(&["there", "--replace", "--device", "--device-endpoint", &url, "--dry-run"]).expect_code(0);
    // Another token endpoint is another credential, and no secret of the client goes to another server.
    let other = issuer(OPENID, json!({}));
    let ran = login(&["there", "--replace", "--issuer", &other]).expect_code(2);
    assert!(ran.stderr.contains("another token endpoint"), "{}", ran.stderr);
    let elsewhere = issuer(
        OPENID,
        json!({ "token_endpoint": url, "device_authorization_endpoint": "https://evil.example/d" }),
    );
    let secret = r#"{"access_token":"at-planted-2","client_secret":"cs-planted"}"#;
    super::add_with(&sandbox, "secretive", &url, secret, &["--client-auth", "client_secret_post"]);
    let ran = login(&["secretive", "--replace", "--device", "--issuer", &elsewhere]).expect_code(2);
    assert!(ran.stderr.contains("sent to another server"), "{}", ran.stderr);
    assert!(endpoint.asked().is_empty());
}

#[test]
fn a_device_is_asked_for_as_often_as_the_provider_wants() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    let endpoint = Endpoint::start();
    let url = endpoint.url();
    let args = [
        "ci",
        "--provider",
        "github",
        "--client-id",
        "app",
        "--token-endpoint",
        &url,
        "--device",
        "--device-endpoint",
        &url,
        "--scope",
        "a",
    ];
    let device = r#"{"device_code":"dc-planted","user_code":"AB-CD","verification_uri":"http://127.0.0.1/device","expires_in":EXPIRES,"interval":1}"#;
    let began = |expires: &str, answers: Vec<(u16, &'static str)>| {
        endpoint.answers(200, "", &device.replace("EXPIRES", expires));
        let mut login = Login::of(&sandbox, &args);
        login.line("type the code AB-CD");
        let answers = std::sync::Mutex::new(answers);
        endpoint.does(move |stream| {
            let mut answers = answers.lock().expect("answers");
            let (status, body) = if answers.len() > 1 { answers.remove(0) } else { answers[0] };
            let _ = stream.write_all(format!("HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len()).as_bytes());
        });
        let begun = Instant::now();
        (login.end(), begun.elapsed(), endpoint.asked())
    };
    const PENDING: (u16, &str) = (400, r#"{"error":"authorization_pending"}"#);
    let (ran, took, asked) = began(
        "600",
        vec![
            PENDING,
            (400, r#"{"error":"slow_down"}"#),
            (200, r#"{"access_token":"at-planted-1","token_type":"bearer"}"#),
        ],
    );
    let ran = ran.expect_code(0);
    assert!(took >= Duration::from_millis(7500) && asked.len() == 4, "{took:?} {asked:?}");
    assert!(asked[0].contains("scope=a") && asked[3].contains("device_code=dc-planted"), "{asked:?}");
    assert!(!ran.stderr.contains("planted"), "{}", ran.stderr);
    // Nothing was said of what they may do: what was asked for.
    assert_eq!(shown(&sandbox, "ci")["scopes"], json!(["a"]));
    sandbox.ok(&["secret", "delete", "ci", "--purge", "--yes"]);
    for (expires, answer, says) in [
        ("600", (400, r#"{"error":"expired_token"}"#), "nobody signed in in time"),
        ("2", PENDING, "nobody signed in in time"),
        ("600", (400, r#"{"error":"access_denied"}"#), "access_denied"),
        (
            "600",
            (400, r#"{"error":"invalid_client","error_description":"planted"}"#),
            "refused-invalid_client",
        ),
    ] {
        let ran = began(expires, vec![answer]).0.expect_code(8);
        assert!(ran.stderr.contains(says) && !ran.stderr.contains("planted"), "{}", ran.stderr);
    }
    endpoint.answers(400, "", r#"{"error":"invalid_scope"}"#);
    assert!(Login::of(&sandbox, &args).end().expect_code(8).stderr.contains("refused-invalid_scope"));
    endpoint.answers(200, "", &device.replace("EXPIRES", "600"));
    let mut login = Login::of(&sandbox, &args);
    login.line("type the code");
    endpoint.answers(PENDING.0, "", PENDING.1);
    kill_process(Pid::from_child(&login.child), Signal::INT).expect("sent");
    let ran = login.end().expect_code(130);
    assert!(ran.stderr.ends_with("the sign-in was given up: nothing was changed\n"), "{}", ran.stderr);
}

#[test]
fn a_screen_shows_what_to_open_and_how_it_ended() {
    let (sandbox, provider) = (Sandbox::with_store(Place::sqlite()), Provider::start(3600));
    let issuer = provider.issuer();
    // A browser of its own, which writes down what it is given, and what of keyctl's surroundings.
    let script = sandbox.home().join("browser");
    std::fs::write(
        &script,
        "#!/bin/sh\nenv > opened.env\nprintf %s \"$2\" > opened.new\nmv opened.new opened\n",
    )
    .expect("written");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&script, mode).expect("set");
    let args =
        at("ci", &issuer, "post", &["--client-auth", "client_secret_post", "--scope", "openid", "--open"]);
    let mut command = command(&sandbox, &[&["oauth", "login"], &args[..]].concat());
    command.env("BROWSER", format!("no-such-browser:{} --new %s", script.display()));
    let mut terminal = Terminal::start(&command, 80);
    terminal.wait_for("client secret (not shown): ");
    terminal.type_text("s3cr%t:+/ &x\n");
    terminal.wait_for("sign in with a browser on this machine:");
    let opened = sandbox.home().join("opened");
    let begun = Instant::now();
    while !opened.exists() {
        assert!(begun.elapsed() < Duration::from_secs(20), "no browser was started");
        thread::sleep(Duration::from_millis(20));
    }
    let address = std::fs::read_to_string(opened).expect("an address");
    terminal.wait_for(&address);
    let environment = std::fs::read_to_string(sandbox.home().join("opened.env")).expect("an environment");
    assert!(
        !environment.contains("KEYCTL_MASTER_KEY") && !environment.contains("PGPASSWORD"),
        "{environment}"
    );
    Browser::default().get(&Browser::default().sign_in(&address));
    let (code, seen) = terminal.finish();
    assert!(code == 0 && seen.contains("keeps the github credential ci, sealed under"), "{seen}");
    assert!(!seen.contains("s3cr%t"), "{seen}");
}
