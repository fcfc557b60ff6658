//! Stores that somebody else holds, damages or changes behind our back.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crate::support::cli::Sandbox;
use crate::support::runner::{Effect, case, check, report, run_bounded};
use crate::support::store::Place;
use crate::support::{both, postgres};

/// Longer than anybody waits.
const HELD: &str = "6";

/// Holds the write lock until the sender is dropped, at most for [`HELD`] seconds.
fn hold(place: &Place, sqlite: &'static str) -> mpsc::Sender<()> {
    let (release, released) = mpsc::channel::<()>();
    let (held, holding) = mpsc::channel();
    match &place.database {
        None => {
            let connection = rusqlite::Connection::open(place.file()).unwrap();
            thread::spawn(move || {
                connection.execute_batch(sqlite).unwrap();
                held.send(()).unwrap();
                let _ = released.recv_timeout(Duration::from_secs(6));
            });
        }
        Some(name) => {
            let name = name.clone();
            let sql = format!("BEGIN; SELECT 1 FROM keyctl.head FOR UPDATE; SELECT pg_sleep({HELD})");
            thread::spawn(move || postgres::server().psql(&name, &sql));
            let waits = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep%' AND datname = current_database()
                AND wait_event = 'PgSleep'";
            while postgres::server().psql(place.database.as_ref().unwrap(), waits).unwrap() != "1" {
                thread::sleep(Duration::from_millis(20));
            }
            held.send(()).unwrap();
        }
    }
    holding.recv().unwrap();
    release
}

both!(a_store_that_is_locked_is_busy_for_changes_and_open_to_readers, |place| {
    let sandbox = Sandbox::with_store(place);
    let token = sandbox.ok(&["mint", "alice", "--scope", "m"]);
    let held = hold(&sandbox.place, "BEGIN IMMEDIATE");
    let busy = |words: &str| {
        case(words, words)
            .default_lock_timeout()
            .fails(6, "locked by another process", "--lock-timeout 30s")
            .hints("nothing was changed")
    };
    let brief = Duration::from_millis(900);
    check(
        &sandbox,
        vec![
            case("list", "list").default_lock_timeout().stdout(|out| out.starts_with("alice/")),
            case("verify", "verify").default_lock_timeout().input(token).stdout(|out| out.contains("true")),
            busy("mint bob --scope m"),
            busy("mint bob --lock-timeout 100ms").within(brief),
            busy("revoke alice --lock-timeout 0").within(brief),
            busy("rotate alice --lock-timeout=1ms").within(brief),
        ],
    );
    drop(held);
});

both!(a_change_waits_for_the_lock_as_long_as_was_asked_for, |place| {
    let sandbox = Sandbox::with_store(place);
    let held = hold(&sandbox.place, "BEGIN IMMEDIATE");
    if sandbox.place.database.is_none() {
        thread::spawn(move || {
            thread::sleep(Duration::from_millis(2500));
            drop(held);
        });
    }
    check(
        &sandbox,
        vec![case("mint", "mint bob --scope m --lock-timeout 20s").mints().within(Duration::from_secs(12))],
    );
});

#[test]
fn a_store_held_exclusively_is_busy_for_readers_too() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    sandbox.ok(&["mint", "alice", "--scope", "m"]);
    // Another tool's session: the files beside the store are gone, and so is the file's lock.
    let held =
        hold(&sandbox.place, "PRAGMA locking_mode = EXCLUSIVE; BEGIN IMMEDIATE; UPDATE head SET id = 1");
    let mut failures = Vec::new();
    for words in ["list", "show alice", "mint bob --scope m"] {
        let mut command = sandbox.command(&words.split(' ').collect::<Vec<_>>());
        command.env_remove("KEYCTL_LOCK_TIMEOUT");
        let (ran, took) = run_bounded(command, None);
        let clear = ran.stderr.contains("error: ") && ran.stderr.contains("hint: nothing was changed");
        if ran.code != Some(6)
            || !clear
            || took > Duration::from_secs(4)
            || ran.stderr.contains("waited 0.0 s")
        {
            failures.push(format!("## {words}: {took:?}\n{ran:?}"));
        }
    }
    drop(held);
    report(&failures);
}

