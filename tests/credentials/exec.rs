//! A command that is run with credentials: what it holds, what it is given while it runs, and what is left of it.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use super::provider::Provider;
use super::{add, add_with, command, ok, run, token};
use crate::support::both;
use crate::support::cli::{Ran, Sandbox, finish};

const ENDPOINT: &str = "https://login.example.com/oauth/token";
const TOKENS: &str = r#"{"access_token":"at-planted-1","refresh_token":"rt-planted-1","expires_in":3600}"#;
const OTHERS: &str = r#"{"access_token":"at-planted-2","refresh_token":"rt-planted-2","expires_in":3600}"#;
const INVALIDATES: &[&str] = &["--refresh-invalidates"];

/// A client of the socket, with nothing but what Python has.
const CLIENT: &str = r#"
import http.client, json, os, socket, sys, time, urllib.error, urllib.request
class Unix(http.client.HTTPConnection):
    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(60)
        self.sock.connect(os.environ["KEYCTL_CREDENTIALS_SOCKET"])
def ask(path="/lease", method="POST", **body):
    connection = Unix("keyctl")
    connection.request(method, path, json.dumps(body))
    answer = connection.getresponse()
    return answer.status, json.loads(answer.read())
def token(**body):
    status, answer = ask(**body)
    assert status == 200, answer
    return answer
def works(endpoint, token):
    request = urllib.request.Request(endpoint.replace("/token", "/me"), headers={"Authorization": "Bearer " + token})
    try:
        return urllib.request.urlopen(request).status == 200
    except urllib.error.HTTPError:
        return False
def say(name):
    open(name, "w").close()
def wait(name):
    while not os.path.exists(name):
        time.sleep(0.02)
"#;

/// The command line, with a folder for temporary files of its own.
fn exec(sandbox: &Sandbox, args: &[&str], script: &str) -> Command {
    let script = format!("{CLIENT}{script}");
    let words = [&["exec"], args, &["--", "python3", "-c", &script]].concat();
    let mut command = command(sandbox, &words);
    command.env("TMPDIR", temporary(sandbox));
    command
}

fn temporary(sandbox: &Sandbox) -> PathBuf {
    let folder = sandbox.state.path().join("tmp");
    if !folder.exists() {
        fs::create_dir(&folder).expect("folder");
    }
    folder
}

/// What was made there and is still there.
fn left(sandbox: &Sandbox) -> Vec<PathBuf> {
    fs::read_dir(temporary(sandbox)).expect("folder").map(|entry| entry.expect("entry").path()).collect()
}

#[track_caller]
fn ran(sandbox: &Sandbox, args: &[&str], script: &str) -> Ran {
    finish(exec(sandbox, args, script), b"").expect_code(0)
}

/// A running command, told by files what to do.
struct Running<'s> {
    child: Child,
    sandbox: &'s Sandbox,
}

impl<'s> Running<'s> {
    fn start(sandbox: &'s Sandbox, args: &[&str], script: &str) -> Self {
        for name in ["ready", "go"] {
            let _ = fs::remove_file(sandbox.home().join(name));
        }
        Self { child: exec(sandbox, args, script).spawn().expect("started"), sandbox }
    }

