//! What was once wrong, by the input that showed it.

use std::fs;
use std::os::unix::fs::symlink;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use keyctl::domain::keys::key_ref::KeyRef;
use keyctl::ops::keys::find::resolve;
use keyctl::store::{Access, Error, Location, Options, Store};

use crate::support::library::{answer, minted, request, rotated};
use crate::support::store::{Place, clock, options};
use crate::support::{both, postgres};

/// A log that was moved into the file only in part, its process killed: page one counts pages
/// that only the log has.
#[test]
fn a_half_moved_log_is_no_damage() {
    let place = Place::sqlite();
    place.init();
    let mut env = place.env();
    for number in 0..50 {
        minted(&mut env, &request(&format!("owner{number}")));
    }
    let file = fs::read(place.file()).expect("file");
    let log_path = format!("{}-wal", place.file().display());
    let log = fs::read(&log_path).expect("log");
    drop(env);
    // Frames of 24 + 4096 bytes behind a header of 32; the last one of page 1 has the new count.
    let mut frames = log[32..].chunks_exact(24 + 4096);
    let page_1 = frames.rfind(|frame| frame[..4] == [0, 0, 0, 1]).expect("page 1 changed");
    let mut half = page_1[24..].to_vec();
    half.extend_from_slice(&file[4096..]);
    let counted = u32::from_be_bytes(half[28..32].try_into().expect("four bytes"));
    assert!(u64::from(counted) * 4096 > half.len() as u64, "the file is shorter than page one says");
    fs::write(place.file(), half).expect("written");
    fs::write(log_path, &log).expect("written");
    let mut store = Store::open(&place.location(), Access::Read, options()).expect("opens");
    assert_eq!(store.counts().expect("counts")[0], 50);
}

#[test]
fn a_cut_off_file_is_refused_and_nothing_is_written_beside_it() {
    let place = Place::sqlite();
    place.init();
    minted(&mut place.env(), &request("alice"));
    place.sql("PRAGMA journal_mode = DELETE").expect("without a log");
    let whole = fs::read(place.file()).expect("file");
    for length in [whole.len() - 4096, whole.len() / 2, 4096, 100, 1] {
        fs::write(place.file(), &whole[..length]).expect("cut");
        let refused = Store::open(&place.location(), Access::Change, options()).err().expect("refused");
        assert!(matches!(refused, Error::Refused { .. }), "{length}: {refused}");
        assert_eq!(fs::read(place.file()).expect("file"), whole[..length], "left as it was");
        assert_eq!(fs::read_dir(place.folder.path()).expect("folder").count(), 1, "nothing beside it");
    }
}

#[test]
fn write_ahead_mode_is_restored() {
    let place = Place::sqlite();
    place.init();
    place.sql("PRAGMA journal_mode = DELETE").expect("another tool");
    minted(&mut place.env(), &request("alice"));
    assert_eq!(place.sql("SELECT * FROM pragma_journal_mode").expect("mode"), "wal");
    for suffix in ["-wal", "-shm"] {
        fs::remove_file(format!("{}{suffix}", place.file().display())).ok();
    }
    Store::open(&place.location(), Access::Read, options())
        .and_then(|mut store| store.head())
        .expect("reads");
    assert!(fs::exists(format!("{}-wal", place.file().display())).expect("looked"));
}

#[test]
fn the_log_does_not_grow_without_bound_beside_busy_readers() {
    let place = Place::sqlite();
    place.init();
    let mut env = place.env();
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        // Readers that overlap, so that there is hardly a moment without one.
        for _ in 0..3 {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    let reader = rusqlite::Connection::open(place.file()).expect("opens");
                    reader.execute_batch("BEGIN; SELECT COUNT(*) FROM key").expect("reads");
                    std::thread::sleep(Duration::from_millis(7));
                }
            });
        }
        for number in 0..1500 {
            minted(&mut env, &request(&format!("owner{number}")));
        }
        done.store(true, Ordering::Relaxed);
    });
    minted(&mut env, &request("last"));
    let log = fs::metadata(format!("{}-wal", place.file().display())).expect("log").len();
    assert!(log < 24 * 1024 * 1024, "{log} bytes");
}

