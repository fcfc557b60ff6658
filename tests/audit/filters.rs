//! Which records are listed.

use keyctl::domain::audit::filter::Filter;
use keyctl::ops;
use keyctl::ops::audit::{newest, select};

use super::{numbers, some_records};
use crate::support::both;
use crate::support::cli::Sandbox;
use crate::support::library::{minted, request};
use crate::support::postgres::USER;

both!(filters_combine_and_the_limit_counts_what_matches, |place| {
    let on_postgres = place.database.is_some();
    let sandbox = Sandbox::with_store(place);
    let token = sandbox.ok(&["mint", "alice", "--scope", "m"]);
    sandbox.ok(&["revoke", "alice"]);
    let mut by_bot = sandbox.command(&["mint", "bob", "--scope", "m"]);
    by_bot.env("KEYCTL_ACTOR", "bot \"7\" 50%_");
    crate::support::cli::finish(by_bot, b"").expect_code(0);
    sandbox.run(&["mint", "bob", "--scope", "m", "--name", "default"]).expect_code(4);
    let id = sandbox.json(&["show", "alice"])["id"].as_str().unwrap().to_owned();
    let os_user = sandbox.json(&["audit", "list", "--limit", "1"])[0]["record"]["actor"]["os_user"].clone();
    let os_user = os_user.as_str().unwrap();
    let table: &[(&[&str], &[u64])] = &[
        (&[], &[1, 2, 3, 4, 5]),
        (&["--owner", "alice"], &[2, 3]),
        (&["--owner", "alice", "--action", "revoke"], &[3]),
        (&["--owner", "alic"], &[]),
        (&["--owner", "carol"], &[]),
        (&["--key", &id], &[2, 3]),
        (&["--key", "alice/default"], &[2, 3]),
        (&["--key", &token[..16]], &[2, 3]),
        (&["--key", "bob"], &[4, 5]),
        (&["--key", "bob", "--outcome", "done"], &[4]),
        (&["--action", "mint"], &[2, 4, 5]),
        (&["--action", "store"], &[1]),
        (&["--action", "store.init"], &[1]),
        (&["--action", "stor"], &[]),
        (&["--action", "min"], &[]),
        (&["--outcome", "refused"], &[5]),
        (&["--actor", "bot \"7\" 50%_"], &[4]),
        (&["--actor", "bot \"7\" 50xx"], &[]),
        (&["--actor", os_user], &[1, 2, 3, 5]),
        (&["--actor", USER], if on_postgres { &[1, 2, 3, 4, 5] } else { &[] }),
        (&["--since", "1h"], &[1, 2, 3, 4, 5]),
        (&["--since", "2099-01-01T00:00:00Z"], &[]),
        (&["--since", "1h", "--action", "mint", "--outcome", "done", "--owner", "bob"], &[4]),
        (&["--limit", "2"], &[4, 5]),
        (&["--limit", "2", "--action", "mint"], &[4, 5]),
        (&["--limit", "1", "--owner", "alice"], &[3]),
        (&["--limit", "9", "--owner", "alice"], &[2, 3]),
        (&["--limit", "0", "--owner", "alice"], &[2, 3]),
    ];
    for (words, expected) in table {
        // The account that runs the tests may have the name of the database's.
        if words.contains(&USER) && os_user == USER {
            continue;
        }
        let ran = sandbox.run(&[&["audit", "list", "-o", "jsonl"], *words].concat()).expect_code(0);
        assert_eq!(numbers(&ran.stdout), *expected, "{words:?}");
        assert_eq!(ran.stderr.contains("no records with --"), expected.is_empty(), "{words:?}: {ran:?}");
    }
});

both!(since_begins_with_the_moment_itself, |place| {
    let sandbox = Sandbox::with_store(place);
    some_records(&sandbox);
    let records = sandbox.json(&["audit", "list"]);
    let at = |index: usize| records[index]["record"]["at"].as_str().unwrap().to_owned();
    let since = |moment: &str| numbers(&sandbox.ok(&["audit", "list", "-o", "jsonl", "--since", moment]));
    // Records of one millisecond stand together.
    let first = (0..5).find(|index| at(*index) == at(3)).unwrap() as u64 + 1;
    assert_eq!(since(&at(3)), (first..=5).collect::<Vec<_>>());
    let elsewhere = at(3).replace('Z', "+00:00");
    assert_eq!(since(&elsewhere), (first..=5).collect::<Vec<_>>());
});

