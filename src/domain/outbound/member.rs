//! A member of a JSON object that holds secrets, from somebody who may write anything there.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use zeroize::Zeroizing;

use crate::domain::secrets::secret::SecretValue;

/// As far as it matters. A text is wiped when it is dropped.
pub(crate) enum Member {
    Text(Zeroizing<String>),
    Integer(i64),
    Other,
    /// Its name stands there more than once: what was meant cannot be told.
    Repeated,
}

pub(crate) fn text(member: Option<&Member>) -> Option<&str> {
    match member {
        Some(Member::Text(text)) => Some(text),
        _ => None,
    }
}

pub(crate) fn value(member: Option<&Member>) -> Option<SecretValue> {
    SecretValue::from_bytes(text(member)?.as_bytes(), false).ok()
}

/// A whole number. Azure AD v1 and others write it as a text.
pub(crate) fn integer(member: Option<&Member>) -> Option<i64> {
    match member? {
        Member::Integer(number) => Some(*number),
        Member::Text(digits) => digits.parse().ok(),
        Member::Other | Member::Repeated => None,
    }
}

impl<'de> Deserialize<'de> for Member {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reading)
    }
}

struct Reading;

impl<'de> Visitor<'de> for Reading {
    type Value = Member;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Member, E> {
        Ok(Member::Text(Zeroizing::new(text.to_owned())))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Member, E> {
        Ok(Member::Integer(number))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Member, E> {
        Ok(i64::try_from(number).map_or(Member::Other, Member::Integer))
    }

    /// `3600.0` is a whole number, too, as some write it. `1.5` and `1e300` are none that is read.
    fn visit_f64<E: Error>(self, number: f64) -> Result<Member, E> {
        Ok(number.to_string().parse().map_or(Member::Other, Member::Integer))
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Member, E> {
        Ok(Member::Other)
    }

    fn visit_unit<E: Error>(self) -> Result<Member, E> {
        Ok(Member::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Member, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Member::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Member, A::Error> {
        while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Member::Other)
    }
}
