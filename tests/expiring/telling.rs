//! `keyctl notify`, with a real command.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::{DAY, configure, millis, things};
use crate::support::both;
use crate::support::cli::{Ran, Sandbox, finish};
use crate::support::runner::{case, check};

/// A command that keeps what it is told, a line for each time, and then does this.
fn tells(sandbox: &Sandbox, then: &str) {
    let path = sandbox.home().join("tell");
    fs::write(&path, format!("#!/bin/sh\ncat >> \"{0}/told\"\n{then}\n", sandbox.home().display()))
        .expect("a file");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("a mode");
    configure(
        sandbox,
        &format!("[notify]\ncommand = [\"{}\", \"ops\"]\ntimeout = \"20s\"\n", path.display()),
    );
}

/// What it was told since this was asked last: the things of each time.
fn told(sandbox: &Sandbox) -> Vec<Vec<String>> {
    let text = fs::read_to_string(sandbox.home().join("told")).unwrap_or_default();
    let _ = fs::remove_file(sandbox.home().join("told"));
    text.lines().map(things).collect()
}

fn notify(sandbox: &Sandbox) -> Ran {
    sandbox.run(&["notify"])
}

both!(each_thing_is_told_once_at_each_stage_and_a_renewed_one_anew, |place| {
    let sandbox = Sandbox::with_store(place);
    tells(&sandbox, "");
    for words in
        ["mint alice --scope a --expires 10d --label team=search", "mint far --scope a --expires 30d"]
    {
        sandbox.ok(&words.split_whitespace().collect::<Vec<_>>());
    }
    sandbox.ok(&["mint", "alice/child", "--parent", "alice/default", "--scope", "a", "--expires", "20d"]);
    let audit = sandbox.ok(&["audit", "list", "-o", "jsonl"]);
    let ran = notify(&sandbox).expect_code(0);
    assert!(ran.stderr.contains("told the command of 1 thing") && ran.stdout.is_empty(), "{ran:?}");
    let text = fs::read_to_string(sandbox.home().join("told")).expect("told");
    let thing = &serde_json::from_str::<serde_json::Value>(&text).expect("JSON")["things"][0];
    assert_eq!(
        (&thing["owner"], &thing["subject"], &thing["labels"]["team"]),
        (&"alice".into(), &"alice".into(), &"search".into())
    );
    assert_eq!(
        (&thing["children"][0], &thing["last_used_at"]),
        (&"alice/child".into(), &serde_json::Value::Null)
    );
    assert_eq!(told(&sandbox), [["key alice/default 14d"]]);
    // There is nothing more to tell: quiet, and the command is not run.
    let ran = notify(&sandbox).expect_code(0);
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str(), told(&sandbox).len()), ("", "", 0));
    // Time passes: the same end comes nearer.
    for (from_now, stage) in [(2 * DAY, "3d"), (DAY / 2, "1d"), (-DAY / 2, "ended")] {
        let end = millis(from_now);
        sandbox
            .place
            .sql(&format!("UPDATE key SET expires_at = {end} WHERE owner = 'alice' AND name = 'default'"))
            .expect("nearer");
        sandbox.place.sql(&format!("UPDATE notified SET ends_at = {end}")).expect("the same end");
        notify(&sandbox).expect_code(0);
        assert_eq!(told(&sandbox), [[format!("key alice/default {stage}")]]);
        notify(&sandbox).expect_code(0);
        assert!(told(&sandbox).is_empty());
    }
    // Another end is another thing to tell.
    sandbox.ok(&["edit", "far", "--expires", "13d"]);
    notify(&sandbox).expect_code(0);
    assert_eq!(told(&sandbox), [["key far/default 14d"]]);
    sandbox.ok(&["edit", "far", "--expires", "12d"]);
    notify(&sandbox).expect_code(0);
    assert_eq!(told(&sandbox), [["key far/default 14d"]]);
    // It is use: no record says so.
    let lines = |text: &str| text.lines().count();
    assert_eq!(lines(&sandbox.ok(&["audit", "list", "-o", "jsonl"])), lines(&audit) + 2);
});

both!(what_was_not_delivered_is_told_by_the_next_run, |place| {
    let sandbox = Sandbox::with_store(place);
    sandbox.ok(&["mint", "alice", "--scope", "a", "--expires", "2d"]);
    for (then, why) in [("exit 7", "exit status: 7"), ("kill -9 $$", "signal: 9")] {
        tells(&sandbox, then);
        let ran = notify(&sandbox).expect_code(9);
        assert!(ran.stderr.contains(why) && ran.stderr.contains("by the next keyctl notify"), "{ran:?}");
        assert_eq!(told(&sandbox), [["key alice/default 3d"]]);
    }
    // One that goes away without reading has not got it; nor has one that is not there, or takes too long.
    let program = sandbox.home().join("deaf");
    fs::write(&program, "#!/bin/sh\nexec 0<&-\nexit 0\n").expect("a file");
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("a mode");
    let config = |words: &str, timeout: &str| {
        configure(&sandbox, &format!("[notify]\ncommand = {words}\ntimeout = \"{timeout}\"\n"))
    };
    config(&format!("[\"{}\"]", program.display()), "20s");
    assert!(notify(&sandbox).expect_code(9).stderr.contains("never read all"));
    config("[\"./no-such-program\"]", "20s");
    assert!(notify(&sandbox).expect_code(9).stderr.contains("could not be started"));
    config("[\"sleep\", \"60\"]", "200ms");
    assert!(notify(&sandbox).expect_code(9).stderr.contains("did not end within 0.2 s"));
    tells(&sandbox, "");
    notify(&sandbox).expect_code(0);
    assert_eq!(told(&sandbox), [["key alice/default 3d"]]);
});

