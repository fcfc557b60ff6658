//! Rotations that are run again and again: of what ends soon, and of what is old.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use keyctl::domain::keys::key::Key;
use keyctl::domain::keys::key_ref::KeyRef;
use keyctl::domain::keys::token::Token;
use keyctl::domain::time::Span;
use keyctl::ops::Error;
use keyctl::ops::delivery::{Deliver, DeliveryError};
use keyctl::ops::env::Env;
use keyctl::ops::keys::mint::Request;
use keyctl::ops::keys::references::MOST;
use keyctl::ops::keys::renew::{Due, Left, Renewed, renew};
use keyctl::ops::keys::rotate::Request as Rotation;
use keyctl::ops::keys::rotate_many::{Wanted, rotate_many};
use keyctl::ops::keys::select::Selection;
use keyctl::store::Filter;
use serde_json::Value;

use crate::support::both;
use crate::support::cli::Sandbox;
use crate::support::library::{Accept, answer, filled_by_sql, minted, request, rotated};
use crate::support::store::Place;

fn fortnight() -> Span {
    "14d".parse().expect("a span")
}

fn renewed(env: &mut Env, key: &Key) -> Result<Renewed, Error> {
    let request =
        Rotation { key: KeyRef::Id(key.id), grace: "1h".parse().expect("grace"), expiry: None, prefix: None };
    renew(env, &request, fortnight(), &mut Accept)
}

/// As if all keys and tokens had been made `days` earlier.
fn age(place: &Place, days: i64) {
    let earlier = days * 86_400_000;
    for (table, column) in [
        ("key", "created_at"),
        ("key", "expires_at"),
        ("token", "created_at"),
        ("token", "expires_at"),
        ("token", "grace_ends_at"),
    ] {
        place.sql(&format!("UPDATE {table} SET {column} = {column} - {earlier}")).expect("moved");
    }
}

both!(a_renewal_gives_what_the_key_was_given_last_however_often_it_is_run, |place| {
    place.init();
    let mut env = place.env();
    let (key, _) = minted(&mut env, &Request { expiry: "30d".parse().ok(), ..request("alice") });
    let days = |key: &Key| {
        let end = key.expires_at.expect("an end").as_millis();
        (end - key.token.as_ref().expect("a token").created_at.as_millis()) / 86_400_000
    };
    for _ in 0..3 {
        assert!(matches!(renewed(&mut env, &key), Ok(Renewed::Left { why: Left::EndsLater(Some(_)), .. })));
        age(&place, 20);
        // A rotation in between gives no time, and takes none.
        rotated(&mut env, &key, "0", None);
        match renewed(&mut env, &key).expect("renewed") {
            Renewed::Rotated(done) => assert_eq!(days(&done.key), 30),
            other => panic!("{other:?}"),
        }
        assert!(matches!(renewed(&mut env, &key), Ok(Renewed::Left { why: Left::EndsLater(_), .. })));
    }
    // What somebody gives it counts from then on.
    keyctl::ops::keys::edit::edit(
        &mut env,
        &KeyRef::Id(key.id),
        &keyctl::ops::keys::edit::Edit { expiry: "7d".parse().ok(), ..Default::default() },
    )
    .expect("edited");
    match renewed(&mut env, &key).expect("decided") {
        Renewed::Left { why: Left::Grace(_), .. } => {}
        other => panic!("an old token is in its grace: {other:?}"),
    }
    age(&place, 1);
    match renewed(&mut env, &key).expect("renewed") {
        Renewed::Rotated(done) => assert_eq!(days(&done.key), 7),
        other => panic!("{other:?}"),
    }
    age(&place, 10);
    assert!(matches!(renewed(&mut env, &key), Err(Error::Conflict(_))), "an expired one stays dead");
    let (never, _) = minted(&mut env, &Request { expiry: "never".parse().ok(), ..request("bob") });
    assert!(matches!(renewed(&mut env, &never), Ok(Renewed::Left { why: Left::EndsLater(None), .. })));
});

/// Keeps what it gets, and fails from some page on.
struct Pages {
    left: usize,
    tokens: Vec<Token>,
}

