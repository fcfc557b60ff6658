//! The master key replaced while services work, and while the replacing is killed.

use std::process::Stdio;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use keyctl::domain::keys::key_ref::KeyRef;
use keyctl::domain::keys::verdict::Asked;
use keyctl::domain::secrets::secret::SecretValue;
use keyctl::ops::env::SystemRandom;
use keyctl::ops::master_keys::{Given, Material, Ring, generate};
use keyctl::ops::secrets::bind::{Target, bind};
use keyctl::ops::secrets::resolve::{Resolved, resolve};
use keyctl::ops::secrets::set::{Attributes, set};
use keyctl::store::{Access, Store};

use super::{KEY, OTHER, THIRD, furnished, run_with};
use crate::support::both;
use crate::support::chance::Chance;
use crate::support::cli::Sandbox;
use crate::support::store::{Place, options};

const SECRETS: usize = 250;
const KILLS: usize = 300;

fn given(current: &str, previous: Option<&str>) -> Given {
    let material = |text: &str| Material::key(text.as_bytes()).expect("a key");
    Given { current: material(current), previous: previous.map(material) }
}

fn value(number: usize) -> String {
    format!("sk-planted-{number:04}-Zq9Lk7Xw")
}

/// So many secrets, the first one alice's by default.
pub fn fill(place: &Place, secrets: usize) {
    let mut env = place.env();
    let ring = Ring::new(&mut env.store, given(KEY, None), &mut SystemRandom).expect("a ring");
    let provider = "anthropic".parse().expect("a provider");
    for number in 0..secrets {
        let name = format!("s{number:04}").parse().expect("a name");
        let value = SecretValue::from_bytes(value(number).as_bytes(), false).expect("a value");
        set(&mut env, &ring, &provider, &name, &value, &Attributes::default()).expect("set");
    }
    let owner = Target::Named(KeyRef::Sole("alice".parse().expect("an owner")));
    bind(&mut env, &"s0000".parse().expect("a name"), &owner).expect("bound");
}

fn all_open(sandbox: &Sandbox, key: &str, secrets: usize) {
    let check = run_with(sandbox, &[("KEYCTL_MASTER_KEY", key)], &["master", "check"], "").expect_code(0);
    assert_eq!(check.stdout.matches("\topens\t").count(), secrets);
    for number in [0, secrets / 2, secrets - 1] {
        let name = format!("s{number:04}");
        let got = run_with(sandbox, &[("KEYCTL_MASTER_KEY", key)], &["secret", "get", &name], "");
        assert_eq!(got.expect_code(0).stdout.trim_end(), value(number));
    }
}

/// A service: it has the keys that it was given, and resolves without a pause.
fn serve(
    place: &Place,
    token: &str,
    keys: &Mutex<(String, Option<String>)>,
    stop: &AtomicBool,
    served: &AtomicU64,
) {
    let mut store = Store::open(&place.location(), Access::Read, options()).expect("opens");
    let provider = "anthropic".parse().expect("a provider");
    while !stop.load(Ordering::Relaxed) {
        // It is restarted with other keys only between two requests.
        let keys = keys.lock().expect("keys");
        let ring =
            Ring::new(&mut store, given(&keys.0, keys.1.as_deref()), &mut SystemRandom).expect("a ring");
        let resolved = resolve(&mut store, token, &Asked::default(), &provider).expect("resolved");
        let Resolved::Found { secret, .. } = resolved else { panic!("denied: {resolved:?}") };
        assert_eq!(secret.open(&ring).expect("opens").expose(), value(0));
        served.fetch_add(1, Ordering::Relaxed);
        drop(keys);
        // Else nobody else gets the lock.
        thread::sleep(Duration::from_millis(1));
    }
}

