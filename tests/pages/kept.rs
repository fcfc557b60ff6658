//! The store's file stays open between requests, and what happens to it meanwhile is seen all the same.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::scene::{Scene, Session};
use crate::support::store::Place;

/// What a connection that closes leaves of the log, at most.
const LOG_LEFT: u64 = 256 * 1024;

fn beside(file: &Path, suffix: &str) -> PathBuf {
    PathBuf::from(format!("{}{suffix}", file.display()))
}

fn log_of(file: &Path) -> u64 {
    fs::metadata(beside(file, "-wal")).map_or(0, |found| found.len())
}

/// The whole store as it is now, in one other file.
fn copy(file: &Path, to: &Path) {
    let connection = Connection::open(file).expect("opens");
    connection.execute("VACUUM INTO ?1", [to.to_str().expect("a path")]).expect("copied");
    fs::set_permissions(to, Permissions::from_mode(0o600)).expect("private");
}

/// Alice, who has made a key by the portal since the copy was taken.
fn since_the_copy<'s>(scene: &'s Scene, older: &Path) -> Session<'s> {
    let alice = scene.sign_in(&scene.key("alice/login", &["--scope", "memories"]));
    copy(&scene.sandbox.place.file(), older);
    alice.make("laptop", &["memories"]);
    assert!(alice.get("/").body.contains("laptop"));
    alice
}

/// The portal answers from the copy, and changes it.
fn is_answered_from(scene: &Scene, alice: &Session<'_>) {
    let page = alice.get("/");
    assert!(page.status == 200 && !page.body.contains("laptop"), "{page:?} {}", scene.portal.log());
    alice.make("phone", &["memories"]);
    let names = scene.sandbox.ok(&["list", "-o", "json"]);
    assert!(names.contains("phone") && !names.contains("laptop"), "{names}");
    scene.sandbox.ok(&["store", "check"]);
}

#[test]
fn another_file_of_the_same_name_is_answered_from_at_once() {
    let scene = Scene::new(Place::sqlite());
    let (file, older) = (scene.sandbox.place.file(), scene.sandbox.home().join("older.db"));
    let alice = since_the_copy(&scene, &older);
    for suffix in ["-wal", "-shm"] {
        fs::remove_file(beside(&file, suffix)).expect("removed");
    }
    fs::rename(&older, &file).expect("in its place");
    is_answered_from(&scene, &alice);
}

#[test]
fn a_file_that_is_written_over_is_read_again() {
    let scene = Scene::new(Place::sqlite());
    let (file, older) = (scene.sandbox.place.file(), scene.sandbox.home().join("older.db"));
    let alice = since_the_copy(&scene, &older);
    fs::write(&file, fs::read(&older).expect("read")).expect("written over");
    for suffix in ["-wal", "-shm"] {
        fs::remove_file(beside(&file, suffix)).expect("removed");
    }
    is_answered_from(&scene, &alice);
}

#[test]
fn a_log_that_was_taken_away_is_not_written_to() {
    let scene = Scene::new(Place::sqlite());
    let file = scene.sandbox.place.file();
    let alice = scene.sign_in(&scene.key("alice/login", &["--scope", "memories"]));
    alice.make("laptop", &["memories"]);
    let connection = Connection::open(&file).expect("opens");
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).expect("moved");
    alice.get("/");
    for suffix in ["-wal", "-shm"] {
        fs::remove_file(beside(&file, suffix)).expect("removed");
    }
    alice.make("phone", &["memories"]);
    let names = scene.sandbox.ok(&["list", "-o", "json"]);
    assert!(names.contains("laptop") && names.contains("phone"), "{names}");
}

#[test]
fn a_store_that_others_could_replace_by_now_is_changed_no_more() {
    let scene = Scene::new(Place::sqlite());
    let file = scene.sandbox.place.file();
    let folder = file.parent().expect("a folder");
    let before = fs::metadata(folder).expect("a folder").permissions();
    let alice = scene.sign_in(&scene.key("alice/login", &["--scope", "memories"]));
    assert_eq!(alice.get("/").status, 200);
    for (path, mode, again) in [(folder, 0o777, before), (&file, 0o666, Permissions::from_mode(0o600))] {
        fs::set_permissions(path, Permissions::from_mode(mode)).expect("set");
        assert_eq!(alice.get("/").status, 503, "{mode:o}");
        fs::set_permissions(path, again).expect("set");
        assert_eq!(alice.get("/").status, 200, "{mode:o}");
    }
}

