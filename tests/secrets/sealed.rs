//! Envelopes that were altered, moved, or come from a newer keyctl or another store.

use super::{KEY, OTHER, furnished, keyed, run_with};
use crate::support::both;
use crate::support::cli::Sandbox;
use crate::support::runner::State;
use crate::support::store::Place;

fn blob(place: &Place, hex: &str) -> String {
    if place.database.is_some() { format!("'\\x{hex}'::bytea") } else { format!("x'{hex}'") }
}

fn envelope(sandbox: &Sandbox, version: u64) -> String {
    let hex = if sandbox.place.database.is_some() { "encode(envelope, 'hex')" } else { "hex(envelope)" };
    let sql = format!("SELECT {hex} FROM secret_version WHERE version = {version}");
    sandbox.place.sql(&sql).expect("read").to_lowercase()
}

fn put(sandbox: &Sandbox, version: u64, hex: &str) {
    let sql = format!(
        "UPDATE secret_version SET envelope = {} WHERE version = {version}",
        blob(&sandbox.place, hex)
    );
    sandbox.place.sql(&sql).expect("written");
}

/// Every command that opens it answers 8 and shows nothing; the row is named.
#[track_caller]
fn closed(sandbox: &Sandbox, token: &str, result: &str, what: &str) {
    let with = [("KEYCTL_MASTER_KEY", KEY)];
    let before = State::of(&sandbox.place);
    for args in [&["secret", "get", "team"][..], &["resolve", "--provider", "anthropic"]] {
        let ran = run_with(sandbox, &with, args, token).expect_code(8);
        assert!(
            ran.stdout.is_empty() && ran.stderr.contains("version 2 of the secret team"),
            "{what}: {ran:?}"
        );
    }
    let check = run_with(sandbox, &with, &["master", "check", "--failing", "-o", "csv"], "").expect_code(8);
    assert!(check.stdout.contains(&format!("team,2,{result},anthropic")), "{what}: {}", check.stdout);
    assert!(State::of(&sandbox.place) == before, "{what}: the store changed");
}

both!(an_altered_or_moved_envelope_does_not_open, |place| {
    let (sandbox, token) = furnished(place);
    keyed(&sandbox, &["secret", "rotate", "team"], "sk-planted-second");
    let (first, second) = (envelope(&sandbox, 1), envelope(&sandbox, 2));
    let flip = |at: usize| {
        let mut bytes: Vec<u8> = second.bytes().collect();
        bytes[at] = if bytes[at] == b'0' { b'1' } else { b'0' };
        String::from_utf8(bytes).expect("hex")
    };
    // A digit in each part; every single bit is flipped in a test of the cipher itself.
    for (part, at) in
        [("version", 1), ("algorithm", 3), ("key id", 5), ("salt", 25), ("commitment", 90), ("nonce", 150)]
    {
        put(&sandbox, 2, &flip(at));
        closed(&sandbox, &token, "corrupt", part);
    }
    for at in [172, second.len() - 1] {
        put(&sandbox, 2, &flip(at));
        closed(&sandbox, &token, "corrupt", "ciphertext and tag");
    }
    put(&sandbox, 2, &second[..second.len() - 2]);
    closed(&sandbox, &token, "corrupt", "a byte less");
    put(&sandbox, 2, &format!("{second}00"));
    closed(&sandbox, &token, "corrupt", "a byte more");
    put(&sandbox, 2, &first);
    closed(&sandbox, &token, "corrupt", "another version's");
    put(&sandbox, 2, &format!("02{}", &second[2..]));
    let newer =
        run_with(&sandbox, &[("KEYCTL_MASTER_KEY", KEY)], &["secret", "get", "team"], "").expect_code(8);
    assert!(newer.stderr.contains("it has version 2, this keyctl knows 1"), "{}", newer.stderr);
    assert!(newer.stderr.contains("a newer keyctl may know it"), "{}", newer.stderr);
    put(&sandbox, 2, &format!("0102{}", &second[4..]));
    let kms =
        run_with(&sandbox, &[("KEYCTL_MASTER_KEY", KEY)], &["secret", "get", "team"], "").expect_code(8);
    assert!(kms.stderr.contains("sealed by algorithm 2"), "{}", kms.stderr);
    put(&sandbox, 2, &second);
    assert_eq!(keyed(&sandbox, &["secret", "get", "team"], ""), "sk-planted-second");
});

