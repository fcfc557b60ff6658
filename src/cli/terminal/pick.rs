//! A choice at the terminal: one line, or several that are marked. It is drawn on standard error,
//! a page at a time, and wiped when it ends.
//!
//! Lines look as dialoguer draws them. Keys come as the terminal sends them, not through its prompts:
//! those turn the terminal's signals off (Ctrl-C and Ctrl-Z are what they always are here), pass over
//! Ctrl-D, and do not say which line was highlighted when Enter ended a choice without a mark.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io;

use dialoguer::theme::{SimpleTheme, Theme as _};

use super::hold::{self, Mode};
use super::keyboard::{Key, Keyboard};
use super::ui;

/// Lines shown at once, where the screen has as many.
const SHOWN: usize = 12;

/// Lets one of the lines be picked; what is typed filters them. `None` if it is given up.
pub(in crate::cli) fn one(lines: &[String]) -> io::Result<Option<usize>> {
    let picked = Choice::new("filter:", lines, Kind::One).run()?;
    Ok(picked.and_then(|picked| picked.first().copied()))
}

/// Lets several of the lines be marked. Without a mark, Enter takes the line that is highlighted.
pub(in crate::cli) fn several(heading: &str, lines: &[String]) -> io::Result<Option<Vec<usize>>> {
    Choice::new(heading, lines, Kind::Several).run()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    One,
    Several,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum End {
    Taken(Vec<usize>),
    GivenUp,
}

struct Choice<'l> {
    heading: &'l str,
    lines: &'l [String],
    kind: Kind,
    /// What was typed to find a line.
    filter: String,
    /// The lines that it leaves.
    left: Vec<usize>,
    /// The highlighted one of these.
    at: usize,
    marked: BTreeSet<usize>,
    /// How many lines of the screen are ours.
    drawn: usize,
    page: usize,
}

impl<'l> Choice<'l> {
    fn new(heading: &'l str, lines: &'l [String], kind: Kind) -> Self {
        Self {
            heading,
            lines,
            kind,
            filter: String::new(),
            left: (0..lines.len()).collect(),
            at: 0,
            marked: BTreeSet::new(),
            drawn: 0,
            page: ui::rows_to_ask().map_or(SHOWN, |rows| rows.saturating_sub(3).clamp(1, SHOWN)),
        }
    }

    fn run(mut self) -> io::Result<Option<Vec<usize>>> {
        hold::ask(Mode::Choice, || {
            // After a Ctrl-Z the cursor stands elsewhere.
            self.drawn = 0;
            let mut keyboard = Keyboard::new();
            loop {
                self.draw();
                if let Some(end) = self.press(keyboard.next()?) {
                    self.wipe();
                    return Ok(match end {
                        End::Taken(lines) => Some(lines),
                        End::GivenUp => None,
                    });
                }
            }
        })
    }

    /// What a key does. `Some` where it ends the choice.
    fn press(&mut self, key: Key) -> Option<End> {
        let last = self.left.len().saturating_sub(1);
        match key {
            Key::GiveUp => return Some(End::GivenUp),
            Key::Enter => return self.taken().map(End::Taken),
            Key::Up => self.at = if self.at == 0 { last } else { self.at - 1 },
            Key::Down => self.at = if self.at == last { 0 } else { self.at + 1 },
            Key::PageUp => self.at = (self.at / self.page).saturating_sub(1) * self.page,
            Key::PageDown => self.at = last.min((self.at / self.page + 1) * self.page),
            Key::First => self.at = 0,
            Key::Last => self.at = last,
            Key::Char(' ') if self.kind == Kind::Several => self.mark(),
            Key::Char(_) | Key::Back | Key::BackWord | Key::Clear if self.kind == Kind::Several => {}
            Key::Char(typed) => self.refine(|filter| filter.push(typed)),
            Key::Back => self.refine(|filter| {
                filter.pop();
            }),
            Key::BackWord => self.refine(|filter| {
                let end = filter.trim_end().rfind(' ').map_or(0, |blank| blank + 1);
                filter.truncate(end);
            }),
            Key::Clear => self.refine(String::clear),
            Key::Stray(_) | Key::Other => {}
        }
        None
    }

    /// What Enter takes; `None` where nothing is left to be taken.
    fn taken(&self) -> Option<Vec<usize>> {
        if self.marked.is_empty() {
            self.left.get(self.at).map(|line| vec![*line])
        } else {
            Some(self.marked.iter().copied().collect())
        }
    }