both!(three_hundred_kills_lose_nothing_and_services_with_both_keys_see_no_error, |place| {
    let sandbox = Sandbox::with_store(place);
    let token = sandbox.ok(&["mint", "alice"]);
    fill(&sandbox.place, SECRETS);
    let seed = (u64::from(std::process::id()) << 20) | 0x51ED;
    let mut chance = Chance(seed);
    let keys = Mutex::new((KEY.to_owned(), None));
    let (stop, served) = (AtomicBool::new(false), AtomicU64::new(0));
    let (mut done, mut usual) = (0, 150_000);
    let mut resealed = std::collections::BTreeSet::new();
    thread::scope(|scope| {
        scope.spawn(|| serve(&sandbox.place, &token, &keys, &stop, &served));
        let mut moved = true;
        let (mut from, mut to) = (KEY.to_owned(), String::new());
        for _ in 0..KILLS {
            if moved {
                // Every service gets both keys first.
                to = generate(&mut SystemRandom).expect("a key").to_string();
                *keys.lock().expect("keys") = (to.clone(), Some(from.clone()));
                moved = false;
            }
            let mut command = sandbox.command(&["master", "rotate", "--yes", "-q"]);
            command.env("KEYCTL_MASTER_KEY", &to).env("KEYCTL_MASTER_KEY_PREVIOUS", &from);
            let start = Instant::now();
            let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("starts");
            thread::sleep(Duration::from_micros(chance.below(usual * 5 / 4)));
            let _ = child.kill();
            if child.wait().expect("ends").success() {
                usual = u64::try_from(start.elapsed().as_micros()).expect("short").max(20_000);
                done += 1;
                moved = true;
                from.clone_from(&to);
            } else {
                let versions = sandbox.place.sql("SELECT COUNT(*) FROM secret_version v JOIN master_key m ON m.id = v.master_key_id WHERE m.retired_at IS NULL AND m.registered_at = (SELECT MAX(registered_at) FROM master_key)");
                resealed.insert(versions.expect("counted"));
            }
        }
        if !moved {
            let last = [("KEYCTL_MASTER_KEY", to.as_str()), ("KEYCTL_MASTER_KEY_PREVIOUS", from.as_str())];
            run_with(&sandbox, &last, &["master", "rotate", "--yes"], "").expect_code(0);
        }
        stop.store(true, Ordering::Relaxed);
    });
    assert!(done > 0 && done < KILLS, "{done} of {KILLS} were done before they were killed, seed {seed}");
    assert!(resealed.len() > 1, "never killed in the middle: {resealed:?}, seed {seed}");
    assert!(served.load(Ordering::Relaxed) > 100, "the service hardly ran");
    let keys = keys.into_inner().expect("keys");
    all_open(&sandbox, &keys.0, SECRETS);
    assert_eq!(sandbox.ok(&["store", "check", "-o", "json"]).trim(), "[]");
    sandbox.ok(&["audit", "verify"]);
    let unretired = sandbox.place.sql("SELECT COUNT(*) FROM master_key WHERE retired_at IS NULL");
    assert_eq!(unretired.as_deref(), Ok("1"));
});

both!(a_rotation_asks_says_the_order_and_is_done_once, |place| {
    let sandbox = Sandbox::with_store(place);
    sandbox.ok(&["mint", "alice"]);
    fill(&sandbox.place, 120);
    let with = [("KEYCTL_MASTER_KEY", OTHER), ("KEYCTL_MASTER_KEY_PREVIOUS", KEY)];
    let asked = run_with(&sandbox, &with, &["master", "rotate"], "").expect_code(2);
    for text in ["give every service both", "may 120 envelopes be sealed anew?", "--yes"] {
        assert!(asked.stderr.contains(text), "{}", asked.stderr);
    }
    let tried = run_with(&sandbox, &with, &["master", "rotate", "--dry-run"], "").expect_code(0);
    assert!(tried.stderr.contains("would seal 120 envelopes anew"), "{}", tried.stderr);
    all_open(&sandbox, KEY, 120);
    let done = run_with(&sandbox, &with, &["master", "rotate", "--yes", "-o", "json"], "").expect_code(0);
    let done: serde_json::Value = serde_json::from_str(&done.stdout).expect("JSON");
    assert_eq!((&done["resealed"], &done["failed"]), (&120.into(), &serde_json::json!([])));
    assert!(done["retired_at"].is_string());
    all_open(&sandbox, OTHER, 120);
    let again = run_with(&sandbox, &with, &["master", "rotate", "--yes", "-o", "json"], "").expect_code(0);
    assert!(again.stdout.contains("\"resealed\":0"), "{}", again.stdout);
    // The retired key seals no more, nor does it come back as a new one.
    for keys in [
        &[("KEYCTL_MASTER_KEY", KEY)][..],
        &[("KEYCTL_MASTER_KEY", KEY), ("KEYCTL_MASTER_KEY_PREVIOUS", OTHER)],
    ] {
        let ran = run_with(&sandbox, keys, &["secret", "set", "openai", "x"], "sk-planted-x").expect_code(8);
        assert!(ran.stderr.contains("was retired at"), "{}", ran.stderr);
        run_with(&sandbox, keys, &["master", "rotate", "--yes"], "").expect_code(8);
    }
});

