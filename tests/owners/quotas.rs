//! A quota that all keys of an owner have together.

use keyctl::ops::owners::owner::{Edit, delete, rename, set};
use keyctl::store::Lookup as _;

use crate::support::both;
use crate::support::cli::Sandbox;
use crate::support::library::{minted, request};
use crate::support::store::Place;

/// Name, quota of the view, the key's own and its owner's, as serve reads them.
fn quotas(place: &Place) -> String {
    place
        .sql(
            "SELECT t.key_name, COALESCE(t.quota, '-'), COALESCE(s.key_quota, '-'), COALESCE(s.owner_quota, '-')
             FROM keyctl_tokens_v1 t JOIN keyctl_serve_v1 s ON s.token_hash = t.token_hash ORDER BY t.key_name",
        )
        .expect("rows")
        .replace('\n', " ")
}

fn check(place: &Place) {
    assert_eq!(keyctl::ops::stores::store::check(&mut place.open(), |_| {}).expect("check"), []);
}

fn quota(text: &str) -> Edit {
    let quota = (text != "none").then(|| text.parse().expect("a quota"));
    Edit { quota: Some(quota), ..Edit::default() }
}

both!(an_owners_quota_stands_in_all_its_token_rows, |place| {
    place.init();
    let mut env = place.env();
    let named = |name: &str, own: Option<&str>| {
        let quota = own.map(|text| text.parse().expect("a quota"));
        let name = name.parse().ok();
        keyctl::ops::keys::mint::Request { name, quota, ..request("alice") }
    };
    minted(&mut env, &named("a", None));
    minted(&mut env, &named("b", Some("5/day")));
    minted(&mut env, &request("bob"));
    let alice = "alice".parse().expect("an owner");
    let before = env.store.head().expect("head").mark;
    let done = set(&mut env, &alice, &quota("10000/day")).expect("set");
    assert_eq!(done.owner.quota.map(|quota| quota.to_string()).as_deref(), Some("10000/day"));
    assert_ne!(env.store.head().expect("head").mark, before, "readers hear of it");
    assert_eq!(quotas(&place), "a|10000/day|-|10000/day b|5/day|5/day|10000/day default|-|-|-");
    assert!(set(&mut env, &alice, &quota("10000/day")).expect("again").before.is_none());
    minted(&mut env, &named("c", None));
    check(&place);
    rename(&mut env, &alice, &"alice.smith".parse().expect("an owner")).expect("renamed");
    assert_eq!(
        quotas(&place),
        "a|10000/day|-|10000/day b|5/day|5/day|10000/day c|10000/day|-|10000/day default|-|-|-"
    );
    check(&place);
    let alice = "alice.smith".parse().expect("an owner");
    set(&mut env, &alice, &quota("none")).expect("taken away");
    assert_eq!(quotas(&place), "a|-|-|- b|5/day|5/day|- c|-|-|- default|-|-|-");
    set(&mut env, &alice, &quota("7/month")).expect("set");
    delete(&mut env, &alice, true, None).expect("deleted");
    assert_eq!(quotas(&place), "a|-|-|- b|5/day|5/day|- c|-|-|- default|-|-|-");
    let (again, _) = minted(&mut env, &request("alice.smith"));
    assert_eq!(env.store.owner(&again.owner).expect("read").expect("an owner").quota, None);
    check(&place);
});

both!(a_quota_that_no_record_says_is_found, |place| {
    let sandbox = Sandbox::with_store(place);
    sandbox.ok(&["mint", "alice", "--scope", "m"]);
    sandbox.ok(&["owner", "set", "alice", "--quota", "3/day"]);
    sandbox.place.sql("UPDATE owner SET quota = NULL").expect("written");
    let ran = sandbox.run(&["store", "check", "-o", "json"]);
    assert!(ran.stdout.contains("keyctl owner set alice --quota 3/day"), "{}", ran.stdout);
    assert!(ran.stdout.contains("does not say what its key says"), "{}", ran.stdout);
    sandbox.place.sql("UPDATE owner SET quota = '3/day'").expect("written");
    sandbox.ok(&["store", "check"]);
});

both!(an_owners_quota_is_set_shown_and_taken_away, |place| {
    let sandbox = Sandbox::with_store(place);
    sandbox.ok(&["mint", "alice", "--scope", "m"]);
    let token = sandbox.ok(&["mint", "alice", "--name", "two", "--scope", "m"]);
    let ran = sandbox.run(&["owner", "set", "alice", "--quota", "10000/day", "--dry-run"]).expect_code(0);
    assert!(
        ran.stderr.contains("dry run: would change the quota of alice: none → 10000/day"),
        "{}",
        ran.stderr
    );
    assert_eq!(sandbox.json(&["owner", "show", "alice"])["quota"], serde_json::Value::Null);
    let ran =
        sandbox.run(&["owner", "set", "alice", "--quota", "10000/day", "--subject", "Alice"]).expect_code(0);
    assert!(ran.stderr.contains("changed the subject of alice: alice → Alice"), "{}", ran.stderr);
    assert!(ran.stderr.contains("changed the quota of alice: none → 10000/day"), "{}", ran.stderr);
    let shown = sandbox.json(&["owner", "show", "alice"]);
    assert_eq!(shown["quota"], serde_json::json!({ "limit": 10000, "period": "day" }));
    assert_eq!(
        sandbox.json(&["show", "alice/two"])["quota"],
        serde_json::Value::Null,
        "it is not the key's own"
    );
    let last = sandbox.json(&["audit", "list", "--action", "owner.set"]);
    assert_eq!(
        last[0]["record"]["details"],
        serde_json::json!({ "subject": ["alice", "Alice"], "quota": [null, "10000/day"] })
    );
    let address = sandbox.place.location();
    let reader = keyctl::runtime::Reader::open(&location_text(&sandbox), keyctl::runtime::Options::default());
    let asked = keyctl::runtime::Asked::default();
    let answer = crate::runtime::word(reader.expect("opens").verify(token.trim(), &asked));
    assert!(!answer.contains("allowed"), "{answer} {address:?}");
    let ran = sandbox.run(&["owner", "set", "alice", "--quota", "none"]).expect_code(0);
    assert!(ran.stderr.contains("10000/day → none"), "{}", ran.stderr);
    let ran = sandbox.run(&["owner", "set", "alice", "--quota", "none"]).expect_code(0);
    assert!(ran.stderr.contains("alice has no quota already"), "{}", ran.stderr);
    for (args, says) in [
        (&["owner", "set", "alice"][..], "--subject"),
        (&["owner", "set", "alice", "--quota", "10/year"], "day, month or total"),
        (&["owner", "set", "alice", "--quota", "0/day"], "never"),
    ] {
        let ran = sandbox.run(args).expect_code(2);
        assert!(ran.stderr.contains(says), "{args:?}: {}", ran.stderr);
    }
});

/// The address with its password, as a service has it.
fn location_text(sandbox: &Sandbox) -> String {
    let password = crate::support::postgres::PASSWORD.replace(' ', "%20");
    sandbox.place.text().replace('@', &format!(":{password}@"))
}
