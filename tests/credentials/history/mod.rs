//! Eight processes take leases of one credential again and again, while they and whoever gets the next token are killed and
//! stopped, at a provider that ends a grant at the second use of a refresh token. What happened is checked against a model.

mod disturbance;
mod model;
mod planted;
mod town;

use std::io::Write as _;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use disturbance::{Disturbance, disturb};
use model::{Came, History, What, faults};
use town::{CREDENTIAL, Town, now};

use super::shown;
use crate::support::both;
use crate::support::cli::Sandbox;

/// How many leases each process takes, if it is to be another number: `scripts/soak` says so.
const LEASES: &str = "KEYCTL_SOAK_LEASES";
const PROCESSES: u64 = 8;

both!(what_happens_to_a_credential_in_use_follows_the_model, |place| {
    let wanted: Option<usize> = std::env::var(LEASES).ok().map(|text| text.parse().expect("a number"));
    let leases = wanted.unwrap_or(25);
    let disturbance = match wanted {
        None => Disturbance { kills: 6, on_the_wire: 1 },
        // Each one on the wire costs everybody twenty seconds.
        Some(leases) => Disturbance { kills: leases / 3, on_the_wire: leases / 25 },
    };
    let seed = (u64::from(std::process::id()) << 20) | 0x9E37;
    let town = Town::new(Sandbox::with_store(place));
    let begun = Instant::now();
    thread::scope(|scope| {
        let (town, disturbance) = (&town, &disturbance);
        let workers: Vec<_> = (1..=PROCESSES)
            .map(|number| scope.spawn(move || town.work(seed * 31 + number, leases)))
            .collect();
        let disturbing = scope.spawn(move || disturb(town, seed, disturbance));
        let ended: Vec<_> = workers.into_iter().map(|worker| worker.join()).collect();
        town.is_over.store(true, Ordering::Relaxed);
        disturbing.join().expect("disturbed");
        assert!(ended.iter().all(Result::is_ok), "a worker panicked, seed {seed}");
    });
    settle(&town);
    let history = town.history();
    let faults = faults(&history);
    let counted = counted(&history);
    assert!(faults.is_empty(), "seed {seed}: {counted}\n{}", faults.join("\n"));
    let version = history.records.iter().map(|record| record.version).max();
    assert_eq!(shown(&town.sandbox, CREDENTIAL)["version"].as_u64(), version);
    // It was a test of something.
    let taken = PROCESSES * leases as u64;
    assert!(town.leases.load(Ordering::Relaxed) == taken && history.requests.len() > 5, "{counted}");
    assert!(history.kills.len() > disturbance.on_the_wire, "{counted}");
    town.sandbox.ok(&["store", "check"]);
    if wanted.is_some() {
        let _ = writeln!(std::io::stdout(), "seed {seed}, {:?}: {counted}", begun.elapsed());
    }
});

/// Whatever was disturbed last ends, and a token of after that is got.
fn settle(town: &Town) {
    let begun = now();
    loop {
        match town.refresh() {
            Came::Done => break,
            Came::NeedsReauth => town.sign_in(),
            _ => thread::sleep(Duration::from_millis(400)),
        }
        assert!(now() - begun < 60_000, "no token can be had");
    }
    // Those that were killed last are overcome, too.
    town.work(now().cast_unsigned(), 1);
    town.leases.fetch_sub(1, Ordering::Relaxed);
}

/// What of it happened, how often.
fn counted(history: &History) -> String {
    let came = |wanted: &Came| history.calls.iter().filter(|call| call.came == *wanted).count();
    let of = |what: &What| history.calls.iter().filter(|call| call.what == *what).count();
    format!(
        "{} leases, {} requests, {} of them again, {} sign-ins, {} resolved, {} killed, {} told not now, {} refused",
        history.leases().count(),
        history.requests.len(),
        history.repeats().len(),
        of(&What::Replace),
        of(&What::Resolve),
        history.kills.len(),
        came(&Came::NotNow),
        came(&Came::Refused),
    )
}
