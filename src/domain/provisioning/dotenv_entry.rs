//! One variable of an `.env` file is set, and everything else stays as it is, byte for byte.
//!
//! There is no standard, so what is written must mean the same to all: `NAME=` and a value that no
//! reader changes. Where readers disagree about the lines around it, so that one of them would find
//! another value or none, nothing is written. `tests/provisioning/dotenv/` holds the files, and what
//! real readers make of them.

use std::ops::Range;

use zeroize::Zeroizing;

use super::edit::{EditError, Line, line_end, lines};

const BLANK: [char; 2] = [' ', '\t'];

/// The file with the variable set to what is written, in quotes or not.
pub(crate) fn set(file: &str, name: &str, written: &str) -> Result<Zeroizing<String>, EditError> {
    let lines = lines(file)?;
    let found = Scan { file, lines: &lines, name }.entry()?;
    // Large enough, so that it never moves and leaves a copy behind.
    let mut text = Zeroizing::new(String::with_capacity(file.len() + name.len() + written.len() + 8));
    let Some(entry) = found else {
        text.push_str(file);
        let ended = lines.last().is_none_or(|line| line.next > line.text.end);
        let end = line_end(file, &lines);
        for part in [if ended { "" } else { end }, name, "=", written, if ended { end } else { "" }] {
            text.push_str(part);
        }
        return Ok(text);
    };
    let (first, last) = (&lines[entry.lines.start], &lines[entry.lines.end - 1]);
    let before = &file[first.text.start..entry.name_at];
    let indent = &before[..before.len() - before.trim_start_matches(BLANK).len()];
    // Node and Deno know `export` with one blank behind it, and no tab.
    let export = if before.len() > indent.len() { "export " } else { "" };
    for part in [&file[..first.text.start], indent, export, name, "=", written] {
        text.push_str(part);
    }
    if let Some(comment) = entry.comment {
        text.push(' ');
        text.push_str(comment);
    }
    text.push_str(&file[last.text.end..]);
    Ok(text)
}

/// What the file says of the variable.
struct Entry<'f> {
    /// The lines that it stands on.
    lines: Range<usize>,
    /// Where in the file its name begins, in quotes or not.
    name_at: usize,
    /// Behind the value.
    comment: Option<&'f str>,
}

/// The beginning of a line that may set something.
struct Head<'f> {
    name: &'f str,
    /// Where the name begins in the line, quotes included.
    name_at: usize,
    /// What follows `=`, or `:` as some readers know it, without blanks; `None` if neither does.
    value: Option<&'f str>,
}

impl<'f> Head<'f> {
    fn of(line: &'f str) -> Option<Self> {
        let mut rest = line.trim_start_matches(BLANK);
        if let Some(behind) = rest.strip_prefix("export").filter(|behind| behind.starts_with(BLANK)) {
            rest = behind.trim_start_matches(BLANK);
        }
        if rest.is_empty() || rest.starts_with('#') {
            return None;
        }
        let name_at = line.len() - rest.len();
        let quote = rest.chars().next().filter(|c| ['\'', '"'].contains(c));
        let (name, behind) = if let Some(quote) = quote {
            rest[1..].split_once(quote)?
        } else {
            rest.split_at(rest.find(|c| "=:#".contains(c) || BLANK.contains(&c)).unwrap_or(rest.len()))
        };
        let behind = behind.trim_start_matches(BLANK);
        let value =
            behind.strip_prefix('=').or_else(|| behind.strip_prefix(':').filter(|v| v.starts_with(BLANK)));
        Some(Self { name, name_at, value: value.map(|value| value.trim_start_matches(BLANK)) })
    }
}

struct Scan<'f> {
    file: &'f str,
    lines: &'f [Line],
    name: &'f str,
}

