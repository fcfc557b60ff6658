//! One key of a Kubernetes Secret's manifest is set, and everything else stays as it is, byte for byte.
//!
//! What is understood is the form in which people and `kubectl -o yaml` write a Secret: one document, in
//! block style, a key and its value on a line. Anything else (flow style, anchors, several documents) is
//! refused by its line and never guessed at.

use std::ops::Range;

use zeroize::Zeroizing;

use super::edit::{EditError, Line, line_end, lines};

/// Which Secret, and which of its keys.
pub(crate) struct Target<'s> {
    pub name: &'s str,
    pub namespace: Option<&'s str>,
    pub key: &'s str,
}

/// The manifest with the key set: `base64` where it stands in `data`, else `plain` in `stringData`. Both are in no need
/// of an escape in double quotes.
pub(crate) fn set(
    file: &str,
    target: &Target<'_>,
    plain: &str,
    base64: &str,
) -> Result<Zeroizing<String>, EditError> {
    let lines = lines(file)?;
    let has_text = |line: &Line| !is_empty(line.of(file));
    if !lines.iter().any(has_text) {
        return Ok(new(file, target, plain));
    }
    let manifest = Manifest::read(file, &lines)?;
    manifest.check(target)?;
    let (data, string_data) = (manifest.block("data")?, manifest.block("stringData")?);
    let find = |block: &Option<Block>| {
        let block = block.as_ref()?;
        block.entries.iter().find(|entry| entry.key == target.key).cloned()
    };
    let (lines, end) = (&lines, line_end(file, &lines));
    let mut text = Zeroizing::new(String::with_capacity(file.len() + target.key.len() + base64.len() + 64));
    let entry = |indent: usize, value: &str| {
        Zeroizing::new(format!("{:indent$}{}: \"{value}\"", "", scalar(target.key)))
    };
    let (at, written) = match (find(&data), find(&string_data)) {
        (Some(_), Some(twice)) => {
            let what = "the key stands in data and in stringData";
            return Err(EditError::at(twice.lines.start, what, "take one of the two out"));
        }
        (Some(found), None) => (found.lines.clone(), entry(found.indent, base64)),
        (None, Some(found)) => (found.lines.clone(), entry(found.indent, plain)),
        (None, None) => match (string_data, data) {
            (Some(block), _) => (block.end..block.end, entry(block.indent, plain)),
            (None, Some(block)) => (block.end..block.end, entry(block.indent, base64)),
            (None, None) => {
                let block = Zeroizing::new(format!("stringData:{end}{}", *entry(2, plain)));
                (manifest.end..manifest.end, block)
            }
        },
    };
    place(&mut text, file, lines, &at, &written);
    Ok(text)
}

/// Puts lines into the place of others, or between two.
fn place(text: &mut String, file: &str, lines: &[Line], at: &Range<usize>, written: &str) {
    let end = line_end(file, lines);
    let start = lines.get(at.start).map_or(file.len(), |line| line.text.start);
    text.push_str(&file[..start]);
    if start > 0 && !file[..start].ends_with('\n') {
        text.push_str(end);
    }
    text.push_str(written);
    let rest = if at.is_empty() { start } else { lines[at.end - 1].text.end };
    if at.is_empty() && (rest < file.len() || file.ends_with('\n')) {
        text.push_str(end);
    }
    text.push_str(&file[rest..]);
}

/// A manifest where there is none yet.
fn new(before: &str, target: &Target<'_>, plain: &str) -> Zeroizing<String> {
    let mut text =
        Zeroizing::new(String::with_capacity(before.len() + 256 + 2 * target.name.len() + plain.len()));
    text.push_str(before);
    if !before.is_empty() && !before.ends_with('\n') {
        text.push('\n');
    }
    for part in ["apiVersion: v1\nkind: Secret\nmetadata:\n  name: ", &scalar(target.name), "\n"] {
        text.push_str(part);
    }
    if let Some(namespace) = target.namespace {
        for part in ["  namespace: ", &scalar(namespace), "\n"] {
            text.push_str(part);
        }
    }
    for part in ["type: Opaque\nstringData:\n  ", &scalar(target.key), ": \"", plain, "\"\n"] {
        text.push_str(part);
    }
    text
}

/// A name as YAML, in quotes where it could be taken for something else than a text (YAML 1.1 has many such).
fn scalar(name: &str) -> String {
    let words = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"];
    let plain = name.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic())
        && !words.contains(&&*name.to_ascii_lowercase());
    if plain { name.to_owned() } else { format!("\"{name}\"") }
}

fn is_empty(line: &str) -> bool {
    let text = line.trim();
    text.is_empty() || text.starts_with('#')
}

/// A key with its value, and the lines that they take.
#[derive(Clone)]
struct Member {
    key: String,
    /// What stands behind the colon, without a comment.
    value: String,
    indent: usize,
    lines: Range<usize>,
}

/// What stands below a key.
struct Block {
    entries: Vec<Member>,
    indent: usize,
    /// Behind its last entry.
    end: usize,
}

