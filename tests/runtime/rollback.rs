//! A store that went back: a file from before is put back, a standby that missed a revocation is
//! promoted, an old primary returns. What a running reader saw, it does not forget.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use std::{fs, thread};

use keyctl::domain::keys::key_ref::KeyRef;
use keyctl::domain::keys::token::Token;
use keyctl::ops::env::{Env, SystemRandom};
use keyctl::ops::keys::mint::Request;
use keyctl::ops::keys::revoke::revoke;
use keyctl::ops::stores::rollback::{Evidence, accept};
use keyctl::runtime::{OnRollback, Options, Reader};
use keyctl::store::{Access, Location, Store};

use super::{address, ask, reader};
use crate::support::library::{minted, request};
use crate::support::pair::Pair;
use crate::support::postgres::PASSWORD;
use crate::support::store::{Place, actor, options};

/// Waits until the reader answers so; no other answer than `meanwhile` may come before.
#[track_caller]
fn until(reader: &Reader, token: &Token, meanwhile: &[&str], wanted: &str) {
    let start = Instant::now();
    loop {
        let answer = ask(reader, token);
        if answer == wanted {
            return;
        }
        assert!(meanwhile.contains(&answer.as_str()), "{answer} on the way to {wanted}");
        assert!(start.elapsed() < Duration::from_secs(15), "still {answer} and not {wanted}");
        thread::sleep(Duration::from_millis(20));
    }
}

/// The file and its log, as they are.
fn copy_away(place: &Place, to: &Path) {
    fs::create_dir_all(to).expect("folder");
    for suffix in ["", "-wal", "-shm"] {
        let from = format!("{}{suffix}", place.file().display());
        fs::copy(from, to.join(format!("keys.db{suffix}"))).expect("copied");
    }
}

/// Another file under the same name.
fn put_back(place: &Place, from: &Path) {
    for suffix in ["", "-wal", "-shm"] {
        let to = format!("{}{suffix}", place.file().display());
        fs::remove_file(&to).expect("removed");
        fs::copy(from.join(format!("keys.db{suffix}")), to).expect("put back");
    }
}

const REFUSED: &str = "STORE_UNAVAILABLE rolled_back";
const REVOKED: &str = "UNAUTHORIZED revoked";

#[test]
fn a_file_that_was_put_back_is_refused_until_the_later_one_is_back_or_it_is_accepted() {
    let place = Place::sqlite();
    place.init();
    let mut env = place.env();
    let (key, token) = minted(&mut env, &request("alice"));
    let (old, new) = (place.folder.path().join("old"), place.folder.path().join("new"));
    copy_away(&place, &old);
    let running = reader(&place);
    until(&running, &token, &[], "allowed");
    revoke(&mut env, &[KeyRef::Id(key.id)], None).expect("revoked");
    until(&running, &token, &["allowed"], REVOKED);
    copy_away(&place, &new);
    drop(env);

    put_back(&place, &old);
    assert_eq!(ask(&reader(&place), &token), "allowed", "a reader that saw nothing knows nothing");
    until(&running, &token, &[REVOKED], REFUSED);
    put_back(&place, &new);
    until(&running, &token, &[REFUSED], REVOKED);

    put_back(&place, &old);
    until(&running, &token, &[REVOKED], REFUSED);
    // As many changes as were lost, and more: the numbers are the same, the history is not.
    for name in ["a", "b", "c"] {
        minted(&mut place.env(), &Request { name: name.parse().ok(), ..request("bob") });
        thread::sleep(Duration::from_millis(1100));
        assert_eq!(ask(&running, &token), REFUSED, "after {name}");
    }
    accept(&mut place.env(), None, Some(Evidence::Elsewhere)).expect("accepted");
    until(&running, &token, &[REFUSED], "allowed");
    revoke(&mut place.env(), &[KeyRef::Id(key.id)], None).expect("revoked again");
    until(&running, &token, &["allowed"], REVOKED);
}