impl<'f> Scan<'f> {
    fn line(&self, index: usize) -> &'f str {
        self.lines[index].of(self.file)
    }

    fn head(&self, index: usize) -> Option<Head<'f>> {
        Head::of(self.line(index))
    }

    /// The one entry of the variable, if there is one.
    fn entry(&self) -> Result<Option<Entry<'f>>, EditError> {
        let mut found: Option<Entry<'f>> = None;
        let mut index = 0;
        // The line before, where a shell would read on behind its end.
        let mut joined = None;
        while index < self.lines.len() {
            let Some(head) = self.head(index) else {
                index += 1;
                continue;
            };
            let (end, behind) = self.extent(index, &head)?;
            self.check_inside(index, end)?;
            if head.name == self.name {
                check_joined(joined)?;
                if let Some(first) = &found {
                    let what = format!(
                        "the variable is set a second time; the first time is line {}",
                        first.lines.start + 1
                    );
                    return Err(EditError::at(
                        index,
                        what,
                        "take one of the two out: readers differ in which counts",
                    ));
                }
                if head.value.is_none() {
                    let what = "the variable stands there without a value, which some readers let win";
                    return Err(EditError::at(index, what, "take the line out, or write = behind the name"));
                }
                let name_at = self.lines[index].text.start + head.name_at;
                found = Some(Entry { lines: index..end, name_at, comment: comment(behind) });
            }
            joined = if head.value.is_none() {
                Some((index, Joined::ToName))
            } else {
                self.line(end - 1).ends_with('\\').then_some((end - 1, Joined::ByBackslash))
            };
            index = end;
        }
        if found.is_none() {
            check_joined(joined)?;
        }
        Ok(found)
    }

    /// Behind which line the entry that begins at `index` ends, and what follows its value there.
    fn extent(&self, index: usize, head: &Head<'f>) -> Result<(usize, &'f str), EditError> {
        let value = head.value.unwrap_or_default();
        let Some(quote) = value.chars().next().filter(|c| "'\"`".contains(*c)) else {
            return Ok((index + 1, value));
        };
        let start = self.lines[index].text.end - value.len() + 1;
        let ends = Escapes::ALL.map(|escapes| escapes.end(&self.file[start..], quote).map(|at| start + at));
        let line_of = |at: usize| self.lines.partition_point(|line| line.next <= at);
        let [Some(at), ..] = ends else {
            return Err(EditError::at(index, "the quote is never closed", "close it, or take it out"));
        };
        let of_line = line_of(at);
        if ends.iter().any(|end| end.map(line_of) != Some(of_line)) {
            let what = "readers differ in where the quoted text ends, because of a backslash in it";
            return Err(EditError::at(index, what, "write the value without a backslash before a quote"));
        }
        Ok((of_line + 1, &self.file[at + quote.len_utf8()..self.lines[of_line].text.end]))
    }

    /// No line inside of a quoted text may look as if it set the variable: readers that know no such
    /// text would take it.
    fn check_inside(&self, first: usize, end: usize) -> Result<(), EditError> {
        let inside =
            (first + 1..end).find(|index| self.head(*index).is_some_and(|head| head.name == self.name));
        inside.map_or(Ok(()), |index| {
            let what =
                format!("the variable stands inside of the quoted text that begins in line {}", first + 1);
            Err(EditError::at(index, what, "take it out there: some readers take it for the variable"))
        })
    }
}

/// Why a reader would take a line for a part of the one before.
#[derive(Clone, Copy)]
enum Joined {
    /// Shells.
    ByBackslash,
    /// Node 20 looks for a name's `=` in the lines that follow.
    ToName,
}

fn check_joined(joined: Option<(usize, Joined)>) -> Result<(), EditError> {
    let Some((index, joined)) = joined else { return Ok(()) };
    let (what, hint) = match joined {
        Joined::ByBackslash => (
            "a backslash ends it, by which a shell joins it with the next line",
            "take the backslash out, or write the value in quotes",
        ),
        Joined::ToName => (
            "it has no =, and Node 20 takes it for the beginning of the next name",
            "take it out, make it a comment, or write = behind it",
        ),
    };
    Err(EditError::at(index, what, hint))
}

/// A comment behind a value: it begins at a `#` behind a blank, or behind a closing quote and a blank.
fn comment(behind: &str) -> Option<&str> {
    let mut starts = behind.match_indices('#').map(|(at, _)| at);
    let start = starts.find(|at| behind[..*at].ends_with(BLANK))?;
    Some(behind[start..].trim_end_matches(BLANK))
}

/// What a backslash in quotes does, as readers see it.
#[derive(Clone, Copy)]
enum Escapes {
    /// It takes the next character along (python-dotenv, dotenvy, shells in double quotes).
    Next,
    /// Nothing (shells in single quotes, Node).
    Nothing,
    /// It takes a quote along, also behind another backslash (npm's dotenv).
    Quote,
}

impl Escapes {
    const ALL: [Self; 3] = [Self::Next, Self::Nothing, Self::Quote];

