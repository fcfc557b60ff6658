//! What a server asks: who presents a token, at hand or looked up, kept fresh in the background.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use keyctl::domain::keys::key_ref::KeyRef;
use keyctl::domain::keys::token::Token;
use keyctl::ops::keys::mint::Request;
use keyctl::ops::keys::revoke::revoke;
use keyctl::ops::owners::owner::{Edit, set};
use keyctl::runtime::Asked;
use keyctl::runtime::serving::{Caller, Callers, Line, Quotas, Refused, Settings};
use keyctl::store::Location;
use tokio::runtime::Runtime;

use super::faults::{UNKNOWN, swap};
use super::{address, token};
use crate::support::cli::Sandbox;
use crate::support::library::{minted, request};
use crate::support::pair::Pair;
use crate::support::pooler::Pooler;
use crate::support::postgres::{PASSWORD, USER};
use crate::support::store::Place;
use crate::support::{both, postgres};

/// One worker of a server.
struct Worker {
    callers: Callers,
    line: Line,
    runtime: Runtime,
}

impl Worker {
    fn of(place: &Place) -> Self {
        Self::at(&address(place), Settings::default())
    }

    fn at(address: &str, settings: Settings) -> Self {
        let location = Location::parse(address).expect("a location");
        let callers = Callers::open(location, None, settings).expect("opens");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        Self { line: callers.line(), callers, runtime }
    }

    fn ask(&self, token: &Token) -> String {
        self.ask_text(token.expose())
    }

    fn ask_text(&self, text: &str) -> String {
        word(self.runtime.block_on(self.line.caller(text)))
    }

    fn at_hand(&self, token: &Token) -> Option<String> {
        self.callers.at_hand(token.expose()).map(|caller| word(Ok(caller)))
    }

    fn until(&self, token: &Token, wanted: &str, within: Duration) -> Duration {
        let start = Instant::now();
        while self.ask(token) != wanted {
            assert!(start.elapsed() < within, "still {} and not {wanted}", self.ask(token));
            thread::sleep(Duration::from_millis(2));
        }
        start.elapsed()
    }
}

/// `allowed`, or the reason, or the fault.
fn word(asked: Result<Caller, Refused>) -> String {
    match asked {
        Ok(caller) => match caller.judge(&Asked::default(), true) {
            Ok(_) => "allowed".to_owned(),
            Err(reason) => reason.as_str().to_owned(),
        },
        Err(Refused::Unavailable(error)) => error.fault.as_str().to_owned(),
        Err(Refused::Overloaded) => "overloaded".to_owned(),
    }
}

both!(a_revoked_key_is_dead_soon_though_no_request_reads_the_mark, |place| {
    place.init();
    let mut env = place.env();
    let (told, marks) = mpsc::channel();
    let on_mark = Some(Box::new(move |counter| {
        let _ = told.send(counter);
    }) as _);
    let worker = Worker::at(&address(&place), Settings { on_mark, ..Settings::default() });
    let (_, other) = minted(&mut env, &request("bob"));
    for name in ["a", "b", "c", "d", "e"] {
        let (key, token) = minted(&mut env, &Request { name: name.parse().ok(), ..request("alice") });
        worker.until(&token, "allowed", Duration::from_secs(2));
        assert_eq!(worker.ask(&other), "allowed");
        revoke(&mut env, &[KeyRef::Id(key.id)], None).expect("revoked");
        let start = Instant::now();
        while worker.at_hand(&token).as_deref() == Some("allowed") {
            // The rule, with nothing read by a request; how fast it mostly is, a bench measures.
            assert!(start.elapsed() < Duration::from_secs(2));
            thread::sleep(Duration::from_millis(1));
        }
        assert_eq!(worker.ask(&token), "revoked");
        assert_eq!(worker.at_hand(&other).as_deref(), Some("allowed"), "another key's answer stays");
    }
    let counter = env.store.head().expect("head").mark.counter;
    let told: Vec<i64> = marks.try_iter().collect();
    assert_eq!(told.last(), Some(&counter), "{told:?}");
    assert!(told.is_sorted_by(|one, next| one < next), "{told:?}");
});