#[test]
fn a_store_is_created_below_a_linked_folder() {
    let place = Place::sqlite();
    let (folder, link) = (place.folder.path().join("real"), place.folder.path().join("link"));
    fs::create_dir(&folder).expect("folder");
    symlink(&folder, &link).expect("link");
    let location = Location::parse(&link.join("new/keys.db").display().to_string()).expect("location");
    let defaults = keyctl::ops::stores::store::Defaults::default();
    let random = &mut keyctl::ops::env::SystemRandom;
    let actor = crate::support::store::actor();
    let founding =
        keyctl::ops::stores::store::Founding { defaults: &defaults, actor: &actor, rehearse: false };
    keyctl::ops::stores::store::init(&location, options(), &founding, random).expect("made");
    Store::open(&location, Access::Change, options()).expect("opens");
}

#[test]
fn files_that_only_look_like_backups_are_kept() {
    let place = Place::sqlite();
    super::migrations::make_schema_1(&place);
    let mine: Vec<String> = (1..=5).map(|n| format!("{}.backup-mine{n}", place.file().display())).collect();
    for path in &mine {
        fs::write(path, "mine").expect("written");
    }
    let mut store = Store::open_any_schema(&place.location(), Access::Change, options()).expect("opens");
    let backup = store.migrate().expect("migrated").backup.expect("a backup");
    assert!(backup.exists(), "the backup that was named is there");
    assert!(mine.iter().all(|path| fs::exists(path).expect("looked")));
}

#[test]
fn without_a_clock_no_token_is_good() {
    let place = Place::sqlite();
    place.init();
    let (_, token) = minted(&mut place.env(), &request("alice"));
    let stopped = Options { clock: || None, ..options() };
    let mut store = Store::open(&place.location(), Access::Read, stopped).expect("opens");
    let asked = keyctl::domain::keys::verdict::Asked::default();
    let verdict = keyctl::ops::keys::verify::verify(&mut store, token.expose(), &asked);
    assert!(matches!(verdict, Err(keyctl::ops::Error::Store(Error::Clock))), "{verdict:?}");
}

#[test]
fn a_token_cut_over_at_once_stays_dead_for_a_late_clock() {
    let place = Place::sqlite();
    place.init();
    let mut env = place.env();
    let (key, old) = minted(&mut env, &request("alice"));
    rotated(&mut env, &key, "0", None);
    let late = Options {
        clock: || {
            clock().and_then(|now| keyctl::domain::time::Timestamp::from_millis(now.as_millis() - 3_600_000))
        },
        ..options()
    };
    let mut store = Store::open(&place.location(), Access::Read, late).expect("opens");
    assert_eq!(answer(&mut store, &old), "expired");
}

both!(check_finds_a_replaced_token_whose_end_was_taken_away, |place| {
    place.init();
    let mut env = place.env();
    let (key, old) = minted(&mut env, &request("alice"));
    rotated(&mut env, &key, "0", None);
    drop(env);
    place.sql("UPDATE token SET grace_ends_at = NULL").expect("tampered");
    let findings = keyctl::ops::stores::store::check(&mut place.open(), |_| {}).expect("check");
    assert_eq!(findings[0].message, format!("token {} was replaced and works all the same", old.id()));
});

both!(a_prefix_of_another_kind_with_the_same_id_is_another_token, |place| {
    place.init();
    let mut env = place.env();
    let (_, token) = minted(&mut env, &request("alice"));
    let other: KeyRef = format!("zz9_{}", token.id()).parse().expect("reference");
    assert!(matches!(resolve(&mut env.store, &other), Err(keyctl::ops::Error::NotFound { .. })));
});

#[test]
fn a_view_that_says_active_of_every_token_is_found() {
    let place = Place::postgres();
    place.init();
    let columns = "token_hash, hash_alg, token_id, key_id, key_name, owner, scopes, networks";
    let view = format!(
        "CREATE OR REPLACE VIEW public.keyctl_tokens_v1 AS SELECT {columns}, 'active'::text AS state,
         not_before, expires_at, rate, quota, labels, owner AS subject FROM token"
    );
    place.sql(&view).expect("replaced");
    let findings = keyctl::ops::stores::store::check(&mut place.open(), |_| {}).expect("check");
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert_eq!(findings[0].message, "view keyctl_tokens_v1 is not as keyctl made it");
}