    /// Where the text in quotes ends.
    fn end(self, text: &str, quote: char) -> Option<usize> {
        let mut escaped = false;
        for (at, c) in text.char_indices() {
            if c == quote && !escaped {
                return Some(at);
            }
            escaped = match self {
                Self::Next => c == '\\' && !escaped,
                Self::Nothing => false,
                Self::Quote => c == '\\',
            };
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edited(file: &str) -> Result<String, String> {
        let text = set(file, "KEY", "new").map_err(|error| format!("{error}; {}", error.hint))?;
        Ok(text.to_string())
    }

    #[test]
    fn an_entry_is_replaced_in_its_place_or_added_at_the_end() {
        for (file, expected) in [
            ("", "KEY=new\n"),
            ("A=1\n", "A=1\nKEY=new\n"),
            ("A=1", "A=1\nKEY=new"),
            ("A=1\r\nB=2\r\n", "A=1\r\nB=2\r\nKEY=new\r\n"),
            ("A=1\r\nB=2", "A=1\r\nB=2\r\nKEY=new"),
            ("KEY=old\nA=1\n", "KEY=new\nA=1\n"),
            ("KEY=old", "KEY=new"),
            ("KEY=\n", "KEY=new\n"),
            ("A=1\nKEY=old\r\nB=2\n", "A=1\nKEY=new\r\nB=2\n"),
            ("  export\t KEY='old'  # mine \n", "  export KEY=new # mine\n"),
            ("KEY = \"o#ld\" #c\n", "KEY=new #c\n"),
            ("KEY=old#no\n", "KEY=new\n"),
            ("KEY: old\n", "KEY=new\n"),
            ("'KEY'=old\n", "KEY=new\n"),
            ("KEY=\"old\nKEYS=1\n\" # c\nA=1\n", "KEY=new # c\nA=1\n"),
            ("#KEY=old\n", "#KEY=old\nKEY=new\n"),
            ("KEYS=1\nMY_KEY=2\nkey=3\n", "KEYS=1\nMY_KEY=2\nkey=3\nKEY=new\n"),
            ("A='1\n2'\nB=`x`\n\n", "A='1\n2'\nB=`x`\n\nKEY=new\n"),
            ("A='c:\\dir'\nKEY=$OLD\n", "A='c:\\dir'\nKEY=new\n"),
            ("A=\"x\\\"y\"\n", "A=\"x\\\"y\"\nKEY=new\n"),
            ("# it's\nA=it's\nKEY=x", "# it's\nA=it's\nKEY=new"),
            ("B\nA=1\nKEY=x\nC\n", "B\nA=1\nKEY=new\nC\n"),
        ] {
            assert_eq!(edited(file).as_deref(), Ok(expected), "{file:?}");
        }
    }

    #[test]
    fn where_readers_would_disagree_nothing_is_written() {
        for (file, says) in [
            (
                "KEY=a\nA=1\nexport KEY=b\n",
                "line 3: the variable is set a second time; the first time is line 1",
            ),
            ("KEY\n", "line 1: the variable stands there without a value"),
            ("KEY=a\nexport KEY\n", "line 2: the variable is set a second time"),
            (
                "A='\nKEY=a\n'\n",
                "line 2: the variable stands inside of the quoted text that begins in line 1",
            ),
            ("A=`\nKEY=a\n`\n", "line 2: the variable stands inside"),
            ("A=\"a\nB=2\n", "line 1: the quote is never closed"),
            ("A='x\\'\nB='y'\n", "line 1: readers differ in where the quoted text ends"),
            ("A=\"x\\\\\"\nB=\"y\"\n", "line 1: readers differ"),
            ("A=1\\\nKEY=a\n", "line 1: a backslash ends it"),
            ("A=1\\\n", "line 1: a backslash ends it"),
            ("hello world\n", "line 1: it has no ="),
            ("A=1\nB\n\n# c\nKEY=old\n", "line 2: it has no ="),
            ("A=1\rKEY=a\n", "line 1: a carriage return stands alone"),
            ("\u{feff}A=1\n", "line 1: a byte order mark"),
            ("A=1\nB=\0\n", "line 2: it contains a NUL"),
        ] {
            let error = edited(file).expect_err(file);
            assert!(error.contains(says), "{file:?}: {error}");
        }
    }

    proptest::proptest! {
        #[test]
        fn what_was_set_is_found_again_and_set_alike(file in "([AK]=|KEY|export |[a'\"`\\\\#$ \n]|\r\n|=){0,30}") {
            if let Ok(once) = edited(&file) {
                proptest::prop_assert_eq!(edited(&once), Ok(once.clone()));
                proptest::prop_assert_eq!(once.matches("KEY=new").count() >= 1, true);
            }
        }
    }
}
