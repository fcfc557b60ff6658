//! How long an answer takes: the 99th percentile, with some requests under way at once.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::anyhow;

use super::load::Load;
use super::programs::Program;
use super::{ALLOWED, asking};
use crate::fixture::Seeded;
use crate::pairs::{Budget, Line, Measure};
use crate::{Bench, FEW, big_sqlite};

/// Of them, one in twenty is revoked.
const ASKED: usize = 900;
const UNDER_WAY: usize = 4;
const ROUNDS: usize = 15;

pub(crate) fn measure(bench: &Bench, lines: &mut Vec<Line>) -> anyhow::Result<()> {
    let store = |keys| anyhow::Ok((keys, big_sqlite::file(bench, keys)?.display().to_string()));
    let (few, many) = (store(FEW)?, store(bench.keys)?);
    lines.push(kept(bench, &few, &many)?);
    lines.push(uncached(bench, &few, &many)?);
    flood(bench, &many, lines)
}

type Store = (u64, String);

/// The requests about so many keys among the first ones, each once.
fn of_first(keys: usize) -> Vec<Vec<u8>> {
    (0..).filter(|number| !crate::fixture::is_revoked(*number)).take(keys).map(asking).collect()
}

fn p99(mut waits: Vec<Duration>) -> Duration {
    waits.sort();
    waits[waits.len() * 99 / 100]
}

fn row<'a>(what: &'a str, reference: &'a str, budget: Budget) -> Measure<'a> {
    Measure { what, reference, budget, pairs: ROUNDS, batch: 1 }
}

/// Answers that are kept: of the same number of keys among few and among many.
fn kept(bench: &Bench, few: &Store, many: &Store) -> anyhow::Result<Line> {
    let mut random = Seeded(12);
    // Four times each, so that there is enough to be measured.
    let often = |tokens: Vec<Vec<u8>>| tokens.iter().cycle().take(4 * ASKED).cloned().collect::<Vec<_>>();
    let of_few = often(of_first(ASKED));
    let of_many = often((0..ASKED).map(|_| asking(random.live_key(many.0))).collect());
    let (one, other) = (Program::serve(bench, &many.1, &[])?, Program::serve(bench, &few.1, &[])?);
    let (mut ours, mut theirs) = (one.load(UNDER_WAY)?, other.load(UNDER_WAY)?);
    row("serve, kept: p99 of the wait", "1,000 keys", Budget::AtMost(1.25))
        .run(|| Ok(p99(ours.waits(&of_many, ALLOWED)?)), || Ok(p99(theirs.waits(&of_few, ALLOWED)?)))
}

/// Answers that must be read: from a new server each time, since of few keys every answer is kept soon.
fn uncached(bench: &Bench, few: &Store, many: &Store) -> anyhow::Result<Line> {
    let mut random = Seeded(13);
    let of_few = of_first(ASKED);
    let mut ours = || {
        let serve = Program::serve(bench, &many.1, &[])?;
        let mut load = serve.load(UNDER_WAY)?;
        let mut some = |count: usize| (0..count).map(|_| asking(random.live_key(many.0))).collect::<Vec<_>>();
        // The pages of the file's upper levels are there, as in a server that has run for a while.
        load.waits(&some(20 * ASKED), ALLOWED)?;
        Ok(p99(load.waits(&some(ASKED), ALLOWED)?))
    };
    let theirs = || {
        let serve = Program::serve(bench, &few.1, &[])?;
        Ok(p99(serve.load(UNDER_WAY)?.waits(&of_few, ALLOWED)?))
    };
    row("serve, uncached: p99 of the wait", "1,000 keys", Budget::AtMost(1.25)).run_cold(&mut ours, theirs)
}

/// While others ask as fast as they can: about distinct unknown tokens, about known ones, or not at all.
fn flood(bench: &Bench, (keys, store): &Store, lines: &mut Vec<Line>) -> anyhow::Result<()> {
    let mut random = Seeded(17);
    // All of them fit among the answers that are kept.
    let mut known = |count: usize| (0..count).map(|_| asking(random.live_key(*keys))).collect::<Vec<_>>();
    let (tokens, others) = (known(4 * ASKED), known(4 * ASKED));
    // More than can be asked about within the second for which a refusal is kept.
    let unknown: Vec<_> = (*keys..*keys + 300_000).map(asking).collect();
    let mut measure = |reference: &str, budget, theirs: &[Vec<u8>]| {
        let (mut flooded, mut other) = (Side::new(bench, store)?, Side::new(bench, store)?);
        for side in [&mut flooded, &mut other] {
            side.load.waits(&tokens, ALLOWED)?;
            side.flood.waits(&others, ALLOWED)?;
        }
        let what = "serve, kept, under a flood of unknown tokens: p99 of the wait";
        let line = row(what, reference, budget)
            .run(|| flooded.p99(&tokens, &unknown), || other.p99(&tokens, theirs))?;
        lines.push(line);
        anyhow::Ok(())
    };
    measure("as many connections with known ones", Budget::AtMost(2.0), &others)?;
    measure("nobody else", Budget::Shown, &[])
}

struct Side {
    load: Load,
    flood: Load,
    _serve: Program,
}

impl Side {
    fn new(bench: &Bench, store: &str) -> anyhow::Result<Self> {
        let serve = Program::serve(bench, store, &[])?;
        Ok(Self { load: serve.load(UNDER_WAY)?, flood: serve.load(16)?, _serve: serve })
    }

    fn p99(&mut self, tokens: &[Vec<u8>], others: &[Vec<u8>]) -> anyhow::Result<Duration> {
        let over = AtomicBool::new(others.is_empty());
        std::thread::scope(|scope| {
            let (flood, over) = (&mut self.flood, &over);
            let flooding = scope.spawn(move || flood.until(others, over));
            std::thread::sleep(Duration::from_millis(100));
            let waits = self.load.waits(tokens, ALLOWED);
            over.store(true, Ordering::Relaxed);
            flooding.join().map_err(|_| anyhow!("the flood panicked"))??;
            Ok(p99(waits?))
        })
    }
}
