//! What runtime services see.

use keyctl::domain::keys::key_ref::KeyRef;
use keyctl::ops::keys::mint::Request;
use keyctl::ops::keys::revoke::revoke;

use crate::support::both;
use crate::support::library::{minted, request, rotated};

const STATES: &str = "SELECT key_name, state FROM keyctl_tokens_v1 ORDER BY key_name, state";

both!(the_view_of_tokens_says_the_state, |place| {
    place.init();
    let mut env = place.env();
    let named = |name: &str| Request { name: name.parse().ok(), ..request("alice") };
    minted(&mut env, &named("a-active"));
    minted(&mut env, &Request { expiry: "1s".parse().ok(), ..named("b-expired") });
    let (rotated_key, _) = minted(&mut env, &named("c-rotated"));
    rotated(&mut env, &rotated_key, "0", None);
    let (revoked, _) = minted(&mut env, &named("d-revoked"));
    revoke(&mut env, &[KeyRef::Id(revoked.id)], None).expect("revoked");
    let later = keyctl::domain::time::Timestamp::parse("2199-01-01T00:00:00Z").expect("time");
    minted(&mut env, &Request { not_before: Some(later), expiry: "never".parse().ok(), ..named("e-later") });
    minted(&mut env, &named("f-suspended"));
    drop(env);
    place.sql("UPDATE token SET suspended_at = 1 WHERE key_name = 'f-suspended'").expect("suspended");
    std::thread::sleep(std::time::Duration::from_millis(1100));
    let expected = "a-active|active\nb-expired|expired\nc-rotated|active\nc-rotated|expired\n\
                    d-revoked|revoked\ne-later|not_yet_valid\nf-suspended|suspended";
    assert_eq!(place.sql(STATES).expect("rows"), expected);
});

both!(the_view_gives_networks_as_a_list_of_lists_and_the_earlier_end, |place| {
    place.init();
    let mut env = place.env();
    let networks =
        keyctl::domain::keys::network::Networks::parse_lists(["10.0.0.0/8,192.0.2.1"]).expect("networks");
    let (key, _) = minted(&mut env, &Request { networks, ..request("alice") });
    let (rotated, _) = rotated(&mut env, &key, "1h", None);
    let grace = rotated.previous_token.expect("in grace").expires_at.expect("an end").as_millis();
    let end = key.expires_at.expect("an end").as_millis();
    drop(env);
    let rows =
        place.sql("SELECT networks, expires_at FROM keyctl_tokens_v1 ORDER BY expires_at").expect("rows");
    let networks = r#"[["10.0.0.0/8","192.0.2.1/32"]]"#;
    assert_eq!(rows, format!("{networks}|{grace}\n{networks}|{end}"));
});

both!(the_view_of_changes_names_the_mark_also_before_the_first_change, |place| {
    place.init();
    let mark = place.sql("SELECT mark, seq FROM keyctl_changes_v1").expect("rows");
    assert!(mark.starts_with("0-") && mark.ends_with('|'), "{mark}");
    minted(&mut place.env(), &request("alice"));
    let mark = place.sql("SELECT mark, seq FROM keyctl_changes_v1").expect("rows");
    assert!(mark.starts_with("1-") && mark.ends_with("|1"), "{mark}");
});

/// The views as the system's own Python and SQLite evaluate them, with an untrusted schema
/// and with a trusted one.
#[test]
fn the_systems_own_sqlite_evaluates_the_views() {
    let place = crate::support::store::Place::sqlite();
    place.init();
    minted(&mut place.env(), &request("alice"));
    let script = "import sqlite3, sys
for trusted in ('ON', 'OFF'):
    db = sqlite3.connect('file:' + sys.argv[1] + '?mode=ro', uri=True)
    db.execute('PRAGMA trusted_schema = ' + trusted)
    print(db.execute('SELECT state FROM keyctl_tokens_v1').fetchall(), db.execute('SELECT seq FROM keyctl_changes_v1').fetchall())";
    let ran = std::process::Command::new("python3")
        .args(["-c", script])
        .arg(place.file())
        .output()
        .expect("python3");
    let shown = String::from_utf8_lossy(&ran.stdout).into_owned();
    assert_eq!(
        shown,
        "[('active',)] [(1,)]\n[('active',)] [(1,)]\n",
        "{}",
        String::from_utf8_lossy(&ran.stderr)
    );
}
