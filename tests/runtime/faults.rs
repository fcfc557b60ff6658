//! Whose fault it is: a store that cannot be trusted or read is never a client's mistake.

use std::process::Command;
use std::time::{Duration, Instant};
use std::{fs, thread};

use keyctl::domain::keys::foreign::ForeignToken;
use keyctl::runtime::{Asked, Options, Reader};

use super::{address, ask, reader, token, word};
use crate::support::store::Place;
use crate::support::{both, postgres};

/// Puts a view with other contents in the place of one.
fn alter_view(place: &Place, view: &str, old: &str, new: &str) {
    let (file, prefix) = match place.database {
        None => ("sqlite", "CREATE VIEW "),
        Some(_) => ("postgres", "CREATE VIEW public."),
    };
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store/migrations");
    let mut files: Vec<_> =
        fs::read_dir(folder).expect("folder").map(|entry| entry.expect("entry").path()).collect();
    files.sort();
    let texts = files.iter().filter(|path| path.to_string_lossy().ends_with(&format!(".{file}.sql")));
    let all: String = texts.map(|path| fs::read_to_string(path).expect("migration") + "\n").collect();
    let all = all.replace("CREATE OR REPLACE VIEW", "CREATE VIEW");
    let start = all.rfind(&format!("{prefix}{view} AS")).expect("the view");
    let body = &all[start..];
    let body = &body[..body.find(';').expect("its end")];
    assert!(body.contains(old), "{body}");
    place.sql(&format!("DROP VIEW {view}; {}", body.replace(old, new))).expect("altered");
}

both!(views_of_another_version_are_refused, |place| {
    place.init();
    let token = token(&place, "one");
    let running = reader(&place);
    assert_eq!(ask(&running, &token), "allowed");
    let (old, new) = if place.database.is_some() {
        ("THEN 1 ELSE", "THEN 2 ELSE")
    } else {
        ("NULL THEN 1 ELSE", "NULL THEN 2 ELSE")
    };
    alter_view(&place, "keyctl_store_v1", old, new);
    let opened = Reader::open(&address(&place), Options::default()).err().expect("refused");
    assert_eq!(opened.fault.as_str(), "view_version");
    thread::sleep(Duration::from_millis(5100));
    assert_eq!(ask(&running, &token), "STORE_UNAVAILABLE view_version");
});

both!(an_unknown_state_is_refused, |place| {
    place.init();
    let token = token(&place, "one");
    alter_view(&place, "keyctl_tokens_v1", "'active'", "'sleeping'");
    assert_eq!(ask(&reader(&place), &token), "STORE_UNAVAILABLE state");
});

both!(an_unknown_algorithm_is_refused, |place| {
    place.init();
    let token = token(&place, "one");
    alter_view(&place, "keyctl_tokens_v1", "hash_alg,", "'md5' AS hash_alg,");
    assert_eq!(ask(&reader(&place), &token), "STORE_UNAVAILABLE hash_alg");
});

both!(a_cell_that_no_keyctl_wrote_is_refused, |place| {
    place.init();
    let token = token(&place, "one");
    place.sql("UPDATE token SET scopes = 'memories'").expect("altered");
    assert_eq!(ask(&reader(&place), &token), "STORE_UNAVAILABLE row");
});

both!(another_store_in_the_place_of_the_first_is_refused, |place| {
    place.init();
    let token = token(&place, "one");
    let running = reader(&place);
    assert_eq!(ask(&running, &token), "allowed");
    let other = if place.database.is_some() { Place::postgres() } else { Place::sqlite() };
    other.init();
    swap(&place, &other);
    thread::sleep(Duration::from_millis(5100));
    assert_eq!(ask(&running, &token), "STORE_UNAVAILABLE swapped");
    assert_eq!(ask(&reader(&place), &token), "UNAUTHORIZED unknown", "a new reader takes what is there");
});

pub fn swap(place: &Place, other: &Place) {
    match (&place.database, &other.database) {
        (Some(one), Some(two)) => {
            // Nobody comes back between the two.
            let sql = format!(
                "ALTER DATABASE {one} ALLOW_CONNECTIONS false; ALTER DATABASE {two} ALLOW_CONNECTIONS false;
                 SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname IN ('{one}', '{two}');
                 ALTER DATABASE {one} RENAME TO {one}_away; ALTER DATABASE {two} RENAME TO {one};
                 ALTER DATABASE {one} ALLOW_CONNECTIONS true"
            );
            postgres::server().psql("postgres", &sql).expect("swapped");
        }
        _ => {
            for suffix in ["", "-wal", "-shm"] {
                let [from, to] = [other, place].map(|place| place.file().display().to_string() + suffix);
                let _ = fs::remove_file(&to);
                let moved = fs::rename(from, to);
                assert!(moved.is_ok() || !suffix.is_empty(), "{moved:?}");
            }
        }
    }
}

