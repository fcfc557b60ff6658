//! The program on a real pseudo-terminal.

use std::io::{Read as _, Write as _};
use std::process::Command;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use portable_pty::{CommandBuilder, MasterPty, PtySize, native_pty_system};
use rustix::termios::{LocalModes, tcgetattr};

use super::cli::{PROGRAM, Sandbox};

pub struct Terminal {
    pub master: Box<dyn MasterPty + Send>,
    pub child: Box<dyn portable_pty::Child + Send + Sync>,
    writer: Box<dyn std::io::Write + Send>,
    output: Receiver<Vec<u8>>,
    pub seen: String,
}

impl Terminal {
    /// A shell with job control, where `$KEYCTL` is the program.
    pub fn shell(sandbox: &Sandbox, columns: u16) -> Self {
        let given = sandbox.command::<&str>(&[]);
        let mut shell = Command::new("/bin/bash");
        shell.args(["--norc", "--noprofile", "--noediting", "-i"]).env_clear().current_dir(sandbox.home());
        shell.envs(given.get_envs().filter_map(|(name, value)| Some((name, value?))));
        shell.env("PS1", "ready> ").env("KEYCTL", PROGRAM).env("NO_COLOR", "1");
        let mut terminal = Self::start(&shell, columns);
        terminal.pass("ready> ");
        terminal
    }

    /// Starts a command, taking its program, arguments, folder and environment.
    pub fn start(command: &Command, columns: u16) -> Self {
        let size = PtySize { rows: 40, cols: columns, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).expect("a pseudo-terminal");
        let mut builder = CommandBuilder::new(command.get_program());
        builder.args(command.get_args());
        builder.env_clear();
        builder.env("TERM", "xterm-256color");
        for (name, value) in command.get_envs() {
            if let Some(value) = value {
                builder.env(name, value);
            }
        }
        builder.cwd(command.get_current_dir().expect("a folder"));
        let child = pair.slave.spawn_command(builder).expect("starts");
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().expect("reader");
        let writer = pair.master.take_writer().expect("writer");
        let (sender, output) = mpsc::channel();
        thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(read) = reader.read(&mut bytes) {
                if read == 0 || sender.send(bytes[..read].to_vec()).is_err() {
                    break;
                }
            }
        });
        Self { master: pair.master, child, writer, output, seen: String::new() }
    }

    pub fn type_text(&mut self, text: &str) {
        self.writer.write_all(text.as_bytes()).and_then(|()| self.writer.flush()).expect("typed");
    }

    /// Waits until `text` was printed.
    #[track_caller]
    pub fn wait_for(&mut self, text: &str) {
        let start = Instant::now();
        while !self.seen.contains(text) {
            assert!(start.elapsed() < Duration::from_secs(20), "no {text:?} in {:?}", self.seen);
            self.read(Duration::from_millis(50));
        }
    }

    /// Whether `text` is printed within a moment.
    pub fn sees(&mut self, text: &str) -> bool {
        let start = Instant::now();
        while !self.seen.contains(text) && start.elapsed() < Duration::from_secs(1) {
            self.read(Duration::from_millis(20));
        }
        self.seen.contains(text)
    }

    /// Waits until `text` was printed, and forgets all that was.
    #[track_caller]
    pub fn pass(&mut self, text: &str) {
        self.wait_for(text);
        self.seen.clear();
    }

    /// Whether the terminal shows what is typed.
    pub fn echoes(&self) -> bool {
        self.modes().contains(LocalModes::ECHO)
    }

    pub fn modes(&self) -> LocalModes {
        let name = self.master.tty_name().expect("a name");
        let file = std::fs::File::options().read(true).write(true).open(name).expect("the terminal");
        tcgetattr(&file).expect("its modes").local_modes
    }

    fn read(&mut self, within: Duration) {
        if let Ok(bytes) = self.output.recv_timeout(within) {
            self.seen.push_str(&String::from_utf8_lossy(&bytes));
        }
    }

    /// Waits for the end; returns the exit code and all that was printed, which is known to be
    /// all once nobody holds the terminal any more.
    pub fn finish(mut self) -> (u32, String) {
        let status = self.child.wait().expect("ends");
        loop {
            match self.output.recv_timeout(Duration::from_secs(20)) {
                Ok(bytes) => self.seen.push_str(&String::from_utf8_lossy(&bytes)),
                Err(RecvTimeoutError::Disconnected) => return (status.exit_code(), self.seen),
                Err(RecvTimeoutError::Timeout) => panic!("somebody holds the terminal: {:?}", self.seen),
            }
        }
    }
}
