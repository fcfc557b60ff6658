//! JSON that can be read in one way only: no name twice in an object, no more than 128 values deep, no
//! lone surrogates. What stands in two places may be read as the one here and as the other elsewhere (RFC 8259 §4).

use std::collections::HashMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// A value: of what nobody here needs nothing is kept.
#[derive(Debug, PartialEq)]
pub(crate) enum Json {
    Text(String),
    /// Written without fraction and exponent.
    Integer(i64),
    /// An array of texts alone, and of one at least.
    Texts(Vec<String>),
    Object(HashMap<String, Json>),
    Other,
}

impl Json {
    /// Parses a whole text.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }

    /// The member of an object.
    pub(crate) fn get(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(members) => members.get(name),
            _ => None,
        }
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reading)
    }
}

struct Reading;

impl<'de> Visitor<'de> for Reading {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Json, E> {
        Ok(Json::Other)
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Json, E> {
        Ok(Json::Integer(number))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Json, E> {
        Ok(i64::try_from(number).map_or(Json::Other, Json::Integer))
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Json, E> {
        Ok(Json::Other)
    }

    fn visit_unit<E: Error>(self) -> Result<Json, E> {
        Ok(Json::Other)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Json, E> {
        Ok(Json::Text(text.to_owned()))
    }

    fn visit_string<E: Error>(self, text: String) -> Result<Json, E> {
        Ok(Json::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Json, A::Error> {
        let mut texts = Some(Vec::new());
        while let Some(value) = values.next_element::<Json>()? {
            match (value, &mut texts) {
                (Json::Text(text), Some(texts)) => texts.push(text),
                _ => texts = None,
            }
        }
        Ok(texts.filter(|texts| !texts.is_empty()).map_or(Json::Other, Json::Texts))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Json, A::Error> {
        let mut found = HashMap::new();
        while let Some((name, value)) = members.next_entry::<String, Json>()? {
            if found.insert(name, value).is_some() {
                return Err(A::Error::custom("a name stands there twice"));
            }
        }
        Ok(Json::Object(found))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_once_is_read() {
        let json =
            Json::parse(br#"{"api_key":"a","request":{"params":{"n":[1,2.5,true,null]}}}"#).expect("JSON");
        assert_eq!(json.get("api_key"), Some(&Json::Text("a".to_owned())));
        assert_eq!(
            json.get("request").and_then(|of| of.get("params")).and_then(|of| of.get("n")),
            Some(&Json::Other)
        );
    }

    #[test]
    fn only_what_is_written_as_an_integer_is_one() {
        for (text, expected) in [
            ("7", Json::Integer(7)),
            ("-7", Json::Integer(-7)),
            ("7.0", Json::Other),
            ("7e0", Json::Other),
            ("9223372036854775808", Json::Other),
            (r#"["a","b"]"#, Json::Texts(vec!["a".to_owned(), "b".to_owned()])),
            (r#"["a",["b"],"c"]"#, Json::Other),
            (r#"["a",1]"#, Json::Other),
            ("[]", Json::Other),
        ] {
            assert_eq!(Json::parse(text.as_bytes()), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_could_be_read_in_two_ways_is_no_json() {
        let deep = [vec![b'['; 10_000], vec![b']'; 10_000]].concat();
        for text in [
            &br#"{"api_key":"a","api_key":"b"}"#[..],
            br#"{"request":{"a":1,"a":2}}"#,
            br#"{"api_key":"a"} {}"#,
            br#"{"api_key":"\ud800"}"#,
            br#"{"a":1e400}"#,
            b"{\"a\":\"\xff\"}",
            b"{\"a\":1}\0",
            b"",
            &deep,
        ] {
            assert_eq!(Json::parse(text), None, "{}", String::from_utf8_lossy(&text[..text.len().min(40)]));
        }
    }
}