both!(a_rotation_between_keys_that_are_not_the_store_s_changes_nothing, |place| {
    let sandbox = Sandbox::with_store(place);
    sandbox.ok(&["mint", "alice"]);
    fill(&sandbox.place, 3);
    for (current, previous, says) in [
        (KEY, None, "two different master keys"),
        (KEY, Some(KEY), "two different master keys"),
        (OTHER, None, "two different master keys"),
        (OTHER, Some(THIRD), "nothing in this store was ever sealed under the previous master key"),
        (KEY, Some(THIRD), "nothing in this store was ever sealed under the previous master key"),
    ] {
        let mut with = vec![("KEYCTL_MASTER_KEY", current)];
        with.extend(previous.map(|key| ("KEYCTL_MASTER_KEY_PREVIOUS", key)));
        let ran = run_with(&sandbox, &with, &["master", "rotate", "--yes"], "").expect_code(8);
        assert!(ran.stderr.contains(says), "{}", ran.stderr);
    }
    assert_eq!(sandbox.place.sql("SELECT COUNT(*) FROM master_key").as_deref(), Ok("1"));
    all_open(&sandbox, KEY, 3);
});

both!(an_envelope_that_does_not_open_keeps_the_old_key_in_use, |place| {
    let sandbox = Sandbox::with_store(place);
    sandbox.ok(&["mint", "alice"]);
    fill(&sandbox.place, 3);
    // The first two change places.
    let of = |name: &str| format!("(SELECT id FROM secret WHERE name = '{name}')");
    let sql = format!(
        "UPDATE secret_version SET envelope = (SELECT v.envelope FROM secret_version v WHERE v.secret_id = {}) WHERE secret_id = {}",
        of("s0001"),
        of("s0000")
    );
    sandbox.place.sql(&sql).expect("moved");
    let with = [("KEYCTL_MASTER_KEY", OTHER), ("KEYCTL_MASTER_KEY_PREVIOUS", KEY)];
    let ran = run_with(&sandbox, &with, &["master", "rotate", "--yes"], "").expect_code(8);
    assert!(
        ran.stderr.contains("could not open 1 envelope, left as before: s0000 version 1"),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains("is not retired"), "{}", ran.stderr);
    assert_eq!(
        run_with(&sandbox, &with, &["secret", "get", "s0002"], "").expect_code(0).stdout.trim_end(),
        value(2)
    );
    run_with(&sandbox, &with, &["secret", "delete", "s0000", "--purge", "--unbind", "--yes"], "")
        .expect_code(0);
    let ran = run_with(&sandbox, &with, &["master", "rotate", "--yes"], "").expect_code(0);
    assert!(ran.stderr.contains("is retired since"), "{}", ran.stderr);
});

both!(a_lost_master_key_is_given_up_and_its_secrets_get_new_values, |place| {
    let (sandbox, token) = furnished(place);
    let id = sandbox.json(&["master", "status"])[0]["id"].as_str().expect("an id").to_owned();
    let with = [("KEYCTL_MASTER_KEY", OTHER)];
    let run = |args: &[&str], input: &str| run_with(&sandbox, &with, args, input);
    assert!(
        run(&["secret", "rotate", "team"], "sk-planted-new")
            .expect_code(8)
            .stderr
            .contains("master rotate --help")
    );
    run(&["master", "rotate", "--lost", "0123456789abcdef", "--yes"], "").expect_code(3);
    run(&["master", "rotate", "--lost", &id], "").expect_code(2);
    let held =
        run_with(&sandbox, &[("KEYCTL_MASTER_KEY", KEY)], &["master", "rotate", "--lost", &id, "--yes"], "");
    assert!(held.expect_code(4).stderr.contains("is not lost"));
    run(&["master", "rotate", "--lost", &id, "--dry-run"], "").expect_code(0);
    run(&["secret", "rotate", "team"], "sk-planted-new").expect_code(8);
    run(&["master", "rotate", "--lost", &id, "--yes"], "").expect_code(0);
    assert!(run(&["resolve", "--provider", "anthropic"], &token).expect_code(8).stdout.is_empty());
    run(&["secret", "rotate", "team"], "sk-planted-new").expect_code(0);
    let answer = run(&["resolve", "--provider", "anthropic"], &token).expect_code(0);
    assert!(answer.stdout.contains("sk-planted-new"), "its bindings stayed");
    assert!(run(&["master", "check", "--failing"], "").expect_code(8).stdout.contains("team\t1\twrong-key"));
});

