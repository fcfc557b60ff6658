//! The keys of Mem0's knowledge-base server: `API_KEYS='{"KEY": "owner", …}'` in an `.env`
//! file, or that JSON alone.

use std::collections::HashMap;
use std::ops::Range;

use zeroize::Zeroizing;

use super::dotenv::{self, Value};
use super::faults::Faults;
use super::likeness::Likeness;
use crate::domain::keys::foreign::ForeignToken;
use crate::domain::owners::subject::OwnerSubject;
use crate::domain::texts::leak;

pub(crate) const VARIABLE: &str = "API_KEYS";

/// Keys in one file. One variable of a process's environment has at most 128 KiB (Linux), so
/// none holds more.
pub(crate) const MOST: usize = 2000;

/// Which of the two texts of an entry is the key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Order {
    /// The first, as the server has it, unless it looks less like one than the second.
    #[default]
    Unsaid,
    /// The first, whatever they look like.
    KeyFirst,
    /// The second.
    OwnerFirst,
}

/// A key as it stands in the file.
#[derive(Debug)]
pub(crate) struct Entry {
    /// The line of the file, from 1.
    pub line: u64,
    /// Which one of the object's entries it is, from 1.
    pub number: usize,
    pub token: ForeignToken,
    /// The id of the user that it belongs to: as whom services know its owner.
    pub id: OwnerSubject,
}

impl Entry {
    /// Its number, as in faults.
    pub(crate) fn place(&self) -> String {
        format!("entry {}", self.number)
    }
}

/// What the server reads of a file.
#[derive(Debug)]
pub(crate) struct Keys {
    /// The keys, in the order of the file.
    pub entries: Vec<Entry>,
    /// What is left out, with its line and the reason.
    pub left_out: Vec<String>,
}

/// Reads all keys of a file, or says everything that is wrong with it.
pub(crate) fn parse(file: &str, order: Order) -> Result<Keys, Faults> {
    let mut faults = Faults::default();
    let file = file.strip_prefix('\u{feff}').unwrap_or(file);
    let value = if file.trim_start().starts_with('{') {
        Value::whole(file)
    } else {
        match dotenv::find(file, VARIABLE) {
            Ok(Some(value)) => value,
            Ok(None) => {
                faults.push(1, "", format!("there is neither {VARIABLE}=… nor JSON in the file"));
                return Err(faults);
            }
            Err(error) => {
                faults.push(error.line(), VARIABLE, error.to_string());
                return Err(faults);
            }
        }
    };
    let mut entries = Scan { value: &value, order, at: 0, number: 0 }.entries(&mut faults);
    if entries.is_empty() && faults.is_empty() {
        faults.push(value.line_at(0), VARIABLE, "there are no keys in it");
    }
    let left_out = leave_out(&mut entries, order);
    if faults.is_empty() { Ok(Keys { entries, left_out }) } else { Err(faults) }
}

/// Of equal names in a JSON object the last one wins, as in Python's reader.
fn leave_out(entries: &mut Vec<Entry>, order: Order) -> Vec<String> {
    let (what, name): (_, fn(&Entry) -> &str) = match order {
        Order::OwnerFirst => ("owner", |entry| entry.id.as_str()),
        Order::Unsaid | Order::KeyFirst => ("key", |entry| entry.token.expose()),
    };
    let last: HashMap<&str, usize> = entries.iter().map(|entry| (name(entry), entry.number)).collect();
    let winners: Vec<usize> = entries.iter().map(|entry| last[name(entry)]).collect();
    let mut told = Vec::new();
    for (entry, winner) in entries.iter().zip(&winners).filter(|(entry, winner)| entry.number != **winner) {
        told.push(format!(
            "line {}: {}: it is left out: entry {winner} has the same {what}, and the server reads only the last",
            entry.line,
            entry.place()
        ));
    }
    let mut winners = winners.into_iter();
    entries.retain(|entry| winners.next() == Some(entry.number));
    told
}

/// Walks the object. A JSON reader would keep only the last of two equal keys without a word, and could
/// not say on which line one stands.
struct Scan<'v> {
    value: &'v Value,
    order: Order,
    at: usize,
    number: usize,
}