#[test]
fn a_reader_may_choose_to_be_told_and_to_go_on() {
    let place = Place::sqlite();
    place.init();
    let mut env = place.env();
    let (key, token) = minted(&mut env, &request("alice"));
    let old = place.folder.path().join("old");
    copy_away(&place, &old);
    let (times, words) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(String::new())));
    let (counted, said) = (Arc::clone(&times), Arc::clone(&words));
    let warn = OnRollback::Warn(Box::new(move |fault| {
        counted.fetch_add(1, Ordering::SeqCst);
        *said.lock().expect("unpoisoned") = fault.to_string();
    }));
    let options = Options { on_rollback: warn, ..Options::default() };
    let reader = Reader::open(&address(&place), options).expect("opens");
    revoke(&mut env, &[KeyRef::Id(key.id)], None).expect("revoked");
    until(&reader, &token, &["allowed"], REVOKED);
    drop(env);
    put_back(&place, &old);
    until(&reader, &token, &[REVOKED], "allowed");
    thread::sleep(Duration::from_millis(1200));
    assert_eq!(ask(&reader, &token), "allowed");
    assert_eq!(times.load(Ordering::SeqCst), 1);
    assert!(words.lock().expect("unpoisoned").contains("accept-rollback"), "{words:?}");
}

/// A store of the schema before has no nonces to ask for: what is later is accepted.
#[test]
fn a_store_of_an_older_schema_is_read_as_before() {
    let place = Place::sqlite();
    place.init();
    let (_, token) = minted(&mut place.env(), &request("alice"));
    let view = "DROP VIEW keyctl_changes_v1; CREATE VIEW keyctl_changes_v1 AS
        SELECT head.mark_counter || '-' || head.mark_nonce AS mark, change.seq, change.key_id, change.at
        FROM head LEFT JOIN change ON 1";
    place.sql(view).expect("as it was");
    let reader = reader(&place);
    until(&reader, &token, &[], "allowed");
    place.sql("UPDATE head SET mark_counter = 7, mark_nonce = 'ffffffffffffffff'").expect("moved");
    thread::sleep(Duration::from_millis(1200));
    for _ in 0..20 {
        assert_eq!(ask(&reader, &token), "allowed");
        thread::sleep(Duration::from_millis(10));
    }
    place.sql("UPDATE head SET mark_counter = 6").expect("moved");
    until(&reader, &token, &["allowed"], REFUSED);
}

fn with_password(address: &str) -> String {
    address.replace('@', &format!(":{}@", PASSWORD.replace(' ', "%20")))
}

/// The store of a pair, ready for changes.
fn env(address: &str) -> Env {
    let location = Location::parse(&with_password(address)).expect("a location");
    let store = Store::open(&location, Access::Change, options()).expect("opens");
    Env { store, random: Box::new(SystemRandom), actor: actor(), rehearse: false, sink: None, unmade: None }
}

/// The revocation is lost by a failover, and the primary that had it comes back later.
#[test]
fn a_revocation_that_a_failover_lost_is_noticed_and_so_is_the_old_primary() {
    let mut pair = Pair::asynchronous();
    pair.init_store();
    let address = pair.addresses();
    let (key, token) = minted(&mut env(&address), &request("alice"));
    let running = Reader::open(&with_password(&address), Options::default()).expect("opens");
    until(&running, &token, &[], "allowed");
    pair.cut_off();
    revoke(&mut env(&address), &[KeyRef::Id(key.id)], None).expect("revoked");
    until(&running, &token, &["allowed"], REVOKED);

    pair.first.kill();
    pair.promote();
    let unreachable = "STORE_UNAVAILABLE unreachable";
    until(&running, &token, &[REVOKED, unreachable, "STORE_UNAVAILABLE timeout"], REFUSED);
    thread::sleep(Duration::from_secs(6));
    assert_eq!(ask(&running, &token), REFUSED, "as long as nobody accepts it");
    accept(&mut env(&address), None, Some(Evidence::Elsewhere)).expect("accepted");
    until(&running, &token, &[REFUSED], "allowed");
    revoke(&mut env(&address), &[KeyRef::Id(key.id)], None).expect("revoked again");
    minted(&mut env(&address), &request("bob"));
    until(&running, &token, &["allowed"], REVOKED);

    // The first one stands first in the address, and is no standby.
    pair.first.start();
    pair.second.kill();
    until(&running, &token, &[REVOKED, unreachable, "STORE_UNAVAILABLE timeout"], REFUSED);
}
