//! What `keyctl serve` takes for an answer while people use a portal on the same store: beside the same without one.

use std::cell::RefCell;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};

use super::people::Person;
use crate::fixture::Seeded;
use crate::jwts::run;
use crate::pairs::{Budget, Line, Measure, line};
use crate::serve::load::Load;
use crate::serve::programs::Program;
use crate::serve::{ALLOWED, asking};
use crate::{Bench, big_sqlite};

const CONNECTIONS: usize = 32;
const PAIRS: usize = 11;
/// Uses are written every ten seconds, so each measurement has one of that.
const LASTS: Duration = Duration::from_secs(10);
/// Requests between two looks at the clock.
const AT_ONCE: u32 = 32 * 20;
/// Tokens of which every answer is kept: so many that none is asked for more often than its rate allows.
const KEPT: u64 = 8000;
/// Somebody opens a page so often, and changes a key with every so many-th.
const PACE: Duration = Duration::from_millis(200);
const PER_CHANGE: u32 = 25;
const MOST_KEYS: u64 = 100_000;

pub(crate) fn measure(bench: &Bench, lines: &mut Vec<Line>) -> anyhow::Result<()> {
    let folder = tempfile::tempdir_in(&bench.data)?;
    let (file, keys) = (folder.path().join("keys.db"), bench.keys.min(MOST_KEYS));
    std::fs::copy(big_sqlite::file(bench, keys)?, &file)?;
    let key = run(bench, &file, "mint alice/laptop --scope keyctl:self --scope memories", "")?;
    run(bench, &file, "mint alice/program --scope memories", "")?;
    let store = file.display().to_string();
    let serve = Program::serve(bench, &store, &[])?;
    let kept: Vec<Vec<u8>> = (0..KEPT).map(|number| asking(Seeded(number).live_key(keys))).collect();
    let load = RefCell::new(serve.load(CONNECTIONS)?);
    let ask = |waits: &RefCell<Vec<f64>>| {
        let (cpu, wall) = asked(&serve, &mut load.borrow_mut(), &kept)?;
        waits.borrow_mut().push(wall.as_secs_f64());
        Ok(cpu)
    };
    let walls = [RefCell::new(Vec::new()), RefCell::new(Vec::new())];
    let beside = || {
        let portal = Program::portal(bench, &store, None, &[], &[])?;
        let origin = format!("http://localhost:{}", portal.address.port());
        let over = AtomicBool::new(false);
        thread::scope(|scope| {
            let people = scope.spawn(|| use_it(Person::sign_in(&portal, &origin, &key)?, &over));
            let cpu = ask(&walls[0]);
            over.store(true, Ordering::Relaxed);
            let changes = people.join().map_err(|_| anyhow::anyhow!("somebody panicked"))?;
            let (cpu, changes) = (cpu?, changes?);
            ensure!(changes > 0, "nobody changed anything");
            Ok(cpu)
        })
    };
    let row = Measure {
        what: "serve, kept, beside a portal in use: CPU a request",
        reference: "the same without a portal",
        budget: Budget::AtMost(1.03),
        pairs: PAIRS,
        batch: 1,
    };
    ask(&RefCell::default())?;
    lines.push(row.run_cold(beside, || ask(&walls[1]))?);
    let [ours, theirs] = walls.map(RefCell::into_inner);
    let what = "serve, kept, beside a portal in use: time a request, 32 at once".to_owned();
    lines.push(line(what, row.reference, row.budget, &ours, &theirs));
    Ok(())
}

/// What one request took, of the server's processor time and of everybody's.
fn asked(serve: &Program, load: &mut Load, kept: &[Vec<u8>]) -> anyhow::Result<(Duration, Duration)> {
    let (start, mut count) = (Instant::now(), 0);
    let cpu = serve.cpu_of(|| {
        while start.elapsed() < LASTS {
            load.send(kept, AT_ONCE, ALLOWED)?;
            count += AT_ONCE;
        }
        Ok(())
    })?;
    Ok((cpu / count, start.elapsed() / count))
}

/// Looks at pages and now and then suspends or resumes a key, until it is over; how often it was changed.
fn use_it(mut person: Person, over: &AtomicBool) -> anyhow::Result<u32> {
    let home = person.get("/")?;
    let row = home.body.split("<tr").find(|row| row.contains(">program<")).context("a row")?;
    let at = row.find("/keys/").context("a link")?;
    let key = row[at..].split('"').next().context("a path")?.to_owned();
    let form = person.get("/keys/new")?.behind("name=\"form\" value=\"")?;
    let (mut turn, mut changes) = (0, 0);
    while !over.load(Ordering::Relaxed) {
        person.get(["/", key.as_str(), "/keys/new"][turn as usize % 3])?;
        if turn % PER_CHANGE == PER_CHANGE / 2 {
            let deed = if changes % 2 == 0 { "suspend" } else { "resume" };
            let done = person.post(&format!("{key}/{deed}"), &[("form", &form)])?;
            ensure!(done.status() == "303", "{deed}: {}", done.head);
            changes += 1;
        }
        turn += 1;
        thread::sleep(PACE);
    }
    if changes % 2 == 1 {
        person.post(&format!("{key}/resume"), &[("form", &form)])?;
    }
    Ok(changes)
}
