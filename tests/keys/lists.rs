//! Lists: orders, pages, and the indexes behind them.

use keyctl::domain::keys::key_ref::KeyRef;
use keyctl::ops::keys::list::list;
use keyctl::ops::keys::mint::Request;
use keyctl::ops::keys::revoke::revoke;
use keyctl::store::{Cursor, Order, Page, Store};

use crate::support::both;
use crate::support::library::{minted, request};
use crate::support::store::Place;

fn names(store: &mut Store, page: &Page, limit: Option<u32>) -> (Vec<String>, Option<Cursor>, bool) {
    let (mut names, mut last) = (Vec::new(), None);
    let more = list::<keyctl::ops::Error>(store, page.clone(), limit, |key| {
        names.push(format!("{}/{}", key.owner, key.name));
        last = Some(Cursor::from(key));
        Ok(())
    });
    (names, last, more.expect("listed"))
}

fn filled(place: &Place) -> Store {
    place.init();
    let mut env = place.env();
    let keys = [("carol", "never"), ("alice", "3d"), ("bob", "1d"), ("alice", "2d"), ("bob", "never")];
    for (number, (owner, expires)) in (0..).zip(keys) {
        let name = format!("k{number}").parse().expect("name");
        let wanted =
            Request { name: Some(name), expiry: Some(expires.parse().expect("expiry")), ..request(owner) };
        let (key, _) = minted(&mut env, &wanted);
        // Ids of the same millisecond have no order among them.
        std::thread::sleep(std::time::Duration::from_millis(2));
        if number == 2 {
            revoke(&mut env, &[KeyRef::Id(key.id)], None).expect("revoked");
        }
    }
    env.store
}

fn orders() -> [(Order, [&'static str; 5]); 3] {
    [
        (Order::Created, ["bob/k4", "alice/k3", "bob/k2", "alice/k1", "carol/k0"]),
        (Order::Name, ["alice/k1", "alice/k3", "bob/k2", "bob/k4", "carol/k0"]),
        (Order::Expiry, ["bob/k2", "alice/k3", "alice/k1", "carol/k0", "bob/k4"]),
    ]
}

both!(every_order_lists_live_keys_or_all, |place| {
    let mut store = filled(&place);
    for (order, expected) in orders() {
        let all = Page { all: true, order, ..Page::default() };
        assert_eq!(names(&mut store, &all, None).0, expected, "{order:?}");
        let live: Vec<&str> = expected.into_iter().filter(|name| *name != "bob/k2").collect();
        assert_eq!(names(&mut store, &Page { order, ..Page::default() }, None).0, live, "{order:?}");
    }
});

both!(pages_joined_at_their_cursors_are_the_whole_list, |place| {
    let mut store = filled(&place);
    for (order, expected) in orders() {
        let mut page = Page { all: true, order, ..Page::default() };
        let mut joined = Vec::new();
        loop {
            let (names, last, more) = names(&mut store, &page, Some(2));
            joined.extend(names);
            page.after = last;
            if !more {
                break;
            }
        }
        assert_eq!(joined, expected, "{order:?}");
    }
});

both!(an_owners_keys_are_filtered_literally, |place| {
    let mut store = filled(&place);
    let owned = |owner: &str| Page { owner: owner.parse().ok(), order: Order::Name, ..Page::default() };
    assert_eq!(names(&mut store, &owned("alice"), None).0, ["alice/k1", "alice/k3"]);
    assert_eq!(names(&mut store, &owned("al_ce"), None).0, Vec::<String>::new());
});

both!(a_list_longer_than_a_page_is_read_to_its_end, |place| {
    place.init();
    let mut env = place.env();
    for number in 0..501 {
        let name = Some(format!("k{number:03}").parse().expect("name"));
        minted(&mut env, &Request { name, ..request("alice") });
    }
    let page = Page { order: Order::Name, ..Page::default() };
    let (all, _, more) = names(&mut env.store, &page, None);
    assert_eq!((all.len(), more), (501, false));
    assert_eq!(all.last().map(String::as_str), Some("alice/k500"));
    let (first, _, more) = names(&mut env.store, &page, Some(500));
    assert_eq!((first.len(), more), (500, true));
});

/// With scans and sorts priced out, PostgreSQL's plan shows one only where no index serves.
/// The server logs the plans; the SQLite half stands beside the statements themselves.
#[test]
fn no_plan_on_postgresql_scans_or_sorts() {
    let place = Place::postgres();
    let name = place.database.clone().expect("a database");
    let mut store = filled(&place);
    drop(store);
    let server = crate::support::postgres::server();
    for setting in [
        "session_preload_libraries = 'auto_explain'",
        "auto_explain.log_min_duration = 0",
        "enable_seqscan = off",
        "enable_sort = off",
        "enable_incremental_sort = off",
        "enable_bitmapscan = off",
    ] {
        server.psql("postgres", &format!("ALTER DATABASE {name} SET {setting}")).expect("set");
    }
    store = place.open();
    for order in [Order::Created, Order::Name, Order::Expiry] {
        for all in [false, true] {
            for owner in [None, "alice".parse().ok()] {
                if owner.is_some() && order == Order::Expiry {
                    continue; // One owner's keys have no index by expiry.
                }
                let mut page = Page { owner, all, order, ..Page::default() };
                page.after = names(&mut store, &page, Some(1)).1;
                names(&mut store, &page, Some(1));
            }
        }
    }
    let log = std::fs::read_to_string(server.folder.join("log")).expect("the server's log");
    // An entry goes on in lines that start with a tab.
    let entries = log.replace("\n\t", "\t");
    let plans: Vec<&str> = entries
        .lines()
        .filter(|line| line.starts_with(&format!("[{name}] ")) && line.contains("plan:"))
        .collect();
    assert!(plans.iter().filter(|plan| plan.contains("FROM keyctl.key k ")).count() >= 20, "{plans:#?}");
    for plan in plans {
        let sorts = plan.contains("->  Sort") || plan.contains("Incremental Sort");
        let scans = ["key", "token"].iter().any(|table| plan.contains(&format!("Seq Scan on {table}")));
        assert!(!sorts && !scans, "{plan}");
    }
}