both!(two_rows_that_change_their_envelopes_open_neither, |place| {
    let sandbox = Sandbox::with_store(place);
    for (provider, name) in [("anthropic", "a"), ("openai", "b"), ("openai", "c")] {
        keyed(&sandbox, &["secret", "set", provider, name], &format!("sk-planted-{name}"));
    }
    let of = |name: &str| format!("(SELECT id FROM secret WHERE name = '{name}')");
    for (one, other) in [("a", "b"), ("b", "c")] {
        let swap = format!(
            "CREATE TABLE swap AS SELECT secret_id, envelope FROM secret_version;
             UPDATE secret_version SET envelope = (SELECT envelope FROM swap WHERE secret_id = {1}) WHERE secret_id = {0};
             UPDATE secret_version SET envelope = (SELECT envelope FROM swap WHERE secret_id = {0}) WHERE secret_id = {1};
             DROP TABLE swap",
            of(one),
            of(other)
        );
        sandbox.place.sql(&swap).expect("swapped");
        for name in [one, other] {
            let ran = run_with(&sandbox, &[("KEYCTL_MASTER_KEY", KEY)], &["secret", "get", name], "")
                .expect_code(8);
            assert!(
                ran.stderr.contains("moved there from another place") && ran.stdout.is_empty(),
                "{ran:?}"
            );
        }
        sandbox.place.sql(&swap).expect("swapped back");
        keyed(&sandbox, &["secret", "get", one], "");
    }
});

both!(a_row_that_is_copied_from_another_store_does_not_open, |place| {
    let (sandbox, token) = furnished(place);
    let other = Sandbox::with_store(Place::sqlite());
    keyed(&other, &["secret", "set", "anthropic", "theirs"], "sk-planted-theirs");
    let [id, stolen] = ["lower(substr(secret_id, 1))", "lower(hex(envelope))"]
        .map(|column| other.place.sql(&format!("SELECT {column} FROM secret_version")).expect("read"));
    // The same id, name, version and provider: all but the store.
    let sql = format!(
        "INSERT INTO secret (id, provider, name, labels, created_at, version) VALUES ('{id}', 'anthropic', 'theirs', '{{}}', 1, 1);
         INSERT INTO secret_version (secret_id, version, master_key_id, created_at, envelope)
            SELECT '{id}', 1, id, 1, {} FROM master_key",
        blob(&sandbox.place, &stolen)
    );
    sandbox.place.sql(&sql).expect("copied");
    sandbox.ok(&["secret", "bind", "theirs", "alice"]);
    let ran =
        run_with(&sandbox, &[("KEYCTL_MASTER_KEY", KEY)], &["resolve", "--provider", "anthropic"], &token);
    let ran = ran.expect_code(8);
    assert!(ran.stdout.is_empty() && !ran.stderr.contains("planted"), "{ran:?}");
});

both!(an_old_or_wrong_master_key_opens_nothing_and_seals_nothing, |place| {
    let (sandbox, token) = furnished(place);
    let before = State::of(&sandbox.place);
    let with = [("KEYCTL_MASTER_KEY", OTHER)];
    for args in [
        &["secret", "get", "team"][..],
        &["secret", "rotate", "team"],
        &["secret", "set", "openai", "x"],
        &["resolve", "--provider", "anthropic"],
        &["master", "check"],
        &["master", "rotate", "--yes"],
    ] {
        let ran = run_with(&sandbox, &with, args, &token).expect_code(8);
        assert!(!ran.stdout.contains("planted"), "{ran:?}");
    }
    assert!(State::of(&sandbox.place) == before, "the store changed");
    let status = run_with(&sandbox, &with, &["master", "status"], "").expect_code(0);
    assert!(status.stderr.contains("is not one of this store's"), "{}", status.stderr);
    // Somebody who writes the store cannot pass another key off as the registered one.
    sandbox
        .place
        .sql(&format!("UPDATE master_key SET check_value = {}", blob(&sandbox.place, &"ab".repeat(32))))
        .expect("written");
    let ran =
        run_with(&sandbox, &[("KEYCTL_MASTER_KEY", KEY)], &["secret", "rotate", "team"], "sk-planted-x")
            .expect_code(8);
    assert!(ran.stderr.contains("somebody altered the store"), "{}", ran.stderr);
});