both!(a_key_without_a_token_is_known_by_its_id_alone, |place| {
    let sandbox = Sandbox::with_store(place);
    let words = "trust add deploy --issuer https://gitlab.com --audience a --claim project_id=1 --claim ref=refs/heads/main \
        --owner ci --scope deploy -o json";
    let ran =
        sandbox.run(&words.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>()).expect_code(0);
    let added: serde_json::Value = serde_json::from_str(&ran.stdout).expect("JSON");
    let id = added["key"]["id"].as_str().expect("an id").to_owned();
    let other =
        sandbox.json(&["mint", "alice", "--scope", "chat"])["key"]["id"].as_str().expect("an id").to_owned();
    let worker = Worker::of(&sandbox.place);
    let holder = |id: &str| {
        let id = id.parse().expect("an id");
        worker.runtime.block_on(worker.callers.holder_without_token(id))
    };
    let caller = holder(&id).expect("read");
    let grant = caller.judge(&Asked::default(), true).expect("allowed");
    assert_eq!((grant.principal.as_str(), grant.key_id.to_string()), ("ci", id.clone()));
    assert_eq!(grant.token_id.as_str(), &id[18..]);
    assert!(!caller.is_limited());
    assert_eq!(word(holder(&other)), "unknown", "one that has a token");
    assert_eq!(word(holder("key_01h455vb4pex5vsknk084sn02q")), "unknown");
    for text in [id.as_str(), &format!("{id:-<64}"), &format!("none:{id}")] {
        assert_ne!(worker.ask_text(text), "allowed", "{text}");
    }
    for (words, wanted) in [
        ("suspend ci/deploy", "suspended"),
        ("resume ci/deploy", "allowed"),
        ("owner disable ci --yes", "owner_disabled"),
        ("owner enable ci", "allowed"),
        ("trust delete deploy --yes", "revoked"),
    ] {
        sandbox.ok(&words.split(' ').collect::<Vec<_>>());
        assert_eq!(word(holder(&id)), wanted, "{words}");
    }
});

both!(the_limits_and_labels_of_a_key_are_told, |place| {
    place.init();
    let limited = Request {
        rate: "600/m".parse().ok(),
        quota: "10000/day".parse().ok(),
        labels: keyctl::domain::keys::label::Labels::parse_all(["team=search"]).expect("labels"),
        ..request("alice")
    };
    let mut env = place.env();
    let (key, limited) = minted(&mut env, &limited);
    let owner = "7/total".parse().ok();
    set(&mut env, &key.owner, &Edit { quota: Some(owner), ..Edit::default() }).expect("set");
    let (_, free) = minted(&mut place.env(), &request("bob"));
    let worker = Worker::of(&place);
    for round in 0..2 {
        let caller = worker.runtime.block_on(worker.line.caller(limited.expose())).expect("answers");
        let grant = caller.judge(&Asked::default(), true).expect("a quota is for the server to count");
        assert_eq!(grant.key_id, key.id);
        let limits = caller.limits().expect("limits");
        assert_eq!(
            (limits.rate, limits.quotas),
            (key.rate, Some(Quotas { key: key.quota, owner })),
            "{round}"
        );
        assert_eq!(limits.labels, key.labels);
        let caller = worker.runtime.block_on(worker.line.caller(free.expose())).expect("answers");
        let limits = caller.limits().expect("limits");
        assert_eq!((limits.rate, limits.quotas, limits.labels.to_json().as_str()), (None, None, "{}"));
    }
    for (column, right) in [("rate", "5/m"), ("key_quota", "5/day"), ("owner_quota", "5/day")] {
        place.sql(&format!("UPDATE token SET {column} = 'many'")).expect("altered");
        let said = Worker::of(&place).ask(&limited);
        assert_eq!(said, "row", "{column}: a limit that is not understood is none");
        place.sql(&format!("UPDATE token SET {column} = '{right}'")).expect("altered");
    }
    assert_eq!(Worker::of(&place).ask(&limited), "allowed");
});

/// The limits of a key whose quota this worker cannot read, or can.
fn quotas(worker: &Worker, token: &Token) -> Option<Quotas> {
    let caller = worker.runtime.block_on(worker.line.caller(token.expose())).expect("answers");
    caller.limits().expect("limits").quotas
}

