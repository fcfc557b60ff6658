//! Signals on their way to the command.
//!
//! The command is in our process group, so what a terminal sends for Ctrl-C reaches both of us and
//! must not be sent on. It comes from the kernel; what a process sent came to us alone. Two cases
//! cannot be told apart: `kill` of a whole process group reaches the command twice.

use std::io;
use std::os::unix::net::UnixStream;

use rustix::event::PollFd;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid};
use signal_hook::iterator::backend::SignalDelivery;
use signal_hook::iterator::exfiltrator::WithOrigin;
use signal_hook::iterator::exfiltrator::origin::Origin;
use signal_hook::low_level::emulate_default_handler;

use crate::cli::terminal::hold;

const FORWARDED: [Signal; 9] = [
    Signal::HUP,
    Signal::INT,
    Signal::QUIT,
    Signal::TERM,
    Signal::USR1,
    Signal::USR2,
    Signal::CONT,
    Signal::WINCH,
    Signal::TSTP,
];

/// The signals that come to this process from now on, and those that tell of its children.
pub(in crate::cli) struct Signals {
    delivery: SignalDelivery<UnixStream, WithOrigin>,
}

impl Signals {
    /// What this process ignores, as under `nohup`, goes on being ignored by it and the command. No question comes any more.
    pub(in crate::cli) fn catch() -> io::Result<Self> {
        hold::let_go();
        let (read, write) = UnixStream::pair()?;
        let ignored = hold::ignored();
        let caught = FORWARDED.into_iter().filter(|signal| !ignored.have(*signal)).chain([Signal::CHILD]);
        let delivery =
            SignalDelivery::with_pipe(read, write, WithOrigin::default(), caught.map(Signal::as_raw))?;
        Ok(Self { delivery })
    }

    /// What becomes readable when a signal comes.
    pub(super) fn watched(&self) -> PollFd<'_> {
        PollFd::new(self.delivery.get_read(), rustix::event::PollFlags::IN)
    }

    /// Hands the signals that came to the child, which must not have been waited for.
    pub(super) fn pass_to(&mut self, child: Pid) {
        for origin in self.delivery.pending() {
            if let Some(signal) = Signal::from_named_raw(origin.signal)
                && signal != Signal::CHILD
                && is_for_child(&origin, child, hold::is_session_leader())
            {
                // It may have ended by now.
                let _ = kill_process(child, signal);
            }
        }
        if was_stopped_for_the_terminal(child) {
            stop();
        }
    }

    /// What came before there is a child, if it would have ended us. What stops us does.
    pub(in crate::cli) fn ending(&mut self) -> Option<i32> {
        let mut ending = None;
        for origin in self.delivery.pending() {
            match Signal::from_named_raw(origin.signal) {
                Some(Signal::CHILD | Signal::WINCH | Signal::CONT) => {}
                Some(Signal::TSTP) => stop(),
                _ => ending = ending.or(Some(origin.signal)),
            }
        }
        ending
    }

    /// Without a child the signals do to us what they always do. May not return.
    pub(super) fn take(&mut self) -> io::Result<()> {
        for origin in self.delivery.pending() {
            match Signal::from_named_raw(origin.signal) {
                Some(Signal::TSTP) => stop(),
                _ => emulate_default_handler(origin.signal)?,
            }
        }
        Ok(())
    }
}

/// Whether the child has not got the signal already. When a terminal is closed, only the leader
/// of its session is told.
fn is_for_child(origin: &Origin, child: Pid, is_session_leader: bool) -> bool {
    match origin.process {
        // As programs do that stop their whole process group for a Ctrl-Z.
        Some(sender) => sender.pid != child.as_raw_nonzero().get(),
        None => is_session_leader && [Signal::HUP.as_raw(), Signal::CONT.as_raw()].contains(&origin.signal),
    }
}

/// Whether the child has stopped for a Ctrl-Z since the last time. It may do that much later than
/// the signal came, or not at all.
fn was_stopped_for_the_terminal(child: Pid) -> bool {
    let options = WaitIdOptions::STOPPED | WaitIdOptions::NOHANG;
    let status = waitid(WaitId::Pid(child), options).ok().flatten();
    status.and_then(|status| status.stopping_signal()) == Some(Signal::TSTP.as_raw())
}

/// Stops, so that a shell sees it. Without a shell to continue it, it would stop for ever.
fn stop() {
    if hold::has_a_shell() {
        let _ = emulate_default_handler(Signal::STOP.as_raw());
    }
}