    fn mark(&mut self) {
        if let Some(line) = self.left.get(self.at)
            && !self.marked.remove(line)
        {
            self.marked.insert(*line);
        }
    }

    fn refine(&mut self, edit: impl FnOnce(&mut String)) {
        edit(&mut self.filter);
        self.at = 0;
        let words: Vec<String> = self.filter.split_whitespace().map(str::to_lowercase).collect();
        let holds = |line: &str| {
            let line = line.to_lowercase();
            words.iter().all(|word| line.contains(word.as_str()))
        };
        let lines = self.lines.iter().enumerate();
        self.left = lines.filter(|(_, line)| holds(line)).map(|(index, _)| index).collect();
    }

    /// All in one piece, so that nothing flickers.
    fn draw(&mut self) {
        let mut text = if self.drawn == 0 { "\x1b[?25l".to_owned() } else { self.wiped() };
        let (page, pages) = (self.at / self.page, self.left.len().div_ceil(self.page));
        // Writing into a text cannot fail.
        let _ = match self.kind {
            Kind::One => writeln!(text, "{} {}|", self.heading, self.filter),
            Kind::Several if pages > 1 => writeln!(text, "{} [Page {}/{pages}]:", self.heading, page + 1),
            Kind::Several => writeln!(text, "{}:", self.heading),
        };
        self.drawn = 1;
        for (place, line) in self.left.iter().enumerate().skip(page * self.page).take(self.page) {
            let (shown, at) = (ui::shown(&self.lines[*line]), place == self.at);
            let _ = match self.kind {
                Kind::One => SimpleTheme.format_select_prompt_item(&mut text, &shown, at),
                Kind::Several => {
                    let marked = self.marked.contains(line);
                    SimpleTheme.format_multi_select_prompt_item(&mut text, &shown, marked, at)
                }
            };
            text.push('\n');
            self.drawn += 1;
        }
        ui::draw(&text);
    }

    /// Back to the first of our lines, with all of them gone.
    fn wiped(&self) -> String {
        format!("\r\x1b[{}A\x1b[J", self.drawn)
    }

    fn wipe(&mut self) {
        ui::draw(&self.wiped());
        self.drawn = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::super::keyboard::first;
    use super::*;

    fn lines() -> Vec<String> {
        ["alice/ci  mail", "bob/ci  files", "Carol/ci  mail"].map(str::to_owned).to_vec()
    }

    /// What comes of keys, as a terminal sends them.
    fn typed(kind: Kind, keys: &str) -> Option<End> {
        let lines = lines();
        let mut choice = Choice::new("filter:", &lines, kind);
        let mut rest = keys.as_bytes();
        while let Some((key, length)) = first(rest, true) {
            rest = &rest[length..];
            if let Some(ended) = choice.press(key) {
                return Some(ended);
            }
        }
        None
    }

    #[test]
    fn enter_takes_what_is_highlighted_or_marked() {
        for (keys, taken) in [
            ("\r", vec![0]),
            ("\x1b[B\r", vec![1]),
            ("\x1b[A\r", vec![2]),
            (" \x1b[B\r", vec![0]),
            (" \x1bOB \r", vec![0, 1]),
            // Marked and unmarked again.
            ("  \x1b[B\r", vec![1]),
            ("\x1b[F\x1b[H\r", vec![0]),
            ("\x1b[4~ \x1b[1~\r", vec![2]),
            ("x\x7f\r", vec![0]),
        ] {
            assert_eq!(typed(Kind::Several, keys), Some(End::Taken(taken)), "{keys:?}");
        }
    }

    #[test]
    fn what_is_typed_filters() {
        for (keys, taken) in [
            ("\r", vec![0]),
            ("files\r", vec![1]),
            ("MAIL carol\r", vec![2]),
            ("mail\x1b[B\r", vec![2]),
            ("filesx\x7f\r", vec![1]),
            ("nothing\x15\r", vec![0]),
            ("mail nothing\x17\x1b[B\r", vec![2]),
        ] {
            assert_eq!(typed(Kind::One, keys), Some(End::Taken(taken)), "{keys:?}");
        }
        assert_eq!(typed(Kind::One, "nothing\r"), None, "there is nothing to take");
    }

    #[test]
    fn escape_and_ctrl_d_end_it() {
        for keys in ["\x1b", "\x1b\x1b", "\x04", "mail\x04", "mail\x1b", "\x1b[B\x04"] {
            assert_eq!(typed(Kind::One, keys), Some(End::GivenUp), "{keys:?}");
            assert_eq!(typed(Kind::Several, keys), Some(End::GivenUp), "{keys:?}");
        }
    }
}
