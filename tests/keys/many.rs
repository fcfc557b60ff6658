//! Stores of more keys than are looked at unasked.

use std::fmt::Write as _;

use keyctl::store::{Cursor, Filter, Order, Page, Store};

use crate::support::both;
use crate::support::cli::Sandbox;

/// More than are counted, and more with one label than are read from its index in any order.
const KEYS: usize = 5_200;

/// Every key is of team a or, every thousandth, b; every tenth has a tier.
fn imported(sandbox: &Sandbox) {
    let mut csv = String::from("hash,owner,name,scopes,labels\n");
    for number in 0..KEYS {
        let team = if number % 1000 == 999 { "b" } else { "a" };
        let tier = if number % 10 == 0 { ";tier=1" } else { "" };
        writeln!(csv, "{number:064x},owner-{:02},k{number:05},m,team={team}{tier}", number % 90)
            .expect("written");
    }
    std::fs::write(sandbox.home().join("keys.csv"), csv).expect("a file");
    sandbox.ok(&["import", "csv", "keys.csv"]);
}

/// All pages of a list, by name.
fn names(store: &mut Store, page: &Page) -> Vec<String> {
    let (mut page, mut names) = (Page { limit: 700, ..page.clone() }, Vec::new());
    loop {
        let keys = store.keys(&page).expect("a page");
        names.extend(keys.iter().map(|key| key.name.to_string()));
        match keys.last() {
            Some(last) if keys.len() == 700 => page.after = Some(Cursor::from(last)),
            _ => return names,
        }
    }
}

both!(a_list_by_labels_is_that_part_of_the_whole_list, |place| {
    let sandbox = Sandbox::with_store(place);
    imported(&sandbox);
    sandbox.ok(&["revoke", "owner-07/k00007"]);
    sandbox.ok(&["edit", "owner-08/k00008", "--label", "team=b"]);
    sandbox.ok(&["edit", "owner-09/k00999", "--label", "team-", "--label", "new=1"]);
    sandbox.ok(&["rotate", "owner-19/k01999"]);
    let mut store = sandbox.place.open();
    let label = |text: &str| {
        let (name, value) =
            text.split_once('=').map_or((text, None), |(name, value)| (name, Some(value.to_owned())));
        (name.to_owned(), value)
    };
    for labels in [
        &["team=a"][..],
        &["team=b"],
        &["team"],
        &["tier=1"],
        &["tier"],
        &["new"],
        &["team=c"],
        &["none"],
        &["team=a", "tier"],
        &["tier=1", "team=b"],
    ] {
        let labels: Vec<_> = labels.iter().map(|text| label(text)).collect();
        for (order, all, owner) in [
            (Order::Created, false, None),
            (Order::Created, true, None),
            (Order::Name, false, None),
            (Order::Expiry, true, None),
            (Order::Created, false, "owner-08".parse().ok()),
        ] {
            let whole = Page { order, all, owner, limit: 700, ..Page::default() };
            let mut expected = Vec::new();
            let mut page = whole.clone();
            loop {
                let keys = store.keys(&page).expect("a page");
                expected.extend(
                    keys.iter()
                        .filter(|key| {
                            labels.iter().all(|(name, value)| {
                                key.labels.iter().any(|(has, is)| {
                                    has == name && value.as_ref().is_none_or(|value| value == is)
                                })
                            })
                        })
                        .map(|key| key.name.to_string()),
                );
                match keys.last() {
                    Some(last) if keys.len() == 700 => page.after = Some(Cursor::from(last)),
                    _ => break,
                }
            }
            let filtered = Page { filter: Filter { labels: labels.clone(), ..Filter::default() }, ..whole };
            assert_eq!(names(&mut store, &filtered), expected, "{labels:?} {order:?}");
            assert_eq!(store.count(&filtered).expect("counted").keys, expected.len() as u64, "{labels:?}");
        }
    }
    drop(store);
    sandbox.ok(&["store", "check"]);
    sandbox
        .place
        .sql("UPDATE key_label SET value = 'x' WHERE value = 'b'; DELETE FROM key_label WHERE name = 'new'")
        .expect("written");
    let ran = sandbox.run(&["store", "check", "-o", "json"]).expect_code(7);
    assert!(ran.stdout.contains("is not found by all of its labels"), "{}", ran.stdout);
    assert!(ran.stdout.contains("labels, and are found by"), "{}", ran.stdout);
});

both!(what_there_is_much_of_is_counted_only_when_asked_for, |place| {
    let sandbox = Sandbox::with_store(place);
    imported(&sandbox);
    sandbox.ok(&["revoke", "owner-07/k00007"]);
    let ran = sandbox.run(&["store", "status", "-o", "json"]).expect_code(0);
    let status: serde_json::Value = serde_json::from_str(&ran.stdout).expect("JSON");
    for (name, value) in [("live_keys", None), ("revoked_keys", None), ("tokens", None), ("owners", Some(90))]
    {
        assert_eq!(status[name].as_u64(), value, "{name}");
    }
    assert!(ran.stderr.contains("more than 2000") && ran.stderr.contains("--count"), "{}", ran.stderr);
    let status = sandbox.json(&["store", "status", "--count"]);
    for (name, value) in [("live_keys", 5199), ("revoked_keys", 1), ("tokens", 5200), ("owners", 90)] {
        assert_eq!(status[name].as_u64(), Some(value), "{name}");
    }
});
