//! Pairs of measurements, and the table that they end in.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

/// How a ratio is judged.
#[derive(Clone, Copy)]
pub(crate) enum Budget {
    /// Time or memory: ours ÷ the reference's.
    AtMost(f64),
    /// Throughput: ours ÷ the reference's.
    AtLeast(f64),
    /// Time: ours alone, whatever the reference takes. For what somebody waits for.
    Within(Duration),
    /// Time: ours ÷ the reference's, to be read beside other rows.
    Shown,
    /// Throughput: ours ÷ the reference's, to be read beside other rows.
    Compared,
}

/// A row of the table.
pub(crate) struct Line {
    pub(crate) what: String,
    pub(crate) reference: String,
    pub(crate) ours: String,
    pub(crate) theirs: String,
    pub(crate) ratio: f64,
    /// What one of ours took, in seconds, where that is what is measured.
    pub(crate) seconds: Option<f64>,
    pub(crate) budget: Budget,
}

/// What a row is called, and how often it is measured.
pub(crate) struct Measure<'a> {
    pub(crate) what: &'a str,
    pub(crate) reference: &'a str,
    pub(crate) budget: Budget,
    pub(crate) pairs: usize,
    /// How many operations one measurement holds.
    pub(crate) batch: u32,
}

impl Measure<'_> {
    /// Measures both sides in turn, each after some rounds that do not count. The order within
    /// a pair changes from pair to pair: who comes second finds warmer caches.
    pub(crate) fn run(
        &self,
        mut ours: impl FnMut() -> anyhow::Result<Duration>,
        mut theirs: impl FnMut() -> anyhow::Result<Duration>,
    ) -> anyhow::Result<Line> {
        for _ in 0..5 {
            ours()?;
            theirs()?;
        }
        self.run_cold(ours, theirs)
    }

    /// The same without rounds that do not count, for what takes long.
    pub(crate) fn run_cold(
        &self,
        mut ours: impl FnMut() -> anyhow::Result<Duration>,
        mut theirs: impl FnMut() -> anyhow::Result<Duration>,
    ) -> anyhow::Result<Line> {
        let [a, b] = self.in_turn(&mut [&mut ours, &mut theirs])?;
        Ok(line(self.what.to_owned(), self.reference, self.budget, &a, &b))
    }

    /// The same with a third side: the leanest program that does the work of ours. Its line, and how ours stands
    /// beside it, say what is left to be had; each ratio is of the same run.
    pub(crate) fn run_with_leanest(
        &self,
        warm: usize,
        mut ours: impl FnMut() -> anyhow::Result<Duration>,
        mut leanest: impl FnMut() -> anyhow::Result<Duration>,
        mut theirs: impl FnMut() -> anyhow::Result<Duration>,
    ) -> anyhow::Result<[Line; 3]> {
        for _ in 0..warm {
            ours()?;
            leanest()?;
            theirs()?;
        }
        let [a, b, c] = self.in_turn(&mut [&mut ours, &mut leanest, &mut theirs])?;
        let lean = format!("{}, the leanest", self.what);
        Ok([
            line(self.what.to_owned(), self.reference, self.budget, &a, &c),
            line(lean, self.reference, Budget::Compared, &b, &c),
            line(self.what.to_owned(), "the leanest that does the same", Budget::Compared, &a, &b),
        ])
    }

    /// The same with a fourth side: the leanest that also keeps what the contract asks for beyond one good answer on one
    /// thread. Between it and the leanest is what the contract costs; between it and ours, what ours could save.
    pub(crate) fn run_with_bounds(
        &self,
        warm: usize,
        mut ours: impl FnMut() -> anyhow::Result<Duration>,
        mut whole: impl FnMut() -> anyhow::Result<Duration>,
        mut leanest: impl FnMut() -> anyhow::Result<Duration>,
        mut theirs: impl FnMut() -> anyhow::Result<Duration>,
    ) -> anyhow::Result<[Line; 5]> {
        for _ in 0..warm {
            ours()?;
            whole()?;
            leanest()?;
            theirs()?;
        }
        let [a, b, c, d] = self.in_turn(&mut [&mut ours, &mut whole, &mut leanest, &mut theirs])?;
        let beside = |what: &str, seconds| {
            line(format!("{}, {what}", self.what), self.reference, Budget::Compared, seconds, &d)
        };
        Ok([
            line(self.what.to_owned(), self.reference, self.budget, &a, &d),
            beside("the leanest by the whole contract", &b),
            beside("the leanest", &c),
            line(self.what.to_owned(), "the leanest by the whole contract", Budget::Compared, &a, &b),
            line(self.what.to_owned(), "the leanest that does the same", Budget::Compared, &a, &c),
        ])
    }

    /// The seconds of each round and side. Who begins, and in which direction it goes on, changes from round to round.
    fn in_turn<const N: usize>(
        &self,
        sides: &mut [&mut dyn FnMut() -> anyhow::Result<Duration>; N],
    ) -> anyhow::Result<[Vec<f64>; N]> {
        let mut seconds: [Vec<f64>; N] = std::array::from_fn(|_| Vec::new());
        for round in 0..self.pairs {
            for place in 0..N {
                let side = match (N, round % 2) {
                    (2, _) => (round + place) % 2,
                    (_, 0) => (round / 2 + place) % N,
                    _ => (round / 2 + 2 * N - 1 - place) % N,
                };
                let took = sides[side]()?.as_secs_f64();
                seconds[side].push(took / f64::from(self.batch));
            }
        }
        Ok(seconds)
    }
}

