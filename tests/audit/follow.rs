//! A log that is followed while others write it.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use super::{numbers, some_records};
use crate::support::cli::Sandbox;
use crate::support::pty::Terminal;
use crate::support::store::Place;
use crate::support::{both, postgres};

const SOON: Duration = Duration::from_secs(10);

/// A running `audit list --follow`, which ends with this value.
struct Following {
    child: Child,
    lines: Receiver<String>,
    notes: Receiver<String>,
}

impl Following {
    fn start(sandbox: &Sandbox, words: &[&str]) -> Self {
        let words = [&["audit", "list", "--follow", "-o", "jsonl"], words].concat();
        let mut child = sandbox.command(&words).spawn().expect("starts");
        let lines = receive(child.stdout.take().expect("piped"));
        let notes = receive(child.stderr.take().expect("piped"));
        Self { child, lines, notes }
    }

    #[track_caller]
    fn next(&self) -> u64 {
        let line = self.lines.recv_timeout(SOON).expect("a record in time");
        numbers(&line)[0]
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn receive(from: impl std::io::Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    receiver
}

fn ended_within(child: &mut Child, limit: Duration) -> Option<std::process::ExitStatus> {
    let start = Instant::now();
    while start.elapsed() < limit {
        if let Some(status) = child.try_wait().expect("waits") {
            return Some(status);
        }
        thread::sleep(Duration::from_millis(20));
    }
    None
}

both!(each_new_record_follows_those_that_are_there, |place| {
    let sandbox = Sandbox::with_store(place);
    some_records(&sandbox);
    let all = Following::start(&sandbox, &[]);
    let newest = Following::start(&sandbox, &["--limit", "2"]);
    let revoked = Following::start(&sandbox, &["--action", "revoke", "--owner", "bob"]);
    assert_eq!([all.next(), all.next(), all.next(), all.next(), all.next()], [1, 2, 3, 4, 5]);
    assert_eq!([newest.next(), newest.next()], [4, 5]);
    sandbox.ok(&["mint", "carol", "--scope", "m"]);
    assert_eq!([all.next(), newest.next()], [6, 6]);
    sandbox.ok(&["revoke", "bob"]);
    assert_eq!([all.next(), newest.next(), revoked.next()], [7, 7, 7]);
    assert!(all.lines.try_recv().is_err() && all.notes.try_recv().is_err());
});

both!(a_reader_that_goes_away_ends_it_without_a_word, |place| {
    let sandbox = Sandbox::with_store(place);
    let mut command = sandbox.command(&["audit", "list", "--follow"]);
    let mut child = command.stdout(Stdio::piped()).spawn().expect("starts");
    let mut first = [0; 1];
    let mut stdout = child.stdout.take().expect("piped");
    stdout.read_exact(&mut first).expect("the first record");
    // Nothing is written any more, and yet it notices.
    drop(stdout);
    let status = ended_within(&mut child, SOON).expect("it ends");
    assert_eq!(status.code(), Some(0));
    let mut said = String::new();
    child.stderr.take().expect("piped").read_to_string(&mut said).expect("read");
    assert_eq!(said, "");
});

both!(on_a_terminal_it_is_a_table_that_ends_with_ctrl_c, |place| {
    let sandbox = Sandbox::with_store(place);
    for number in 0..12 {
        sandbox.ok(&["mint", "alice", "--scope", "m", "--name", &format!("k{number}")]);
    }
    let mut terminal = Terminal::start(&sandbox.command(&["audit", "list", "--follow"]), 120);
    terminal.wait_for("alice/k11");
    sandbox.ok(&["mint", "a-rather-long-owner", "--scope", "m"]);
    terminal.wait_for("a-rather-long-owner/default");
    sandbox.ok(&["mint", "bob", "--scope", "m"]);
    terminal.wait_for("bob/default");
    terminal.type_text("\x03");
    let (_, seen) = terminal.finish();
    assert_eq!(seen.matches("SUBJECT").count(), 1, "one header: {seen}");
    assert!(seen.contains("alice/k2") && !seen.contains("alice/k1 "), "the newest ten: {seen}");
    let row = |owner: &str| seen.lines().find(|line| line.contains(owner)).expect("a row").to_owned();
    let (long, short) = (row("a-rather-long-owner"), row("bob/default"));
    assert_eq!(long.find("keyctl"), short.find("keyctl"));
    let column = |row: &str| row.find("scopes=").expect("details");
    assert_eq!(column(&long), column(&short), "columns keep their width:\n{long}\n{short}");
});

#[test]
fn a_server_that_is_away_for_a_while_is_waited_for_with_one_note() {
    let sandbox = Sandbox::with_store(Place::postgres());
    let database = sandbox.place.database.clone().expect("a database");
    let following = Following::start(&sandbox, &[]);
    assert_eq!(following.next(), 1);
    let server = postgres::server();
    let admin = |sql: &str| server.psql("postgres", sql).expect("done");
    admin(&format!("ALTER DATABASE {database} ALLOW_CONNECTIONS false"));
    admin(&format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'"));
    let note = following.notes.recv_timeout(SOON).expect("a note");
    assert!(note.contains("waiting for the store to come back"), "{note}");
    thread::sleep(Duration::from_millis(1500));
    admin(&format!("ALTER DATABASE {database} ALLOW_CONNECTIONS true"));
    sandbox.ok(&["mint", "alice", "--scope", "m"]);
    assert_eq!(following.next(), 2, "nothing is shown twice");
    assert!(following.notes.try_recv().is_err(), "one note is enough");
}

both!(a_log_that_becomes_shorter_is_an_error, |place| {
    let sandbox = Sandbox::with_store(place);
    some_records(&sandbox);
    let mut following = Following::start(&sandbox, &["--limit", "1"]);
    assert_eq!(following.next(), 5);
    sandbox
        .place
        .sql("DELETE FROM audit WHERE seq > 3; UPDATE head SET audit_seq = 3, audit_hash = (SELECT hash FROM audit WHERE seq = 3)")
        .expect("cut");
    let status = ended_within(&mut following.child, SOON).expect("it ends");
    assert_eq!(status.code(), Some(7));
    let error = following.notes.recv_timeout(SOON).expect("an error");
    assert!(error.contains("ends at record 3") && error.contains("STORE_DAMAGED"), "{error}");
});
