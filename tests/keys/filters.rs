//! What a list shows: the same keys that the domain would choose, one by one.

use keyctl::domain::keys::key::State;
use keyctl::domain::keys::key_ref::KeyRef;
use keyctl::domain::keys::label::Labels;
use keyctl::domain::keys::scope::Scopes;
use keyctl::domain::time::{Span, Timestamp};
use keyctl::ops::env::Env;
use keyctl::ops::keys::mint::Request;
use keyctl::ops::keys::revoke::revoke;
use keyctl::ops::keys::suspend::suspend;
use keyctl::ops::owners::{owner, role};
use keyctl::store::{Filter, Order, Page};

use crate::support::both;
use crate::support::library::{minted, request};
use crate::support::store::Place;

/// So many milliseconds later.
fn later(time: Timestamp, millis: i64) -> Option<Timestamp> {
    Timestamp::from_millis(time.as_millis() + millis)
}

fn millis(span: &str) -> i64 {
    span.parse::<Span>().expect("a span").as_secs() * 1000
}

/// One key of each state, and some that differ in what they may do.
fn filled(place: &Place) -> Env {
    place.init();
    let mut env = place.env();
    let named = |name: &str| Request { name: name.parse().ok(), ..request("alice") };
    let id = |key: &keyctl::domain::keys::key::Key| [KeyRef::Id(key.id)];
    let later = Timestamp::parse("2199-01-01T00:00:00Z").expect("time");
    let never = "never".parse().ok();
    minted(&mut env, &Request { expiry: "1s".parse().ok(), ..named("expired") });
    let (parent, _) = minted(&mut env, &Request { expiry: "3d".parse().ok(), ..named("parent") });
    let (suspended, _) = minted(&mut env, &Request { expiry: "1d".parse().ok(), ..named("suspended") });
    minted(&mut env, &Request { not_before: Some(later), expiry: never, ..named("later") });
    let (revoked, _) = minted(&mut env, &named("revoked"));
    minted(
        &mut env,
        &Request { name: "child".parse().ok(), parent: Some(KeyRef::Id(suspended.id)), ..request("bob") },
    );
    minted(&mut env, &Request { name: "disabled".parse().ok(), ..request("carol") });
    minted(
        &mut env,
        &Request { name: "living".parse().ok(), parent: Some(KeyRef::Id(parent.id)), ..request("dave") },
    );
    suspend(&mut env, &id(&suspended), None).expect("suspended");
    revoke(&mut env, &id(&revoked), None).expect("revoked");
    owner::disable(&mut env, &"carol".parse().expect("owner"), None).expect("disabled");
    std::thread::sleep(std::time::Duration::from_millis(1100));
    env
}

fn names(env: &mut Env, all: bool, filter: Filter) -> Vec<String> {
    let page = Page { all, filter, order: Order::Name, limit: 100, ..Page::default() };
    env.store.keys(&page).expect("read").iter().map(|key| key.name.to_string()).collect()
}

both!(the_state_of_the_query_is_the_state_of_the_domain, |place| {
    let mut env = filled(&place);
    let now = env.store.now().expect("now");
    let everything = Page { all: true, limit: 100, order: Order::Name, ..Page::default() };
    let keys = env.store.keys(&everything).expect("read");
    let mut seen = Vec::new();
    for state in State::ALL {
        let wanted: Vec<String> =
            keys.iter().filter(|key| key.state(now) == state).map(|key| key.name.to_string()).collect();
        let filter = Filter { now: Some(now), states: vec![state], ..Filter::default() };
        assert_eq!(names(&mut env, true, filter), wanted, "{state}");
        assert!(!wanted.is_empty(), "no key is {state}");
        seen.extend(wanted);
    }
    assert_eq!(seen.len(), keys.len());
});

both!(what_ends_soon_works_now, |place| {
    let mut env = filled(&place);
    let now = env.store.now().expect("now");
    let within = |text: &str| Filter {
        now: Some(now),
        expiring_before: later(now, millis(text)),
        ..Filter::default()
    };
    // "suspended" ends earlier and "expired" ended; neither works.
    assert_eq!(names(&mut env, false, within("7d")), ["parent", "living"]);
    assert_eq!(names(&mut env, false, within("2d")), Vec::<String>::new());
});