both!(where_quotas_cannot_be_read_it_is_known_that_there_is_one, |place| {
    place.init();
    let mut env = place.env();
    let five = Request { quota: "5/day".parse().ok(), ..request("alice") };
    let (key, token) = minted(&mut env, &five);
    let (_, free) = minted(&mut env, &request("bob"));
    let schema = if place.database.is_some() { "public." } else { "" };
    place.sql(&format!("DROP VIEW {schema}keyctl_serve_v1")).expect("as the schema before had none");
    let worker = Worker::of(&place);
    assert_eq!(quotas(&worker, &token), Some(Quotas { key: None, owner: None }));
    assert_eq!(quotas(&worker, &free), None);
    let columns = "token_hash, key_quota, owner_quota FROM";
    let table = if place.database.is_some() { "keyctl.token" } else { "token" };
    place.sql(&format!("CREATE VIEW {schema}keyctl_serve_v1 AS SELECT {columns} {table}")).expect("migrated");
    set(&mut env, &key.owner, &Edit { quota: Some("9/day".parse().ok()), ..Edit::default() }).expect("set");
    let both = Some(Quotas { key: key.quota, owner: "9/day".parse().ok() });
    let start = Instant::now();
    while quotas(&worker, &token) != both {
        assert!(start.elapsed() < Duration::from_secs(5), "{:?}", quotas(&worker, &token));
        thread::sleep(Duration::from_millis(20));
    }
});

#[test]
fn a_role_that_may_only_read_tokens_serves_and_cannot_read_quotas() {
    let sandbox = Sandbox::with_store(Place::postgres());
    postgres::server().role("serve_reader");
    sandbox.ok(&["store", "grant", "serve_reader"]);
    let five = Request { quota: "5/day".parse().ok(), ..request("alice") };
    let (_, token) = minted(&mut sandbox.place.env(), &five);
    let address = address(&sandbox.place).replace(&format!("{USER}:"), "serve_reader:");
    let worker = Worker::at(&address, Settings::default());
    assert_eq!(quotas(&worker, &token), Some(Quotas { key: None, owner: None }));
    sandbox.ok(&["store", "grant", "serve_reader", "--for", "serve"]);
    let worker = Worker::at(&address, Settings::default());
    assert_eq!(quotas(&worker, &token), Some(Quotas { key: "5/day".parse().ok(), owner: None }));
}

both!(a_key_begins_and_ends_at_its_times_though_nothing_is_read_for_that, |place| {
    place.init();
    let mut env = place.env();
    let at = |env: &mut keyctl::ops::env::Env, millis: i64| {
        let now = env.store.now().expect("now").as_millis();
        keyctl::runtime::Timestamp::from_millis(now + millis)
    };
    let worker = Worker::of(&place);
    let not_before = at(&mut env, 1500);
    let (_, later) = minted(&mut env, &Request { not_before, ..request("bob") });
    let (_, ending) = minted(&mut env, &Request { expiry: "2s".parse().ok(), ..request("alice") });
    let start = Instant::now();
    worker.until(&ending, "allowed", Duration::from_secs(1));
    worker.until(&later, "not_yet_valid", Duration::from_secs(1));
    worker.until(&later, "allowed", Duration::from_secs(3));
    let began = start.elapsed();
    assert!(began > Duration::from_millis(1200) && began < Duration::from_millis(1650), "{began:?}");
    worker.until(&ending, "expired", Duration::from_secs(3));
    let ended = start.elapsed();
    assert!(ended > Duration::from_millis(1800) && ended < Duration::from_millis(2150), "{ended:?}");
});

both!(another_store_in_the_place_of_the_first_is_noticed_in_the_background, |place| {
    place.init();
    let token = token(&place, "one");
    let worker = Worker::of(&place);
    assert_eq!(worker.ask(&token), "allowed");
    let other = if place.database.is_some() { Place::postgres() } else { Place::sqlite() };
    other.init();
    swap(&place, &other);
    worker.until(&token, "swapped", Duration::from_millis(5100));
    assert_eq!(worker.callers.fault().map(|fault| fault.fault.as_str()), Some("swapped"));
});

both!(a_flood_of_unknown_tokens_is_shed_and_costs_a_kept_one_nothing, |place| {
    place.init();
    let known = token(&place, "one");
    let worker = Worker::of(&place);
    assert_eq!(worker.ask(&known), "allowed");
    let start = Instant::now();
    let mut said = std::collections::BTreeMap::<String, u32>::new();
    for number in 0_u64.. {
        // Strong, and so looked up once.
        let text = format!("{number:032x}abcdef");
        *said.entry(worker.ask_text(&text)).or_default() += 1;
        if number % 100 == 0 {
            assert_eq!(worker.at_hand(&known).as_deref(), Some("allowed"));
        }
        if start.elapsed() > Duration::from_secs(1) {
            break;
        }
    }
    assert!(said["malformed"] <= 2_000 * 12, "{said:?}");
    assert!(said.keys().all(|word| ["malformed", "overloaded"].contains(&word.as_str())), "{said:?}");
    thread::sleep(Duration::from_millis(200));
    assert_eq!(worker.ask_text(UNKNOWN), "unknown");
});

