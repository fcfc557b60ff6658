//! Under load, while servers are killed and the database is restarted: nobody is let in who may not be, and no good
//! key is refused. Short here; `scripts/soak` runs it for ten minutes.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use keyctl::domain::keys::token::{Prefix, Token};
use keyctl::ops::env::SystemRandom;
use tempfile::TempDir;

use super::serving::BOUND;
use crate::support::chance::Chance;
use crate::support::cli::PROGRAM;
use crate::support::cluster::free_port;
use crate::support::pair::Pair;
use crate::support::postgres::PASSWORD;

/// How long, in seconds, if it is to be another time.
const SECONDS: &str = "KEYCTL_SOAK_SECONDS";
const SHORT: Duration = Duration::from_secs(30);
/// Whatever happens to a server, it answers again within this time.
const BACK: Duration = Duration::from_secs(20);
/// Keys that may be let in at a time.
const LIVE: usize = 12;

/// What is known of a token.
#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    Good,
    /// A command that takes it away was begun, and nobody can know yet whether it is in force.
    Ending,
    /// A command said so at this time.
    Ended(Instant),
}

struct Key {
    reference: String,
    token: String,
    state: State,
}

/// A store, two servers over it, and all that is known of its keys.
struct Town {
    store: String,
    home: TempDir,
    addresses: [SocketAddr; 2],
    servers: [Mutex<Option<Child>>; 2],
    keys: Mutex<Vec<Key>>,
    counts: Mutex<BTreeMap<&'static str, u64>>,
    is_over: AtomicBool,
}

impl Drop for Town {
    fn drop(&mut self) {
        for place in 0..2 {
            self.kill(place);
        }
    }
}

