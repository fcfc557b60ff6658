//! A user's key in Mem0's `API_KEYS`, as `import mem0` reads them: JSON alone, or a variable of an `.env`
//! file that holds it.

use zeroize::Zeroizing;

use super::dotenv_entry;
use super::edit::EditError;
use crate::domain::imports::dotenv;
use crate::domain::imports::mem0::{self, MOST, Order, VARIABLE};
use crate::domain::keys::token::public_part;

/// Whose key it is, and which of the tokens there go on beside it.
pub(crate) struct Target<'s> {
    pub user: &'s str,
    /// The public parts of the key's other tokens that work.
    pub living: &'s [String],
}

/// What was made of a file.
pub(crate) struct Set {
    pub text: Zeroizing<String>,
    /// Keys of the user that keyctl did not make, which stay.
    pub others: usize,
}

/// The file with the token as the user's. Tokens of keyctl's that were the user's go, but for those
/// that still work; what was made elsewhere stays. `json` says what a new file is.
pub(crate) fn set(file: &str, json: bool, target: &Target<'_>, token: &str) -> Result<Set, EditError> {
    let text = file.strip_prefix('\u{feff}').unwrap_or(file);
    let json = if text.trim().is_empty() { json } else { text.trim_start().starts_with('{') };
    let entries = entries(text, json)?;
    let mut others = 0;
    let mut kept: Vec<(&str, &str)> = Vec::new();
    for (key, user) in entries.iter().map(|(key, user)| (key.as_str(), user.as_str())) {
        let is_user = user == target.user;
        let goes = match public_part(key) {
            Some(public) => is_user && !target.living.iter().any(|living| living == public),
            None => false,
        };
        if !goes && key != token {
            others += usize::from(is_user && public_part(key).is_none());
            kept.push((key, user));
        }
    }
    kept.push((token, target.user));
    if kept.len() > MOST {
        let what = format!("there are {MOST} keys in it already, more than a variable can hold");
        return Err(EditError::at(0, what, "take out those that nobody uses"));
    }
    let length = kept.iter().map(|(key, user)| 6 * (key.len() + user.len()) + 16).sum::<usize>();
    let mut object = Zeroizing::new(String::with_capacity(length + 8));
    object.push_str(if json { "{\n" } else { "'{" });
    for (index, (key, user)) in kept.iter().enumerate() {
        object.push_str(match (index, json) {
            (0, true) => "  ",
            (_, true) => ",\n  ",
            (0, false) => "",
            (_, false) => ", ",
        });
        quote(&mut object, key);
        object.push_str(": ");
        quote(&mut object, user);
    }
    object.push_str(if json { "\n}\n" } else { "}'" });
    let text = if json { object } else { dotenv_entry::set(file, VARIABLE, &object)? };
    Ok(Set { text, others })
}

/// The keys as the server reads them, each with its user.
fn entries(file: &str, json: bool) -> Result<Vec<(Zeroizing<String>, String)>, EditError> {
    let is_none = |text: &str| text.trim().is_empty() || text.split_whitespace().eq(["{}"]);
    let none = match dotenv::find(file, VARIABLE) {
        _ if json => is_none(file),
        Ok(value) => value.is_none_or(|value| is_none(&value.text)),
        Err(_) => false,
    };
    if none {
        return Ok(Vec::new());
    }
    let keys = mem0::parse(file, Order::KeyFirst).map_err(|faults| {
        let what = format!("Mem0 would not read what stands there: {faults}");
        EditError::at(0, what, "put it right by hand first")
    })?;
    if let Some(why) = keys.left_out.first() {
        return Err(EditError::at(0, why.clone(), "take one of the two out"));
    }
    let pairs = keys
        .entries
        .iter()
        .map(|entry| (Zeroizing::new(entry.token.expose().to_owned()), entry.id.as_str().to_owned()));
    Ok(pairs.collect())
}