both!(another_key_never_slips_in, |place| {
    let (sandbox, _) = furnished(place);
    let with = [("KEYCTL_MASTER_KEY", OTHER)];
    sandbox.ok(&["secret", "delete", "team", "--purge", "--unbind", "--yes"]);
    // Not even where nothing is sealed: the host with a slip in its settings must not win.
    run_with(&sandbox, &with, &["secret", "set", "openai", "x"], "sk-planted-x").expect_code(8);
    let id = sandbox.json(&["master", "status"])[0]["id"].as_str().expect("an id").to_owned();
    run_with(&sandbox, &with, &["master", "rotate", "--lost", &id, "--yes"], "").expect_code(0);
    run_with(&sandbox, &with, &["secret", "set", "openai", "x"], "sk-planted-x").expect_code(0);
    // Nor by the name of a key that was replaced long ago.
    let third = [("KEYCTL_MASTER_KEY", THIRD), ("KEYCTL_MASTER_KEY_PREVIOUS", KEY)];
    let ran = run_with(&sandbox, &third, &["master", "rotate", "--yes"], "").expect_code(8);
    assert!(ran.stderr.contains("nothing is sealed under it"), "{}", ran.stderr);
    assert_eq!(sandbox.place.sql("SELECT COUNT(*) FROM master_key").as_deref(), Ok("2"));
});

both!(a_rotation_that_was_begun_is_ended_before_another_one, |place| {
    let sandbox = Sandbox::with_store(place);
    sandbox.ok(&["mint", "alice"]);
    fill(&sandbox.place, 3);
    let id = |key: &str| {
        let keys =
            run_with(&sandbox, &[("KEYCTL_MASTER_KEY", key)], &["master", "status", "-o", "json"], "").stdout;
        let keys: serde_json::Value = serde_json::from_str(&keys).expect("JSON");
        let current = |row: &&serde_json::Value| row["loaded"] == "current";
        keys.as_array()
            .and_then(|rows| rows.iter().find(current))
            .map(|row| row["id"].as_str().expect("id").to_owned())
    };
    let first = id(KEY).expect("registered");
    let with = [("KEYCTL_MASTER_KEY", OTHER), ("KEYCTL_MASTER_KEY_PREVIOUS", KEY)];
    run_with(&sandbox, &with, &["master", "rotate", "--yes"], "").expect_code(0);
    // As if it had been killed half-way: one envelope is still under the first key.
    sandbox
        .place
        .sql(&format!("UPDATE master_key SET retired_at = NULL WHERE id = '{first}'"))
        .expect("written");
    let sql = format!(
        "UPDATE secret_version SET master_key_id = '{first}' WHERE secret_id = (SELECT id FROM secret WHERE name = 's0002')"
    );
    sandbox.place.sql(&sql).expect("written");
    let third = [("KEYCTL_MASTER_KEY", THIRD), ("KEYCTL_MASTER_KEY_PREVIOUS", OTHER)];
    for args in [&["master", "rotate", "--yes"][..], &["master", "rotate", "--dry-run"]] {
        let ran = run_with(&sandbox, &third, args, "").expect_code(8);
        assert!(ran.stderr.contains("1 envelope are sealed under a third master key"), "{}", ran.stderr);
    }
    let second = id(OTHER).expect("registered");
    let fourth = [("KEYCTL_MASTER_KEY", THIRD)];
    run_with(&sandbox, &fourth, &["master", "rotate", "--lost", &second, "--yes"], "").expect_code(8);
});
