//! The keys of a terminal that hands over each as it is pressed, out of the bytes that it sends for
//! them.

use std::io;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::stdio::stdin;
use zeroize::{Zeroize as _, Zeroizing};

/// How long the rest of a key's sequence may take behind its Escape.
const SEQUENCE: Timespec = Timespec { tv_sec: 0, tv_nsec: 50_000_000 };

/// Bytes read at once.
const PIECE: usize = 256;

/// A key of the keyboard, as far as it means something here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    Up,
    Down,
    PageUp,
    PageDown,
    First,
    Last,
    Enter,
    /// Escape, or Ctrl-D.
    GiveUp,
    Back,
    /// Ctrl-W.
    BackWord,
    /// Ctrl-U.
    Clear,
    Char(char),
    /// A control character without a meaning here, or a byte that is no UTF-8.
    Stray(u8),
    Other,
}

/// What was read and is no key yet. It may be a part of a secret, so it is wiped.
pub(super) struct Keyboard {
    bytes: Zeroizing<Vec<u8>>,
    /// Where the next key begins.
    at: usize,
}

impl Keyboard {
    pub(super) fn new() -> Self {
        // What is no key yet is shorter than a piece, so it never moves.
        Self { bytes: Zeroizing::new(Vec::with_capacity(2 * PIECE)), at: 0 }
    }

    /// The next key; giving up where input ended. A signal interrupts it.
    pub(super) fn next(&mut self) -> io::Result<Key> {
        let mut within = None;
        loop {
            let rest = &self.bytes[self.at..];
            // Alone, an Escape is the key; else the beginning of another key's sequence.
            let is_all = within.is_some() || rest.len() >= PIECE;
            if let Some((key, length)) = first(rest, is_all) {
                self.at += length;
                return Ok(key);
            }
            within = (!rest.is_empty()).then_some(&SEQUENCE);
            if !self.read(within)? {
                return Ok(Key::GiveUp);
            }
        }
    }

    /// Reads what is there, or waits for it. `false` where input ended.
    fn read(&mut self, within: Option<&Timespec>) -> io::Result<bool> {
        if poll(&mut [PollFd::new(&stdin(), PollFlags::IN)], within)? == 0 {
            return Ok(true);
        }
        let rest = self.bytes.len() - self.at;
        self.bytes.copy_within(self.at.., 0);
        self.bytes[rest..].zeroize();
        self.bytes.truncate(rest);
        self.at = 0;
        let mut piece = Zeroizing::new([0; PIECE]);
        let read = rustix::io::read(stdin(), &mut piece[..])?;
        self.bytes.extend_from_slice(&piece[..read]);
        Ok(read > 0)
    }
}

/// The first key of what was read, and how many bytes it takes (ECMA-48 §5.4 for the form of
/// sequences; xterm's for their meaning). `None` where more has to come, unless this is all.
pub(super) fn first(bytes: &[u8], is_all: bool) -> Option<(Key, usize)> {
    let more = |key, length| is_all.then_some((key, length));
    match bytes {
        [] => None,
        [0x1b] => more(Key::GiveUp, 1),
        // Pressed twice.
        [0x1b, 0x1b, ..] => Some((Key::GiveUp, 2)),
        [0x1b, b'[' | b'O', rest @ ..] => match sequence(rest) {
            Some((key, length)) => Some((key, length + 2)),
            None => more(Key::Other, bytes.len()),
        },
        [0x1b, ..] => Some((Key::Other, 2)),
        [b'\r' | b'\n', ..] => Some((Key::Enter, 1)),
        [0x04, ..] => Some((Key::GiveUp, 1)),
        [0x7f | 0x08, ..] => Some((Key::Back, 1)),
        [0x17, ..] => Some((Key::BackWord, 1)),
        [0x15, ..] => Some((Key::Clear, 1)),
        [b' '..=b'~', ..] => Some((Key::Char(char::from(bytes[0])), 1)),
        _ => text(bytes, is_all),
    }
}

/// A character outside of ASCII.
fn text(bytes: &[u8], is_all: bool) -> Option<(Key, usize)> {
    let beginning = &bytes[..bytes.len().min(4)];
    let valid = match str::from_utf8(beginning) {
        Ok(text) => text,
        Err(error) if error.valid_up_to() > 0 => {
            str::from_utf8(&beginning[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(error) if error.error_len().is_none() && beginning.len() < 4 && !is_all => return None,
        Err(_) => "",
    };
    match valid.chars().next() {
        Some(c) if !c.is_control() => Some((Key::Char(c), c.len_utf8())),
        _ => Some((Key::Stray(bytes[0]), 1)),
    }
}

/// What stands behind a sequence's introducer.
fn sequence(bytes: &[u8]) -> Option<(Key, usize)> {
    let end = bytes.iter().position(|byte| !matches!(byte, b' '..=b'?'))?;
    let parameter = bytes[..end].iter().find(|byte| matches!(byte, b'0'..=b'?'));
    let key = match (bytes[end], parameter) {
        (b'A', _) => Key::Up,
        (b'B', _) => Key::Down,
        (b'C', _) | (b'~', Some(b'6')) => Key::PageDown,
        (b'D', _) | (b'~', Some(b'5')) => Key::PageUp,
        (b'H', _) | (b'~', Some(b'1' | b'7')) => Key::First,
        (b'F', _) | (b'~', Some(b'4' | b'8')) => Key::Last,
        _ => Key::Other,
    };
    Some((key, end + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_of_what_terminals_send() {
        for (bytes, key, length) in [
            (&b"\x1b"[..], Key::GiveUp, 1),
            (b"\x1b\x1b", Key::GiveUp, 2),
            (b"\x04x", Key::GiveUp, 1),
            (b"\x1bx", Key::Other, 2),
            (b"\x1b[Ax", Key::Up, 3),
            (b"\x1bOB", Key::Down, 3),
            (b"\x1b[1;5C", Key::PageDown, 6),
            (b"\x1b[5~", Key::PageUp, 4),
            // What is pasted may be marked.
            (b"\x1b[200~sk", Key::Other, 6),
            (b"\x1b[", Key::Other, 2),
            (b"\r", Key::Enter, 1),
            (b"\x7f", Key::Back, 1),
            (b"\x17", Key::BackWord, 1),
            (b"\x15", Key::Clear, 1),
            (b"\t", Key::Stray(9), 1),
            ("äö".as_bytes(), Key::Char('ä'), 2),
            ("😀".as_bytes(), Key::Char('😀'), 4),
            ("\u{85}".as_bytes(), Key::Stray(0xc2), 1),
            (b"\xffa", Key::Stray(0xff), 1),
            (b"\xc3", Key::Stray(0xc3), 1),
            (b"\xc3a", Key::Stray(0xc3), 1),
        ] {
            assert_eq!(first(bytes, true), Some((key, length)), "{bytes:?}");
        }
        for bytes in [&b""[..], b"\x1b", b"\x1b[", b"\x1b[1;", b"\xc3", b"\xf0\x9f\x98"] {
            assert_eq!(first(bytes, false), None, "{bytes:?}: more has to come");
        }
    }
}