/// JSON, in which nothing stands that a reader of `.env` files would change: no quote but the outer ones, no
/// backslash but of `\uXXXX`, no `$`, and ASCII alone.
fn quote(into: &mut String, text: &str) {
    into.push('"');
    for unit in text.encode_utf16() {
        match u8::try_from(unit).map(char::from) {
            Ok(c) if (c.is_ascii_graphic() || c == ' ') && !"\"\\'$`".contains(c) => into.push(c),
            _ => {
                for shift in [12, 8, 4, 0] {
                    if shift == 12 {
                        into.push_str("\\u");
                    }
                    into.push(char::from_digit(u32::from(unit >> shift & 0xf), 16).unwrap_or('0'));
                }
            }
        }
    }
    into.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "sks_4fTq9ZkPw2Xa_V24MWaMOt9xqkx6uRTOIOpVcS2MMOEFL2ACdhsHO2Kk4Qq3FA";
    const NEW: &str = "sks_5fTq9ZkPw2Xa_V24MWaMOt9xqkx6uRTOIOpVcS2MMOEFL2ACdhsHO2Kk4O36nH";

    fn edited(file: &str, living: &[&str]) -> Result<(String, usize), String> {
        let living: Vec<String> = living.iter().map(|one| (*one).to_owned()).collect();
        let target = Target { user: "alice", living: &living };
        let set = set(file, true, &target, NEW).map_err(|error| error.to_string())?;
        Ok((set.text.to_string(), set.others))
    }

    fn read(file: &str) -> Vec<(String, String)> {
        let keys = mem0::parse(file, Order::KeyFirst).unwrap_or_else(|faults| panic!("{file}: {faults}"));
        keys.entries.iter().map(|one| (one.token.expose().to_owned(), one.id.to_string())).collect()
    }

    #[test]
    fn the_user_gets_the_key_and_others_keep_theirs() {
        let pair = |key: &str, user: &str| (key.to_owned(), user.to_owned());
        for (file, expected) in [
            (String::new(), vec![pair(NEW, "alice")]),
            ("{}\n".to_owned(), vec![pair(NEW, "alice")]),
            (format!("{{\"{OLD}\": \"alice\"}}"), vec![pair(NEW, "alice")]),
            (format!("{{\"{OLD}\": \"bob\"}}"), vec![pair(OLD, "bob"), pair(NEW, "alice")]),
            (format!("{{\"{NEW}\": \"alice\"}}"), vec![pair(NEW, "alice")]),
            (format!("A=1\nAPI_KEYS='{{\"{OLD}\": \"alice\"}}'\nB=2\n"), vec![pair(NEW, "alice")]),
            ("A=1\n".to_owned(), vec![pair(NEW, "alice")]),
            ("A=1\nAPI_KEYS='{}'\n".to_owned(), vec![pair(NEW, "alice")]),
            ("API_KEYS=\nA=1\n".to_owned(), vec![pair(NEW, "alice")]),
            ("#API_KEYS=\n".to_owned(), vec![pair(NEW, "alice")]),
        ] {
            let (text, others) = edited(&file, &[]).expect(&file);
            assert_eq!((read(&text), others), (expected, 0), "{file}");
            assert_eq!(text.contains("A=1\n"), file.contains("A=1\n"));
            assert_eq!(text.contains("\nB=2\n"), file.contains("\nB=2\n"));
        }
    }

    #[test]
    fn what_still_works_stays_and_so_does_what_was_made_elsewhere() {
        let file = format!("{{\"{OLD}\": \"alice\", \"sk-alice-test-key-12345\": \"alice\"}}");
        let (text, others) = edited(&file, &["sks_4fTq9ZkPw2Xa"]).expect("keys");
        assert_eq!((read(&text).len(), others), (3, 1));
        let (text, others) = edited(&file, &[]).expect("keys");
        assert_eq!((read(&text).len(), others), (2, 1));
    }

    #[test]
    fn a_file_that_the_server_would_not_read_is_left_alone() {
        for (file, says) in [
            ("{\"sk-a\": 7}", "the owner must be a text"),
            ("API_KEYS='{\"sk-a\": \"alice\"}' x\n", "something stands behind the value"),
            ("API_KEYS='{\"sk-a\": \"a\"}'\nAPI_KEYS='{\"sk-b\": \"a\"}'\n", "a second time"),
            ("{\"sk-a\": \"alice\", \"sk-a\": \"bob\"}", "it is left out"),
        ] {
            let error = edited(file, &[]).expect_err(file);
            assert!(error.contains(says) && !error.contains("sk-"), "{file}: {error}");
        }
    }

    #[test]
    fn no_character_of_a_key_is_changed_on_the_way() {
        let odd = "{\"sk-\\u0027$`\\\\\\\"${A}\": \"b$'ob\"}";
        let file = format!("API_KEYS=\"{}\"\n", odd.replace('\\', "\\\\").replace('"', "\\\""));
        // The server expands ${…}, so such a key can only be JSON's alone.
        assert!(edited(&file, &[]).is_err());
        let (text, _) = edited(odd, &[]).expect("keys");
        assert_eq!(read(&text)[0], ("sk-'$`\\\"${A}".to_owned(), "b$'ob".to_owned()));
        let target = Target { user: "alice", living: &[] };
        let object = text.replace('\n', " ");
        let again = set(&format!("API_KEYS='{}'\n", object.trim()), false, &target, NEW).expect("keys");
        assert_eq!(read(&again.text), read(&text));
    }
}
