//! The signing keys are rotated while six libraries verify, each of which keeps the keys of `/.well-known/jwks.json` as
//! long as whoever uses it does: no good token is refused.
//!
//! A next key has to be published for five minutes before it signs. In the short form, the clocks of the libraries run
//! thirty times as fast (`faketime`), so that their caches do end; the store's clock is not theirs, and there the next key
//! is made older by as much. `scripts/soak` waits the five minutes twice.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use super::exchanging::{ISSUER, exchanged, furnished, issuing, keyed, soon};
use super::offline::{age, kid_of, kids};
use super::process::Server;
use crate::support::store::Place;
use crate::support::verifiers::{LIBRARIES, Verifier};

const FASTER: &[&str] = &["faketime", "-f", "+0 x30"];
/// By the clocks of the libraries: what a key is published for, and a little more than the two seconds in which serve
/// tells of it.
const PUBLISHED_FOR: i64 = 310;
const PATIENCE: Duration = Duration::from_secs(1200);

/// What one library was asked, and took.
struct Seen {
    library: &'static str,
    tokens: usize,
    kids: BTreeSet<String>,
}

/// Ends the load, also where something fails.
struct Ends<'a>(&'a AtomicBool);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Exchanges and asks until it is over; `clock` says how late it is there.
fn follow(
    library: &'static str,
    before: &[&str],
    server: &Server,
    key: &str,
    clock: &AtomicI64,
    over: &AtomicBool,
) -> Seen {
    let mut verifier = Verifier::start(library, before);
    let url = format!("http://{}/.well-known/jwks.json", server.address);
    let mut seen = Seen { library, tokens: 0, kids: BTreeSet::new() };
    while !over.load(Ordering::Relaxed) {
        // To a clock that runs ahead it must not have ended.
        let token = exchanged(server, key, "&expires_in=3600");
        let case = json!({ "token": token, "audience": ISSUER, "issuer": ISSUER, "url": url });
        let answer = verifier.ask(&case);
        let (seconds, said) = answer.split_once(' ').unwrap_or_default();
        assert_eq!(said, "alice", "{library}: token {} of {}, at {seconds} s", seen.tokens, kid_of(&token));
        clock.store(seconds.parse().expect("seconds"), Ordering::Relaxed);
        seen.tokens += 1;
        seen.kids.insert(kid_of(&token));
        thread::sleep(Duration::from_millis(20));
    }
    seen
}

/// Not by a macro, whose lines only failing tests show.
fn say(text: &str) {
    let _ = std::io::stderr().write_all(text.as_bytes());
}

#[test]
fn six_libraries_follow_two_rotations_under_load_without_one_refused_token() {
    let is_long = std::env::var_os("KEYCTL_SOAK_SECONDS").is_some();
    let before = if is_long { &[][..] } else { FASTER };
    let (sandbox, token, address) = furnished(Place::sqlite());
    sandbox.ok(&["store", "set", "issuer", ISSUER]);
    let server = issuing(&sandbox, &address, "", &[]);
    let clocks = LIBRARIES.map(|_| AtomicI64::new(0));
    let over = AtomicBool::new(false);
    let begun = Instant::now();
    let seen = thread::scope(|scope| {
        let (server, token, over) = (&server, &token, &over);
        let following: Vec<_> = LIBRARIES
            .into_iter()
            .zip(&clocks)
            .map(|(library, clock)| scope.spawn(move || follow(library, before, server, token, clock, over)))
            .collect();
        let ends = Ends(over);
        // Until it is so late to the slowest of them, or one has ended.
        let until = |wanted: [i64; LIBRARIES.len()]| {
            while clocks.iter().zip(wanted).any(|(clock, wanted)| clock.load(Ordering::Relaxed) < wanted)
                && following.iter().all(|one| !one.is_finished())
            {
                assert!(begun.elapsed() < PATIENCE, "{clocks:?}");
                thread::sleep(Duration::from_millis(50));
            }
        };
        let in_seconds = |seconds| clocks.each_ref().map(|clock| clock.load(Ordering::Relaxed) + seconds);
        for number in 3..5 {
            until(in_seconds(PUBLISHED_FOR));
            if !is_long {
                age(&sandbox);
            }
            let signed = kid_of(&exchanged(server, token, ""));
            keyed(&sandbox, "signing-key rotate", "");
            soon("the new set", || kids(server).len() == number);
            soon("another key signs", || kid_of(&exchanged(server, token, "")) != signed);
        }
        // Beyond the 30 s for which some do not ask again.
        until(in_seconds(60));
        drop(ends);
        following.into_iter().map(|one| one.join().expect("none was refused")).collect::<Vec<_>>()
    });
    for one in &seen {
        assert!(
            one.kids.len() == 3 && one.tokens > 30,
            "{}: {} tokens of {:?}",
            one.library,
            one.tokens,
            one.kids
        );
    }
    let tokens: usize = seen.iter().map(|one| one.tokens).sum();
    say(&format!("{tokens} tokens in {:?}, none refused\n", begun.elapsed()));
    server.is_well();
}
