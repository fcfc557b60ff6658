//! The statements' seam: values, damage, busy locks.

use std::time::Duration;

use keyctl::store::{Access, Error, Lookup as _, Options, Store};

use crate::support::both;
use crate::support::library::{answer, minted, request, rotated};
use crate::support::store::{Place, options};

both!(values_out_of_order_reach_their_places, |place| {
    // The statement that ends a grace names $3 before $1 and $2; the one that revokes names
    // $2 and $3 before $1. With values in order of appearance, both would change nothing.
    place.init();
    let mut env = place.env();
    let (key, first) = minted(&mut env, &request("alice"));
    rotated(&mut env, &key, "0", None);
    assert_eq!(answer(&mut env.store, &first), "expired");
    let revoked =
        keyctl::ops::keys::revoke::revoke(&mut env, &["alice".parse().expect("reference")], Some("why"));
    assert_eq!(revoked.expect("revoked").keys.len(), 1);
    let read = env.store.key_by_id(key.id).expect("read").expect("there");
    assert_eq!(read.revoke_reason.as_deref(), Some("why"));
    assert!(read.revoked_at.is_some());
});

both!(a_damaged_cell_is_named, |place| {
    place.init();
    let mut env = place.env();
    let (key, token) = minted(&mut env, &request("alice"));
    drop(env);
    place.sql("UPDATE key SET scopes = 'not JSON'").expect("damaged");
    let mut store = place.open();
    let error = store.key_by_id(key.id).expect_err("damaged").to_string();
    assert_eq!(error, format!("the store is damaged: table key, column scopes, row {}", key.id));
    assert_eq!(answer(&mut store, &token), "allowed", "the verification row is another one");
    drop(store);
    place.sql("UPDATE token SET expires_at = -1").expect("damaged");
    let asked = keyctl::domain::keys::verdict::Asked::default();
    let mut store = place.open();
    let error =
        keyctl::ops::keys::verify::verify(&mut store, token.expose(), &asked).expect_err("fails closed");
    assert!(error.to_string().contains("table token, column expires_at"), "{error}");
});

both!(check_finds_rows_that_do_not_say_what_their_key_says, |place| {
    place.init();
    let mut env = place.env();
    let (key, _) = minted(&mut env, &request("alice"));
    drop(env);
    place.sql("UPDATE token SET scopes = '[\"*\"]'").expect("tampered");
    let mut store = place.open();
    let findings = keyctl::ops::stores::store::check(&mut store, |_| {}).expect("check");
    let messages: Vec<&str> = findings.iter().map(|finding| finding.message.as_str()).collect();
    let id = key.token_prefix().expect("a token").token_id();
    assert_eq!(messages, [format!("token {id} does not say what its key says")]);
});

both!(check_finds_a_key_without_its_token, |place| {
    place.init();
    let mut env = place.env();
    let (key, _) = minted(&mut env, &request("alice"));
    drop(env);
    place.sql("UPDATE key SET generation = 7").expect("tampered");
    let findings = keyctl::ops::stores::store::check(&mut place.open(), |_| {}).expect("check");
    assert!(
        findings.iter().any(|found| found.message == format!("key {} has no current token", key.id)),
        "{findings:?}"
    );
});

both!(check_names_objects_that_are_not_ours, |place| {
    place.init();
    place.sql("ALTER TABLE key ADD COLUMN backdoor TEXT").expect("altered");
    place.sql("CREATE INDEX stray ON owner (created_at)").expect("created");
    let findings = keyctl::ops::stores::store::check(&mut place.open(), |_| {}).expect("check");
    let text: String = findings.iter().map(|finding| format!("{}\n", finding.message)).collect();
    assert!(text.contains("key") && text.contains("stray"), "{text}");
    assert!(findings.iter().all(|finding| finding.kind == "object"), "{findings:?}");
});

fn impatient() -> Options {
    Options { lock_timeout: Duration::from_millis(300), ..options() }
}

both!(a_change_waits_for_the_lock_and_then_says_that_it_is_busy, |place| {
    place.init();
    let mut holder = place.env();
    let held = holder.store.rehearse(|_| {
        let mut other = Store::open(&place.location(), Access::Change, impatient()).expect("opens");
        let start = std::time::Instant::now();
        let busy = other.rehearse(|_| Ok::<_, Error>(()));
        assert!(matches!(busy, Err(Error::Busy(_))), "{busy:?}");
        assert!(start.elapsed() < Duration::from_millis(1500), "{:?}", start.elapsed());
        Ok::<_, Error>(())
    });
    held.expect("the first one holds the lock");
    place.open().rehearse(|_| Ok::<_, Error>(())).expect("free again");
});

both!(reads_go_on_while_somebody_changes, |place| {
    place.init();
    let mut env = place.env();
    let (_, token) = minted(&mut env, &request("alice"));
    env.store
        .rehearse(|_| {
            let mut reader = Store::open(&place.location(), Access::Read, impatient()).expect("opens");
            assert_eq!(answer(&mut reader, &token), "allowed");
            Ok::<_, Error>(())
        })
        .expect("holds the lock");
});

#[test]
fn the_wait_for_a_store_that_is_not_there_is_short_and_says_so() {
    let place = Place::sqlite();
    let missing = Store::open(&place.location(), Access::Change, options()).err().expect("not there");
    assert!(matches!(missing, Error::Missing(_)), "{missing}");
    assert!(!place.file().exists(), "a typo makes no store");
}

both!(at_least_ten_thousand_changes_are_kept_and_few_more, |place| {
    place.init();
    place.sql("UPDATE head SET mark_counter = 20000").expect("moved");
    place
        .sql("INSERT INTO change (seq, key_id, at) VALUES (9900, '*', 1), (10032, '*', 1), (10033, '*', 1)")
        .expect("rows");
    let mut env = place.env();
    let first = |place: &Place| place.sql("SELECT MIN(seq) FROM change").expect("a number");
    (0..31).for_each(|number| drop(minted(&mut env, &request(&format!("owner{number}")))));
    assert_eq!(first(&place), "9900");
    minted(&mut env, &request("alice"));
    assert_eq!(first(&place), "10033", "the change of the mark 20032");
});
