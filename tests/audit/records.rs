//! The log of changes.

use keyctl::crypto::chain::Break;
use keyctl::domain::keys::key_ref::KeyRef;
use keyctl::ops::audit::{records, verify_against};
use keyctl::ops::keys::mint::{Request, mint};
use keyctl::ops::keys::revoke::revoke;
use keyctl::ops::{self};
use keyctl::store::Store;
use serde_json::Value;

use crate::support::both;
use crate::support::library::{Accept, minted, request, rotated};

fn bodies(store: &mut Store) -> Vec<Value> {
    let mut bodies = Vec::new();
    records::<ops::Error>(store, 0, |record| {
        bodies.push(serde_json::from_str(&record.body).expect("JSON"));
        Ok(())
    })
    .expect("read");
    bodies
}

both!(each_change_leaves_one_record_in_order, |place| {
    place.init();
    let mut env = place.env();
    let (key, _) = minted(&mut env, &request("alice"));
    rotated(&mut env, &key, "1h", None);
    revoke(&mut env, &[KeyRef::Id(key.id)], Some("leaked")).expect("revoked");
    let bodies = bodies(&mut env.store);
    let actions: Vec<&str> = bodies.iter().filter_map(|body| body["action"].as_str()).collect();
    assert_eq!(actions, ["store.init", "mint", "rotate", "revoke"]);
    assert!(bodies.iter().all(|body| body["outcome"] == "done" && body["actor"]["claimed"] == "tests"));
    assert_eq!(bodies[3]["details"]["reason"], "leaked");
    assert_eq!(bodies[3]["key"], key.id.to_string());
    assert_eq!(verify_against(&mut env.store, &[], |_| {}).expect("whole").records, 4);
    let session_user = bodies[1]["actor"]["session_user"].as_str();
    assert_eq!(session_user.is_some(), place.database.is_some(), "PostgreSQL knows who is connected");
});

both!(what_a_state_forbids_leaves_a_record_and_nothing_else, |place| {
    place.init();
    let mut env = place.env();
    let named = Request { name: Some("ci".parse().expect("name")), ..request("alice") };
    let (key, _) = minted(&mut env, &named);
    let mark = env.store.head().expect("head").mark;
    assert!(matches!(mint(&mut env, &named, &mut Accept), Err(ops::Error::Conflict(_))));
    let last = bodies(&mut env.store).pop().expect("a record");
    assert_eq!((last["action"].as_str(), last["outcome"].as_str()), (Some("mint"), Some("refused")));
    assert_eq!(last["key"], key.id.to_string());
    assert_eq!(env.store.head().expect("head").mark, mark, "no reader needs to look again");
    assert_eq!(env.store.counts().expect("counts")[0], 1);
});

both!(what_is_not_there_leaves_no_record, |place| {
    place.init();
    let mut env = place.env();
    let before = env.store.head().expect("head");
    let unknown: KeyRef = "bob/default".parse().expect("reference");
    assert!(matches!(revoke(&mut env, &[unknown], None), Err(ops::Error::NotFound { .. })));
    assert_eq!(env.store.head().expect("head"), before);
});

both!(an_altered_a_missing_and_a_cut_record_are_found, |place| {
    place.init();
    let mut env = place.env();
    for owner in ["alice", "bob", "carol"] {
        minted(&mut env, &request(owner));
    }
    drop(env);
    let broken = |sql: &str| {
        place.sql(sql).expect("tampered");
        match verify_against(&mut place.open(), &[], |_| {}) {
            Err(ops::Error::Audit(broken)) => broken,
            other => panic!("{sql}: {other:?}"),
        }
    };
    assert_eq!(broken("DELETE FROM audit WHERE seq = 4"), Break::End { expected: 4, found: 3 });
    assert_eq!(
        broken("UPDATE audit SET body = replace(body, 'alice', 'mallory') WHERE seq = 2"),
        Break::Altered(2)
    );
    assert_eq!(broken("DELETE FROM audit WHERE seq = 2"), Break::Gap { expected: 2, found: 3 });
});

both!(a_long_log_is_walked_in_parts, |place| {
    place.init();
    let mut env = place.env();
    for number in 0..1001 {
        let name = Some(format!("k{number}").parse().expect("name"));
        minted(&mut env, &Request { name, ..request("alice") });
    }
    assert_eq!(verify_against(&mut env.store, &[], |_| {}).expect("whole").records, 1002);
});
