//! How long work is shown, and that nothing of it stays.

use std::thread;
use std::time::{Duration, Instant};

use crate::support::both;
use crate::support::cli::Sandbox;
use crate::support::pty::Terminal;
use crate::support::runner::report;
use crate::support::store::Place;

/// Makes the next `store check` take a while. The guard must live as long.
fn slow_down(place: &Place) -> Option<thread::JoinHandle<()>> {
    let Some(name) = place.database.clone() else {
        // Rows that no command reads, but that the check of the pages does.
        place
            .sql(
                "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4000000)
                 INSERT INTO change (seq, key_id, at) SELECT 1000 + i, 'key_00000000000000000000000000', 0 FROM n",
            )
            .expect("rows");
        return None;
    };
    let held = thread::spawn(move || {
        let locked = "BEGIN; LOCK TABLE keyctl.token; SELECT pg_sleep(3); COMMIT";
        crate::support::postgres::server().psql(&name, locked).expect("locked");
    });
    thread::sleep(Duration::from_millis(500));
    Some(held)
}

both!(long_work_is_shown_while_it_lasts, |place| {
    let sandbox = Sandbox::with_store(place);
    sandbox.ok(&["mint", "alice", "--scope", "m"]);
    let slow = slow_down(&sandbox.place);
    let mut command = sandbox.command(&["store", "check"]);
    command.env("NO_COLOR", "1");
    let start = Instant::now();
    let mut terminal = Terminal::start(&command, 60);
    terminal.wait_for(" rows");
    assert!(start.elapsed() >= Duration::from_millis(300));
    let (code, seen) = terminal.finish();
    let seconds = start.elapsed().as_secs() as usize + 1;
    assert_eq!(code, 0, "{seen}");
    let (_, after) = seen.rsplit_once(" rows").unwrap();
    assert!(after.contains("\u{1b}[2K"), "the line stays: {seen:?}");
    assert!(after.ends_with("the store is as it should be\r\n"), "{seen:?}");
    assert!(seen.matches(" rows").count() <= 12 * seconds, "drawn too often: {seen:?}");
    let widest = seen.split(['\r', '\n']).map(|line| line.chars().count()).max().unwrap_or_default();
    assert!(widest <= 60 + "\u{1b}[2K".len(), "{seen:?}");
    if let Some(held) = slow {
        held.join().expect("released");
    }
});

#[test]
fn where_nobody_looks_nothing_is_drawn() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    slow_down(&sandbox.place);
    let mut failures = Vec::new();
    for (name, words, term, shown) in [
        ("quiet", "store check -q", "xterm", false),
        ("dumb", "store check", "dumb", false),
        ("short work", "audit verify", "xterm", false),
        ("the rule", "store check -o json", "xterm", true),
    ] {
        let mut command = sandbox.command(&words.split(' ').collect::<Vec<_>>());
        command.env("TERM", term);
        let (code, seen) = Terminal::start(&command, 80).finish();
        if code != 0 || seen.contains(" rows") != shown {
            failures.push(format!("## {name}: {code} {seen:?}"));
        }
    }
    let ran = sandbox.run(&["store", "check"]);
    if ran.code != Some(0) || (ran.stdout + &ran.stderr).contains(" rows") {
        failures.push("## pipes".to_owned());
    }
    report(&failures);
}