    #[track_caller]
    fn wait_for(&mut self, name: &str) {
        let begun = Instant::now();
        while !self.sandbox.home().join(name).exists() {
            if let Some(status) = self.child.try_wait().expect("looked") {
                let mut said = String::new();
                let mut stderr = self.child.stderr.take().expect("a pipe");
                std::io::Read::read_to_string(&mut stderr, &mut said).expect("read");
                panic!("ended before {name}: {status} {said}");
            }
            assert!(begun.elapsed() < Duration::from_secs(60), "no {name}");
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn go_on(&self) {
        fs::write(self.sandbox.home().join("go"), "").expect("written");
    }

    #[track_caller]
    fn end(self) -> (String, String) {
        let done = self.child.wait_with_output().expect("ended");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
        let (stdout, stderr) = (text(done.stdout), text(done.stderr));
        assert!(done.status.success(), "{:?} {stdout} {stderr}", done.status);
        (stdout, stderr)
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).expect("sent");
    }
}

#[track_caller]
fn leases(sandbox: &Sandbox) -> Vec<Value> {
    sandbox.json(&["lease", "list"]).as_array().expect("a list").clone()
}

#[track_caller]
fn nothing_is_left(sandbox: &Sandbox) {
    assert_eq!((leases(sandbox), left(sandbox)), (Vec::new(), Vec::<PathBuf>::new()));
}

both!(a_command_that_asks_after_its_token_s_end_is_given_the_next_one, |place| {
    let (sandbox, provider) = (Sandbox::with_store(place), Provider::start(16));
    let endpoint = provider.token_endpoint();
    add_with(&sandbox, "held", &endpoint, &provider.grant("public"), INVALIDATES);
    add(&sandbox, "plain", &endpoint, &provider.grant("public"));
    let script = format!(
        r#"
endpoint, environment = "{endpoint}", os.environ["GITHUB_TOKEN"]
first = token(provider="github")
assert first["access_token"] == environment and first["credential"] == "held", first
assert first["lease"]["expires_at"] and first["present"] == "bearer", first
assert works(endpoint, environment)
while works(endpoint, environment):
    time.sleep(0.2)
second = token(credential="held")
assert second["access_token"] != environment and second["version"] > first["version"], second
assert second["lease"]["fence"] > first["lease"]["fence"], second
assert works(endpoint, second["access_token"])
status, ended = ask("/lease/renew", holder_token=first["lease"]["holder_token"])
assert (status, ended["code"]) == (409, "CONFLICT"), ended
print("version", second["version"])
"#
    );
    let done = ran(&sandbox, &["--oauth", "held"], &script);
    assert_eq!(done.stdout, "version 2\n", "{}", done.stderr);
    assert!(provider.log().iter().all(|answer| *answer == (200, None)), "{:?}", provider.log());
    nothing_is_left(&sandbox);
    let script = format!(
        r#"
endpoint, environment = "{endpoint}", os.environ["LLM"]
first = token(credential="plain")
assert first["access_token"] == environment and first["lease"] is None, first
while works(endpoint, environment):
    time.sleep(0.2)
second = token(provider="github")
assert works(endpoint, second["access_token"])
"#
    );
    ok(&sandbox, &["oauth", "refresh", "plain"], "");
    ran(&sandbox, &["--oauth", "plain", "--env", "LLM=github"], &script);
    assert!(provider.log().iter().all(|answer| *answer == (200, None)), "{:?}", provider.log());
    nothing_is_left(&sandbox);
    sandbox.ok(&["store", "check"]);
});

both!(a_token_that_is_held_keeps_a_refresh_out_for_no_longer_than_its_lease, |place| {
    let (sandbox, provider) = (Sandbox::with_store(place), Provider::start(20));
    add_with(&sandbox, "ci", &provider.token_endpoint(), &provider.grant("public"), INVALIDATES);
    let script = r#"
say("ready")
wait("go")
second = token(provider="github")
assert second["access_token"] != os.environ["GITHUB_TOKEN"], second
print("version", second["version"])
"#;
    let mut running = Running::start(&sandbox, &["--oauth", "ci"], script);
    running.wait_for("ready");
    assert_eq!(leases(&sandbox).len(), 1);
    let busy = run(&sandbox, &["oauth", "refresh", "ci", "--force", "--lock-timeout", "100ms"], "");
    assert!(busy.expect_code(6).stderr.contains("keyctl lease list ci"));
    let begun = Instant::now();
    ok(&sandbox, &["oauth", "refresh", "ci", "--force", "--lock-timeout", "40s"], "");
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    running.go_on();
    let (stdout, stderr) = running.end();
    assert_eq!(stdout, "version 2\n", "{stderr}");
    assert_eq!(provider.log(), [(200, None)]);
    nothing_is_left(&sandbox);
});

both!(what_is_asked_for_while_others_wait_for_a_new_token_is_not_ended_under_the_command, |place| {
    let (sandbox, provider) = (Sandbox::with_store(place), Provider::start(3600));
    add_with(&sandbox, "ci", &provider.token_endpoint(), &provider.grant("public"), INVALIDATES);
    let script = r#"
say("ready")
wait("go")
first = token(provider="github")
assert first["access_token"] == os.environ["GITHUB_TOKEN"], first
assert first["expires_at"] == first["lease"]["expires_at"], first
status, refused = ask("/lease/renew", holder_token=first["lease"]["holder_token"])
assert (status, refused["code"]) == (503, "BUSY"), refused
"#;
    let mut running = Running::start(&sandbox, &["--oauth", "ci"], script);
    running.wait_for("ready");
    let busy = run(&sandbox, &["oauth", "refresh", "ci", "--force", "--lock-timeout", "100ms"], "");
    busy.expect_code(6);
    running.go_on();
    running.end();
    assert_eq!(provider.log(), []);
    // It waited for this one alone.
    let taken = ok(&sandbox, &["lease", "acquire", "ci", "--wait", "5s", "-o", "json"], "");
    assert!(taken.stdout.contains("holder_token"));
    assert_eq!(provider.log(), [(200, None)]);
});

both!(what_its_owner_replaces_or_deletes_is_what_the_command_gets_next, |place| {
    let sandbox = Sandbox::with_store(place);
    add_with(&sandbox, "ci", ENDPOINT, TOKENS, INVALIDATES);
    let script = r#"
first = token(provider="github")
say("ready")
wait("go")
second = token(provider="github")
assert (first["version"], second["version"]) == (1, 2), second
# Masked, although it came while the command ran.
print("it is", second["access_token"], "not", os.environ["GITHUB_TOKEN"], flush=True)
os.remove("go"); say("again")
wait("go")
status, gone = ask(provider="github")
assert (status, gone["code"]) == (503, "KEY_UNAVAILABLE"), gone
"#;
    let mut running = Running::start(&sandbox, &["--oauth", "ci"], script);
    running.wait_for("ready");
    ok(&sandbox, &["oauth", "replace", "ci"], OTHERS);
    running.go_on();
    running.wait_for("again");
    ok(&sandbox, &["secret", "delete", "ci", "--yes"], "");
    running.go_on();
    let (stdout, stderr) = running.end();
    assert_eq!(stdout, "it is *** not ***\n");
    assert!(stderr.contains("the command gets no token of ci: ") && !stderr.contains("planted"), "{stderr}");
    assert!(left(&sandbox).is_empty());
});

both!(at_the_socket_nothing_is_given_but_what_was_named, |place| {
    let (sandbox, provider) = (Sandbox::with_store(place), Provider::start(3600));
    add_with(&sandbox, "ci", &provider.token_endpoint(), &provider.grant("public"), INVALIDATES);
    let script = r#"
socket_path = os.environ["KEYCTL_CREDENTIALS_SOCKET"]
folder = os.path.dirname(socket_path)
mode = lambda path: os.lstat(path).st_mode & 0o777
assert (mode(folder), mode(socket_path)) == (0o700, 0o600)
assert os.listdir(folder) == [os.path.basename(socket_path)]
cases = [
    (dict(provider="gitlab"), 403, "FORBIDDEN"),
    (dict(credential="other"), 403, "FORBIDDEN"),
    (dict(), 400, "INVALID_REQUEST"),
    (dict(provider="github", credential="ci"), 400, "INVALID_REQUEST"),
    (dict(provider="Git Hub"), 400, "INVALID_REQUEST"),
    (dict(provider=7), 400, "INVALID_REQUEST"),
    (dict(provider="github", api_key="x"), 400, "INVALID_REQUEST"),
    (dict(provider="github", min_valid=-1), 400, "INVALID_REQUEST"),
    (dict(provider="github", **{"for": 99999}), 400, "INVALID_REQUEST"),
    (dict(path="/", provider="github"), 404, "INVALID_REQUEST"),
    (dict(path="/lease", method="GET"), 405, "INVALID_REQUEST"),
    (dict(path="/lease/renew", holder_token="lse_x"), 403, "FORBIDDEN"),
    (dict(path="/lease/release", holder_token="lse_01h455vb4pex5vsknk084sn02q_" + "0" * 64), 403, "FORBIDDEN"),
    (dict(path="/lease/release"), 400, "INVALID_REQUEST"),
]
for body, status, code in cases:
    found = ask(**body)
    assert (found[0], found[1]["code"]) == (status, code), (body, found)
one, other = token(provider="github"), token(credential="ci")
assert one["lease"]["id"] == other["lease"]["id"] and one["lease"]["holder_token"] != other["lease"]["holder_token"]
holder = one["lease"]["holder_token"]
status, renewed = ask("/lease/renew", holder_token=holder, **{"for": 600})
assert status == 200 and renewed["lease"]["expires_at"] > one["lease"]["expires_at"], renewed
assert ask("/lease/release", holder_token=holder) == (200, {"released": one["lease"]["id"]})
assert ask("/lease/release", holder_token=holder)[0] == 403
# The other one goes on, and so does what keyctl holds.
assert ask("/lease/renew", holder_token=other["lease"]["holder_token"])[0] == 200
"#;
    ran(&sandbox, &["--oauth", "ci"], script);
    assert_eq!(provider.log(), []);
    nothing_is_left(&sandbox);
});

both!(however_the_command_ends_its_lease_is_given_up_and_its_folder_removed, |place| {
    let (sandbox, provider) = (Sandbox::with_store(place), Provider::start(8));
    add_with(&sandbox, "ci", &provider.token_endpoint(), &provider.grant("public"), INVALIDATES);
    let failed = finish(exec(&sandbox, &["--oauth", "ci"], "sys.exit(7)"), b"");
    failed.expect_code(7);
    nothing_is_left(&sandbox);
    let killed = exec(&sandbox, &["--oauth", "ci"], "os.kill(os.getpid(), 9)").output().expect("ran");
    assert_eq!(killed.status.signal(), Some(9));
    nothing_is_left(&sandbox);
    let mut missing = command(&sandbox, &["exec", "--oauth", "ci", "--", "no-such-command"]);
    missing.env("TMPDIR", temporary(&sandbox));
    finish(missing, b"").expect_code(127);
    nothing_is_left(&sandbox);
    for signal in [Signal::TERM, Signal::INT, Signal::HUP] {
        let mut running = Running::start(&sandbox, &["--oauth", "ci"], "say(\"ready\")\ntime.sleep(60)");
        running.wait_for("ready");
        assert_eq!((leases(&sandbox).len(), left(&sandbox).len()), (1, 1));
        running.signal(signal);
        let status = running.child.wait().expect("ended");
        // Python makes an exception of Ctrl-C, and a signal of that.
        assert_eq!(status.signal(), Some(signal.as_raw()), "{status:?}");
        nothing_is_left(&sandbox);
    }
    // Killed, it gives up nothing: the lease ends by its time.
    let script =
        "say(\"ready\")\nfor _ in range(600):\n    time.sleep(0.1)\n    os.getppid() == 1 and sys.exit()";
    let mut running = Running::start(&sandbox, &["--oauth", "ci"], script);
    running.wait_for("ready");
    running.signal(Signal::KILL);
    running.child.wait().expect("ended");
    assert_eq!(leases(&sandbox).len(), 1);
    let begun = Instant::now();
    while !leases(&sandbox).is_empty() {
        assert!(begun.elapsed() < Duration::from_secs(10), "half of eight seconds");
        thread::sleep(Duration::from_millis(100));
    }
    ok(&sandbox, &["lease", "acquire", "ci", "-o", "json"], "");
});

both!(nobody_else_gets_at_the_socket, |place| {
    if !rustix::process::getuid().is_root() {
        return;
    }
    let (sandbox, provider) = (Sandbox::with_store(place), Provider::start(3600));
    add_with(&sandbox, "ci", &provider.token_endpoint(), &provider.grant("public"), INVALIDATES);
    for folder in [sandbox.state.path().to_owned(), temporary(&sandbox)] {
        fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).expect("mode");
    }
    let mut running = Running::start(&sandbox, &["--oauth", "ci"], "say(\"ready\")\nwait(\"go\")");
    running.wait_for("ready");
    let folder = left(&sandbox).remove(0);
    let socket = folder.join("credentials.sock");
    let ask = |who: &[&str]| {
        let mut command = Command::new(who[0]);
        command.args(&who[1..]).args(["-s", "-d", r#"{"provider":"github"}"#, "http://keyctl/lease"]);
        command.arg("--unix-socket").arg(&socket).stdin(Stdio::null());
        let done = command.output().expect("ran");
        (done.status.code(), String::from_utf8(done.stdout).expect("text"))
    };
    let other = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "curl"];
    // The folder stops it; and where it would not, the socket knows who asks.
    assert_eq!(ask(&other), (Some(7), String::new()));
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).expect("mode");
    fs::set_permissions(&socket, fs::Permissions::from_mode(0o666)).expect("mode");
    let (code, answer) = ask(&other);
    assert!(code == Some(0) && answer.contains("\"FORBIDDEN\"") && !answer.contains("token\":"), "{answer}");
    let (code, answer) = ask(&["curl"]);
    assert!(code == Some(0) && answer.contains(&token(&sandbox, "ci")), "{answer}");
    running.go_on();
    running.end();
});