impl Town {
    fn new(store: String) -> Self {
        let address = || (Ipv4Addr::LOCALHOST, free_port().expect("a port")).into();
        let town = Self {
            store,
            home: tempfile::tempdir().expect("folder"),
            addresses: [address(), address()],
            servers: [Mutex::new(None), Mutex::new(None)],
            keys: Mutex::default(),
            counts: Mutex::default(),
            is_over: AtomicBool::new(false),
        };
        let made = town.command(&["store", "init"]).output().expect("runs");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        for place in 0..2 {
            town.start(place);
        }
        town
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command.args(args).env_clear().env("HOME", self.home.path()).env("PGPASSWORD", PASSWORD);
        command.env("KEYCTL_STORE", &self.store).env("KEYCTL_LOCK_TIMEOUT", "5s");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn start(&self, place: usize) {
        let log = std::fs::File::options().append(true).create(true).open(self.log(place)).expect("a log");
        let mut command = self.command(&["serve", "--listen", &format!("{}=all", self.addresses[place])]);
        let child = command.stdout(Stdio::null()).stderr(log).spawn().expect("starts");
        *self.servers[place].lock().expect("lock") = Some(child);
    }

    fn log(&self, place: usize) -> std::path::PathBuf {
        self.home.path().join(format!("serve-{place}.log"))
    }

    fn kill(&self, place: usize) {
        let child = self.servers[place].lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(mut child) = child {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Relaxed)
    }

    fn count(&self, what: &'static str) {
        *self.counts.lock().unwrap_or_else(PoisonError::into_inner).entry(what).or_default() += 1;
    }

    fn counted(&self, what: &str) -> u64 {
        self.counts.lock().expect("lock").get(what).copied().unwrap_or(0)
    }

    /// The status of an answer; none if the server is gone.
    fn ask(&self, place: usize, token: &str) -> Option<u16> {
        let mut stream = TcpStream::connect(self.addresses[place]).ok()?;
        stream.set_read_timeout(Some(BACK)).ok()?;
        let head = format!(
            "GET /auth/caddy/memories HTTP/1.1\r\nHost: keyctl\r\nConnection: close\r\n\
             X-Forwarded-Method: GET\r\nX-Forwarded-Uri: /\r\nAuthorization: Bearer {token}\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        answer.split(' ').nth(1)?.parse().ok()
    }

    /// Asks about keys of all kinds until it is over.
    fn asks(&self, seed: u64) {
        let mut chance = Chance(seed);
        while !self.is_over() {
            let place = usize::from(chance.below(2) == 0);
            let picked = {
                let keys = self.keys.lock().expect("lock");
                (!keys.is_empty()).then(|| {
                    let number = chance.among(keys.len());
                    (number, keys[number].token.clone(), keys[number].state)
                })
            };
            let Some((number, token, before)) = picked else { continue };
            let sent = Instant::now();
            let answer = self.ask(place, &token);
            let now = self.keys.lock().expect("lock")[number].state;
            match (answer, before) {
                (None, _) => self.count("nobody answered"),
                (Some(503), _) => self.count("503"),
                (Some(200), State::Ended(at)) if sent.saturating_duration_since(at) > BOUND => {
                    panic!(
                        "seed {seed}: {:?} after its end was said, {token:.8}… is let in by {place}",
                        sent - at
                    )
                }
                (Some(200), _) => self.count("let in"),
                (Some(401), State::Good) if now == State::Good => {
                    panic!("seed {seed}: a good key is refused by {place}")
                }
                (Some(401), _) => self.count("refused"),
                (Some(status), _) => panic!("status {status}"),
            }
            if chance.below(20) == 0 {
                let unknown = Token::generate(&Prefix::default(), &mut SystemRandom).expect("a token");
                match self.ask(place, unknown.expose()) {
                    None | Some(401 | 503) => self.count("unknown"),
                    other => panic!("a token that nobody was given: {other:?}"),
                }
            }
        }
    }

    /// Makes keys and takes them away until it is over. Sometimes the command is killed on its way.
    fn changes(&self, seed: u64) {
        let mut chance = Chance(seed);
        let mut made = 0;
        while !self.is_over() {
            let live = self.live();
            if live.len() < LIVE {
                made += 1;
                let name = format!("n{made}");
                let done =
                    self.command(&["mint", "alice", "--name", &name, "--scope", "memories", "-q"]).output();
                let done = done.expect("runs");
                if done.status.success() {
                    let token = String::from_utf8(done.stdout).expect("a token").trim().to_owned();
                    let key = Key { reference: format!("alice/{name}"), token, state: State::Good };
                    self.keys.lock().expect("lock").push(key);
                    self.count("made");
                }
                continue;
            }
            let number = live[chance.among(live.len())];
            let reference = self.set(number, State::Ending);
            let word = if chance.below(2) == 0 { "suspend" } else { "revoke" };
            let args: &[&str] = &[word, &reference, "-q"];
            if chance.below(4) == 0 {
                self.begin_and_kill(args, chance.below(40));
            }
            while !self.is_over() {
                let done = self.command(args).output().expect("runs");
                if done.status.success() {
                    self.set(number, State::Ended(Instant::now()));
                    self.count("taken away");
                    break;
                }
                self.count("had to be tried again");
            }
        }
    }

    fn begin_and_kill(&self, args: &[&str], millis: u64) {
        let mut child = self.command(args).spawn().expect("starts");
        thread::sleep(Duration::from_millis(millis));
        let _ = child.kill();
        let _ = child.wait();
        self.count("commands killed");
    }

    fn live(&self) -> Vec<usize> {
        let keys = self.keys.lock().expect("lock");
        (0..keys.len()).filter(|number| keys[*number].state == State::Good).collect()
    }

    fn set(&self, number: usize, state: State) -> String {
        let key = &mut self.keys.lock().expect("lock")[number];
        key.state = state;
        key.reference.clone()
    }

    /// All is up again: each key is what was said of it, with both servers.
    fn settle(&self) {
        let begun = Instant::now();
        let keys = self.keys.lock().expect("lock");
        for key in keys.iter() {
            for place in 0..2 {
                let wanted: &[u16] = match key.state {
                    State::Good => &[200],
                    State::Ending => &[200, 401],
                    State::Ended(_) => &[401],
                };
                while !self.ask(place, &key.token).is_some_and(|status| wanted.contains(&status)) {
                    assert!(begun.elapsed() < BACK, "{place}: {:?}: {}", key.state, self.tail(place));
                    thread::sleep(Duration::from_millis(50));
                }
            }
        }
    }

    fn tail(&self, place: usize) -> String {
        let log = std::fs::read_to_string(self.log(place)).unwrap_or_default();
        log.lines().rev().take(20).collect::<Vec<_>>().join("\n")
    }
}

fn duration() -> Duration {
    let wanted = std::env::var(SECONDS).ok().map(|text| text.parse().expect("seconds"));
    wanted.map_or(SHORT, Duration::from_secs)
}

/// Runs it; `disturb` does something to the database, if it is a server, and brings it back.
fn run(store: String, mut disturb: impl FnMut(&mut Chance)) {
    let seed = (u64::from(std::process::id()) << 20) | 0x9E37;
    let town = Town::new(store);
    let mut chance = Chance(seed);
    let begun = Instant::now();
    thread::scope(|scope| {
        let town = &town;
        let mut threads: Vec<_> =
            (1..4).map(|number| scope.spawn(move || town.asks(seed ^ number))).collect();
        threads.push(scope.spawn(move || town.changes(!seed)));
        let (mut times, mut is_server) = (0, false);
        while begun.elapsed() < duration() && !threads.iter().any(|thread| thread.is_finished()) {
            // Long enough that a server keeps answers for more than the bound.
            thread::sleep(Duration::from_millis(500 + chance.below(7000)));
            // The first two times it is one of each, in either order: a short run has only a few.
            is_server = if times == 1 { !is_server } else { chance.below(2) == 0 };
            times += 1;
            if is_server {
                let place = usize::from(chance.below(2) == 0);
                town.kill(place);
                town.start(place);
                town.count("servers killed");
            } else {
                disturb(&mut chance);
            }
        }
        town.is_over.store(true, Ordering::Relaxed);
        for thread in threads {
            if let Err(panic) = thread.join() {
                std::panic::resume_unwind(panic);
            }
        }
    });
    town.settle();
    if std::env::var_os(SECONDS).is_some() {
        let _ = writeln!(std::io::stdout(), "seed {seed}: {:?}", town.counts.lock().expect("lock"));
    }
    for (what, least) in
        [("let in", 200), ("refused", 50), ("taken away", 5), ("servers killed", 1), ("unknown", 5)]
    {
        assert!(town.counted(what) >= least, "{what}: {:?}", town.counts.lock().expect("lock"));
    }
    for place in 0..2 {
        assert!(!town.tail(place).contains("panicked"), "{}", town.tail(place));
    }
}

#[test]
fn on_sqlite_nobody_is_let_in_who_may_not_be_whatever_is_killed() {
    let folder = tempfile::tempdir().expect("folder");
    let store = folder.path().join("keys.db").display().to_string();
    run(store, |_| {});
}

#[test]
fn on_postgresql_nobody_is_let_in_who_may_not_be_whatever_is_killed_or_restarted() {
    let mut pair = Pair::asynchronous();
    let store = pair.address();
    run(store, |chance| {
        if chance.below(2) == 0 {
            pair.first.kill();
            thread::sleep(Duration::from_millis(chance.below(1500)));
            pair.first.start();
        } else {
            let hanging = pair.first.hang();
            thread::sleep(Duration::from_millis(chance.below(7000)));
            drop(hanging);
        }
    });
}