#[test]
fn a_store_that_a_newer_keyctl_migrated_is_left_alone() {
    let scene = Scene::new(Place::sqlite());
    let alice = scene.sign_in(&scene.key("alice/login", &["--scope", "memories"]));
    assert_eq!(alice.get("/").status, 200);
    let connection = Connection::open(scene.sandbox.place.file()).expect("opens");
    let schema: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0)).expect("a schema");
    connection.execute_batch(&format!("PRAGMA user_version = {}", schema + 1)).expect("set");
    assert_eq!(alice.get("/").status, 503);
    connection.execute_batch(&format!("PRAGMA user_version = {schema}")).expect("set");
    assert_eq!(alice.get("/").status, 200);
}

#[test]
fn what_the_store_asks_of_keys_holds_from_the_next_request_on() {
    let scene = Scene::new(Place::sqlite());
    let alice = scene.sign_in(&scene.key("alice/login", &["--scope", "memories"]));
    assert!(alice.make("laptop", &["memories"]).starts_with("sks_"));
    scene.sandbox.ok(&["policy", "set", "--prefixes", "acme"]);
    assert!(alice.make("phone", &["memories"]).starts_with("acme_"));
}

#[test]
fn an_open_file_keeps_nobody_waiting_and_nothing_removed() {
    let scene = Scene::new(Place::sqlite());
    let file = scene.sandbox.place.file();
    let alice = scene.sign_in(&scene.key("alice/login", &["--scope", "memories"]));
    alice.make("laptop", &["memories"]);
    assert_eq!(alice.get("/").status, 200);
    // It is open, and neither holds the lock nor reads an older state: the whole log can be moved into the file.
    let other = Connection::open(&file).expect("opens");
    other.busy_timeout(Duration::ZERO).expect("set");
    other.execute_batch("BEGIN IMMEDIATE; ROLLBACK").expect("nobody holds the lock");
    let busy: i64 = other.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0)).expect("moved");
    assert_eq!((busy, log_of(&file)), (0, 0));
    // And after that it goes on.
    alice.make("phone", &["memories"]);
    assert!(scene.sandbox.ok(&["list"]).contains("phone"));
}

/// Changes of many pages.
fn work(alice: &Session<'_>) {
    let page = alice.page_of("laptop");
    for _ in 0..25 {
        for deed in ["suspend", "resume"] {
            assert_eq!(alice.post(&format!("{page}/{deed}"), &[]).status, 303);
        }
    }
}

#[test]
fn the_log_is_cut_short_where_nobody_asks_for_a_while_and_at_the_end() {
    let mut scene = Scene::new(Place::sqlite());
    let file = scene.sandbox.place.file();
    let cookie = {
        let alice = scene.sign_in(&scene.key("alice/login", &["--scope", "memories"]));
        alice.make("laptop", &["memories"]);
        work(&alice);
        alice.cookie
    };
    assert!(log_of(&file) > LOG_LEFT, "the file is open between requests: {}", log_of(&file));
    let begun = Instant::now();
    while log_of(&file) > LOG_LEFT {
        assert!(begun.elapsed() < Duration::from_secs(40), "{}", log_of(&file));
        std::thread::sleep(Duration::from_millis(200));
    }
    work(&Session::with(&scene.portal, &cookie));
    assert!(log_of(&file) > LOG_LEFT, "{}", log_of(&file));
    scene.portal.stop();
    assert!(log_of(&file) <= LOG_LEFT, "{}", log_of(&file));
    scene.sandbox.ok(&["store", "check"]);
}

#[test]
fn a_portal_that_is_never_idle_lets_no_log_grow() {
    let scene = Scene::new(Place::sqlite());
    let file = scene.sandbox.place.file();
    let alice = scene.sign_in(&scene.key("alice/login", &["--scope", "memories"]));
    alice.make("laptop", &["memories"]);
    let mut longest = 0;
    for _ in 0..6 {
        work(&alice);
        longest = longest.max(log_of(&file));
    }
    // SQLite moves it each thousand pages, and then begins at its start again.
    assert!(longest < 6 << 20, "{longest}");
}
