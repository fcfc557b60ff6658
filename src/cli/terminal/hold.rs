//! A question's hold on the terminal: however the question ends, the terminal is afterwards as
//! it was before.
//!
//! Signals only leave a mark. They interrupt the question, the terminal gets its modes and its
//! cursor back, and only then does the signal do what it does to a program that does not ask.
//! After a Ctrl-Z the question is put anew.

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread::{self, JoinHandle};
use std::time::Duration;
use std::{fs, io};

use nix::unistd;
use rustix::process::{Signal, getpid, kill_process};
use rustix::stdio::stdin;
use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr};
use signal_hook::{flag, low_level};

use super::ui;
use crate::store::{self, Listen};

/// What is asked for. The terminal hands over each key as it is pressed, and shows none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) enum Mode {
    Line,
    /// A choice, for which the cursor may be hidden.
    Choice,
}

/// Asks one question, again after each Ctrl-Z. Does not return if a signal ends the process.
pub(in crate::cli) fn ask<T>(mode: Mode, mut question: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    let marks = Marks::of_process()?;
    loop {
        marks.idle.store(false, Ordering::SeqCst);
        let answer = Hold::take(mode, marks).and_then(|_hold| question());
        marks.idle.store(true, Ordering::SeqCst);
        match marks.take() {
            None => return answer,
            Some(signal) => low_level::emulate_default_handler(signal.as_raw())?,
        }
        if answer.is_ok() {
            return answer;
        }
    }
}

/// While a change waits for the server's answer, signals that would end the process only leave a
/// mark, so that it can be said what became of the change.
pub(in crate::cli) fn listen() -> Box<dyn Listen> {
    let Ok(marks) = Marks::of_process() else { return store::unheard() };
    // Whoever listens already hears it at the end of all that.
    if !marks.idle.swap(false, Ordering::SeqCst) {
        return store::unheard();
    }
    Box::new(Listening { marks, heard: Cell::new(false) })
}

struct Listening {
    marks: &'static Marks,
    heard: Cell<bool>,
}

impl Listen for Listening {
    fn interrupted(&self) -> bool {
        let came = self.marks.first().is_some_and(|signal| signal != Signal::TSTP);
        self.heard.set(self.heard.get() || came);
        came
    }
}

impl Drop for Listening {
    /// What nobody heard does what it always does.
    fn drop(&mut self) {
        self.marks.idle.store(true, Ordering::SeqCst);
        let signal = self.marks.take();
        match signal {
            Some(signal) if self.heard.get() => HEARD.store(signal.as_raw(), Ordering::SeqCst),
            Some(signal) => drop(low_level::emulate_default_handler(signal.as_raw())),
            None => {}
        }
    }
}

/// The signal that ended a wait.
static HEARD: AtomicI32 = AtomicI32::new(0);

/// The exit code of a process that such a signal ended, as a shell has it.
pub(in crate::cli) fn heard() -> Option<u8> {
    let signal = HEARD.load(Ordering::SeqCst);
    u8::try_from(signal).ok().filter(|signal| *signal != 0).map(|signal| 128 + signal)
}

/// Leaves signals to others for good: no question comes any more.
pub(in crate::cli) fn let_go() {
    if let Some(marks) = MARKS.get() {
        marks.idle.store(false, Ordering::SeqCst);
    }
}

pub(in crate::cli) fn is_session_leader() -> bool {
    unistd::getsid(None) == Ok(unistd::getpid())
}

/// Whether somebody else leads our session, who sees that we stopped and continues us. The two
/// ids are both zero in a container whose first process did not start them: then nobody does.
pub(in crate::cli) fn has_a_shell() -> bool {
    unistd::getsid(None).is_ok_and(|session| session != unistd::getpgrp())
}

/// Whether the terminal shows what is typed while nothing is asked.
pub(super) fn echoes() -> bool {
    tcgetattr(stdin()).is_ok_and(|modes| modes.local_modes.contains(LocalModes::ECHO))
}