/// Foreign things in our tables, by statement and by the name that the check must give.
const FOREIGN: [(&str, &str, &str); 6] = [
    ("a trigger", "CREATE TRIGGER grab AFTER INSERT ON token BEGIN SELECT 1; END", "grab"),
    ("a column", "ALTER TABLE key ADD COLUMN extra TEXT", "key"),
    ("a table", "CREATE TABLE stash (secret TEXT)", "stash"),
    ("a view", "CREATE VIEW peek AS SELECT * FROM token", "peek"),
    ("an index that is missing", "DROP INDEX key_owner", "key_owner"),
    (
        "another view",
        "DROP VIEW keyctl_changes_v1; CREATE VIEW keyctl_changes_v1 AS SELECT 1 AS mark",
        "keyctl_changes_v1",
    ),
];

const FOREIGN_POSTGRES: [(&str, &str, &str); 8] = [
    (
        "a trigger",
        "CREATE FUNCTION public.f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
         CREATE TRIGGER grab AFTER INSERT ON token FOR EACH ROW EXECUTE FUNCTION public.f()",
        "grab",
    ),
    ("a column", "ALTER TABLE key ADD COLUMN extra TEXT", "keyctl.key.extra"),
    ("a table", "CREATE TABLE stash (secret TEXT)", "stash"),
    ("a rule", "CREATE RULE hide AS ON DELETE TO audit DO INSTEAD NOTHING", "hide"),
    ("a constraint that is missing", "ALTER TABLE key DROP CONSTRAINT key_generation_check", "generation"),
    ("an index that is missing", "DROP INDEX key_owner", "key_owner"),
    ("row security", "ALTER TABLE token ENABLE ROW LEVEL SECURITY", "token"),
    (
        "another function",
        "CREATE OR REPLACE FUNCTION now_ms() RETURNS BIGINT LANGUAGE sql AS 'SELECT 1::bigint'",
        "now_ms",
    ),
];

both!(what_is_not_ours_in_our_tables_is_found_and_named, |place| {
    let postgres = place.database.is_some();
    drop(place);
    let rows: &[(&str, &str, &str)] = if postgres { &FOREIGN_POSTGRES } else { &FOREIGN };
    let mut failures = Vec::new();
    for (name, sql, named) in rows {
        let sandbox = Sandbox::with_store(if postgres { Place::postgres() } else { Place::sqlite() });
        sandbox.ok(&["mint", "alice", "--scope", "m"]);
        sandbox.place.sql(sql).unwrap();
        let (ran, _) = run_bounded(sandbox.command(&["store", "check"]), None);
        let clear = ran.stderr.contains("error: ") && ran.stderr.contains("hint: ");
        // What could change a statement's meaning is refused before anything is looked at.
        let found = ran.stdout.contains(named) || ran.stderr.contains(named);
        if ran.code != Some(7) || !found || !clear {
            failures.push(format!("## {name}\n{ran:?}"));
        }
    }
    report(&failures);
});

both!(objects_of_others_beside_ours_are_nobodys_business, |place| {
    let sandbox = Sandbox::with_store(place);
    let statements: &[&str] = if sandbox.place.database.is_some() {
        &[
            "CREATE TABLE public.lightning_clients (id text)",
            "CREATE VIEW public.mine AS SELECT 1 AS x",
            "CREATE SCHEMA other",
            "CREATE TABLE other.token (x text)",
        ]
    } else {
        &["ANALYZE"]
    };
    for sql in statements {
        sandbox.place.sql(sql).unwrap();
    }
    check(&sandbox, vec![case("check", "store check").says("as it should be").stdout(str::is_empty)]);
});

