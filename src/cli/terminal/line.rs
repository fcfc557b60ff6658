//! One line at the terminal: typed, and put right as it is typed. Escape and Ctrl-D give it up,
//! which a terminal that edits lines by itself does not know: there Escape is a character.

use std::io;

use unicode_width::UnicodeWidthStr as _;
use zeroize::{Zeroize as _, Zeroizing};

use super::hold::{self, Mode};
use super::keyboard::{Key, Keyboard};
use super::ui;

/// The longest line, in bytes: about what terminals take where they edit it by themselves.
const LONGEST: usize = 4095;

/// Asks for a line; `None` if it is given up. Only what is `shown` is seen while it is typed.
pub(in crate::cli) fn ask(question: &str, shown: bool) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
    // Where something else shows what is typed, as an editor around us, that is enough.
    let shown = shown && hold::echoes();
    let typed = hold::ask(Mode::Line, || {
        ui::ask(question);
        let mut keyboard = Keyboard::new();
        let mut line = Line::new(shown);
        loop {
            let (end, echo) = line.press(keyboard.next()?);
            ui::draw(&echo);
            match end {
                Some(End::Taken) => return Ok(Some(line.text)),
                Some(End::GivenUp) => return Ok(None),
                None => {}
            }
        }
    });
    ui::ask("\n");
    typed
}

/// Whether there may have been more of a line than was taken.
pub(in crate::cli) fn may_be_cut(line: &[u8]) -> bool {
    line.len() >= LONGEST
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Taken,
    GivenUp,
}

/// What was typed so far.
struct Line {
    text: Zeroizing<Vec<u8>>,
    shown: bool,
}

impl Line {
    fn new(shown: bool) -> Self {
        // One that grew would leave a copy behind.
        Self { text: Zeroizing::new(Vec::with_capacity(LONGEST + 4)), shown }
    }

    /// What a key does: whether it ends the line, and what changes on the screen.
    fn press(&mut self, key: Key) -> (Option<End>, String) {
        let echo = match key {
            Key::Enter => return (Some(End::Taken), String::new()),
            Key::GiveUp => return (Some(End::GivenUp), String::new()),
            Key::Char(c) => self.push(c.encode_utf8(&mut [0; 4]).as_bytes()),
            Key::Stray(byte) => self.push(&[byte]),
            Key::Back => self.cut(self.last()),
            Key::BackWord => self.cut(self.last_word()),
            Key::Clear => self.cut(0),
            _ => String::new(),
        };
        (None, echo)
    }

    fn push(&mut self, bytes: &[u8]) -> String {
        if self.text.len() >= LONGEST {
            return String::new();
        }
        self.text.extend_from_slice(bytes);
        self.looks(bytes)
    }

    /// Takes away what begins there.
    fn cut(&mut self, at: usize) -> String {
        let width = self.looks(&self.text[at..]).width();
        self.text[at..].zeroize();
        self.text.truncate(at);
        "\x08 \x08".repeat(width)
    }

    /// Where the last character begins.
    fn last(&self) -> usize {
        let begins = |byte: &u8| byte & 0xc0 != 0x80;
        self.text.iter().rposition(begins).unwrap_or(self.text.len().saturating_sub(1))
    }

    fn last_word(&self) -> usize {
        let end = self.text.trim_ascii_end().len();
        self.text[..end].iter().rposition(|byte| *byte == b' ').map_or(0, |blank| blank + 1)
    }

    /// What is seen of it on the screen.
    fn looks(&self, bytes: &[u8]) -> String {
        if self.shown { ui::shown(&String::from_utf8_lossy(bytes)) } else { String::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::super::keyboard::first;
    use super::*;

    /// How a line ends, what it holds, and what is seen of it.
    fn typed(keys: &[u8]) -> (Option<End>, String, String) {
        let mut line = Line::new(true);
        let (mut rest, mut seen, mut ended) = (keys, String::new(), None);
        while let (Some((key, length)), None) = (first(rest, true), ended) {
            let (end, echo) = line.press(key);
            ended = end;
            rest = &rest[length..];
            seen.push_str(&echo);
        }
        // The screen takes back what was erased.
        while let Some(at) = seen.find("\x08 \x08") {
            let before = seen[..at].chars().next_back().map_or(at, |c| at - c.len_utf8());
            seen.replace_range(before..at + 3, "");
        }
        (ended, String::from_utf8_lossy(&line.text).into_owned(), seen)
    }

    #[test]
    fn a_line_is_taken_as_it_was_put_right() {
        for (keys, text) in [
            ("alice\r", "alice"),
            ("\r", ""),
            ("alicf\x7fe\n", "alice"),
            ("x\x08\x08\x08bob\r", "bob"),
            ("left the teem\x17team\r", "left the team"),
            ("one two  \x17\x17three\r", "three"),
            ("wrong\x15right\r", "right"),
            ("schöm\x7fn\r", "schön"),
            ("ö\x7f\r", ""),
            // Keys that move have no place to go; what is pasted may be marked.
            ("a\x1b[Ab\x1b[Dc\r", "abc"),
            ("\x1b[200~sk-1\x1b[201~\r", "sk-1"),
        ] {
            let (end, line, seen) = typed(keys.as_bytes());
            assert_eq!((end, line.as_str()), (Some(End::Taken), text), "{keys:?}");
            assert_eq!(seen, text, "{keys:?}");
        }
        assert_eq!(typed(b"a\tb\r").1, "a\tb", "nothing is left out silently");
        let (_, line, seen) = typed(b"a\xff\x1b[A\t\x7f\x7fb\r");
        assert_eq!((line.as_str(), seen.as_str()), ("ab", "ab"));
    }

    #[test]
    fn escape_and_ctrl_d_give_it_up_wherever_they_come() {
        for keys in ["\x1b", "\x04", "half\x1b", "half\x04", "\x1b\x1b", "a\x7f\x04"] {
            assert_eq!(typed(keys.as_bytes()).0, Some(End::GivenUp), "{keys:?}");
        }
    }

    #[test]
    fn a_line_that_is_too_long_is_known_as_such_and_never_moved() {
        let mut line = Line::new(false);
        let place = line.text.as_ptr();
        for _ in 0..2 * LONGEST {
            assert_eq!(line.press(Key::Char('ä')), (None, String::new()));
        }
        assert!(may_be_cut(&line.text) && line.text.as_ptr() == place);
        assert!(!may_be_cut(&[b'x'; LONGEST - 1]));
    }
}
