//! The life of a team's keys: a repository whose pipeline applies what was merged, without a terminal, and is killed at
//! any moment. Whoever uses a token reads it anew where it was delivered, again and again all the while, and is
//! let in each time.
//!
//! `KEYCTL_LIFE_ROUNDS` is how many commits are merged; `scripts/soak` says more. The seed is printed with a failure.

use std::fs;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::Value;

use super::config;
use crate::support::both;
use crate::support::cli::{PROGRAM, Ran, Sandbox, finish};

/// As a pipeline runs it: it stops at the first failure, and a plan with changes is none.
const PIPELINE: &str = "code=0
\"$KEYCTL\" plan -f keys -o json --exit-code > plan.json || code=$?
case $code in 0|10) ;; *) exit \"$code\" ;; esac
exec \"$KEYCTL\" apply -f keys --sink-root . --yes --prune --prune-max 3 -o json
";

const KEYS: usize = 6;

/// Pseudo-random numbers that follow from a seed (`SplitMix64`).
struct Seeded(u64);

impl Seeded {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        ((mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB) >> 33) % bound
    }
}

/// What was merged last: keys with one place more for their tokens, which is a reason for others, and one that comes and goes.
fn commit(sandbox: &Sandbox, round: u64) {
    let people = "manifest: team\nroles:\n  reader: {scopes: [memories:read]}\nowners:\n  alice: {subject: auth0|alice}\n";
    let mut keys = "manifest: team\nkeys:\n".to_owned();
    for key in 0..KEYS {
        let (rate, label) = (600 + round % 3, round % 4);
        let sinks = match key % 3 {
            0 => format!("{{file: tokens/{key}}}"),
            1 => format!("{{file: tokens/{key}}}, {{dotenv: {{path: app.env, name: KEY_{key}}}}}"),
            _ => format!("{{command: keep}}, {{file: tokens/{key}}}"),
        };
        let sinks = format!("{sinks}, {{file: kept/{key}-{round}}}");
        keys += &format!(
            "  alice/key-{key}:\n    scopes: [memories]\n    roles: [reader]\n    grace: 1s\n    rate: {rate}/m\n    \
             labels: {{round: \"{label}\"}}\n    sinks: [{sinks}]\n"
        );
    }
    if round % 2 == 1 {
        keys +=
            &format!("  bob/preview-{round}:\n    scopes: [files]\n    sinks: [{{file: tokens/preview}}]\n");
    }
    let folder = sandbox.home().join("keys");
    fs::create_dir_all(&folder).expect("a folder");
    fs::write(folder.join("people.yaml"), people).expect("written");
    fs::write(folder.join("tokens.yaml"), keys).expect("written");
}

/// The pipeline of one commit, in a process group of its own.
fn pipeline(sandbox: &Sandbox) -> Command {
    let mut command = Command::new("bash");
    command.args(["--noprofile", "--norc", "-e", "-c", PIPELINE]).env_clear().process_group(0);
    command.env("PATH", "/usr/bin:/bin").env("HOME", sandbox.home()).current_dir(sandbox.home());
    command.env("KEYCTL", PROGRAM).env("KEYCTL_STORE", sandbox.place.text());
    command.env("PGPASSWORD", crate::support::postgres::PASSWORD).env("CI", "true");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs it until its end. A grace that is not over keeps a token that works, and is no failure: that place gets one later.
#[track_caller]
fn merged(sandbox: &Sandbox) -> Ran {
    finish(pipeline(sandbox), b"").expect_code(0)
}

/// Starts it, and kills all of it after a while. Whether it was still at it.
fn killed(sandbox: &Sandbox, after: Duration) -> bool {
    let mut child = pipeline(sandbox).spawn().expect("starts");
    thread::sleep(after);
    let was_at_it = child.try_wait().expect("a state").is_none();
    let group = rustix::process::Pid::from_raw(child.id().cast_signed()).expect("a process");
    let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    child.wait().expect("ended");
    // Its hold ends by itself, after a minute. What it sent last may still be on its way into the database.
    thread::sleep(Duration::from_millis(50));
    sandbox.place.sql("DELETE FROM manifest_hold").expect("released");
    was_at_it
}

/// What a consumer reads where tokens are delivered to.
fn delivered(home: &Path, key: usize) -> Vec<String> {
    let mut found = vec![fs::read_to_string(home.join(format!("tokens/{key}"))).expect("a token")];
    if key % 3 == 1 {
        let name = format!("KEY_{key}=");
        let env = fs::read_to_string(home.join("app.env")).expect("variables");
        let line = env.lines().find_map(|line| line.strip_prefix(&name)).expect("an entry");
        found.push(line.trim_matches(['"', '\'']).to_owned());
    }
    found.into_iter().map(|token| token.trim_end().to_owned()).collect()
}

/// Tells consumers that it is over.
struct Ends<'o>(&'o AtomicBool);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Uses each token as it is read, until the end. One that is replaced at that moment is read again, as who uses it does that
/// is refused.
fn consume(sandbox: &Sandbox, seed: u64, over: &AtomicBool, uses: &AtomicU64) {
    while !over.load(Ordering::Relaxed) {
        for key in 0..KEYS {
            for (place, token) in delivered(sandbox.home(), key).iter().enumerate() {
                let (mut code, mut verdict) = sandbox.verify(token, &["--scope", "memories:read"]);
                if code != Some(0) {
                    let anew = &delivered(sandbox.home(), key)[place];
                    assert_ne!(anew, token, "key-{key} lets nobody in (seed {seed}): {verdict}");
                    (code, verdict) = sandbox.verify(anew, &["--scope", "memories:read"]);
                }
                assert_eq!(code, Some(0), "key-{key} lets nobody in (seed {seed}): {verdict}");
                uses.fetch_add(1, Ordering::Relaxed);
            }
        }
    }
}

