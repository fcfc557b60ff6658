//! The version of a key, which makes short-lived tokens of before worthless: raised by all that takes something away,
//! once for each change, and by nothing else.

use std::collections::BTreeMap;

use crate::support::both;
use crate::support::cli::Sandbox;
use crate::support::store::Place;

/// What is typed, and the keys whose version it raises.
const CHANGES: &[(&str, &str)] = &[
    ("role set reader --scope memories:read --scope files:read --scope extra", ""),
    ("role set reader --scope memories:read --scope extra", "child ci"),
    ("role set other --scope x", ""),
    ("scope add alice/ci more", ""),
    ("scope remove alice/ci more", "child ci"),
    ("scope set alice/ci chat deploy test", ""),
    ("scope set alice/ci chat deploy", "child ci"),
    ("scope set alice/ci chat deploy", ""),
    ("edit alice/ci --label team=a", ""),
    ("edit bob/default --name main", ""),
    ("edit alice/ci --rate 10/m", "child ci"),
    ("edit alice/ci --rate none", ""),
    ("edit alice/ci --quota 10/day", "child ci"),
    ("edit alice/ci --quota none", ""),
    ("edit alice/ci --allow-ip 10.0.0.0/8", "child ci"),
    ("edit alice/ci --allow-ip any", ""),
    ("edit alice/ci --allow-jwt", ""),
    ("edit alice/ci --no-allow-jwt", "child ci"),
    ("edit alice/ci --expires 30d", "child ci"),
    ("edit alice/ci --expires never", ""),
    ("edit alice/ci --not-before 2100-01-01T00:00:00Z", "child ci"),
    ("edit alice/ci --not-before none", ""),
    ("edit alice/ci --role none", "child ci"),
    ("edit alice/ci --role reader", ""),
    ("suspend alice/ci", "child ci"),
    ("suspend alice/ci", ""),
    ("resume alice/ci", ""),
    ("rotate alice/ci --grace 1h", ""),
    // The one that was in its grace ends before it was said to.
    ("rotate alice/ci --grace 1h", "ci"),
    ("rotate alice/ci --grace 0", "ci"),
    // What was exchanged for the old one a moment ago would live for an hour.
    ("rotate alice/ci --grace 59m", "ci"),
    ("rotate alice/ci --grace 1h --expires 20d", "child ci"),
    ("owner disable alice --yes", "child ci"),
    ("owner enable alice", ""),
    ("owner set alice --quota 100/day", "child ci"),
    ("owner set alice --quota none", ""),
    ("owner set alice --subject auth0|alice", "child ci"),
    ("owner rename alice carol", ""),
    ("mint carol/more --scope chat", ""),
    ("revoke carol/child", "child"),
    ("role delete reader --from-keys --yes", "ci"),
    ("revoke carol/ci", "ci"),
    ("revoke carol/ci", ""),
    ("owner delete bob --revoke-keys --yes", "main"),
];

/// The version of each key by name.
fn versions(place: &Place) -> BTreeMap<String, i64> {
    let rows = place.sql("SELECT name, kver FROM key ORDER BY name").expect("rows");
    let row = |row: &str| {
        row.split_once('|').map(|(name, version)| (name.to_owned(), version.parse().expect("a number")))
    };
    rows.lines().filter_map(row).collect()
}

both!(all_that_takes_away_raises_the_version_of_a_key_and_nothing_else_does, |place| {
    let sandbox = Sandbox::with_store(place);
    for words in [
        "role set reader --scope memories:read --scope files:read",
        "mint alice/ci --role reader --scope chat --scope deploy",
        "mint alice/child --parent alice/ci --scope chat",
        "mint bob --scope chat",
    ] {
        sandbox.ok(&words.split(' ').collect::<Vec<_>>());
    }
    assert!(versions(&sandbox.place).values().all(|version| *version == 1));
    for (words, expected) in CHANGES {
        let before = versions(&sandbox.place);
        sandbox.ok(&words.split(' ').collect::<Vec<_>>());
        let after = versions(&sandbox.place);
        let raised: Vec<&str> = after
            .iter()
            .filter(|(name, version)| before.get(*name).is_some_and(|before| before != *version))
            .map(|(name, version)| {
                assert_eq!(*version, before[name] + 1, "{words}: {name} once");
                name.as_str()
            })
            .collect();
        // A name is another one after an edit.
        let raised: Vec<&str> = raised.into_iter().filter(|name| before.contains_key(*name)).collect();
        assert_eq!(raised.join(" "), *expected, "{words}");
        let stale = "SELECT COUNT(*) FROM token t JOIN key k ON k.id = t.key_id WHERE t.kver <> k.kver";
        assert_eq!(sandbox.place.sql(stale).expect("a count"), "0", "{words}");
        if !expected.is_empty() {
            // By this change, so that a feed of what was raised since another one is whole.
            let by = "SELECT COUNT(*) FROM keyctl_key_versions_v1 v, head h
                WHERE v.raised_seq = h.mark_counter AND v.raised_at > 0";
            let count = expected.split(' ').count().to_string();
            assert_eq!(sandbox.place.sql(by).expect("a count"), count, "{words}");
        }
    }
    sandbox.ok(&["store", "check"]);
});

both!(a_version_that_somebody_lowered_in_the_database_is_found, |place| {
    let sandbox = Sandbox::with_store(place);
    sandbox.ok(&["mint", "alice", "--scope", "chat"]);
    sandbox.ok(&["suspend", "alice"]);
    sandbox.place.sql("UPDATE key SET kver = 1").expect("lowered");
    let ran = sandbox.run(&["store", "check"]).expect_code(7);
    assert!(ran.stdout.contains("token"), "{ran:?}");
    sandbox.place.sql("UPDATE token SET kver = 1").expect("lowered, too");
    let ran = sandbox.run(&["store", "check"]).expect_code(7);
    assert!(ran.stdout.contains("version"), "{ran:?}");
});

// Whoever writes the database writes all the copies alike: the log says which version it is at least.
both!(a_version_that_was_lowered_in_every_place_is_found_by_the_audit_log, |place| {
    let sandbox = Sandbox::with_store(place);
    let run = |words: &str| drop(sandbox.ok(&words.split(' ').collect::<Vec<_>>()));
    run("role set reader --scope a --scope b");
    run("mint alice/ci --scope chat --role reader");
    run("mint alice/child --parent alice/ci --scope chat");
    // No version is the first one any more, which is told by other columns, too.
    run("suspend alice/ci");
    run("resume alice/ci");
    for (words, then, name) in [
        ("suspend alice/child", "resume alice/child", "child"),
        ("suspend alice/ci", "resume alice/ci", "child"),
        ("rotate alice/ci --grace 0", "rotate alice/ci", "ci"),
        ("role set reader --scope a", "role set reader --scope a --scope b", "ci"),
        ("owner disable alice --yes", "owner enable alice", "child"),
        ("owner rename alice carol", "owner disable carol --yes", "ci"),
        ("owner enable carol", "revoke carol/child", "child"),
    ] {
        run(words);
        run(then);
        run("store check");
        let by = |number: i64| {
            for (table, id) in [("key", "id"), ("token", "key_id")] {
                let sql = format!(
                    "UPDATE {table} SET kver = kver + {number} WHERE {id} = (SELECT k.id FROM key k WHERE k.name = '{name}')"
                );
                sandbox.place.sql(&sql).expect("changed");
            }
        };
        by(-1);
        let ran = sandbox.run(&["store", "check"]).expect_code(7);
        assert!(ran.stdout.contains("by the audit log") && ran.stdout.contains(name), "{words}: {ran:?}");
        by(1);
    }
});