/// One side beside the other, by the budget's way of judging.
pub(crate) fn line(what: String, reference: &str, budget: Budget, a: &[f64], b: &[f64]) -> Line {
    let ratio = |(one, other): (&f64, &f64)| match budget {
        Budget::AtMost(_) | Budget::Within(_) | Budget::Shown => one / other,
        Budget::AtLeast(_) | Budget::Compared => other / one,
    };
    let mut ratios: Vec<f64> = a.iter().zip(b).map(ratio).collect();
    let seconds = median(&mut a.to_vec());
    Line {
        what,
        reference: reference.to_owned(),
        ours: time(seconds),
        theirs: time(median(&mut b.to_vec())),
        ratio: median(&mut ratios),
        seconds: Some(seconds),
        budget,
    }
}

/// How long `work` takes.
pub(crate) fn timed<T, E>(work: impl FnOnce() -> Result<T, E>) -> Result<(Duration, T), E> {
    let start = Instant::now();
    let done = work()?;
    Ok((start.elapsed(), done))
}

/// The middle one.
pub(crate) fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn time(seconds: f64) -> String {
    if seconds >= 1e-3 { format!("{:.2} ms", seconds * 1e3) } else { format!("{:.2} µs", seconds * 1e6) }
}

impl Line {
    fn verdict(&self) -> &'static str {
        let kept = match self.budget {
            Budget::Shown | Budget::Compared => return "–",
            Budget::AtMost(most) => self.ratio <= most,
            Budget::AtLeast(least) => self.ratio >= least,
            Budget::Within(time) => self.seconds.is_some_and(|took| took <= time.as_secs_f64()),
        };
        if kept { "ok" } else { "MISSED" }
    }
}

/// All rows, with columns as wide as their widest cell.
pub(crate) fn table(lines: &[Line], keys: u64) -> String {
    let head =
        ["what", "reference", "ours", "theirs", "ratio", "budget", "verdict"].map(str::to_owned).to_vec();
    let mut rows = vec![head];
    rows.extend(lines.iter().map(|line| {
        let budget = match line.budget {
            Budget::AtMost(most) => format!("≤ {most:.2}"),
            Budget::AtLeast(least) => format!("≥ {least:.2}"),
            Budget::Within(limit) => format!("≤ {}", time(limit.as_secs_f64())),
            Budget::Shown | Budget::Compared => "–".to_owned(),
        };
        let verdict = line.verdict().to_owned();
        let (what, reference) = (line.what.clone(), line.reference.clone());
        vec![
            what,
            reference,
            line.ours.clone(),
            line.theirs.clone(),
            format!("{:.2}", line.ratio),
            budget,
            verdict,
        ]
    }));
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
    let widths: Vec<usize> = (0..7).map(width).collect();
    let mut text = format!("{keys} keys; medians of interleaved pairs\n");
    for row in &rows {
        for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
            let gap = " ".repeat(width - cell.chars().count());
            // Names to the left, figures to the right.
            let _ = if (2..6).contains(&column) {
                write!(text, "{gap}{cell}  ")
            } else {
                write!(text, "{cell}{gap}  ")
            };
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
    }
    text
}