/// The backend that serves the reader is stopped, as if the server hung.
#[test]
fn a_database_that_hangs_is_a_timeout_and_what_is_kept_stays_good() {
    let place = Place::postgres();
    place.init();
    let known = token(&place, "one");
    let options = Options { connections: 1, ..Options::default() };
    let reader = Reader::open(&address(&place), options).expect("opens");
    assert_eq!(ask(&reader, &known), "allowed");
    let name = place.database.clone().expect("a database");
    let pids = format!("SELECT pid FROM pg_stat_activity WHERE datname = '{name}'");
    let pid = postgres::server().psql("postgres", &pids).expect("a backend");
    let signal = |name: &str| {
        assert!(Command::new("kill").args([name, &pid]).status().expect("kill").success());
    };
    signal("-STOP");
    let start = Instant::now();
    let answer = thread::scope(|scope| {
        let hangs = scope.spawn(|| word(reader.verify(UNKNOWN, &Asked::default())));
        thread::sleep(Duration::from_millis(200));
        assert_eq!(ask(&reader, &known), "allowed");
        hangs.join().expect("answers")
    });
    assert_eq!(answer, "STORE_UNAVAILABLE timeout");
    assert!(start.elapsed() < Duration::from_secs(4), "{:?}", start.elapsed());
    signal("-CONT");
    assert_eq!(word(reader.verify(UNKNOWN, &Asked::default())), "UNAUTHORIZED unknown");
}

pub const UNKNOWN: &str = "sks_000000000000_00000000000000000000000000000000000000000003ZqZmM";

/// Somebody holds the lock that every look-up waits for.
#[test]
fn who_gets_no_connection_in_time_is_told_that_the_pool_is_exhausted() {
    let place = Place::postgres();
    place.init();
    let options = Options { connections: 1, ..Options::default() };
    let reader = Reader::open(&address(&place), options).expect("opens");
    let name = place.database.as_deref().expect("a database");
    let lock = "BEGIN; LOCK TABLE keyctl.head IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(6)";
    let answers = thread::scope(|scope| {
        scope.spawn(|| postgres::server().psql(name, lock).expect("locked"));
        thread::sleep(Duration::from_millis(700));
        let texts = [
            UNKNOWN,
            "sks_4fTq9ZkPw2Xa_V24MWaMOt9xqkx6uRTOIOpVcS2MMOEFL2ACdhsHO2Kk4Qq3FA",
            "A1b2C3d4E5f6G7h8I9j0K1l2M3n4",
        ];
        let asked = texts.map(|text| {
            let reader = &reader;
            let asking = scope.spawn(move || word(reader.verify(text, &Asked::default())));
            thread::sleep(Duration::from_millis(150));
            asking
        });
        asked.map(|asked| asked.join().expect("answers"))
    });
    assert_eq!(answers[0], "STORE_UNAVAILABLE timeout");
    assert!(answers[1..].contains(&"STORE_UNAVAILABLE pool".to_owned()), "{answers:?}");
}

both!(a_text_that_is_no_token_is_a_client_s_mistake, |place| {
    place.init();
    let reader = reader(&place);
    let long = "x".repeat(2 * 1024 * 1024);
    for text in ["", "x", " ", "sks_\0", "sks_4fTq9ZkPw2Xa", "Bearer x", "ключ", long.as_str()] {
        let start = Instant::now();
        assert_eq!(word(reader.verify(text, &Asked::default())), "UNAUTHORIZED malformed");
        assert!(start.elapsed() < Duration::from_millis(500));
    }
    let (_, made) =
        crate::support::library::minted(&mut place.env(), &crate::support::library::request("alice"));
    let hash = place.sql("SELECT token_hash FROM keyctl_tokens_v1").expect("a row");
    assert!(ForeignToken::parse(&hash).is_ok());
    assert_eq!(word(reader.verify(&hash, &Asked::default())), "UNAUTHORIZED malformed", "a stored hash");
    assert_eq!(ask(&reader, &made), "allowed");
});

/// A reader in a service that runs on tokio, where another runtime may not be waited for.
#[test]
fn a_reader_works_and_ends_inside_a_runtime() {
    for place in [Place::sqlite(), Place::postgres()] {
        place.init();
        let token = token(&place, "one");
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(async {
            let reader = reader(&place);
            let asked = Asked::default();
            assert_eq!(ask(&reader, &token), "allowed");
            let fresh = super::reader(&place);
            assert_eq!(word(fresh.verify_async(token.expose(), &asked).await), "allowed");
            assert_eq!(word(fresh.verify_async(token.expose(), &asked).await), "allowed");
        });
    }
}
