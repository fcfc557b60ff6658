//! What a command writes to its standard error, passed on without the shell's own lines.
//!
//! `sh: 1: WORD: not found` repeats a word of the command. Where a key was taken for a command, that
//! word is the key, and the line goes into a service's log.

use std::io::{self, Read, Write};

/// What a shell calls itself where it complains, so that its own lines are told from others.
pub(crate) const SHELL_NAME: &str = "keyctl-command";

const INSTEAD: &[u8] = b"(an error of the shell is not shown: it may repeat the command)\n";

/// Copies to standard error until the end or an error, each byte as soon as it can be judged.
pub(crate) fn pass_on(from: impl Read) -> io::Result<()> {
    copy(from, io::stderr())
}

fn copy(mut from: impl Read, mut to: impl Write) -> io::Result<()> {
    let mut filter = Filter { state: State::Start(0) };
    let mut bytes = [0; 4096];
    loop {
        let read = match from.read(&mut bytes) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            other => other?,
        };
        if read == 0 {
            return to.write_all(filter.held());
        }
        let passed: Vec<u8> = bytes[..read].iter().flat_map(|byte| filter.take(*byte)).collect();
        to.write_all(&passed)?;
        to.flush()?;
    }
}

#[derive(Clone, Copy)]
enum State {
    /// So many bytes of the line are the shell's name as far as it goes.
    Start(usize),
    Other,
    Shell,
}

struct Filter {
    state: State,
}

impl Filter {
    /// What of the name was held back.
    fn held(&self) -> &'static [u8] {
        match self.state {
            State::Start(held) => &SHELL_NAME.as_bytes()[..held],
            State::Other | State::Shell => b"",
        }
    }

    fn take(&mut self, byte: u8) -> Vec<u8> {
        let held = self.held();
        let (next, out) = match self.state {
            State::Shell => (State::Shell, Vec::new()),
            State::Start(at) if SHELL_NAME.as_bytes().get(at) == Some(&byte) => {
                if at + 1 == SHELL_NAME.len() {
                    (State::Shell, INSTEAD.to_vec())
                } else {
                    (State::Start(at + 1), Vec::new())
                }
            }
            State::Start(_) | State::Other => (State::Other, [held, &[byte]].concat()),
        };
        self.state = if byte == b'\n' { State::Start(0) } else { next };
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_shells_own_lines_are_left_out() {
        let instead = str::from_utf8(INSTEAD).expect("text");
        for (written, passed) in [
            ("", ""),
            ("Password: ", "Password: "),
            ("keyctl-comm", "keyctl-comm"),
            ("keyctl-commit\nb\n", "keyctl-commit\nb\n"),
            ("gpg: no key\n", "gpg: no key\n"),
            ("keyctl-command: 1: s3cr3t: not found\n", instead),
            ("a\nkeyctl-command: line 1: s3cr3t\nb\n", &format!("a\n{instead}b\n")),
            ("keyctl-command: s3cr3t", instead),
        ] {
            for size in [1, 3, 4096] {
                let mut out = Vec::new();
                let chunks = written.as_bytes().chunks(size).collect::<Vec<_>>();
                copy(Chunks(chunks), &mut out).expect("copied");
                assert_eq!(String::from_utf8(out).expect("text"), passed, "{written:?} by {size}");
            }
        }
    }

    struct Chunks<'b>(Vec<&'b [u8]>);

    impl Read for Chunks<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            if self.0.is_empty() {
                return Ok(0);
            }
            let chunk = self.0.remove(0);
            into[..chunk.len()].copy_from_slice(chunk);
            Ok(chunk.len())
        }
    }
}