struct Manifest<'f> {
    file: &'f str,
    lines: &'f [Line],
    members: Vec<Member>,
    /// Behind the last of them.
    end: usize,
}

const HINT: &str =
    "write it in block style, as kubectl -o yaml does: one document, a key and its value on a line";

impl<'f> Manifest<'f> {
    fn read(file: &'f str, lines: &'f [Line]) -> Result<Self, EditError> {
        let first = (0..lines.len()).find(|index| !is_empty(lines[*index].of(file))).unwrap_or_default();
        let begins = usize::from(lines[first].of(file).trim_end() == "---");
        let members = members(file, lines, first + begins..lines.len(), 0)?;
        let end = members.last().map_or(lines.len(), |member| member.lines.end);
        Ok(Self { file, lines, members, end })
    }

    fn member(&self, key: &str) -> Option<&Member> {
        self.members.iter().find(|member| member.key == key)
    }

    /// The entries below a key; nothing where it is not there.
    fn block(&self, key: &str) -> Result<Option<Block>, EditError> {
        let Some(member) = self.member(key) else { return Ok(None) };
        if !member.value.is_empty() {
            let what = format!("{key} has its value on the same line");
            return Err(EditError::at(member.lines.start, what, HINT));
        }
        let inner = member.lines.start + 1..member.lines.end;
        let first = inner.clone().find(|index| !is_empty(self.lines[*index].of(self.file)));
        let Some(first) = first else {
            return Ok(Some(Block { entries: Vec::new(), indent: 2, end: member.lines.start + 1 }));
        };
        let indent = indent(self.lines[first].of(self.file));
        let entries = members(self.file, self.lines, inner, indent)?;
        let end = entries.last().map_or(first, |entry| entry.lines.end);
        Ok(Some(Block { entries, indent, end }))
    }

