//! What a server writes of use: summed up, beside changes and never in their way.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use keyctl::domain::keys::key::Key;
use keyctl::domain::keys::limit::Period;
use keyctl::domain::secrets::secret::SecretId;
use keyctl::domain::time::Timestamp;
use keyctl::domain::usage::batch::{Disclosure, Handed, Spender, UseBatch};
use keyctl::domain::usage::day::PeriodName;
use keyctl::ops::usage::claims;
use keyctl::ops::usage::writer::UseWriter;
use keyctl::store::{Location, Lookup as _};

use crate::stores::migrations::make_schema_1;
use crate::support::library::{minted, request};
use crate::support::store::{Place, options};
use crate::support::{both, postgres};

const NOON: i64 = 1_700_049_600_000;

fn at(more: i64) -> Timestamp {
    Timestamp::from_millis(NOON + more).expect("a time")
}

fn writer(place: &Place) -> UseWriter {
    UseWriter::new(place.location(), options(), Duration::from_secs(1))
}

fn total() -> PeriodName {
    PeriodName::of(Period::Total, at(0))
}

/// One use of the key, of which one is spent of its quota, and of its owner's.
fn used(key: &Key, more: i64, address: Option<IpAddr>) -> UseBatch {
    let mut batch = UseBatch::default();
    batch.allowed(key.id, &key.token_prefix().expect("a token").token_id(), at(more), address);
    batch.spend(Spender::Key(key.id), total(), 1);
    batch.spend(Spender::Owner(key.owner.clone()), PeriodName::of(Period::Day, at(more)), 1);
    batch
}

fn rows(place: &Place, sql: &str) -> String {
    place.sql(sql).expect("rows").replace('\n', " ")
}

both!(two_servers_write_into_the_same_sums, |place| {
    place.init();
    let mut env = place.env();
    let (key, _) = minted(&mut env, &request("alice"));
    let head = env.store.head().expect("head");
    let (mut one, mut other) = (writer(&place), writer(&place));
    let home = Some(IpAddr::from([10, 0, 0, 1]));
    let written = one.write(used(&key, 5, home)).expect("written");
    assert!(!written.put_off);
    assert_eq!(written.totals.iter().map(|(.., total)| *total).collect::<Vec<_>>(), [1, 1]);
    let mut more = used(&key, 9, None);
    more.merge(used(&key, 2, None));
    more.denied(key.id, at(3));
    more.would_deny("@open", "scope", at(3));
    let written = other.write(more).expect("written");
    assert_eq!(written.totals.iter().map(|(.., total)| *total).collect::<Vec<_>>(), [3, 3], "of both");
    let mut asked = UseBatch::default();
    asked.spend(Spender::Key(key.id), total(), 0);
    let asked = one.write(asked).expect("asked");
    assert_eq!(asked.totals, [(Spender::Key(key.id), total(), 3)]);
    let (seen, first, last) = (NOON + 9, NOON + 2, NOON + 9);
    assert_eq!(rows(&place, "SELECT last_used_at FROM key_use"), seen.to_string());
    assert_eq!(
        rows(&place, "SELECT first_used_at, last_used_at, last_address FROM token_use"),
        format!("{first}|{last}|10.0.0.1"),
        "the last address that is known"
    );
    assert_eq!(rows(&place, "SELECT day, allowed, denied FROM key_day"), "19676|3|1");
    assert_eq!(
        rows(&place, "SELECT subject_kind, subject_id, period, spent FROM quota_spent ORDER BY 1 DESC"),
        format!("owner|alice|2023-11-15|3 key|{}|total|3", key.id)
    );
    assert_eq!(rows(&place, "SELECT day, policy, reason, count FROM would_deny"), "19676|@open|scope|1");
    assert_eq!(env.store.head().expect("head"), head, "neither the mark nor the log moves");
});

both!(whatever_stands_there_is_borne_and_nothing_overflows, |place| {
    place.init();
    let mut env = place.env();
    let (key, _) = minted(&mut env, &request("alice"));
    let mut server = writer(&place);
    server.write(used(&key, 5, None)).expect("written");
    for (value, spent) in [("9223372036854775807", i64::MAX as u64), ("-5", 1), ("NULL", 1)] {
        for (table, column) in [
            ("key_use", "last_used_at"),
            ("token_use", "last_used_at"),
            ("token_use", "first_used_at"),
            ("key_day", "allowed"),
            ("quota_spent", "spent"),
        ] {
            place.sql(&format!("UPDATE {table} SET {column} = {value}")).expect("written");
        }
        let written = server.write(used(&key, 7, None)).expect("written");
        assert_eq!(written.totals[0].2, spent, "{value}");
        assert_eq!(rows(&place, "SELECT last_used_at FROM key_use"), (NOON + 7).to_string(), "{value}");
        assert_eq!(rows(&place, "SELECT last_used_at FROM token_use"), (NOON + 7).to_string(), "{value}");
    }
    assert_eq!(keyctl::ops::stores::store::check(&mut place.open(), |_| {}).expect("check"), []);
});

