//! What a server tells systemd, and how it ends.

use std::io;
use std::thread;

use sd_notify::NotifyState;
use signal_hook::consts::SIGHUP;
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;

use crate::config::serve::serve_file::LogLevel;
use crate::server::Log;

/// Whoever asks for the end twice wants no more waiting: the process dies of the second signal, as any does that
/// handles none.
pub(in crate::cli::commands) fn end_at_the_next(mut signals: Signals, log: Log) -> io::Result<()> {
    let end = move || {
        for signal in signals.forever().filter(|signal| *signal != SIGHUP) {
            log.say(LogLevel::Warn, "ended by a second signal");
            let _ = emulate_default_handler(signal);
        }
    };
    thread::Builder::new().name("keyctl-end".to_owned()).spawn(end).map(drop)
}

/// Tells systemd, where it asked to be told (`sd_notify(3)`).
pub(in crate::cli::commands) fn notify(state: NotifyState<'_>) {
    // Whoever started it and does not listen any more is nobody to wait for.
    let _ = sd_notify::notify(&[state]);
}
