//! Many keys at once: from standard input, and all that something holds for.

use std::time::Duration;

use crate::support::both;
use crate::support::cli::Sandbox;
use crate::support::runner::{Effect, case, check};

both!(changes_of_many_keys_are_confirmed_and_never_guessed, |place| {
    let sandbox = Sandbox::with_store(place);
    sandbox.ok(&["mint", "alice", "--scope", "m", "--label", "team=search"]);
    sandbox.ok(&["mint", "bob", "--scope", "m", "--label", "team=s%"]);
    let mut cases = Vec::new();
    for verb in ["revoke", "suspend"] {
        let row = |name: &str, words: &str| case(format!("{verb}: {name}"), &format!("{verb} {words}"));
        cases.extend([
            row("nobody to ask", "--owner alice").fails(2, "1 key (alice/default; never used)", "--yes"),
            row("nobody to ask about a label", "--label team").fails(2, "2 keys", "--yes"),
            row("nobody to ask about a time", "--created-after 2020-01-01T00:00:00Z")
                .fails(2, "2 keys", "--yes"),
            row("a key and an owner", "alice/default --owner bob").fails(2, "cannot be used with", "usage"),
            row("a key and a label", "alice/default --label team").fails(2, "cannot be used with", "usage"),
            row("standard input and an owner", "- --owner bob").fails(2, "cannot be used with", "usage"),
            row("unknown owner", "--owner alcie").fails(3, "no owner alcie", "did you mean alice?"),
            row("unknown owner, confirmed", "--owner alcie --yes").fails(
                3,
                "no owner alcie",
                "did you mean alice?",
            ),
            row("unknown owner, rehearsed", "--owner nobody --dry-run").fails(
                3,
                "no owner nobody",
                "keyctl owner list",
            ),
            row("none match", "--label team=sales").says("no live key matches"),
            row("% is no pattern", "--label team=%").says("no live key matches"),
            row("_ is no pattern", "--label team=_%").says("no live key matches"),
            row("a label without a name", "--label =x").fails(2, "1 to 63", "--help"),
            row("a time that is none", "--created-after yesterday").fails(2, "date", "--help"),
            row("a time to come", "--created-after 2099-01-01T00:00:00Z").says("no live key matches"),
            row("rehearsed", "--owner alice --dry-run").says("alice/default").says("nothing was changed"),
        ]);
    }
    cases.extend([
        case("resume nothing", "resume").fails(2, "KEY", "usage"),
        case("resume by owner", "resume --owner alice").fails(2, "--owner", "keyctl resume alice?"),
        case("resume what is not suspended", "resume alice").says("is not suspended"),
        case("suspend, rehearsed", "suspend alice --dry-run").says("would suspend"),
        case("the one with the sign", "revoke --yes --label team=s%")
            .says("revoked bob/default")
            .leaves(Effect::Change),
        case("again", "revoke --owner bob --yes").says("no live key matches"),
        case("by its name, it was so already", "revoke bob/default").says("was revoked already"),
        case("a revoked key is suspended already", "suspend bob/default").says("is revoked since"),
        case("a revoked key is not resumed", "resume alice bob/default")
            .fails(4, "bob/default was revoked", "keyctl mint bob")
            .leaves(Effect::Refusal),
    ]);
    check(&sandbox, cases);
    assert_eq!(sandbox.json(&["show", "alice"])["state"], "active");
});

