//! Programs that are given something, and so much time: a sink's command, the audit log's, whoever is told of ends.

use std::io::{self, PipeReader};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, ExitStatus};
use std::thread;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, Signal, kill_process_group};

use crate::cli::process;

/// How often a program is looked at that still runs.
const SHORTEST_NAP: Duration = Duration::from_millis(1);
const LONGEST_NAP: Duration = Duration::from_millis(20);

/// Starts it in a group of its own, so that its children can be ended with it. This side's copies of the pipes that were
/// handed to it are closed.
pub(super) fn start(mut command: Command) -> io::Result<Child> {
    command.process_group(0);
    process::spawn(&mut command)
}

/// How it ended; `None` if it ran until its time was over, and was killed with its children.
pub(super) fn end(child: &mut Child, within: Duration) -> io::Result<Option<ExitStatus>> {
    let status = wait(child, within)?;
    if status.is_none() {
        let _ = kill_process_group(Pid::from_child(child), Signal::KILL);
        let _ = child.wait();
    }
    Ok(status)
}

#[expect(clippy::disallowed_methods, reason = "measures a wait, here where it is bounded")]
fn wait(child: &mut Child, within: Duration) -> io::Result<Option<ExitStatus>> {
    let start = Instant::now();
    let mut nap = SHORTEST_NAP;
    loop {
        let status = child.try_wait()?;
        let left = within.saturating_sub(start.elapsed());
        if status.is_some() || left.is_zero() {
            return Ok(status);
        }
        thread::sleep(nap.min(left));
        nap = (nap * 2).min(LONGEST_NAP);
    }
}

/// Whether something is in a pipe that nobody has read.
pub(super) fn is_unread(pipe: &PipeReader) -> bool {
    let now = Timespec { tv_sec: 0, tv_nsec: 0 };
    let mut left = [PollFd::new(pipe, PollFlags::IN)];
    poll(&mut left, Some(&now)).is_ok() && left[0].revents().contains(PollFlags::IN)
}