both!(what_nobody_asks_for_any_more_is_forgotten, |place| {
    place.init();
    let mut env = place.env();
    let (key, _) = minted(&mut env, &request("alice"));
    let ago = |days: i64| at(-days * 86_400_000);
    let mut old = UseBatch::default();
    for days in [0, 39, 40, 41, 75, 399, 400, 401, 1000] {
        old.denied(key.id, ago(days));
        old.would_deny("@open", "scope", ago(days));
        for period in [Period::Day, Period::Month, Period::Total] {
            old.spend(Spender::Key(key.id), PeriodName::of(period, ago(days)), 1);
        }
    }
    writer(&place).write(old).expect("written");
    let mark = env.store.head().expect("head").mark;
    // 2023-11-15, so the 40th day before is 2023-10-06.
    let forgotten =
        keyctl::ops::usage::forget::forget(&place.location(), options(), at(0)).expect("forgotten");
    assert_eq!(rows(&place, "SELECT MIN(day), COUNT(*) FROM key_day"), format!("{}|7", 19676 - 400));
    assert_eq!(rows(&place, "SELECT MIN(day), COUNT(*) FROM would_deny"), format!("{}|7", 19676 - 400));
    assert_eq!(
        rows(&place, "SELECT period FROM quota_spent ORDER BY period"),
        "2023-10 2023-10-06 2023-10-07 2023-11 2023-11-15 total"
    );
    assert!(forgotten > 4, "{forgotten}");
    assert_eq!(keyctl::ops::usage::forget::forget(&place.location(), options(), at(0)).expect("again"), 0);
    assert_eq!(env.store.head().expect("head").mark, mark, "no change");
});

#[test]
fn a_change_that_holds_the_lock_of_a_file_is_not_waited_for() {
    let place = Place::sqlite();
    place.init();
    let (key, _) = minted(&mut place.env(), &request("alice"));
    let mut server = writer(&place);
    server.write(used(&key, 1, None)).expect("written");
    let other = rusqlite::Connection::open(place.file()).expect("opens");
    other.execute_batch("BEGIN IMMEDIATE").expect("held");
    let start = Instant::now();
    let written = server.write(used(&key, 2, None)).expect("put off");
    assert!(written.put_off && written.totals.is_empty());
    let written = server.write(used(&key, 3, None)).expect("put off");
    assert!(written.put_off && server.pending() > 0);
    assert!(!server.claim("one", 1).expect("put off"));
    assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
    other.execute_batch("ROLLBACK").expect("let go");
    let written = server.write(UseBatch::default()).expect("written");
    assert_eq!((written.put_off, written.totals[0].2, server.pending()), (false, 3, 0));
}

#[test]
fn on_a_server_neither_a_change_nor_what_is_written_of_use_waits_for_the_other() {
    let place = Place::postgres();
    place.init();
    let mut env = place.env();
    let (key, _) = minted(&mut env, &request("alice"));
    let database = place.database.clone().expect("a database");
    let held = std::thread::spawn(move || {
        let sql =
            "BEGIN; SELECT 1 FROM keyctl.head FOR UPDATE; UPDATE keyctl.key SET generation = generation;
             UPDATE keyctl.token SET generation = generation; SELECT pg_sleep(2)";
        postgres::server().psql(&database, sql)
    });
    std::thread::sleep(Duration::from_millis(500));
    let start = Instant::now();
    let mut server = writer(&place);
    assert!(!server.write(used(&key, 1, None)).expect("written").put_off);
    assert!(server.claim("one", 1).expect("claimed"));
    assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
    held.join().expect("held").expect("held");
}

both!(a_claim_counts_while_its_instance_runs, |place| {
    place.init();
    let mut env = place.env();
    minted(&mut env, &request("alice"));
    let seq = claims::mark(&mut env.store).expect("the mark");
    let (mut one, mut other) = (writer(&place), writer(&place));
    assert!(!claims::of(&mut env.store, seq).expect("read").is_complete(), "nobody says so");
    assert!(one.claim("one", seq).expect("claimed"));
    assert!(other.claim("other", seq - 1).expect("claimed"));
    let said = claims::of(&mut env.store, seq).expect("read");
    assert_eq!((said.claimed, said.missing), (vec!["one".to_owned()], vec!["other".to_owned()]));
    assert!(other.claim("other", seq).expect("claimed"));
    assert!(claims::of(&mut env.store, seq).expect("read").is_complete());
    assert!(other.release("other").expect("released"));
    let said = claims::of(&mut env.store, seq + 1).expect("read");
    assert_eq!((said.claimed.len(), said.missing), (0, vec!["one".to_owned()]));
    place.sql("UPDATE serve_claim SET at = at - 71000 WHERE instance = 'one'").expect("silent");
    let said = claims::of(&mut env.store, seq).expect("read");
    assert_eq!(said, claims::Claims::default(), "it has said nothing for 71 s");
    // Another process makes a change, and forgets who ended.
    minted(&mut place.env(), &request("bob"));
    assert_eq!(rows(&place, "SELECT instance FROM serve_claim"), "one", "for a day");
});