/// What a dump of PostgreSQL 13 makes of them in a newer server.
#[test]
fn views_in_the_words_of_postgresql_13_are_ours_and_an_altered_one_is_not() {
    let place = Place::postgres();
    place.init();
    let replace = |view: &str, from: &str, to: &str| {
        let sql = format!(
            "DO $$ BEGIN EXECUTE 'CREATE OR REPLACE VIEW public.{view} AS ' || replace(replace(replace(
                pg_get_viewdef('public.{view}'::regclass), 'EXTRACT(epoch FROM clock_timestamp())',
                'date_part(''epoch''::text, clock_timestamp())'), '(1000)::numeric', '(1000)::double precision'),
                '{from}', '{to}'); END $$"
        );
        place.sql(&sql).expect("replaced");
    };
    let check = || keyctl::ops::stores::store::check(&mut place.open(), |_| {}).expect("check");
    for view in ["keyctl_tokens_v1", "keyctl_secrets_v1"] {
        replace(view, "nothing", "nothing");
    }
    assert_eq!(check(), [], "as a dump makes them");
    replace("keyctl_tokens_v1", "''parent_dead''::text", "''active''::text");
    let findings = check();
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert_eq!(findings[0].message, "view keyctl_tokens_v1 is not as keyctl made it");
}

#[test]
fn a_trigger_in_the_tables_on_postgresql_is_refused_by_name() {
    let place = Place::postgres();
    place.init();
    place
        .sql("CREATE FUNCTION undo() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END'; CREATE TRIGGER t BEFORE UPDATE ON key FOR EACH ROW EXECUTE FUNCTION undo()")
        .expect("planted");
    let refused = Store::open(&place.location(), Access::Change, options()).err().expect("refused");
    assert!(refused.to_string().contains("trigger t on key"), "{refused}");
}

#[test]
fn a_stopped_client_holds_the_lock_no_longer_than_ten_seconds() {
    let place = Place::postgres();
    place.init();
    let mut holder = place.env();
    let held = holder.store.change::<_, Error>(
        "nonce",
        |_| Ok(()),
        |()| {
            std::thread::sleep(Duration::from_secs(12));
            Ok(())
        },
    );
    assert!(matches!(held, Err(Error::Unknown(_) | Error::Database(_))), "the server ended it: {held:?}");
    minted(&mut place.env(), &request("alice"));
}

#[test]
fn the_wait_for_a_lock_may_be_longer_than_for_an_answer() {
    let place = Place::postgres();
    place.init();
    let name = place.database.clone().expect("a database");
    let holder = std::thread::spawn(move || {
        postgres::server()
            .psql(&name, "BEGIN; SELECT id FROM keyctl.head FOR UPDATE; SELECT pg_sleep(3); COMMIT")
            .expect("held");
    });
    std::thread::sleep(Duration::from_millis(500));
    let impatient = Options { lock_timeout: Duration::from_millis(700), ..options() };
    let mut store = Store::open(&place.location(), Access::Change, impatient).expect("opens");
    assert!(matches!(store.rehearse(|_| Ok::<_, Error>(())), Err(Error::Busy(_))));
    minted(&mut place.env(), &request("alice"));
    holder.join().expect("ended");
}

#[test]
fn the_next_host_is_tried_when_the_first_one_hangs() {
    let place = Place::postgres();
    place.init();
    // Accepts connections and never answers.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = silent.local_addr().expect("an address").port();
    let text = place.text();
    let (user, rest) = text.trim_start_matches("postgres://").split_once('@').expect("a user");
    let password = postgres::PASSWORD.replace(' ', "%20");
    let both =
        format!("postgres://{user}:{password}@127.0.0.1:{port},{rest}?target_session_attrs=read-write");
    let location = Location::parse(&both).expect("location");
    let start = std::time::Instant::now();
    Store::open(&location, Access::Change, options()).expect("the second host answers");
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
}
