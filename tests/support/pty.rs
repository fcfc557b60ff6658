//! The program on a real pseudo-terminal.

use std::io::{Read as _, Write as _};
use std::process::Command;
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use portable_pty::{CommandBuilder, MasterPty, PtySize, native_pty_system};

pub struct Terminal {
    pub master: Box<dyn MasterPty + Send>,
    pub child: Box<dyn portable_pty::Child + Send + Sync>,
    writer: Box<dyn std::io::Write + Send>,
    output: Receiver<Vec<u8>>,
    pub seen: String,
}

impl Terminal {
    /// Starts a command, taking its program, arguments, folder and environment.
    pub fn start(command: &Command, columns: u16) -> Self {
        let size = PtySize { rows: 40, cols: columns, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).expect("a pseudo-terminal");
        let mut builder = CommandBuilder::new(command.get_program());
        builder.args(command.get_args());
        builder.env_clear();
        for (name, value) in command.get_envs() {
            if let Some(value) = value {
                builder.env(name, value);
            }
        }
        builder.env("TERM", "xterm-256color");
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

    fn read(&mut self, within: Duration) {
        if let Ok(bytes) = self.output.recv_timeout(within) {
            self.seen.push_str(&String::from_utf8_lossy(&bytes));
        }
    }

    /// Waits for the end; returns the exit code and all that was printed.
    pub fn finish(mut self) -> (u32, String) {
        let status = self.child.wait().expect("ends");
        while let Ok(bytes) = self.output.recv_timeout(Duration::from_millis(300)) {
            self.seen.push_str(&String::from_utf8_lossy(&bytes));
        }
        (status.exit_code(), self.seen)
    }
}