impl Deliver for Pages {
    fn deliver(&mut self, token: &Token, _: &Key) -> Result<(), DeliveryError> {
        self.tokens.push(Token::parse(token.expose()).expect("a token"));
        Ok(())
    }

    fn deliver_all(&mut self, tokens: &[(&Token, &Key)]) -> Result<(), DeliveryError> {
        if self.left == 0 {
            return Err(DeliveryError::Nowhere);
        }
        self.left -= 1;
        tokens.iter().try_for_each(|(token, key)| self.deliver(token, key))
    }

    fn confirm(&mut self) {}

    fn withdraw(&mut self) {}
}

both!(what_was_interrupted_is_finished_by_the_same_command, |place| {
    place.init();
    let mut env = place.env();
    minted(&mut env, &request("alice"));
    filled_by_sql(&place, MOST as i64 + 19);
    age(&place, 61);
    let before = env.store.now().expect("now").as_millis() - 60 * 86_400_000;
    let before = keyctl::domain::time::Timestamp::from_millis(before);
    let filter = Filter { now: env.store.now().ok(), issued_before: before, ..Filter::default() };
    let wanted = Wanted {
        grace: "7d".parse().expect("grace"),
        prefix: None,
        due: Due { issued_before: before, ends_within: None },
        at_once: MOST,
    };
    let all = Selection::Matching(None, filter);
    let mut first = Pages { left: 1, tokens: Vec::new() };
    match rotate_many(&mut env, &all, &wanted, &mut first, &mut |_| ()) {
        Err(Error::Partly { done, .. }) => assert_eq!(done, MOST as u64),
        other => panic!("the second page is not delivered: {other:?}"),
    }
    let mut second = Pages { left: 9, tokens: Vec::new() };
    let done = rotate_many(&mut env, &all, &wanted, &mut second, &mut |_| ()).expect("the rest");
    assert_eq!((done.rotated.len(), done.left.len()), (20, 0));
    let third = rotate_many(&mut env, &all, &wanted, &mut Pages { left: 0, tokens: Vec::new() }, &mut |_| ());
    assert!(third.expect("nothing").rotated.is_empty());
    assert_eq!(first.tokens.len() + second.tokens.len(), MOST + 20);
    for token in [first.tokens.first(), first.tokens.last(), second.tokens.last()] {
        assert_eq!(answer(&mut env.store, token.expect("one")), "allowed");
    }
});