both!(whoever_is_killed_after_the_delivery_tells_once_more_and_loses_nothing, |place| {
    let sandbox = Sandbox::with_store(place);
    sandbox.ok(&["mint", "alice", "--scope", "a", "--expires", "2d"]);
    tells(&sandbox, "kill -9 $PPID");
    assert_eq!(notify(&sandbox).code, None, "it was killed");
    assert_eq!(told(&sandbox), [["key alice/default 3d"]]);
    tells(&sandbox, "");
    // Its hold is still there, and ends by itself.
    let mut command = sandbox.command(&["notify"]);
    command.env("KEYCTL_LOCK_TIMEOUT", "200ms");
    let ran = finish(command, b"").expect_code(6);
    assert!(ran.stderr.contains("another keyctl notify"), "{ran:?}");
    sandbox.place.sql("UPDATE notify_hold SET ends_at = 0").expect("two minutes pass");
    notify(&sandbox).expect_code(0);
    assert_eq!(told(&sandbox), [["key alice/default 3d"]]);
    notify(&sandbox).expect_code(0);
    assert!(told(&sandbox).is_empty());
});

both!(of_two_that_run_at_once_one_waits_and_each_thing_is_told_once, |place| {
    let sandbox = Sandbox::with_store(place);
    sandbox.ok(&["mint", "alice", "--scope", "a", "--expires", "2d"]);
    tells(&sandbox, "sleep 0.3");
    let running: Vec<_> = (0..3).map(|_| sandbox.command(&["notify"]).spawn().expect("starts")).collect();
    for child in running {
        let done = child.wait_with_output().expect("ends");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    }
    assert_eq!(told(&sandbox), [["key alice/default 3d"]]);
});

both!(many_things_are_told_a_hundred_at_a_time_and_what_was_told_of_them_stays_told, |place| {
    let sandbox = Sandbox::with_store(place);
    let rows: String = (0..250).map(|number| format!("o{number},{number:064x}\n")).collect();
    sandbox.feed(&["import", "csv", "-"], &format!("owner,hash\n{rows}")).expect_code(0);
    sandbox.place.sql(&format!("UPDATE key SET expires_at = {}", millis(2 * DAY))).expect("ends");
    // The second time it fails.
    tells(&sandbox, &format!("test $(wc -l < {}/told) -ne 2", sandbox.home().display()));
    let ran = notify(&sandbox).expect_code(9);
    assert!(ran.stderr.contains("told the command of 100 things"), "{ran:?}");
    let first: Vec<String> = told(&sandbox).swap_remove(0);
    tells(&sandbox, "");
    let ran = sandbox.run(&["notify", "-o", "json"]).expect_code(0);
    let said: serde_json::Value = serde_json::from_str(&ran.stdout).expect("JSON");
    assert_eq!(
        (&said[0]["channel"], &said[0]["told"], &said[0]["failed"]),
        (&"command".into(), &150.into(), &serde_json::Value::Null)
    );
    let mut rest = told(&sandbox);
    assert_eq!(rest.iter().map(Vec::len).collect::<Vec<_>>(), [100, 50]);
    rest.push(first);
    let all: std::collections::BTreeSet<String> = rest.into_iter().flatten().collect();
    assert_eq!(all.len(), 250);
});

both!(a_trial_tells_nobody_and_nobody_is_told_who_is_not_named, |place| {
    let sandbox = Sandbox::with_store(place);
    check(&sandbox, vec![case("nobody named", "notify").fails(2, "nobody is named", "[notify]")]);
    tells(&sandbox, "");
    sandbox.ok(&["mint", "alice", "--scope", "a", "--expires", "2d"]);
    check(
        &sandbox,
        vec![
            case("tried", "notify --dry-run -o json")
                .says("would tell of 1 thing")
                .stdout(|out| out.contains("\"stage\":\"3d\"") && out.contains("alice/default")),
        ],
    );
    assert!(told(&sandbox).is_empty());
    notify(&sandbox).expect_code(0);
    assert_eq!(told(&sandbox).len(), 1);
    check(&sandbox, vec![case("no more", "notify --dry-run -o json").stdout(|out| out == "[]\n")]);
});