/// The signals that end or stop a program that asks. Where several came, the first one here
/// counts.
const WATCHED: [Signal; 5] = [Signal::TSTP, Signal::HUP, Signal::TERM, Signal::QUIT, Signal::INT];

/// Signals that this process ignores, as under `nohup`.
pub(in crate::cli) struct Ignored(u64);

impl Ignored {
    pub(in crate::cli) fn have(&self, signal: Signal) -> bool {
        self.0 >> (signal.as_raw() - 1) & 1 == 1
    }
}

/// One bit each, where the system tells: proc(5).
pub(in crate::cli) fn ignored() -> Ignored {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    Ignored(mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0))
}

static MARKS: OnceLock<Marks> = OnceLock::new();

/// What came while a question was open.
struct Marks {
    /// Whether no question is open; then signals do what they always do.
    idle: Arc<AtomicBool>,
    came: [Arc<AtomicBool>; WATCHED.len()],
}

impl Marks {
    /// A handler that was once installed stays, so there is one set for the process.
    fn of_process() -> io::Result<&'static Self> {
        if let Some(marks) = MARKS.get() {
            return Ok(marks);
        }
        let marks = Self { idle: Arc::new(AtomicBool::new(true)), came: Default::default() };
        let ignored = ignored();
        for (signal, came) in WATCHED.iter().zip(&marks.came).filter(|(signal, _)| !ignored.have(**signal)) {
            // Without a shell to continue it, a stopped program would hang for ever. The system
            // knows, and does not stop it, unless somebody handles the signal.
            if *signal == Signal::TSTP && !has_a_shell() {
                continue;
            }
            flag::register_conditional_default(signal.as_raw(), Arc::clone(&marks.idle))?;
            flag::register(signal.as_raw(), Arc::clone(came))?;
        }
        Ok(MARKS.get_or_init(|| marks))
    }

    fn first(&self) -> Option<Signal> {
        let came = WATCHED.iter().zip(&self.came).find(|(_, came)| came.load(Ordering::SeqCst));
        came.map(|(signal, _)| *signal)
    }

    /// The signal that counts; all marks are wiped.
    fn take(&self) -> Option<Signal> {
        let first = self.first();
        self.came.iter().for_each(|came| came.store(false, Ordering::SeqCst));
        first
    }
}

/// The terminal in a question's mode, until this is dropped.
struct Hold {
    before: Termios,
    mode: Mode,
    done: Arc<AtomicBool>,
    keeper: Option<JoinHandle<()>>,
}

impl Hold {
    fn take(mode: Mode, marks: &'static Marks) -> io::Result<Self> {
        let before = tcgetattr(stdin())?;
        let mut modes = before.clone();
        modes.local_modes.remove(LocalModes::ECHO | LocalModes::ICANON);
        modes.special_codes[SpecialCodeIndex::VMIN] = 1;
        modes.special_codes[SpecialCodeIndex::VTIME] = 0;
        // What was typed before the question is no answer to it.
        tcsetattr(stdin(), OptionalActions::Flush, &modes)?;
        let done = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&done);
        let keeper = thread::Builder::new().spawn(move || keep(&seen, marks));
        let mut hold = Self { before, mode, done, keeper: None };
        hold.keeper = Some(keeper?);
        Ok(hold)
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.done.store(true, Ordering::SeqCst);
        if let Some(keeper) = self.keeper.take() {
            keeper.thread().unpark();
            let _ = keeper.join();
        }
        let _ = tcsetattr(stdin(), OptionalActions::Now, &self.before);
        if self.mode == Mode::Choice {
            ui::show_cursor();
        }
    }
}

/// Often enough that nobody notices.
const ROUND: Duration = Duration::from_millis(20);

/// Looks after the question until it is done: a signal that comes between two waits interrupts
/// none of them, so it is sent again.
fn keep(done: &AtomicBool, marks: &Marks) {
    let mut waiting = false;
    while !done.load(Ordering::SeqCst) {
        thread::park_timeout(ROUND);
        let came = marks.first();
        if let Some(signal) = came.filter(|_| waiting) {
            let _ = kill_process(getpid(), signal);
        }
        waiting = came.is_some();
    }
}