impl Scan<'_> {
    fn entries(mut self, faults: &mut Faults) -> Vec<Entry> {
        let mut entries = Vec::new();
        if let Err(why) = self.walk(&mut entries, faults) {
            let place = if self.number == 0 { VARIABLE.to_owned() } else { format!("entry {}", self.number) };
            faults.push(self.value.line_at(self.at), place, why);
        }
        entries
    }

    fn walk(&mut self, entries: &mut Vec<Entry>, faults: &mut Faults) -> Result<(), &'static str> {
        self.expect("{", "not a JSON object of the form {\"KEY\": \"owner\"}")?;
        self.skip_blanks();
        if !self.value.text[self.at..].starts_with('}') {
            self.walk_entries(entries, faults)?;
        }
        self.at += 1;
        self.skip_blanks();
        if self.at < self.value.text.len() { Err("something stands behind the JSON") } else { Ok(()) }
    }

    /// Up to the brace that closes the object.
    fn walk_entries(&mut self, entries: &mut Vec<Entry>, faults: &mut Faults) -> Result<(), &'static str> {
        loop {
            self.number += 1;
            if self.number > MOST {
                return Err("more than 2000 keys in one file");
            }
            let start = self.skip_blanks();
            let first = self.string("a key in double quotes is missing")?;
            self.expect(":", "a : is missing behind the key")?;
            self.skip_blanks();
            let second = self.string("the owner must be a text in double quotes")?;
            let (token, owner) = match self.order {
                Order::Unsaid | Order::KeyFirst => (first, second),
                Order::OwnerFirst => (second, first),
            };
            entries.extend(self.entry(self.value.line_at(start), &token, &owner, faults));
            self.skip_blanks();
            if self.value.text[self.at..].starts_with('}') {
                return Ok(());
            }
            self.expect(",", "a , or } is missing behind the owner")?;
        }
    }

    fn entry(&self, line: u64, token: &str, owner: &str, faults: &mut Faults) -> Option<Entry> {
        let place = || format!("entry {}", self.number);
        if let Some(why) = self.mixed_up(token, owner) {
            faults.push(line, place(), why);
            return None;
        }
        let token = ForeignToken::parse(token)
            .map_err(|error| faults.push(line, place(), format!("the key cannot be used: {error}")));
        let owner = owner
            .parse()
            .map_err(|error| faults.push(line, place(), format!("the owner cannot be right: {error}")));
        Some(Entry { line, number: self.number, token: token.ok()?, id: owner.ok()? })
    }

    /// Why the owner, which is kept in clear, may be the secret of the two.
    fn mixed_up(&self, token: &str, owner: &str) -> Option<&'static str> {
        let likelier = Likeness::of(owner) > Likeness::of(token);
        match self.order {
            Order::Unsaid if likelier => Some(
                "the owner looks more like a key than the key does, and owners are kept in clear: \
                 --owner-first reads {\"owner\": \"KEY\"}, --key-first takes ids that look so",
            ),
            Order::OwnerFirst if likelier => Some(
                "the owner looks more like a key than the key does, and owners are kept in clear: \
                 leave --owner-first out where the key comes first",
            ),
            _ if leak::secret_in(owner).is_some() => {
                Some("the owner is a secret by its form, and owners are kept in clear")
            }
            _ => None,
        }
    }

    fn skip_blanks(&mut self) -> usize {
        let rest = &self.value.text[self.at..];
        self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len();
        self.at
    }

    fn expect(&mut self, mark: &str, why: &'static str) -> Result<(), &'static str> {
        self.skip_blanks();
        if !self.value.text[self.at..].starts_with(mark) {
            return Err(why);
        }
        self.at += mark.len();
        Ok(())
    }

    /// The text in quotes that stands here.
    fn string(&mut self, missing: &'static str) -> Result<Zeroizing<String>, &'static str> {
        let range = self.string_range().ok_or(missing)?;
        let quoted = &self.value.text[range.clone()];
        let inner = &quoted[1..quoted.len() - 1];
        let text = if inner.contains('\\') || inner.contains(char::is_control) {
            serde_json::from_str(quoted).map_err(|_| "a text in quotes is not JSON")?
        } else {
            inner.to_owned()
        };
        self.at = range.end;
        Ok(Zeroizing::new(text))
    }

    fn string_range(&self) -> Option<Range<usize>> {
        let bytes = self.value.text.as_bytes();
        if bytes.get(self.at) != Some(&b'"') {
            return None;
        }
        let mut end = self.at + 1;
        while *bytes.get(end)? != b'"' {
            end += if bytes[end] == b'\\' { 2 } else { 1 };
        }
        Some(self.at..end + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(file: &str) -> Vec<(u64, String, String)> {
        let keys = parse(file, Order::Unsaid).unwrap_or_else(|faults| panic!("{file}: {faults}"));
        keys.entries
            .iter()
            .map(|entry| (entry.line, entry.token.expose().to_owned(), entry.id.to_string()))
            .collect()
    }

    fn faults(file: &str) -> String {
        parse(file, Order::Unsaid).expect_err(file).to_string()
    }

    #[test]
    fn keys_are_read_with_their_lines() {
        let alice = |line| vec![(line, "sk-a".to_owned(), "alice".to_owned())];
        for file in [
            "API_KEYS='{\"sk-a\": \"alice\"}'",
            "export API_KEYS=\"{\\\"sk-a\\\": \\\"alice\\\"}\"",
            "API_KEYS={\"sk-a\":\"alice\"}\r\n",
            "\u{feff}API_KEYS='{\"sk-a\":\"alice\"}' # keys",
            "{\"sk-a\":\"alice\"}\n",
            "\u{feff} {\"sk-\\u0061\" : \"al\\u0069ce\"}\r\n",
        ] {
            assert_eq!(read(file), alice(1), "{file}");
        }
        let several = "A=1\r\nAPI_KEYS='{\r\n  \"sk-a\": \"alice\",\r\n  \"sk-b\": \"bob\"\r\n}'\r\n";
        assert_eq!(read(several)[0], alice(3)[0]);
        assert_eq!(read(several)[1].0, 4);
    }

    #[test]
    fn faults_name_line_and_entry_and_never_the_key() {
        for (file, line) in [
            ("", "line 1: there is neither API_KEYS=… nor JSON in the file"),
            ("A=1\nAPI_KEYS=", "line 2: API_KEYS: not a JSON object"),
            ("A=1\nAPI_KEYS='{ }'", "line 2: API_KEYS: there are no keys in it"),
            ("{}", "line 1: API_KEYS: there are no keys in it"),
            ("{} x", "line 1: API_KEYS: something stands behind the JSON"),
            ("API_KEYS='{\"k1\":\"a\"", "line 1: API_KEYS: the quote is never closed"),
            ("API_KEYS={\"k1\":\"a\"", "line 1: entry 1: a , or } is missing"),
            ("API_KEYS={\"k1\" \"a\"}", "line 1: entry 1: a : is missing"),
            ("{\"k1\":\"a\",\n\"k2\":7}", "line 2: entry 2: the owner must be a text"),
            ("{\"k1\":\"a\",\n}", "line 2: entry 2: a key in double quotes"),
            ("{\"k1\":\"a\"} x", "line 1: entry 1: something stands behind"),
            (
                "{\"k1\":\"a\",\n\"k2\":\"B b\"}",
                "line 2: entry 2: the owner cannot be right: it contains U+0020",
            ),
            ("{\"k1\":\"a\",\n\"\":\"bob\"}", "line 2: entry 2: the key cannot be used: it is empty"),
            ("{\"k1 x\":\"a\"}", "line 1: entry 1: the key cannot be used: it contains a blank"),
            ("{\"k1\\q\":\"a\"}", "line 1: entry 1: a text in quotes is not JSON"),
            ("{\"k1\n\":\"a\"}", "line 1: entry 1: a text in quotes is not JSON"),
            ("[\"k1\"]", "line 1: there is neither"),
        ] {
            let faults = faults(file);
            assert!(faults.contains(line), "{file:?}: {faults}");
            assert!(!faults.contains("k1") && !faults.contains("k2"), "{faults}");
        }
        let both = faults("{\"k1\":\"A A\",\n\"k2\":\"B B\"}");
        assert!(both.starts_with("2 faults:"), "{both}");
    }

    /// What pydantic-settings 2.16 with python-dotenv 1.2 reads; `tests/dotenv/run` asks them again.
    #[test]
    fn what_is_read_is_what_the_server_reads_or_it_is_refused_with_its_line() {
        let table: serde_json::Value =
            serde_json::from_str(include_str!("../../../tests/dotenv/forms.json")).expect("JSON");
        let forms = table["forms"].as_array().expect("forms");
        assert!(forms.len() > 150, "{}", forms.len());
        for form in forms {
            // Bytes that are no text do not come so far.
            let Some(file) = form["file"].as_str() else { continue };
            let name = &form["name"];
            let server = form["server"]["keys"].as_object();
            match (parse(file, Order::Unsaid), form["refused"].as_str()) {
                (Ok(Keys { entries, .. }), None) => {
                    let read: serde_json::Map<_, _> = entries
                        .iter()
                        .map(|entry| (entry.token.expose().to_owned(), entry.id.as_str().into()))
                        .collect();
                    assert_eq!((Some(&read), entries.len()), (server, read.len()), "{name}");
                }
                (Err(faults), Some(words)) => {
                    let faults = faults.to_string();
                    assert!(faults.contains(words) && faults.contains("line "), "{name}: {faults}");
                    assert!(!faults.contains("sk-"), "{name}: {faults}");
                }
                (read, refused) => panic!("{name}: {read:?}, {refused:?}, the server: {server:?}"),
            }
        }
    }

    #[test]
    fn of_equal_names_the_last_one_is_read_and_the_others_are_told() {
        let file = "{\"sk-a\": \"alice\",\n\"sk-b\": \"bob\",\n\"sk-\\u0061\": \"carol\"}";
        assert_eq!(
            read(file),
            [(2, "sk-b".to_owned(), "bob".to_owned()), (3, "sk-a".to_owned(), "carol".to_owned())]
        );
        for (order, what) in [(Order::KeyFirst, "key"), (Order::OwnerFirst, "owner")] {
            let file = "{\"x\": \"alice\",\n\"x\": \"bob\", \"x\": \"carol\"}";
            let Keys { entries, left_out } = parse(file, order).expect("keys");
            assert_eq!(entries.iter().map(|entry| entry.number).collect::<Vec<_>>(), [3]);
            let told = |line, number| {
                format!(
                    "line {line}: entry {number}: it is left out: entry 3 has the same {what}, and the server \
                     reads only the last"
                )
            };
            assert_eq!(left_out, [told(1, 1), told(2, 2)]);
        }
    }

    #[test]
    fn a_list_that_names_the_owner_first_makes_no_owner_of_a_key() {
        let (secret, id) = ("ka-9f8e7d6c5b4a32100123456789abcdef", "5f7c1a2b3c4d5e6f7a8b9c0d");
        let file = |first: &str, second: &str| format!("API_KEYS='{{\"{first}\": \"{second}\"}}'");
        for (order, first, second, refused) in [
            (Order::Unsaid, secret, "credit-agent", None),
            (Order::Unsaid, secret, id, None),
            (Order::Unsaid, "hunter2", "alice2", None),
            (Order::Unsaid, "credit-agent", secret, Some("--owner-first reads")),
            (Order::Unsaid, "alice", "test-key-1", Some("--owner-first reads")),
            (Order::Unsaid, "hunter2", id, Some("--key-first takes ids")),
            (Order::KeyFirst, "hunter2", id, None),
            (Order::KeyFirst, "hunter2", "sk-alice-test-key-12345", Some("a secret by its form")),
            (Order::OwnerFirst, "credit-agent", secret, None),
            (Order::OwnerFirst, secret, "credit-agent", Some("leave --owner-first out")),
        ] {
            let file = file(first, second);
            match (parse(&file, order), refused) {
                (Ok(Keys { entries, .. }), None) => {
                    let key = if order == Order::OwnerFirst { second } else { first };
                    assert_eq!(entries[0].token.expose(), key, "{order:?} {file}");
                }
                (Err(faults), Some(words)) => {
                    let faults = faults.to_string();
                    assert!(faults.contains("line 1: entry 1: ") && faults.contains(words), "{faults}");
                    assert!(!faults.contains(first) && !faults.contains(second), "{faults}");
                }
                (read, _) => panic!("{order:?} {file}: {read:?}"),
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_parsing_panic(text in "[{}\":,ab\\\\ \n'=é]{0,40}") {
            let _ = parse(&text, Order::Unsaid);
            let _ = parse(&format!("API_KEYS={text}"), Order::OwnerFirst);
        }
    }
}
