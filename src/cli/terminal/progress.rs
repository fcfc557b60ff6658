//! How far a long work is: a line on standard error that goes away.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Work that is done sooner shows nothing.
const PATIENCE: Duration = Duration::from_millis(300);
/// Between two drawings, also while nothing is told.
const REDRAWN: Duration = Duration::from_millis(100);
const DRAWINGS_A_SECOND: u8 = 10;

/// Rows that are not told one by one, since telling takes time.
const TOLD: u64 = 100;

const COUNTED: &str = "{spinner} {human_pos} rows";
const MEASURED: &str = "{spinner} {human_pos} rows, {percent}% {wide_bar} {eta}";

/// The line that is on the screen now.
static DRAWN: Mutex<Option<ProgressBar>> = Mutex::new(None);

/// Writes something else to standard error: the line makes room for it.
pub(super) fn aside(write: impl FnOnce()) {
    let drawn = DRAWN.lock().ok().and_then(|drawn| drawn.clone());
    match drawn {
        Some(bar) => bar.suspend(write),
        None => write(),
    }
}

/// The line; it is gone when this is dropped.
#[derive(Debug)]
pub(in crate::cli) struct Progress {
    shown: Option<Shown>,
    next: u64,
}

#[derive(Debug)]
struct Shown {
    bar: ProgressBar,
    done: Arc<AtomicBool>,
    waiting: Option<JoinHandle<()>>,
}

impl Progress {
    pub(in crate::cli) fn new(wanted: bool) -> Self {
        Self { shown: wanted.then(Shown::soon), next: 0 }
    }

    /// Tells how many rows there are to do. They are counted only where somebody looks.
    pub(in crate::cli) fn total(&self, count: impl FnOnce() -> Option<u64>) {
        if let Some(Shown { bar, .. }) = &self.shown
            && let Some(rows) = count()
        {
            bar.set_length(rows);
            bar.set_style(style(MEASURED));
        }
    }

    /// Tells how many rows are done so far.
    pub(in crate::cli) fn rows(&mut self, done: u64) {
        let Some(Shown { bar, .. }) = &self.shown else { return };
        if done >= self.next {
            bar.set_position(done);
            self.next = done + TOLD;
        }
    }
}

impl Shown {
    /// A thread waits, since the work may tell nothing for long.
    fn soon() -> Self {
        let bar =
            ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden()).with_style(style(COUNTED));
        if let Ok(mut drawn) = DRAWN.lock() {
            *drawn = Some(bar.clone());
        }
        let done = Arc::new(AtomicBool::new(false));
        let (later, seen) = (bar.clone(), Arc::clone(&done));
        let waiting = thread::Builder::new().spawn(move || {
            thread::park_timeout(PATIENCE);
            if !seen.load(Ordering::SeqCst) {
                later.set_draw_target(ProgressDrawTarget::stderr_with_hz(DRAWINGS_A_SECOND));
                later.enable_steady_tick(REDRAWN);
            }
        });
        Self { bar, done, waiting: waiting.ok() }
    }
}

impl Drop for Shown {
    fn drop(&mut self) {
        self.done.store(true, Ordering::SeqCst);
        if let Some(waiting) = self.waiting.take() {
            waiting.thread().unpark();
            let _ = waiting.join();
        }
        if let Ok(mut drawn) = DRAWN.lock() {
            *drawn = None;
        }
        self.bar.finish_and_clear();
    }
}

/// In signs that every terminal has.
fn style(template: &str) -> ProgressStyle {
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    style.progress_chars("=> ").tick_chars("|/-\\ ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_lines_can_be_drawn() {
        for template in [COUNTED, MEASURED] {
            ProgressStyle::with_template(template).expect(template);
        }
    }
}