both!(many_are_rotated_but_for_those_that_it_would_harm_or_leave_behind, |place| {
    let sandbox = Sandbox::with_store(place);
    let old = sandbox.ok(&["mint", "alice", "--scope", "m"]);
    for words in [
        "mint alice --name waits --scope m",
        "rotate alice/waits --grace 3d",
        "mint bob --scope m --expires 7d",
        "mint carol --scope m",
        "suspend carol",
    ] {
        sandbox.ok(&words.split(' ').collect::<Vec<_>>());
    }
    let manifest = "{manifest: m, keys: {dora/k: {scopes: [a], sinks: [{file: dora}]}}}";
    assert_eq!(sandbox.feed(&["apply", "-f", "-", "--yes"], manifest).code, Some(0));

    let nowhere = sandbox.run(&["rotate", "--all", "--yes"]).expect_code(2);
    assert!(nowhere.stderr.contains("--out-dir") && nowhere.stdout.is_empty(), "{nowhere:?}");
    let unasked = sandbox.run(&["rotate", "--all", "-o", "jsonl"]).expect_code(2);
    assert!(unasked.stderr.contains("rotate 5 keys"), "{unasked:?}");
    let tried = sandbox.run(&["rotate", "--all", "--dry-run", "-o", "json"]).expect_code(0);
    let would: Value = serde_json::from_str(&tried.stdout).expect("JSON");
    assert_eq!(would.as_array().expect("keys").len(), 4, "{tried:?}");
    assert!(
        tried.stderr.contains("would rotate bob/default") && tried.stderr.contains("never used"),
        "{tried:?}"
    );
    assert_eq!(sandbox.verify(&old, &[]).0, Some(0));

    let ran = sandbox.run(&["rotate", "--all", "--yes", "-o", "jsonl", "--grace", "1h"]).expect_code(0);
    let lines: Vec<Value> =
        ran.stdout.lines().map(|line| serde_json::from_str(line).expect("a line")).collect();
    assert_eq!(lines.len(), 4);
    for line in &lines {
        let token = line["token"].as_str().expect("a token");
        let expected = if line["key"]["owner"] == "carol" { Some(5) } else { Some(0) };
        assert_eq!(sandbox.verify(token, &[]).0, expected);
        assert!(!ran.stderr.contains(token));
    }
    assert!(
        ran.stderr.contains("an older token of alice/waits, sks_"),
        "who names keys means those in a grace: {ran:?}"
    );
    assert!(ran.stderr.contains("left dora/k as it is: a manifest delivers"), "{ran:?}");
    assert_eq!(sandbox.verify(&old, &[]).0, Some(0), "its grace lasts");

    sandbox.ok(&["mint", "erin", "--scope", "m", "--label", "team=a"]);
    sandbox.ok(&["mint", "erin", "--name", "two", "--scope", "m", "--label", "team=a"]);
    // Both that work may be what leaked: neither does from then on.
    let leaked = ["0", "24h"].map(|grace| sandbox.ok(&["rotate", "erin/two", "--grace", grace]));
    let words = ["rotate", "--label", "team=a", "--grace", "0", "--yes", "--out-dir", "tokens", "-q"];
    for _ in 0..2 {
        assert_eq!(sandbox.ok(&words), "");
        for name in ["default", "two"] {
            let file = sandbox.home().join("tokens/erin").join(name);
            assert_eq!(fs::metadata(&file).expect("a file").permissions().mode() & 0o777, 0o600);
            let token = fs::read_to_string(&file).expect("a token");
            assert_eq!(sandbox.verify(token.trim_end(), &[]).0, Some(0));
        }
    }
    assert_eq!(leaked.map(|token| sandbox.verify(&token, &[]).0), [Some(5); 2]);
    // A file that holds something else is not written over, and nothing of its page is changed.
    let file = sandbox.home().join("tokens/erin/two");
    fs::write(&file, "mine\n").expect("written");
    let other = fs::read_to_string(sandbox.home().join("tokens/erin/default")).expect("a token");
    let ran = sandbox.run(&words).expect_code(9);
    assert!(ran.stderr.contains("exists already"), "{ran:?}");
    assert_eq!(fs::read_to_string(&file).expect("there"), "mine\n");
    let kept = fs::read_to_string(sandbox.home().join("tokens/erin/default")).expect("a token");
    assert_eq!((&kept, sandbox.verify(kept.trim_end(), &[]).0), (&other, Some(0)));
    let rehearsed = sandbox.run(&[&words[..words.len() - 1], &["--dry-run"]].concat()).expect_code(0);
    assert!(rehearsed.stderr.contains("tokens/erin/two holds something else than a token"), "{rehearsed:?}");
    let overwriting = sandbox.run(&[&words[..], &["--overwrite"]].concat()).expect_code(2);
    assert!(overwriting.stderr.contains("--overwrite is for one key"), "{overwriting:?}");
    // Below the folder no link is followed.
    fs::remove_file(&file).expect("removed");
    fs::rename(sandbox.home().join("tokens/erin"), sandbox.home().join("elsewhere")).expect("moved");
    std::os::unix::fs::symlink("../elsewhere", sandbox.home().join("tokens/erin")).expect("a link");
    let ran = sandbox.run(&words).expect_code(9);
    assert!(ran.stderr.contains("tokens/erin is no folder, or a link"), "{ran:?}");
    assert_eq!(fs::read_to_string(sandbox.home().join("elsewhere/default")).expect("there"), kept);
    assert!(!sandbox.home().join("elsewhere/two").exists());
    std::os::unix::fs::symlink("elsewhere", sandbox.home().join("linked")).expect("a link");
    sandbox.ok(&["rotate", "--label", "team=a", "--yes", "--out-dir", "linked"]);
    assert!(sandbox.home().join("elsewhere/erin/two").exists(), "whoever names a link means where it leads");
    assert_eq!(sandbox.ok(&["store", "check"]), "");
});

