//! What only an anchor kept elsewhere finds.

use std::fs;

use keyctl::crypto::chain;
use keyctl::domain::audit::event::Record;
use keyctl::ops;
use keyctl::ops::audit::records;

use super::some_records;
use crate::support::cli::{Ran, Sandbox};
use crate::support::store::Place;
use crate::support::{both, postgres};

/// An older state of a whole store, kept aside.
struct Copy {
    files: Vec<(std::path::PathBuf, Vec<u8>)>,
    database: Option<String>,
}

impl Copy {
    fn of(place: &Place) -> Self {
        if let Some(name) = &place.database {
            let database = format!("{name}_older");
            admin(&format!("CREATE DATABASE {database} TEMPLATE {name}"));
            return Self { files: Vec::new(), database: Some(database) };
        }
        let kept = |ending: &str| {
            let path = place.folder.path().join(format!("keys.db{ending}"));
            fs::read(&path).ok().map(|bytes| (path, bytes))
        };
        Self { files: ["", "-wal"].iter().filter_map(|ending| kept(ending)).collect(), database: None }
    }

    fn put_back(self, place: &Place) {
        if let (Some(name), Some(older)) = (&place.database, self.database) {
            admin(&format!("DROP DATABASE {name}"));
            admin(&format!("ALTER DATABASE {older} RENAME TO {name}"));
            return;
        }
        for ending in ["-wal", "-shm"] {
            let _ = fs::remove_file(place.folder.path().join(format!("keys.db{ending}")));
        }
        for (path, bytes) in self.files {
            fs::write(path, bytes).expect("put back");
        }
    }
}

fn admin(sql: &str) {
    postgres::server().psql("postgres", sql).expect("done");
}

fn against(sandbox: &Sandbox, anchor: &str) -> Ran {
    sandbox.run(&["audit", "verify", "--anchor", anchor, "-o", "json"])
}

#[track_caller]
fn damaged(sandbox: &Sandbox, anchor: &str, says: &str) {
    let ran = against(sandbox, anchor).expect_code(7);
    assert!(ran.stdout.is_empty(), "{ran:?}");
    assert!(ran.stderr.contains("\"STORE_DAMAGED\"") && ran.stderr.contains(says), "{ran:?}");
    // The chain alone does not tell.
    sandbox.run(&["audit", "verify"]).expect_code(0);
}

both!(an_anchor_holds_while_the_log_only_grows, |place| {
    let sandbox = Sandbox::with_store(place);
    some_records(&sandbox);
    let anchor = sandbox.ok(&["audit", "checkpoint"]);
    let as_json = sandbox.ok(&["audit", "checkpoint", "-o", "json"]);
    let json: serde_json::Value = serde_json::from_str(&as_json).expect("JSON");
    assert_eq!(json["anchor"], anchor);
    assert_eq!(json["store_uuid"], sandbox.json(&["store", "status"])["store_uuid"]);
    assert_eq!(json["seq"], 5);
    sandbox.ok(&["mint", "carol", "--scope", "m"]);
    let later = sandbox.ok(&["audit", "checkpoint"]);
    for one in [&anchor, &as_json, &later] {
        against(&sandbox, one).expect_code(0);
    }
    let file = sandbox.home().join("anchors");
    fs::write(&file, format!("{anchor}\r\n\n{as_json}\n{later}\n")).expect("written");
    let verified = sandbox.json(&["audit", "verify", "--anchor", &format!("@{}", file.display())]);
    assert_eq!((&verified["records"], &verified["anchor_seq"]), (&6.into(), &6.into()));
    let by_stdin = sandbox.feed(&["audit", "verify", "--anchor", "-"], &later).expect_code(0);
    assert!(by_stdin.stdout.contains("anchor_seq\t6"), "{by_stdin:?}");
    assert!(sandbox.json(&["audit", "verify"])["anchor_seq"].is_null());
});

both!(an_older_database_that_was_put_back_is_found, |place| {
    let sandbox = Sandbox::with_store(place);
    some_records(&sandbox);
    let older = Copy::of(&sandbox.place);
    let anchor_before = sandbox.ok(&["audit", "checkpoint"]);
    sandbox.ok(&["revoke", "bob"]);
    let anchor = sandbox.ok(&["audit", "checkpoint"]);
    older.put_back(&sandbox.place);
    damaged(&sandbox, &anchor, "ends at record 5, but once had record 6");
    against(&sandbox, &anchor_before).expect_code(0);
    // And when it has grown past the anchor again.
    sandbox.forget();
    sandbox.ok(&["mint", "mallory", "--scope", "m"]);
    sandbox.ok(&["mint", "mallory", "--scope", "m"]);
    damaged(&sandbox, &anchor, "record 6 is not the one");
    against(&sandbox, &anchor_before).expect_code(0);
});

