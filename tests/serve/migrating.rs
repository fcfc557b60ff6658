//! A server that runs while its store is migrated: by the keyctl of today, or by one that is newer than the server.

use std::time::Duration;

use keyctl::store::LATEST_SCHEMA;

use super::process::{Server, eventually};
use super::raw::{get, one};
use super::serving::within_the_bound;
use crate::support::both;
use crate::support::cli::Sandbox;
use crate::support::store::Place;

fn status(server: &Server, token: &str) -> u16 {
    one(server.address, &get("/auth/caddy/memories", &format!("Authorization: Bearer {token}\r\n"))).status
}

/// What a newer keyctl might do: views grow at their end, tables by what is not known here.
fn migrate_to_what_is_not_known(place: &Place) {
    let raise = match place.database {
        Some(_) => format!("INSERT INTO schema_migration VALUES ({}, 0)", LATEST_SCHEMA + 1),
        None => format!("PRAGMA user_version = {}", LATEST_SCHEMA + 1),
    };
    for sql in ["ALTER TABLE token ADD COLUMN of_tomorrow TEXT", "CREATE TABLE tomorrow (id TEXT)", &raise] {
        place.sql(sql).expect("migrated");
    }
}

both!(an_old_server_lives_through_a_migration_and_sees_what_is_changed_after_it, |place| {
    let sandbox = Sandbox::with_store(place);
    let [kept, later] = ["alice", "bob"].map(|owner| sandbox.ok(&["mint", owner, "--scope", "memories"]));
    let server = Server::plain(&sandbox);
    assert_eq!(status(&server, &kept), 200);
    migrate_to_what_is_not_known(&sandbox.place);
    let begun = std::time::Instant::now();
    while begun.elapsed() < Duration::from_secs(3) {
        assert_eq!((status(&server, &kept), status(&server, &later)), (200, 200));
        std::thread::sleep(Duration::from_millis(50));
    }
    for sql in [
        "UPDATE token SET revoked_at = 1700000000000 WHERE owner = 'alice'",
        "UPDATE head SET mark_counter = mark_counter + 1, mark_nonce = '00000000000000aa'",
        "INSERT INTO change (seq, key_id, at, nonce)
         SELECT mark_counter, key_id, 0, mark_nonce FROM head, token WHERE token.owner = 'alice'",
    ] {
        sandbox.place.sql(sql).expect("revoked");
    }
    within_the_bound("refused", || status(&server, &kept) == 401);
    assert_eq!(status(&server, &later), 200);
    let used = || sandbox.place.sql("SELECT count(*) FROM token_use").expect("a number") == "2";
    eventually("uses are recorded", used);
    server.is_well();

    let another = Server::plain(&sandbox);
    assert_eq!((status(&another, &kept), status(&another, &later)), (401, 200));
    another.is_well();
    let lines = another.log().matches("use could not be written").count();
    assert_eq!(lines, 0, "{}", another.log());
});
