//! What half-typed words may become.

use keyctl::domain::keys::key::State;
use keyctl::domain::keys::key_ref::KeyRef;
use keyctl::ops::keys::mint::Request;
use keyctl::ops::keys::revoke::revoke;
use keyctl::store::{Access, Candidate, MOST_CANDIDATES, Store};

use crate::support::both;
use crate::support::library::{minted, request, rotated};
use crate::support::store::options;

fn written(found: &[Candidate]) -> Vec<&str> {
    found.iter().map(|candidate| candidate.written.as_str()).collect()
}

both!(keys_are_found_by_the_beginning_of_every_way_to_name_them, |place| {
    place.init();
    let mut env = place.env();
    let named = |owner: &str, name: &str| Request { name: name.parse().ok(), ..request(owner) };
    let (ci, _) = minted(&mut env, &named("alice", "ci"));
    let (gone, _) = minted(&mut env, &Request { expiry: "never".parse().ok(), ..named("alice", "default") });
    minted(&mut env, &named("alice-2", "default"));
    minted(&mut env, &named("bob@example.org", "ci"));
    let (new, _) = rotated(&mut env, &ci, "1h", None);
    revoke(&mut env, &[KeyRef::Id(gone.id)], None).expect("revoked");
    let mut store = Store::open(&place.location(), Access::Glance, options()).expect("opens");
    let mut keys = |word: &str| store.key_candidates(word).expect("reads");
    for (word, expected) in [
        ("ali", vec!["alice/ci", "alice-2/default"]),
        ("alice/", vec!["alice/ci"]),
        ("alice/d", vec![]),
        ("bob@", vec!["bob@example.org/ci"]),
        ("", vec!["alice/ci", "alice-2/default", "bob@example.org/ci"]),
        ("%", vec![]),
        ("_", vec![]),
    ] {
        assert_eq!(written(&keys(word)), expected, "{word}");
    }
    let by_id = keys(&gone.id.to_string()[..29]);
    assert_eq!(written(&by_id), [gone.id.to_string()]);
    assert_eq!((by_id[0].name.as_str(), by_id[0].state), ("alice/default", State::Revoked));
    assert_eq!(keys("key_").len(), 4);
    // Both tokens of a rotated key lead to it.
    let prefixes = [&ci, &new].map(|key| key.token_prefix().expect("a token").as_str());
    for prefix in prefixes {
        let found = keys(&prefix[..9]);
        assert!(written(&found).contains(&prefix), "{found:?}");
        assert_eq!((found[0].name.as_str(), found[0].expires_at), ("alice/ci", new.expires_at));
    }
    assert_eq!(keys("sks_").len(), 5);
    assert_eq!(keys("acme_").len(), 0);
    assert_eq!(store.owner_candidates("a").expect("reads"), ["alice", "alice-2"]);
});

both!(of_many_candidates_the_first_and_the_last_are_found, |place| {
    place.init();
    let mut env = place.env();
    for number in 0..MOST_CANDIDATES + 5 {
        minted(&mut env, &request(&format!("many-{number:04}")));
    }
    let mut store = env.store;
    for (prefix, first, last) in [
        ("", "many-0000", "many-0204"),
        ("many-0", "many-0000", "many-0204"),
        ("many-01", "many-0100", "many-0199"),
    ] {
        let owners = store.owner_candidates(prefix).expect("reads");
        let keys = store.key_candidates(prefix).expect("reads");
        for found in [owners.len(), keys.len()] {
            assert_eq!(found, if prefix == "many-01" { 100 } else { MOST_CANDIDATES as usize + 1 });
        }
        assert_eq!((owners[0].as_str(), owners.last().map(String::as_str)), (first, Some(last)));
        let keys = written(&keys);
        assert!(keys[0].starts_with(first) && keys.last().unwrap().starts_with(last), "{keys:?}");
    }
});

/// Another tool may have removed the files that stand beside a SQLite database.
#[test]
fn a_glance_makes_no_file_beside_the_database() {
    let place = crate::support::store::Place::sqlite();
    place.init();
    minted(&mut place.env(), &request("alice"));
    let files = || {
        let entries = std::fs::read_dir(place.folder.path()).expect("folder");
        let mut names: Vec<_> = entries.map(|entry| entry.expect("entry").file_name()).collect();
        names.sort();
        names
    };
    let glance = || {
        let mut store = Store::open(&place.location(), Access::Glance, options()).expect("opens");
        store.owner_candidates("").expect("reads")
    };
    assert_eq!((files().len(), glance()), (3, vec!["alice".to_owned()]));
    // An ordinary session moves the log into the file and removes it.
    place.sql("PRAGMA wal_checkpoint(TRUNCATE)").expect("moved");
    for suffix in ["-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{suffix}", place.file().display()));
    }
    assert_eq!((glance(), files().len()), (vec!["alice".to_owned()], 1));
}