/// Many at once: more than travel together.
#[test]
fn who_waits_for_a_server_is_no_more_than_so_many() {
    let place = Place::postgres();
    place.init();
    let worker = Worker::of(&place);
    let texts: Vec<String> = (0..1_500).map(|number| format!("{number:032x}abcdef")).collect();
    let asked = texts.iter().map(|text| worker.line.caller(text));
    let answers: Vec<String> =
        worker.runtime.block_on(futures_util::future::join_all(asked)).into_iter().map(word).collect();
    let count = |wanted: &str| answers.iter().filter(|answer| *answer == wanted).count();
    assert_eq!((count("malformed"), count("overloaded")), (1_024, 476));
}

#[test]
fn behind_a_pooler_no_statement_has_a_name_and_no_session_listens() {
    let place = Place::postgres();
    place.init();
    let known = token(&place, "one");
    let pooler = Pooler::start("transaction", &["default_pool_size = 3"], &[]);
    let database = place.database.as_deref().expect("a database");
    let address = pooler.address(USER, database).replace('@', &format!(":{}@", PASSWORD.replace(' ', "%20")));
    let worker = Worker::at(&address, Settings::default());
    let asked: Vec<String> = (0..300).map(|number| format!("{number:032x}abcdef")).collect();
    let all = asked.iter().map(|text| worker.line.caller(text));
    let answers = worker.runtime.block_on(futures_util::future::join_all(all));
    assert!(answers.into_iter().all(|answer| word(answer) == "malformed"));
    assert_eq!(worker.ask(&known), "allowed");
    for left in
        ["SELECT count(*) FROM pg_prepared_statements", "SELECT count(*) FROM pg_listening_channels()"]
    {
        for _ in 0..4 {
            assert_eq!(pooler.psql(database, left), "0");
        }
    }
    let key = place.sql("SELECT key_id FROM token").expect("a key");
    revoke(&mut place.env(), &[KeyRef::Id(key.parse().expect("an id"))], None).expect("revoked");
    worker.until(&known, "revoked", Duration::from_secs(2));
}

#[test]
fn a_server_that_hangs_or_is_restarted_is_no_client_s_fault_and_is_asked_again_by_itself() {
    let mut pair = Pair::asynchronous();
    pair.init_store();
    let address = pair.address().replace('@', &format!(":{}@", PASSWORD.replace(' ', "%20")));
    let seen = Arc::new(AtomicI64::new(-1));
    let told = Arc::clone(&seen);
    let on_mark = Some(Box::new(move |counter| told.store(counter, Ordering::SeqCst)) as _);
    let store = keyctl::store::Store::open(
        &Location::parse(&address).expect("a location"),
        keyctl::store::Access::Change,
        crate::support::store::options(),
    );
    let mut env = crate::support::store::env_of(store.expect("opens"));
    let (_, token) = minted(&mut env, &request("alice"));
    drop(env);
    let worker = Worker::at(&address, Settings { on_mark, ..Settings::default() });
    assert_eq!(worker.ask(&token), "allowed");
    let start = Instant::now();
    while seen.load(Ordering::SeqCst) != 1 {
        assert!(start.elapsed() < Duration::from_secs(2), "{seen:?}");
        thread::sleep(Duration::from_millis(10));
    }

    let hanging = pair.first.hang();
    let stopped = Instant::now();
    let mut last_allowed = stopped;
    let mut longest = Duration::ZERO;
    while stopped.elapsed() < Duration::from_secs(8) {
        let start = Instant::now();
        match worker.ask(&token).as_str() {
            "allowed" => last_allowed = Instant::now(),
            "timeout" | "unreachable" => longest = longest.max(start.elapsed()),
            other => panic!("{other}"),
        }
        thread::sleep(Duration::from_millis(10));
    }
    let used = last_allowed - stopped;
    assert!(used > Duration::from_secs(3) && used < Duration::from_secs(5), "{used:?}");
    assert!(longest < Duration::from_millis(500), "nobody waits for what is known to hang: {longest:?}");
    assert!(worker.callers.fault().is_some());
    drop(hanging);
    worker.until(&token, "allowed", Duration::from_secs(4));

    pair.first.kill();
    pair.first.start();
    worker.until(&token, "allowed", Duration::from_secs(4));
    assert_eq!(worker.callers.fault(), None);
}