both!(what_is_unused_or_new_is_told_by_its_times, |place| {
    let mut env = filled(&place);
    let now = env.store.now().expect("now");
    let unused = |text: &str| Filter { unused_since: later(now, -millis(text)), ..Filter::default() };
    assert_eq!(names(&mut env, false, unused("1h")), Vec::<String>::new());
    place.sql("UPDATE key SET created_at = 1 WHERE name IN ('parent', 'suspended')").expect("aged");
    assert_eq!(names(&mut env, false, unused("1h")), ["parent", "suspended"]);
    for (last, names_unused) in [
        ("5", &["parent", "suspended"][..]),
        (&now.as_millis().to_string(), &["suspended"]),
        // What is no time says nothing.
        ("-1", &["parent", "suspended"]),
        ("9223372036854775807", &["parent", "suspended"]),
        ("NULL", &["parent", "suspended"]),
    ] {
        place
            .sql(&format!(
                "DELETE FROM key_use; INSERT INTO key_use SELECT id, {last} FROM key WHERE name = 'parent'"
            ))
            .expect("used");
        assert_eq!(names(&mut env, false, unused("1h")), names_unused, "{last}");
    }
    place
        .sql("DELETE FROM key_use; UPDATE key SET created_at = 1800000000000 WHERE name = 'suspended'")
        .expect("made anew");
    assert_eq!(names(&mut env, false, unused("1h")), ["parent"]);
    let (newest, _) = minted(&mut env, &request("zoe"));
    let after = |at| Filter { created_after: Some(at), ..Filter::default() };
    assert_eq!(names(&mut env, false, after(newest.created_at)), ["default"]);
    let next = Timestamp::from_millis(newest.created_at.as_millis() + 1).expect("time");
    assert_eq!(names(&mut env, false, after(next)), Vec::<String>::new());
});

both!(scopes_roles_and_parents_are_found_as_they_decide, |place| {
    let mut env = filled(&place);
    let reader: keyctl::domain::owners::role::RoleName = "reader".parse().expect("role");
    let of = |list: &str| Scopes::parse_lists([list]).expect("scopes");
    role::set(&mut env, &reader, &of("files:*"), false).expect("set");
    let wish = Request { name: "wide".parse().ok(), roles: vec![reader.clone()], ..request("erin") };
    let (wide, _) = minted(&mut env, &wish);
    let child = Request {
        name: "narrow".parse().ok(),
        parent: Some(KeyRef::Id(wide.id)),
        scopes: of("files:a"),
        ..request("erin")
    };
    minted(&mut env, &child);
    let may = |scope: &str| Filter { scopes: vec![scope.parse().expect(scope)], ..Filter::default() };
    assert_eq!(names(&mut env, false, may("files:a")), ["narrow", "wide"]);
    assert_eq!(names(&mut env, false, may("files:a:b")), ["narrow", "wide"]);
    assert_eq!(names(&mut env, false, may("files:b")), ["wide"]);
    assert_eq!(names(&mut env, false, may("files")), Vec::<String>::new());
    let role = Filter { role: Some(reader.clone()), ..Filter::default() };
    assert_eq!(names(&mut env, false, role), ["wide"]);
    let parent = Filter { parent: Some(wide.id), ..Filter::default() };
    assert_eq!(names(&mut env, false, parent), ["narrow"]);
    // What the role loses, the child may no more.
    role::set(&mut env, &reader, &of("notes"), false).expect("set");
    assert_eq!(names(&mut env, false, may("files:a")), Vec::<String>::new());
});

both!(labels_are_found_literally, |place| {
    place.init();
    let mut env = place.env();
    let values =
        ["search", "s%", "s_", "sxarch", r#"a"b"#, r"a\", r#"a\",""#, "ü€😀", "search\",\"x\":\"y", ""];
    for (number, value) in values.iter().enumerate() {
        let labels = Labels::parse_all([format!("team={value}").as_str(), "tea=m"]).expect("labels");
        let name = format!("k{number}").parse().ok();
        minted(&mut env, &Request { name, labels, ..request("alice") });
    }
    let with = |name: &str, value: Option<&str>| Filter {
        labels: vec![(name.to_owned(), value.map(str::to_owned))],
        ..Filter::default()
    };
    for (number, value) in values.iter().enumerate() {
        assert_eq!(names(&mut env, false, with("team", Some(value))), [format!("k{number}")], "{value}");
    }
    for name in ["te_m", "te%", "m", "x", "ea"] {
        assert_eq!(names(&mut env, false, with(name, None)), Vec::<String>::new(), "{name}");
    }
    assert_eq!(names(&mut env, false, with("team", None)).len(), values.len());
});