    /// Whether it is the Secret that is meant.
    fn check(&self, target: &Target<'_>) -> Result<(), EditError> {
        let at = |member: Option<&Member>| member.map_or(0, |member| member.lines.start);
        for (key, value) in [("apiVersion", "v1"), ("kind", "Secret")] {
            let member = self.member(key);
            if member.is_none_or(|member| unquoted(&member.value) != value) {
                let what = format!("it is no manifest of a Secret: {key} is not {value}");
                return Err(EditError::at(at(member), what, "name a file of its own for the Secret"));
            }
        }
        let metadata = self.block("metadata")?;
        let entries = metadata.as_ref().map(|block| &*block.entries).unwrap_or_default();
        for (key, wanted) in [("name", Some(target.name)), ("namespace", target.namespace)] {
            let entry = entries.iter().find(|entry| entry.key == key);
            if entry.map(|entry| unquoted(&entry.value)) != wanted {
                let what = format!("the Secret in it has another {key} than the sink");
                let place = entry.or_else(|| self.member("metadata"));
                return Err(EditError::at(at(place), what, "one file holds one Secret: name another file"));
            }
        }
        Ok(())
    }
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// The members of a mapping whose keys stand so deep, with what is deeper as a part of each.
fn members(file: &str, lines: &[Line], of: Range<usize>, depth: usize) -> Result<Vec<Member>, EditError> {
    let mut found: Vec<Member> = Vec::new();
    for index in of {
        let line = lines[index].of(file);
        let text = line.trim_start_matches(' ');
        if text.starts_with('\t') {
            return Err(EditError::at(index, "a tab indents it, which YAML does not know", HINT));
        }
        if indent(line) > depth {
            // A part of what is before it, a comment or an empty line there too: they may belong to a text of many lines.
            let Some(last) = found.last_mut() else { return Err(odd(index)) };
            if !text.is_empty() {
                last.lines.end = index + 1;
            }
            continue;
        }
        if is_empty(line) {
            continue;
        }
        if indent(line) < depth {
            return Err(odd(index));
        }
        let (key, value) = split(text).ok_or_else(|| odd(index))?;
        if found.iter().any(|member| member.key == key) {
            return Err(EditError::at(index, "a key stands there twice", "take one of the two out"));
        }
        found.push(Member { key, value, indent: depth, lines: index..index + 1 });
    }
    Ok(found)
}

fn odd(index: usize) -> EditError {
    EditError::at(index, "it is not of the form `key: value`", HINT)
}

/// `key: value`, with the key in quotes or not.
fn split(text: &str) -> Option<(String, String)> {
    let is_key = |key: &str| {
        !key.is_empty()
            && key.chars().all(|c| c.is_ascii_alphanumeric() || "-_./".contains(c))
            && !key.starts_with('-')
    };
    let quote = text.chars().next().filter(|c| ['\'', '"'].contains(c));
    let (key, behind) = match quote {
        Some(quote) => text[1..].split_once(quote)?,
        None => text.split_at(text.find(':')?),
    };
    let value = behind.strip_prefix(':')?;
    let plain = value.trim_start_matches(' ');
    if !is_key(key)
        || !(value.is_empty() || value.starts_with(' '))
        || plain.starts_with(['&', '*', '!', '{', '['])
    {
        return None;
    }
    let end = if plain.starts_with('#') { Some(0) } else { plain.find(" #") };
    let value = end.map_or(plain, |end| &plain[..end]).trim_end();
    Some((key.to_owned(), value.to_owned()))
}

fn unquoted(value: &str) -> &str {
    let inner = |quote: char| value.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    inner('"').or_else(|| inner('\'')).unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TARGET: Target<'_> = Target { name: "alice-key", namespace: Some("prod"), key: "token" };
    const HEAD: &str = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: alice-key\n  namespace: prod\n";

    fn edited(file: &str) -> Result<String, String> {
        let text = set(file, &TARGET, "new", "bmV3").map_err(|error| error.to_string())?;
        Ok(text.to_string())
    }

    #[test]
    fn a_key_is_set_and_everything_else_stays() {
        assert_eq!(
            edited("").as_deref(),
            Ok(&*format!("{HEAD}type: Opaque\nstringData:\n  token: \"new\"\n"))
        );
        for (before, after) in [
            ("stringData:\n  token: old\n", "stringData:\n  token: \"new\"\n"),
            ("stringData:\n  token: old", "stringData:\n  token: \"new\""),
            ("stringData:\n  \"token\": 'old' # mine\n  a: b\n", "stringData:\n  token: \"new\"\n  a: b\n"),
            ("stringData:\n    a: b\n# end\n", "stringData:\n    a: b\n    token: \"new\"\n# end\n"),
            ("data:\n  token: b2xk\n  a: Yg==\n", "data:\n  token: \"bmV3\"\n  a: Yg==\n"),
            ("data:\n  a: Yg==\ntype: Opaque\n", "data:\n  a: Yg==\n  token: \"bmV3\"\ntype: Opaque\n"),
            (
                "data:\n  a: Yg==\nstringData:\n  b: c\n",
                "data:\n  a: Yg==\nstringData:\n  b: c\n  token: \"new\"\n",
            ),
            ("type: Opaque\n", "type: Opaque\nstringData:\n  token: \"new\"\n"),
            ("type: Opaque", "type: Opaque\nstringData:\n  token: \"new\""),
            ("stringData:\ntype: Opaque\n", "stringData:\n  token: \"new\"\ntype: Opaque\n"),
            (
                "stringData:\n  token: |\n    old\n    older\n  a: |\n    token: x\n\n    y\n",
                "stringData:\n  token: \"new\"\n  a: |\n    token: x\n\n    y\n",
            ),
        ] {
            assert_eq!(edited(&format!("{HEAD}{before}")), Ok(format!("{HEAD}{after}")), "{before:?}");
        }
        let marked = format!("# ours\n---\n{HEAD}");
        assert_eq!(edited(&marked), Ok(format!("{marked}stringData:\n  token: \"new\"\n")));
        let windows = HEAD.replace('\n', "\r\n");
        assert_eq!(edited(&windows), Ok(format!("{windows}stringData:\r\n  token: \"new\"\r\n")));
    }

    #[test]
    fn names_that_yaml_takes_for_something_else_stand_in_quotes() {
        for (name, written) in [("alice", "alice"), ("no", "\"no\""), ("1e3", "\"1e3\""), ("ON", "\"ON\"")] {
            assert_eq!(scalar(name), written);
        }
    }

    #[test]
    fn what_is_not_understood_is_refused_by_its_line() {
        let with = |rest: &str| format!("{HEAD}{rest}");
        for (file, says) in [
            ("hello\n".to_owned(), "line 1: it is not of the form"),
            ("kind: ConfigMap\napiVersion: v1\n".to_owned(), "line 1: it is no manifest of a Secret: kind"),
            ("kind: Secret\n".to_owned(), "apiVersion is not v1"),
            (HEAD.replace("alice-key", "bob-key"), "line 4: the Secret in it has another name"),
            (HEAD.replace("prod", "test"), "line 5: the Secret in it has another namespace"),
            (HEAD.replace("  namespace: prod\n", ""), "line 3: the Secret in it has another namespace"),
            (with("---\nkind: Secret\n"), "line 6: it is not of the form"),
            (with("stringData: {token: a}\n"), "line 6: it is not of the form"),
            (with("stringData: &a\n  b: c\n"), "line 6: it is not of the form"),
            (with("stringData: x\n"), "line 6: stringData has its value on the same line"),
            (with("stringData:\n  a: b\n  <<: c\n"), "line 8: it is not of the form"),
            (with("stringData:\n  a: b\n c: d\n"), "line 8: it is not of the form"),
            (with("stringData:\n\ttoken: a\n"), "line 7: a tab indents it"),
            (with("stringData:\n  token: a\n  token: b\n"), "line 8: a key stands there twice"),
            (
                with("stringData:\n  token: a\ndata:\n  token: Yg==\n"),
                "line 7: the key stands in data and in",
            ),
            (with("stringData:\n- a\n"), "line 7: it is not of the form"),
        ] {
            let error = edited(&file).expect_err(&file);
            assert!(error.contains(says), "{file:?}: {error}");
        }
    }
}
