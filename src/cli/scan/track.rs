//! Where in a text its offsets are.

use memchr::{memchr, memchr_iter, memrchr};

use crate::domain::leaks::place::Place;

/// Goes over a text, piece by piece.
pub(super) trait Track {
    /// Goes on by these bytes.
    fn advance(&mut self, bytes: &[u8]);

    /// Where it is now, in a text of this name.
    fn place(&self, base: &Place) -> Place;
}

fn characters(bytes: &[u8]) -> u64 {
    // All bytes but those that go on with a character of UTF-8.
    bytes.iter().filter(|byte| **byte & 0xc0 != 0x80).count() as u64
}

/// Lines and columns.
#[derive(Debug, Default)]
pub(super) struct Lines {
    line: u64,
    column: u64,
}

impl Track for Lines {
    fn advance(&mut self, bytes: &[u8]) {
        match memrchr(b'\n', bytes) {
            None => self.column += characters(bytes),
            Some(end) => {
                self.line += memchr_iter(b'\n', bytes).count() as u64;
                self.column = characters(&bytes[end + 1..]);
            }
        }
    }

    fn place(&self, base: &Place) -> Place {
        Place { line: Some(self.line + 1), column: Some(self.column + 1), ..base.clone() }
    }
}

/// What is kept of a line; what tells something is shorter.
const HEAD: usize = 4096;

/// Commits, files and lines in what `git log -p`, `git show` and `git diff` print.
#[derive(Debug, Default)]
pub(super) struct Diff {
    commit: Option<String>,
    file: Option<String>,
    /// How many columns of marks stand before a line, while it is one of a file: one, or one for each parent of a merge.
    marks: usize,
    /// The number of the line in the old file and in the new one.
    old: u64,
    new: u64,
    head: Vec<u8>,
    column: u64,
}

impl Diff {
    /// Whether a text begins as one that this goes over.
    pub(super) fn is_one(head: &[u8]) -> bool {
        let is_commit = head.strip_prefix(b"commit ").is_some_and(|rest| commit(rest).is_some());
        is_commit || head.starts_with(b"diff --git ") || head.starts_with(b"diff --cc ")
    }

    fn ended(&mut self) {
        let head = std::mem::take(&mut self.head);
        self.line(&head);
        self.head = head;
        self.head.clear();
        self.column = 0;
    }

    /// Takes a whole line, without its end.
    fn line(&mut self, line: &[u8]) {
        if self.marks > 0 {
            let marks = line.get(..self.marks).unwrap_or(line);
            // An empty line of a file, whose blank was taken off.
            let is_of_file = line.is_empty() || marks.iter().all(|mark| matches!(mark, b' ' | b'+' | b'-'));
            if is_of_file {
                let taken = marks.contains(&b'-');
                self.old += u64::from(self.marks == 1 && !marks.contains(&b'+'));
                self.new += u64::from(!taken);
                return;
            }
            if line.starts_with(b"\\") {
                return;
            }
        }
        if line.starts_with(b"@@") {
            self.hunk(line);
        } else if let Some(rest) = line.strip_prefix(b"commit ")
            && let Some(commit) = commit(rest)
        {
            *self = Self { commit: Some(commit), head: std::mem::take(&mut self.head), ..Self::default() };
        } else if line.starts_with(b"diff ") {
            (self.marks, self.file) = (0, None);
        } else if let Some(name) = line.strip_prefix(b"--- ").and_then(name) {
            self.file = Some(name);
        } else if let Some(name) = line.strip_prefix(b"+++ ").and_then(name) {
            self.file = Some(name);
        }
    }

    /// `@@ -12,3 +14,5 @@ …`, with one `@` more for each further parent of a merge.
    fn hunk(&mut self, line: &[u8]) {
        self.marks = line.iter().take_while(|byte| **byte == b'@').count() - 1;
        let number = |mark: u8| {
            let word = line.split(|byte| *byte == b' ').find(|word| word.first() == Some(&mark));
            let digits = word.map(|word| word[1..].split(|byte| *byte == b',').next().unwrap_or_default());
            digits.and_then(|digits| str::from_utf8(digits).ok()?.parse().ok()).unwrap_or(1)
        };
        (self.old, self.new) = (number(b'-'), number(b'+'));
    }
}