both!(lists_of_keys_come_from_standard_input, |place| {
    let sandbox = Sandbox::with_store(place);
    let old = sandbox.ok(&["mint", "alice", "--scope", "m"]);
    let new = sandbox.ok(&["rotate", "alice", "--grace", "0"]);
    sandbox.ok(&["mint", "bob", "--scope", "m"]);
    let unknown = format!("{}{}", &old[..4], &old[5..]);
    let many = |count: usize| format!("alice\n{}", "bob\n".repeat(count - 1));
    let mut cases = Vec::new();
    for verb in ["revoke", "suspend", "resume"] {
        let row =
            |name: &str, input: &[u8]| case(format!("{verb}: {name}"), &format!("{verb} -")).input(input);
        cases.extend([
            row("nothing", b"").fails(2, "names no key", "one a line"),
            row("empty lines", b"\n\r\n  \n").fails(2, "names no key", "one a line"),
            row("not UTF-8", b"alice\nb\xffb\n").fails(2, "not UTF-8", "one a line"),
            row("a zero byte", b"alice\0\n").fails(2, "line 1", "one a line"),
            row("unknown in the last line", b"alice\nnobody\n").fails(3, "line 2", "one a line"),
            row("a path", b"../../etc/passwd\n").fails(2, "line 1", "one a line"),
            row("a token that nobody has", unknown.as_bytes())
                .fails(2, "line 1", "one a line")
                .hides(&unknown[20..]),
            row("501 lines", many(501).as_bytes()).fails(2, "at most 500", "fewer at a time"),
            row("more than 1 MiB", &b"alice\n".repeat(180_000)).fails(2, "1 MiB", "fewer lines"),
        ]);
    }
    let public = |token: &str| token[..token.rfind('_').unwrap()].to_owned();
    cases.extend([
        case("show: two lines", "show - -o plain")
            .input("alice\nbob\n")
            .stdout(|out| out.lines().count() == 2),
        case("edit: two lines", "edit - --rate none").input("alice\nbob\n").fails(
            2,
            "names several",
            "one line",
        ),
        case("scope list: two lines", "scope list -").input("alice\nbob\n").fails(
            2,
            "names several",
            "one line",
        ),
        case("show: a dead token", "show -")
            .input(format!("\r\n{old}\r\n\n"))
            .stdout(|out| out.contains("alice"))
            .hides(&old[20..]),
        case("can: a token", "can - m").input(format!("{new}\n")).stdout(|out| out.starts_with("allowed:")),
        case("verify: a dead token", "verify")
            .input(format!("{old}\n"))
            .ends(5)
            .stdout(|out| out.contains("expired")),
        case("verify: a line end too much", "verify").input(format!("{new}\n\n")).fails(
            2,
            "several lines",
            "verify -",
        ),
        case("verify: not UTF-8", "verify").input(b"\xff\xfe".to_vec()).ends(5),
        case("suspend: rehearsed", "suspend - --dry-run")
            .input(format!("{old}\r\n"))
            .says("would suspend alice/default"),
        case("suspend: a dead token, its key, and the new one", "suspend - -o plain")
            .input(format!("\n{old}\r\n\n  alice/default\n{}\n{new}", public(&old)))
            .stdout(|out| out.lines().count() == 1)
            .hides(&old[20..])
            .hides(&new[20..])
            .leaves(Effect::Change),
        case("resume: 500 lines", "resume -")
            .input(many(500))
            .says("resumed alice/default")
            .leaves(Effect::Change)
            .within(Duration::from_secs(10)),
        case("revoke: a dead token", "revoke - bob")
            .input(format!("{old}\n"))
            .says("revoked alice/default")
            .says("revoked bob/default")
            .leaves(Effect::Change),
    ]);
    check(&sandbox, cases);
});

both!(six_hundred_keys_of_one_owner_are_revoked_in_two_batches, |place| {
    let sandbox = Sandbox::with_store(place);
    sandbox.ok(&["mint", "alice", "--scope", "m"]);
    crate::support::library::filled_by_sql(&sandbox.place, 599);
    let slow = Duration::from_secs(25);
    check(
        &sandbox,
        vec![
            case("nobody to ask", "revoke --owner alice").fails(2, "600 keys", "--yes"),
            case("rehearsed", "revoke --owner alice --dry-run -q").within(slow),
            case("more than are revoked with their owner", "owner delete alice --revoke-keys --yes")
                .fails(4, "600 live keys", "keyctl revoke --owner alice")
                .leaves(Effect::Refusal),
        ],
    );
    // The oldest key comes last; what stands in its labels cannot be read.
    let oldest = "(SELECT MIN(id) FROM key)";
    sandbox.place.sql(&format!("UPDATE key SET labels = 'x' WHERE id = {oldest}")).unwrap();
    let damaged = sandbox.run(&["revoke", "--owner", "alice", "--yes", "-q"]).expect_code(7).stderr;
    let said = ["error: ", "labels", "before that, 500 keys were changed", "hint: "];
    assert!(said.iter().all(|text| damaged.contains(text)), "{damaged}");
    let revoked = || sandbox.place.sql("SELECT COUNT(*) FROM key WHERE revoked_at IS NOT NULL").unwrap();
    assert_eq!(revoked(), "500");
    sandbox.place.sql(&format!("UPDATE key SET labels = '{{}}' WHERE id = {oldest}")).unwrap();
    let done = sandbox.json(&["revoke", "--owner", "alice", "--yes", "-q"]);
    let keys = done.as_array().unwrap();
    assert_eq!(keys.len(), 100, "the rest of them");
    assert!(keys.iter().all(|key| key["already"] == false && key["state"] == "revoked"));
    assert_eq!(revoked(), "600");
    assert_eq!(sandbox.json(&["store", "check"]), serde_json::json!([]));
});
