//! A commit that waits for a synchronous standby which has stopped.

use std::io::Read as _;
use std::process::{Child, Command};
use std::thread;
use std::time::{Duration, Instant};

use crate::support::cli::{Ran, Sandbox, finish};
use crate::support::pair::Pair;
use crate::support::postgres::PASSWORD;
use crate::support::store::Place;

struct Waiting {
    pair: Pair,
    sandbox: Sandbox,
    address: String,
}

impl Waiting {
    /// A store on a pair whose standby is gone, with a key of alice's, used by an ordinary role.
    fn new() -> Self {
        let pair = Pair::synchronous();
        let roles = format!(
            "CREATE ROLE plain LOGIN PASSWORD '{PASSWORD}'; GRANT CREATE ON DATABASE keys TO plain;
             GRANT CREATE ON SCHEMA public TO plain"
        );
        pair.first.psql("keys", &roles).expect("a role");
        let sandbox = Sandbox::empty(Place::sqlite());
        let address = pair.address().replace("keeper@", "plain@");
        let waiting = Self { pair, sandbox, address };
        waiting.run(&["store", "init"], "").expect_code(0);
        waiting.run(&["mint", "alice"], "").expect_code(0);
        let calm = waiting.run(&["store", "status"], "").expect_code(0).stderr;
        assert!(!calm.contains("standby"), "{calm}");
        let Self { mut pair, sandbox, address } = waiting;
        pair.second.kill();
        Self { pair, sandbox, address }
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = self.sandbox.command(args);
        command.env("KEYCTL_STORE", &self.address).env("KEYCTL_LOCK_TIMEOUT", "2s");
        command
    }

    fn run(&self, args: &[&str], input: &str) -> Ran {
        finish(self.command(args), input.as_bytes())
    }

    fn wait_until_it_waits(&self) {
        let start = Instant::now();
        let waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
        while self.pair.first.psql("keys", waits).as_deref() != Ok("1") {
            assert!(start.elapsed() < Duration::from_secs(20));
            thread::sleep(Duration::from_millis(50));
        }
    }
}

fn output(mut child: Child) -> (Option<i32>, String, String) {
    let (mut stdout, mut stderr) = (String::new(), String::new());
    child.stdout.take().expect("stdout").read_to_string(&mut stdout).expect("text");
    child.stderr.take().expect("stderr").read_to_string(&mut stderr).expect("text");
    (child.wait().expect("ends").code(), stdout, stderr)
}

#[test]
fn a_mint_that_waits_for_the_standby_says_so_and_its_token_becomes_valid() {
    let mut waiting = Waiting::new();
    let start = Instant::now();
    let ran = waiting.run(&["mint", "bob"], "").expect_code(7);
    assert!(start.elapsed() < Duration::from_secs(9), "{:?}", start.elapsed());
    for words in ["not valid yet", "made on the primary", "do not mint again", "when the standby is back"] {
        assert!(ran.stderr.contains(words), "{words} is not in: {}", ran.stderr);
    }
    let token = ran.stdout;
    let denied = waiting.run(&["verify"], &token).expect_code(5);
    assert!(denied.stdout.contains("unknown"), "{}", denied.stdout);

    let busy = waiting.run(&["mint", "carol"], "").expect_code(6);
    assert!(busy.stderr.contains("waits for the standby"), "{}", busy.stderr);
    for command in [["store", "status"], ["store", "check"]] {
        let ran = waiting.run(&[&command[..], &["-v"]].concat(), "");
        assert_eq!(ran.code, Some(0), "{command:?}: {ran:?}");
        let warned = ran.stderr;
        assert!(warned.contains("no synchronous standby is connected"), "{command:?}: {warned}");
    }
    let found = waiting.run(&["doctor", "--quick", "-o", "plain"], "").expect_code(7).stdout;
    assert!(found.starts_with("problem\tstandby\tno synchronous standby is connected"), "{found}");

    waiting.pair.second.start();
    let start = Instant::now();
    while waiting.run(&["verify"], &token).code != Some(0) {
        assert!(start.elapsed() < Duration::from_secs(20), "the token did not become valid");
        thread::sleep(Duration::from_millis(200));
    }
    waiting.run(&["mint", "carol"], "").expect_code(0);
    let log = waiting.run(&["audit", "verify"], "").expect_code(0).stdout;
    assert!(log.contains("verified"), "{log}");
}

#[test]
fn ctrl_c_in_the_wait_says_what_became_of_the_change() {
    let waiting = Waiting::new();
    let child = waiting.command(&["mint", "bob", "--out-file", "bob.token"]).spawn().expect("starts");
    waiting.wait_until_it_waits();
    thread::sleep(Duration::from_millis(200));
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill").success());
    let start = Instant::now();
    let (code, _, stderr) = output(child);
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
    assert_eq!(code, Some(130), "{stderr}");
    assert!(stderr.contains("not valid yet") && stderr.contains("do not mint again"), "{stderr}");
    assert!(waiting.sandbox.home().join("bob.token").exists(), "the token is kept: it becomes valid");
}

/// A standby that is only restarted is waited for.
#[test]
fn a_short_absence_of_the_standby_is_only_a_delay() {
    let mut waiting = Waiting::new();
    let child = waiting.command(&["revoke", "alice"]).spawn().expect("starts");
    waiting.wait_until_it_waits();
    waiting.pair.second.start();
    let (code, _, stderr) = output(child);
    assert_eq!(code, Some(0), "{stderr}");
}

#[test]
fn a_revocation_that_waits_is_said_not_to_be_in_force() {
    let waiting = Waiting::new();
    let ran = waiting.run(&["revoke", "alice"], "").expect_code(7);
    for words in ["made on the primary", "not in force yet", "do not do it again"] {
        assert!(ran.stderr.contains(words), "{words} is not in: {}", ran.stderr);
    }
}