/// Damage by SQL, a command that meets it, and the cell that it must name.
const DAMAGE: [(&str, &str, &str); 14] = [
    ("UPDATE key SET scopes = 'everything'", "list", "table key, column scopes, row key_"),
    ("UPDATE key SET scopes = '[\"A B\"]'", "show alice", "table key, column scopes, row key_"),
    ("UPDATE key SET networks = '[\"10.0.0.0/99\"]'", "list", "table key, column networks, row key_"),
    ("UPDATE key SET labels = '{'", "list -o plain", "table key, column labels, row key_"),
    ("UPDATE key SET rate = '0/m'", "list", "table key, column rate, row key_"),
    ("UPDATE key SET quota = 'many'", "rotate alice", "table key, column quota, row key_"),
    ("UPDATE key SET expires_at = -1", "list", "table key, column expires_at, row key_"),
    (
        "UPDATE key SET created_at = 9223372036854775807",
        "revoke alice",
        "table key, column created_at, row key_",
    ),
    ("UPDATE key SET name = 'No Name'", "list", "table key, column name, row key_"),
    ("UPDATE token SET prefix = 'x'", "list", "table token, column prefix, row key_"),
    ("UPDATE token SET scopes = 'everything'", "verify", "table token, column scopes, row "),
    ("UPDATE token SET key_id = key_id, owner = 'A'", "verify", "table token, column owner, row "),
    ("UPDATE head SET default_prefix = '?'", "mint bob", "table head, column default_prefix, row 1"),
    ("UPDATE owner SET disabled_at = -5", "list", "table owner, column disabled_at, row key_"),
];

both!(a_value_that_no_keyctl_wrote_names_its_cell, |place| {
    let sandbox = Sandbox::with_store(place);
    let token = sandbox.ok(&["mint", "alice", "--scope", "m"]);
    let saved = save(&sandbox);
    let mut failures = Vec::new();
    for (sql, words, says) in DAMAGE {
        sandbox.place.sql(sql).unwrap();
        let (ran, _) =
            run_bounded(sandbox.command(&words.split(' ').collect::<Vec<_>>()), Some(token.as_bytes()));
        let clear = ran.stderr.contains("error: ") && ran.stderr.contains("hint: run: keyctl store check");
        if ran.code != Some(7) || !ran.stderr.contains(says) || !clear {
            failures.push(format!("## {sql}; {words}\n{ran:?}"));
        }
        let (checked, _) = run_bounded(sandbox.command(&["store", "check"]), None);
        if checked.code != Some(7) || !checked.stderr.contains("hint: ") {
            failures.push(format!("## {sql}; store check\n{checked:?}"));
        }
        for statement in &saved {
            sandbox.place.sql(statement).unwrap();
        }
    }
    report(&failures);
});

/// Statements that put back what is there now.
fn save(sandbox: &Sandbox) -> Vec<String> {
    let columns = [
        ("key", "name scopes networks labels rate quota created_at expires_at"),
        ("token", "prefix scopes owner"),
        ("head", "default_prefix"),
        ("owner", "disabled_at"),
    ];
    let mut statements = Vec::new();
    for (table, column) in
        columns.iter().flat_map(|(table, names)| names.split(' ').map(move |name| (table, name)))
    {
        let value = sandbox.place.sql(&format!("SELECT {column} FROM {table}")).unwrap();
        let value = if value.is_empty() { "NULL".to_owned() } else { format!("'{value}'") };
        statements.push(format!("UPDATE {table} SET {column} = {value}"));
    }
    statements
}

/// A log that somebody changed by hand.
const FORGED: [(&str, &str); 5] = [
    ("UPDATE audit SET body = '{}' WHERE seq = 2", "2"),
    ("DELETE FROM audit WHERE seq = 2", "2"),
    ("DELETE FROM audit WHERE seq = 3", "3"),
    ("UPDATE audit SET seq = 9 WHERE seq = 3", "3"),
    ("UPDATE head SET audit_seq = 2", ""),
];