both!(the_next_change_records_what_was_handed_out, |place| {
    place.init();
    let (key, _) = minted(&mut place.env(), &request("alice"));
    let (asking, _) = minted(&mut place.env(), &request("gateway"));
    let secret = SecretId::parse("sec_01h455vb4pex5vsknk084sn02q").expect("an id");
    let what =
        Disclosure { what: Handed::Secret { id: secret, version: 3 }, key: key.id, asked_by: asking.id };
    let mut server = writer(&place);
    for more in [1, 2] {
        let mut batch = UseBatch::default();
        batch.disclosed(what, at(more));
        server.write(batch).expect("written");
    }
    let (other, _) = minted(&mut place.env(), &request("bob"));
    assert_eq!(rows(&place, "SELECT COUNT(*) FROM disclosure"), "0");
    let body = place.sql("SELECT body FROM audit ORDER BY seq DESC LIMIT 1").expect("a record");
    let body: serde_json::Value = serde_json::from_str(&body).expect("JSON");
    assert_eq!(
        (body["action"].as_str(), body["key"].as_str()),
        (Some("secret.resolve"), Some(&*key.id.to_string()))
    );
    let details = &body["details"];
    assert_eq!((details["count"].as_i64(), details["version"].as_i64()), (Some(2), Some(3)));
    assert_eq!(details["asked_by"], asking.id.to_string());
    assert_eq!(details["first_at"], at(1).to_string());
    assert!(place.open().key_by_id(other.id).expect("read").is_some());
    assert_eq!(keyctl::ops::stores::store::check(&mut place.open(), |_| {}).expect("check"), []);
});

both!(an_older_store_takes_nothing_of_use_and_is_left_as_it_is, |place| {
    make_schema_1(&place);
    let refused = writer(&place).claim("one", 1).expect_err("no tables");
    assert!(UseWriter::is_refused(&refused), "{refused:?}");
    let mut batch = UseBatch::default();
    batch.would_deny("@open", "scope", at(1));
    let mut server = writer(&place);
    let refused = server.write(batch).expect_err("no tables");
    assert!(UseWriter::is_refused(&refused) && server.pending() == 0, "{refused:?}");
    let store = keyctl::store::Store::open(&place.location(), keyctl::store::Access::Read, options());
    assert_eq!(store.expect("opens").schema(), 1);
});

#[test]
fn the_role_of_serve_writes_all_of_it_and_another_is_refused() {
    let place = Place::postgres();
    place.init();
    let (key, _) = minted(&mut place.env(), &request("alice"));
    let own = |role: &str| {
        postgres::server().role(role);
        let password = postgres::PASSWORD.replace(' ', "%20");
        let text = place.text().replace(&format!("{}@", postgres::USER), &format!("{role}:{password}@"));
        UseWriter::new(Location::parse(&text).expect("an address"), options(), Duration::from_secs(1))
    };
    let (mut serve, mut other) = (own("usage_serve"), own("usage_other"));
    let privileges = "store grant usage_serve --for serve";
    let sandbox = crate::support::cli::Sandbox::empty(place);
    sandbox.ok(&privileges.split(' ').collect::<Vec<_>>());
    sandbox.ok(&["store", "grant", "usage_other"]);
    let mut batch = used(&key, 1, Some(IpAddr::from([10, 0, 0, 1])));
    batch.denied(key.id, at(1));
    batch.would_deny("@open", "scope", at(1));
    let secret = SecretId::parse("sec_01h455vb4pex5vsknk084sn02q").expect("an id");
    batch.disclosed(
        Disclosure { what: Handed::Secret { id: secret, version: 1 }, key: key.id, asked_by: key.id },
        at(1),
    );
    for _ in 0..2 {
        assert!(!serve.write(batch.clone()).expect("written").put_off);
        assert!(serve.claim("one", 1).expect("claimed"));
    }
    assert!(serve.release("one").expect("released"));
    let refused = other.write(batch).expect_err("refused");
    assert!(UseWriter::is_refused(&refused), "{refused:?}");
}