both!(a_filter_walks_a_long_log_in_parts_and_over_gaps, |place| {
    place.init();
    let mut env = place.env();
    for owner in ["alice", "bob"] {
        minted(&mut env, &request(owner));
    }
    drop(env);
    // As an administrator could: many, and one far away.
    place
        .sql(
            "INSERT INTO audit (seq, body, hash) SELECT 3 + 1000 * a.n + 100 * b.n + 10 * c.n + d.n,
                (SELECT body FROM audit WHERE seq = 2), (SELECT hash FROM audit WHERE seq = 2)
             FROM (SELECT 1 n UNION SELECT 2 UNION SELECT 3) a,
                (SELECT 0 n UNION SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4) b,
                (SELECT 0 n UNION SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4) c,
                (SELECT 0 n UNION SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4) d;
             INSERT INTO audit (seq, body, hash) SELECT 9000000000000000000, body, hash FROM audit WHERE seq = 3",
        )
        .expect("inserted");
    let mut store = place.open();
    let last = store.audit_last().expect("read");
    let of = |owner: &str| Filter { owner: owner.parse().ok(), ..Filter::default() };
    let mut count = |filter: &Filter, after: u64| {
        let mut found = 0;
        select::<ops::Error>(&mut store, filter, after, last, |_| {
            found += 1;
            Ok(())
        })
        .expect("read");
        found
    };
    assert_eq!(count(&Filter::default(), 0), 3 + 375 + 1);
    assert_eq!(count(&of("alice"), 0), 1 + 375);
    assert_eq!(count(&of("bob"), 0), 2);
    let mut store = place.open();
    for (wanted, expected) in [(1, 1), (100, 100), (376, 376), (400, 376)] {
        let after = newest(&mut store, &of("alice"), wanted, last).expect("read");
        assert_eq!(count(&of("alice"), after), expected, "the newest {wanted}");
    }
    assert_eq!(newest(&mut store, &of("bob"), 1, last).expect("read"), last - 1);
    assert_eq!(newest(&mut store, &of("bob"), 2, last).expect("read"), 2);
});

both!(imported_keys_find_the_record_of_their_import, |place| {
    let on_postgres = place.database.is_some();
    let sandbox = Sandbox::with_store(place);
    sandbox.ok(&["mint", "alice", "--scope", "m"]);
    let hash = |number: u32| format!("{number:064x}");
    let rows = |numbers: std::ops::Range<u32>, owner: &str| -> String {
        numbers.map(|number| format!("{},{owner},n{number}\n", hash(number))).collect()
    };
    let import = |rows: String| {
        sandbox.feed(&["import", "csv", "-"], &format!("hash,owner,name\n{rows}")).expect_code(0);
    };
    import(rows(1..4, "alice") + &rows(4..6, "bob"));
    import(rows(6..8, "carol"));
    // More than one transaction; the last has dave's.
    import(rows(8..1010, "erin") + &rows(1010..1012, "dave"));
    sandbox.ok(&["revoke", "alice/n2"]);
    let table: &[(&[&str], &[u64])] = &[
        (&["--key", "alice/n1"], &[3]),
        (&["--key", "alice/n2"], &[3, 7]),
        (&["--key", "alice/default"], &[2]),
        (&["--key", "bob/n5"], &[3]),
        (&["--key", "carol/n6"], &[4]),
        (&["--key", "erin/n8"], &[5]),
        (&["--key", "dave/n1011"], &[6]),
        (&["--owner", "alice"], &[2, 3, 7]),
        (&["--owner", "bob"], &[3]),
        (&["--owner", "carol"], &[4]),
        (&["--owner", "erin"], &[5, 6]),
        (&["--owner", "dave"], &[6]),
        (&["--owner", "nobody"], &[]),
        (&["--owner", "bob", "--key", "bob/n4"], &[3]),
        (&["--owner", "carol", "--key", "bob/n4"], &[]),
        (&["--owner", "bob", "--action", "import"], &[3]),
        (&["--owner", "bob", "--action", "mint"], &[]),
        (&["--owner", "bob", "--outcome", "refused"], &[]),
        (&["--owner", "alice", "--limit", "2"], &[3, 7]),
        (&["--owner", "bob", "--limit", "1"], &[3]),
        (&["--owner", "bob", "--since", "2099-01-01T00:00:00Z"], &[]),
    ];
    for (words, expected) in table {
        let ran = sandbox.run(&[&["audit", "list", "-o", "jsonl"], *words].concat()).expect_code(0);
        assert_eq!(numbers(&ran.stdout), *expected, "{words:?}, on PostgreSQL: {on_postgres}");
    }
    let exported = sandbox.ok(&["audit", "export", "--owner", "bob"]);
    assert_eq!(exported.lines().count(), 1, "{exported}");
    assert!(exported.contains("\"seq\":3"), "{exported}");
});