both!(a_log_that_was_changed_is_found_out, |place| {
    let postgres = place.database.is_some();
    drop(place);
    let mut failures = Vec::new();
    for (sql, named) in FORGED {
        let sandbox = Sandbox::with_store(if postgres { Place::postgres() } else { Place::sqlite() });
        sandbox.ok(&["mint", "alice", "--scope", "m"]);
        sandbox.ok(&["revoke", "alice"]);
        sandbox.place.sql(sql).unwrap();
        for words in [["audit", "verify"], ["store", "check"]] {
            let (ran, _) = run_bounded(sandbox.command(&words), None);
            let clear = ran.stderr.contains("error: ") && ran.stderr.contains("hint: ");
            if ran.code != Some(7) || !clear || !(ran.stderr + &ran.stdout).contains(named) {
                failures.push(format!("## {sql}: {words:?}\n{:?} {}", ran.code, ran.stdout));
            }
        }
    }
    report(&failures);
});

both!(a_revocation_keeps_its_first_time_and_reason, |place| {
    let sandbox = Sandbox::with_store(place);
    sandbox.ok(&["mint", "alice", "--scope", "m"]);
    sandbox.ok(&["revoke", "alice", "--reason", "leaked"]);
    let first = sandbox.json(&["show", "alice"]);
    check(
        &sandbox,
        vec![
            case("again", "revoke alice --reason other").says("revoked already"),
            case("both forms", "revoke alice alice/default").says("revoked already"),
            case("a new key of that name", "mint alice --scope m").mints().leaves(Effect::Change),
        ],
    );
    let id = first["id"].as_str().unwrap();
    assert_eq!(sandbox.json(&["show", id]), first);
});

/// A lock on one part of the index of the log, by a process that is no SQLite: which bytes, whether
/// it is shared, as whoever may read the file can take it, and which commands are kept out.
const SHM: [(&str, u32, u32, bool, &[&str]); 6] = [
    ("writing, shared", 120, 1, true, &["list", "revoke alice", "mint bob --scope m"]),
    ("checkpoints, shared", 121, 1, true, &["revoke alice"]),
    ("recovery, shared", 122, 1, true, &["revoke alice"]),
    ("all of them, shared", 120, 9, true, &["revoke alice"]),
    ("reading, exclusive", 123, 5, false, &["list", "revoke alice"]),
    ("the first connection's, exclusive", 128, 1, false, &["list", "revoke alice"]),
];

const HOLD_SHM: &str = "
import fcntl, os, struct, sys
file, start, length, shared = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4] == 'true'
fd = os.open(file, os.O_RDONLY if shared else os.O_RDWR)
kind = fcntl.F_RDLCK if shared else fcntl.F_WRLCK
fcntl.fcntl(fd, fcntl.F_SETLK, struct.pack('hhqqi4x', kind, 0, start, length, 0))
print('held', flush=True)
sys.stdin.read()
";

#[test]
fn a_lock_on_the_index_of_the_log_is_waited_for_as_long_as_was_asked_for() {
    use std::io::{BufRead as _, BufReader};
    use std::process::{Command, Stdio};
    let sandbox = Sandbox::with_store(Place::sqlite());
    sandbox.ok(&["mint", "alice", "--scope", "m"]);
    let shm = format!("{}-shm", sandbox.place.file().display());
    let mut failures = Vec::new();
    for (name, start, length, shared, commands) in SHM {
        let mut holder = Command::new("python3")
            .args(["-c", HOLD_SHM, &shm, &start.to_string(), &length.to_string(), &shared.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("python3 was not found: run scripts/test, which installs what is missing");
        let mut line = String::new();
        BufReader::new(holder.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line, "held\n");
        for words in commands {
            let args = [&words.split(' ').collect::<Vec<_>>()[..], &["--lock-timeout", "1200ms"]].concat();
            let (ran, took) = run_bounded(sandbox.command(&args), None);
            let clear = ran.stderr.contains("locked by another process")
                && ran.stderr.contains("nothing was changed");
            if ran.code != Some(6) || !clear || took > Duration::from_secs(4) {
                failures.push(format!("## {name}: {words}: {took:?}\n{ran:?}"));
            }
        }
        drop(holder.stdin.take());
        holder.wait().unwrap();
    }
    report(&failures);
    sandbox.ok(&["revoke", "alice"]);
}