both!(a_tail_that_was_cut_with_a_head_that_fits_is_found, |place| {
    let sandbox = Sandbox::with_store(place);
    some_records(&sandbox);
    let anchor = sandbox.ok(&["audit", "checkpoint"]);
    sandbox
        .place
        .sql(
            "DELETE FROM audit WHERE seq > 3;
             UPDATE head SET audit_seq = 3, audit_hash = (SELECT hash FROM audit WHERE seq = 3)",
        )
        .expect("cut");
    damaged(&sandbox, &anchor, "ends at record 3, but once had record 5");
    sandbox.forget();
    for owner in ["carol", "dave", "erin"] {
        sandbox.ok(&["mint", owner, "--scope", "m"]);
    }
    damaged(&sandbox, &anchor, "record 5 is not the one");
});

both!(a_log_that_was_written_anew_is_found, |place| {
    let sandbox = Sandbox::with_store(place);
    some_records(&sandbox);
    let anchor = sandbox.ok(&["audit", "checkpoint"]);
    let head = sandbox.place.open().head().expect("head");
    let mut kept: Vec<Record> = Vec::new();
    records::<ops::Error>(&mut sandbox.place.open(), 0, |record| {
        kept.push(record.clone());
        Ok(())
    })
    .expect("read");
    // Alice was never revoked, says somebody who knows how the chain is made.
    let mut previous = chain::START;
    for record in &kept {
        let body = record.body.replace("\"revoke\"", "\"rotate\"");
        previous = chain::link(&head.store_uuid, record.seq, &previous, &body);
        write(&sandbox.place, record.seq, &body, &previous);
    }
    sandbox
        .place
        .sql("UPDATE head SET audit_hash = (SELECT hash FROM audit WHERE seq = 5)")
        .expect("written");
    damaged(&sandbox, &anchor, "record 5 is not the one");
});

fn write(place: &Place, seq: u64, body: &str, hash: &[u8; 32]) {
    let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    let hash = if place.database.is_some() { format!("'\\x{hex}'") } else { format!("x'{hex}'") };
    let body = body.replace('\'', "''");
    place
        .sql(&format!("UPDATE audit SET body = '{body}', hash = {hash} WHERE seq = {seq}"))
        .expect("written");
}

both!(no_anchor_of_a_broken_end_is_handed_out, |place| {
    let sandbox = Sandbox::with_store(place);
    some_records(&sandbox);
    let anchor = sandbox.ok(&["audit", "checkpoint"]);
    let breaks = [
        ("UPDATE audit SET body = replace(body, 'bob', 'eve') WHERE seq = 5", "record 5 was altered"),
        ("DELETE FROM audit WHERE seq = 4", "record 4 is missing"),
        ("DELETE FROM audit WHERE seq = 5", "ends at record 3"),
        ("DELETE FROM audit", "ends at record 0"),
    ];
    for (sql, says) in breaks {
        sandbox.place.sql(sql).expect("altered");
        for words in [&["audit", "checkpoint"][..], &["audit", "verify", "--anchor", &anchor]] {
            let ran = sandbox.run(words).expect_code(7);
            assert!(ran.stdout.is_empty() && ran.stderr.contains(says), "{sql}: {ran:?}");
        }
    }
});

both!(an_anchor_is_of_the_end_and_the_whole_log_is_verified_by_another_command, |place| {
    let sandbox = Sandbox::with_store(place);
    some_records(&sandbox);
    let anchor = sandbox.ok(&["audit", "checkpoint"]);
    sandbox.place.sql("UPDATE audit SET body = replace(body, 'bob', 'eve') WHERE seq = 3").expect("altered");
    assert_eq!(sandbox.ok(&["audit", "checkpoint"]), anchor);
    let ran = sandbox.run(&["audit", "verify", "--anchor", &anchor]).expect_code(7);
    assert!(ran.stderr.contains("record 3 was altered"), "{ran:?}");
});

both!(an_anchor_of_another_store_is_a_conflict_and_no_damage, |place| {
    let sandbox = Sandbox::with_store(place);
    let other = Sandbox::with_store(Place::sqlite());
    let ran = against(&sandbox, &other.ok(&["audit", "checkpoint"])).expect_code(4);
    assert!(ran.stderr.contains("\"CONFLICT\"") && ran.stderr.contains("the anchor is of store"), "{ran:?}");
});