both!(a_team_s_keys_live_through_pipelines_that_are_killed_and_nobody_is_ever_without_a_token, |place| {
    let sandbox = Sandbox::with_store(place);
    let rounds: u64 =
        std::env::var("KEYCTL_LIFE_ROUNDS").map_or(8, |rounds| rounds.parse().expect("a number"));
    let seed = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_nanos();
    let mut random = Seeded(u64::try_from(seed & u128::from(u64::MAX)).expect("cut"));
    let seed = random.0;
    for folder in ["tokens", "kept"] {
        fs::create_dir_all(sandbox.home().join(folder)).expect("a folder");
    }
    let keep =
        format!("[sinks]\nkeep = [\"/bin/sh\", \"-c\", \"cat > {}/kept/last\"]\n", sandbox.home().display());
    config(&sandbox, &keep);
    commit(&sandbox, 0);
    let begun = Instant::now();
    merged(&sandbox);
    let usual = u64::try_from(begun.elapsed().as_millis()).expect("short").max(20);
    let (over, uses, mut kills) = (AtomicBool::new(false), AtomicU64::new(0), 0);
    thread::scope(|scope| {
        let consumers: Vec<_> =
            (0..2).map(|_| scope.spawn(|| consume(&sandbox, seed, &over, &uses))).collect();
        // Also where a round fails.
        let ends = Ends(&over);
        for round in 1..=rounds {
            commit(&sandbox, round);
            for _ in 0..random.below(3) + 1 {
                kills += u64::from(killed(&sandbox, Duration::from_millis(random.below(usual))));
            }
            merged(&sandbox);
            // What was taken out of the repository is taken away, and what came is there.
            let shown = format!("bob/preview-{}", if round % 2 == 1 { round } else { round - 1 });
            let state = if round % 2 == 1 { "active" } else { "revoked" };
            assert_eq!(sandbox.json(&["show", &shown])["state"], state, "{shown}");
        }
        drop(ends);
        for consumer in consumers {
            consumer.join().expect("each token worked");
        }
    });
    assert!(kills >= rounds / 2, "{kills} pipelines were killed at their work (seed {seed})");
    assert!(uses.load(Ordering::Relaxed) > rounds * 2, "{uses:?} uses");

    // Whatever was killed: one token of each key is its own, none waits, and the log says how it came about.
    let keys = sandbox.json(&["list", "--owner", "alice"]);
    for key in keys.as_array().expect("keys") {
        assert_eq!(key["pending_tokens"], Value::Array(Vec::new()), "{key}");
    }
    assert_eq!(keys.as_array().map(Vec::len), Some(KEYS));
    let rotated = sandbox.json(&["audit", "list", "--action", "rotate.confirm"]);
    assert!(rotated.as_array().map_or(0, Vec::len) > 2 * KEYS, "tokens were hardly replaced: {rotated}");
    sandbox.run(&["audit", "verify"]).expect_code(0);
    sandbox.run(&["store", "check"]).expect_code(0);
});