both!(a_line_for_cron_does_nothing_until_it_is_due, |place| {
    let sandbox = Sandbox::with_store(place);
    let words = ["rotate", "alice", "--if-expiring", "14d"];
    let first = sandbox.ok(&["mint", "alice", "--scope", "m", "--expires", "30d"]);
    let early = sandbox.run(&words).expect_code(0);
    assert!(early.stdout.is_empty() && early.stderr.contains("left alice/default as it is"), "{early:?}");
    assert_eq!(sandbox.json(&words)["created"], false);
    sandbox.ok(&["edit", "alice", "--expires", "10d"]);
    let due = sandbox.run(&words).expect_code(0);
    assert!(due.stderr.contains("renewed until"), "{due:?}");
    assert_eq!(sandbox.verify(due.stdout.trim_end(), &[]).0, Some(0));
    let again = sandbox.run(&words).expect_code(0);
    assert!(again.stdout.is_empty() && again.stderr.contains("works until"), "{again:?}");
    assert_eq!(sandbox.verify(&first, &[]).0, Some(0), "its grace lasts");
    let many = sandbox.run(&["rotate", "--all", "--if-expiring", "14d", "--yes", "-o", "csv"]).expect_code(0);
    assert!(many.stdout.is_empty(), "{many:?}");
    // Who ends old tokens at once does not wait for them.
    let at_once = ["rotate", "--all", "--if-expiring", "14d", "--grace", "0", "--yes", "-o", "plain", "-q"];
    let ended = sandbox.ok(&at_once);
    let new = ended.trim_end().strip_prefix("alice/default\t").expect("a line");
    let answers = [first.as_str(), due.stdout.trim_end(), new].map(|token| sandbox.verify(token, &[]).0);
    assert_eq!(answers, [Some(5), Some(5), Some(0)]);
    let manifest = "{manifest: m, keys: {dora/k: {scopes: [a], expires: 5d, sinks: [{file: dora}]}}}";
    assert_eq!(sandbox.feed(&["apply", "-f", "-", "--yes"], manifest).code, Some(0));
    let delivered = sandbox.run(&["rotate", "dora/k", "--if-expiring", "14d"]).expect_code(4);
    assert!(delivered.stderr.contains("keyctl apply"), "{delivered:?}");
});

both!(a_renewal_is_made_to_fit_the_policy_and_takes_no_time_away, |place| {
    let sandbox = Sandbox::with_store(place);
    for (owner, expires) in [("alice", "60d"), ("bob", "60d"), ("carol", "62d")] {
        sandbox.ok(&["mint", owner, "--scope", "m", "--expires", expires]);
    }
    age(&sandbox.place, 50);
    sandbox.ok(&["policy", "set", "--max-expiry", "30d"]);
    let days = |key: &Value| {
        let time = |value: &Value| {
            keyctl::domain::time::Timestamp::parse(value.as_str().expect("a time"))
                .expect("a time")
                .as_millis()
        };
        (time(&key["expires_at"]) - time(&key["token"]["created_at"])) / 86_400_000
    };
    let one = sandbox.run(&["rotate", "alice", "--if-expiring", "11d"]).expect_code(0);
    let many = ["rotate", "--all", "--if-expiring", "11d", "--yes", "-o", "plain"];
    let many = sandbox.run(&many).expect_code(0);
    for (ran, owner) in [(one, "alice"), (many, "bob")] {
        assert!(ran.stderr.contains("the store's policy lets keys live 30d at most"), "{ran:?}");
        assert_eq!(days(&sandbox.json(&["show", owner])), 30);
    }
    sandbox.ok(&["policy", "set", "--max-expiry", "7d"]);
    let before = sandbox.json(&["show", "carol"])["expires_at"].clone();
    let ran = sandbox.run(&["rotate", "carol", "--if-expiring", "14d"]).expect_code(0);
    let end = before.as_str().expect("a time");
    assert!(ran.stderr.contains(&format!("the key ends as before, {end}")), "{ran:?}");
    assert!(!ran.stderr.contains("renewed until"), "{ran:?}");
    assert_eq!(sandbox.json(&["show", "carol"])["expires_at"], before);
});