/// A commit's id, alone or with something behind it.
fn commit(rest: &[u8]) -> Option<String> {
    let word = rest.split(|byte| matches!(byte, b' ' | b'\n' | b'\r')).next()?;
    let is_id = matches!(word.len(), 40 | 64) && word.iter().all(u8::is_ascii_hexdigit);
    is_id.then(|| String::from_utf8_lossy(word).into_owned())
}

/// The name of a file behind `a/` or `b/`.
fn name(rest: &[u8]) -> Option<String> {
    let rest = rest.strip_suffix(b"\r").unwrap_or(rest);
    let rest = rest.strip_suffix(b"\t").unwrap_or(rest);
    let rest = rest.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\"")).unwrap_or(rest);
    if rest == b"/dev/null" {
        return None;
    }
    let rest = rest.strip_prefix(b"a/").or_else(|| rest.strip_prefix(b"b/")).unwrap_or(rest);
    Some(String::from_utf8_lossy(rest).into_owned())
}

impl Track for Diff {
    fn advance(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let end = memchr(b'\n', bytes);
            let part = &bytes[..end.unwrap_or(bytes.len())];
            let kept = part.len().min(HEAD - self.head.len());
            self.head.extend_from_slice(&part[..kept]);
            if end.is_none() {
                self.column += characters(part);
                return;
            }
            bytes = &bytes[part.len() + 1..];
            self.ended();
        }
    }

    fn place(&self, base: &Place) -> Place {
        let name = match (&self.file, base.path.as_str()) {
            (Some(file), "" | "-") => file.clone(),
            (Some(file), folder) => format!("{folder}/{file}"),
            (None, _) => "(message)".to_owned(),
        };
        let place = Place {
            path: crate::domain::leaks::place::masked(&name),
            commit: self.commit.clone(),
            ..base.clone()
        };
        if self.marks == 0 {
            return place;
        }
        let taken = self.head.iter().take(self.marks).any(|mark| *mark == b'-');
        let line = if taken { self.old } else { self.new };
        let column = (self.column + 1).saturating_sub(self.marks as u64).max(1);
        Place { line: Some(line), column: Some(column), ..place }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(track: &mut dyn Track, text: &str, word: &str, piece: usize) -> String {
        let end = text.find(word).expect("the word");
        for piece in text.as_bytes()[..end].chunks(piece) {
            track.advance(piece);
        }
        track.place(&Place { path: "-".to_owned(), ..Place::default() }).to_string()
    }

    #[test]
    fn lines_and_columns_are_told_in_characters() {
        for piece in [1, 2, 7, 1000] {
            assert_eq!(at(&mut Lines::default(), "WORD", "WORD", piece), "-:1:1");
            assert_eq!(at(&mut Lines::default(), "a\n\nbéé WORD", "WORD", piece), "-:3:5");
        }
    }

    #[test]
    fn a_diff_tells_commit_file_and_line() {
        let log = "commit 0123456789abcdef0123456789abcdef01234567 (HEAD)\nAuthor: A\n\n    MESSAGE\n\n\
            diff --git a/old.env b/new.env\nindex 1..2 100644\n--- a/old.env\n+++ b/new.env\n\
            @@ -10,3 +20,3 @@ fn x\n same\n-TAKEN\n+x=ADDED\n+\n+two\n\\ No newline at end of file\n\
            @@ -30 +40,2 @@\n LAST\ndiff --git a/gone b/gone\n--- a/gone\n+++ /dev/null\n@@ -1 +0,0 @@\n-GONE\n\
            commit 89abcdef0123456789abcdef0123456789abcdef\n\ndiff --cc both.txt\n--- a/both.txt\n+++ b/both.txt\n\
            @@@ -1,1 -1,1 +1,2 @@@\n  one\n++MERGED\n";
        for piece in [1, 3, 50, 10_000] {
            for (word, place) in [
                ("MESSAGE", "0123456789ab:(message)"),
                ("TAKEN", "0123456789ab:new.env:11:1"),
                ("ADDED", "0123456789ab:new.env:21:3"),
                ("LAST", "0123456789ab:new.env:40:1"),
                ("GONE", "0123456789ab:gone:1:1"),
                ("MERGED", "89abcdef0123:both.txt:2:1"),
            ] {
                assert_eq!(at(&mut Diff::default(), log, word, piece), place, "{word} {piece}");
            }
        }
        assert!(Diff::is_one(log.as_bytes()) && !Diff::is_one(b"commit me\n"));
    }
}