both!(what_cannot_be_held_is_refused_before_anything_is_taken, |place| {
    let sandbox = Sandbox::with_store(place);
    add_with(&sandbox, "github-ci", ENDPOINT, TOKENS, INVALIDATES);
    add(&sandbox, "github-bot", ENDPOINT, OTHERS);
    ok(&sandbox, &["secret", "set", "openai", "typed"], "sk-planted-typed");
    sandbox.ok(&["mint", "alice"]);
    sandbox.ok(&["secret", "bind", "github-bot", "alice"]);
    sandbox.ok(&["secret", "bind", "typed", "alice"]);
    for (args, kind, says) in [
        (&["--oauth", "typed"][..], 125, "the secret typed is no OAuth credential"),
        (&["--oauth", "github-ic"], 125, "github-ci"),
        (&["--oauth", "github-ci", "--oauth", "github-bot"], 125, "leave --oauth github-bot out"),
        (&["--oauth", "github-ci", "--oauth", "github-ci"], 125, "the credential github-ci is named twice"),
        (&["alice", "--oauth", "github-ci"], 125, "are both for github"),
        (&["--oauth", "github-ci", "--env", "A=openai"], 125, "there is no secret for openai"),
        (&["--oauth", "github-ci", "--only", "github"], 125, "KEY|OWNER"),
        (&["--oauth", "GitHub CI"], 125, "--oauth"),
        (&[], 125, "KEY|OWNER"),
    ] {
        let refused = run(&sandbox, &[&["exec"], args, &["--", "true"]].concat(), "").expect_code(kind);
        assert!(refused.stderr.contains(says) && !refused.stderr.contains("planted"), "{}", refused.stderr);
        assert!(leases(&sandbox).is_empty(), "{args:?}");
    }
    // Beside secrets that are bound, each in its own variable.
    let script = r#"print(os.environ["GITHUB_TOKEN"], os.environ["OPENAI_API_KEY"])"#;
    let both = ran(&sandbox, &["alice", "--only", "openai", "--oauth", "github-ci", "--no-mask"], script);
    assert_eq!(both.stdout, "at-planted-1 sk-planted-typed\n");
    nothing_is_left(&sandbox);
});
