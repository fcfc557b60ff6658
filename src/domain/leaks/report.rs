//! Reports of other programs about tokens that they found: JSON of gitleaks, kingfisher and `TruffleHog`, SARIF, and what GitHub sends.
//! One document, or one a line.
//!
//! They have no shape in common but that each is JSON whose texts hold what was found. So every text is looked at, and what is a
//! token is seen at the token itself; only what has no form of its own is taken from the members alone that are known to
//! hold a secret. Nothing of a document is kept, however large it is.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

/// It is no JSON, or one that is nested more than 128 deep.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is no JSON")]
pub(crate) struct ReportError;

/// The members that hold what was found, and nothing else: of gitleaks, `TruffleHog`, kingfisher, GitHub, and SARIF.
const SECRETS: [&str; 6] = ["Secret", "Raw", "RawV2", "snippet", "token", "text"];

/// Calls `each` with every text of a report, and whether it stands where a secret does, until that says no.
pub(crate) fn texts(report: &[u8], each: &mut dyn FnMut(&str, bool) -> bool) -> Result<(), ReportError> {
    let mut documents = serde_json::Deserializer::from_slice(report);
    let mut is_over = false;
    let mut each = |text: &str, is_secret: bool| {
        is_over = is_over || !each(text, is_secret);
        !is_over
    };
    loop {
        let read = Walk { each: &mut each, is_secret: false }.deserialize(&mut documents);
        let is_last = documents.end().is_ok();
        match read {
            Ok(()) if is_last => return Ok(()),
            Ok(()) => {}
            Err(_) if is_over => return Ok(()),
            Err(_) => return Err(ReportError),
        }
    }
}

struct Walk<'w> {
    each: &'w mut dyn FnMut(&str, bool) -> bool,
    is_secret: bool,
}

impl<'de> DeserializeSeed<'de> for Walk<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<(), E> {
        if (self.each)(text, self.is_secret) { Ok(()) } else { Err(E::custom("enough")) }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element_seed(Walk { each: self.each, is_secret: self.is_secret })?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        while let Some(name) = members.next_key::<String>()? {
            if !(self.each)(&name, false) {
                return Err(A::Error::custom("enough"));
            }
            let is_secret = SECRETS.contains(&name.as_str());
            members.next_value_seed(Walk { each: self.each, is_secret })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(report: &str) -> Result<Vec<(String, bool)>, ReportError> {
        let mut found = Vec::new();
        texts(report.as_bytes(), &mut |text, is_secret| {
            found.push((text.to_owned(), is_secret));
            true
        })?;
        Ok(found)
    }

    #[test]
    fn every_text_is_seen_and_where_a_secret_stands_is_known() {
        let report =
            r#"[{"Secret":"a\u0062","File":"c"},{"finding":{"snippet":"d"},"n":[1,-2.5,null,true]}]"#;
        let secrets = |report: &str| {
            let found = found(report).expect("JSON");
            found.into_iter().filter(|(_, is_secret)| *is_secret).map(|(text, _)| text).collect::<Vec<_>>()
        };
        assert_eq!(secrets(report), ["ab", "d"]);
        assert!(found(report).expect("JSON").contains(&("c".to_owned(), false)));
        assert_eq!(secrets("{\"Raw\":\"a\"}\n{\"RawV2\":\"b\"}\n"), ["a", "b"]);
        assert_eq!(secrets(r#"{"tok":{"token":["x","y"]}}"#), ["x", "y"]);
    }

    #[test]
    fn what_is_no_json_to_its_end_is_none() {
        for report in ["", "{", "[1,]", "{\"a\":\"b\"} x", "hello", &"[".repeat(100_000)] {
            assert_eq!(found(report), Err(ReportError), "{}", &report[..report.len().min(20)]);
        }
    }

    #[test]
    fn it_ends_when_enough_was_seen() {
        let mut seen = 0;
        let ended = texts(br#"["a","b","c"]"#, &mut |_, _| {
            seen += 1;
            seen < 2
        });
        assert_eq!((ended, seen), (Ok(()), 2));
    }
}
